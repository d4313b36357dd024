"""Times some seconds off their step."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import IrregularTimestampsError
from connectors.files.read import SourceOptions, read_table

HOURS = pd.date_range("2024-03-15", periods=300, freq="h")


def read(times, **options):
    rows = pd.DataFrame({"at": times, "kwh": np.arange(float(len(times)))})
    return read_table(rows, SourceOptions(target="kwh", **options))


@pytest.mark.parametrize("freq", ["h", "15min"])
@pytest.mark.parametrize("options", [{}, {"given": True}])
def test_times_some_seconds_early_or_late_stand_at_their_minute(freq, options):
    times = pd.date_range("2024-03-15 00:07", periods=300, freq=freq)
    late = np.random.default_rng(0).integers(-12, 13, len(times))
    table = read(times + pd.to_timedelta(late, unit="s"), **({"freq": freq} if options else {}))
    assert table.freq == freq
    assert table.frame["timestamp"].dt.tz_localize(None).tolist() == list(times)
    assert table.frame["target"].tolist() == list(range(300))
    assert f"{np.count_nonzero(late)} times were moved to the nearest minute, by 12 s at most" in table.notes


def test_meters_that_are_late_each_in_its_way_stay_apart():
    late = np.random.default_rng(0).integers(-12, 13, 5 * len(HOURS))
    rows = pd.DataFrame({"at": np.repeat(HOURS, 5) + pd.to_timedelta(late, unit="s"), "meter": list("abcde") * 300})
    table = read_table(rows.assign(kwh=1.0), SourceOptions(target="kwh"))
    assert (table.item, table.freq) == ("meter", "h")
    assert table.frame.groupby("item_id")["timestamp"].nunique().tolist() == 5 * [300]


@pytest.mark.parametrize("freq", ["45s", "90s", "10s", "61min", "3601s"])
def test_a_step_of_seconds_stays_one(freq):
    times = pd.date_range("2024-03-15 00:00:30", periods=300, freq=freq)
    table = read(times)
    assert table.frame["timestamp"].dt.tz_localize(None).tolist() == list(times)
    assert not any("nearest minute" in note for note in table.notes)


def test_single_readings_off_their_step_stay_where_they_are():
    """The doctor is told of them."""
    times = HOURS.to_series().reset_index(drop=True)
    times[100] += pd.Timedelta(seconds=70)
    table = read(times)
    assert table.frame["timestamp"].dt.tz_localize(None).tolist() == list(times)


def test_times_without_any_step_are_refused_as_before():
    late = np.random.default_rng(0).integers(0, 3600, len(HOURS))
    with pytest.raises(IrregularTimestampsError, match="no regular step"):
        read(HOURS + pd.to_timedelta(late, unit="s"))
