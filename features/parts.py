"""What a forecast is made of: the parts that every forecaster which can be taken apart names alike.

A part is an array in the unit of the target, ``[C, N, H]``; the parts of a forecast add up to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backtests.view import FloatArray

Parts: TypeAlias = "dict[str, FloatArray]"

#: What is usual at the hour, from the last seasons.
PROFILE = "usual_profile"
#: How the latest readings departed from what is usual.
RECENT = "recent_level"
WEATHER = "weather"
#: Holidays and the days around them.
CALENDAR = "calendar"
#: Columns that are known in advance, and the latest values of the others.
COVARIATES = "covariates"
#: Columns that are known in advance and only say yes or no, as 1 and 0.
EVENTS = "events"
#: What moved the forecast and belongs to none of these.
OTHER = "other"
#: What a bound such as 0 added.
BOUND = "bound"
#: What an outage that is still on takes away.
OUTAGE = "outage"
#: In the order they are shown.
PARTS = (PROFILE, RECENT, WEATHER, CALENDAR, COVARIATES, EVENTS, OUTAGE, BOUND, OTHER)
#: How the part of a forecaster begins that cannot be taken apart; its name follows.
WHOLE = "whole:"


def part_of_known(values: FloatArray) -> str:
    """The part that a known covariate belongs to: ``EVENTS`` where it only says yes or no."""
    found = values[np.isfinite(values)]
    return EVENTS if np.isin(found, (0.0, 1.0)).all() else COVARIATES


def added(several: Iterable[Parts]) -> Parts:
    """The sum of parts by name."""
    found: Parts = {}
    for parts in several:
        for name, values in parts.items():
            found[name] = found[name] + values if name in found else values
    return found


def grouped(values: FloatArray, names: Iterable[str]) -> Parts:
    """Sums along the last axis by the part that each column belongs to.

    Args:
        values: One value for each column. ``[..., K]``
        names: The part of each column. ``[K]``
    """
    return added({name: values[..., index]} for index, name in enumerate(names))


def ordered(names: Iterable[str]) -> list[str]:
    """Names of parts in the order they are shown; those of forecasters that cannot be taken apart come last."""
    return sorted(names, key=lambda name: (PARTS.index(name) if name in PARTS else len(PARTS), name))
