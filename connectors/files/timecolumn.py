"""Which column is the time."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd

from connectors.errors import IrregularTimestampsError
from connectors.files.dataframe import is_time_type
from connectors.files.dayparts import begins, clock_of, with_hours
from connectors.files.headers import TIME_WORDS, spelt_out, words
from connectors.files.serial import Scale, find_scale, parse_serial
from connectors.files.source import Guess
from connectors.files.stamps import Stamps
from connectors.files.times import as_ns, is_time, parse_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.source import Grid, SourceOptions

_PREFERRED = {
    "timestamp", "datetime", "date", "time", "ds", "horodate", "horodatage", "date heure", "date time",
    "date et heure", "zeitstempel", "fecha", "datum",
}  # fmt: skip
#: SETTLEMENTDATE is what the Australian market calls the end of its intervals; California writes its words in one.
_END_WORDS = {
    "fin", "end", "ending", "ends", "ended", "ende", "he", "settlementdate", "intervalendtime", "bis", "tot",
    "hasta", "fine",
}  # fmt: skip
_START_WORDS = {
    "debut", "start", "begin", "beginning", "from", "von", "beginn", "van", "desde", "inizio", "intervalstarttime",
}  # fmt: skip
_ZONE_WORDS = {"time", "zone", "timezone", "tz", "fuseau", "horaire", "zeitzone", "iana"}
_UTC_WORDS = {"utc", "gmt", "zulu"}
_OFFSET = re.compile(r"(?:UTC|GMT)\s*([+\-\u2212])\s*(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)
#: Share of a column's cells that must be times.
_MOSTLY = 0.8


@dataclass(frozen=True)
class TimeColumn:
    """The time of every row.

    Attributes:
        columns: The columns it came from: one, or a date and an hour.
        stamps: The times.
        others: Columns of times that are not used.
        guesses: What was guessed about it.
        notes: What a person should know about it.
        zone: The column that names the zone of a local clock, and that zone.
    """

    columns: tuple[str, ...]
    stamps: Stamps
    others: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()
    zone: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """The name, or both."""
        return " + ".join(self.columns)

    @property
    def says_end(self) -> bool:
        """Whether a header says that the times end their intervals."""
        return any(words(name) & _END_WORDS for name in self.columns)


def find_time(grid: Grid, options: SourceOptions) -> TimeColumn:
    """The time column, given or found, and the zone that a column beside it names.

    Raises:
        IrregularTimestampsError: If there is none, several are as good, or the one named holds no times.
    """
    found = _time(grid, options)
    if found.stamps.offset is not None or options.time_zone is not None:
        return found
    zone = _zone_beside(grid, found, options)
    return found if zone is None else replace(found, zone=zone, others=(*found.others, zone[0]))


def _zone_beside(grid: Grid, found: TimeColumn, options: SourceOptions) -> tuple[str, str] | None:
    """A column that names one zone in all rows, and that zone."""
    taken = {*found.columns, options.target, options.item, *options.ignore, *options.required}
    for name in grid.cells.columns:
        if name in taken or not words(name) or not words(name) <= _ZONE_WORDS:
            continue
        zone = str(grid.cells[name].iloc[0])
        if "/" in zone and zone in available_timezones() and (grid.cells[name] == zone).all():
            return name, zone
    return None


def _time(grid: Grid, options: SourceOptions) -> TimeColumn:
    named = options.time or grid.time
    if named is not None:
        found = _named(grid, named, options)
        guess = Guess("time column", named, "the index or its name says so", "--time")
        return found if options.time else _with(found, (guess,))
    candidates = _candidates(grid, options)
    if not candidates:
        raise _no_time(grid)
    name, why = _choose(grid, candidates)
    others = tuple(other for other in candidates if other != name)
    notes = tuple(f"the times in {other!r} are not used" for other in others)
    stamps = _stamps(grid, name, options)
    _check_readable(grid, name, stamps, "Clear those rows, or give another column as --time.", at_least=0.5)
    found = _joined(grid, TimeColumn((name,), stamps, others=others), options)
    return _with(found, (Guess("time column", found.name, why, "--time"),), notes)


def _with(found: TimeColumn, guesses: tuple[Guess, ...] = (), notes: tuple[str, ...] = ()) -> TimeColumn:
    stamps = found.stamps
    if stamps.month_order is not None:
        order, why = stamps.month_order
        guesses = (*guesses, Guess("day and month", order, why, "--dates"))
    minutes = _offset_in(found.name)
    if stamps.offset is None and minutes is not None:
        offset = np.full(len(stamps.wall), minutes, dtype=np.int64)
        stamps = replace(stamps, offset=offset, zone=None if minutes else "UTC")
        zone = f"UTC{minutes / 60:+g}" if minutes else "UTC"
        notes = (*notes, f"the times are in {zone}, as the header {found.name!r} says")
    return replace(found, stamps=stamps, guesses=(*found.guesses, *guesses), notes=(*found.notes, *notes))


def _offset_in(name: str) -> int | None:
    """Minutes east of UTC that a header names: 0 for "time_utc", 60 for "Date (UTC+1)"."""
    if not words(name) & _UTC_WORDS:
        return None
    found = _OFFSET.search(name)
    if found is None:
        return 0
    return (60 * int(found[2]) + int(found[3] or 0)) * (1 if found[1] == "+" else -1)


def _named(grid: Grid, name: str, options: SourceOptions) -> TimeColumn:
    stamps = _stamps(grid, name, options)
    _check_readable(grid, name, stamps, _time_hint(grid, options), at_least=_MOSTLY)
    return _with(_joined(grid, TimeColumn((name,), stamps), options))


def _check_readable(grid: Grid, name: str, stamps: Stamps, hint: str, *, at_least: float) -> None:
    unread = np.flatnonzero(~stamps.readable)
    if len(unread) > (1 - at_least) * len(stamps.wall):
        value = str(grid.cells[name].iloc[int(unread[0])])
        raise IrregularTimestampsError(
            f"The column {name!r} is not one of times: {grid.place} {grid.lines[unread[0]]} holds {value!r}.",
            expected='Times are written like "2024-10-27 02:00" or "27/10/2024 02:00".',
            fix=hint,
        )


def _time_hint(grid: Grid, options: SourceOptions) -> str:
    candidates = _candidates(grid, options)
    return f"Give --time {candidates[0]!r}." if candidates else "Give another column as --time."


def _stamps(grid: Grid, name: str, options: SourceOptions) -> Stamps:
    values = grid.cells[name]
    if is_time_type(values.dtype):
        stamps = _typed(values)
        return replace(stamps, written="text", order=grid.order) if grid.spelt else stamps
    scale = _scale(values)
    if scale is not None:
        return replace(parse_serial(_numbers(values), scale), written=scale.label)
    return parse_times(_texts(values), dates=options.dates)


def _typed(values: pd.Series[Any]) -> Stamps:
    zone = values.dt.tz
    if zone is None:
        return Stamps(as_ns(values.to_numpy()), written="time")
    wall = as_ns(values.dt.tz_localize(None).to_numpy())
    utc = as_ns(values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    offset = np.where(np.isnat(wall), np.timedelta64(0, "m"), (wall - utc).astype("m8[m]")).astype(np.int64)
    name = str(zone)
    return Stamps(wall, offset, name if "/" in name and "Etc" not in name else None, written="time")


def _texts(values: pd.Series[Any]) -> NDArray[np.object_]:
    return begins(np.asarray(values.to_numpy(), dtype=object))


def _numbers(values: pd.Series[Any]) -> NDArray[np.float64]:
    return np.array(pd.to_numeric(values, errors="coerce"), dtype=np.float64)


def _scale(values: pd.Series[Any]) -> Scale | None:
    """How a column of numbers writes times; None for texts and for numbers that are no times."""
    if values.dtype == object:
        cells = [cell.strip() for cell in _sample(values)]
        numbers = [cell for cell in cells if re.fullmatch(r"\d+(\.\d+)?", cell)]
        if not numbers or len(numbers) < _MOSTLY * len(cells):
            return None
    elif pd.api.types.is_bool_dtype(values.dtype):
        return None
    return find_scale(_numbers(values))


def _sample(values: pd.Series[Any]) -> list[str]:
    some = _texts(values.iloc[:: max(1, len(values) // 200)])
    return [cell for cell in some if cell.strip()] or [cell for cell in _texts(values) if cell.strip()][:200]


def _candidates(grid: Grid, options: SourceOptions) -> list[str]:
    """Columns that hold dates; numbers only where nothing else does, under a name of times."""
    taken = {options.target, options.item, *options.ignore, *options.required}
    free = [name for name in grid.cells.columns if name not in taken]
    dated = [name for name in free if _holds_times(grid.cells[name])]
    return dated or [name for name in free if words(name) & TIME_WORDS and _scale(grid.cells[name]) is not None]


def _holds_times(values: pd.Series[Any]) -> bool:
    if values.dtype != object:
        return is_time_type(values.dtype)
    cells = _sample(values)
    dated = sum(is_time(cell) for cell in cells)
    # A sheet may turn some of its dates into numbers.
    serial = sum(re.fullmatch(r"[2-7]\d{4}(\.\d+)?", cell.strip()) is not None for cell in cells)
    return dated > 0 and dated + serial >= _MOSTLY * len(cells)


def _choose(grid: Grid, candidates: list[str]) -> tuple[str, str]:
    """The time column among several, as long as something but chance speaks for it."""
    if len(candidates) == 1:
        return candidates[0], "the only column of dates"
    starts = [name for name in candidates if words(name) & _START_WORDS]
    ends = [name for name in candidates if words(name) & _END_WORDS]
    kept = [name for name in candidates if name not in ends] if starts or len(ends) < len(candidates) else candidates
    kept = _most_different(grid, kept)
    if len(kept) == 1:
        return kept[0], "the only column of dates that tells the rows apart and does not name an end"
    for fitting, why in (
        ([name for name in kept if words(name) & _UTC_WORDS], "its name says UTC"),
        ([name for name in kept if spelt_out(name) in _PREFERRED], "its name"),
        ([name for name in kept if words(name) & _START_WORDS], "its name says start"),
    ):
        if len(fitting) == 1:
            return fitting[0], why
    listed = ", ".join(repr(name) for name in kept)
    raise IrregularTimestampsError(
        f"Several columns hold times: {listed}.", expected="One column is the time.", fix=f"Give --time {kept[0]!r}."
    )


def _most_different(grid: Grid, names: list[str]) -> list[str]:
    """Without columns that say far less: a date beside a date with its hour, the day of an export."""
    numbers = {name: grid.cells[name].nunique() for name in names}
    most = max(numbers.values())
    return [name for name in names if numbers[name] * 2 > most]


def _joined(grid: Grid, found: TimeColumn, options: SourceOptions) -> TimeColumn:
    """The time with its hour, where a column of bare dates stands beside one of hours."""
    stamps = found.stamps
    if not stamps.dates_only or stamps.offset is not None:
        return found
    taken = {*found.columns, options.target, options.item, *options.ignore, *options.required}
    for name in grid.cells.columns:
        joined = None if name in taken else with_hours(stamps, grid.cells[name], name, options.time_zone)
        if joined is not None:
            note = f"the dates in {found.columns[0]!r} and the hours in {name!r} were joined"
            return replace(
                found,
                columns=(*found.columns, name),
                stamps=joined,
                others=tuple(other for other in found.others if other != name),
                notes=(*found.notes, note),
            )
    return found


def _partly_times(grid: Grid) -> str:
    """The first column that holds some times, too few to be taken for the column of times, and what stands there."""
    for name in grid.cells.columns:
        values = grid.cells[name]
        if values.dtype != object or not any(is_time(cell) for cell in _sample(values)):
            continue
        for row, cell in enumerate(_texts(values)):
            if cell.strip() and not is_time(cell):
                return f" The column {name!r} holds some, but {grid.place} {grid.lines[row]} holds {cell!r}."
    return ""


def _no_time(grid: Grid) -> IrregularTimestampsError:
    columns = ", ".join(repr(name) for name in list(grid.cells.columns)[:12])
    hours = [name for name in grid.cells.columns if clock_of(grid.cells[name], name) is not None]
    hint = f" The column {hours[0]!r} holds hours without a date." if hours else _partly_times(grid)
    fix = "Name the column of times as --time."
    if grid.place == "row" and grid.encoding is None and grid.sheet is None:
        fix = "Name the column of times as --time, or give the index times, as pd.date_range makes them."
    return IrregularTimestampsError(
        f"No column of {grid.name!r} holds dates; it has {columns}.{hint}",
        expected='Times are written like "2024-10-27 02:00" or "27/10/2024 02:00".',
        fix=fix,
    )
