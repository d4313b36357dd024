"""Repeat the last season: the yardstick of every other forecaster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.lags import fill_forward, take
from features.parts import PROFILE
from forecasting.forecasters.family import RegisteredForecaster, Role, register

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Seasons looked back for a reading when the newest are missing.
SEASONS_BACK = 4


@register
@dataclass(kw_only=True)
class SeasonalNaive(RegisteredForecaster):
    """The reading one season before, or the one before that when it is missing.

    Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 5.2.

    Attributes:
        season: Steps to go back; 0 for the longest season of the task.
    """

    name: ClassVar[str] = "seasonal_naive"
    plain: ClassVar[str] = "repeats the last season"
    roles: ClassVar[frozenset[Role]] = frozenset({"baseline", "fallback"})
    seconds_per_1000: ClassVar[float] = 0.001

    season: int = 0

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Which season to repeat."""
        return {"season": trial.suggest_categorical("season", list(task.seasonality))}

    def _learn(self, past: Past, task: Task) -> State:  # noqa: ARG002 - there is nothing to learn
        return State()

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:  # noqa: ARG002
        season = self.season or max(past.task.seasonality)
        steps = np.arange(1, past.task.horizon + 1)
        first = origins[:, None] + steps - season * -(-steps // season)
        found = np.nan_to_num(take(fill_forward(past.readings), origins))[:, :, None]
        for k in reversed(range(SEASONS_BACK)):
            values = take(past.readings, first - season * k)
            found = np.where(np.isfinite(values), values, found)
        return np.moveaxis(np.broadcast_to(found, (len(past.items), *first.shape)), 0, 1)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Last season is all it knows of what is usual."""
        return {PROFILE: self._forecast(past, origins, learnt)}
