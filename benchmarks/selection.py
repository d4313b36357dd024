"""Does the choice overfit? Skill on the windows that chose, and on windows that chose nothing, on twenty series.

    HOURCAST_DATA=folder python benchmarks/selection.py          about ten minutes of one core
    HOURCAST_DATA=folder python benchmarks/selection.py NAME     one series

The last 3,600 hours of each series, a day ahead; all is chosen on what precedes the last 28 days, which judge.
Both skills are against the same baseline, repeating last week, named before.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from intervals import SERIES, _eia, _parquet

from backtests.backtest import losses
from forecasting.automl import AutoForecaster
from forecasting.choose import copy_forecasts

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PICTURE = ROOT / "benchmarks" / "results" / "selection.csv", ROOT / "docs" / "selection.svg"
BASELINE, ROWS, WINDOWS = "repeating last week", 3600, 28


def _plain(folder: Path, name: str, column: str, **only: str) -> pd.DataFrame:
    frame = pd.read_csv(folder / name, parse_dates=["timestamp"])
    for key, value in only.items():
        frame = frame[frame[key] == value]
    return frame[["timestamp", column]].rename(columns={column: "target"})


def _counter(folder: Path, name: str) -> pd.DataFrame:
    return _parquet(folder, "pedestrian_melbourne.parquet", series_id=name)


READERS = {
    **{name: reader for name, (reader, _, _) in SERIES.items()},
    "belgian_house": partial(_plain, name="belgian_house_hourly.csv.gz", column="y"),
    "bdg2 building_1": partial(_plain, name="bdg2_two_buildings.csv.gz", column="y", series_id="building_1"),
    "bdg2 building_2": partial(_plain, name="bdg2_two_buildings.csv.gz", column="y", series_id="building_2"),
    "etth1 HUFL": partial(_plain, name="etth1.csv.gz", column="HUFL"),
    "pedestrian Birrarung Marr": partial(_counter, name="Birrarung Marr"),
    "pedestrian Bourke Street": partial(_counter, name="Bourke Street Mall (North)"),
    "pedestrian QV Market": partial(_counter, name="QV Market-Elizabeth St (West)"),
    "eia DUK": partial(_eia, name="DUK"),
    "eia MISO": partial(_eia, name="MISO"),
    "eia TVA": partial(_eia, name="TVA"),
}


def measured(name: str, folder: Path) -> dict[str, object]:
    """Both skills of one series."""
    frame = (
        READERS[name](folder)[["timestamp", "target"]]
        .dropna()
        .set_index("timestamp")
        .resample("h")
        .mean()
        .iloc[-ROWS:]
        .reset_index()
    )
    model = AutoForecaster("target", horizon=24, trials=9, time_limit=600, jobs=1)
    result = model.backtest(frame, windows=WINDOWS, step=24, refit=7)
    choice, case = model.choice, model.case
    until = case.view.until(
        case.view.grid[int(case.view.positions(pd.DatetimeIndex(result.forecasts["cutoff"]))[0])]
    )
    copy = losses(copy_forecasts(until, case.task, choice.windows)[BASELINE], until, case.task)
    both = np.isfinite(copy) & np.isfinite(choice.loss)
    return {
        "series": name,
        "selection windows": int(both.sum()),
        "skill on them": 1 - float(choice.loss[both].mean() / copy[both].mean()),
        "final windows": result.windows,
        "skill on these": 1 - result.scores["mae"] / result.baselines[BASELINE]["mae"],
    }


def scatter(table: pd.DataFrame) -> str:
    """Skill on final windows over that on selection windows, as SVG; on the line the choice flatters nobody."""
    size, edge = 420, 52
    points = table[["skill on them", "skill on these"]].to_numpy(float)
    low, high = min(0.0, np.floor(points.min() * 5) / 5), np.ceil(points.max() * 5) / 5

    def at(x: float, y: float) -> tuple[float, float]:
        span = (size - 2 * edge) / (high - low)
        return edge + (x - low) * span, size - edge - (y - low) * span

    parts = []
    for value in np.arange(low, high + 0.01, 0.2):
        (x, bottom), (left, y) = at(value, low), at(low, value)
        parts.append(f'<path d="M{x:.1f} {bottom:.1f}V{edge}M{left:.1f} {y:.1f}H{size - edge}" stroke="#e3e3e3"/>')
        label = f"{100 * value:.0f} %"
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{label}</text>')
        parts.append(f'<text x="{left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    (x0, y0), (x1, y1) = at(low, low), at(high, high)
    parts.append(f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" stroke="#888" stroke-dasharray="4 4"/>')
    for name, (x, y) in zip(table["series"], points, strict=True):
        cx, cy = at(x, y)
        parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="4.5" fill="#4a7fb5"><title>{name}</title></circle>')
    middle = size / 2
    parts.append(f'<text x="{middle}" y="{size - 12}" text-anchor="middle">skill on the windows that chose</text>')
    turned = f'transform="rotate(-90 14 {middle})"'
    parts.append(
        f'<text x="14" y="{middle}" text-anchor="middle" {turned}>skill on windows that chose nothing</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" role="img" '
        f'aria-label="Skill on final windows against skill on selection windows, {len(table)} series" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="#333">{"".join(parts)}</svg>\n'
    )


def main() -> None:
    folder = Path(os.environ["HOURCAST_DATA"])
    names = sys.argv[1:] or list(READERS)
    fresh = pd.DataFrame([measured(name, folder) for name in names])
    kept = pd.read_csv(RESULTS) if RESULTS.exists() and sys.argv[1:] else pd.DataFrame(columns=fresh.columns)
    table = pd.concat([kept[~kept["series"].isin(names)], fresh] if len(kept) else [fresh], ignore_index=True)
    table = table.sort_values("series", key=lambda series: series.map(list(READERS).index)).reset_index(drop=True)
    table.to_csv(RESULTS, index=False, float_format="%.4g")
    PICTURE.write_text(scatter(table), encoding="utf-8")
    optimism = table["skill on them"] - table["skill on these"]
    print(f"{len(table)} series: mean optimism {optimism.mean():.3f}, standard error {optimism.sem():.3f}")


if __name__ == "__main__":
    main()
