"""Made-up series with known structure, for the contract tests. Seeds decide them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from backtests.task import VINTAGE_MODES, Task
from backtests.view import NEVER, View, make_view
from connectors.weather.vintages import Rows, Vintages
from forecasting.vintages import with_vintages

START = "2024-02-01"


def task(**changes) -> Task:
    asked = {
        "horizon": 24, "freq": "h", "seasonality": (24, 168), "time_zone": "Europe/Paris", "country": "FR",
        "known_covariates": ("event",), "past_covariates": ("pressure",), "weather_covariates": ("temperature",),
    }  # fmt: skip
    return Task(**{**asked, **changes})


def history(days: int = 75, items: int = 1, seed: int = 0) -> pd.DataFrame:
    """Hourly load with a day, a week, a response to cold, and noise; items begin apart, with gaps."""
    rng = np.random.default_rng(seed)
    stamps = pd.date_range(START, periods=24 * days, freq="h", tz="UTC")
    hour, weekday = stamps.hour.to_numpy(), stamps.dayofweek.to_numpy()
    frames = []
    for item in range(items):
        temperature = 8 - 6 * np.cos(2 * np.pi * hour / 24) + np.cumsum(rng.normal(0, 0.4, len(stamps)))
        event = (rng.random(len(stamps)) < 0.01).astype(float)
        load = 50 + 20 * np.sin(2 * np.pi * (hour - 8) / 24) - 10 * (weekday >= 5)
        load = (load + np.maximum(12 - temperature, 0) + 5 * event + rng.normal(0, 2, len(stamps))) * (item + 1)
        load[rng.random(len(stamps)) < 0.01] = np.nan
        frame = pd.DataFrame(
            {
                "item_id": f"item_{item}", "timestamp": stamps, "target": load, "event": event,
                "pressure": rng.normal(1000, 5, len(stamps)), "temperature": temperature,
            }
        )  # fmt: skip
        frames.append(frame.iloc[item * 200 :])
    return pd.concat(frames, ignore_index=True)


def view(asked: Task | None = None, **made) -> View:
    """A view of such a history, with an hour that only turns out faulty six hours later."""
    asked = asked or task()
    frame = history(**made)
    stamp = frame["timestamp"].max() - pd.Timedelta(hours=60)
    faulty = pd.DataFrame(
        {"item_id": ["item_0"], "timestamp": [stamp], "known_from": [stamp + pd.Timedelta(hours=6)]}
    )
    found = make_view(frame, asked, faulty=faulty)
    raw = found.raw.copy()
    raw[0, found.grid.get_loc(stamp)] = 900.0
    found = replace(found, raw=raw)
    return forecast_weather(found) if asked.weather_mode in VINTAGE_MODES else found


def forecast_weather(seen: View) -> View:
    """A view with simulated forecasts of the weather, which stand for real ones in other modes.

    Every third run is missing, so that what was known last is of any age; the first twenty days have none.
    """
    simulated = with_vintages(replace(seen, task=replace(seen.task, weather_mode="simulated"))).view.vintages
    start = int(seen.grid.as_unit("us").asi8[24 * 20])

    def thin(rows: Rows) -> Rows:
        keep = ((rows.issued // 21_600_000_000) % 3 > 0) & (rows.issued > start)
        return Rows(
            valid=rows.valid[keep],
            available=rows.available[keep],
            issued=rows.issued[keep],
            values=rows.values[keep],
        )

    thinned = tuple(Vintages(rows={name: thin(rows) for name, rows in one.rows.items()}) for one in simulated)
    return replace(seen, vintages=thinned)


def poisoned(clean: View, cutoff: int) -> View:
    """The same view with every value that was not available at the cutoff set to something absurd.

    Readings and past covariates after the cutoff, weather that was not yet published, forecasts of it that were not
    available when the one from the cutoff is issued, repairs made after it, and known covariates beyond the horizon.
    """
    issued = int(clean.issues.issued_at[cutoff]) // 1000

    def poison(rows: Rows) -> Rows:
        return replace(rows, values=np.where(rows.available > issued, 1e9, rows.values))

    def after(values, last=cutoff):
        changed = values.copy()
        changed[:, last + 1 :] = 1e9
        return changed

    later = np.where(clean.known_from > cutoff, NEVER, clean.known_from)
    later[:, cutoff + 1 :: 7] = np.maximum(cutoff + 2, np.arange(later.shape[1])[cutoff + 1 :: 7])
    return replace(
        clean,
        raw=after(clean.raw),
        known_from=later,
        past={name: after(values) for name, values in clean.past.items()},
        weather={name: after(values, cutoff - clean.task.weather_delay) for name, values in clean.weather.items()},
        known={name: after(values, cutoff + clean.task.horizon) for name, values in clean.known.items()},
        vintages=tuple(
            Vintages(rows={name: poison(rows) for name, rows in one.rows.items()}) for one in clean.vintages
        ),
    )
