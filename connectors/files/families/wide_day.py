"""A row a day and a column an hour (or half, or quarter), with one column more for the hour repeated in autumn."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import IrregularTimestampsError, UnreadableFileError
from connectors.files.clock import about_changes
from connectors.files.clockchange import find_zone
from connectors.files.families.family import FAMILIES, TableFamily, interval_grid, named, zone_of
from connectors.files.intervals import Readings
from connectors.files.local import Localised, convert, localise
from connectors.files.numbers import parse_numbers
from connectors.files.series import plain
from connectors.files.source import Guess
from connectors.files.tables import readable
from connectors.files.times import is_time
from connectors.files.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from connectors.files.source import DateOrder, Grid, SourceOptions
    from connectors.files.stamps import Stamps

_TITLE = "a table with a row a day and a column for every hour of it"
#: 00h-01h, 00:00-00:30, 0-1, 00h00 à 01h00: an interval; its beginning counts.
_SPAN = re.compile(
    r"(\d{1,2})\s?[h:]?\s?(\d\d)?\s?(?:-|\u2013|a|à|to|bis)\s?(\d{1,2})\s?[h:]?\s?(\d\d)?", re.IGNORECASE
)
#: 00:30, 1h, 01h00, 13:00:00: a time of day.
_CLOCK = re.compile(r"(\d{1,2})\s?(?::(\d\d)(?::\d\d)?|h(\d\d)?)", re.IGNORECASE)
#: H1, HE01, Hour 1, 1: a number.
_NUMBER = re.compile(r"(?:he?|hr|hour|heure|hora|stunde)?[ _.]?(\d{1,3})", re.IGNORECASE)
#: What marks the hour that stands twice: a word, a star, or the suffix of a name that stands twice.
_AGAIN = re.compile(r"\s*(?:\(?\s*(?:bis|2nd|2e|2eme|2ème|dst|\*|x)\s*\)?|\*|\.1)\s*$", re.IGNORECASE)
#: 2A and 2B, the hour that stands twice.
_FIRST_OR_AGAIN = re.compile(r"(.*\d)\s?([ab])", re.IGNORECASE)
_LONGEST_NAME = 40
_MINUTES = 1440
#: Columns a day must have at least, hours of it missing none.
_FEWEST = 23
#: Columns that look like hours, from which a table is taken for one of this kind.
_LIKE_A_DAY = 20
_STEPS = (60, 30, 15, 10, 5)


@dataclass(frozen=True)
class _Hours:
    """The columns that are hours.

    Attributes:
        names: Their names, in the order of the day.
        begin: When each begins after midnight [min].
        again: Whether it is the repeated one.
        step: How long each is [min].
        counted: Whether the columns count what has passed since midnight, on long and short days too.
    """

    names: list[str]
    begin: list[int]
    again: list[bool]
    step: int
    counted: bool = False


def _hours(names: Sequence[str]) -> _Hours | None:
    """The columns that are hours, None when there are not enough of them."""
    short = [name for name in names if len(name) <= _LONGEST_NAME]
    for reader in (_by_span, _by_clock, _by_number):
        found = reader(short)
        if found is not None:
            return found
    return None


def _bare(name: str) -> tuple[str, bool]:
    """A name without the mark of a repeated hour, and whether it had one."""
    lettered = _FIRST_OR_AGAIN.fullmatch(name.strip())
    if lettered is not None:
        return lettered[1], lettered[2] in "bB"
    found = _AGAIN.search(name)
    return (name[: found.start()].strip(), True) if found else (name.strip(), False)


def _by_span(names: Sequence[str]) -> _Hours | None:
    found: list[tuple[int, bool, str]] = []
    lengths = []
    for name in names:
        bare, again = _bare(name)
        match = _SPAN.fullmatch(bare)
        if match is not None:
            begin, end = (60 * int(match[k]) + int(match[k + 1] or 0) for k in (1, 3))
            found.append((begin, again, name))
            lengths.append((end - begin) % _MINUTES)
    step = max(set(lengths), key=lengths.count, default=0)
    return _checked(found, step)


def _by_clock(names: Sequence[str]) -> _Hours | None:
    found = []
    for name in names:
        bare, again = _bare(name)
        match = _CLOCK.fullmatch(bare)
        if match is not None:
            found.append((60 * int(match[1]) + int(match[2] or match[3] or 0), again, name))
    times = sorted({begin for begin, _, _ in found})
    step = min((b - a for a, b in pairwise(times)), default=0)
    if times and times[0] > 0:
        # Without a 00:00, but with a 24:00, the names are the ends.
        found = [(begin - step, again, name) for begin, again, name in found]
    return _checked(found, step)


def _by_number(names: Sequence[str]) -> _Hours | None:
    found = []
    for name in names:
        bare, again = _bare(name)
        match = _NUMBER.fullmatch(bare)
        if match is not None:
            found.append((int(match[1]), again, name))
    places = {place for place, again, _ in found if not again}
    first = min(places, default=0)
    if first > 1:
        return None
    for step in _STEPS:
        columns, hour = _MINUTES // step, 60 // step
        # One hour more than a day has: what is counted is what has passed since midnight.
        for extra in (0, hour):
            if places == set(range(first, first + columns + extra)):
                begins = [((place - first) * step, again, name) for place, again, name in found]
                return _checked(begins, step, counted=extra > 0)
    return None


def _checked(found: Sequence[tuple[int, bool, str]], step: int, *, counted: bool = False) -> _Hours | None:
    """The columns, when they make a day and begin where a step does."""
    if step not in _STEPS or len(found) < _FEWEST * 60 // step:
        return None
    own = [begin for begin, again, _ in found if not again]
    longest = _MINUTES + 60 * counted
    if len(set(own)) != len(own) or any(begin % step or not 0 <= begin < longest for begin, _, _ in found):
        return None
    ordered = sorted(found)
    return _Hours(
        names=[name for _, _, name in ordered],
        begin=[begin for begin, _, _ in ordered],
        again=[again for _, again, _ in ordered],
        step=step,
        counted=counted,
    )


def _date(grid: Grid, hours: Sequence[str]) -> str | None:
    """The column of the dates."""
    for name in grid.cells.columns:
        cells = [cell for cell in grid.cells[name].to_numpy()[:20] if cell] if name not in hours else []
        if cells and 2 * sum(is_time(cell) for cell in cells) > len(cells):
            return str(name)
    return None


def _like_hours(grid: Grid) -> list[str]:
    """Columns that look like hours, whether or not they make a day."""
    short = [str(name) for name in grid.cells.columns if len(name) <= _LONGEST_NAME]
    return [name for name in short if any(sign.fullmatch(_bare(name)[0]) for sign in (_SPAN, _CLOCK, _NUMBER))]


def _signs(grid: Grid) -> bool:
    hours = _like_hours(grid)
    return len(hours) >= _LIKE_A_DAY and _date(grid, hours) is not None


def _read(grid: Grid, options: SourceOptions) -> Grid:
    hours = _hours_of_day(grid)
    date = _date(grid, hours.names) or ""
    grid, stamps, notes, order_guess = _dated(grid, date, options)
    days = stamps.wall.astype("M8[D]")
    item, items, unused = _items(grid, (date, *hours.names), days, options)
    if unused:
        notes = (*notes, f"columns not used: {', '.join(map(repr, unused))}")
    values = np.stack(
        [parse_numbers(_cells(grid, name), delimiter=grid.delimiter).values for name in hours.names], axis=1
    )
    wall: NDArray[np.datetime64] = days.astype("M8[ns]")[:, None] + np.array(hours.begin).astype("m8[m]")
    kept = ~(np.isnan(values) & _may_be_blank(hours, values))
    rows, _ = np.nonzero(kept)
    filled = ~np.isnan(values[kept])
    codes = np.asarray(pd.factorize(items)[0], dtype=np.int64)[rows]
    zone, zone_guess = _zone(grid, hours, wall[kept][filled], codes[filled], options)
    placed = _placed(hours, wall, kept, zone)
    # An hour that does not exist is blank, as it should be, or holds something made up.
    about = about_changes(replace(placed, skipped=placed.skipped & filled), wall[kept])
    unit = next((found for line in grid.above if (found := unit_of(line)) is not None), "")
    naming = named(grid, _TITLE, time=date, item=item or "item", units={"value": unit})
    length = np.full(len(rows), hours.step * 60_000_000_000, dtype=np.int64)
    table = {"value": values[kept]}
    return interval_grid(
        Readings(start=placed.utc, length=length, values=table, added=naming.added, items=items[rows]),
        naming,
        options,
        zone,
        guesses=(*grid.guesses, *order_guess, *zone_guess),
        notes=(*grid.notes, *notes, *about),
    )


def _dated(grid: Grid, date: str, options: SourceOptions) -> tuple[Grid, Stamps, tuple[str, ...], tuple[Guess, ...]]:
    """The rows with a date, their dates, notes, and which of day and month was taken to stand first."""
    found = readable(grid, plain(date), dates=options.dates)
    if found[1].month_order is None:
        return *found, ()
    other: DateOrder = "month-first" if found[1].order == "day-first" else "day-first"
    swapped = readable(grid, plain(date), dates=other)
    # Rows follow one another by a day, not by a month.
    why = found[1].month_order[1]
    if _daily(swapped[1]) > _daily(found[1]):
        found, why = swapped, "only this way the rows are a day apart"
    order = found[1].order or ""
    return *found, (Guess("day and month", order.replace("-", " "), why, "--dates"),)


def _daily(stamps: Stamps) -> float:
    """Share of the steps between different dates that are of one day."""
    steps = np.diff(np.unique(stamps.wall.astype("M8[D]")).astype(np.int64))
    return float((steps == 1).mean()) if len(steps) else 0.0


def _hours_of_day(grid: Grid) -> _Hours:
    """The columns that are hours.

    Raises:
        UnreadableFileError: If they make no day.
    """
    hours = _hours([str(name) for name in grid.cells.columns])
    if hours is not None:
        return hours
    like = _like_hours(grid)
    raise UnreadableFileError(
        f"The file {grid.name!r} has a row a day and columns {like[0]!r} to {like[-1]!r}, which make no day.",
        expected="There is a column for every hour, half-hour or quarter of a day, named by it.",
        fix="Save it with one column of times, at the START of each interval, and one of values.",
    )


def _cells(grid: Grid, name: str) -> NDArray[np.object_]:
    return np.asarray(grid.cells[name].to_numpy(), dtype=object)


def _may_be_blank(hours: _Hours, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Cells that are no reading when they are blank: those of the repeated hour, and of a short day's last one."""
    beyond = np.array([begin >= _MINUTES for begin in hours.begin]) | np.array(hours.again)
    if hours.counted:
        beyond |= np.array([begin >= _MINUTES - 60 for begin in hours.begin])
    return np.broadcast_to(beyond, values.shape)


