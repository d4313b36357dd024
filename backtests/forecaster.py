"""The protocol of a forecaster: all the judge ever asks of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd

from connectors.frame import quantile_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backtests.task import Task
    from backtests.view import FloatArray, View
    from backtests.windows import Windows


@dataclass(frozen=True, kw_only=True)
class Forecasts:
    """Forecasts from C cutoffs of N items over H steps.

    Attributes:
        cutoffs: Start stamps of the last readings used, UTC. ``[C]``
        timestamps: Stamps forecast. ``[C, H]``, datetime64[ns] in UTC
        items: Names of the items.
        mean: The point forecast, in the unit of the target. ``[C, N, H]``
        quantiles: Quantiles by level, or None. ``[C, N, H, Q]``
        levels: The Q levels, rising.
        asked: Which steps are asked for; None for all. ``[C, H]``
        issued_at: When each is issued, UTC; None when it does not matter. ``[C]``
    """

    cutoffs: pd.DatetimeIndex
    timestamps: np.ndarray[tuple[int, int], np.dtype[np.datetime64]]
    items: tuple[str, ...]
    mean: FloatArray
    quantiles: FloatArray | None = None
    levels: tuple[float, ...] = ()
    asked: np.ndarray[tuple[int, int], np.dtype[np.bool_]] | None = None
    issued_at: pd.DatetimeIndex | None = None

    def some(self, part: slice) -> Forecasts:
        """Those from some of the cutoffs."""
        there = {
            name: getattr(self, name)
            for name in ("cutoffs", "timestamps", "mean", "quantiles", "asked", "issued_at")
        }
        return replace(self, **{name: values[part] for name, values in there.items() if values is not None})

    def to_frame(self, forecaster: str) -> pd.DataFrame:
        """The forecasts table of ``connectors.frame``: the steps asked for, by cutoff, item and timestamp."""
        count, items, horizon = self.mean.shape
        stamps = np.repeat(self.timestamps[:, None, :], items, axis=1).ravel()
        columns: dict[str, Any] = {
            "item_id": np.tile(np.repeat(np.array(self.items, dtype=object), horizon), count),
            "cutoff": self.cutoffs.repeat(items * horizon),
            "timestamp": pd.DatetimeIndex(stamps).tz_localize("UTC"),
            "forecaster": forecaster,
            "mean": self.mean.ravel(),
        }
        if self.quantiles is not None:
            for index, level in enumerate(self.levels):
                columns[quantile_column(level)] = self.quantiles[..., index].ravel()
        if self.issued_at is not None:
            columns["issued_at"] = self.issued_at.repeat(items * horizon)
        frame = pd.DataFrame(columns)
        if self.asked is None:
            return frame
        return frame[np.repeat(self.asked[:, None, :], items, axis=1).ravel()].reset_index(drop=True)


def stamps_after(view: View, cutoffs: pd.DatetimeIndex, horizon: int) -> np.ndarray[tuple[int, int], Any]:
    """Stamps of the steps after each cutoff. ``[C, H]``, datetime64[ns] in UTC."""
    positions = view.positions(cutoffs)[:, None] + np.arange(1, horizon + 1)
    missing = int(positions.max(initial=0)) - len(view.grid) + 1
    grid = view.grid
    if missing > 0:
        grid = pd.date_range(grid[0], periods=len(grid) + missing, freq=view.task.freq)
    return np.asarray(grid.tz_localize(None).to_numpy("datetime64[ns]")[positions])


@dataclass(frozen=True, kw_only=True)
class State:
    """What a fitted forecaster knows, without pickle: numbers, words, and texts such as a booster."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Forecaster(Protocol):
    """A forecaster, as the judge sees it.

    ``predict`` takes many cutoffs and a live forecast is the case of one: the parameters stay as fitted, the
    readings are those known at each cutoff.
    """

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def fit(self, view: View, cutoff: pd.Timestamp, task: Task) -> Self:
        """Learn from what was available at the cutoff; returns a fitted forecaster."""
        ...

    def predict(self, view: View, cutoffs: pd.DatetimeIndex) -> Forecasts:
        """Forecast ``task.horizon`` steps from each cutoff."""
        ...

    def state(self) -> State | None:
        """What was learnt; None when it is cheaper to fit again on load."""
        ...


@runtime_checkable
class Rolling(Protocol):
    """A forecaster that can be fitted anew at many cutoffs for little more than the cost of one fit."""

    def roll(self, view: View, windows: Windows, task: Task) -> Forecasts:
        """Forecast from every window, fitted anew as the windows say; the same as with a fit for each."""
        ...
