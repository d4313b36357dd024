"""A generalised additive model of calendar and weather, corrected by its latest residuals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from forecasting.forecasters import apart
from forecasting.forecasters.family import RegisteredForecaster, has_weeks, register
from forecasting.forecasters.structural import forecast, learn
from forecasting.forecasters.structural_fit import NOTHING, OBSERVED, Specification, suggested_training

if TYPE_CHECKING:
    from backtests.forecaster import State
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: How much of the past weather is used, from little to all of it.
MEMORIES = {"day": ("1d",), "days": ("1d", "3d"), "all": ("3h", "12h", "1d", "3d", "14d", "high", "low")}


@register
@dataclass(kw_only=True)
class WeatherGam(RegisteredForecaster):
    """Smooth curves of weather, year and hour by ridge regression, then a ridge on the residuals they left.

    Attributes:
        year: Pairs of waves over the year, where the history is long enough.
        memory: ``day``, ``days`` or ``all``: how long the weather is remembered.
        log: Whether the logarithm of the target is regressed, where that is safe.
        trend: Whether there is a straight line, which stands still after the fit.
        penalty: Ridge penalty of the curves.
        half_life: Age at which a reading weighs half [days]; 0 for no forgetting.
        correction: Ridge penalty of the correction.
        training: What it learns from: the weather ``observed``, the ``forecast`` of it, ``mixed``; or ``none``.
    """

    name: ClassVar[str] = "weather_gam"
    plain: ClassVar[str] = "smooth curves of weather, hour and time of the year"
    seconds_per_1000: ClassVar[float] = 0.06

    year: int = 4
    memory: str = "days"
    log: bool = True
    trend: bool = False
    penalty: float = 1e-3
    half_life: float = 0.0
    correction: float = 1e-2
    training: str = OBSERVED

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Steps of a day or shorter, and enough days to tell their types apart."""
        return has_weeks(task, length)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Size of the curves, scale of the target, and how far back to look."""
        found = {
            "year": trial.suggest_categorical("year", [0, 2, 4]),
            "log": trial.suggest_categorical("log", [True, False]),
            "trend": trial.suggest_categorical("trend", [False, True]),
            "penalty": trial.suggest_float("penalty", 1e-4, 1.0, log=True),
            "half_life": trial.suggest_categorical("half_life", [0.0, 365.0]),
            "correction": trial.suggest_float("correction", 1e-3, 0.1, log=True),
        }
        if task.weather_covariates or task.known_covariates:
            found["memory"] = trial.suggest_categorical("memory", list(MEMORIES))
        return found | suggested_training(trial, task)

    def weather_training(self) -> str | None:
        """As the setting says."""
        return None if self.training == NOTHING else self.training

    def _learn(self, past: Past, task: Task) -> State:
        one = Specification(
            year=self.year, memories=MEMORIES[self.memory], log=self.log, trend=self.trend, penalty=self.penalty,
            half_life=self.half_life,
        )  # fmt: skip
        return learn(past, task, [one], correction=self.correction, training=self.training)

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        return forecast(past, origins, learnt)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """An ordinary day in usual weather, then holidays, weather, events and the correction."""
        return apart.contributions(past, origins, learnt)
