"""Readings with a length of their own: what is covered is averaged or added up, what is not is missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigError, IrregularTimestampsError
from connectors.files.intervals import Readings, lengths, to_one_step

MINUTE = 60_000_000_000


def readings(start, minutes, values, *, added=False, items=None):
    return Readings(
        start=np.array(start, dtype="M8[ns]"),
        length=np.array(minutes, dtype=np.int64) * MINUTE,
        values={"value": np.array(values, dtype=float)},
        added=frozenset({"value"} if added else ()),
        items=np.array(items or ["a"] * len(values), dtype=object),
    )


def seen(*gaps, at_end):
    """Lengths in minutes of readings with some gaps between them."""
    times = np.datetime64("2024-01-01", "ns") + np.cumsum([0, *gaps]) * np.timedelta64(1, "m")
    return (lengths(times, np.zeros(len(times), dtype=np.int64), at_end=at_end) // MINUTE).tolist()


def test_the_step_changes_with_the_first_reading_of_the_new_one():
    assert seen(30, 30, 30, 30, 15, 15, 15, 15, at_end=True) == [30] * 5 + [15] * 4
    assert seen(30, 30, 30, 30, 15, 15, 15, 15, at_end=False) == [30] * 4 + [15] * 5


def test_a_hole_and_a_stray_reading_keep_the_step_around_them():
    assert seen(30, 30, 30, 30, 120, 30, 14, 16, 30, 30, at_end=True) == [30] * 11
    assert seen(90, 30, 30, 30, 30, at_end=True) == [30] * 6
    assert seen(30, 30, 60, at_end=True) == [30] * 4


def test_an_item_with_one_reading_takes_the_step_of_the_others():
    times = np.array(["2024-01-01T00:00", "2024-01-01T01:00", "2024-01-01T05:00"], dtype="M8[ns]")
    assert (lengths(times, np.array([0, 0, 1]), at_end=True) // MINUTE).tolist() == [60, 60, 60]
    with pytest.raises(IrregularTimestampsError, match="no step to see in 1 reading"):
        lengths(times[:1], np.array([0]), at_end=True)


def test_a_strange_length_here_and_there_does_not_set_the_step():
    start = pd.date_range("2024-01-01", periods=400, freq="30min")
    found = to_one_step(readings(start, [30] * 399 + [60], range(400)), None, "UTC")
    assert found.freq == "30min"
    assert any("1 reading reaches over the border" in note for note in found.notes)


def test_overlapping_readings_are_not_whole():
    start = ["2024-01-01T00:00", "2024-01-01T00:15", "2024-01-01T00:45", "2024-01-01T01:00", "2024-01-01T01:30"]
    found = to_one_step(readings(start, [30, 15, 15, 30, 30], [1, 2, 3, 4, 6]), "h", "UTC")
    assert np.isnan(found.readings.values["value"][0])
    assert found.readings.values["value"][1] == 5


def test_rows_of_one_time_count_once_and_are_averaged_where_they_differ():
    start = ["2024-01-01T00:00", "2024-01-01T00:00", "2024-01-01T00:30", "2024-01-01T00:30", "2024-01-01T00:30"]
    found = to_one_step(readings(start, [30] * 5, [1, 1, 3, 5, 5], added=True), "h", "UTC")
    assert found.readings.values["value"].tolist() == [1 + 4]


def test_a_missing_value_makes_its_step_missing():
    start = pd.date_range("2024-01-01", periods=4, freq="30min")
    found = to_one_step(readings(start, [30] * 4, [1, np.nan, 3, 4], added=True), "h", "UTC")
    np.testing.assert_array_equal(found.readings.values["value"], [np.nan, 7])


def test_nothing_covered_is_an_error_and_not_an_empty_table():
    with pytest.raises(ConfigError, match="No interval of 10min"):
        to_one_step(readings(["2024-01-01"], [30], [1]), "10min", "UTC")
    with pytest.raises(ConfigError, match="--freq D"):
        to_one_step(readings(["2024-01-01"], [30], [1]), "W-MON", "UTC")


@settings(deadline=None, max_examples=60)
@given(
    steps=st.lists(st.sampled_from([60, 30, 15]), min_size=1, max_size=4),
    hours=st.lists(st.integers(5, 8), min_size=4, max_size=4),
    seed=st.integers(0, 10_000),
    holes=st.integers(0, 3),
)
def test_no_energy_is_lost_or_made(steps, hours, seed, holes):
    """What whole steps hold is the sum of their parts, for energy and for power times its time, in any order."""
    chance = np.random.default_rng(seed)
    minutes = np.concatenate([np.full(60 // step * hour, step) for step, hour in zip(steps, hours, strict=False)])
    start = np.datetime64("2024-03-30T12:00", "ns") + (np.cumsum(minutes) - minutes) * np.timedelta64(1, "m")
    values = chance.integers(0, 1000, len(minutes)).astype(float)
    kept = np.ones(len(minutes), dtype=bool)
    kept[chance.integers(0, len(minutes), holes)] = False
    order = chance.permutation(np.flatnonzero(kept))
    size = max(steps[: len(hours)])
    bins = (start.astype(np.int64) // MINUTE) // size
    whole = ~np.isin(bins, bins[~kept])
    power = to_one_step(readings(start[order], minutes[order], values[order]), f"{size}min", "UTC")
    energy = to_one_step(readings(start[order], minutes[order], values[order], added=True), f"{size}min", "UTC")
    assert np.nansum(energy.readings.values["value"]) == values[whole].sum()
    expected = (values * minutes)[whole].sum()
    assert np.nansum(power.readings.values["value"]) * size == pytest.approx(expected, rel=1e-12)
