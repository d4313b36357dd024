"""A local clock becomes UTC right through both clock changes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigError
from connectors.files.local import check_zone, localise

PARIS = "Europe/Paris"


def place(wall, zone=PARIS, items=None):
    wall = np.array(wall, dtype="M8[ns]")
    items = np.zeros(len(wall), dtype=np.int64) if items is None else np.array(items)
    return localise(wall, items, zone)


def local_clock(start, periods, freq, zone=PARIS):
    utc = pd.date_range(start, periods=periods, freq=freq, tz="UTC")
    return utc.tz_localize(None).to_numpy(), utc.tz_convert(zone).tz_localize(None).to_numpy()


@pytest.mark.parametrize("freq", ["h", "30min", "15min"])
@pytest.mark.parametrize("day", ["2024-03-31", "2024-10-27"])
def test_a_day_with_a_clock_change_comes_back_in_file_order_and_reversed(day, freq):
    utc, wall = local_clock(pd.Timestamp(day) - pd.Timedelta(days=1), 200, freq)
    assert (place(wall).utc == utc).all()
    assert (place(wall[::-1]).utc == utc[::-1]).all()


def test_items_have_their_own_order():
    """One ascends, the other descends, their rows alternate."""
    utc, wall = local_clock("2024-10-26 20:00", 12, "h")
    mixed = np.empty(24, dtype="M8[ns]")
    mixed[::2], mixed[1::2] = wall, wall[::-1]
    made = place(mixed, items=[0, 1] * 12)
    assert (made.utc[::2] == utc).all()
    assert (made.utc[1::2] == utc[::-1]).all()


def test_equal_times_side_by_side_are_told_apart_too():
    made = place(["2024-10-27T02:00", "2024-10-27T02:00", "2024-10-27T02:30", "2024-10-27T02:30"])
    assert made.utc.astype("M8[m]").astype(str).tolist() == [
        "2024-10-27T00:00", "2024-10-27T01:00", "2024-10-27T00:30", "2024-10-27T01:30",
    ]  # fmt: skip


def test_a_missing_quarter_is_placed_by_its_neighbours():
    """02:15 is missing in the first pass, 02:45 in the second."""
    utc, wall = local_clock("2024-10-26 23:00", 12, "15min")
    kept = np.ones(12, dtype=bool)
    kept[[5, 11]] = False
    made = place(wall[kept])
    assert (made.utc == utc[kept]).all()
    assert not made.single.any()


def test_an_hour_that_stands_once_is_winter_time_and_marked():
    made = place(["2024-10-27T01:00", "2024-10-27T02:00", "2024-10-27T03:00"])
    assert str(made.utc[1].astype("M8[h]")) == "2024-10-27T01"
    assert made.single.tolist() == [False, True, False]


def test_an_hour_that_does_not_exist_has_no_instant():
    made = place(["2024-03-31T01:00", "2024-03-31T02:00", "2024-03-31T03:00"])
    assert np.isnat(made.utc).tolist() == [False, True, False]
    assert made.skipped.tolist() == [False, True, False]


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "Europe/London"]),
    st.integers(2005, 2030),
    st.sampled_from(["h", "30min"]),
)
def test_a_year_on_any_clock_comes_back(zone, year, freq):
    if zone == "Australia/Lord_Howe":
        freq = "30min"  # its clock changes by half an hour
    utc, wall = local_clock(f"{year}-01-01", 8760, freq, zone)
    assert (place(wall, zone).utc == utc).all()


@pytest.mark.parametrize(
    ("name", "near"),
    [("Europe/Pariss", "Europe/Paris"), ("paris", "Europe/Paris"), ("europe/paris", "Europe/Paris")],
)
def test_an_unknown_zone_is_refused_with_the_near_one(name, near):
    with pytest.raises(ConfigError, match="time zone") as caught:
        check_zone(name)
    assert near in str(caught.value)
    assert len(str(caught.value)) < 250
