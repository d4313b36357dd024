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
from connectors.files.bulk import read_bulk
from connectors.files.clock import to_timestamps
from connectors.files.columns import check_names, find_items, read_columns, with_known_names
from connectors.files.dataframe import read_frame
from connectors.files.decode import is_excel, is_parquet, read_bytes, refuse_markup, to_text, unpack
from connectors.files.document import Document
from connectors.files.excel import read_excel
from connectors.files.families import read_document, read_known
from connectors.files.jitter import without_jitter
from connectors.files.local import check_zone
from connectors.files.mtypes import as_frame
from connectors.files.panel import as_long
from connectors.files.parquet import read_parquet
from connectors.files.register import find_meters, is_register, take_differences
from connectors.files.remember import about_grid, beginnings, form_of, remembered
from connectors.files.repeats import changes_of
from connectors.files.slices import slices
from connectors.files.source import Grid, Guess, SourceOptions, Table
from connectors.files.steps import in_order
from connectors.files.tables import left_out, refuse_overflow
from connectors.files.text import read_text
from connectors.files.timecolumn import TimeColumn, find_time
from connectors.files.units import unit_of
from connectors.frame import HISTORY_COLUMNS

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from connectors.files.clock import Clock
    from connectors.files.columns import Columns, Items
    from connectors.files.source import RegisterUse

__all__ = ["Guess", "SourceOptions", "Table", "read_table", "require_target"]

logger = logging.getLogger(__name__)


def read_table(
    source: str | os.PathLike[str] | pd.DataFrame | pd.Series[Any] | Sequence[pd.DataFrame],
    options: SourceOptions | None = None,
    *,
    name: str = "DataFrame",
    series: str = "series",
) -> Table:
    """Read a file or a DataFrame.

    Args:
        source: Path of a file (its content decides the format, not its ending), or a table in memory, which stays
            as it is.
        options: What the user said about it.
        name: What a table in memory is called.
        series: What its series is called, when there is but one.

    Raises:
        UnreadableFileError: If the file is missing, empty, or no table that can be read right.
        MissingColumnsError: If a column that was named is not there.
        IrregularTimestampsError: If no column is the time, several are, or there is no regular step.
        DataError: If the target or a required column is not numeric, or the file is not like ``options.form`` says.
        ConfigError: If an option contradicts the data or names an unknown zone, step or sheet.
        MissingExtraError: If an Excel file is read without openpyxl.
    """
    options = given = options or SourceOptions()
    source = as_frame(source)
    if options.time_zone is not None:
        check_zone(options.time_zone)
    grid = _grid(source, options)
    if isinstance(source, (pd.DataFrame, pd.Series)):
        grid = replace(grid, name=name, series=series)
    about = about_grid(grid)
    if options.form is not None:
        options.form.check(grid.name, **about)
    if options.wide:
        grid, options = as_long(grid, options)
    options = check_names(grid, options)
    options = options if grid.said is None else grid.said.over(options)
    grid = with_known_names(grid, options)
    grid, found, ignored = _readable(grid, find_time(grid, options))
    found = found if grid.said is not None else without_jitter(found)
    target = options.target or grid.target
    columns = read_columns(grid, options, (*found.columns, *found.others), target)
    items = find_items(grid, options, columns, found.stamps.wall, target)
    freq = None if grid.said is None else grid.said.freq
    clock = to_timestamps(found, items.codes, options, name=grid.name, freq=freq)
    table = _table(grid, found, columns, items, clock, target, options)
    form = form_of(about, found, columns, items, clock, unit=table.unit, ignored=ignored)
    return remembered(table, given, form, clock, found, grid)


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


def read_cells(source: str | os.PathLike[str] | pd.DataFrame) -> Grid:
    """The cells of a table under their header, before anything is known about them.

    Raises:
        UnreadableFileError: If the file cannot be read.
    """
    return _grid(source, SourceOptions())


def _grid(source: Any, options: SourceOptions) -> Grid:
    if isinstance(source, (pd.DataFrame, pd.Series)):
        return read_frame(source)
    path = Path(source)
    series = path.name.removesuffix(".gz").removesuffix(".zip")
    series = series.rsplit(".", 1)[0] or "series"
    large = read_bulk(path, options, series=series)
    if large is not None:
        return large
    data = read_bytes(path)
    if is_parquet(data):
        return read_parquet(path, series=series)
    data, inside = unpack(data, path.name)
    if is_parquet(data):
        raise UnreadableFileError(
            f"The archive {path.name!r} holds Parquet.", fix="Unpack it and give the file inside."
        )
    if is_excel(data):
        return read_known(read_excel(data, name=path.name, series=series, sheet=options.sheet), options)
    before = None if options.form is None else options.form.encoding
    text, encoding = to_text(data, inside, encoding=before, said=options.encoding)
    known = read_document(Document(path.name, series, text), options)
    if known is not None:
        return known
    refuse_markup(text, inside)
    # A family that is no longer told by its signs is said by its name, not by what its text looks like now.
    form = None if options.form is None or options.form.family is not None else options.form
    return read_known(read_text(text, encoding, name=path.name, series=series, form=form), options)


