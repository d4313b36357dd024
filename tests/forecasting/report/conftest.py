"""A small report whose numbers are known: a year of hours with a clear day, a forecast and seven final windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from forecasting.report.content import Content, HoldOut

COLUMNS = ("forecaster", "loss", "skill", "seconds", "status", "member", "failure")
QUANTILES = {"p05": -12.0, "p10": -8.0, "p25": -4.0, "p50": 0.0, "p75": 4.0, "p90": 8.0, "p95": 12.0}


def make_hold_out(**changes):
    values = {
        "windows": 7,
        "horizon": 24,
        "first": pd.Timestamp("2024-12-24", tz="UTC"),
        "last": pd.Timestamp("2024-12-30 23:00", tz="UTC"),
        "mae": 12.3,
        "naive_mae": 19.8,
        "naive_name": "repeating the same hour of last week",
        "wape": 0.041,
        "mase": 0.62,
        "rmsse": 0.7,
        "bias": 0.5,
        "wql": 0.03,
        "coverage": 131 / 168,
        "inside": 131,
        "hours": 168,
    }
    return HoldOut(**(values | changes))


def make_table(values, stamps, cutoff, horizon, *, item="house", shift=2.0, quantiles=QUANTILES):
    rows = slice(cutoff + 1, cutoff + 1 + horizon)
    mean = values[rows] + shift
    return pd.DataFrame(
        {
            "item_id": item,
            "cutoff": stamps[cutoff],
            "timestamp": stamps[rows],
            "forecaster": "hourcast",
            "mean": mean,
            **{name: mean + gap for name, gap in quantiles.items()},
        }
    )


def make_content(
    *,
    freq="h",
    length=8784,
    horizon=24,
    items=("house",),
    windows=7,
    start="2024-01-01",
    quantiles=QUANTILES,
    **changes,
):
    stamps = pd.date_range(start, periods=length + horizon, freq=freq, tz="UTC")
    values = 300 + 100 * np.sin(np.arange(length + horizon) * 2 * np.pi / 24)
    histories, forecasts, finals = [], [], []
    for item in items:
        histories.append(pd.DataFrame({"item_id": item, "timestamp": stamps[:length], "target": values[:length]}))
        forecasts.append(make_table(values, stamps, length - 1, horizon, item=item, quantiles=quantiles))
        finals += [
            make_table(values, stamps, length - 1 - back * horizon, horizon, item=item, quantiles=quantiles)
            for back in range(windows, 0, -1)
        ]
    told = {
        "title": "Forecast of kwh",
        "source": "meter.csv",
        "target": "kwh",
        "unit": "kWh",
        "time_zone": "Europe/Paris",
        "freq": freq,
        "horizon": horizon,
        "weather_mode": "none",
        "version": "0.1.0",
        "made_at": pd.Timestamp("2025-01-01 06:00", tz="UTC"),
        "history": pd.concat(histories, ignore_index=True),
        "faulty": make_faulty(),
        "findings": ("One gap of 3 hours was left empty.",),
        "guesses": ("Times are local times of Europe/Paris (--time-zone).",),
        "forecast": pd.concat(forecasts, ignore_index=True),
        "final": pd.concat(finals, ignore_index=True) if finals else pd.DataFrame(),
        "leaderboard": make_board(),
        "hold_out": make_hold_out(),
        "members": ("ridge", "trees"),
        "attribution": ("Weather: Meteostat, CC BY 4.0.",),
    }
    return Content(**(told | changes))


def make_faulty(rows=()):
    """Rows are item, stamp, kind."""
    stamps = pd.DatetimeIndex([pd.Timestamp(stamp, tz="UTC") for _, stamp, _ in rows], tz="UTC")
    return pd.DataFrame(
        {
            "item_id": [item for item, _, _ in rows],
            "timestamp": stamps,
            "known_from": stamps,
            "kind": [kind for *_, kind in rows],
        }
    )


def make_board(rows=None):
    rows = rows or [
        ("ridge", 0.61, 0.31, 2.3, "done", True, ""),
        ("seasonal naive", 0.88, 0.0, 0.01, "done", False, ""),
        ("drift", 2.4, -1.8, 0.02, "done", False, ""),
        ("theta", float("nan"), float("nan"), 1.2, "failed", False, "singular matrix"),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


@pytest.fixture
def content():
    """Builds a ``Content``; keywords change it."""
    return make_content


@pytest.fixture
def hold_out():
    """Builds a ``HoldOut``; keywords change it."""
    return make_hold_out


@pytest.fixture
def faulty():
    """Builds a table of readings left out from rows of item, stamp and kind."""
    return make_faulty


@pytest.fixture
def board():
    """Builds a leaderboard from rows."""
    return make_board
