"""One suite over every registered feature."""

from __future__ import annotations

import numpy as np
import pytest

from connectors.errors import DataError
from features.deviation import Deviation, Rows, Shape
from features.lags import back, lag_tensor
from features.matrix import FEATURES, design_matrix
from features.weather import bends
from tests.contracts.series import poisoned, task, view


def rows_of(seen, origins, mode="climatology"):
    past = seen.past_at(seen.grid[origins[-1]])
    first = seen.past_at(seen.grid[origins[0]])
    return Rows(Deviation(past, Shape(period=168), bends(first)), np.asarray(origins))


@pytest.mark.parametrize("name", list(FEATURES))
@pytest.mark.parametrize(
    ("horizon", "delay", "mode"),
    [
        (24, 0, "climatology"),
        (200, 0, "climatology"),
        (30, 24, "climatology"),
        (30, 24, "simulated"),
        (30, 0, "none"),
    ],
)
def test_a_feature_knows_only_its_origin(name, horizon, delay, mode):
    """Values not available at an origin are made absurd: its columns stay the same to the last bit."""
    asked = task(horizon=horizon, weather_delay=delay, weather_mode=mode)
    seen = view(asked)
    length = seen.raw.shape[1]
    # the last three days hold a reading that is found faulty later, which is the forecasters' contract, not this one
    origins = [length - 400, length - 300, length - 200]
    scale = np.ones(1)
    clean = FEATURES[name](rows_of(seen, origins), scale)
    for index, origin in enumerate(origins):
        wrong = FEATURES[name](rows_of(poisoned(seen, origin), origins[: index + 1]), scale)
        assert list(wrong) == list(clean)
        for column in clean:
            full = np.broadcast_to(clean[column], (3, 1, horizon))[index]
            same = np.broadcast_to(wrong[column], (index + 1, 1, horizon))[index]
            assert np.array_equal(full, same, equal_nan=True), column


def test_the_matrix_has_a_column_for_every_name():
    seen = view()
    names, X = design_matrix(rows_of(seen, [1000, 1100]), np.ones(1))
    assert X.shape == (2, 1, 24, len(names))
    assert len(set(names)) == len(names)


def test_regressors_know_only_their_origin():
    """The same for the regressors of the linear core, in every weather mode that could be forecast."""
    for mode, delay in (("climatology", 0), ("climatology", 24), ("none", 0), ("vintage", 24), ("previous_runs", 0)):
        seen = view(task(weather_mode=mode, horizon=170, weather_delay=delay))
        origins = [1200, 1300]
        clean = rows_of(seen, origins)
        wrong = rows_of(poisoned(seen, 1200), [1200])
        base, same = clean.base(clean.steps), wrong.base(wrong.steps)
        assert np.array_equal(base[:, :, 0], same[:, :, 0])
        known, seen_wrong = clean.regressors(clean.steps, base), wrong.regressors(wrong.steps, same)
        assert np.array_equal(known[:, :, 0], seen_wrong[:, :, 0])


def test_a_lag_that_looks_ahead_is_refused():
    tensor = lag_tensor(np.arange(10.0)[None], 4)
    assert back(tensor, np.array([1, 9]), np.array([[0, 3]])).tolist() == [[[[1.0, 0.0]], [[9.0, 6.0]]]]
    with pytest.raises(DataError, match="looks ahead"):
        back(tensor, np.array([5]), np.array([0, -1]))