def _zone(
    grid: Grid, hours: _Hours, wall: NDArray[np.datetime64], codes: NDArray[np.int64], options: SourceOptions
) -> tuple[str, tuple[Guess, ...]]:
    """The zone given, or the one whose clock changes the table shows.

    Raises:
        IrregularTimestampsError: If days have 25 hours and nothing says when.
    """
    if options.time_zone is None and hours.counted:
        raise IrregularTimestampsError(
            f"The days of {grid.name!r} have up to {len(hours.names)} columns, which count what has passed of them.",
            expected="The zone says which days are longer and shorter.",
            fix="Give --time-zone Europe/Paris, or the zone it is.",
        )
    found = find_zone(wall, codes, ask=grid.name) if options.time_zone is None and len(wall) else None
    return found or zone_of(options, "UTC", "the times carry no offset")


def _placed(hours: _Hours, wall: NDArray[np.datetime64], kept: NDArray[np.bool_], zone: str) -> Localised:
    """The readings in UTC: by the clock on the wall, or by what has passed since midnight.

    Args:
        hours: The columns that are hours.
        wall: Local times [rows, hours].
        kept: Cells that are readings [rows, hours].
        zone: The zone.
    """
    rows, columns = np.nonzero(kept)
    none = np.zeros(len(rows), dtype=np.bool_)
    if hours.counted:
        midnight = localise(wall[:, 0], np.arange(len(wall), dtype=np.int64), zone).utc
        return Localised(midnight[rows] + np.array(hours.begin)[columns].astype("m8[m]"), none, none)
    clock = pd.DatetimeIndex(wall[kept])
    summer, winter = convert(clock, zone, ~none), convert(clock, zone, none)
    twice = (summer != winter) & ~np.isnat(summer)
    again = np.array(hours.again)
    repeated = (kept & again).any(axis=1)[rows]
    utc = np.where(again[columns] | (twice & ~repeated), winter, summer)
    return Localised(utc, twice & ~repeated, np.isnat(summer))


