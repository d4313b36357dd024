"""When forecasts are issued, what has arrived by then, and which steps are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.backtest import actuals
from backtests.issue import issues, live_end, on_issue, with_reach
from backtests.task import Task
from backtests.windows import last_windows, plan_final, plan_selection
from connectors.errors import ConfigError
from forecasting.forecasters import FORECASTERS, build
from tests.contracts.series import poisoned, task, view

PARIS = {"freq": "h", "time_zone": "Europe/Paris", "seasonality": (24, 168)}


def grid_of(first, last):
    return pd.date_range(first, last, freq="h", tz="UTC")


def local(instants, zone="Europe/Paris"):
    return pd.DatetimeIndex(np.atleast_1d(instants)).tz_localize("UTC").tz_convert(zone)


def asked_stamps(grid, found, position):
    longer = pd.date_range(grid[0], periods=len(grid) + 200, freq="h")
    return longer[position + found.first[position] : position + found.last[position] + 1].tz_convert("Europe/Paris")


def test_without_delay_a_forecast_is_issued_when_the_interval_of_its_cutoff_ends():
    grid = grid_of("2024-03-01", "2024-03-10 23:00")
    found = issues(grid, len(grid), Task(horizon=24, **PARIS))
    assert (found.issued_at == (grid + pd.Timedelta(hours=1)).as_unit("ns").asi8).all()
    assert (found.first == 1).all()
    assert (found.last == 24).all()


def test_a_delay_and_a_lead_move_the_steps_asked_for():
    """Readings two hours late, due three hours ahead: from the sixth step after the cutoff on."""
    grid = grid_of("2024-03-01", "2024-03-10 23:00")
    late = with_reach(grid, Task(horizon=24, delay=pd.Timedelta("2h"), lead=pd.Timedelta("3h"), **PARIS))
    found = issues(grid, len(grid), late)
    assert (late.horizon, late.steps) == (29, 24)
    assert (found.first == 6).all()
    assert (found.last == 29).all()
    assert (found.issued_at == (grid + pd.Timedelta(hours=3)).as_unit("ns").asi8).all()


@pytest.mark.parametrize(("day", "hours"), [("2024-03-30", 23), ("2024-10-26", 25), ("2024-07-01", 24)])
def test_tomorrow_issued_today_at_ten_is_a_local_day_whatever_the_clocks_do(day, hours):
    grid = grid_of("2024-01-01", f"{day} 23:00")
    day_ahead = with_reach(grid, Task(horizon=24, issue_at="10:00", **PARIS))
    found = issues(grid, len(grid), day_ahead)
    ten = pd.Timestamp(f"{day} 10:00", tz="Europe/Paris")
    cutoff = found.cutoff_of(ten.value)
    assert grid[cutoff] + pd.Timedelta(hours=1) == ten
    assert local(found.issued_at[cutoff])[0] == ten
    stamps = asked_stamps(grid, found, cutoff)
    assert len(stamps) == hours
    tomorrow = pd.Timestamp(day, tz="Europe/Paris") + pd.DateOffset(days=1)
    assert stamps[0] == tomorrow
    assert stamps[-1] + pd.Timedelta(hours=1) == tomorrow + pd.DateOffset(days=1)
    assert found.last[cutoff] <= day_ahead.horizon


def test_readings_of_a_day_that_arrive_together_the_next_morning():
    """At ten the readings up to midnight have arrived; at four those of the day before yesterday."""
    grid = grid_of("2024-01-01", "2024-04-20")
    late = Task(horizon=24, arrives_at="05:00", issue_at="10:00", **PARIS)
    found = issues(grid, len(grid), late)
    for clock, last in (("10:00", "2024-04-10 23:00"), ("05:00", "2024-04-10 23:00"), ("04:59", "2024-04-09 23:00")):
        at = found.cutoff_of(pd.Timestamp(f"2024-04-11 {clock}", tz="Europe/Paris").value)
        assert grid[at] == pd.Timestamp(last, tz="Europe/Paris")
    arrives = local(found.arrives_at)
    assert ((arrives.hour == 5) & (arrives.minute == 0)).all()
    assert (arrives.normalize() - local(grid.as_unit("ns").asi8).normalize() >= pd.Timedelta(hours=23)).all()


def test_windows_stay_at_the_hour_of_issue_over_both_changes_of_the_clock():
    for end in ("2024-04-04", "2024-11-03"):
        grid = grid_of("2024-01-01", f"{end} 23:00")
        day_ahead = with_reach(grid, Task(horizon=24, issue_at="10:00", delay=pd.Timedelta("1h"), **PARIS))
        live = issues(grid, len(grid), day_ahead).cutoff_of(pd.Timestamp(f"{end} 10:00", tz="Europe/Paris").value)
        found = issues(grid, live + 1, day_ahead)
        windows = last_windows(live + 1, day_ahead, number=10, step=24)
        moved = on_issue(windows, found, live + 1)
        assert moved.number == 10
        issued = local(found.issued_at[moved.positions])
        assert set(issued.hour) == {10}
        assert (issued.normalize()[1:] - issued.normalize()[:-1] >= pd.Timedelta(hours=23)).all()
        assert (grid[moved.positions] + pd.Timedelta(hours=2) == issued.tz_convert("UTC")).all()


def test_selection_windows_end_before_the_hold_out_with_any_timing():
    grid = grid_of("2023-01-01", "2024-06-30 07:00")
    for timing in (
        {"issue_at": "10:00"},
        {"issue_at": "10:00", "arrives_at": "05:00"},
        {"delay": pd.Timedelta("1d")},
    ):
        asked = with_reach(grid, Task(horizon=24, **timing, **PARIS))
        found = issues(grid, len(grid), asked)
        final = on_issue(plan_final(len(grid), asked), found, len(grid))
        end = int(final.positions[0]) + 1
        selection = on_issue(plan_selection(end, asked), issues(grid, end, asked), end)
        latest = selection.positions + found.last[selection.positions]
        assert (latest < end).all()
        assert selection.number > 20


def test_a_forecast_made_late_leaves_out_what_arrived_after_the_issue():
    grid = grid_of("2024-01-01", "2024-02-01 10:00")  # until noon in Paris
    found = issues(grid, len(grid), Task(horizon=24, issue_at="10:00", **PARIS))
    now = pd.Timestamp("2024-02-01 12:05", tz="Europe/Paris").value
    end = live_end(found, len(grid), now)
    assert grid[end - 1] + pd.Timedelta(hours=1) == pd.Timestamp("2024-02-01 10:00", tz="Europe/Paris")
    assert live_end(found, len(grid), pd.Timestamp("2024-02-02 10:00", tz="Europe/Paris").value) == len(grid)


def test_steps_not_asked_for_are_neither_scored_nor_handed_out():
    seen = view(task(horizon=30, asked=24, lead=pd.Timedelta("6h")))
    cutoffs = seen.grid[[900, 1000]]
    came = actuals(seen, np.array([900, 1000]), 30)
    assert np.isnan(came[:, :, :6]).all()
    assert np.isfinite(came[:, :, 6:]).mean() > 0.9
    table = build("seasonal_naive", {}).fit(seen, cutoffs[0], seen.task).predict(seen, cutoffs).to_frame("naive")
    assert len(table) == 48
    assert (table["timestamp"] >= table["issued_at"] + pd.Timedelta(hours=6)).all()


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_a_reading_that_has_not_arrived_changes_no_forecast(name):
    """Everything that arrives after the issue is made absurd: the steps asked for stay the same to the last bit."""
    asked = task(arrives_at="05:00", issue_at="10:00", lead=pd.Timedelta("2h"), horizon=3)
    plain = view(task(), days=35)
    length = plain.raw.shape[1]
    asked = with_reach(plain.grid[:length], asked)
    if not FORECASTERS[name].suits(asked, length):
        pytest.skip("not for this task")
    seen = view(asked, days=35)
    noon = pd.Timestamp("2024-03-03 12:00", tz="Europe/Paris").value
    ten = seen.issues.times[np.searchsorted(seen.issues.times, noon) - 1]
    cutoff = seen.issues.cutoff_of(int(ten))
    assert seen.grid[cutoff] == pd.Timestamp("2024-03-02 23:00", tz="Europe/Paris")
    late = seen.issues.arrives_at[:length] > ten
    raw = seen.raw.copy()
    raw[:, late] = 1e9
    wrong = replace(poisoned(seen, cutoff), raw=raw)
    cutoffs = seen.grid[[cutoff]]
    first, second = (build(name, {}).fit(v, cutoffs[0], asked).predict(v, cutoffs) for v in (seen, wrong))
    assert np.array_equal(first.mean, second.mean)
    assert first.asked.sum() == 3


def test_a_time_of_day_needs_steps_shorter_than_a_day():
    grid = pd.date_range("2024-01-01", periods=100, freq="D", tz="UTC")
    with pytest.raises(ConfigError, match="shorter than a day"):
        issues(grid, 100, Task(horizon=7, freq="D", issue_at="10:00"))
    late = with_reach(grid, Task(horizon=7, freq="D", delay=pd.Timedelta("1D"), lead=pd.Timedelta("1D")))
    assert (late.horizon, late.steps) == (9, 7)


def test_a_lead_below_nothing_is_refused():
    with pytest.raises(ConfigError, match="below 0"):
        Task(horizon=1, freq="h", lead=pd.Timedelta("-1h"))
