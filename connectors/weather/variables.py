"""What all sources of weather share: a table of variables, and the shape of what they hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Get: TypeAlias = Callable[..., bytes]

HOUR = pd.Timedelta(hours=1)


class Variable(NamedTuple):
    """A variable as we keep it.

    Attributes:
        name: Our name.
        unit: Our unit.
        factor: Ours for one of theirs.
        hours: Hours their stamp lies after the start of the hour the value is about.
        offset: Added after the factor, such as -273.15 from kelvin.
    """

    name: str
    unit: str
    factor: float = 1.0
    hours: int = 0
    offset: float = 0.0


def in_our_terms(variable: Variable, stamps: pd.DatetimeIndex, values: Sequence[float | None]) -> pd.DataFrame:
    """Values of a source as rows in our names, units and hours; what is missing is left out.

    Args:
        variable: The variable as we keep it.
        stamps: The stamps of the source, UTC. ``[T]``
        values: Values in its unit, None or NaN where there is none. ``[T]``

    Returns:
        ``variable | unit | stamp | valid_time | value``.
    """
    given = np.asarray(values, dtype=float)
    keep = np.isfinite(given)
    return pd.DataFrame(
        {
            "variable": variable.name,
            "unit": variable.unit,
            "stamp": stamps[keep],
            "valid_time": stamps[keep] - variable.hours * HOUR,
            "value": variable.factor * given[keep] + variable.offset,
        }
    )
