"""What a history is like, in numbers."""

import json

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from backtests.view import make_view
from connectors.errors import ConfigError
from forecasting.profile import find_seasonality, profile


@pytest.mark.parametrize(
    ("freq", "seasons"),
    [
        ("5min", (288, 2016)),
        ("15min", (96, 672)),
        ("30min", (48, 336)),
        ("h", (24, 168)),
        ("2h", (12, 84)),
        ("3h", (8, 56)),
        ("7h", (24,)),
        ("12h", (2, 14)),
        ("24h", (7,)),
        ("D", (7,)),
        ("2D", (1,)),
        ("B", (5,)),
        ("W-SUN", (52,)),
        ("MS", (12,)),
        ("2MS", (6,)),
        ("QS", (4,)),
        ("YS", (1,)),
    ],
)
def test_the_calendar_gives_the_seasons_of_a_step(freq, seasons):
    assert find_seasonality(freq, 10_000) == seasons


@pytest.mark.parametrize(
    ("freq", "length", "seasons"),
    [
        ("h", 504, (24, 168)),
        ("h", 503, (24,)),
        ("h", 71, (1,)),
        ("MS", 24, (12,)),
        ("MS", 23, (1,)),
        ("D", 21, (7,)),
    ],
)
def test_a_season_must_have_been_seen_a_few_times(freq, length, seasons):
    assert find_seasonality(freq, length) == seasons


def test_an_unknown_step_has_no_seasons():
    with pytest.raises(ConfigError):
        find_seasonality("hourly", 1000)


def load(length=168 * 12, *, weekend=0.6, noise=3.0, seed=0):
    at = np.arange(length)
    day = 100 + 40 * np.sin(2 * np.pi * at / 24)
    return day * np.where(at // 24 % 7 < 5, 1, weekend) + np.random.default_rng(seed).normal(0, noise, length)


def test_readings_may_contradict_the_calendar():
    assert find_seasonality("h", 2016, load()) == (24, 168)
    assert find_seasonality("h", 2016, load(weekend=1.0)) == (24,)
    assert find_seasonality("h", 2016, np.random.default_rng(1).normal(size=2016)) == (1,)
    assert find_seasonality("h", 2016, np.cumsum(np.random.default_rng(1).normal(size=2016))) == (1,)


def test_one_spike_hides_no_season():
    values = load()
    values[700] = 1e7
    assert find_seasonality("h", 2016, values) == (24, 168)


def test_missing_readings_hide_no_season():
    values = np.stack([load(), load(seed=3)])
    values[0, 300:500] = np.nan
    values[1, :] = np.nan
    assert find_seasonality("h", 2016, values) == (24, 168)


def view_of(items, *, freq="h", seasonality=(24, 168), weather=None, faulty=None):
    columns = {} if weather is None else {"temperature": weather}
    tables = [
        pd.DataFrame(
            {
                "item_id": f"m{number}",
                "timestamp": pd.date_range("2025-01-06", periods=len(values), freq=freq, tz="UTC"),
                "target": values,
                **columns,
            }
        )
        for number, values in enumerate(items)
    ]
    task = Task(horizon=24, freq=freq, seasonality=seasonality, weather_covariates=tuple(columns))
    return make_view(pd.concat(tables, ignore_index=True), task, faulty=faulty)


def test_a_strong_season_explains_nearly_all_and_the_week_more_than_the_day():
    found = profile(view_of([load()]))
    assert found.strength[168] > 0.95
    assert 0.5 < found.strength[24] < found.strength[168]
    assert found.noise < 0.1
    assert found.log_safe
    assert (found.length, found.items, found.missing, found.zeros, found.demand_interval) == (2016, 1, 0, 0, 1)


def test_noise_has_no_season_no_trend_and_no_memory():
    found = profile(view_of([np.random.default_rng(0).normal(100, 5, 2016)]))
    assert max(found.strength.values()) < 0.05
    assert found.noise > 0.85
    assert found.trend < 0.01
    assert abs(found.persistence) < 0.1


def test_a_trend_is_seen_with_its_size():
    found = profile(view_of([np.linspace(50, 150, 2016) + np.random.default_rng(0).normal(0, 1, 2016)]))
    assert found.trend > 0.99
    assert found.growth == pytest.approx(1.0, abs=0.02)


def test_zeros_and_signs_forbid_the_logarithm():
    rare = np.where(np.arange(2016) % 4 == 0, 5.0, 0.0)
    found = profile(view_of([rare]))
    assert (found.zeros, found.demand_interval) == (0.75, 4.0)
    assert found.touches_zero
    assert not found.log_safe
    assert profile(view_of([load() - 120])).ever_negative
    assert not profile(view_of([load(), rare])).log_safe


def test_weather_explains_its_share_whatever_the_shape_of_its_effect():
    temperature = 10 + 12 * np.sin(np.arange(2016) / 90) + np.random.default_rng(2).normal(0, 2, 2016)
    found = profile(view_of([load() + 0.3 * (temperature - 12) ** 2], weather=temperature))
    assert found.weather_sensitivity > 0.85
    assert profile(view_of([load()], weather=temperature)).weather_sensitivity < 0.05
    assert profile(view_of([load()])).weather_sensitivity == 0


def test_readings_left_out_do_not_count():
    values = load()
    values[1000] = -1e6
    stamp = pd.Timestamp("2025-01-06", tz="UTC") + pd.Timedelta(hours=1000)
    faulty = pd.DataFrame({"item_id": ["m0"], "timestamp": [stamp], "known_from": [stamp]})
    found = profile(view_of([values], faulty=faulty))
    assert not found.ever_negative
    assert found.missing == pytest.approx(1 / 2016)


def test_only_what_was_known_at_the_end_counts():
    view = view_of([np.r_[load(), np.full(500, -7.0)]], weather=np.r_[load(seed=4), np.full(500, 1e9)])
    cutoff = view.grid[2015]
    assert profile(view.until(cutoff)) == profile(view_of([load()], weather=load(seed=4)))


def test_an_item_that_has_not_begun_does_not_count():
    panel = view_of([load(), np.r_[np.full(1900, np.nan), load()[:116]]])
    found, alone = (profile(view.until(view.grid[1000])) for view in (panel, view_of([load()])))
    assert (found.strength, found.missing, found.level) == (alone.strength, 0, alone.level)


@pytest.mark.parametrize(
    ("values", "freq", "seasonality"),
    [
        (np.arange(5.0), "h", (24, 168)),
        (np.array([1.0, 2.0]), "YS", (1,)),
        (load(60), "MS", (12,)),
        (np.r_[0.0, np.zeros(99), 1.0], "D", (7,)),
    ],
)
def test_numbers_are_finite_and_fit_json_even_for_the_smallest_history(values, freq, seasonality):
    numbers = profile(view_of([values], freq=freq, seasonality=seasonality)).numbers()
    assert np.isfinite(list(numbers.values())).all()
    assert json.loads(json.dumps(numbers)) == numbers
    assert numbers["season_1"] == seasonality[0]


def test_numbers_tell_the_step():
    assert profile(view_of([load(100)], freq="15min", seasonality=(96,))).numbers()["step_hours"] == 0.25
    assert profile(view_of([load(100)], freq="D", seasonality=(7,))).numbers()["step_hours"] == 24
