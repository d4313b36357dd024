"""A process that stays and runs each job when it is due, for machines without a scheduler one may use.

Times come from ``forecasting.schedule``; APScheduler waits for them. A run is a process of its own, so that one that
goes wrong takes nothing down, and one at a time. For times that passed while the machine slept there is one run.
"""

from __future__ import annotations

import logging
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.extras import require
from forecasting import console
from forecasting.schedule import next_slot
from forecasting.timers import command

if TYPE_CHECKING:
    from forecasting.config import Config
    from forecasting.job import Job

logger = logging.getLogger(__name__)


def keep_watch(config: Config, *, runs: int | None = None) -> int:
    """Run each job of a file when it is due, until the process is ended.

    Args:
        config: The file.
        runs: End after so many runs; None for never.

    Returns:
        Runs that were made.

    Raises:
        MissingExtraError: If APScheduler is not installed.
    """
    blocking = require("apscheduler.schedulers.blocking", extra="watch", purpose="hourcast watch")
    scheduler = blocking.BlockingScheduler(
        timezone=UTC, executors={"default": {"type": "threadpool", "max_workers": 1}}
    )
    made = [0]

    def run(name: str) -> None:
        code = subprocess.run(command(config, name), check=False).returncode  # noqa: S603 - our own command
        console.say(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {name}: exit {code}")
        made[0] += 1
        if runs is not None and made[0] >= runs:
            scheduler.shutdown(wait=False)

    for job in config.jobs.values():
        scheduler.add_job(
            run, _trigger(job), args=[job.name], id=job.name, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        console.say(f"{job.name}: next {next_slot(job, datetime.now(UTC)):%Y-%m-%dT%H:%M:%SZ}")
    scheduler.start()
    return made[0]


def _trigger(job: Job) -> Any:
    """The times of a job, as APScheduler asks for them."""
    base = require("apscheduler.triggers.base", extra="watch", purpose="hourcast watch").BaseTrigger

    class Slots(base):  # type: ignore[misc, valid-type]
        """The next scheduled instant after now."""

        def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
            return next_slot(job, max(now, previous) if previous else now)

    return Slots()
