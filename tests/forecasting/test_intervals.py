"""Intervals hold what they say on data they were not calibrated on, and never cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtests.backtest import join, part, roll, scored
from backtests.calibration import calibration_of
from backtests.metrics import coverage
from backtests.view import NEVER
from backtests.windows import Windows
from connectors.errors import ConfigError, DataError
from forecasting.ensemble import Ensemble
from forecasting.forecasters import build
from forecasting.intervals import Errors, Intervals, adapted, calibrate, errors_of, rolling
from forecasting.load_level import load_levels
from forecasting.local_scale import scales
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
    return roll(build("seasonal_profile", {}), seen, windows, ASKED)


def test_they_hold_what_they_say_out_of_sample():
    """60 days calibrate, 60 other days are forecast: 80 % holds 75 to 85 %, 90 % holds 86 to 94 %."""
    seen = steady(180)
    past = forecasts(seen, 24 * 55, 60)
    made = forecasts(seen, 24 * 117, 60)
    found = calibrate(seen, past, ASKED)
    quantiles = found.around(seen, made.cutoffs, made.mean)
    judged = scored(replace(made, quantiles=quantiles, levels=found.levels), seen, ASKED)
    assert 0.75 < coverage(judged, 0.8) < 0.85
    assert 0.86 < coverage(judged, 0.9) < 0.94


def test_they_never_cross():
    seen = view(ASKED, days=120)
    past = forecasts(seen, 24 * 55, 40)
    found = calibrate(seen, past, ASKED)
    assert (np.diff(found.around(seen, past.cutoffs, past.mean), axis=-1) >= 0).all()


def test_their_width_is_known_at_the_cutoff():
    """The local scale is made of what was known then, to the last bit."""
    seen = view(ASKED)
    cutoffs = seen.grid[[1000, 1200]]
    assert np.array_equal(scales(seen, cutoffs)[0], scales(poisoned(seen, 1000), cutoffs[:1])[0])


def calm_weekends(days, seed=4):
    """The load is low at weekends, and so is the noise."""
    seen = steady(days)
    weekend = seen.grid[: seen.raw.shape[1]].tz_convert(ASKED.time_zone).dayofweek >= 5
    noise = np.random.default_rng(seed).normal(0, np.where(weekend, 1.0, 3.0))
    return replace(seen, raw=100.0 - 30.0 * weekend + noise[None])


def test_they_are_wider_where_the_load_is_high_when_errors_are_larger_there():
    """What they hold at high and at low loads differs less than without a level."""
    seen = calm_weekends(330)
    made = forecasts(seen, 24 * 55, 270)
    errors, judged = errors_of(seen, made), part(made, slice(-150, None))

    def apart(known):
        quantiles = rolling(seen, judged, known, ASKED)
        found = calibration_of(replace(judged, quantiles=quantiles, levels=ASKED.quantile_levels), seen, ASKED)
        return found.loads[0].achieved - found.loads[2].achieved

    without = apart(replace(errors, loads=np.zeros_like(errors.loads)))
    assert without > 0.15
    assert apart(errors) < 0.8 * without


def test_a_level_of_load_is_known_at_the_cutoff():
    seen = view(ASKED)
    made = forecasts(seen, 1000, 1)
    mean = np.repeat(made.mean, 2, axis=0)
    found = load_levels(seen, seen.grid[[1000, 1200]], mean)
    assert np.array_equal(found[0], load_levels(poisoned(seen, 1000), seen.grid[[1000]], made.mean)[0])
    assert (found != 0).any()


def test_a_reading_that_never_changes_has_no_level():
    seen = view(ASKED, days=60)
    seen = replace(seen, raw=np.full_like(seen.raw, 7.0))
    assert not load_levels(seen, seen.grid[[1000]], np.full((1, 1, 24), 9.0)).any()


def test_a_restless_time_of_day_gets_a_wider_band():
    seen = steady(120, noisy_hour=12)
    width = scales(seen, seen.grid[[24 * 110 - 1]])[0, 0]
    assert width.max() > 3 * np.median(width)


def louder(seen, position, times):
    """The same view, where the noise is some times as large after a position."""
    calm = steady(180)
    return replace(seen, raw=np.where(np.arange(calm.raw.shape[1]) > position, times, 1.0) * (calm.raw - 50) + 50)


@pytest.mark.parametrize("position", [24 * 100 - 1, 24 * 101 - 1, 24 * 120 - 1])
def test_at_a_cutoff_only_errors_known_there_count(position):
    """Whatever is read later, and however many windows follow, the interval from a cutoff stays the same."""
    seen = view(ASKED, days=150)
    made = forecasts(seen, 24 * 55 - 1, 80)
    row = int(np.flatnonzero(seen.positions(made.cutoffs) == position)[0])
    whole = rolling(seen, made, errors_of(seen, made), ASKED)
    spoilt = poisoned(seen, position)
    then = errors_of(spoilt, made)
    assert np.array_equal(whole[row], rolling(spoilt, part(made, slice(row, row + 1)), then, ASKED)[0])
    fewer = errors_of(seen, part(made, slice(row + 1)))
    assert np.allclose(whole[row], rolling(seen, part(made, slice(row, row + 1)), fewer, ASKED)[0], rtol=0.2)


def test_they_widen_when_the_errors_grow():
    """Noise three times as large from day 110 on: intervals that follow hold more than those that do not."""
    seen = louder(steady(180), 24 * 110, 3.0)
    past, made = forecasts(seen, 24 * 55, 50), forecasts(seen, 24 * 112, 60)
    fixed = calibrate(seen.until(seen.grid[24 * 109]), past, ASKED)
    still = scored(
        replace(made, quantiles=fixed.around(seen, made.cutoffs, made.mean), levels=fixed.levels), seen, ASKED
    )
    followed = rolling(seen, made, errors_of(seen, join([past, made])), ASKED)
    moved = scored(replace(made, quantiles=followed, levels=ASKED.quantile_levels), seen, ASKED)
    assert abs(coverage(moved, 0.8) - 0.8) < abs(coverage(still, 0.8) - 0.8)
    assert 0.74 < coverage(moved, 0.8) < 0.86


@pytest.mark.parametrize(("times", "least", "most"), [(0.3, 0.3, 0.95), (1.0, 0.85, 1.15), (3.0, 1.3, 6.0)])
def test_a_saved_model_follows_what_its_intervals_held_since(times, least, most):
    """Sixty days after its fit: errors three times as large make its intervals wider, small ones narrower."""
    levels = (0.1, 0.5, 0.9)
    fitted = Intervals(levels=levels, offsets=np.tile([-1.2816, 0.0, 1.2816], (24, 1)))
    scaled = times * np.random.default_rng(0).normal(size=(60, 1, 24))
    positions = 24 * np.arange(60)
    errors = Errors(
        positions=positions, scaled=scaled, loads=np.zeros(scaled.shape), void_from=np.full(scaled.shape, NEVER)
    )
    moved = adapted(fitted, errors, 24 * 60, replace(ASKED, quantile_levels=levels))
    assert least < (moved.offsets[:, 0] / fitted.offsets[:, 0]).mean() < most


def test_a_model_with_nothing_new_stays_as_it_was():
    seen = view(ASKED, days=120)
    whole = ensemble(seen, forecasts(seen, 24 * 55, 50))
    assert whole.following(seen, seen.last) is whole
    since = seen.grid[24 * 110]
    followed = whole.following(seen, since)
    assert followed.members == whole.members
    newest = seen.grid[[seen.raw.shape[1] - 1]]
    apart, at_once = followed.predict(seen, newest), whole.latest(seen, since)
    assert np.allclose(apart.mean, at_once.mean)
    assert np.allclose(apart.quantiles, at_once.quantiles)
    assert at_once.cutoffs.tolist() == [seen.last]


@pytest.mark.parametrize("levels", [(0.5,), (0.025, 0.975), (0.01, 0.3, 0.31, 0.9), tuple(np.arange(1, 100) / 100)])
def test_any_levels_will_do(levels):
    asked = replace(ASKED, quantile_levels=levels)
    seen = replace(view(asked, days=120), task=asked)
    made = forecasts(seen, 24 * 55, 40)
    found = calibrate(seen, made, asked)
    assert found.offsets.shape == (24, len(levels))
    assert (np.diff(found.around(seen, made.cutoffs, made.mean), axis=-1) >= 0).all()


def test_few_errors_are_enough_for_something():
    """Three windows, as short a history as is allowed."""
    seen = view(ASKED, days=60)
    found = calibrate(seen, forecasts(seen, 24 * 50, 3), ASKED)
    assert np.isfinite(found.offsets).all()
    assert (found.offsets[:, 0] < found.offsets[:, -1]).all()


def ensemble(seen, past, lowest=None):
    """One forecaster and its intervals."""
    fitted = build("seasonal_profile", {}).fit(seen, seen.grid[24 * 110], ASKED)
    return Ensemble(members=(fitted,), intervals=calibrate(seen, past, ASKED), lowest=lowest)


def test_nothing_goes_below_zero_where_the_target_cannot():
    seen = view(ASKED, days=120)
    seen = replace(seen, raw=np.maximum(seen.raw - 55, 0.0))
    made, paths = ensemble(seen, forecasts(seen, 24 * 55, 50), lowest=0.0).paths(
        seen, seen.grid[[24 * 118]], number=100, seed=0
    )
    assert made.quantiles.min() == 0.0
    assert (np.diff(made.quantiles, axis=-1) >= 0).all()
    assert paths.min() == 0.0


# -------------------------------------------------------------------------------------------------- joint paths


def drifting(days, seed=2):
    """A day and a week with noise that lasts for hours: what is high at noon is high at one."""
    seen = steady(days)
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, seen.raw.shape[1])
    for at in range(1, len(noise)):
        noise[at] += 0.95 * noise[at - 1]
    calm = steady(days, seed=1).raw - steady(days, seed=3).raw
    return replace(seen, raw=seen.raw - 0.5 * calm + 4 * noise)


def test_paths_have_the_quantiles_of_the_forecast():
    seen = drifting(180)
    whole = ensemble(seen, forecasts(seen, 24 * 55, 60))
    made, paths = whole.paths(seen, seen.grid[[24 * 150]], number=4000, seed=0)
    found = np.quantile(paths, ASKED.quantile_levels, axis=-1)
    width = made.quantiles[..., -1] - made.quantiles[..., 0]
    assert (np.abs(np.moveaxis(found, 0, -1) - made.quantiles) < 0.02 * width[..., None]).all()


def test_the_total_of_a_day_has_an_interval_that_holds():
    """Over 60 days the 80 % interval of the total holds 68 to 92 %; taking hours for independent, under 50 %."""
    seen = drifting(180)
    whole = ensemble(seen, forecasts(seen, 24 * 55, 60))
    cutoffs = seen.grid[24 * 117 + 24 * np.arange(60)]
    made, paths = whole.paths(seen, cutoffs, number=300, seed=0)
    total = scored(made, seen, ASKED).actual.sum(axis=2)

    def held(courses):
        low, high = np.nanquantile(courses.sum(axis=2), [0.1, 0.9], axis=-1)
        return np.mean((total >= low) & (total <= high))

    assert 0.68 <= held(paths) <= 0.92
    independent = np.random.default_rng(0).permuted(paths, axis=3)
    assert held(independent) < 0.5


def test_the_same_seed_gives_the_same_paths():
    seen = view(ASKED, days=120)
    whole, at = ensemble(seen, forecasts(seen, 24 * 55, 50)), seen.grid[[24 * 115]]
    first, again, other = (whole.paths(seen, at, number=50, seed=seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_too_few_windows_have_no_paths():
    seen = view(ASKED, days=120)
    with pytest.raises(DataError, match="longer history"):
        ensemble(seen, forecasts(seen, 24 * 55, 4)).paths(seen, seen.grid[[24 * 115]], number=10, seed=0)
    whole = ensemble(seen, forecasts(seen, 24 * 55, 50))
    narrow = replace(whole, intervals=replace(whole.intervals, levels=(0.5,), offsets=np.zeros((24, 1))))
    with pytest.raises(ConfigError, match="both sides"):
        narrow.paths(seen, seen.grid[[24 * 115]], number=10, seed=0)
