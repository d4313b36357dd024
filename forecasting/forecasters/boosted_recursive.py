"""Gradient boosting of the next step from the steps before it, walked on over the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.lags import clock_positions, mean_for_gaps, take, without_gaps
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import Additive, register
from forecasting.forecasters.trees import Trees, tree_space

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Rows (step, item) a fit uses at most.
MOST_ROWS = 30_000
#: Latest steps among the features, and short seasons back whose neighbourhood is.
RECENT_STEPS, SHORT_SEASONS = 7, 7
#: Change over a season beyond which none is believed, in usual changes.
LARGEST = 8.0


@register
@dataclass(kw_only=True)
class BoostedRecursive(Trees, Additive):
    """LightGBM of the change over a season, one step ahead, fed with its own forecasts: pooled over items.

    The usual way to forecast with trees; errors add up along the way, which the other boosted ones avoid.

    Attributes:
        season: Season the change is over [steps]; 0 for the shortest of the task.
    """

    name: ClassVar[str] = "boosted_recursive"
    plain: ClassVar[str] = "many small decision trees, each step from the steps before it"
    seconds_per_1000: ClassVar[float] = 0.25

    season: int = 0
    min_leaf: int = 20

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """A season, and ten of the shortest besides two of the longest."""
        return task.season > 1 and length >= 10 * task.season + 2 * max(task.seasonality) + task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Season and size of the trees."""
        return {"season": trial.suggest_categorical("season", list(task.seasonality)), **tree_space(trial)}

    def _learn(self, past: Past, task: Task) -> State:
        changes, season, lags = _changes(past, self._season(task)), self._season(task), _lags(task)
        first = min(season + int(lags[-1]), changes.shape[1] // 2)
        most = max(200, MOST_ROWS // len(changes))
        at = np.unique(np.linspace(first, changes.shape[1] - 1, min(most, changes.shape[1] - first)).astype(int))
        scale = np.abs(np.nan_to_num(changes)).mean(axis=1)
        scale = np.where(scale > 0, scale, 1.0)
        unit = changes / scale[:, None]
        X = np.concatenate([take(unit, at[:, None] - lags), self._clock(past, at, len(unit))], axis=-1)
        target = unit[:, at]
        known = np.isfinite(target)
        names = [*(f"lag_{lag}" for lag in lags), *(f"phase_{season}" for season in task.seasonality)]
        text = self.grow(X[known], target[known], names, {"objective": "l1", "bagging_fraction": 0.7})
        return State(arrays={"scale": scale}, texts={"booster": text})

    def _season(self, task: Task) -> int:
        return self.season or task.season

    def _clock(self, past: Past, positions: IntArray, items: int) -> FloatArray:
        """Phase of each season by the local clock. ``[N, *positions.shape, seasons]``."""
        phase = clock_positions(past, positions)
        columns = np.stack([phase % season for season in past.task.seasonality], axis=-1).astype(float)
        return np.broadcast_to(columns, (items, *columns.shape))

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The reading a season before is usual, the change since then recent."""
        import lightgbm

        booster = lightgbm.Booster(model_str=learnt.texts["booster"])
        task, season, lags = past.task, self._season(past.task), _lags(past.task)
        scale, longest = learnt.arrays["scale"][:, None], int(lags[-1])
        known = np.nan_to_num(take(_changes(past, season), origins[:, None] + np.arange(1 - longest, 1)))
        path = np.concatenate([known / scale[..., None], np.zeros((*known.shape[:2], task.horizon))], axis=2)
        for step in range(task.horizon):
            clock = self._clock(past, origins + step + 1, len(path))
            X = np.concatenate([path[:, :, longest + step - lags], clock], axis=-1)
            made = booster.predict(X.reshape(-1, X.shape[-1]), num_threads=1)
            path[:, :, longest + step] = np.clip(np.reshape(made, path.shape[:2]), -LARGEST, LARGEST)
        change = path[:, :, longest:] * scale[..., None]
        steps = np.arange(1, task.horizon + 1)
        base = mean_for_gaps(take(_readings(past), origins[:, None] + steps - season * -(-steps // season)))
        for start in range(season, task.horizon, season):  # the change of a season goes on into the next one
            now = change[:, :, start : start + season]
            now += change[:, :, start - season : start - season + now.shape[2]]
        return {PROFILE: np.moveaxis(base, 0, 1), RECENT: np.moveaxis(change, 0, 1)}


def _readings(past: Past) -> FloatArray:
    return without_gaps(past.readings, max(past.task.seasonality))


def _changes(past: Past, season: int) -> FloatArray:
    """Readings less those a season before. ``[N, T]``."""
    readings = _readings(past)
    return readings - take(readings, np.arange(readings.shape[1]) - season)


def _lags(task: Task) -> IntArray:
    """Latest steps, and the same phase of the last short seasons with its neighbours, rising."""
    seasons = task.season * np.arange(1, SHORT_SEASONS + 1)[:, None] + np.array([-1, 0, 1])
    return np.unique(np.concatenate([np.arange(1, RECENT_STEPS + 1), seasons.ravel()])).astype(np.int64)
