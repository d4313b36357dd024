"""Meter registers: what was used between readings, through the last digit and over an exchange of the meter."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import UnreadableFileError
from connectors.files.read import SourceOptions, read_table
from connectors.files.register import differences, take_differences


def hours(number):
    return np.datetime64("2024-01-01", "h") + np.arange(number)


def test_a_counter_goes_on_from_zero_behind_its_last_digit():
    used = differences(np.array([99990.0, 99995.0, 1.0, 7.0]), hours(4))
    assert used.values.tolist() == [5, 6, 6]
    assert used.rollovers.tolist() == [False, True, False]
    assert not used.joints.any()


def test_a_fall_from_the_middle_is_an_exchange_whose_step_is_not_known():
    used = differences(np.array([500.0, 504.0, 2.0, 7.0]), hours(4))
    np.testing.assert_array_equal(used.values, [4, np.nan, 5])
    assert used.joints.tolist() == [False, True, False]


def test_a_fall_near_the_end_is_no_rollover_when_the_step_would_be_huge():
    used = differences(np.array([990.0, 992.0, 500.0, 502.0]), hours(4))
    assert used.joints.tolist() == [False, True, False]


def test_a_hole_may_hold_more_than_one_step_behind_the_last_digit():
    times = hours(10)[[0, 1, 9]]
    used = differences(np.array([9990.0, 9995.0, 33.0]), times)
    assert used.values.tolist() == [5, 38]


def test_another_meter_is_an_exchange_even_when_its_register_stands_higher():
    used = differences(np.array([10.0, 14.0, 900.0, 903.0]), hours(4), np.array([0, 0, 1, 1]))
    np.testing.assert_array_equal(used.values, [4, np.nan, 3])


def frame(stamps, values, items="a", **more):
    times = pd.DatetimeIndex(stamps).tz_localize("UTC")
    return pd.DataFrame({"item_id": items, "timestamp": times, "target": np.array(values, dtype=float), **more})


def test_a_difference_over_a_hole_belongs_to_no_step():
    source = frame(["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 05:00", "2024-01-01 06:00"], [0, 2, 20, 23])
    before = source.copy()
    used, notes = take_differences(source, "h", None)
    pd.testing.assert_frame_equal(source, before)
    np.testing.assert_array_equal(used["target"], [2, np.nan, 3])
    assert notes == (
        "1 difference spans several steps and belongs to none of them: first from 2024-01-01 01:00 UTC",
    )


def test_items_have_registers_of_their_own_and_rows_written_twice_count_once():
    stamps = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 01:00", "2024-01-01 02:00"]
    source = frame(stamps * 2, [0, 2, 2, 5, 100, 101, 101, 104], ["a"] * 4 + ["b"] * 4)
    used, _ = take_differences(source, "h", None)
    assert used["item_id"].tolist() == ["a", "a", "b", "b"]
    assert used["target"].tolist() == [2, 3, 1, 3]


def test_rows_behind_the_last_reading_stay_for_their_covariates():
    stamps = pd.date_range("2024-01-01", periods=4, freq="h")
    used, _ = take_differences(frame(stamps, [0, 2, 5, np.nan], temp=[1.0, 2.0, 3.0, 4.0]), "h", None)
    np.testing.assert_array_equal(used["target"], [2, 3, np.nan, np.nan])
    assert used["temp"].tolist() == [1, 2, 3, 4]


def test_months_are_steps_too():
    used, notes = take_differences(
        frame(pd.date_range("2024-01-01", periods=4, freq="MS"), [0, 31, 60, 91]), "MS", None
    )
    assert (used["target"].tolist(), notes) == ([31, 29, 31], ())


def test_the_meter_of_a_file_is_found_by_its_name(tmp_path):
    path = tmp_path / "site.csv"
    rows = [("A", 10), ("A", 14), ("B", 900), ("B", 903), ("B", 909)]
    lines = [f"2024-01-01 0{hour}:00;{meter};{value}" for hour, (meter, value) in enumerate(rows)]
    path.write_text("\n".join(["time;n° compteur;index (kWh)", *lines]))
    table = read_table(path, SourceOptions(target="index (kWh)"))
    np.testing.assert_array_equal(table.frame["target"], [4, np.nan, 3, 6])
    assert table.unit == "kWh"
    assert any("exchanged or reset" in note for note in table.notes)
    assert not any("is not used" in note for note in table.notes)


def test_one_reading_of_a_register_is_none(tmp_path):
    path = tmp_path / "site.csv"
    path.write_text("time,index\n2024-01-01 00:00,5\n2024-01-01 01:00,\n2024-01-01 02:00,\n")
    with pytest.raises(UnreadableFileError, match="single reading"):
        read_table(path, SourceOptions(target="index", register="differences"))


@settings(deadline=None, max_examples=60)
@given(
    used=st.lists(st.integers(1, 9), min_size=8, max_size=60),
    first=st.integers(0, 99_999),
    cut=st.integers(1, 7),
    new=st.integers(0, 500),
)
def test_all_that_was_used_comes_out_but_the_step_of_the_exchange(used, first, cut, new):
    """Through any number of last digits, and over one exchange of the meter."""
    stands = np.concatenate([[first], first + np.cumsum(used)]).astype(float)
    meters = (np.arange(len(stands)) > cut).astype(np.int64)
    stands[meters == 1] += new - stands[cut + 1]
    found = differences(stands % 100_000, hours(len(stands)), meters)
    known = np.delete(np.array(used, dtype=float), cut)
    np.testing.assert_array_equal(np.delete(found.values, cut), known)
    assert np.isnan(found.values[cut])
