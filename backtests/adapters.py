"""Forecasters of other libraries under the judge's protocol."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from backtests.forecaster import Forecasts, State, stamps_after
from connectors.errors import ForecasterFailedError

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, View


@dataclass(frozen=True, kw_only=True)
class SktimeForecaster:
    """A forecaster of sktime: one for each item, fitted at a cutoff, then shown what came without fitting anew.

    It sees the readings alone, gaps filled by the last one before, steps numbered from 0.

    Attributes:
        forecaster: Any sktime forecaster; it is cloned, never changed.
        label: What to call it; its class if not given.
        anew: Whether to fit at every cutoff, for forecasters that cannot take new readings in.
        with_quantiles: Whether to ask it for quantiles.
        fitted: The fitted clones and the readings each has seen, by item.
    """

    forecaster: Any
    label: str = ""
    anew: bool = False
    with_quantiles: bool = False
    fitted: tuple[tuple[Any, int], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """What it is called in tables."""
        return self.label or type(self.forecaster).__name__

    def fit(self, view: View, cutoff: pd.Timestamp, task: Task) -> Self:
        """Fit a clone for each item on the readings known at the cutoff."""
        readings = _filled(view.past_at(cutoff).readings)
        steps = np.arange(1, task.horizon + 1)
        return replace(self, fitted=tuple((self._learnt(row, steps), len(row)) for row in readings))

    def predict(self, view: View, cutoffs: pd.DatetimeIndex) -> Forecasts:
        """Forecast from each cutoff, parameters as fitted unless ``anew``.

        Raises:
            ForecasterFailedError: If it was not fitted, or at a later cutoff.
        """
        if len(self.fitted) != len(view.items):
            raise ForecasterFailedError(f"{self.name} was asked to forecast before it was fitted.")
        task = view.task
        steps, levels = np.arange(1, task.horizon + 1), task.quantile_levels if self.with_quantiles else ()
        mean = np.empty((len(cutoffs), len(view.items), task.horizon))
        quantiles = np.empty((*mean.shape, len(levels)))
        for row, cutoff in enumerate(cutoffs):
            for item, readings in enumerate(_filled(view.past_at(cutoff).readings)):
                current = self._at(item, readings, steps)
                mean[row, item] = np.ravel(current.predict(fh=steps))
                if levels:
                    quantiles[row, item] = np.sort(current.predict_quantiles(fh=steps, alpha=list(levels)), axis=1)
        return Forecasts(
            cutoffs=cutoffs, timestamps=stamps_after(view, cutoffs, task.horizon), items=view.items,
            mean=mean, quantiles=quantiles if levels else None, levels=levels,
        )  # fmt: skip

    def state(self) -> State | None:
        """It is fitted again on load."""
        return None

    def _learnt(self, readings: FloatArray, steps: np.ndarray[Any, Any]) -> Any:
        return self.forecaster.clone().fit(pd.Series(readings), fh=steps)

    def _at(self, item: int, readings: FloatArray, steps: np.ndarray[Any, Any]) -> Any:
        """The forecaster of an item once it has seen these readings."""
        fitted, seen = self.fitted[item]
        if self.anew or len(readings) < seen:
            return self._learnt(readings, steps)
        if len(readings) == seen:
            return fitted
        from copy import deepcopy

        news = pd.Series(readings[seen:], index=pd.RangeIndex(seen, len(readings)))
        return deepcopy(fitted).update(news, update_params=False)


def _filled(readings: FloatArray) -> FloatArray:
    """Gaps take the last reading before them, those at the start the first one there is. ``[N, T]``."""
    return np.asarray(pd.DataFrame(readings.T).ffill().bfill().fillna(0.0).to_numpy().T)
