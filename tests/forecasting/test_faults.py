"""What is a meter fault and what is not, and from when on it could be known."""

import numpy as np
import pytest

from backtests.faults import TO_THE_END, Wanted, inject
from connectors.registry import Registry
from forecasting import faults
from forecasting.faults import DETECTORS, find_faults
from forecasting.readings import HABIT_DAYS, Readings
from forecasting.spikes import spikes

DAY = 24
KEPT = {"level shift", "clock shift"}


def load(days=120, *, day=DAY, seed=0, spread=0.03):
    """A load around 100 with a day, a week, and noise."""
    at = np.arange(days * day)
    week = np.where(at // day % 7 < 5, 1.0, 0.75)
    shape = 100 + 30 * np.sin(2 * np.pi * (at % day) / day - 2)
    return shape * week * (1 + spread * np.random.default_rng(seed).normal(size=len(at)))


def flagged(values, *, day=DAY):
    """Positions and known_from of all faults, by kind."""
    found = {}
    for fault in find_faults(np.asarray(values, dtype=float), day=day):
        found.setdefault(fault.kind, {}).update(
            zip(fault.positions.tolist(), fault.known_from.tolist(), strict=True)
        )
    return found


def kinds(values, *, day=DAY):
    return {kind: len(found) for kind, found in flagged(values, day=day).items()}


@pytest.mark.parametrize(("day", "seed"), [(24, 1), (24, 2), (96, 3), (1, 4)])
def test_a_sound_load_has_no_faults(day, seed):
    assert kinds(load(400 if day == 1 else 120, day=day, seed=seed), day=day) == {}


def test_an_outage_is_found_reading_by_reading_as_it_happens():
    values = load()
    values[1000:1030] = 0
    assert flagged(values) == {"zero run": {k: k for k in range(1000, 1030)}}


def test_an_outage_that_flickers_is_found_whole():
    values = load()
    values[1000:1030] = 0
    values[1010], values[1020] = 3.0, 40.0
    assert kinds(values) == {"zero run": 28, "level shift": 2}


def test_an_outage_that_begins_within_an_interval_is_found():
    values = load()
    values[999], values[1000:1030] = 2.0, 0
    assert kinds(values) == {"zero run": 30, "level shift": 1}


def test_a_single_zero_is_found():
    values = load()
    values[1000] = 0
    assert flagged(values) == {"zero run": {1000: 1000}}


def test_zeros_are_no_fault_where_they_are_common():
    values = load()
    values[np.arange(len(values)) % DAY < 5] = 0
    values[1003:1030] = 0
    assert kinds(values) == {}


def test_zeros_are_no_fault_where_readings_come_close_to_zero():
    values = np.random.default_rng(0).lognormal(3, 2.0, 3000)
    values[1000:1010] = 0
    assert kinds(values) == {}


def test_zeros_that_keep_coming_back_are_a_habit():
    values = load(200)
    values[2000::20] = 0
    assert kinds(values)["zero run"] < 2 * HABIT_DAYS


def test_a_site_that_reads_zero_for_months_is_taken_at_its_word():
    values = load(200)
    values[2000:] = 0
    assert flagged(values)["zero run"] == {k: k for k in range(2000, 2000 + 28 * DAY)}


def test_a_temperature_that_passes_through_zero_is_no_outage():
    at = np.arange(3000)
    values = np.round(12 - at / 200 + np.sin(at / 4), 1)
    assert (values == 0).any()
    assert kinds(values) == {}


def test_a_stuck_meter_is_known_once_it_has_been_stuck_too_long():
    values = load()
    values[1500:1572] = values[1500]
    found = flagged(values)
    assert list(found) == ["stuck"]
    assert found["stuck"] == {k: max(k, 1505) for k in range(1500, 1572)}


def test_a_meter_stuck_at_the_end_is_found():
    values = load()
    values[-30:] = values[-30]
    assert kinds(values) == {"stuck": 30}


def test_a_short_repeat_is_no_stuck_meter():
    values = load()
    values[1500:1505] = values[1500]
    assert kinds(values) == {}


def test_a_coarse_series_has_no_stuck_meter():
    values = np.round(load(spread=0.01) / 40)
    values[1500:1520] = values[1500]
    assert kinds(values) == {}


@pytest.mark.parametrize("resolution", [None, 0.1])
def test_a_constant_night_is_no_stuck_meter(resolution):
    values = load(200)
    night = np.arange(len(values)) % DAY < 9
    values[night] = 30.0
    values[3000:3060] = 30.0
    values = values if resolution is None else np.round(values / resolution) * resolution
    assert kinds(values) == {}


def test_a_plateau_seen_before_is_no_stuck_meter():
    values = load(200)
    values[1500:1505] = 170.0
    values[3000:3040] = 170.0
    assert "stuck" not in kinds(values)


def test_a_value_that_stood_twice_in_a_row_by_chance_is_no_plateau():
    values = np.round(load(200), 1)
    values[1500:1502] = values[3000]
    values[3000:3024] = values[3000]
    assert kinds(values) == {"stuck": 24}


def test_a_zero_held_for_long_is_stuck_where_readings_take_both_signs():
    values = load() - 100
    values[1500:1572] = 0
    assert kinds(values) == {"stuck": 72}


def test_one_stuck_stretch_does_not_hide_the_next():
    values = load(300)
    for start in range(1000, 7000, 700):
        values[start : start + 24] = values[start]
    assert kinds(values) == {"stuck": 9 * 24}


def test_a_spike_is_known_by_its_own_reading():
    values = load()
    values[1500:1503] = 2000, 5157, 900
    assert flagged(values) == {"spike": {1500: 1500, 1501: 1501, 1502: 1502}}


def test_one_spike_does_not_hide_the_next():
    values = load()
    values[1500], values[1700] = 1e6, 800
    assert kinds(values) == {"spike": 2}


def test_a_reading_that_collapses_is_a_spike():
    values = 100 + load() / 5
    values[1500] = 3
    assert kinds(values) == {"spike": 1}


def test_a_spike_of_the_first_weeks_is_known_at_their_end():
    values = load()
    values[100] = 1e6
    assert flagged(values) == {"spike": {100: 28 * DAY - 1}}


def test_the_peaks_of_a_heat_wave_are_no_spikes():
    values = load(400)
    for day, height in zip(range(300, 306), (1.3, 1.5, 1.7, 1.9, 2.0, 2.0), strict=True):
        values[day * DAY + 8 : day * DAY + 20] *= 1 + (height - 1) * np.sin(np.linspace(0, np.pi, 12))
    assert kinds(values) == {}


def test_peaks_that_begin_and_end_at_once_are_no_spikes_and_a_habit_after_some_days():
    values = load(400)
    for day, height in zip(range(300, 312), np.linspace(1.3, 2.0, 12), strict=True):
        values[day * DAY + 8 : day * DAY + 20] *= height
    found = flagged(values)
    assert set(found) == {"level shift"}
    assert len({at // DAY for at in found["level shift"]}) <= HABIT_DAYS


def test_the_peaks_of_a_house_are_no_spikes():
    random = np.random.default_rng(5)
    values = 300 + random.lognormal(5, 1.2, 5000)
    values[3000:3004] += 7400
    assert {kind: set(found) for kind, found in flagged(values).items()} == {"level shift": {3000, 3001, 3002, 3003}}


def test_a_new_level_is_taken_as_it_is_after_half_a_day():
    values = load(200)
    values[2400:] *= 8
    found = flagged(values)
    assert found["spike"] == {k: k for k in range(2400, 2412)}
    assert list(found) == ["spike", "level shift"]


def test_a_new_habit_is_taken_as_it_is_after_half_a_day_in_all():
    values = load(200, spread=0.005)
    at = np.arange(len(values))
    values[(at > 2400) & (at % DAY < 4)] *= 8
    assert kinds(values)["spike"] <= 12


def test_an_impossible_sign_is_found():
    values = load()
    values[1500:1503] = -90
    assert flagged(values) == {"negative": {k: k for k in range(1500, 1503)}}


def test_feeding_in_is_no_fault():
    at = np.arange(200 * DAY)
    sun = np.maximum(0, np.sin(2 * np.pi * (at % DAY - 6) / DAY))
    values = load(200) - 160 * sun * np.clip((at - 2000) / 1500, 0, 1)
    assert (values < 0).sum() > 100
    assert kinds(values) == {}


def test_nothing_is_judged_before_two_weeks():
    values = load(13)
    values[200], values[210:215], values[250:290] = 1e6, 0, 99.0
    assert kinds(values) == {}


def test_an_outage_of_the_first_weeks_is_known_at_their_end():
    values = load()
    values[100:130] = 0
    assert flagged(values) == {"zero run": dict.fromkeys(range(100, 130), 14 * DAY - 1)}


def test_zeros_reached_slowly_every_week_make_a_sudden_one_no_fault():
    values = load(200)
    for start in range(100, 4000, 168):
        values[start : start + 6] = 30, 3, 0, 0, 0, 0
    values[4500:4510] = 0
    assert kinds(values) == {}


def test_outages_that_make_up_a_twentieth_of_the_readings_are_how_the_site_is_run():
    values = load(300)
    for start in range(1000, 7000, 700):
        values[start : start + 70] = 0
    assert kinds(values)["zero run"] < 9 * 70 / 2


def test_a_zero_is_no_fault_where_some_readings_are_negative():
    values = load(200)
    values[400:4000:150] = -60
    values[4500:4510] = 0
    assert "zero run" not in flagged(values)


def test_a_heating_load_that_ends_with_the_winter_is_no_outage():
    at = np.arange(250 * DAY)
    values = np.maximum(0, 100 * np.clip(1.2 - at / 4000, 0, 1) + 8 * np.sin(2 * np.pi * at / DAY))
    values *= 1 + 0.05 * np.random.default_rng(0).normal(size=len(at))
    values[values < 9] = 0
    assert (values == 0).sum() > 1000
    assert kinds(values).get("zero run", 0) < HABIT_DAYS * DAY / 2


def test_a_sign_reached_without_a_leap_is_no_fault():
    values = load()
    values[1500:1512] = np.r_[np.linspace(80, -10, 7), np.linspace(0, 60, 5)]
    assert kinds(values) == {}


def test_readings_that_come_in_threes_tell_no_stuck_meter():
    values = np.repeat(load(), 3)[: 120 * DAY]
    values[1500:1560] = values[1500]
    assert kinds(values) == {}


@pytest.mark.parametrize(("length", "expected"), [(20, {}), (30, {k: max(k, 3023) for k in range(3000, 3030)})])
def test_runs_are_measured_by_the_runs_the_series_has(length, expected):
    values = load(200)
    for start in range(50, 4700, 168):
        values[start : start + 8] = values[start]
    values[3000 : 3000 + length] = values[3000]
    assert flagged(values).get("stuck", {}) == expected


def test_a_stuck_meter_of_the_first_weeks_is_known_at_their_end():
    values = load()
    values[100:150] = values[100]
    assert flagged(values) == {"stuck": dict.fromkeys(range(100, 150), 14 * DAY - 1)}


def test_a_site_that_reads_the_same_for_months_is_taken_at_its_word():
    values = load(200)
    values[2000:] = values[2000]
    assert kinds(values) == {"stuck": 28 * DAY}


def flat(*, around=100.0, by=1.0):
    return around + np.random.default_rng(0).normal(0, by, 3000)


def test_zeros_are_left_to_the_rule_for_zeros():
    values = flat()
    values[2000:2010] = 0
    assert spikes(Readings(values, DAY)) == []


def test_peaks_that_come_back_every_few_days_are_a_habit():
    values = flat()
    values[1500::60] = 1500
    assert kinds(values) == {"spike": HABIT_DAYS}


def test_a_level_that_hardly_moves_has_no_range_to_speak_of():
    values = flat()
    values[2000], values[2100] = 130, 800
    assert flagged(values)["spike"] == {2100: 2100}


def test_a_series_that_went_far_before_may_go_farther():
    values = flat(around=50)
    values[100::120] = 1500
    values[2550] = 9000
    assert kinds(values) == {}


def test_a_spike_lies_twice_as_far_as_all_before():
    values = 100 * np.sin(2 * np.pi * np.arange(6000) / 700) + flat(around=0).repeat(2)
    values[5075], values[5775] = 160, 400
    assert flagged(values)["spike"] == {5775: 5775}


def test_a_peak_climbed_in_many_steps_is_no_spike():
    values = flat(by=10)
    values[2000:2030] = np.linspace(100, 600, 30)
    assert not {"spike", "glitch"} & set(kinds(values))


def broken(seed):
    """A load with every fault and some gaps."""
    random = np.random.default_rng(seed)
    values = load(150, seed=seed)
    for start in random.integers(0, 3400, 3):
        values[start : start + int(random.integers(1, 60))] = 0
    for start in random.integers(0, 3400, 4):
        values[start : start + int(random.integers(8, 90))] = values[start]
    for start in random.integers(0, 3400, 6):
        values[start : start + int(random.integers(1, 20))] *= random.choice([-1.0, 6.0, 40.0, 0.01])
    for start in random.integers(0, 3400, 5):
        values[start : start + int(random.integers(1, 100))] = np.nan
    values[random.integers(2500, 3500) :] *= random.choice([1.0, 5.0])
    return values


def jumpy(seed):
    """A load with other units, resets, new levels, and days on which the clock is wrong."""
    random = np.random.default_rng(seed)
    values = load(200, seed=seed)
    kinds = [("unit jump", 1000.0), ("unit jump", 0.001), ("unit jump", 0.1), ("reset", 0), ("level shift", 2.0)]
    for kind, size in [*kinds, ("level shift", -1.5), ("clock shift", 1.0), ("clock shift", -1.0)]:
        start, length = int(random.integers(1300, 4300)), int(random.integers(20, 300))
        values = inject(values, kind, Wanted(start=start, length=length, size=size)).values
    for start in random.integers(0, 4700, 4):
        values[start : start + int(random.integers(1, 30))] = np.nan
    if seed % 3 == 0:
        values = inject(values, "unit jump", Wanted(start=3800, length=TO_THE_END, size=100)).values
    return values


@pytest.mark.parametrize("make", [broken, jumpy])
@pytest.mark.parametrize("seed", range(9))
def test_what_was_known_at_a_cut_does_not_depend_on_what_came_later(make, seed):
    values = make(seed)
    whole = {(kind, *pair) for kind, found in flagged(values).items() for pair in found.items()}
    turning = [known + step for _, _, known in sorted(whole)[::11] for step in (-1, 0, 1)]
    cuts = [*np.random.default_rng(seed).integers(0, len(values), 6).tolist(), *turning[:12]]
    if make is jumpy:
        told = sorted({one[2] for one in whole if one[0] in KEPT})
        kept = {int(fault.known_from[0]) for fault in find_faults(values, day=DAY) if fault.kept}
        cuts += [known + step for known in kept.union(told[:: max(1, len(told) // 6)]) for step in (-1, 0)]
    for cut in cuts:
        seen = {(kind, *pair) for kind, found in flagged(values[: cut + 1]).items() for pair in found.items()}
        assert seen == {one for one in whole if one[2] <= cut}, cut


def test_the_series_that_are_cut_hold_every_kind_of_fault():
    found = {kind for make in (broken, jumpy) for seed in range(9) for kind in flagged(make(seed))}
    assert found >= set(DETECTORS) - {"glitch"}


@pytest.mark.parametrize("seed", range(4))
def test_a_fault_is_never_known_before_its_reading(seed):
    for found in flagged(broken(seed)).values():
        assert all(known >= position for position, known in found.items())


def test_no_reading_is_left_out_twice():
    for seed in range(6):
        left_out = [fault for fault in find_faults(broken(seed), day=DAY) if not fault.kept]
        positions = [p for fault in left_out for p in fault.positions.tolist()]
        assert len(positions) == len(set(positions))


def test_a_registered_detector_is_asked_and_the_first_to_tell_wins(monkeypatch):
    registry = Registry("fault detector")
    for name, part in DETECTORS.items():
        registry.add(name, part)
    registry.add("shouting", lambda readings: [readings.fault("shouting", np.arange(998, 1002), "too loud")])
    monkeypatch.setattr(faults, "DETECTORS", registry)
    values = load()
    values[1000:1010] = 0
    assert kinds(values) == {"zero run": 10, "shouting": 2}


def test_the_detail_says_what_was_compared():
    values = load()
    values[1500] = 5157
    (fault,) = find_faults(values, day=DAY)
    assert "5157 lies" in fault.detail
    assert "limit" in fault.detail


def test_a_single_reading_far_from_both_neighbours_is_told_by_the_second():
    values = load(spread=0.005)
    values[1500] *= 0.5
    assert flagged(values) == {"glitch": {1500: 1501}}


def test_a_load_that_keeps_jumping_has_no_glitches():
    values = load(spread=0.005)
    values[::40] *= 0.6
    values[1501] *= 0.4
    assert kinds(values) == {}


@pytest.mark.parametrize(("factor", "told"), [(1000, 2), (0.001, 2), (100, 11), (0.01, 11), (10, 23), (0.1, 23)])
def test_another_unit_is_told_by_the_ratio_to_the_same_hours(factor, told):
    values = load(200)
    values[3096:3168] *= factor
    found = flagged(values)
    faults = [fault for fault in find_faults(values, day=DAY) if not fault.kept]
    left_out = {k: known for one in faults for k, known in zip(one.positions, one.known_from, strict=True)}
    assert set(left_out) == set(range(3096, 3168))
    assert max(left_out.values()) <= 3167
    assert all(left_out[k] <= max(k, 3096 + told) for k in left_out)
    assert all(known >= 3096 + told for known in found["unit jump"].values())


def test_seven_times_as_much_is_no_unit():
    values = load(200)
    values[3000:3072] *= 7
    assert "unit jump" not in kinds(values)


def test_after_four_weeks_the_new_unit_is_the_unit_and_the_old_one_is_left_out():
    values = load(200)
    values[2400:] *= 0.001
    found = flagged(values)["unit jump"]
    adopted = 2400 + 28 * DAY
    assert set(found) == set(range(adopted))
    assert {found[k] for k in range(2400)} == {adopted}


def test_after_that_the_old_unit_is_another_one():
    values = load(250)
    values[2400:3600] *= 0.001
    left_out = {k for kind, found in flagged(values).items() if kind not in KEPT for k in found}
    assert left_out >= {*range(2400), *range(3600, 3600 + 28 * DAY)}


def test_a_logger_that_starts_anew_is_left_out_until_it_reads_right():
    values = inject(load(), "reset", Wanted(start=1500, length=24)).values
    found = flagged(values)
    left_out = {k for kind in ("zero run", "reset") for k in found[kind]}
    assert {1500, *range(1501, 1521)} <= left_out <= set(range(1500, 1524))
    assert max(found["reset"].values()) <= 1523


def test_an_outage_that_ends_at_once_is_no_reset():
    values = load()
    values[1500:1506] = 0
    assert kinds(values) == {"zero run": 6}


def level_shifts(values):
    return [fault for fault in find_faults(values, day=DAY) if fault.kind == "level shift"]


def test_a_new_level_is_reported_after_a_day_and_kept():
    values = load(200)
    values[3000:] *= 1.5
    (fault,) = level_shifts(values)
    assert fault.kept
    assert abs(fault.positions[0] - 3000) <= 6
    assert set(fault.known_from.tolist()) == {fault.positions[0] + DAY - 1}
    assert "more from one hour to the next" in fault.detail


def test_a_level_that_drifts_is_no_new_one():
    values = load(200)
    values[3000:] *= 1 + 0.5 * np.clip(np.arange(len(values) - 3000) / 240, 0, 1)
    assert level_shifts(values) == []


def test_a_day_off_is_no_new_level():
    values = load(200)
    values[3000 // DAY * DAY + 7 : 3000 // DAY * DAY + 19] *= 0.6
    assert level_shifts(values) == []


def test_the_end_of_an_outage_is_no_new_level():
    values = load(200)
    values[3000:3100] = 0
    assert level_shifts(values) == []


def clock_shifts(values):
    return [fault for fault in find_faults(values, day=DAY) if fault.kind == "clock shift"]


@pytest.mark.parametrize(("by", "word"), [(1, "early"), (-1, "late")])
def test_days_an_hour_off_are_reported_once_they_are_over_and_kept(by, word):
    values = inject(load(200), "clock shift", Wanted(start=3000, length=5 * DAY, size=by)).values
    (fault,) = clock_shifts(values)
    assert fault.kept
    assert (fault.positions[0], fault.positions[-1]) == (3000, 3000 + 5 * DAY - 1)
    assert set(fault.known_from.tolist()) == {3000 + 8 * DAY - 1}
    assert f"5 days an hour {word}" in fault.detail


def test_the_change_to_summer_time_is_no_clock_shift():
    values = load(300)
    values[3000:] = inject(values, "clock shift", Wanted(start=3000, length=TO_THE_END, size=1)).values[3000:]
    assert clock_shifts(values) == []


def test_a_load_that_looks_different_every_day_has_no_clock_to_judge():
    values = np.random.default_rng(0).lognormal(3, 0.5, 5000)
    values = inject(values, "clock shift", Wanted(start=3000, length=5 * DAY, size=1)).values
    assert clock_shifts(values) == []


def test_steps_of_a_day_and_longer_are_not_asked_for_levels_and_clocks():
    values = load(800, day=1)
    values[500:] *= 2
    assert not KEPT & set(kinds(values, day=1))


@pytest.mark.parametrize("day", [1, 24, 96])
def test_a_series_that_ends_where_a_rule_begins_is_judged_like_any_other(day):
    """The first reading a rule looks at may be the one to come."""
    warm_up = Readings(np.ones(1), day).warm_up
    values = 100 + np.random.default_rng(0).normal(0, 1, 3 * warm_up)
    for times in (1, 2, 3):
        for more in (-1, 0, 1):
            assert isinstance(find_faults(values[: times * warm_up + more], day=day), list)
