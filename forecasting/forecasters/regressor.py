"""Regressors of scikit-learn as forecasters: a random forest, nearest neighbours, a support vector machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from backtests.view import steps_per_day
from features.deviation import Rows, Shape, deviation_of
from features.matrix import column_parts, design_matrix, learnable, usual_departure
from features.parts import PROFILE, added
from features.usual import shares_of, usual_columns
from features.weather import bends
from forecasting.forecasters.family import RegisteredForecaster, register

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Rows (origin, item, step) a fit uses at most, by kind: what is quick to grow may be slow to look up.
MOST_ROWS = {"forest": 5000, "neighbours": 5000, "support": 2000}
#: Distances are computed for this many rows at a time.
CHUNK = 512
BENDS = "bends "


@register
@dataclass(kw_only=True)
class Regressor(RegisteredForecaster):
    """A regression of the departure from the profile on all features, by scikit-learn.

    What is learnt is kept as plain arrays and looked up by NumPy, so that a saved model holds no pickle.
    Sources: Breiman (2001), Random Forests; Drucker et al. (1997), Support Vector Regression Machines.

    Attributes:
        kind: ``forest``, ``neighbours`` or ``support``.
        trees: Trees of the forest.
        min_leaf: Rows in a leaf at least.
        neighbours: Neighbours averaged.
        cost: Cost of an error of the support vector machine.
    """

    name: ClassVar[str] = "regressor"
    plain: ClassVar[str] = (
        "all columns at once: a forest of trees, the most similar hours, or a support vector machine"
    )
    seconds_per_1000: ClassVar[float] = 0.6

    kind: str = "forest"
    trees: int = 40
    min_leaf: int = 5
    neighbours: int = 30
    cost: float = 1.0

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Steps within a day, and some weeks of them."""
        return steps_per_day(task) > 1 and task.season > 1 and length >= 21 * task.season + 4 * task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Kind and size."""
        return {
            "kind": trial.suggest_categorical("kind", list(MOST_ROWS)),
            "trees": trial.suggest_int("trees", 20, 120, log=True),
            "min_leaf": trial.suggest_int("min_leaf", 2, 30, log=True),
            "neighbours": trial.suggest_int("neighbours", 5, 100, log=True),
            "cost": trial.suggest_float("cost", 0.1, 10.0, log=True),
        }

    def _learn(self, past: Past, task: Task) -> State:
        at = bends(past)
        origins = np.arange(min(3 * max(task.seasonality), past.cutoff // 2), past.cutoff, 5, dtype=np.int64)
        most = max(40, 4 * MOST_ROWS[self.kind] // (len(past.items) * task.horizon))
        origins = origins[np.unique(np.linspace(0, len(origins) - 1, min(most, len(origins))).astype(int))]
        rows = Rows(deviation_of(past, Shape(period=max(task.seasonality)), at), origins)
        scale = usual_departure(rows)
        names, X = design_matrix(rows, scale)
        keep = learnable(names, past)
        X = np.nan_to_num(X[..., [names.index(name) for name in keep]]).reshape(-1, len(keep))
        target = ((past.outcomes(origins, task.horizon) - rows.base_ahead()) / scale[:, None]).ravel()
        known = np.flatnonzero(np.isfinite(target))
        if len(known) > MOST_ROWS[self.kind]:
            known = np.sort(np.random.default_rng(0).choice(known, MOST_ROWS[self.kind], replace=False))
        X, target = X[known], target[known]
        centre, spread = X.mean(axis=0), X.std(axis=0)
        spread = np.where(spread > 1e-9, spread, np.inf)
        found = {"forest": self._forest, "neighbours": _keep, "support": self._support}[self.kind](
            (X - centre) / spread, target
        )
        return State(
            arrays={
                **found, "scale": scale, "centre": centre, "spread": spread,
                **{f"{BENDS}{name}": values for name, values in at.items()},
            },
            settings={"features": keep},
        )  # fmt: skip

    def _forest(self, X: FloatArray, target: FloatArray) -> dict[str, FloatArray]:
        """Every tree as a table of nodes, one below the other; a leaf is its own child."""
        from sklearn.ensemble import RandomForestRegressor

        grown = RandomForestRegressor(
            self.trees, min_samples_leaf=self.min_leaf, max_features=0.4, random_state=0, n_jobs=1
        ).fit(X, target)
        nodes, roots, start = [], [], 0
        for tree in (one.tree_ for one in grown.estimators_):
            here = np.arange(tree.node_count)
            leaf = tree.children_left < 0
            left, right = (np.where(leaf, here, side) + start for side in (tree.children_left, tree.children_right))
            feature = np.where(leaf, 0, tree.feature)
            nodes.append(np.stack([left, right, feature, tree.threshold, tree.value[:, 0, 0]], axis=1))
            roots.append(start)
            start += tree.node_count
        depth = max(one.tree_.max_depth for one in grown.estimators_)
        return {"nodes": np.concatenate(nodes), "roots": np.array(roots, dtype=float), "depth": np.array([depth])}

    def _support(self, X: FloatArray, target: FloatArray) -> dict[str, FloatArray]:
        from sklearn.svm import SVR

        gamma = 1.0 / X.shape[1]
        machine = SVR(C=self.cost, gamma=gamma, epsilon=0.1).fit(X, target)
        return {
            "X": machine.support_vectors_, "weights": machine.dual_coef_[0],
            "constant": np.array([machine.intercept_[0], gamma]),
        }  # fmt: skip

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        rows, X = self._inputs(past, origins, learnt)
        made = self._looked_up(learnt, X.reshape(-1, X.shape[-1]))
        return np.asarray(rows.base_ahead() + made.reshape(X.shape[:3]) * learnt.arrays["scale"][:, None])

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The profile, and what each group of inputs adds when it takes the place of the usual one."""
        rows, X = self._inputs(past, origins, learnt)
        names, scale = learnt.settings["features"], learnt.arrays["scale"]
        part_of = column_parts(rows, scale)
        flat = X.reshape(-1, X.shape[-1])
        usual = np.nan_to_num(usual_columns(rows, names, X)).reshape(flat.shape)
        made = shares_of(partial(self._looked_up, learnt), flat, usual, [part_of[name] for name in names])
        found = {name: values.reshape(X.shape[:3]) * scale[:, None] for name, values in made.items()}
        return added([{PROFILE: rows.base_ahead()}, found])

    def _inputs(self, past: Past, origins: IntArray, learnt: State) -> tuple[Rows, FloatArray]:
        """The rows, and the columns it learnt from. ``[C, N, H, K]``."""
        arrays = learnt.arrays
        at = {name.removeprefix(BENDS): arrays[name] for name in arrays if name.startswith(BENDS)}
        rows = Rows(deviation_of(past, Shape(period=max(past.task.seasonality)), at), origins)
        names, X = design_matrix(rows, arrays["scale"])
        return rows, np.nan_to_num(X[..., [names.index(name) for name in learnt.settings["features"]]])

    def _looked_up(self, learnt: State, X: FloatArray) -> FloatArray:
        """What was learnt says of rows ``[R, K]``, in units of the scale. ``[R]``."""
        arrays = learnt.arrays
        X = (X - arrays["centre"]) / arrays["spread"]
        look = {"forest": _fall, "neighbours": self._nearest, "support": _machine}[self.kind]
        return np.concatenate([look(X[k : k + CHUNK], arrays) for k in range(0, len(X), CHUNK)])

    def _nearest(self, X: FloatArray, arrays: Any) -> FloatArray:
        """Mean target of the nearest rows."""
        count = min(self.neighbours, len(arrays["target"]))
        near = np.argsort(_distances(X, arrays["X"]), axis=1, kind="stable")[:, :count]
        return np.asarray(arrays["target"][near].mean(axis=1))


