"""Numbers, steps and times are said in one way."""

from __future__ import annotations

import pandas as pd
import pytest

from forecasting.report.wording import Clock, count, number, percent, plural, step_of, unit_of


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (12.345, "12.3"),
        (999.6, "1,000"),
        (9.996, "10.0"),
        (1234567, "1,230,000"),
        (0.5, "0.500"),
        (0.000123, "0.000123"),
        (0.0000123, "1.23e-05"),
        (-42.04, "-42.0"),
        (0.0, "0"),
        (-0.0, "0"),
        (float("nan"), "n/a"),
        (float("inf"), "n/a"),
    ],
)
def test_a_number_has_three_significant_digits_and_thousands_separators(value, said):
    assert number(value) == said


def test_axis_labels_share_their_decimals_and_know_no_minus_zero():
    assert [number(value, decimals=1) for value in (0.5, 1, 1250, -0.01)] == ["0.5", "1.0", "1,250.0", "0.0"]


def test_counts_are_said_in_full():
    assert count(34168) == "34,168"
    assert (plural(1, "window"), plural(2, "window")) == ("1 window", "2 windows")


@pytest.mark.parametrize(
    ("share", "said"), [(0.78, "78.0 %"), (0.0, "0.0 %"), (0.0004, "under 0.1 %"), (0.0006, "0.1 %")]
)
def test_a_share_that_would_round_to_nothing_is_said_to_be_small(share, said):
    assert percent(share) == said


def test_an_unknown_unit_is_named_after_the_target():
    assert unit_of(None, "kwh") == unit_of("", "kwh") == "units of kwh"
    assert unit_of("MW", "kwh") == "MW"


@pytest.mark.parametrize(
    ("freq", "one", "many", "calendar"),
    [
        ("h", "hour", "24 hours", False),
        ("60min", "hour", "24 hours", False),
        ("min", "minute", "24 minutes", False),
        ("15min", "step of 15 minutes", "24 steps of 15 minutes", False),
        ("2h", "step of 2 hours", "24 steps of 2 hours", False),
        ("90s", "step of 90 seconds", "24 steps of 90 seconds", False),
        ("D", "day", "24 days", True),
        ("24h", "day", "24 days", True),
        ("2D", "step of 2 days", "24 steps of 2 days", True),
        ("B", "working day", "24 working days", True),
        ("W-SUN", "week", "24 weeks", True),
        ("MS", "month", "24 months", True),
        ("ME", "month", "24 months", True),
        ("QS", "quarter", "24 quarters", True),
        ("YS", "year", "24 years", True),
        ("SMS", "step", "24 steps", True),
    ],
)
def test_steps_are_called_hours_only_when_they_are(freq, one, many, calendar):
    step = step_of(freq)
    assert (step.stretch(1), step.span(24), step.calendar) == (one, many, calendar)


def test_times_are_local_and_dates_stay_dates():
    stamp = pd.Timestamp("2024-07-01 22:30", tz="UTC")
    assert Clock(zone="Europe/Paris", step=step_of("15min")).moment(stamp) == "Tue 2 Jul 2024, 00:30"
    midnight = pd.Timestamp("2024-07-01", tz="UTC")
    for freq, said in (("D", "Mon 1 Jul 2024"), ("MS", "Jul 2024"), ("QS", "Q3 2024"), ("YS", "2024")):
        assert Clock(zone="America/New_York", step=step_of(freq)).moment(midnight) == said


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone():
    clock = Clock(zone="Europe/Paris", step=step_of("h"))
    stamps = pd.date_range("2024-10-26 23:00", periods=4, freq="h", tz="UTC")
    assert clock.labels(stamps) == [
        "Sun 27 Oct, 01:00",
        "Sun 27 Oct, 02:00 CEST",
        "Sun 27 Oct, 02:00 CET",
        "Sun 27 Oct, 03:00",
    ]


def test_the_report_is_dated_in_the_zone_of_the_user_whatever_the_step():
    made = Clock(zone="Asia/Tokyo", step=step_of("MS")).made(pd.Timestamp("2024-12-31 18:05", tz="UTC"))
    assert made == "Wed 1 Jan 2025, 03:05 (Asia/Tokyo)"
