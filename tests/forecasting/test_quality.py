"""Each forecast of a backtest carries the flag it would have had when it was due."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from backtests.view import make_view
from forecasting.findings import STALE_KINDS
from forecasting.prepare import prepare
from forecasting.quality import quality_flags, stale_at

HOURS = 24 * 40
STAMPS = pd.date_range("2024-01-01", periods=HOURS, freq="h", tz="UTC")


def load(seed=0):
    noise = np.random.default_rng(seed).normal(0, 2, HOURS)
    return 100 + 30 * np.sin(np.arange(HOURS) * 2 * np.pi / 24) + noise


def table(values, item="a"):
    return pd.DataFrame({"item_id": item, "timestamp": STAMPS[: len(values)], "target": values})


def broken(kind):
    """Two days without a sound reading in mid-series, and as many at the end."""
    values = load()
    for part in (slice(600, 648), slice(HOURS - 48, HOURS)):
        values[part] = {"missing": np.nan, "stuck": values[part.start - 1], "zeros": 0.0}[kind]
    return values


def view_of(values, **options):
    made = prepare(table(values), freq="h", **options)
    return make_view(made.history, Task(horizon=24, freq="h"), faulty=made.faulty)


@pytest.mark.parametrize("kind", ["missing", "stuck", "zeros"])
@pytest.mark.parametrize("repair", [True, False])
def test_a_window_is_flagged_as_a_forecast_of_that_day_would_have_been(kind, repair):
    values = broken(kind)
    values = values if kind != "missing" else values[:-48]
    view = view_of(values, repair=repair)
    cutoffs = view.grid[[*range(590, 680, 5), len(values) - 30, len(values) - 1]]
    flagged = stale_at(view, cutoffs)[:, 0]
    for at, found in zip(cutoffs, flagged, strict=True):
        rows = table(values)
        due = prepare(rows[rows["timestamp"] <= at], freq="h", repair=repair, due=at).findings
        assert found == any(one.kind in STALE_KINDS for one in due), at
    # zeros that are to be trusted hold one value for longer than ever before, and are named as well
    assert flagged.any()
    assert not flagged.all()


def test_the_last_cutoff_goes_by_what_is_known_of_it_now():
    view = view_of(load())
    rows = pd.DataFrame({"item_id": "a", "cutoff": [view.grid[700], view.last]})
    assert quality_flags(rows, view, ["a"]).tolist() == ["ok", "stale_input"]
    assert quality_flags(rows, view, []).tolist() == ["ok", "ok"]


def test_an_item_that_has_not_begun_or_is_over_is_flagged_there_alone():
    values = load(1)
    late = pd.concat([table(load()), table(values, "b").iloc[300:700]])
    made = prepare(late, freq="h")
    view = make_view(made.history, Task(horizon=24, freq="h"), faulty=made.faulty)
    found = stale_at(view, view.grid[[200, 400, 720, 730]])
    assert found.tolist() == [[False, True], [False, False], [False, False], [False, True]]
