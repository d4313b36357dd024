"""How a job is doing: its last run, its readings, its forecasts beside what was promised."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting import console
from forecasting.monitor.charts import charts
from forecasting.monitor.scores import daily
from forecasting.schedule import due
from forecasting.store.records import stamp
from forecasting.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from forecasting.job import Job
    from forecasting.store.records import ForecastRecord, ModelRecord, RunRecord, ScoreRecord

#: Days that are looked back upon.
DAYS = 92
#: Forecasts before their mean error is held against the promise.
FEWEST = 7


def status_of(job: Job, as_of: pd.Timestamp | None = None) -> dict[str, Any]:
    """The state of a job, as plain values.

    Args:
        job: The job.
        as_of: The present; None for now.
    """
    now = as_of or pd.Timestamp.now("UTC")
    store = Store(job.store.url, Path(job.store.folder))
    if not store.there:
        return _new(job, now)
    store.prepare(stamp(now))
    runs = [run for run in store.runs(job.name, limit=400) if run.as_of <= stamp(now)]
    if not runs:
        return _new(job, now)
    since = stamp(now - pd.Timedelta(days=DAYS))
    models, scores = store.models(job.name), store.scores(job.name, since=since, until=stamp(now))
    last = max(runs, key=lambda run: (run.as_of, run.ended_at))
    champion = next((model for model in models if model.status == "champion"), None)
    mine = [] if champion is None else [one for one in scores if one.model_id == champion.model_id]
    drawn = [] if champion is None else [chart.words() for chart in charts(mine, champion.promise)]
    drift = [one for one in last.details.get("drift", []) if one["drifted"]]
    found = {
        "job": job.name,
        "last_run": _run_words(last),
        "next": _next(job, runs, now),
        "model": None if champion is None else _model_words(champion),
        "live": live(scores, models),
        "gaps": gaps(store.forecasts(job.name, since=since)),
        "charts": drawn,
        "drift": drift,
    }
    return found | _verdict(found)


def _new(job: Job, now: pd.Timestamp) -> dict[str, Any]:
    found: dict[str, Any] = {"job": job.name, "last_run": None, "next": _next(job, [], now), "model": None}
    found |= {"live": None, "gaps": 0, "charts": [], "drift": []}
    return found | {"in_order": False, "alerts": ["it has never run"]}


def _run_words(run: RunRecord) -> dict[str, Any]:
    names = ("run_id", "status", "exit_code", "as_of", "cutoff", "quality_flag", "handed_over", "message")
    return {name: getattr(run, name) for name in names}


def _model_words(model: ModelRecord) -> dict[str, Any]:
    return {"model_id": model.model_id, "trained_at": model.trained_at, "reason": model.reason}


def _next(job: Job, runs: Sequence[RunRecord], now: pd.Timestamp) -> dict[str, Any]:
    ended = [pd.Timestamp(run.as_of).to_pydatetime() for run in runs if run.status != "failed"]
    verdict = due(job, max(ended, default=None), now.to_pydatetime())
    return {"due": verdict.due, "at": stamp(pd.Timestamp(verdict.at))}


def _verdict(found: Mapping[str, Any]) -> dict[str, Any]:
    """Whether all is in order, and what is not."""
    last, alerts = found["last_run"], []
    if last["status"] == "failed":
        alerts.append(f"the last run failed: {last['message']}")
    elif not last["handed_over"]:
        alerts.append("the last run could not write everything")
    if last["quality_flag"] in ("fallback", "stale_input"):
        alerts.append(f"the last forecast is flagged {last['quality_flag']}")
    alerts += [
        f"{chart['figure']} beyond its limit since {chart['since']}" for chart in found["charts"] if chart["out"]
    ]
    alerts += [f"{one['column']} of {one['item']} unlike what the model knows" for one in found["drift"]]
    if found["live"] is not None and not found["live"]["within_promise"]:
        alerts.append("live error is worse than the backtest promised")
    return {"in_order": not alerts, "alerts": alerts}


def live(scores: Sequence[ScoreRecord], models: Sequence[ModelRecord]) -> dict[str, Any] | None:
    """Live error, coverage and bias over all scores, each beside what its own model promised.

    The error is within the promise while its mean ratio to what was promised lies below a limit of three standard
    deviations of such a mean, those of the promise itself included, for days that resemble each other.
    """
    by = {model.model_id: model.promise for model in models if model.promise}
    ratios, limits = [], []
    for model_id, promise in by.items():
        days = daily([one for one in scores if one.model_id == model_id], promise["scales"])
        if len(days) and promise["loss"] > 0:
            ratios += list(days["loss"] / promise["loss"])
            limits += [(len(days), promise)]
    if not ratios:
        return None
    counted = [one for one in scores if one.model_id in by]
    readings = sum(one.readings for one in counted)
    absolute = sum(one.abs_actual for one in counted)
    error = sum(one.abs_error for one in counted)
    ratio, limit = float(np.mean(ratios)), _limit(len(ratios), limits)
    return {
        "forecasts": len(ratios), "readings": readings, "mae": error / readings,
        "wape": error / absolute if absolute else None,
        "bias": sum(one.error for one in counted) / readings,
        "coverage_80": sum(one.inside for one in counted) / readings,
        "ratio_to_promise": ratio, "limit": limit,
        "within_promise": ratio <= limit or len(ratios) < FEWEST,
    }  # fmt: skip


def _limit(days: int, promises: Sequence[tuple[int, Mapping[str, Any]]]) -> float:
    """Upper limit of the mean ratio of a number of days to what was promised."""
    _, promise = max(promises, key=lambda one: one[0])
    echo = promise["log_loss"]["echo"]
    spread = promise["loss_spread"] / promise["loss"] * math.sqrt((1 + echo) / (1 - echo))
    return 1.0 + 3.0 * float(spread) * math.sqrt(1 / days + 1 / promise["windows"])


def gaps(forecasts: Sequence[ForecastRecord]) -> int:
    """Steps between the first and the last forecast that no run forecast, over all items."""
    count = 0
    for item in {one.item_id for one in forecasts}:
        mine = [one for one in forecasts if one.item_id == item]
        covered = {stamp for one in mine for stamp in one.timestamps}
        count += len(pd.date_range(min(covered), max(covered), freq=mine[-1].freq)) - len(covered)
    return count


def say_status(found: Sequence[Mapping[str, Any]]) -> None:
    """The state of each job in words."""
    for one in found:
        console.say(f"{one['job']}: {'in order' if one['in_order'] else 'NOT in order'}")
        for alert in one["alerts"]:
            console.say(f"  ! {alert}")
        if one["last_run"] is not None:
            last = one["last_run"]
            console.say(f"  last run   {last['as_of']}, exit {last['exit_code']}: {last['message']}")
        console.say(f"  {'due since' if one['next']['due'] else 'next     '}  {one['next']['at']}")
        if one["model"] is not None:
            console.say(f"  model      {one['model']['model_id']} ({one['model']['reason']})")
        if one["live"] is not None:
            _say_live(one["live"])
        if one["charts"] and one["charts"][0]["now"] is not None:
            rows = [[chart["figure"], *map(_figure, _chart_cells(chart))] for chart in one["charts"]]
            console.say_table(("chart", "promised", "now", "low", "high", "out"), rows)


def _say_live(live_words: Mapping[str, Any]) -> None:
    console.say(
        f"  live       {live_words['forecasts']} forecasts, MAE {live_words['mae']:.4g}, "
        f"{live_words['ratio_to_promise']:.2f} times what was promised (limit {live_words['limit']:.2f}), "
        f"bias {live_words['bias']:+.3g}, {live_words['coverage_80']:.1%} inside the 80 % interval"
    )


def _chart_cells(chart: Mapping[str, Any]) -> list[Any]:
    return [chart[name] for name in ("promised", "now", "low", "high", "out")]


def _figure(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if value is None else f"{value:.3f}"
