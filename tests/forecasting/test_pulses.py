"""Levels that begin and end at once are no load; what a building does on other days or an hour earlier is."""

import re

import numpy as np
import pytest

from backtests.faults import Wanted, inject, local_deviation
from forecasting.faults import find_faults
from forecasting.limits import limits_said
from forecasting.readings import HABIT_DAYS
from tests.forecasting.test_faults import DAY, flagged, load

AT = 70 * DAY + 3


def office(days=100, *, seed=0, spread=0.01):
    """A building that is switched on from 7 to 19 on weekdays: 100 instead of 20."""
    at = np.arange(days * DAY)
    on = (at // DAY % 7 < 5) & (at % DAY >= 7) & (at % DAY < 19)
    return np.where(on, 100.0, 20.0) * (1 + spread * np.random.default_rng(seed).normal(size=len(at)))


@pytest.mark.parametrize("hours", [2, 6, 24, 72])
@pytest.mark.parametrize("size", [3.0, -6.0])
def test_a_level_that_begins_and_ends_at_once_is_left_out_once_it_ends_at_the_latest(hours, size):
    made = inject(load(), "level shift", Wanted(start=AT, length=hours, size=size))
    found = flagged(made.values)["level shift"]
    assert set(found) == set(range(AT, AT + hours))
    assert all(known <= AT + hours for known in found.values())


def test_a_level_that_has_not_ended_is_left_out_after_a_quarter_of_a_day_and_for_three_days():
    values = load()
    values[AT:] += 6 * local_deviation(values, AT, DAY)
    left_out = [fault for fault in find_faults(values, day=DAY) if not fault.kept]
    (fault,) = left_out
    assert fault.positions.tolist() == list(range(AT, AT + 3 * DAY))
    assert fault.known_from.tolist() == [max(k, AT + 5) for k in range(AT, AT + 3 * DAY)]


@pytest.mark.parametrize("hour", [3, 12])
def test_a_single_reading_is_told_by_the_one_after_it(hour):
    values = load()
    at = 70 * DAY + hour
    values[at] += 40
    assert flagged(values) == {"glitch": {at: at + 1}}


def test_a_closed_day_and_an_early_start_are_what_a_building_does():
    values = office()
    for day in (72, 79):
        values[day * DAY : (day + 1) * DAY] = values[75 * DAY : 76 * DAY]
    values[80 * DAY + 6] = 100
    values[85 * DAY + 18] = 20
    assert flagged(values) == {}


@pytest.mark.parametrize("hours", [4, None])
def test_a_flat_level_like_no_other_day_is_told_though_it_lies_between_a_weekday_and_a_sunday(hours):
    values = office()
    start = 72 * DAY + 9
    values[start : None if hours is None else start + hours] -= 40
    (fault,) = [fault for fault in find_faults(values, day=DAY) if not fault.kept][:1]
    assert (fault.kind, fault.positions[0]) == ("level shift", start)
    assert "unlike each of the last 28 days" in fault.detail
    assert fault.known_from[0] == (start + 5 if hours is None else start + hours)


@pytest.mark.parametrize(("times", "drift", "told"), [(1.3, 0.2, False), (1.7, 0.2, True), (1.3, 0.05, True)])
def test_a_reading_no_farther_off_than_any_day_has_them_is_let_be(times, drift, told):
    """Beside the readings of the day before, and beside how far these were off the usual: here they drifted away."""
    values = load(spread=0.002)
    at = 70 * DAY + 3
    near = values[at - DAY : at]
    deviation = 1.4826 * np.median(np.abs(near - np.median(near)))
    values += drift * deviation * np.clip((np.arange(len(values)) - at + 5 * DAY) / (4 * DAY), 0, 1)
    values[at] += times * deviation
    assert flagged(values) == ({"glitch": {at: at + 1}} if told else {})


def test_where_steps_have_a_long_tail_a_level_must_be_farther_than_nearly_all_of_them():
    """Here a reading in a hundred is far off: a level takes more than these, and is told all the same."""
    values = load(spread=0.002)
    rng = np.random.default_rng(3)
    odd = rng.choice(AT - 30, AT // 100, replace=False)
    values[odd] += rng.choice([-15.0, 15.0], len(odd))
    for size, told in ((12, False), (60, True)):
        one = values.copy()
        one[AT : AT + 6] += size
        found = flagged(one).get("level shift", {})
        assert (set(found) >= set(range(AT, AT + 6))) == told


def test_the_way_back_from_a_reading_is_no_level():
    values = load()
    at = 70 * DAY + 16
    values[at], values[at + 1] = values[at] - 60, values[at + 1] + 60
    assert flagged(values) == {"glitch": {at: at + 1, at + 1: at + 2}}


def test_what_happens_on_many_days_is_a_habit():
    values = load(200)
    for day in range(100, 160):
        values[day * DAY + 3 : day * DAY + 6] += 80
    assert 0 < len({at // DAY for at in flagged(values)["level shift"]}) <= HABIT_DAYS


def test_a_load_without_bound_has_no_levels():
    values = load()
    values[::60] *= 3
    values[AT : AT + 5] *= 3.5
    assert "level shift" not in flagged(values)


@pytest.mark.parametrize("cut", [AT + 1, AT + 4, AT + 6, AT + 7, AT + 40, AT + 80, AT + 200])
def test_nothing_is_known_before_its_reading(cut):
    values = load()
    for start, hours in ((AT, 6), (AT + 20, 30), (AT + 75, 200)):
        values = inject(values, "level shift", Wanted(start=start, length=hours, size=6.0)).values
    whole = {p: k for found in flagged(values).values() for p, k in found.items() if k < cut}
    then = {p: k for found in flagged(values[:cut]).values() for p, k in found.items()}
    assert then == whole


@pytest.mark.parametrize("hours", [1, 6, 72])
def test_a_wrong_sign_is_told_as_the_mirror_image_even_near_zero(hours):
    values = load() - 60
    values[:500] -= np.minimum(values[:500].min() - 0.5, 0)
    values = np.maximum(values, 1.0)
    made = inject(values, "negative", Wanted(start=AT + 8, length=hours))
    known = {p for found in flagged(made.values).values() for p in found}
    assert set(made.positions) <= known


@pytest.mark.parametrize(("late", "hours"), [(1, 120), (-1, 200)])
def test_a_clock_an_hour_off_is_told_by_the_hour_though_it_begins_at_noon(late, hours):
    made = inject(load(150), "clock shift", Wanted(start=100 * DAY + 12, length=hours, size=late))
    (fault,) = [fault for fault in find_faults(made.values, day=DAY) if fault.kind == "clock shift"]
    assert fault.kept
    assert abs(fault.positions[0] - made.positions[0]) <= DAY
    assert fault.known_from.min() > made.positions[-1]


def test_the_thresholds_said_are_those_that_hold():
    values = load()
    said = " ".join(limits_said(values, day=DAY, unit="kW"))
    high = float(re.search(r"above ([\d.]+) kW", said)[1])
    local = float(re.search(r"and ([\d.]+) kW = 8 local deviations", said)[1])
    high = max(high, np.median(values[-25:]) + local)
    equal = int(re.search(r"stuck when (\d+) in a row", said)[1])
    for value, there in ((high * 1.02, True), (high * 0.98, False)):
        assert ("spike" in flagged(np.r_[values, value])) == there
    for number, there in ((equal, True), (equal - 1, False)):
        assert ("stuck" in flagged(np.r_[values, np.full(number, 101.25)])) == there
    assert limits_said(values[:200], day=DAY, unit="kW") == []


def test_what_was_found_faulty_is_not_taken_for_what_is_usual():
    """A day a thousand times too large, three weeks before, hides no later level and no later spike."""
    values = load()
    values[AT - 500 : AT - 470] *= 1000
    values[AT : AT + 24] += 4 * local_deviation(values, AT, DAY)
    values[AT + 300] = 1500
    found = flagged(values)
    assert set(found["level shift"]) == set(range(AT, AT + 24))
    assert found["spike"][AT + 300] == AT + 300
    assert AT - 480 in {**found["unit jump"], **found["spike"]}
