"""Why a forecast is what it is: parts that add up to it, and how it differs from the same weekday before.

None of this learns anything: it takes the fitted members apart (``features.parts``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.forecaster import stamps_after
from features.parts import OTHER, WHOLE, ordered

if TYPE_CHECKING:
    from backtests.view import FloatArray, View
    from features.parts import Parts
    from forecasting.ensemble import Ensemble


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Point forecasts from C cutoffs of N items over H steps, and their parts.

    Attributes:
        items: Names of the items.
        cutoffs: Stamps of the last readings used, UTC. ``[C]``
        timestamps: Stamps forecast, UTC. ``[C, H]``
        mean: The forecasts, in the unit of the target. ``[C, N, H]``
        parts: By the names of ``features.parts``; they add up to ``mean``. ``[C, N, H]`` each
        asked: Which steps are asked for. ``[C, H]``
        weights: How much each member counts, over all steps. ``[M]``
    """

    items: tuple[str, ...]
    cutoffs: pd.DatetimeIndex
    timestamps: np.ndarray[tuple[int, int], np.dtype[np.datetime64]]
    mean: FloatArray
    parts: Parts
    asked: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    weights: FloatArray

    def to_frame(self) -> pd.DataFrame:
        """``item_id | cutoff | timestamp | mean |`` and one column for each part, of the steps asked for."""
        count, items, horizon = self.mean.shape
        asked = np.broadcast_to(self.asked[:, None, :], self.mean.shape).ravel()
        stamps = np.repeat(self.timestamps[:, None, :], items, axis=1).ravel()
        table = pd.DataFrame(
            {
                "item_id": np.tile(np.repeat(np.array(self.items, dtype=object), horizon), count),
                "cutoff": self.cutoffs.repeat(items * horizon),
                "timestamp": pd.DatetimeIndex(stamps).tz_localize("UTC"),
                "mean": self.mean.ravel(),
                **{name: values.ravel() for name, values in self.parts.items()},
            }
        )
        return table[asked].reset_index(drop=True)

    @property
    def unexplained(self) -> float:
        """Sum of the absolute parts that belong to no cause, as a share of that of the forecasts; 0 without any."""
        size = float(np.abs(self.mean).sum())
        left = [values for name, values in self.parts.items() if name == OTHER or name.startswith(WHOLE)]
        return float(sum(np.abs(values).sum() for values in left)) / size if size else 0.0


def explain(ensemble: Ensemble, view: View, cutoffs: pd.DatetimeIndex) -> Explanation:
    """Take the forecasts of a fitted ensemble from some cutoffs apart."""
    mean, parts, weights = ensemble.explain(view, cutoffs)
    return Explanation(
        items=view.items,
        cutoffs=cutoffs,
        timestamps=stamps_after(view, cutoffs, mean.shape[2]),
        mean=mean,
        parts={name: parts[name] for name in ordered(parts)},
        asked=view.asked(view.positions(cutoffs), mean.shape[2]),
        weights=weights,
    )
