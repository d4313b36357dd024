"""Ridge regression on deviations from a seasonal profile, one for every step of the horizon.

The linear core of the product: closed form, milliseconds, and hard to beat on hourly load.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.deviation import Deviation, Rows, Shape
from features.lags import take
from features.parts import PROFILE, grouped
from features.weather import bends
from forecasting.forecasters.family import RegisteredForecaster, Role, register, weighted_sum

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Origins a fit uses at most. Neighbouring origins tell nearly the same story, so that longer histories are
#: thinned by a stride that has no divisor in common with the season and still meets every hour.
MOST_ORIGINS = 6000
#: A regressor whose mean square is this much below the largest is a constant zero in rounding, and left out.
SMALLEST = 1e-9
#: How the bends of the weather response are named among the arrays of a state.
BENDS = "bends_"


@register
@dataclass(kw_only=True)
class DeviationRidge(RegisteredForecaster):
    """``x[t+h] - profile[t+h]`` regressed on recent deviations, by step ``h``, without intercept.

    ``b_h = (Z'Z / n + penalty I)^-1 Z'd / n``, with the columns of Z scaled to unit mean square.
    Source: Hoerl & Kennard (1970), Ridge Regression, Technometrics 12(1).

    Attributes:
        period: Season of the profile [steps]; 0 for the longest of the task.
        depth: Seasons the profile averages.
        decay: Weight of a season against the one after it.
        penalty: Ridge penalty, relative to the mean square of a regressor.
        same_phase: Fit on origins at the phase of the live forecast only.
        history: Latest readings used [longest seasons]; 0 for all.
        weather: Whether weather is among the regressors.
    """

    name: ClassVar[str] = "deviation_ridge"
    roles: ClassVar[frozenset[Role]] = frozenset({"base"})
    seconds_per_1000: ClassVar[float] = 0.1

    period: int = 0
    depth: int = 6
    decay: float = 0.75
    penalty: float = 0.01
    same_phase: bool = False
    history: int = 0
    weather: bool = True

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """It takes a profile and some deviations from it: four of the shortest season and the horizon."""
        return length >= 4 * task.season + task.horizon and task.season > 1

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Profile, penalty, and which origins to learn from."""
        found = {
            "period": trial.suggest_categorical("period", list(task.seasonality)),
            "depth": trial.suggest_int("depth", 3, 14),
            "decay": trial.suggest_float("decay", 0.6, 0.95),
            "penalty": trial.suggest_float("penalty", 1e-3, 0.5, log=True),
            "same_phase": trial.suggest_categorical("same_phase", [False, True]),
            "history": trial.suggest_categorical("history", [0, 12, 26]),
        }
        if task.weather_covariates:
            found["weather"] = trial.suggest_categorical("weather", [True, False])
        return found

    def shape(self, task: Task) -> Shape:
        """How profile and regressors are made for a task."""
        return Shape(
            period=self.period or max(task.seasonality),
            depth=self.depth,
            decay=self.decay,
            weather=self.weather,
        )

    def _learn(self, past: Past, task: Task) -> State:
        at = bends(past)
        rows = Rows(Deviation(past, self.shape(task), at), self.origins(past, task))
        everything = np.ones((1, len(rows.origins)))
        weights = [self._solve(rows, step, everything)[0] for step in range(1, task.horizon + 1)]
        found = {f"{BENDS}{name}": values for name, values in at.items()}
        return State(arrays={"weights": np.stack(weights), **found})

    def out_of_sample(self, past: Past, task: Task, parts: int) -> tuple[IntArray, FloatArray]:
        """Forecasts of the past by weights that did not see it, for a forecaster that corrects this one.

        The origins are cut into runs in time; those of a run are forecast by weights fitted on the others.

        Returns:
            The origins ``[C]`` and their forecasts ``[C, N, H]``.
        """
        rows = Rows(Deviation(past, self.shape(task), bends(past)), self.origins(past, task))
        part = np.arange(len(rows.origins)) * parts // max(1, len(rows.origins))
        others = (part != np.arange(parts)[:, None]).astype(float)
        found = np.empty((len(rows.origins), len(past.items), task.horizon))
        for step in range(1, task.horizon + 1):
            weights = self._solve(rows, step, others)[part]
            made = np.einsum("nck,cnk->cn", rows.regressors(step), weights)
            found[:, :, step - 1] = rows.base(step).T + made
        return rows.origins, found

    def _solve(self, rows: Rows, step: int, masks: FloatArray) -> FloatArray:
        """Weights of one step on unscaled regressors, for each 0/1 mask over the origins. ``[M, N, K]``."""
        target = take(rows.past.readings, rows.origins + step)
        known = np.isfinite(target)
        Z = np.where(known[..., None], rows.regressors(step), 0.0)
        d = np.where(known, np.nan_to_num(target) - rows.base(step), 0.0)
        scale = np.sqrt((Z**2).mean(axis=1, keepdims=True))
        scale = np.where(scale > SMALLEST * scale.max(axis=2, keepdims=True, initial=0.0), scale, np.inf)
        Z = Z / scale
        found = [_ridge(Z, d, known * mask, self.penalty) for mask in masks]
        return np.stack(found) / scale[:, 0, :]

    def origins(self, past: Past, task: Task) -> IntArray:
        """Origins to learn from."""
        longest = max(task.seasonality)
        first = min(2 * (self.period or longest), past.cutoff // 2)
        if self.history:
            first = max(first, past.cutoff - self.history * longest)
        stride = task.season if self.same_phase else _stride(past.cutoff - first, task.season)
        return np.arange(past.cutoff - 1, first - 1, -stride, dtype=np.int64)[::-1]

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        rows, weights = self._rows(past, origins, learnt), learnt.arrays["weights"]
        steps = [
            rows.base(step) + weighted_sum(rows.regressors(step), weights[step - 1][:, None, :])
            for step in range(1, past.task.horizon + 1)
        ]
        return np.moveaxis(np.stack(steps, axis=2), 0, 1)

    def _rows(self, past: Past, origins: IntArray, learnt: State) -> Rows:
        arrays = learnt.arrays
        at = {name.removeprefix(BENDS): arrays[name] for name in arrays if name.startswith(BENDS)}
        return Rows(Deviation(past, self.shape(past.task), at), origins)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The profile, and every regressor times its weight."""
        rows, weights = self._rows(past, origins, learnt), learnt.arrays["weights"]
        names = rows.parts()
        steps = []
        for step in range(1, past.task.horizon + 1):
            products = rows.regressors(step) * weights[step - 1][:, None, :]
            steps.append({PROFILE: rows.base(step), **grouped(products, names)})
        return {name: np.moveaxis(np.stack([one[name] for one in steps], axis=2), 0, 1) for name in steps[0]}


def _ridge(Z: FloatArray, d: FloatArray, use: FloatArray, penalty: float) -> FloatArray:
    """Ridge weights of each item over the rows in use. ``[N, K]``."""
    count = np.maximum(use.sum(axis=1), 1.0)
    used = np.swapaxes(Z * use[..., None], 1, 2)
    gram = used @ Z / count[:, None, None] + penalty * np.eye(Z.shape[2])
    moment = used @ d[..., None] / count[:, None, None]
    return np.linalg.solve(gram, moment)[..., 0]


def _stride(length: int, season: int) -> int:
    """Smallest stride that leaves few enough origins and meets every phase of the season."""
    stride = max(1, -(-length // MOST_ORIGINS))
    while gcd(stride, season) > 1:
        stride += 1
    return stride
