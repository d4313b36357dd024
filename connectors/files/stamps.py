"""Times as they were written: a clock, and its offset where there was one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.source import DateOrder

MINUTE = np.timedelta64(60_000_000_000, "ns")
DAY = np.timedelta64(86_400_000_000_000, "ns")


@dataclass(frozen=True)
class Stamps:
    """The times of a column.

    Attributes:
        wall: What the clock showed, NaT where it could not be read [n, datetime64[ns]].
        offset: Minutes east of UTC, or None when the times carry no offset [n].
        zone: Zone the column names itself.
        month_order: "day first" or "month first" and why, when the numbers do not prove it.
        at_24: Whether midnight is written 24:00, as only the end of an interval is.
        order: Which of day and month stands first, where the dates could be read either way row by row.
        written: How the times are written: ``text``, ``time`` in a column of that type, or what the numbers count.
    """

    wall: NDArray[np.datetime64]
    offset: NDArray[np.int64] | None = None
    zone: str | None = None
    month_order: tuple[str, str] | None = None
    at_24: bool = False
    order: DateOrder | None = None
    written: str = "text"

    @property
    def readable(self) -> NDArray[np.bool_]:
        """Rows whose time could be read [n]."""
        return ~np.isnat(self.wall)

    @property
    def utc(self) -> NDArray[np.datetime64]:
        """Instants in UTC; a clock without an offset is taken as UTC [n, datetime64[ns]]."""
        return self.wall if self.offset is None else self.wall - self.offset * MINUTE

    @property
    def dates_only(self) -> bool:
        """Whether every time is a midnight."""
        # Nearly every column shows it at once.
        return _are_dates(self.wall[:1000]) and _are_dates(self.wall)

    def keep(self, rows: NDArray[np.bool_]) -> Stamps:
        """The same stamps with some of the rows."""
        offset = None if self.offset is None else self.offset[rows]
        return replace(self, wall=self.wall[rows], offset=offset)


def extent(times: NDArray[np.datetime64]) -> tuple[np.datetime64, np.datetime64]:
    """The first and the last of some times, NaT as the first where there is one."""
    # As whole numbers several are compared at once; NaT is the least of them.
    whole = np.asarray(times).view(np.int64)
    first, last = np.array([whole.min(), whole.max()]).view(times.dtype)
    return first, last


def _are_dates(wall: NDArray[np.datetime64]) -> bool:
    there = wall[~np.isnat(wall)]
    return bool((there == there.astype("M8[D]")).all())
