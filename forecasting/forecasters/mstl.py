"""Seasons by LOESS, carried on as they last were; the level is smoothed and the last departure fades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.calendar import ordinary_readings
from features.lags import clock_positions, exponential_mean, mean_for_gaps, take
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import Additive, register

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Longest seasons that the level looks back on; what is older weighs next to nothing.
REACH = 4
#: Last cycles of a season that are averaged.
CYCLES = 4


@register
@dataclass(kw_only=True)
class Mstl(Additive):
    """``x[t] = level[t] + seasons[phase of t] + r[t]``, ``r`` fading as ``carried^h``.

    The seasons are the mean of the last cycles of a multiple decomposition by LOESS at the fit, by clock.
    Source: Bandara, Hyndman, Bergmeir (2021), MSTL: A Seasonal-Trend Decomposition Algorithm for Time Series with
    Multiple Seasonal Patterns, through statsmodels' ``MSTL``.

    Attributes:
        seasons: Latest longest seasons decomposed.
        span: Longest seasons after which a reading has lost 63 % of its weight in the level.
    """

    name: ClassVar[str] = "mstl"
    plain: ClassVar[str] = "a level, a day and a week taken apart by smoothing, and what fades"
    seconds_per_1000: ClassVar[float] = 0.28

    seasons: int = 12
    span: float = 0.5

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """A season, and four of the longest."""
        return task.season > 1 and length >= 4 * max(task.seasonality) + task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Lengths of the histories of seasons and of level."""
        return {
            "seasons": trial.suggest_int("seasons", 4, 30, log=True),
            "span": trial.suggest_float("span", 0.05, 2.0, log=True),
        }

    def _learn(self, past: Past, task: Task) -> State:
        from statsmodels.tsa.seasonal import MSTL

        readings = ordinary_readings(past)
        length = min(readings.shape[1], self.seasons * max(task.seasonality))
        phases = clock_positions(past, np.arange(past.cutoff + 1 - length, past.cutoff + 1))
        periods = sorted(set(task.seasonality))
        found = {period: np.zeros((len(readings), period)) for period in periods}
        for item, x in enumerate(mean_for_gaps(readings[:, -length:])):
            if np.ptp(x) > 0:
                split = np.reshape(MSTL(x, periods=periods).fit().seasonal, (length, -1))
                for column, period in zip(split.T, periods, strict=True):
                    found[period][item, phases[-period:] % period] = _lately(column, period)
        arrays = {f"season {period}": values for period, values in found.items()}
        departures, _ = self._departures(past, np.array([past.cutoff]), State(arrays=arrays))
        now, before = departures[:, 0, 1:], departures[:, 0, :-1]
        size = np.maximum((before**2).sum(axis=1), np.finfo(float).tiny)
        return State(arrays={**arrays, "carried": np.clip((now * before).sum(axis=1) / size, 0.0, 0.99)})

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Level and seasons are usual; what fades is recent."""
        steps = np.arange(1, past.task.horizon + 1)
        departures, level = self._departures(past, origins, learnt)
        usual = level[:, :, None] + _seasons(past, origins[:, None] + steps, learnt)
        fading = departures[:, :, -1:] * learnt.arrays["carried"][:, None, None] ** steps
        return {PROFILE: np.moveaxis(usual, 0, 1), RECENT: np.moveaxis(fading, 0, 1)}

    def _departures(self, past: Past, origins: IntArray, learnt: State) -> tuple[FloatArray, FloatArray]:
        """Readings less seasons and the level before each, ``[N, C, L]``, and the level at the origin ``[N, C]``."""
        long = max(past.task.seasonality)
        at = origins[:, None] + np.arange(1 - REACH * long, 1)
        rest = mean_for_gaps(take(ordinary_readings(past), at) - _seasons(past, at, learnt))
        level = exponential_mean(rest, self.span * long)
        before = np.concatenate([level[..., :1], level[..., :-1]], axis=-1)
        return rest - before, level[..., -1]


def _lately(season: FloatArray, period: int) -> FloatArray:
    """Mean of the last cycles ``[period]``: LOESS takes much of a last departure for a change of the season."""
    return np.asarray(season[-CYCLES * period :].reshape(-1, period).mean(axis=0))


def _seasons(past: Past, positions: IntArray, learnt: State) -> FloatArray:
    """Sum of the seasons at positions. ``[N, *positions.shape]``."""
    phases = clock_positions(past, positions)
    seasons = [learnt.arrays[f"season {period}"] for period in sorted(set(past.task.seasonality))]
    return np.asarray(sum(values[:, phases % values.shape[1]] for values in seasons))
