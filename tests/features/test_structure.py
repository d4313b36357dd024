"""Curves add up, memories go on over the horizon, and residuals are looked back at from their origin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.residuals import residual_columns
from features.splines import hats, products, round_hats, waves
from features.structure import Structure, knots_of
from features.weather import Climate
from tests.contracts.series import poisoned, task, view


def test_hats_add_up_to_one_and_draw_straight_lines():
    knots = np.array([0.0, 1.0, 1.0, 4.0])
    x = np.array([-3.0, 0.25, 1.0, 3.0, 9.0, np.nan])
    made = hats(x, knots)
    assert np.allclose(made.sum(axis=1), 1)
    assert np.allclose(made @ knots, [0, 0.25, 1, 3, 4, 1])


def test_round_hats_meet_at_midnight():
    made = round_hats(np.array([0.0, 23.5 / 24, 1.0]), 24)
    assert np.allclose(made[0], made[2])
    assert made[1, 23] == pytest.approx(0.5)
    assert made[1, 0] == pytest.approx(0.5)


def test_products_take_every_pair():
    assert np.array_equal(products(np.array([[2.0, 3.0]]), np.array([[1.0, 10.0]])), [[2, 20, 3, 30]])
    assert waves(np.array([0.25]), 1)[0] == pytest.approx([1, 1, 0])


def test_memories_over_the_horizon_are_those_of_a_longer_past():
    """With perfect weather the smoothed weather of the next day is what the day after would call observed."""
    seen = view(task(weather_mode="oracle", known_covariates=()))
    origin = 1000
    ahead = Climate(seen.past_at(seen.grid[origin])).ahead(np.array([origin]))["temperature"]
    later = Climate(seen.past_at(seen.grid[origin + 24])).memories["temperature"]
    assert {"now", "3h", "14d", "high", "low"} <= set(ahead)
    for kind, made in ahead.items():
        assert np.allclose(made[0, 0], later[kind][0, origin + 1 : origin + 25]), kind


@pytest.mark.parametrize("delay", [0, 24])
def test_the_design_over_a_horizon_knows_only_its_origin(delay):
    seen = view(task(weather_delay=delay))
    origins = np.array([1000, 1200])
    clean, wrong = (one.past_at(seen.grid[1200]) for one in (seen, poisoned(seen, 1000)))
    knots = knots_of(seen.past_at(seen.grid[900]))
    made = Structure(clean, knots, 900).ahead(0, origins)
    same = Structure(wrong, knots, 900).ahead(0, origins)
    for name, columns in made.items():
        assert np.array_equal(columns[:24], same[name][:24]), name


def test_columns_of_the_year_wait_for_a_year_and_a_half():
    assert not [name for name in _groups(400) if name.startswith("year")]
    assert len([name for name in _groups(600) if name.startswith("year")]) == 5


def _groups(days):
    seen = view(task(weather_mode="none", known_covariates=()), days=days)
    past = seen.past_at(seen.last)
    return Structure(past, knots_of(past), past.cutoff).observed(0, np.arange(10))


def test_residuals_are_looked_back_at_from_the_newest_known():
    asked = replace(task(horizon=30), weather_delay=2)
    residuals = np.arange(1000.0)[None]
    made = residual_columns(residuals, np.array([900]), asked, late=2)[0, 0]
    assert made[:, 0].tolist() == [898.0] * 30
    assert made[0, 4] == pytest.approx(np.arange(875, 899).mean())
    same_phase = made[:, 8]
    assert same_phase.max() <= 898
    assert ((np.arange(901, 931) - same_phase) % 24 == 0).all()
    assert np.nanmax(made) <= 898
