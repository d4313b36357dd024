"""Prediction intervals from forecast errors that were made out of sample.

Errors are divided by how much the series moves around its profile at that hour (``forecasting.local_scale``), and by
how much larger they are where more is forecast than usual (``forecasting.load_level``). Their quantiles are taken by
block of the horizon and hour, mixed with those of a normal law of the spread of each step, and put around the
forecast: split conformal prediction with a local scale (Lei et al. (2018), Journal of the American Statistical
Association 113(523), section 5.2). From cutoff to cutoff the widths follow what the intervals held so far: adaptive
conformal inference (Gibbs & Candes (2021), NeurIPS 34), here on the logarithm of the width.

At every cutoff only errors are used that had been made by then: that of a step is known once the step has come.

Letters: C windows, N items, H steps, Q levels.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from backtests.view import steps_per_day
from forecasting.load_level import learn_slopes, level_factor, load_levels
from forecasting.local_scale import scales

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from backtests.forecaster import Forecasts
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, View

BoolArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

#: Ends of the blocks of the horizon that share quantiles, in days (or in steps where a day is one step).
BLOCK_ENDS = (0.25, 1.0, 3.0, 7.0)
#: Steps of a block share quantiles when their hours are at most this share of a day apart.
NEAR_HOURS = 0.125
#: A group of steps with fewer errors than this borrows those of its block, a block those of the whole horizon.
FEWEST_ERRORS = 60
#: Weight of lately in the scale, and of the normal law in the quantiles.
SCALE_SHARE, NORMAL_SHARE = 0.6, 0.7
#: Latest windows whose errors count, and how many new ones make it worth to sort them again.
LATEST_WINDOWS, NEW_WINDOWS = 120, 7
#: Step of the adaptation: the logarithm of a width moves by this times the miss of its coverage; in blocks whose
#: last step takes d days to come, by 1 / sqrt(d) of it. Half of what a width learns is from its own hour.
STEP, HOUR_SHARE = 0.06, 0.5
#: The central interval whose coverage is followed.
FOLLOWED = (0.1, 0.9)


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Quantiles of scaled errors by step of the horizon.

    Attributes:
        levels: The Q levels, rising.
        offsets: Quantiles of the scaled error. ``[H, Q]``
        share: Weight of lately in the scale (``forecasting.local_scale.scales``).
        errors: Scaled errors of the windows they were made from, whole ones, for joint paths. ``[C, N, H]``
        slopes: How the errors grow with the level of load (``forecasting.load_level``); None where they were not
            learnt. ``[H, 2]``
    """

    levels: tuple[float, ...]
    offsets: FloatArray
    share: float = SCALE_SHARE
    errors: FloatArray | None = field(default=None, repr=False)
    slopes: FloatArray | None = field(default=None, repr=False)

    def around(self, view: View, cutoffs: pd.DatetimeIndex, mean: FloatArray) -> FloatArray:
        """Quantiles around point forecasts, never crossing. ``[C, N, H, Q]``."""
        quantiles = mean[..., None] + self.scale(view, cutoffs, mean)[..., None] * self.offsets
        return np.asarray(np.sort(quantiles, axis=-1))

    def scale(self, view: View, cutoffs: pd.DatetimeIndex, mean: FloatArray) -> FloatArray:
        """What scaled errors are multiplied by around point forecasts. ``[C, N, H]``."""
        scale = scales(view, cutoffs, self.share)
        if self.slopes is None:
            return scale
        return np.asarray(scale * level_factor(self.slopes, load_levels(view, cutoffs, mean)))


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Errors made out of sample, in units of the scale.

    Attributes:
        positions: Cutoffs, rising. ``[C]``
        scaled: Errors; NaN at gaps. ``[C, N, H]``
        loads: Level of load of the forecasts. ``[C, N, H]``
        void_from: Position from which the reading is known to be faulty. ``[C, N, H]``
    """

    positions: IntArray
    scaled: FloatArray
    loads: FloatArray
    void_from: IntArray

    def come(self, cutoff: int) -> BoolArray:
        """Steps that have come by a cutoff. ``[C, H]``."""
        return np.asarray(self.positions[:, None] + np.arange(1, self.scaled.shape[2] + 1) <= cutoff)

    def known(self, cutoff: int) -> tuple[FloatArray, FloatArray]:
        """Errors known at a cutoff, of the latest windows that have any, else NaN; their loads. ``[C, N, H]``."""
        come = self.come(cutoff)
        rows = np.flatnonzero(come.any(axis=1))[-LATEST_WINDOWS:]
        found = np.where(come[rows, None] & (self.void_from[rows] > cutoff), self.scaled[rows], np.nan)
        return found, self.loads[rows]


def errors_of(view: View, forecasts: Forecasts, share: float = SCALE_SHARE) -> Errors:
    """Scaled errors of out-of-sample forecasts, in order of their cutoffs; NaN where nothing came or was asked."""
    positions = view.positions(forecasts.cutoffs)
    order = np.argsort(positions, kind="stable")
    horizon = forecasts.mean.shape[2]
    steps = positions[:, None] + np.arange(1, horizon + 1)
    inside = (steps < view.raw.shape[1]) & view.asked(positions, horizon)
    at = np.where(inside, steps, 0)
    came = np.moveaxis(np.where(inside, view.raw[:, at], np.nan), 0, 1)
    scaled = (came - forecasts.mean) / scales(view, forecasts.cutoffs, share)
    loads = load_levels(view, forecasts.cutoffs, forecasts.mean)
    void_from = np.moveaxis(view.known_from[:, at], 0, 1)
    return Errors(positions=positions[order], scaled=scaled[order], loads=loads[order], void_from=void_from[order])


def calibrate(view: View, forecasts: Forecasts, task: Task) -> Intervals:
    """Learn the quantiles from out-of-sample forecasts and what came, for a forecast after all of them.

    Args:
        view: The view the forecasts were made from.
        forecasts: Point forecasts that took no part in a fit.
        task: The task; names the levels.
    """
    errors, after = errors_of(view, forecasts), view.raw.shape[1] - 1
    offsets, slopes = (found[0] for found in follow(errors, np.array([after]), task))
    known, loads = errors.known(after)
    asked = np.isfinite(known).any(axis=(0, 1))
    whole = np.isfinite(known[:, :, asked]).all(axis=(1, 2))
    level = (known / level_factor(slopes, loads))[whole]
    return Intervals(
        levels=task.quantile_levels,
        offsets=offsets,
        errors=level.astype(np.float32).astype(float),
        slopes=slopes,
    )


def adapted(intervals: Intervals, errors: Errors, now: int, task: Task) -> Intervals:
    """Intervals of a saved model on newer readings: their widths answer to what they held since the fit.

    Args:
        intervals: As fitted. Without the levels 0.1 and 0.9 they stay as they are.
        errors: Errors of forecasts made from cutoffs after the fit, which took no part in it.
        now: Position of the cutoff of the next forecast.
        task: The task.
    """
    edges = [index for index, level in enumerate(intervals.levels) if level in FOLLOWED]
    if len(edges) < len(FOLLOWED):
        return intervals
    groups, last = step_groups(task), -1
    if intervals.slopes is not None:
        errors = replace(errors, scaled=errors.scaled / level_factor(intervals.slopes, errors.loads))
    log_width: FloatArray = np.zeros(errors.scaled.shape[2])
    issued = np.full((len(errors.positions), 1, *log_width.shape, 2), np.nan)
    for time in (*map(int, errors.positions), now):
        log_width = log_width + groups.steps * (groups.near @ _missed(errors, issued, last, time))
        issued[errors.positions == time] = intervals.offsets[:, edges] * np.exp(log_width)[:, None]
        last = time
    return replace(intervals, offsets=intervals.offsets * np.exp(log_width)[:, None])


def rolling(view: View, made: Forecasts, errors: Errors, task: Task) -> FloatArray:
    """Quantiles around forecasts from many cutoffs, each from the errors known there. ``[C, N, H, Q]``.

    Args:
        view: The view the forecasts were made from.
        made: The forecasts.
        errors: Errors of earlier windows and of these; what was not known at a cutoff is not used there.
        task: The task; names the levels.
    """
    offsets, slopes = follow(errors, view.positions(made.cutoffs), task)
    factor = level_factor(slopes[:, None], load_levels(view, made.cutoffs, made.mean))
    scale = scales(view, made.cutoffs, SCALE_SHARE) * factor
    return np.asarray(np.sort(made.mean[..., None] + scale[..., None] * offsets[:, None], axis=-1))


def follow(errors: Errors, cutoffs: IntArray, task: Task) -> tuple[FloatArray, FloatArray]:
    """Quantiles of scaled errors ``[C, H, Q]`` and slopes ``[C, H, 2]`` at some cutoffs, from errors known there.

    Goes through all windows and cutoffs in order of time. At each, the widths first answer to what the intervals
    held whose steps have come since; then slopes and quantiles are made anew if enough windows have come.
    """
    levels = tuple(sorted({*task.quantile_levels, *FOLLOWED}))
    edges = [levels.index(level) for level in FOLLOWED]
    wanted = [levels.index(level) for level in task.quantile_levels]
    groups, horizon = step_groups(task), errors.scaled.shape[2]
    log_width: FloatArray = np.zeros(horizon)
    offsets: FloatArray = np.zeros((horizon, len(levels)))
    slopes: FloatArray = np.zeros((horizon, 2))
    issued, found = np.full((*errors.scaled.shape, 2), np.nan), {}
    times = sorted({*map(int, errors.positions), *map(int, cutoffs)})
    last, counted = -1, -1
    for now in times:
        log_width = log_width + groups.steps * (groups.near @ _missed(errors, issued, last, now))
        count = int((errors.positions < now).sum())
        if count >= counted + NEW_WINDOWS or count < 2 * NEW_WINDOWS or now == times[-1]:
            known, loads = errors.known(now)
            slopes, counted = learn_slopes(known, loads, groups.blocks), count
            offsets = step_quantiles(known / level_factor(slopes, loads), levels, groups)
        widened, here = offsets * np.exp(log_width)[:, None], errors.positions == now
        issued[here] = level_factor(slopes, errors.loads[here])[..., None] * widened[:, edges]
        found[now], last = (widened[:, wanted], slopes), now
    rows = [found[int(cutoff)] for cutoff in cutoffs]
    return np.stack([row[0] for row in rows]), np.stack([row[1] for row in rows])


def _missed(errors: Errors, issued: FloatArray, last: int, now: int) -> FloatArray:
    """By how much the share inside fell short at steps that have come since, summed over their windows. ``[H]``."""
    news = errors.come(now) & ~errors.come(last)
    rows = np.flatnonzero(news.any(axis=1))
    error, low, high = errors.scaled[rows], issued[rows, ..., 0], issued[rows, ..., 1]
    judged = news[rows][:, None] & np.isfinite(error - low) & (errors.void_from[rows] > now)
    short = np.where(judged, FOLLOWED[1] - FOLLOWED[0] - ((error >= low) & (error <= high)), 0.0).sum(axis=1)
    return np.asarray((short / np.maximum(judged.sum(axis=1), 1)).sum(axis=0))


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Steps that share quantiles.

    Attributes:
        blocks: Steps of each block, from 0.
        hours: Steps of each group of a block, and the steps whose errors it takes.
        near: Weights with which steps of a block share what their widths learn; rows add up to 1. ``[H, H]``
        steps: How far the logarithm of each width moves for a miss. ``[H]``
    """

    blocks: Sequence[IntArray]
    hours: Sequence[tuple[IntArray, IntArray]]
    near: FloatArray
    steps: FloatArray


