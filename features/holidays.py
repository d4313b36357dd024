"""Public holidays and the days they pull along: features made of dates alone.

Names of holidays follow the language of the machine; dates do not, so no feature looks at a name.
"""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

IntArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
BoolArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
DayArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]

HOLIDAY_COLUMNS = (
    "holiday", "eve", "day_after", "bridge", "christmas_week", "weekend_holiday", "half_day", "to_holiday",
    "since_holiday",
)  # fmt: skip
#: Columns that are no flags but a nearness, 0 on ordinary days.
NEARNESS = ("to_holiday", "since_holiday")
#: Days from a holiday on which it is no longer near.
FAR = 4
PUBLIC, HALF_DAY = "public", "half_day"


def holiday_flags(dates: pd.DatetimeIndex, country: str | None, categories: tuple[str, ...] = ()) -> pd.DataFrame:
    """What each date is to people, as 0 or 1 but for the last two.

    ``holiday``         a public holiday, also the day on which one is observed when it falls on a weekend
    ``eve``             no holiday, but the day before one
    ``day_after``       no holiday, but the day after one
    ``bridge``          a working day between a holiday and a weekend
    ``christmas_week``  24 December to 1 January, where 25 December is a holiday
    ``weekend_holiday`` a holiday on a day that is weekend anyway
    ``half_day``        a day on which work ends at noon, where the calendar of the country knows such days
    ``to_holiday``      4 less the days to the next holiday: 4 on it, 3 on its eve, 0 from four days before
    ``since_holiday``   4 less the days since the last one

    Args:
        dates: Local dates, without a time zone; a time of day is left out of account. ``[T]``
        country: Country, with a subdivision or without, such as "FR" or "DE-BY"; None for all zeros.
        categories: Categories of holidays that count besides the public ones, such as ``catholic`` or ``bank``.

    Returns:
        One row per date and one column per flag. ``[T, 9]``

    Raises:
        ConfigError: If the country, the subdivision or a category is unknown.
        DataError: If a date is missing, or the dates have a time zone.
    """
    if dates.tz is not None or dates.hasnans:
        raise DataError(
            "The dates have a time zone, or one of them is missing.",
            expected="Holidays are looked up by local date, without a zone.",
            fix="Convert to local time and drop the zone with tz_localize(None).",
        )
    if country is None or dates.empty:
        return pd.DataFrame(0.0, index=dates, columns=list(HOLIDAY_COLUMNS))
    code = check_country(country)
    flags = _flags(dates.to_numpy().astype("datetime64[D]"), code, check_categories(code, categories))
    return pd.DataFrame(flags, index=dates, columns=list(HOLIDAY_COLUMNS)).astype(float)


def check_country(country: str) -> str:
    """The code of a country or of a subdivision of one, as the calendar writes it.

    Example:
        >>> check_country("fr"), check_country("DEU-by"), check_country("DE-Bayern")
        ('FR', 'DE-BY', 'DE-BY')

    Raises:
        ConfigError: If it is unknown; names near ones.
    """
    code, _, part = country.strip().partition("-")
    calendar = _calendar_class(code.strip().upper())
    if calendar is None:
        raise ConfigError(
            f"There are no holidays for the country {country!r}.",
            expected=f"A country is a two-letter code such as FR, DE or US.{_near_countries(country)}",
            fix="Give one of these with --country, DE-BY for a part of a country, or none at all.",
        )
    if not part:
        return str(calendar.country)
    known = {str(name).casefold(): str(name) for name in calendar.subdivisions}
    known |= {str(alias).casefold(): str(name) for alias, name in calendar.subdivisions_aliases.items()}
    if part.strip().casefold() not in known:
        raise ConfigError(
            f"{calendar.country} has no subdivision {part.strip()!r} with holidays of its own.",
            expected=f"Known: {', '.join(map(str, calendar.subdivisions)) or 'none'}.",
            fix=f"Give one of them, or {calendar.country} alone.",
        )
    return f"{calendar.country}-{known[part.strip().casefold()]}"


def check_categories(country: str, categories: tuple[str, ...]) -> tuple[str, ...]:
    """The categories, when the calendar of the country has them.

    Raises:
        ConfigError: If it has not; lists those it has.
    """
    known = [str(name) for name in calendar_class(country).supported_categories]
    for name in categories:
        if name not in known or name in ("school", HALF_DAY):
            raise ConfigError(
                f"The calendar of {country} has no holidays of the category {name!r}.",
                expected=f"Known: {', '.join(sorted(set(known) - {'school', HALF_DAY}))}.",
                fix="Give one of these with --holidays; public holidays and half days count anyway.",
            )
    return tuple(sorted(set(categories) - {PUBLIC}))


