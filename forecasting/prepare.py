"""From a table as it was read to a regular history: duplicates, gaps, meter faults, each listed, none hidden.

Readings judged faulty stay in the history as they were read. They are named in ``Prepared.faulty`` with the stamp of
the reading with which that could first be told, and left out from then on by whoever looks back from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError, MissingColumnsError, near_name
from connectors.frame import HISTORY_COLUMNS, check_history
from forecasting.ends import dead_error, end_of, ragged_last_day
from forecasting.faults import DETECTORS, find_faults
from forecasting.findings import Finding, keep_option
from forecasting.grid import day_of, parse_step
from forecasting.ongoing import of_item
from forecasting.readings import Readings, number_words, stretches
from forecasting.rows import KEY, nothing, on_grid, without_idle_items, without_infinities, without_twins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from backtests.view import IntArray
    from forecasting.readings import Fault

__all__ = ["Finding", "Prepared", "prepare"]

#: What is done to rows that stand twice can be undone like what is done to faults.
DUPLICATE = "duplicate"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A table made ready for forecasting.

    Attributes:
        history: A history table (``connectors.frame.check_history``): the readings as they were read, one row for
            every step from an item's first reading to the last reading of any item.
        faulty: ``item_id | timestamp | known_from | kind``: readings to be left out from ``known_from`` on.
        future: ``item_id | timestamp`` and covariates, one row for every step after the last reading for which
            some covariate is known; may be empty.
        findings: What was noticed, and what was done about it.
        freq: The step.
        refused: Why no forecast should start from it, None where one can.
    """

    history: pd.DataFrame
    faulty: pd.DataFrame
    future: pd.DataFrame
    findings: tuple[Finding, ...]
    freq: str
    refused: DataError | None = None


def prepare(
    table: pd.DataFrame,
    *,
    freq: str,
    repair: bool = True,
    keep: Sequence[str] = (),
    as_of: pd.Timestamp | None = None,
    known: Sequence[str] = (),
    allow_stale: bool = False,
    due: pd.Timestamp | None = None,
) -> Prepared:
    """Lay a table on a regular grid, and list what is wrong with it.

    Args:
        table: ``item_id`` str | ``timestamp`` datetime64 in UTC, start of the interval | ``target`` float |
            covariates. In any order; stamps may stand twice or be missing; rows at the end may have no target.
        freq: The step, as a pandas offset alias.
        repair: Whether readings judged faulty are to be left out; otherwise they are only listed.
        keep: Kinds of faults whose readings are only listed: names of detectors; of rows with "duplicate" the first
            is taken.
        as_of: Do as if it were then: a row counts when its interval has ended. None for all there is.
        known: Covariates known in advance, which ``as_of`` leaves as they are.
        allow_stale: Go on where the last readings of every item are no measurements, for longer than a forecast
            should bridge (``forecasting.ends.limits_of``); they are listed either way.
        due: Stamp of the last reading that should be there; None for that of the last reading of any item.

    Raises:
        MissingColumnsError: If ``item_id``, ``timestamp`` or ``target`` is missing.
        ConfigError: If the step, a kind to keep or a known covariate does not exist, or ``as_of`` has no time zone.
        DataError: If there is no reading, nothing but one and the same value, or every meter is dead.
        IrregularTimestampsError: If more than 5 % of the rows lie off the grid.
    """
    step, kept = parse_step(freq), check_kinds(keep)
    _check_columns(table, known)
    rows = table if as_of is None else _until(table, step, as_of, known)
    if rows.empty:
        raise nothing(f"The table has no row{'' if as_of is None else f' up to {as_of.isoformat()}'}.")
    rows, infinite = without_infinities(rows)
    rows, stamps, off = on_grid(rows, freq)
    rows, twins = without_twins(rows, first=DUPLICATE in kept)
    rows, idle = without_idle_items(rows)
    history, future = _spread(rows, stamps)
    kept = kept if repair else set(DETECTORS)
    faults = _faults(history, freq, kept)
    silent = _silent(history, due, freq)
    ends = [
        end_of(item, rows, faults[item], freq, silent=silent, trusted="stuck" in kept)
        for item, rows in _by_item_id(history)
    ]
    refused = dead_error(ends, freq)
    if refused is not None and not allow_stale:
        raise refused
    dead = [finding for end in ends if (finding := end.finding(repair=repair)) is not None]
    gaps = _gaps(history, {finding.item_id: finding.first for finding in dead})
    found = _fault_findings(history, faults)
    on = _ongoing_findings(history, faults, freq)
    ragged = ragged_last_day(history, freq)
    return Prepared(
        history=check_history(history, freq),
        faulty=_faulty(history, faults),
        future=future,
        findings=(*dead, *infinite, *off, *twins, *idle, *found, *on, *gaps, *ragged),
        freq=freq,
        refused=refused,
    )


