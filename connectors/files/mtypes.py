"""Collections of series as other libraries keep them, to one DataFrame with a level of the index for the series.

The names are those of sktime: ``df-list`` (a list of frames, each with its times), ``nested_univ`` (a frame whose
cells are series) and ``pd-wide`` (a row for each series, a column for each time). Arrays hold no times and are
refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError, IrregularTimestampsError

_INSTANCES = "instances"


def as_frame(source: Any) -> Any:
    """A collection of series in memory as one frame; anything else as it is.

    Raises:
        IrregularTimestampsError: If it is an array, which holds no times.
        DataError: If it is a collection of something else than frames or series.
        ConfigError: If it is nothing that can be read.
    """
    if isinstance(source, pd.DataFrame):
        return _of_frame(source)
    if isinstance(source, (list, tuple)):
        return _joined(dict(enumerate(source)))
    if isinstance(source, Mapping):
        return _joined(dict(source))
    if isinstance(source, np.ndarray):
        raise _no_times(source.shape)
    if not isinstance(source, pd.Series) and not hasattr(source, "__fspath__") and not isinstance(source, str):
        raise ConfigError(
            f"A {type(source).__module__.partition('.')[0]}.{type(source).__name__} cannot be read.",
            expected="A source is a path, the URL of a database, or a pandas DataFrame or Series.",
            fix="Give its to_pandas(), or save it as Parquet and give the path.",
        )
    return source


def _of_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of readings: cells that are series one below the other, columns that are times as rows."""
    if isinstance(frame.columns, (pd.DatetimeIndex, pd.PeriodIndex)) and len(frame):
        names = frame.index.astype(str).rename(frame.index.name or _INSTANCES)
        values = frame.to_numpy().ravel()
        return pd.DataFrame({"target": values}, pd.MultiIndex.from_product([names, frame.columns.rename("time")]))
    if not len(frame) or not all(isinstance(cell, pd.Series) for cell in frame.iloc[0]):
        return frame
    names = frame.index if frame.index.is_unique else pd.RangeIndex(len(frame))
    parts = {
        name: pd.DataFrame({str(column): cells.iloc[place] for column, cells in frame.items()})
        for place, name in enumerate(names)
    }
    return _joined(parts)


def _joined(parts: Mapping[Any, Any]) -> pd.DataFrame:
    for name, part in parts.items():
        if isinstance(part, np.ndarray):
            raise _no_times(part.shape)
        if not isinstance(part, (pd.DataFrame, pd.Series)):
            raise DataError(
                f"The collection holds a {type(part).__name__} as {name!r}.",
                expected="Every series is a DataFrame or a Series with its times in the index.",
                fix="Give one DataFrame with a column that names the series.",
            )
        if not isinstance(part.index, (pd.DatetimeIndex, pd.PeriodIndex)):
            raise _no_times(part.shape)
    if not parts:
        raise DataError("The collection holds no series.", expected="It holds a frame for every series.")
    frames = {
        str(name): part.to_frame(part.name or "target") if isinstance(part, pd.Series) else part
        for name, part in parts.items()
    }
    return pd.concat(frames, names=[_INSTANCES, "time"])


def _no_times(shape: tuple[int, ...]) -> IrregularTimestampsError:
    return IrregularTimestampsError(
        f"The readings, of shape {shape}, come without times.",
        expected="A table in memory says when each reading was taken.",
        fix="Give pd.Series(values, index=pd.date_range('2024-01-01', periods=len(values), freq='h')); of several "
        "series a DataFrame with one column for each, and wide=True.",
    )
