"""A candidate and how it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from backtests.forecaster import Forecasts
    from backtests.view import FloatArray


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A candidate and how it did.

    Attributes:
        number: Its number in the study.
        name: The forecaster.
        settings: Its settings.
        losses: Loss of each selection window, NaN where it was not tried. ``[C]``
        seconds: Time its fits and forecasts took [s].
        status: ``done``, ``pruned``, ``failed`` or ``stopped``.
        failure: What went wrong.
        forecasts: Its forecasts of the selection windows; None for a trial of an earlier run.
    """

    number: int
    name: str
    settings: dict[str, Any]
    losses: FloatArray
    seconds: float = 0.0
    status: str = "done"
    failure: str = ""
    forecasts: Forecasts | None = field(default=None, repr=False)

    @property
    def loss(self) -> float:
        """Mean loss over the windows it was tried on; infinite without any."""
        found = self.losses[np.isfinite(self.losses)]
        return float(found.mean()) if len(found) else float("inf")

    @property
    def complete(self) -> bool:
        """Whether it was judged on all windows."""
        return self.status == "done" and np.isfinite(self.loss)

    @property
    def label(self) -> str:
        """Name and number, for tables."""
        return f"{self.name} {self.number}"
