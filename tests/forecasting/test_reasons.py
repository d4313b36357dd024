"""A day ahead against the same weekday before: the causes add up to the difference, and are the right ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtests.task import Task
from backtests.view import make_view
from features.parts import EVENTS, OTHER, WEATHER
from forecasting.reasons import MISSED, why
from tests.forecasting.test_explain import HORIZON, ensemble, process


@pytest.fixture(scope="module")
def told():
    """A day six degrees colder than a week before, with an event that was not on then."""
    frame, _ = process(days=70)
    ahead, week = frame.index[-HORIZON:], frame.index[-HORIZON - 168 : -168]
    frame.loc[week, "target"] -= 25 * frame.loc[week, "event"]
    frame.loc[week, "event"] = 0.0
    frame.loc[ahead, "temperature"] = frame.loc[week, "temperature"].to_numpy() - 6
    task = Task(
        horizon=HORIZON, freq="h", seasonality=(24, 168), time_zone="UTC", country=None, weather_mode="oracle",
        known_covariates=("event",), weather_covariates=("temperature",),
    )  # fmt: skip
    view = make_view(frame[:-HORIZON], task, future=frame[-HORIZON:])
    return why(ensemble(view, ("deviation_ridge", {})), view), view, frame


def test_the_causes_add_up_to_the_difference_and_are_the_ones_that_were_put_in(told):
    found, _, frame = told
    (change,) = found.changes
    before = frame["target"].to_numpy()[-HORIZON - 168 : -168].mean()
    assert change.before == pytest.approx(before)
    assert change.now == pytest.approx(float(found.live.mean.mean()))
    assert sum(change.parts.values()) == pytest.approx(change.now - change.before)
    assert change.parts[WEATHER] == pytest.approx(15, rel=0.15)
    assert change.parts[EVENTS] == pytest.approx(25, rel=0.15)
    assert abs(change.parts[MISSED]) < 2
    assert abs(change.parts[OTHER]) < 1e-9


def test_it_knows_what_was_different(told):
    (change,) = told[0].changes
    assert (change.day - change.then).days == 7
    now, then = change.weather["temperature"]
    assert now == pytest.approx(then - 6)
    assert change.events == (("event",), ())
    assert change.steps == HORIZON


def test_a_day_without_readings_is_compared_with_the_week_before_it(told):
    _, view, _ = told
    raw = view.raw.copy()
    raw[:, -168 : -168 + 20] = np.nan
    gappy = replace(view, raw=raw)
    fitted = ensemble(view, ("seasonal_profile", {}))
    longer = replace(gappy, task=replace(view.task, horizon=HORIZON))
    found = why(fitted, longer)
    assert [(change.day - change.then).days for change in found.changes] == [14]
    raw[:] = np.nan
    raw[:, -1] = 1.0
    assert why(fitted, replace(view, raw=raw)).changes == ()


def test_monthly_steps_have_parts_and_no_days():
    import pandas as pd

    stamps = pd.date_range("2015-01-01", periods=60, freq="MS", tz="UTC")
    frame = pd.DataFrame({"item_id": "m", "timestamp": stamps, "target": np.arange(60.0)})
    view = make_view(frame, Task(horizon=3, freq="MS", seasonality=(12,)))
    found = why(ensemble(view, ("seasonal_naive", {})), view)
    assert found.changes == ()
    assert found.live.mean.shape == (1, 1, 3)
