"""Forecasts beside the readings that came, as sums from which every mean can be made.

Errors are measured in naive units: an item's error is divided by its usual change over a season, so that items of
any size weigh the same. Letters: N items, T readings.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.view import NEVER
from connectors.frame import quantile_columns, quantile_level
from forecasting.store.records import ScoreRecord, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backtests.view import FloatArray, View
    from forecasting.store.records import ForecastRecord

#: The interval that is counted, where its levels are forecast.
LOW, HIGH = 0.1, 0.9


def interval_columns(levels: Iterable[float]) -> tuple[int, int]:
    """Places of the ends of the interval that is counted among rising levels: 10 and 90 %, else the outermost."""
    rising = list(levels)
    if LOW in rising and HIGH in rising:
        return rising.index(LOW), rising.index(HIGH)
    return 0, len(rising) - 1


def nominal(levels: Sequence[float]) -> float:
    """Share of readings that should lie inside the interval that is counted."""
    low, high = interval_columns(levels)
    return levels[high] - levels[low]


def sound_readings(view: View) -> FloatArray:
    """Readings that were not found faulty. ``[N, T]``."""
    return np.where(view.known_from == NEVER, view.raw, np.nan)


def score(record: ForecastRecord, view: View, sound: FloatArray, now: pd.Timestamp) -> ScoreRecord | None:
    """The score of the forecasts of an item from a cutoff; None when no reading has come.

    Args:
        record: The forecasts.
        view: The readings of today.
        sound: Its readings without faulty ones. ``[N, T]``
        now: When.
    """
    if record.item_id not in view.items:
        return None
    came = sound[view.items.index(record.item_id)]
    at = view.grid[: len(came)].get_indexer(record.timestamps)
    actual = np.where(at >= 0, came[at], np.nan)
    there = np.isfinite(actual)
    if not there.any():
        return None
    values, levels = record.values, json.loads(record.levels)
    low, high = interval_columns(levels)
    error = (values[:, 0] - actual)[there]
    inside = (values[:, 1 + low] <= actual) & (actual <= values[:, 1 + high])
    return ScoreRecord(
        job=record.job, item_id=record.item_id, cutoff=record.cutoff, model_id=record.model_id,
        quality_flag=record.quality_flag, steps=record.steps, readings=int(there.sum()),
        abs_error=float(np.abs(error).sum()), error=float(error.sum()),
        abs_actual=float(np.abs(actual[there]).sum()), inside=int(inside[there].sum()), scored_at=stamp(now),
    )  # fmt: skip


def daily(scores: Sequence[ScoreRecord], scales: Mapping[str, float]) -> pd.DataFrame:
    """Scores by cutoff: ``loss`` and ``bias`` in naive units, ``coverage``, ``readings``.

    Forecasts of which less than half the readings have come are left out.
    """
    frame = pd.DataFrame([one.row() for one in scores if 2 * one.readings >= one.steps])
    if frame.empty:
        return pd.DataFrame(columns=["loss", "bias", "coverage", "readings"], dtype="float64")
    frame["scale"] = frame["item_id"].map(dict(scales))
    frame = frame.dropna(subset=["scale"])
    frame["loss"] = frame["abs_error"] / frame["readings"] / frame["scale"]
    frame["bias"] = frame["error"] / frame["readings"] / frame["scale"]
    return _by_cutoff(frame)


def windows(forecasts: pd.DataFrame, view: View, scales: Mapping[str, float]) -> pd.DataFrame:
    """The same of a forecasts table, such as that of a backtest.

    Args:
        forecasts: A forecasts table; quantiles may be missing, then there is no coverage.
        view: The readings.
        scales: Usual change of each item over a season, in the unit of the target.
    """
    sound = sound_readings(view)
    rows = pd.Index(view.items).get_indexer(pd.Index(forecasts["item_id"]))
    columns = view.grid[: sound.shape[1]].get_indexer(pd.DatetimeIndex(forecasts["timestamp"]))
    actual = np.where((rows >= 0) & (columns >= 0), sound[rows, columns], np.nan)
    error = forecasts["mean"].to_numpy(float) - actual
    frame = forecasts[["item_id", "cutoff"]].assign(error=error, absolute=np.abs(error))
    names = quantile_columns(forecasts.columns)
    if names:
        low, high = interval_columns([quantile_level(name) or 0.0 for name in names])
        held = (forecasts[names[low]].to_numpy(float) <= actual) & (actual <= forecasts[names[high]].to_numpy(float))
        frame["inside"] = held.astype(float)
    else:
        frame["inside"] = np.nan
    frame = frame[np.isfinite(error)]
    found = frame.groupby(["cutoff", "item_id"], as_index=False).agg(
        error=("error", "mean"), absolute=("absolute", "mean"), inside=("inside", "sum"), readings=("error", "size")
    )
    scale = found["item_id"].map(dict(scales))
    found["loss"], found["bias"] = found["absolute"] / scale, found["error"] / scale
    return _by_cutoff(found.dropna(subset=["loss"])) if names else _by_cutoff(found).assign(coverage=np.nan)


def _by_cutoff(frame: pd.DataFrame) -> pd.DataFrame:
    by: Any = frame.groupby("cutoff")
    found = by.agg(
        loss=("loss", "mean"), bias=("bias", "mean"), inside=("inside", "sum"), readings=("readings", "sum")
    )
    found["coverage"] = found["inside"] / found["readings"]
    return pd.DataFrame(found.drop(columns="inside").sort_index())
