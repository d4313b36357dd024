"""Where a text holds its table: what separates the fields, which line is the header."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import UnreadableFileError
from connectors.files.times import is_time

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIMITERS = (";", ",", "\t", "|")

#: Lines looked at; a header stands further up in every file seen.
SAMPLE_LINES = 120


@dataclass(frozen=True)
class Layout:
    """Where the table is.

    Attributes:
        header: Position of the header among the rows, or None when the readings begin at once.
        first: Position of the first reading.
        width: Fields of a row.
    """

    header: int | None
    first: int
    width: int


def find_delimiter(lines: Sequence[str]) -> str:
    """The character that separates the fields, "" for a single column.

    The right one gives most rows the same width and leaves whole times in their cells. A decimal comma also
    gives a constant width, but cuts ``27/10/2024 01:00;890,90`` into cells that are no times.
    """
    scores = {mark: _score(split(lines, mark)) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: scores[mark])
    return best if scores[best] > (0.0, 0.0, 0) else ""


def _score(rows: Sequence[Sequence[str]]) -> tuple[float, float, int]:
    filled = [row for row in rows if any(row)]
    widths = Counter(len(row) for row in filled if len(row) > 1)
    if not widths:
        return (0.0, 0.0, 0)
    width, _ = max(widths.items(), key=lambda pair: (pair[1], pair[0]))
    alike = [row for row in filled if len(row) == width]
    timed = sum(any(is_time(cell) for cell in row) for row in alike)
    return (round(timed / len(filled), 1), len(alike) / len(filled), width)


def split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Lines cut into stripped cells, quotes respected."""
    if not delimiter:
        return [[line.strip()] for line in lines]
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    return [[cell.strip() for cell in row] for row in reader]


def split_or_refuse(lines: Sequence[str], delimiter: str, name: str) -> list[list[str]]:
    """Lines cut into stripped cells.

    Raises:
        UnreadableFileError: If a quotation mark is never closed, or a field has no end.
    """
    try:
        return split(lines, delimiter)
    except csv.Error as error:
        raise cannot_cut(name, error) from error


def cannot_cut(name: str, error: Exception) -> UnreadableFileError:
    """The error for lines that cannot be cut into fields."""
    return UnreadableFileError(
        f"The lines of {name!r} cannot be cut into fields: {error}.",
        expected="A field that begins with a quotation mark ends with one.",
        fix="Remove the stray quotation mark, or export the file again.",
    )


def find_layout(rows: Sequence[Sequence[str]]) -> Layout:
    """Where the readings begin, and which row above them is the header.

    The first reading is the first row with a time in it that is followed by more of the same width; its header is
    the nearest row above with a name for every field. Without a single time the first full row is the header.
    """
    timed = [any(is_time(cell) for cell in row) for row in rows]
    for first, row in enumerate(rows):
        after = [place for place in range(first + 1, min(first + 4, len(rows))) if any(rows[place])]
        alike = sum(timed[place] and _width(rows[place]) <= len(row) for place in after)
        if timed[first] and 2 * alike >= len(after):
            header = _header_above(rows, first)
            return Layout(header, first, len(row) if header is None else len(rows[header]))
    return _without_times(rows)


def _width(row: Sequence[str]) -> int:
    """Fields up to the last that is filled: Excel pads every line to the widest."""
    return max((place + 1 for place, cell in enumerate(row) if cell), default=0)


def _header_above(rows: Sequence[Sequence[str]], first: int) -> int | None:
    reading = rows[first]
    needed = _width(reading)
    for place in range(first - 1, -1, -1):
        cells = [*rows[place][:needed], *[""] * (needed - len(rows[place]))]
        names = sum(bool(cell) and not _is_number(cell) and not is_time(cell) for cell in cells)
        nameless = sum(not cell and not is_time(value) for cell, value in zip(cells, reading, strict=False))
        # A blank field or two is a column nobody named (the index of a DataFrame); a title fills one of many.
        if names and (2 * names > needed or not nameless):
            # Below the names there may be a line of units, blank where the times stand.
            above = rows[place - 1][:needed] if place and names < needed else []
            return place - 1 if len(above) == needed and all(above) else place
    return None


def _without_times(rows: Sequence[Sequence[str]]) -> Layout:
    widths = Counter(_width(row) for row in rows if any(row))
    width = max(widths, key=lambda number: widths[number] * number, default=0)
    for place, row in enumerate(rows):
        if _width(row) >= width > 0:
            named = not any(_is_number(cell) for cell in row if cell)
            return Layout(place if named else None, place + named, len(row))
    return Layout(None, 0, width)


def _is_number(cell: str) -> bool:
    digits = cell.replace(",", "").replace(".", "").replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    return digits.lstrip("+-").isdigit()
