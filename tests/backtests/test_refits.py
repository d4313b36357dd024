"""Rolling forecasts: when a forecaster is fitted anew, on what, and what it cannot know."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from backtests.backtest import STALE, WATCHED, daily_losses, roll
from backtests.forecaster import Forecasts, stamps_after
from backtests.windows import Windows
from tests.contracts.series import task, view

ASKED = task(weather_covariates=(), known_covariates=(), past_covariates=(), country=None)


@dataclass
class Level:
    """Forecasts the mean of the readings it was fitted on; remembers its fits. Follows the protocol, no more."""

    name: str = "level"
    level: float = 0.0
    fits: list = field(default_factory=list)

    def fit(self, view, cutoff, task):  # noqa: ARG002
        readings = view.past_at(cutoff).readings
        self.fits.append((cutoff, int(np.isfinite(readings).sum())))
        return Level(level=float(np.nanmean(readings)), fits=self.fits)

    def predict(self, view, cutoffs):
        mean = np.full((len(cutoffs), len(view.items), view.task.horizon), self.level)
        stamps = stamps_after(view, cutoffs, view.task.horizon)
        return Forecasts(cutoffs=cutoffs, timestamps=stamps, items=view.items, mean=mean)

    def state(self):
        return None


def steady(jump_at=None, days=80):
    """9 and 11 by turns; 90 more from a position on."""
    seen = view(ASKED, days=days)
    raw = np.broadcast_to(10.0 + (-1) ** np.arange(seen.raw.shape[1]), seen.raw.shape).copy()
    if jump_at is not None:
        raw[:, jump_at:] += 90
    return replace(seen, raw=raw, known_from=np.full_like(seen.known_from, np.iinfo(np.int64).max))


def fits(refit, number=40, fit_on=None, jump_at=None):
    forecaster, seen = Level(), steady(jump_at)
    positions = 24 * 30 - 1 + 24 * np.arange(number)
    windows = Windows(positions=positions, horizon=24, refit=refit, fit_on=fit_on)
    made = roll(forecaster, seen, windows, ASKED)
    assert made.mean.shape == (number, 1, 24)
    assert list(made.cutoffs) == list(seen.grid[positions])
    return forecaster.fits, positions, seen


@pytest.mark.parametrize(("refit", "number"), [("never", 1), ("each", 40), (8, 5), ("stale", 1)])
def test_fits_are_as_often_as_asked(refit, number):
    assert len(fits(refit)[0]) == number


def test_a_sliding_fit_forgets():
    """The last 100 readings, whatever came before."""
    assert {count for _, count in fits("each", fit_on=100)[0]} == {100}
    assert [count for _, count in fits(20)[0]] == [24 * 30, 24 * 50]


def test_a_stale_model_is_fitted_anew_once_the_errors_that_show_it_are_known():
    """The level jumps after 25 windows; the first cutoff at which that window's error is known is the 26th."""
    positions = 24 * 30 - 1 + 24 * np.arange(40)
    found, _, seen = fits("stale", jump_at=int(positions[25]) + 1)
    assert STALE * WATCHED < 90, "one window of the jump is enough"
    assert found[0][0] == seen.grid[positions[0]]
    assert found[1][0] == seen.grid[positions[26]]


def test_what_is_stale_is_told_from_known_errors_only():
    """Whatever comes after a cutoff changes no fit up to it."""
    positions = 24 * 30 - 1 + 24 * np.arange(40)
    before, *_ = fits("stale")
    after, _, seen = fits("stale", jump_at=int(positions[25]) + 1)
    assert [at for at, _ in after if at <= seen.grid[positions[25]]] == [at for at, _ in before]


def test_daily_losses_are_one_for_each_day_in_order():
    """Two days from each of three cutoffs a day apart: four days, those in the middle forecast twice."""
    asked = replace(ASKED, horizon=48)
    seen = replace(steady(), task=asked)
    positions = 24 * np.array([40, 41, 42]) - 1
    made = roll(Level(), seen, Windows(positions=positions, horizon=48), asked)
    error = np.abs(seen.raw[0] - made.mean[0, 0, 0])
    expected = [error[24 * day : 24 * day + 24].mean() for day in (40, 41, 42, 43)]
    assert daily_losses(made, seen, asked) == pytest.approx(expected)
