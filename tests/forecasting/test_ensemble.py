"""The forecast is the median of the good ones, never a lone winner."""

from __future__ import annotations

import numpy as np

from backtests.windows import PANEL
from forecasting.ensemble import FEWEST, MOST, MOST_OF_A_FAMILY, choose_members, median
from forecasting.tried import Tried


def tried(number, loss, name=None, status="done"):
    losses = np.full(8, np.nan if loss is None else loss)
    return Tried(number=number, name=name or f"family_{number}", settings={}, losses=losses, status=status)


def numbers(members):
    return [one.number for one in members]


def test_those_within_a_fifth_of_the_best_are_members():
    assert numbers(choose_members([tried(0, 1.0), tried(1, 1.19), tried(2, 1.1), tried(3, 1.21)])) == [0, 2, 1]


def test_in_a_panel_members_may_lie_farther_off():
    """What is best for many items hides in a mean over all of them."""
    found = [tried(0, 1.0), tried(1, 1.1), tried(2, 1.15), tried(3, 1.49), tried(4, 1.51)]
    assert numbers(choose_members(found, items=PANEL)) == [0, 1, 2, 3]
    assert numbers(choose_members(found, items=PANEL - 1)) == [0, 1, 2]


def test_in_a_panel_copying_is_a_member_whatever_it_did_on_average():
    found = [
        *(tried(number, 1.0 + number / 100) for number in range(3)),
        tried(5, 4.0, "seasonal_naive"),
        tried(6, 3.0),
    ]
    assert numbers(choose_members(found, items=PANEL)) == [0, 1, 2, 5]
    assert numbers(choose_members(found, items=PANEL - 1)) == [0, 1, 2]


def test_a_lone_winner_is_joined_by_the_next_best():
    assert numbers(choose_members([tried(0, 1.0), tried(1, 5.0), tried(2, 9.0), tried(3, 10.0)])) == [0, 1, 2]
    assert len(choose_members([tried(0, 1.0), tried(1, 2.0)])) == 2 < FEWEST


def test_twins_do_not_outvote_the_others():
    twins = [tried(number, 1.0 + number / 1000, "same") for number in range(10)]
    members = choose_members([*twins, tried(20, 1.15), tried(21, 1.16)])
    assert sum(one.name == "same" for one in members) == MOST_OF_A_FAMILY
    assert {20, 21} <= set(numbers(members))
    assert len(choose_members([tried(number, 1.0) for number in range(30)])) == MOST


def test_the_failed_and_the_pruned_are_no_members():
    found = choose_members([tried(0, 1.0), tried(1, 0.5, status="pruned"), tried(2, None, status="failed")])
    assert numbers(found) == [0]


def test_a_tie_takes_the_one_tried_first():
    assert numbers(choose_members([tried(5, 1.0), tried(2, 1.0)])) == [2, 5]


def test_the_median_ignores_one_that_goes_astray():
    shape = (1, 1, 2)
    members = [np.full(shape, 10.0), np.full(shape, 11.0), np.full(shape, 1e9)]
    assert (median(members) == 11.0).all()
