"""From where on a reading to come would count as faulty: the thresholds of a series, in its unit, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecasting.faults import stuck_limit
from forecasting.outages import off_floor
from forecasting.pulses import LIMIT_DAYS, steps_of
from forecasting.readings import RECENT_DAYS, Readings, number_words
from forecasting.spikes import LOCAL_READINGS, LOCAL_SCALES, spike_limits

#: Days that say what a step to come is compared with.
PAST_DAYS = LIMIT_DAYS + 3 * RECENT_DAYS

if TYPE_CHECKING:
    from backtests.view import FloatArray


def limits_said(values: FloatArray, *, day: int, unit: str) -> list[str]:
    """What a reading to come would have to be to count as faulty; empty where there are too few to say.

    Args:
        values: The target of one item on a regular grid, NaN where missing or known to be faulty. ``[T]``
        day: Steps in a day, 1 for longer steps.
        unit: Unit of the target, "" when unknown.
    """
    readings = Readings(values, day)
    if len(readings.x) < readings.warm_up:
        return []
    said = [*_stuck(readings), *_spike(readings, unit), *_step(values, day, unit), *_zero(readings), *_off(readings)]
    return [f"{words}." for words in said]


def _stuck(readings: Readings) -> list[str]:
    limit = stuck_limit(readings)
    return [] if limit is None else [f"stuck when {limit} in a row are equal"]


def _spike(readings: Readings, unit: str) -> list[str]:
    low, high = spike_limits(readings)
    near = readings.x[-LOCAL_READINGS:]
    local = LOCAL_SCALES * 1.4826 * float(np.median(np.abs(near - np.median(near))))
    sides = [
        f"{word} {_with(value, unit)}" for word, value in (("below", low), ("above", high)) if value is not None
    ]
    if not sides:
        return []
    local_words = f"{_with(local, unit)} = {LOCAL_SCALES:g} local deviations from the last {LOCAL_READINGS}"
    return [f"a spike {' or '.join(sides)}, and {local_words}"]


def _step(values: FloatArray, day: int, unit: str) -> list[str]:
    if day == 1 or len(values) < (RECENT_DAYS + 7) * day:
        return []
    week = 7 * day  # limits are brought up to date once a week: the past is cut between two of them
    past = values[max(0, len(values) - PAST_DAYS * day) // week * week :]
    steps = steps_of(past, day, np.full(len(past), len(past)))
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.abs(steps.size / steps.scales)[-7 * day :]
    limit = steps.limit[-1]
    sizes = scale[np.isfinite(scale)] * limit
    if not np.isfinite(limit) or not len(sizes):
        return []
    span = f"{_with(float(sizes.min()), unit)} to {_with(float(sizes.max()), unit)}"
    how = f"{limit:.3g} scales of the hour, steps back, and lies outside of what these hours held for"
    return [f"no real level when it steps by more than {span} = {how} {RECENT_DAYS} days"]


def _zero(readings: Readings) -> list[str]:
    zeros, level = (readings.x == 0).mean(), readings.level(len(readings.x), without_zeros=True)
    if level.clearance <= 0:
        return []
    return [
        f"a zero run at 0, of which {zeros:.2%} of the readings are; others begin at {number_words(level.lowest)}"
    ]


def _off(readings: Readings) -> list[str]:
    floor = off_floor(readings)
    return [] if floor is None else [f"an outage below {number_words(floor)} for half a day, once it is back"]


def _with(value: float, unit: str) -> str:
    return f"{number_words(value)} {unit}".rstrip()
