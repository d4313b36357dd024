"""Gradient boosting on what a linear forecaster leaves, with the step of the horizon as a feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

import numpy as np

from backtests.forecaster import State
from features.deviation import Rows, Shape, deviation_of
from features.lags import take
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

#: Rows (origin, item, step) a fit uses at most, of a panel too; more of them hardly help.
MOST_ROWS, MOST_OF_A_PANEL = 24_000, 250_000
#: Runs in time for the out-of-sample forecasts of the base.
PARTS = 4
#: What the trees may correct.
BASES = ("base", "profile", "season")
#: How the arrays of the base, and the bends of the weather response, are named in a state.
BASE, BENDS = "base_", "base_bends_"


class Base(Protocol):
    """What this forecaster asks of the one it corrects."""

    def out_of_sample(self, past: Past, task: Task, parts: int) -> tuple[IntArray, FloatArray, State]:
        """Forecasts of the past by parameters that did not see it, and the state learnt from all of it."""
        ...


@register
@dataclass(kw_only=True)
class BoostedResidual(Trees, RegisteredForecaster):
    """LightGBM on what a base leaves; one for all items.

    Attributes:
        on: What it corrects: ``base``, the base forecaster, by its residuals of readings it was not fitted to;
            ``profile``, the seasonal profile; ``season``, the last shortest season. Many short items teach trees
            more than each teaches a regression of its own.
        shrink: Share of the correction that is applied.
        target: ``level``, ``log`` or ``box_cox``: the scale of both, where that is safe (``features.transform``).
        period: Season of the profile and of what departs from it [steps]; 0 for the longest of the task.
    """

    name: ClassVar[str] = "boosted_residual"
    plain: ClassVar[str] = "many small decision trees that correct a regression"
    seconds_per_1000: ClassVar[float] = 0.3

    on: str = "base"
    shrink: float = 1.0
    target: str = LEVEL
    period: int = 0

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """It needs the base, and enough history to correct it out of sample."""
        base = FORECASTERS[with_role("base")[0]]
        return base.suits(task, length) and length >= 10 * task.season + 4 * task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Size of the trees and how much is believed of them."""
        return {
            **tree_space(trial),
            "on": trial.suggest_categorical("on", list(BASES)),
            "shrink": trial.suggest_float("shrink", 0.4, 1.0),
            "target": trial.suggest_categorical("target", list(TARGETS)),
            "period": trial.suggest_categorical("period", list(task.seasonality)),
        }

    def weather_training(self) -> str | None:
        """The weather as it could be forecast at each origin."""
        return "forecast"

    def _learn(self, past: Past, task: Task) -> State:
        unit = Scale.learn(self.target, past)
        past = unit.onto(past)
        origins, made, inner = self._replayed(past, task)
        rows = Rows(deviation_of(past, self._shape(task), bends(past)), origins)
        scale = usual_departure(rows)
        columns, X = design_matrix(rows, scale)
        names = learnable(columns, past)
        X = X[..., [columns.index(name) for name in names]]
        base = _plain(rows, self.on) if made is None else made
        target = (past.outcomes(origins, task.horizon) - base) / scale[:, None]
        known = np.flatnonzero(np.isfinite(target).ravel())
        if len(known) > MOST_OF_A_PANEL:
            known = np.sort(np.random.default_rng(0).choice(known, MOST_OF_A_PANEL, replace=False))
        more = {"objective": "l1", "bagging_fraction": 0.7}
        text = self.grow(X.reshape(-1, X.shape[-1])[known], target.ravel()[known], names, more)
        arrays = {f"{BENDS}{name}": values for name, values in rows.deviation.bends.items()}
        if made is not None:
            arrays = {f"{BASE}{name}": values for name, values in inner.arrays.items()}
        return State(
            arrays={"scale": scale, **arrays, **unit.arrays()}, texts={"booster": text}, settings={"features": names}
        )

    def _replayed(self, past: Past, task: Task) -> tuple[IntArray, FloatArray | None, State]:
        """Origins to learn from ``[C]``, what the base forecaster says there unseen ``[C, N, H]``, and its state."""
        most = max(30, MOST_ROWS // (len(past.items) * task.horizon))
        if self.on == "base":
            origins, made, learnt = cast("Base", _base()).out_of_sample(past, task, PARTS)
            keep = np.unique(np.linspace(0, len(origins) - 1, most).astype(int))
            return origins[keep], made[keep], learnt
        first = min(2 * max(task.seasonality), past.cutoff // 2)
        return np.unique(np.linspace(first, past.cutoff - 1, most).astype(np.int64)), None, State()

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        unit = Scale.of(learnt.arrays)
        past = unit.onto(past)
        rows = self._rows(past, origins, learnt)
        base = _plain(rows, self.on)
        if self.on == "base":
            base = _base()._forecast(past, origins, _base_state(learnt))  # noqa: SLF001
        X, _ = _inputs(rows, learnt)
        return unit.back(base + said(learnt.texts["booster"], X) * (self.shrink * learnt.arrays["scale"][:, None]))

    def _rows(self, past: Past, origins: IntArray, learnt: State) -> Rows:
        at = {n.removeprefix(BENDS): v for n, v in learnt.arrays.items() if n.startswith(BENDS)}
        return Rows(deviation_of(past, self._shape(past.task), at), origins)

    def _shape(self, task: Task) -> Shape:
        return Shape(period=self.period or max(task.seasonality))

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Those of the base, and LightGBM's own SHAP values of the correction."""
        unit = Scale.of(learnt.arrays)
        past = unit.onto(past)
        rows = self._rows(past, origins, learnt)
        X, groups = _inputs(rows, learnt)
        shares = said(learnt.texts["booster"], X, apart=True)
        shares = shares * (self.shrink * learnt.arrays["scale"][:, None, None])
        if self.on == "base":
            base = _base().contributions(past, origins, _base_state(learnt))
        else:
            base = {PROFILE: _plain(rows, self.on)}
        return unit.parts(added([base, grouped(shares, [*groups, PROFILE])]))


def _plain(rows: Rows, on: str) -> FloatArray:
    """The profile, or the last season, at each step after each origin. ``[C, N, H]``."""
    steps, season = rows.steps, rows.past.task.season
    profile = rows.base_ahead()
    if on == "season":
        last = take(rows.past.readings, rows.origins[:, None] + steps - season * -(-steps // season)).swapaxes(0, 1)
        profile = np.where(np.isfinite(last), last, profile)
    return profile


def _inputs(rows: Rows, learnt: State) -> tuple[FloatArray, list[str]]:
    """The columns the trees look at ``[C, N, H, K]``, and the part of a forecast each belongs to ``[K]``."""
    scale, names = learnt.arrays["scale"], learnt.settings["features"]
    columns, X = design_matrix(rows, scale)
    part_of = column_parts(rows, scale)
    return X[..., [columns.index(name) for name in names]], [part_of[name] for name in names]


def _base_state(learnt: State) -> State:
    return State(arrays={n.removeprefix(BASE): v for n, v in learnt.arrays.items() if n.startswith(BASE)})


def _base() -> RegisteredForecaster:
    return FORECASTERS[with_role("base")[0]]()
