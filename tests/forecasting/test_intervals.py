"""Intervals hold what they say on data they were not calibrated on, and never cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtests.backtest import actuals, roll, scored
from backtests.metrics import coverage
from backtests.windows import Windows
from forecasting.forecasters import build
from forecasting.intervals import calibrate, scales
from tests.contracts.series import poisoned, task, view

ASKED = task(weather_covariates=(), known_covariates=(), past_covariates=(), country=None)


def steady(days, noisy_hour=None, seed=1):
    """A view of a day and a week with noise whose law never changes, stronger at one local hour if asked."""
    seen = view(ASKED, days=days)
    grid = seen.grid[: seen.raw.shape[1]].tz_convert(ASKED.time_zone)
    rng = np.random.default_rng(seed)
    size = np.where(grid.hour == noisy_hour, 30.0, 3.0)
    load = 50 + 20 * np.sin(2 * np.pi * grid.hour / 24) - 10 * (grid.dayofweek >= 5) + rng.normal(0, size)
    return replace(seen, raw=np.asarray(load)[None])


def forecasts(seen, first, number):
    windows = Windows(positions=first + 24 * np.arange(number), horizon=24, refit="never")
    return roll(build("seasonal_profile", {}), seen, windows, ASKED), windows


def test_they_hold_what_they_say_out_of_sample():
    """60 days calibrate, 60 other days are forecast: 80 % holds 75 to 85 %, 90 % holds 86 to 94 %."""
    seen = steady(180)
    past, before = forecasts(seen, 24 * 55, 60)
    made, _ = forecasts(seen, 24 * 117, 60)
    found = calibrate(seen, past, actuals(seen, before.positions, 24), ASKED)
    quantiles = found.around(seen, made.cutoffs, made.mean)
    judged = scored(replace(made, quantiles=quantiles, levels=found.levels), seen, ASKED)
    assert 0.75 < coverage(judged, 0.8) < 0.85
    assert 0.86 < coverage(judged, 0.9) < 0.94


def test_they_never_cross():
    seen = view(ASKED, days=120)
    past, before = forecasts(seen, 24 * 55, 40)
    found = calibrate(seen, past, actuals(seen, before.positions, 24), ASKED)
    assert (np.diff(found.around(seen, past.cutoffs, past.mean), axis=-1) >= 0).all()


def test_their_width_is_known_at_the_cutoff():
    """The local scale is made of what was known then, to the last bit."""
    seen = view(ASKED)
    cutoffs = seen.grid[[1000, 1200]]
    assert np.array_equal(scales(seen, cutoffs)[0], scales(poisoned(seen, 1000), cutoffs[:1])[0])


def test_a_restless_time_of_day_gets_a_wider_band():
    seen = steady(120, noisy_hour=12)
    width = scales(seen, seen.grid[[24 * 110 - 1]])[0, 0]
    assert width.max() > 3 * np.median(width)
