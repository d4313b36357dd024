"""A weather forecast out of observations alone: what it is made of, and that it is better than the naive ones."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError
from connectors.weather.climatology import climatology_forecast

DATA = Path(__file__).parents[2] / "data" / "weather" / "hourly" / "2024" / "10637.csv.gz"


def daily_wave(days, level=10.0):
    """A wave of period 24 with its level, [24 * days]."""
    return level + 5 * np.sin(2 * np.pi * np.arange(24 * days) / 24)


def test_a_pure_daily_wave_goes_on_for_ever():
    forecast = climatology_forecast(daily_wave(20), 100, 24)
    np.testing.assert_allclose(forecast, daily_wave(25)[480:580], atol=1e-9)


def test_the_phase_is_counted_from_the_last_value_whatever_the_length():
    wave = daily_wave(20)
    forecast = climatology_forecast(wave[:475], 30, 24)
    np.testing.assert_allclose(forecast, daily_wave(22)[475:505], atol=1e-9)


def test_a_departure_fades_to_37_percent_in_the_damping_time():
    """A step of 4 in the last 2 hours: with 200 equal days before it the mean barely moves."""
    observed = np.zeros(200 * 24)
    observed[-2:] = 4.0
    forecast = climatology_forecast(observed, 100, 24, days=200, decay=1.0, damping=1.5)
    np.testing.assert_allclose(forecast[[35, 71]], [4 * np.exp(-1), 4 * np.exp(-2)], atol=0.05)


def test_the_mean_weighs_a_day_by_the_decay():
    """Two days at levels 1 and 2, decay 0.5: mean (2 + 0.5) / 1.5; far ahead only the mean is left."""
    observed = np.repeat([1.0, 2.0], 24)
    forecast = climatology_forecast(observed, 24 * 40, 24, days=2, decay=0.5)
    assert forecast[-1] == pytest.approx(2.5 / 1.5, abs=1e-6)


def test_only_the_last_days_are_looked_at():
    recent = daily_wave(14)
    before = np.concatenate([np.full(999, 1e6), recent])
    assert np.array_equal(climatology_forecast(before, 48, 24), climatology_forecast(recent, 48, 24))


def test_missing_values_are_left_out():
    wave = daily_wave(20)
    holed = wave.copy()
    holed[np.random.default_rng(1).random(wave.size) < 0.4] = np.nan
    np.testing.assert_allclose(climatology_forecast(holed, 72, 24), daily_wave(23)[480:], atol=1e-9)


def test_a_departure_last_seen_hours_ago_has_faded_since():
    observed = np.zeros(200 * 24)
    observed[-2:] = 4.0
    late = np.concatenate([observed, np.full(10, np.nan)])
    options = {"days": 200, "decay": 1.0}
    seen, unseen = climatology_forecast(observed, 60, 24, **options), climatology_forecast(late, 50, 24, **options)
    np.testing.assert_allclose(unseen, seen[10:], atol=0.05)


def test_an_hour_never_observed_gets_the_level_of_the_others():
    observed = np.tile(np.r_[np.full(12, 3.0), np.full(12, np.nan)], 14)
    np.testing.assert_allclose(climatology_forecast(observed, 24, 24), 3.0)


def test_nothing_observed_gives_nan_and_no_warning():
    observed = np.full((3, 2, 50), np.nan)
    observed[1] = 7.0
    forecast = climatology_forecast(observed, 5, 24)
    assert np.isnan(forecast[[0, 2]]).all()
    np.testing.assert_allclose(forecast[1], 7.0)
    assert climatology_forecast(np.empty((2, 0)), 5, 24).shape == (2, 5)


def test_a_forecast_stays_within_what_was_observed():
    observed = np.tile(np.r_[np.full(22, 95.0), 20.0, 100.0], 14)
    observed[-2:] = 100.0
    forecast = climatology_forecast(observed, 168, 24)
    assert forecast.max() <= 100
    assert forecast.min() >= 20


def test_daily_data_give_a_damped_persistence():
    observed = np.r_[np.zeros(13), 10.0]
    forecast = climatology_forecast(observed, 10, 1)
    assert (np.diff(forecast) < 0).all()
    assert 0 < forecast[-1] < forecast[0] < 10


def test_not_a_bit_of_a_row_depends_on_the_rows_beside_it_or_on_gaps_before_it():
    random = np.random.default_rng(0)
    observed = random.normal(size=(7, 3, 361))
    observed[random.random(observed.shape) < 0.1] = np.nan
    together = climatology_forecast(np.moveaxis(np.moveaxis(observed, 0, 1).copy(), 0, 1), 168, 24)
    for row in range(7):
        alone = climatology_forecast(observed[row, 1], 168, 24)
        assert np.array_equal(alone, together[row, 1])
        padded = np.concatenate([np.full(40, np.nan), observed[row, 1, 30:]])
        assert np.array_equal(climatology_forecast(padded, 168, 24), climatology_forecast(padded[40:], 168, 24))


def test_the_observations_are_left_as_they_were():
    observed = np.random.default_rng(0).normal(size=(2, 100))
    before = observed.copy()
    climatology_forecast(observed, 24, 24)
    assert np.array_equal(observed, before)


def test_on_real_temperatures_it_beats_persistence_and_the_mean():
    """Frankfurt, 1 January to 20 February 2024, a forecast of 48 hours from every third hour."""
    temperature = pd.read_csv(DATA)["temp"].to_numpy(float)
    cutoffs = np.arange(15 * 24, temperature.size - 48, 3)
    observed = temperature[cutoffs[:, None] + np.arange(1 - 360, 1)]
    came = temperature[cutoffs[:, None] + np.arange(1, 49)]
    persistence = observed[:, -24 + np.arange(48) % 24]
    mean = observed[:, -336:].reshape(-1, 14, 24).mean(axis=1)[:, np.arange(48) % 24]

    def rmse(forecast):
        return np.sqrt(np.mean((forecast - came) ** 2))

    assert rmse(climatology_forecast(observed, 48, 24)) < 0.95 * min(rmse(persistence), rmse(mean))


def test_three_thousand_cutoffs_take_less_than_a_second():
    observed = np.random.default_rng(0).normal(size=(3000, 1, 400))
    started = time.perf_counter()
    assert climatology_forecast(observed, 168, 24).shape == (3000, 1, 168)
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize("wrong", [{"horizon": 0}, {"period": 0}, {"days": 0}, {"decay": 0.0}, {"damping": -1.0}])
def test_a_count_of_none_and_a_rate_of_none_are_refused(wrong):
    options = {"horizon": 24, "period": 24} | wrong
    with pytest.raises(ConfigError, match="cannot be computed"):
        climatology_forecast(np.zeros(48), **options)
