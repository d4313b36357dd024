"""Readings with a length of their own, brought to one regular step: power averaged, energy added, nothing split.

Meters change their step in the middle of a file, mostly from 30 to 15 minutes. The longer step is the one that all
of the file can be given honestly; of an interval that is not wholly covered nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, IrregularTimestampsError
from connectors.files.source import Guess
from connectors.files.steps import alias, check_freq, step_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: Steps of one size in a row, from which they are a step of the meter and no gap.
_STEADY_RUN = 4
#: Share of the time covered, from which a length is one of the file and no stray.
_USUAL_SHARE = 0.01
_DAY = 86_400_000_000_000


@dataclass(frozen=True, kw_only=True)
class Readings:
    """Readings of some items, each over an interval.

    Attributes:
        start: UTC, start of the interval [n, datetime64[ns]].
        length: Length of the interval [n, ns].
        values: Columns by name [n each].
        added: Columns that are added up over a longer interval, as energy is; the others are averaged.
        items: Name of each row's item [n].
    """

    start: NDArray[np.datetime64]
    length: NDArray[np.int64]
    values: Mapping[str, NDArray[np.float64]]
    added: frozenset[str]
    items: NDArray[np.object_]

    def keep(self, rows: NDArray[np.bool_]) -> Readings:
        """Some of the rows."""
        values = {name: column[rows] for name, column in self.values.items()}
        return replace(self, start=self.start[rows], length=self.length[rows], values=values, items=self.items[rows])


def lengths(instants: NDArray[np.datetime64], items: NDArray[np.int64], *, at_end: bool) -> NDArray[np.int64]:
    """Length of the interval of every reading, told by the steps between them [n, ns].

    A step that does not last is a gap or a stray reading; it takes the length of the steps before it.

    Args:
        instants: Times of the readings, in any order, none missing [n, datetime64[ns]].
        items: Code of each row's item [n].
        at_end: Whether the times end their intervals.

    Raises:
        IrregularTimestampsError: If no item has two different times.
    """
    found = np.zeros(len(instants), dtype=np.int64)
    for code in np.unique(items):
        mine = items == code
        times, place = np.unique(instants[mine], return_inverse=True)
        if len(times) > 1:
            steps = _steady(np.diff(times).astype(np.int64))
            each = np.concatenate([steps[:1], steps]) if at_end else np.concatenate([steps, steps[-1:]])
            found[mine] = each[place]
    known = found[found > 0]
    if not len(known):
        raise IrregularTimestampsError(
            f"There is no step to see in {len(instants)} reading{'s' * (len(instants) != 1)}.",
            expected="A series has at least two different times.",
            fix="Export a longer period.",
        )
    sizes, counts = np.unique(known, return_counts=True)
    return np.where(found > 0, found, sizes[counts.argmax()])


def _steady(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Steps with those that do not last replaced by the ones before them, or behind them at the beginning."""
    bounds = np.flatnonzero(np.diff(steps)) + 1
    first = np.concatenate([[0], bounds])
    run = np.diff(np.concatenate([first, [len(steps)]]))
    lasting = run >= _STEADY_RUN
    if not lasting.any():
        sizes, counts = np.unique(steps, return_counts=True)
        return np.full(len(steps), sizes[counts.argmax()])
    # A run that begins where no lasting one has been yet takes the first lasting one.
    before = np.maximum.accumulate(np.where(lasting, np.arange(len(run)), -1))
    chosen = np.where(before < 0, int(lasting.argmax()), before)
    return np.repeat(steps[first][chosen], run)


@dataclass(frozen=True, kw_only=True)
class Regular:
    """Readings on one step.

    Attributes:
        readings: The readings.
        freq: The step.
        guesses: What was decided.
        notes: What was left out.
    """

    readings: Readings
    freq: str
    guesses: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()


def to_one_step(readings: Readings, freq: str | None, zone: str) -> Regular:
    """Readings on one step: the longest of the file, or the one asked for.

    Args:
        readings: Readings, in any order.
        freq: The step asked for; None for the longest in the file.
        zone: Zone of the local calendar, whose days are counted.

    Raises:
        ConfigError: If the step asked for is no step of up to a day.
    """
    usual = _usual(readings)
    own = int(usual.max())
    size = own if freq is None else step_size(check_freq(freq))
    if size is None or size > _DAY:
        raise ConfigError(
            f"The step was given as {freq}.",
            expected=f"Readings of {alias(own)} are added up to a day at most.",
            fix="Give --freq D, or leave it out.",
        )
    if (readings.length == size).all():
        return Regular(readings=readings, freq=alias(size))
    guesses = () if freq is not None else (_guess(readings, usual),)
    return _coarser(readings, size, zone, guesses, asked=freq is not None)


def _usual(readings: Readings) -> NDArray[np.int64]:
    """The lengths that cover a share of the time worth speaking of [ns]."""
    sizes, counts = np.unique(readings.length, return_counts=True)
    covered = sizes.astype(np.float64) * counts
    return np.asarray(sizes[covered >= _USUAL_SHARE * covered.sum()], dtype=np.int64)


def _in_words(readings: Readings) -> str:
    return ", ".join(f"{size / 60_000_000_000:g} min" for size in _usual(readings)[:4])


