"""A clock without an offset gives its zone away in the nights it is changed, and in no other way."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import IrregularTimestampsError
from connectors.files.clockchange import find_zone
from connectors.files.read import SourceOptions, read_table


def local(zone, first, days, freq="h"):
    """What a clock of a zone shows, and the instants."""
    start = pd.Timestamp(first, tz=zone)
    times = pd.date_range(start, start + pd.DateOffset(days=days), freq=freq, inclusive="left")
    return times.tz_localize(None).to_numpy().astype("M8[ns]"), times.tz_convert("UTC")


def found(wall):
    answer = find_zone(wall, np.zeros(len(wall), dtype=np.int64), ask="meter.csv")
    return None if answer is None else answer[0]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/London", "Europe/Helsinki"])
@pytest.mark.parametrize("freq", ["h", "30min", "15min"])
@pytest.mark.parametrize("first", ["2023-10-20", "2024-03-20", "2022-01-01"])
def test_a_zone_is_told_by_the_hour_it_repeats_or_skips(zone, freq, first):
    wall, _ = local(zone, first, 15 if first != "2022-01-01" else 800, freq)
    assert found(wall) == zone
    assert found(wall[::-1]) == zone


def test_other_names_of_the_same_clock_are_read_as_well():
    wall, utc = local("Europe/Berlin", "2024-01-01", 366)
    table = read_table(pd.DataFrame({"time": wall, "load": range(len(wall))}), SourceOptions(target="load"))
    assert table.time_zone == "Europe/Paris"
    assert table.frame["timestamp"].tolist() == list(utc)
    guess = next(guess for guess in table.guesses if guess.what == "time zone")
    assert guess.why == "the hour of 2024-10-27 02:00 stands twice, as on the clock of Central Europe"


@pytest.mark.parametrize("zone", ["America/New_York", "America/Denver", "Australia/Sydney"])
def test_zones_that_change_in_one_hour_are_asked_for(zone):
    wall, utc = local(zone, "2024-01-01", 366)
    frame = pd.DataFrame({"time": wall, "load": range(len(wall))})
    with pytest.raises(IrregularTimestampsError, match=f"Give --time-zone .*{zone}"):
        read_table(frame, SourceOptions(target="load"))
    table = read_table(frame, SourceOptions(target="load", time_zone=zone))
    assert table.frame["timestamp"].tolist() == list(utc)
    kept = read_table(frame, SourceOptions(target="load", time_zone="UTC"))
    assert kept.frame["timestamp"].duplicated().sum() == 1


@pytest.mark.parametrize(
    "wall",
    [
        local("UTC", "2023-01-01", 800)[0],
        local("Etc/GMT-1", "2023-01-01", 800)[0],
        np.repeat(local("Etc/GMT-1", "2024-10-20", 15)[0], 2),  # a file written twice
        local("UTC", "2024-03-20", 15, "6h")[0],
        np.delete(local("UTC", "2024-03-20", 15)[0], np.s_[260:268]),  # a night's hole
        np.sort(np.append(local("UTC", "2024-10-20", 15)[0], np.datetime64("2024-10-25T02:00", "ns"))),
        local("Europe/Paris", "2024-05-01", 60)[0],
        np.array(["1980-01-01", "2099-01-01"], dtype="M8[ns]"),
    ],
    ids=["UTC", "fixed", "twice", "steps of 6 h", "a hole", "a row twice", "no change in it", "a mistyped year"],
)
def test_a_clock_that_shows_no_change_is_none(wall):
    assert found(wall) is None


def test_a_file_that_contradicts_itself_is_not_guessed():
    """One autumn with its hour twice, two with it once."""
    twice, _ = local("Europe/Paris", "2024-10-20", 15)
    once = [local("Etc/GMT-1", f"{year}-10-20", 15)[0] for year in (2022, 2023)]
    assert found(np.concatenate([*once, twice])) is None


def test_times_with_an_offset_or_a_zone_are_left_alone():
    times = pd.date_range("2024-10-26", periods=60, freq="h", tz="Europe/Paris")
    frame = pd.DataFrame({"time": [time.isoformat() for time in times], "load": range(60)})
    table = read_table(frame, SourceOptions(target="load"))
    assert (table.time_zone, table.frame["timestamp"].tolist()) == ("UTC", list(times))
