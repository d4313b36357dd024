"""Times of loggers that write some seconds early or late: 02:00:03, 02:59:58."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from connectors.errors import IrregularTimestampsError
from connectors.files.stamps import MINUTE
from connectors.files.steps import Step, modal_step, step_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.timecolumn import TimeColumn

_MINUTE_NS = int(MINUTE.astype(np.int64))
#: Rows that tell whether the seconds vary.
_FIRST = 1_000
#: Share of the steps between whole minutes that must be the same, and the shortest such step [min].
_NEARLY_ALL, _SHORTEST = 0.9, 5


def without_jitter(found: TimeColumn) -> TimeColumn:
    """Times at the nearest minute, where these are a step apart and the seconds hide it; else as they are.

    Args:
        found: Times, all readable, of one series or of several at the same times.
    """
    wall = found.stamps.wall.astype("M8[ns]", copy=False).view(np.int64)
    seconds = wall[:_FIRST] % _MINUTE_NS
    if (seconds == seconds[:1]).all():
        return found
    whole = (wall + _MINUTE_NS // 2) // _MINUTE_NS * _MINUTE_NS
    as_written, by_minute = _step(wall), _step(whole)
    size = None if by_minute is None else step_size(by_minute.freq)
    if by_minute is None or size is None or size < _SHORTEST * _MINUTE_NS or by_minute.share < _NEARLY_ALL:
        return found
    if as_written is not None and as_written.share >= by_minute.share:
        return found
    moved = np.abs(whole - wall)
    most = round(int(moved.max()) / 1e9)
    note = f"{np.count_nonzero(moved)} times were moved to the nearest minute, by {most} s at most"
    stamps = replace(found.stamps, wall=whole.view("M8[ns]"))
    return replace(found, stamps=stamps, notes=(*found.notes, note))


def _step(times: NDArray[np.int64]) -> Step | None:
    """The most frequent step; None where there is none, or it is no number of seconds."""
    try:
        return modal_step(np.zeros(len(times), dtype=np.int8), times.view("M8[ns]"))
    except IrregularTimestampsError:
        return None
