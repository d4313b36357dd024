"""Answers of open-data services of the Opendatasoft kind: rows of named fields, which make an ordinary table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.files.dataframe import grid_of
from connectors.files.families.eco2mix import is_eco2mix
from connectors.files.families.family import FAMILIES, TextFamily
from connectors.files.headers import TIME_WORDS, words
from connectors.files.records import number, rows_of, text
from connectors.files.times import is_time, parse_times

if TYPE_CHECKING:
    from connectors.files.document import Document
    from connectors.files.source import Grid, SourceOptions

_TITLE = "an answer of an open-data service"
#: Fields of a row; more are no table of readings.
_MOST_FIELDS = 1_000
_SAMPLE = 20


def _signs(document: Document) -> bool:
    rows = rows_of(document.json)
    if not rows or is_eco2mix(rows):
        return False
    return all(
        any(is_time(text(value)[:16]) or words(name) & TIME_WORDS for name, value in row.items())
        for row in rows[:_SAMPLE]
    )


def _read(document: Document, options: SourceOptions) -> Grid:  # noqa: ARG001 - the plain reader hears them
    rows = rows_of(document.json)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > _MOST_FIELDS:
        raise UnreadableFileError(
            f"The rows of {document.name!r} have {len(names)} fields.",
            expected=f"A table has up to {_MOST_FIELDS} columns.",
            fix="Select the fields you need.",
        )
    columns = {name: _column([row.get(name) for row in rows]) for name in names}
    nested = [name for name, values in columns.items() if values is None]
    table = pd.DataFrame({name: values for name, values in columns.items() if values is not None})
    grid = grid_of(table, name=document.name, series=document.series)
    left = ", ".join(map(repr, nested))
    return replace(grid, notes=(f"nested fields left out: {left}",) if nested else ())


def _column(values: list[Any]) -> Any:
    """Numbers where there are only numbers, times in UTC where all have an offset, else texts; None for nested."""
    if any(isinstance(value, (dict, list)) for value in values):
        return None
    filled = [value for value in values if value is not None]
    if filled and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in filled):
        return np.array([number(value) for value in values], dtype=np.float64)
    cells = np.array(
        [text(value) if not isinstance(value, bool) else str(value).casefold() for value in values], dtype=object
    )
    stamps = parse_times(cells) if all(is_time(cell[:16]) for cell in cells[:_SAMPLE] if cell) else None
    if stamps is not None and stamps.offset is not None:
        return pd.DatetimeIndex(stamps.utc).tz_localize("UTC")
    return cells


FAMILIES.add("open-data rows", TextFamily(title=_TITLE, signs=_signs, read=_read))
