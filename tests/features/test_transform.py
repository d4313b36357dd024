"""Scales of the target: there and back, only where safe, and parts that add up on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.parts import PROFILE, RECENT, WEATHER
from features.transform import BEYOND, Scale, is_safe
from tests.contracts.series import view


@pytest.fixture(scope="module")
def past():
    seen = view()
    return seen.past_at(seen.last)


def scaled(past, readings, target):
    found = replace(past, readings=np.asarray(readings, dtype=float))
    scale = Scale.learn(target, found)
    return scale, scale.onto(found).readings


@pytest.mark.parametrize("target", ["level", "log", "box_cox"])
def test_there_and_back_is_where_it_began(past, target):
    readings = np.abs(past.readings) + 50
    scale, made = scaled(past, readings, target)
    back = scale.back(np.moveaxis(made[:, None], 0, 1))  # one cutoff
    assert np.allclose(back[0], readings, rtol=1e-9, equal_nan=True)


def test_an_item_that_comes_near_zero_stays_as_it_is_beside_one_that_does_not(past):
    low, high = np.r_[0.1, np.full(499, 100.0)], np.r_[50.0, np.full(499, 100.0)]
    scale, made = scaled(past, np.stack([low, high]), "log")
    assert not is_safe(low)
    assert np.array_equal(made[0], low)
    assert np.allclose(made[1], np.log(high))
    assert scale.power.tolist() == [1.0, 0.0]


def test_the_power_is_the_one_that_steadies_the_spread(past):
    days = 200
    level = np.repeat(np.linspace(100, 1000, days), 168)
    wave = np.sin(np.arange(168 * days) * 2 * np.pi / 24)
    for power, spread in ((0.0, 0.3 * level), (1.0, 30.0 + 0 * level)):
        scale, _ = scaled(past, (level + spread * wave)[None], "box_cox")
        assert scale.power.tolist() == [power]


def test_a_forecast_cannot_run_away(past):
    readings = np.linspace(100, 200, 400)[None]
    scale, _ = scaled(past, readings, "log")
    made = scale.back(np.array([[[-50.0, 5.0, 900.0]]]))
    assert made.min() == 100 - BEYOND * 100
    assert made.max() == 200 + BEYOND * 100


@pytest.mark.parametrize("target", ["log", "box_cox"])
def test_parts_add_up_in_the_unit_of_the_target(past, target):
    readings = np.stack([np.linspace(100, 300, 400), np.r_[0.0, np.linspace(100, 300, 399)]])
    scale, made = scaled(past, readings, target)
    usual = np.moveaxis(made[:, None, -5:], 0, 1)
    parts = {PROFILE: usual, RECENT: 0.01 * usual, WEATHER: np.zeros_like(usual)}
    found = scale.parts(parts)
    total = scale.back(usual * 1.01)
    assert np.allclose(sum(found.values()), total)
    assert np.all(found[WEATHER] == 0)
    assert np.allclose(found[PROFILE][0, 0], readings[0, -5:])
