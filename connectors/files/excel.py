"""Sheets of .xlsx files to cells under a header."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from typing import Any

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, UnreadableFileError, near_name
from connectors.extras import require
from connectors.files.decode import check_workbook
from connectors.files.dialect import SAMPLE_LINES, find_layout
from connectors.files.source import Grid, Guess
from connectors.files.text import MAX_COLUMNS, header_names, no_readings, skipped_note, tidy, too_wide
from connectors.files.times import is_time

#: Cells of a sheet read [rows x columns]; a single one in the far corner makes billions of them.
MAX_CELLS = 20_000_000
_LIKE_THOUSANDS = re.compile(r"-?\d{1,3}\.\d{3}")
#: What openpyxl raises for a broken workbook; a SyntaxError is XML that is none.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, LookupError, ValueError, TypeError, AttributeError,
    SyntaxError, RuntimeError,
)  # fmt: skip


def read_excel(data: bytes, *, name: str, series: str, sheet: str | None) -> Grid:
    """Cells of a sheet.

    Args:
        data: Content of the file.
        name: Name of the file, for messages.
        series: What a single series is called.
        sheet: Name of the sheet; None takes the first that is filled.

    Raises:
        MissingExtraError: If openpyxl is not installed.
        ConfigError: If there is no such sheet.
        UnreadableFileError: If the workbook is broken or empty.
    """
    check_workbook(data, name)
    openpyxl = require("openpyxl", extra="excel", purpose="Reading .xlsx files")
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except _BROKEN as error:
        raise _cannot_open(name, error) from error
    rows, title, guesses = _table_sheet(book, name, sheet)
    layout = find_layout(rows[:SAMPLE_LINES])
    body = rows[layout.first :]
    if not body:
        raise no_readings(name)
    width = max(layout.width, *(len(row) for row in body))
    if width > MAX_COLUMNS:
        raise too_wide(name, width)
    cells = pd.DataFrame([[*row, *[""] * (width - len(row))] for row in body], dtype=object)
    header = None if layout.header is None else [*rows[layout.header], *[""] * (width - layout.width)]
    names, notes = header_names(header, cells)
    return tidy(
        Grid(
            cells=cells.set_axis(names, axis=1),
            name=name,
            series=series,
            lines=np.arange(len(cells), dtype=np.int64) + layout.first + 1,
            place="row",
            above=tuple(" ".join(row).strip() for row in rows[: layout.first]),
            delimiter=";",
            header=None if layout.header is None else layout.header + 1,
            sheet=title,
            guesses=guesses,
            notes=(*skipped_note(rows, layout, "row"), *notes),
        )
    )


def _table_sheet(book: Any, name: str, sheet: str | None) -> tuple[list[list[str]], str, tuple[Guess, ...]]:
    """Rows and name of the sheet asked for, or of the first that holds a table of times.

    Raises:
        ConfigError: If there is no such sheet, or several hold the same kind of table.
        UnreadableFileError: If none is filled.
    """
    names = [str(title) for title in book.sheetnames]
    if sheet is not None and sheet not in names:
        raise ConfigError(f"There is no sheet {sheet!r} in {name!r}.", fix=near_name(sheet, names))
    if sheet is not None or len(names) == 1:
        rows = _rows(book, sheet or names[0], name)
        if not rows:
            raise no_readings(name)
        return rows, sheet or names[0], ()
    heads = {title: _rows(book, title, name, most=SAMPLE_LINES) for title in names}
    filled = [title for title in names if heads[title]]
    if not filled:
        raise no_readings(name)
    # A cover sheet is filled, but with words.
    timed = [title for title in filled if any(is_time(cell) for row in heads[title] for cell in row)]
    title = (timed or filled)[0]
    alike = [other for other in timed if _header(heads[other]) == _header(heads[title])]
    if len(alike) > 1:
        raise ConfigError(
            f"The sheets {', '.join(map(repr, alike))} of {name!r} hold tables with the same columns.",
            expected="One of them is forecast.",
            fix=f"Give --sheet {alike[0]!r}, or join them in one sheet.",
        )
    kind = "with times" if timed else "that is filled"
    guess = Guess("sheet", title, f"the first {kind}, of {', '.join(names)}", "--sheet")
    return _rows(book, title, name), title, (guess,)


def _header(rows: list[list[str]]) -> list[str]:
    layout = find_layout(rows)
    return [] if layout.header is None else [cell for cell in rows[layout.header] if cell]


def _rows(book: Any, title: str, name: str, *, most: int | None = None) -> list[list[str]]:
    """Rows of a sheet as texts, without the blank ones at the end.

    Args:
        book: The workbook.
        title: The sheet.
        name: Name of the file, for messages.
        most: Rows to read; None for all.

    Raises:
        UnreadableFileError: If it has too many cells, or is broken.
    """
    # A chart has a sheet of its own, without rows.
    read_rows = getattr(book[title], "iter_rows", None)
    texts: list[list[str]] = []
    cells = 0
    try:
        for row in read_rows(max_row=most, values_only=True) if read_rows else ():
            cells += max(len(row), 1)
            if cells > MAX_CELLS:
                raise UnreadableFileError(
                    f"The sheet {title!r} of {name!r} has more than {MAX_CELLS:,} cells.",
                    expected="A sheet ends where its readings do.",
                    fix="Save the sheet as CSV.",
                )
            texts.append([_as_text(cell) for cell in row])
    except _BROKEN as error:
        raise _cannot_open(name, error) from error
    while texts and not any(texts[-1]):
        texts.pop()
    return texts


def _cannot_open(name: str, error: Exception) -> UnreadableFileError:
    return UnreadableFileError(
        f"The workbook {name!r} cannot be opened: {error}.", fix="Save it again as .xlsx, without a password."
    )


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        # Excel keeps fractions of a day: 02:00 may come as 01:59:59.999997.
        return (cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return f"{cell // dt.timedelta(hours=1)}:{cell // dt.timedelta(minutes=1) % 60:02d}"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # A number is one, and must not be taken for a text with a mark of thousands.
        return f"{cell!r}0" if _LIKE_THOUSANDS.fullmatch(repr(cell)) else repr(cell)
    return str(cell).strip()
