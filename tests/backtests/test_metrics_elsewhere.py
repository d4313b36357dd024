"""The same numbers as another library's, to nine digits, on made-up forecasts with gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from utilsforecast import losses as other

from backtests.backtest import scored
from backtests.forecaster import Forecasts, stamps_after
from backtests.metrics import METRICS
from tests.contracts.series import task, view

ASKED = task(weather_covariates=(), known_covariates=(), past_covariates=(), country=None)
#: Midpoints of ten equal parts: for these the midpoint rule of ``crps`` is a plain mean.
LEVELS = tuple(np.round(np.arange(0.05, 1.0, 0.1), 2).tolist())
MODEL = {"model": [f"q{level}" for level in LEVELS]}
QUANTILES = np.array(LEVELS)


@pytest.fixture(scope="module", params=[1, 3], ids=["one item", "three items"])
def both(request):
    """Forecasts from four cutoffs as we score them, and the frames the other library takes."""
    seen = replace(view(ASKED, days=60, items=request.param))
    seen = replace(seen, known_from=np.full_like(seen.known_from, np.iinfo(np.int64).max))
    cutoffs = seen.grid[np.array([900, 1000, 1100, 1300])]
    rng = np.random.default_rng(5)
    shape = (4, request.param, 24)
    mean = 50 + 20 * rng.normal(size=shape)
    levels = tuple(sorted({*LEVELS, 0.1, 0.9}))
    quantiles = np.sort(mean[..., None] + 15 * rng.normal(size=(*shape, len(levels))), axis=-1)
    made = Forecasts(
        cutoffs=cutoffs, timestamps=stamps_after(seen, cutoffs, 24), items=seen.items,
        mean=mean, quantiles=quantiles[..., [levels.index(q) for q in LEVELS]], levels=LEVELS,
    )  # fmt: skip
    ours = scored(made, seen, ASKED)
    edges = quantiles[..., [levels.index(q) for q in (0.1, 0.9)]]
    banded = scored(replace(made, quantiles=edges, levels=(0.1, 0.9)), seen, ASKED)
    return ours, banded, _frame(ours, banded, made, seen), _past(seen, made)


def _frame(ours, banded, made, seen):
    keys = made.to_frame("model")
    frame = pd.DataFrame(
        {
            "unique_id": keys["item_id"] + " " + keys["cutoff"].astype(str),
            "ds": keys["timestamp"],
            "y": ours.actual.ravel(),
            "model": ours.mean.ravel(),
            "model-lo-80": banded.quantiles[..., 0].ravel(),
            "model-hi-80": banded.quantiles[..., 1].ravel(),
            **{f"q{q}": ours.quantiles[..., index].ravel() for index, q in enumerate(LEVELS)},
        }
    )
    return frame.loc[frame["y"].notna()].reset_index(drop=True)


def _past(seen, made):
    """What came up to each cutoff; one series for each item and cutoff."""
    parts = []
    for cutoff, position in zip(made.cutoffs, seen.positions(made.cutoffs), strict=True):
        for row, item in enumerate(seen.items):
            parts.append(
                pd.DataFrame(
                    {
                        "unique_id": f"{item} {cutoff}",
                        "ds": seen.grid[: position + 1],
                        "y": seen.raw[row, : position + 1],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def theirs(table):
    return float(table["model"].mean())


def same(ours, others):
    assert ours == pytest.approx(others, rel=1e-9, abs=1e-12)


def test_errors_of_the_target(both):
    """Weighted by readings, as means over all of them are."""
    ours, _, frame, _ = both
    weights = frame.groupby("unique_id").size()

    def mean(function):
        table = function(frame, ["model"]).set_index("unique_id")["model"]
        return float((table * weights).sum() / weights.sum())

    same(METRICS["mae"](ours), mean(other.mae))
    same(METRICS["bias"](ours), mean(other.bias))
    same(METRICS["smape"](ours), 2 * mean(other.smape))
    same(METRICS["rmse"](ours), np.sqrt(mean(other.mse)))


def test_shares(both):
    ours, _, frame, _ = both
    whole = frame.assign(unique_id="all")
    same(METRICS["wape"](ours), theirs(other.nd(whole, ["model"])))
    same(METRICS["wql"](ours), theirs(other.scaled_crps(whole, MODEL, QUANTILES)))
    same(METRICS["pinball"](ours), theirs(other.mqloss(whole, MODEL, QUANTILES)))
    same(METRICS["crps"](ours), 2 * theirs(other.mqloss(whole, MODEL, QUANTILES)))


def test_scaled_ones(both):
    ours, _, frame, past = both
    same(METRICS["mase"](ours), theirs(other.mase(frame, ["model"], 24, past)))
    same(METRICS["mase_long"](ours), theirs(other.mase(frame, ["model"], 168, past)))
    same(METRICS["rmsse"](ours), theirs(other.rmsse(frame, ["model"], 24, past)))
    same(METRICS["sql"](ours), 2 * theirs(other.scaled_mqloss(frame, MODEL, QUANTILES, 24, past)))


def test_intervals(both):
    _, banded, frame, past = both
    whole = frame.assign(unique_id="all")
    same(METRICS["coverage_80"](banded), theirs(other.coverage(whole, ["model"], 80)))
    same(METRICS["width_80"](banded), float((frame["model-hi-80"] - frame["model-lo-80"]).mean()))
    by_window = other.winkler_score(frame, ["model"], level=80).set_index("unique_id")["model"]
    scale = other.mae(past.assign(naive=past.groupby("unique_id")["y"].shift(24)).dropna(), ["naive"])
    same(METRICS["msis_80"](banded), float((by_window / scale.set_index("unique_id")["naive"]).mean()))
