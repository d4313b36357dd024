"""What may well be real, and is worth knowing: a new level, and days on which the clock was an hour off.

Readings are compared with those at the same hour of the same weekday some weeks before, so that the day and the
week of a load are no news. Series with steps of a day and longer are not looked at.

Letters: T positions on the grid, B whole days on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from forecasting.outages import left_to_outages
from forecasting.readings import Fault, median_at_lags, number_words

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray
    from forecasting.readings import Readings

#: Weeks before that say what is usual at an hour, and how many of them must have a reading.
LEVEL_WEEKS, CLOCK_WEEKS = (4, 2), (8, 3)
#: A new level is this many times the usual departure (1.4826 x median absolute one of four weeks), nine tenths of a
#: day lie beyond nine tenths of the day before by this share of it, and it is reached at once up to this share.
LEVEL_SCALES, LEVEL_GAP, LEVEL_AT_ONCE = 4.5, 0.1, 0.6
#: A clock is off when a day shifted by an hour fits that much better: sums over the days of the logarithm of the
#: ratio of the errors. In all, a day, and of the three days before and after in favour of the right hour.
CLOCK_EVIDENCE, CLOCK_DAILY, CLOCK_EDGE = 2.5, 0.5, 2.0
#: No day says more than this, and days that neither hour explains to this share of their variance say nothing.
CLOCK_MOST, CLOCK_UNEXPLAINED = 1.2, 0.3
#: Days a clock may be off. Longer ones cannot be told from the change to summer time in a file kept in UTC.
CLOCK_DAYS, CLOCK_EDGES = (2, 16), 3


def level_shifts(readings: Readings) -> list[Fault]:
    """Readings that step up or down at once and stay there for a day, at every hour. They are kept."""
    day = readings.day
    if day == 1:
        return []
    weeks = 7 * day * np.arange(1, 1 + LEVEL_WEEKS[0])
    usual = median_at_lags(readings.values, weeks, len(readings.values), least=LEVEL_WEEKS[1])
    departure = np.where(np.arange(len(usual)) < readings.warm_up, np.nan, readings.values - usual)
    step = _steps(departure, day)
    told = np.flatnonzero(step >= LEVEL_SCALES)
    firsts = told[np.diff(told, prepend=-2 * day) > day]
    return left_to_outages(readings, [_level_shift(readings, usual, departure, int(start)) for start in firsts])


def _steps(departure: FloatArray, day: int) -> FloatArray:
    """Size of the step at each position in usual departures, 0 where there is no clear one. ``[T]``."""
    rolling = pd.Series(departure).rolling(day, min_periods=-(-3 * day // 4))
    low, middle, high = (rolling.quantile(q).to_numpy() for q in (0.1, 0.5, 0.9))
    few = max(2, day // 4)
    near = pd.Series(departure).rolling(few, min_periods=-(-few // 2)).median().to_numpy()
    usual = pd.Series(np.abs(departure)).rolling(28 * day, min_periods=7 * day).median().to_numpy()
    step = _after(middle, day) - _before(middle)
    up = step > 0
    gap = np.where(up, _after(low, day) - _before(high), _before(low) - _after(high, day))
    at_once = (_after(near, few) - _before(near)) * np.sign(step)
    size = np.abs(step)
    clear = (gap > LEVEL_GAP * size) & (at_once > LEVEL_AT_ONCE * size) & (_before(usual) > 0)
    return np.asarray(np.where(clear, size, 0.0) / np.where(clear, 1.4826 * _before(usual), 1.0))


def _after(values: FloatArray, length: int) -> FloatArray:
    """A rolling statistic of the ``length`` positions from each on."""
    return np.asarray(np.r_[values[length - 1 :], np.full(min(length - 1, len(values)), np.nan)])


def _before(values: FloatArray) -> FloatArray:
    """A rolling statistic of the positions before each."""
    return np.asarray(np.r_[np.nan, values[:-1]])


def _level_shift(readings: Readings, usual: FloatArray, departure: FloatArray, start: int) -> Fault:
    day = readings.day
    after, before = np.arange(start, start + day), np.arange(start - day, start)
    step = float(np.nanmedian(departure[after]) - np.nanmedian(departure[before]))
    level = float(np.nanmedian(usual[after]))
    share = f", {abs(step / level):.0%} of the {number_words(level)} usual at these hours" if level > 0 else ""
    detail = f"{number_words(abs(step))} {'more' if step > 0 else 'less'} from one hour to the next{share}"
    positions = after[np.isfinite(readings.values[after])]
    return Fault(
        kind="level shift",
        positions=positions,
        known_from=np.full(len(positions), start + day - 1),
        detail=f"{detail}; it may be real",
        kept=True,
        beside=before,
    )


class _Stretch(NamedTuple):
    """Days on which another hour fits better: the first, the one after the last, and the evidence."""

    first: int
    end: int
    evidence: float


def clock_shifts(readings: Readings) -> list[Fault]:
    """Days on which the load came an hour early or late, and the days around them not. They are kept.

    They are told three days after they are over. A file in UTC of a load that lives by a local clock shifts twice a
    year for good; that is no fault, and not told.
    """
    day = readings.day
    if day < 24 or day % 24 or len(readings.values) < 7 * day:
        return []
    errors = _errors(readings.values, day)
    return [
        _clock_shift(readings, stretch, name)
        for name, other in (("late", errors[0]), ("early", errors[2]))
        for stretch in _clock_stretches(np.log(errors[1] / other), np.minimum(errors[1], other))
    ]


def _errors(values: FloatArray, day: int) -> FloatArray:
    """Share of a day's variance its usual shape leaves unexplained, an hour late, on time, early. ``[3, B]``."""
    hour, days = day // 24, len(values) // day
    lags = 7 * day * np.arange(1, 1 + CLOCK_WEEKS[0])
    usual = median_at_lags(values, lags, len(values) + hour, least=CLOCK_WEEKS[1])
    target = values[: days * day].reshape(days, day)
    shapes = []
    for by in (-hour, 0, hour):
        at = np.arange(days * day) + by
        shapes.append(np.where(at >= 0, usual[np.maximum(at, 0)], np.nan).reshape(days, day))
    return np.stack([_unexplained(target, shape) for shape in shapes])


