"""Loads of the American market operator PJM, with the same instant in UTC and on the local clock in every row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.files.families.family import FAMILIES, TableFamily, interval_grid, named, zone_of
from connectors.files.intervals import Readings
from connectors.files.numbers import parse_numbers
from connectors.files.placing import place
from connectors.files.series import plain
from connectors.files.tables import column, find_column, readable

if TYPE_CHECKING:
    from connectors.files.source import Grid, SourceOptions

_TITLE = "a table of the American market operator PJM"
_VALUES = ("instantaneous_load", "mw")
_AREAS = ("area", "load_area", "zone", "mkt_region")


def _signs(grid: Grid) -> bool:
    names = {plain(name) for name in grid.cells.columns}
    return {"datetime_beginning_utc", "datetime_beginning_ept"} <= names and not names.isdisjoint(_VALUES)


def _read(grid: Grid, options: SourceOptions) -> Grid:
    grid, stamps, notes = readable(grid, "datetime_beginning_utc", dates=options.dates or "month-first")
    zone, zone_guess = zone_of(options, "America/New_York", "PJM keeps the clock of the East")
    kind = next(kind for kind in _VALUES if find_column(grid, kind))
    value = find_column(grid, kind) or kind
    area = next((kind for kind in _AREAS if find_column(grid, kind)), "area")
    items = column(grid, area)
    offset = np.zeros(len(stamps.wall), dtype=np.int64) if stamps.offset is None else stamps.offset
    placed = place(type(stamps)(stamps.wall, offset), items, zone, side=options.stamps or "start")
    naming = named(
        grid,
        _TITLE,
        time=find_column(grid, "datetime_beginning_utc") or "",
        item=find_column(grid, area) or area,
        units={value: "MW"},
    )
    values = {value: parse_numbers(column(grid, kind), delimiter=grid.delimiter).values}
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=items),
        naming,
        options,
        zone,
        guesses=(*grid.guesses, *zone_guess),
        notes=(*grid.notes, *notes),
    )


FAMILIES.add("PJM", TableFamily(title=_TITLE, signs=_signs, read=_read))
