"""Readings in another unit, and loggers that start anew: both are told by the ratio to the same hours before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecasting.readings import HABIT_DAYS, median_of, number_words

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray
    from forecasting.readings import BoolArray, Fault, Readings

#: Days before that say what is usual at an hour of the day.
PROFILE_DAYS = 14
#: Readings are looked at when they leap by this power of ten.
LEAP = 0.7
#: By power of ten: how far from it, in powers of ten, the middle one of the readings may lie, and nine tenths of
#: them; and by which factor all lie beyond what was before. A factor of ten is told after a day, of a hundred after
#: half a day, of a thousand after three readings.
TOLERANCE = {1: 0.06, 2: 0.12, 3: 0.25}
SPREAD = {1: 0.15, 2: 0.2, 3: 0.5}
BEYOND = {1: 1.5, 2: 2.0, 3: 2.0}
#: Readings back in the old unit after which it is the unit again.
BACK = 3
#: A ramp is told after so many readings; they lie on a line through zero up to this factor, and climb to this share.
RAMP, RAMP_FACTOR, RAMP_TOP = 4, 1.33, 0.95
#: A reset begins below this share of the lowest hundredth, and ends after so many days at most.
NOTHING, RAMP_DAYS = 0.05, 4


class Jump(NamedTuple):
    """Readings in another unit: index of the first, power of ten, and how many it took to tell."""

    start: int
    power: int
    told: int


def unit_jumps(readings: Readings) -> list[Fault]:
    """Readings that are 10, 100 or 1000 times what they were, or that part of it, hour by hour.

    After four weeks the new unit is the unit, and what was read in the old one is left out from then on.
    """
    usable = np.ones(len(readings.x), dtype=bool)
    faults: list[Fault] = []
    free = readings.warm_up
    for k in np.flatnonzero(_leaping(readings)).tolist():
        jump = _jump(readings, k, usable) if k >= free else None
        if jump is None:
            continue
        indices, ended = _in_new_unit(readings, jump, usable)
        usable[indices] = False
        free = k + readings.recent if ended is None else ended
        word = f"{10.0 ** abs(jump.power):.0f} times {'more' if jump.power > 0 else 'less'}"
        detail = f"{word} than at the same hours before"
        faults.append(readings.fault("unit jump", indices, detail, since=k + jump.told - 1))
        if ended is None and free < len(readings.x):
            old = np.flatnonzero(usable[:k])
            detail = f"in another unit than all that follows, which is {word}"
            faults.append(readings.fault("unit jump", old, detail, since=free))
            usable[:k], usable[k:] = False, True
    return faults


def _leaping(readings: Readings) -> BoolArray:
    """Readings far from the median of the day before, as a ratio. ``[K]``."""
    usual = pd.Series(readings.x).rolling(max(readings.day, 7), min_periods=3).median().shift(1).to_numpy()
    both = (readings.x > 0) & (usual > 0)
    ratio = np.where(both, readings.x, 1.0) / np.where(both, usual, 1.0)
    return np.asarray(np.abs(np.log10(ratio)) > LEAP)


def _jump(readings: Readings, k: int, usable: BoolArray) -> Jump | None:
    """A jump that begins at the k-th reading, if there is one beyond doubt."""
    powers = _powers(readings, np.arange(k, min(k + 3, len(readings.x))), k, usable)
    if len(powers) < 3 or not np.isfinite(powers).all():
        return None
    power = round(float(np.median(powers)))
    size = abs(power)
    if size not in TOLERANCE:
        return None
    told = {3: 3, 2: readings.patience, 1: max(readings.day, 7)}[size]
    new = np.arange(k, k + told)
    if k + told > len(readings.x):
        return None
    powers = _powers(readings, new, k, usable)
    off = np.abs(powers - power)
    if not (np.median(off) < TOLERANCE[size] and np.quantile(off, 0.9) < SPREAD[size]):
        return None
    past = readings.x[:k][usable[:k]]
    past = past[past > 0]
    low, high = np.quantile(past, (0.005, 0.995)) if size > 1 else (past.min(), past.max())
    values = readings.x[new]
    beyond = values.min() > BEYOND[size] * high if power > 0 else values.max() < low / BEYOND[size]
    return Jump(k, power, told) if beyond else None


def _powers(readings: Readings, indices: IntArray, k: int, usable: BoolArray) -> FloatArray:
    """Powers of ten from what was usual at their hours before the k-th reading, NaN where there is none. ``[F]``."""
    usual = _usual(readings, indices, k, usable)
    x = readings.x[indices]
    both = (usual > 0) & (x > 0)
    return np.where(both, np.log10(np.where(both, x, 1.0) / np.where(both, usual, 1.0)), np.nan)


def _usual(readings: Readings, indices: IntArray, k: int, usable: BoolArray) -> FloatArray:
    """Median of the two weeks before the k-th reading at the hours of some readings. ``[F]``."""
    day, grid = readings.day, readings.at
    start = grid[k] - PROFILE_DAYS * day
    first = int(np.searchsorted(grid, start))
    before = first + np.flatnonzero(usable[first:k])
    table = np.full(PROFILE_DAYS * day, np.nan)
    table[grid[before] - start] = readings.x[before]
    profile = median_of(table.reshape(PROFILE_DAYS, day), least=3)
    return np.asarray(profile[(grid[indices] - grid[k]) % day])


def _in_new_unit(readings: Readings, jump: Jump, usable: BoolArray) -> tuple[IntArray, int | None]:
    """Readings of the next four weeks in the new unit, and the index after the last of them if it ended."""
    indices = np.arange(jump.start, min(jump.start + readings.recent, len(readings.x)))
    off = np.abs(_powers(readings, indices, jump.start, usable) - jump.power)
    new = off < abs(jump.power) / 2
    back = np.convolve(~new, np.ones(BACK, dtype=int))[: len(new)] == BACK
    if not back.any():
        return indices[new], None
    ended = int(np.argmax(back)) + 1
    return indices[:ended][new[:ended]], jump.start + ended


def resets(readings: Readings) -> list[Fault]:
    """Readings that fall to nothing and come back along a ramp, in a series that stays well above zero."""
    x = readings.x
    drops = 1 + np.flatnonzero((x[:-1] > 0) & (x[1:] >= 0) & (x[1:] <= NOTHING * x[:-1]))
    usable = np.ones(len(x), dtype=bool)
    faults: list[Fault] = []
    days: list[int] = []
    for k in drops[drops >= readings.warm_up].tolist():
        indices = _ramp(readings, k, usable)
        if not len(indices):
            continue
        days = [one for one in days if one > (k - readings.recent) // readings.day]
        if len(set(days)) < HABIT_DAYS:
            top = number_words(x[indices[-1]])
            detail = f"from {number_words(x[k - 1])} down to {number_words(x[k])} and evenly up to {top}"
            faults.append(readings.fault("reset", indices, detail, since=k + RAMP))
        usable[indices] = False
        days.append(k // readings.day)
    return faults


def _ramp(readings: Readings, k: int, usable: BoolArray) -> IntArray:
    """Indices of a ramp that begins at the k-th reading, empty if there is none."""
    x, none = readings.x, np.zeros(0, dtype=np.int64)
    level = readings.level(k, without_zeros=True)
    clear = level.clearance > NOTHING and x[k] <= NOTHING * level.lowest and x[k - 1] > level.lowest / 2
    if not clear or k + RAMP >= len(x):
        return none
    indices = np.arange(k, min(k + RAMP_DAYS * readings.day, len(x)))
    usual = _usual(readings, indices, k, usable)
    share = np.where(usual > 0, x[indices] / np.where(usual > 0, usual, 1.0), np.nan)
    grid = readings.at
    along = grid[indices] - grid[k]
    slopes = share[1 : RAMP + 1] / along[1 : RAMP + 1]
    slope = float(np.median(slopes))
    if not (slope > 0 and (slopes < RAMP_FACTOR * slope).all() and (slopes * RAMP_FACTOR > slope).all()):
        return none
    if share[1 : RAMP + 1].max() > RAMP_TOP:
        return none
    inside = (along <= RAMP) | ((along * slope < RAMP_TOP) & (share < RAMP_TOP))
    return indices[: len(indices) if inside.all() else int(np.argmin(inside))]
