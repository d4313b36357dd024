"""Days like the last ones: what followed the stretches of the past most like the latest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from features.deviation import Rows, Shape, deviation_of
from features.lags import take
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import Additive, register

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Past stretches compared at most.
MOST = 400


@register
@dataclass(kw_only=True)
class Analogues(Additive):
    """The profile, plus the mean departure that followed the stretches most like the latest.

    Stretches begin at the same phase of the shortest season; they are alike when their departures from the profile
    are. Source: Lorenz (1969), Atmospheric predictability as revealed by naturally occurring analogues, Journal of
    the Atmospheric Sciences 26.

    Attributes:
        neighbours: Stretches averaged.
        length: Length of a stretch [short seasons].
        shrink: Share of the mean departure that is applied.
    """

    name: ClassVar[str] = "analogues"
    plain: ClassVar[str] = "what followed the past days most like the latest ones"
    seconds_per_1000: ClassVar[float] = 0.09

    neighbours: int = 20
    length: int = 2
    shrink: float = 0.8

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """A season, and enough of them to find some alike."""
        return task.season > 1 and length >= 20 * task.season + 2 * max(task.seasonality) + task.horizon

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """How many, how long, how much."""
        return {
            "neighbours": trial.suggest_int("neighbours", 5, 60, log=True),
            "length": trial.suggest_int("length", 1, 7),
            "shrink": trial.suggest_float("shrink", 0.3, 1.0),
        }

    def _learn(self, past: Past, task: Task) -> State:  # noqa: ARG002 - the readings are what it knows
        return State()

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:  # noqa: ARG002
        """The profile, and what followed the stretches that departed from it as the latest one does."""
        task = past.task
        shape = Shape(period=max(task.seasonality), depth=9, decay=0.9, holidays=False, weather=False)
        rows = Rows(deviation_of(past, shape, {}), origins)
        departures = rows.deviation.departures
        made = np.zeros((len(origins), len(past.items), task.horizon))
        for index, origin in enumerate(origins):
            first = 2 * max(task.seasonality) + self.length * task.season
            older = np.arange(origin - task.season * -(-task.horizon // task.season), first, -task.season)[:MOST]
            if len(older):
                made[index] = self._followed(departures, int(origin), older, rows.steps, task.season)
        return {PROFILE: rows.base_ahead(), RECENT: self.shrink * made}

    def _followed(
        self, departures: FloatArray, origin: int, older: IntArray, steps: IntArray, season: int
    ) -> FloatArray:
        """Mean departure that followed the nearest stretches. ``[N, H]``."""
        back = -np.arange(self.length * season)
        lately = take(departures, origin + back)
        away = np.abs(take(departures, older[:, None] + back) - lately[:, None]).sum(axis=2)
        near = np.argsort(away, axis=1, kind="stable")[:, : self.neighbours]
        followed = take(departures, older[:, None] + steps)
        return np.asarray(np.take_along_axis(followed, near[..., None], axis=1).mean(axis=1))
