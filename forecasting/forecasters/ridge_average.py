"""The average of ridge regressions on deviations: other profiles, other origins, other lengths of history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.parts import added
from features.transform import LEVEL, TARGETS
from forecasting.forecasters.deviation_ridge import DeviationRidge
from forecasting.forecasters.family import RegisteredForecaster, register
from forecasting.forecasters.prefix import LOSSES, SQUARE

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: All origins, those at the phase of the live forecast, and the same on the latest seasons only.
VARIANTS = (
    {"depth": 6, "decay": 0.75},
    {"depth": 9, "decay": 0.9},
    {"depth": 6, "decay": 0.75, "same_phase": True, "penalty": 0.1},
    {"depth": 9, "decay": 0.9, "same_phase": True, "penalty": 0.1, "history": 12},
)


@register
@dataclass(kw_only=True)
class RidgeAverage(RegisteredForecaster):
    """Mean of four ridges on deviations; averaging over windows of calibration saves more than choosing one.

    Source: Hubicka, Marcjasz, Weron (2019), A note on averaging day-ahead electricity price forecasts across
    calibration windows, IEEE Transactions on Sustainable Energy 10(1).

    Attributes:
        period: Season of the profiles [steps]; 0 for the longest of the task.
        stiffness: Factor on the ridge penalties.
        weather: Whether weather is among the regressors.
        target: ``level``, ``log`` or ``box_cox``: the scale regressed, where that is safe (``features.transform``).
        blend: Whether what other seasons expect is among the regressors.
        loss: ``square``, or ``absolute``: single days that nothing foretold then pull less at the weights.
    """

    name: ClassVar[str] = "ridge_average"
    plain: ClassVar[str] = "the mean of four regressions on what departs from the usual course"
    seconds_per_1000: ClassVar[float] = 0.2

    period: int = 0
    stiffness: float = 1.0
    weather: bool = True
    target: str = LEVEL
    blend: bool = False
    loss: str = SQUARE

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Where one of them does."""
        return DeviationRidge.suits(task, length)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Season and penalties."""
        found = {
            "period": trial.suggest_categorical("period", list(task.seasonality)),
            "stiffness": trial.suggest_float("stiffness", 0.1, 10.0, log=True),
            "target": trial.suggest_categorical("target", list(TARGETS)),
            "blend": trial.suggest_categorical("blend", [True, False]),
            "loss": trial.suggest_categorical("loss", list(LOSSES)),
        }
        if task.weather_covariates:
            found["weather"] = trial.suggest_categorical("weather", [True, False])
        return found

    def members(self) -> list[DeviationRidge]:
        """The ridges averaged."""
        same = {
            "period": self.period, "weather": self.weather, "target": self.target, "blend": self.blend,
            "loss": self.loss,
        }  # fmt: skip
        ridges = [DeviationRidge(**same, **variant) for variant in VARIANTS]  # type: ignore[arg-type]
        for ridge in ridges:
            ridge.penalty *= self.stiffness
        return ridges

    def weather_training(self) -> str | None:
        """The weather as it could be forecast at each origin, where it is a regressor."""
        return "forecast" if self.weather else None

    def _learn(self, past: Past, task: Task) -> State:
        arrays: dict[str, FloatArray] = {}
        for number, ridge in enumerate(self.members()):
            arrays |= {f"{number} {name}": made for name, made in ridge._learn(past, task).arrays.items()}  # noqa: SLF001
        return State(arrays=arrays)

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        made = [ridge._forecast(past, origins, state) for ridge, state in self._with_states(learnt)]  # noqa: SLF001
        return np.asarray(np.mean(made, axis=0))

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The mean of those of the ridges."""
        whole = added(ridge.contributions(past, origins, state) for ridge, state in self._with_states(learnt))
        return {name: values / len(VARIANTS) for name, values in whole.items()}

    def _with_states(self, learnt: State) -> list[tuple[DeviationRidge, State]]:
        return [
            (
                ridge,
                State(
                    arrays={n.removeprefix(f"{k} "): v for n, v in learnt.arrays.items() if n.startswith(f"{k} ")}
                ),
            )
            for k, ridge in enumerate(self.members())
        ]
