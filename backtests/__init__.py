"""The judge: tasks, views of what was known, windows, metrics, significance, calibration.

It stands alone: any object that follows ``Forecaster`` can be judged, without the rest of hourcast. What is named
here is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backtests.adapters import SktimeForecaster
    from backtests.backtest import roll, scored
    from backtests.calibration import calibration_of
    from backtests.forecaster import Forecaster, Forecasts, State, stamps_after
    from backtests.judging import judge
    from backtests.metrics import Scored, metric, score
    from backtests.result import BacktestResult
    from backtests.significance import compare, confidence_set, diebold_mariano
    from backtests.task import Task
    from backtests.view import View, make_view
    from backtests.windows import Windows, last_windows, random_windows

__all__ = [
    "BacktestResult",
    "Forecaster",
    "Forecasts",
    "Scored",
    "SktimeForecaster",
    "State",
    "Task",
    "View",
    "Windows",
    "calibration_of",
    "compare",
    "confidence_set",
    "diebold_mariano",
    "judge",
    "last_windows",
    "make_view",
    "metric",
    "random_windows",
    "roll",
    "score",
    "scored",
    "stamps_after",
]

_HOMES = {
    "adapters": ("SktimeForecaster",),
    "backtest": ("roll", "scored"),
    "calibration": ("calibration_of",),
    "forecaster": ("Forecaster", "Forecasts", "State", "stamps_after"),
    "judging": ("judge",),
    "metrics": ("Scored", "metric", "score"),
    "result": ("BacktestResult",),
    "significance": ("compare", "confidence_set", "diebold_mariano"),
    "task": ("Task",),
    "view": ("View", "make_view"),
    "windows": ("Windows", "last_windows", "random_windows"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"backtests.{module}"), name)
    raise AttributeError(f"module 'backtests' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
