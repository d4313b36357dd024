"""Accuracy on open data beside published figures, by the protocols of those.

    python benchmarks/accuracy.py             all of it
    python benchmarks/accuracy.py vic_elec    one part: see PARTS

Everything is chosen on what precedes the first window; then nothing is chosen again. Members are fitted anew every
few windows, as a live run would be more often. HOURCAST_DATA is the folder of docs/benchmarks.md.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from eia import eia
from run import RESULTS, machine, parquet, show

from backtests.backtest import refit_roll, roll
from backtests.task import Task
from backtests.view import make_view
from backtests.windows import Windows, plan_selection
from forecasting import AutoForecaster
from forecasting.forecasters import build
from forecasting.portfolio import portfolio

LEVELS = tuple(round(0.1 * k, 1) for k in range(1, 10))
#: Candidates tried: the portfolio and little more. Bound by number, not by time, the figures do not depend on the
#: machine; ``seconds`` says what they took on this one.
TRIALS = int(os.environ.get("HOURCAST_TRIALS", "16"))


@dataclass(frozen=True)
class Work:
    """Windows of one file, and how to ask."""

    frame: pd.DataFrame
    windows: int
    step: int
    horizon: int
    refit: int
    options: dict[str, Any] = field(default_factory=dict)
    target: str = "y"


def rolled(work: Work) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Scores of every window and item: MASE (24), WAPE, SQL, the same of the first 24 hours, and of copying."""
    started = time.perf_counter()
    model = AutoForecaster(
        work.target, horizon=work.horizon, trials=TRIALS, time_limit=1e6, levels=LEVELS, **work.options
    )
    result = model.backtest(work.frame, windows=work.windows, step=work.step, refit=work.refit)
    view = model.case.view
    rows = []
    for (item, cutoff), made in result.forecasts.groupby(["item_id", "cutoff"], sort=False):
        readings = view.raw[view.items.index(item)]
        rows.append({"item": item, "cutoff": cutoff, **window_scores(readings, view.grid.get_loc(cutoff), made)})
    facts = {"seconds": time.perf_counter() - started, "members": members(model)}
    return pd.DataFrame(rows), facts


def members(model: AutoForecaster) -> str:
    names = [one.name for one in model.choice.members] if model.choice is not None else []
    return ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))


