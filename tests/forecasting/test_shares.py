"""Weights are learnt where there are windows enough, add up to one, and never crown a lone winner."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.ensemble import combined, median
from forecasting.shares import (
    LARGEST,
    WINDOWS,
    WINDOWS_FOR_BLOCKS,
    greedy_shares,
    item_weights,
    weights_without,
)
from tests.contracts.series import task

SCALE = np.ones(1)


def errors(windows, horizon=24, seed=0):
    """Three members: one whose errors the second undoes, and one that is far off."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 1, (windows, 1, horizon))
    return [noise, -noise, rng.normal(0, 9, noise.shape)], np.zeros((windows, 1, horizon))


def test_members_that_undo_each_other_share_the_weight():
    made, actual = errors(WINDOWS)
    shares = greedy_shares(made, actual, SCALE, task())
    assert np.allclose(shares.sum(axis=0), 1)
    assert np.allclose(shares[:2], 0.5)
    assert np.abs(combined(made, shares)).mean() < np.abs(median(made)).mean()


def test_few_windows_and_few_members_have_none():
    made, actual = errors(WINDOWS - 1)
    assert greedy_shares(made, actual, SCALE, task()) is None
    made, actual = errors(WINDOWS)
    assert greedy_shares(made[:2], actual, SCALE, task()) is None
    actual[0] = np.nan
    assert greedy_shares(made, actual, SCALE, task()) is None, "a window without readings is none"


def test_no_member_has_more_than_half():
    made, actual = errors(WINDOWS)
    made[0] = np.zeros_like(made[0])
    assert greedy_shares(made, actual, SCALE, task()).max() == LARGEST


def test_blocks_of_the_horizon_have_weights_of_their_own_with_many_windows():
    made, actual = errors(WINDOWS_FOR_BLOCKS)
    made[0][:, :, :6] = 0.0
    made[1][:, :, 6:] = 0.0
    shares = greedy_shares(made, actual, SCALE, task())
    assert shares[0, 0] == shares[1, 10] == LARGEST
    fewer = greedy_shares([one[1:] for one in made], actual[1:], SCALE, task())
    assert np.ptp(fewer, axis=1).max() == 0


def panel(windows, items=3, seed=0):
    """Four members: the first is right for the first item, the second for the second, the others in between."""
    rng = np.random.default_rng(seed)
    actual = rng.normal(100, 10, (windows, items, 12))
    sizes = np.full((4, items), 4.0)
    sizes[0, 0] = sizes[1, 1] = 0.5
    made = [actual + size[None, :, None] * rng.choice([-1, 1], actual.shape) for size in sizes]
    return made, actual


def test_an_item_of_a_panel_listens_to_what_was_right_for_it():
    made, actual = panel(8)
    weights = item_weights(made, actual)
    assert weights.shape == (4, 3)
    assert weights[:, 0].argmax() == 0
    assert weights[:, 1].argmax() == 1
    by_item, alike = (np.abs(combined(made, None, one) - actual).mean(axis=(0, 2)) for one in (weights, None))
    assert (by_item[:2] < 0.6).all()
    assert (alike[:2] > 1).all()


def test_the_fewer_windows_the_more_an_item_goes_by_all_items():
    made, actual = panel(8)
    few, many = (item_weights([one[:n] for one in made], actual[:n]) for n in (1, 8))
    lead = [w[0, 0] / w[2, 0] for w in (few, many)]
    assert 1 < lead[0] < lead[1]


def test_a_single_series_weighs_all_members_alike():
    made, actual = errors(WINDOWS)
    assert item_weights(made, actual) is None
    assert weights_without(made, actual) is None


def test_an_item_without_readings_goes_by_all_items():
    made, actual = panel(8)
    actual[:, 2] = np.nan
    weights = item_weights(made, actual)
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(weights[0, 2] / weights[1, 2], 1, rtol=0.5)


def test_a_window_is_forecast_by_weights_that_did_not_see_it():
    made, actual = panel(5)
    before = weights_without(made, actual)
    assert before.shape == (4, 5, 3)
    actual[3] += 1000
    after = weights_without(made, actual)
    np.testing.assert_array_equal(before[:, 3], after[:, 3])
    assert (before[:, 2] != after[:, 2]).any()
    rest = [0, 1, 2, 4]
    np.testing.assert_allclose(after[:, 3], item_weights([one[rest] for one in made], actual[rest]))
    one = weights_without([m[:1] for m in made], actual[:1])
    np.testing.assert_allclose(one, 1)


@pytest.mark.parametrize("count", [3, 4, 5, 6])
def test_with_equal_weights_the_median_is_the_median(count):
    rng = np.random.default_rng(count)
    made = list(rng.normal(size=(count, 2, 3, 4)).round(1))
    np.testing.assert_allclose(combined(made, None, np.full((count, 3), 0.7)), median(made))


def test_the_median_by_weights_is_where_half_of_the_weight_lies_below():
    made = [np.full((1, 1, 1), value) for value in (1.0, 2.0, 3.0, 4.0)]
    assert combined(made, None, np.array([[1.0], [1], [1], [4]])).item() == 4
    assert combined(made, None, np.array([[1.0], [1], [1], [3]])).item() == 3.5
    assert combined(made, None, np.array([[5.0], [1], [1], [3]])).item() == 1.5
    assert combined(made, None, np.array([[6.0], [1], [1], [3]])).item() == 1
