"""Metrics are what their formulas say, worked out by hand, and gaps are left out of them."""

from __future__ import annotations

import numpy as np
import pytest

from backtests.metrics import METRICS, Scored, coverage, score


def made(actual, mean, quantiles=None, levels=(), scale=2.0, **more):
    actual = np.array(actual, dtype=float)[None, None]
    mean = np.array(mean, dtype=float)[None, None]
    return Scored(
        actual=actual,
        mean=mean,
        quantiles=None if quantiles is None else np.array(quantiles, dtype=float)[None, None],
        levels=levels,
        scale=np.array([[scale]]),
        square_scale=np.array([[scale**2]]),
        **more,
    )


def test_by_hand():
    found = score(made([10, 20, 30], [12, 20, 27]))
    assert found["mae"] == pytest.approx(5 / 3)
    assert found["rmse"] == pytest.approx(np.sqrt(13 / 3))
    assert found["bias"] == pytest.approx(-1 / 3)
    assert found["wape"] == pytest.approx(5 / 60)
    assert found["mase"] == pytest.approx(5 / 6)
    assert found["rmsse"] == pytest.approx(np.sqrt(13 / 3) / 2)


def test_pinball_by_hand():
    """At 0.9 a reading above the quantile costs nine times one below: (0.9 * 2 + 0.1 * 1) / 2."""
    scored = made([12, 9], [10, 10], [[10], [10]], (0.9,))
    assert METRICS["pinball"](scored) == pytest.approx((0.9 * 2 + 0.1 * 1) / 2)
    assert METRICS["wql"](scored) == pytest.approx(2 * (0.9 * 2 + 0.1 * 1) / 21)


def test_coverage_counts_the_edges_and_leaves_out_gaps():
    scored = made([1, 2, 3, np.nan], [2, 2, 2, 2], [[1, 2]] * 4, (0.1, 0.9))
    assert METRICS["coverage_80"](scored) == pytest.approx(2 / 3)
    assert np.isnan(coverage(scored, 0.5)), "no such levels"


def test_the_band_is_scored_for_its_width_and_its_misses():
    """Widths 2, 2 and 4; one reading 1 below, which costs 10 times that."""
    scored = made([1, 4, 9], [2, 2, 9], [[2, 4], [2, 4], [7, 11]], (0.1, 0.9))
    assert METRICS["width_80"](scored) == pytest.approx(8 / 3)
    assert METRICS["msis_80"](scored) == pytest.approx((8 + 10 * 1) / 3 / 2)


def test_days_are_judged_by_their_peak_and_their_total():
    """Two days of four steps: peaks 9, 8 forecast as 6, 8, one a step (6 h) late; totals 18, 14 as 16, 15."""
    scored = made([1, 9, 5, 3, 2, 2, 8, 2, 7], [3, 4, 6, 3, 2, 3, 8, 2, 0], day=4)
    assert METRICS["peak_size"](scored) == pytest.approx(3 / 17)
    assert METRICS["peak_hour"](scored) == pytest.approx(6 / 2)
    assert METRICS["day_total"](scored) == pytest.approx((2 + 1) / 32)
    gappy = made([1, 9, 5, 3, 2, np.nan, 8, 2], [3, 4, 6, 3, 2, 3, 8, 2], day=4)
    assert METRICS["day_total"](gappy) == pytest.approx(2 / 18), "a day with a gap has no total"
    assert np.isnan(METRICS["peak_hour"](made([1, 2, 3], [1, 2, 3], day=4))), "no whole day"
    assert np.isnan(METRICS["peak_size"](made([1, 2, 3], [1, 2, 3], day=1))), "steps of a day have no peak"


def test_costs_are_the_users():
    """2 too little at 3 each, 1 too much at 1, over two steps."""
    assert METRICS["cost"](made([12, 9], [10, 10], costs=(3.0, 1.0))) == pytest.approx((6 + 1) / 2)
    assert np.isnan(METRICS["cost"](made([12, 9], [10, 10]))), "no prices"


def test_two_zeros_are_no_error():
    assert METRICS["smape"](made([0, 1], [0, 3])) == pytest.approx((0 + 2 * 2 / 4) / 2)


def test_gaps_are_left_out_of_everything():
    whole = made([10, 20], [11, 22], [[9, 12], [19, 23]], (0.1, 0.9))
    gappy = made([10, np.nan, 20], [11, 99, 22], [[9, 12], [0, 1], [19, 23]], (0.1, 0.9))
    assert score(whole) == pytest.approx(score(gappy), nan_ok=True)


def test_a_target_of_zeros_has_no_percentage():
    found = score(made([0, 0], [1, 1]))
    assert np.isnan(found["wape"])
    assert found["mae"] == 1


def test_an_item_that_never_changes_has_no_scale():
    assert np.isnan(score(made([1, 1], [2, 2], scale=0.0))["mase"])


def test_no_readings_at_all_is_no_score():
    assert all(np.isnan(value) for value in score(made([np.nan], [1])).values())
