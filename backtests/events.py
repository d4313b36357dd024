"""Events of the user's own: a column of 0 and 1 for each name, visible from the day on which it was known.

An event that is typed in after the fact would explain the past and never the future: whoever asks before
``known_from`` does not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
IntArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
BoolArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event on the grid.

    Attributes:
        name: Name of its column.
        first: Position of its first step.
        end: Position after its last step.
        known_from: Instant from which it was known [ns since 1970, UTC].
    """

    name: str
    first: int
    end: int
    known_from: int


def event_columns(events: Sequence[Event], length: int, items: int, instant: int | None) -> dict[str, FloatArray]:
    """1 where an event takes place that was known at an instant, else 0. ``[N, G]`` by name.

    Args:
        events: The events.
        length: Stamps of the grid.
        items: Items of the view; events are those of all.
        instant: What became known later is left out [ns since 1970]; None for everything.
    """
    found: dict[str, FloatArray] = {event.name: np.zeros((items, length)) for event in events}
    for event in events:
        if instant is None or event.known_from <= instant:
            found[event.name][:, event.first : event.end] = 1.0
    return found


def visible(
    events: Sequence[Event], known: Mapping[str, FloatArray], length: int, instant: int
) -> Mapping[str, FloatArray]:
    """Known covariates with the events as they were known at an instant."""
    if not events:
        return known
    items = next(iter(known.values())).shape[0]
    return {**known, **event_columns(events, length, items, instant)}


def disagree(events: Sequence[Event], positions: IntArray, issued_at: IntArray, horizon: int) -> BoolArray:
    """Cutoffs that do not yet know an event which lies within their reach. ``[C]``.

    Args:
        events: The events.
        positions: Positions of the cutoffs. ``[C]``
        issued_at: When forecasts from them are issued [ns since 1970]. ``[C]``
        horizon: Steps forecast.
    """
    found = np.zeros(len(positions), dtype=bool)
    for event in events:
        found |= (issued_at < event.known_from) & (event.first <= positions + horizon)
    return found
