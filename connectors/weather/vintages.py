"""What was known at each of many instants, out of every value ever issued for a place.

Rows are arrays, sorted once; a question about hundreds of cutoffs is then two searches and a few halvings.
Times inside are ``datetime64[us]`` in UTC, without a zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import DataError, near_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
IntArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
TimeArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]

#: Kinds of values a live run may use. Simulated ones exist in backtests, previous runs stand in for vintages
#: there; both are handed out only when asked for by name.
LIVE_KINDS = ("forecast", "observed")
_NONE = np.iinfo(np.int64).min  # NaT, as NumPy holds it


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was known of one variable at C instants about H valid times each.

    Attributes:
        values: The values, NaN where nothing was known. ``[C, H]``
        issued_at: When each was issued, NaT where nothing was known. ``[C, H]``
        available_at: From when on each could be had, never after the instant. ``[C, H]``
    """

    values: FloatArray
    issued_at: TimeArray
    available_at: TimeArray


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Every value of one variable, sorted by valid time, then availability, then issue.

    Attributes:
        valid: Valid times [microseconds since 1970]. ``[R]``
        available: From when on each value could be had, the same unit. ``[R]``
        issued: When each was issued, the same unit. ``[R]``
        values: The values. ``[R]``
    """

    valid: IntArray
    available: IntArray
    issued: IntArray
    values: FloatArray

    @classmethod
    def sort(cls, times: Sequence[IntArray], values: FloatArray) -> Rows:
        """Rows in any order put in order; rows already in order cost one look.

        Args:
            times: Valid times, availabilities and issues [microseconds since 1970]. ``[3][R]``
            values: The values. ``[R]``
        """
        if not _in_order(times):
            order = np.lexsort(times[::-1])
            times, values = [time[order] for time in times], values[order]
        return cls(valid=times[0], available=times[1], issued=times[2], values=values)

    def known_at(self, instants: IntArray, valid_times: IntArray) -> Known:
        """The value with the latest ``available <= instant`` for each valid time; of two the one issued last.

        Args:
            instants: The C instants [microseconds since 1970]. ``[C]``
            valid_times: Valid times asked for at each, the same unit. ``[C, H]``
        """
        first = np.searchsorted(self.valid, valid_times, side="left")
        low, high = first.copy(), np.searchsorted(self.valid, valid_times, side="right")
        # All questions halve their own rows at once: the rows of one valid time are in the order of availability.
        while (open_ := low < high).any():
            middle = (low + high) // 2
            early = open_ & (self.available[np.where(open_, middle, 0)] <= instants[:, None])
            low = np.where(early, middle + 1, low)
            high = np.where(open_ & ~early, middle, high)
        found = low > first
        at = np.where(found, low - 1, 0)
        if not len(self.values):
            return _nothing(valid_times.shape)
        return Known(
            values=np.where(found, self.values[at], np.nan),
            issued_at=np.where(found, self.issued[at], _NONE).astype("datetime64[us]"),
            available_at=np.where(found, self.available[at], _NONE).astype("datetime64[us]"),
        )

    def until(self, instant: int) -> Rows:
        """The rows that were available at an instant [microseconds since 1970]."""
        keep = self.available <= instant
        return Rows(
            valid=self.valid[keep],
            available=self.available[keep],
            issued=self.issued[keep],
            values=self.values[keep],
        )


@dataclass(frozen=True, kw_only=True)
class Vintages:
    """The vintages of one location, sorted once, asked many times.

    Attributes:
        rows: Rows by variable.
    """

    rows: Mapping[str, Rows]

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(self.rows)

    def known_at(
        self, instants: pd.DatetimeIndex, valid_times: TimeArray, variables: Sequence[str] | None = None
    ) -> dict[str, Known]:
        """What was known at each of many instants.

        Args:
            instants: The C instants, UTC.
            valid_times: Valid times asked for at each instant, UTC. ``[C, H]``
            variables: Names of the variables, all when None; one that has no rows is unknown throughout.

        Returns:
            For each variable the newest value with ``available_at <= instant``, of two the one issued last.

        Raises:
            DataError: If the instants are not in UTC, or not one for each row of valid times.
        """
        if str(instants.tz) != "UTC" or valid_times.shape[:1] != (len(instants),):
            raise DataError(
                f"{len(instants)} instants in the zone {instants.tz} were asked about valid times of the shape "
                f"{valid_times.shape}.",
                expected="Instants are in UTC, and each has its own row of valid times: [C] and [C, H].",
            )
        at = instants.as_unit("us").asi8
        asked = valid_times.astype("datetime64[us]").astype(np.int64)
        names = self.variables if variables is None else variables
        return {name: self.rows[name].known_at(at, asked) if name in self.rows else _nothing(asked.shape)
                for name in names}  # fmt: skip

    def until(self, instant: pd.Timestamp) -> Vintages:
        """The same without anything that became available after an instant."""
        at = int(pd.DatetimeIndex([instant]).tz_convert("UTC").as_unit("us").asi8[0])
        return Vintages(rows={name: rows.until(at) for name, rows in self.rows.items()})


def index_vintages(frame: pd.DataFrame, variables: Sequence[str] | None = None) -> Vintages:
    """Sort a vintages table of one location, to be asked many times.

    Args:
        frame: A vintages table (``connectors.frame``) of one location; its kinds and models all count.
        variables: Names of the variables, all when None.

    Raises:
        DataError: If the table holds several locations, or a variable asked for is not in it.
    """
    places = frame["location"].unique()
    if len(places) > 1:
        raise DataError(
            f"The vintages are of {len(places)} locations: {', '.join(map(str, places[:5]))}.",
            expected="What was known is asked for one location at a time.",
            fix='Choose one first: vintages[vintages["location"] == "..."].',
        )
    there = list(frame["variable"].unique())
    unknown = [name for name in variables or () if name not in there]
    if unknown:
        raise DataError(f"The vintages have no variable {unknown[0]!r}.", fix=near_name(unknown[0], there))
    rows = {}
    for name in there if variables is None else variables:
        part = frame[frame["variable"] == name]
        times = [_microseconds(part[column]) for column in ("valid_time", "available_at", "issued_at")]
        rows[name] = Rows.sort(times, part["value"].to_numpy(float))
    return Vintages(rows=rows)


def known_at(
    vintages: pd.DataFrame,
    instants: pd.DatetimeIndex,
    valid_times: TimeArray,
    variables: Sequence[str] | None = None,
) -> dict[str, Known]:
    """What was known at each of many instants, out of a vintages table of one location.

    Whoever asks more than once sorts once: ``index_vintages``, then ``Vintages.known_at``, where the arguments
    are described.
    """
    return index_vintages(vintages, variables).known_at(instants, valid_times)


def _in_order(columns: Sequence[IntArray]) -> bool:
    """Whether rows are sorted by the first column, ties by the next, and so on."""
    tied = np.ones(max(len(columns[0]) - 1, 0), dtype=bool)
    for column in columns:
        step = np.diff(column)
        if (step[tied] < 0).any():
            return False
        tied &= step == 0
    return True


def _nothing(shape: tuple[int, ...]) -> Known:
    never = np.full(shape, "NaT", dtype="datetime64[us]")
    return Known(values=np.full(shape, np.nan), issued_at=never, available_at=never)


def _microseconds(times: pd.Series[pd.Timestamp]) -> IntArray:
    return np.asarray(pd.DatetimeIndex(times).as_unit("us").asi8)
