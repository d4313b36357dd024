"""The judge stands alone: any object that follows the protocol is judged, a forecaster of sktime included."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import backtests
from backtests import SktimeForecaster, Task, judge
from backtests.forecaster import Forecasts, stamps_after
from connectors.errors import ForecasterFailedError
from tests.contracts.series import history, poisoned, task, view

ROOT = Path(__file__).resolve().parents[2]
TASK = Task(horizon=24, freq="h", seasonality=(24, 168), weather_mode="none")


@dataclass
class Last:
    """The last reading, for ever. No base class, nothing registered."""

    name: str = "last"

    def fit(self, view, cutoff, task):  # noqa: ARG002
        return self

    def predict(self, view, cutoffs):
        last = [np.nan_to_num(view.past_at(cutoff).readings[:, -1]) for cutoff in cutoffs]
        mean = np.repeat(np.stack(last)[:, :, None], view.task.horizon, axis=2)
        stamps = stamps_after(view, cutoffs, view.task.horizon)
        return Forecasts(cutoffs=cutoffs, timestamps=stamps, items=view.items, mean=mean)

    def state(self):
        return None


def naive(season=24, **settings):
    sktime = pytest.importorskip("sktime.forecasting.naive")
    return SktimeForecaster(forecaster=sktime.NaiveForecaster(strategy="last", sp=season), **settings)


def test_any_object_that_follows_the_protocol_is_judged():
    result = judge(Last(), history(60, items=2)[["item_id", "timestamp", "target"]], TASK, windows=5)
    assert result.windows == 5
    assert result.scores["mae"] > 0
    assert result.table().index.tolist() == ["last"]
    assert np.isnan(result.skill), "nothing to compare with"


def test_a_forecaster_of_sktime_is_judged_against_it():
    result = judge(naive(), history(40)[["item_id", "timestamp", "target"]], TASK, against=Last(), windows=8)
    assert result.skill > 0.3
    assert result.comparison.better
    assert result.best_baseline == "last"


def test_it_forecasts_what_sktime_forecasts():
    """The seasonal naive of sktime repeats the last day known at each cutoff."""
    seen = view(task(weather_covariates=(), known_covariates=(), past_covariates=()), days=30, items=2)
    cutoffs = seen.grid[[500, 524, 560]]
    made = naive().fit(seen, cutoffs[0], seen.task).predict(seen, cutoffs)
    for row, position in enumerate((500, 524, 560)):
        day = seen.raw[1, position - 23 : position + 1]
        found = np.isfinite(day)
        assert np.array_equal(made.mean[row, 1][found], day[found])


def test_it_sees_nothing_later():
    seen = view(task(weather_covariates=(), known_covariates=(), past_covariates=()), days=30)
    at = seen.grid[[500]]
    for settings in ({}, {"anew": True}):
        fitted = naive(**settings).fit(seen, seen.grid[400], seen.task)
        assert np.array_equal(fitted.predict(seen, at).mean, fitted.predict(poisoned(seen, 500), at).mean)


def test_its_quantiles_are_taken_and_do_not_cross():
    seen = view(task(weather_covariates=(), known_covariates=(), past_covariates=()), days=30)
    made = naive(with_quantiles=True).fit(seen, seen.grid[500], seen.task).predict(seen, seen.grid[[500]])
    assert made.quantiles.shape == (1, 1, 24, len(seen.task.quantile_levels))
    assert (np.diff(made.quantiles, axis=-1) >= 0).all()


def test_it_must_be_fitted_first():
    seen = view()
    with pytest.raises(ForecasterFailedError, match="before it was fitted"):
        naive().predict(seen, seen.grid[[500]])


def test_the_face_is_light_and_says_what_it_hands_out():
    code = "import sys, backtests; print([m for m in ('pandas', 'scipy', 'sktime') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"
    assert dir(backtests) == backtests.__all__
    with pytest.raises(AttributeError, match="no attribute 'juge'"):
        _ = backtests.juge


def test_nothing_above_is_loaded_by_judging():
    code = (
        "import sys; from backtests import judge, Task, SktimeForecaster, score, calibration_of, confidence_set; "
        "print([m for m in sys.modules if m.split('.')[0] in ('forecasting', 'features')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout.strip() == "[]"
