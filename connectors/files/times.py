"""Texts to times: every row of a column read in the one way that fits the whole column.

Nothing is left to a library's guess: 01/02/2024 is 1 February or 2 January for the whole column, and which of the
two is decided by the column (``_day_first``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from connectors.errors import IrregularTimestampsError
from connectors.files.periods import month_number, parse_periods, period_start
from connectors.files.stamps import DAY, MINUTE, Stamps, extent
from connectors.files.steps import regularity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from connectors.files.source import DateOrder

T = TypeVar("T")

#: Hours and minutes of an offset, which is less than a day, as pandas has it.
_HOURS, _MINUTES = r"(?:[01]\d|2[0-3])", r"[0-5]\d"
#: Databases write whole hours of an offset without minutes: +00. Only behind minutes, for 10-11 may be two hours.
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d"
    rf"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{{1,9}})?)?(?:Z| ?[+-]{_HOURS}(?::?{_MINUTES})?)?"
    rf"|(?:Z| ?[+-]{_HOURS}:?{_MINUTES})?)"
)
#: Clocks by their names, as far as a name stands for one alone [hours east of UTC].
_EAST = ("Z UTC GMT WET", "WEST BST CET MEZ", "CEST MESZ EET", "EEST")
_NAMED = {name: hours for hours, names in enumerate(_EAST) for name in names.split()}
_NAMES = "|".join(_NAMED)
_OFFSET = re.compile(rf"(?:({_NAMES})|([+-])({_HOURS})(?::?({_MINUTES}))?)$", re.IGNORECASE)
_CLOCK = rf"""
    (?P<hour>\d{{1,2}}) (?: [:hH.] (?P<minute>\d\d)? )?
    (?: [:mM.] (?P<second>\d\d) (?: [.,] (?P<part>\d{{1,9}}) )? s? )?
    (?: \s? (?P<half>[AaPp]) \.? \s? [Mm] \.? )? \s?
    (?P<offset> {_NAMES} | [+-]{_HOURS}:?{_MINUTES} | (?(minute) [+-]{_HOURS} | (?!)) )?
