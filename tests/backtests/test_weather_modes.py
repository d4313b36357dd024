"""The weather of the horizon in every mode: what was available when the forecast is issued, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.task import VINTAGE_MODES
from connectors.weather.vintages import Rows, Vintages
from forecasting.vintages import covered, live_mode, with_vintages
from tests.contracts.series import poisoned, task, view

HOUR = 3_600_000_000


def runs_of(seen, *, every=6, delay=6, length=48, first=0):
    """Forecasts every few hours whose value tells the hour of their issue: 1000 and the position of it."""
    start = int(seen.grid.as_unit("us").asi8[0])
    issue = np.arange(first, seen.raw.shape[1], every)
    issued = np.repeat(start + issue * HOUR, length)
    valid = issued + np.tile(np.arange(1, length + 1), len(issue)) * HOUR
    return Vintages(
        rows={"temperature": Rows.sort([valid, issued + delay * HOUR, issued], 1000.0 + np.repeat(issue, length))}
    )


def seen_with(**changes):
    seen = view(task(weather_mode="climatology"), days=40)
    asked = task(**{"weather_mode": "vintage", "horizon": 30, **changes})
    return replace(seen, task=asked, vintages=(runs_of(seen),))


def test_the_newest_forecast_that_was_available_counts_hour_by_hour():
    """A cutoff at 21:00 is issued at 22:00: the run of noon arrived at 18:00, that of 18:00 arrives at midnight."""
    seen = seen_with()
    origin = 24 * 20 + 21
    found = seen.past_at(seen.grid[origin]).weather_ahead(np.array([origin]), 30)["temperature"][0, 0]
    assert (found == 1000 + 24 * 20 + 12).all()


def test_a_lead_lets_a_later_run_be_known():
    """Readings three hours late are waited for: the run of 18:00 is there when the forecast is issued."""
    seen = seen_with(delay=pd.Timedelta(hours=3))
    origin = 24 * 20 + 21
    found = seen.past_at(seen.grid[origin]).weather_ahead(np.array([origin]), 30)["temperature"][0, 0]
    assert (found == 1000 + 24 * 20 + 18).all()


def test_where_no_forecast_reaches_the_weather_is_made_from_observations():
    seen = seen_with(horizon=60)
    origin = 24 * 20 + 21
    past = seen.past_at(seen.grid[origin])
    found = past.weather_ahead(np.array([origin]), 60)["temperature"][0, 0]
    usual = replace(past, task=replace(past.task, weather_mode="climatology"))
    assert (found[:39] == 1000 + 24 * 20 + 12).all()
    assert np.array_equal(found[39:], usual.weather_ahead(np.array([origin]), 60)["temperature"][0, 0, 39:])


def test_items_of_two_places_have_their_own_forecasts():
    seen = view(task(weather_mode="climatology"), days=40, items=2)
    here, there = runs_of(seen), runs_of(seen)
    rows = there.rows["temperature"]
    there = Vintages(rows={"temperature": replace(rows, values=rows.values + 5000)})
    seen = replace(seen, task=task(weather_mode="vintage"), vintages=(here, there))
    found = seen.past_at(seen.last).weather_ahead(np.array([700, 800]), 24)["temperature"]
    assert found.shape == (2, 2, 24)
    assert (found[:, 1] - found[:, 0] == 5000).all()


@pytest.mark.parametrize("mode", [*VINTAGE_MODES, "climatology", "none"])
def test_what_comes_after_the_issue_cannot_be_reached(mode):
    """Every value that became available later is made absurd: no past and no cut view shows a trace of it."""
    seen = view(task(weather_mode=mode, weather_delay=24, horizon=30))
    for cutoff in (1200, 1303):
        wrong = poisoned(seen, cutoff)
        origins = np.array([1100, 1150, cutoff])
        clean, dirty = (v.past_at(v.grid[cutoff]).weather_ahead(origins, 30) for v in (seen, wrong))
        assert sorted(clean) == sorted(dirty)
        for name, values in clean.items():
            assert np.array_equal(values, dirty[name])
        for one in wrong.until(wrong.grid[cutoff]).vintages:
            assert all((np.abs(rows.values) < 1e6).all() for rows in one.rows.values())


def test_simulated_forecasts_are_better_than_the_usual_weather_and_worse_than_what_came():
    seen = with_vintages(view(task(weather_mode="simulated", weather_covariates=("temperature",)))).view
    origins = np.arange(900, 1700, 7)
    steps = origins[:, None] + np.arange(1, 25)
    came = seen.weather["temperature"][0][steps]
    errors = {}
    for mode in ("simulated", "climatology"):
        past = replace(seen, task=replace(seen.task, weather_mode=mode)).past_at(seen.grid[1750])
        errors[mode] = np.abs(past.weather_ahead(origins, 24)["temperature"][:, 0] - came).mean()
    assert 0.2 < errors["simulated"] < 0.9 * errors["climatology"]


def test_a_seed_decides_the_simulated_forecasts():
    def made(seed):
        return with_vintages(view(task(weather_mode="simulated", weather_seed=seed), days=30)).view.vintages[0]

    first, again, other = (made(seed).rows["temperature"].values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_live_forecast_has_no_simulated_weather():
    """What simulates knows what came: after the last reading there is nothing but what the user gave."""
    seen = with_vintages(view(task(weather_mode="simulated"), days=40)).view
    assert covered(seen) == 0.0
    assert live_mode(seen) == "climatology"
    length = seen.raw.shape[1]
    weather = {
        "temperature": np.concatenate([seen.weather["temperature"][:, :length], np.full((1, 24), 7.0)], axis=1)
    }
    given = with_vintages(replace(seen, weather=weather)).view
    assert (covered(given), live_mode(given)) == (1.0, "vintage")
    ahead = given.past_at(given.last).weather_ahead(np.array([length - 1]), 24)["temperature"]
    assert (ahead == 7.0).all()
    before = given.until(given.grid[length - 2]).past_at(given.grid[length - 2])
    found = before.forecast_weather(np.array([length - 2]), 24)["temperature"]
    assert not (found == 7.0).any(), "it is known from now on, not before"
