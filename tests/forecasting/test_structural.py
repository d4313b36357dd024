"""The structural regressions find what is there, and refuse logarithms where they are not safe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtests.view import NEVER
from connectors.weather.vintages import Vintages
from features.transform import is_safe
from forecasting.forecasters import build
from forecasting.forecasters.structural import learn
from forecasting.forecasters.structural_fit import TRAINING, Specification, suggested_training
from forecasting.study import Defaults
from tests.contracts.series import task, view


def errors(seen, name, settings, back=24 * 14):
    cutoffs = seen.grid[np.arange(seen.raw.shape[1] - back, seen.raw.shape[1] - 24, 24)]
    made = build(name, settings).fit(seen, cutoffs[0], seen.task).predict(seen, cutoffs).mean
    steps = seen.positions(cutoffs)[:, None] + np.arange(1, 25)
    sound = np.where(seen.known_from == NEVER, seen.raw, np.nan)[0]
    return np.nanmean(np.abs(made[:, 0] - sound[steps]))


def test_it_finds_the_response_to_the_weather():
    """The load of the series has noise of 2: with perfect weather little more is left, without it much is."""
    seen = view(task(weather_mode="oracle", time_zone="UTC"), days=120, seed=1)
    blind = view(task(weather_mode="none", time_zone="UTC"), days=120, seed=1)
    assert errors(seen, "gam_average", {}) < 2.1
    assert errors(seen, "gam_average", {}) < 0.85 * errors(blind, "gam_average", {})


def test_the_correction_follows_a_level_that_moved():
    """The level moves after the fit: a correction learnt from residuals goes along with it."""
    seen = view(task(weather_mode="oracle", time_zone="UTC"), days=120, seed=1)
    level, rng = np.zeros(seen.raw.shape[1]), np.random.default_rng(0)
    for step in range(1, len(level)):
        level[step] = 0.998 * level[step - 1] + rng.normal()
    seen.raw[:] += level
    stiff = errors(seen, "weather_gam", {"correction": 1e6})
    assert errors(seen, "weather_gam", {}) < 0.8 * stiff


def test_a_logarithm_is_taken_only_far_above_zero():
    assert is_safe(np.array([50.0, 60.0, np.nan]))
    assert not is_safe(np.array([1.0, 60.0, 70.0]))
    assert not is_safe(np.array([-5.0, 60.0]))


def test_regressions_that_share_a_design_are_those_alone():
    """Three at once are what each is by itself: sharing the Gram matrix changes nothing but the time."""
    seen = view(task(weather_mode="oracle"))
    past = seen.past_at(seen.last)
    asked = [Specification(), Specification(log=True, memories=("1d",)), Specification(half_life=30.0)]
    together = learn(past, seen.task, asked, correction=0.01)
    for index, one in enumerate(asked):
        alone = learn(past, seen.task, [one], correction=0.01)
        assert np.allclose(alone.arrays["weights"][:, 0], together.arrays["weights"][:, index])


def test_where_forecasts_of_the_weather_are_poor_it_learns_not_to_trust_them():
    """The load follows a temperature whose forecasts know nothing of it: who learns from them looks away."""
    seen = view(task(weather_mode="vintage", time_zone="UTC", known_covariates=()), days=120, seed=1)
    rng = np.random.default_rng(0)
    wild = {
        name: replace(rows, values=rng.normal(8, 12, len(rows.values)))
        for name, rows in seen.vintages[0].rows.items()
    }
    seen = replace(seen, vintages=(Vintages(rows=wild),))
    found = {training: errors(seen, "weather_gam", {"training": training}) for training in TRAINING}
    assert found["mixed"] < 0.8 * found["observed"]
    assert found["forecast"] < 0.8 * found["observed"]


def test_perfect_weather_leaves_nothing_to_choose_from():
    asked = task(weather_mode="oracle")
    assert suggested_training(Defaults({"training": "mixed"}), asked) == {}
    assert suggested_training(Defaults({"training": "mixed"}), task(weather_mode="climatology")).keys() == {
        "training"
    }
    seen = view(asked)
    past = seen.past_at(seen.last)
    made = [learn(past, asked, [Specification()], correction=0.01, training=one).arrays for one in TRAINING[:3]]
    assert all(np.array_equal(made[0]["corrections"], one["corrections"]) for one in made)


def test_one_without_weather_is_that_of_a_task_without():
    """It neither sees the weather nor waits for it: observations a day late delay none of its residuals."""
    asked = task(weather_delay=24, known_covariates=())
    settings = {"training": "none"}
    seen, blind = view(asked), view(replace(asked, weather_mode="none"))
    at = seen.grid[[1200]]
    made = build("weather_gam", settings).fit(seen, at[0], asked).predict(seen, at).mean
    plain = build("weather_gam", {}).fit(blind, at[0], blind.task).predict(blind, at).mean
    assert np.array_equal(made, plain)
    assert build("weather_gam", settings).weather_training() is None
