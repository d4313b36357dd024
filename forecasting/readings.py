"""The readings of one item, and what can be said of each from those before it.

Letters: T positions on the grid, K readings among them (not missing), F faulty ones, R runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backtests.view import FloatArray, IntArray

Found = TypeVar("Found")
BoolArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

#: A series is judged once it has two weeks of readings, and this many.
WARM_UP_DAYS, FEWEST_TO_JUDGE = 14, 100
#: Days that count as recent. What has lasted that long is how things are.
RECENT_DAYS = 28
#: Days, of the recent ones, on which something odd must have happened to be a habit and no fault.
HABIT_DAYS = 5
#: A single reading is not looked at for less than this many local deviations (1.4826 x median absolute deviation).
SMALLEST = 1.5
#: Positions whose lags are looked up at once.
BLOCK = 1 << 15


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A stretch of faulty readings of one kind.

    Attributes:
        kind: Name of the detector.
        positions: Where they stand on the grid, rising. ``[F]``
        known_from: Position of the reading with which each could first be told. ``[F]``
        detail: What was compared with what.
        kept: Whether the readings may well be real: they are reported and stay in use.
        beside: Positions of the readings they were compared with, for kinds that are kept.
    """

    kind: str
    positions: IntArray
    known_from: IntArray
    detail: str
    kept: bool = False
    beside: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class Level(NamedTuple):
    """Where a series lay up to some time.

    ``lowest`` is the 1 % quantile, ``lower`` and ``upper`` are the quartiles, ``leap`` is twice the 99 % quantile of
    the steps from one reading to the next.
    """

    lowest: float
    lower: float
    median: float
    upper: float
    leap: float

    @property
    def clearance(self) -> float:
        """The lowest hundredth as a share of the median; 0 when the median is not positive."""
        return self.lowest / self.median if self.median > 0 else 0.0


