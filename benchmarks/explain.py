"""The figures of docs/explain.md: how exactly parts add up on real data, what has no cause, how long a page takes.

    HOURCAST_DATA=folder python benchmarks/explain.py        about five minutes of one core
    HOURCAST_ONLY=vic HOURCAST_DATA=folder python benchmarks/explain.py     the rows with this in their name
    HOURCAST_LATEST=2200 ...                                                on fewer readings

The data sets are those of docs/benchmarks.md. Every registered forecaster that suits a set is a member, with the
settings it is registered with, so that every way of taking one apart is in every figure. Seconds are CPU time.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from backtests.view import steps_per_day
from forecasting import AutoForecaster
from forecasting.case import open_case
from forecasting.choose import lowest_possible
from forecasting.ensemble import Ensemble
from forecasting.explain import explain
from forecasting.forecasters import FORECASTERS, build
from forecasting.intervals import Intervals
from forecasting.question import Question
from forecasting.report.page import render
from forecasting.summary import content_of

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "benchmarks" / "results", ROOT / "docs" / "explain.md"
#: Latest readings used of each set; cutoffs explained, a week apart.
LATEST, CUTOFFS = int(os.environ.get("HOURCAST_LATEST", "8784")), 2


def parquet(path: Path) -> pd.DataFrame:
    return duckdb.sql(f"SET TimeZone='UTC'; SELECT * FROM '{path}'").df()


def sets(folder: Path) -> dict[str, tuple[pd.DataFrame, dict[str, object]]]:
    """Every shared set as a user would hand it over, and the options that go with it."""
    vic = parquet(folder / "vic_elec.parquet").set_index("timestamp")[["y", "temperature"]].resample("h").mean()
    eia = parquet(folder / "eia_us_utilities.parquet")
    first = sorted(eia["series_id"].unique())[:3]
    utilities = eia[eia["series_id"].isin(first)][["timestamp", "series_id", "y"]]
    grid = parquet(folder / "openstef_grid_15min.parquet")
    point = grid[grid["series_id"] == grid["series_id"].iloc[0]][["timestamp", "y", "temp", "radiation"]]
    m4 = parquet(folder / "m4_hourly.parquet")
    some = m4[m4["series_id"].isin(sorted(m4["series_id"].unique())[:5])][["timestamp", "series_id", "y"]]
    walk = parquet(folder / "pedestrian_melbourne.parquet")[["timestamp", "series_id", "y"]]
    house = pd.read_csv(folder / "belgian_house_hourly.csv.gz")[["timestamp", "y", "temperature", "humidity"]]
    bike = pd.read_csv(folder / "bike_sharing.csv.gz")[["timestamp", "y", "temperature", "holiday", "workingday"]]
    campus = parquet(folder / "polito_campus_15min.parquet")[["timestamp", "y", "temperature"]]
    campus = campus.set_index("timestamp").resample("h").mean().reset_index()
    weather = {"weather": ("temperature",)}
    return {
        "vic_elec": (vic.reset_index(), {**weather, "country": "AU-VIC", "time_zone": "Australia/Melbourne"}),
        "gefcom2014_e": (
            parquet(folder / "gefcom2014_e.parquet").dropna(subset=["y"]),
            {"weather": ("temperature_f",), "country": "US"},
        ),
        "rte_france": (parquet(folder / "rte_france.parquet"), {"country": "FR"}),
        "eia_us_utilities, 3 items": (utilities, {"country": "US"}),
        "openstef_grid, 15 min": (point, {"weather": ("temp", "radiation"), "country": "NL"}),
        "polito_campus": (campus, {**weather, "country": "IT"}),
        "bdg2_two_buildings": (pd.read_csv(folder / "bdg2_two_buildings.csv.gz"), {}),
        "belgian_house": (house, {"weather": ("temperature", "humidity"), "country": "BE"}),
        "bike_sharing": (bike, {**weather, "known": ("holiday", "workingday")}),
        "nyc_taxi, 30 min": (pd.read_csv(folder / "nyc_taxi.csv.gz"), {"country": "US"}),
        "pedestrian_melbourne": (walk, {"country": "AU-VIC"}),
        "m4_hourly, 5 items": (some, {}),
        "etth1": (pd.read_csv(folder / "etth1.csv.gz").iloc[:, [0, -1]].set_axis(["timestamp", "y"], axis=1), {}),
    }


def one_set(name: str, frame: pd.DataFrame, options: dict[str, object]) -> dict[str, object]:
    """Fit every forecaster that suits on all but the last days, and take some forecasts apart."""
    known = options.pop("known", ())
    question = Question(target="y", allow_stale=True, **{"known": known, **options})
    stamps = np.sort(frame["timestamp"].unique())
    frame = frame[frame["timestamp"] >= stamps[-min(LATEST, len(stamps))]]
    case = open_case(question, frame)
    view, task = case.view, case.task
    horizon = task.horizon
    length = view.raw.shape[1]
    ends = [length - 1 - horizon - 7 * steps_per_day(task) * k for k in range(CUTOFFS)]
    cutoffs = view.cutoffs([end for end in reversed(ends) if end > length // 2])
    fitted_on = int(view.positions(cutoffs[:1])[0]) + 1
    members = [build(kind, {}) for kind, made in FORECASTERS.items() if made.suits(task, fitted_on)]
    fitted = tuple(member.fit(view, cutoffs[0], task) for member in members)
    flat = Intervals(levels=(0.5,), offsets=np.zeros((horizon, 1)))
    ensemble = Ensemble(members=fitted, intervals=flat, lowest=lowest_possible(view))
    started = time.process_time()
    found = explain(ensemble, view, cutoffs)
    seconds = time.process_time() - started
    gap = np.abs(sum(found.parts.values()) - found.mean).max() / max(np.abs(found.mean).max(), 1e-300)
    alone = [np.abs(sum(m.explain(view, cutoffs).values()) - m.predict(view, cutoffs).mean).max() for m in fitted]
    return {
        "data": name,
        "readings": fitted_on,
        "members": len(fitted),
        "sum off by": float(gap),
        "worst member off by": float(max(alone) / max(np.abs(found.mean).max(), 1e-300)),
        "without a cause": found.unexplained,
        "seconds": seconds,
    }


def page(frame: pd.DataFrame, options: dict[str, object]) -> dict[str, object]:
    """A page on three years of hours, from a fitted model to the text of the file."""
    model = AutoForecaster("y", trials=12, jobs=1, time_limit=600, **options).fit(frame)
    table = model.predict()[model.forecast_columns()]
    started = time.process_time()
    text = render(content_of(model, table, pd.Timestamp.now("UTC")))
    seconds = time.process_time() - started
    return {"page on": f"{len(frame)} hours", "seconds": seconds, "megabytes": len(text.encode()) / 1e6}


def keep(part: str, row: dict[str, object], order: list[str]) -> None:
    """Put one row among those measured before, into the results and onto the page."""
    print(row, flush=True)
    RESULTS.mkdir(exist_ok=True)
    path, (key, name) = RESULTS / f"explain_{part}.csv", next(iter(row.items()))
    known = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=list(row))
    table = pd.concat([known[known[key] != name], pd.DataFrame([row])], ignore_index=True)
    places = {one: at for at, one in enumerate(order)}
    table = table.sort_values(key, key=lambda names: names.map(places), kind="stable")
    table.to_csv(path, index=False, float_format="%.4g")
    show(part, table)


def show(part: str, table: pd.DataFrame) -> None:
    """Put a table into its place on the page."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    before, rest = text.split(start)
    cells = [[f"{x:.2g}" if isinstance(x, float) else str(x) for x in row] for row in table.to_numpy(object)]
    lines = [" | ".join(row) for row in [list(table.columns), ["---"] * table.shape[1], *cells]]
    PAGE.write_text(before + start + "".join(f"| {one} |\n" for one in lines) + end + rest.split(end)[1], "utf-8")


def main() -> None:
    folder = Path(os.environ["HOURCAST_DATA"])
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOURCAST_HOME"] = home
        found = sets(folder)
        only = os.environ.get("HOURCAST_ONLY", "")
        for name, (frame, options) in found.items():
            if only in name:
                keep("parts", one_set(name, frame, dict(options)), list(found))
        if only in "page":
            keep("page", page(*found["vic_elec"]), [])


if __name__ == "__main__":
    main()
