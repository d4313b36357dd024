"""Levels that begin and end at once: a reading, an hour or a week that lies beside what is usual at these hours.

A load drifts; a meter steps. The change from one reading to the next, what is usual at that hour of that weekday
taken off, has a scale of its own at each hour, and a step of a level that is not the load's stands far out of it.
Two such steps, one up and one down, between which the readings lie outside of what the same hours held for four
weeks, are a level that was not real, told at the second step. What a building does on another day of the week is
inside of that range, and so is what it does an hour earlier or later.

Letters: T positions on the grid, S steps far out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from forecasting.outages import left_to_outages
from forecasting.readings import (
    HABIT_DAYS,
    RECENT_DAYS,
    Fault,
    at_lags,
    blocks,
    median_at_lags,
    median_of,
    number_words,
)

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray
    from forecasting.readings import Readings

#: A step is far out at so many scales of its hour (more for steps shorter than that: there are more of them), and at
#: this many times all but half a percent of those before.
STEP_SCALES, STEP_USUAL, STEP_SHARE = 4.0, 1.5, 0.995
#: Where the largest two in a thousand were this many times as far as all but a twentieth, steps have no bound: a
#: level must be farther out than nearly all of these.
LONG_TAIL, TAIL_SHARE = 12.0, 0.998
#: Days of steps that say what is far: the cost of a longer past would grow with its square.
LIMIT_DAYS = 365
#: Share of zeros from which a level of zeros may be how the site is run.
MANY_ZEROS = 0.01
#: A level lies this many scales of its hours outside of their range, whose farthest two days are left out.
LEVEL_OUTSIDE, ODD_DAYS = 0.5, 2
#: Its two steps are alike up to this factor, nine tenths of it lie beyond a quarter of them, and they lead back.
ALIKE, INSIDE, BACK = 0.5, 0.25, 0.5
#: A single reading is no small matter where the day before was off the usual by so much less.
FAR_OFF = 10.0
#: Days a level lasts at most that was not real.
LONGEST_DAYS = 7
#: One that has not ended is left out from a quarter of a day on, for three days at most; it lies farther outside.
OPEN_OUTSIDE, OPEN_DAYS = 1.0, 3
#: Two steps this many times as far out as it takes (one that is not yet back even farther), as large as each other
#: and leading back but for a part of that, and readings flat up to a part of it between them, farther by a part of
#: it from each of the recent days, are a meter's whatever these hours held.
CLEAR, OPEN_CLEAR, EVEN, FLAT, LIKE = 2.0, 2.5, 0.2, 0.4, 0.3
#: From one step in two hundred to one in two thousand and more: powers of the way from one in twenty.
TAIL_POWER = 1.3


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The readings as steps from one to the next, each ``[T]``.

    Attributes:
        values: The readings.
        off: Readings minus what is usual at the hour of the weekday.
        size: Changes of these.
        scales: Changes in scales of their hour; NaN where nothing can be said.
        limit: Scales from which a step is far out, by those of the year before.
        alone: Scales from which one of a single reading is.
        above: Scales above the range of the hour; below zero within it.
        below: Scales below it.
    """

    values: FloatArray
    off: FloatArray
    size: FloatArray
    scales: FloatArray
    limit: FloatArray
    alone: FloatArray
    above: FloatArray
    below: FloatArray


class Level(NamedTuple):
    """A level that began at once: its first reading, the one after its last, its size, whether told as flat."""

    start: int
    end: int
    size: float
    flat: bool = False


def pulses(readings: Readings) -> list[Fault]:
    """Levels that began and ended at once, or have not ended yet, far from what is usual at their hours."""
    day = readings.day
    if day == 1 or len(readings.values) < (RECENT_DAYS + 1) * day:
        return []
    steps = steps_of(readings.values, day, readings.void_from)
    own = _told(readings, steps)
    if not own:
        return []
    readings.void(own)
    limit, alone = _limits(np.abs(steps.scales), day, _of_steps(readings.void_from))
    return _told(readings, replace(steps, limit=limit, alone=alone))


