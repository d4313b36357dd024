"""A text file to cells under a header."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.files.dialect import DELIMITERS, SAMPLE_LINES, Layout, cannot_cut, find_delimiter, find_layout, split
from connectors.files.source import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from connectors.files.form import Form

#: Longest line [characters] and widest table read: more is no table of readings, and would fill any memory.
MAX_LINE, MAX_COLUMNS = 1 << 20, 4_096

_SEPARATOR_NAMES = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read_text(text: str, encoding: str, *, name: str, series: str, form: Form | None = None) -> Grid:
    """Cells of a text with separators.

    Args:
        text: The decoded text.
        encoding: The encoding it was in.
        name: Name of the file, for messages.
        series: What a single series is called.
        form: What the file was like, if it was read before.

    Raises:
        UnreadableFileError: If there is no reading in it.
        DataError: If it is not what it was like.
    """
    check_lines(text, name)
    head = _first_lines(text)
    _check_width(head, name)
    try:
        delimiter = _delimiter(head, form)
        sample = split(head, delimiter)
        layout = find_layout(sample)
        if form is not None:
            form.check(name, encoding=encoding, delimiter=delimiter)
        if layout.first >= len(sample):
            raise no_readings(name)
        cells = _cells(text, delimiter, layout, name)
    except (csv.Error, pd.errors.ParserError) as error:
        raise cannot_cut(name, error) from error
    header = None if layout.header is None else sample[layout.header]
    if header is not None and _are_numbered(cells, len(header)):
        header = ["", *header]
    names, notes = header_names(header, cells)
    notes = (*_about_format(encoding, delimiter), *skipped_note(sample, layout, "line"), *notes)
    overflow = _overflow(cells, len(names))
    cells = cells.iloc[:, : len(names)].set_axis(names, axis=1)
    return tidy(
        Grid(
            cells=cells,
            name=name,
            series=series,
            lines=np.arange(len(cells), dtype=np.int64) + layout.first + 1,
            above=tuple(head[: layout.first]),
            delimiter=delimiter,
            encoding=encoding,
            width=len(names),
            header=None if layout.header is None else layout.header + 1,
            overflow=overflow,
            notes=notes,
        )
    )


def _delimiter(head: Sequence[str], form: Form | None) -> str:
    """What separates the fields: what did before, as long as the names of the columns stand in a line."""
    if form is not None and form.delimiter is not None:
        rows = split(head, form.delimiter)
        if any(set(form.columns) <= {cell.strip("\ufeff \"'") for cell in row} for row in rows):
            return form.delimiter
    return find_delimiter(head)


def check_lines(text: str, name: str) -> None:
    """Refuse a text with a line too long to be one of readings.

    Raises:
        UnreadableFileError: If there is one.
    """
    place = 0
    while place + MAX_LINE < len(text):
        end = text.rfind("\n", place, place + MAX_LINE + 1)
        if end < 0:
            raise UnreadableFileError(
                f"The file {name!r} has a line of over {MAX_LINE:,} characters: {text[place : place + 40]!r}...",
                expected="A line holds one reading of each column.",
                fix="Save it with one row for every time.",
            )
        place = end + 1


def _check_width(lines: Sequence[str], name: str) -> None:
    width = max(line.count(mark) for line in lines for mark in DELIMITERS) + 1
    if width > MAX_COLUMNS:
        raise too_wide(name, width)


def too_wide(name: str, width: int) -> UnreadableFileError:
    """The error for a table with more columns than any of readings has."""
    return UnreadableFileError(
        f"The file {name!r} has a line of {width:,} fields.",
        expected=f"A table has up to {MAX_COLUMNS:,} columns.",
        fix="Save it with one row for every time and one column for every series.",
    )


def no_readings(name: str) -> UnreadableFileError:
    """The error for a file without a row below its header."""
    return UnreadableFileError(
        f"The file {name!r} holds no readings.",
        expected="A table has a header line and readings below it.",
        fix="Export it again.",
    )


def _first_lines(text: str) -> list[str]:
    place = -1
    for _ in range(SAMPLE_LINES):
        place = text.find("\n", place + 1)
        if place < 0:
            break
    head = text if place < 0 else text[:place]
    return head.rstrip("\n").split("\n")


def _about_format(encoding: str, delimiter: str) -> tuple[str, ...]:
    notes = []
    if encoding != "UTF-8":
        notes.append(f"the text is in {encoding}")
    if delimiter in _SEPARATOR_NAMES:
        notes.append(f"fields are separated by {_SEPARATOR_NAMES[delimiter]}")
    return tuple(notes)


def _cells(text: str, delimiter: str, layout: Layout, name: str) -> pd.DataFrame:
    body = text.split("\n", layout.first)[-1]
    separator = delimiter or "\x1f"
    width = max(layout.width, _widest(body, separator))
    if width > MAX_COLUMNS:
        raise too_wide(name, width)
    return pd.read_csv(
        io.StringIO(body),
        sep=separator,
        header=None,
        names=range(width),
        index_col=False,
        dtype=object,
        keep_default_na=False,
        skip_blank_lines=False,
        skipinitialspace=True,
    ).fillna("")


def _widest(body: str, separator: str) -> int:
    """Fields of the widest row; no row may be cut."""
    if '"' in body:
        return max(len(row) for row in csv.reader(io.StringIO(body), delimiter=separator, skipinitialspace=True))
    return 1 + max(line.count(separator) for line in body.split("\n"))


def _overflow(cells: pd.DataFrame, width: int) -> NDArray[np.bool_] | None:
    if cells.shape[1] <= width:
        return None
    extra = cells.iloc[:, width:]
    return np.asarray((extra != "").any(axis=1), dtype=np.bool_)


def _are_numbered(cells: pd.DataFrame, width: int) -> bool:
    """Whether every row has its number before the fields of the header, as R writes it."""
    if cells.shape[1] != width + 1 or not (cells.iloc[:, width] != "").all():
        return False
    return bool((cells.iloc[:, 0] == np.arange(1, len(cells) + 1).astype(str)).all())


def header_names(header: Sequence[str] | None, cells: pd.DataFrame) -> tuple[list[str], tuple[str, ...]]:
    """A unique name for every column, and what had to be made up."""
    if header is None:
        names = [f"column {place + 1}" for place in range(cells.shape[1])]
        return names, (f"there is no header line; the columns are called {names[0]!r} to {names[-1]!r}",)
    names, notes = [], []
    for place, cell in enumerate(header):
        wanted = cell.strip("\ufeff \"'") or f"column {place + 1}"
        name = wanted
        while name in names:
            name = f"{wanted}.{names.count(wanted) + sum(other.startswith(wanted + '.') for other in names)}"
        if name != wanted:
            notes.append(f"the header {wanted!r} stands twice; the later column is called {name!r}")
        names.append(name)
    return names, tuple(notes)


def skipped_note(rows: Sequence[Sequence[str]], layout: Layout, place: str) -> tuple[str, ...]:
    """What stood above the header, or between it and the readings."""
    notes = []
    titles = layout.header or 0
    if any(any(row) for row in rows[:titles]):
        lines = (
            f"{titles} title {place}s above the header were"
            if titles > 1
            else f"1 title {place} above the header was"
        )
        notes.append(f"{lines} skipped")
    if layout.header is not None:
        between = sum(any(row) for row in rows[layout.header + 1 : layout.first])
        if between:
            lines = f"{between} {place}s" if between > 1 else f"1 {place}"
            notes.append(f"{lines} between the header and the readings left out")
    return tuple(notes)


def tidy(grid: Grid) -> Grid:
    """Without blank rows and without columns that have neither a name nor a value.

    Raises:
        UnreadableFileError: If nothing is left.
    """
    filled = np.zeros(len(grid.cells), dtype=np.bool_)
    empty = []
    for name in grid.cells.columns:
        has_value = np.array([bool(cell.strip()) for cell in grid.cells[name].to_numpy()], dtype=np.bool_)
        filled |= has_value
        if not has_value.any() and name.startswith("column "):
            empty.append(name)
    kept = grid if filled.all() else grid.keep(filled)
    if not filled.any():
        raise no_readings(grid.name)
    return replace(kept, cells=kept.cells.drop(columns=empty))
