"""Runs that were recorded: listed, shown, compared, forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.errors import ConfigError
from forecasting.config import length_of
from forecasting.run.tables import forecast_table
from forecasting.store.records import stamp
from forecasting.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecasting.job import Job
    from forecasting.store.records import RunRecord

#: What two runs are compared by.
_FIELDS = (
    "job", "as_of", "cutoff", "status", "quality_flag", "model_id", "config_hash", "data_hash", "readings", "items",
)  # fmt: skip


def _stores(jobs: Sequence[Job]) -> dict[str, Store]:
    """The stores of jobs, by URL; those that are there."""
    found = {job.store.url: Store(job.store.url, Path(job.store.folder)) for job in jobs}
    there = {url: store for url, store in found.items() if store.there}
    for store in there.values():
        store.prepare(stamp(pd.Timestamp.now("UTC")))
    return there


def runs_of(jobs: Sequence[Job], last: int) -> list[RunRecord]:
    """The newest runs of some jobs, the newest first."""
    stores = _stores(jobs)
    names = {job.name for job in jobs}
    found = [run for store in stores.values() for run in store.runs() if run.job in names]
    return sorted(found, key=lambda run: (run.started_at, run.as_of), reverse=True)[:last]


def lines_of(runs: Sequence[RunRecord]) -> list[str]:
    """Runs as lines: what each is called, when and how it ended, and its last line."""
    return [f"{one.run_id[:8]}  {one.job}  {one.as_of}  exit {one.exit_code}: {one.message}" for one in runs]


def _found(jobs: Sequence[Job], name: str) -> tuple[Store, RunRecord]:
    """A run by the beginning of its name; ``latest`` and ``previous`` are the newest two."""
    places = {"latest": 0, "previous": 1}
    if name in places:
        newest = runs_of(jobs, 2)
        if len(newest) <= places[name]:
            raise ConfigError(f"There is no {name} run.", fix="See what there is with: hourcast runs list")
        name = newest[places[name]].run_id
    for store in _stores(jobs).values():
        run = store.run(name)
        if run is not None:
            return store, run
    raise ConfigError(
        f"There is no run {name!r}, or several that begin so.", fix="See them with: hourcast runs list"
    )


def described(jobs: Sequence[Job], name: str) -> dict[str, Any]:
    """All that was recorded of a run."""
    store, run = _found(jobs, name)
    table = forecast_table(store.forecasts(run.job, run_id=run.run_id))
    shown = table[["item_id", "timestamp_local", "mean"]].head(24) if len(table) else table
    model = next((one for one in store.models(run.job) if one.model_id == run.model_id), None)
    return run.row() | {
        "details": run.details,
        "model": None if model is None else {"reason": model.reason, "contest": model.contest},
        "forecast_rows": len(table),
        "forecast": shown.to_dict("records"),
    }


def compared(jobs: Sequence[Job], one: str, other: str) -> dict[str, Any]:
    """What differs between two runs."""
    found = [_found(jobs, name) for name in (one, other)]
    tables = [forecast_table(store.forecasts(run.job, run_id=run.run_id)) for store, run in found]
    both = tables[0].merge(tables[1], on=["item_id", "timestamp"], suffixes=("", "_other"))
    runs = [run for _, run in found]
    return {
        "one": runs[0].run_id[:8],
        "other": runs[1].run_id[:8],
        "fields": {name: tuple(getattr(run, name) for run in runs) for name in _FIELDS},
        "common_steps": len(both),
        "mean_difference": float((both["mean_other"] - both["mean"]).mean()) if len(both) else None,
    }


def pruned(jobs: Sequence[Job], keep: str | None, models: int | None) -> dict[str, dict[str, int]]:
    """Forget old runs and models of each job; returns how many went, by job."""
    found = {}
    for job in jobs:
        store = Store(job.store.url, Path(job.store.folder))
        if store.there:
            length = job.retention.runs if keep is None else length_of(keep, "--keep")
            before = stamp(pd.Timestamp.now("UTC") - pd.Timedelta(length))
            store.prepare(stamp(pd.Timestamp.now("UTC")))
            with store.alone():
                found[job.name] = store.prune(
                    job.name, before=before, models=job.retention.models if models is None else models
                )
    return found
