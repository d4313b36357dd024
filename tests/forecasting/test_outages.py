"""Days on which a site was off: told when they are over, and left out from then on."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.faults import find_faults
from forecasting.outages import outages
from forecasting.readings import Readings

DAY = 24


def campus(days=60, seed=1):
    """140 at night, 600 by day, weekdays above weekends."""
    rng = np.random.default_rng(seed)
    k = np.arange(days * DAY)
    working = (k // DAY % 7 < 5) * np.clip(np.sin(2 * np.pi * (k % DAY - 7) / 24), 0, None)
    return 140 + 460 * working + rng.normal(0, 4, len(k))


def found(values):
    return outages(Readings(values, DAY))


def off(values, start, end, level=20.0):
    made = values.copy()
    made[start:end] = level + np.random.default_rng(2).normal(0, 1, end - start)
    return made


def test_two_weeks_on_a_floor_it_never_had_are_left_out_once_it_is_back():
    start, end = 30 * DAY + 10, 44 * DAY + 9
    (fault,) = found(off(campus(), start, end))
    assert (fault.kind, fault.kept) == ("outage", False)
    assert fault.positions.tolist() == list(range(start, end))
    assert set(fault.known_from.tolist()) == {end + 5}
    assert "for 335 readings, and back; the lowest hundredth of the year before was 13" in fault.detail


def test_while_it_lasts_it_may_be_how_things_are_now():
    start = 45 * DAY + 10
    values = off(campus(), start, 60 * DAY)
    assert found(values) == []
    values[-5:] = 150  # not long enough back to tell
    assert found(values) == []


def test_cutting_the_series_later_leaves_it_as_it_was():
    values = off(campus(), 30 * DAY + 10, 40 * DAY + 9)
    known = found(values)[0].known_from[0]
    assert found(values[:known]) == []
    assert found(values[: known + 1])[0].positions.tolist() == found(values)[0].positions.tolist()


def test_a_second_outage_is_held_against_what_was_sound():
    values = off(off(campus(), 30 * DAY + 10, 40 * DAY + 9), 45 * DAY + 12, 50 * DAY + 12)
    assert [len(fault.positions) for fault in found(values)] == [239, 120]


@pytest.mark.parametrize("days", [0.4, 29])
def test_shorter_ones_and_what_lasts_a_month_are_none(days):
    start = 30 * DAY + 10
    assert found(off(campus(80), start, start + int(days * DAY))) == []


def test_a_level_that_sinks_by_and_by_is_no_outage():
    """The temperature of an autumn leaves its summer behind without a step."""
    k = np.arange(120 * DAY)
    assert found(20 - 19.5 * np.sin(np.pi * k / (200 * DAY)) + np.sin(2 * np.pi * k / DAY)) == []


def test_a_series_that_rests_near_zero_has_no_floor():
    values = np.clip(campus() - 140, 0, None)
    assert found(off(values, 30 * DAY, 40 * DAY, level=0.0)) == []


def test_the_whole_of_it_is_left_out_beside_what_other_rules_say():
    start, end = 30 * DAY + 10, 44 * DAY + 9
    faults = find_faults(off(campus(), start, end), day=DAY)
    left_out = np.concatenate([fault.positions for fault in faults if not fault.kept])
    assert set(range(start, end)) <= set(left_out.tolist())


def test_a_level_that_stays_is_what_a_later_outage_is_held_against():
    """A year on, half of the load is gone for good; what then drops to nothing is an outage of what is left."""
    values = campus(500)
    values[60 * DAY + 12 :] *= 0.3
    (fault,) = found(off(values, 470 * DAY + 12, 475 * DAY + 11, level=2.0))
    assert len(fault.positions) == 119
