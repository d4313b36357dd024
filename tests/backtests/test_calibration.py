"""What intervals held is counted by level, hour and horizon, and said in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtests.calibration import Calibration, calibration_of, count_shares, thirds
from backtests.forecaster import Forecasts, stamps_after
from backtests.view import NEVER
from tests.contracts.series import task, view

ASKED = task(weather_covariates=(), known_covariates=(), past_covariates=(), country=None)
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)


def uniform(shape=(40, 1, 48), seed=0, spread=1.0):
    """Readings that are uniform on 0 to 1, and forecasts that say so, or something wider."""
    actual = np.random.default_rng(seed).uniform(size=shape)
    quantiles = 0.5 + spread * (np.array(LEVELS) - 0.5)
    return actual, np.broadcast_to(quantiles, (*shape, len(LEVELS)))


def counted(actual, quantiles, load=None):
    steps = np.arange(48)
    hours = np.broadcast_to(steps % 24, (len(actual), 48))
    loads = thirds(np.broadcast_to(steps if load is None else load, actual.shape))
    return count_shares(actual, quantiles, LEVELS, hours=hours, parts=steps // 24 + 1, loads=loads)


def test_right_quantiles_are_found_right():
    found = counted(*uniform())
    assert [share.nominal for share in found.intervals] == [0.5, 0.8]
    for share in (*found.intervals, *found.quantiles, *found.between):
        assert share.achieved == pytest.approx(share.nominal, abs=0.04)
    assert sum(share.hits for share in found.between) == found.inside.count == 40 * 48


def test_too_wide_ones_are_found_out():
    found = counted(*uniform(spread=1.2))
    assert found.inside.achieved > 0.93
    assert found.quantiles[0].achieved < 0.05


def test_the_hour_that_does_not_hold_is_named():
    actual, quantiles = uniform()
    actual[:, :, 7::24] = 5.0
    found = counted(actual, quantiles)
    assert [share.hits for share in found.hours if share.group == 7] == [0]
    assert "held least at 07:00 (0.0 %)" in " ".join(found.sentences())


def test_the_load_at_which_they_do_not_hold_is_named():
    """Every item has its own thirds: a small one has high loads too."""
    actual, quantiles = uniform((40, 2, 48))
    load = np.arange(48.0) * np.array([[1.0], [1000.0]])
    actual[:, 1, 32:] = 5.0
    found = counted(actual, quantiles, load)
    assert [share.count for share in found.loads] == [40 * 2 * 16] * 3
    assert found.loads[2].achieved == pytest.approx(0.4, abs=0.04)
    assert "held least where a high load was forecast (" in " ".join(found.sentences())


def test_it_is_said_in_words():
    actual = np.r_[np.full(1071, 0.5), np.full(273, 5.0)].reshape(28, 1, 48)
    _, quantiles = uniform((28, 1, 48))
    found = counted(actual, quantiles).sentences("hours")
    assert "Of 1,344 hours, 1,071 (79.7 %) fell inside the 80 % band." in found


def test_gaps_are_left_out():
    actual, quantiles = uniform()
    actual[:, :, ::2] = np.nan
    found = counted(actual, quantiles)
    assert found.inside.count == 40 * 24
    assert {share.group for share in found.hours} == set(range(1, 24, 2))


def test_hours_are_those_of_the_local_clock():
    """The forecast misses at 07:00 in Paris only, in winter and in summer time."""
    seen = view(ASKED, days=75)
    positions = 24 * np.arange(45, 70) - 1
    cutoffs = seen.grid[positions]
    stamps = stamps_after(seen, cutoffs, 24)
    local = seen.grid.tz_convert("Europe/Paris")
    at_seven = (local.hour == 7)[positions[:, None] + np.arange(1, 25)]
    x = seen.raw[0, positions[:, None] + np.arange(1, 25)][:, None]
    quantiles = x[..., None] + np.where(at_seven, 100.0, 0.0)[:, None, :, None] + np.array([-1.0, 1.0])
    made = Forecasts(
        cutoffs=cutoffs, timestamps=stamps, items=seen.items, mean=x, quantiles=quantiles, levels=(0.1, 0.9)
    )
    found = calibration_of(made, replace(seen, known_from=np.full_like(seen.known_from, NEVER)), ASKED)
    assert {share.group: share.achieved for share in found.hours} == {h: float(h != 7) for h in range(24)}


def test_without_quantiles_there_is_nothing_to_count():
    seen = view(ASKED)
    cutoffs = seen.grid[[1000]]
    made = Forecasts(
        cutoffs=cutoffs, timestamps=stamps_after(seen, cutoffs, 24), items=seen.items, mean=np.zeros((1, 1, 24))
    )
    assert calibration_of(made, seen, ASKED) == Calibration()
    assert Calibration().sentences() == []


def test_it_comes_as_a_table_and_for_machines():
    found = counted(*uniform())
    table = found.frame()
    assert set(table["kind"]) == {"intervals", "quantiles", "hours", "horizons", "loads", "between"}
    assert len(table) == sum(map(len, found.as_json().values()))