def _unexplained(target: FloatArray, shape: FloatArray) -> FloatArray:
    """``1 - r^2`` by row, 1 where the correlation is not positive or a tenth of the row is missing. ``[B]``."""
    there = np.isfinite(target) & np.isfinite(shape)
    number = np.maximum(there.sum(axis=1, keepdims=True), 1)

    def centred(rows: FloatArray) -> FloatArray:
        filled = np.where(there, rows, 0.0)
        return np.where(there, filled - filled.sum(axis=1, keepdims=True) / number, 0.0)

    one, two = centred(target), centred(shape)
    scale = np.sqrt((one**2).sum(axis=1) * (two**2).sum(axis=1))
    usable = (scale > 0) & (there.mean(axis=1) >= 0.9)
    r = np.where(usable, (one * two).sum(axis=1) / np.where(usable, scale, 1.0), 0.0)
    return np.asarray(np.clip(1 - np.maximum(r, 0) ** 2, 1e-3, 1.0))


def _clock_stretches(evidence: FloatArray, unexplained: FloatArray) -> list[_Stretch]:
    """Runs of days that speak for the other hour, between days that speak for the right one."""
    said = np.where(unexplained < CLOCK_UNEXPLAINED, np.clip(evidence, -CLOCK_MOST, CLOCK_MOST), 0.0)
    total = np.r_[0, np.cumsum(said)]
    found: list[_Stretch] = []
    free = 0
    for now in range(CLOCK_DAYS[0] + 2 * CLOCK_EDGES, len(total)):
        end = now - CLOCK_EDGES
        if total[now] - total[end] > -CLOCK_EDGE:
            continue
        best = _best(total, end, free)
        if best is not None:
            found.append(best)
            free = end
    return found


def _best(total: FloatArray, end: int, free: int) -> _Stretch | None:
    """The stretch before ``end`` with the most evidence, if it has enough."""
    first = end - np.arange(CLOCK_DAYS[0], CLOCK_DAYS[1] + 1)
    first = first[first - CLOCK_EDGES >= free]
    gained = total[end] - total[first]
    enough = np.maximum(CLOCK_EVIDENCE, CLOCK_DAILY * (end - first))
    good = (gained > enough) & (total[first] - total[first - CLOCK_EDGES] < -CLOCK_EDGE)
    if not good.any():
        return None
    best = int(np.argmax(np.where(good, gained, -np.inf)))
    return _Stretch(int(first[best]), end, float(gained[best]))


def _clock_shift(readings: Readings, stretch: _Stretch, name: str) -> Fault:
    day, days = readings.day, stretch.end - stretch.first
    positions = _read(readings, stretch.first * day, stretch.end * day)
    known = (stretch.end + CLOCK_EDGES) * day - 1
    times = np.exp(stretch.evidence / days)
    return Fault(
        kind="clock shift",
        positions=positions,
        known_from=np.full(len(positions), known),
        detail=f"{days} days an hour {name}, and not the days around: shifted by an hour they fit the weeks before "
        f"{times:.1f} times as well",
        kept=True,
        beside=_read(readings, (stretch.first - CLOCK_EDGES) * day, stretch.first * day),
    )


def _read(readings: Readings, start: int, end: int) -> IntArray:
    """Positions of the readings of a stretch."""
    return start + np.flatnonzero(np.isfinite(readings.values[start:end]))
