"""Gradient boosting on what a linear forecaster leaves, with the step of the horizon as a feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np

from backtests.forecaster import State
from features.deviation import Deviation, Rows, Shape
from features.matrix import column_parts, design_matrix, learnable, usual_departure
from features.parts import PROFILE, added, grouped
from features.weather import bends
from forecasting.forecasters.family import FORECASTERS, RegisteredForecaster, register, with_role

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Rows (origin, item, step) a fit uses at most; more of them hardly help.
MOST_ROWS = 24_000
#: Runs in time for the out-of-sample forecasts of the base.
PARTS = 4


class Base(Protocol):
    """What this forecaster asks of the one it corrects."""

    def out_of_sample(self, past: Past, task: Task, parts: int) -> tuple[IntArray, FloatArray]:
        """Forecasts of the past by parameters that did not see it."""
        ...


@register
@dataclass(kw_only=True)
class BoostedResidual(RegisteredForecaster):
    """LightGBM on the residuals of the base forecaster, which it was not fitted to.

    Source: Ke et al. (2017), LightGBM: A Highly Efficient Gradient Boosting Decision Tree, NeurIPS 30.

    Attributes:
        rounds: Trees.
        leaves: Leaves of a tree.
        rate: Learning rate.
        min_leaf: Rows in a leaf at least.
        l2: L2 penalty of the leaf values.
        columns: Share of the features each tree sees.
        shrink: Share of the correction that is applied.
    """

    name: ClassVar[str] = "boosted_residual"
    seconds_per_1000: ClassVar[float] = 0.3

    rounds: int = 200
    leaves: int = 31
    rate: float = 0.05
    min_leaf: int = 60
    l2: float = 1.0
    columns: float = 0.7
    shrink: float = 1.0

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """It needs the base, and enough history to correct it out of sample."""
        base = FORECASTERS[with_role("base")[0]]
        return base.suits(task, length) and length >= 10 * task.season + 4 * task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Size of the trees and how much is believed of them."""
        return {
            "rounds": trial.suggest_int("rounds", 60, 400, log=True),
            "leaves": trial.suggest_int("leaves", 7, 63, log=True),
            "rate": trial.suggest_float("rate", 0.02, 0.1, log=True),
            "min_leaf": trial.suggest_int("min_leaf", 20, 200, log=True),
            "l2": trial.suggest_float("l2", 0.1, 20.0, log=True),
            "columns": trial.suggest_float("columns", 0.4, 1.0),
            "shrink": trial.suggest_float("shrink", 0.4, 1.0),
        }

    def _learn(self, past: Past, task: Task) -> State:
        import lightgbm

        base = _base()
        origins, made = cast("Base", base).out_of_sample(past, task, PARTS)
        keep = np.unique(np.linspace(0, len(origins) - 1, _origins(len(past.items), task)).astype(int))
        rows = Rows(Deviation(past, _shape(task), bends(past)), origins[keep])
        scale = usual_departure(rows)
        columns, X = design_matrix(rows, scale)
        names = learnable(columns, past)
        X = X[..., [columns.index(name) for name in names]]
        target = (past.outcomes(origins[keep], task.horizon) - made[keep]) / scale[:, None]
        known = np.isfinite(target)
        data = lightgbm.Dataset(X[known], target[known], feature_name=names, free_raw_data=True)
        booster = lightgbm.train(self._parameters(), data, self.rounds)
        inner = base._learn(past, task)  # noqa: SLF001 - one forecaster inside another
        return State(
            arrays={"scale": scale, **{f"base_{name}": values for name, values in inner.arrays.items()}},
            texts={"booster": booster.model_to_string()},
            settings={"features": names},
        )

    def _parameters(self) -> dict[str, Any]:
        return {
            "objective": "l1", "learning_rate": self.rate, "num_leaves": self.leaves,
            "min_data_in_leaf": self.min_leaf, "lambda_l2": self.l2, "feature_fraction": self.columns,
            "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 127, "seed": 1, "deterministic": True,
            "force_row_wise": True, "num_threads": 1, "verbosity": -1,
        }  # fmt: skip

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        made = _base()._forecast(past, origins, _base_state(learnt))  # noqa: SLF001
        correction = self._correction(_rows(past, origins, learnt), learnt)
        return np.asarray(made + np.reshape(correction, made.shape))

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Those of the base, and LightGBM's own SHAP values of the correction.

        Source: Lundberg et al. (2020), From local explanations to global understanding with explainable AI for
        trees, Nature Machine Intelligence 2, as LightGBM's ``pred_contrib``; the last value is the mean.
        """
        rows = _rows(past, origins, learnt)
        shares = self._correction(rows, learnt, apart=True)
        part_of = column_parts(rows, learnt.arrays["scale"])
        names = [*(part_of[name] for name in learnt.settings["features"]), PROFILE]
        base = _base().contributions(past, origins, _base_state(learnt))
        return added([base, grouped(shares, names)])

    def _correction(self, rows: Rows, learnt: State, *, apart: bool = False) -> FloatArray:
        """The correction in the unit of the target ``[C, N, H]``; apart, by column ``[C, N, H, K+1]``."""
        import lightgbm

        scale = learnt.arrays["scale"]
        columns, X = design_matrix(rows, scale)
        X = X[..., [columns.index(name) for name in learnt.settings["features"]]]
        booster = lightgbm.Booster(model_str=learnt.texts["booster"])
        made = booster.predict(X.reshape(-1, X.shape[-1]), num_threads=1, pred_contrib=apart)
        unit = self.shrink * scale[:, None]
        made = np.reshape(made, (*X.shape[:3], -1)) * unit[..., None]
        return np.asarray(made if apart else made[..., 0])


def _base_state(learnt: State) -> State:
    arrays = {n.removeprefix("base_"): v for n, v in learnt.arrays.items() if n.startswith("base_")}
    return State(arrays=arrays)


def _rows(past: Past, origins: IntArray, learnt: State) -> Rows:
    at = {n.removeprefix("base_bends_"): v for n, v in learnt.arrays.items() if n.startswith("base_bends_")}
    return Rows(Deviation(past, _shape(past.task), at), origins)


def _base() -> RegisteredForecaster:
    return FORECASTERS[with_role("base")[0]]()


def _shape(task: Task) -> Shape:
    return Shape(period=max(task.seasonality))


def _origins(items: int, task: Task) -> int:
    return max(30, MOST_ROWS // (items * task.horizon))
