"""Gradient boosting on what a structural regression of calendar and weather leaves, or in its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from backtests.view import steps_per_day
from features.deviation import Rows, Shape, deviation_of
from features.lags import fill_forward, rolling_mean, take
from features.matrix import FEATURES, column_parts, design_matrix, learnable, usual_departure
from features.parts import PROFILE, added, grouped
from features.usual import shares_of, usual_columns
from features.weather import bends
from forecasting.forecasters import apart
from forecasting.forecasters.family import RegisteredForecaster, has_weeks, register
from forecasting.forecasters.gam_average import SPECIFICATIONS
from forecasting.forecasters.structural import forecast, learn, replayed
from forecasting.forecasters.trees import Trees, said, tree_space

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Cells (origin, item, step) of the matrix a fit is drawn from, and rows drawn, at most.
MOST_CELLS, MOST_ROWS = 170_000, 40_000
#: Features that say nothing about the latest readings.
STRUCTURAL = ("calendar", "holidays", "covariates_ahead", "weather_memory")
INNER, BENDS = "inner ", "bends "


@register
@dataclass(kw_only=True)
class BoostedStructure(Trees, RegisteredForecaster):
    """LightGBM with the weather as it is remembered, on one of three targets.

    ``residual``: what the corrected average of the structural regressions leaves.
    ``level``: the departure from the mean of the last longest season. ``structure``: the reading itself, from
    calendar and weather alone; it knows nothing of the latest readings, and errs where the others do not.

    Attributes:
        target: ``residual``, ``level`` or ``structure``.
        linear: Whether leaves hold a linear regression.
    """

    name: ClassVar[str] = "boosted_structure"
    plain: ClassVar[str] = "many small decision trees on calendar and weather"
    seconds_per_1000: ClassVar[float] = 0.35

    target: str = "residual"
    linear: bool = False
    rounds: int = 300
    l2: float = 2.0
    columns: float = 0.6

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Steps within a day, and months of history."""
        return steps_per_day(task) > 1 and has_weeks(task, length)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Target and size of the trees."""
        return {
            "target": trial.suggest_categorical("target", ["residual", "level", "structure"]),
            "linear": trial.suggest_categorical("linear", [False, True]),
            **tree_space(trial),
        }

    def weather_training(self) -> str | None:
        """The weather as it could be forecast at each origin."""
        return "forecast"

    def _learn(self, past: Past, task: Task) -> State:
        inner = learn(past, task, SPECIFICATIONS, correction=1e-2) if self.target == "residual" else State()
        at = bends(past)
        origins = _origins(past, task)
        rows = Rows(deviation_of(past, Shape(period=max(task.seasonality)), at), origins)
        scale = usual_departure(rows)
        structured = replayed(past, origins, inner) if inner.arrays else None
        names, X, base = self._matrix(rows, scale, structured)
        keep = learnable(names, past)
        X = X[..., [names.index(name) for name in keep]]
        target = (past.outcomes(origins, task.horizon) - base) / scale[:, None]
        known = np.flatnonzero(np.isfinite(target).ravel())
        if len(known) > MOST_ROWS:
            known = np.sort(np.random.default_rng(0).choice(known, MOST_ROWS, replace=False))
        more: dict[str, Any] = {"objective": "l2", "bagging_fraction": 0.6}
        if self.linear:
            more |= {"linear_tree": True, "linear_lambda": 1.0}
        text = self.grow(X.reshape(-1, X.shape[-1])[known], target.ravel()[known], keep, more)
        return State(
            arrays={
                "scale": scale, **{f"{INNER}{name}": values for name, values in inner.arrays.items()},
                **{f"{BENDS}{name}": values for name, values in at.items()},
            },
            texts={"booster": text},
            settings={"features": keep, "inner": dict(inner.settings)},
        )  # fmt: skip

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        base, X, _ = self._inputs(past, origins, learnt)
        return np.asarray(base + said(learnt.texts["booster"], X) * learnt.arrays["scale"][:, None])

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Those of the structural regressions or the recent level, and those of the trees.

        Of plain trees LightGBM's own SHAP values, by column. There are none of trees with regressions in their
        leaves: with these, each group of inputs has what it adds when it takes the place of the usual one.
        """
        base, X, rows = self._inputs(past, origins, learnt)
        inner, scale, names = _inner(learnt), learnt.arrays["scale"], learnt.settings["features"]
        parts = apart.contributions(past, origins, inner) if inner.arrays else {PROFILE: base}
        part_of = column_parts(rows, scale) | {"structure": PROFILE}
        groups, flat, text = [part_of[name] for name in names], X.reshape(-1, len(names)), learnt.texts["booster"]
        if self.linear:
            usual = usual_columns(rows, names, X).reshape(flat.shape)
            made = shares_of(partial(said, text), flat, usual, groups)
        else:
            made = grouped(said(text, flat, apart=True), [*groups, PROFILE])
        unit = scale[:, None]
        return added([parts, {name: values.reshape(X.shape[:3]) * unit for name, values in made.items()}])

    def _inputs(self, past: Past, origins: IntArray, learnt: State) -> tuple[FloatArray, FloatArray, Rows]:
        """What boosting is added to ``[C, N, H]``, the columns it looks at ``[C, N, H, K]``, and the rows."""
        rows, inner = _rows(past, origins, learnt), _inner(learnt)
        structured = forecast(past, origins, inner) if inner.arrays else None
        names, X, base = self._matrix(rows, learnt.arrays["scale"], structured)
        return base, X[..., [names.index(name) for name in learnt.settings["features"]]], rows

    def _matrix(
        self, rows: Rows, scale: FloatArray, structured: FloatArray | None
    ) -> tuple[list[str], FloatArray, FloatArray]:
        """Names ``[K]`` and columns ``[C, N, H, K]`` of the features, and what is added to the boosting.

        Args:
            rows: Origins and what is known at them.
            scale: Unit of the columns about the target. ``[N]``
            structured: Forecasts of the structural regressions from each origin; None without them. ``[C, N, H]``
        """
        past = rows.past
        wanted = STRUCTURAL if self.target == "structure" else tuple(FEATURES)
        names, X = design_matrix(rows, scale, wanted)
        if self.target == "structure":
            return names, X, np.zeros(X.shape[:3])
        level = take(fill_forward(rolling_mean(past.readings, max(past.task.seasonality))), rows.origins)
        base = np.broadcast_to(np.nan_to_num(level).T[:, :, None], X.shape[:3])
        if structured is None:
            return names, X, base
        column = ((structured - base) / scale[:, None])[..., None]
        return [*names, "structure"], np.concatenate([X, column], axis=-1), structured


def _rows(past: Past, origins: IntArray, learnt: State) -> Rows:
    at = {name.removeprefix(BENDS): values for name, values in learnt.arrays.items() if name.startswith(BENDS)}
    return Rows(deviation_of(past, Shape(period=max(past.task.seasonality)), at), origins)


def _inner(learnt: State) -> State:
    """What the structural regressions learnt; nothing where they take no part."""
    arrays = {name.removeprefix(INNER): values for name, values in learnt.arrays.items() if name.startswith(INNER)}
    return State(arrays=arrays, settings=learnt.settings["inner"])


def _origins(past: Past, task: Task) -> IntArray:
    """Origins at the phase of the live forecast, as many as the matrix may hold."""
    most = max(40, MOST_CELLS // (len(past.items) * task.horizon))
    first = min(5 * max(task.seasonality), past.cutoff // 2)
    found = np.arange(past.cutoff - task.season, first - 1, -task.season, dtype=np.int64)[::-1]
    kept = np.unique(np.linspace(0, len(found) - 1, min(most, len(found))).astype(int))
    return np.asarray(found[kept])
