"""One call for whoever brings a forecaster of his own: roll it over the end of a history, and score it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtests.backtest import faulty_readings, roll
from backtests.result import make_result
from backtests.view import make_view
from backtests.windows import last_windows
from connectors.frame import check_history

if TYPE_CHECKING:
    import pandas as pd

    from backtests.forecaster import Forecaster
    from backtests.result import BacktestResult
    from backtests.task import Task
    from backtests.windows import Refit


def judge(
    forecaster: Forecaster,
    history: pd.DataFrame,
    task: Task,
    *,
    against: Forecaster | None = None,
    windows: int = 20,
    step: int | None = None,
    refit: Refit = "never",
) -> BacktestResult:
    """Forecast from the last cutoffs of a history, each with what was known there, and score.

    Args:
        forecaster: Any object that follows ``backtests.forecaster.Forecaster``.
        history: ``item_id | timestamp (UTC, start of the interval) | target``, regular; gaps are NaN.
        task: What is asked; names the covariates among further columns.
        against: Another one, rolled over the same windows and compared by day; None for none.
        windows: Cutoffs, the last of them one horizon before the end.
        step: Steps between them; None for one season.
        refit: ``never``, ``each``, every k-th, or ``stale``.

    Raises:
        DataError: If the history is no regular table, or too short.
    """
    view = make_view(check_history(history, task.freq), task)
    apart = task.season if step is None else step
    rolled = last_windows(view.raw.shape[1], task, number=windows, step=apart, refit=refit)
    made = roll(forecaster, view, rolled, task)
    others = {} if against is None else {against.name: roll(against, view, rolled, task)}
    faulty = faulty_readings(view, rolled.positions, task.horizon)
    return make_result(made, others, view, task, faulty=faulty, name=forecaster.name)
