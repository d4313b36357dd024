"""How often a test calls equal forecasts different, and how correlated daily losses are: docs/metrics.md.

    HOURCAST_DATA=folder python benchmarks/significance.py        about a minute of one core

Simulated: normal differences of daily losses whose correlation falls off by the day (AR(1)), 20,000 series a cell;
the nominal level is 5 %. Measured: the correlation from one day to the next of the difference of two forecasters'
losses on the ten series of ``intervals.py``, a day ahead, all days.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
from intervals import RESULTS, ROOT, SERIES, made_of, show, sliced
from scipy import stats

from backtests.backtest import daily_losses, roll
from backtests.significance import LEVEL, _cosines, _excess, _waves, diebold_mariano
from backtests.windows import Windows
from forecasting.forecasters import build

PAGE = ROOT / "docs" / "metrics.md"
DAYS, CORRELATIONS, DRAWS = (7, 10, 14, 20, 28, 60, 183), (-0.2, 0.0, 0.2, 0.4, 0.5, 0.6, 0.7), 20_000
#: Forecasters against which the ridge of ``intervals.py`` is compared.
OTHERS = {
    "repeating yesterday": ("seasonal_naive", {"season": 24}),
    "repeating last week": ("seasonal_naive", {"season": 168}),
    "a smoother ridge": ("deviation_ridge", {"penalty": 10.0}),
    "double seasonal smoothing": ("double_seasonal", {}),
}


def correlated(days: int, correlation: float, seed: int) -> np.ndarray:
    """Normal series of variance 1. ``[DRAWS, days]``."""
    found = np.random.default_rng(seed).normal(size=(DRAWS, days))
    for day in range(1, days):
        found[:, day] = correlation * found[:, day - 1] + np.sqrt(1 - correlation**2) * found[:, day]
    return found


def p_values(rows: np.ndarray) -> np.ndarray:
    """``diebold_mariano`` of every row at once."""
    days = rows.shape[1]
    number = _waves(days, 1)
    variance = _excess(days, number, 1) * ((rows @ _cosines(days, number)) ** 2).mean(axis=1)
    found = 2 * stats.t.sf(np.abs(rows.mean(axis=1)) / np.sqrt(variance / days), number)
    if not np.allclose(found[:20], [diebold_mariano(row) for row in rows[:20]]):
        raise SystemExit("What is simulated is not the test of the product.")
    return np.asarray(found)


def sizes() -> pd.DataFrame:
    """Share of equal forecasts called different, by number of days and correlation."""
    rows = []
    for days in DAYS:
        row: dict[str, object] = {"days": days}
        for correlation in CORRELATIONS:
            row[f"correlation {correlation:g}"] = float(
                np.mean(p_values(correlated(days, correlation, days)) < LEVEL)
            )
        rows.append(row)
    return pd.DataFrame(rows)


def correlations(folder: Path) -> pd.DataFrame:
    """Correlation of neighbouring days of the difference of two forecasters' daily losses, by series."""
    rows = []
    for name in SERIES:
        made = sliced(made_of(name, folder), 24)
        view, task = made.view, made.view.task
        windows = Windows(positions=view.positions(made.forecasts.cutoffs), horizon=24, refit=60)
        mine = daily_losses(made.forecasts, view, task)
        row: dict[str, object] = {"series": name}
        for words, (forecaster, settings) in OTHERS.items():
            theirs = daily_losses(roll(build(forecaster, settings), view, windows, task), view, task)
            row[words] = float(pd.Series(mine - theirs).autocorr(1))
        rows.append(row)
        print(row, flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    if "HOURCAST_DATA" not in os.environ:
        raise SystemExit("Set HOURCAST_DATA to the folder with the data sets of docs/benchmarks.md.")
    found = {"sizes": sizes(), "correlations": correlations(Path(os.environ["HOURCAST_DATA"]))}
    for part, table in found.items():
        print(table.round(3).to_string(index=False), "\n")
        table.to_csv(RESULTS / f"significance_{part}.csv", index=False, float_format="%.4g")
        show(part, table, PAGE)


if __name__ == "__main__":
    main()
