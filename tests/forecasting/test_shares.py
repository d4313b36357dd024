"""Weights are learnt where there are windows enough, add up to one, and never crown a lone winner."""

from __future__ import annotations

import numpy as np

from forecasting.ensemble import combined, median
from forecasting.shares import LARGEST, WINDOWS, WINDOWS_FOR_BLOCKS, greedy_shares
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
