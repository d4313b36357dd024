"""What the methods share that smooth level and trend anew up to each cutoff: nothing is learnt at the fit."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from backtests.forecaster import State
from features.parts import PROFILE, RECENT
from forecasting.forecasters.family import RegisteredForecaster

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts


class SmoothedAnew(RegisteredForecaster):
    """One series at a time, from its latest readings.

    Attributes:
        most: Latest readings used.
    """

    most: int

    def _learn(self, past: Past, task: Task) -> State:  # noqa: ARG002 - smoothed anew at each cutoff
        return State()

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:  # noqa: ARG002
        return self._all(past, origins)[0]

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:  # noqa: ARG002
        """The mean with its season is usual; how level and trend lie from it is recent."""
        made, usual = self._all(past, origins)
        return {PROFILE: usual, RECENT: made - usual}

    def _all(self, past: Past, origins: IntArray) -> tuple[FloatArray, FloatArray]:
        """The forecast, and what it would be at the mean of the readings used. ``[C, N, H]`` each."""
        made = np.empty((2, len(origins), len(past.items), past.task.horizon))
        for index, origin in enumerate(origins):
            for item, readings in enumerate(past.readings):
                made[:, index, item] = self._one(readings[: origin + 1][-self.most :], past.task)
        return made[0], made[1]

    @abstractmethod
    def _one(self, readings: FloatArray, task: Task) -> tuple[FloatArray, FloatArray]:
        """The forecast from some readings ``[T]``, and what it would be at their mean. ``[H]`` each."""
