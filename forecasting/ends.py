"""How a history ends: meters that are dead, items that stopped, a last day that is not whole.

A forecast starts from the last readings. Where these are missing or no measurements, whoever reads it must be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from connectors.errors import DataError
from forecasting.findings import Finding, keep_option
from forecasting.grid import day_of, parse_step, steps_in
from forecasting.readings import runs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.view import FloatArray
    from forecasting.readings import BoolArray, Fault

#: Steps without a sound reading after which a forecast is flagged, for steps longer than a day.
FEWEST_STEPS = 3
#: An end without a sound reading is refused from this many times the limit of the flag: a week of hours.
REFUSED = 7
#: A last value is implausible when it is held this many times as long as any before, whatever the series is like.
HELD = 3


class Limits(NamedTuple):
    """Steps without a sound reading that are accepted before a forecast is flagged, and before it is refused."""

    flagged: int
    refused: int


def limits_of(freq: str) -> Limits:
    """A day and a week; for daily steps a week and seven; for longer ones three steps and three weeks of steps."""
    day = day_of(freq)
    flagged = day if day > 1 else max(FEWEST_STEPS, round(steps_in("7D", freq)))
    return Limits(flagged, REFUSED * flagged)


@dataclass(frozen=True, kw_only=True)
class End:
    """How the readings of one item end.

    Attributes:
        item_id: The item.
        stamps: Stamps of the grid. ``[T]``
        since: Position of the first step after the last sound reading.
        kinds: What is there instead of sound readings: kinds of faults, "missing", "held".
        limits: Steps accepted.
        real: Whether a value merely held may be real: the zero of a site that is shut, or one that is trusted.
    """

    item_id: str
    stamps: pd.DatetimeIndex
    since: int
    kinds: tuple[str, ...]
    limits: Limits
    real: bool = False

    @property
    def length(self) -> int:
        """Steps without a sound reading."""
        return len(self.stamps) - self.since

    @property
    def refused(self) -> bool:
        """Whether it is too old to forecast from."""
        return self.length > self.limits.refused and not self.real

    def finding(self, *, repair: bool) -> Finding | None:
        """What is to be said of it, None where it is sound enough."""
        if self.length <= self.limits.flagged:
            return None
        stale = self.kinds == ("missing",)
        last = f" since {self.stamps[self.since - 1]:%Y-%m-%d %H:%M} UTC" if self.since else ""
        detail = (
            f"no reading{last}, for more than {self.limits.flagged} steps"
            if stale
            else f"no sound reading{last}: {', '.join(self.kinds)}; more than {self.limits.flagged} steps"
        )
        left_out = repair and not stale and "held" not in self.kinds
        broken = [kind for kind in self.kinds if kind != "missing"]
        return Finding(
            kind="stale item" if stale else "dead meter",
            item_id=self.item_id,
            first=self.stamps[self.since],
            last=self.stamps[-1],
            count=self.length,
            action="left out" if left_out else "kept",
            known_from=None,
            detail=detail,
            undo=keep_option(*broken) if left_out and broken else "",
        )


def end_of(
    item_id: str, rows: pd.DataFrame, faults: Sequence[Fault], freq: str, *, silent: int = 0, trusted: bool = False
) -> End:
    """How the readings of one item end.

    Args:
        item_id: The item.
        rows: Its rows of the history.
        faults: Its faults.
        freq: The step.
        silent: Steps after the last reading of any item for which one was due.
        trusted: Whether a stuck meter is to be taken at its word.
    """
    values = np.r_[rows["target"].to_numpy(float), np.full(silent, np.nan)]
    stamps = pd.date_range(rows["timestamp"].iloc[0], periods=len(values), freq=freq)
    limits = limits_of(freq)
    kinds = np.full(len(values), "", dtype=object)
    for fault in faults:
        if not fault.kept:
            kinds[fault.positions] = fault.kind
    kinds[np.isnan(values)] = "missing"
    held = _held(values, limits.flagged)
    at_last = held & (kinds != "") & (kinds != "missing")
    kinds[held & (kinds == "")] = kinds[at_last][-1] if at_last.any() else "held"
    sound = np.flatnonzero(kinds == "")
    since = int(sound[-1]) + 1 if len(sound) else 0
    found = tuple(dict.fromkeys(str(kind) for kind in kinds[since:]))
    real = "held" in found and (trusted or values[np.isfinite(values)][-1] == 0)
    return End(item_id=item_id, stamps=stamps, since=since, kinds=found, limits=limits, real=bool(real))


def _held(values: FloatArray, limit: int) -> BoolArray:
    """The last reading and those before it that are equal, where these are too many to be plausible. ``[T]``.

    A fault is left out for four weeks at most, then the meter is taken at its word; whether it is alive at the end
    is another question.
    """
    held = np.zeros(len(values), dtype=bool)
    there = np.flatnonzero(np.isfinite(values))
    starts, lengths = runs_of(values[there])
    if len(starts) > 1 and lengths[-1] > max(limit, HELD * lengths[:-1].max()):
        held[there[starts[-1]] :] = np.isfinite(values[there[starts[-1]] :])
    return held


def due_reading(
    frame: pd.DataFrame, known: Sequence[str], freq: str, *, as_of: pd.Timestamp | None, horizon: int | None
) -> pd.Timestamp | None:
    """Stamp of the last reading that should be there; None where nothing says.

    Rows without a target at the end of a file are the steps to forecast; more of them than are forecast, of which
    nothing is known, are readings that did not come.

    Args:
        frame: ``item_id | timestamp | target`` and covariates.
        known: Covariates known in advance.
        freq: The step.
        as_of: When the intervals ended whose readings should have arrived; None to go by the rows.
        horizon: Steps to forecast; None for a day, or one season.
    """
    if as_of is not None:
        return as_of - parse_step(freq)
    stamps, told = frame["timestamp"], frame[list(known)].notna().any(axis=1)
    empty = stamps[(stamps > stamps[frame["target"].notna()].max()) & ~told]
    return empty.max() if empty.nunique() > max(horizon or 0, limits_of(freq).flagged) else None


def dead_error(ends: Sequence[End], freq: str) -> DataError | None:
    """The refusal of a history in which no item has a recent sound reading, None where one has."""
    if not all(end.refused for end in ends):
        return None
    best = min(ends, key=lambda end: end.length)
    last = best.stamps[max(best.since - 1, 0)]
    who = "The meter" if len(ends) == 1 else f"None of {len(ends)} meters"
    return DataError(
        f"{who} has {'no' if len(ends) == 1 else 'a'} sound reading after {last:%Y-%m-%d %H:%M} UTC: "
        f"{best.length} steps of {freq} are {' or '.join(best.kinds)}.",
        expected=f"A forecast starts from readings no older than {best.limits.refused} steps.",
        fix=f"Give newer readings, forecast as of then (--as-of {last:%Y-%m-%dT%H:%MZ}), trust the readings "
        "(--no-repair), or forecast from old ones (--allow-stale; in hourcast.toml: allow_stale = true).",
    )


def ragged_last_day(history: pd.DataFrame, freq: str) -> list[Finding]:
    """A last day that is not whole, where days begin as the first of the table does; an hour is no matter.

    (Between summer and winter the day of a local clock begins an hour earlier or later.)
    """
    day = day_of(freq)
    stamps = pd.DatetimeIndex(history["timestamp"])
    first, last = stamps.min(), stamps.max()
    steps = round((last - first) / pd.Timedelta(days=1) * day) + 1
    hour, over = max(1, day // 24), steps % day
    if day == 1 or steps < 2 * day or over <= hour or over >= day - hour:
        return []
    items = history["item_id"].unique()
    begin = last - pd.Timedelta(days=1) * (over - 1) / day
    return [
        Finding(
            kind="ragged last day",
            item_id=str(items[0]) if len(items) == 1 else "all items",
            first=begin,
            last=last,
            count=over,
            action="kept",
            known_from=None,
            detail=f"the last day has {over} of {day} steps, and the forecast begins within it",
        )
    ]
