"""From quarter-hours to hours, from hours to days: longer steps, made of whole intervals only.

Faults are looked for in the readings as they came. An interval that holds a faulty reading is faulty from the
interval on in which that could first be told, so what holds of a reading holds of what it is part of.

Letters: R rows of a table, B intervals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError
from connectors.files.steps import check_freq, date_floor, is_calendar, step_size
from connectors.files.units import is_amount
from connectors.frame import HISTORY_COLUMNS, check_history
from forecasting.findings import Finding
from forecasting.readings import stretches

if TYPE_CHECKING:
    from backtests.view import IntArray
    from forecasting.prepare import Prepared

How = Literal["mean", "sum"]
KEY = ["item_id", "timestamp"]


@dataclass(frozen=True, kw_only=True)
class Aggregation:
    """What longer steps are made of.

    Attributes:
        freq: The longer step. Steps of a day and longer are those of the local calendar, held as midnight UTC.
        how: ``mean`` (power) or ``sum`` (energy) of the target; covariates are averaged.
        time_zone: Zone of the local clock.
    """

    freq: str
    how: How
    time_zone: str = "UTC"


def how_of(asked: How | None, *, unit: str | None, target: str) -> How:
    """Whether a target is averaged or added up, as was asked or by its unit.

    Raises:
        ConfigError: If nothing tells.
    """
    if asked is None and unit is None:
        raise ConfigError(
            f"The unit of {target!r} is not known, so it cannot be aggregated.",
            expected="Power (kW) is averaged, energy (kWh) is added up.",
            fix="Give --aggregate-how mean or --aggregate-how sum, or the unit in the header: load (kW).",
        )
    return asked or ("sum" if is_amount(str(unit)) else "mean")


def aggregate(prepared: Prepared, wanted: Aggregation) -> Prepared:
    """The same history on a longer step.

    An interval has a value when every reading of it is there: 23, 24 or 25 hours of a local day. Whole intervals
    at the start and at the end without one are cut off.

    Args:
        prepared: The history on its own step, faults told.
        wanted: The longer step.

    Raises:
        ConfigError: If the step is not a multiple of the history's, or is no single step of the calendar.
        DataError: If no interval is complete.
    """
    freq = check_freq(wanted.freq)
    if freq == check_freq(prepared.freq):
        return prepared
    bins = _Intervals.of(prepared, freq, wanted.time_zone)
    rows = pd.concat([prepared.history, prepared.future], ignore_index=True)
    table = _combined(rows, bins, wanted.how)
    complete = (table["target"].notna()).to_numpy()
    if not complete.any():
        raise DataError(
            f"No interval of {freq} has all its readings of {prepared.freq}.",
            expected="A value is the mean or the sum of all the readings of its interval.",
            fix="Aggregate to a shorter step (--aggregate), or keep the step of the file.",
        )
    end = table.loc[complete, "timestamp"].max()
    history, dropped = _whole(table[table["timestamp"] <= end])
    covariates = [name for name in table.columns if name not in HISTORY_COLUMNS]
    ahead = table.loc[table["timestamp"] > end, [*KEY, *covariates]]
    future = ahead[ahead[covariates].notna().any(axis=1)] if covariates else ahead.iloc[:0]
    last = pd.DatetimeIndex(prepared.history["timestamp"]).max()
    cut = table[(table["timestamp"] > end) & (table["timestamp"] <= bins.floor(pd.DatetimeIndex([last]))[0])]
    return replace(
        prepared,
        history=check_history(history, freq),
        faulty=_faulty(prepared.faulty, bins, history),
        future=future.reset_index(drop=True),
        findings=(*prepared.findings, *_incomplete(history, pd.concat([dropped, cut]), prepared.freq, freq)),
        freq=freq,
    )


@dataclass(frozen=True, kw_only=True)
class _Intervals:
    """The intervals of a longer step.

    Attributes:
        freq: The longer step.
        zone: Zone of the calendar it follows, None for steps shorter than a day.
        phase: First reading of the short step after 1 January 1970 [ns].
        size: Length of the short step [ns].
        long: Length of the longer step, 0 for those of the calendar [ns].
        shift: Where intervals shorter than a day begin, modulo their length [ns].
    """

    freq: str
    zone: str | None
    phase: int
    size: int
    long: int = 0
    shift: int = 0

    @classmethod
    def of(cls, prepared: Prepared, freq: str, zone: str) -> _Intervals:
        """The intervals of a history."""
        size = step_size(prepared.freq)
        long = step_size(freq)
        if size is None or (long is not None and (long % size or long < size)):
            raise _no_multiple(prepared.freq, freq)
        if is_calendar(freq) and pd.tseries.frequencies.to_offset(freq).n != 1:
            raise _no_multiple(prepared.freq, freq)
        first = int(prepared.history["timestamp"].iloc[0].value)
        if is_calendar(freq):
            dates = is_calendar(prepared.freq)
            return cls(freq=freq, zone="UTC" if dates else zone, phase=first % size, size=size)
        assert long is not None
        stamps = pd.DatetimeIndex(prepared.history["timestamp"])
        offsets = (stamps.tz_convert(zone).tz_localize(None) - stamps.tz_localize(None)).asi8
        values, counts = np.unique(offsets * _ns(stamps), return_counts=True)
        shift = -int(values[counts.argmax()]) % long
        shift += (first - shift) % size  # where the readings begin at ten past, so do the hours
        return cls(freq=freq, zone=None, phase=first % size, size=size, long=long, shift=shift)

    def floor(self, stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """The interval each stamp lies in, by its start. ``[R]``."""
        if self.zone is not None:
            wall = stamps.tz_convert(self.zone).tz_localize(None).as_unit("ns").to_numpy()
            return pd.DatetimeIndex(date_floor(wall, self.freq)).tz_localize("UTC")
        at = stamps.as_unit("ns").asi8
        return pd.DatetimeIndex(at - (at - self.shift) % self.long).tz_localize("UTC")

    def readings(self, starts: pd.DatetimeIndex) -> IntArray:
        """How many readings each interval has when none is missing. ``[B]``."""
        ends = starts + pd.tseries.frequencies.to_offset(self.freq)
        before = [-((self.phase - self._instants(edges)) // self.size) for edges in (starts, ends)]
        return np.asarray(before[1] - before[0], dtype=np.int64)

    def _instants(self, starts: pd.DatetimeIndex) -> IntArray:
        """When intervals begin [ns since 1970]; a midnight the clock skips is the moment after it. ``[B]``."""
        if self.zone is None:
            return starts.as_unit("ns").asi8
        first = np.ones(len(starts), dtype=bool)
        wall = starts.tz_localize(None).tz_localize(self.zone, nonexistent="shift_forward", ambiguous=first)
        return wall.tz_convert("UTC").as_unit("ns").asi8


def _ns(stamps: pd.DatetimeIndex) -> int:
    """Nanoseconds in the unit of some stamps."""
    return int(pd.Timedelta(1, stamps.unit) / pd.Timedelta(1, "ns"))


def _no_multiple(short: str, long: str) -> ConfigError:
    return ConfigError(
        f"Readings of every {short} cannot be aggregated to {long}.",
        expected="The longer step is a multiple of that of the readings, or one of D, W-MON, MS, QS, YS.",
        fix="Give another step as --aggregate h, or leave it out.",
    )


def _combined(rows: pd.DataFrame, bins: _Intervals, how: How) -> pd.DataFrame:
    """A row for each item and interval; the target is NaN where a reading is missing."""
    placed = rows.assign(timestamp=bins.floor(pd.DatetimeIndex(rows["timestamp"])))
    groups = placed.groupby(KEY, sort=False, observed=True)
    table = groups.mean(numeric_only=True)
    if how == "sum":
        table["target"] = groups["target"].sum()
    number = groups["target"].count().to_numpy()
    table = table.reset_index()
    whole = number == bins.readings(pd.DatetimeIndex(table["timestamp"]))
    return table.assign(target=table["target"].where(whole))


def _whole(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The history from the first complete interval of each item, and the rows before it."""
    begun = table["target"].notna().groupby(table["item_id"].to_numpy(), sort=False).cummax().to_numpy(bool)
    return table[begun].reset_index(drop=True), table[~begun]


