"""Autoregression with a constant for every phase of the season, fitted by statsmodels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.calendar import ordinary_readings
from features.deviation import Rows, Shape, deviation_of
from features.lags import mean_for_gaps, take
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import RegisteredForecaster, register, weighted_sum

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Latest readings a fit uses, in longest seasons: the constants of the season are fixed, so that old ones go stale.
SEASONS_USED = 26


@register
@dataclass(kw_only=True)
class Autoregression(RegisteredForecaster):
    """``x[t] = c[phase of t] + sum_i a_i x[t - lag_i]``, forecast step by step.

    Source: statsmodels ``AutoReg`` (conditional least squares); Luetkepohl (2005), section 2.

    Attributes:
        recent: Latest lags, from 1.
        days: Lags of 1 to ``days`` short seasons, each with the one after it.
        seasons: Latest longest seasons used.
    """

    name: ClassVar[str] = "autoregression"
    plain: ClassVar[str] = "each step from the steps before it"
    seconds_per_1000: ClassVar[float] = 0.1

    recent: int = 3
    days: int = 2
    seasons: int = SEASONS_USED

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """A constant for every phase needs every phase a few times."""
        return length >= 3 * max(task.seasonality) + task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Lags and length of history."""
        return {
            "recent": trial.suggest_int("recent", 1, 12),
            "days": trial.suggest_int("days", 0, 7),
            "seasons": trial.suggest_int("seasons", 6, 52, log=True),
        }

    def lags(self, task: Task) -> IntArray:
        """Lags [steps], rising."""
        found = set(range(1, self.recent + 1))
        if task.season > 1:
            found |= {task.season * k + after for k in range(1, self.days + 1) for after in (0, 1)}
            found |= {max(task.seasonality), max(task.seasonality) + 1}
        return np.array(sorted(found), dtype=np.int64)

    def _learn(self, past: Past, task: Task) -> State:
        from statsmodels.tsa.ar_model import AutoReg

        period, lags = max(task.seasonality), self.lags(task)
        length = min(past.cutoff + 1, self.seasons * period + int(lags[-1]))
        readings = mean_for_gaps(ordinary_readings(past)[:, -length:])
        phase = (past.cutoff + 1 - length) % period
        with warnings.catch_warnings():  # where readings repeat exactly many fits are exact: the smallest is taken
            warnings.filterwarnings("ignore", message="The design matrix is rank-deficient")
            weights = [
                AutoReg(x, lags=lags.tolist(), trend="c", seasonal=period > 1, period=max(period, 2)).fit().params
                if np.ptp(x) > 0
                else np.r_[x[0], np.zeros(len(lags) + max(period - 1, 0))]
                for x in readings
            ]
        return State(arrays={"weights": np.stack(weights)}, settings={"phase": int(phase)})

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        constants, slopes = self._weights(past.task, origins, learnt)
        return _path(self._known(past, origins), constants, slopes, self.lags(past.task))

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The same recursion, once from what is usual and once from the departures from it; it is linear."""
        constants, slopes = self._weights(past.task, origins, learnt)
        known, lags = self._known(past, origins), self.lags(past.task)
        back = origins[:, None] + np.arange(1 - known.shape[2], 1)
        shape = Shape(period=max(past.task.seasonality), holidays=False, weather=False)
        usual = take(Rows(deviation_of(past, shape, {}), origins).deviation.profiles[1], back)
        departures = np.where(np.isfinite(usual), known - usual, 0.0)
        return {
            PROFILE: _path(known - departures, constants, slopes, lags),
            RECENT: _path(departures, np.zeros_like(constants), slopes, lags),
        }

    def _known(self, past: Past, origins: IntArray) -> FloatArray:
        """Readings that the lags reach from each origin, without gaps. ``[N, C, longest lag]``."""
        back = np.arange(1 - self.lags(past.task)[-1], 1)
        return mean_for_gaps(take(ordinary_readings(past), origins[:, None] + back))

    def _weights(self, task: Task, origins: IntArray, learnt: State) -> tuple[FloatArray, FloatArray]:
        """Constants of the steps ahead ``[N, C, H]`` and weights of the lags ``[N, L]``."""
        weights, period = learnt.arrays["weights"], max(task.seasonality)
        constants = np.zeros((len(weights), period))
        # statsmodels numbers the phases from the first reading of the fit and takes the first one as the base
        constants[:, 1:] = weights[:, 1:period]
        constants += weights[:, :1]
        phases = (origins[:, None] + np.arange(1, task.horizon + 1) - learnt.settings["phase"]) % period
        return constants[:, phases], weights[:, -len(self.lags(task)) :]


def _path(known: FloatArray, constants: FloatArray, slopes: FloatArray, lags: IntArray) -> FloatArray:
    """Step by step from what is known ``[N, C, longest lag]``. ``[C, N, H]``."""
    longest, horizon = known.shape[2], constants.shape[2]
    path = np.concatenate([known, np.empty((*known.shape[:2], horizon))], axis=2)
    for step in range(1, horizon + 1):
        older = path[:, :, longest + step - 1 - lags]
        path[:, :, longest + step - 1] = constants[:, :, step - 1] + weighted_sum(older, slopes[:, None, :])
    return np.moveaxis(path[:, :, longest:], 0, 1)
