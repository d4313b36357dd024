"""Our tables as an Excel workbook, a sheet for each.

Excel knows no time zones: instants are written as they are in UTC, local times as the local clock showed them; the
column ``utc_offset_min`` tells the two 02:00 of an autumn night apart. Texts are cells of text, whatever sign they
begin with: none is run as a formula.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.errors import OutputError
from connectors.exports.atomic import replace_file
from connectors.exports.layout import FORECAST, LAYOUTS
from connectors.extras import require

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Rows a sheet can hold, its header apart [n].
MOST_ROWS = 1_048_575
_TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"


def write_workbook(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write a workbook; the file is there whole or not at all.

    Args:
        tables: By the names of their sheets.
        path: Where to.

    Raises:
        MissingExtraError: If openpyxl is not installed.
        OutputError: If a table has more rows than a sheet can hold, or it cannot be written.
    """
    openpyxl = require("openpyxl", extra="excel", purpose="Writing .xlsx files")
    for name, table in tables.items():
        if len(table) > MOST_ROWS:
            raise OutputError(
                f"The table {name!r} has {len(table):,} rows.",
                expected=f"A sheet of Excel holds {MOST_ROWS:,}.",
                fix="Write Parquet or CSV, or keep less history.",
            )

    def write(draft: Path) -> None:
        book = openpyxl.Workbook(write_only=True)
        for name, table in tables.items():
            _fill(book.create_sheet(name), name, table)
        book.save(draft)

    replace_file(path, write)


def _fill(sheet: Any, name: str, table: pd.DataFrame) -> None:
    from openpyxl.cell import WriteOnlyCell

    layout = LAYOUTS.get(name, FORECAST)
    kinds = [layout.kind(str(column), table[column].dtype) for column in table.columns]

    def cell(value: object, kind: str) -> Any:
        if value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
            return None
        if kind in ("integer", "number"):
            return value
        made = WriteOnlyCell(sheet, value=value)
        if kind == "text":
            made.data_type = "s"
        else:
            made.number_format = _TIME_FORMAT
        return made

    sheet.freeze_panes = "A2"
    sheet.append([cell(str(column), "text") for column in table.columns])
    columns = [_naive(table[column], kind).tolist() for column, kind in zip(table.columns, kinds, strict=True)]
    for row in zip(*columns, strict=True):
        sheet.append([cell(value, kind) for value, kind in zip(row, kinds, strict=True)])


def _naive(values: pd.Series[Any], kind: str) -> pd.Series[Any]:
    """Times without a zone, as Python's; texts without what is missing."""
    if kind == "instant":
        naive = values.dt.tz_convert("UTC").dt.tz_localize(None)
    elif kind == "local":
        naive = pd.to_datetime(values)
    else:
        return values.astype(object).where(values.notna(), None)
    return pd.Series(naive.dt.to_pydatetime(), dtype=object).where(naive.notna().to_numpy(), None)
