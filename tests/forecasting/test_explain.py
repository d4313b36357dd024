"""Parts add up to the forecast, whatever the ensemble does, and are the ones the process was made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from backtests.view import make_view
from features.lags import profile
from features.parts import (
    BOUND,
    COVARIATES,
    EVENTS,
    OTHER,
    PROFILE,
    RECENT,
    WEATHER,
    WHOLE,
    ordered,
    part_of_known,
)
from features.usual import shares_of
from forecasting.ensemble import Ensemble, middle_weights
from forecasting.explain import explain
from forecasting.forecasters import build
from forecasting.intervals import Intervals

HORIZON = 24


def process(days=120, seed=3):
    """A usual week, an effect of the temperature of the day and one of an event, in known amounts, and noise."""
    rng = np.random.default_rng(seed)
    stamps = pd.date_range("2024-01-01", periods=24 * days + HORIZON, freq="h", tz="UTC")
    hour, weekend = stamps.hour.to_numpy(), stamps.dayofweek.to_numpy() >= 5
    degrees = np.repeat(rng.normal(0, 4, days + 1), 24)
    event = np.repeat((rng.random(days + 1) < 0.15).astype(float), 24)
    event[-HORIZON:] = 1.0
    made = {
        PROFILE: 200 + 40 * np.sin(2 * np.pi * (hour - 8) / 24) - 30 * weekend,
        WEATHER: -2.5 * degrees,
        EVENTS: 25 * event,
    }
    load = sum(made.values()) + rng.normal(0, 1, len(stamps))
    load[-HORIZON:] = np.nan
    columns = {"item_id": "m", "timestamp": stamps, "target": load, "temperature": 8 + degrees, "event": event}
    return pd.DataFrame(columns), made


def departures(made, length, depth, decay):
    """The process in the words of an explanation: the profile, and how each cause departs from its own."""

    def usual(values):
        shift = np.zeros(len(values), dtype=int)
        return profile(values[None, :length], 168, depth=depth, decay=decay, skip=1, shift=shift)[0]

    found = {name: values - usual(values) for name, values in made.items() if name != PROFILE}
    return {PROFILE: usual(sum(made.values())), **found}


def ensemble(view, *members, **changes):
    fitted = tuple(build(name, settings).fit(view, view.last, view.task) for name, settings in members)
    flat = Intervals(levels=(0.5,), offsets=np.zeros((view.task.horizon, 1)))
    return Ensemble(members=fitted, intervals=flat, **changes)


@pytest.fixture(scope="module")
def known():
    frame, made = process()
    task = Task(
        horizon=HORIZON, freq="h", seasonality=(24, 168), time_zone="UTC", country=None, weather_mode="oracle",
        known_covariates=("event",), weather_covariates=("temperature",),
    )  # fmt: skip
    return make_view(frame[:-HORIZON], task, future=frame[-HORIZON:]), made


def last(view):
    return pd.DatetimeIndex([view.last])


#: Weeks that make the usual, and the weight of one against the one after it: most forecasters, and a structural one.
WEEKS, ALIKE = (6, 0.75), (4, 1.0)


@pytest.mark.parametrize(
    ("members", "weeks"),
    [
        ([("deviation_ridge", {})], WEEKS),
        ([("boosted_residual", {})], WEEKS),
        ([("deviation_ridge", {}), ("boosted_residual", {}), ("deviation_ridge", {"depth": 7})], WEEKS),
        ([("weather_gam", {"log": False, "memory": "day"})], ALIKE),
        ([("weather_gam", {"log": True})], ALIKE),
        ([("gam_average", {})], ALIKE),
        ([("boosted_structure", {"linear": True})], ALIKE),
    ],
    ids=["linear", "trees", "median", "structural", "logarithm", "average", "leaves with regressions"],
)
def test_each_part_of_a_known_process_is_recovered_within_ten_percent(known, members, weeks):
    view, made = known
    found = explain(ensemble(view, *members), view, last(view))
    length = view.raw.shape[1]
    for name, truth in departures(made, length, *weeks).items():
        there, here = truth[length:], found.parts[name][0, 0]
        assert abs(here - there).sum() < 0.1 * abs(there).sum(), name
    assert found.unexplained < 0.001


def test_parts_add_up_when_the_middle_changes_from_step_to_step(known):
    view, _ = known
    mixed = ensemble(view, ("deviation_ridge", {"period": 24}), ("autoregression", {}), ("seasonal_naive", {}),
                     ("boosted_residual", {"rounds": 20}))  # fmt: skip
    cutoffs = view.grid[[view.raw.shape[1] - 50, view.raw.shape[1] - 1]]
    found = explain(mixed, view, cutoffs)
    assert np.array_equal(found.mean, mixed.predict(view, cutoffs).mean)
    np.testing.assert_allclose(sum(found.parts.values()), found.mean, rtol=1e-12)
    assert list(found.parts) == ordered(found.parts)
    table = found.to_frame()
    assert len(table) == 2 * HORIZON
    assert np.allclose(table.iloc[:, 4:].sum(axis=1), table["mean"])


@pytest.mark.parametrize("target", ["residual", "level", "structure"])
@pytest.mark.parametrize("linear", [False, True])
def test_boosting_on_structure_is_taken_apart_also_with_regressions_in_leaves(known, target, linear):
    view, _ = known
    parts = taken_apart(view, "boosted_structure", {"target": target, "linear": linear, "rounds": 100})
    assert 5 < parts[WEATHER].mean() < 12
    assert 5 < parts[EVENTS].mean() < 30


@pytest.mark.parametrize("kind", ["forest", "neighbours", "support"])
def test_regressors_are_taken_apart_by_what_their_inputs_change(known, kind):
    view, _ = known
    parts = taken_apart(view, "regressor", {"kind": kind})
    assert 5 < parts[WEATHER].mean() < 14, "8.3 in the process"
    assert 19 < parts[EVENTS].mean() < 31, "23 in the process"
    assert abs(parts[RECENT]).mean() < 2


def taken_apart(view, name, settings):
    """Parts of one member, which add up and hold nothing as a whole."""
    member = build(name, settings).fit(view, view.last, view.task)
    parts = member.explain(view, last(view))
    np.testing.assert_allclose(sum(parts.values()), member.predict(view, last(view)).mean, rtol=1e-9)
    assert not [part for part in parts if part.startswith(WHOLE)]
    return parts


@pytest.mark.parametrize("name", ["double_seasonal", "analogues"])
def test_what_lifts_the_latest_readings_is_the_recent_level(name):
    """A usual week, errors that fade slowly, and 20 more over the last two days."""
    stamps = pd.date_range("2024-01-01", periods=24 * 150, freq="h", tz="UTC")
    hours = np.arange(24 * 150 + 6)
    usual = 200 + 40 * np.sin(2 * np.pi * (hours - 8) / 24) - 30 * (hours // 24 % 7 >= 5)
    pushes, errors = np.random.default_rng(0).normal(0, 2, len(stamps)), np.zeros(len(stamps))
    for at in range(1, len(stamps)):
        errors[at] = 0.95 * errors[at - 1] + pushes[at]
    errors[-48:] += 20
    frame = pd.DataFrame({"item_id": "m", "timestamp": stamps, "target": usual[: len(stamps)] + errors})
    task = Task(horizon=6, freq="h", seasonality=(24, 168), time_zone="UTC", country=None)
    parts = taken_apart(make_view(frame, task), name, {})
    assert np.abs(parts[PROFILE][0, 0] - usual[-6:]).max() < 4
    assert parts[RECENT].min() > 4


def test_a_cause_has_the_mean_of_what_it_changes_over_all_orders():
    own, usual = np.array([[1.0, 2.0, 3.0, 4.0]]), np.zeros((1, 4))
    found = shares_of(
        lambda X: X[:, 0] + 2 * X[:, 1] + X[:, 2] * X[:, 3], own, usual, [PROFILE, RECENT, WEATHER, EVENTS]
    )
    assert {name: float(values[0]) for name, values in found.items()} == {
        PROFILE: 1.0, RECENT: 4.0, WEATHER: 6.0, EVENTS: 6.0,
    }  # fmt: skip


def test_a_member_that_cannot_be_taken_apart_is_one_named_part(known, monkeypatch):
    view, _ = known
    alone = ensemble(view, ("seasonal_profile", {}))
    kind = type(alone.members[0])
    monkeypatch.setattr(kind, "contributions", super(kind, alone.members[0]).contributions.__func__)
    found = explain(alone, view, last(view))
    assert set(found.parts) == {f"{WHOLE}{kind.name}", OTHER}
    assert found.unexplained == pytest.approx(1.0)


def test_what_a_bound_adds_is_a_part_of_its_own(known):
    view, _ = known
    bounded = ensemble(view, ("seasonal_profile", {}), lowest=200.0)
    found = explain(bounded, view, last(view))
    free = explain(replace(bounded, lowest=None), view, last(view))
    np.testing.assert_allclose(found.parts[BOUND], found.mean - free.mean)
    assert found.mean.min() == 200.0 > free.mean.min()
    assert BOUND not in free.parts


def test_the_middle_of_an_odd_number_is_one_member_and_of_an_even_number_two():
    three = np.array([5.0, 1.0, 3.0]).reshape(3, 1, 1, 1)
    assert middle_weights(three).ravel().tolist() == [0, 0, 1]
    four = np.array([5.0, 1.0, 3.0, 3.0]).reshape(4, 1, 1, 1)
    assert middle_weights(four).ravel().tolist() == [0, 0, 0.5, 0.5]
    made = np.random.default_rng(0).normal(size=(6, 2, 3, 4))
    np.testing.assert_allclose((middle_weights(made) * made).sum(axis=0), np.median(made, axis=0))


def test_a_known_column_that_says_yes_or_no_is_an_event():
    assert part_of_known(np.array([0.0, 1.0, np.nan])) == EVENTS
    assert part_of_known(np.array([0.0, 2.0])) == COVARIATES
