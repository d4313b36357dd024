"""Weather for a case: columns of the user's file, and observations from near a place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from connectors.files.source import Table
    from forecasting.case import Question

#: Observations asked for at a place, under the names of ``connectors.weather.meteostat``.
VARIABLES = ("temperature", "humidity", "wind_speed")


@dataclass(frozen=True, kw_only=True)
class Weather:
    """Readings with the weather beside them.

    Attributes:
        frame: The table's frame, weather observed at the place added.
        columns: Names of all weather columns.
        attribution: Whom it must be credited to.
    """

    frame: pd.DataFrame
    columns: tuple[str, ...]
    attribution: tuple[str, ...] = ()


def data_folder() -> Path:
    """Where hourcast keeps what outlives a run: ``HOURCAST_HOME``, else the user's data folder."""
    if os.environ.get("HOURCAST_HOME"):
        return Path(os.environ["HOURCAST_HOME"])
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "hourcast"


def observe(question: Question, table: Table, frame: pd.DataFrame) -> Weather:
    """Weather columns of the file, and observations near the place when one is given.

    Observations are hourly; shorter steps are interpolated between them, longer ones take their mean.

    Raises:
        ConnectorError: If the observations cannot be had, from the source or from the store.
    """
    if question.place is None:
        return Weather(frame=frame, columns=question.weather)
    from connectors.weather.meteostat import fetch_history
    from connectors.weather.store import WeatherStore

    now = question.as_of or pd.Timestamp.now("UTC")
    stamps = pd.DatetimeIndex(frame["timestamp"]).unique().sort_values()
    store = WeatherStore(question.weather_store or data_folder() / "weather")
    found = fetch_history(question.place, stamps[0], min(stamps[-1], now), store=store, now=now)
    names = [name for name in VARIABLES if name in found.frame.columns and found.frame[name].notna().any()]
    renamed = {name: name if name not in frame.columns else f"{name}_nearby" for name in names}
    hourly = found.frame.set_index("timestamp")[names].rename(columns=renamed)
    joined = frame.merge(at_step(hourly, stamps, table.freq), left_on="timestamp", right_index=True, how="left")
    return Weather(frame=joined, columns=(*question.weather, *renamed.values()), attribution=(found.attribution,))


def at_step(hourly: pd.DataFrame, stamps: pd.DatetimeIndex, freq: str) -> pd.DataFrame:
    """Hourly observations at another step: interpolated over at most an hour, or the mean of the interval."""
    grid = pd.date_range(stamps[0], stamps[-1], freq=freq)
    if len(grid) > 1 and grid[1] - grid[0] > pd.Timedelta(hours=1):
        interval = grid[np.maximum(grid.searchsorted(hourly.index, side="right") - 1, 0)]
        return hourly.groupby(interval).mean().reindex(stamps)
    both = hourly.reindex(hourly.index.union(stamps))
    return both.interpolate(method="time", limit_area="inside", limit=12).reindex(stamps)
