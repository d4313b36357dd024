"""Readings that are no measurements: dead meters, zeros of an outage, spikes, impossible signs, wrong units.

Every rule is causal: a reading is judged by what came before it, and ``known_from`` is the position of the reading
with which the judgement could first be made. Cutting the series at any later position leaves it as it was. What a
rule is compared with is taken from the series' own past, by robust statistics (medians and quantiles).
A rule would rather miss a fault than call a real peak one. What may well be real, such as a new level, is reported
and stays in use.

Letters: T positions on the grid, K readings among them (not missing), R runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from connectors.registry import Registry
from forecasting.clocks import clock_runs
from forecasting.jumps import resets, unit_jumps
from forecasting.outages import outages
from forecasting.pulses import pulses
from forecasting.readings import HABIT_DAYS, Readings, number_words, runs_of
from forecasting.shifts import level_shifts
from forecasting.spikes import glitches, spikes

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray
    from forecasting.readings import BoolArray, Fault, Level

#: A series stays well above zero when its lowest hundredth is more than this share of its median.
CLEAR_OF_ZERO = 0.05
#: Share of repeats from which a series is too coarse, or too often at rest, to tell a stuck meter.
TOO_MANY_REPEATS = 0.2
#: Share of negative readings from which a zero is a value like any other.
SIGNED = 0.01
#: A reading is the mirror image of the one before up to this factor.
MIRRORED = 0.67
#: A run is implausible when it is this many times as long as the runs all but half a percent of the readings lie in.
RUN_FACTOR, USUAL_RUNS = 3, 0.995

Detector: TypeAlias = Callable[[Readings], "list[Fault]"]

#: A detector names the readings it holds for faulty. Of two that name the same one, the earlier to tell wins it;
#: readings that are kept may be named by many. What one has named is not usual to those after it.
DETECTORS: Registry[Detector] = Registry("fault detector")


def find_faults(values: FloatArray, *, day: int) -> list[Fault]:
    """All faults of one item; a reading belongs to the rule that told it first.

    What is kept is not told of a stretch, or beside one, that was known to be broken by then: the end of an outage
    is no new level.

    Args:
        values: The target on a regular grid, NaN where missing. ``[T]``
        day: Steps in a day, 1 for longer steps.
    """
    readings = Readings(values, day)
    if len(readings.x) < readings.warm_up:
        return []
    all_found: list[Fault] = []
    for name in DETECTORS:
        new = DETECTORS[name](readings)
        readings.void(new)
        all_found += new
    found = [fault for fault in all_found if not fault.kept]
    known_from = np.full(len(values), len(values))
    owner = np.full(len(values), -1)
    for number, fault in enumerate(found):
        earlier = fault.known_from < known_from[fault.positions]
        known_from[fault.positions[earlier]] = fault.known_from[earlier]
        owner[fault.positions[earlier]] = number
    left_out = [mine for number, fault in enumerate(found) if (mine := _only(fault, owner == number))]
    return left_out + [fault for fault in all_found if fault.kept and not _among_faults(fault, known_from)]


def _among_faults(fault: Fault, known_from: IntArray) -> bool:
    """Whether most of the readings, or of those beside them, were known to be faulty when this could be told."""
    now = fault.known_from.max()
    return any((known_from[part] <= now).mean() > 0.5 for part in (fault.positions, fault.beside) if len(part))


def _only(fault: Fault, wanted: BoolArray) -> Fault | None:
    keep = wanted[fault.positions]
    if not keep.any():
        return None
    return replace(fault, positions=fault.positions[keep], known_from=fault.known_from[keep])


@dataclass(frozen=True, kw_only=True)
class _Rare:
    """What makes a zero, or a negative reading, the exception.

    Attributes:
        share: Share of such readings up to which they are rare, those already judged faulty left out.
        share_in_all: The same, those judged faulty counted as well.
        negatives: Share of negative readings from which the series is held to take both signs.
        days: How much of a run is faulty at most; after that the meter is taken at its word.
    """

    share: float
    share_in_all: float
    negatives: float
    days: int


#: An empty site may read zero for good; one with solar panels reads less than zero, but not day and night.
RARE_ZEROS = _Rare(share=0.01, share_in_all=0.05, negatives=0.001, days=28)
RARE_NEGATIVES = _Rare(share=0.001, share_in_all=0.01, negatives=0.01, days=28)


def negatives(readings: Readings) -> list[Fault]:
    """Readings below zero, reached by a leap, in a series that otherwise stays well above zero."""
    x = readings.x
    return [
        readings.fault("negative", run, f"down to {number_words(x[run].min())} in a series {_far_above_zero(level)}")
        for run, level in _rare_runs(readings, x < 0, RARE_NEGATIVES)
        if x[run[0] - 1] - x[run[0]] > level.leap or _mirrored(x, int(run[0]), level)
    ]


def zero_runs(readings: Readings) -> list[Fault]:
    """Zeros, single or in runs, in a series that is hardly ever zero and stays well above it."""
    return [
        readings.fault("zero run", run, f"0 in a series that is hardly ever 0 and {_far_above_zero(level)}")
        for run, level in _rare_runs(readings, readings.x == 0, RARE_ZEROS)
    ]


def _far_above_zero(level: Level) -> str:
    return f"whose lowest hundredth lies at {level.clearance:.0%} of its median of {number_words(level.median)}"


def _rare_runs(readings: Readings, hits: BoolArray, rule: _Rare) -> list[tuple[IntArray, Level]]:
    """Runs of hits in a series where hits are rare and which stays well above zero.

    A run is judged when it begins, by the readings before it (in the warm-up: by all the others of the warm-up).
    It must fall from well above zero, or begin within a day of another such run.

    Args:
        readings: The readings.
        hits: Which of them are candidates. ``[K]``
        rule: What is rare.

    Returns:
        Indices of each run judged faulty, and the level it was compared with.
    """
    seen, below = (np.r_[0, np.cumsum(mask)] for mask in (hits, readings.x < 0))
    starts, lengths = (part[hits[runs_of(hits)[0]]] for part in runs_of(hits))
    days = np.cumsum(np.r_[0, np.diff(starts // readings.day) > 0][: len(starts)])
    odd = days - days[np.searchsorted(starts, starts - readings.recent)] < HABIT_DAYS
    found: list[tuple[IntArray, Level]] = []
    flagged, last = 0, -readings.warm_up
    for start, length in zip(starts[odd].tolist(), lengths[odd].tolist(), strict=True):
        before = max(start, readings.warm_up)
        others = seen[before] - max(0, min(start + length, before) - start)
        common = others - flagged >= rule.share * before or others >= rule.share_in_all * before
        if common or below[start] >= rule.negatives * before or start == 0:
            continue
        level = readings.level(before, without_zeros=True)
        falls = start - last <= readings.day or _falls(readings.x[max(0, start - 2) : start], level)
        if (falls and level.clearance > CLEAR_OF_ZERO) or _mirrored(readings.x, start, level):
            found.append((np.arange(start, start + min(length, rule.days * readings.day)), level))
            flagged += len(found[-1][0])
            last = start + length
    return found


def _mirrored(x: FloatArray, k: int, level: Level) -> bool:
    """Whether a reading is what the one before was, with the wrong sign, and no small one."""
    return bool(-x[k] > level.lowest / 2 and MIRRORED * x[k - 1] < -x[k] < x[k - 1] / MIRRORED)


def _falls(before: FloatArray, level: Level) -> bool:
    """Whether a run falls from well above zero; the last reading before it may hold the start of the outage."""
    return bool(before[-1] > CLEAR_OF_ZERO * level.median or before[0] > level.median / 2)


def stuck(readings: Readings) -> list[Fault]:
    """The same value for longer than is plausible in a series that hardly ever repeats itself.

    A zero counts only where the series takes both signs; elsewhere it is a floor, see ``zero_runs``. A value held
    before, be it for a third as long, is a plateau of the series. After four weeks the meter is taken at its word.
    """
    x, (starts, lengths) = readings.x, runs_of(readings.x)
    below = np.r_[0, np.cumsum(x < 0)]
    sound = np.ones(len(starts), dtype=bool)
    faults = []
    for run in np.flatnonzero(lengths >= _quick(readings)).tolist():
        start, length = int(starts[run]), int(lengths[run])
        before = max(start, readings.warm_up)
        if x[start] == 0 and below[before] < SIGNED * before:
            continue
        others = np.arange(np.searchsorted(starts, before))
        others = others[others != run]
        sizes = np.minimum(lengths[others], before - starts[others])
        usual = sizes[sound[others] & ((x[start] == 0) | (x[starts[others]] != 0))]
        limit = _too_long(usual, readings)
        held = sizes[x[starts[others]] == x[start]].max(initial=0)
        if limit is None or length < limit or held > limit // RUN_FACTOR:
            continue
        sound[run] = False
        detail = (
            f"{number_words(x[start])} throughout, where {limit} times in a row is too many: "
            f"of the readings before, {1 - len(usual) / usual.sum():.1%} repeat the last"
        )
        indices = np.arange(start, start + min(length, readings.recent))
        faults.append(readings.fault("stuck", indices, detail, since=start + limit - 1))
    return faults


def stuck_limit(readings: Readings) -> int | None:
    """How many equal readings in a row a stuck meter takes, None where that cannot be told."""
    return _too_long(runs_of(readings.x)[1], readings) if len(readings.x) >= readings.warm_up else None


def _quick(readings: Readings) -> int:
    """Fewest equal readings in a row that can tell a stuck meter: a quarter of a day, at least six."""
    return max(readings.day // 4, 6)


def _too_long(sizes: IntArray, readings: Readings) -> int | None:
    """Length from which a run is implausible beside runs of these lengths, None when that cannot be told."""
    total = int(sizes.sum())
    if total < readings.warm_up // 2:
        return None
    if 1 - len(sizes) / total > TOO_MANY_REPEATS:
        return None
    weight = np.cumsum(np.bincount(sizes, weights=sizes))
    return max(_quick(readings), RUN_FACTOR * int(np.searchsorted(weight, USUAL_RUNS * total)))


DETECTORS.add("negative", negatives)
DETECTORS.add("zero run", zero_runs)
DETECTORS.add("outage", outages)
DETECTORS.add("stuck", stuck)
DETECTORS.add("unit jump", unit_jumps)
DETECTORS.add("spike", spikes)
DETECTORS.add("glitch", glitches)
DETECTORS.add("reset", resets)
DETECTORS.add("level shift", lambda readings: [*pulses(readings), *level_shifts(readings)])
DETECTORS.add("clock shift", clock_runs)
