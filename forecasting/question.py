"""What the user asks of a file. Only the target must be named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict, get_args

import pandas as pd

from backtests.issue import clock_length
from backtests.task import Task, check_costs
from connectors.errors import ConfigError, near_name
from connectors.files.source import DateOrder, DecimalMark, RegisterUse, SourceOptions, StampSide
from connectors.frame import DEFAULT_LEVELS
from features.holidays import check_categories, check_country
from features.school import check_zone
from forecasting.aggregate import How
from forecasting.prepare import check_kinds

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.saved_source import SavedSource


class Timing(TypedDict, total=False):
    """The fields of a task that say when."""

    lead: pd.Timedelta | None
    delay: pd.Timedelta
    issue_at: str
    arrives_at: str


#: What a saved source says of the reading; it is not to be said twice.
_READING = (
    "target",
    "time",
    "item",
    "freq",
    "time_zone",
    "stamps",
    "dates",
    "series",
    "register",
    "query",
    "sheet",
    "encoding",
    "decimal",
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the user asks of a file. Only the target must be named.

    Attributes:
        target: Column to predict; None where the source says it.
        horizon: Steps to forecast; None for one day, or one season.
        time: Column of times; None to find it. Likewise ``item``, ``freq`` and ``time_zone``.
        country: Country of the holidays, such as "FR" or "DE-BY"; None for none.
        holidays: Categories of holidays that count besides the public ones, such as "catholic" or "bank".
        school: Zone of the school holidays, "none" for none; None for those of the country.
        events: CSV file of events of one's own (``forecasting.events``); None for none.
        place: Latitude and longitude [degrees], to add weather observed nearby; None for none.
        known: Columns that will be known in advance.
        weather: Columns of observed weather, replaced over the horizon by what could be forecast.
        ignore: Columns to leave out.
        stamps: Whether a time names the ``start`` or the ``end`` of its interval; None to find it.
        dates: ``day-first`` or ``month-first``, for dates such as 01/02/2024; None to find it.
        series: Which series of a meter's export, such as "consumption"; None where there is but one.
        register: ``differences`` or ``as-read``, where the target is a meter register; None to find it.
        query: Table or SELECT of a database; None for the table the URL names, or the only one.
        sheet: Sheet of an Excel file; None for the first.
        encoding: Encoding of a text file, such as "cp1250"; None to find it.
        decimal: ``point`` or ``comma``, for numbers such as 1.234; None to find it.
        wide: Whether every column beside the times is a series of what the target names.
        weather_mode: ``vintage``, ``simulated``, ``climatology``, ``none`` or ``oracle``; None for the class of
            weather the live forecast will have.
        weather_forecasts: Where forecasts of the weather come from: ``open-meteo``, ``mosmix``, or a file with a
            column ``available_at``; None for nowhere.
        weather_seed: Seed of simulated forecasts of the weather.
        levels: Quantile levels.
        aggregate: Longer step to aggregate the readings to, such as "h" or "D"; None to keep the file's.
        aggregate_how: ``mean`` (power) or ``sum`` (energy) of the target; None for what its unit says.
        costs: Prices of a unit forecast too little and of one too much, for the score ``cost``; None for none.
        repair: Whether readings found faulty are left out.
        keep: Kinds of faults whose readings are kept nevertheless, such as "stuck".
        allow_stale: Whether to forecast although no item has had a sound reading for long.
        as_of: Forecast as if it were then: nothing later is read but known covariates.
        weather_store: Folder that keeps the weather fetched; None for the user's own.
        issue_at: Time of day at which forecasts are issued, such as "10:00"; None for when the readings arrive.
        lead: How long after the issue the first step asked for begins, such as "14h"; None for at once, or with
            ``issue_at`` for the next local midnight.
        delay: How late readings arrive: a duration after the end of their interval, such as "2h", or the time of
            the next day at which those of a local day arrive, such as "05:00"; None for at once.
    """

    target: str | None = None
    horizon: int | None = None
    time: str | None = None
    item: str | None = None
    freq: str | None = None
    time_zone: str | None = None
    country: str | None = None
    holidays: tuple[str, ...] = ()
    school: str | None = None
    events: str | None = None
    place: tuple[float, float] | None = None
    known: tuple[str, ...] = ()
    weather: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    stamps: StampSide | None = None
    dates: DateOrder | None = None
    series: str | None = None
    register: RegisterUse | None = None
    query: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    decimal: DecimalMark | None = None
    wide: bool = False
    weather_mode: str | None = None
    levels: tuple[float, ...] = DEFAULT_LEVELS
    aggregate: str | None = None
    aggregate_how: How | None = None
    costs: tuple[float, ...] | None = None
    repair: bool = True
    keep: tuple[str, ...] = ()
    allow_stale: bool = False
    as_of: pd.Timestamp | None = None
    weather_store: Path | None = None
    weather_forecasts: str | None = None
    weather_seed: int = 0
    issue_at: str | None = None
    lead: str | None = None
    delay: str | None = None

    def __post_init__(self) -> None:
        """Refuse at once what no data could mend.

        Raises:
            ConfigError: If a column has two roles, the horizon is below 1, or a name is unknown.
        """
        named = [*([] if self.target is None else [self.target]), *self.known, *self.weather, *self.ignore]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ConfigError(
                f"The column {twice[0]!r} is named in two roles.",
                expected="A column is the target, known in advance, weather, or ignored.",
                fix="Name it once.",
            )
        Task(
            horizon=1 if self.horizon is None else self.horizon,
            freq="h",
            quantile_levels=self.levels,
            weather_mode=self.weather_mode or "none",
            costs=None if self.costs is None else check_costs(self.costs),
            **self.timing(),
        )
        for name, known in (
            ("stamps", get_args(StampSide)),
            ("dates", get_args(DateOrder)),
            ("decimal", get_args(DecimalMark)),
            ("register", get_args(RegisterUse)),
            ("aggregate_how", get_args(How)),
        ):
            value = getattr(self, name)
            if value is not None and value not in known:
                option = name.replace("_", "-")
                raise ConfigError(f"--{option} {value} is not known.", fix=near_name(str(value), known))
        check_kinds(self.keep)
        if self.country is not None:
            object.__setattr__(self, "country", check_country(self.country))
            object.__setattr__(self, "holidays", check_categories(self.country, self.holidays))
            if self.school is not None:
                object.__setattr__(self, "school", check_zone(self.country, self.school))
        elif self.holidays or self.school:
            raise ConfigError(
                "Categories of holidays and school holidays were asked for without a country.",
                fix="Name the country with --country.",
            )

    def timing(self) -> Timing:
        """When forecasts are issued and readings arrive, as the task wants it.

        Raises:
            ConfigError: If one is no duration or no time of day.
        """
        found = Timing(lead=None if self.lead is None else _duration("lead", self.lead))
        if self.issue_at is not None:
            clock_length(self.issue_at)
            found["issue_at"] = self.issue_at
        if self.delay is not None and ":" in self.delay:
            clock_length(self.delay)
            found["arrives_at"] = self.delay
        elif self.delay is not None:
            found["delay"] = _duration("delay", self.delay)
        return found

    def arrived(self) -> pd.Timestamp | None:
        """When the intervals ended whose readings should be there by now, None where the file alone says so."""
        if self.as_of is None:
            return None
        timing = self.timing()
        late = pd.Timedelta(days=1) if "arrives_at" in timing else timing.get("delay", pd.Timedelta(0))
        return self.as_of - late

    def about(self, source: SavedSource) -> Question:
        """The same question, with what a saved source says of the reading put in.

        Raises:
            ConfigError: If the question says otherwise.
        """
        said: dict[str, Any] = {name: getattr(source.options, name, None) for name in _READING} | {
            "query": source.query
        }
        for name, value in said.items():
            asked = getattr(self, name)
            if asked is not None and asked != value:
                raise ConfigError(
                    f"--{name.replace('_', '-')} {asked} was given, but the saved [source] table says "
                    f"{'nothing of it' if value is None else value}.",
                    expected="With a saved table nothing more is said about the reading.",
                    fix="Change it in the table, or give the readings themselves in place of the .toml.",
                )
        return replace(self, **said, wide=source.options.wide)

    def source_options(self) -> SourceOptions:
        """What the reader must know."""
        return SourceOptions(
            target=self.target, time=self.time, item=self.item, freq=self.freq, time_zone=self.time_zone,
            ignore=self.ignore, required=(*self.known, *self.weather),
            stamps=self.stamps, dates=self.dates, sheet=self.sheet, encoding=self.encoding,
            decimal=self.decimal, series=self.series,
            register=self.register,
            wide=self.wide,
        )  # fmt: skip


def named_question(options: dict[str, Any], **named: Any) -> Question:
    """A question from what is named and any other options.

    Raises:
        ConfigError: If there is no such option.
    """
    known = set(Question.__dataclass_fields__) - set(named)
    for name in options:
        if name not in known:
            raise ConfigError(f"There is no option {name!r}.", fix=near_name(name, sorted(known | set(named))))
    return Question(**named, **options)


def _duration(name: str, words: str) -> pd.Timedelta:
    try:
        if any(letter.isalpha() for letter in words):
            return pd.Timedelta(words)
    except ValueError:
        pass
    raise ConfigError(f"--{name} {words} is no duration.", expected="A number and a unit, such as 30min, 2h or 1d.")