def _faulty(faulty: pd.DataFrame, bins: _Intervals, history: pd.DataFrame) -> pd.DataFrame:
    """Complete intervals that hold a faulty reading, known from the first interval in which one was."""
    told = faulty.assign(
        timestamp=bins.floor(pd.DatetimeIndex(faulty["timestamp"])),
        known_from=bins.floor(pd.DatetimeIndex(faulty["known_from"])),
    )
    told = told.sort_values([*KEY, "known_from"], kind="stable").drop_duplicates(KEY)
    # what an interval that is not yet whole has told is known now, and was not at any cutoff before
    told["known_from"] = told["known_from"].clip(upper=history["timestamp"].max())
    there = history.loc[history["target"].notna(), KEY]
    return told.merge(there, on=KEY)[list(faulty.columns)]


def _incomplete(history: pd.DataFrame, cut: pd.DataFrame, short: str, long: str) -> list[Finding]:
    """Intervals without a value because one of their readings is missing."""
    found = []
    for item, rows in history.groupby("item_id", sort=False):
        stamps = pd.DatetimeIndex(rows["timestamp"])
        for part in stretches(np.flatnonzero(rows["target"].isna())):
            detail = f"not all readings of {short} are there to make {long}"
            found.append(_finding(str(item), stamps[part], "left empty", detail))
    for item, rows in cut.groupby("item_id", sort=False):
        stamps = pd.DatetimeIndex(rows["timestamp"]).sort_values()
        detail = f"the first or last of {long}: not all readings of {short} are there"
        found.append(_finding(str(item), stamps, "left out", detail))
    return found


def _finding(item: str, stamps: pd.DatetimeIndex, action: str, detail: str) -> Finding:
    return Finding(
        kind="incomplete",
        item_id=item,
        first=stamps[0],
        last=stamps[-1],
        count=len(stamps),
        action=action,
        known_from=None,
        detail=detail,
    )
