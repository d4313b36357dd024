"""Read any table: CSV and its relatives, Parquet, Excel, DataFrames.

Everything that is not said in the options is found in the data and listed as a ``Guess``, with the option that
overrides it. What is left out or changed on the way is listed as a note. What cannot be read right is refused.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, MissingColumnsError, UnreadableFileError
from connectors.files.clock import to_timestamps
from connectors.files.columns import check_names, find_items, read_columns, with_known_names
from connectors.files.dataframe import read_frame
from connectors.files.decode import is_excel, is_parquet, read_bytes, to_text, unpack
from connectors.files.excel import read_excel
from connectors.files.families import refuse_special, register_note
from connectors.files.local import check_zone
from connectors.files.parquet import read_parquet
from connectors.files.source import Grid, Guess, SourceOptions, Table
from connectors.files.text import read_text
from connectors.files.timecolumn import TimeColumn, find_time
from connectors.files.units import unit_of
from connectors.frame import HISTORY_COLUMNS

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from connectors.files.clock import Clock
    from connectors.files.columns import Columns, Items

__all__ = ["Guess", "SourceOptions", "Table", "read_table", "require_target"]

logger = logging.getLogger(__name__)


def read_table(
    source: str | os.PathLike[str] | pd.DataFrame | pd.Series[Any], options: SourceOptions | None = None
) -> Table:
    """Read a file or a DataFrame.

    Args:
        source: Path of a file (its content decides the format, not its ending), or a table in memory, which stays
            as it is.
        options: What the user said about it.

    Raises:
        UnreadableFileError: If the file is missing, empty, or no table that can be read right.
        MissingColumnsError: If a column that was named is not there.
        IrregularTimestampsError: If no column is the time, several are, or there is no regular step.
        DataError: If the target or a required column is not numeric.
        ConfigError: If an option contradicts the data or names an unknown zone, step or sheet.
        MissingExtraError: If an Excel file is read without openpyxl.
    """
    options = options or SourceOptions()
    if options.time_zone is not None:
        check_zone(options.time_zone)
    grid = _grid(source, options)
    check_names(grid, options)
    if grid.delimiter:
        refuse_special(grid)
    grid = with_known_names(grid, options)
    grid, found = _readable(grid, find_time(grid, options))
    target = options.target or grid.target
    columns = read_columns(grid, options, (*found.columns, *found.others), target)
    items = find_items(grid, options, columns, found.stamps.wall, target)
    clock = to_timestamps(found, items.codes, options)
    return _table(grid, found, columns, items, clock, target, options)


def require_target(table: Table) -> str:
    """The target of a table that must have one.

    Raises:
        MissingColumnsError: If no column was named as the target.
    """
    if table.target is None:
        raise MissingColumnsError(
            f"No column of {table.name!r} was named as the one to predict.",
            expected=f"Its numeric columns are {', '.join(table.covariates) or 'none'}.",
            fix=f"Give --target {table.covariates[0] if table.covariates else 'NAME'!r}.",
        )
    return table.target


def _grid(source: str | os.PathLike[str] | pd.DataFrame | pd.Series[Any], options: SourceOptions) -> Grid:
    if isinstance(source, (pd.DataFrame, pd.Series)):
        return read_frame(source)
    path = Path(source)
    data = read_bytes(path)
    series = path.name.removesuffix(".gz").removesuffix(".zip")
    series = series.rsplit(".", 1)[0] or "series"
    if is_parquet(data):
        return read_parquet(path, series=series)
    data, inside = unpack(data, path.name)
    if is_parquet(data):
        raise UnreadableFileError(
            f"The archive {path.name!r} holds Parquet.", fix="Unpack it and give the file inside."
        )
    if is_excel(data):
        return read_excel(data, name=path.name, series=series, sheet=options.sheet)
    text, encoding = to_text(data, inside)
    return read_text(text, encoding, name=path.name, series=series)


def _readable(grid: Grid, found: TimeColumn) -> tuple[Grid, TimeColumn]:
    """Without the rows whose time could not be read: totals, remarks, footers."""
    rows = found.stamps.readable
    if not rows.all():
        left_out = np.flatnonzero(~rows)
        many = len(left_out) > 1
        rows_left = (
            f"{len(left_out)} rows whose time could not be read were"
            if many
            else "1 row whose time could not be read was"
        )
        note = f"{rows_left} left out: first {grid.where(int(left_out[0]))}"
        found = replace(found, stamps=found.stamps.keep(rows), notes=(*found.notes, note))
        grid = grid.keep(rows)
    if grid.overflow is not None and grid.overflow.any():
        row = int(np.flatnonzero(grid.overflow)[0])
        raise UnreadableFileError(
            f"{grid.where(row)} has more fields than the header of {grid.name!r}.",
            expected=f"Every line has {grid.cells.shape[1]} fields.",
            fix="Where a comma is the decimal mark, separate the fields by semicolons.",
        )
    return grid, found


def _table(
    grid: Grid,
    found: TimeColumn,
    columns: Columns,
    items: Items,
    clock: Clock,
    target: str | None,
    options: SourceOptions,
) -> Table:
    covariates, notes = _covariates(columns, items, target, options)
    nameless = int((items.codes < 0).sum())
    if nameless:
        were = "rows without a name were" if nameless > 1 else "row without a name was"
        notes.append(f"{nameless} {were} left out: {items.name!r} is empty there")
    rows = _sorted_rows(items, clock)
    frame = _frame(columns, items, clock, target, covariates, rows)
    if target is not None:
        notes += register_note(target, frame["target"].to_numpy(), items.codes[rows])
    by_name = Guess("target", target or "", "its name says so", "--target")
    guesses = (
        *grid.guesses,
        *((by_name,) if target is not None and options.target is None else ()),
        *found.guesses,
        *((items.guess,) if items.guess else ()),
        *clock.guesses,
    )
    logger.debug("read %s: %d rows, step %s", grid.name, len(frame), clock.freq)
    return Table(
        frame=frame,
        name=grid.name,
        target=target,
        time=found.name,
        item=items.name,
        freq=clock.freq,
        time_zone=clock.time_zone,
        unit=None if target is None else unit_of(target),
        covariates=covariates,
        guesses=guesses,
        notes=(*grid.notes, *found.notes, *columns.notes, *notes, *clock.notes),
    )


def _covariates(
    columns: Columns, items: Items, target: str | None, options: SourceOptions
) -> tuple[tuple[str, ...], list[str]]:
    """The numeric columns kept, and what is said about the others."""
    notes = []
    for name, cells in columns.texts.items():
        if name != items.name:
            kind = "text" if any(cells) else "empty"
            notes.append(f"{kind} column {name!r} is not used")
    kept = []
    for name in columns.numbers:
        if name in (target, items.name):
            continue
        if name not in HISTORY_COLUMNS:
            kept.append(name)
        elif name in options.required:
            raise ConfigError(
                f"The column {name!r} cannot be a covariate.",
                expected=f"The names {', '.join(HISTORY_COLUMNS)} belong to the table itself.",
                fix="Rename the column.",
            )
        else:
            notes.append(f"column {name!r} is not used: the name belongs to the table itself")
    return tuple(kept), notes


def _sorted_rows(items: Items, clock: Clock) -> NDArray[np.int64]:
    """Rows that have an item and a time, by item and time; equal ones in the order of the file."""
    order = np.lexsort((clock.timestamp, items.codes))
    return order[(items.codes[order] >= 0) & ~np.isnat(clock.timestamp[order])]


def _frame(
    columns: Columns,
    items: Items,
    clock: Clock,
    target: str | None,
    covariates: tuple[str, ...],
    rows: NDArray[np.int64],
) -> pd.DataFrame:
    labels = pd.array(items.labels, dtype="str")
    data: dict[str, Any] = {
        "item_id": labels.take(items.codes[rows]),
        "timestamp": pd.DatetimeIndex(clock.timestamp[rows]).as_unit("ns").tz_localize("UTC"),
    }
    if target is not None:
        data["target"] = columns.numbers[target][rows]
    return pd.DataFrame({**data, **{name: columns.numbers[name][rows] for name in covariates}})
