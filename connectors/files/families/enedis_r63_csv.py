"""The load curve Enedis sends to businesses as CSV (flow R63): every row says its meter, its kind and its step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.files.durations import duration
from connectors.files.families.family import FAMILIES, TableFamily, interval_grid, named, side_of, zone_of
from connectors.files.intervals import Readings
from connectors.files.numbers import parse_numbers
from connectors.files.placing import place
from connectors.files.series import choose_series, plain
from connectors.files.tables import column, find_column, readable
from connectors.files.times import parse_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.source import Grid, Guess, SourceOptions, StampSide
    from connectors.files.stamps import Stamps

_TITLE = "a load curve of Enedis for businesses (R63)"
_NEEDED = ("identifiant prm", "horodate", "valeur")
#: What tells the series of a meter apart.
_KINDS = ("grandeur physique", "grandeur metier", "etape metier", "unite")


def _signs(grid: Grid) -> bool:
    return set(_NEEDED) <= {plain(name) for name in grid.cells.columns}


def _read(grid: Grid, options: SourceOptions) -> Grid:
    grid, stamps, notes = readable(grid, "horodate")
    kinds = [column(grid, kind) for kind in _KINDS]
    labels = np.array([" ".join(" ".join(parts).split()) for parts in zip(*kinds, strict=True)], dtype=object)
    label = choose_series(labels.tolist(), options, grid.name)
    chosen = labels == label
    unit = str(kinds[-1][chosen][0])
    grid, stamps = grid.keep(chosen), stamps.keep(chosen)
    zone, zone_guess = zone_of(options, "Europe/Paris", "Enedis serves mainland France")
    side, side_guess = _side(grid, stamps, options)
    prm = column(grid, "identifiant prm")
    placed = place(stamps, prm, zone, side=side, length=_lengths(grid))
    naming = named(
        grid,
        _TITLE,
        time=find_column(grid, "horodate") or "",
        item=find_column(grid, "identifiant prm") or "",
        units={find_column(grid, "valeur") or "": unit},
        chosen=label,
    )
    values = dict.fromkeys(naming.units, parse_numbers(column(grid, "valeur"), delimiter=grid.delimiter).values)
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=prm),
        naming,
        options,
        zone,
        guesses=(*grid.guesses, *zone_guess, *side_guess),
        notes=(*grid.notes, *notes, *placed.notes),
    )


def _side(grid: Grid, stamps: Stamps, options: SourceOptions) -> tuple[StampSide, tuple[Guess, ...]]:
    """A period from midnight to midnight holds its first moment as a start, or its last as an end."""
    begins = bool((parse_times(column(grid, "date de debut")).wall == stamps.wall).any())
    ends = bool((parse_times(column(grid, "date de fin")).wall == stamps.wall).any())
    if begins and not ends:
        return side_of(options, "start", "the first time is the first moment of the period")
    return side_of(options, "end", "Enedis names the end of each interval")


def _lengths(grid: Grid) -> NDArray[np.int64] | None:
    """Lengths of the intervals as the rows say them; None where they do not."""
    said = column(grid, "pas")
    known = {text: duration(text) for text in set(said.tolist())}
    found = np.array([known[text] for text in said.tolist()], dtype=np.int64)
    if not found.any():
        return None
    sizes, counts = np.unique(found[found > 0], return_counts=True)
    return np.where(found > 0, found, sizes[counts.argmax()])


FAMILIES.add("Enedis R63 CSV", TableFamily(title=_TITLE, signs=_signs, read=_read))
