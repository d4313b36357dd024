"""The only door to data: it hands out, for a cutoff, what was available then, and raises when asked for more.

Arrays have shapes named by letter: N items, T readings, G stamps of the grid (readings and the steps after
them), C cutoffs, H steps, W weather variables. A cutoff is the start stamp of the last usable reading; inside
the arrays it is the position of that stamp on the grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.events import Event, disagree, visible
from backtests.issue import Issues, issues
from backtests.past import FloatArray, IntArray, Past, kept, most_kept, steps_per_day
from connectors.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from backtests.task import Task
    from connectors.weather.vintages import Vintages

__all__ = ["FloatArray", "IntArray", "Past", "View", "make_view", "steps_per_day"]

#: ``known_from`` of a repair nobody could have made within the history.
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class View:
    """Readings, repairs and covariates of all items on one grid, handed out by cutoff.

    Attributes:
        items: Names of the N items.
        grid: Stamps, UTC, regular; readings first, then the steps whose calendar is known. ``[G]``
        raw: The target as read, NaN where missing. ``[N, T]``
        known_from: Position from which a reading was known to be faulty, ``NEVER`` for sound ones. ``[N, T]``
        known: Known covariates by name. ``[N, G]``
        past: Past covariates by name. ``[N, T]``
        weather: Observed weather by name. ``[N, G]``, read beyond the cutoff in the mode ``oracle`` only.
        vintages: Forecasts of the weather by item, of all times; items of one place share them. ``[N]``
        events: The events behind some of the known covariates, each known from some day on.
        task: The task.
    """

    items: tuple[str, ...]
    grid: pd.DatetimeIndex
    raw: FloatArray
    known_from: IntArray
    known: Mapping[str, FloatArray] = field(default_factory=dict)
    past: Mapping[str, FloatArray] = field(default_factory=dict)
    weather: Mapping[str, FloatArray] = field(default_factory=dict)
    vintages: tuple[Vintages, ...] = ()
    events: tuple[Event, ...] = ()
    task: Task

    @cached_property
    def issues(self) -> Issues:
        """When forecasts from each position are issued, and which steps they are asked for."""
        return issues(self.grid, self.raw.shape[1], self.task)

    def asked(self, positions: IntArray, horizon: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Which steps after each cutoff are asked for. ``[C, H]``."""
        steps = np.arange(1, horizon + 1)
        first, last = self.issues.first[positions], self.issues.last[positions]
        return np.asarray((steps >= first[:, None]) & (steps <= last[:, None]))

    def issued_at(self, positions: IntArray) -> pd.DatetimeIndex:
        """When forecasts from these cutoffs are issued, UTC. ``[C]``."""
        return pd.DatetimeIndex(self.issues.issued_at[positions]).tz_localize("UTC")

    @property
    def last(self) -> pd.Timestamp:
        """The latest cutoff: the stamp of the last reading of any item."""
        return pd.Timestamp(self.grid[self.raw.shape[1] - 1])

    def positions(self, cutoffs: pd.DatetimeIndex) -> IntArray:
        """Positions of cutoffs on the grid. ``[C]``.

        Raises:
            DataError: If a cutoff is not a stamp of the readings.
        """
        found = self.grid.get_indexer(cutoffs)
        wrong = (found < 0) | (found >= self.raw.shape[1])
        if wrong.any():
            raise DataError(
                f"There is no reading at the cutoff {cutoffs[wrong][0].isoformat()}.",
                expected=f"Cutoffs lie between {self.grid[0].isoformat()} and {self.last.isoformat()}, "
                f"on the step of {self.task.freq}.",
            )
        return found.astype(np.int64)

    def past_at(self, cutoff: pd.Timestamp) -> Past:
        """What was known at one cutoff."""
        return self._past(int(self.positions(pd.DatetimeIndex([cutoff]))[0]))

    def pasts(self, cutoffs: pd.DatetimeIndex) -> Iterator[tuple[Past, IntArray, IntArray]]:
        """What was known at many cutoffs, those with the same past together.

        A reading that turns out faulty is known to be so only later. Cutoffs in between see it as it was read
        and come alone; all the others agree on every reading up to themselves and share one ``Past``, cut at
        the latest of them. Whoever computes from a shared one looks back from each cutoff, never ahead.

        Yields:
            The past, the positions of its cutoffs, and where these stood in ``cutoffs``.
        """
        positions = self.positions(cutoffs)
        alone = self._pending()[positions] | disagree(
            self.events, positions, self.issues.issued_at[positions], self.task.horizon
        )
        if (~alone).any():
            shared = positions[~alone]
            yield self._past(int(shared.max())), shared, np.flatnonzero(~alone)
        for index in np.flatnonzero(alone):
            yield self._past(int(positions[index])), positions[[index]], np.array([index])

    def until(self, cutoff: pd.Timestamp) -> View:
        """A view in which nothing after the cutoff exists but known covariates and the calendar.

        Whoever is handed it cannot reach what came later, whatever he asks for.
        """
        position = int(self.positions(pd.DatetimeIndex([cutoff]))[0])
        end = position + 1
        known_from = np.where(self.known_from[:, :end] <= position, self.known_from[:, :end], NEVER)
        perfect = self.task.weather_mode == "oracle"
        weather = self.weather if perfect else {name: _blank(v, end) for name, v in self.weather.items()}
        return replace(
            self,
            raw=self.raw[:, :end],
            known_from=known_from,
            past={name: values[:, :end] for name, values in self.past.items()},
            weather=weather,
            vintages=self._vintages(position),
            known=self._known(position),
            events=tuple(one for one in self.events if one.known_from <= self.issues.issued_at[position]),
        )

    def cutoffs(self, positions: Sequence[int] | IntArray) -> pd.DatetimeIndex:
        """Stamps of positions."""
        return self.grid[np.asarray(positions, dtype=np.int64)]

    def _pending(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Positions at which a reading already there is later found faulty. ``[T]``."""
        length = self.raw.shape[1]
        pending = np.zeros(length + 1, dtype=np.int64)
        rows, columns = np.nonzero((self.known_from != NEVER) & (self.known_from > np.arange(length)))
        until = np.minimum(self.known_from[rows, columns], length)
        np.add.at(pending, columns, 1)
        np.add.at(pending, until, -1)
        return np.asarray(np.cumsum(pending)[:length] > 0)

    def __getstate__(self) -> dict[str, Any]:
        """Itself without what was computed of it."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def _pasts(self) -> dict[Hashable, Past]:
        """Pasts handed out lately, by position: all who ask for one share what is computed of it."""
        return {}

    def _past(self, position: int) -> Past:
        most = most_kept(len(self.items), len(self.grid))
        past: Past = kept(self._pasts, position, lambda: self._cut(position), most)
        return past

    def _cut(self, position: int) -> Past:
        end = position + 1
        readings = np.where(self.known_from[:, :end] <= position, np.nan, self.raw[:, :end])
        readings.flags.writeable = False
        oracle = self.task.weather_mode == "oracle"
        return Past(
            items=self.items,
            grid=self.grid,
            cutoff=position,
            readings=readings,
            known=self._known(position),
            past={name: values[:, :end] for name, values in self.past.items()},
            observed={name: values[:, :end] for name, values in self.weather.items()},
            perfect=self.weather if oracle else None,
            task=self.task,
            issued_at=self.issues.issued_at[:end],
            vintages=self._vintages(position),
        )

    def _known(self, position: int) -> Mapping[str, FloatArray]:
        """Known covariates, with the events that were known when the forecast from a cutoff is issued."""
        return visible(self.events, self.known, len(self.grid), int(self.issues.issued_at[position]))

    def _vintages(self, position: int) -> tuple[Vintages, ...]:
        """Forecasts of the weather that were available when the one from a cutoff is issued. ``[N]``."""
        instant = self.issued_at(np.array([position]))[0]
        cut = {id(one): one for one in self.vintages}
        cut = {key: one.until(instant) for key, one in cut.items()}
        return tuple(cut[id(one)] for one in self.vintages)


def _blank(values: FloatArray, end: int) -> FloatArray:
    cut = values.copy()
    cut[:, end:] = np.nan
    return cut


def make_view(
    history: pd.DataFrame,
    task: Task,
    *,
    faulty: pd.DataFrame | None = None,
    future: pd.DataFrame | None = None,
) -> View:
    """Build a view from a history table.

    Args:
        history: A history table (``connectors.frame.check_history``); items may begin and end apart.
        task: The task; names the covariates.
        faulty: ``item_id | timestamp | known_from``: readings judged faulty, and the stamp of the reading
            with which that was known.
        future: Rows after the history, ``item_id | timestamp`` and known covariates (weather for ``oracle``).

    Raises:
        ConfigError: If a covariate of the task is not a column of the history.
    """
    columns = (*task.known_covariates, *task.past_covariates, *task.weather_covariates)
    missing = [name for name in columns if name not in history.columns]
    if missing:
        raise ConfigError(f"The history has no column {', '.join(missing)}.", fix="Check the covariates named.")
    items = tuple(history["item_id"].unique())
    first, last = history["timestamp"].min(), history["timestamp"].max()
    length = len(pd.date_range(first, last, freq=task.freq))
    grid = pd.date_range(first, periods=length + _steps_ahead(future, last, task), freq=task.freq)
    rows = history if future is None or future.empty else pd.concat([history, future], ignore_index=True)
    item_at = pd.Index(items).get_indexer(pd.Index(rows["item_id"]))
    time_at = grid.get_indexer(pd.DatetimeIndex(rows["timestamp"]))
    keep = (item_at >= 0) & (time_at >= 0)

    def spread(name: str) -> FloatArray:
        values = np.full((len(items), len(grid)), np.nan)
        if name in rows.columns:
            values[item_at[keep], time_at[keep]] = rows[name].to_numpy(float, na_value=np.nan)[keep]
        return values

    return View(
        items=items,
        grid=grid,
        raw=spread("target")[:, :length],
        known_from=_known_from(faulty, items, grid[:length]),
        known={name: spread(name) for name in task.known_covariates},
        past={name: spread(name)[:, :length] for name in task.past_covariates},
        weather={name: spread(name) for name in task.weather_covariates},
        task=task,
    )


def _steps_ahead(future: pd.DataFrame | None, last: pd.Timestamp, task: Task) -> int:
    """Steps of the grid after the readings: the horizon, and more when covariates reach further."""
    if future is None or future.empty:
        return task.horizon
    return max(task.horizon, len(pd.date_range(last, future["timestamp"].max(), freq=task.freq)) - 1)


def _known_from(faulty: pd.DataFrame | None, items: tuple[str, ...], grid: pd.DatetimeIndex) -> IntArray:
    known_from = np.full((len(items), len(grid)), NEVER)
    if faulty is None or faulty.empty:
        return known_from
    rows = pd.Index(items).get_indexer(pd.Index(faulty["item_id"]))
    columns = grid.get_indexer(pd.DatetimeIndex(faulty["timestamp"]))
    since = grid.searchsorted(pd.DatetimeIndex(faulty["known_from"]))
    keep = (rows >= 0) & (columns >= 0) & (since < len(grid))
    known_from[rows[keep], columns[keep]] = np.maximum(since, columns)[keep]
    return known_from