def _keep(X: FloatArray, target: FloatArray) -> dict[str, FloatArray]:
    return {"X": X, "target": target}


def _fall(X: FloatArray, arrays: Any) -> FloatArray:
    """Mean over the trees of the leaf each row falls into."""
    nodes, rows = arrays["nodes"], np.arange(len(X))
    children, feature = nodes[:, :2].astype(np.int64), nodes[:, 2].astype(np.int64)
    total = np.zeros(len(X))
    for root in arrays["roots"].astype(np.int64):
        at = np.full(len(X), root)
        for _ in range(int(arrays["depth"][0])):
            # scikit-learn compares in single precision
            right = X[rows, feature[at]].astype(np.float32) > nodes[at, 3]
            at = children[at, right.astype(np.int64)]
        total += nodes[at, 4]
    return total / len(arrays["roots"])


def _distances(X: FloatArray, other: FloatArray) -> FloatArray:
    """Squared distances, summed column by column: a matrix product would round by the number of rows. ``[R, S]``."""
    found = np.zeros((len(X), len(other)))
    for mine, theirs in zip(X.T, other.T, strict=True):
        found += (mine[:, None] - theirs) ** 2
    return found


def _machine(X: FloatArray, arrays: Any) -> FloatArray:
    """Radial kernels of the support vectors, by weight."""
    constant, gamma = arrays["constant"]
    return np.asarray((np.exp(-gamma * _distances(X, arrays["X"])) * arrays["weights"]).sum(axis=1) + constant)
