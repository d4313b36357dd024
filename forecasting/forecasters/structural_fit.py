"""The weights of structural regressions: rows of the past, their Gram matrix, and what is solved from it.

The rows are those of what was observed, or of what was forecast: a regression of the weather as it came learns what
weather does, one of the weather as it was known learns how far to trust a forecast of it.

Letters: N items, T readings, C origins, H steps, S specifications, R rows, K columns of the design.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.structure import Structure
    from forecasting.forecasters.family import Suggest

    Batch = tuple[IntArray, dict[str, FloatArray]]

#: Rows a fit uses at most, and rows of the design in memory at a time.
MOST_ROWS, CHUNK = 45_000, 4096
#: Days of the past a fit of the weather as forecast looks back to, and the fewest origins it is thinned to.
ARCHIVED_DAYS, FEWEST_ARCHIVED = 1100, 200
#: Items whose sums are kept for the next regression; those of many would fill the memory.
MOST_GATHERED = 16
#: A column that varies less than this is a constant.
SMALLEST = 1e-8
#: What a regression may learn from: the weather as it came; curves from that, but how far to trust the weather from
#: the forecasts of it; all from the weather as it was known at each origin; or without weather.
OBSERVED, MIXED, FORECAST, NOTHING = "observed", "mixed", "forecast", "none"
TRAINING = (OBSERVED, MIXED, FORECAST, NOTHING)


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


def suggested_training(trial: Suggest, task: Task) -> dict[str, str]:
    """What to learn from, where there is a choice: the backtest decides."""
    if not learns_from_forecasts(MIXED, task):
        return {}
    return {"training": trial.suggest_categorical("training", list(TRAINING))}


def learns_from_forecasts(training: str, task: Task) -> bool:
    """Whether forecasts of the weather are learnt from: where it is asked for, and they are not what came anyway."""
    return (
        training not in (OBSERVED, NOTHING)
        and bool(task.weather_covariates)
        and task.weather_mode not in ("none", "oracle")
    )


def archived_origins(past: Past) -> IntArray:
    """Origins at the phase of the cutoff, whose horizons the rows are of; of many every k-th. ``[C]``."""
    task = past.task
    most = max(FEWEST_ARCHIVED, MOST_ROWS // task.horizon)
    first = max(4 * task.season, past.cutoff - ARCHIVED_DAYS * task.season)
    apart = max(1, -(-((past.cutoff - first) // task.season) // most))
    while apart > 1 and gcd(apart, max(task.seasonality) // task.season) > 1:
        apart += 1
    return np.arange(past.cutoff - task.season, first - 1, -apart * task.season, dtype=np.int64)[::-1]


def batches_ahead(structure: Structure, item: int, origins: IntArray) -> Iterator[Batch]:
    """Positions after each origin and columns with the weather as it was known there, some origins at a time."""
    steps = np.arange(1, structure.past.task.horizon + 1)
    some = max(1, CHUNK // len(steps))
    for start in range(0, len(origins), some):
        own = origins[start : start + some]
        yield (own[:, None] + steps).ravel(), structure.ahead(item, own)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Sums over the rows of a design: all that the regressions on it need to know of the past.

    Attributes:
        columns: The group that each column is of. ``[K]``
        gram: Gram matrix of ``[1, X]``. ``[1 + K, 1 + K]``
        moments: Its products with readings and their logarithms. ``[1 + K, 2]``
    """

    columns: tuple[str, ...]
    gram: FloatArray
    moments: FloatArray

    def solve(self, one: Specification, *, logged: bool) -> FloatArray:
        """``b = (Z'Z / n + penalty I)^-1 Z'x / n`` on centred columns of unit variance. ``[1 + K]``.

        Returns:
            Constant and weights on unscaled columns.
        """
        count = self.gram[0, 0]
        mean, moment = self.gram[0, 1:] / count, self.moments[1:, int(logged)] / count
        level = self.moments[0, int(logged)] / count
        spread = np.sqrt(np.maximum(np.diag(self.gram)[1:] / count - mean**2, 0.0))
        wanted = {name: one.wants(name) for name in dict.fromkeys(self.columns)}
        use = np.flatnonzero(np.array([wanted[name] for name in self.columns]) & (spread > SMALLEST))
        scale = spread[use]
        centred = self.gram[np.ix_(use + 1, use + 1)] / count - np.outer(mean[use], mean[use])
        centred = centred / np.outer(scale, scale) + one.penalty * np.eye(len(use))
        slopes = np.linalg.solve(centred, (moment[use] - mean[use] * level) / scale) / scale
        found = np.zeros(len(self.columns) + 1)
        found[use + 1] = slopes
        found[0] = level - mean[use] @ slopes
        return found


