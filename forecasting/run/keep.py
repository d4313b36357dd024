"""What a run leaves in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.database import shown
from connectors.frame import quantile_columns, quantile_level
from forecasting.monitor.scores import score, sound_readings
from forecasting.store.records import DataRecord, ForecastRecord, ScoreRecord, WeatherRecord, pack, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecasting.case import Case
    from forecasting.run.ladder import Rung
    from forecasting.run.order import Order

#: Days back to which forecasts are scored again as readings come late.
SCORED_DAYS = 60


def forecast_records(
    order: Order, case: Case, rung: Rung, run_id: str, flags: Mapping[str, str]
) -> list[ForecastRecord]:
    """The forecasts, a record for each item and cutoff."""
    names = quantile_columns(rung.forecasts.columns)
    levels = json.dumps([quantile_level(name) for name in names])
    found = []
    for (item, _), rows in rung.forecasts.groupby(["item_id", "cutoff"], sort=False):
        issued = rows["issued_at"].iloc[0] if "issued_at" in rows.columns else None
        found.append(
            ForecastRecord(
                job=order.job.name, item_id=str(item), cutoff=stamp(rows["cutoff"].iloc[0]), run_id=run_id,
                model_id=rung.model_id, issued_at=None if issued is None else stamp(issued),
                first=stamp(rows["timestamp"].iloc[0]), last=stamp(rows["timestamp"].iloc[-1]),
                freq=case.task.freq, steps=len(rows), levels=levels,
                numbers=pack(rows[["mean", *names]].to_numpy(float)), time_zone=case.task.time_zone,
                unit=case.facts.unit, forecaster=str(rows["forecaster"].iloc[0]),
                weather_mode=case.task.weather_mode, quality_flag=flags[str(item)],
            )
        )  # fmt: skip
    return found


def flags_of(order: Order, case: Case, *, fallback: bool) -> dict[str, str]:
    """The quality flag of each item's forecasts."""
    usual = "fallback" if fallback else "backfilled" if order.backfilled else "ok"
    stale = {} if fallback else dict.fromkeys(case.facts.stale, "stale_input")
    return {item: stale.get(item, usual) for item in case.view.items}


def data_record(order: Order, case: Case, data: str) -> DataRecord:
    """What was read, in numbers."""
    sound = sound_readings(case.view)
    finite = sound[np.isfinite(sound)]
    numbers = {"mean": finite.mean(), "low": finite.min(), "high": finite.max()} if len(finite) else {}
    return DataRecord(
        data_hash=data, job=order.job.name, source=shown(order.job.source.path), seen_at=stamp(order.clock()),
        first=stamp(case.view.grid[0]), last=stamp(case.view.last), items=len(case.view.items),
        readings=len(finite), missing=int(np.isnan(case.view.raw).sum()),
        faulty=int(np.isfinite(case.view.raw).sum()) - len(finite),
        **{name: float(numbers[name]) if name in numbers else None for name in ("mean", "low", "high")},
    )  # fmt: skip


def new_scores(order: Order, case: Case) -> list[ScoreRecord]:
    """Scores of earlier forecasts by the readings that have come since."""
    since = stamp(order.as_of - pd.Timedelta(days=SCORED_DAYS))
    sound, now = sound_readings(case.view), order.clock()
    there = [one for one in order.store.unscored(order.job.name, since=since) if one.first <= stamp(case.view.last)]
    found = (score(one, case.view, sound, now) for one in there)
    return [one for one in found if one is not None]


def merged(old: list[ScoreRecord], new: list[ScoreRecord]) -> list[ScoreRecord]:
    """Scores with newer ones in the place of older ones of the same forecasts."""
    both: dict[Any, ScoreRecord] = {(one.cutoff, one.item_id): one for one in [*old, *new]}
    return [both[key] for key in sorted(both)]


def weather_records(order: Order, case: Case, run_id: str) -> list[WeatherRecord]:
    """Where the weather over the horizon came from, by column; of forecasts, which issues were used."""
    task, view = case.task, case.view
    if task.weather_mode == "none":
        return []
    where = "file" if task.place is None else f"{task.place[0]:.4f},{task.place[1]:.4f}"
    issues = _issues(order, case) if view.vintages else {}
    return [
        WeatherRecord(
            run_id=run_id, location=where, variable=name, model=task.weather_mode, issued_at=issued,
            kind="forecast" if name in issues else "climatology",
        )
        for name in task.weather_covariates
        for issued in issues.get(name, [stamp(view.last)])
    ]  # fmt: skip


def _issues(order: Order, case: Case) -> dict[str, list[str]]:
    """When the forecasts of the weather were issued that a run made now would use, by column."""
    view, steps = case.view, case.task.horizon
    ahead = pd.date_range(view.last, periods=steps + 1, freq=case.task.freq)[1:]
    valid = ahead.tz_localize(None).to_numpy()[None, :]
    known = view.vintages[0].known_at(pd.DatetimeIndex([order.as_of]), valid, case.task.weather_covariates)
    found = {name: np.unique(one.issued_at[~np.isnat(one.issued_at)]) for name, one in known.items()}
    return {name: [stamp(pd.Timestamp(at, tz="UTC")) for at in times] for name, times in found.items() if len(times)}
