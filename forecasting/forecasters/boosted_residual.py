"""Gradient boosting on what a linear forecaster leaves, with the step of the horizon as a feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np

from backtests.forecaster import State
from features.deviation import Deviation, Rows, Shape
from features.matrix import column_parts, design_matrix, learnable, usual_departure
from features.parts import PROFILE, added, grouped
from features.transform import LEVEL, TARGETS, Scale
from features.weather import bends
from forecasting.forecasters.family import FORECASTERS, RegisteredForecaster, register, with_role
from forecasting.forecasters.trees import Trees, said, tree_space

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
class BoostedResidual(Trees, RegisteredForecaster):
    """LightGBM on the residuals of the base forecaster, which it was not fitted to; one for all items.

    Attributes:
        shrink: Share of the correction that is applied.
        target: ``level``, ``log`` or ``box_cox``: the scale of both, where that is safe (``features.transform``).
    """

    name: ClassVar[str] = "boosted_residual"
    plain: ClassVar[str] = "many small decision trees that correct a regression"
    seconds_per_1000: ClassVar[float] = 0.3

    shrink: float = 1.0
    target: str = LEVEL

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """It needs the base, and enough history to correct it out of sample."""
        base = FORECASTERS[with_role("base")[0]]
        return base.suits(task, length) and length >= 10 * task.season + 4 * task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Size of the trees and how much is believed of them."""
        return {
            **tree_space(trial),
            "shrink": trial.suggest_float("shrink", 0.4, 1.0),
            "target": trial.suggest_categorical("target", list(TARGETS)),
        }

    def weather_training(self) -> str | None:
        """The weather as it could be forecast at each origin."""
        return "forecast"

    def _learn(self, past: Past, task: Task) -> State:
        unit = Scale.learn(self.target, past)
        past, base = unit.onto(past), _base()
        origins, made = cast("Base", base).out_of_sample(past, task, PARTS)
        keep = np.unique(np.linspace(0, len(origins) - 1, _origins(len(past.items), task)).astype(int))
        rows = Rows(Deviation(past, _shape(task), bends(past)), origins[keep])
        scale = usual_departure(rows)
        columns, X = design_matrix(rows, scale)
        names = learnable(columns, past)
        X = X[..., [columns.index(name) for name in names]]
        target = (past.outcomes(origins[keep], task.horizon) - made[keep]) / scale[:, None]
        known = np.isfinite(target)
        text = self.grow(X[known], target[known], names, {"objective": "l1", "bagging_fraction": 0.7})
        inner = base._learn(past, task)  # noqa: SLF001 - one forecaster inside another
        arrays = {f"base_{name}": values for name, values in inner.arrays.items()}
        return State(
            arrays={"scale": scale, **arrays, **unit.arrays()}, texts={"booster": text}, settings={"features": names}
        )

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        unit = Scale.of(learnt.arrays)
        past = unit.onto(past)
        made = _base()._forecast(past, origins, _base_state(learnt))  # noqa: SLF001
        X, _ = _inputs(past, origins, learnt)
        correction = said(learnt.texts["booster"], X) * (self.shrink * learnt.arrays["scale"][:, None])
        return unit.back(made + correction)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Those of the base, and LightGBM's own SHAP values of the correction."""
        unit = Scale.of(learnt.arrays)
        past = unit.onto(past)
        X, groups = _inputs(past, origins, learnt)
        shares = said(learnt.texts["booster"], X, apart=True)
        shares = shares * (self.shrink * learnt.arrays["scale"][:, None, None])
        base = _base().contributions(past, origins, _base_state(learnt))
        return unit.parts(added([base, grouped(shares, [*groups, PROFILE])]))


def _inputs(past: Past, origins: IntArray, learnt: State) -> tuple[FloatArray, list[str]]:
    """The columns the trees look at ``[C, N, H, K]``, and the part of a forecast each belongs to ``[K]``."""
    rows, scale, names = _rows(past, origins, learnt), learnt.arrays["scale"], learnt.settings["features"]
    columns, X = design_matrix(rows, scale)
    part_of = column_parts(rows, scale)
    return X[..., [columns.index(name) for name in names]], [part_of[name] for name in names]


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
