"""A column of hours beside one of dates: times of day, or the number that a part of the day has."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import IrregularTimestampsError
from connectors.files.dataframe import is_time_type
from connectors.files.headers import words
from connectors.files.stamps import MINUTE
from connectors.files.times import add_clock, parse_clock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.stamps import Stamps

#: Words in the header of a column of hours, and of one that numbers the parts of a day.
HOUR_WORDS = {"hour", "hr", "h", "he", "heure", "heures", "stunde", "uhrzeit", "hora", "uur", "time", "zeit"}
PART_WORDS = {"period", "periode", "sp", "interval", "intervalle", "intervall", "quarter", "qh", "half"}
_HOUR_NS, _MINUTE_NS = 3_600_000_000_000, 60_000_000_000
#: Share of a column's cells that must be hours.
_MOSTLY = 0.8
#: Cells that tell what the others are.
_FIRST = 10
#: Parts of a day, and how long each is [min]; a day of a clock change has an hour of them more or less.
_PARTS = {24: 60, 48: 30, 96: 15}
#: 00h-01h, 00:00 - 00:30, 0h à 1h: the beginning counts.
_SPAN = re.compile(r"\s*(\d[\d:hH]*)\s?(?:-|\u2013|a|à|to|bis)\s?\d[\d:hH]*\s*")
#: 01/03/2024 00:00 - 01/03/2024 01:00, 2024-03-01T00:00Z/2024-03-01T01:00Z: an interval of two times.
_INTERVAL = re.compile(
    r"\s*(?:(\S.*?:\d\d.*?)\s+(?:-|\u2013|to|à|bis)\s+\d.*:\d\d.*|(\d{4}-\d\d-[^/]+)/(?:\d{4}-|P).*)"
)


def begins(cells: NDArray[np.object_]) -> NDArray[np.object_]:
    """Where intervals are written as one text, from a time to a time, the times they begin with [n]."""
    if not any(_INTERVAL.fullmatch(cell) for cell in cells[:_FIRST]):
        return cells
    found = [_INTERVAL.fullmatch(cell) for cell in cells]
    times = [cell if one is None else one[1] or one[2] for cell, one in zip(cells, found, strict=True)]
    return np.array(times, dtype=object) if 2 * sum(map(bool, found)) > len(cells) else cells


def with_hours(stamps: Stamps, values: pd.Series[Any], name: str, zone: str | None) -> Stamps | None:
    """Bare dates with the hours of a column; None where it holds none.

    Args:
        stamps: The dates.
        values: The column.
        name: Its name: bare numbers are hours only under a name that says so.
        zone: The zone given, by which numbered parts of a day are placed where a clock changes.

    Raises:
        IrregularTimestampsError: If numbered parts are an hour more or less on a day, and no zone is given.
    """
    clock = clock_of(values, name)
    if clock is not None:
        at_end = bool((clock != 0).all() and clock.max() == 24 * _HOUR_NS)
        return replace(add_clock(stamps, clock), at_24=at_end)
    numbered = _numbered(values, name)
    return None if numbered is None else _elapsed(stamps, *numbered, zone=zone, name=name)


def clock_of(values: pd.Series[Any], name: str) -> NDArray[np.int64] | None:
    """Times of day in a column [ns], -1 where there is none; None when it is no such column."""
    if is_time_type(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        return None
    numbers = np.array(pd.to_numeric(values, errors="coerce"), dtype=np.float64)
    known = np.isfinite(numbers)
    if known.sum() > _MOSTLY * len(values):
        clock = _by_digits(numbers, known) if words(name) & HOUR_WORDS else None
        return clock if clock is not None and len(np.unique(clock[known])) > 1 else None
    if values.dtype != object:
        return None
    cells = np.asarray(values.to_numpy(), dtype=object)
    if all(_SPAN.fullmatch(cell) for cell in cells[:_FIRST]):
        spans = [_SPAN.fullmatch(cell) for cell in cells]
        firsts = [cell if span is None else span[1] for cell, span in zip(cells, spans, strict=True)]
        cells = np.array(firsts, dtype=object)
    clock = parse_clock(cells)
    read = clock[clock >= 0]
    return clock if len(read) >= _MOSTLY * len(values) and len(np.unique(read)) > 1 else None


def _by_digits(numbers: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Times of day from 0 to 24, or from 0000 to 2400 [ns]; None where they are neither."""
    whole = np.where(known, numbers, 0).astype(np.int64)
    if (np.where(known, numbers, 0) != whole).any() or whole.min() < 0:
        return None
    hour, minute = (whole, 0 * whole) if whole.max() <= 24 else (whole // 100, whole % 100)
    if whole.max() > 2400 or (minute >= 60).any() or not (minute % 5 == 0).all() or len(np.unique(hour)) < 2:
        return None
    return np.where(known, hour * _HOUR_NS + minute * _MINUTE_NS, -1)


def _numbered(values: pd.Series[Any], name: str) -> tuple[NDArray[np.int64], int] | None:
    """The number of each row's part of the day, 0 for none, and how many a day has; None for another column."""
    if is_time_type(values.dtype) or not words(name) & (PART_WORDS | HOUR_WORDS):
        return None
    numbers = np.array(pd.to_numeric(values, errors="coerce"), dtype=np.float64)
    known = np.isfinite(numbers)
    if known.sum() <= _MOSTLY * len(values) or (numbers[known] % 1 != 0).any() or numbers[known].min() != 1:
        return None
    most = int(numbers[known].max())
    parts = next((number for number, size in _PARTS.items() if most in (number, number + 60 // size)), None)
    return None if parts is None else (np.where(known, numbers, 0).astype(np.int64), parts)


def _elapsed(dates: Stamps, part: NDArray[np.int64], parts: int, *, zone: str | None, name: str) -> Stamps:
    """Times by what has passed since the midnight of each date."""
    step, there = _PARTS[parts], part > 0
    passed = (part - 1) * (step * MINUTE)
    if zone is None:
        days = pd.Series(part[there]).groupby(dates.wall[there]).max()
        # The last day may end anywhere.
        odd = days.index[(days > parts) | ((days == parts - 60 // step) & (days.index < days.index.max()))]
        if len(odd):
            raise IrregularTimestampsError(
                f"The column {name!r} numbers the parts of a day, {days[odd[0]]} of them on {odd[0]:%Y-%m-%d}.",
                expected=f"A day has {parts}; one on which a clock changes has an hour more or less.",
                fix="Give the zone of the days, as --time-zone Europe/London.",
            )
        return replace(dates, wall=np.where(there, dates.wall + passed, np.datetime64("NaT", "ns")))
    midnight = pd.DatetimeIndex(dates.wall).tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    local = midnight + pd.to_timedelta(passed)
    wall = local.tz_localize(None).to_numpy().astype("M8[ns]")
    utc = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[ns]")
    there_wall = np.where(there, wall, np.datetime64("NaT", "ns"))
    return replace(dates, wall=there_wall, offset=((wall - utc) // MINUTE).astype(np.int64), zone=zone)
