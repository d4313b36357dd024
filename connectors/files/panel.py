"""A panel with a column for every series, to one with a row for every series and time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import DataError
from connectors.files.dataframe import is_time_type
from connectors.files.timecolumn import find_time

if TYPE_CHECKING:
    from connectors.files.source import Grid, SourceOptions

#: What the values and the names of the series are called where nobody says it.
VALUE, ITEM = "value", "column"


def as_long(grid: Grid, options: SourceOptions) -> tuple[Grid, SourceOptions]:
    """The cells of a panel with its columns one below the other, and the options that go with it.

    Args:
        grid: The panel: a column of times, and one of values for every series.
        options: What the user said; the target is the name of what the columns hold.

    Raises:
        DataError: If there is no column beside the times, or the target is one of them.
    """
    time = find_time(grid, replace(options, target=None, required=()))
    taken = {*time.columns, *time.others, *options.ignore}
    series = [name for name in grid.cells.columns if name not in taken and not is_time_type(grid.cells[name].dtype)]
    value = options.target or VALUE
    if not series or value in series:
        raise DataError(
            f"The table {grid.name!r} has the columns {', '.join(map(repr, grid.cells.columns[:8]))}.",
            expected="With --wide every column beside the times is a series, and --target names what they hold.",
            fix="Leave --wide out to forecast one column, or give --target the name of what the columns hold.",
        )
    times = grid.cells[list(time.columns)]
    parts = [pd.concat([times, grid.cells[name].rename(value)], axis=1) for name in series]
    cells = pd.concat(parts, ignore_index=True)
    cells[ITEM] = pd.Series(np.repeat(np.array(series, dtype=object), len(times)), dtype=object)
    lines = np.tile(grid.lines.astype(np.int64), len(series))
    overflow = None if grid.overflow is None else np.tile(grid.overflow, len(series))
    long = replace(grid, cells=cells, lines=lines, overflow=overflow, item=ITEM, target=value)
    return long, replace(options, target=value, item=ITEM, ignore=())
