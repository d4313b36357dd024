"""The figures of docs/intervals.md: coverage and sharpness of intervals over more than 300 days of ten series.

    HOURCAST_DATA=folder python benchmarks/intervals.py             about four minutes of one core
    HOURCAST_DATA=folder python benchmarks/intervals.py vic_elec    some series by name, the others as they were

One point forecaster for every method, fitted anew every 60 days on what came before, one cutoff a day. Everything a
method learns at a cutoff it learns from errors that had been made by then. The last 330 cutoffs of each series are
reported; whatever has a number in it was chosen on the days before them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
from scipy.stats import norm

from backtests.backtest import actuals, part, roll
from backtests.calibration import THIRDS, thirds
from backtests.task import Task
from backtests.view import View, make_view
from backtests.windows import Windows
from forecasting.forecasters import build
from forecasting.intervals import errors_of, rolling
from forecasting.local_scale import scales
from forecasting.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from backtests.forecaster import Forecasts

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "benchmarks" / "results", ROOT / "docs" / "intervals.md"
DAY, REPORTED, REFIT = 24, 330, 60
#: Days before the first cutoff, and readings used at most.
WARM, MOST = 120, 3 * 8760
#: Errors of a step that the alternatives keep, and cutoffs before the reported ones for the adaptive one to run in.
KEPT, RUN_IN = 120, 60
LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LOW, HIGH = LEVELS.index(0.1), LEVELS.index(0.9)
OURS, ROOT_METHOD = "hourcast", "Gaussian, root of the horizon"


def _parquet(folder: Path, name: str, **only: str) -> pd.DataFrame:
    where = " AND ".join(f"{column} = '{value}'" for column, value in only.items()) or "true"
    query = f"SET TimeZone='UTC'; SELECT timestamp, y AS target FROM '{folder / name}' WHERE {where}"
    return duckdb.sql(query).df()


def _csv(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, parse_dates=["timestamp"]).rename(columns={"y": "target"})


def _eia(folder: Path, name: str) -> pd.DataFrame:
    return _parquet(folder, "eia_us_utilities.parquet", series_id=name)


#: Named before any figure was seen: every hourly series of two years or more of the data folder that has a name of
#: its own, four areas of the EIA, one of four counters of pedestrians. Time zone, country.
SERIES: dict[str, tuple[Callable[[Path], pd.DataFrame], str, str | None]] = {
    "vic_elec": (partial(_parquet, name="vic_elec.parquet"), "Australia/Melbourne", "AU-VIC"),
    "gefcom2014_e": (partial(_parquet, name="gefcom2014_e.parquet"), "UTC", "US"),
    "rte_france": (partial(_parquet, name="rte_france.parquet"), "UTC", "FR"),
    "pjm_dayton": (partial(_csv, name="pjm_dayton_messy.csv.gz"), "UTC", "US"),
    "eia CISO": (partial(_eia, name="CISO"), "America/Los_Angeles", "US-CA"),
    "eia BPAT": (partial(_eia, name="BPAT"), "America/Los_Angeles", "US-WA"),
    "eia FPL": (partial(_eia, name="FPL"), "America/New_York", "US-FL"),
    "polito_campus": (partial(_parquet, name="polito_campus_15min.parquet"), "UTC", "IT"),
    "pedestrian Southern Cross": (
        partial(_parquet, name="pedestrian_melbourne.parquet", series_id="Southern Cross Station"),
        "Australia/Melbourne",
        "AU-VIC",
    ),
    "bike_sharing": (partial(_csv, name="bike_sharing.csv.gz"), "UTC", "US"),
}


@dataclass(frozen=True, kw_only=True)
class Made:
    """Point forecasts of one series, one cutoff a day, and what came."""

    view: View
    forecasts: Forecasts
    actual: np.ndarray


def made_of(name: str, folder: Path, horizon: int = 168) -> Made:
    """Read, prepare and forecast one series."""
    read, zone, country = SERIES[name]
    frame = read(folder)[["timestamp", "target"]]
    if frame["timestamp"].dt.tz is None:
        frame["timestamp"] = frame["timestamp"].dt.tz_localize("UTC")
    hourly = frame.dropna().set_index("timestamp").resample("h").mean()["target"].iloc[-MOST:].reset_index()
    prepared = prepare(hourly.assign(item_id=name), freq="h")
    task = Task(
        horizon=horizon, freq="h", seasonality=(24, 168), time_zone=zone, country=country, weather_mode="none"
    )
    view = make_view(prepared.history, task, faulty=prepared.faulty)
    last = view.raw.shape[1] - 1 - horizon
    positions = np.arange(last - DAY * ((last - WARM * DAY) // DAY), last + 1, DAY)
    windows = Windows(positions=positions, horizon=horizon, refit=REFIT)
    forecasts = roll(build("deviation_ridge", {"same_phase": True, "penalty": 0.1}), view, windows, task)
    return Made(view=view, forecasts=forecasts, actual=actuals(view, positions, horizon))


def sliced(made: Made, horizon: int) -> Made:
    """The first steps of the forecasts, as if no more had been asked for."""
    task = replace(made.view.task, horizon=horizon)
    forecasts = replace(
        made.forecasts,
        mean=made.forecasts.mean[:, :, :horizon],
        timestamps=made.forecasts.timestamps[:, :horizon],
        asked=None,
    )
    return Made(view=replace(made.view, task=task), forecasts=forecasts, actual=made.actual[:, :, :horizon])


def ours(made: Made) -> np.ndarray:
    """Quantiles of the reported cutoffs by the product's own code. ``[C, H, Q]``."""
    task = replace(made.view.task, quantile_levels=LEVELS)
    reported = part(made.forecasts, slice(-REPORTED, None))
    return rolling(made.view, reported, errors_of(made.view, made.forecasts), task)[:, 0]


