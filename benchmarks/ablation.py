"""What each part of the recipe gives, on stretches that chose nothing and are reported nowhere else.

    python benchmarks/ablation.py [24] [168]     horizons [h]; 24 alone takes two CPU-minutes

Twelve stretches of 3,600 hours without weather. Each row adds or changes one thing. Errors are mean absolute
errors against the better, for each stretch, of repeating yesterday and repeating last week; the table has their
geometric mean. HOURCAST_DATA is the folder of docs/benchmarks.md.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from run import RESULTS, machine, parquet, show

from backtests.backtest import actuals, roll
from backtests.task import Task
from backtests.view import View, make_view
from backtests.windows import Windows
from forecasting.forecasters import build

HOURS = 3600
#: Windows by horizon: how many, hours apart, windows for each fit.
WINDOWS = {24: (14, 48, 7), 168: (7, 96, 4)}
SCALED: dict[str, Any] = {"target": "box_cox", "blend": True}
ABSOLUTE: dict[str, Any] = {"loss": "absolute"}
MEMBERS: dict[str, tuple[str, dict[str, Any]]] = {
    "profile of the week": ("seasonal_profile", {}),
    "ridge on departures from it": ("deviation_ridge", {}),
    "of a power of the target (Box-Cox)": ("deviation_ridge", {"target": "box_cox"}),
    "with what the day expects": ("deviation_ridge", SCALED),
    "average of four such": ("ridge_average", SCALED),
    "by sizes of errors, not squares": ("ridge_average", {**SCALED, **ABSOLUTE}),
    "average of four on the profile of the day": ("ridge_average", {"period": 24, **ABSOLUTE}),
    "ridge of the day, origins at the hour": (
        "deviation_ridge", {"period": 24, "same_phase": True, "penalty": 0.3, **ABSOLUTE},
    ),
    "structural regressions": ("gam_average", {}),
    "autoregression": ("autoregression", {}),
    "double seasonal smoothing": ("double_seasonal", {}),
    "boosting of what the ridge leaves": ("boosted_residual", {}),
}  # fmt: skip
#: Medians, by what is added to the one before.
MEDIANS = (
    "by sizes of errors, not squares", "average of four on the profile of the day", "structural regressions",
    "ridge of the day, origins at the hour", "boosting of what the ridge leaves", "autoregression",
    "double seasonal smoothing",
)  # fmt: skip
FEWEST = 3


def stretches(folder: Path) -> dict[str, tuple[pd.DataFrame, str | None, str]]:
    """Readings, country and time zone of each stretch, by name; none of them chose anything (docs/choices.md)."""
    found: dict[str, tuple[pd.DataFrame, str | None, str]] = {}
    campus = parquet(folder / "polito_campus_15min.parquet").set_index("timestamp")[["y"]]
    campus = campus.resample("h").mean().reset_index()
    for start in (10000, 16000, 22000):
        found[f"campus from hour {start}"] = (campus.iloc[start : start + HOURS], "IT", "Europe/Rome")
    transformer = pd.read_csv(folder / "etth1.csv.gz")
    for name in ("HULL", "MUFL", "LULL"):
        one = transformer[["timestamp", name]].rename(columns={name: "y"})
        found[f"etth1 {name}, 2017"] = (one.iloc[6000 : 6000 + HOURS], None, "UTC")
    state = parquet(folder / "vic_elec.parquet").set_index("timestamp")[["y"]].resample("h").mean().reset_index()
    found["vic_elec, 2013"] = (state.iloc[11000 : 11000 + HOURS], "AU-VIC", "Australia/Melbourne")
    bikes = pd.read_csv(folder / "bike_sharing.csv.gz")
    found["bikes, spring of 2012"] = (bikes.iloc[9000 : 9000 + HOURS], "US", "America/New_York")
    walkers = parquet(folder / "pedestrian_melbourne.parquet")
    for name, one in list(walkers.groupby("series_id"))[2:4]:
        found[f"pedestrians {name}, 2015"] = (one.iloc[:HOURS], "AU-VIC", "Australia/Melbourne")
    utility = parquet(folder / "gefcom2014_e.parquet")
    for start in (20000, 40000):
        found[f"gefcom2014_e from hour {start}"] = (utility.iloc[start : start + HOURS], "US", "UTC")
    return found


def view_of(frame: pd.DataFrame, country: str | None, zone: str, horizon: int) -> View:
    stamps = pd.DatetimeIndex(pd.to_datetime(frame["timestamp"]))
    if stamps.tz is None:
        stamps = stamps.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    table = pd.DataFrame(
        {"item_id": "one", "timestamp": stamps.tz_convert("UTC"), "target": frame["y"].to_numpy(float)}
    )
    table = table.dropna(subset=["timestamp"]).drop_duplicates("timestamp")
    task = Task(
        horizon=horizon, freq="h", seasonality=(24, 168), country=country, time_zone=zone, weather_mode="none"
    )
    return make_view(table.sort_values("timestamp", ignore_index=True), task)


def ratios(view: View, horizon: int) -> tuple[dict[str, float], dict[str, float]]:
    """Error of each row against the better copy, and the CPU-seconds of each member."""
    number, step, refit = WINDOWS[horizon]
    last = view.raw.shape[1] - 1 - horizon
    windows = Windows(positions=last - step * np.arange(number)[::-1], horizon=horizon, refit=refit)
    came = actuals(view, windows.positions, horizon)
    made, seconds = {}, {}
    for words, (name, settings) in MEMBERS.items():
        started = time.process_time()
        made[words] = roll(build(name, settings), view, windows, view.task).mean
        seconds[words] = time.process_time() - started
    rows = dict(made)
    for count in range(FEWEST, len(MEDIANS) + 1):
        added = MEDIANS[count - 1] if count > FEWEST else ", ".join(MEDIANS[:FEWEST])
        rows[f"median with {added}" if count > FEWEST else f"median of {added}"] = np.median(
            np.stack([made[one] for one in MEDIANS[:count]]), axis=0
        )
    steps = np.arange(1, horizon + 1)
    copies = [
        np.nanmean(
            np.abs(came - view.raw[:, windows.positions[:, None] + steps - s * -(-steps // s)].swapaxes(0, 1))
        )
        for s in (24, 168)
    ]
    better = min(copies)
    return {words: float(np.nanmean(np.abs(came - one)) / better) for words, one in rows.items()}, seconds


def ablation(folder: Path, horizon: int) -> pd.DataFrame:
    """Geometric means over the stretches."""
    found, spent = [], []
    for name, (frame, country, zone) in stretches(folder).items():
        errors, seconds = ratios(view_of(frame, country, zone, horizon), horizon)
        found.append(errors)
        spent.append(seconds)
        print(f"{name}: " + ", ".join(f"{words} {value:.3f}" for words, value in errors.items()), flush=True)
    table = pd.DataFrame(found)
    means = np.exp(np.log(table).mean())
    worst = table.max()
    cost = pd.DataFrame(spent).sum()
    return pd.DataFrame(
        {
            "horizon": horizon, "what": table.columns, "ratio": means.to_numpy(), "largest": worst.to_numpy(),
            "CPU-seconds": [cost.get(words, np.nan) for words in table.columns],
        }
    )  # fmt: skip


def main() -> None:
    if "HOURCAST_DATA" not in os.environ:
        raise SystemExit("Set HOURCAST_DATA to the folder with the data sets of docs/benchmarks.md.")
    RESULTS.mkdir(exist_ok=True)
    folder = Path(os.environ["HOURCAST_DATA"])
    for horizon in [int(word) for word in sys.argv[1:]] or list(WINDOWS):
        table = ablation(folder, horizon)
        part = f"ablation_{horizon}"
        print(table.round(4).to_string(index=False))
        show(part, table.astype(object).where(table.notna(), ""))
        table.assign(machine=machine()).to_csv(RESULTS / f"{part}.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
