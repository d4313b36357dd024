"""The options of the commands: what a user asks of a file, how much to try, and how their words are read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from connectors.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd


def option(metavar: str, words: str, *, least: int | None = None) -> Any:
    """An option of a command: its value in the help, and what it says."""
    return typer.Option(metavar=metavar, help=words, min=least)


File: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="The readings: CSV, Parquet, Excel, the URL of a database, open data by name (opendata:elia-load, "
        "entsoe:FR), or the hourcast.toml that says how to read.",
        show_default=False,
    ),
]
Output: TypeAlias = Annotated[
    str | None, option("FILE", "Where to write the forecasts: .csv, .parquet, .xlsx, or the URL of a database.")
]
CsvProfile: TypeAlias = Annotated[str, option("NAME", "iso, excel-fr or plain.")]
Future: TypeAlias = Annotated[str | None, option("FILE", "File with the future values of the known columns.")]
Trials: TypeAlias = Annotated[
    int | None, option("INT", "Candidates at most; with --seed it makes a run repeatable.")
]
Jobs: TypeAlias = Annotated[int | None, option("INT", "Processes at a time; one per core if not given.")]
Language: TypeAlias = Annotated[str, option("WORD", "en or fr: language of the page and of the result.")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a user asks of a file. What is left out is found, and said."""

    target: Annotated[str | None, option("COL", "Column to predict; found in files that say what they hold.")] = None
    horizon: Annotated[int | None, option("INT", "Steps to forecast; one day, or one season, if not given.")] = None
    known: Annotated[str | None, option("COL,..", "Columns that will be known in advance.")] = None
    weather: Annotated[
        str | None,
        option("COL,..", "Columns of observed weather; over the horizon replaced by what could be forecast."),
    ] = None
    ignore: Annotated[str | None, option("COL,..", "Columns to leave out.")] = None
    time: Annotated[str | None, option("COL", "Column of times; found if not given.")] = None
    item: Annotated[str | None, option("COL", "Column that tells several series apart; found if not given.")] = None
    freq: Annotated[str | None, option("STEP", "The step, such as h, 15min, D, MS; found if not given.")] = None
    time_zone: Annotated[
        str | None, option("ZONE", "Zone of the local clock, such as Europe/Paris; UTC if not given.")
    ] = None
    stamps: Annotated[
        Literal["start", "end"] | None,
        option("SIDE", "start or end: which moment of its interval a time names; start if not given."),
    ] = None
    dates: Annotated[
        Literal["day-first", "month-first"] | None,
        option("ORDER", "day-first or month-first: how 01/02/2024 is meant; found if not given."),
    ] = None
    sheet: Annotated[str | None, option("NAME", "Sheet of an Excel file; the first if not given.")] = None
    encoding: Annotated[
        str | None, option("NAME", "Encoding of a text file, such as cp1250; found if not given.")
    ] = None
    decimal: Annotated[
        Literal["point", "comma"] | None,
        option("MARK", "point or comma: the decimal mark, where numbers such as 1.234 do not prove it."),
    ] = None
    series: Annotated[str | None, option("WORD", "Which series of a meter's export, such as consumption.")] = None
    register: Annotated[
        Literal["differences", "as-read"] | None,
        option("USE", "differences or as-read, when the target is a meter register; found if not given."),
    ] = None
    wide: Annotated[
        bool,
        typer.Option("--wide", help="Every column beside the times is a series; --target names what they hold."),
    ] = False
    query: Annotated[str | None, option("SQL", "Table or SELECT, when the readings are in a database.")] = None
    country: Annotated[str | None, option("CODE", "Country of the holidays, such as FR or DE-BY.")] = None
    holidays: Annotated[
        str | None, option("NAME,..", "Categories of holidays besides the public ones, such as bank or catholic.")
    ] = None
    school: Annotated[
        str | None, option("ZONE", "Zone of the school holidays, or none; those of the country if not given.")
    ] = None
    events: Annotated[
        str | None, option("FILE", "CSV file of your own events: event, start, end, known_from; local dates.")
    ] = None
    place: Annotated[
        str | None, option("PLACE", "Add weather observed there: a name, LAT,LON in degrees, or station:ID.")
    ] = None
    weather_forecasts: Annotated[
        str | None, option("SOURCE", "Weather forecasts: open-meteo, mosmix (with --place), or a file of your own.")
    ] = None
    weather_mode: Annotated[
        str | None,
        option("MODE", "simulated, climatology, none, or oracle (what came, an upper bound); found if not given."),
    ] = None
    issue_at: Annotated[
        str | None,
        option("HH:MM", "Forecasts are issued daily at this local time, for the local days after; see --lead."),
    ] = None
    lead: Annotated[
        str | None, option("TIME", "How long after the issue the first step asked for begins, such as 14h.")
    ] = None
    delay: Annotated[
        str | None,
        option("TIME", "How late readings arrive: 2h after each, or 05:00 of the next day for those of a day."),
    ] = None
    levels: Annotated[str | None, option("Q,..", "Quantile levels, such as 0.1,0.5,0.9.")] = None
    costs: Annotated[
        str | None, option("LESS,MORE", "Prices of a unit forecast too little and of one too much, to be scored.")
    ] = None
    as_of: Annotated[
        str | None,
        option("TIME", "Forecast as if it were then (UTC if no zone): nothing later is read but --known columns."),
    ] = None
    aggregate: Annotated[
        str | None, option("STEP", "Longer step to forecast on, such as h or D: complete intervals only.")
    ] = None
    aggregate_how: Annotated[
        Literal["mean", "sum"] | None,
        option("HOW", "mean (power) or sum (energy) of the target; what its unit says if not given."),
    ] = None
    allow_stale: Annotated[
        bool, typer.Option("--allow-stale", help="Forecast although there has been no sound reading for long.")
    ] = False
    keep: Annotated[
        str | None, option("KIND,..", "Kinds of faults whose readings are kept, such as stuck,spike.")
    ] = None
    no_repair: Annotated[bool, typer.Option("--no-repair", help="Keep readings that were found faulty.")] = False

    def named(self) -> dict[str, Any]:
        """The options as ``AutoForecaster`` takes them."""
        lists = ("known", "weather", "ignore", "keep", "holidays")
        parsed = ("levels", "costs", "place", "as_of", "no_repair")
        plain = [field.name for field in fields(self) if field.name not in (*lists, *parsed)]
        return {
            **{name: getattr(self, name) for name in plain},
            **{name: _names(getattr(self, name)) for name in lists},
            **({} if self.levels is None else {"levels": numbers(self.levels, "--levels")}),
            "costs": None if self.costs is None else numbers(self.costs, "--costs"),
            "place": _place(self.place),
            "as_of": instant(self.as_of),
            "repair": not self.no_repair,
        }


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much to try."""

    preset: Annotated[str, option("NAME", "fast (15 s), balanced (60 s) or accurate (10 min).")] = "balanced"
    time_limit: Annotated[float | None, option("SECONDS", "Seconds for everything, from start to forecast.")] = None
    trials: Trials = None
    seed: Annotated[int, option("INT", "Decides the run, given the number of trials.")] = 0
    study: Annotated[
        Path | None, option("FILE", "Journal of the search; an interrupted one is resumed from it.")
    ] = None
    jobs: Jobs = None


def _names(words: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in words.split(",") if name.strip()) if words else ()


def numbers(words: str, option: str) -> tuple[float, ...]:
    """The numbers of a list separated by commas.

    Raises:
        ConfigError: If it is none.
    """
    try:
        return tuple(float(part) for part in words.split(","))
    except ValueError as error:
        raise ConfigError(
            f"{option} {words} is no list of numbers.", fix="Separate them by commas: 0.1,0.5,0.9."
        ) from error


def _place(words: str | None) -> tuple[float, float] | None:
    """Latitude and longitude of a place as people say it; where a station stands is read in the list of stations."""
    if words is None:
        return None
    from connectors.weather.places import find_location

    try:
        found = find_location(words)
    except ConfigError as error:
        raise ConfigError(f"--place {words}: {error.got}", expected=error.expected, fix=error.fix) from error
    return _station(found.station) if found.place is None else found.place


def _station(station: str | None) -> tuple[float, float]:
    import pandas as pd

    from connectors.http import fetch
    from connectors.weather.stations import place_of_station, stations_file
    from connectors.weather.store import WeatherStore
    from forecasting.place import data_folder

    store = WeatherStore(data_folder() / "weather")
    return place_of_station(stations_file(store, now=pd.Timestamp.now("UTC"), get=fetch), station or "")


def instant(words: str | None) -> pd.Timestamp | None:
    """An instant as --as-of takes it, UTC where it has no zone.

    Raises:
        ConfigError: If it is none.
    """
    if words is None:
        return None
    import pandas as pd

    try:
        found = datetime.fromisoformat(words)
    except ValueError as error:
        raise ConfigError(f"--as-of {words} is no time.", fix="Write it as 2026-11-22T09:00Z.") from error
    return pd.Timestamp(found if found.tzinfo else found.replace(tzinfo=UTC)).tz_convert("UTC")
