"""A dead meter is never forecast in silence."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import DataError
from forecasting.ends import due_reading, limits_of
from forecasting.findings import STALE_KINDS
from forecasting.prepare import prepare
from tests.forecasting.test_prepare import by_kind, load, stamp, table

LENGTH = 1008


def dead(hours, value=None, *, item="a", seed=0):
    """A load whose last hours are one value, the first of them if none is given."""
    values = load(LENGTH, seed=seed)
    values[-hours:] = values[-hours] if value is None else value
    return table(values, item=item)


def kinds_of(prepared):
    return {finding.kind for finding in prepared.findings}


@pytest.mark.parametrize("value", [None, 0.0])
def test_a_meter_dead_for_more_than_a_day_is_named_with_the_time_since_when(value):
    made = prepare(dead(72, value), freq="h")
    (finding,) = by_kind(made)["dead meter"]
    assert (finding.count, finding.action) == (72, "left out")
    assert finding.first == made.history["timestamp"].iloc[-72]
    assert finding.last == made.history["timestamp"].iloc[-1]
    assert f"no sound reading since {made.history['timestamp'].iloc[-73]:%Y-%m-%d %H:%M} UTC" in finding.sentence()
    assert "72 steps left out" in finding.sentence()


def test_a_day_without_readings_is_bridged():
    made = prepare(dead(24), freq="h")
    assert "stuck" in kinds_of(made)
    assert not set(STALE_KINDS) & kinds_of(made)


def test_a_meter_dead_for_more_than_a_week_is_refused():
    assert "dead meter" in kinds_of(prepare(dead(168), freq="h"))
    with pytest.raises(
        DataError, match="no sound reading after 2025-02-09 22:00 UTC: 169 steps of h are stuck"
    ) as e:
        prepare(dead(169), freq="h")
    assert e.value.exit_code == 3
    assert "--allow-stale" in str(e.value)
    assert "--as-of 2025-02-09T22:00Z" in str(e.value)


def test_it_is_not_refused_when_told_to_go_on_or_to_trust_the_readings():
    made = prepare(dead(300), freq="h", allow_stale=True)
    assert by_kind(made)["dead meter"][0].count == 300
    trusted = prepare(dead(300), freq="h", repair=False)
    assert by_kind(trusted)["dead meter"][0].action == "kept"


def test_of_many_meters_a_dead_one_is_named_and_the_others_are_forecast():
    made = prepare(pd.concat([dead(300), table(load(LENGTH, seed=1), item="b")]), freq="h")
    assert [finding.item_id for finding in by_kind(made)["dead meter"]] == ["a"]
    with pytest.raises(DataError, match="None of 2 meters has a sound reading after"):
        prepare(pd.concat([dead(300), dead(200, item="b", seed=1)]), freq="h")


def test_a_meter_that_was_stuck_for_longer_than_it_is_left_out_is_dead_all_the_same():
    values = load(3000)
    values[-900:] = values[-900]
    made = prepare(table(values), freq="h", allow_stale=True)
    assert by_kind(made)["dead meter"][0].count == 900
    assert len(made.faulty) == 28 * 24


def test_readings_missing_after_a_stuck_stretch_belong_to_the_dead_end():
    rows = dead(40)
    rows.loc[LENGTH - 30 :, "target"] = np.nan
    rows.loc[LENGTH - 60 : LENGTH - 31, "target"] = rows["target"][LENGTH - 60]
    made = prepare(pd.concat([rows, table(load(LENGTH, seed=1), item="b")]), freq="h")
    (finding,) = by_kind(made)["dead meter"]
    assert finding.count == 60
    assert "stuck, missing" in finding.detail
    assert "gap" not in kinds_of(made)


def held(value, hours=200):
    """A load that no rule calls stuck, as it keeps repeating itself, and its last value."""
    coarse = np.round(load(LENGTH) / 40)
    coarse[::9] = 0
    coarse[-hours - 1 :] = 3, *[value] * hours
    return table(coarse)


def test_a_last_value_held_longer_than_any_before_is_named_and_refused_like_a_stuck_one():
    (finding,) = by_kind(prepare(held(2, 100), freq="h"))["dead meter"]
    assert (finding.count, finding.action) == (100, "kept")
    assert "held" in finding.detail
    with pytest.raises(DataError, match="200 steps of h are held"):
        prepare(held(2), freq="h")
    for told in ({"allow_stale": True}, {"repair": False}, {"keep": ["stuck"]}):
        assert by_kind(prepare(held(2), freq="h", **told))["dead meter"][0].count == 200


def test_a_zero_held_longer_than_any_before_is_named_and_not_refused_as_a_site_may_be_shut():
    (finding,) = by_kind(prepare(held(0), freq="h"))["dead meter"]
    assert (finding.count, finding.action) == (200, "kept")


def test_items_that_stopped_are_stale_from_a_day_on():
    late, later = table(load(LENGTH - 24), item="b"), table(load(LENGTH - 25), item="c")
    made = prepare(pd.concat([table(load(LENGTH)), late, later]), freq="h")
    assert [finding.item_id for finding in by_kind(made)["stale item"]] == ["c"]
    assert [finding.item_id for finding in by_kind(made)["gap"]] == ["b"]


@pytest.mark.parametrize(
    ("freq", "limits"), [("15min", (96, 672)), ("h", (24, 168)), ("D", (7, 49)), ("W-SUN", (3, 21)), ("MS", (3, 21))]
)
def test_limits_are_a_day_and_a_week_or_what_they_are_for_longer_steps(freq, limits):
    assert limits_of(freq) == limits


@pytest.mark.parametrize(("steps", "left"), [(0, None), (1, None), (2, 2), (16, 16), (22, 22), (23, None)])
def test_a_last_day_that_is_not_whole_is_reported(steps, left):
    made = prepare(table(load(LENGTH + steps), start="2025-01-05 23:00"), freq="h")
    found = by_kind(made).get("ragged last day", [])
    assert [finding.count for finding in found] == ([] if left is None else [left])
    if found:
        assert found[0].first == stamp("2025-02-16 23:00")
        assert f"{left} of 24 steps" in found[0].sentence()


def test_many_items_have_one_last_day():
    rows = pd.concat([table(load(LENGTH + 9)), table(load(LENGTH + 9, seed=1), item="b")])
    (finding,) = by_kind(prepare(rows, freq="h"))["ragged last day"]
    assert finding.item_id == "all items"


@pytest.mark.parametrize(("hours", "flagged", "refused"), [(20, False, False), (72, True, False), (200, True, True)])
def test_a_meter_that_fell_silent_before_the_time_asked_is_flagged_then_refused(hours, flagged, refused):
    rows = table(load(LENGTH))
    due = rows["timestamp"].iloc[-1] + pd.Timedelta(hours=hours)
    made = prepare(rows, freq="h", due=due, allow_stale=True)
    assert (made.refused is not None) == refused
    assert bool(set(STALE_KINDS) & kinds_of(made)) == flagged
    if flagged:
        (finding,) = by_kind(made)["stale item"]
        assert (finding.count, finding.last, finding.action) == (hours, due, "kept")
    if refused:
        with pytest.raises(DataError, match="200 steps of h are missing"):
            prepare(rows, freq="h", due=due)


def test_rows_without_a_target_are_to_be_forecast_up_to_the_horizon_and_missing_beyond():
    rows = table(load(LENGTH), plan=1.0)
    for empty, horizon, known, silent in (
        (24, None, (), 0),
        (72, 72, (), 0),
        (72, 24, (), 72),
        (72, 24, ("plan",), 0),
    ):
        frame = rows.assign(target=rows["target"].where(np.arange(LENGTH) < LENGTH - empty))
        due = due_reading(frame, known, "h", as_of=None, horizon=horizon)
        assert due == (rows["timestamp"].iloc[-1] if silent else None)
    as_of = rows["timestamp"].iloc[-1] + pd.Timedelta("30min")
    assert due_reading(rows, (), "h", as_of=as_of, horizon=None) == as_of - pd.Timedelta("1h")


@pytest.mark.parametrize(("days", "dead_meter"), [(0.5, False), (2, True), (3, True), (4, False), (6, False)])
def test_a_new_level_at_the_end_is_flagged_for_as_long_as_it_may_be_a_fault_and_never_refused(days, dead_meter):
    values = load(LENGTH)
    values[-round(24 * days) :] += 60
    made = prepare(table(values), freq="h")
    assert made.refused is None
    assert ("dead meter" in kinds_of(made)) == dead_meter
    (level,) = (one for one in by_kind(made)["level shift"] if one.action == "left out")
    assert level.count == min(round(24 * days), 72)
