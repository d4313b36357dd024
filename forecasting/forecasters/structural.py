"""Ridge regressions on a structural design, several at once, and the correction by their latest residuals.

The regressions of one item share one design and one Gram matrix: each is a selection of its columns, a penalty and
a scale of the target. So five of them cost little more than one, and their average is better than the best of them.

Letters: N items, T readings, C origins, H steps, S specifications, R rows, K columns of the design, F of the
correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from backtests.forecaster import State
from features.lags import take
from features.residuals import residual_columns
from features.structure import Structure, knots_of
from features.transform import bounds_of, is_safe
from forecasting.forecasters.family import weighted_sum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past

#: Rows a fit uses at most, and rows of the design in memory at a time.
MOST_ROWS, CHUNK = 45_000, 4096
#: Days of the past from which the correction is learnt, at most; origins it takes at least.
CORRECTION_DAYS, FEWEST_ORIGINS = 1100, 200
#: A column that varies less than this is a constant.
SMALLEST = 1e-8
KNOTS = "knots "


@dataclass(frozen=True, kw_only=True)
class Specification:
    """One regression among those that share a design.

    Attributes:
        year: Pairs of waves over the year.
        memories: Memories of the weather besides the weather as it is.
        log: Whether the logarithm of the target is regressed, where that is safe.
        trend: Whether a straight line is, which stands still after the fit.
        penalty: Ridge penalty, relative to the variance of a column.
        half_life: Age at which a reading weighs half [days]; 0 for no forgetting.
    """

    year: int = 4
    memories: tuple[str, ...] = ("1d", "3d")
    log: bool = False
    trend: bool = False
    penalty: float = 1e-3
    half_life: float = 0.0

    def wants(self, group: str) -> bool:
        """Whether a group of columns is part of it."""
        if group.startswith("year"):
            number = group.removeprefix("year ")
            return self.year > 0 and (number == "by day" or int(number) <= self.year)
        if group == "trend":
            return self.trend
        if ":" not in group:
            return True
        kind = group.rsplit(":", 1)[1].removesuffix(" at weekends")
        return kind == "now" or kind in self.memories


def learn(past: Past, task: Task, specifications: Sequence[Specification], *, correction: float) -> State:
    """Weights of the regressions and of their corrections.

    Args:
        past: What was known at the cutoff.
        task: The task.
        specifications: The regressions.
        correction: Ridge penalty of the correction.
    """
    knots = knots_of(past)
    structure = Structure(past, knots, past.cutoff)
    weights, constants, corrections, bounds = [], [], [], []
    for item in range(len(past.items)):
        log = [one.log and is_safe(past.readings[item]) for one in specifications]
        found = _Fit(structure, item, specifications, log).solve()
        weights.append(found[:, 1:])
        constants.append(found[:, 0])
        rest = _residuals(structure, item, _learning_rows(past, task), found[:, 1:], found[:, 0], log)
        corrections.append([learn_correction(row[None], past, task, structure, correction) for row in rest])
        bounds.append(_bounds(past.readings[item]))
    return State(
        arrays={
            "weights": np.stack(weights), "constants": np.stack(constants), "corrections": np.array(corrections),
            "bounds": np.array(bounds), **{f"{KNOTS}{key}": values for key, values in knots.items()},
        },
        settings={"last": past.cutoff, "log": [one.log for one in specifications]},
    )  # fmt: skip


def forecast(past: Past, origins: IntArray, learnt: State) -> FloatArray:
    """Mean of the corrected regressions from each origin. ``[C, N, H]``."""
    arrays = learnt.arrays
    structure = structure_of(past, learnt)
    rows = _recent_rows(origins, past.task)
    made = np.empty((len(origins), len(past.items), past.task.horizon))
    for item in range(len(past.items)):
        log = _logged(learnt, item)
        weights, constants = arrays["weights"][item], arrays["constants"][item]
        X = _matrix(structure.ahead(item, origins))
        rest = _residuals(structure, item, rows, weights, constants, log, exact=True)
        paths = []
        for index, logged in enumerate(log):
            path = (constants[index] + weighted_sum(X, weights[index])).reshape(len(origins), -1)
            learnt_from = arrays["corrections"][item, index]
            path = path + corrected(rest[index][None], origins, past.task, structure, learnt_from)
            low, high = arrays["bounds"][item, 1:]
            paths.append(np.clip(_unlogged(path, logged), low, high))
        made[:, item] = np.mean(paths, axis=0)
    return made


def replayed(past: Past, origins: IntArray, learnt: State) -> FloatArray:
    """Corrected forecasts of the past, with the weather as observed; NaN where it is not known. ``[C, N, H]``.

    The regressions have seen what they forecast here; with thousands of rows for each column that flatters little.
    """
    arrays, structure, task = learnt.arrays, structure_of(past, learnt), past.task
    steps = origins[:, None] + np.arange(1, task.horizon + 1)
    made = np.empty((len(origins), len(past.items), task.horizon))
    rows = np.arange(past.cutoff + 1 - structure.climate.late)
    for item, readings in enumerate(past.readings):
        said = _said(structure, item, rows, arrays["weights"][item], arrays["constants"][item])
        paths = []
        for index, logged in enumerate(_logged(learnt, item)):
            rest = (np.log(np.where(readings > 0, readings, np.nan)) if logged else readings) - said[index]
            added = corrected(rest[None], origins, task, structure, arrays["corrections"][item, index])
            paths.append(_unlogged(take(said[index][None], steps)[0] + added, logged))
        made[:, item] = np.clip(np.mean(paths, axis=0), *arrays["bounds"][item, 1:])
    return made


def _said(structure: Structure, item: int, rows: IntArray, weights: FloatArray, constants: FloatArray) -> FloatArray:
    """What each regression says at rows of the past, NaN elsewhere. ``[S, T]``."""
    found = np.full((len(weights), structure.past.readings.shape[1]), np.nan)
    for start in range(0, len(rows), CHUNK):
        at = rows[start : start + CHUNK]
        found[:, at] = (_matrix(structure.observed(item, at)) @ weights.T + constants).T
    return found


def structure_of(past: Past, learnt: State) -> Structure:
    """The design a state was learnt with, on another past."""
    knots = {key.removeprefix(KNOTS): values for key, values in learnt.arrays.items() if key.startswith(KNOTS)}
    return Structure(past, knots, int(learnt.settings["last"]))


def _logged(learnt: State, item: int) -> list[bool]:
    """Which regressions are of the logarithm: those that ask for it, where it is safe."""
    safe = bool(learnt.arrays["bounds"][item, 0] > 0)
    return [bool(wanted) and safe for wanted in learnt.settings["log"]]


def _unlogged(path: FloatArray, logged: bool) -> FloatArray:  # noqa: FBT001
    return np.asarray(np.exp(np.minimum(path, 700.0)) if logged else path)


def _bounds(readings: FloatArray) -> tuple[float, float, float]:
    """Whether a logarithm is safe, and the range within which forecasts stay."""
    return float(is_safe(readings)), *bounds_of(readings)


class _Fit:
    """Gram matrices and moments of one item, gathered over chunks of rows, and the weights solved from them."""

    def __init__(
        self, structure: Structure, item: int, specifications: Sequence[Specification], log: Sequence[bool]
    ) -> None:
        self.structure, self.item, self.specifications, self.log = structure, item, specifications, log
        self.rows = _fit_rows(structure, item)

    def solve(self) -> FloatArray:
        """Constant and weights of each specification on unscaled columns. ``[S, 1 + K]``."""
        found: dict[float, tuple[FloatArray, FloatArray]] = {}
        self.columns: list[str] = []
        for half_life in dict.fromkeys(one.half_life for one in self.specifications):
            found[half_life] = self._gather(half_life)
        return np.stack(
            [
                self._one(one, *found[one.half_life], logged=logged)
                for one, logged in zip(self.specifications, self.log, strict=True)
            ]
        )

    def _gather(self, half_life: float) -> tuple[FloatArray, FloatArray]:
        """Gram matrix of ``[1, X]`` and its products with readings and their logarithms, by weight of row."""
        past = self.structure.past
        gram, moments = np.zeros(()), np.zeros(())
        for start in range(0, len(self.rows), CHUNK):
            at = self.rows[start : start + CHUNK]
            groups = self.structure.observed(self.item, at)
            self.columns = [name for name, made in groups.items() for _ in range(made.shape[1])]
            X = np.concatenate([np.ones((len(at), 1)), _matrix(groups)], axis=1)
            x = past.readings[self.item, at]
            targets = np.stack([x, np.log(np.maximum(x, np.finfo(float).tiny))], axis=1)
            weight = _weights(at, past, half_life)
            Z = X if weight is None else X * weight[:, None]
            gram, moments = gram + Z.T @ X, moments + Z.T @ targets
        return gram, moments

    def _one(self, one: Specification, gram: FloatArray, moments: FloatArray, *, logged: bool) -> FloatArray:
        """``b = (Z'Z / n + penalty I)^-1 Z'x / n`` on centred columns of unit variance. ``[1 + K]``."""
        count = gram[0, 0]
        mean, moment = gram[0, 1:] / count, moments[1:, int(logged)] / count
        level = moments[0, int(logged)] / count
        spread = np.sqrt(np.maximum(np.diag(gram)[1:] / count - mean**2, 0.0))
        wanted = {name: one.wants(name) for name in dict.fromkeys(self.columns)}
        use = np.flatnonzero(np.array([wanted[name] for name in self.columns]) & (spread > SMALLEST))
        scale = spread[use]
        centred = gram[np.ix_(use + 1, use + 1)] / count - np.outer(mean[use], mean[use])
        centred = centred / np.outer(scale, scale) + one.penalty * np.eye(len(use))
        slopes = np.linalg.solve(centred, (moment[use] - mean[use] * level) / scale) / scale
        found = np.zeros(len(self.columns) + 1)
        found[use + 1] = slopes
        found[0] = level - mean[use] @ slopes
        return found


def _fit_rows(structure: Structure, item: int) -> IntArray:
    """Positions with a reading and weather, thinned where there are more than enough."""
    past, late = structure.past, structure.climate.late
    rows = np.flatnonzero(np.isfinite(past.readings[item, : past.cutoff + 1 - late]))
    for memories in structure.climate.memories.values():
        rows = rows[np.isfinite(memories["now"][item, rows])]
    stride = max(1, -(-len(rows) // MOST_ROWS))
    while stride > 1 and gcd(stride, max(past.task.seasonality)) > 1:
        stride += 1
    return rows[::-stride][::-1]


def _weights(at: IntArray, past: Past, half_life: float) -> FloatArray | None:
    if not half_life:
        return None
    days = (past.cutoff - at) * ((past.grid[1] - past.grid[0]).total_seconds() / 86_400)
    return np.asarray(0.5 ** (days / half_life))


def _matrix(groups: Mapping[str, FloatArray]) -> FloatArray:
    return np.concatenate(list(groups.values()), axis=1)


def _learning_rows(past: Past, task: Task) -> IntArray:
    """Positions whose residuals the correction is learnt from."""
    first = max(0, past.cutoff - CORRECTION_DAYS * task.season)
    return np.arange(first, past.cutoff + 1)


def _recent_rows(origins: IntArray, task: Task) -> IntArray:
    """Positions whose residuals a correction looks back to."""
    reach = 28 * task.season + 4 * max(task.seasonality) + task.horizon + task.weather_delay
    return np.arange(max(0, int(origins.min()) - reach), int(origins.max()) + 1)


def _residuals(
    structure: Structure,
    item: int,
    rows: IntArray,
    weights: FloatArray,
    constants: FloatArray,
    log: Sequence[bool],
    *,
    exact: bool = False,
) -> FloatArray:
    """Readings, or their logarithms, less what each regression says, NaN elsewhere. ``[S, T]``.

    ``exact`` sums in an order that does not depend on the number of rows, as forecasts must.
    """
    past = structure.past
    found = np.full((len(weights), past.readings.shape[1]), np.nan)
    rows = rows[np.isfinite(past.readings[item, rows])]
    x = past.readings[item, rows]
    for start in range(0, len(rows), CHUNK):
        at = rows[start : start + CHUNK]
        X = _matrix(structure.observed(item, at))
        for index, logged in enumerate(log):
            said = weighted_sum(X, weights[index]) if exact else X @ weights[index]
            seen = x[start : start + CHUNK]
            if logged:
                seen = np.log(np.where(seen > 0, seen, np.nan))
            found[index, at] = seen - said - constants[index]
    return found


def learn_correction(
    residuals: FloatArray, past: Past, task: Task, structure: Structure, penalty: float
) -> FloatArray:
    """Ridge weights of one step each, from residuals ``[1, T]``; the last of a row is the constant. ``[H, F + 1]``.

    Origins at the phase of the cutoff are the likest to it; where they are too few, others are taken too.
    """
    late = structure.climate.late
    origins = _origins(past, task)
    X = residual_columns(residuals, origins, task, late)[0]
    steps = origins[:, None] + np.arange(1, task.horizon + 1)
    outcome = np.where(steps <= past.cutoff - late, residuals[0][np.minimum(steps, past.cutoff)], np.nan)
    known = np.isfinite(outcome)
    use = known.astype(float)
    count = np.maximum(use.sum(axis=0), 1.0)[:, None]
    mean = np.einsum("chf,ch->hf", X, use) / count
    level = np.where(known, outcome, 0.0).sum(axis=0) / count[:, 0]
    Z = np.moveaxis((X - mean) * use[..., None], 0, 1)
    scale = np.sqrt((Z**2).sum(axis=1) / count)
    scale = np.where(scale > SMALLEST * scale.max(initial=1.0), scale, np.inf)
    Z = Z / scale[:, None, :]
    d = np.where(known, outcome - level, 0.0).T
    gram = np.swapaxes(Z, 1, 2) @ Z / count[..., None] + penalty * np.eye(Z.shape[2])
    moment = (np.swapaxes(Z, 1, 2) @ d[..., None]) / count[..., None]
    slopes = np.linalg.solve(gram, moment)[..., 0] / scale
    return np.concatenate([slopes, (level - (slopes * mean).sum(axis=1))[:, None]], axis=1)


def _origins(past: Past, task: Task) -> IntArray:
    first = max(4 * task.season, past.cutoff - CORRECTION_DAYS * task.season)
    stride = task.season
    while stride > 1 and (past.cutoff - first) // stride < FEWEST_ORIGINS:
        stride = stride // 2
    return np.arange(past.cutoff - 1 - (stride - 1), first - 1, -stride, dtype=np.int64)[::-1]


def corrected(
    residuals: FloatArray, origins: IntArray, task: Task, structure: Structure, weights: FloatArray
) -> FloatArray:
    """What the latest residuals ``[1, T]`` add to the structure after each origin. ``[C, H]``."""
    X = residual_columns(residuals, origins, task, structure.climate.late)[0]
    return weights[:, -1] + weighted_sum(X, weights[:, :-1])
