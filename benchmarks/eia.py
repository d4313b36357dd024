"""Day-ahead load of sixteen areas of the United States in 2019 beside what their operators forecast.

Called by ``accuracy.py eia``. Each day at 10:00 local time the next local day is forecast, without weather, from the
readings that were over by then, of the area and of the fifteen others; 365 days. The operators knew the weather
forecast. Readings are those as published, with their gaps and faults; scored are the hours with an operator's
forecast and a reading that was not imputed.
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
from forecasting.prepare import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from backtests.view import View
    from forecasting.prepare import Prepared

#: Clock of each operator.
ZONES = {
    "AZPS": "America/Phoenix", "BPAT": "America/Los_Angeles", "CISO": "America/Los_Angeles",
    "DUK": "America/New_York", "EPE": "America/Denver", "FPL": "America/New_York", "IPCO": "America/Boise",
    "LDWP": "America/Los_Angeles", "MISO": "America/New_York", "NEVP": "America/Los_Angeles",
    "PJM": "America/New_York", "PSCO": "America/Denver", "SCL": "America/Los_Angeles",
    "SOCO": "America/Chicago", "TPWR": "America/Los_Angeles", "TVA": "America/Chicago",
}  # fmt: skip
#: Cutoffs between two fits, steps to the end of the next day, one more in autumn.
REFIT, HORIZON = 91, 39
#: Share of ``gam_average`` in the forecast; the rest is of ``calendar_ridge`` (docs/choices.md).
SMOOTH = 0.3
YEAR = 2019


def read(folder: Path, year: int) -> pd.DataFrame:
    """All areas from the first reading to the end of a year and the two days after."""
    query = f"""SET TimeZone='UTC'; SELECT series_id, timestamp, y, y_raw, imputed, operator_forecast
        FROM '{folder / "eia_us_utilities.parquet"}' WHERE timestamp < '{year + 1}-01-03'
        ORDER BY series_id, timestamp"""
    return duckdb.sql(query).df()


def windows_of(view: View, zone: str, year: int) -> Windows:
    """The day before each local day of the year, the hour that ends at 10:00 being the last one read."""
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31", freq="D")
    last = (days - pd.Timedelta(days=1) + pd.Timedelta(hours=9)).tz_localize(zone).tz_convert("UTC")
    return Windows(positions=view.positions(pd.DatetimeIndex(last)), horizon=HORIZON, refit=REFIT)


def view_of(prepared: Prepared, zone: str, names: list[str]) -> View:
    """Some areas by the clock of one zone."""
    history, faulty = (table[table["item_id"].isin(names)] for table in (prepared.history, prepared.faulty))
    task = Task(horizon=HORIZON, freq="h", seasonality=(24, 168), time_zone=zone, country="US", weather_mode="none")
    return make_view(history, task, faulty=faulty)


def errors(truth: pd.DataFrame, name: str, view: View, windows: Windows, made: np.ndarray) -> dict[str, object]:
    """Errors of ours ``[C, H]`` and of the operator's forecast on the same hours."""
    zone, year = ZONES[name], int(view.grid[windows.positions[-1]].year)
    steps = windows.positions[:, None] + np.arange(1, HORIZON + 1)
    local = view.grid.tz_convert(zone)
    next_day = local.dayofyear.to_numpy()[steps] != local.dayofyear.to_numpy()[windows.positions][:, None]
    next_day &= local.year.to_numpy()[steps] == year
    next_day &= np.cumsum(local.hour.to_numpy()[steps] == 0, axis=1) == 1
    own = truth[truth["series_id"] == name].set_index("timestamp").reindex(view.grid)
    came = own["y"].where(own["imputed"] == 0).to_numpy()[steps]
    theirs = own["operator_forecast"].to_numpy()[steps]
    counted = next_day & np.isfinite(came) & np.isfinite(theirs) & np.isfinite(made)
    week = own["y"].to_numpy()[steps - 168]
    forecasts = {"hourcast": made, "operator": theirs, "repeating last week": week}
    total = np.abs(came[counted]).sum()
    wape = {f"wape of {words}": float(np.abs(came - x)[counted].sum() / total) for words, x in forecasts.items()}
    return {
        "area": name, "hours": int(counted.sum()), **wape,
        "beaten": "yes" if wape["wape of hourcast"] < wape["wape of operator"] else "no",
    }  # fmt: skip


def eia(folder: Path, year: int = YEAR) -> pd.DataFrame:
    """One row for each area. A view of all areas for each clock; of its forecasts, those of the areas with it."""
    truth = read(folder, year)
    history = truth[["series_id", "timestamp", "y_raw"]].set_axis(["item_id", "timestamp", "target"], axis=1)
    prepared = prepare(history, freq="h")
    rows = {}
    for zone in dict.fromkeys(ZONES.values()):
        view = view_of(prepared, zone, list(ZONES))
        windows = windows_of(view, zone, year)
        beside = roll(build("calendar_ridge", {}), view, windows, view.task).mean
        for name in (area for area, own in ZONES.items() if own == zone):
            single = view_of(prepared, zone, [name])
            alone = roll(build("gam_average", {}), single, windows_of(single, zone, year), single.task).mean[:, 0]
            made = (1 - SMOOTH) * beside[:, view.items.index(name)] + SMOOTH * alone
            rows[name] = errors(truth, name, view, windows, made)
            print(rows[name], flush=True)
    return pd.DataFrame([rows[name] for name in ZONES])
