"""The view hands out what was known at a cutoff, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtests.view import NEVER, make_view, steps_per_day
from connectors.errors import ConfigError, DataError
from tests.contracts.series import history, poisoned, task, view


def test_a_past_ends_at_its_cutoff():
    seen = view()
    past = seen.past_at(seen.grid[500])
    assert past.readings.shape == (1, 501)
    assert all(values.shape == (1, 501) for values in (*past.past.values(), *past.observed.values()))
    assert past.perfect is None


def test_a_fault_is_repaired_only_from_when_it_was_known():
    """Six hours long the spike is read as it came; then it is left out, at its own place too."""
    seen = view()
    at = int(np.argmax(seen.raw[0] == 900.0))
    for later in range(6):
        assert seen.past_at(seen.grid[at + later]).readings[0, at] == 900.0
    assert np.isnan(seen.past_at(seen.grid[at + 6]).readings[0, at])


def test_cutoffs_between_a_fault_and_its_finding_come_alone():
    """All others share one past; each cutoff comes exactly once, at its own place."""
    seen = view()
    at = int(np.argmax(seen.raw[0] == 900.0))
    positions = [at - 5, at, at + 3, at + 6, at + 20]
    found = list(seen.pasts(seen.grid[positions]))
    assert [sorted(origins.tolist()) for _, origins, _ in found] == [[at - 5, at + 6, at + 20], [at], [at + 3]]
    assert sorted(np.concatenate([where for *_, where in found]).tolist()) == [0, 1, 2, 3, 4]


def test_asking_beyond_the_readings_is_refused():
    seen = view()
    with pytest.raises(DataError, match="no reading at the cutoff"):
        seen.positions(seen.grid[[seen.raw.shape[1]]])
    past = seen.past_at(seen.grid[500])
    with pytest.raises(DataError, match="nothing later is known"):
        past.weather_ahead(np.array([501]), 24)


def test_outcomes_after_the_cutoff_are_missing():
    seen = view()
    past = seen.past_at(seen.grid[500])
    made = past.outcomes(np.array([490]), 24)
    assert np.isnan(made[0, 0, 10:]).all()
    assert np.array_equal(made[0, 0, :10], past.readings[0, 491:501], equal_nan=True)


def test_a_view_until_a_cutoff_holds_nothing_later():
    """Poison everything later: the view cut at the cutoff is the same, array by array."""
    seen = view()
    for cutoff in (800, seen.raw.shape[1] - 59):
        clean, wrong = (v.until(seen.grid[cutoff]) for v in (seen, poisoned(seen, cutoff)))
        assert np.array_equal(clean.raw, wrong.raw, equal_nan=True)
        assert np.array_equal(clean.known_from, wrong.known_from)
        for role in ("past", "weather"):
            for name, values in getattr(clean, role).items():
                assert np.array_equal(values, getattr(wrong, role)[name], equal_nan=True)
        assert clean.last == seen.grid[cutoff]


def test_only_the_oracle_sees_the_weather_to_come():
    honest, oracle = view(task()), view(task(weather_mode="oracle"))
    origin = np.array([700])
    came = oracle.weather["temperature"][:, 701:725]
    assert np.array_equal(oracle.past_at(oracle.grid[700]).weather_ahead(origin, 24)["temperature"][0], came)
    assert not np.array_equal(honest.past_at(honest.grid[700]).weather_ahead(origin, 24)["temperature"][0], came)
    assert view(task(weather_mode="none")).past_at(honest.grid[700]).weather_ahead(origin, 24) == {}


def test_items_may_begin_apart():
    seen = make_view(history(items=3), task())
    assert np.isnan(seen.raw[2, :400]).all()
    assert np.isfinite(seen.raw[0, :400]).mean() > 0.9
    assert (seen.known_from == NEVER).all()


def test_a_covariate_that_is_not_there_is_named():
    with pytest.raises(ConfigError, match="wind"):
        make_view(history(), task(weather_covariates=("wind",)))


def test_the_future_reaches_as_far_as_it_was_given():
    frame = history()
    last = frame["timestamp"].max()
    ahead = pd.date_range(last, periods=31, freq="h")[1:]
    future = pd.DataFrame({"item_id": "item_0", "timestamp": ahead, "event": 1.0})
    seen = make_view(frame, task(), future=future)
    length = seen.raw.shape[1]
    assert len(seen.grid) == length + 30
    assert (seen.known["event"][0, length:] == 1.0).all()


@pytest.mark.parametrize(
    ("freq", "steps"), [("h", 24), ("15min", 96), ("2h", 12), ("D", 1), ("W-SUN", 1), ("MS", 1)]
)
def test_steps_in_a_day(freq, steps):
    assert steps_per_day(task(freq=freq)) == steps