def _of_steps(void_from: IntArray) -> IntArray:
    """Position from which one of the two readings of each step is known to be faulty. ``[T]``."""
    return np.minimum(void_from, np.r_[void_from[:1], void_from[:-1]])


def _told(readings: Readings, steps: Steps) -> list[Fault]:
    """The faults by the limits of steps as they are."""
    day = readings.day
    far = np.flatnonzero(np.abs(steps.scales) > steps.limit)
    found = _levels(steps, far, day)
    found = [one for one in found if one.end - one.start > 1 or not _small(readings, steps, one)]
    told = [(level, level.end) for level in found] + _open_levels(readings, steps, far, found)
    faults = _without_habits(readings, [one for one in told if not _zeros_of_the_site(readings, one[0])])
    return left_to_outages(readings, faults)


def _small(readings: Readings, steps: Steps, level: Level) -> bool:
    """Whether one reading departs as any day has them, beside the day before it and how far that was off."""
    off = np.abs(steps.off[level.start - readings.day : level.start])
    off = off[np.isfinite(off)]
    far = len(off) > 0 and abs(level.size) > FAR_OFF * float(np.median(off))
    return readings.small(level.start, level.size) and not far


def _zeros_of_the_site(readings: Readings, level: Level) -> bool:
    """Whether a level is one of zeros in a series that has been at zero often."""
    before = readings.values[: level.start]
    inside = readings.values[level.start : level.end]
    return bool(np.median(inside[np.isfinite(inside)]) == 0 and (before == 0).sum() > MANY_ZEROS * len(before))


