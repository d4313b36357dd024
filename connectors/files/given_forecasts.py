"""Forecasts that someone made: a table as a file, with or without cutoffs, quantiles and names of forecasters.

Columns are known by their names: ``timestamp`` (or the only column of times), ``mean`` or ``forecast`` (or the only
column of numbers), ``p05 ... p95``; and where there are any ``item_id``, ``forecaster``, ``cutoff``, ``issued_at``,
``horizon``. Our own exports are such tables. Times without an offset are by the clock of the zone given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import DataError, MissingColumnsError
from connectors.files.local import localise
from connectors.files.numbers import parse_numbers
from connectors.files.read import read_cells
from connectors.files.times import is_time, parse_times
from connectors.frame import quantile_columns

if TYPE_CHECKING:
    import os

    from connectors.files.source import Grid

#: Names under which the columns are found, by what they are; the first that is there is taken.
NAMES = {
    "timestamp": ("timestamp", "time", "datetime", "date_time", "valid_time", "date"),
    "mean": ("mean", "forecast", "prediction", "predicted", "yhat", "value", "p50"),
    "item_id": ("item_id", "item", "series_id", "meter", "site"),
    "forecaster": ("forecaster", "model"),
    "cutoff": ("cutoff",),
    "issued_at": ("issued_at", "issued", "created_at"),
    "horizon": ("horizon", "step"),
}
TIMES = ("timestamp", "cutoff", "issued_at")


@dataclass(frozen=True, kw_only=True)
class Given:
    """Forecasts as they were given.

    Attributes:
        frame: ``timestamp``, ``mean``, ``p05 ...``, and of ``item_id``, ``forecaster``, ``cutoff``, ``issued_at``
            and ``horizon`` those that the file has; times in UTC.
        name: Name of the file.
        unread: Rows left out because their time or value could not be read or was empty.
    """

    frame: pd.DataFrame
    name: str
    unread: int = 0


def read_given(source: str | os.PathLike[str] | pd.DataFrame, *, zone: str, column: str | None = None) -> Given:
    """Read a table of forecasts: CSV, Parquet, Excel, or in memory.

    Args:
        source: The table.
        zone: Zone of times without an offset.
        column: Column of the forecast; None to find it.

    Raises:
        MissingColumnsError: If no column of times or of forecasts can be told.
        DataError: If a column of numbers or times holds something else, or quantiles cross.
    """
    grid = read_cells(source)
    names = _names(grid, column)
    found = pd.DataFrame(index=range(len(grid.cells)))
    for role, name in names.items():
        found[role] = _times(grid, name, zone) if role in TIMES else _cells(grid, name, text=role in _TEXTS)
    for name in quantile_columns(map(str, grid.cells.columns)):
        found[name] = _cells(grid, name, text=False)
    sound = found["timestamp"].notna() & found["mean"].notna()
    if not sound.any():
        raise DataError(f"{grid.name!r} holds no forecast with a time.", fix="Check the columns of the file.")
    _check_quantiles(found.loc[sound], grid)
    return Given(frame=found.loc[sound].reset_index(drop=True), name=grid.name, unread=int((~sound).sum()))


_TEXTS = ("item_id", "forecaster")


def _names(grid: Grid, column: str | None) -> dict[str, str]:
    """The column of each role."""
    known = {str(name).strip().casefold(): str(name) for name in grid.cells.columns}
    found = {
        role: known[next(name for name in names if name in known)]
        for role, names in NAMES.items()
        if any(name in known for name in names)
    }
    if column is not None:
        found["mean"] = known.get(column.casefold(), "")
    left = [name for name in map(str, grid.cells.columns) if name not in found.values()]
    if "timestamp" not in found:
        found["timestamp"] = _only([name for name in left if _is_time(grid, name)])
    if not found.get("mean") and column is None:
        found["mean"] = _only([name for name in left if name != found["timestamp"] and _is_number(grid, name)])
    for role, words in (("timestamp", "times"), ("mean", "forecasts")):
        if not found[role]:
            raise MissingColumnsError(
                f"The column of {words} in {grid.name!r} cannot be told; it has {', '.join(known.values())}.",
                expected="Times stand in a column named timestamp, forecasts in one named mean or forecast.",
                fix="Rename the column, or give --forecast NAME for that of the forecasts.",
            )
    return found


def _only(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ""


def _is_time(grid: Grid, name: str) -> bool:
    values = grid.cells[name]
    if pd.api.types.is_datetime64_any_dtype(values):
        return True
    return values.dtype == object and all(is_time(str(cell)) for cell in values.iloc[:20])


def _is_number(grid: Grid, name: str) -> bool:
    values = grid.cells[name]
    if values.dtype == object:
        return parse_numbers(values.to_numpy(), delimiter=grid.delimiter).is_numeric
    return pd.api.types.is_numeric_dtype(values)


def _times(grid: Grid, name: str, zone: str) -> pd.Series:
    """Instants in UTC; NaT where a cell is empty."""
    values = grid.cells[name]
    if pd.api.types.is_datetime64_any_dtype(values):
        stamps = pd.DatetimeIndex(values)
        if stamps.tz is not None:
            return pd.Series(stamps.tz_convert("UTC").as_unit("ns"))
        wall = stamps.to_numpy("datetime64[ns]")
    else:
        read = parse_times(values.to_numpy().astype(object))
        _refuse(grid, name, np.isnat(read.wall) & (values.astype(str).str.strip() != "").to_numpy(), "time")
        wall = read.utc
        if read.offset is not None:
            return pd.Series(pd.DatetimeIndex(wall).tz_localize("UTC"))
    utc = wall if zone == "UTC" else localise(wall, np.zeros(len(wall), dtype=np.int64), zone).utc
    return pd.Series(pd.DatetimeIndex(utc).tz_localize("UTC").as_unit("ns"))


def _cells(grid: Grid, name: str, *, text: bool) -> pd.Series:
    values = grid.cells[name]
    if text:
        return values.astype(str).astype(object)
    if values.dtype != object:
        return pd.to_numeric(values, errors="coerce").astype(float)
    read = parse_numbers(values.to_numpy(), delimiter=grid.delimiter)
    _refuse(grid, name, read.bad, "number")
    return pd.Series(read.values)


def _refuse(grid: Grid, name: str, bad: np.ndarray, what: str) -> None:
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(
            f"{grid.where(row)} of {grid.name!r} has no {what} in the column {name!r}: "
            f"{str(grid.cells[name].iloc[row])[:40]!r}.",
            expected=f"The column holds a {what} in every row, or nothing.",
            fix="Mend or empty the cell.",
        )


def _check_quantiles(frame: pd.DataFrame, grid: Grid) -> None:
    columns = quantile_columns(frame.columns)
    crossed = (
        (np.diff(frame[columns].to_numpy(float), axis=1) < 0).any(axis=1) if columns else np.zeros(1, dtype=bool)
    )
    if crossed.any():
        first = int(frame.index.to_numpy()[crossed.argmax()])
        raise DataError(
            f"Quantiles cross in {int(crossed.sum())} rows of {grid.name!r}, first {grid.where(first)}.",
            expected=f"{columns[0]} <= ... <= {columns[-1]} in every row.",
            fix="Sort the quantiles of each row, or leave them out.",
        )