"""
_WEEKDAY = "mon|tue|wed|thu|fri|sa|su|so|lun|ma|me|mi|mo|jeu|jue|ven|vie|di|do|gio|wo|vr|za|zo"
#: 27/10/2024 02:00, Sun 27/10/2024, 12/31/2020 11:55:00 PM, 27-oct-2024 02h00, Oct 27, 2024, 20241027T0200Z.
_FIELDS = re.compile(
    rf"""\s* (?: (?i:{_WEEKDAY}) [^\W\d_]* \.? ,? \s+ (?=\d) )? (?:
        (?P<a>\d{{1,4}}|[^\W\d_]{{3,9}}\.?) [-/.\s] \s?
        (?P<b>\d{{1,2}}|[^\W\d_]{{3,9}}\.?) (?: [-/.] | ,?\s ) \s?
        (?P<c>\d{{4}}|\d{{1,2}})
        (?: (?: [T,] \s* | \s+ (?:-\s|à\s|at\s|um\s)? ) {_CLOCK} )?
    ) \s*""",
    re.VERBOSE,
)
_COMPACT = re.compile(
    r"\s*(?P<a>\d{4})(?P<b>\d\d)(?P<c>\d\d)[T _-](?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d))?"
    rf"(?P<part>(?!))?(?P<half>(?!))?(?P<offset>Z|[+-]{_HOURS}(?::?{_MINUTES})?)?\s*"
)
_TIME_OF_DAY = re.compile(rf"\s*{_CLOCK}\s*", re.VERBOSE)
_CLOCK_SIGN = re.compile(r"\s*\d{1,2}\s*(?:[:hH]|[AaPp]\.?[Mm])")
#: Days between 30 December 1899, where Excel counts from, and 1970.
_EXCEL_EPOCH = 25_569
#: Between these lie the times that nanoseconds hold.
_FIRST, _BEYOND = np.datetime64("1678-01-01"), np.datetime64("2262-01-01")
_ORDERS: dict[str, DateOrder] = {"day first": "day-first", "month first": "month-first"}
EXCEL_DAYS = (20_000.0, 80_000.0)


def is_time(cell: str) -> bool:
    """Whether a cell holds a date, with or without an hour; bare numbers and bare hours are none."""
    found = _FIELDS.fullmatch(cell) or _COMPACT.fullmatch(cell)
    if found is None:
        return period_start(cell) is not None
    a, b, c = (_number(part) for part in found.groups()[:3])
    month, day = {1: (b, c), 2: (b, a), 3: (a, b), 4: (min(a, b), max(a, b))}.get(_form(found.groups()[:2]), (0, 0))
    return 1 <= month <= 12 and 1 <= day <= 31


def parse_times(cells: NDArray[np.object_], *, dates: DateOrder | None = None) -> Stamps:
    """The times in a column of text.

    Args:
        cells: The texts [n].
        dates: Whether the day or the month stands first, if the user said so.

    Raises:
        IrregularTimestampsError: If rows contradict each other: some with the day first and some with the month
            first, or some with an offset and some without.
    """
    wall: NDArray[np.datetime64] = np.full(len(cells), np.datetime64("NaT", "ns"))
    offset = np.full(len(cells), np.nan)
    order, why, at_24 = "none needed", "", False
    if _iso_sample(cells):
        wall, offset = _iso(cells)
    rest = np.flatnonzero(np.isnat(wall) & _filled(cells))
    if len(rest):
        fields = _match(cells[rest])
        order, why = _order(fields, dates)
        wall[rest], offset[rest] = fields.compose(day_first=order != "month first")
        at_24 = bool((fields.hour[~np.isnat(wall[rest])] == 24).any())
        rest = rest[np.isnat(wall[rest])]
        wall[rest] = _by_period_or_serial(cells[rest], beside_times=not np.isnat(wall).all())
    return Stamps(
        wall,
        _one_offset(cells, wall, offset),
        month_order=(order, why) if why else None,
        at_24=at_24 and not _has_midnight(cells, wall),
        order=_ORDERS.get(order),
    )


def _filled(cells: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.fromiter((bool(cell) for cell in cells), np.bool_, len(cells))


def _iso_sample(cells: NDArray[np.object_]) -> bool:
    sample = [cell for cell in cells[:: max(1, len(cells) // 20)] if cell][:20]
    return sum(bool(_ISO.fullmatch(cell)) for cell in sample) * 2 > len(sample)


def _iso(cells: NDArray[np.object_]) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    """ISO 8601 by pandas, which is fast; shorter and longer texts than a date are kept from it."""
    whole = np.fromiter(
        (len(cell) > 9 and cell[4] == "-" and cell[:4].isdigit() for cell in cells), bool, len(cells)
    )
    kept = np.where(whole, cells, "")
    texts = pd.Series(kept, dtype=object)
    try:
        parsed = pd.to_datetime(texts, format="ISO8601", errors="coerce")
    except ValueError:
        # Offsets that change on the way, as they do twice a year, or rows with and without one.
        parsed = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
        offset = _by_value([text[10:] for text in kept], offset_of)
        minutes = np.nan_to_num(offset).astype(np.int64)
        return as_ns(parsed.dt.tz_localize(None).to_numpy()) + minutes * MINUTE, offset
    if parsed.dt.tz is None:
        return as_ns(parsed.to_numpy()), np.full(len(cells), np.nan)
    wall = parsed.dt.tz_localize(None).to_numpy()
    utc = parsed.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
    return as_ns(wall), (wall - utc) / np.timedelta64(1, "m")


def as_ns(times: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Nanoseconds hold the years 1678 to 2262; what lies outside ("9999-12-31") is no time of a reading."""
    first, last = extent(times) if len(times) else (_BEYOND, _BEYOND)
    if first >= _FIRST and last < _BEYOND:
        return times.astype("M8[ns]", copy=False)
    inside = (times >= _FIRST) & (times < _BEYOND)
    return np.where(inside, times, np.datetime64("NaT")).astype("M8[ns]")


def offset_of(text: str | None) -> float:
    """Minutes east of UTC written at the end of a time of day, NaN when there are none."""
    found = _OFFSET.search(text or "")
    if not found:
        return np.nan
    if found[1]:
        return 60.0 * _NAMED[found[1].upper()]
    return (60 * int(found[3]) + int(found[4] or 0)) * (-1.0 if found[2] == "-" else 1.0)


