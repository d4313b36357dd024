"""Windows lie where they should: choosing ones before judging ones, all at the hour of the live forecast."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from backtests.picture import picture
from backtests.windows import Windows, blocks, last_windows, plan_final, plan_selection, random_windows
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


def test_windows_at_random_are_spread_and_repeatable():
    """One in each tenth of the second half, at the hour of the live forecast; the seed decides which days."""
    found = random_windows(8760, task(), number=10, seed=1)
    assert np.array_equal(found.positions, random_windows(8760, task(), number=10, seed=1).positions)
    assert not np.array_equal(found.positions, random_windows(8760, task(), number=10, seed=2).positions)
    assert {int(p) % 24 for p in found.positions} == {(8760 - 1) % 24}
    assert (np.diff(found.positions) > 0).all()
    assert found.positions[0] >= 4380
    assert found.positions[-1] + 24 <= 8759
    with pytest.raises(HistoryTooShortError, match="fewer windows"):
        random_windows(600, task(), number=50, seed=0)


@pytest.mark.parametrize(("horizon", "step", "overlap"), [(24, 24, 1), (24, 168, 1), (48, 24, 2), (168, 24, 7)])
def test_windows_know_how_many_share_a_reading(horizon, step, overlap):
    assert Windows(positions=100 + step * np.arange(5), horizon=horizon).overlap == overlap


def test_the_picture_shows_every_window_and_where_forecasters_are_fitted():
    final = plan_final(8760, task())
    selection = plan_selection(int(final.positions[0]) + 1, task())
    grid = pd.date_range("2025-01-01", periods=8760, freq="h", tz="UTC")
    drawn = ET.fromstring(picture(grid, 8760, 24, selection, final))
    parts = [part.tag.rpartition("}")[2] for part in drawn.iter()]
    assert parts.count("rect") == 1 + selection.number + 7 + 1
    assert parts.count("path") == len(selection.blocks()) + 1
    places = [float(part.get("x")) + float(part.get("width")) for part in drawn.iter() if part.tag.endswith("rect")]
    assert max(places) <= 760
    assert "56 windows that choose; 7 windows that judge" in drawn.get("aria-label")


def test_the_picture_of_the_docs_is_that_of_the_code():
    from benchmarks import pictures

    assert (pictures.DOCS / "windows.svg").read_text(encoding="utf-8") == pictures.windows()


def test_the_first_fit_in_a_panel_of_short_items_gets_more_of_the_history():
    """Many items make many windows at each cutoff; one on a third of the readings would say little about all."""
    alone, panel = (plan_selection(816, task(horizon=48), items=items) for items in (1, 20))
    assert alone.positions[0] < 450
    assert panel.positions[0] >= 0.74 * 816
    assert panel.number >= 3
    long = [plan_selection(3600, task(horizon=48), items=items).positions for items in (1, 20)]
    assert np.array_equal(*long)
