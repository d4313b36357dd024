"""Ridge regressions on a structural design, several at once, and the correction by their latest residuals.

The regressions of one item share one design and one Gram matrix: each is a selection of its columns, a penalty and
a scale of the target. So five of them cost little more than one, and their average is better than the best of them.

Letters: N items, T readings, C origins, H steps, S specifications, R rows, K columns of the design, F of the
correction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtests.forecaster import State
from features.lags import take
from features.residuals import residual_columns, trust_columns
from features.structure import knots_of, structure_of
from features.transform import bounds_of, is_safe
from forecasting.forecasters.family import weighted_sum
from forecasting.forecasters.structural_fit import (
    CHUNK,
    FORECAST,
    NOTHING,
    OBSERVED,
    SMALLEST,
    archived_origins,
    batches_ahead,
    gathered,
    learns_from_forecasts,
    matrix_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.structure import Structure
    from forecasting.forecasters.structural_fit import Specification

#: Days of the past from which the correction is learnt, at most; origins it takes at least.
CORRECTION_DAYS, FEWEST_ORIGINS = 1100, 200
KNOTS = "knots "


def learn(
    past: Past, task: Task, specifications: Sequence[Specification], *, correction: float, training: str = OBSERVED
) -> State:
    """Weights of the regressions and of their corrections.

    Args:
        past: What was known at the cutoff.
        task: The task.
        specifications: The regressions.
        correction: Ridge penalty of the correction.
        training: What they learn from (``structural_fit.TRAINING``).
    """
    asked = (task, tuple(specifications), correction, training)
    return past.once(("structural", *asked), lambda: _learnt(past, *asked))


def _learnt(
    past: Past, task: Task, specifications: Sequence[Specification], correction: float, training: str
) -> State:
    knots = knots_of(past, weather=training != NOTHING)
    structure = structure_of(past, knots, past.cutoff)
    trained = learns_from_forecasts(training, task)
    archived = archived_origins(past) if trained and training == FORECAST else None
    weights, constants, corrections, bounds = [], [], [], []
    for item in range(len(past.items)):
        log = [one.log and is_safe(past.readings[item]) for one in specifications]
        found = np.stack(
            [
                gathered(structure, item, one.half_life, archived).solve(one, logged=logged)
                for one, logged in zip(specifications, log, strict=True)
            ]
        )
        weights.append(found[:, 1:])
        constants.append(found[:, 0])
        rows = _learning_rows(past, task)
        lately = _looked_back(structure, item, rows, found[:, 1:], found[:, 0], log, trust=trained)
        corrections.append(_corrections(structure, item, found, log, lately, correction, trust=trained))
        bounds.append(_bounds(past.readings[item]))
    return State(
        arrays={
            "weights": np.stack(weights), "constants": np.stack(constants), "corrections": np.array(corrections),
            "bounds": np.array(bounds), **{f"{KNOTS}{key}": values for key, values in knots.items()},
        },
        settings={"last": past.cutoff, "log": [one.log for one in specifications], "trust": trained},
    )  # fmt: skip


def forecast(past: Past, origins: IntArray, learnt: State) -> FloatArray:
    """Mean of the corrected regressions from each origin. ``[C, N, H]``."""
    arrays = learnt.arrays
    structure = design_of(past, learnt)
    made = np.empty((len(origins), len(past.items), past.task.horizon))
    for item in range(len(past.items)):
        weights, constants = arrays["weights"][item], arrays["constants"][item]
        groups = structure.ahead(item, origins)
        X, paths = matrix_of(groups), []
        added = corrected(structure, item, origins, learnt, groups)
        for index, logged in enumerate(logged_of(learnt, item)):
            path = (constants[index] + weighted_sum(X, weights[index])).reshape(len(origins), -1)
            path = path + np.sum(added[index], axis=0)
            low, high = arrays["bounds"][item, 1:]
            paths.append(np.clip(_unlogged(path, logged), low, high))
        made[:, item] = np.mean(paths, axis=0)
    return made


def replayed(past: Past, origins: IntArray, learnt: State) -> FloatArray:
    """Corrected forecasts of the past, with the weather as observed; NaN where it is not known. ``[C, N, H]``.

    The regressions have seen what they forecast here; with thousands of rows for each column that flatters little.
    """
    arrays, structure, task = learnt.arrays, design_of(past, learnt), past.task
    steps = origins[:, None] + np.arange(1, task.horizon + 1)
    made = np.empty((len(origins), len(past.items), task.horizon))
    rows = np.arange(past.cutoff + 1 - structure.late)
    for item, readings in enumerate(past.readings):
        said = _said(structure, item, rows, arrays["weights"][item], arrays["constants"][item])
        paths = []
        for index, logged in enumerate(logged_of(learnt, item)):
            rest = (np.log(np.where(readings > 0, readings, np.nan)) if logged else readings) - said[index]
            added, _ = _recent(rest, origins, task, structure.late, arrays["corrections"][item, index])
            paths.append(_unlogged(take(said[index][None], steps)[0] + added, logged))
        made[:, item] = np.clip(np.mean(paths, axis=0), *arrays["bounds"][item, 1:])
    return made


def _said(structure: Structure, item: int, rows: IntArray, weights: FloatArray, constants: FloatArray) -> FloatArray:
    """What each regression says at rows of the past, NaN elsewhere. ``[S, T]``."""
    found = np.full((len(weights), structure.past.readings.shape[1]), np.nan)
    for start in range(0, len(rows), CHUNK):
        at = rows[start : start + CHUNK]
        found[:, at] = (matrix_of(structure.observed(item, at)) @ weights.T + constants).T
    return found


def design_of(past: Past, learnt: State) -> Structure:
    """The design a state was learnt with, on another past."""
    knots = {key.removeprefix(KNOTS): values for key, values in learnt.arrays.items() if key.startswith(KNOTS)}
    return structure_of(past, knots, int(learnt.settings["last"]))


def logged_of(learnt: State, item: int) -> list[bool]:
    """Which regressions are of the logarithm: those that ask for it, where it is safe."""
    safe = bool(learnt.arrays["bounds"][item, 0] > 0)
    return [bool(wanted) and safe for wanted in learnt.settings["log"]]


def _unlogged(path: FloatArray, logged: bool) -> FloatArray:  # noqa: FBT001
    return np.asarray(np.exp(np.minimum(path, 700.0)) if logged else path)


def _bounds(readings: FloatArray) -> tuple[float, float, float]:
    """Whether a logarithm is safe, and the range within which forecasts stay."""
    return float(is_safe(readings)), *bounds_of(readings)


def _learning_rows(past: Past, task: Task) -> IntArray:
    """Positions whose residuals the correction is learnt from."""
    first = max(0, past.cutoff - CORRECTION_DAYS * task.season)
    return np.arange(first, past.cutoff + 1)


def _recent_rows(origins: IntArray, task: Task) -> IntArray:
    """Positions whose residuals a correction looks back to."""
    reach = 28 * task.season + 4 * max(task.seasonality) + task.horizon + task.weather_delay
    return np.arange(max(0, int(origins.min()) - reach), int(origins.max()) + 1)


def _looked_back(
    structure: Structure,
    item: int,
    rows: IntArray,
    weights: FloatArray,
    constants: FloatArray,
    log: Sequence[bool],
    *,
    trust: bool,
    exact: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Readings, or their logarithms, less what each regression says, and what the weather did. ``[S, T]`` each.

    NaN where there is no reading; what the weather did only for ``trust``. ``exact`` sums in an order that does not
    depend on the number of rows, as forecasts must.
    """
    past = structure.past
    found, effects = (np.full((len(weights), past.readings.shape[1]), np.nan) for _ in range(2))
    rows = rows[np.isfinite(past.readings[item, rows])]
    x = past.readings[item, rows]
    for start in range(0, len(rows), CHUNK):
        at = rows[start : start + CHUNK]
        groups = structure.observed(item, at)
        X, felt = matrix_of(groups), structure.of_weather(groups)
        for index, logged in enumerate(log):
            said = weighted_sum(X, weights[index]) if exact else X @ weights[index]
            seen = x[start : start + CHUNK]
            if logged:
                seen = np.log(np.where(seen > 0, seen, np.nan))
            found[index, at] = seen - said - constants[index]
            if trust:
                effects[index, at] = weighted_sum(X[:, felt], weights[index, felt])
    return found, effects


