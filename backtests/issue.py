"""When forecasts are issued, what has arrived by then, and which steps are asked for.

```
readings   |----|----|----|c---|                    c: the cutoff, start of the last reading that has arrived
arrival                         :<-delay->|         end of the interval and the delay, or a time of the next day
issue                                     i         as soon as the reading arrives, or daily at ``issue_at``
asked                                     :<-lead->|====|====|====|
```

The steps between the cutoff and those asked for are forecast along the way, never scored nor handed out.
Instants are whole nanoseconds since 1970 in UTC. G stamps of the grid, D days.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.windows import Windows

IntArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

DAY = int(pd.Timedelta(days=1).value)
#: Days beyond the history over which the longest reach is sought: a year has every change of the clock.
A_YEAR = 370


@dataclass(frozen=True, kw_only=True)
class Issues:
    """What a forecast from each position of the grid is.

    Attributes:
        arrives_at: When the reading of a position can be used. ``[G]``
        issued_at: When a forecast from a position as cutoff is issued. ``[G]``
        first: Steps from the cutoff to the first one asked for, from 1. ``[G]``
        last: Steps to the last one. ``[G]``
        times: Instants of issue, rising; None when a forecast is issued as soon as a reading arrives. ``[D]``
    """

    arrives_at: IntArray
    issued_at: IntArray
    first: IntArray
    last: IntArray
    times: IntArray | None

    def cutoff_of(self, instant: int) -> int:
        """Position of the last reading that has arrived at an instant, -1 for none."""
        return int(np.searchsorted(self.arrives_at, instant, side="right")) - 1


def issues(grid: pd.DatetimeIndex, end: int, task: Task) -> Issues:
    """What a forecast from each position is.

    A position that is the cutoff of no instant of issue (training looks back from all of them) is issued as long
    after the end of its interval as the soonest of those that are: never later than a true cutoff after it.

    Args:
        grid: Stamps. ``[G]``
        end: Readings there are; the last of them is the live cutoff.
        task: The task.

    Raises:
        ConfigError: If a time of day is given for steps of a day or longer.
    """
    starts = _stamps(_longer(grid, task))
    ends = starts[1 : len(grid) + 1]
    arrives = _arrivals(starts[: len(grid)], ends, task)
    if task.issue_at is None and task.arrives_at is None:
        times, issued = None, arrives
    else:
        times = clock_times(starts, task.issue_at or str(task.arrives_at), task)
        issued = _issued(times, arrives, ends, end - 1)
    first = _first_asked(issued, task)
    first_at = np.searchsorted(starts, first)
    here = np.arange(len(grid))
    last_at = np.searchsorted(starts, _midnights_on(first, _days(task), task)) if _days(task) else None
    if last_at is None:
        last_at = here + task.horizon + 1 if task.asked is None else first_at + task.asked
    return Issues(arrives_at=arrives, issued_at=issued, first=first_at - here, last=last_at - 1 - here, times=times)


def with_reach(grid: pd.DatetimeIndex, task: Task) -> Task:
    """The task with its horizon counted from the cutoff: far enough for every step asked for, on every day.

    Args:
        grid: Stamps of the readings.
        task: A task whose horizon is the number of steps asked for.
    """
    if not task.is_late:
        return task
    asked = replace(task, asked=task.horizon)
    year = len(grid) + A_YEAR * task.per_day
    found = issues(pd.date_range(grid[0], periods=year, freq=task.freq), len(grid), asked)
    cutoffs = np.array([len(grid) - 1])
    if found.times is None:
        cutoffs = np.arange(len(grid))
    else:
        rule = np.searchsorted(found.arrives_at, found.times, side="right") - 1
        cutoffs = np.append(rule[(rule >= 0) & (rule < year - 1)], cutoffs)
    return replace(asked, horizon=int(found.last[cutoffs].max()))


def on_issue(windows: Windows, found: Issues, end: int) -> Windows:
    """Windows moved to the cutoffs at which forecasts are issued: the hour of the day stays when clocks change.

    Args:
        windows: Windows counted back from the last reading.
        found: What forecasts from there are.
        end: Readings there are.
    """
    if found.times is None:
        return windows
    wait = found.issued_at[end - 1] - found.arrives_at[end - 1]
    wanted = found.arrives_at[windows.positions] + wait
    after = np.clip(np.searchsorted(found.times, wanted), 1, len(found.times) - 1)
    nearer = wanted - found.times[after - 1] <= found.times[after] - wanted
    times = found.times[after - nearer]
    positions = np.searchsorted(found.arrives_at, times, side="right") - 1
    return replace(windows, positions=np.unique(np.clip(positions, 0, end - 1)))


def live_end(found: Issues, end: int, now: int) -> int:
    """Readings a forecast made now may use: those that had arrived at the last instant of issue.

    Args:
        found: What forecasts are.
        end: Readings there are.
        now: The present; nothing is issued later.
    """
    if found.times is None:
        return min(end, found.cutoff_of(now) + 1)
    if found.issued_at[end - 1] <= now:
        return end
    earlier = found.times[found.times <= now]
    return min(end, found.cutoff_of(int(earlier[-1])) + 1) if len(earlier) else 0


def clock_times(starts: IntArray, clock: str, task: Task) -> IntArray:
    """A time of day by the local clock, every day from before the first stamp to after the last. ``[D]``.

    Where clocks skip it, the first instant after; where they show it twice, the first.
    """
    if task.per_day == 1:
        raise ConfigError(
            f"The time of day {clock} was given for steps of {task.freq}.",
            expected="A time of day needs steps shorter than a day.",
            fix="Give --lead and --delay as durations, such as 1d.",
        )
    days = _local_days(starts, task)
    return _to_utc(days + pd.Timedelta(clock_length(clock)), task)


def clock_length(clock: str) -> pd.Timedelta:
    """Time since midnight that a clock shows.

    Raises:
        ConfigError: If it is no time of day.
    """
    hours, _, minutes = clock.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        raise ConfigError(f"{clock!r} is no time of day.", expected="Hours and minutes, such as 10:00 or 05:30.")
    return pd.Timedelta(hours=int(hours), minutes=int(minutes))


def _longer(grid: pd.DatetimeIndex, task: Task) -> pd.DatetimeIndex:
    """The grid, and stamps after it as far as any step asked for."""
    wait = task.delay + (task.lead or pd.Timedelta(0)) + pd.Timedelta(days=4)
    more = task.horizon + (task.asked or 0) + 1 + int(wait / pd.Timedelta(days=1) * task.per_day) + 1
    return pd.date_range(grid[0], periods=len(grid) + more, freq=task.freq)


def _arrivals(starts: IntArray, ends: IntArray, task: Task) -> IntArray:
    if task.arrives_at is None:
        return ends + int(task.delay.value)
    times = clock_times(starts, task.arrives_at, task)
    midnights = _to_utc(_local_days(starts, task), task)
    day = np.searchsorted(midnights, starts, side="right") - 1
    return times[day + 1] + int(task.delay.value)


def _issued(times: IntArray, arrives: IntArray, ends: IntArray, live: int) -> IntArray:
    inside = times[(times >= arrives[0]) & (times < arrives[-1])]
    cutoffs = np.searchsorted(arrives, inside, side="right") - 1
    soonest = int((inside - ends[cutoffs]).min()) if len(inside) else int((arrives - ends).min())
    issued = ends + soonest
    issued[cutoffs] = inside
    issued[live] = times[np.searchsorted(times, arrives[live])]
    return issued


def _first_asked(issued: IntArray, task: Task) -> IntArray:
    """The instant from which steps are asked for: the lead after the issue, or the next local midnight."""
    if task.lead is None and task.issue_at is not None:
        return _midnights_on(issued, 0, task)
    return issued + int((task.lead or pd.Timedelta(0)).value)


def _days(task: Task) -> int:
    """Whole local days asked for, 0 when it is a number of steps."""
    whole = task.issue_at is not None and task.lead is None and task.asked is not None
    return (task.asked or 0) // task.per_day if whole and (task.asked or 0) % task.per_day == 0 else 0


def _midnights_on(instants: IntArray, days: int, task: Task) -> IntArray:
    """The first local midnight at or after each instant, and ``days`` further."""
    midnights = _to_utc(_local_days(instants, task, more=days), task)
    return midnights[np.searchsorted(midnights, instants) + days]


def _local_days(instants: IntArray, task: Task, more: int = 0) -> pd.DatetimeIndex:
    """Local dates from the day before the first instant to some days after the last."""
    ends = pd.DatetimeIndex(instants[[0, -1]]).tz_localize("UTC").tz_convert(task.time_zone).tz_localize(None)
    first, last = ends.min().normalize(), ends.max().normalize()
    return pd.date_range(first - pd.Timedelta(days=1), last + pd.Timedelta(days=3 + more), freq="D")


def _to_utc(local: pd.DatetimeIndex, task: Task) -> IntArray:
    # an array of True: where the clock shows an hour twice, the first of the two
    aware = local.tz_localize(task.time_zone, ambiguous=np.ones(len(local), bool), nonexistent="shift_forward")
    return _stamps(aware.tz_convert("UTC"))


def _stamps(index: pd.DatetimeIndex) -> IntArray:
    return np.asarray(index.as_unit("ns").asi8, dtype=np.int64)
