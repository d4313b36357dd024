"""How errors grow with the level of load: where more is forecast than usual at the hour, more can go wrong.

The level of a step is its forecast less the usual reading at its phase of the season, in units of how far readings
usually are from it, as known at the cutoff. In each block of the horizon the size of the scaled errors is taken as
``exp(slope x level)``, so that an interval knows a restless evening from a calm one although both are at eight.

Letters: C windows, N items, H steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecasting.local_scale import latest_phase, same_phase_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from backtests.view import FloatArray, IntArray, View

#: Levels beyond count as these: nothing is known of what lies far outside.
FARTHEST = 3.0
#: Errors of a block below which no slope is learnt, and errors that a slope of 0 counts for.
FEWEST_ERRORS, STILL = 60, 200
#: Share of a slope that is used: the errors of one summer promise less for the next.
KEPT = 0.7
#: The logarithm of the factor is at most this.
MOST = 0.7


def load_levels(view: View, cutoffs: pd.DatetimeIndex, mean: FloatArray) -> FloatArray:
    """Level of load of point forecasts, from what was known at their cutoffs; 0 where nothing was. ``[C, N, H]``.

    Args:
        view: The view.
        cutoffs: Cutoffs of the forecasts.
        mean: The forecasts. ``[C, N, H]``
    """
    found = np.empty(mean.shape)
    for past, origins, where in view.pasts(cutoffs):
        first, season = latest_phase(origins, past), past.task.season
        start = np.array([next(iter(row[np.isfinite(row)]), 0.0) for row in past.readings])[:, None]
        moved = past.readings - start  # squares of what lies far from 0 would lose digits
        usual = same_phase_mean(moved, first, season)
        spread = np.sqrt(np.maximum(same_phase_mean(moved**2, first, season) - usual**2, 0.0))
        away = np.moveaxis(mean[where], 0, 1) - start[..., None] - usual
        level = np.divide(away, spread, out=np.zeros_like(away), where=spread > 0)
        found[where] = np.moveaxis(np.clip(np.nan_to_num(level), -FARTHEST, FARTHEST), 0, 1)
    return found


def learn_slopes(scaled: FloatArray, loads: FloatArray, blocks: Sequence[IntArray]) -> FloatArray:
    """Slope of each step, that of its block, and the level from which it counts. ``[H, 2]``.

    The slope is that of the straight line through the sizes of the errors over their levels, relative to the mean
    size: the first step towards the largest likelihood of ``exp(slope x level)``.

    Args:
        scaled: Scaled errors, NaN where there is none. ``[C, N, H]``
        loads: Levels of load. ``[C, N, H]``
        blocks: Steps of each block.
    """
    found = np.zeros((scaled.shape[2], 2))
    for block in blocks:
        size, level = np.abs(scaled[:, :, block]), loads[:, :, block]
        there = np.isfinite(size)
        size, level, count = size[there], level[there], int(there.sum())
        if count < FEWEST_ERRORS or not size.any() or np.ptp(level) == 0:
            continue
        middle = level.mean()
        away = level - middle
        slope = float(away @ size) / (size.mean() * float(away @ away))
        found[block] = slope * KEPT * count / (count + STILL), middle
    return found


def level_factor(slopes: FloatArray, loads: FloatArray) -> FloatArray:
    """By how much errors at these levels are larger than usual. ``[..., H]``.

    Args:
        slopes: Slope and middle of each step. ``[..., H, 2]``
        loads: Levels. ``[..., H]``
    """
    return np.asarray(np.exp(np.clip(slopes[..., 0] * (loads - slopes[..., 1]), -MOST, MOST)))
