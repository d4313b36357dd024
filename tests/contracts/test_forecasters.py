"""One suite over every registered forecaster: a new one is tested by existing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import optuna
import pandas as pd
import pytest

from backtests.forecaster import Forecaster, State
from connectors.errors import ForecasterFailedError
from features.parts import WHOLE
from forecasting.forecasters import FORECASTERS, build, with_role
from forecasting.study import Choices, Defaults
from tests.contracts.series import poisoned, task, view

HOURLY = [name for name, kind in FORECASTERS.items() if kind.suits(task(), 24 * 75)]
ALONE = {"weather_covariates": (), "known_covariates": (), "past_covariates": ()}
DAILY = task(horizon=7, freq="D", seasonality=(7,), country=None, **ALONE)
LATE = task(weather_delay=24, horizon=30)
#: Forecasts of the weather as they were issued, for a forecast that is due two hours ahead.
ISSUED = task(weather_delay=24, weather_mode="vintage", horizon=5, asked=3, lead=pd.Timedelta(hours=2))
#: Settings that lead other ways than those by default.
OTHERS = [
    ("deviation_ridge", LATE, {"target": "box_cox", "blend": True}),
    ("deviation_ridge", task(), {"target": "log", "blend": True, "period": 24}),
    ("boosted_residual", task(), {"target": "box_cox", "on": "season"}),
]
ALL = [
    *[(name, asked, {}) for name in HOURLY for asked in (task(), LATE, ISSUED)],
    *[(name, DAILY, {}) for name, kind in FORECASTERS.items() if kind.suits(DAILY, 200)],
    *OTHERS,
]
IDS = [
    "-".join((name, f"{asked.horizon}{asked.freq}", asked.weather_mode, *map(str, said.values())))
    for name, asked, said in ALL
]


def made_view(asked, **made):
    if asked.freq == "h":
        return view(asked, **made)
    clean = view(task(**ALONE), days=200, **made)
    daily = clean.raw.reshape(len(clean.items), -1, 24).mean(axis=2)
    grid = pd.date_range("2024-02-01", periods=daily.shape[1] + asked.horizon, freq="D", tz="UTC")
    known_from = np.full(daily.shape, np.iinfo(np.int64).max)
    return replace(clean, raw=daily, known_from=known_from, grid=grid, task=asked)


@pytest.fixture(params=ALL, ids=IDS)
def case(request):
    name, asked, settings = request.param
    return name, asked, made_view(asked), settings


def test_every_forecaster_is_covered():
    assert {name for name, *_ in ALL} == set(FORECASTERS)


def test_it_follows_the_protocol(case):
    name, asked, seen, settings = case
    fitted = build(name, settings).fit(seen, seen.last, asked)
    assert isinstance(fitted, Forecaster)
    made = fitted.predict(seen, seen.grid[[seen.raw.shape[1] - 1]])
    assert made.mean.shape == (1, len(seen.items), asked.horizon)
    assert np.isfinite(made.mean).all()


def test_its_parts_add_up_to_its_forecast(case):
    name, asked, seen, settings = case
    fitted = build(name, settings).fit(seen, seen.last, asked)
    cutoffs = seen.grid[[seen.raw.shape[1] - 30, seen.raw.shape[1] - 1]]
    made, parts = fitted.predict(seen, cutoffs).mean, fitted.explain(seen, cutoffs)
    np.testing.assert_allclose(sum(parts.values()), made, rtol=1e-9)
    assert not [part for part in parts if part.startswith(WHOLE)]


def test_it_sees_nothing_that_was_not_available(case):
    """Every value not available at a cutoff is made absurd: forecasts from it stay the same to the last bit.

    Asked for together with later cutoffs, so that what the later ones may see must not reach the earlier one;
    among the cutoffs are some at which a faulty reading is not yet known to be one.
    """
    name, asked, seen, settings = case
    length, back = seen.raw.shape[1], 3 * asked.season
    positions = np.array([length - 1 - back, length - 1 - back + 12, length - 1 - asked.season, length - 1])
    fitted = build(name, settings).fit(seen, seen.grid[positions[0]], asked)
    together = fitted.predict(seen, seen.grid[positions])
    for index, cutoff in enumerate(positions[:-1]):
        wrong = poisoned(seen, int(cutoff))
        again = build(name, settings).fit(wrong, seen.grid[positions[0]], asked)
        mixed = again.predict(wrong, seen.grid[positions[: index + 1]])
        assert np.array_equal(mixed.mean[index], together.mean[index])


def test_it_forecasts_ragged_panels(case):
    name, asked, _, settings = case
    seen = made_view(asked, items=3)
    fitted = build(name, settings).fit(seen, seen.last, asked)
    cutoffs = seen.grid[[seen.raw.shape[1] - 1 - asked.season, seen.raw.shape[1] - 1]]
    made = fitted.predict(seen, cutoffs)
    assert made.mean.shape == (2, 3, asked.horizon)
    sizes = np.abs(made.mean).mean(axis=(0, 2))
    assert sizes[2] > sizes[1] > sizes[0], "items three, two and one times as large"


def test_its_state_is_all_it_learnt(case):
    """Taken apart to arrays, words and texts and put together again it forecasts the same to the last bit."""
    name, asked, seen, settings = case
    fitted = build(name, settings).fit(seen, seen.last, asked)
    state = fitted.state()
    copied = State(
        settings=json.loads(json.dumps(state.settings)),
        arrays={key: np.array(value) for key, value in state.arrays.items()},
        texts=dict(state.texts),
    )
    assert all(value.dtype != object for value in copied.arrays.values())
    again = build(name, json.loads(json.dumps(fitted.settings()))).restore(copied, asked)
    cutoffs = seen.grid[[seen.raw.shape[1] - 1]]
    assert np.array_equal(again.predict(seen, cutoffs).mean, fitted.predict(seen, cutoffs).mean)


def test_its_search_space_suits_it(case):
    """Suggested settings build a forecaster that works, and the defaults lie inside the space."""
    name, asked, seen, settings = case
    kind = FORECASTERS[name]
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(2):
        settings = kind.search_space(Choices(study.ask(), name), asked)
        made = build(name, settings).fit(seen, seen.last, asked).predict(seen, seen.grid[[seen.raw.shape[1] - 1]])
        assert np.isfinite(made.mean).all()
    defaults = kind.search_space(Defaults(kind().settings()), asked)
    for key, value in defaults.items():
        assert value == kind().settings()[key] or kind().settings()[key] == 0, key


def test_it_is_repeatable(case):
    name, asked, seen, settings = case
    cutoffs = seen.grid[[seen.raw.shape[1] - 1]]
    twice = [build(name, settings).fit(seen, seen.last, asked).predict(seen, cutoffs).mean for _ in range(2)]
    assert np.array_equal(*twice)


def test_it_says_so_when_it_was_not_fitted(case):
    name, _, seen, settings = case
    with pytest.raises(ForecasterFailedError, match=name):
        build(name, settings).predict(seen, seen.grid[[10]])


def test_there_is_a_baseline_a_fallback_and_a_base():
    for role in ("baseline", "fallback", "base"):
        assert with_role(role), role
