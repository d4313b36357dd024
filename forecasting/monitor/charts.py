"""Control charts: whether live errors are what was promised, or luck can no longer explain them.

An exponentially weighted moving average of daily figures (Roberts (1959), Technometrics 1(3)), with limits widened
for days that resemble each other (Schmid (1997), Sankhya A 59(1)): where a day's deviation echoes in the next, the
average of many wanders further by luck alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from forecasting.monitor.scores import daily

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from backtests.view import FloatArray
    from forecasting.store.records import ScoreRecord

#: Weight of the newest day, and width of the limits in standard deviations of the average.
WEIGHT, WIDTH = 0.2, 3.0
#: Days before a chart says anything.
FEWEST_DAYS = 3
#: Spread that is assumed at least, of logarithms of losses and of biases in naive units.
LEAST_SPREAD = 0.05


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One figure by day beside its promise.

    Attributes:
        name: ``error``, ``bias`` or ``coverage``.
        centre: What was promised.
        low: Lower limit of the average; None when lower is better.
        high: Upper limit.
        average: The average after each day. ``[D]``
        since: First cutoff of the present stay beyond a limit; None while it is within.
        first: First cutoff at which it ever was beyond one; None when it never was.
    """

    name: str
    centre: float
    low: float | None
    high: float
    average: FloatArray
    since: str | None = None
    first: str | None = None

    @property
    def out(self) -> bool:
        """Whether the newest average lies beyond a limit."""
        return self.since is not None

    def words(self) -> dict[str, Any]:
        """As plain values."""
        now = float(self.average[-1]) if len(self.average) else None
        return {
            "figure": self.name, "promised": self.centre, "now": now, "low": self.low, "high": self.high,
            "out": self.out, "since": self.since,
        }  # fmt: skip


def ewma(values: FloatArray, centre: float, weight: float = WEIGHT) -> FloatArray:
    """``z_t = w x_t + (1 - w) z_{t-1}``, from the centre on. ``[D]``."""
    found, last = np.empty(len(values)), centre
    for day, value in enumerate(values):
        last = weight * value + (1 - weight) * last
        found[day] = last
    return found


def limit(spread: float, echo: float, weight: float = WEIGHT, width: float = WIDTH) -> float:
    """Distance of the limits from the centre, for days of lag-1 correlation ``echo``.

    Example:
        >>> round(limit(1.0, 0.0), 3), round(limit(1.0, 0.5), 3)
        (1.0, 1.528)
    """
    widened = (1 + echo * (1 - weight)) / (1 - echo * (1 - weight))
    return width * spread * math.sqrt(weight / (2 - weight) * widened)


def charts(scores: Sequence[ScoreRecord], promise: Mapping[str, Any]) -> list[Chart]:
    """The three charts of a model's forecasts.

    Args:
        scores: Of its forecasts alone.
        promise: From ``forecasting.monitor.promise``.
    """
    days = daily(scores, promise["scales"])
    logs = np.log(np.maximum(days["loss"].to_numpy(float), 1e-9))
    return [
        _chart("error", days.index, logs, promise["log_loss"], LEAST_SPREAD, lower=False),
        _chart("bias", days.index, days["bias"].to_numpy(float), promise["bias"], LEAST_SPREAD),
        _chart("coverage", days.index, days["coverage"].to_numpy(float), promise["coverage"], LEAST_SPREAD),
    ]


def _chart(
    name: str, days: pd.Index, values: FloatArray, promised: Mapping[str, float], least: float, *, lower: bool = True
) -> Chart:
    centre = promised["centre"]
    away = limit(max(promised["spread"], least), promised["echo"])
    average = ewma(values, centre)
    beyond = (average > centre + away) | ((average < centre - away) & lower)
    since = None
    if len(average) >= FEWEST_DAYS and beyond[-1]:
        inside = np.flatnonzero(~beyond)
        since = str(days[inside[-1] + 1 if len(inside) else 0])
    shown = (lambda x: float(np.exp(x))) if name == "error" else float
    return Chart(
        name=name, centre=shown(centre), low=shown(centre - away) if lower else None, high=shown(centre + away),
        average=np.exp(average) if name == "error" else average, since=since,
        first=str(days[int(np.argmax(beyond))]) if beyond.any() else None,
    )  # fmt: skip
