"""Intervals that are kept honest while they are in use: wider after days that fell outside, narrower after others.

The logarithm of the width is the sum of all misses so far, times a gain. So the mean miss of T days is the logarithm
of the width over ``gain * T``, and goes to nothing whatever the errors do: adaptive conformal inference (Gibbs and
Candes (2021), Advances in Neural Information Processing Systems 34), with its sum as in integral control
(Angelopoulos, Candes and Tibshirani (2023), the same 36).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.frame import quantile_columns
from forecasting.monitor.scores import daily

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from forecasting.store.records import ScoreRecord

#: What a day wholly outside adds to the logarithm of the width, for an interval of 100 %.
GAIN = 0.2
#: The width is never changed by more than these factors.
LEAST, MOST = 0.5, 3.0


def width_factor(scores: Sequence[ScoreRecord], promise: Mapping[str, Any]) -> float:
    """By how much the intervals of a model are to be widened today; 1 before anything is known.

    Args:
        scores: Of its forecasts, as they were issued.
        promise: From ``forecasting.monitor.promise``.
    """
    misses = promise["coverage"]["centre"] - daily(scores, promise["scales"])["coverage"].to_numpy(float)
    return float(np.clip(np.exp(GAIN * np.nansum(misses)), LEAST, MOST))


def widened(forecasts: pd.DataFrame, factor: float, *, lowest: float | None = None) -> pd.DataFrame:
    """A forecasts table with its quantiles further from the mean by a factor, none below a bound."""
    mean = forecasts["mean"]
    moved = {name: mean + factor * (forecasts[name] - mean) for name in quantile_columns(forecasts.columns)}
    bounded = moved if lowest is None else {name: values.clip(lower=lowest) for name, values in moved.items()}
    return forecasts.assign(**bounded) if factor != 1.0 else forecasts
