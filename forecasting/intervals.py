"""Prediction intervals from forecast errors that were made out of sample.

Errors are divided by how much the series moves around its profile at that time of day just now, pooled over
blocks of the horizon, and their quantiles put around the forecast (split conformal prediction with a local scale;
Lei et al. (2018), Journal of the American Statistical Association 113(523), section 5.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from backtests.view import steps_per_day
from features.deviation import Deviation, Rows, Shape
from features.lags import rolling_mean, take

if TYPE_CHECKING:
    import pandas as pd

    from backtests.forecaster import Forecasts
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past, View

#: Ends of the blocks of the horizon that share quantiles, in days (or in steps where a day is one step).
BLOCK_ENDS = (0.25, 1.0, 3.0, 7.0)
#: A block with fewer errors than this borrows those of the whole horizon.
FEWEST_ERRORS = 60
#: Seasons looked back for the local scale, and the share of it that comes from the same phase of the season.
SCALE_SEASONS, SAME_PHASE_SHARE = 14, 0.7
#: The local scale is at least this share of the item's usual one: a quiet fortnight promises nothing.
LEAST_SCALE = 0.2


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Quantiles of scaled errors by step of the horizon.

    Attributes:
        levels: The Q levels, rising.
        offsets: Quantiles of the scaled error. ``[H, Q]``
    """

    levels: tuple[float, ...]
    offsets: FloatArray

    def around(self, view: View, cutoffs: pd.DatetimeIndex, mean: FloatArray) -> FloatArray:
        """Quantiles around point forecasts, never crossing. ``[C, N, H, Q]``."""
        quantiles = mean[..., None] + scales(view, cutoffs)[..., None] * self.offsets
        return np.asarray(np.sort(quantiles, axis=-1))


def calibrate(view: View, forecasts: Forecasts, actual: FloatArray, task: Task) -> Intervals:
    """Learn the quantiles from out-of-sample forecasts and what came.

    Args:
        view: The view the forecasts were made from.
        forecasts: Point forecasts that took no part in a fit.
        actual: What came, NaN at gaps. ``[C, N, H]``
        task: The task; names the levels.
    """
    errors = (actual - forecasts.mean) / scales(view, forecasts.cutoffs)
    levels = task.quantile_levels
    whole = _quantiles(errors, levels)
    offsets = np.empty((task.horizon, len(levels)))
    for block in _blocks(task):
        found = errors[:, :, block]
        enough = np.isfinite(found).sum() >= FEWEST_ERRORS
        offsets[block] = _quantiles(found, levels) if enough else whole
    return Intervals(levels=levels, offsets=offsets)


def scales(view: View, cutoffs: pd.DatetimeIndex) -> FloatArray:
    """How far each item usually is from its profile, at the phase of each step, as known then. ``[C, N, H]``."""
    found = np.empty((len(cutoffs), len(view.items), view.task.horizon))
    for past, origins, where in view.pasts(cutoffs):
        found[where] = _local_scale(past, origins)
    return found


def _local_scale(past: Past, origins: IntArray) -> FloatArray:
    """``0.7 x`` mean departure at the same phase of the last 14 seasons ``+ 0.3 x`` that of the last longest one."""
    task = past.task
    shape = Shape(period=max(task.seasonality), holidays=False, weather=False)
    sizes = np.abs(Rows(Deviation(past, shape, {}), origins).deviation.departures)
    sizes = np.where(np.isfinite(past.readings), sizes, np.nan)
    steps = np.arange(1, task.horizon + 1)
    first = origins[:, None] + steps - task.season * -(-steps // task.season)
    at_phase = np.stack([take(sizes, first - task.season * k) for k in range(SCALE_SEASONS)])
    usual = take(_expanding_mean(sizes), origins)[:, :, None]
    lately = take(rolling_mean(sizes, max(task.seasonality)), origins)[:, :, None]
    mixed = SAME_PHASE_SHARE * _mean_or(at_phase, usual) + (1 - SAME_PHASE_SHARE) * _or(lately, usual)
    floor = np.maximum(LEAST_SCALE * np.nan_to_num(usual), np.finfo(float).tiny)
    return np.moveaxis(np.maximum(np.nan_to_num(mixed), floor), 0, 1)


def _expanding_mean(values: FloatArray) -> FloatArray:
    return rolling_mean(values, values.shape[1] + 1)


def _mean_or(values: FloatArray, other: FloatArray) -> FloatArray:
    found = np.isfinite(values)
    mean = np.where(found, values, 0.0).sum(axis=0) / np.maximum(found.sum(axis=0), 1)
    return np.where(found.any(axis=0), mean, other)


def _or(values: FloatArray, other: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, other)


def _quantiles(errors: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Empirical quantiles, moved outwards by the finite-sample correction ``ceil(q (n + 1)) / n``. ``[Q]``."""
    found = errors[np.isfinite(errors)]
    if not len(found):
        return np.zeros(len(levels))
    count = len(found)
    corrected = [
        np.floor(level * (count + 1)) / count
        if level < 0.5
        else np.ceil(level * (count + 1)) / count
        if level > 0.5
        else 0.5
        for level in levels
    ]
    return np.asarray(np.quantile(found, np.clip(corrected, 0.0, 1.0)))


def _blocks(task: Task) -> list[IntArray]:
    """Steps of the horizon, from 0, that share quantiles."""
    ends = [max(1, round(end * steps_per_day(task))) for end in BLOCK_ENDS]
    edges = [0, *dict.fromkeys(end for end in ends if end < task.horizon), task.horizon]
    return [np.arange(start, end) for start, end in pairwise(edges) if end > start]