def _flags(days: DayArray, country: str, categories: tuple[str, ...]) -> Mapping[str, BoolArray | IntArray]:
    # Days more on both sides, for what is near; whole years, for the Christmas before a New Year's Day.
    reach = days.min() - np.timedelta64(FAR, "D"), days.max() + np.timedelta64(FAR, "D")
    first, last = (int(day.astype("datetime64[Y]").astype(int)) + 1970 for day in reach)
    years = [_year(country, year, categories) for year in range(first, last + 1)]
    holiday, weekend, half = (np.concatenate(parts) for parts in zip(*years, strict=True))
    start = np.datetime64(f"{first:04d}-01-01", "D")
    at = (days - start).astype(np.int64)
    working = ~holiday[at] & ~weekend[at]
    christmas_of = (days - np.timedelta64(1, "D")).astype("datetime64[Y]").astype("datetime64[M]")
    christmas = (christmas_of + np.timedelta64(11, "M")).astype("datetime64[D]") + np.timedelta64(24, "D")
    since = (days - christmas).astype(np.int64)
    near = (since >= -1) & (since <= 7)
    return {
        "holiday": holiday[at],
        "eve": ~holiday[at] & holiday[at + 1],
        "day_after": ~holiday[at] & holiday[at - 1],
        "bridge": working & ((holiday[at - 1] & weekend[at + 1]) | (weekend[at - 1] & holiday[at + 1])),
        "christmas_week": near & holiday[np.where(near, at - since, 0)],
        "weekend_holiday": holiday[at] & weekend[at],
        "half_day": half[at] & ~holiday[at],
        "to_holiday": np.max([(FAR - days) * holiday[at + days] for days in range(FAR)], axis=0),
        "since_holiday": np.max([(FAR - days) * holiday[at - days] for days in range(FAR)], axis=0),
    }


def calendar_class(country: str) -> Any:
    """The calendar of a country, as ``check_country`` writes it, without a look at its subdivision."""
    return _calendar_class(country.partition("-")[0])


def days_of(country: str, year: int, categories: tuple[str, ...]) -> Any:
    """The days of a year that the calendar of a country, or of a part of it, has in some categories.

    The language is the calendar's own: names of days are not looked at, and must not follow the machine.
    """
    import holidays

    code, _, part = country.partition("-")
    language = _calendar_class(code).default_language or "en_US"
    return holidays.country_holidays(
        code, subdiv=part or None, years=[year], language=language, observed=True, categories=categories
    )


@lru_cache(maxsize=512)
def _year(country: str, year: int, categories: tuple[str, ...]) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Which days of a year are holidays, weekend without being worked, and half days. ``[365 or 366]`` each."""
    known = calendar_class(country).supported_categories
    calendar = days_of(country, year, (PUBLIC, *categories))
    halves = days_of(country, year, (HALF_DAY,)) if HALF_DAY in known else ()
    days = [day.date() for day in pd.date_range(f"{year:04d}-01-01", f"{year:04d}-12-31")]
    holiday = np.array([day in calendar for day in days])
    weekend = np.array([calendar.is_weekend(day) and day not in calendar.weekend_workdays for day in days])
    half = np.array([day in halves for day in days])
    holiday.flags.writeable = weekend.flags.writeable = half.flags.writeable = False
    return holiday, weekend, half


def holiday_names(dates: pd.DatetimeIndex, country: str, categories: tuple[str, ...] = ()) -> np.ndarray[Any, Any]:
    """Names of the public holidays among some local dates, "" on other days; the day one is observed has its name.

    They are those of the calendar's own language: told apart, never shown. ``[T]``
    """
    code = check_country(country)
    own = (PUBLIC, *check_categories(code, categories))
    known = {year: days_of(code, int(year), own) for year in np.unique(dates.year)}
    named = [known[day.year].get(day.date()) or "" for day in dates]
    # "(observed)" and its like in other languages
    return np.array([str(name).partition("; ")[0].partition(" (")[0] for name in named], dtype=object)


@lru_cache(maxsize=512)
def _calendar_class(code: str) -> Any:
    """The class of a country's holidays, by its two- or three-letter code; None when there is none."""
    import holidays
    from holidays.registry import EntityLoader

    known = set(EntityLoader.get_country_codes(include_aliases=True))
    return getattr(holidays, code) if code in known else None


def _near_countries(country: str) -> str:
    from holidays.registry import COUNTRIES

    codes = {str(name).casefold(): str(entry[1]) for entry in COUNTRIES.values() for name in entry[:3]}
    names = {str(entry[1]): str(entry[0]) for entry in COUNTRIES.values()}
    near = difflib.get_close_matches(country.strip().casefold(), codes, n=5, cutoff=0.6)
    found = dict.fromkeys(codes[name] for name in near)
    return f" Near it: {', '.join(f'{code} ({names[code]})' for code in found)}." if found else ""
