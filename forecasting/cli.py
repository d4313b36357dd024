"""The command ``hourcast``. Every command turns its options into one call and prints what came of it."""

from __future__ import annotations

import inspect
import os
import sys
import time
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.errors import ConfigError, HourcastError
from connectors.version import VERSION
from forecasting import console
from forecasting.commands import add_commands
from forecasting.options import Asked, CsvProfile, Effort, File, Future, Jobs, Json, Language, Output, Trials, option
from forecasting.scoring import add_score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from backtests.windows import Refit
    from forecasting.automl import AutoForecaster
    from forecasting.effort import Progress

DEGRADED, INTERRUPTED = 5, 130

app = typer.Typer(
    name="hourcast",
    help="Honest forecasts of hourly power and other regular series: name the column to predict.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _spread(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take ``Asked`` and ``Effort`` as options of its own, one for each field."""
    signature = inspect.signature(command, eval_str=True)
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        if is_dataclass(parameter.annotation):
            groups |= {name: parameter.annotation}
            parameters += inspect.signature(groups[name], eval_str=True).parameters.values()
        else:
            parameters.append(parameter)

    @wraps(command)
    def flat(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    flat.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return flat


@app.command(
    epilog="Example: hourcast forecast meter.csv --target kwh --horizon 48 --country FR "
    "--output forecast.csv --report report.html"
)
@_spread
def forecast(
    file: File,
    *,
    asked: Asked,
    future: Future = None,
    effort: Effort,
    output: Output = None,
    csv_profile: CsvProfile = "iso",
    report: Annotated[Path | None, option("FILE", "Where to write the page that explains it: .html.")] = None,
    save: Annotated[Path | None, option("FOLDER", "Where to save the fitted model: a new folder.")] = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Forecast a column: read, search, judge, and write a table for BI and a page that explains it."""
    started = time.monotonic()
    from forecasting.deliver import Outputs, deliver, say_stale

    outputs = Outputs(table=output, profile=csv_profile, report=report, model=save, language=language, as_json=json)
    outputs.check()
    with console.progress_bar(quiet=json) as progress:
        model = _model(asked, effort, progress).fit(file, future=future, started=started)
    deliver(model, outputs)
    stale = model.fitted()[0].facts.stale
    if stale:
        say_stale(stale)
        raise typer.Exit(DEGRADED)


@app.command(
    epilog="Example: hourcast backtest meter.csv --target kwh --horizon 24 --windows 20 --time-limit 60 "
    "--output backtest.csv"
)
@_spread
def backtest(
    file: File,
    *,
    asked: Asked,
    windows: Annotated[int, option("INT", "Cutoffs to forecast from.")] = 20,
    step: Annotated[
        int | None, option("INT", "Steps between cutoffs; a day, or one season, if not given.", least=1)
    ] = None,
    refit: Annotated[
        str, option("HOW", "never (fit once, at the first cutoff), each, K for every K-th, or stale.")
    ] = "never",
    fit_on: Annotated[
        int | None, option("INT", "Latest readings a fit learns from; all if not given.", least=1)
    ] = None,
    effort: Effort,
    output: Output = None,
    csv_profile: CsvProfile = "iso",
    json: Json = False,
) -> None:
    """Choose on what precedes the first window, then forecast from every window without choosing again."""
    started = time.monotonic()
    from forecasting.deliver import Outputs, deliver_backtest

    outputs = Outputs(table=output, profile=csv_profile, as_json=json)
    outputs.check()
    policy = _refit(refit)
    with console.progress_bar(quiet=json) as progress:
        model = _model(asked, effort, progress)
        result = model.backtest(file, windows=windows, step=step, refit=policy, fit_on=fit_on, started=started)
    deliver_backtest(model, result, outputs)


@app.command(epilog="Example: hourcast check meter.csv --target kwh --report check.html")
@_spread
def check(
    file: File,
    *,
    asked: Asked,
    future: Future = None,
    save_source: Annotated[
        Path | None, option("FILE", "hourcast.toml to keep how the file is read in: the next run guesses nothing.")
    ] = None,
    report: Annotated[Path | None, option("FILE", "Where to draw the findings: .html.")] = None,
    json: Json = False,
) -> None:
    """Read a file and report on it; forecast nothing. Ends with the code a forecast from it would end with."""
    from forecasting.case import case_of, examine
    from forecasting.checkup import deliver_check
    from forecasting.deliver import Outputs, say_stale
    from forecasting.importing import keep_source

    outputs = Outputs(report=report, as_json=json)
    outputs.check()
    question = replace(_model(asked, Effort()).question, allow_stale=True)
    examined = examine(question, file, future)
    case = case_of(examined)
    kept = None if save_source is None else keep_source(case, file, save_source)
    deliver_check(examined, case, outputs, kept=kept)
    if examined.prepared.refused is not None and not asked.allow_stale:
        raise examined.prepared.refused
    if case.facts.stale:
        say_stale(case.facts.stale)
        raise typer.Exit(DEGRADED)


@app.command(
    name="what-if",
    epilog="Example: hourcast what-if meter-model --change temperature=+3 --as-weekday sunday",
)
def what_if(
    model: Annotated[Path, typer.Argument(help="A folder written by --save.", show_default=False)],
    *,
    change: Annotated[
        list[str] | None, option("COL=NUMBER", "Add a number to a weather column over the horizon; may be repeated.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COL=NUMBER", help="Set a known column over the horizon; may be repeated."),
    ] = None,
    as_weekday: Annotated[str | None, option("DAY", "Take every day for this weekday, such as sunday.")] = None,
    no_holidays: Annotated[
        bool, typer.Option("--no-holidays", help="Take the days ahead for ordinary ones, near no holiday.")
    ] = False,
    output: Annotated[Path | None, option("FILE", "Where to write both forecasts: .csv.")] = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Ask a saved model what another future would change: warmer, as if Sunday, without the event."""
    from forecasting.automl import AutoForecaster
    from forecasting.imagine import deliver_scenario, read_scenario

    asked = read_scenario(change or (), set_ or (), weekday=as_weekday, holidays=not no_holidays)
    deliver_scenario(AutoForecaster.load(model), asked, output=output, language=language, as_json=json)


@app.command(epilog="Example: hourcast demo --folder demo")
def demo(
    folder: Annotated[Path, option("FOLDER", "Where to write forecast.csv and report.html.")] = Path(),
    time_limit: Annotated[float, option("SECONDS", "Seconds for everything.")] = 30.0,
    trials: Trials = None,
    jobs: Jobs = None,
    language: Language = "en",
    json: Json = False,
) -> None:
    """Forecast a real university campus from the meter readings that come with hourcast."""
    import shlex

    from forecasting.demo import ARGUMENTS, readings_file

    given = [*ARGUMENTS, "--time-limit", f"{time_limit:g}"]
    given += ["--output", str(folder / "forecast.csv"), "--report", str(folder / "report.html")]
    spoken = None if language == "en" else language
    for name, value in (("--trials", trials), ("--jobs", jobs), ("--language", spoken)):
        given += [] if value is None else [name, str(value)]
    if not json:
        console.say(f"$ hourcast forecast {readings_file().name} {shlex.join(given)}\n")
    folder.mkdir(parents=True, exist_ok=True)
    _run(["forecast", str(readings_file()), *given, *(["--json"] if json else [])], standalone_mode=False)


add_commands(app)
add_score(app)


@app.callback(invoke_without_command=True)
def _everywhere(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Honest forecasts of hourly power and other regular series: name the column to predict."""
    if version:
        console.say(VERSION)
        raise typer.Exit


def _model(asked: Asked, effort: Effort, progress: Callable[[Progress], None] | None = None) -> AutoForecaster:
    """An unfitted model from the options of a command."""
    from forecasting.automl import AutoForecaster

    return AutoForecaster(**asked.named(), **vars(effort), progress=progress)


def _refit(words: str) -> Refit:
    policies: dict[str, Refit] = {"never": "never", "each": "each", "stale": "stale"}
    if words in policies:
        return policies[words]
    if words.isdecimal() and int(words) > 0:
        return int(words)
    raise ConfigError(f"There is no refit policy {words!r}.", fix="Known: never, each, stale, or a number from 1.")


def _run(arguments: Sequence[str] | None, *, standalone_mode: bool = True) -> None:
    """Run the command line. Calling ``app`` itself would put typer's own hook in the place of ours."""
    typer.main.get_command(app)(arguments, prog_name="hourcast", standalone_mode=standalone_mode)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every error on purpose ends in its own exit code, none in a traceback.

    Args:
        arguments: What follows the name of the command; None for what the shell passed.
    """
    sys.excepthook = _last_words
    console.print_any_letter()
    try:
        _run(arguments)
    except HourcastError as error:
        console.complain(str(error))
        raise SystemExit(error.exit_code) from None
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            console.complain("interrupted")
        raise


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What nobody foresaw: one line for the user, the traceback for whoever asks for it."""
    if os.environ.get("HOURCAST_DEBUG"):
        sys.__excepthook__(kind, error, trace)
        return
    console.complain(
        f"an error we did not foresee: {kind.__name__}: {' '.join(str(error).split())}. "
        "Nothing is half written. Please report it, with what HOURCAST_DEBUG=1 prints."
    )
