"""What a backtest came to: the forecasts, their scores, and those of copying beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.backtest import daily_losses, scored
from backtests.calibration import Calibration, calibration_of
from backtests.metrics import inside_interval, score
from backtests.significance import compare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backtests.forecaster import Forecasts
    from backtests.significance import Comparison
    from backtests.task import Task
    from backtests.view import View


@dataclass(frozen=True, kw_only=True)
class BacktestResult:
    """Scores of windows that took no part in any choice.

    Attributes:
        forecasts: The forecasts table with its cutoffs.
        scores: Every metric of the forecast, by name.
        baselines: Every metric of each way of copying, by what it is in words; same windows, same readings.
        windows: Cutoffs.
        horizon: Steps asked for from each.
        against: The forecast compared with each way of copying by day: whether the difference is luck.
        inside: Readings inside the 80 % interval, and readings there were to be inside.
        calibration: What the intervals held, by level, hour and horizon.
        name: The forecaster.
        faulty: Readings left out of all scores because they were found faulty.
        seconds: Time the whole backtest took [s].
    """

    forecasts: pd.DataFrame
    scores: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, float]]
    windows: int
    horizon: int
    against: Mapping[str, Comparison]
    inside: tuple[int, int]
    calibration: Calibration = field(default_factory=Calibration)
    name: str = "hourcast"
    faulty: int = 0
    seconds: float = 0.0

    @property
    def best_baseline(self) -> str:
        """The way of copying with the smallest error on these windows; empty where there is none."""
        return min(self.baselines, key=lambda name: self.baselines[name]["mae"], default="")

    @property
    def skill(self) -> float:
        """Share of the error of the best way of copying that is saved; below 0 the forecast is worse."""
        naive = self.baselines[self.best_baseline]["mae"] if self.baselines else 0.0
        return 1.0 - self.scores["mae"] / naive if naive > 0 else float("nan")

    @property
    def comparison(self) -> Comparison:
        """The forecast against the best way of copying, by day."""
        return self.against[self.best_baseline]

    def summary(self) -> dict[str, object]:
        """Scores and how many windows they are of, for a record."""
        return {"scores": dict(self.scores), "baselines": dict(self.baselines), "windows": self.windows}

    def table(self) -> pd.DataFrame:
        """All metrics, one row for the forecast and one for each way of copying."""
        return pd.DataFrame({self.name: dict(self.scores), **{k: dict(v) for k, v in self.baselines.items()}}).T


def make_result(
    forecasts: Forecasts, copies: Mapping[str, Forecasts], view: View, task: Task, *, faulty: int, name: str
) -> BacktestResult:
    """Score forecasts and their baselines on the same readings."""
    found = scored(forecasts, view, task)
    inside = inside_interval(found, 0.8)
    mine = daily_losses(forecasts, view, task)
    counts = (0, 0) if inside is None else (int(np.nansum(inside)), int(np.isfinite(inside).sum()))
    return BacktestResult(
        forecasts=forecasts.to_frame(name),
        scores=score(found),
        baselines={words: score(scored(copy, view, task)) for words, copy in copies.items()},
        against={words: compare(mine, daily_losses(copy, view, task)) for words, copy in copies.items()},
        windows=len(forecasts.cutoffs),
        horizon=task.steps,
        inside=counts,
        calibration=calibration_of(forecasts, view, task),
        name=name,
        faulty=faulty,
    )