def _corrections(
    structure: Structure,
    item: int,
    found: FloatArray,
    log: Sequence[bool],
    lately: tuple[FloatArray, FloatArray],
    penalty: float,
    *,
    trust: bool,
) -> list[FloatArray]:
    """Weights of the correction of each regression. ``[S][H, F + 1]``."""
    past, task, late = structure.past, structure.past.task, structure.late
    residuals, effects = lately
    origins = archived_origins(past) if trust else _origins(past, task)
    ahead = _ahead(structure, item, origins, found, log) if trust else None
    made = []
    for index in range(len(found)):
        X = residual_columns(residuals[index][None], origins, task, late)[0]
        if ahead is None:
            outcome = _outcomes(residuals[index], origins, past, structure)
        else:
            outcome = ahead[0][index]
            X = np.concatenate([X, trust_columns(ahead[1][index], effects[index], origins, task, late)], axis=2)
        made.append(learn_correction(X, outcome, penalty))
    return made


def _outcomes(residuals: FloatArray, origins: IntArray, past: Past, structure: Structure) -> FloatArray:
    """Residuals after each origin, NaN where they are not known. ``[C, H]``."""
    steps = origins[:, None] + np.arange(1, past.task.horizon + 1)
    return np.where(steps <= past.cutoff - structure.late, residuals[np.minimum(steps, past.cutoff)], np.nan)


