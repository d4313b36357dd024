"""Exponential smoothing with a damped trend and one season, through statsmodels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

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
class Smoothing(SmoothedAnew):
    """Holt-Winters for steps of a day or longer: level, damped trend, season, smoothed anew up to each cutoff.

    Source: Hyndman, Koehler, Ord, Snyder (2008), Forecasting with Exponential Smoothing, through statsmodels'
    ``ExponentialSmoothing``.

    Attributes:
        trend: Whether there is a damped trend.
        season: ``add``, ``mul`` (where every reading is above 0, else ``add``) or ``none``.
        most: Latest readings used.
    """

    name: ClassVar[str] = "smoothing"
    plain: ClassVar[str] = "a smoothed level, trend and season"
    seconds_per_1000: ClassVar[float] = 0.5

    trend: bool = True
    season: str = "add"
    most: int = 730

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Steps of a day or longer: within a day there are two seasons, of which it knows one."""
        return steps_per_day(task) == 1 and length >= max(12, 3 * task.season)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Trend, season and memory."""
        return {
            "trend": trial.suggest_categorical("trend", [True, False]),
            "season": trial.suggest_categorical("season", ["add", "mul", "none"]),
            "most": trial.suggest_categorical("most", [150, 365, 730]),
        }

    def _one(self, readings: FloatArray, task: Task) -> tuple[FloatArray, FloatArray]:
        from statsmodels.tsa.holtwinters import ExponentialSmoothing

        known = fill_forward(readings[None])[0]
        known = known[np.isfinite(known)]
        flat = np.full(task.horizon, known[-1] if len(known) else 0.0)
        if len(known) < 6 or np.ptp(known) == 0:
            return flat, flat
        seasonal = self.season != "none" and task.season > 1 and len(known) >= 2 * task.season + 2
        kind = "mul" if self.season == "mul" and known.min() > 0 else "add"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a search that stops early still leaves a forecast
            method = ExponentialSmoothing(
                known, trend="add" if self.trend else None, damped_trend=self.trend,
                seasonal=kind if seasonal else None, seasonal_periods=task.season if seasonal else None,
                initialization_method="estimated",
            )  # fmt: skip
            found = method.fit(use_brute=False)
            made = np.asarray(found.forecast(task.horizon), dtype=float)
        usual = np.full(task.horizon, known.mean())
        if seasonal:
            ahead = np.asarray(found.season)[-task.season :][np.arange(task.horizon) % task.season]
            usual = usual * ahead if kind == "mul" else usual + ahead
        return (made, usual) if np.isfinite([made, usual]).all() else (flat, flat)
