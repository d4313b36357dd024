"""When a job is due: a pure function of its configuration, its last run, and now.

Times are local. Where clocks skip one, the run is due the moment they skip it; where they show it twice, the first
time only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.files.local import check_zone
from forecasting.job import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecasting.job import Job


@dataclass(frozen=True, kw_only=True)
class Due:
    """Whether a job is due.

    Attributes:
        due: Whether it is.
        at: Since when, or when it will be next, UTC.
    """

    due: bool
    at: datetime


def due(job: Job, last: datetime | None, now: datetime) -> Due:
    """Whether a job is due. One run makes up for all that were missed.

    Args:
        job: The job.
        last: Instant as of which it last ran well, with a time zone; None for never.
        now: The present, with a time zone.
    """
    passed = max(slots(job, now - timedelta(days=8), now + timedelta(microseconds=1)), default=None)
    if passed is not None and (last is None or last < passed):
        return Due(due=True, at=passed)
    return Due(due=False, at=next_slot(job, now))


def next_slot(job: Job, now: datetime) -> datetime:
    """The first scheduled instant after a time, UTC."""
    return next(slots(job, now + timedelta(microseconds=1), now + timedelta(days=400)))


def slots(job: Job, first: datetime, until: datetime) -> Iterator[datetime]:
    """Scheduled instants from ``first`` on and before ``until``, rising, UTC."""
    schedule, zone = job.schedule, zone_of(job)
    day = first.astimezone(zone).date() - timedelta(days=1)
    while day <= until.astimezone(zone).date() + timedelta(days=1):
        if not schedule.days or DAYS[day.weekday()] in schedule.days:
            found = {_instant(datetime.combine(day, _clock(words)), zone) for words in schedule.at}
            if schedule.every is not None:
                found = set(_every(datetime(day.year, day.month, day.day, tzinfo=UTC), schedule.every))
            yield from (at for at in sorted(found) if first <= at < until)
        day += timedelta(days=1)


def zone_of(job: Job) -> ZoneInfo:
    """The zone of a job's times: its schedule's, its source's, or UTC.

    Raises:
        ConfigError: If it does not exist.
    """
    name = job.schedule.time_zone or job.source.options.time_zone or "UTC"
    check_zone(name)
    return ZoneInfo(name)


def _clock(words: str) -> time:
    return time.fromisoformat(words)


def _every(midnight: datetime, every: timedelta) -> Iterator[datetime]:
    at = midnight
    while at < midnight + timedelta(days=1):
        yield at
        at += every


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a local time. One that clocks skip becomes the moment they skip it."""
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    # In a gap fold=0 counts with the offset before it; the clock then shows as much too late as the gap is long.
    late = at.astimezone(zone).replace(tzinfo=None) - local
    before = at - late
    while before.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset():
        before += timedelta(minutes=1)
    return before
