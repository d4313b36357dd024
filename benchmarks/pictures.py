"""The picture of the windows in docs/how-it-works.md: a year of hourly readings, a day ahead.

python benchmarks/pictures.py
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from backtests.picture import picture
from backtests.task import Task
from backtests.windows import plan_final, plan_selection

DOCS = Path(__file__).resolve().parent.parent / "docs"
YEAR = 8760


def windows() -> str:
    task = Task(horizon=24, freq="h", seasonality=(24, 168))
    final = plan_final(YEAR, task)
    selection = plan_selection(int(final.positions[0]) + 1, task)
    grid = pd.date_range("2025-01-01", periods=YEAR, freq="h", tz="UTC")
    return picture(grid, YEAR, task.horizon, selection, final) + "\n"


if __name__ == "__main__":
    (DOCS / "windows.svg").write_text(windows(), encoding="utf-8")
