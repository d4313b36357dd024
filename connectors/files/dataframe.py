"""DataFrames and Series to cells under a header, whatever their index is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from connectors.errors import DataError, UnreadableFileError
from connectors.files.source import Grid


def read_frame(source: pd.DataFrame | pd.Series[Any]) -> Grid:
    """Cells of a DataFrame or Series; it stays as it is.

    A time in the index is the time column. In an index of several levels those without times are the item.

    Raises:
        UnreadableFileError: If it has no rows.
        DataError: If its columns have several levels.
    """
    frame = source.to_frame(source.name or "target") if isinstance(source, pd.Series) else source
    if frame.empty:
        raise UnreadableFileError(
            f"The DataFrame has {len(frame)} rows and {frame.shape[1]} columns.", expected="It holds readings."
        )
    if frame.columns.nlevels > 1:
        raise DataError(
            "The columns of the DataFrame have several levels.",
            expected="A column has one name.",
            fix="Join the levels: df.columns = ['_'.join(names) for names in df.columns].",
        )
    levels = _one_item(_index_levels(frame.index))
    cells = frame.reset_index(drop=True).set_axis([str(name) for name in frame.columns], axis=1)
    if cells.columns.has_duplicates:
        twice = str(cells.columns[cells.columns.duplicated()][0])
        raise DataError(f"The DataFrame has two columns {twice!r}.", expected="Every name stands once.")
    levels = {_free_name(name, cells): values for name, values in levels.items()}
    cells = pd.concat([pd.DataFrame(levels), cells], axis=1) if levels else cells
    time, item = _roles(levels)
    return grid_of(cells, name="DataFrame", series="series", time=time, item=item, target=_lone_values(source))


def _lone_values(source: pd.DataFrame | pd.Series[Any]) -> str | None:
    return str(source.name or "target") if isinstance(source, pd.Series) else None


def _index_levels(index: pd.Index[Any]) -> dict[str, pd.Series[Any]]:
    """The levels of an index that hold something: times, or names of items."""
    levels = {}
    for place in range(index.nlevels):
        level = index.get_level_values(place)
        says_nothing = index.nlevels == 1 and level.name is None and pd.api.types.is_numeric_dtype(level.dtype)
        if isinstance(level, pd.RangeIndex) or says_nothing:
            continue
        name = "index" if index.nlevels == 1 else f"index level {place}"
        levels[name if level.name is None else str(level.name)] = pd.Series(level)
    return levels


def _free_name(name: str, cells: pd.DataFrame) -> str:
    while name in cells.columns:
        name = f"{name} (index)"
    return name


def _roles(levels: dict[str, pd.Series[Any]]) -> tuple[str | None, str | None]:
    """Names of the index levels that are the time and the item."""
    times = [name for name, values in levels.items() if is_time_type(values.dtype)]
    if len(times) != 1:
        return None, None
    others = [name for name in levels if name not in times]
    return times[0], others[0] if len(others) == 1 else None


def _one_item(levels: dict[str, pd.Series[Any]]) -> dict[str, pd.Series[Any]]:
    """The levels of an index, those above the items (region, then site) joined with them into one."""
    named = [name for name, values in levels.items() if not is_time_type(values.dtype)]
    if len(named) < 2 or len(named) == len(levels):
        return levels
    joined = levels[named[0]].astype(str)
    for name in named[1:]:
        joined = joined + " / " + levels[name].astype(str)
    return {" / ".join(named): joined} | {name: values for name, values in levels.items() if name not in named}


def is_time_type(dtype: object) -> bool:
    """Whether a dtype is one of times."""
    return pd.api.types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype)  # type: ignore[arg-type]


def grid_of(
    frame: pd.DataFrame,
    *,
    name: str,
    series: str,
    time: str | None = None,
    item: str | None = None,
    target: str | None = None,
) -> Grid:
    """A grid of typed columns; what is neither time nor number becomes text."""
    return Grid(
        cells=pd.DataFrame({str(label): _plain(frame[label]) for label in frame.columns}),
        name=name,
        series=series,
        lines=np.arange(1, len(frame) + 1, dtype=np.int64),
        place="row",
        time=time,
        item=item,
        target=target,
    )


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(values.dtype, pd.PeriodDtype):
        return pd.Series(values.dt.to_timestamp(how="start"))
    if is_time_type(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        return values
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    is_text = isinstance(values.dtype, pd.StringDtype)
    texts: list[str] = values.fillna("").tolist() if is_text else [_as_text(cell) for cell in values]
    return pd.Series(texts, dtype=object)


def _as_text(cell: object) -> str:
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, pd.Timestamp):
        return str(cell.isoformat(sep=" "))
    return str(cell)
