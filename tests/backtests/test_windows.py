"""Windows lie where they should: choosing ones before judging ones, all at the hour of the live forecast."""

from __future__ import annotations

import numpy as np
import pytest

from backtests.windows import blocks, last_windows, plan_final, plan_selection
from connectors.errors import ConfigError, HistoryTooShortError
from tests.contracts.series import task


@pytest.mark.parametrize("length", [600, 1000, 3600, 8760, 26_304, 78_000])
@pytest.mark.parametrize("horizon", [1, 24, 36, 48, 168])
def test_no_reading_forecast_in_the_hold_out_is_in_a_selection_window(length, horizon):
    asked = task(horizon=horizon)
    try:
        final = plan_final(length, asked)
        selection = plan_selection(int(final.positions[0]) + 1, asked)
    except HistoryTooShortError:
        assert length <= 600 or (length == 1000 and horizon == 168)
        return
    assert length - 1 - 24 < final.positions[-1] + horizon <= length - 1
    assert (final.positions[-1] - (length - 1)) % 24 == 0, "at the hour of the live forecast"
    assert selection.positions[-1] + horizon <= final.positions[0]
    assert (np.diff(selection.positions) > 0).all()
    assert selection.positions[0] >= 48
    assert 1 <= len(selection.blocks()) <= 5


def test_six_months_have_their_windows():
    """3,600 rows: seven final windows of 24 h, and at least eight selection windows."""
    final = plan_final(3600, task())
    assert final.number == 7
    assert plan_selection(int(final.positions[0]) + 1, task()).number >= 8


def test_windows_stand_at_the_hour_of_the_live_forecast():
    final = plan_final(3600, task(horizon=36))
    selection = plan_selection(int(final.positions[0]) + 1, task(horizon=36))
    assert len({int(p) % 24 for p in final.positions}) == 1
    assert len({int(p) % 24 for p in selection.positions}) == 1


def test_a_long_history_is_judged_over_its_last_year():
    """Runs of windows are spread over the year, not all in its last weeks."""
    selection = plan_selection(26_304, task())
    days = (selection.positions[-1] - selection.positions[0]) / 24
    assert 250 < days <= 366
    runs = selection.blocks()
    assert all((np.diff(run) == 24).all() for run in runs)


def test_too_short_a_history_is_refused_with_what_it_takes():
    with pytest.raises(HistoryTooShortError, match="longer history"):
        plan_selection(60, task())
    with pytest.raises(HistoryTooShortError, match="fewer windows"):
        last_windows(650, task(), number=20, step=24)


def test_blocks_share_a_fit():
    positions = np.arange(10)
    assert [len(block) for block in blocks(positions, "never")] == [10]
    assert [len(block) for block in blocks(positions, "each")] == [1] * 10
    assert [len(block) for block in blocks(positions, 4)] == [4, 4, 2]
    with pytest.raises(ConfigError, match="refit policy"):
        blocks(positions, 0)