@dataclass(frozen=True)
class _Fields:
    """Numbers of the matched texts, 0 where a text did not match.

    ``form`` says what a, b and c are: 0 unmatched, 1 year month day, 2 day month year, 3 month day year, 4 one of
    the two, to be decided. ``american`` marks AM and PM.
    """

    form: NDArray[np.int64]
    a: NDArray[np.int64]
    b: NDArray[np.int64]
    c: NDArray[np.int64]
    hour: NDArray[np.int64]
    clock: NDArray[np.int64]
    offset: NDArray[np.float64]
    american: bool

    @property
    def says_order(self) -> str | None:
        """The order that the numbers prove: a first or second one above 12."""
        open_rows = self.form == 4
        a, b = self.a[open_rows], self.b[open_rows]
        day_first = bool(((a > 12) & (b <= 12)).any())
        month_first = bool(((b > 12) & (a <= 12)).any())
        if day_first and month_first:
            return "both"
        if not open_rows.any():
            return "none needed"
        return "day first" if day_first else "month first" if month_first else None

    def compose(self, *, day_first: bool) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
        """Times and offsets; NaT where the numbers make no date."""
        form = np.where(self.form == 4, 2 if day_first else 3, self.form)
        year = np.select([form == 1, form > 1], [self.a, self.c], 0)
        year = np.where((form > 1) & (year < 100), 2000 + year, year)
        month = np.select([form == 1, form == 2, form == 3], [self.b, self.b, self.a], 0)
        day = np.select([form == 1, form == 2, form == 3], [self.c, self.a, self.b], 0)
        sound = (month >= 1) & (month <= 12) & (day >= 1) & (year > 1677) & (year < 2262) & (self.clock >= 0)
        first = (np.where(sound, (year - 1970) * 12 + month - 1, 0)).astype("M8[M]")
        date = first.astype("M8[D]") + np.where(sound, day - 1, 0)
        sound &= date.astype("M8[M]") == first
        wall = date.astype("M8[ns]") + self.clock.astype("m8[ns]")
        return np.where(sound, wall, np.datetime64("NaT", "ns")), np.where(sound, self.offset, np.nan)


def _match(cells: NDArray[np.object_]) -> _Fields:
    found = [_FIELDS.fullmatch(cell) or _COMPACT.fullmatch(cell) for cell in cells]
    matched = np.fromiter((match is not None for match in found), np.bool_, len(cells))
    groups = [match.groups() for match in found if match is not None]
    columns: Sequence[tuple[str | None, ...]] = list(zip(*groups, strict=True)) or [()] * 9
    fields = np.zeros((5, len(cells)), dtype=np.int64)
    for row in range(4):
        fields[row, matched] = _by_value(columns[row], _number)
    fields[4, matched] = _clock(columns[3:8])
    offset = np.full(len(cells), np.nan)
    offset[matched] = _by_value(columns[8], offset_of)
    form = np.zeros(len(cells), dtype=np.int64)
    form[matched] = _by_value(list(zip(*columns[:2], strict=True)), _form)
    a, b, c, hour, clock = fields
    return _Fields(form, a, b, c, hour, clock, offset, american=any(columns[7]))


def _by_value(texts: Sequence[T], convert: Callable[[T], float]) -> NDArray[np.float64]:
    """Convert each different text once: a column of times holds thousands of rows and 31 days."""
    known = {text: convert(text) for text in set(texts)}
    return np.array([known[text] for text in texts], dtype=np.float64)


