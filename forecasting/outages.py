"""A site, or a part of its meters, off for days: far below all that was read before, and then back.

While it lasts its readings stay in use, and forecasts expect it to go on (``forecasting.ongoing``). Once the
readings are back, the days in between teach nothing about those that follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from forecasting.readings import number_words

if TYPE_CHECKING:
    from backtests.view import IntArray
    from forecasting.readings import BoolArray, Fault, Readings

#: Off is below this share of the lowest hundredth of the readings of the year before.
OFF = 0.5
#: The lowest hundredth is a level of its own where it is more than this share of the median.
CLEAR = 0.05
YEAR_DAYS = 365
#: Share of an outage on the new floor, at least.
MOSTLY = 0.5


@dataclass(frozen=True)
class Spell:
    """Readings on a floor that the series never had. Letters as in ``Readings``: indices count readings.

    Attributes:
        first: Index of the first of them.
        end: Index from which on it is over, or has lasted so long that it is how things are now.
        back: Whether the readings came back, by which it can be told.
        floor: Lowest hundredth of the year before.
    """

    first: int
    end: int
    back: bool
    floor: float

    def on(self, readings: Readings) -> BoolArray:
        """Whether it is an outage by each of its readings: half a day on the floor, reached at once. ``[R]``."""
        low = readings.x[self.first : self.end] < OFF * self.floor
        lasting = np.arange(1, len(low) + 1)
        on = low & (np.cumsum(low) > MOSTLY * lasting) & (lasting >= readings.patience)
        return on if on.any() and _fell(readings, self.first) else np.zeros(len(low), dtype=bool)

    def outage(self, readings: Readings) -> IntArray:
        """The outage it was, to its last low reading; empty where it was none."""
        low = np.flatnonzero(readings.x[self.first : self.end] < OFF * self.floor)
        return self.first + np.arange(low[-1] + 1 if self.on(readings)[low[-1]] else 0)


def outages(readings: Readings) -> list[Fault]:
    """Stretches of half a day to four weeks on a floor the series never had, told when they are over."""
    found: list[Fault] = []
    for spell in readings.once(spells):
        run = spell.outage(readings)
        if spell.back and len(run):
            detail = (
                f"at {number_words(float(np.median(readings.x[run])))} for {len(run)} readings, and back; "
                f"the lowest hundredth of the year before was {number_words(spell.floor)}"
            )
            found.append(readings.fault("outage", run, detail, since=spell.end + _proof(readings) - 1))
    return found


def on_since(readings: Readings) -> IntArray:
    """Index of the first reading of the outage that is on at each reading, as known then; -1 for none. ``[K]``."""
    found = np.full(len(readings.x), -1, dtype=np.int64)
    for spell in readings.once(spells):
        found[spell.first : spell.end][spell.on(readings)] = spell.first
    return found


def left_to_outages(readings: Readings, faults: list[Fault]) -> list[Fault]:
    """The same, but for what is told while an outage is on: that may be how things are."""
    times = readings.at
    on = np.zeros(len(readings.values), dtype=bool)
    on[times[readings.once(on_since) >= 0]] = True
    kept = [(fault, ~on[np.minimum(fault.known_from, len(on) - 1)]) for fault in faults]
    return [
        replace(fault, positions=fault.positions[sound], known_from=fault.known_from[sound])
        for fault, sound in kept
        if sound.any()
    ]


def spells(readings: Readings) -> list[Spell]:
    """Every fall below the floor. What a spell was up to some reading is told by the readings up to it."""
    x, week = readings.x, 7 * readings.day
    found: list[Spell] = []
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
        spell = Spell(first, first + readings.recent if back is None else back, back is not None, lowest)
        found.append(spell)
        if spell.back:
            sound[spell.outage(readings)] = False
        start = spell.end
    return found


def off_floor(readings: Readings) -> float | None:
    """What a reading to come must lie below for half a day to be an outage; None where there is no such floor."""
    sound = np.ones(len(readings.x), dtype=bool)
    for spell in readings.once(spells):
        if spell.back:
            sound[spell.outage(readings)] = False
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
    """The first of enough readings in a row above the old floor; None where none is within four weeks."""
    proof = _proof(readings)
    above = np.r_[0, np.cumsum(readings.x[first : first + readings.recent + proof] >= lowest)]
    proven = np.flatnonzero(above[proof:] - above[:-proof] == proof)
    return first + int(proven[0]) if len(proven) else None


def _fell(readings: Readings, first: int) -> bool:
    """Whether it went off at once: within three readings, by more than all but a hundredth of the steps."""
    before = readings.x[max(0, first - 3) : first]
    leap = readings.level(first, without_zeros=True).leap
    return bool(before.max() - readings.x[first] > leap / 2)
