"""Exponentially weighted mean of the last seasons, such as the usual hour of the week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from backtests.forecaster import State
from features.deviation import Rows, Shape, deviation_of
from features.parts import PROFILE
from forecasting.forecasters.family import RegisteredForecaster, Role, register

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest


@register
@dataclass(kw_only=True)
class SeasonalProfile(RegisteredForecaster):
    """The profile by the local clock, newest seasons weighing most.

    Attributes:
        period: Season [steps]; 0 for the longest of the task.
        depth: Seasons averaged.
        decay: Weight of a season against the one after it.
    """

    name: ClassVar[str] = "seasonal_profile"
    plain: ClassVar[str] = "the usual course, in which the newest seasons count most"
    roles: ClassVar[frozenset[Role]] = frozenset({"fallback"})
    seconds_per_1000: ClassVar[float] = 0.005

    period: int = 0
    depth: int = 6
    decay: float = 0.75

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Season, depth and decay."""
        return {
            "period": trial.suggest_categorical("period", list(task.seasonality)),
            "depth": trial.suggest_int("depth", 2, 20),
            "decay": trial.suggest_float("decay", 0.5, 0.98),
        }

    def _learn(self, past: Past, task: Task) -> State:  # noqa: ARG002 - there is nothing to learn
        return State()

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:  # noqa: ARG002
        period = self.period or max(past.task.seasonality)
        shape = Shape(period=period, depth=self.depth, decay=self.decay, holidays=False, weather=False)
        return Rows(deviation_of(past, shape, {}), origins).base_ahead()

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The profile and nothing else."""
        return {PROFILE: self._forecast(past, origins, learnt)}
