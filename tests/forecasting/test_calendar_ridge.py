"""The ridge on departures from the normal of the calendar: what it learns of the year, of holidays and of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.view import make_view
from features.normal import DAYS_FOR_YEAR, Normal, has_year, names_of
from forecasting.forecasters import build
from forecasting.portfolio import portfolio
from tests.contracts.series import task

ALONE = task(weather_covariates=(), known_covariates=(), past_covariates=(), weather_mode="none", horizon=24)
DAYS = 800


def years(items: int = 1, seed: int = 0) -> pd.DataFrame:
    """Load with a year, a week, a holiday in July, and weather that reaches the first item a day after the last."""
    rng = np.random.default_rng(seed)
    stamps = pd.date_range("2021-01-01", periods=24 * DAYS, freq="h", tz="UTC")
    local = stamps.tz_convert("Europe/Paris")
    season = 15 * np.cos(2 * np.pi * local.dayofyear / 365.25) - 12 * (local.dayofweek >= 5)
    day = 100 + season + 10 * np.sin(2 * np.pi * (local.hour - 8) / 24) - 30 * (local.strftime("%m%d") == "0714")
    noise = np.repeat(rng.normal(0, 6, DAYS + 1), 24)
    frames = []
    for item in range(items):
        delay = 24 * item
        weather = noise[24 - delay : 24 * (DAYS + 1) - delay]
        target = day + weather + rng.normal(0, 0.5, len(stamps))
        frames.append(pd.DataFrame({"item_id": f"item_{item}", "timestamp": stamps, "target": target}))
    return pd.concat(frames, ignore_index=True)


def errors(view, settings):
    """Error of the last item over the next day, at 40 cutoffs near the end."""
    last = view.raw.shape[1] - 25
    cutoffs = view.cutoffs(np.arange(last - 39 * 24, last + 1, 24))
    made = build("calendar_ridge", settings).fit(view, cutoffs[0], view.task).predict(view, cutoffs).mean
    steps = view.positions(cutoffs)[:, None] + np.arange(1, 25)
    return float(np.abs(made[:, -1] - view.raw[-1][steps]).mean())


def test_items_see_the_past_of_the_others():
    """Weather that passes the first item a day earlier tells the second one's next day."""
    view = make_view(years(2), ALONE)
    assert errors(view, {}) < 0.5 * errors(view, {"others": 0.0})


def test_a_holiday_has_an_effect_of_its_own():
    """All other holidays are ordinary days here: only the one in July is low."""
    view = make_view(years(), ALONE)
    past = view.past_at(view.last)
    normal = Normal(past, names_of(past), past.cutoff, year=has_year(past))
    weights, _ = normal.learn()
    local = view.grid.tz_convert("Europe/Paris")

    def change(day):
        at = np.flatnonzero(local.strftime("%Y-%m-%d") == day)
        return (normal.expected(weights, at) - normal.expected(weights, at, holidays=False)).mean()

    assert change("2022-07-14") < -15
    assert abs(change("2022-11-01")) < 8


def test_departures_are_from_a_normal_that_did_not_see_them():
    """A reading that is far off moves its own departure, and none of those around it."""
    view = make_view(years(), ALONE)
    past = view.past_at(view.last)
    readings = past.readings.copy()
    readings[0, 5000] += 500.0
    made = []
    for values in (past.readings, readings):
        other = replace(past, readings=values)
        made.append(Normal(other, [], past.cutoff, year=True).learn()[1][0])
    moved = np.flatnonzero(np.abs(made[0] - made[1]) > 1e-6)
    assert made[1][5000] - made[0][5000] == pytest.approx(500.0)
    run = past.readings.shape[1] // 10
    assert not set(moved) & (set(range(2 * run, 3 * run)) - {5000})
    assert len(moved) > 100


def test_the_portfolio_takes_it_with_years_of_readings_and_no_weather():
    long = DAYS_FOR_YEAR * 24
    assert "calendar_ridge" in [name for name, _ in portfolio(ALONE, long)]
    assert "calendar_ridge" not in [name for name, _ in portfolio(ALONE, long - 1)]
    assert "calendar_ridge" not in [name for name, _ in portfolio(task(), long)]
