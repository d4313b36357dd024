"""A site, or a part of its meters, off for days: far below all that was read before, and then back.

While it lasts it may well be how things are now, and stays in use. Once the readings are back, the days in between
teach nothing about those that follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecasting.readings import number_words

if TYPE_CHECKING:
    from forecasting.readings import BoolArray, Fault, Readings

#: Off is below this share of the lowest hundredth of the readings of the year before.
OFF = 0.5
#: The lowest hundredth is a level of its own where it is more than this share of the median.
CLEAR = 0.05
YEAR_DAYS = 365
#: Share of an outage on the new floor, at least.
MOSTLY = 0.5


def outages(readings: Readings) -> list[Fault]:
    """Stretches of half a day to four weeks on a floor the series never had, told when they are over."""
    x, week = readings.x, 7 * readings.day
    found: list[Fault] = []
    sound = np.ones(len(x), dtype=bool)
    start = readings.warm_up
    while start < len(x):
        end = min(start + week, len(x))
        lowest, median = _floor(readings, sound, start)
        low = np.flatnonzero(x[start:end] < OFF * lowest)
        if not len(low) or lowest <= CLEAR * median:
            start = end
            continue
        first = start + int(low[0])
        back = _back(readings, first, lowest)
        if back is None or back - first > readings.recent:
            start = first + readings.recent  # that is how things are now
            continue
        off = x[first:back] < OFF * lowest
        run = np.arange(first, first + int(np.flatnonzero(off)[-1]) + 1)
        lasting = len(run) >= readings.patience and off[: len(run)].mean() > MOSTLY
        if lasting and _fell(readings, first):
            detail = (
                f"at {number_words(float(np.median(x[run])))} for {len(run)} readings, and back; "
                f"the lowest hundredth of the year before was {number_words(lowest)}"
            )
            found.append(readings.fault("outage", run, detail, since=back + _proof(readings) - 1))
            sound[run] = False
        start = back
    return found


def off_floor(readings: Readings) -> float | None:
    """What a reading to come must lie below for half a day to be an outage; None where there is no such floor."""
    sound = np.ones(len(readings.x), dtype=bool)
    for fault in outages(readings):
        sound[np.isin(readings.at, fault.positions)] = False
    lowest, median = _floor(readings, sound, len(readings.x))
    return OFF * lowest if lowest > max(CLEAR * median, 0.0) else None


def _floor(readings: Readings, sound: BoolArray, start: int) -> tuple[float, float]:
    """Lowest hundredth and median of the year before, earlier outages left out."""
    since = max(0, start - YEAR_DAYS * readings.day)
    past = readings.x[since:start][sound[since:start]]
    if len(past) < readings.warm_up // 2:
        return 0.0, 0.0
    lowest, median = np.quantile(past, (0.01, 0.5))
    return float(lowest), float(median)


def _proof(readings: Readings) -> int:
    """Readings in a row that show that it is back: a quarter of a day, at least six."""
    return max(readings.day // 4, 6)


def _back(readings: Readings, first: int, lowest: float) -> int | None:
    """The first of enough readings in a row above the old floor; None while there are none."""
    above = np.r_[0, np.cumsum(readings.x[first:] >= lowest)]
    proof = _proof(readings)
    proven = np.flatnonzero(above[proof:] - above[:-proof] == proof)
    return first + int(proven[0]) if len(proven) else None


def _fell(readings: Readings, first: int) -> bool:
    """Whether it went off at once: within three readings, by more than all but a hundredth of the steps."""
    before = readings.x[max(0, first - 3) : first]
    leap = readings.level(first, without_zeros=True).leap
    return bool(before.max() - readings.x[first] > leap / 2)