def _readable(grid: Grid, found: TimeColumn) -> tuple[Grid, TimeColumn, tuple[str, ...]]:
    """Without the rows whose time could not be read (totals, remarks, footers), and how those begin."""
    rows = found.stamps.readable
    notes = left_out(grid, rows)
    ignored: tuple[str, ...] = ()
    if not rows.all():
        ignored = beginnings(grid.keep(~rows))
        found = replace(found, stamps=found.stamps.keep(rows), notes=(*found.notes, *notes))
        grid = grid.keep(rows)
    refuse_overflow(grid)
    return grid, found, ignored


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
    register: tuple[Guess, ...] = ()
    if target is not None and grid.said is None:
        frame, register, notes = _without_register(frame, target, columns, items, rows, clock.freq, options, notes)
    guesses = _guesses(grid, found, items, clock, target, options)
    logger.debug("read %s: %d rows, step %s", grid.name, len(frame), clock.freq)
    return Table(
        frame=frame,
        name=grid.name,
        target=target,
        time=found.name,
        item=items.name,
        freq=clock.freq,
        time_zone=clock.time_zone,
        unit=_unit(grid, target),
        covariates=covariates,
        guesses=(*guesses, *register),
        notes=(*grid.notes, *found.notes, *columns.notes, *notes, *clock.notes),
        options=replace(options, register=_register_use(options, register)),
    )


def _register_use(options: SourceOptions, found: tuple[Guess, ...]) -> RegisterUse:
    return options.register or ("differences" if found else "as-read")


def _guesses(
    grid: Grid, found: TimeColumn, items: Items, clock: Clock, target: str | None, options: SourceOptions
) -> tuple[Guess, ...]:
    """Everything guessed; what a known family says of itself is none, but what it assumes is."""
    guesses: tuple[Guess, ...] = ()
    if target is not None and options.target is None:
        guesses = (Guess("target", target, "its name says so", "--target"),)
    if grid.said is not None:
        why = f"the file is {grid.said.family}"
        guesses = tuple(replace(guess, why=why) for guess in guesses)
        said = {guess.what for guess in grid.guesses} | {"time column", "item column"}
        return (*grid.guesses, *guesses, *(guess for guess in clock.guesses if guess.what not in said))
    item = (items.guess,) if items.guess else ()
    return (*grid.guesses, *guesses, *found.guesses, *item, *clock.guesses)


def _unit(grid: Grid, target: str | None) -> str | None:
    if target is None:
        return None
    return grid.said.units.get(target) if grid.said is not None else unit_of(target)


def _without_register(
    frame: pd.DataFrame,
    target: str,
    columns: Columns,
    items: Items,
    rows: NDArray[np.int64] | slice,
    freq: str,
    options: SourceOptions,
    notes: list[str],
) -> tuple[pd.DataFrame, tuple[Guess, ...], list[str]]:
    """The table with a meter register turned into what was used, where the target is one."""
    cumulative, guess, about = is_register(target, frame["target"].to_numpy(), items.codes[rows], options)
    if not cumulative:
        return frame, guess, [*notes, *about]
    meters = find_meters(columns.texts, columns.numbers, items.name)
    frame, found = take_differences(frame, freq, None if meters is None else meters[1][rows])
    if frame.empty:
        raise UnreadableFileError(
            f"The register {target!r} has a single reading.",
            expected="What was used is the difference between two.",
            fix="Give a longer file, or --register as-read.",
        )
    used = None if meters is None else f"text column {meters[0]!r} is not used"
    return frame, guess, [*(note for note in notes if note != used), *about, *found]


def _covariates(
    columns: Columns, items: Items, target: str | None, options: SourceOptions
) -> tuple[tuple[str, ...], list[str]]:
    """The numeric columns kept, and what is said about the others."""
    notes = []
    for name, cells in columns.texts.items():
        if name != items.name:
            kind = "text" if isinstance(cells, pd.Categorical) or any(cells) else "empty"
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


def _sorted_rows(items: Items, clock: Clock) -> NDArray[np.int64] | slice:
    """Rows that have an item and a time, by item and time; equal ones in the order of the file."""
    return in_order(items.codes, clock.timestamp, (items.codes >= 0) & ~np.isnat(clock.timestamp))


def _frame(
    columns: Columns,
    items: Items,
    clock: Clock,
    target: str | None,
    covariates: tuple[str, ...],
    rows: NDArray[np.int64] | slice,
) -> pd.DataFrame:
    data: dict[str, Any] = {
        "item_id": _names(items.labels, items.codes[rows]),
        # Whole numbers of such a column are instants in UTC: nothing is copied.
        "timestamp": pd.array(clock.timestamp[rows].view(np.int64), dtype="datetime64[ns, UTC]", copy=False),
    }
    if target is not None:
        data["target"] = columns.numbers[target][rows]
    data |= {name: columns.numbers[name][rows] for name in covariates}
    # The columns are ours alone: nothing is gained by copying them into one block.
    return pd.DataFrame(data, copy=False)


def _names(labels: list[str], codes: NDArray[Any]) -> Any:
    """The label of each row, as a column of text [n]."""
    kinds, starts = np.array(labels, dtype=object), changes_of(codes)
    if starts is not None and len(codes):
        names = np.repeat(kinds[codes[starts]], np.diff(np.append(starts, len(codes))))
    else:
        names = np.empty(len(codes), dtype=object)
        # A piece at a time: to be taken all at once, the codes would be copied as numbers twice as long.
        for piece in slices(len(codes)):
            names[piece] = kinds[codes[piece]]
    return pd.array(names, dtype="str", copy=False)
