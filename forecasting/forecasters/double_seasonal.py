"""Exponential smoothing with a day and a week, and the last error carried on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import RegisteredForecaster, register

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Rates tried for level, short season, long season, and how much of the last error goes on: all combinations.
LEVELS, SHORTS, LONGS, CARRIED = (0.0, 0.01, 0.05), (0.03, 0.1, 0.2), (0.05, 0.15, 0.3), (0.5, 0.8, 0.95)


@register
@dataclass(kw_only=True)
class DoubleSeasonal(RegisteredForecaster):
    """``x[t] = level + short season + long season + carried x last error``, all smoothed exponentially.

    The rates are those with the smallest squared error one step ahead, of a grid that is tried in one pass. There is
    no memory but the readings: from each cutoff the states are those smoothed up to it.
    Source: Taylor (2003), Short-term electricity demand forecasting using double seasonal exponential smoothing,
    Journal of the Operational Research Society 54.

    Attributes:
        seasons: Latest longest seasons smoothed before the fit.
    """

    name: ClassVar[str] = "double_seasonal"
    plain: ClassVar[str] = "a smoothed level, day and week, and the last error carried on"
    seconds_per_1000: ClassVar[float] = 0.08

    seasons: int = 20

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Two seasons, one a multiple of the other, the longer three times."""
        short, long = task.season, max(task.seasonality)
        return short < long and long % short == 0 and length >= 3 * long + task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Length of history."""
        return {"seasons": trial.suggest_int("seasons", 6, 40, log=True)}

    def _learn(self, past: Past, task: Task) -> State:
        start = max(0, past.cutoff + 1 - self.seasons * max(task.seasonality))
        readings = past.readings[:, start:]
        grid = np.array(list(product(LEVELS, SHORTS, LONGS, CARRIED)))
        states = _States(_begin(readings, task), task, grid[:, None, :])
        errors = np.zeros((len(grid), len(readings)))
        warm = 2 * max(task.seasonality)
        for step in range(readings.shape[1]):
            missed = states.update(readings[:, step])
            if step >= warm:
                errors += missed**2
        return State(arrays={"rates": grid[np.argmin(errors, axis=0)]}, settings={"start": int(start)})

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        return np.asarray(np.sum(self._ahead(past, origins, learnt), axis=0))

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Level and seasons are usual, what is carried on of the last error is recent."""
        return dict(zip((PROFILE, RECENT), self._ahead(past, origins, learnt), strict=True))

    def _ahead(self, past: Past, origins: IntArray, learnt: State) -> tuple[FloatArray, FloatArray]:
        """Level with its seasons, and the error carried on, from each origin. ``[C, N, H]`` each."""
        start, task = int(learnt.settings["start"]), past.task
        readings = past.readings[:, start:]
        # the first seasons begin the states, so that these are the same however much follows
        states = _States(_begin(readings, task), task, learnt.arrays["rates"][None])
        usual, carried = np.zeros((2, len(origins), len(past.items), task.horizon))
        wanted = {int(origin): np.flatnonzero(origins == origin) for origin in origins}
        for step in range(int(origins.max()) - start + 1):
            states.update(readings[:, step])
            if step + start in wanted:
                at = wanted[step + start]
                usual[at], carried[at] = (made[0] for made in states.ahead(task.horizon))
        return usual, carried


@dataclass(frozen=True)
class _Beginning:
    """States before the first reading: level ``[N]``, short ``[N, S]`` and long season ``[N, L]``."""

    level: FloatArray
    short: FloatArray
    long: FloatArray


def _begin(readings: FloatArray, task: Task) -> _Beginning:
    """Means of the first two longest seasons."""
    short, long = task.season, max(task.seasonality)
    first = readings[:, : 2 * long]
    level = _mean(first)
    usual = np.stack([_mean(first[:, phase::long]) for phase in range(long)], axis=1)
    usual = np.where(np.isfinite(usual), usual, level[:, None]) - level[:, None]
    daily = usual.reshape(len(usual), -1, short).mean(axis=1)
    return _Beginning(level, daily, usual - np.tile(daily, (1, long // short)))


def _mean(values: FloatArray) -> FloatArray:
    """Mean of each row over what there is, 0 without anything."""
    found = np.isfinite(values)
    return np.asarray(np.where(found, values, 0.0).sum(axis=1) / np.maximum(found.sum(axis=1), 1))


class _States:
    """States of G combinations of rates and N items, smoothed step by step.

    Args:
        begin: Where they begin.
        task: The task.
        rates: Level, short, long, carried. ``[G, N or 1, 4]``
    """

    def __init__(self, begin: _Beginning, task: Task, rates: FloatArray) -> None:
        self.rates = [rates[..., k] for k in range(4)]
        shape = np.broadcast_shapes(rates.shape[:2], (1, len(begin.level)))
        self.level = np.broadcast_to(begin.level, shape).copy()
        # phases first, so that one step touches one stretch of memory
        self.short = np.broadcast_to(begin.short.T[:, None], (task.season, *shape)).copy()
        self.long = np.broadcast_to(begin.long.T[:, None], (max(task.seasonality), *shape)).copy()
        self.error = np.zeros(shape)
        self.step = 0

    def update(self, x: FloatArray) -> FloatArray:
        """Take in one reading of each item ``[N]``; returns the error of its forecast, 0 without one. ``[G, N]``."""
        short, long = self.short[self.step % len(self.short)], self.long[self.step % len(self.long)]
        found = np.isfinite(x)
        away = np.where(found, np.where(found, x, 0.0) - self.level - short - long, 0.0)
        missed = np.where(found, away - self.rates[3] * self.error, 0.0)
        self.level += self.rates[0] * away
        short += self.rates[1] * away
        long += self.rates[2] * away
        self.error = np.where(found, away, self.rates[3] * self.error)
        self.step += 1
        return missed

    def ahead(self, horizon: int) -> tuple[FloatArray, FloatArray]:
        """Level with its seasons, and the error carried on, over the next steps. ``[G, N, H]`` each."""
        steps = np.arange(horizon)
        phases = self.step + steps
        carried = self.rates[3][..., None] ** (steps + 1) * self.error[..., None]
        seasons = self.short[phases % len(self.short)] + self.long[phases % len(self.long)]
        return self.level[..., None] + np.moveaxis(seasons, 0, -1), carried
