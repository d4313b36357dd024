"""Whether readings and weather are still like those a model was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backtests.view import steps_per_day
from forecasting.monitor.scores import sound_readings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backtests.view import FloatArray, View
    from forecasting.case import Case

#: What counts as seen: between these quantiles of the readings a model was trained on.
SEEN = (0.002, 0.998)
#: Days looked at, and the share of their readings beyond what was seen from which on it is drift.
DAYS, SHARE = 7, 0.2


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How much of a column lately lies beyond what was seen in training.

    Attributes:
        column: ``target`` or the name of a weather column.
        item: The series.
        share: Share of the newest readings beyond what was seen.
        low: Lower end of what was seen.
        high: Upper end.
    """

    column: str
    item: str
    share: float
    low: float
    high: float

    @property
    def drifted(self) -> bool:
        """Whether it is too much to be a cold snap or a feast."""
        return self.share > SHARE

    def words(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "column": self.column, "item": self.item, "share": round(self.share, 4), "low": self.low,
            "high": self.high, "drifted": self.drifted,
        }  # fmt: skip


def drifts(trained: Case, now: Case) -> list[Drift]:
    """Drift of every item's readings and weather since a model was trained.

    Args:
        trained: What it was trained on.
        now: The readings of today.
    """
    recent = DAYS * steps_per_day(now.task)
    found = []
    for name, seen, came in _columns(trained.view, now.view):
        for place, item in enumerate(now.view.items):
            lately = came[place][-recent:]
            lately, known = lately[np.isfinite(lately)], seen[place][np.isfinite(seen[place])]
            if len(lately) and len(known):
                low, high = (float(value) for value in np.quantile(known, SEEN))
                share = float(((lately < low) | (lately > high)).mean())
                found.append(Drift(column=name, item=item, share=share, low=low, high=high))
    return found


def _columns(trained: View, now: View) -> Iterator[tuple[str, FloatArray, FloatArray]]:
    """The readings and each weather column, as trained on and as of today; where both have the same items."""
    if trained.items != now.items:
        return
    yield "target", sound_readings(trained), sound_readings(now)
    length = now.raw.shape[1]
    for name, values in trained.weather.items():
        if name in now.weather:
            yield name, values[:, : trained.raw.shape[1]], now.weather[name][:, :length]