class Readings:
    """The readings of one item, and statistics of what came before each.

    Args:
        values: The target on a regular grid, NaN where missing. ``[T]``
        day: Steps in a day, 1 for longer steps.

    Attributes:
        values: The target on the grid. ``[T]``
        at: Positions of the readings on the grid. ``[K]``
        x: Their values. ``[K]``
        warm_up: Readings before which nothing is judged; what lies among them is judged at their end.
        recent: Steps that count as recent.
        patience: Half a day of steps, at least six: what has lasted that long is no accident.
        void_from: Position of the reading with which each was told to be no measurement, by the rules that have
            looked so far; the length of the grid where none has. ``[T]``
        lone: The same positions of those that stand alone.
    """

    def __init__(self, values: FloatArray, day: int) -> None:
        self.values = values
        self.at: IntArray = np.flatnonzero(np.isfinite(values)).astype(np.int64)
        self.x: FloatArray = values[self.at]
        self.day = day
        self.warm_up = max(WARM_UP_DAYS * day, FEWEST_TO_JUDGE)
        self.recent = RECENT_DAYS * day
        self.patience = max(day // 2, 6)
        self.void_from: IntArray = np.full(len(values), len(values), dtype=np.int64)
        self.lone: set[int] = set()
        self._levels: dict[tuple[int, bool], Level] = {}
        self._found: dict[Callable[[Readings], Any], Any] = {}

    def once(self, find: Callable[[Readings], Found]) -> Found:
        """What a function finds in the readings, looked for once; it may not depend on which of them are void."""
        if find not in self._found:
            self._found[find] = find(self)
        found: Found = self._found[find]
        return found

    def void(self, faults: Sequence[Fault]) -> None:
        """Remember which readings are no measurements, so that no later rule takes them for what is usual."""
        for fault in faults:
            if not fault.kept:
                at = fault.positions
                self.void_from[at] = np.minimum(self.void_from[at], fault.known_from)
                self.lone |= set(fault.known_from.tolist() if len(at) == 1 else ())

    def sound(self, end: int) -> BoolArray:
        """Which readings before one of an index, or before one to come, were sound as known then. ``[end]``."""
        now = self.at[end] if end < len(self.at) else len(self.values)
        return np.asarray(self.void_from[self.at[:end]] >= now)

    def named(self) -> tuple[BoolArray, set[int]]:
        """Which readings were known to be faulty as they came ``[K]``, and indices from which more are."""
        known = self.void_from[self.at]
        later = np.unique(known[(known > self.at) & (known < len(self.values))])
        return known <= self.at, set(np.searchsorted(self.at, later, side="right").tolist())

    def level(self, k: int, *, without_zeros: bool) -> Level:
        """Where the readings before the k-th lay, brought up to date once a week."""
        week = 7 * self.day
        end = self.warm_up + max(0, k - self.warm_up) // week * week
        key = (end, without_zeros)
        if key not in self._levels:
            self._levels[key] = self._level(end, without_zeros=without_zeros)
        return self._levels[key]

    def _level(self, end: int, *, without_zeros: bool) -> Level:
        past = self.x[:end]
        leap = 2 * float(np.quantile(np.abs(np.diff(past)), 0.99))
        if without_zeros:
            past = past[past != 0]
        if not len(past):
            return Level(0.0, 0.0, 0.0, 0.0, leap)
        lowest, lower, median, upper = (float(q) for q in np.quantile(past, (0.01, 0.25, 0.5, 0.75)))
        return Level(lowest, lower, median, upper, leap)

    def small(self, position: int, size: float) -> bool:
        """Whether a departure of one reading is one as any day has them, beside the day of readings before it."""
        near = self.values[max(0, position - self.day) : position]
        near = near[np.isfinite(near)]
        return not len(near) or abs(size) < SMALLEST * 1.4826 * float(np.median(np.abs(near - np.median(near))))

    def fault(self, kind: str, indices: IntArray, detail: str, *, since: int = 0) -> Fault:
        """A fault at the readings of some indices.

        Args:
            kind: Name of the detector.
            indices: Which readings, rising. ``[F]``
            detail: What was compared with what.
            since: Index of the reading with which the fault shows; never before the end of the warm-up.
        """
        known = np.maximum(indices, max(since, self.warm_up - 1))
        return Fault(kind=kind, positions=self.at[indices], known_from=self.at[known], detail=detail)


def median_of(rows: FloatArray, *, least: int) -> FloatArray:
    """Median of each column over the values there are, NaN where there are fewer than ``least``."""
    ordered, number = np.sort(rows, axis=0), np.isfinite(rows).sum(axis=0)
    last = len(rows) - 1
    middle = [np.clip(index, 0, last)[None] for index in ((number - 1) // 2, number // 2)]
    low, high = (np.take_along_axis(ordered, index, axis=0)[0] for index in middle)
    return np.where(number >= least, (low + high) / 2, np.nan)


def at_lags(values: FloatArray, lags: IntArray, first: int, end: int) -> FloatArray:
    """What was read so many steps before each position from ``first`` up to ``end``. ``[lags, end - first]``."""
    rows = np.full((end - first, len(lags)), np.nan)  # by position: its lags are sorted side by side
    for column, lag in enumerate(lags.tolist()):
        begin, stop = max(first, lag), min(end, lag + len(values))
        if begin < stop:
            rows[begin - first : stop - first, column] = values[begin - lag : stop - lag]
    return rows.T


def median_at_lags(values: FloatArray, lags: IntArray, length: int, *, least: int) -> FloatArray:
    """Median of what was read at some lags before each position, NaN where there are too few. ``[length]``."""
    parts = [median_of(at_lags(values, lags, first, end), least=least) for first, end in blocks(length)]
    return np.concatenate(parts) if parts else np.zeros(0)


def blocks(length: int) -> list[tuple[int, int]]:
    """First and end of parts of so many positions, so that a table of their lags stays small."""
    return [(first, min(first + BLOCK, length)) for first in range(0, length, BLOCK)]


def runs_of(values: FloatArray | BoolArray) -> tuple[IntArray, IntArray]:
    """Runs of equal values: index of the first, and length. Each ``[R]``."""
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]).astype(np.int64)
    return starts, np.diff(np.r_[starts, len(values)])


def stretches(indices: IntArray) -> list[IntArray]:
    """Indices, rising, split where they are not consecutive."""
    parts = np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1)
    return [part for part in parts if len(part)]


def number_words(value: float) -> str:
    """A number as a person would write it down."""
    return f"{value:.4g}" if abs(value) < 1e6 else f"{value:,.0f}"