def trailing(values: np.ndarray, step: int) -> np.ndarray:
    """For each cutoff of the alternatives, the last errors of a step that were known there. ``[C, KEPT]``."""
    late = step // DAY + 1
    rows = np.arange(len(values) - REPORTED - RUN_IN, len(values))[:, None] - late - np.arange(KEPT)[::-1]
    return np.where(rows >= 0, values[np.maximum(rows, 0), step], np.nan)


def conformal(count: np.ndarray) -> np.ndarray:
    """Levels moved outwards for a finite sample. ``[Q]``."""
    n, q = float(np.median(count)), np.array(LEVELS)
    return np.clip(
        np.where(q < 0.5, np.floor(q * (n + 1)), np.where(q > 0.5, np.ceil(q * (n + 1)), q * n)) / n, 0, 1
    )


def per_step(errors: np.ndarray, *, decay: float | None = None) -> np.ndarray:
    """Quantiles of each step by itself; with a decay the older errors weigh less (NexCP). ``[C, H, Q]``."""
    made = []
    for step in range(errors.shape[1]):
        kept = trailing(errors, step)
        levels = conformal(np.isfinite(kept).sum(axis=1))
        made.append(quantiles_of(kept, levels) if decay is None else weighted(kept, levels, decay))
    return np.stack(made, axis=1)


