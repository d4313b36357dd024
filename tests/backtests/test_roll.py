"""Refitting along the way is the same as refitting, and costs little more than one fit."""

from __future__ import annotations

import numpy as np
import pytest

from backtests.backtest import refit_roll, roll
from backtests.forecaster import Rolling
from backtests.windows import Windows
from forecasting.forecasters import FORECASTERS, build
from forecasting.forecasters import prefix as sums
from tests.contracts.series import task, view

ROLLING = [name for name, kind in FORECASTERS.items() if isinstance(kind(), Rolling)]
ASKED = task(weather_mode="none", weather_covariates=())


def windows(seen, refit, number=12):
    """Daily windows over the end of the history, where a reading is found faulty only later."""
    last = seen.raw.shape[1] - 1 - 24
    return Windows(positions=last - 24 * np.arange(number)[::-1], horizon=24, refit=refit)


def test_there_is_one():
    assert ROLLING


@pytest.mark.parametrize("name", ROLLING)
@pytest.mark.parametrize("refit", ["each", 5, "never"])
@pytest.mark.parametrize("same_phase", [False, True])
def test_it_is_the_same_as_fitting_anew(name, refit, same_phase):
    seen = view(ASKED, items=2)
    forecaster = build(name, {"same_phase": same_phase} if "same_phase" in build(name, {}).settings() else {})
    made, slow = (way(forecaster, seen, windows(seen, refit), ASKED).mean for way in (roll, refit_roll))
    assert np.abs(made / slow - 1).max() < 1e-6
    if refit != "never":
        assert not np.allclose(made, refit_roll(forecaster, seen, windows(seen, "never"), ASKED).mean)


@pytest.mark.parametrize("name", ROLLING)
def test_weather_and_bounded_histories_are_fitted_one_by_one(name):
    asked = task()
    seen = view(asked)
    made = roll(build(name, {}), seen, windows(seen, "each", 3), asked).mean
    assert np.allclose(made, refit_roll(build(name, {}), seen, windows(seen, "each", 3), asked).mean)


@pytest.mark.parametrize("name", ROLLING)
def test_every_row_enters_the_sums_once(name, monkeypatch):
    """With twelve refits no more rows are multiplied than the last of them needs, faulty cutoffs aside."""
    seen = view(ASKED)
    rows = []
    whole = sums._sums

    def counted(Z, d, known):
        rows.append(Z.shape[1])
        return whole(Z, d, known)

    monkeypatch.setattr(sums, "_sums", counted)
    roll(build(name, {}), seen, windows(seen, "each"), ASKED)
    assert sum(rows) < 3 * 24 * seen.raw.shape[1]
