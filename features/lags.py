"""Causal transforms of readings: lags, seasonal profiles, deviations from them, rolling means.

Every series made here has at position ``s`` only values that are older than ``s`` by the lag it is asked for, so
that looking back from a cutoff never looks ahead. Shapes: N items, T readings, C origins, L offsets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.view import steps_per_day
from connectors.errors import DataError

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past


#: A weight that adds nothing to a float.
_NEGLIGIBLE = 1e-18


def lag_tensor(series: FloatArray, lags: int) -> FloatArray:
    """Values by position and lag from 0 on, 0 before the first. ``[N, T, L]``.

    A view: every value is in memory once, however many positions look back to it. Not to be written to.
    """
    padded = np.concatenate([np.zeros((len(series), lags - 1)), series], axis=1)
    return np.lib.stride_tricks.sliding_window_view(padded, lags, axis=1)[..., ::-1]


def back(tensor: FloatArray, origins: IntArray, lags: IntArray) -> FloatArray:
    """Values of a lag tensor some lags before each origin. ``[N, C, *lags.shape]``.

    Raises:
        DataError: If a lag is below 0: that would look ahead of the origin.
    """
    if np.min(lags, initial=0) < 0:
        raise DataError(f"A lag of {np.min(lags)} steps looks ahead of its origin.", expected="At least 0.")
    return np.asarray(tensor[:, origins.reshape(-1, *[1] * lags.ndim), lags])


def take(series: FloatArray, positions: IntArray) -> FloatArray:
    """Values at positions along the last axis, NaN outside of the series. ``[N, *positions.shape]``."""
    inside = (positions >= 0) & (positions < series.shape[-1])
    return np.where(inside, series[:, np.where(inside, positions, 0)], np.nan)


def clock_shift(grid: pd.DatetimeIndex, task: Task) -> IntArray:
    """Offset of the local clock from UTC at each stamp, in steps. ``[G]``; zeros for steps of a day or longer."""
    per_day = steps_per_day(task)
    if per_day == 1 or task.time_zone == "UTC":
        return np.zeros(len(grid), dtype=np.int64)
    local = grid.tz_convert(task.time_zone).tz_localize(None)
    hours = (local - grid.tz_localize(None)) / pd.Timedelta(hours=1)
    return np.round(hours.to_numpy(float) * per_day / 24).astype(np.int64)


def clock_positions(past: Past, positions: IntArray) -> IntArray:
    """Positions by the local clock: the same hours of a week are whole weeks apart. ``[*positions.shape]``."""
    shift = clock_shift(past.grid, past.task)
    return np.asarray(positions + shift[np.clip(positions, 0, len(shift) - 1)])


def clock_margin(task: Task) -> int:
    """Steps by which a lag by the local clock may be shorter than by UTC: an hour, where clocks change."""
    return 0 if task.time_zone == "UTC" else -(-steps_per_day(task) // 24)


def seasons_back(horizon: int, period: int, margin: int) -> IntArray:
    """Whole periods to go back from each step ahead to land on a known reading. ``[H]``."""
    return -(-(np.arange(1, horizon + 1) + margin) // period)


def profile(
    readings: FloatArray, period: int, *, depth: int, decay: float, skip: int, shift: IntArray
) -> FloatArray:
    """Exponentially weighted mean of the readings 1 to ``depth`` periods back, by the local clock. ``[N, G]``.

    ``profile[s] = sum_k w_k x[s - period (skip + k)] / sum_k w_k``, ``w_k = decay^k``, over the readings there are.

    Args:
        readings: ``[N, T]``.
        period: Steps in a season.
        depth: Seasons averaged.
        decay: Weight of a season against the one after it.
        skip: Periods back of the newest reading used, from 1.
        shift: ``clock_shift`` of the grid. ``[G]``
    """
    here = np.arange(len(shift))
    total = np.zeros((len(readings), len(shift)))
    weight = np.zeros_like(total)
    for k in range(depth):
        old = here - period * (skip + k)
        old = old + shift - shift[np.maximum(old, 0)]
        values = take(readings, old)
        found = np.isfinite(values)
        total += np.where(found, values, 0.0) * decay**k
        weight += found * decay**k
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


def rolling_mean(series: FloatArray, length: int) -> FloatArray:
    """Mean of the last ``length`` values up to each position, over those there are. ``[N, T]``."""
    found = np.isfinite(series)
    sums = np.cumsum(np.where(found, series, 0.0), axis=1)
    counts = np.cumsum(found, axis=1)
    sums[:, length:] -= sums[:, :-length].copy()
    counts[:, length:] -= counts[:, :-length].copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def exponential_mean(series: FloatArray, span: float, start: FloatArray | None = None) -> FloatArray:
    """Exponentially smoothed series along the last axis: ``e[s] = e[s-1] + (x[s] - e[s-1]) / span``.

    A missing value counts as the one before it; before the first value the mean is NaN.

    Args:
        series: ``[..., T]``.
        span: Steps after which a value has lost 63 % of its weight.
        start: Mean before the first value ``[...]``, for going on where another series ended.
    """
    filled = fill_forward(series)
    keep = 1.0 - 1.0 / span
    level = filled[..., 0] if start is None else np.where(np.isnan(start), filled[..., 0], start)
    missing = np.isnan(filled)
    if missing.any():
        first = np.take_along_axis(filled, np.argmin(missing, axis=-1)[..., None], axis=-1)[..., 0]
        level = np.where(np.isnan(level), first, level)
    known = np.where(missing, level[..., None], filled)
    return np.where(missing & (start is None), np.nan, _smoothed(known, keep, level))


def _smoothed(series: FloatArray, keep: float, level: FloatArray) -> FloatArray:
    """``e[s] = keep e[s-1] + (1 - keep) x[s]`` along the last axis, from a level before it. ``[..., T]``.

    The filter of SciPy does the same, and takes longer to load than a saved model to forecast. Here every pass
    doubles the values that are summed up, until those left out weigh less than a float can tell.
    """
    smooth = (1.0 - keep) * series
    smooth[..., 0] += keep * level
    reach = 1
    while reach < series.shape[-1] and keep**reach > _NEGLIGIBLE:
        smooth[..., reach:] += keep**reach * smooth[..., :-reach]
        reach *= 2
    return smooth


def fill_forward(series: FloatArray) -> FloatArray:
    """Missing values replaced by the last one before them, along the last axis."""
    newest = np.where(np.isfinite(series), np.arange(series.shape[-1]), 0)
    return np.take_along_axis(series, np.maximum.accumulate(newest, axis=-1), axis=-1)


def without_gaps(readings: FloatArray, period: int) -> FloatArray:
    """Readings with gaps filled by the season before, else by the last one known; none before the first."""
    filled = readings.copy()
    for start in range(period, filled.shape[1], period):
        now, before = filled[:, start : start + period], filled[:, start - period : start]
        filled[:, start : start + period] = np.where(np.isnan(now), before[:, : now.shape[1]], now)
    return fill_forward(filled)


def mean_for_gaps(values: FloatArray) -> FloatArray:
    """Missing values replaced by the mean of the others along the last axis, by 0 where there are none."""
    found = np.isfinite(values)
    total = np.where(found, values, 0.0).sum(axis=-1, keepdims=True)
    return np.where(found, values, total / np.maximum(found.sum(axis=-1, keepdims=True), 1))
