"""Times as written to the table's timestamps: UTC, at the start of their interval, or dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConfigError
from connectors.files.clockchange import contradicts, find_zone
from connectors.files.local import localise
from connectors.files.source import Guess
from connectors.files.steps import (
    CLEAR_MAJORITY,
    check_freq,
    date_floor,
    infer_step,
    is_calendar,
    modal_step,
    step_size,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.local import Localised
    from connectors.files.source import SourceOptions, StampSide
    from connectors.files.stamps import Stamps
    from connectors.files.steps import Step
    from connectors.files.timecolumn import TimeColumn

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Clock:
    """The timestamps of a table.

    Attributes:
        timestamp: UTC, start of the interval; NaT for times that do not exist [n, datetime64[ns]].
        freq: The step.
        time_zone: Zone of the local calendar.
        guesses: What was guessed.
        notes: What a person should know.
        side: Which end of its interval a time names.
        seen: The step of the times themselves, None where the file says it or there is none to be seen.
        follows: Whether a local clock changes as that of its zone does, as far as it can be seen.
    """

    timestamp: NDArray[np.datetime64]
    freq: str
    time_zone: str
    guesses: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()
    side: StampSide = "start"
    seen: str | None = None
    follows: bool = True


def to_timestamps(
    found: TimeColumn, items: NDArray[np.int64], options: SourceOptions, *, name: str, freq: str | None = None
) -> Clock:
    """Timestamps of a time column.

    Args:
        found: The times, all readable, in the order of the file.
        items: Code of each row's item [n].
        options: What the user said.
        name: Name of the file, for messages.
        freq: The step, where the file itself says it.

    Raises:
        IrregularTimestampsError: If there is no regular step, or the clock may be that of several zones.
        ConfigError: If the step given is longer than the one in the data.
    """
    stamps = found.stamps
    local = _local(stamps, options.time_zone)
    guesses: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()
    seen = None
    if freq is None:
        freq, seen, guesses, notes = _freq(stamps, local, items, options)
    side, side_guess = _side(found, options)
    guesses += side_guess
    if is_calendar(freq):
        dates, date_notes = _dates(local, freq, side)
        zone = options.time_zone or stamps.zone or "UTC"
        return Clock(dates, freq, zone, guesses, notes + date_notes, side, seen)
    wished, zone, zone_guess = _zone(found, items, options, name)
    shift = np.timedelta64(step_size(freq) or 0, "ns") * (side == "end")
    # Long columns are not copied to be moved by nothing.
    utc, follows = stamps.utc - shift if shift else stamps.utc, True
    if stamps.offset is None and wished.time_zone is not None:
        placed = from_local(stamps.wall, items, wished.time_zone, shift)
        utc, notes = placed.utc, notes + about_changes(placed, stamps.wall)
        follows = options.time_zone is None or not contradicts(stamps.wall, items, options.time_zone)
    return Clock(utc, freq, zone, guesses + zone_guess, notes, side, seen, follows)


def _local(stamps: Stamps, zone: str | None) -> NDArray[np.datetime64]:
    """What a clock on the wall showed: as written, or in the zone given when the times have an offset.

    Midnights are dates as they are written: 2024-01-01T00:00Z is 1 January, in New York too.
    """
    if stamps.offset is None or zone is None or stamps.dates_only:
        return stamps.wall
    there = pd.DatetimeIndex(stamps.utc).tz_localize("UTC").tz_convert(zone)
    return there.tz_localize(None).to_numpy().astype("M8[ns]")


def _freq(
    stamps: Stamps, local: NDArray[np.datetime64], items: NDArray[np.int64], options: SourceOptions
) -> tuple[str, str | None, tuple[Guess, ...], tuple[str, ...]]:
    """The step, the one seen in the times, and what is said about them."""
    seen = modal_step(items, stamps.utc)
    by_date = seen is not None and is_calendar(seen.freq)
    # Days of a local calendar are 23 to 25 hours apart in UTC, months anything.
    times = local.astype("M8[D]").astype("M8[ns]") if by_date else stamps.utc
    if options.freq is None:
        if seen is None and options.form is not None:
            return options.form.step, None, (), ()
        step = infer_step(items, times, seen=None if by_date else seen)
        return step.freq, step.freq, (Guess("step", step.freq, f"{step.share:.1%} of the steps", "--freq"),), ()
    freq = check_freq(options.freq)
    step_seen = modal_step(items, times) if by_date else seen
    if step_seen is None or step_seen.freq == freq:
        return freq, None if step_seen is None else freq, (), ()
    if _is_longer(freq, step_seen):
        raise ConfigError(
            f"The step was given as {freq}, but {step_seen.share:.0%} of the steps are {step_seen.freq}.",
            expected="The step is that of the readings; they are not added up on the way in.",
            fix="Leave --freq out, or add the readings up first.",
        )
    return (
        freq,
        step_seen.freq,
        (),
        (f"the step is {freq} as given; {step_seen.share:.0%} of the steps are {step_seen.freq}",),
    )


def _is_longer(freq: str, seen: Step) -> bool:
    """Whether several readings would fall into one step."""
    if is_calendar(freq) and not is_calendar(seen.freq):
        return True
    given, found = step_size(freq), step_size(seen.freq)
    return seen.share >= CLEAR_MAJORITY and given is not None and found is not None and given > found


def _side(found: TimeColumn, options: SourceOptions) -> tuple[StampSide, tuple[Guess, ...]]:
    if options.stamps is not None:
        return options.stamps, ()
    why = f"the header {found.name!r} says so" if found.says_end else "midnight is written 24:00"
    if found.says_end or found.stamps.at_24:
        return "end", (Guess("stamps", "end", f"{why}; each time was moved to the start of its step", "--stamps"),)
    return "start", ()


def _dates(local: NDArray[np.datetime64], freq: str, side: str) -> tuple[NDArray[np.datetime64], tuple[str, ...]]:
    size = step_size(freq)
    earlier = local - (_DAY if size is None else np.timedelta64(size, "ns")) * (side == "end")
    dates = date_floor(earlier, freq)
    if side == "end" or (dates == local).all():
        return dates, ()
    return dates, (f"the times were moved to the first moment of their step ({freq})",)


def _zone(
    found: TimeColumn, items: NDArray[np.int64], options: SourceOptions, name: str
) -> tuple[SourceOptions, str, tuple[Guess, ...]]:
    """The zone of the calendar, given or found; a zone that the clock changes give away counts as given."""
    if options.time_zone is not None:
        return options, options.time_zone, ()
    stamps = found.stamps
    if stamps.zone is not None:
        guess = Guess("time zone", stamps.zone, "the times carry it", "--time-zone")
        return options, stamps.zone, (guess,)
    if stamps.offset is not None:
        guess = Guess("time zone", "UTC", "the times carry an offset but no zone", "--time-zone")
        return options, "UTC", (guess,)
    if found.zone is not None:
        column, zone = found.zone
        guess = Guess("time zone", zone, f"the column {column!r} names it", "--time-zone")
        return replace(options, time_zone=zone), zone, (guess,)
    local = find_zone(stamps.wall, items, ask=name)
    if local is None:
        return options, "UTC", (Guess("time zone", "UTC", "the times carry no offset", "--time-zone"),)
    return replace(options, time_zone=local[0]), *local


def from_local(
    wall: NDArray[np.datetime64],
    items: NDArray[np.int64],
    zone: str,
    shift: np.timedelta64 | NDArray[np.timedelta64],
) -> Localised:
    """Local times in UTC, moved to the start of their step.

    Args:
        wall: Local times in the order of the file [n].
        items: Code of each row's item [n].
        zone: The zone.
        shift: From the time written back to the start of the step, zero where it is the start; one or [n].

    The end of an interval is written in two ways in the autumn night: as the clock shows it at that moment (02:00
    twice in Paris), or as the start plus a step (03:00 twice). The way that leaves fewer rows at one time is taken.
    """
    at_end = localise(wall, items, zone)
    moved = at_end.utc - shift
    if not np.any(shift):
        return at_end
    at_start = localise(wall - shift, items, zone)
    if _lost(at_start.utc, items) < _lost(moved, items):
        return at_start
    return type(at_end)(moved, at_end.single, at_end.skipped)


def _lost(utc: NDArray[np.datetime64], items: NDArray[np.int64]) -> int:
    """Rows that do not exist or stand at the time of another row."""
    known = ~np.isnat(utc)
    pairs = np.stack([items[known], utc[known].astype(np.int64)])
    return len(utc) - int(np.unique(pairs, axis=1).shape[1])


def about_changes(placed: Localised, wall: NDArray[np.datetime64]) -> tuple[str, ...]:
    """What a person should know about the nights of the clock changes."""
    notes = []
    skipped, single = int(placed.skipped.sum()), int(placed.single.sum())
    if skipped:
        first = str(wall[placed.skipped][0].astype("M8[m]")).replace("T", " ")
        rows = "1 row was" if skipped == 1 else f"{skipped} rows were"
        notes.append(f"{rows} left out, in an hour that the spring clock change skips: first {first}")
    if single:
        first = str(wall[placed.single][0].astype("M8[m]")).replace("T", " ")
        rows = "1 time" if single == 1 else f"{single} times"
        notes.append(f"{rows} in the repeated autumn hour, there only once, taken as winter time: first {first}")
    if skipped and single:
        notes.append("the clock of this file may not change at all; if so, give a fixed zone such as Etc/GMT-1")
    return tuple(notes)
