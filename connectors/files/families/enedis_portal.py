"""Downloads of Enedis' portal: a load curve as text, or a workbook of half-hours, hours or days."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from connectors.files.families.family import FAMILIES, TableFamily, interval_grid, named, side_of, zone_of
from connectors.files.intervals import Readings
from connectors.files.numbers import parse_numbers
from connectors.files.placing import place
from connectors.files.series import plain
from connectors.files.tables import column, find_column, readable
from connectors.files.times import parse_times
from connectors.files.units import unit_of

if TYPE_CHECKING:
    from connectors.files.source import Grid, Guess, SourceOptions, StampSide
    from connectors.files.stamps import Stamps

_TITLE = "an export of Enedis' portal"
_MARKS = ("courbe de charge linky", "point reference mesure (prm)")
_TIMES = ("horodate fin de pas", "horodate iso fin de pas", "horodate", "debut", "date")
_VALUES = ("puissance moyenne", "valeur (en")


def _time(grid: Grid) -> str | None:
    return next((name for name in _TIMES if find_column(grid, name)), None)


def _value(grid: Grid) -> str | None:
    return next((name for name in grid.cells.columns if plain(name).startswith(_VALUES)), None)


def _signs(grid: Grid) -> bool:
    time = _time(grid)
    if time is None or _value(grid) is None:
        return False
    return "fin de pas" in time or any(mark in plain(line) for line in grid.above for mark in _MARKS)


def _read(grid: Grid, options: SourceOptions) -> Grid:
    time, value = _time(grid) or "", _value(grid) or ""
    zone, zone_guess = zone_of(options, "Europe/Paris", "Enedis serves mainland France")
    units = {value: unit_of(value) or ""}
    naming = named(grid, _TITLE, time=find_column(grid, time) or "", item="PRM", units=units)
    seen = parse_times(column(grid, time))
    if seen.dates_only and seen.offset is None:
        # Days, or Excel's day numbers: dates whatever the clock.
        cells, said = grid.cells[[naming.time, value]], naming.said(time_zone=zone)
        guesses = (*grid.guesses, *zone_guess)
        return replace(grid, cells=cells, time=naming.time, target=value, said=said, guesses=guesses)
    grid, stamps, notes = readable(grid, time)
    side, side_guess = _side(time, stamps, options)
    items = np.full(len(stamps.wall), "", dtype=object)
    placed = place(stamps, items, zone, side=side)
    values = {value: parse_numbers(column(grid, plain(value)), delimiter=grid.delimiter).values}
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=items),
        naming,
        options,
        zone,
        guesses=(*grid.guesses, *zone_guess, *side_guess),
        notes=(*grid.notes, *notes, *placed.notes),
    )


def _side(time: str, stamps: Stamps, options: SourceOptions) -> tuple[StampSide, tuple[Guess, ...]]:
    """Whole days begin at midnight when their times are starts, and end at one when they are ends."""
    if time == "debut":
        return side_of(options, "start", "the header says so")
    first, last = (wall == wall.astype("M8[D]") for wall in (stamps.wall.min(), stamps.wall.max()))
    if time == "date" and first and not last:
        return side_of(options, "start", "the days begin at 00:00")
    return side_of(options, "end", "Enedis names the end of each interval")


FAMILIES.add("Enedis portal", TableFamily(title=_TITLE, signs=_signs, read=_read))
