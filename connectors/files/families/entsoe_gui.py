"""CSV of the ENTSO-E Transparency Platform: intervals from - to on a local clock, named only where it repeats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.files.families.family import FAMILIES, TableFamily, interval_grid, named, no_readings, zone_of
from connectors.files.intervals import Readings
from connectors.files.local import localise
from connectors.files.numbers import parse_numbers
from connectors.files.series import choose_series, plain
from connectors.files.stamps import MINUTE
from connectors.files.tables import column, left_out, refuse_overflow
from connectors.files.times import parse_times
from connectors.files.units import unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.source import Grid, SourceOptions

_TITLE = "an export of the ENTSO-E platform"
_MTU = re.compile(r"mtu \(([a-z/]{2,12})\)")
_EDGE = r"(?P<{0}>[^()]{{8,30}}?)\s?(?:\((?P<{1}>[A-Z]{{2,5}})\))?"
_SPAN = re.compile(rf"{_EDGE.format('a', 'x')}\s?[-\u2013]\s{_EDGE.format('b', 'y')}")
#: Zones of the clocks the platform shows, and minutes east of UTC of what it names in brackets.
_ZONES = {
    "cet/cest": ("Europe/Brussels", "Central European time"),
    "wet/west": ("Europe/Lisbon", "Western European time"),
    "gmt/bst": ("Europe/London", "British time"),
    "eet/eest": ("Europe/Helsinki", "Eastern European time"),
    "trt": ("Europe/Istanbul", "Turkish time"),
    "utc": ("UTC", "UTC"),
}
_OFFSETS = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "TRT": 180,
}  # fmt: skip
_KINDS = ("production type", "sequence", "time interval")


def _signs(grid: Grid) -> bool:
    return _MTU.match(plain(str(grid.cells.columns[0]))) is not None


def _read(grid: Grid, options: SourceOptions) -> Grid:
    time = str(grid.cells.columns[0])
    found = _MTU.match(plain(time))
    clock, why = _ZONES.get(found[1] if found else "", (options.time_zone or "UTC", "a clock that is not known"))
    # The header says which clock the times are on; the calendar of the place may follow another.
    zone, zone_guess = zone_of(options, clock, f"the times are in {why}, as the header {time!r} says")
    grid, start, end, notes = _readable(grid, time, clock)
    kinds = [column(grid, kind) for kind in _KINDS]
    labels = [" ".join(" ".join(parts).split()) for parts in zip(*kinds, strict=True)]
    label = choose_series(labels, options, grid.name)
    chosen = np.array(labels, dtype=object) == label
    grid, start, end = grid.keep(chosen), start[chosen], end[chosen]
    values = _values(grid, time)
    if not values:
        raise no_readings(grid, _TITLE, "A column beside the times holds numbers.")
    units = {name: unit_of(name) or "" for name in values}
    naming = named(grid, _TITLE, time=time, item="Area", units=units, chosen=label)
    length, areas = (end - start).astype(np.int64), column(grid, "area")
    return interval_grid(
        Readings(start=start, length=length, values=values, added=naming.added, items=areas),
        naming,
        options,
        zone,
        guesses=(*grid.guesses, *zone_guess),
        notes=(*grid.notes, *notes),
    )


def _readable(
    grid: Grid, time: str, clock: str
) -> tuple[Grid, NDArray[np.datetime64], NDArray[np.datetime64], tuple[str, ...]]:
    """The rows whose interval can be read, its start and end in UTC, and a note about the others.

    Raises:
        UnreadableFileError: If there is none.
    """
    spans = np.asarray(grid.cells[time].to_numpy(), dtype=object)
    start, end = _instants(spans, clock)
    known = ~np.isnat(start) & (end > start)
    if not known.any():
        raise UnreadableFileError(
            f"The column {time!r} of {grid.name!r} holds no intervals: {grid.place} {grid.lines[0]} holds "
            f"{str(spans[0])[:60]!r}.",
            expected='An interval is like "26/10/2025 00:00 - 26/10/2025 00:15".',
            fix="Export the file again.",
        )
    notes = left_out(grid, known)
    grid = grid.keep(known)
    refuse_overflow(grid)
    return grid, start[known], end[known], notes


def _instants(spans: NDArray[np.object_], zone: str) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Start and end of every interval in UTC, NaT where there is none."""
    found = [_SPAN.fullmatch(span.strip()) for span in spans]
    edges = []
    for edge, mark in (("a", "x"), ("b", "y")):
        texts = np.array([match[edge].strip() if match else "" for match in found], dtype=object)
        named = [_OFFSETS.get(match[mark] or "", np.nan) if match else np.nan for match in found]
        edges.append(_utc(texts, np.array(named, dtype=np.float64), zone))
    start, end = edges
    # In the autumn night an end that bears no name may have been taken for the wrong one of two.
    length = pd.Series(end - start).mode()
    usual = length.iloc[0].to_timedelta64().astype("m8[ns]") if len(length) else np.timedelta64(0, "ns")
    odd = ~np.isnat(start) & (np.isnat(end) | (np.abs(end - start - usual) == np.timedelta64(1, "h")))
    return start, np.where(odd, start + usual, end)


def _utc(texts: NDArray[np.object_], offset: NDArray[np.float64], zone: str) -> NDArray[np.datetime64]:
    wall = parse_times(texts, dates="day-first").wall
    one = np.zeros(len(wall), dtype=np.int64)
    utc = np.full(len(wall), np.datetime64("NaT", "ns"))
    there = ~np.isnat(wall)
    named = there & np.isfinite(offset)
    utc[named] = wall[named] - offset[named].astype(np.int64) * MINUTE
    plain_rows = there & ~named
    if plain_rows.any():
        utc[plain_rows] = localise(wall[plain_rows], one[plain_rows], zone).utc
    return utc


def _values(grid: Grid, time: str) -> dict[str, NDArray[np.float64]]:
    """The numeric columns."""
    found = {}
    for name in grid.cells.columns:
        if name != time and plain(name) not in ("area", *_KINDS):
            cells = np.asarray(grid.cells[name].to_numpy(), dtype=object)
            read = parse_numbers(cells, delimiter=grid.delimiter)
            if read.is_numeric:
                found[str(name)] = read.values
    return found


FAMILIES.add("ENTSO-E GUI", TableFamily(title=_TITLE, signs=_signs, read=_read))
