"""Tests of significance keep their size: equal forecasts are called different in about 5 % of cases, not in 15."""

from __future__ import annotations

import numpy as np
import pytest

from backtests.significance import (
    compare,
    confidence_set,
    diebold_mariano,
    skill_interval,
)
from connectors.errors import ConfigError


def noise(rng, shape, correlation=0.0):
    """Losses of days that are correlated from day to day."""
    found = rng.normal(size=(*shape[:-1], shape[-1] + 50))
    for day in range(1, found.shape[-1]):
        found[..., day] += correlation * found[..., day - 1]
    return found[..., 50:]


def overlapping(rng, shape, overlap):
    """Losses of windows that share days with the windows next to them."""
    found = rng.normal(size=(*shape[:-1], shape[-1] + overlap - 1))
    return np.stack([found[..., at : at + overlap].mean(axis=-1) for at in range(shape[-1])], axis=-1)


def rejected(rows, **how):
    return np.mean([diebold_mariano(row, **how) < 0.05 for row in rows])


@pytest.mark.parametrize("days", [7, 14, 20, 28, 60, 183])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.5])
def test_equal_forecasts_are_called_different_in_3_to_7_percent(days, correlation):
    rng = np.random.default_rng(days)
    assert 0.03 <= rejected(noise(rng, (1500, days), correlation)) <= 0.07


@pytest.mark.parametrize("overlap", [2, 7])
def test_so_are_those_of_windows_that_overlap(overlap):
    rng = np.random.default_rng(overlap)
    assert 0.03 <= rejected(overlapping(rng, (1500, 60), overlap), overlap=overlap) <= 0.07


@pytest.mark.parametrize("kernel", ["bartlett", "rectangular"])
def test_the_classic_kernels_keep_their_size_without_correlation(kernel):
    rng = np.random.default_rng(3)
    assert 0.03 <= rejected(noise(rng, (1500, 60)), kernel=kernel) <= 0.07


def test_the_classic_correction_is_that_of_the_paper():
    """By hand: h = 2, rectangular: variance g0 + 2 g1, factor (n + 1 - 2h + h(h - 1)/n) / n, t with n - 1."""
    from scipy import stats

    found = np.array([1.0, 3.0, 2.0, 4.0, 6.0, 5.0, 7.0, 3.0])
    n, h, centred = 8, 2, found - found.mean()
    variance = (centred @ centred + 2 * centred[1:] @ centred[:-1]) / n
    statistic = found.mean() / np.sqrt(variance / n) * np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    expected = 2 * stats.t.sf(statistic, n - 1)
    assert diebold_mariano(found, overlap=2, kernel="rectangular") == pytest.approx(expected)


def test_a_better_forecast_is_found():
    rng = np.random.default_rng(4)
    common = noise(rng, (200, 60), 0.5)
    better = [diebold_mariano(row) < 0.05 for row in 0.1 * common - 0.4 + 0.5 * noise(rng, (200, 60))]
    assert np.mean(better) > 0.9


def test_the_interval_of_the_skill_holds_what_it_says():
    """True skill 0.2 lies inside the 95 % interval in 91 to 99 % of cases, with correlated losses."""
    rng = np.random.default_rng(5)
    inside = []
    for row in range(300):
        shared = 5 + noise(rng, (60,), 0.3)
        losses, others = 0.8 * shared + 0.5 * noise(rng, (60,), 0.3), shared + 0.5 * noise(rng, (60,), 0.3)
        low, high = skill_interval(losses, others, seed=row)
        inside.append(low <= 0.2 <= high)
    assert 0.91 <= np.mean(inside) <= 0.99


def test_the_confidence_set_keeps_equal_forecasters_and_drops_worse_ones():
    """All six equal ones stay in 92 % of cases or more; a clearly worse seventh goes in most."""
    rng = np.random.default_rng(6)
    equal_stay, worse_goes = [], []
    for _ in range(150):
        shared = 5 + noise(rng, (60,), 0.4)
        losses = shared + 0.5 * noise(rng, (7, 60), 0.3)
        losses[6] += 0.6
        found = confidence_set(losses, draws=300)
        equal_stay.append((found[:6] >= 0.05).all())
        worse_goes.append(found[6] < 0.05)
    assert np.mean(equal_stay) >= 0.92
    assert np.mean(worse_goes) >= 0.9


def test_the_best_is_always_in_its_set():
    losses = np.arange(1, 5)[:, None] + np.random.default_rng(0).normal(0, 0.1, (4, 30))
    found = confidence_set(losses)
    assert found[0] == 1.0
    assert (found[1:] < 0.05).all()


def test_the_same_seed_gives_the_same_numbers():
    rng = np.random.default_rng(7)
    losses = np.abs(noise(rng, (2, 40)))
    assert compare(*losses) == compare(*losses)


def test_too_few_days_say_nothing():
    found = compare(np.ones(4), 2 * np.ones(4))
    assert found.skill == 0.5
    assert np.isnan([found.p_value, found.low, found.high]).all()
    assert not found.better
    assert not found.worse


def test_days_without_a_reading_are_left_out():
    losses, others = np.array([1.0, np.nan, 2, 3, 2, 1, 2]), np.array([2.0, 5, 3, np.nan, 4, 3, 3])
    assert compare(losses, others).days == 5


def test_always_the_same_difference_is_no_luck():
    assert diebold_mariano(np.full(10, -0.5)) == 0.0
    assert np.isnan(diebold_mariano(np.zeros(10))), "no difference at all"


def test_an_unknown_kernel_is_refused():
    with pytest.raises(ConfigError, match="Known: cosine"):
        diebold_mariano(np.ones(10), kernel="parzen")
