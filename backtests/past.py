"""What was known at one cutoff: readings, covariates, and the weather as it could be forecast.

Arrays have shapes named by letter: N items, G stamps of the grid, C origins, H steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from backtests.task import VINTAGE_MODES
from connectors.errors import DataError
from connectors.weather.climatology import climatology_forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from backtests.task import Task
    from connectors.weather.vintages import Vintages

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
IntArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
T = TypeVar("T")

#: Values of the grid that may be kept many times over, and how many times at least and at most.
MOST_VALUES, FEWEST_KEPT, MOST_KEPT = 1_000_000, 2, 16


@dataclass(frozen=True, kw_only=True)
class Past:
    """What was known at one cutoff; nothing later is in it.

    Attributes:
        items: Names of the N items.
        grid: All stamps, the future included: the calendar is known in advance. ``[G]``
        cutoff: Position of the last reading.
        readings: The target up to the cutoff, repaired as far as was possible then. ``[N, cutoff + 1]``
        known: Known covariates by name, over the whole grid. ``[N, G]``
        past: Past covariates by name. ``[N, cutoff + 1]``
        observed: Observed weather by name. ``[N, cutoff + 1]``
        perfect: Weather over the whole grid; only in the mode ``oracle``. ``[N, G]``
        task: The task.
        issued_at: When a forecast from each position is issued [ns since 1970, UTC]. ``[cutoff + 1]``
        vintages: Forecasts of the weather by item that were available when that from the cutoff is issued. ``[N]``
    """

    items: tuple[str, ...]
    grid: pd.DatetimeIndex
    cutoff: int
    readings: FloatArray
    known: Mapping[str, FloatArray]
    past: Mapping[str, FloatArray]
    observed: Mapping[str, FloatArray]
    perfect: Mapping[str, FloatArray] | None
    task: Task
    issued_at: IntArray
    vintages: tuple[Vintages, ...] = ()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` makes; what it made before, when that was asked for under the same key not long ago.

        Whoever is handed this past shares what was computed of it, so that nobody may write to it.
        """
        made: T = kept(self._made, key, make, most_kept(len(self.items), len(self.grid)))
        return made

    def forget(self) -> None:
        """Let go of what was computed of it, and of what was computed of that."""
        for one in self._made.values():
            if isinstance(one, Past):
                one.forget()
        self._made.clear()

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    def outcomes(self, origins: IntArray, horizon: int) -> FloatArray:
        """Readings after each origin, NaN where they came after the cutoff. ``[C, N, H]``."""
        steps = origins[:, None] + np.arange(1, horizon + 1)
        inside = steps <= self.cutoff
        values = self.readings[:, np.where(inside, steps, 0)]
        return np.moveaxis(np.where(inside, values, np.nan), 0, 1)

    def weather_ahead(self, origins: IntArray, horizon: int) -> dict[str, FloatArray]:
        """Weather over the horizon as it could be forecast at each origin, by variable. ``[C, N, H]``.

        ``vintage``, ``previous_runs`` and ``simulated`` hand out the newest forecast that was available when the
        one from the origin is issued, and where there was none what ``climatology`` does: a forecast from the
        observations up to the origin alone. ``oracle`` hands out what came, for an upper bound; ``none`` has no
        weather.
        """
        self._refuse_later(origins)
        if self.task.weather_mode == "none":
            return {}
        if self.perfect is not None:
            steps = origins[:, None] + np.arange(1, horizon + 1)
            return {name: np.moveaxis(values[:, steps], 0, 1) for name, values in self.perfect.items()}
        if not self.vintages or self.task.weather_mode not in VINTAGE_MODES:
            return self._climatology(origins, horizon)
        found = self.forecast_weather(origins, horizon)
        gaps = np.flatnonzero(np.any([np.isnan(values).any(axis=(1, 2)) for values in found.values()], axis=0))
        if len(gaps):
            usual = self._climatology(origins[gaps], horizon)
            for name, values in found.items():
                values[gaps] = np.where(np.isnan(values[gaps]), usual[name], values[gaps])
        return found

    def forecast_weather(self, origins: IntArray, horizon: int) -> dict[str, FloatArray]:
        """The newest forecasts of the weather at each origin, NaN where there was none. ``[C, N, H]`` each."""
        self._refuse_later(origins)
        instants = pd.DatetimeIndex(self.issued_at[origins]).tz_localize("UTC")
        longer = pd.date_range(self.grid[0], periods=self.cutoff + 1 + horizon, freq=self.task.freq)
        valid = longer.tz_localize(None).to_numpy()[origins[:, None] + np.arange(1, horizon + 1)]
        names, made = tuple(self.observed), {}
        for one in self.vintages:
            if id(one) not in made:
                made[id(one)] = one.known_at(instants, valid, names)
        parts = [made[id(one)] for one in self.vintages]
        return {name: np.stack([part[name].values for part in parts], axis=1) for name in names}

    def _climatology(self, origins: IntArray, horizon: int) -> dict[str, FloatArray]:
        period = steps_per_day(self.task)
        length = min(self.cutoff + 1, 15 * period + 1 + self.task.weather_delay)
        back = origins[:, None] + np.arange(1 - length, 1)
        known = (back >= 0) & (back <= origins[:, None] - self.task.weather_delay)
        found = {}
        for name, values in self.observed.items():
            lately = np.where(known, values[:, np.maximum(back, 0)], np.nan)
            found[name] = climatology_forecast(np.moveaxis(lately, 0, 1), horizon, period)
        return found

    def _refuse_later(self, origins: IntArray) -> None:
        if len(origins) and origins.max() > self.cutoff:
            raise DataError(
                f"Data of {self.grid[origins.max()]} were asked for.",
                expected=f"At the cutoff {self.grid[self.cutoff]} nothing later is known.",
            )


def kept(made: dict[Hashable, Any], key: Hashable, make: Callable[[], Any], most: int) -> Any:
    """What was made under a key, or is now; of more than so many the one not asked for longest is let go.

    A past and what was computed of it refer to each other: letting go of one parts them.
    """
    found = made.pop(key) if key in made else make()
    made[key] = found
    while len(made) > most:
        oldest = made.pop(next(iter(made)))
        if isinstance(oldest, Past):
            oldest.forget()
    return found


def same_arrays(arrays: Mapping[str, FloatArray]) -> Hashable:
    """A key that two sets of arrays share when names, values and their order are the same."""
    return tuple((name, values.tobytes()) for name, values in arrays.items())


def most_kept(items: int, length: int) -> int:
    """How many arrays of the size of a grid are worth their memory."""
    return int(np.clip(MOST_VALUES // max(1, items * length), FEWEST_KEPT, MOST_KEPT))


def steps_per_day(task: Task) -> int:
    """Steps in a day, 1 for steps of a day or longer."""
    return task.per_day