def window_scores(readings: np.ndarray, at: int, made: pd.DataFrame) -> dict[str, float]:
    came = readings[at + 1 : at + 1 + len(made)]
    known = readings[: at + 1]
    scale = np.nanmean(np.abs(known[24:] - known[:-24]))
    away = np.abs(came - made["mean"].to_numpy())
    steps = np.arange(1, len(made) + 1)
    copies = {season: np.abs(came - readings[at + steps - season * -(-steps // season)]) for season in (24, 168)}
    quantiles = made[[f"p{round(100 * level)}" for level in LEVELS]].to_numpy()
    error = came[:, None] - quantiles
    loss = 2 * np.nanmean(np.maximum(np.array(LEVELS) * error, (np.array(LEVELS) - 1) * error))
    return {
        "mase": np.nanmean(away) / scale,
        "mase_24": np.nanmean(away[:24]) / scale,
        "wape": np.nansum(away) / np.nansum(np.abs(came)),
        "sql": loss / scale,
        "inside_80": float(np.mean((came >= quantiles[:, 0]) & (came <= quantiles[:, -1]))),
        "mae": np.nanmean(away),
        **{f"mae_copy_{season}": np.nanmean(values) for season, values in copies.items()},
    }


def vic_elec(folder: Path) -> pd.DataFrame:
    frame = parquet(folder / "vic_elec.parquet").set_index("timestamp")[["y", "temperature"]]
    work = Work(
        frame.resample("h").mean().reset_index(), windows=24, step=360, horizon=168, refit=6,
        options={
            "weather": ["temperature"], "weather_mode": "oracle", "time_zone": "Australia/Melbourne",
            "country": "AU-VIC",
        },
    )  # fmt: skip
    scores, facts = rolled(work)
    return pd.DataFrame([{"data": "vic_elec", **summary(scores), **facts}])


def proenfo_gfc14(folder: Path) -> pd.DataFrame:
    frame = parquet(folder / "gefcom2014_e.parquet").iloc[-17520:]
    work = Work(
        frame, windows=20, step=168, horizon=168, refit=4,
        options={"weather": ["temperature_f"], "weather_mode": "oracle", "country": "US"},
    )  # fmt: skip
    scores, facts = rolled(work)
    published = [
        {"data": f"published: {name}", "mase": mase, "wape": wape, "sql": sql}
        for name, mase, wape, sql in (
            ("seasonal naive", 1.199, 0.0587, 1.075), ("LightGBM", 0.692, 0.034, 0.692),
            ("CatBoost", 0.602, 0.030, 0.602), ("Chronos-2", 0.539, 0.0264, 0.430),
            ("TabPFN-TS-3", 0.517, 0.025, 0.426), ("TiRex-2", 0.469, 0.023, 0.368), ("Sundial", 0.464, 0.023, 0.421),
        )
    ]  # fmt: skip
    return pd.DataFrame([{"data": "hourcast", **summary(scores), **facts}, *published])


def site_series(folder: Path) -> dict[str, tuple[pd.DataFrame, dict[str, Any]]]:
    """Four site meters, the first 3,600 hours of each, without weather."""
    buildings = pd.read_csv(folder / "bdg2_two_buildings.csv.gz")
    house = pd.read_csv(folder / "belgian_house_hourly.csv.gz")[["timestamp", "y"]]
    campus = parquet(folder / "polito_campus_15min.parquet").set_index("timestamp")[["y"]]
    found = {
        f"bdg2 {name}": (one[["timestamp", "y"]].head(3600), {}) for name, one in buildings.groupby("series_id")
    }
    found["belgian_house"] = (house.head(3600), {"time_zone": "Europe/Brussels", "country": "BE"})
    hourly = campus.resample("h").mean().reset_index().head(3600)
    return found | {"polito_campus": (hourly, {"time_zone": "Europe/Rome", "country": "IT"})}


def site_meters(folder: Path) -> pd.DataFrame:
    rows = []
    for name, (frame, options) in site_series(folder).items():
        for horizon, windows, step in ((24, 28, 24), (168, 8, 72)):
            scores, facts = rolled(Work(frame, windows, step, horizon, 7, options))
            rows.append({"data": name, "horizon": horizon, **against_copying(scores), **facts})
    return with_means(rows)


def against_copying(scores: pd.DataFrame) -> dict[str, float]:
    best = min(scores["mae_copy_24"].mean(), scores["mae_copy_168"].mean())
    return {"mae": scores["mae"].mean(), "better copy": best, "ratio": scores["mae"].mean() / best}


def with_means(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    means = [
        {"data": "geometric mean", "horizon": horizon, "ratio": float(np.exp(np.log(some["ratio"]).mean()))}
        for horizon, some in table.groupby("horizon")
    ]
    return pd.concat([table, pd.DataFrame(means)], ignore_index=True)


def etth1(folder: Path) -> pd.DataFrame:
    """The last fifth, and the 20 windows of GIFT-Eval's task ETTh1, hourly, short, which have published figures."""
    frame = pd.read_csv(folder / "etth1.csv.gz")
    columns = ["OT", "HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL"]
    rows = []
    for windows in (int(0.2 * len(frame)) // 48, 20):
        for name in columns:
            one = frame[["timestamp", name]].rename(columns={name: "y"})
            scores, facts = rolled(Work(one, windows, 48, 48, 12))
            yesterday = (scores["mae_copy_24"] * scores["mase"] / scores["mae"]).mean()
            rows.append(
                {"windows": windows, "data": name, "repeating yesterday": yesterday, **summary(scores), **facts}
            )
    table = pd.DataFrame(rows)
    means = table.groupby("windows", sort=False).mean(numeric_only=True).reset_index().assign(data="mean")
    published = [
        {"windows": 20, "data": f"published: {name}", "mase": mase}
        for name, mase in (
            ("seasonal naive", 0.977), ("FLAIR", 0.943), ("PatchTST", 0.893), ("TiRex", 0.817), ("Chronos-2", 0.787)
        )
    ]  # fmt: skip
    return pd.concat([table, means, pd.DataFrame(published)], ignore_index=True)


def controls(folder: Path) -> pd.DataFrame:
    bikes = pd.read_csv(folder / "bike_sharing.csv.gz")
    taxi = pd.read_csv(folder / "nyc_taxi.csv.gz")
    taxi = taxi.set_index(pd.to_datetime(taxi["timestamp"]))[["y"]].resample("h").sum().reset_index()
    walkers = parquet(folder / "pedestrian_melbourne.parquet")[["timestamp", "series_id", "y"]]
    work = {
        "bike_sharing": (bikes[["timestamp", "y"]], {"time_zone": "America/New_York", "country": "US"}),
        "nyc_taxi": (taxi, {"time_zone": "America/New_York", "country": "US"}),
        "pedestrian_melbourne": (
            walkers, {"item": "series_id", "time_zone": "Australia/Melbourne", "country": "AU-VIC"},
        ),
    }  # fmt: skip
    rows = []
    for name, (frame, options) in work.items():
        scores, facts = rolled(Work(frame, 28, 24, 24, 7, options))
        week = scores["mae_copy_168"].mean()
        mae = scores["mae"].mean()
        rows.append({"data": name, "mae": mae, "mae of last week": week, "ratio": mae / week, **facts})
    return pd.DataFrame(rows)


def m4_hourly(folder: Path) -> pd.DataFrame:
    """All 414 series as one panel, the official split; items end together, the names of their stamps are ours."""
    frame = parquet(folder / "m4_hourly.parquet")
    train, test = (frame[frame["split"] == name] for name in ("train", "test"))
    last = pd.Timestamp("2015-07-01")
    behind = train.groupby("series_id").cumcount(ascending=False)
    train = train.assign(timestamp=last - pd.to_timedelta(behind, unit="h"))[["timestamp", "series_id", "y"]]
    started = time.perf_counter()
    model = AutoForecaster(
        "y", horizon=48, item="series_id", trials=TRIALS, time_limit=1e6, repair=False, time_zone="UTC"
    )
    made = model.fit(train).predict()
    seconds = time.perf_counter() - started
    smape, mase = [], []
    for name, came in test.groupby("series_id"):
        known = train.loc[train["series_id"] == name, "y"].to_numpy()
        x, f = came["y"].to_numpy(), made.loc[made["item_id"] == name, "mean"].to_numpy()
        smape.append(np.mean(200 * np.abs(x - f) / (np.abs(x) + np.abs(f))))
        mase.append(np.abs(x - f).mean() / np.abs(known[24:] - known[:-24]).mean())
    ours = {"data": "hourcast", "smape": np.mean(smape), "mase": np.mean(mase), "seconds": seconds}
    rows = [ours] + [
        {"data": f"published: {name}", "smape": a, "mase": b}
        for name, a, b in (
            ("Naive2", 18.383, 2.395), ("seasonal naive", 13.912, 1.193), ("Theta", 18.138, 2.455),
            ("FFORMA", 11.506, 0.819), ("Smyl", 9.328, 0.893), ("Pawlikowski", 9.611, 0.873),
            ("Doornik", 8.913, 0.801),
        )
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    return table.assign(owa=(table["smape"] / 18.383 + table["mase"] / 2.395) / 2)


def refits(folder: Path) -> pd.DataFrame:
    """What a refit at each of 183 daily cutoffs costs on a year of hours, and how far it is from fitting anew."""
    frame = parquet(folder / "gefcom2014_e.parquet").iloc[-8928:][["timestamp", "y"]]
    stamps = pd.to_datetime(frame["timestamp"], utc=True)
    history = pd.DataFrame({"item_id": "one", "timestamp": stamps, "target": frame["y"].to_numpy(float)})
    task = Task(horizon=168, freq="h", seasonality=(24, 168), weather_mode="none")
    view = make_view(history.reset_index(drop=True), task)
    last = len(history) - 1 - 168
    rows = []
    for name, settings in (("all origins", {}), ("origins at the hour", {"same_phase": True})):
        ridge = build("deviation_ridge", settings)
        daily = Windows(positions=last - 24 * np.arange(183)[::-1], horizon=168, refit="each")
        started = time.process_time()
        made = roll(ridge, view, daily, task).mean
        seconds = time.process_time() - started
        few = Windows(positions=daily.positions[::45], horizon=168, refit="each")
        away = np.abs(made[::45] / refit_roll(ridge, view, few, task).mean - 1).max()
        rows.append(
            {"ridge": name, "cutoffs": 183, "steps": 168, "CPU-seconds": seconds, "largest difference": away}
        )
    return pd.DataFrame(rows)


def shared(folder: Path) -> pd.DataFrame:
    """CPU-seconds of the portfolio on its selection windows: each candidate on a view of its own, all on one."""
    frame = parquet(folder / "vic_elec.parquet").set_index("timestamp")[["y", "temperature"]].resample("h").mean()
    history = frame.rename(columns={"y": "target"}).reset_index()
    history.insert(0, "item_id", "one")
    rows = []
    for hours, horizon, weather in ((3600, 24, ()), (3600, 168, ()), (17520, 168, ("temperature",))):
        task = Task(
            horizon=horizon, freq="h", seasonality=(24, 168), time_zone="Australia/Melbourne", country="AU-VIC",
            weather_mode="oracle" if weather else "none", weather_covariates=weather,
        )  # fmt: skip
        view = make_view(history.iloc[-hours:].reset_index(drop=True), task)
        windows = plan_selection(hours, task)
        candidates = portfolio(task, hours, 0.0, 1)
        seconds, means = [], []
        for own in (True, False):
            started = time.process_time()
            views = [replace(view) if own else view for _ in candidates]
            made = [
                roll(build(name, settings), seen, windows, task).mean
                for (name, settings), seen in zip(candidates, views, strict=True)
            ]
            seconds.append(time.process_time() - started)
            means.append(np.stack(made))
        apart, together = seconds
        rows.append(
            {
                "hours": hours, "horizon": horizon, "weather": ", ".join(weather) or "none",
                "candidates": len(candidates), "CPU-seconds apart": apart, "together": together,
                "ratio": together / apart, "largest difference": np.abs(means[1] - means[0]).max(),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def summary(scores: pd.DataFrame) -> dict[str, float]:
    return {name: scores[name].mean() for name in ("mase", "mase_24", "wape", "sql", "inside_80")}


PARTS = {
    "refits": refits,
    "shared": shared,
    "vic_elec": vic_elec,
    "proenfo_gfc14": proenfo_gfc14,
    "site_meters": site_meters,
    "etth1": etth1,
    "controls": controls,
    "m4_hourly": m4_hourly,
    "eia": eia,
}


def main() -> None:
    if "HOURCAST_DATA" not in os.environ:
        raise SystemExit("Set HOURCAST_DATA to the folder with the data sets of docs/benchmarks.md.")
    RESULTS.mkdir(exist_ok=True)
    for part in sys.argv[1:] or list(PARTS):
        table = PARTS[part](Path(os.environ["HOURCAST_DATA"]))
        print(f"\n{part} ({machine()})\n{table.round(4).to_string(index=False)}\n", flush=True)
        show(part, table.astype(object).where(table.notna(), ""))
        table.assign(machine=machine()).to_csv(RESULTS / f"{part}.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