def _items(
    grid: Grid, taken: Sequence[str], days: NDArray[np.datetime64], options: SourceOptions
) -> tuple[str | None, NDArray[np.object_], list[str]]:
    """The column that tells several rows of a day apart, its texts, and the columns not used.

    Raises:
        UnreadableFileError: If there is none.
    """
    others = [str(name) for name in grid.cells.columns if name not in taken]
    names = [options.item] if options.item in others else others
    if len(np.unique(days)) == len(days) and options.item is None:
        return None, np.full(len(days), "", dtype=object), others
    for name in names:
        cells = _cells(grid, str(name))
        pairs = pd.DataFrame({"day": days, "item": cells})
        if not pairs.duplicated().any() and len(set(cells.tolist())) > 1:
            return name, cells, [other for other in others if other != name]
    copies = grid.cells.duplicated().to_numpy()
    if len(np.unique(days[~copies])) == int((~copies).sum()):
        return None, np.full(len(days), "", dtype=object), others
    raise UnreadableFileError(
        f"Several rows of {grid.name!r} are of one day, and no column tells them apart.",
        expected="A day has one row for every series.",
        fix="Name the column of the series as --item, or keep the rows of one series.",
    )


FAMILIES.add("wide days", TableFamily(title=_TITLE, signs=_signs, read=_read))