def _ahead(
    structure: Structure, item: int, origins: IntArray, found: FloatArray, log: Sequence[bool]
) -> tuple[FloatArray, FloatArray]:
    """Readings after each origin less what each regression says of the weather as known there, and its part in it.

    ``[S, C, H]`` each.
    """
    readings = structure.past.readings[item]
    left, effects = [], []
    for at, groups in batches_ahead(structure, item, origins):
        X, felt = matrix_of(groups), structure.of_weather(groups)
        seen = np.where(at < len(readings), readings[np.minimum(at, len(readings) - 1)], np.nan)
        logged = np.log(np.where(seen > 0, seen, np.nan))
        said = found[:, :1] + found[:, 1:] @ X.T
        left.append(np.stack([logged if one else seen for one in log]) - said)
        effects.append(found[:, 1:][:, felt] @ X[:, felt].T)
    shape = (len(log), len(origins), -1)
    return np.concatenate(left, axis=1).reshape(shape), np.concatenate(effects, axis=1).reshape(shape)


def learn_correction(X: FloatArray, outcome: FloatArray, penalty: float) -> FloatArray:
    """Ridge weights of one step each; the last of a row is the constant. ``[H, F + 1]``.

    Args:
        X: Columns of the correction. ``[C, H, F]``
        outcome: What the structure leaves at each step, NaN where it is not known. ``[C, H]``
        penalty: Ridge penalty.
    """
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
    """Origins at the phase of the cutoff, the likest to it; where they are too few, others too. ``[C]``."""
    first = max(4 * task.season, past.cutoff - CORRECTION_DAYS * task.season)
    stride = task.season
    while stride > 1 and (past.cutoff - first) // stride < FEWEST_ORIGINS:
        stride = stride // 2
    return np.arange(past.cutoff - 1 - (stride - 1), first - 1, -stride, dtype=np.int64)[::-1]


def corrected(
    structure: Structure, item: int, origins: IntArray, learnt: State, groups: Mapping[str, FloatArray]
) -> list[tuple[FloatArray, FloatArray]]:
    """What the latest residuals, and how far the weather is to be trusted, add to each regression. ``[C, H]`` each.

    Args:
        structure: The design.
        item: The item.
        origins: Positions to look back from. ``[C]``
        learnt: What was learnt.
        groups: Columns over the horizon after each origin. ``[C H, K]`` each.
    """
    task, late = structure.past.task, structure.late
    weights, constants = learnt.arrays["weights"][item], learnt.arrays["constants"][item]
    rows, log, trusting = _recent_rows(origins, task), logged_of(learnt, item), bool(learnt.settings.get("trust"))
    residuals, effects = _looked_back(structure, item, rows, weights, constants, log, exact=True, trust=trusting)
    felt = structure.of_weather(groups)
    found = []
    for index, own in enumerate(learnt.arrays["corrections"][item]):
        recent, count = _recent(residuals[index], origins, task, late, own)
        trust = np.zeros(recent.shape)
        if trusting:
            ahead = weighted_sum(matrix_of(groups)[:, felt], weights[index, felt]).reshape(recent.shape)
            columns = trust_columns(ahead, effects[index], origins, task, late)
            trust = weighted_sum(columns, own[:, count:-1])
        found.append((recent, trust))
    return found


def _recent(
    residuals: FloatArray, origins: IntArray, task: Task, late: int, weights: FloatArray
) -> tuple[FloatArray, int]:
    """What the latest residuals ``[T]`` add after each origin ``[C, H]``, and the number of their columns."""
    X = residual_columns(residuals[None], origins, task, late)[0]
    return weights[:, -1] + weighted_sum(X, weights[:, : X.shape[2]]), X.shape[2]
