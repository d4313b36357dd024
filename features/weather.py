"""What a load feels of the weather: its level, its bends, and how long it has lasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtests.view import steps_per_day
from features.lags import exponential_mean, take

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray, Past

#: Shares of the observations below the two bends: heating starts under one, cooling over the other.
BEND_SHARES = (0.3, 0.7)


def bends(past: Past) -> dict[str, FloatArray]:
    """Where the response to each variable may bend: quantiles of what was observed and known. ``[2]`` each."""
    end = past.cutoff + 1 - past.task.weather_delay
    return {name: _quantiles(values[:, : max(end, 0)]) for name, values in past.observed.items()}


def _quantiles(values: FloatArray) -> FloatArray:
    found = values[np.isfinite(values)]
    return np.quantile(found, BEND_SHARES) if len(found) else np.zeros(len(BEND_SHARES))


def basis(name: str, values: FloatArray, smooth: FloatArray, at: FloatArray) -> dict[str, FloatArray]:
    """Level, excess below and above the bends, and smoothed level of one variable, shaped as ``values``."""
    return {
        name: values,
        f"{name}_low": np.maximum(at[0] - values, 0.0),
        f"{name}_high": np.maximum(values - at[1], 0.0),
        f"{name}_smooth": smooth,
    }


def observed_basis(past: Past, at: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The basis of the observed weather. ``[N, T]`` each."""
    span = steps_per_day(past.task)
    columns: dict[str, FloatArray] = {}
    for name, values in past.observed.items():
        columns |= basis(name, values, exponential_mean(values, span), at[name])
    return columns


def forecast_basis(past: Past, origins: IntArray, horizon: int, at: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The basis of the weather as it could be forecast at each origin. ``[C, N, H]`` each.

    The smoothed level goes on from the observations known at the origin.
    """
    span, delay = steps_per_day(past.task), past.task.weather_delay
    columns: dict[str, FloatArray] = {}
    for name, ahead in past.weather_ahead(origins, horizon).items():
        start = take(exponential_mean(past.observed[name], span), origins - delay).T
        columns |= basis(name, ahead, exponential_mean(ahead, span, start), at[name])
    return columns