def _check_columns(table: pd.DataFrame, known: Sequence[str]) -> None:
    missing = [name for name in HISTORY_COLUMNS if name not in table.columns]
    if missing:
        raise MissingColumnsError(
            f"The table has no column {', '.join(missing)}.",
            expected=f"It starts with {' | '.join(HISTORY_COLUMNS)}.",
            fix=f"It has {', '.join(map(str, table.columns))}.",
        )
    covariates = [str(name) for name in table.columns if name not in HISTORY_COLUMNS]
    for name in known:
        if name not in covariates:
            raise ConfigError(
                f"There is no column {name!r} to be known in advance.", fix=near_name(name, covariates)
            )


def _until(
    table: pd.DataFrame, step: pd.offsets.BaseOffset, as_of: pd.Timestamp, known: Sequence[str]
) -> pd.DataFrame:
    """The table as it stood at some time: of later rows nothing is left but what is known in advance."""
    if as_of.tzinfo is None:
        raise ConfigError(
            f"The time {as_of.isoformat()} has no time zone.",
            fix=f"Write it as {as_of.isoformat()}Z for UTC.",
        )
    later = np.asarray(pd.DatetimeIndex(table["timestamp"]) + step > as_of)
    hidden = [name for name in table.columns if name not in (*KEY, *known)]
    rows = table.assign(**{str(name): table[name].mask(later) for name in hidden})
    told = rows[list(known)].notna().any(axis=1).to_numpy() if known else np.zeros(len(rows), dtype=bool)
    return rows[~later | told].reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class _Placed:
    """Rows, and where they stand: the number of their item and the position of their stamp."""

    rows: pd.DataFrame
    codes: IntArray
    items: pd.Index
    at: IntArray
    stamps: pd.DatetimeIndex

    def spread(self, first: IntArray, end: int, columns: Sequence[str]) -> pd.DataFrame:
        """A row for every step of each item, from its first position up to the end; missing ones hold NaN."""
        lengths = end - first
        offsets = np.r_[0, np.cumsum(lengths)]
        inside = (self.at >= first[self.codes]) & (self.at < end)
        place = (offsets[self.codes] + self.at - first[self.codes])[inside]
        full = self.rows.loc[inside, list(columns)].set_axis(place, axis=0).reindex(range(offsets[-1]))
        steps = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - first, lengths)
        full.insert(0, "item_id", self.items.repeat(lengths))
        full.insert(1, "timestamp", self.stamps[steps])
        return full


def _spread(rows: pd.DataFrame, stamps: pd.DatetimeIndex) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The history, from each item's first reading to the last of any, and the rows after it."""
    codes, items = pd.factorize(rows["item_id"])
    at = stamps.get_indexer(pd.DatetimeIndex(rows["timestamp"])).astype(np.int64)
    placed = _Placed(rows=rows, codes=codes.astype(np.int64), items=items, at=at, stamps=stamps)
    read = rows["target"].notna().to_numpy()
    end = int(at[read].max()) + 1
    first = np.full(len(items), end, dtype=np.int64)
    np.minimum.at(first, placed.codes[read], at[read])
    covariates = [str(name) for name in rows.columns if name not in HISTORY_COLUMNS]
    told = at[rows[covariates].notna().any(axis=1).to_numpy()]
    history = placed.spread(first, end, ["target", *covariates])
    future = placed.spread(np.full(len(items), end), max(end, int(told.max(initial=-1)) + 1), covariates)
    return history.astype({"target": float}), future


