"""Day-ahead load of sixteen areas of the United States in 2019 beside what their operators forecast.

Called by ``accuracy.py eia``. Each day at 10:00 local time the next local day is forecast, without weather, from the
readings that were over by then; 365 days. The operators knew the weather forecast. Readings are those as published,
with their gaps and faults; scored are the hours with an operator's forecast and a reading that was not imputed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd

from backtests.backtest import roll
from backtests.task import Task
from backtests.view import make_view
from backtests.windows import Windows
from forecasting.forecasters import build
from forecasting.forecasters.ridge_average import VARIANTS
from forecasting.prepare import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from backtests.view import View

#: Clock of each operator.
ZONES = {
    "AZPS": "America/Phoenix", "BPAT": "America/Los_Angeles", "CISO": "America/Los_Angeles",
    "DUK": "America/New_York", "EPE": "America/Denver", "FPL": "America/New_York", "IPCO": "America/Boise",
    "LDWP": "America/Los_Angeles", "MISO": "America/New_York", "NEVP": "America/Los_Angeles",
    "PJM": "America/New_York", "PSCO": "America/Denver", "SCL": "America/Los_Angeles",
    "SOCO": "America/Chicago", "TPWR": "America/Los_Angeles", "TVA": "America/Chicago",
}  # fmt: skip
#: Readings before the year, cutoffs between two fits, steps to the end of the next day, one more in autumn.
SINCE, REFIT, HORIZON = "2016-01-01", 28, 39
YEAR = 2019


def read(folder: Path, name: str) -> pd.DataFrame:
    query = f"""SET TimeZone='UTC'; SELECT timestamp, y, y_raw, imputed, operator_forecast
        FROM '{folder / "eia_us_utilities.parquet"}' WHERE series_id = '{name}'
        AND timestamp >= '{SINCE}' AND timestamp < '{YEAR + 1}-01-03' ORDER BY timestamp"""
    return duckdb.sql(query).df()


def windows_of(view: View, zone: str, year: int) -> Windows:
    """The day before each local day of the year, the hour that ends at 10:00 being the last one read."""
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31", freq="D")
    last = (days - pd.Timedelta(days=1) + pd.Timedelta(hours=9)).tz_localize(zone).tz_convert("UTC")
    return Windows(positions=view.positions(pd.DatetimeIndex(last)), horizon=HORIZON, refit=REFIT)


def forecast(view: View, windows: Windows) -> np.ndarray:
    """Median of five: four ridges on deviations, and double-seasonal smoothing. ``[C, H]``."""
    asked = [("deviation_ridge", dict(settings)) for settings in VARIANTS] + [("double_seasonal", {})]
    made = [roll(build(name, settings), view, windows, view.task).mean[:, 0] for name, settings in asked]
    return np.asarray(np.median(made, axis=0))


def area(folder: Path, name: str, year: int = YEAR) -> dict[str, object]:
    """Errors of ours and of the operator's forecast on the same hours."""
    zone, frame = ZONES[name], read(folder, name)
    history = frame[["timestamp", "y_raw"]].rename(columns={"y_raw": "target"}).assign(item_id=name)
    prepared = prepare(history, freq="h")
    task = Task(horizon=HORIZON, freq="h", seasonality=(24, 168), time_zone=zone, country="US", weather_mode="none")
    view = make_view(prepared.history, task, faulty=prepared.faulty)
    windows = windows_of(view, zone, year)
    made = forecast(view, windows)
    steps = windows.positions[:, None] + np.arange(1, HORIZON + 1)
    local = view.grid.tz_convert(zone)
    next_day = local.dayofyear.to_numpy()[steps] != local.dayofyear.to_numpy()[windows.positions][:, None]
    next_day &= local.year.to_numpy()[steps] == year
    next_day &= np.cumsum(local.hour.to_numpy()[steps] == 0, axis=1) == 1
    truth = frame.set_index("timestamp").reindex(view.grid)
    came = truth["y"].where(truth["imputed"] == 0).to_numpy()[steps]
    theirs = truth["operator_forecast"].to_numpy()[steps]
    counted = next_day & np.isfinite(came) & np.isfinite(theirs) & np.isfinite(made)
    week = truth["y"].to_numpy()[steps - 168]
    errors = {"hourcast": made, "operator": theirs, "repeating last week": week}
    total = np.abs(came[counted]).sum()
    wape = {f"wape of {words}": float(np.abs(came - x)[counted].sum() / total) for words, x in errors.items()}
    return {
        "area": name, "hours": int(counted.sum()), **wape,
        "beaten": "yes" if wape["wape of hourcast"] < wape["wape of operator"] else "no",
    }  # fmt: skip


def eia(folder: Path) -> pd.DataFrame:
    """One row for each area."""
    rows = []
    for name in ZONES:
        rows.append(area(folder, name))
        print(rows[-1], flush=True)
    return pd.DataFrame(rows)
