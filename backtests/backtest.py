"""Rolling-origin backtesting: forecast from many cutoffs, each with what was known then, and score.

Readings that were found faulty are left out of the scores, and counted; all others are scored as they were read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.forecaster import Rolling
from backtests.metrics import Scored, nan_mean
from backtests.view import NEVER, steps_per_day

if TYPE_CHECKING:
    from backtests.forecaster import Forecaster, Forecasts
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, View
    from backtests.windows import Windows


def actuals(view: View, positions: IntArray, horizon: int) -> FloatArray:
    """What came at the steps asked for; NaN for the others, for gaps, faults and what lies beyond. ``[C, N, H]``."""
    sound = np.where(view.known_from == NEVER, view.raw, np.nan)
    steps = positions[:, None] + np.arange(1, horizon + 1)
    inside = (steps < sound.shape[1]) & view.asked(positions, horizon)
    return np.moveaxis(np.where(inside, sound[:, np.where(inside, steps, 0)], np.nan), 0, 1)


def naive_scales(view: View, positions: IntArray, season: int) -> tuple[FloatArray, FloatArray]:
    """Mean absolute and mean square change over a season, on the sound readings up to each cutoff. ``[C, N]``."""
    sound = np.where(view.known_from == NEVER, view.raw, np.nan)
    change = np.full_like(sound, np.nan)
    change[:, season:] = sound[:, season:] - sound[:, :-season]
    found = np.isfinite(change)
    count = np.cumsum(found, axis=1)[:, positions].T
    with np.errstate(invalid="ignore"):
        absolute = np.cumsum(np.where(found, np.abs(change), 0.0), axis=1)[:, positions].T / count
        square = np.cumsum(np.where(found, change**2, 0.0), axis=1)[:, positions].T / count
    return absolute, square


#: A model is stale when the mean error of the last ``WATCHED`` windows known is this many times that of the first
#: as many after its fit.
WATCHED, STALE = 7, 1.25


def roll(forecaster: Forecaster, view: View, windows: Windows, task: Task) -> Forecasts:
    """Forecast from every window; fitted anew as the windows say, each time on what was available then.

    A forecaster that can refit along the way at little cost does so itself (``backtests.forecaster.Rolling``).
    """
    by_itself = windows.fit_on is None and len(windows.blocks()) > 1
    if by_itself and isinstance(forecaster, Rolling):
        return forecaster.roll(view, windows, task)
    return refit_roll(forecaster, view, windows, task)


def refit_roll(forecaster: Forecaster, view: View, windows: Windows, task: Task) -> Forecasts:
    """The same with a fit of its own for every run of windows."""
    parts, left = [], windows.blocks()
    while left:
        block = left.pop(0)
        cutoffs = view.cutoffs(block)
        fitted = forecaster.fit(latest(view, int(block[0]), windows.fit_on), cutoffs[0], task)
        made = fitted.predict(view, cutoffs)
        fresh = _fresh(made, view, block) if windows.refit == "stale" else len(block)
        parts.append(part(made, slice(fresh)))
        left = [block[fresh:], *left] if fresh < len(block) else left
    return join(parts)


def latest(view: View, cutoff: int, number: int | None) -> View:
    """The view for a fit that may learn from the last ``number`` readings up to a cutoff; older ones are missing."""
    if number is None:
        return view
    older = np.arange(view.raw.shape[1]) <= cutoff - number
    return replace(view, raw=np.where(older, np.nan, view.raw))


def _fresh(made: Forecasts, view: View, positions: IntArray) -> int:
    """How many windows one fit serves before the errors known at a cutoff say that it is stale. At least one."""
    horizon = made.mean.shape[2]
    error = nan_mean(np.abs(actuals(view, positions, horizon) - made.mean).reshape(len(positions), -1), axis=1)
    for row, cutoff in enumerate(positions):
        known = error[:row][(positions[:row] + horizon <= cutoff) & np.isfinite(error[:row])]
        if len(known) >= 2 * WATCHED and known[-WATCHED:].mean() > STALE * known[:WATCHED].mean():
            return row
    return len(positions)


def part(forecasts: Forecasts, rows: slice) -> Forecasts:
    """Forecasts of some of the cutoffs."""
    return replace(
        forecasts,
        cutoffs=forecasts.cutoffs[rows],
        timestamps=forecasts.timestamps[rows],
        mean=forecasts.mean[rows],
        quantiles=None if forecasts.quantiles is None else forecasts.quantiles[rows],
        asked=None if forecasts.asked is None else forecasts.asked[rows],
        issued_at=None if forecasts.issued_at is None else forecasts.issued_at[rows],
    )


def join(parts: list[Forecasts]) -> Forecasts:
    """Forecasts of several runs of cutoffs as one."""
    first = parts[0]
    quantiles = [part.quantiles for part in parts if part.quantiles is not None]
    asked = [part.asked for part in parts if part.asked is not None]
    issued = [part.issued_at for part in parts if part.issued_at is not None]
    return replace(
        first,
        cutoffs=pd.DatetimeIndex(np.concatenate([part.cutoffs for part in parts]), tz="UTC"),
        timestamps=np.concatenate([part.timestamps for part in parts]),
        mean=np.concatenate([part.mean for part in parts]),
        quantiles=np.concatenate(quantiles) if quantiles else None,
        asked=np.concatenate(asked) if asked else None,
        issued_at=pd.DatetimeIndex(np.concatenate(issued), tz="UTC") if issued else None,
    )


def scored(forecasts: Forecasts, view: View, task: Task) -> Scored:
    """Forecasts beside what came at the steps asked for, ready for ``backtests.metrics.score``."""
    positions = view.positions(forecasts.cutoffs)
    horizon = forecasts.mean.shape[2]
    there = np.isfinite(forecasts.mean)
    asked = view.asked(positions, horizon).any(axis=0) & there.any(axis=(0, 1))
    absolute, square = naive_scales(view, positions, task.season)
    long = max(task.seasonality)
    return Scored(
        actual=np.where(there, actuals(view, positions, horizon), np.nan)[:, :, asked],
        mean=forecasts.mean[:, :, asked],
        quantiles=None if forecasts.quantiles is None else forecasts.quantiles[:, :, asked],
        levels=forecasts.levels,
        scale=absolute,
        square_scale=square,
        long_scale=naive_scales(view, positions, long)[0] if long > task.season else None,
        day=steps_per_day(task),
        costs=task.costs,
    )


def losses(forecasts: Forecasts, view: View, task: Task, *, since: int | None = None) -> FloatArray:
    """Loss of each window: mean over the items of MAE against the seasonal naive's, NaN without readings. ``[C]``.

    In these units items of any size weigh the same. An item's naive error is measured up to the position
    ``since`` (the first of the cutoffs if not given), so that all windows share one scale. Where readings repeat
    exactly, so that no item has one, it is their mean absolute deviation.
    """
    positions = view.positions(forecasts.cutoffs)
    first = positions[:1] if since is None else np.array([since])
    scale = naive_scales(view, first, task.season)[0]
    scale = np.where(scale > 0, scale, np.nan)
    if np.isnan(scale).all():
        scale = _deviations(view, int(first[0]))
    error = np.abs(actuals(view, positions, forecasts.mean.shape[2]) - forecasts.mean)
    return nan_mean(nan_mean(error, axis=2) / scale, axis=1)


def _deviations(view: View, position: int) -> FloatArray:
    """Mean absolute deviation of the sound readings up to a position, NaN where all are equal. ``[1, N]``."""
    sound = np.where(view.known_from == NEVER, view.raw, np.nan)[:, : position + 1]
    found = nan_mean(np.abs(sound - nan_mean(sound, axis=1)[:, None]), axis=1)[None]
    return np.where(found > 0, found, np.nan)


def repeats_exactly(view: View, task: Task) -> bool:
    """Whether every sound reading of every item is what it was a season before."""
    last = np.array([view.raw.shape[1] - 1])
    changes = [naive_scales(view, last, season)[0] for season in dict.fromkeys((task.season, *task.seasonality))]
    return any(bool((found == 0).all()) for found in changes)


def daily_losses(forecasts: Forecasts, view: View, task: Task) -> FloatArray:
    """Mean absolute error of each day forecast, over items, windows and hours, in order of time. ``[D]``.

    A day is counted from the first cutoff; one that several windows forecast is one day. NaN without readings.
    """
    positions, horizon = view.positions(forecasts.cutoffs), forecasts.mean.shape[2]
    error = np.abs(actuals(view, positions, horizon) - forecasts.mean)
    steps = positions[:, None] - positions.min() + np.arange(horizon)
    days = np.broadcast_to((steps // steps_per_day(task))[:, None], error.shape)
    found = np.isfinite(error)
    sums = np.bincount(days[found], error[found])
    counts = np.bincount(days[found])
    forecast = np.unique(days)
    sums, counts = (np.pad(x, (0, int(forecast[-1]) + 1 - len(x)))[forecast] for x in (sums, counts))
    return np.asarray(sums / np.where(counts > 0, counts, np.nan))


def faulty_readings(view: View, positions: IntArray, horizon: int) -> int:
    """Readings left out of the scores of these windows because they were found faulty."""
    steps = np.unique((positions[:, None] + np.arange(1, horizon + 1))[view.asked(positions, horizon)])
    steps = steps[steps < view.raw.shape[1]]
    return int((view.known_from[:, steps] != NEVER).sum())
