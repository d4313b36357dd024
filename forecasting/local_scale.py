"""How far an item usually is from its profile at the hour to be forecast: what errors are divided by.

Two scales, each known at the cutoff: that of the last two weeks, which follows weather and holidays, and that of the
last four months, which is steadier. Intervals use their weighted geometric mean (``forecasting.intervals``).

Letters: N items, T readings, C cutoffs, H steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.deviation import Rows, Shape, deviation_of
from features.lags import rolling_mean, take

if TYPE_CHECKING:
    import pandas as pd

    from backtests.view import FloatArray, IntArray, Past, View

#: Seasons looked back for the scale of lately, and the share of it that comes from the same phase of the season.
SCALE_SEASONS, SAME_PHASE_SHARE = 14, 0.7
#: Seasons looked back for the usual scale.
USUAL_SEASONS = 120
#: The scale of lately is at least this share of the item's mean one: a quiet fortnight promises nothing.
LEAST_SCALE = 0.2


def scales(view: View, cutoffs: pd.DatetimeIndex, share: float = 1.0) -> FloatArray:
    """How far each item usually is from its profile, at the phase of each step, as known then. ``[C, N, H]``.

    Args:
        view: The view.
        cutoffs: Where to look back from.
        share: Weight of lately against the usual, from 0 to 1.
    """
    found = np.empty((len(cutoffs), len(view.items), view.task.horizon))
    for past, origins, where in view.pasts(cutoffs):
        found[where] = _mixed(past, origins, share)
    return found


def _mixed(past: Past, origins: IntArray, share: float) -> FloatArray:
    task = past.task
    shape = Shape(period=max(task.seasonality), holidays=False, weather=False)
    sizes = np.abs(Rows(deviation_of(past, shape, {}), origins).deviation.departures)
    sizes = np.where(np.isfinite(past.readings), sizes, np.nan)
    usual = take(rolling_mean(sizes, sizes.shape[1] + 1), origins)[:, :, None]
    lately = _lately(sizes, origins, usual, past)
    if share < 1.0:
        least = LEAST_SCALE * np.maximum(np.nan_to_num(usual), np.finfo(float).tiny)
        steady = np.maximum(_or(same_phase_mean(sizes, latest_phase(origins, past), task.season), usual), least)
        lately = lately**share * np.maximum(np.nan_to_num(steady), np.finfo(float).tiny) ** (1.0 - share)
    return np.moveaxis(lately, 0, 1)


def latest_phase(origins: IntArray, past: Past) -> IntArray:
    """Position of the latest reading known at each origin at the phase of each step. ``[C, H]``."""
    steps, season = np.arange(1, past.task.horizon + 1), past.task.season
    return np.asarray(origins[:, None] + steps - season * -(-steps // season))


def _lately(sizes: FloatArray, origins: IntArray, usual: FloatArray, past: Past) -> FloatArray:
    """``0.7 x`` mean departure at the same phase of the last 14 seasons ``+ 0.3 x`` that of the last longest one."""
    first, season = latest_phase(origins, past), past.task.season
    at_phase = np.stack([take(sizes, first - season * k) for k in range(SCALE_SEASONS)])
    lately = take(rolling_mean(sizes, max(past.task.seasonality)), origins)[:, :, None]
    mixed = SAME_PHASE_SHARE * _mean_or(at_phase, usual) + (1 - SAME_PHASE_SHARE) * _or(lately, usual)
    floor = np.maximum(LEAST_SCALE * np.nan_to_num(usual), np.finfo(float).tiny)
    return np.maximum(np.nan_to_num(mixed), floor)


def same_phase_mean(sizes: FloatArray, first: IntArray, season: int) -> FloatArray:
    """Mean over the last ``USUAL_SEASONS`` readings at the phase of each position. ``[N, C, H]``."""
    sums, counts = (_sums_by_phase(x, season) for x in (np.nan_to_num(sizes), np.isfinite(sizes).astype(float)))
    before = first - season * USUAL_SEASONS
    total = take(sums, first) - np.nan_to_num(take(sums, before))
    count = take(counts, first) - np.nan_to_num(take(counts, before))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / count)


def _sums_by_phase(values: FloatArray, season: int) -> FloatArray:
    """Running sums over every ``season``-th value. ``[N, T]``."""
    items, length = values.shape
    padded = np.pad(values, ((0, 0), (0, -length % season)))
    return padded.reshape(items, -1, season).cumsum(axis=1).reshape(items, -1)[:, :length]


def _mean_or(values: FloatArray, other: FloatArray) -> FloatArray:
    found = np.isfinite(values)
    mean = np.where(found, values, 0.0).sum(axis=0) / np.maximum(found.sum(axis=0), 1)
    return np.where(found.any(axis=0), mean, other)


def _or(values: FloatArray, other: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, other)