def _guess(readings: Readings, usual: NDArray[np.int64]) -> Guess:
    order = np.argsort(readings.start, kind="stable")
    kept = order[np.isin(readings.length[order], usual)]
    changes = kept[1:][np.diff(readings.length[kept]) != 0]
    steps = ", ".join(alias(int(size)) for size in usual[::-1])
    when = f" on {str(readings.start[changes[0]].astype('M8[m]')).replace('T', ' ')} UTC" if len(changes) else ""
    how = "added up" if set(readings.values) <= readings.added else "averaged"
    why = f"the step changes{when} ({steps}); the longest holds for all of it, the shorter ones were {how}"
    return Guess("step", alias(int(usual.max())), why, "--freq")


def _coarser(readings: Readings, size: int, zone: str, guesses: tuple[Guess, ...], *, asked: bool) -> Regular:
    """Readings over longer intervals; where one is not covered without a hole, the value is missing."""
    begin, end = _bins(readings.start, size, zone)
    inside = readings.start.astype(np.int64) + readings.length <= end.astype(np.int64)
    codes, names = pd.factorize(readings.items)
    columns = pd.DataFrame(dict(enumerate(readings.values.values())))
    keys = {"item": codes, "begin": begin, "end": end, "start": readings.start, "length": readings.length}
    table = columns.assign(**keys)[inside].drop_duplicates()
    # Rows of one time that differ are averaged, as they are everywhere else.
    table = table.groupby(list(keys), as_index=False, sort=True).mean()
    step = np.column_stack([table["item"].to_numpy(dtype=np.int64), table["begin"].to_numpy().astype(np.int64)])
    first = np.flatnonzero(np.concatenate([[True], (np.diff(step, axis=0) != 0).any(axis=1)])[: len(step)])
    whole, merged = _merge(table, first, [name in readings.added for name in readings.values])
    if not whole.any():
        raise ConfigError(
            f"No interval of {alias(size)} is wholly covered by the readings, which are {_in_words(readings)} long.",
            expected="The step is a whole number of theirs.",
            fix="Leave --freq out." if asked else "Give the step as --freq.",
        )
    made = Readings(
        start=table["begin"].to_numpy()[first].astype("M8[ns]"),
        length=np.full(len(first), size, dtype=np.int64),
        values=dict(zip(readings.values, merged, strict=True)),
        added=readings.added,
        items=np.asarray(names, dtype=object)[table["item"].to_numpy()[first]],
    )
    notes = (*_left_out(readings.keep(~inside), size), *_incomplete(made.start[~whole], size))
    return Regular(readings=made, freq=alias(size), guesses=guesses, notes=notes)


def _bins(
    start: NDArray[np.datetime64], size: int, zone: str
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Begin and end of the step each reading begins in, in UTC; days are those of the local calendar."""
    if size < _DAY:
        begin = start.astype(np.int64) // size * size
        return begin.astype("M8[ns]"), (begin + size).astype("M8[ns]")
    day = pd.DatetimeIndex(start).tz_localize("UTC").tz_convert(zone).tz_localize(None).normalize()
    return _midnight(day, zone), _midnight(day + pd.Timedelta(days=1), zone)


def _midnight(day: pd.DatetimeIndex, zone: str) -> NDArray[np.datetime64]:
    """The first moment of local days, in UTC."""
    local = day.tz_localize(zone, ambiguous=np.ones(len(day), dtype=np.bool_), nonexistent="shift_forward")
    return local.tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[ns]")


def _merge(
    table: pd.DataFrame, first: NDArray[np.int64], added: list[bool]
) -> tuple[NDArray[np.bool_], list[NDArray[np.float64]]]:
    """Which steps are wholly covered, and the values of every column, missing where one is not.

    Args:
        table: Readings sorted by item, step and time, the columns under their numbers.
        first: Where each step begins in it [steps].
        added: Whether a column is added up [columns].
    """
    length = table["length"].to_numpy(dtype=np.int64)
    begin, end, start = (table[name].to_numpy().astype(np.int64) for name in ("begin", "end", "start"))
    if not len(table):
        return np.zeros(0, dtype=np.bool_), []
    number = np.diff(np.concatenate([first, [len(table)]]))
    total = np.add.reduceat(length, first)
    before = np.cumsum(length) - length
    due = begin + before - np.repeat(before[first], number)
    whole = np.logical_and.reduceat(due == start, first) & (total == (end - begin)[first])
    seconds = length / 1e9
    merged = []
    for place, is_added in enumerate(added):
        column = table[place].to_numpy(dtype=np.float64)
        summed = np.add.reduceat(column if is_added else column * seconds, first)
        value = summed if is_added else summed / np.add.reduceat(seconds, first)
        merged.append(np.where(whole, value, np.nan))
    return whole, merged


def _left_out(rows: Readings, size: int) -> tuple[str, ...]:
    if not len(rows.start):
        return ()
    were = "readings reach" if len(rows.start) > 1 else "reading reaches"
    first = str(rows.start.min().astype("M8[m]")).replace("T", " ")
    return (f"{len(rows.start)} {were} over the border of a step of {alias(size)}, left out: first {first} UTC",)


def _incomplete(start: NDArray[np.datetime64], size: int) -> tuple[str, ...]:
    if not len(start):
        return ()
    were = "steps are" if len(start) > 1 else "step is"
    first = str(start.min().astype("M8[m]")).replace("T", " ")
    return (f"{len(start)} {were} not wholly covered by readings and missing: {alias(size)} from {first} UTC",)
