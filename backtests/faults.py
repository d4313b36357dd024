"""Meter faults put into sound readings on purpose, with the truth about where they are.

Whoever claims to find faults is judged here: the same array, place, kind, size and length give the same broken
array. Sizes are in local deviations: 1.4826 times the median absolute deviation of the readings within a day of the
place. Nothing here knows how faults are found.

Letters: T positions on the grid, F faulty ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError
from connectors.registry import Registry

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray

#: Seeds of the places. They were fixed before the detectors were tuned and are never to be chosen anew.
SEEDS = (11, 23, 37, 53, 71, 97)
#: The grid of docs/faults.md: sizes in local deviations, lengths in hours.
SIZES, LENGTHS = (3.0, 6.0, 12.0), (6, 24, 72)
#: Factors of a wrong unit: W for kW, and kW for W.
FACTORS = (1000.0, 0.001)
#: To the end of the series.
TO_THE_END = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Where to break an array, and how much.

    Attributes:
        start: Position of the first faulty reading.
        length: Steps, or ``TO_THE_END``.
        size: Local deviations (spike, level shift; below zero: downwards), factor (unit jump), or steps the clock
            is late (clock shift); other kinds have none.
        day: Steps in a day.
    """

    start: int
    length: int | None = 1
    size: float = 0.0
    day: int = 24


@dataclass(frozen=True, kw_only=True)
class Injected:
    """An array with a fault, and the truth.

    Attributes:
        values: The broken array. ``[T]``
        kind: What was done.
        positions: Where, rising. ``[F]``
    """

    values: FloatArray
    kind: str
    positions: IntArray


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The readings about to be broken.

    Attributes:
        values: The whole array. ``[T]``
        positions: Those to break. ``[F]``
        wanted: How much.
    """

    values: FloatArray
    positions: IntArray
    wanted: Wanted

    @property
    def sound(self) -> FloatArray:
        """What they read. ``[F]``."""
        return self.values[self.positions]


#: What becomes of the readings of a stretch. ``[F]``
Fault: TypeAlias = Callable[[Stretch], "FloatArray"]
FAULTS: Registry[Fault] = Registry("fault to inject")


def inject(values: FloatArray, kind: str, wanted: Wanted) -> Injected:
    """Break a copy of an array.

    Args:
        values: Sound readings, NaN where missing. ``[T]``
        kind: A name in ``FAULTS``.
        wanted: Where, and how much.

    Raises:
        ConfigError: If there is no such kind, or the stretch lies outside of the array.
    """
    end = len(values) if wanted.length is TO_THE_END else wanted.start + wanted.length
    if not 0 <= wanted.start < end <= len(values):
        raise ConfigError(
            f"A fault from position {wanted.start} to {end - 1} in {len(values)} readings.",
            expected="It lies within the readings and has one or more of them.",
        )
    positions = np.arange(wanted.start, end)
    broken = values.copy()
    broken[positions] = FAULTS[kind](Stretch(values=values, positions=positions, wanted=wanted))
    return Injected(values=broken, kind=kind, positions=positions)


def local_deviation(values: FloatArray, at: int, day: int) -> float:
    """1.4826 times the median absolute deviation of the readings within a day; 0 where there are none."""
    near = values[max(0, at - day) : at + day + 1]
    near = near[np.isfinite(near)]
    return float(1.4826 * np.median(np.abs(near - np.median(near)))) if len(near) else 0.0


def places(values: FloatArray, seed: int, *, number: int, margins: tuple[int, int]) -> IntArray:
    """Random positions at which a fault can begin, rising, with a reading on them.

    Args:
        values: The readings. ``[T]``
        seed: One of ``SEEDS``.
        number: How many.
        margins: Steps to leave free at the start and at the end.

    Raises:
        DataError: If there are not as many.
    """
    free = margins[0] + np.flatnonzero(np.isfinite(values[margins[0] : len(values) - margins[1]]))
    if len(free) < number:
        raise DataError(
            f"{len(free)} readings can hold a fault.",
            expected=f"There are {number} of them.",
            fix="Give more readings, or leave smaller margins.",
        )
    return np.sort(np.random.default_rng(seed).choice(free, number, replace=False)).astype(np.int64)


def repeat_rows(
    table: pd.DataFrame, rows: IntArray, *, how: Literal["copy", "other value"], seed: int
) -> pd.DataFrame:
    """A table in which some rows stand twice, at random places.

    Args:
        table: Any table with a column ``target``.
        rows: Positions of the rows.
        how: Whether the second row is a copy, or has another value (1 % more).
        seed: Seed of the places.
    """
    twins = table.iloc[rows]
    if how == "other value":
        twins = twins.assign(target=twins["target"] * 1.01)
    both = pd.concat([table, twins], ignore_index=True)
    order = np.argsort(np.r_[np.arange(len(table)), np.random.default_rng(seed).uniform(0, len(table), len(rows))])
    return both.iloc[order].reset_index(drop=True)


def _missing(stretch: Stretch) -> FloatArray:
    """No readings."""
    return np.full(len(stretch.positions), np.nan)


def _zeros(stretch: Stretch) -> FloatArray:
    """An outage."""
    return np.zeros(len(stretch.positions))


def _stuck(stretch: Stretch) -> FloatArray:
    """The first reading, over and over."""
    return np.full(len(stretch.positions), stretch.sound[0])


def _negative(stretch: Stretch) -> FloatArray:
    """A transformer wired the wrong way round."""
    return -stretch.sound


def _raised(stretch: Stretch) -> FloatArray:
    """Some local deviations more, or less; more where less would be below zero."""
    wanted, sound = stretch.wanted, stretch.sound
    by = wanted.size * local_deviation(stretch.values, wanted.start, wanted.day)
    below = np.nanmin(sound + by, initial=np.inf) < 0 <= np.nanmin(stretch.values, initial=np.inf)
    return sound + (abs(by) if below else by)


def _unit(stretch: Stretch) -> FloatArray:
    """Another unit."""
    return stretch.sound * stretch.wanted.size


def _reset(stretch: Stretch) -> FloatArray:
    """A logger that starts anew: down to zero, then up along a ramp until it reads right again."""
    length = len(stretch.positions)
    return stretch.sound * (np.arange(length) / length)


def _late(stretch: Stretch) -> FloatArray:
    """A clock that is some steps late (early when below zero)."""
    at = stretch.positions + round(stretch.wanted.size)
    return stretch.values[np.clip(at, 0, len(stretch.values) - 1)]


FAULTS.add("missing", _missing)
FAULTS.add("stuck", _stuck)
FAULTS.add("zero run", _zeros)
FAULTS.add("spike", _raised)
FAULTS.add("negative", _negative)
FAULTS.add("reset", _reset)
FAULTS.add("unit jump", _unit)
FAULTS.add("level shift", _raised)
FAULTS.add("clock shift", _late)
FAULTS.add("ragged last day", _missing)
