"""Commands of runs without you: ``init``, ``run``, ``runs``, ``status``, ``schedule``, ``watch``, ``backfill``."""

from __future__ import annotations

import contextlib
import json as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from connectors.errors import ConfigError
from forecasting import console
from forecasting.options import Json, instant, option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecasting.config import Config
    from forecasting.job import Job
    from forecasting.run.order import Outcome

Settings: TypeAlias = Annotated[Path, typer.Argument(help="The file of jobs, from hourcast init.", metavar="FILE")]
JobName: TypeAlias = Annotated[str | None, option("NAME", "One job of the file; all if not given.")]
AsOf: TypeAlias = Annotated[
    str | None, option("TIME", "Do as if it were then (UTC if no zone): nothing later is read but known columns.")
]
LogJson: TypeAlias = Annotated[
    Path | None, option("FILE", "Add what happened to this file, a JSON document a line.")
]
FILE = Path("hourcast.toml")


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file to the command line."""
    app.command(epilog="Example: hourcast init meter.csv --target kwh")(init)
    app.command(epilog="Example: hourcast run hourcast.toml")(run)
    app.command(epilog="Example: hourcast status hourcast.toml")(status)
    app.command(epilog="Example: hourcast backfill hourcast.toml --from 2026-11-01 --to 2026-11-21")(backfill)
    app.command(epilog="Example: hourcast watch hourcast.toml")(watch)
    runs = typer.Typer(
        help="Runs that were recorded.",
        epilog="Example: hourcast runs list hourcast.toml",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    runs.command("list", epilog="Example: hourcast runs list hourcast.toml")(list_runs)
    runs.command("show", epilog="Example: hourcast runs show hourcast.toml 4f0c")(show_run)
    runs.command("compare", epilog="Example: hourcast runs compare hourcast.toml 4f0c 91ab")(compare_runs)
    runs.command("prune", epilog="Example: hourcast runs prune hourcast.toml --keep 90d")(prune_runs)
    app.add_typer(runs, name="runs")
    schedule = typer.Typer(
        help="When runs are due.",
        epilog="Example: hourcast schedule due hourcast.toml",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    schedule.command("due", epilog="Example: hourcast schedule due hourcast.toml")(schedule_due)
    schedule.command("install", epilog="Example: hourcast schedule install hourcast.toml --kind systemd")(
        schedule_install
    )
    app.add_typer(schedule, name="schedule")


def init(
    file: Annotated[str, typer.Argument(help="The readings: a file, or the URL of a database.", metavar="SOURCE")],
    *,
    target: Annotated[str | None, option("COL", "Column to predict; the likeliest if not given.")] = None,
    horizon: Annotated[int | None, option("INT", "Steps to forecast; one day, or one season, if not given.")] = None,
    output: Annotated[Path, option("FILE", "Where to write the settings.")] = FILE,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write a commented hourcast.toml for some readings."""
    from forecasting.scaffold import write_scaffold

    chosen = write_scaffold(output, file, target=target, horizon=horizon, replace=force)
    console.say(f"written: {output} (target: {chosen}). Look through it, then: hourcast run {output}")


def run(
    file: Settings = FILE,
    *,
    job: JobName = None,
    as_of: AsOf = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, check and forecast; write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Do it again although nothing is new.")] = False,
    log_json: LogJson = None,
    json: Json = False,
) -> None:
    """Read, check, train when due, forecast, export, record. Ends with 99 where nothing is new."""
    from forecasting.run.jobs import run_jobs

    with _settings(file) as config:
        outcomes = run_jobs(config.chosen(job), as_of=instant(as_of), dry_run=dry_run, force=force, log=log_json)
    _report(outcomes, as_json=json)


def backfill(
    file: Settings = FILE,
    *,
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, local; or an instant.")],
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, local; or an instant.")],
    job: JobName = None,
    force: Annotated[bool, typer.Option("--force", help="Also where there is a forecast already.")] = False,
    log_json: LogJson = None,
    json: Json = False,
) -> None:
    """Make missed forecasts as they would have been made: each from what was known then, flagged backfilled."""
    from forecasting.run.jobs import backfill_jobs

    with _settings(file) as config:
        outcomes = backfill_jobs(config.chosen(job), from_, to, force=force, log=log_json)
    _report(outcomes, as_json=json)


def status(file: Settings = FILE, *, job: JobName = None, as_of: AsOf = None, json: Json = False) -> None:
    """Say how forecasts turned out beside what was promised; ends with 5 where something is out of order."""
    from forecasting.monitor.status import say_status, status_of

    with _settings(file) as config:
        found = [status_of(one, instant(as_of)) for one in config.chosen(job)]
    if json:
        console.say_json({"jobs": found})
    else:
        say_status(found)
    if not all(one["in_order"] for one in found):
        raise typer.Exit(5)


