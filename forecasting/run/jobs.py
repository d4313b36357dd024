"""Several jobs, one after the other: now, or for mornings that were missed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.errors import ConfigError
from forecasting.run import notify
from forecasting.run.once import run_job
from forecasting.run.order import DEGRADED, DONE, NOTHING_NEW, Order
from forecasting.schedule import due, slots, zone_of
from forecasting.store.records import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from forecasting.job import Job
    from forecasting.run.order import Outcome

Ran = list[tuple["Job", "Outcome"]]


def present() -> pd.Timestamp:
    """The time now, UTC."""
    return pd.Timestamp.now("UTC")


def run_jobs(
    jobs: Sequence[Job],
    *,
    as_of: pd.Timestamp | None,
    dry_run: bool = False,
    force: bool = False,
    log: Path | None = None,
    clock: Callable[[], pd.Timestamp] = present,
) -> Ran:
    """Run each job once."""
    done: Ran = []
    for job in jobs:
        order = Order(job=job, as_of=as_of or clock(), clock=clock, dry_run=dry_run, force=force)
        done.append((job, _logged(order, log)))
    return done


def backfill_jobs(
    jobs: Sequence[Job],
    first: str,
    last: str,
    *,
    force: bool = False,
    log: Path | None = None,
    clock: Callable[[], pd.Timestamp] = present,
) -> Ran:
    """Run each job at every scheduled instant of a period, each as of then.

    Args:
        jobs: The jobs.
        first: A local date, whose day begins the period, or an instant.
        last: A local date, whose day ends it, or an instant.
        force: Whether to replace forecasts that are there.
        log: As for ``run_jobs``.
        clock: Tells the time.

    Raises:
        ConfigError: If a date cannot be read, or the period ends before it begins.
    """
    done: Ran = []
    for job in jobs:
        zone = zone_of(job)
        begin, end = _bound(first, zone, days=0), min(_bound(last, zone, days=1), clock())
        if begin >= end:
            raise ConfigError(f"--from {first} --to {last} is no period of the past.", fix="Check the two dates.")
        for at in slots(job, begin.to_pydatetime(), end.to_pydatetime()):
            order = Order(job=job, as_of=pd.Timestamp(at), clock=clock, force=force, backfilled=True)
            done.append((job, _logged(order, log)))
    return done


def _bound(words: str, zone: ZoneInfo, *, days: int) -> pd.Timestamp:
    try:
        at = pd.Timestamp(words)
    except ValueError as error:
        raise ConfigError(f"{words} is no date.", fix="Write it as 2026-11-22.") from error
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words.strip()):
        at += pd.Timedelta(days=days)
    return (at.tz_localize(zone) if at.tzinfo is None else at).tz_convert("UTC")


def _logged(order: Order, log: Path | None) -> Outcome:
    outcome = run_job(order)
    if log is not None:
        words = {"at": stamp(order.clock()), "as_of": stamp(order.as_of)} | outcome.words(order.job.name)
        notify.append_line(log, json.dumps(words, default=str))
    return outcome


def due_jobs(jobs: Sequence[Job], at: pd.Timestamp | None) -> list[dict[str, Any]]:
    """Whether each job is due, and since or from when."""
    now = (at or present()).to_pydatetime()
    found = []
    for job in jobs:
        order = Order(job=job, as_of=pd.Timestamp(now), clock=present)
        last = None
        if order.store.there:
            order.store.prepare(stamp(present()))
            ended = [run for run in order.store.runs(job.name, limit=50) if run.status != "failed"]
            last = max((pd.Timestamp(run.as_of).to_pydatetime() for run in ended), default=None)
        verdict = due(job, last, now)
        found.append({"job": job.name, "due": verdict.due, "at": stamp(pd.Timestamp(verdict.at))})
    return found


def worst(outcomes: Sequence[Outcome]) -> int:
    """The exit code of several runs: of the worst; nothing new only where that is so for all."""
    codes = [outcome.exit_code for outcome in outcomes]
    bad = [code for code in codes if code not in (DONE, DEGRADED, NOTHING_NEW)]
    if bad:
        return bad[0]
    if DEGRADED in codes:
        return DEGRADED
    return NOTHING_NEW if codes and all(code == NOTHING_NEW for code in codes) else DONE
