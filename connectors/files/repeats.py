"""How many rows stand at a time, or at a time of a series, at which another row stands too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.files.slices import slices

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: Numbers up to so many times the rows are counted in a table, which is faster than a search.
_DENSE = 4
#: Rows for each run of times a step apart, at least, where runs are looked at in place of rows.
_LONG = 64
#: Shortest step of such runs [ns].
_SHORTEST = 1_000_000_000


class Repeats:
    """The times of some rows.

    Args:
        times: Times, none missing [n].
    """

    def __init__(self, times: NDArray[np.datetime64]) -> None:
        self._times = times.astype("M8[ns]", copy=False).view(np.int64)
        self._step = _usual_step(self._times)
        self._starts = _starts(self._times, self._step) if self._step >= _SHORTEST else None
        self._places: NDArray[Any] | None = None

    @property
    def places(self) -> NDArray[Any]:
        """A number for each different time [n]."""
        if self._places is None:
            self._places = codes_of(self._times.view("M8[ns]"))
        return self._places

    def share(self, items: NDArray[Any] | None = None) -> float:
        """Share of the rows whose time another row has too, but for the first of each.

        Args:
            items: Numbers beside the times, which must be the same too [n]; None for none.
        """
        changes = None if items is None else changes_of(items)
        if self._starts is None or (items is not None and changes is None):
            return repeats(self.places, items)
        starts = self._starts if changes is None else np.union1d(self._starts, changes)
        length = np.diff(np.append(starts, len(self._times)))
        kinds = np.zeros(len(starts), dtype=np.int64) if items is None else items[starts].astype(np.int64)
        return 1.0 - _different(kinds, self._times[starts], length, self._step) / len(self._times)


def _usual_step(times: NDArray[np.int64]) -> int:
    """The step in the middle of the first ones, 0 where there is none [ns]."""
    steps = np.sort(np.diff(times[:1001]))
    return int(steps[len(steps) // 2]) if len(steps) else 0


def _starts(times: NDArray[np.int64], step: int) -> NDArray[np.int64] | None:
    """Rows whose time does not follow the one before by a step; None where they are many."""
    return _beginnings(len(times), lambda piece: np.diff(times[piece]) != step)


def changes_of(items: NDArray[Any]) -> NDArray[np.int64] | None:
    """The first row, and those with another item than the row before; None where they are many."""
    return _beginnings(len(items), lambda piece: items[piece][1:] != items[piece][:-1])


def _beginnings(length: int, breaks: Callable[[slice], NDArray[np.bool_]]) -> NDArray[np.int64] | None:
    """The first row, and those that break with the row before, as told for each piece; None where they are many."""
    most, found = length // _LONG, [np.zeros(1, dtype=np.int64)]
    for piece in slices(length, overlap=1):
        found.append(np.flatnonzero(breaks(piece)) + (piece.start + 1))
        most -= len(found[-1])
        if most < 0:
            return None
    return np.concatenate(found)


def _different(kinds: NDArray[np.int64], first: NDArray[np.int64], length: NDArray[np.int64], step: int) -> int:
    """How many different pairs of kind and time there are in runs that go on by a step [runs each]."""
    phase, place = first % step, first // step
    order = np.lexsort((place, phase, kinds))
    kinds, phase, place, end = kinds[order], phase[order], place[order], (place + length)[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (kinds[1:] != kinds[:-1]) | (phase[1:] != phase[:-1])
    # Each group of runs moves behind the one before, so that none reaches into another.
    group = np.cumsum(new) - 1
    low, width = int(place.min()), int(end.max() - place.min()) + 1
    place, end = place - low + group * width, end - low + group * width
    reached = np.maximum.accumulate(end)
    before = np.concatenate([place[:1], reached[:-1]])
    return int(np.maximum(end - np.maximum(place, before), 0).sum())


def codes_of(values: NDArray[Any] | pd.Categorical) -> NDArray[Any]:
    """A number for each different value, from 0; times on a grid of seconds get their place on it."""
    if isinstance(values, pd.Categorical):
        return np.asarray(values.codes)
    if np.issubdtype(values.dtype, np.datetime64) and len(values):
        times = values.view(np.int64)
        first = int(times.min())
        # A few rows tell the step of nearly every column; the others are held to it.
        step = int(np.gcd.reduce(times[:1000] - first)) or 1
        places = _on_grid(times, first, step) if (int(times.max()) - first) // step < _DENSE * len(values) else None
        if places is not None:
            return places
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def _on_grid(times: NDArray[np.int64], first: int, step: int) -> NDArray[np.int32] | None:
    """Places of times on a grid, None where one lies off it [n]."""
    places = np.empty(len(times), dtype=np.int32)
    for piece in slices(len(times)):
        since = times[piece] - first
        whole = since // step
        if not np.array_equal(whole * step, since):
            return None
        places[piece] = whole
    return places


def repeats(times: NDArray[Any], items: NDArray[Any] | None = None) -> float:
    """Share of the rows whose number, or pair of numbers, another row has too, but for the first of each.

    Args:
        times: Numbers [n].
        items: Numbers beside them [n]; None for none.
    """
    width = int(times.max()) + 1
    size = width * (1 if items is None else int(items.max()) + 1)
    lowest = min(int(times.min()), 0 if items is None else int(items.min()))
    if lowest < 0 or size > _DENSE * len(times):
        pairs = times if items is None else items.astype(np.int64) * width + times
        return 1.0 - len(pd.unique(pairs)) / len(times)
    seen = np.zeros(size, dtype=np.bool_)
    for piece in slices(len(times)):
        seen[times[piece] if items is None else items[piece].astype(np.int64) * width + times[piece]] = True
    return 1.0 - np.count_nonzero(seen) / len(times)
