"""What the readers of known tables share: a column by its name, and the rows whose time can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.errors import UnreadableFileError
from connectors.files.series import plain
from connectors.files.times import parse_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.source import DateOrder, Grid
    from connectors.files.stamps import Stamps


def find_column(grid: Grid, wanted: str) -> str | None:
    """Name of the first column called so, accents and capitals aside."""
    return next((name for name in grid.cells.columns if plain(name) == wanted), None)


def column(grid: Grid, wanted: str) -> NDArray[np.object_]:
    """Texts of a column, "" in every row where there is no such column [n]."""
    name = find_column(grid, wanted)
    if name is None:
        return np.full(len(grid.cells), "", dtype=object)
    return np.asarray(grid.cells[name].to_numpy(), dtype=object)


def readable(grid: Grid, time: str, *, dates: DateOrder | None = None) -> tuple[Grid, Stamps, tuple[str, ...]]:
    """The rows of a table whose time can be read, the times, and a note about the others.

    Args:
        grid: The table.
        time: Name of the time column, accents and capitals aside.
        dates: Whether the day or the month stands first, where the family says so.

    Raises:
        UnreadableFileError: If there is none.
    """
    stamps = parse_times(column(grid, time), dates=dates)
    rows = stamps.readable
    if not rows.any():
        first = str(column(grid, time)[0])
        raise UnreadableFileError(
            f"The column {find_column(grid, time)!r} of {grid.name!r} holds no times: {grid.place} {grid.lines[0]} "
            f"holds {first[:60]!r}.",
            expected='Times are written like "2024-10-27 02:00" or "27/10/2024 02:00".',
            fix="Export the file again.",
        )
    notes = left_out(grid, rows)
    if not rows.all():
        grid, stamps = grid.keep(rows), stamps.keep(rows)
    refuse_overflow(grid)
    return grid, stamps, notes


def left_out(grid: Grid, rows: NDArray[np.bool_]) -> tuple[str, ...]:
    """A note about the rows whose time could not be read.

    Args:
        grid: The table.
        rows: Rows whose time could be read [n].
    """
    others = np.flatnonzero(~rows)
    if not len(others):
        return ()
    many = f"{len(others)} rows whose time could not be read were"
    one = "1 row whose time could not be read was"
    return (f"{many if len(others) > 1 else one} left out: first {grid.where(int(others[0]))}",)


def refuse_overflow(grid: Grid) -> None:
    """Refuse rows with more fields than the header.

    Raises:
        UnreadableFileError: If there is one.
    """
    if grid.overflow is None or not grid.overflow.any():
        return
    row = int(np.flatnonzero(grid.overflow)[0])
    raise UnreadableFileError(
        f"{grid.where(row)} has more fields than the header of {grid.name!r}.",
        expected=f"Every line has {grid.cells.shape[1]} fields.",
        fix="Where a comma is the decimal mark, separate the fields by semicolons.",
    )
