"""What is computed of a past is computed once, for all forecasters, trials and windows that ask for the same."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from backtests.backtest import roll
from backtests.past import most_kept
from backtests.windows import Windows
from features.deviation import Deviation
from features.structure import Structure, knots_of, structure_of
from features.weather import Climate
from forecasting.forecasters import FORECASTERS, build, structural_fit
from forecasting.portfolio import portfolio
from tests.contracts.series import task, view

WINDOWS = Windows(positions=np.array([1400, 1500, 1600, 1700]), horizon=24, refit=2)


@pytest.fixture
def made(monkeypatch):
    """How often each design was made, by what decides it."""
    found: Counter = Counter()

    def counted(kind, key):
        before = kind.__init__

        def counting(self, past, *arguments):
            found[(kind.__name__, past.cutoff, past.readings.tobytes(), key(*arguments))] += 1
            before(self, past, *arguments)

        monkeypatch.setattr(kind, "__init__", counting)

    counted(Deviation, lambda shape, bends: (shape, *(values.tobytes() for values in bends.values())))
    counted(Structure, lambda knots, last: (last, *(values.tobytes() for values in knots.values())))
    counted(Climate, lambda: ())
    return found


def test_the_portfolio_shares_every_design(made, monkeypatch):
    """One lag tensor, one climate and one Gram matrix for each past and scale, whoever asks for them."""
    grams: Counter = Counter()
    gather = structural_fit._gather

    def counting(structure, *arguments):
        grams[(structure.past.cutoff, *map(str, arguments))] += 1
        return gather(structure, *arguments)

    monkeypatch.setattr(structural_fit, "_gather", counting)
    seen = view(task(weather_mode="oracle"))
    asked = portfolio(seen.task, 1400, 0.0, 1)
    for name, settings in [*asked, *asked]:
        roll(build(name, settings), seen, WINDOWS, seen.task)
    assert {kind for kind, *_ in made} == {"Deviation", "Structure", "Climate"}
    assert set(made.values()) == {1}
    assert set(grams.values()) == {1}
    assert len(asked) > 10


@pytest.fixture(scope="module")
def used():
    """A view that all of the portfolio has used."""
    found = view()
    for name, settings in portfolio(task(), 1400, 0.0, 1):
        roll(build(name, settings), found, WINDOWS, task())
    return found


@pytest.mark.parametrize("name", list(FORECASTERS))
def test_what_is_shared_changes_no_forecast(name, used):
    """After all others have used a view, a forecaster says what it says of a view of its own."""
    if not FORECASTERS[name].suits(task(), 1400):
        pytest.skip("needs another series")
    alone = roll(build(name, {}), view(), WINDOWS, task()).mean
    assert np.array_equal(roll(build(name, {}), used, WINDOWS, task()).mean, alone)


def test_knots_in_another_order_make_another_design():
    """The order of the knots is that of the columns, and so of the weights learnt on them."""
    past = view(task(weather_mode="oracle")).past_at(view().last)
    knots = knots_of(past)
    turned = dict(reversed(knots.items()))
    first, second = (structure_of(past, one, past.cutoff).observed(0, np.arange(50)) for one in (knots, turned))
    assert list(first) != list(second)
    assert set(first) == set(second)


def test_nobody_can_write_to_the_readings_of_a_past():
    past = view().past_at(view().last)
    with pytest.raises(ValueError, match="read-only"):
        past.readings[0, 0] = 1.0


def test_a_changed_past_shares_nothing_with_the_one_before():
    past = view().past_at(view().last)
    assert past.once("what", lambda: 1) == past.once("what", lambda: 2) == 1
    assert replace(past, readings=past.readings * 2).once("what", lambda: 2) == 2


def test_what_is_kept_is_bounded_and_the_oldest_goes_first():
    seen = view()
    past = seen.past_at(seen.last)
    most = most_kept(len(seen.items), len(seen.grid))
    past.once("first", lambda: 0)
    for number in range(most - 1):
        past.once(number, lambda: 0)
    past.once("first", lambda: 1)
    past.once("one more", lambda: 1)
    assert past.once("first", lambda: 1) == 0
    assert past.once(0, lambda: 1) == 1
    newest = seen.past_at(seen.grid[1000])
    assert seen.past_at(seen.grid[1000]) is newest
    for position in range(1001, 1001 + most):
        seen.past_at(seen.grid[position])
    assert seen.past_at(seen.grid[1000]) is not newest
    assert most_kept(400, 1000) == 2


def test_a_view_travels_without_what_was_computed_of_it():
    seen = view()
    build("deviation_ridge", {}).fit(seen, seen.last, seen.task)
    assert seen.past_at(seen.last)._made
    assert len(pickle.dumps(seen)) < len(pickle.dumps(view())) + 1000
    again = pickle.loads(pickle.dumps(seen))
    assert np.array_equal(again.past_at(seen.last).readings, seen.past_at(seen.last).readings, equal_nan=True)