def step_groups(task: Task) -> Groups:
    """Blocks of the horizon, and the hours within them."""
    daily = steps_per_day(task)
    ends = [max(1, round(end * daily)) for end in BLOCK_ENDS]
    edges = [0, *dict.fromkeys(end for end in ends if end < task.horizon), task.horizon]
    blocks = [np.arange(start, end) for start, end in pairwise(edges) if end > start]
    hours, near, steps = [], np.zeros((task.horizon, task.horizon)), np.empty(task.horizon)
    for block in blocks:
        phases = block % daily
        same = phases[:, None] == phases
        near[np.ix_(block, block)] = (1 - HOUR_SHARE) / len(block) + HOUR_SHARE * same / same.sum(axis=1)
        steps[block] = STEP / np.sqrt(block[-1] // daily + 1)
        for phase in np.unique(phases):
            apart = np.abs(phases - phase)
            close = np.minimum(apart, daily - apart) <= NEAR_HOURS * daily
            hours.append((block[phases == phase], block[close]))
    return Groups(blocks=blocks, hours=hours, near=near, steps=steps)


def step_quantiles(scaled: FloatArray, levels: tuple[float, ...], groups: Groups) -> FloatArray:
    """Quantiles of the error of each step. ``[H, Q]``.

    Args:
        scaled: Errors, NaN where there is none. ``[C, N, H]``
        levels: The Q levels.
        groups: Steps that share them.
    """
    from scipy.stats import norm

    offsets = np.empty((scaled.shape[2], len(levels)))
    whole = _quantiles(scaled, levels)
    for block in groups.blocks:
        offsets[block] = _quantiles(scaled[:, :, block], levels) if _enough(scaled[:, :, block]) else whole
    for steps, taken in groups.hours:
        if _enough(scaled[:, :, taken]):
            offsets[steps] = _quantiles(scaled[:, :, taken], levels)
    spread = _spread(scaled, groups)[:, None]
    return np.asarray((1 - NORMAL_SHARE) * offsets + NORMAL_SHARE * norm.ppf(levels) * spread)


def _spread(scaled: FloatArray, groups: Groups) -> FloatArray:
    """Root mean square of the error of each step; that of its block where there are few. ``[H]``."""
    found, square = np.isfinite(scaled), np.nan_to_num(scaled) ** 2
    sums, counts = square.sum(axis=(0, 1)), found.sum(axis=(0, 1))
    for block in groups.blocks:
        few = block[counts[block] < FEWEST_ERRORS // 2]
        sums[few], counts[few] = sums[block].sum(), counts[block].sum()
    few = counts == 0
    sums[few], counts[few] = square.sum(), max(1, int(found.sum()))
    return np.asarray(np.sqrt(sums / counts))


def _enough(errors: FloatArray) -> bool:
    return int(np.isfinite(errors).sum()) >= FEWEST_ERRORS


def _quantiles(errors: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Empirical quantiles, moved outwards by the finite-sample correction ``ceil(q (n + 1)) / n``. ``[Q]``."""
    found = errors[np.isfinite(errors)]
    if not len(found):
        return np.zeros(len(levels))
    count, wanted = len(found), np.array(levels)
    outwards = np.where(wanted < 0.5, np.floor(wanted * (count + 1)), np.ceil(wanted * (count + 1))) / count
    return np.asarray(np.quantile(found, np.clip(np.where(wanted == 0.5, 0.5, outwards), 0.0, 1.0)))
