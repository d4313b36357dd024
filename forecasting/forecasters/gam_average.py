"""The average of several structural regressions that share one design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from forecasting.forecasters import apart
from forecasting.forecasters.family import RegisteredForecaster, register
from forecasting.forecasters.structural import forecast, learn
from forecasting.forecasters.structural_fit import NOTHING, OBSERVED, Specification, suggested_training
from forecasting.forecasters.weather_gam import WeatherGam

if TYPE_CHECKING:
    from backtests.forecaster import State
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Equally plausible ones, as different as they can be: which of them is best changes from year to year.
SPECIFICATIONS = (
    Specification(year=2, memories=("1d",), log=True, penalty=1e-2),
    Specification(year=0, memories=("1d", "3d"), log=True, penalty=1e-3),
    Specification(year=4, memories=("1d", "3d"), trend=True, penalty=1e-3),
    Specification(year=2, memories=("3h", "1d", "3d", "high", "low"), log=True, penalty=1e-2),
    Specification(year=0, memories=("1d",), penalty=1e-2),
)


@register
@dataclass(kw_only=True)
class GamAverage(RegisteredForecaster):
    """Mean of five generalised additive models of calendar and weather, each corrected by its residuals.

    Attributes:
        correction: Ridge penalty of the corrections.
        stiffness: Factor on the penalties of the curves.
        training: What they learn from: the weather ``observed``, the ``forecast`` of it, ``mixed``; or ``none``.
    """

    name: ClassVar[str] = "gam_average"
    plain: ClassVar[str] = "the mean of several smooth curves of weather, hour and time of the year"
    seconds_per_1000: ClassVar[float] = 0.08

    correction: float = 1e-2
    stiffness: float = 1.0
    training: str = OBSERVED

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Where one of them does."""
        return WeatherGam.suits(task, length)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Penalties, and what to learn from."""
        return {
            "correction": trial.suggest_float("correction", 1e-3, 0.1, log=True),
            "stiffness": trial.suggest_float("stiffness", 0.1, 300.0, log=True),
            **suggested_training(trial, task),
        }

    def weather_training(self) -> str | None:
        """As the setting says."""
        return None if self.training == NOTHING else self.training

    def _learn(self, past: Past, task: Task) -> State:
        specifications = [
            Specification(
                year=one.year, memories=one.memories, log=one.log, trend=one.trend,
                penalty=one.penalty * self.stiffness,
            )
            for one in SPECIFICATIONS
        ]  # fmt: skip
        return learn(past, task, specifications, correction=self.correction, training=self.training)

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        return forecast(past, origins, learnt)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """An ordinary day in usual weather, then holidays, weather, events and the correction."""
        return apart.contributions(past, origins, learnt)
