"""What a run is told, and what it comes to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.errors import DataError
from forecasting.question import Question
from forecasting.store.records import stamp
from forecasting.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecasting.case import Case
    from forecasting.job import Job
    from forecasting.store.records import RunRecord

DONE, FAILED, UNWRITTEN, DEGRADED, NOTHING_NEW = 0, 1, 4, 5, 99


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a run is told.

    Attributes:
        job: What is to be done.
        as_of: Nothing known later is used, UTC.
        clock: Tells the time, UTC.
        dry_run: Whether to write nothing.
        force: Whether to do again what was done.
        backfilled: Whether it makes up for a missed morning.
    """

    job: Job
    as_of: pd.Timestamp
    clock: Callable[[], pd.Timestamp]
    dry_run: bool = False
    force: bool = False
    backfilled: bool = False

    @property
    def store(self) -> Store:
        """Where it is recorded."""
        return Store(self.job.store.url, Path(self.job.store.folder))

    @property
    def question(self) -> Question:
        """What is asked of the readings."""
        return question_of(self.job, self.as_of)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run came to.

    Attributes:
        exit_code: As the command ends.
        message: Its last line.
        run: What was recorded; None when nothing was.
        written: Exports that were written.
        notes: What happened on the way, as sentences.
    """

    exit_code: int
    message: str
    run: RunRecord | None = None
    written: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def words(self, job: str) -> dict[str, Any]:
        """As plain values."""
        run = None if self.run is None else self.run.row() | {"details": self.run.details}
        return {
            "job": job, "exit_code": self.exit_code, "message": self.message, "run": run,
            "written": list(self.written), "notes": list(self.notes),
        }  # fmt: skip


def question_of(job: Job, as_of: pd.Timestamp | None) -> Question:
    """What a job asks of its readings.

    Raises:
        ConfigError: If a name or a value is unknown.
    """
    question = Question(target=job.source.options.target, **job.asked(), as_of=as_of)
    return replace(question.about(job.source), ignore=job.source.options.ignore)


def same_question(one: Question, other: Question) -> bool:
    """Whether two questions differ in nothing but when and of how many steps they were asked."""
    plain = replace(one, as_of=None, horizon=None)
    horizons = {question.horizon for question in (one, other)} - {None}
    return plain == replace(other, as_of=None, horizon=None) and len(horizons) < 2


def data_hash(case: Case) -> str:
    """Hash of the readings and of all columns beside them, as far as they are known."""
    digest = hashlib.sha256()
    view = case.view
    columns = [values for role in (view.past, view.known, view.weather) for values in role.values()]
    for values in (view.raw, view.known_from, *columns):
        digest.update(values.tobytes())
    digest.update(f"{view.items} {view.grid[0]} {view.last}".encode())
    return digest.hexdigest()[:16]


def run_id_of(order: Order, case: Case, data: str) -> str:
    """The name of a run: the same configuration, cutoff and readings have the same one."""
    words = f"{order.job.fingerprint()} {stamp(case.view.last)} {data}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def check_age(order: Order, case: Case) -> None:
    """Refuse readings that are too old to forecast from.

    Raises:
        DataError: If the newest one is older than the configuration allows.
    """
    bound = order.job.checks.max_age
    if bound is None:
        return
    grid = case.view.grid
    newest = grid[case.view.raw.shape[1] - 1] + (grid[1] - grid[0])
    age = order.as_of - newest
    if age > pd.Timedelta(bound):
        raise DataError(
            f"The newest reading ended at {stamp(newest)}, {_hours(age)} before this run.",
            expected=f"It is at most {_hours(pd.Timedelta(bound))} old (max_age in [checks]).",
            fix="See why the readings stopped; nothing was forecast.",
        )


def _hours(length: pd.Timedelta) -> str:
    hours = length / pd.Timedelta(hours=1)
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
