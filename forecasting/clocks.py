"""Stretches on which the load came an hour early or late, hour by hour: the steep hours of a day tell most.

What is usual at an hour of the weekday, and the same an hour later or earlier, are two explanations of a reading.
The logarithm of the ratio of their likelihoods (normal, of the scale that departures have at that hour) is evidence;
its sum over a stretch, less where an hour says more than any should, is compared with the days before and after.

Letters: T positions on the grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.readings import Fault, median_at_lags
from forecasting.shifts import clock_shifts

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray
    from forecasting.readings import Readings

#: Weeks before that say what is usual, how many must have a reading; days that say how far departures go.
WEEKS, LEAST_WEEKS, SCALE_DAYS, LEAST_DAYS = 8, 3, 56, 14
#: No hour says more than this. In all, a day, and against it in the three days before and after.
MOST, IN_ALL, DAILY, EDGE = 2.0, 50.0, 8.0, 16.0
#: Half of it is enough where the days before and after say the opposite as clearly: for it and against it together.
LEAST, CONTRAST = 24.0, 130.0
#: An hour that neither explains to so many scales says nothing.
EXPLAINED = 3.0
#: Days a clock may be off, and days beside them; stretches begin and end at eighths of a day.
DAYS, EDGE_DAYS, EIGHTHS = (2, 16), 3, 8


def clock_runs(readings: Readings) -> list[Fault]:
    """Stretches an hour early or late, by whole days and by the hour; of two at one place the one told first."""
    known = np.zeros(len(readings.values), dtype=bool)
    first: list[Fault] = []
    for fault in sorted([*clock_shifts(readings), *_by_the_hour(readings)], key=lambda one: int(one.known_from[0])):
        if not known[fault.positions].any():
            known[fault.positions] = True
            first.append(fault)
    return first


def _by_the_hour(readings: Readings) -> list[Fault]:
    """Stretches told hour by hour. They are kept, and told five and a half days later."""
    day = readings.day
    if day < 24 or day % 24 or len(readings.values) < (7 * LEAST_WEEKS + LEAST_DAYS) * day:
        return []
    return [
        _fault(readings, start, end, name)
        for name, evidence in zip(("early", "late"), _evidence(readings.values, day), strict=True)
        for start, end in _stretches(np.cumsum(np.r_[0.0, evidence]), day)
        if np.isfinite(readings.values[start:end]).any()
    ]


def _evidence(values: FloatArray, day: int) -> list[FloatArray]:
    """How much more likely each reading is when the clock is an hour early, and late. Each ``[T]``."""
    length, hour = len(values), day // 24
    usual = median_at_lags(values, 7 * day * np.arange(1, WEEKS + 1), length + hour, least=LEAST_WEEKS)
    right = _levelled(values - usual[:length], day)
    away = np.abs(right)
    hourly = median_at_lags(away, day * np.arange(1, SCALE_DAYS + 1), length, least=LEAST_DAYS)
    overall = pd.Series(away).rolling(SCALE_DAYS * day, min_periods=LEAST_DAYS * day).median().shift(1).to_numpy()
    scale = 1.4826 * np.fmax(hourly, overall / 2)
    scale = np.where(scale > 0, scale, np.nan)
    found = []
    for by in (hour, -hour):
        other = _levelled(values - usual[np.clip(np.arange(length) + by, 0, None)], day)
        explained = np.fmin(away, np.abs(other)) < EXPLAINED * scale
        ratio = np.where(explained, right**2 - other**2, 0.0) / (2 * scale**2)
        # quarter-hours of an hour say the same four times
        found.append(np.where(np.isfinite(ratio), np.clip(ratio, -MOST, MOST), 0.0) * 24 / day)
    return found


def _levelled(values: FloatArray, day: int) -> FloatArray:
    """Departures less their median within half a day: a day that is higher as a whole is no other hour. ``[T]``."""
    level = pd.Series(values).rolling(day + 1, center=True, min_periods=day // 2).median()
    return np.asarray(values - level.to_numpy())


def _stretches(total: FloatArray, day: int) -> list[tuple[int, int]]:
    """Where the evidence, summed up, rises far between falls: starts and ends, each told three days later."""
    step, edge = day // EIGHTHS, EDGE_DAYS * day
    found: list[tuple[int, int]] = []
    free = edge
    ends = np.arange(edge + DAYS[0] * day, len(total) - edge - _wait(day), step)
    # Nearly everywhere even the best start would not be enough: seen at a glance, and not looked at closer.
    lowest = pd.Series(total).rolling((DAYS[1] - DAYS[0]) * day + 1, min_periods=1).min().shift(DAYS[0] * day)
    hopeful = (total - lowest.to_numpy())[ends] > LEAST
    for end in ends[hopeful & (total[ends + edge] - total[ends] <= -EDGE)].tolist():
        start = _best_start(
            total, np.arange(end - DAYS[0] * day, max(end - DAYS[1] * day, free) - 1, -step), end, day
        )
        if start is not None:
            found.append((start, end))
            free = end + edge
    return found


def _wait(day: int) -> int:
    """Steps until a stretch is told: half a day the levels need, and two in which whole days may tell it exactly."""
    return 2 * day + day // 2


def _best_start(total: FloatArray, starts: IntArray, end: int, day: int) -> int | None:
    """The start that gives a stretch the most evidence, if that is enough."""
    if not len(starts):
        return None
    gained = total[end] - total[starts]
    before, after = total[starts] - total[starts - EDGE_DAYS * day], total[end + EDGE_DAYS * day] - total[end]
    enough = (gained > IN_ALL) | ((gained > LEAST) & (gained - before - after > CONTRAST))
    good = enough & (gained > DAILY * (end - starts) / day) & (before < -EDGE)
    return int(starts[np.argmax(np.where(good, gained, -np.inf))]) if good.any() else None


def _fault(readings: Readings, start: int, end: int, name: str) -> Fault:
    day = readings.day
    positions = start + np.flatnonzero(np.isfinite(readings.values[start:end]))
    known = end + EDGE_DAYS * day + _wait(day) - 1
    before = np.arange(start - EDGE_DAYS * day, start)
    return Fault(
        kind="clock shift",
        positions=positions,
        known_from=np.full(len(positions), known),
        detail=f"{(end - start) / day:.1f} days an hour {name}, and not the days around: by the hour, they are "
        "more likely what the weeks before held an hour beside",
        kept=True,
        beside=before[np.isfinite(readings.values[before])],
    )