def quantiles_of(kept: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """``numpy.nanquantile`` of each row, at a tenth of its time. ``[C, Q]``."""
    ranked, last = np.sort(kept, axis=1), np.isfinite(kept).sum(axis=1)[:, None] - 1
    place = levels * last
    low = np.clip(np.floor(place).astype(int), 0, None)
    below, above = (np.take_along_axis(ranked, at, axis=1) for at in (low, np.minimum(low + 1, np.maximum(last, 0))))
    return below + (place - low) * (above - below)


def weighted(kept: np.ndarray, levels: np.ndarray, decay: float) -> np.ndarray:
    """Weighted quantiles of each row. ``[C, Q]``."""
    order = np.argsort(kept, axis=1)
    weights = np.where(np.isfinite(kept), decay ** np.arange(KEPT)[::-1], 0.0)
    sums = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    shares = (sums - 0.5 * np.take_along_axis(weights, order, axis=1)) / sums[:, -1:]
    sorted_ = np.take_along_axis(kept, order, axis=1)
    found = [np.isfinite(row) for row in sorted_]
    return np.stack(
        [np.interp(levels, share[row], value[row]) for share, value, row in zip(shares, sorted_, found, strict=True)]
    )


def by_block(errors: np.ndarray) -> np.ndarray:
    """Quantiles of each block of the horizon. ``[C, H, Q]``."""
    horizon = errors.shape[1]
    made = []
    for start, end in pairwise([0, *[end for end in (6, 24, 72) if end < horizon], horizon]):
        kept = np.concatenate([trailing(errors, step) for step in range(start, end)], axis=1)
        found = quantiles_of(kept, np.array(LEVELS))
        made.append(np.repeat(found[:, None], end - start, axis=1))
    return np.concatenate(made, axis=1)


def spread(errors: np.ndarray) -> np.ndarray:
    """Standard deviation of each step. ``[C, H]``."""
    return np.stack([np.nanstd(trailing(errors, step), axis=1) for step in range(errors.shape[1])], axis=1)


def adaptive(offsets: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Widths by block that follow what they held (step 0.04 on the logarithm). ``[C, H, Q]``."""
    horizon, made = errors.shape[1], offsets.copy()
    errors = errors[-len(offsets) :]
    for start, end in pairwise([0, *[end for end in (6, 24, 72) if end < horizon], horizon]):
        late, log_width = (end - 1) // DAY + 1, 0.0
        for row in range(len(offsets)):
            if row >= late:
                error, band = errors[row - late, start:end], made[row - late, start:end]
                held = (error >= band[:, LOW]) & (error <= band[:, HIGH])
                if np.isfinite(error).any():
                    log_width += 0.04 * (0.8 - held[np.isfinite(error)].mean())
            made[row, start:end] *= np.exp(log_width)
    return made


def alternatives(made: Made) -> dict[str, np.ndarray]:
    """Quantiles of the reported cutoffs by other methods, on the same point forecasts. ``[C, H, Q]`` each."""
    error = made.actual[:, 0] - made.forecasts.mean[:, 0]
    scale = scales(made.view, made.forecasts.cutoffs)[:, 0]
    scaled, now = error / scale, scale[-REPORTED - RUN_IN :, :, None]
    normal = norm.ppf(LEVELS)
    first = np.nanstd(trailing(error, 0)[:, -60:], axis=1)
    root = np.sqrt(np.arange(1, error.shape[1] + 1))
    scaled_steps = per_step(scaled)
    found = {
        ROOT_METHOD: first[:, None, None] * root[None, :, None] * normal,
        "Gaussian, each step": spread(error)[..., None] * normal,
        "conformal, each step": per_step(error),
        "conformal, scaled, by block": by_block(scaled) * now,
        "conformal, scaled, each step": scaled_steps * now,
        "conformal, scaled, each step, weighted by age (NexCP)": per_step(scaled, decay=0.98) * now,
        "conformal, scaled, each step, adaptive": adaptive(scaled_steps, scaled) * now,
    }
    lowest = 0.0 if np.nanmin(made.view.raw) >= 0 else -np.inf
    around = made.forecasts.mean[-REPORTED:, 0, :, None]
    return {k: np.maximum(np.sort(around + v[-REPORTED:], axis=-1), lowest) for k, v in found.items()}


def scores(name: str, method: str, quantiles: np.ndarray, actual: np.ndarray, mean: np.ndarray) -> dict[str, object]:
    """Coverage, width and weighted quantile loss over the deciles; coverage by hour and by third of the load."""
    found = np.isfinite(actual)
    inside = (actual >= quantiles[..., LOW]) & (actual <= quantiles[..., HIGH])
    deciles = np.array(LEVELS[LOW : HIGH + 1])
    error = actual[..., None] - quantiles[..., LOW : HIGH + 1]
    loss = np.maximum(deciles * error, (deciles - 1) * error)[found]
    hours = {f"hour {hour}": float(inside[:, hour::DAY][found[:, hour::DAY]].mean()) for hour in range(DAY)}
    third = thirds(mean[:, None])[:, 0]
    loads = {f"load {word}": float(inside[found & (third == 1 + k)].mean()) for k, word in enumerate(THIRDS)}
    return {
        "series": name,
        "horizon": actual.shape[1],
        "method": method,
        "days": len(actual),
        "readings": int(found.sum()),
        "coverage_80": float(inside[found].mean()),
        "coverage_90": float(((actual >= quantiles[..., 0]) & (actual <= quantiles[..., -1]))[found].mean()),
        "wql": float(2 * loss.mean() / np.abs(actual[found]).mean()),
        "width_80": float((quantiles[..., HIGH] - quantiles[..., LOW])[found].mean() / np.abs(actual[found]).mean()),
        **hours,
        **loads,
    }


def measured(folder: Path, names: list[str]) -> pd.DataFrame:
    """Every method on some series, a day and a week ahead."""
    rows = []
    for name in names:
        whole = made_of(name, folder)
        for horizon in (24, 168):
            made = sliced(whole, horizon)
            actual = made.actual[-REPORTED:, 0]
            lowest = 0.0 if np.nanmin(made.view.raw) >= 0 else -np.inf
            found = {OURS: np.maximum(ours(made), lowest), **alternatives(made)}
            mean = made.forecasts.mean[-REPORTED:, 0]
            rows += [scores(name, method, quantiles, actual, mean) for method, quantiles in found.items()]
        print(name, flush=True)
    return pd.DataFrame(rows)


def by_method(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each horizon and method; WQL against the two yardsticks, geometric mean over the series."""
    hours = [name for name in table.columns if name.startswith("hour ")]
    wql = table.pivot_table(index=["horizon", "series"], columns="method", values="wql")
    rows = []
    for (horizon, method), group in table.groupby(["horizon", "method"], sort=False):
        ratio = np.log(wql.loc[horizon][method] / wql.loc[horizon][ROOT_METHOD])
        by_hour = np.average(group[hours], weights=group["readings"], axis=0)
        rows.append(
            {
                "steps": horizon,
                "method": method,
                "80 % holds": np.average(group["coverage_80"], weights=group["readings"]),
                "series from": group["coverage_80"].min(),
                "series to": group["coverage_80"].max(),
                "hours from": by_hour.min(),
                "hours to": by_hour.max(),
                "hours of a series from": group[hours].min().min(),
                "hours of a series to": group[hours].max().max(),
                "90 % holds": np.average(group["coverage_90"], weights=group["readings"]),
                "WQL against the first": float(np.exp(ratio.mean())),
            }
        )
    found = pd.DataFrame(rows)
    found["against the best other"] = [
        row["WQL against the first"]
        / found[(found["steps"] == row["steps"]) & (found["method"] != OURS)]["WQL against the first"].min()
        for _, row in found.iterrows()
    ]
    return found.sort_values(["steps", "WQL against the first"]).reset_index(drop=True)


def by_series(table: pd.DataFrame) -> pd.DataFrame:
    """What ours held on each series, in all and by third of the load."""
    mine = table[table["method"] == OURS]
    words = {"coverage_80": "80 % holds", **{f"load {word}": f"{word} load" for word in THIRDS}, "wql": "WQL"}
    found = mine.pivot_table(index="series", columns="horizon", values=list(words), sort=False)
    found = found[[(name, steps) for steps in (24, 168) for name in words]]
    found.columns = [f"{words[name]}, {steps} steps" for name, steps in found.columns]
    return found.reset_index()


def show(part_: str, table: pd.DataFrame, page: Path = PAGE) -> None:
    """Put a table into its place in a page of the documentation."""
    text = page.read_text(encoding="utf-8")
    start, end = f"<!-- {part_} -->\n", f"<!-- end of {part_} -->"
    before, rest = text.split(start)
    cells = [[f"{x:.3f}" if isinstance(x, float) else str(x) for x in row] for row in table.to_numpy(object)]
    lines = [" | ".join(row) for row in [list(table.columns), ["---"] * table.shape[1], *cells]]
    made = "".join(f"| {line} |\n" for line in lines)
    page.write_text(before + start + made + end + rest.split(end)[1], encoding="utf-8")


def main() -> None:
    if "HOURCAST_DATA" not in os.environ:
        raise SystemExit("Set HOURCAST_DATA to the folder with the data sets of docs/benchmarks.md.")
    RESULTS.mkdir(exist_ok=True)
    names, file = sys.argv[1:] or list(SERIES), RESULTS / "intervals.csv"
    table = measured(Path(os.environ["HOURCAST_DATA"]), names)
    if sys.argv[1:] and file.exists():
        kept = pd.read_csv(file)
        table = pd.concat([kept[~kept["series"].isin(names)], table])
    table = table.sort_values("series", key=lambda one: one.map(list(SERIES).index), kind="stable")
    table.to_csv(file, index=False, float_format="%.5g")
    methods, series = by_method(table), by_series(table)
    print(methods.round(4).to_string(index=False), series.round(4).to_string(index=False), sep="\n\n")
    show("methods", methods)
    show("series", series)


if __name__ == "__main__":
    main()