def _number(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if text.isdigit() else month_number(text)


def _form(parts: tuple[str | None, ...]) -> int:
    a, b = parts[0] or "", parts[1] or ""
    if not a.isdigit():
        return 3
    if len(a) == 4:
        return 1
    if not b.isdigit():
        return 2
    return 4 if len(a) < 3 else 0


def _clock(columns: Sequence[Sequence[str | None]]) -> NDArray[np.int64]:
    """Time of day from hour, minute, second, part of a second and a or p [ns]; -1 when it is none."""
    hour, minute, second = (_by_value(column, _number).astype(np.int64) for column in columns[:3])
    part = _by_value(columns[3], lambda text: int((text or "").ljust(9, "0"))).astype(np.int64)
    half = _by_value(columns[4], lambda text: " ap".find((text or " ").casefold()))
    sound = (minute < 60) & (second < 60) & np.where(half == 0, hour <= 24, (hour >= 1) & (hour <= 12))
    hour = np.where(half == 0, hour, hour % 12 + 12 * (half == 2))
    clock = ((hour * 60 + minute) * 60 + second) * 1_000_000_000 + part
    return np.where(sound & (clock <= DAY.astype(np.int64)), clock, -1)


def _order(fields: _Fields, dates: DateOrder | None) -> tuple[str, str]:
    """Which of day and month stands first in a column, and why when the column does not prove it."""
    said = fields.says_order
    if dates is not None:
        wanted = "day first" if dates == "day-first" else "month first"
        if said in _ORDERS and said != wanted:
            raise IrregularTimestampsError(
                f"The dates were to be read with the {wanted.replace(' first', '')} first, but they stand with the "
                f"{said.replace(' first', '')} first: the other place holds numbers above 12.",
                fix=f"Give --dates {_ORDERS[said]}.",
            )
        return wanted if said != "none needed" else said, ""
    if said == "both":
        raise IrregularTimestampsError(
            "Some dates have the day first and some the month first: one begins with a number above 12, another has "
            "one in second place.",
            expected="All dates of a column are written alike.",
            fix="Write them as 2024-10-27 02:00.",
        )
    if said is not None:
        return said, ""
    day, month = (regularity(fields.compose(day_first=first)[0]) for first in (True, False))
    if abs(day - month) > 1e-9:
        return ("day first" if day > month else "month first"), "only this way are the steps regular"
    if fields.american:
        return "month first", "the dates could be read both ways; AM and PM go with the month first"
    return "day first", "the dates could be read both ways"


def _by_period_or_serial(cells: NDArray[np.object_], *, beside_times: bool) -> NDArray[np.datetime64]:
    """Months, quarters and weeks; and Excel's day numbers, but only beside proper times."""
    periods = parse_periods(cells)
    if not beside_times:
        return periods
    numbers = np.asarray(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=np.float64)
    serial = (numbers > EXCEL_DAYS[0]) & (numbers < EXCEL_DAYS[1])
    return np.where(serial, excel_times(np.where(serial, numbers, EXCEL_DAYS[0])), periods)


def excel_times(days: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Excel's day numbers to times, to the second: 45592.0416666667 is 27 October 2024, 01:00."""
    seconds = np.rint((days - _EXCEL_EPOCH) * 86_400).astype(np.int64)
    return seconds.astype("M8[s]").astype("M8[ns]")


def _one_offset(
    cells: NDArray[np.object_], wall: NDArray[np.datetime64], offset: NDArray[np.float64]
) -> NDArray[np.int64] | None:
    readable = ~np.isnat(wall)
    with_offset = readable & ~np.isnan(offset)
    if not with_offset.any():
        return None
    without = np.flatnonzero(readable & np.isnan(offset))
    if len(without):
        raise IrregularTimestampsError(
            f"Some times carry an offset ({cells[with_offset][0]!r}) and some do not ({cells[without[0]]!r}).",
            expected="All times of a column are written alike.",
            fix="Write all with an offset, or all without.",
        )
    return np.nan_to_num(offset).astype(np.int64)


def _has_midnight(cells: NDArray[np.object_], wall: NDArray[np.datetime64]) -> bool:
    at_midnight = np.flatnonzero(wall == wall.astype("M8[D]"))
    return any("24" not in _after_date(cells[row]) for row in at_midnight)


def _after_date(cell: str) -> str:
    return re.split(r"[T\s]", cell.strip(), maxsplit=1)[-1][:2]


def parse_clock(cells: NDArray[np.object_]) -> NDArray[np.int64]:
    """Times of day ("02:00", "2h30", "11:55 PM", "24:00") [ns]; -1 where a cell holds none, as bare numbers do."""
    found = [_TIME_OF_DAY.fullmatch(cell) if _CLOCK_SIGN.match(cell) else None for cell in cells]
    matched = np.fromiter((match is not None for match in found), np.bool_, len(cells))
    clock = np.full(len(cells), -1, dtype=np.int64)
    groups = [match.groups() for match in found if match is not None]
    if groups:
        clock[matched] = _clock(list(zip(*groups, strict=True))[:5])
    return clock


def add_clock(stamps: Stamps, clock: NDArray[np.int64]) -> Stamps:
    """Dates and times of day put together; a time of day of -1 leaves the row without a time."""
    wall = np.where(clock >= 0, stamps.wall + clock.astype("m8[ns]"), np.datetime64("NaT", "ns"))
    at_24 = bool((clock == DAY.astype(np.int64)).any()) and not bool((clock == 0).any())
    return replace(stamps, wall=wall, at_24=at_24)