def _without_habits(readings: Readings, told: list[tuple[Level, int]]) -> list[Fault]:
    """The faults, but for those that follow on others, or lone readings, of many recent days: so the site is run."""
    days: list[int] = []
    faults = []
    for level, known in sorted(told, key=lambda one: one[1]):
        since = (known - readings.recent) // readings.day
        days = [one for one in days if one > since]
        lone = {at // readings.day for at in readings.lone if at < known and at // readings.day > since}
        if len(lone.union(days)) < HABIT_DAYS:
            faults.append(_fault(readings, level, known))
        days.append(known // readings.day)
    return faults


def steps_of(values: FloatArray, day: int, void_from: IntArray) -> Steps:
    """The steps of a series with so many positions a day. What is said of each position uses none after it.

    Args:
        values: The target on the grid. ``[T]``
        day: Steps in a day.
        void_from: Position from which each reading is known to be faulty, T or more where it is not. ``[T]``
    """
    length, least = len(values), RECENT_DAYS // 2
    days = day * np.arange(1, RECENT_DAYS + 1)
    off = values - median_at_lags(values, 7 * day * np.arange(1, 5), length, least=2)
    size = np.r_[np.nan, np.diff(off)]
    largest = _around(np.abs(size), day, "max")
    step_scale = _floored(median_at_lags(largest, days, length, least=least), np.abs(size), day)
    off_scale = _floored(median_at_lags(np.abs(off), days, length, least=least), np.abs(off), day)
    low, high = _ranges(values, days, day)
    scales = size / step_scale
    limit, alone = _limits(np.abs(scales), day, _of_steps(void_from))
    return Steps(
        values=values,
        off=off,
        size=size,
        scales=scales,
        limit=limit,
        alone=alone,
        above=(values - high) / off_scale,
        below=(low - values) / off_scale,
    )


def _around(values: FloatArray, day: int, how: Literal["min", "max"]) -> FloatArray:
    """The least or the largest of the hour at each position and the hours beside it. ``[T]``."""
    window = pd.Series(values).rolling(2 * max(1, day // 24) + 1, center=True, min_periods=1)
    return np.asarray(window.min() if how == "min" else window.max())


def _ranges(values: FloatArray, days: IntArray, day: int) -> tuple[FloatArray, FloatArray]:
    """The range of the hours at each position over days before, the farthest two left out. Each ``[T]``."""
    low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
    lowest, highest = _around(values, day, "min"), -_around(values, day, "max")
    for first, end in blocks(len(values)):
        for series, out in ((lowest, low), (highest, high)):
            ordered = np.sort(at_lags(series, days, first, end), axis=0)
            few = np.isfinite(ordered).sum(axis=0) < len(days) // 2
            out[first:end] = np.where(few, np.nan, ordered[ODD_DAYS])
    return low, -high


def _floored(scale: FloatArray, sizes: FloatArray, day: int) -> FloatArray:
    """Scales (1.4826 x the median), no smaller than a tenth of the usual one; NaN in place of zero. ``[T]``."""
    rolling = pd.Series(sizes).rolling(RECENT_DAYS * day, min_periods=7 * day).median().shift(1).to_numpy()
    floored = 1.4826 * np.fmax(scale, 0.1 * np.where(np.isfinite(scale), rolling, np.nan))
    return np.where(floored > 0, floored, np.nan)


def _limits(scales: FloatArray, day: int, void_from: IntArray) -> tuple[FloatArray, FloatArray]:
    """Scales from which a step is far out, by those of a year, brought up to date once a week. Each ``[T]``.

    Steps to and from readings known by then to be faulty (``void_from``) say nothing of how far a load steps.

    The second is for one that is back with the next reading: any reading far from its neighbours is, and where these
    are common more are to come. It is what one step in two thousand exceeds, if steps grow from there on as they do
    from one in twenty to one in two hundred. Both are infinite for the first four weeks.
    """
    limit, alone = np.full(len(scales), np.inf), np.full(len(scales), np.inf)
    least = STEP_SCALES * max(1.0, day / 24) ** 0.25
    week = 7 * day
    for start in range(RECENT_DAYS * day, len(scales), week):
        past = scales[max(0, start - LIMIT_DAYS * day) : start]
        past = past[np.isfinite(past) & (void_from[max(0, start - LIMIT_DAYS * day) : start] >= start)]
        if len(past) < week:
            continue
        usual, far, farthest = (float(q) for q in np.quantile(past, (0.95, STEP_SHARE, TAIL_SHARE)))
        bounded = farthest <= LONG_TAIL * usual
        limit[start : start + week] = max(least, STEP_USUAL * (far if bounded else farthest))
        alone[start : start + week] = max(float(limit[start]), far * (far / usual) ** TAIL_POWER)
    return limit, alone


def _levels(steps: Steps, far: IntArray, day: int) -> list[Level]:
    """Levels between two steps, each told at the second: the nearest first step it can end is taken."""
    found: list[Level] = []
    free = 0
    for end in far.tolist():
        first, last = np.searchsorted(far, (max(free, end - LONGEST_DAYS * day), end))
        for start in far[first:last][::-1].tolist():
            level = _closed(steps, start, end, day)
            if level is not None:
                found.append(level)
                free = end
                break
    return found


def _closed(steps: Steps, start: int, end: int, day: int) -> Level | None:
    """The level between two steps, None where there is none."""
    one, two = float(steps.size[start]), float(steps.size[end])
    if one * two >= 0 or min(abs(one), abs(two)) < ALIKE * max(abs(one), abs(two)):
        return None
    size = (one - two) / 2
    before, after = float(steps.off[start - 1]), float(steps.off[end])
    if not abs(after - before) < BACK * abs(size):
        return None
    base, out = (before + after) / 2, _times_far(steps, start, end)
    if end - start == 1 and not out > 1:
        return None
    if _stays(steps, start, end, size, base, LEVEL_OUTSIDE):
        return Level(start, end, size)
    clear = out > CLEAR and max(abs(one + two), abs(after - before)) < EVEN * abs(size)
    return Level(start, end, size, flat=True) if clear and _flat(steps, start, end, size, base, day) else None


def _times_far(steps: Steps, start: int, end: int) -> float:
    """How many times as far out as it takes the nearer of two steps is."""
    limit = steps.alone if end - start == 1 else steps.limit
    return float(min(abs(steps.scales[start]) / limit[start], abs(steps.scales[end]) / limit[end]))


def _flat(steps: Steps, start: int, end: int, size: float, base: float, day: int) -> bool:
    """Whether readings run along a level beside what is usual as only a meter's do: no recent day was like them.

    What an office reads on a holiday is flat as well, beside what a Tuesday reads; but it is what a Sunday reads.
    """
    share = (steps.off[start:end] - base) / size
    share = share[np.isfinite(share)]
    if end - start == 1 or len(share) < (end - start) / 2:
        return False
    if not (np.abs(np.quantile(share, (0.1, 0.9)) - 1) < FLAT).all():
        return False
    now = steps.values[start : min(end, start + day)]
    before = start + np.arange(len(now)) - day * np.arange(1, RECENT_DAYS + 1)[:, None]
    apart = median_of(np.abs(steps.values[np.maximum(before, 0)] - now).T, least=1)
    return bool(np.nanmin(apart) > LIKE * abs(size))


def _stays(steps: Steps, start: int, end: int, size: float, base: float, outside: float) -> bool:
    """Whether readings stay at a level of some size above a base, outside of the range of their hours."""
    up = size > 0
    away = steps.above[start:end] if up else steps.below[start:end]
    height = (steps.off[start:end] - base) * (1 if up else -1)
    there = np.isfinite(height) & np.isfinite(away)
    if there.sum() < max(1, (end - start) / 2) or not away[0] > 0:
        return False
    height, away = height[there], away[there]
    steady = np.median(height) > abs(size) / 2 and (height < INSIDE * abs(size)).mean() <= 0.1
    return bool(steady and np.median(away) >= outside)


def _open_levels(readings: Readings, steps: Steps, far: IntArray, closed: list[Level]) -> list[tuple[Level, int]]:
    """Levels far out that had not ended after a quarter of a day, as long as they last and three days at most."""
    day = readings.day
    told = max(day // 4, 2)
    found: list[tuple[Level, int]] = []
    free = 0
    for start in far.tolist():
        now = start + told
        over = any(level.start <= start < level.end and level.end < now for level in closed)
        after_end = any(level.end == start for level in closed)
        if start < free or now > len(readings.values) or over or after_end:
            continue
        size, base = float(steps.size[start]), float(steps.off[start - 1])
        near = np.abs(steps.off[max(0, start - told) : start] - base)
        if not np.nanmedian(near) < BACK * abs(size):
            continue  # it leads back from where the readings before it had gone
        outside = _stays(steps, start, now, size, base, OPEN_OUTSIDE)
        clear = abs(steps.scales[start]) > OPEN_CLEAR * steps.limit[start]
        if outside or (clear and _flat(steps, start, now, size, base, day)):
            free = _until(steps, start, now, size, min(start + OPEN_DAYS * day, len(readings.values)))
            found.append((Level(start, free, size, flat=not outside), now - 1))
    return found


def _until(steps: Steps, start: int, now: int, size: float, most: int) -> int:
    """Where an open level ends: at the first reading that is back by half, or is missing."""
    height = (steps.off[now:most] - steps.off[start - 1]) / size
    back = np.flatnonzero(~(height > 0.5))
    return now + int(back[0]) if len(back) else most


def _fault(readings: Readings, level: Level, known: int) -> Fault:
    """The readings of a level, told at a position, or with the reading itself."""
    positions = level.start + np.flatnonzero(np.isfinite(readings.values[level.start : level.end]))
    alone = level.end - level.start == 1 and known == level.end
    words = f"{number_words(abs(level.size))} {'more' if level.size > 0 else 'less'} than usual at this hour"
    how = "for one reading" if alone else "at once" if known < level.end else "at once, and back at once"
    where = "unlike each of the last" if level.flat else "outside of what these hours held for"
    return Fault(
        kind="glitch" if alone else "level shift",
        positions=positions,
        known_from=np.maximum(positions, known),
        detail=f"{words}, {how}, and {where} {RECENT_DAYS} days",
    )
