"""Figures of docs/weather.md: what was known at each of 365 cutoffs, and what it costs to store simulations.

    python benchmarks/vintages.py      about a minute, without any data set

Made-up forecasts of one variable: 20 locations, 3 years, 4 runs a day, 48 hours each. Every day of the last year
asks for the 48 hours after it. ``from disk``: the Parquet files are read, then asked. ``in memory``: asked again.

Simulated forecasts of three variables near a place, 3 years, for 24 and for 48 hours: made, stored, and read.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from connectors.weather.simulated_store import SimulatedStore, Simulation
from connectors.weather.store import WeatherStore
from connectors.weather.vintages import Vintages

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "benchmarks" / "results", ROOT / "docs" / "weather.md"
LOCATIONS, YEARS, RUNS, LEADS, CUTOFFS = 20, 3, 4, 48, 365
START = pd.Timestamp("2021-01-01", tz="UTC")


def runs(location: str, seed: int) -> pd.DataFrame:
    """All forecasts of one location."""
    issues = pd.date_range(START, periods=YEARS * 365 * RUNS, freq=pd.Timedelta(hours=24 / RUNS))
    issued = issues.repeat(LEADS)
    lead = pd.to_timedelta(np.tile(np.arange(1, LEADS + 1), len(issues)), unit="h")
    value = np.random.default_rng(seed).normal(size=len(issued))
    columns = {"location": location, "variable": "temperature", "model": "made_up", "issued_at": issued}
    columns |= {"available_at": issued + pd.Timedelta(hours=5), "valid_time": issued + lead, "value": value}
    columns |= {"kind": "forecast", "retrieved_at": START, "unit": "°C", "source": "made up"}
    return pd.DataFrame(columns)


def vintages() -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        store = WeatherStore(Path(folder))
        names = [f"place{number:02d}" for number in range(LOCATIONS)]
        started, cpu = time.perf_counter(), time.process_time()
        rows = sum(store.append(runs(name, seed)) for seed, name in enumerate(names))
        written, written_cpu = time.perf_counter() - started, time.process_time() - cpu
        cutoffs = pd.date_range(START + pd.DateOffset(years=YEARS - 1), periods=CUTOFFS, freq="D")
        ahead = cutoffs.tz_localize(None).to_numpy()[:, None] + np.arange(1, LEADS + 1) * np.timedelta64(1, "h")
        first, last = cutoffs[0], cutoffs[-1] + pd.Timedelta(hours=LEADS + 1)
        started, cpu = time.perf_counter(), time.process_time()
        indexed = [store.vintages(name, ["temperature"], first, last) for name in names]
        for index in indexed:
            index.known_at(cutoffs, ahead)
        read, read_cpu = time.perf_counter() - started, time.process_time() - cpu
        started, cpu = time.perf_counter(), time.process_time()
        known = [index.known_at(cutoffs, ahead)["temperature"] for index in indexed]
        asked, asked_cpu = time.perf_counter() - started, time.process_time() - cpu
        # The newest run at midnight is six hours old: it does not reach the last six hours.
        assert all(np.isfinite(answer.values[:, :-6]).all() for answer in known)
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.parquet")) / 1e6
    return pd.DataFrame(
        [
            {"what": f"{rows:,} rows appended, {size:.0f} MB on disk", "seconds": written,
             "seconds of CPU": written_cpu},
            {"what": f"{CUTOFFS} cutoffs x {LEADS} h x {LOCATIONS} locations, from disk", "seconds": read,
             "seconds of CPU": read_cpu},
            {"what": "the same, in memory", "seconds": asked, "seconds of CPU": asked_cpu},
        ]
    )  # fmt: skip


def simulated() -> pd.DataFrame:
    stamps = pd.date_range(START, periods=YEARS * 365 * 24, freq="h")
    random, wave = np.random.default_rng(0), np.cos(np.arange(len(stamps)) / 8766 * 2 * np.pi)
    usual = {"temperature": 10 - 8 * wave, "humidity": 70 + 10 * wave, "wind_speed": 9 + wave}
    weather = {name: values + random.normal(size=len(stamps)) for name, values in usual.items()}
    rows = []
    for hours in (24, 48):
        observed, horizon = pd.DataFrame({"timestamp": stamps, **weather}), pd.Timedelta(hours=hours)
        asked = Simulation(observed=observed, location="meter", horizon=horizon, seed=0)
        with tempfile.TemporaryDirectory() as folder:
            store = SimulatedStore(folder=Path(folder), location="place")
            started, cpu = time.perf_counter(), time.process_time()
            runs = [asked.runs(name) for name in weather]
            made = {name: rows for one in runs for name, rows in one.vintages().rows.items()}
            rows.append(_took(f"{hours} h ahead: made", started, cpu))
            started, cpu = time.perf_counter(), time.process_time()
            store.write(asked, runs, at=START)
            size = sum(file.stat().st_size for file in Path(folder).rglob("*.parquet")) / 1e6
            count = sum(len(one.values) for one in made.values())
            rows.append(_took(f"{hours} h ahead: {count:,} rows stored, {size:.1f} MB on disk", started, cpu))
            started, cpu = time.perf_counter(), time.process_time()
            read = store.read(asked)
            rows.append(_took(f"{hours} h ahead: read", started, cpu))
        assert _bytes(Vintages(rows=read)) == _bytes(Vintages(rows=made))
    return pd.DataFrame(rows)


def _took(what: str, started: float, cpu: float) -> dict[str, object]:
    used = time.process_time() - cpu
    return {"what": what, "seconds": time.perf_counter() - started, "seconds of CPU": used}


def _bytes(found: Vintages) -> dict[str, list[bytes]]:
    return {name: [one.valid.tobytes(), one.available.tobytes(), one.issued.tobytes(), one.values.tobytes()]
            for name, one in found.rows.items()}  # fmt: skip


def show(name: str, table: pd.DataFrame) -> None:
    """Print a table, keep it as CSV, and put it into its place in docs/weather.md."""
    RESULTS.mkdir(exist_ok=True)
    table.to_csv(RESULTS / f"{name}.csv", index=False, float_format="%.5g")
    cells = [[f"{x:.3g}" if isinstance(x, float) else str(x) for x in row] for row in table.to_numpy(object)]
    lines = [" | ".join(row) for row in [list(table.columns), ["---"] * table.shape[1], *cells]]
    before, rest = PAGE.read_text(encoding="utf-8").split(f"<!-- {name} -->\n")
    after = rest.split(f"<!-- end of {name} -->")[1]
    made = "".join(f"| {line} |\n" for line in lines)
    PAGE.write_text(f"{before}<!-- {name} -->\n{made}<!-- end of {name} -->{after}", encoding="utf-8")
    print(f"\n{name}\n{table.to_string(index=False)}", flush=True)


if __name__ == "__main__":
    show("vintages", vintages())
    show("simulations", simulated())
