"""Price and demand of the Australian market operator AEMO: market time, which never changes, and interval ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.files.families.family import FAMILIES, TableFamily, interval_grid, named, side_of, zone_of
from connectors.files.intervals import Readings
from connectors.files.numbers import parse_numbers
from connectors.files.placing import place
from connectors.files.series import plain
from connectors.files.tables import column, find_column, readable

if TYPE_CHECKING:
    from connectors.files.source import Grid, SourceOptions

_TITLE = "a table of the Australian market operator AEMO"
_NEEDED = {"settlementdate", "totaldemand"}
_UNITS = {"totaldemand": "MW", "rrp": "AUD/MWh"}


def _signs(grid: Grid) -> bool:
    return _NEEDED.issubset(plain(name) for name in grid.cells.columns)


def _read(grid: Grid, options: SourceOptions) -> Grid:
    grid, stamps, notes = readable(grid, "settlementdate")
    zone, zone_guess = zone_of(options, "Australia/Brisbane", "the market keeps UTC+10 all year")
    side, side_guess = side_of(options, "end", "AEMO names the end of each interval")
    regions = column(grid, "region")
    # Market time has no changes; the zone of the calendar may be another one.
    offset = np.full(len(stamps.wall), 600, dtype=np.int64) if stamps.offset is None else stamps.offset
    placed = place(type(stamps)(stamps.wall, offset), regions, zone, side=side)
    names = {kind: name for kind in _UNITS if (name := find_column(grid, kind)) is not None}
    naming = named(
        grid,
        _TITLE,
        time=find_column(grid, "settlementdate") or "",
        item=find_column(grid, "region") or "REGION",
        units={name: _UNITS[kind] for kind, name in names.items()},
    )
    values = {
        name: parse_numbers(column(grid, kind), delimiter=grid.delimiter).values for kind, name in names.items()
    }
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=regions),
        naming,
        options,
        zone,
        guesses=(*grid.guesses, *zone_guess, *side_guess),
        notes=(*grid.notes, *notes, *placed.notes),
    )


FAMILIES.add("AEMO", TableFamily(title=_TITLE, signs=_signs, read=_read))
