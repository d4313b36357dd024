"""Small files such as a user has, under the names the documentation gives them. Seeds decide their content."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

START, DAYS = "2024-01-15", 40


def readings(days: int = DAYS, freq: str = "1h", seed: int = 0) -> pd.DataFrame:
    """Electricity with a day, a week, a response to cold and to bookings, and noise."""
    rng = np.random.default_rng(seed)
    time = pd.date_range(START, periods=int(days * pd.Timedelta("1D") / pd.Timedelta(freq)), freq=freq)
    hour, bookings = (time.hour + time.minute / 60).to_numpy(), bookings_at(time)
    temperature = 8 - 4 * np.cos(2 * np.pi * hour / 24) + np.cumsum(rng.normal(0, 0.3, len(time)))
    kwh = 50 + 20 * np.sin(2 * np.pi * (hour - 8) / 24) - 10 * (time.dayofweek >= 5)
    kwh = kwh + np.maximum(15 - temperature, 0) + bookings / 10 + rng.normal(0, 2, len(time))
    return pd.DataFrame(
        {"time": time, "kwh": kwh.round(2), "temperature": temperature.round(1), "bookings": bookings}
    )


def bookings_at(time: pd.DatetimeIndex) -> np.ndarray:
    """Guests who have booked: a number a day, known in advance."""
    return np.random.default_rng(7).integers(0, 100, 400)[(time - pd.Timestamp(START)).days]


def load_records(url: str, **_: object) -> bytes:
    """What the portal of Elia answers: the last month, and the operator's forecast a day beyond it."""
    load = readings(days=30, freq="15min")["kwh"] * 100
    times = pd.date_range(end=pd.Timestamp.now("UTC").ceil("D"), periods=len(load), freq="15min")
    seen = load.where(times < times[-96])
    fields = {"totalload": seen, "dayaheadforecast": load + 50, "mostrecentforecast": load}
    return pd.DataFrame({"datetime": times.map(pd.Timestamp.isoformat), **fields}).to_json(orient="records").encode()


def forecasts(meter: pd.DataFrame) -> pd.DataFrame:
    """A forecast of the temperature a day, two days long, half a degree too warm."""
    temperature = meter.set_index("time")["temperature"]
    days = [*meter["time"].dt.normalize().unique(), meter["time"].max().normalize() + pd.Timedelta("1D")]
    hours = pd.date_range("2000-01-01", periods=48, freq="h") - pd.Timestamp("2000-01-01")
    return pd.concat(
        pd.DataFrame(
            {
                "available_at": day,
                "time": day + hours,
                "temperature": temperature.reindex(day + hours).ffill().fillna(temperature.iloc[-1]).to_numpy()
                + 0.5,
            }
        )
        for day in days
    )


def write_samples(folder: Path) -> None:
    """Write every file the documentation names."""
    meter = readings()
    meter.to_csv(folder / "meter.csv", index=False)
    operator = meter[["time"]].assign(forecast=(meter["kwh"] * 1.02 + 1).round(1))
    operator.tail(240).to_csv(folder / "operator.csv", index=False)
    ahead = pd.date_range(meter["time"].max(), periods=169, freq="h")[1:]
    future = pd.DataFrame({"time": ahead, "bookings": bookings_at(ahead)})
    future.to_csv(folder / "future.csv", index=False)
    pd.concat([meter, future]).to_csv(folder / "plan.csv", index=False)
    items = [readings(seed=seed)[["time", "kwh"]].assign(site=name) for seed, name in ((1, "north"), (2, "south"))]
    pd.concat(items).to_csv(folder / "sites.csv", index=False)
    forecasts(meter).to_csv(folder / "forecasts.csv", index=False)
    (folder / "events.csv").write_text(
        "event,start,end,known_from\ntrade fair,2024-02-05,2024-02-07,2023-11-20\n"
        "maintenance,2024-02-17,2024-02-18,\n",
        encoding="utf-8",
    )
    with closing(sqlite3.connect(folder / "meters.db")) as database:
        meter[["time", "kwh"]].astype({"time": str}).to_sql("readings", database, index=False)
        database.commit()
