"""Scales, ticks, thinning and paths."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.report.svg import (
    Scale,
    area_path,
    line_path,
    milliseconds,
    thin_band,
    thin_line,
    time_ticks,
    value_ticks,
)
from forecasting.report.wording import Clock, step_of

NAN = float("nan")


def test_a_scale_maps_its_ends_and_what_lies_between():
    scale = Scale(low=0, high=10, start=200, end=0)
    assert scale(np.array([0.0, 5.0, 10.0])).tolist() == [200, 100, 0]
    assert Scale(low=3, high=3, start=7, end=9).at(3) == 7


@pytest.mark.parametrize(
    ("low", "high", "labels", "factor"),
    [
        (0, 97, ["0", "20", "40", "60", "80", "100"], ""),
        (97, 103, ["96", "98", "100", "102", "104"], ""),
        (0.2, 0.9, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"], ""),
        (-9, 9, ["-10", "-5", "0", "5", "10"], ""),
        (-90, -10, ["-100", "-80", "-60", "-40", "-20", "0"], ""),
        (5, 5, ["2", "3", "4", "5", "6", "7", "8"], ""),
        (0, 0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"], ""),
        (900_000, 1_400_000, ["0.9", "1.0", "1.1", "1.2", "1.3", "1.4"], "million "),
        (0, 240_000, ["0", "50", "100", "150", "200", "250"], "thousand "),
        (0, 2.4e-6, ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"], "10\N{SUPERSCRIPT MINUS}\N{SUPERSCRIPT SIX} "),
        (NAN, NAN, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"], ""),
    ],
)
def test_value_ticks_are_round_and_enclose_the_range(low, high, labels, factor):
    ticks = value_ticks(low, high)
    assert (list(ticks.labels), ticks.factor) == (labels, factor)
    assert not np.array([ticks.values[0] > low, ticks.values[-1] < high]).any()


def test_zero_is_on_the_axis_when_it_is_near_or_asked_for():
    assert value_ticks(40, 100).values[0] == 0
    assert value_ticks(60, 100).values[0] == 60
    assert value_ticks(60, 100, from_zero=True).values[0] == 0


def ticks_between(first, last, *, freq="h", zone="Europe/Paris", most=10):
    ends = milliseconds(pd.DatetimeIndex([pd.Timestamp(first, tz="UTC"), pd.Timestamp(last, tz="UTC")]))
    clock = Clock(zone=zone, step=step_of(freq))
    ticks = time_ticks(ends[0], ends[1], clock, most=most)
    instants = pd.to_datetime([tick.at for tick in ticks], unit="ms", utc=True)
    return ticks, instants


def test_days_begin_at_local_midnight_on_both_sides_of_a_clock_change():
    ticks, instants = ticks_between("2024-03-28", "2024-04-03")
    assert [str(instant)[:16] for instant in instants[:5]] == [
        "2024-03-28 23:00",
        "2024-03-29 23:00",
        "2024-03-30 23:00",
        "2024-03-31 22:00",
        "2024-04-01 22:00",
    ]
    assert [(tick.label, tick.under) for tick in ticks[:4]] == [
        ("Fri 29", "Mar 2024"),
        ("Sat 30", ""),
        ("Sun 31", ""),
        ("Mon 1", "Apr 2024"),
    ]


def test_ticks_of_hours_survive_a_skipped_and_a_repeated_hour():
    for first, last in (("2024-03-30 22:00", "2024-03-31 10:00"), ("2024-10-26 20:00", "2024-10-27 08:00")):
        ticks, instants = ticks_between(first, last, most=20)
        assert instants.is_monotonic_increasing
        assert instants.is_unique
        assert len(ticks) >= 10


def test_midnight_that_does_not_exist_moves_to_the_first_time_that_does():
    # In Santiago the clock went from 24:00 on 7 September 2024 to 01:00.
    _, instants = ticks_between("2024-09-06", "2024-09-10", zone="America/Santiago")
    assert pd.Timestamp("2024-09-08 04:00", tz="UTC") in list(instants)


@pytest.mark.parametrize(
    ("first", "last", "freq", "labels"),
    [
        ("2024-05-01", "2024-05-02 12:00", "h", ["00:00", "06:00", "12:00", "18:00", "00:00", "06:00", "12:00"]),
        ("2024-05-01", "2024-06-20", "h", ["6 May", "13 May", "20 May", "27 May", "3 Jun", "10 Jun", "17 Jun"]),
        ("2024-01-01", "2024-12-01", "MS", ["Jan", "Mar", "May", "Jul", "Sep", "Nov"]),
        ("2024-01-01", "2024-03-01", "MS", ["Jan", "Feb", "Mar"]),
        ("1990-01-01", "2024-01-01", "YS", ["1990", "1995", "2000", "2005", "2010", "2015", "2020"]),
        ("2020-01-01", "2023-01-01", "YS", ["2020", "2021", "2022", "2023"]),
    ],
)
def test_ticks_stand_where_the_readers_own_units_begin(first, last, freq, labels):
    ticks, _ = ticks_between(first, last, freq=freq, zone="UTC", most=8)
    assert [tick.label for tick in ticks] == labels


@pytest.mark.parametrize("days", [0.1, 1, 3, 10, 40, 200, 900, 5000, 40000])
def test_there_are_never_more_ticks_than_fit(days):
    last = pd.Timestamp("1980-01-01") + pd.Timedelta(days=days)
    ticks, _ = ticks_between("1980-01-01", str(last), most=9)
    assert 1 <= len(ticks) <= 10


def test_thinning_a_line_keeps_its_peaks_and_its_order():
    values = np.sin(np.arange(10_000) / 50)
    values[[1234, 8765]] = [9.0, -9.0]
    x, thinned = thin_line(np.arange(10_000.0), values, 500)
    assert len(x) <= 500
    assert (thinned.max(), thinned.min()) == (9.0, -9.0)
    assert (np.diff(x) > 0).all()


def test_thinning_keeps_gaps_longer_than_a_stretch():
    values = np.ones(10_000)
    values[3000:4000] = np.nan
    x, thinned = thin_line(np.arange(10_000.0), values, 500)
    assert np.isnan(thinned[(x > 3100) & (x < 3900)]).all()


def test_thinning_a_band_gives_its_envelope():
    lower, upper = -np.arange(1000.0) % 7, 10 + np.arange(1000.0) % 7
    upper[:20] = np.nan
    x, low, high = thin_band(np.arange(1000.0), lower, upper, 100)
    assert len(x) == 100
    assert np.isnan(low[:2]).all()
    assert low[2:].min() == lower.min()
    assert (high[2:] == 16).all()


def test_short_series_are_not_thinned():
    x, values = np.arange(50.0), np.arange(50.0)
    assert thin_line(x, values, 100)[1] is values
    assert thin_band(x, values, values, 100)[1] is values


def test_a_path_breaks_at_a_gap_and_a_lone_point_is_a_dash():
    x = np.array([0.0, 10.0, 20.0, 30.0, 40.0])
    assert line_path(x, np.array([1.0, 2.5, NAN, 4.0, NAN])) == "M0,1l10 1.5M27.0,4.0h6"
    assert line_path(x, np.full(5, NAN)) == ""


def test_steps_of_a_path_do_not_drift():
    x = np.arange(3000) / 3
    path = line_path(x, np.zeros(3000))
    steps = [float(step) for step in path.split("l")[1].split()[::2]]
    assert abs(sum(steps) - x[-1]) < 0.051


def test_an_area_is_closed_and_breaks_at_a_gap():
    x = np.array([0.0, 10.0, 20.0, 30.0])
    path = area_path(x, np.array([5.0, 5.0, NAN, 5.0]), np.array([1.0, 1.0, 1.0, 1.0]))
    assert path == "M0,1l10 0L10,5l-10 0ZM27,1l6 0L33,5l-6 0Z"
