"""The Theta method for series by the day, week or month, through sktime."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from backtests.view import steps_per_day
from features.lags import fill_forward
from forecasting.forecasters.family import register
from forecasting.forecasters.smoothed_anew import SmoothedAnew

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray
    from forecasting.forecasters.family import Suggest


@register
@dataclass(kw_only=True)
class Theta(SmoothedAnew):
    """Exponential smoothing with half the trend, on the seasonally adjusted series.

    A method without a memory of its own: level and trend are smoothed anew up to each cutoff, from the readings
    known there. Source: Assimakopoulos & Nikolopoulos (2000), International Journal of Forecasting 16(4),
    through sktime's ``ThetaForecaster``.

    Attributes:
        seasonal: Whether to adjust for the shortest season first.
        most: Latest readings used.
    """

    name: ClassVar[str] = "theta"
    plain: ClassVar[str] = "a smoothed level with half of the trend"
    seconds_per_1000: ClassVar[float] = 0.3

    seasonal: bool = True
    most: int = 1000

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Steps of a day or longer; within a day two seasons overlap, which it cannot see."""
        return steps_per_day(task) == 1 and length >= max(8, 3 * task.season)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Adjustment and memory."""
        return {
            "seasonal": trial.suggest_categorical("seasonal", [True, False]),
            "most": trial.suggest_categorical("most", [60, 150, 1000]),
        }

    def _one(self, readings: FloatArray, task: Task) -> tuple[FloatArray, FloatArray]:
        from sktime.forecasting.theta import ThetaForecaster

        known = fill_forward(readings[None])[0]
        known = known[np.isfinite(known)]
        if len(known) < 3 or np.ptp(known) == 0:
            flat = np.full(task.horizon, known[-1] if len(known) else 0.0)
            return flat, flat
        season = task.season if self.seasonal and len(known) >= 2 * task.season else 1
        with warnings.catch_warnings():
            # sktime warns of a default that changes in 1.3, which pyproject.toml excludes
            warnings.simplefilter("ignore")
            method = ThetaForecaster(sp=season, deseasonalize=season > 1)
            method.fit(pd.Series(known))
            ahead = method.predict(np.arange(1, task.horizon + 1))
            level = method.deseasonalizer_.transform(ahead) if season > 1 else ahead
        made, level = np.ravel(ahead).astype(float), np.ravel(level).astype(float)
        return made, np.divide(made, level, out=np.ones_like(made), where=level != 0) * known.mean()
