"""The export tables of a run, made from the store and the readings of today; written again, they are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.view import NEVER
from connectors.exports.layout import FORECAST, RUN, ordered
from connectors.exports.table import SCHEMA_VERSION, export_table, local_times
from forecasting.store.records import frame_of, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecasting.case import Case
    from forecasting.run.order import Order
    from forecasting.store.records import ForecastRecord, ModelRecord, RunRecord


def export_tables(order: Order, case: Case) -> dict[str, pd.DataFrame]:
    """Every table of ``connectors.exports.layout``, over the period that is exported."""
    store, job = order.store, order.job.name
    since = stamp(order.as_of - pd.Timedelta(order.job.retention.exported))
    records = store.forecasts(job, since=since)
    made = forecast_table(records, case.facts.attribution)
    newest = made.groupby("item_id")["cutoff"].transform("max") if len(made) else made["cutoff"]
    return {
        "forecast": made,
        "forecast_latest": made[made["cutoff"] == newest].reset_index(drop=True),
        "actual": actual_table(case, pd.Timestamp(since)),
        "run": run_table(store.runs(job, since=since)),
        "backtest_metric": metric_table([one for one in store.models(job) if one.status != "deleted"]),
    }


def forecast_table(records: Sequence[ForecastRecord], attribution: Sequence[str] = ()) -> pd.DataFrame:
    """Forecasts of the store as export rows, with whom the data must be credited to."""
    parts = []
    for (zone, freq, unit, mode, *_), some in _alike(records).items():
        plain = export_table(
            frame_of(some), run_id="", time_zone=zone, freq=freq, unit=unit, weather_mode=mode, quality_flag="ok",
            attribution=attribution,
        )  # fmt: skip
        lengths = [r.steps for r in some]
        runs, flags = (np.repeat([getattr(r, name) for r in some], lengths) for name in ("run_id", "quality_flag"))
        parts.append(plain.assign(run_id=runs, quality_flag=flags))
    if not parts:
        return _empty_forecasts()
    table = pd.concat(parts, ignore_index=True)
    return table[ordered(FORECAST, table.columns)].sort_values(["cutoff", "item_id", "timestamp"], ignore_index=True)


def _alike(records: Sequence[ForecastRecord]) -> dict[tuple[Any, ...], list[ForecastRecord]]:
    """Records whose rows have the same columns and the same clock, in their order."""
    found: dict[tuple[Any, ...], list[ForecastRecord]] = {}
    for one in records:
        alike = (one.time_zone, one.freq, one.unit, one.weather_mode, one.levels, one.issued_at is None)
        found.setdefault(alike, []).append(one)
    return found


def _empty_forecasts() -> pd.DataFrame:
    kinds = {
        "text": "str",
        "instant": "datetime64[ns, UTC]",
        "local": "str",
        "integer": "int64",
        "number": "float64",
    }
    return pd.DataFrame({n: pd.Series(dtype=kinds[kind]) for n, (kind, _) in FORECAST.columns.items()})


def actual_table(case: Case, since: pd.Timestamp) -> pd.DataFrame:
    """Readings from a time on, as read, with what was made of each."""
    view = case.view
    length = view.raw.shape[1]
    first = int(view.grid[:length].searchsorted(since))
    stamps, values = view.grid[first:length], view.raw[:, first:]
    faulty = view.known_from[:, first:] != NEVER
    times = pd.Series(np.tile(stamps, len(view.items))).astype("datetime64[ns, UTC]")
    local, offset = local_times(times, case.task.time_zone, case.task.freq)
    flag = np.where(np.isnan(values), "missing", np.where(faulty, "faulty", "ok")).ravel()
    return pd.DataFrame(
        {
            "item_id": np.repeat(np.array(view.items, dtype=object), len(stamps)),
            "timestamp": times,
            "timestamp_local": local,
            "utc_offset_min": offset,
            "actual": values.ravel(),
            "unit": pd.Series(case.facts.unit, index=times.index, dtype="str"),
            "quality_flag": flag,
            "schema_version": SCHEMA_VERSION,
        }
    )


def run_table(runs: Sequence[RunRecord]) -> pd.DataFrame:
    """Runs as export rows, the oldest first."""
    rows: list[dict[str, Any]] = [one.row() | {"schema_version": SCHEMA_VERSION} for one in reversed(runs)]
    frame = pd.DataFrame(rows, columns=list(RUN.columns))
    for name in ("started_at", "ended_at", "as_of", "cutoff"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[ns, UTC]")
    counts = dict.fromkeys(("items", "readings", "exit_code", "schema_version"), "Int64")
    texts = dict.fromkeys(("run_id", "job", "status", "quality_flag", "model_id", "message", "version"), "str")
    return frame.astype(counts | texts)


def metric_table(models: Sequence[ModelRecord]) -> pd.DataFrame:
    """Scores of the backtests of models as export rows, the oldest model first."""
    rows = []
    for model in reversed(models):
        held = model.promise.get("hold_out", {})
        scores = {"hourcast": held.get("scores", {}), **held.get("baselines", {})}
        rows += [
            (model.model_id, model.trained_at, name, metric, float(value), int(held["windows"]), SCHEMA_VERSION)
            for name, found in scores.items()
            for metric, value in found.items()
        ]
    names = ["model_id", "trained_at", "forecaster", "metric", "value", "windows", "schema_version"]
    frame = pd.DataFrame(rows, columns=names)
    frame["trained_at"] = pd.to_datetime(frame["trained_at"], utc=True).astype("datetime64[ns, UTC]")
    return frame.astype({"value": "float64", "windows": "int64", "schema_version": "int64"})
