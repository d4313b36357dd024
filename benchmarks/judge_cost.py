"""What judging costs: CPU seconds beside those of the predictions, 15 candidates, 60 windows, 8,760 rows.

python benchmarks/judge_cost.py
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from backtests.backtest import losses, scored
from backtests.metrics import score
from backtests.result import make_result
from backtests.significance import confidence_set
from backtests.task import Task
from backtests.view import View, make_view
from backtests.windows import last_windows
from forecasting.forecasters import build
from forecasting.intervals import errors_of, rolling

CANDIDATES, WINDOWS, ROWS = 15, 60, 8760


def year(task: Task) -> View:
    """A year with a day, a week and noise."""
    stamps = pd.date_range("2025-01-01", periods=ROWS, freq="h", tz="UTC")
    load = 50 + 20 * np.sin(2 * np.pi * stamps.hour.to_numpy() / 24) - 10 * (stamps.dayofweek.to_numpy() >= 5)
    load = load + np.random.default_rng(0).normal(0, 3, ROWS)
    return make_view(pd.DataFrame({"item_id": "meter", "timestamp": stamps, "target": load}), task)


def cost(horizon: int) -> tuple[float, float]:
    """CPU seconds of the predictions and of judging them."""
    task = Task(horizon=horizon, freq="h", seasonality=(24, 168), weather_mode="none")
    view = year(task)
    windows = last_windows(ROWS, task, number=WINDOWS, step=24)
    cutoffs = view.cutoffs(windows.positions)
    started = time.process_time()
    made = [
        build("deviation_ridge", {"same_phase": True, "depth": 3 + k})
        .fit(view, cutoffs[0], task)
        .predict(view, cutoffs)
        for k in range(CANDIDATES)
    ]
    predicted = time.process_time()
    found = np.stack([losses(one, view, task) for one in made])
    for one in made:
        score(scored(one, view, task))
    confidence_set(found)
    rolling(view, made[0], errors_of(view, made[0]), task)
    make_result(made[0], {"another": made[1]}, view, task, faulty=0, name="candidate")
    return predicted - started, time.process_time() - predicted


if __name__ == "__main__":
    for steps in (24, 168):
        predicting, judging = cost(steps)
        print(f"{steps} steps: predictions {predicting:.2f} CPU-s, judging {judging:.2f} CPU-s")
