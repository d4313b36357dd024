"""Sheets of .xlsx files to cells under a header."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, UnreadableFileError, near_name
from connectors.extras import require
from connectors.files.dialect import SAMPLE_LINES, find_layout
from connectors.files.source import Grid, Guess
from connectors.files.text import header_names, no_readings, skipped_note, tidy


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
    openpyxl = require("openpyxl", extra="excel", purpose="Reading .xlsx files")
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UnreadableFileError(
            f"The workbook {name!r} cannot be opened: {error}.", fix="Save it again as .xlsx, without a password."
        ) from error
    rows, guesses = _filled_sheet(book, name, sheet)
    layout = find_layout(rows[:SAMPLE_LINES])
    body = rows[layout.first :]
    if not body:
        raise no_readings(name)
    width = max(layout.width, *(len(row) for row in body))
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
            guesses=guesses,
            notes=(*skipped_note(rows, layout, "row"), *notes),
        )
    )


def _filled_sheet(book: Any, name: str, sheet: str | None) -> tuple[list[list[str]], tuple[Guess, ...]]:
    names = [str(title) for title in book.sheetnames]
    if sheet is not None and sheet not in names:
        raise ConfigError(f"There is no sheet {sheet!r} in {name!r}.", fix=near_name(sheet, names))
    for title in [sheet] if sheet is not None else names:
        # A chart has a sheet of its own, without rows.
        read_rows = getattr(book[title], "iter_rows", None)
        rows = _texts(read_rows(values_only=True)) if read_rows else []
        if rows:
            several = sheet is None and len(names) > 1
            guess = Guess("sheet", title, f"the first that is filled, of {', '.join(names)}", "--sheet")
            return rows, (guess,) if several else ()
    raise no_readings(name)


def _texts(rows: Any) -> list[list[str]]:
    """Rows as texts, without the blank ones at the end."""
    texts = [[_as_text(cell) for cell in row] for row in rows]
    while texts and not any(texts[-1]):
        texts.pop()
    return texts


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
    return repr(cell) if isinstance(cell, float) else str(cell).strip()
