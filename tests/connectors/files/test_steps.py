"""The step is the one most rows keep, months and weeks by the calendar."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, IrregularTimestampsError
from connectors.files.steps import check_freq, date_floor, infer_step, is_calendar


def infer(times, items=None):
    times = pd.DatetimeIndex(times).to_numpy().astype("M8[ns]")
    return infer_step(np.zeros(len(times), dtype=np.int64) if items is None else np.array(items), times)


@pytest.mark.parametrize(
    "freq",
    ["30s", "min", "5min", "10min", "15min", "30min", "h", "2h", "6h", "D", "2D", "W-MON", "W-SUN", "MS", "2MS",
     "QS", "QS-FEB", "YS", "YS-APR"],
)  # fmt: skip
def test_every_step_is_found_with_its_anchor(freq):
    times = pd.date_range("2024-01-01", periods=30, freq=freq)
    assert infer(times).freq == freq
    assert infer(times[::-1]).share == 1.0


@pytest.mark.parametrize(
    ("ends", "freq", "first"),
    [("ME", "MS", "2023-01-01"), ("QE", "QS", "2023-01-01"), ("QE-NOV", "QS-MAR", "2022-12-01"),
     ("YE", "YS", "2023-01-01"), ("YE-MAR", "YS-APR", "2022-04-01")],
)  # fmt: skip
def test_ends_of_periods_become_their_starts(ends, freq, first):
    times = pd.date_range("2023-01-01", periods=12, freq=ends)
    assert infer(times).freq == freq
    starts = pd.date_range(first, periods=12, freq=freq)
    assert (date_floor(times.to_numpy(), freq) == starts.to_numpy()).all()


def test_one_date_gone_astray_does_not_turn_years_into_days():
    times = [*pd.date_range("1990-01-01", periods=30, freq="YS"), pd.Timestamp("2001-01-13")]
    assert infer(times).freq == "YS"


def test_gaps_duplicates_and_other_items_do_not_matter():
    times = pd.date_range("2024-01-01", periods=100, freq="h")
    messy = [*times[:40], *times[45:], *times[:3], *(times + pd.Timedelta("30min"))]
    step = infer(messy, items=[0] * 98 + [1] * 100)
    assert step.freq == "h"
    assert step.share > 0.98


def test_without_a_clear_majority_the_steps_seen_are_named():
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.cumsum([1, 2, 3, 1, 2, 3, 1, 2, 3]), unit="h")
    with pytest.raises(IrregularTimestampsError, match=r"3 h \(.*--freq"):
        infer(times)


def test_a_single_time_has_no_step():
    with pytest.raises(IrregularTimestampsError, match="--freq"):
        infer(["2024-01-01"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [("60min", "h"), ("24h", "D"), ("1h", "h"), ("H", "h"), ("15T", "15min"), ("M", "MS"), ("ME", "MS"),
     ("QE", "QS"), ("W", "W-SUN"), ("W-MON", "W-MON"), ("QS-JAN", "QS"), ("YS", "YS"), ("QS-FEB", "QS-FEB"),
     ("1h30min", "90min")],
)  # fmt: skip
def test_a_step_given_gets_its_one_spelling(given, expected):
    assert check_freq(given) == expected


@pytest.mark.parametrize("given", ["hourly", "", "-1h", "0h", "abc"])
def test_what_is_no_step_is_refused(given):
    with pytest.raises(ConfigError, match="step"):
        check_freq(given)


def test_days_and_longer_are_dates():
    assert [is_calendar(freq) for freq in ("h", "23h", "D", "2D", "W-MON", "MS", "YS")] == [False] * 2 + [True] * 5


@pytest.mark.parametrize("freq", ["D", "W-MON", "W-SUN", "MS", "QS", "QS-FEB", "YS", "YS-APR"])
def test_the_floor_of_a_time_is_the_start_of_its_step(freq):
    starts = pd.date_range("2019-06-01", periods=30, freq=freq)
    inside = starts[:-1] + (starts[1:] - starts[:-1]) * 0.7
    assert (date_floor(inside.to_numpy(), freq) == starts[:-1].to_numpy()).all()
    assert (date_floor(starts.to_numpy(), freq) == starts.to_numpy()).all()