def gathered(structure: Structure, item: int, half_life: float, origins: IntArray | None) -> Gathered:
    """Sums over the rows of an item, made once for all regressions of a past.

    Args:
        structure: The design.
        item: The item.
        half_life: Age at which a row weighs half [days]; 0 for no forgetting.
        origins: Where the rows are of the weather as it was known, the origins they follow. ``[C]``
    """
    asked = (item, half_life, None if origins is None else origins.tobytes())
    if len(structure.past.items) > MOST_GATHERED:
        return _gather(structure, item, half_life, origins)
    return structure.once(asked, lambda: _gather(structure, item, half_life, origins))


def _gather(structure: Structure, item: int, half_life: float, origins: IntArray | None) -> Gathered:
    past = structure.past
    columns: list[str] = []
    gram, moments = np.zeros(()), np.zeros(())
    for at, groups in _batches(structure, item, origins):
        columns = [name for name, made in groups.items() for _ in range(made.shape[1])]
        X = np.concatenate([np.ones((len(at), 1)), matrix_of(groups)], axis=1)
        x = past.readings[item, at]
        targets = np.stack([x, np.log(np.maximum(x, np.finfo(float).tiny))], axis=1)
        weight = _weights(at, past, half_life)
        Z = X if weight is None else X * weight[:, None]
        gram, moments = gram + Z.T @ X, moments + Z.T @ targets
    return Gathered(columns=tuple(columns), gram=gram, moments=moments)


def _batches(structure: Structure, item: int, origins: IntArray | None) -> Iterator[Batch]:
    """Positions with a reading, and their columns."""
    if origins is None:
        rows = _fit_rows(structure, item)
        for start in range(0, len(rows), CHUNK):
            at = rows[start : start + CHUNK]
            yield at, structure.observed(item, at)
        return
    readings = structure.past.readings[item]
    for at, groups in batches_ahead(structure, item, origins):
        keep = np.flatnonzero(at < len(readings))
        keep = keep[np.isfinite(readings[at[keep]])]
        if len(keep):
            yield at[keep], {name: columns[keep] for name, columns in groups.items()}


def _fit_rows(structure: Structure, item: int) -> IntArray:
    """Positions with a reading and weather, thinned where there are more than enough."""
    past, late = structure.past, structure.late
    rows = np.flatnonzero(np.isfinite(past.readings[item, : past.cutoff + 1 - late]))
    for name in structure.variables:
        rows = rows[np.isfinite(structure.climate.memories[name]["now"][item, rows])]
    stride = max(1, -(-len(rows) // MOST_ROWS))
    while stride > 1 and gcd(stride, max(past.task.seasonality)) > 1:
        stride += 1
    return rows[::-stride][::-1]


def _weights(at: IntArray, past: Past, half_life: float) -> FloatArray | None:
    if not half_life:
        return None
    days = (past.cutoff - at) * ((past.grid[1] - past.grid[0]).total_seconds() / 86_400)
    return np.asarray(0.5 ** (days / half_life))


def matrix_of(groups: Mapping[str, FloatArray]) -> FloatArray:
    """All columns side by side. ``[R, K]``."""
    return np.concatenate(list(groups.values()), axis=1)
