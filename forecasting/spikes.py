"""Spikes: readings far beyond all that came before, and single ones far from both their neighbours."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from forecasting.readings import HABIT_DAYS, number_words, stretches

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray
    from forecasting.readings import Fault, Readings

#: A spike lies this many times as far from the median as anything before it; more where the series has a long tail.
SPIKE_FACTOR = 2.0
#: ... beyond that by these shares of the median, above and below: a level that hardly moves has no range to speak of
SPIKE_SHARES = (1.5, 0.5)
#: ... and this many local scales (1.4826 x median absolute deviation) from the median of the last readings.
LOCAL_SCALES, LOCAL_READINGS = 8.0, 25
#: What is plausible takes longer to learn than what is usual: this many times the warm-up of the other rules.
WARM_UPS = 2
#: Of those first readings all but two percent stand for what is plausible, at five times the distance.
USUAL_READINGS, EARLY_FACTOR = 0.98, 5.0

#: A glitch leaps this many times as far, there and back, as any reading before it (the highest few of the first
#: weeks left out), this many times as far as all but a hundredth, and by this share of the median.
LEAP_FACTOR, LEAP_USUAL, LEAP_SHARE = 1.5, 4.0, 0.15
#: Leaps of the first weeks that may be glitches themselves.
EARLY_LEAPS = 2
#: Where the farthest leap was this many times as far as all but a hundredth, leaps have no bound to speak of.
LONG_TAIL = 12.0


class Bound(NamedTuple):
    """What a spike lies beyond: the median, the farthest reading before, and a distance from the median."""

    median: float
    farthest: float
    distance: float


def spikes(readings: Readings) -> list[Fault]:
    """Readings far beyond all that came before, and far from their neighbours.

    A series that keeps going there has a new habit or a new level: from then on it is taken as it is. Zeros are not
    looked at.
    """
    first = WARM_UPS * readings.warm_up
    if len(readings.x) < first:
        return []
    flagged = _early_spikes(readings, first)
    low, high = _range(readings, first, flagged)
    at_once, later = readings.named()
    bounds: dict[int, Bound] = {}
    streak = 0
    for k, value in enumerate(readings.x[first:].tolist(), first):
        if k in later:
            low, high = _range(readings, k, flagged)
        if low <= value <= high or value == 0 or at_once[k]:
            streak = 0
            continue
        bound = _bound(readings, k, low if value < low else high)
        if bound is not None and not _habit(readings, k, flagged) and _far_off(readings, k, streak, bound):
            flagged.append(k)
            bounds[k] = bound
            streak += 1
        else:
            low, high, streak = min(low, value), max(high, value), 0
    return [_spike(readings, part, bounds, first) for part in stretches(np.array(flagged, dtype=np.int64))]


def _range(readings: Readings, end: int, flagged: list[int]) -> tuple[float, float]:
    """Lowest and highest of the readings before one of an index, faulty ones and zeros left out."""
    usual = readings.sound(end) & (readings.x[:end] != 0)
    usual[[k for k in flagged if k < end]] = False
    sound = readings.x[:end][usual if usual.any() else slice(None)]
    return float(sound.min()), float(sound.max())


def spike_limits(readings: Readings) -> tuple[float | None, float | None]:
    """Below and above which values a reading to come would be a spike; None where no value is."""
    faults = spikes(readings)
    flagged = np.concatenate([fault.positions for fault in faults]) if faults else np.zeros(0, dtype=np.int64)
    usual = readings.x[~np.isin(readings.at, flagged)]
    if len(readings.x) < WARM_UPS * readings.warm_up or not len(usual):
        return None, None
    bounds = [_bound(readings, len(readings.x), float(farthest)) for farthest in (usual.min(), usual.max())]
    low, high = bounds
    return (
        None if low is None or low.farthest > low.median else low.median - low.distance,
        None if high is None or high.farthest < high.median else high.median + high.distance,
    )


def _habit(readings: Readings, k: int, flagged: list[int]) -> bool:
    """Whether there were spikes on many of the recent days, or for half a day in all."""
    lately = flagged[bisect_left(flagged, k - readings.recent) :]
    return len(lately) >= readings.patience or len({one // readings.day for one in lately}) >= HABIT_DAYS


def _bound(readings: Readings, k: int, farthest: float) -> Bound | None:
    """What the k-th reading would have to lie beyond; None when the series has no spread on that side.

    The distance is ``SPIKE_FACTOR`` times that of the farthest reading so far, or half of its distance in quartile
    spreads as many times, where that is more: a series that went ten spreads out may go far beyond that.
    """
    level = readings.level(k, without_zeros=False)
    above = farthest > level.median
    reach = abs(farthest - level.median)
    spread = level.upper - level.median if above else level.median - level.lower
    if spread <= 0 or reach <= 0:
        return None
    share = SPIKE_SHARES[0 if above else 1] * abs(level.median)
    return Bound(level.median, farthest, max(SPIKE_FACTOR * reach, reach**2 / (2 * spread), reach + share))


def _far_off(readings: Readings, k: int, streak: int, bound: Bound) -> bool:
    """Whether a reading lies beyond the bound, and far from the sound readings before it."""
    value = readings.x[k]
    near = readings.x[max(0, k - streak - LOCAL_READINGS) : k - streak]
    middle = np.median(near)
    scale = 1.4826 * np.median(np.abs(near - middle))
    return bool(abs(value - bound.median) > bound.distance and abs(value - middle) > LOCAL_SCALES * scale)


def _early_spikes(readings: Readings, first: int) -> list[int]:
    """Spikes among the first readings, told at their end by comparison with the bulk of them."""
    early = readings.x[:first]
    flagged: list[int] = []
    for tail in (USUAL_READINGS, 1 - USUAL_READINGS):
        farthest = float(np.quantile(early, tail))
        bound = _bound(readings, first, farthest)
        if bound is not None:
            away = (early - bound.median) * np.sign(farthest - bound.median)
            flagged += np.flatnonzero((away > EARLY_FACTOR * bound.distance) & (early != 0)).tolist()
    return [] if len({one // readings.day for one in flagged}) >= HABIT_DAYS else sorted(flagged)


def _spike(readings: Readings, indices: IntArray, bounds: dict[int, Bound], first: int) -> Fault:
    """The fault of consecutive spikes, told by the farthest of them."""
    worst = int(indices[np.argmax(np.abs(readings.x[indices]))])
    value = number_words(readings.x[worst])
    if worst not in bounds:
        detail = f"{value}, far outside of the bulk of the first {first} readings"
        return readings.fault("spike", indices, detail, since=first - 1)
    median, farthest, distance = bounds[worst]
    reach = abs(farthest - median)
    detail = (
        f"{value} lies {abs(readings.x[worst] - median) / reach:.1f} times as far from the median of "
        f"{number_words(median)} as any reading before (limit {distance / reach:.1f})"
    )
    return readings.fault("spike", indices, detail)


def glitches(readings: Readings) -> list[Fault]:
    """Single readings far from both their neighbours, told by the second of these.

    A meter that misses half an hour reads too little once, and perhaps too much after it. The series' own leaps say
    what is far: a load that keeps jumping has no glitches. Zeros, and what stands beside them, are not looked at.
    """
    x, first = readings.x, WARM_UPS * readings.warm_up
    leaps = _leaps(x)
    if len(x) <= first:
        return []
    farthest = float(np.sort(leaps[:first])[-1 - EARLY_LEAPS])
    at_once, _ = readings.named()
    faults: list[Fault] = []
    flagged: list[int] = []
    for k in (first + np.flatnonzero(leaps[first:] > farthest)).tolist():
        if at_once[k - 1 : k + 2].any():  # told already; it counts towards a habit
            flagged.append(k)
            continue
        new = leaps[k] > LEAP_FACTOR * farthest and x[k - 1 : k + 2].all() and not _habit(readings, k, flagged)
        new = new and not readings.small(int(readings.at[k]), leaps[k])
        if new and leaps[k] > _usual_leap(readings, leaps, k, farthest):
            flagged.append(k)
            faults.append(_glitch(readings, k, leaps[k] / farthest))
        else:
            farthest = max(farthest, float(leaps[k]))
    return faults


def _usual_leap(readings: Readings, leaps: FloatArray, k: int, farthest: float) -> float:
    """What the k-th leap must exceed whatever the farthest was; infinite where leaps are common, or all is new."""
    x = readings.x
    usual = float(np.quantile(leaps[:k], 0.99))
    low, high = np.quantile(x[: k - 1], (0.005, 0.995))
    new = abs((x[k - 1] + x[k + 1]) / 2 - (low + high) / 2) > high - low
    if farthest > LONG_TAIL * usual or new:
        return float("inf")
    return max(LEAP_USUAL * usual, LEAP_SHARE * abs(readings.level(k, without_zeros=False).median))


def _leaps(x: FloatArray) -> FloatArray:
    """How far each reading lies above or below both its neighbours, 0 where it lies between them. ``[K]``."""
    found = np.zeros(len(x))
    before, after = x[1:-1] - x[:-2], x[1:-1] - x[2:]
    found[1:-1] = np.where(before * after > 0, np.minimum(np.abs(before), np.abs(after)), 0.0)
    return found


def _glitch(readings: Readings, k: int, times: float) -> Fault:
    one, two = number_words(readings.x[k - 1]), number_words(readings.x[k + 1])
    detail = (
        f"{number_words(readings.x[k])} between {one} and {two}, "
        f"{times:.1f} times as far from both as any reading before (limit {LEAP_FACTOR})"
    )
    return readings.fault("glitch", np.array([k]), detail, since=k + 1)
