"""A run of a job, from the readings to the exports.

```
lock > read > check age > score what has come > train when due > forecast > record (one transaction) > hand over
```

Killed at any point, the next run finds a store in which a run is whole or not there, exports that are whole, and
nothing it cannot do again: a run that was recorded and not handed over is handed over.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connectors.errors import HourcastError
from connectors.version import VERSION
from forecasting.monitor.charts import charts
from forecasting.monitor.drift import drifts
from forecasting.monitor.width import widened, width_factor
from forecasting.run import notify
from forecasting.run.hand_over import hand_over
from forecasting.run.keep import (
    data_record,
    flags_of,
    forecast_records,
    merged,
    new_scores,
    weather_records,
)
from forecasting.run.ladder import climb
from forecasting.run.models import (
    BROKEN,
    Candidates,
    Loaded,
    Reason,
    contest,
    record_of,
    rejected,
    train,
    training_due,
)
from forecasting.run.order import (
    DEGRADED,
    DONE,
    FAILED,
    NOTHING_NEW,
    Outcome,
    check_age,
    data_hash,
    run_id_of,
)
from forecasting.run.readings import read
from forecasting.run.sweep import sweep
from forecasting.store.records import RunRecord, stamp
from forecasting.store.store import Kept

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.case import Case
    from forecasting.monitor.charts import Chart
    from forecasting.monitor.drift import Drift
    from forecasting.run.ladder import Rung
    from forecasting.run.order import Order
    from forecasting.store.records import ScoreRecord

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class _Course:
    """What is known along the way of a run.

    Attributes:
        order: What it was told.
        started: When it began.
        case: The readings.
        models: Models that may forecast, the best first.
        scores: Of earlier forecasts, by what has come since.
        charts: How the champion's forecasts turned out.
        drift: How readings have changed since it was trained.
        notes: What happened, as sentences.
        width: By how much the champion's intervals are widened.
        trained: Why a model was made; None when none was.
        failed: Whether one was to be made and could not.
    """

    order: Order
    started: pd.Timestamp
    case: Case
    models: Candidates
    notes: list[str]
    scores: list[ScoreRecord] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    width: float = 1.0
    trained: str | None = None
    failed: bool = False


def run_job(order: Order) -> Outcome:
    """Run a job once. Whatever happens is recorded and told; nothing is raised.

    Args:
        order: What to run.
    """
    monitor = order.job.monitor
    if not order.dry_run:
        notify.started(monitor)
    outcome = _run_alone(order)
    if not order.dry_run:
        if outcome.exit_code not in (DONE, NOTHING_NEW):
            words = {"job": order.job.name, "at": stamp(order.clock()), "exit_code": outcome.exit_code}
            notify.alert(monitor, words | {"message": outcome.message, "kind": "run"})
        notify.ended(monitor, order.job.name, outcome)
    return outcome


def _run_alone(order: Order) -> Outcome:
    try:
        order.store.prepare(stamp(order.clock()))
        with order.store.alone():
            return _recorded(order)
    except HourcastError as error:
        return Outcome(exit_code=error.exit_code, message=str(error))


def _recorded(order: Order) -> Outcome:
    """The run; one that fails is recorded as failed."""
    started = order.clock()
    try:
        return _run(order, started)
    except HourcastError as error:
        code, message = error.exit_code, str(error)
    except Exception as error:  # one scheduled run may fail in any way; it becomes a failed record
        logger.exception("a run failed in a way nobody foresaw")
        code, message = FAILED, f"An error we did not foresee: {type(error).__name__}: {error}"
    name = hashlib.sha256(f"failed {order.job.fingerprint()} {stamp(order.as_of)}".encode()).hexdigest()[:16]
    run = _record(order, started, run_id=name, status="failed", exit_code=code, message=message)
    if not order.dry_run:
        with suppress(HourcastError):
            order.store.keep(Kept(run=run))
    return Outcome(exit_code=code, message=message, run=run)


def _run(order: Order, started: pd.Timestamp) -> Outcome:
    if not order.dry_run:
        sweep(order)
    notes: list[str] = []
    models = Candidates(order, notes)
    case = read(order, models, notes)
    check_age(order, case)
    data = data_hash(case)
    name = run_id_of(order, case, data)
    if (done := _done_before(order, case, name)) is not None:
        return done
    course = _Course(order=order, started=started, case=case, models=models, notes=notes)
    _look_back(course)
    _renew(course)
    rung = _widened(course, _forecast(course))
    run = _summed_up(course, rung, name, data)
    if order.dry_run:
        return Outcome(exit_code=run.exit_code, message=f"dry run: {run.message}", run=run, notes=tuple(notes))
    flags = flags_of(order, course.case, fallback=rung.degraded)
    order.store.keep(
        Kept(
            run=run,
            data=data_record(order, course.case, data),
            forecasts=forecast_records(order, course.case, rung, name, flags),
            scores=course.scores,
            weather=weather_records(order, course.case, name),
        )
    )
    _warn(course)
    return hand_over(order, course.case, run, tuple(course.notes))


def _done_before(order: Order, case: Case, name: str) -> Outcome | None:
    """What to say when there is nothing new to do."""
    if order.force:
        return None
    before = order.store.run(name)
    if before is not None and before.handed_over and before.status != "failed" and before.quality_flag != "fallback":
        message = f"nothing new since the run {name} of {before.started_at}, cutoff {before.cutoff}"
        return Outcome(exit_code=NOTHING_NEW, message=message, run=before)
    if order.backfilled:
        cutoff = stamp(case.view.last)
        if any(one.cutoff == cutoff for one in order.store.forecasts(order.job.name, since=cutoff)):
            return Outcome(exit_code=NOTHING_NEW, message=f"there is a forecast from {cutoff} already")
    return None


def _look_back(course: _Course) -> None:
    """Score what has come, and see whether the champion keeps its promise."""
    order = course.order
    course.scores = new_scores(order, course.case)
    champion = course.models.best
    if champion is not None:
        since = champion.record.cutoff
        known = merged(order.store.scores(order.job.name, since=since), course.scores)
        mine = [one for one in known if one.model_id == champion.record.model_id and one.cutoff >= since]
        course.charts = charts(mine, champion.record.promise)
        course.width = width_factor(mine, champion.record.promise)
        course.drift = drifts(champion.model.fitted()[0], course.case)


def _renew(course: _Course) -> None:
    """Make a new model where one is due; it forecasts if it beats the old one, or if there is none."""
    order = course.order
    champion = course.models.best
    attempts = order.store.models(order.job.name)
    reason = training_due(order, champion, attempts, course.charts, course.drift)
    if reason is None:
        return
    course.trained = reason.words
    if order.dry_run:
        course.notes.append(f"A new model is due: {reason.words}.")
        return
    try:
        _challenge(course, champion, reason)
    except HourcastError as error:
        course.failed = True
        course.notes.append(f"A new model was due ({reason.words}) and could not be made: {error}")
        logger.warning(course.notes[-1])


def _challenge(course: _Course, champion: Loaded | None, reason: Reason) -> None:
    order = course.order
    result: dict[str, Any] = {"wins": True, "why": reason.words}
    if champion is not None:
        result = contest(order, champion, course.case, reason.since)
    if not result["wins"]:
        record = rejected(order, course.case, reason.words, result)
        order.store.keep_model(record)
        course.notes.append(f"A new model was tried ({reason.words}); it is {result['why']}, the old one stays.")
        return
    model = train(order)
    record = record_of(order, model, reason.words, status=_status(order), result=result)
    model.save(order.store.model_folder(record.model_id))
    order.store.keep_model(record)
    course.notes.append(f"A new model, {record.model_id}, takes over ({reason.words}).")
    course.models.add(Loaded(record=record, model=model))
    course.width = 1.0
    course.case = model.fitted()[0]


def _forecast(course: _Course) -> Rung:
    """The forecast; where no model can make it, a new model is made at once, if one was not tried already."""
    rung = climb(course.case, course.models, course.notes)
    if rung.model_id is not None or course.trained is not None or course.order.dry_run:
        return rung
    course.trained = BROKEN
    try:
        _challenge(course, None, Reason(BROKEN))
    except HourcastError as error:
        course.notes.append(f"A new model could not be made either: {error}")
        return rung
    return climb(course.case, course.models, course.notes)


def _status(order: Order) -> str:
    """A winner of a past morning does not unseat a champion of today."""
    now = order.store.champion(order.job.name)
    return "former" if now is not None and now.trained_at > stamp(order.as_of) else "champion"


def _widened(course: _Course, rung: Rung) -> Rung:
    """The forecast of the champion with its intervals as wide as they must be by now; others as they are."""
    best = course.models.best
    if rung.name != "model" or best is None:
        return rung
    _, ensemble = best.model.fitted()
    return replace(rung, forecasts=widened(rung.forecasts, course.width, lowest=ensemble.lowest))


def _summed_up(course: _Course, rung: Rung, name: str, data: str) -> RunRecord:
    """The record of a run, not yet handed over."""
    order, case = course.order, course.case
    flags = set(flags_of(order, case, fallback=rung.degraded).values())
    flag = next((one for one in ("fallback", "stale_input", "backfilled") if one in flags), "ok")
    degraded = rung.degraded or "stale_input" in flags
    steps = int(rung.forecasts.groupby("item_id").size().max())
    last = stamp(rung.forecasts["timestamp"].max())
    by = rung.name if rung.model_id is None else f"{rung.name} {rung.model_id}"
    message = f"{len(case.view.items)} x {steps} steps from {stamp(case.view.last)} to {last}, by {by}, {flag}"
    details: dict[str, Any] = {
        "rung": rung.name, "trained": course.trained, "width": round(course.width, 4), "notes": course.notes,
        "charts": [chart.words() for chart in course.charts], "drift": [one.words() for one in course.drift],
        "findings": list(case.facts.findings), "attribution": list(case.facts.attribution),
        "seconds": round((order.clock() - course.started).total_seconds(), 3),
    }  # fmt: skip
    code = DEGRADED if degraded and not order.job.checks.degraded_ok else DONE
    return replace(
        _record(
            order, course.started, run_id=name, status="degraded" if degraded else "done", exit_code=code,
            message=message,
        ),
        cutoff=stamp(case.view.last), data_hash=data, model_id=rung.model_id, quality_flag=flag,
        items=len(case.view.items), readings=case.view.raw.size, details=details,
    )  # fmt: skip


def _record(
    order: Order, started: pd.Timestamp, *, run_id: str, status: str, exit_code: int, message: str
) -> RunRecord:
    return RunRecord(
        run_id=run_id, job=order.job.name, status=status, exit_code=exit_code, started_at=stamp(started),
        ended_at=stamp(order.clock()), as_of=stamp(order.as_of), config_hash=order.job.fingerprint(),
        message=message, version=VERSION,
    )  # fmt: skip


def _warn(course: _Course) -> None:
    """Tell of charts beyond their limits and of drift."""
    order = course.order
    found = [chart.words() | {"kind": "chart"} for chart in course.charts if chart.out]
    found += [one.words() | {"kind": "drift"} for one in course.drift if one.drifted]
    for words in found:
        at = {"job": order.job.name, "at": stamp(order.clock()), "as_of": stamp(order.as_of)}
        course.notes += notify.alert(order.job.monitor, at | words)
