"""The grid a table lies on."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, IrregularTimestampsError
from forecasting.grid import day_of, lay_grid, parse_step, steps_in


@pytest.mark.parametrize(
    ("freq", "day"), [("15min", 96), ("h", 24), ("3h", 8), ("D", 1), ("24h", 1), ("W", 1), ("MS", 1), ("7h", 3)]
)
def test_steps_in_a_day(freq, day):
    assert day_of(freq) == day


def test_months_hold_no_fixed_number_of_steps():
    assert steps_in("7D", "D") == 7
    assert steps_in("7D", "MS") == 0


@pytest.mark.parametrize("freq", ["hourly", "", "-1h"])
def test_an_unknown_step_is_refused(freq):
    with pytest.raises(ConfigError, match="There is no step"):
        parse_step(freq)


@pytest.mark.parametrize("freq", ["h", "15min", "D", "2D", "W-WED", "MS", "2MS", "QS-FEB", "YS"])
def test_positions_count_steps_from_the_first_stamp(freq):
    stamps = pd.date_range("2001-01-01", periods=40, freq=freq, tz="UTC").as_unit("ns")
    shuffled = np.random.default_rng(0).permutation(40)
    grid = lay_grid(stamps[shuffled], freq)
    assert grid.positions.tolist() == shuffled.tolist()
    assert grid.stamps.equals(stamps)


def test_no_length_of_history_loses_its_last_step():
    stamps = pd.date_range("2016-01-01", periods=6553, freq="h", tz="UTC").as_unit("ns")
    assert len(lay_grid(stamps, "h").stamps) == 6553


def test_the_phase_of_most_stamps_wins():
    even = pd.date_range("2001-01-01 00:10", periods=40, freq="h", tz="UTC").as_unit("ns")
    grid = lay_grid(even.append(pd.DatetimeIndex(["2001-01-01 03:00"], tz="UTC")), "h")
    assert grid.positions[-1] == -1
    assert grid.stamps[0] == even[0]
    months = pd.date_range("2001-02-01", periods=40, freq="2MS", tz="UTC")
    grid = lay_grid(months.append(pd.DatetimeIndex(["2001-01-01"], tz="UTC")), "2MS")
    assert grid.positions[-1] == -1
    assert (grid.positions[:-1] == np.arange(40)).all()


def test_days_begin_at_midnight():
    with pytest.raises(IrregularTimestampsError, match="40 of 40"):
        lay_grid(pd.date_range("2001-01-01 06:00", periods=40, freq="D", tz="UTC"), "D")


def test_a_mistyped_year_is_refused_before_it_fills_the_memory():
    stamps = pd.DatetimeIndex(["2025-01-01", "2025-01-02", "2205-01-03"], tz="UTC")
    with pytest.raises(IrregularTimestampsError, match="mistyped date"):
        lay_grid(stamps, "h")