def list_runs(
    file: Settings = FILE,
    *,
    job: JobName = None,
    last: Annotated[int, option("INT", "How many.", least=1)] = 20,
    json: Json = False,
) -> None:
    """The newest runs, one a line."""
    from forecasting.run.records import lines_of, runs_of

    with _settings(file) as config:
        found = runs_of(config.chosen(job), last)
    if json:
        console.say_json({"runs": [one.row() | {"details": one.details} for one in found]})
        return
    for line in lines_of(found) or ["No run was recorded yet."]:
        console.say(line)


def show_run(
    file: Settings,
    name: Annotated[str, typer.Argument(help="The run, or the beginning of its name.", metavar="RUN")],
    *,
    json: Json = False,
) -> None:
    """All that was recorded of a run."""
    from forecasting.run.records import described

    with _settings(file) as config:
        found = described(config.chosen(None), name)
    if json:
        console.say_json(found)
        return
    for key, value in found.items():
        words = json_text.dumps(value, default=str) if isinstance(value, dict | list) else value
        console.say(f"{key}: {words}")


def compare_runs(
    file: Settings,
    one: Annotated[str, typer.Argument(help="A run, or the beginning of its name.", metavar="RUN")],
    other: Annotated[str, typer.Argument(help="Another.", metavar="OTHER")],
    *,
    json: Json = False,
) -> None:
    """What differs between two runs: readings, model, forecasts, errors."""
    from forecasting.run.records import compared

    with _settings(file) as config:
        found = compared(config.chosen(None), one, other)
    if json:
        console.say_json(found)
        return
    rows = [
        (name, *("" if value is None else str(value) for value in pair)) for name, pair in found["fields"].items()
    ]
    console.say_table(("", found["one"], found["other"]), rows)
    if found["common_steps"]:
        console.say(f"Over {found['common_steps']} common steps the means differ by {found['mean_difference']:.4g}.")


def prune_runs(
    file: Settings = FILE,
    *,
    job: JobName = None,
    keep: Annotated[
        str | None, option("TIME", "Keep what is younger, such as 90d; [retention] if not given.")
    ] = None,
    models: Annotated[int | None, option("INT", "Models to keep; [retention] if not given.", least=1)] = None,
    json: Json = False,
) -> None:
    """Forget old runs, forecasts and models; the model in use stays."""
    from forecasting.run.records import pruned

    with _settings(file) as config:
        found = pruned(config.chosen(job), keep, models)
    if json:
        console.say_json(found)
        return
    for name, gone in found.items():
        console.say(f"{name}: " + ", ".join(f"{count} {what} gone" for what, count in gone.items()))


def schedule_due(file: Settings = FILE, *, job: JobName = None, as_of: AsOf = None, json: Json = False) -> None:
    """Say when each job is due; ends with 0 where one is due now, else with 99."""
    from forecasting.run.jobs import due_jobs

    with _settings(file) as config:
        found = due_jobs(config.chosen(job), instant(as_of))
    if json:
        console.say_json({"jobs": found})
    else:
        for one in found:
            console.say(f"{one['job']}: {'due since' if one['due'] else 'next'} {one['at']}")
    if not any(one["due"] for one in found):
        raise typer.Exit(99)


def schedule_install(
    file: Settings = FILE,
    *,
    kind: Annotated[
        str | None, option("KIND", "systemd, cron or windows; that of this machine if not given.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Install it for this user instead of printing it.")] = False,
) -> None:
    """Print, or install, what starts the runs: a systemd timer, a line for cron, a task of Windows."""
    from forecasting.timers import install, timers

    with _settings(file) as config:
        made = timers(config, kind)
        if not write:
            for name, text in made.files.items():
                console.say(f"# {name}\n{text}")
            console.say_list("Then", made.steps)
            return
        for line in install(made):
            console.say(line)


def watch(
    file: Settings = FILE,
    *,
    runs: Annotated[int | None, option("INT", "End after so many runs; never if not given.", least=1)] = None,
) -> None:
    """Stay, and run each job when it is due (needs the extra watch)."""
    from forecasting.watch import keep_watch

    with _settings(file) as config:
        keep_watch(config, runs=runs)


@contextlib.contextmanager
def _settings(file: Path) -> Iterator[Config]:
    """The settings, with their folder as the one that paths count from."""
    from forecasting.config import load_config

    config = load_config(file.absolute())
    with contextlib.chdir(config.path.parent):
        yield config


def _report(outcomes: list[tuple[Job, Outcome]], *, as_json: bool) -> None:
    """Say how the runs ended; the last line is a summary, the exit code that of the worst."""
    from forecasting.run.jobs import worst

    code = worst([outcome for _, outcome in outcomes])
    if as_json:
        found: dict[str, Any] = {"exit_code": code, "runs": [outcome.words(job.name) for job, outcome in outcomes]}
        console.say_json(found)
    else:
        for job, outcome in outcomes:
            for note in outcome.notes:
                console.say(f"  - {note}")
            for path in outcome.written:
                console.say(f"written: {path}")
            words = f"{job.name}: exit {outcome.exit_code}: {outcome.message}"
            (console.say if outcome.exit_code in (0, 99) else console.complain)(words)
    if not outcomes:
        raise ConfigError("There was nothing to run.", fix="Check the dates, and the jobs of the file.")
    if code:
        raise typer.Exit(code)
