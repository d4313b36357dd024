"""Waves of the day and the week by regression, and what they leave as an ARMA process, fitted by statsmodels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.calendar import ordinary_readings
from features.lags import clock_positions, mean_for_gaps, take
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import Additive, register, weighted_sum

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Short seasons that errors are filtered over; what is older has faded.
REACH = 8
#: Roots of the error process stay this far from 1: closer ones never come back to the waves.
LARGEST = 0.995


@register
@dataclass(kw_only=True)
class Harmonic(Additive):
    """``x[t] = constant + waves[t] + n[t]``, ``n`` an ARMA process: dynamic harmonic regression.

    The waves are fitted by least squares, the process to what they leave: by maximum likelihood over all readings at
    once a fit takes minutes on hourly data. Source: Hyndman & Athanasopoulos (2021), Forecasting: Principles and
    Practice, 3rd ed., section 10.5; the process by Hannan & Rissanen (1982), through statsmodels.

    Attributes:
        pairs: Pairs of waves in the shortest season.
        long_pairs: Pairs of waves in each longer one, besides those that the shorter ones have.
        ar: Autoregressive terms.
        ma: Moving-average terms.
        seasons: Latest longest seasons used.
    """

    name: ClassVar[str] = "harmonic"
    plain: ClassVar[str] = "waves of day, week and year, and errors that come back to them"
    seconds_per_1000: ClassVar[float] = 0.12

    pairs: int = 8
    long_pairs: int = 10
    ar: int = 2
    ma: int = 1
    seasons: int = 12

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """A season, and four of the longest."""
        return task.season > 1 and length >= 4 * max(task.seasonality) + task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Waves, order of the process, length of history."""
        return {
            "pairs": trial.suggest_int("pairs", 2, 12),
            "long_pairs": trial.suggest_int("long_pairs", 2, 40, log=True),
            "ar": trial.suggest_int("ar", 1, 4),
            "ma": trial.suggest_int("ma", 0, 2),
            "seasons": trial.suggest_int("seasons", 4, 52, log=True),
        }

    def _learn(self, past: Past, task: Task) -> State:
        readings = ordinary_readings(past)
        length = min(readings.shape[1], self.seasons * max(task.seasonality))
        readings = mean_for_gaps(readings[:, -length:])
        X = self._waves(past, np.arange(past.cutoff + 1 - length, past.cutoff + 1))
        weights = np.linalg.lstsq(X, readings.T, rcond=None)[0].T
        process = [_process(row, self.ar, self.ma) for row in readings - weights @ X.T]
        return State(arrays={"weights": weights, "process": np.stack(process)})

    def _waves(self, past: Past, positions: IntArray) -> FloatArray:
        """A constant and waves by the local clock. ``[*positions.shape, K]``."""
        phase = clock_positions(past, positions)
        seasons = sorted(set(past.task.seasonality))
        columns = [np.ones(phase.shape)]
        for index, season in enumerate(seasons):
            most = min(self.long_pairs if index else self.pairs, (season - 1) // 2)
            turns = [
                k for k in range(1, season) if not any(k * shorter % season == 0 for shorter in seasons[:index])
            ]
            for k in turns[:most]:
                columns += [wave(2 * np.pi * k * (phase % season) / season) for wave in (np.sin, np.cos)]
        return np.stack(columns, axis=-1)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The waves are usual; how the process comes back to them is recent."""
        weights, horizon = learnt.arrays["weights"], past.task.horizon
        back, steps = np.arange(1 - REACH * past.task.season, 1), np.arange(1, horizon + 1)
        at = origins[:, None] + back
        said = weighted_sum(self._waves(past, at)[None], weights[:, None, None, :])
        rest = np.nan_to_num(take(ordinary_readings(past), at) - said)
        usual = weighted_sum(self._waves(past, origins[:, None] + steps)[None], weights[:, None, None, :])
        recent = np.stack(
            [_ahead(row, one, self.ar, horizon) for row, one in zip(rest, learnt.arrays["process"], strict=True)]
        )
        return {PROFILE: np.moveaxis(usual, 0, 1), RECENT: np.moveaxis(recent, 0, 1)}


def _process(rest: FloatArray, ar: int, ma: int) -> FloatArray:
    """Weights of the last errors and of the last surprises ``[ar + ma]``; AR(1) where no stable process is found."""
    from statsmodels.tsa.arima.estimators.hannan_rissanen import hannan_rissanen

    found = np.zeros(ar + ma)
    if np.ptp(rest) > 0:
        made, _ = hannan_rissanen(rest, ar_order=ar, ma_order=ma, demean=False)
        weights = np.r_[made.ar_params, made.ma_params]
        roots = np.roots(np.r_[1.0, -weights[:ar]])
        stable = np.isfinite(weights).all() and np.abs(roots).max() < LARGEST and (ma == 0 or made.is_invertible)
        if stable:
            return np.asarray(weights)
        found[0] = np.clip((rest[1:] * rest[:-1]).sum() / (rest**2).sum(), -LARGEST, LARGEST)
    return found


def _ahead(rest: FloatArray, process: FloatArray, ar: int, horizon: int) -> FloatArray:
    """Expected errors after the last ones ``[C, L]``. ``[C, H]``."""
    from scipy.signal import lfilter

    weights, moving = process[:ar], process[ar:]
    surprises = lfilter(np.r_[1.0, -weights], np.r_[1.0, moving], rest, axis=1)
    path = np.concatenate([rest[:, rest.shape[1] - ar :], np.zeros((len(rest), horizon))], axis=1)
    for step in range(horizon):
        expected = weighted_sum(path[:, step : step + ar], weights[::-1])
        for lag in range(step + 1, len(moving) + 1):  # surprises after the origin are 0
            expected = expected + moving[lag - 1] * surprises[:, step - lag]
        path[:, ar + step] = expected
    return np.asarray(path[:, ar:])
