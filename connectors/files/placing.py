"""Times with an offset or on a local clock to intervals in UTC, each with a length of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import IrregularTimestampsError
from connectors.files.clock import about_changes, from_local
from connectors.files.intervals import lengths
from connectors.files.local import localise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.source import StampSide
    from connectors.files.stamps import Stamps


@dataclass(frozen=True)
class Placed:
    """Times of a column as intervals.

    Attributes:
        start: UTC, start of the interval, NaT for times that do not exist [n, datetime64[ns]].
        length: Length of the interval [n, ns].
        notes: What a person should know.
    """

    start: NDArray[np.datetime64]
    length: NDArray[np.int64]
    notes: tuple[str, ...]


def place(
    stamps: Stamps,
    items: NDArray[np.object_],
    zone: str,
    *,
    side: StampSide,
    length: NDArray[np.int64] | None = None,
) -> Placed:
    """Times as intervals.

    Args:
        stamps: The times, all readable, in the order of the file.
        items: Item of each row [n].
        zone: Zone of a local clock.
        side: Which end of its interval a time names.
        length: Lengths of the intervals, None to see them in the steps [n, ns].

    Raises:
        IrregularTimestampsError: If no item has two different times, and no length is given.
    """
    codes = np.asarray(pd.factorize(items)[0], dtype=np.int64)
    if length is None:
        instants = stamps.utc if stamps.offset is not None else localise(stamps.wall, codes, zone).utc
        length = _seen(instants, codes, at_end=side == "end")
    shift = length.astype("m8[ns]") if side == "end" else np.zeros(len(length), dtype="m8[ns]")
    if stamps.offset is not None:
        return Placed(stamps.utc - shift, length, ())
    placed = from_local(stamps.wall, codes, zone, shift)
    return Placed(placed.utc, length, about_changes(placed, stamps.wall))


def _seen(instants: NDArray[np.datetime64], codes: NDArray[np.int64], *, at_end: bool) -> NDArray[np.int64]:
    """Lengths told by the steps; a time that does not exist gets the most frequent one."""
    there = ~np.isnat(instants)
    if not there.any():
        raise IrregularTimestampsError(
            "None of the times exists on the local clock.",
            expected="A clock skips an hour in spring and no other.",
            fix="Check --time-zone.",
        )
    found = lengths(instants[there], codes[there], at_end=at_end)
    sizes, counts = np.unique(found, return_counts=True)
    seen = np.full(len(instants), sizes[counts.argmax()], dtype=np.int64)
    seen[there] = found
    return seen
