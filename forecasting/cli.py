"""The command ``hourcast``. Every command turns its options into one call and prints what came of it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connectors.errors import ConfigError, HourcastError
from forecasting import __version__, console

if TYPE_CHECKING:
    from types import TracebackType

    import pandas as pd

    from forecasting.automl import AutoForecaster

#: Value of the clock when the user began to wait, near enough.
STARTED = time.monotonic()
INTERRUPTED = 130
DEGRADED = 5

app = typer.Typer(
    name="hourcast",
    help="Honest forecasts of hourly power and other regular series: name the column to predict.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

File = Annotated[Path, typer.Argument(help="The readings: CSV, Parquet or Excel.", show_default=False)]
Target = Annotated[str, typer.Option("--target", help="Column to predict.", show_default=False)]
Horizon = Annotated[
    int | None, typer.Option("--horizon", help="Steps to forecast; one day, or one season, if not given.")
]
Time = Annotated[str | None, typer.Option("--time", help="Column of times; found if not given.")]
Item = Annotated[
    str | None, typer.Option("--item", help="Column that tells several series apart; found if not given.")
]
Freq = Annotated[str | None, typer.Option("--freq", help="The step, such as h, 15min, D, MS; found if not given.")]
TimeZone = Annotated[
    str | None,
    typer.Option("--time-zone", help="Zone of the local clock, such as Europe/Paris; UTC if not given."),
]
Country = Annotated[str | None, typer.Option("--country", help="Country of the holidays, such as FR or DE-BY.")]
Place = Annotated[
    str | None, typer.Option("--place", metavar="LAT,LON", help="Add weather observed near this place [degrees].")
]
Known = Annotated[
    str | None, typer.Option("--known", metavar="COL,..", help="Columns that will be known in advance.")
]
Weather = Annotated[
    str | None,
    typer.Option(
        "--weather",
        metavar="COL,..",
        help="Columns of observed weather; over the horizon they are replaced by what could be forecast.",
    ),
]
Ignore = Annotated[str | None, typer.Option("--ignore", metavar="COL,..", help="Columns to leave out.")]
WeatherMode = Annotated[
    str | None, typer.Option("--weather-mode", help="climatology, none, or oracle (what came, an upper bound).")
]
Future = Annotated[Path | None, typer.Option("--future", help="File with the future values of the known columns.")]
Levels = Annotated[
    str | None, typer.Option("--levels", metavar="Q,..", help="Quantile levels, such as 0.1,0.5,0.9.")
]
Preset = Annotated[str, typer.Option("--preset", help="fast (15 s), balanced (60 s) or accurate (10 min).")]
TimeLimit = Annotated[
    float | None, typer.Option("--time-limit", help="Seconds for everything, from start to forecast.")
]
Trials = Annotated[
    int | None, typer.Option("--trials", help="Candidates at most; with --seed it makes a run repeatable.")
]
Seed = Annotated[int, typer.Option("--seed", help="Decides the run, given the number of trials.")]
Study = Annotated[
    Path | None, typer.Option("--study", help="Journal of the search; an interrupted one is resumed from it.")
]
Jobs = Annotated[int | None, typer.Option("--jobs", help="Processes at a time; one per core if not given.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="TIME", help="Forecast as if it were then: nothing later is read but --known columns."
    ),
]
NoRepair = Annotated[bool, typer.Option("--no-repair", help="Keep readings that were found faulty.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def _names(words: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in words.split(",") if name.strip()) if words else ()


def _numbers(words: str, option: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in words.split(","))
    except ValueError as error:
        raise ConfigError(
            f"{option} {words} is no list of numbers.", fix="Separate them by commas: 0.1,0.5,0.9."
        ) from error


def _place(words: str | None) -> tuple[float, float] | None:
    if words is None:
        return None
    found = _numbers(words, "--place")
    if len(found) != 2 or abs(found[0]) > 90 or abs(found[1]) > 180:
        raise ConfigError(
            f"--place {words} is no place.", expected="Latitude and longitude in degrees, such as 48.85,2.35."
        )
    return found[0], found[1]


def _instant(words: str | None) -> pd.Timestamp | None:
    if words is None:
        return None
    import pandas as pd

    try:
        found = pd.Timestamp(words)
    except ValueError as error:
        raise ConfigError(f"--as-of {words} is no time.", fix="Write it as 2026-11-22T09:00Z.") from error
    return found.tz_localize("UTC") if found.tz is None else found.tz_convert("UTC")


def _model(named: dict[str, Any], **more: Any) -> AutoForecaster:
    """An unfitted model from the options of a command."""
    from connectors.frame import DEFAULT_LEVELS
    from forecasting.automl import AutoForecaster

    lists = {name: _names(named[name]) for name in ("known", "weather", "ignore")}
    levels = DEFAULT_LEVELS if named["levels"] is None else _numbers(named["levels"], "--levels")
    plain = ("target", "horizon", "time", "item", "freq", "time_zone", "country", "weather_mode")
    effort = ("preset", "time_limit", "trials", "seed", "study", "jobs")
    return AutoForecaster(
        **{name: named[name] for name in (*plain, *effort) if name in named},
        **lists,
        levels=levels,
        place=_place(named["place"]),
        as_of=_instant(named["as_of"]),
        repair=not named["no_repair"],
        **more,
    )


@app.command(
    epilog="Example: hourcast forecast meter.csv --target kwh --horizon 48 --country FR --output forecast.csv --report report.html"
)
def forecast(
    file: File,
    target: Target,
    horizon: Horizon = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write the forecast: .csv or .parquet.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Where to write the page that explains it: .html.")
    ] = None,
    save: Annotated[Path | None, typer.Option("--save", help="Folder to save the fitted model in.")] = None,
    csv_profile: Annotated[str, typer.Option("--csv-profile", help="iso, excel-fr or plain.")] = "iso",
    future: Future = None,
    time: Time = None,
    item: Item = None,
    freq: Freq = None,
    time_zone: TimeZone = None,
    country: Country = None,
    place: Place = None,
    known: Known = None,
    weather: Weather = None,
    ignore: Ignore = None,
    weather_mode: WeatherMode = None,
    levels: Levels = None,
    preset: Preset = "balanced",
    time_limit: TimeLimit = None,
    trials: Trials = None,
    seed: Seed = 0,
    study: Study = None,
    jobs: Jobs = None,
    as_of: AsOf = None,
    no_repair: NoRepair = False,
    json: Json = False,
) -> None:
    """Forecast a column: read, search, judge, and write a table for BI and a page that explains it."""
    named = dict(locals())
    from forecasting.deliver import check_outputs, deliver

    check_outputs(output, report, csv_profile)
    with console.progress_bar(quiet=json) as progress:
        model = _model(named, progress=progress)
        model.fit(file, future=future, started=STARTED)
    deliver(model, output=output, report=report, save=save, profile=csv_profile, as_json=json)
    if model.fitted()[0].facts.stale:
        raise typer.Exit(DEGRADED)


@app.command(
    epilog="Example: hourcast backtest meter.csv --target kwh --horizon 24 --windows 20 --time-limit 60 --output backtest.csv"
)
def backtest(
    file: File,
    target: Target,
    horizon: Horizon = None,
    windows: Annotated[int, typer.Option("--windows", help="Cutoffs to forecast from.")] = 20,
    step: Annotated[
        int | None, typer.Option("--step", help="Steps between cutoffs; a day, or one season, if not given.")
    ] = None,
    refit: Annotated[
        str,
        typer.Option("--refit", help="never (fit once, at the first cutoff), each, or a number K for every K-th."),
    ] = "never",
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Where to write the forecasts with their cutoffs: .csv or .parquet."),
    ] = None,
    csv_profile: Annotated[str, typer.Option("--csv-profile", help="iso, excel-fr or plain.")] = "iso",
    time: Time = None,
    item: Item = None,
    freq: Freq = None,
    time_zone: TimeZone = None,
    country: Country = None,
    place: Place = None,
    known: Known = None,
    weather: Weather = None,
    ignore: Ignore = None,
    weather_mode: WeatherMode = None,
    levels: Levels = None,
    preset: Preset = "balanced",
    time_limit: TimeLimit = None,
    trials: Trials = None,
    seed: Seed = 0,
    study: Study = None,
    jobs: Jobs = None,
    as_of: AsOf = None,
    no_repair: NoRepair = False,
    json: Json = False,
) -> None:
    """Choose on what precedes the first window, then forecast from every window without choosing again."""
    named = dict(locals())
    from forecasting.deliver import check_outputs, deliver_backtest

    check_outputs(output, None, csv_profile)
    with console.progress_bar(quiet=json) as progress:
        model = _model(named, progress=progress)
        result = model.backtest(file, windows=windows, step=step, refit=_refit(refit), started=STARTED)
    deliver_backtest(model, result, output=output, profile=csv_profile, as_json=json)


@app.command(epilog="Example: hourcast check meter.csv --target kwh")
def check(
    file: File,
    target: Target,
    horizon: Horizon = None,
    future: Future = None,
    time: Time = None,
    item: Item = None,
    freq: Freq = None,
    time_zone: TimeZone = None,
    country: Country = None,
    place: Place = None,
    known: Known = None,
    weather: Weather = None,
    ignore: Ignore = None,
    weather_mode: WeatherMode = None,
    levels: Levels = None,
    as_of: AsOf = None,
    no_repair: NoRepair = False,
    json: Json = False,
) -> None:
    """Read a file and report on it; forecast nothing, write nothing."""
    named = dict(locals())
    from forecasting.case import open_case
    from forecasting.deliver import deliver_check

    deliver_check(open_case(_model(named).question, file, future), as_json=json)


@app.command(epilog="Example: hourcast demo --folder demo")
def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where to write forecast.csv and report.html.")] = Path(),
    time_limit: Annotated[float, typer.Option("--time-limit", help="Seconds for everything.")] = 30.0,
    trials: Trials = None,
    json: Json = False,
) -> None:
    """Forecast a real university campus from the meter readings that come with hourcast."""
    from forecasting.demo import ARGUMENTS, readings_file

    if not json:
        console.say(f"hourcast forecast {readings_file().name} {' '.join(ARGUMENTS)} --time-limit {time_limit:g}")
    arguments = ["forecast", str(readings_file()), *ARGUMENTS, "--time-limit", str(time_limit)]
    arguments += ["--output", str(folder / "forecast.csv"), "--report", str(folder / "report.html")]
    arguments += [] if trials is None else ["--trials", str(trials)]
    folder.mkdir(parents=True, exist_ok=True)
    app(arguments + (["--json"] if json else []), standalone_mode=False)


@app.callback(invoke_without_command=True)
def _everywhere(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Honest forecasts of hourly power and other regular series: name the column to predict."""
    if version:
        console.say(__version__)
        raise typer.Exit


def _refit(words: str) -> Any:
    if words in {"never", "each"}:
        return words
    if words.isdigit() and int(words) > 0:
        return int(words)
    raise ConfigError(f"There is no refit policy {words!r}.", fix="Known: never, each, or a number from 1.")


def main() -> None:
    """Run the command line; every error on purpose ends in its own exit code, none in a traceback."""
    sys.excepthook = _last_words
    try:
        app()
    except HourcastError as error:
        console.complain(f"hourcast: {error}")
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        console.complain("hourcast: interrupted")
        raise SystemExit(INTERRUPTED) from None


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What nobody foresaw: one line for the user, the traceback for whoever asks for it."""
    if os.environ.get("HOURCAST_DEBUG"):
        sys.__excepthook__(kind, error, trace)
        return
    console.complain(
        f"hourcast: an error we did not foresee: {kind.__name__}: {error}. Nothing is half written. "
        "Please report it, with what HOURCAST_DEBUG=1 prints."
    )
