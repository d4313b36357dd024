"""School holidays: the share of the pupils of a place who are off, by local date.

The calendars come with the package ``holidays``; for French zones before 2018 with ``vacances-scolaires-france``
where it is installed. Years without a calendar take what the same date is in the years that have one. Where no year
of the history has one, there is no column, and that is said.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import ConfigError
from features.holidays import calendar_class, days_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

SCHOOL, NONE = "school", "none"
#: A year with fewer days of school holidays has no calendar but single days.
FEWEST_DAYS = 60
#: First year of the French zones in ``holidays``; earlier ones come from the other package.
FIRST_FRENCH = 2018
FRENCH_ZONES = ("Zone A", "Zone B", "Zone C")


def school_share(dates: pd.DatetimeIndex, country: str, zone: str | None = None) -> FloatArray | None:
    """Share of the zones that are off on each date, 0 to 1; None where no year of the dates has a calendar. ``[T]``.

    Args:
        dates: Local dates, without a time zone. ``[T]``
        country: Country, with a subdivision or without, as ``check_country`` writes it.
        zone: One zone of its school calendar; None for that of the subdivision, of the whole country, or the mean of
            all there are.
    """
    if zone == NONE or dates.empty:
        return None
    years = range(int(dates.year.min()), int(dates.year.max()) + 1)
    found = {year: share for year in years if (share := _year(country, zone, year)) is not None}
    if not found:
        return None
    # every day by its place in a leap year, so that dates of different years are the same
    place = np.asarray(dates.dayofyear) - 1 + ((np.asarray(dates.dayofyear) > 59) & ~np.asarray(dates.is_leap_year))
    usual = np.stack(list(found.values())).mean(axis=0)
    table = np.stack([found.get(year, usual) for year in years])
    return np.asarray(table[np.asarray(dates.year) - years[0], place])


def school_years(country: str, zone: str | None, years: Sequence[int]) -> tuple[int, ...]:
    """The years among some that have a calendar of school holidays."""
    return tuple(year for year in years if zone != NONE and _year(country, zone, year) is not None)


def check_zone(country: str, zone: str) -> str:
    """The zone of a school calendar, as the calendar writes it.

    Raises:
        ConfigError: If the calendar of the country has no such zone; lists those it has.
    """
    known = {str(name).casefold(): str(name) for name in calendar_class(country).subdivisions}
    if zone == NONE or zone.strip().casefold() in known:
        return known.get(zone.strip().casefold(), NONE)
    zones = [name for name in FRENCH_ZONES if name.casefold() in known] or list(known.values())
    raise ConfigError(
        f"The calendar of {country} has no zone {zone!r} of school holidays.",
        expected=f"Known: {', '.join(zones) or 'none'}.",
        fix="Give one of them with --school, or --school none for no school holidays.",
    )


@lru_cache(maxsize=512)
def _year(country: str, zone: str | None, year: int) -> FloatArray | None:
    """Share of the zones that are off on each day of a leap year. ``[366]``; None where there is no calendar."""
    code, _, part = country.partition("-")
    if SCHOOL not in calendar_class(country).supported_categories:
        return None
    if zone is not None:
        return _days(code, zone, year)
    own = _days(code, part, year) if part else None
    national = _days(code, "", year) if own is None else own
    if national is not None:
        return national
    names = FRENCH_ZONES if code == "FR" else tuple(map(str, calendar_class(country).subdivisions))
    shares = [share for name in names if (share := _days(code, name, year)) is not None]
    return np.asarray(np.stack(shares).mean(axis=0)) if shares else None


@lru_cache(maxsize=2048)
def _days(code: str, zone: str, year: int) -> FloatArray | None:
    days = [day for day in days_of(f"{code}-{zone}" if zone else code, year, (SCHOOL,)) if day.year == year]
    if len(days) < FEWEST_DAYS and code == "FR" and zone in FRENCH_ZONES and year < FIRST_FRENCH:
        days = _french(zone[-1], year)
    if len(days) < FEWEST_DAYS:
        return None
    share = np.zeros(366)
    share[[pd.Timestamp(2024, day.month, day.day).dayofyear - 1 for day in days]] = 1.0
    return share


def _french(letter: str, year: int) -> list[pd.Timestamp]:
    """Days off in a French zone by the package that knows the years before 2018; none where it is not installed."""
    if find_spec("vacances_scolaires_france") is None:
        return []
    dates = _french_dates()
    if not dates.min_year <= year <= dates.max_year:
        return []
    return [pd.Timestamp(day) for day in dates.holidays_for_year_and_zone(year, letter)]


@lru_cache(maxsize=1)
def _french_dates() -> Any:
    from vacances_scolaires_france import SchoolHolidayDates

    return SchoolHolidayDates()
