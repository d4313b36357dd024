"""Series that are mostly zero: how large a demand is, times how often there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.lags import take
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import RegisteredForecaster, register

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest


@register
@dataclass(kw_only=True)
class Intermittent(RegisteredForecaster):
    """Size and chance of a demand, each smoothed exponentially; flat, or by the phase of the season.

    ``tsb`` smooths the chance at every step, so that it falls where demand dies out: Teunter, Syntetos, Babai
    (2011), European Journal of Operational Research 214(3). ``croston`` smooths the interval between demands:
    Croston (1972), Operational Research Quarterly 23(3). ``sba`` takes off its bias, half the rate: Syntetos and
    Boylan (2005), International Journal of Forecasting 21(2).

    Attributes:
        method: ``tsb``, ``croston`` or ``sba``.
        size_rate: Rate at which the size is smoothed.
        chance_rate: Rate at which chance or interval is.
        by_phase: Whether the phases of the longest season share the mean as they did before, zeros included.
    """

    name: ClassVar[str] = "intermittent"
    plain: ClassVar[str] = "how large a demand is, times how often there is one"
    seconds_per_1000: ClassVar[float] = 0.02

    method: str = "tsb"
    size_rate: float = 0.1
    chance_rate: float = 0.05
    by_phase: bool = False

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Any series; whether it is one of these only its profile can tell."""
        return length >= max(10, 2 * task.season)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Method and rates."""
        return {
            "method": trial.suggest_categorical("method", ["tsb", "croston", "sba"]),
            "size_rate": trial.suggest_float("size_rate", 0.02, 0.4, log=True),
            "chance_rate": trial.suggest_float("chance_rate", 0.01, 0.4, log=True),
            "by_phase": trial.suggest_categorical("by_phase", [False, True]),
        }

    def _learn(self, past: Past, task: Task) -> State:  # noqa: ARG002 - smoothed anew up to each cutoff
        return State()

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:  # noqa: ARG002
        return self._by_phase(self._smoothed(past.readings), past, origins)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The mean of all readings so far is usual; how the smoothed one lies from it is recent."""
        known = np.isfinite(past.readings)
        so_far = np.where(known, past.readings, 0.0).cumsum(axis=1) / np.maximum(known.cumsum(axis=1), 1)
        usual = self._by_phase(so_far, past, origins)
        return {PROFILE: usual, RECENT: self._forecast(past, origins, learnt) - usual}

    def _by_phase(self, mean: FloatArray, past: Past, origins: IntArray) -> FloatArray:
        """A mean as known after each reading ``[N, T]`` over the steps ahead. ``[C, N, H]``."""
        flat = take(mean, origins).T[:, :, None]
        if not self.by_phase:
            return np.broadcast_to(flat, (*flat.shape[:2], past.task.horizon)).copy()
        return np.asarray(flat * _phase_shares(past, origins))

    def _smoothed(self, readings: FloatArray) -> FloatArray:
        """Mean demand for the next step, as known after each reading. ``[N, T]``."""
        items, length = readings.shape
        size, chance, gap = np.full(items, np.nan), np.full(items, np.nan), np.ones(items)
        made = np.zeros(readings.shape)
        for step in range(length):
            x = readings[:, step]
            known, demand = np.isfinite(x), np.isfinite(x) & (x != 0)
            first = demand & np.isnan(size)
            rated = size + self.size_rate * (np.nan_to_num(x) - size)
            size = np.where(first, x, np.where(demand, rated, size))
            if self.method == "tsb":
                chance = np.where(
                    np.isnan(chance),
                    np.where(known, demand, np.nan),
                    chance + known * self.chance_rate * (demand - chance),
                )
                mean = size * chance
            else:
                interval = np.where(np.isnan(chance), gap, chance + self.chance_rate * (gap - chance))
                chance = np.where(demand, interval, chance)
                gap = np.where(demand, 1.0, gap + known)
                mean = size / chance * (1 - self.chance_rate / 2 * (self.method == "sba"))
            made[:, step] = np.nan_to_num(mean)
        return made


def _phase_shares(past: Past, origins: IntArray) -> FloatArray:
    """Mean of the last eight seasons at the phase of each step, against the mean of all phases. ``[C, N, H]``."""
    season, horizon = max(past.task.seasonality), past.task.horizon
    steps = np.arange(1, horizon + 1)
    first = origins[:, None] + steps - season * -(-steps // season)
    seen = np.stack([take(past.readings, first - season * k) for k in range(8)])
    every = take(past.readings, origins[:, None] - np.arange(8 * season))
    at_phase, whole = _mean(seen, 0), _mean(every, 2)[:, :, None]
    shares = np.where(whole > 0, at_phase / np.where(whole > 0, whole, 1.0), 1.0)
    return np.moveaxis(shares, 0, 1)


def _mean(values: FloatArray, axis: int) -> FloatArray:
    found = np.isfinite(values)
    return np.asarray(np.where(found, values, 0.0).sum(axis=axis) / np.maximum(found.sum(axis=axis), 1))
