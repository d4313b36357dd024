"""What each family of forecasters is there for: it finds what it was made to find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.view import NEVER, View
from forecasting.forecasters import build
from forecasting.forecasters import regressor as look
from forecasting.forecasters.prefix import by_error, least_absolute, sums_until
from forecasting.portfolio import families, portfolio
from tests.contracts.series import task

ALONE = {"weather_covariates": (), "known_covariates": (), "past_covariates": (), "weather_mode": "none"}
HOURLY = task(**ALONE, country=None, time_zone="UTC")
DAILY = task(**ALONE, country=None, time_zone="UTC", freq="D", seasonality=(7,), horizon=14)


def seen(readings, asked=HOURLY):
    grid = pd.date_range("2024-01-01", periods=len(readings) + asked.horizon, freq=asked.freq, tz="UTC")
    raw = np.asarray(readings, dtype=float)[None]
    return View(items=("one",), grid=grid, raw=raw, known_from=np.full(raw.shape, NEVER), task=asked)


def forecast(name, readings, asked=HOURLY, **settings):
    view = seen(readings, asked)
    return build(name, settings).fit(view, view.last, asked).predict(view, pd.DatetimeIndex([view.last])).mean[0, 0]


def test_double_smoothing_finds_a_day_and_a_week():
    steps = np.arange(24 * 7 * 10 + 24)
    x = 100 + 10 * np.sin(2 * np.pi * steps / 24) + 20 * (steps // 24 % 7 >= 5)
    assert np.allclose(forecast("double_seasonal", x[:-24]), x[-24:], atol=0.1)


def test_double_smoothing_carries_the_last_error_on():
    rng = np.random.default_rng(0)
    away = np.zeros(24 * 7 * 12)
    for step in range(1, len(away)):
        away[step] = 0.95 * away[step - 1] + rng.normal()
    away[-1] = 15.0
    made = forecast("double_seasonal", 100 + away)
    assert made[0] > 108
    assert made[0] > made[12] > 99


WEEKS = np.arange(24 * 7 * 10 + 24)
DAY_AND_WEEK = 100 + 10 * np.sin(2 * np.pi * WEEKS / 24) + 4 * np.cos(2 * np.pi * WEEKS / 168)


@pytest.mark.parametrize("name", ["mstl", "harmonic", "boosted_recursive"])
def test_a_day_and_a_week_go_on(name):
    made = forecast(name, DAY_AND_WEEK[:-24])
    assert np.allclose(made, DAY_AND_WEEK[-24:], atol=1.0)


def test_a_departure_from_the_waves_fades_as_departures_have_faded():
    rng = np.random.default_rng(0)
    away = np.zeros(len(DAY_AND_WEEK))
    for step in range(1, len(away)):
        away[step] = 0.9 * away[step - 1] + 0.3 * rng.normal()
    away[-1] = 8.0
    made = forecast("harmonic", DAY_AND_WEEK + away)
    steps = WEEKS[-1] + np.arange(1, 25)
    beyond = made - (100 + 10 * np.sin(2 * np.pi * steps / 24) + 4 * np.cos(2 * np.pi * steps / 168))
    assert beyond[0] == pytest.approx(7.2, abs=1.0)
    assert beyond[-1] == pytest.approx(8 * 0.9**24, abs=1.0)


def test_a_power_of_the_target_lets_effects_multiply():
    """A day whose size grows with the level: on a logarithm one season, on the readings one for each level."""
    steps = np.arange(24 * 7 * 14 + 24)
    x = 100 * 1.005 ** (steps / 24) * np.exp(0.4 * np.sin(2 * np.pi * steps / 24)) * (1 + 0.4 * np.sin(steps / 250))
    away = {
        target: np.abs(forecast("deviation_ridge", x[:-24], target=target) - x[-24:]).mean()
        for target in ("level", "box_cox")
    }
    assert away["box_cox"] < away["level"]


def test_the_chance_of_a_demand_falls_when_demand_dies_out():
    rng = np.random.default_rng(0)
    x = np.where(rng.random(400) < 0.2, 10.0, 0.0)
    assert forecast("intermittent", x)[0] == pytest.approx(2.0, abs=1.2)
    dead = np.concatenate([x, np.zeros(200)])
    assert forecast("intermittent", dead)[0] < 0.01
    assert forecast("intermittent", dead, method="croston")[0] > 1
    assert forecast("intermittent", x, method="sba")[0] < forecast("intermittent", x, method="croston")[0]


def test_only_where_there_are_many_zeros():
    assert "intermittent" not in families(HOURLY, 3600)
    assert "intermittent" not in {name for name, _ in portfolio(HOURLY, 3600)}
    assert "intermittent" in {name for name, _ in portfolio(HOURLY, 3600, zeros=0.5)}


def test_holt_winters_finds_a_season_and_a_trend_that_levels_off():
    steps = np.arange(7 * 40 + 14)
    x = 100 + 0.2 * steps + 5 * (steps % 7 == 6)
    made = forecast("smoothing", x[:-14], DAILY)
    assert np.allclose(made, x[-14:], atol=2)


def test_what_followed_the_days_most_alike_follows_again():
    """After two days alike a low third day comes: only the stretches of the past tell."""
    days = np.tile([0.0, 8.0, -8.0], 60)
    x = 100 + np.repeat(days, 24) + 5 * np.sin(2 * np.pi * np.arange(len(days) * 24) / 24)
    made = forecast("analogues", x[:-24], neighbours=8, shrink=1.0)
    assert np.abs(made - x[-24:]).mean() < 2


@pytest.mark.parametrize("kind", ["forest", "neighbours", "support"])
def test_what_is_kept_of_a_regressor_says_what_scikit_learn_says(kind):
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.svm import SVR

    rng = np.random.default_rng(0)
    X, new = rng.normal(size=(300, 5)).astype(np.float32).astype(float), rng.normal(size=(40, 5))
    new = new.astype(np.float32).astype(float)
    target = X[:, 0] * 2 + np.sin(X[:, 1])
    ours = look.Regressor(kind=kind, trees=10, neighbours=7)
    made, theirs = {
        "forest": (
            lambda: look._fall(new, ours._forest(X, target)),
            RandomForestRegressor(10, min_samples_leaf=5, max_features=0.4, random_state=0, n_jobs=1),
        ),
        "neighbours": (lambda: ours._nearest(new, look._keep(X, target)), KNeighborsRegressor(7)),
        "support": (lambda: look._machine(new, ours._support(X, target)), SVR(C=1.0, gamma=0.2, epsilon=0.1)),
    }[kind]
    assert np.allclose(made(), theirs.fit(X, target).predict(new))


def test_the_average_of_ridges_is_their_average():
    rng = np.random.default_rng(0)
    x = 100 + 10 * np.sin(2 * np.pi * np.arange(24 * 70) / 24) + rng.normal(size=24 * 70)
    whole = build("ridge_average", {})
    each = [forecast("deviation_ridge", x, **one.settings()) for one in whole.members()]
    assert np.allclose(forecast("ridge_average", x), np.mean(each, axis=0))
    stiff = replace(whole, stiffness=5.0)
    assert [one.penalty for one in stiff.members()] == [5 * one.penalty for one in whole.members()]


@pytest.mark.filterwarnings("error")
def test_an_autoregression_of_readings_that_repeat_exactly_goes_on_without_a_complaint():
    """Many weights fit exactly, and statsmodels warns of that; each of them goes on as the readings did."""
    x = np.tile(np.random.default_rng(0).uniform(10, 90, 168), 11)
    assert np.allclose(forecast("autoregression", x[:-24]), x[-24:])


def test_where_most_errors_are_nothing_the_other_rows_hardly_count():
    """A regression that is exact on most rows keeps them exact, whatever the others say; no sum overflows."""
    known = np.ones((2, 9))
    error = np.array([[0.0] * 6 + [1.0, 2.0, 1e300], [1.0] * 6 + [0.1, 2.0, 4.0]])
    with np.errstate(all="raise"):
        found = by_error(error, known)
    assert found.mean(axis=1) == pytest.approx([1.0, 1.0])
    assert found[0, :6] == pytest.approx(1.5)
    assert found[0, 6:] == pytest.approx(0.0)
    assert found[1] / found[1, 0] == pytest.approx([1.0] * 6 + [2.0, 0.5, 0.25])


def test_an_exact_regression_of_absolute_errors_is_found_in_spite_of_a_third_of_the_rows():
    rng = np.random.default_rng(5)
    Z = rng.normal(0, 1, (1, 90, 2))
    d = Z @ [2.0, -1.0]
    d[0, ::3] += 50
    rows = (Z, d, np.ones((1, 90)), np.array([90]))
    absolute, square = least_absolute(*rows, 1e-9), sums_until(*rows).solve(1e-9)
    away = [float(np.abs(weights[0, 0] - [2.0, -1.0]).max()) for weights in (absolute, square)]
    assert away[0] < 0.25 * away[1]