def _by_item_id(history: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each item."""
    for item, rows in history.groupby("item_id", sort=False):
        yield str(item), rows


def _silent(history: pd.DataFrame, due: pd.Timestamp | None, freq: str) -> int:
    """Steps after the last reading of any item for which one was due."""
    last = history["timestamp"].max()
    return 0 if due is None or due <= last else len(pd.date_range(last, due, freq=freq)) - 1


def _gaps(history: pd.DataFrame, dead: Mapping[str, pd.Timestamp]) -> list[Finding]:
    """Steps without a reading, those left out that belong to the dead end of an item."""
    found = []
    for item, rows in _by_item_id(history):
        stamps = pd.DatetimeIndex(rows["timestamp"])
        for part in stretches(np.flatnonzero(rows["target"].isna())):
            if item in dead and stamps[part[0]] >= dead[item]:
                continue
            found.append(
                Finding(
                    kind="gap",
                    item_id=item,
                    first=stamps[part[0]],
                    last=stamps[part[-1]],
                    count=len(part),
                    action="left empty",
                    known_from=None,
                    detail="no reading",
                )
            )
    return found


def check_kinds(names: Iterable[str]) -> set[str]:
    """Kinds of faults that can be kept, "zero-run" for "zero run".

    Raises:
        ConfigError: If there is no such kind.
    """
    known = {name.replace(" ", "-"): name for name in (*DETECTORS, DUPLICATE)}
    for name in names:
        if name.replace(" ", "-") not in known:
            raise ConfigError(f"There is no kind of fault {name!r} to keep.", fix=near_name(name, known))
    return {known[name.replace(" ", "-")] for name in names}


def _faults(history: pd.DataFrame, freq: str, kept: Collection[str]) -> dict[str, list[Fault]]:
    """Faults of each item; those of some kinds are to be kept."""
    day = day_of(freq)
    return {
        item: [replace(fault, kept=fault.kept or fault.kind in kept) for fault in faults]
        for item, rows in _by_item_id(history)
        for faults in [find_faults(rows["target"].to_numpy(float), day=day)]
    }


def _faulty(history: pd.DataFrame, faults: Mapping[str, list[Fault]]) -> pd.DataFrame:
    """Readings that are no measurements: ``item_id | timestamp | known_from | kind``."""
    tables = [history.loc[[], KEY].assign(known_from=history["timestamp"].iloc[:0], kind=pd.Series(dtype="str"))]
    for item, rows in _by_item_id(history):
        stamps = pd.DatetimeIndex(rows["timestamp"])
        for fault in faults[item]:
            if not fault.kept:
                columns = {"timestamp": stamps[fault.positions], "known_from": stamps[fault.known_from]}
                tables.append(pd.DataFrame({"item_id": item, **columns, "kind": fault.kind}))
    return pd.concat(tables).sort_values(KEY, ignore_index=True)


def _fault_findings(history: pd.DataFrame, faults: Mapping[str, list[Fault]]) -> list[Finding]:
    """A finding for each stretch of faulty readings."""
    return [
        _fault_finding(item, stamps, fault)
        for item, rows in _by_item_id(history)
        for stamps in [pd.DatetimeIndex(rows["timestamp"])]
        for fault in faults[item]
    ]


def _ongoing_findings(history: pd.DataFrame, faults: Mapping[str, list[Fault]], freq: str) -> list[Finding]:
    """A finding for each item that is off at its last reading."""
    found = []
    for item, rows in _by_item_id(history):
        readings = Readings(rows["target"].to_numpy(float), day_of(freq))
        readings.void(faults[item])
        times, stamps = readings.at, pd.DatetimeIndex(rows["timestamp"])
        for one in of_item(readings, times[-1:]):
            first, last = stamps[times[-1] - one.age + 1], stamps[times[-1]]
            detail = (
                f"at {number_words(float(np.median(one.values)))} and still on; forecasts stay there for "
                f"{one.expected} more steps"
            )
            found.append(
                Finding(
                    kind="outage", item_id=item, first=first, last=last, count=len(one.values), action="kept",
                    known_from=last, detail=detail,
                )
            )  # fmt: skip
    return found


def _fault_finding(item: str, stamps: pd.DatetimeIndex, fault: Fault) -> Finding:
    return Finding(
        kind=fault.kind,
        item_id=item,
        first=stamps[fault.positions[0]],
        last=stamps[fault.positions[-1]],
        count=len(fault.positions),
        action="kept" if fault.kept else "left out",
        known_from=stamps[fault.known_from.min()],
        detail=fault.detail,
        undo="" if fault.kept else keep_option(fault.kind),
    )
