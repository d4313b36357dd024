"""What searching on gives, what it takes and how much memory: on stretches that are reported nowhere else.

    python benchmarks/search.py             all of it
    python benchmarks/search.py curve       one part: curve, fast, memory

``curve``: the portfolio is tried once; then ten seeds of Optuna's TPE and of random search go on from there. After
every batch the forecast that would be made is judged on the 28 days that follow, which no candidate was tried on.
``fast``: ``hourcast forecast --preset fast`` on 3,600 rows, from the start of the process to the CSV.
``memory``: proportional set size of ``hourcast backtest`` and its workers together, at its peak.
HOURCAST_DATA is the folder of docs/benchmarks.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from ablation import HOURS, view_of
from run import HOURCAST, RESULTS, ROOT, SETS, WINDOWS, machine, parquet, show

import forecasting.study
from backtests.backtest import actuals, roll
from backtests.windows import Windows, plan_selection
from forecasting.choose import best_together
from forecasting.ensemble import combined
from forecasting.forecasters import build
from forecasting.search import Limits, Search
from forecasting.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.view import FloatArray, View
    from forecasting.tried import Tried

SEEDS, TRIALS, HORIZON, JUDGED = 10, 24, 24, 28
SAMPLERS = ("TPE", "random")
#: Trials before Optuna's TPE takes over; with this many it never does, which is its random search.
NEVER = 1_000_000


@dataclass
class Runs:
    """Searches on one series, all judged on the same days after it."""

    view: View
    seen: dict[str, FloatArray] = field(default_factory=dict)
    started: float = 0.0

    def __post_init__(self) -> None:
        last = self.view.raw.shape[1] - 1 - HORIZON
        self.judged = Windows(positions=last - 24 * np.arange(JUDGED)[::-1], horizon=HORIZON)
        self.past = self.view.until(self.view.cutoffs(self.judged.positions[:1])[0])
        self.selection = plan_selection(self.past.raw.shape[1], self.view.task)
        self.came = actuals(self.view, self.judged.positions, HORIZON)
        copies = [
            roll(build("seasonal_naive", {"season": s}), self.view, self.judged, self.view.task).mean
            for s in (24, 168)
        ]
        self.copy = min(self._miss(one) for one in copies)

    def _miss(self, made: FloatArray) -> float:
        return float(np.nanmean(np.abs(self.came - made)))

    def error(self, tried: Sequence[Tried], first: int) -> float:
        """Error on the days after, of what these candidates come to, by that of the better copy."""
        with Workers(jobs=1) as workers:
            found = best_together(tried, first, self.past, self.view.task, self.selection, workers)
        made = [self._forecast(one) for one in found.members]
        return self._miss(combined(made, found.shares, found.weights)) / self.copy

    def _forecast(self, one: Tried) -> FloatArray:
        key = f"{one.name} {one.settings}"
        if key not in self.seen:
            self.seen[key] = roll(build(one.name, one.settings), self.view, self.judged, self.view.task).mean
        return self.seen[key]

    def search(self, journal: Path, seed: int, trials: int | None) -> list[tuple[int, int, float, float]]:
        """Candidates, how many of them are the portfolio, CPU-seconds and error after each batch."""
        found: list[tuple[int, int, list[Tried], float]] = []
        started = time.process_time()
        with Workers(jobs=1) as workers:
            search = Search(
                view=self.past, task=self.view.task, windows=self.selection, workers=workers, seed=seed,
                file=journal, limits=Limits(deadline=float("inf"), trials=trials),
                report=lambda tried: found.append(
                    (len(tried), search.first, list(tried), time.process_time() - started)
                ),
            )  # fmt: skip
            search.run()
        return [(count, first, spent, self.error(tried, first)) for count, first, tried, spent in found]


def stretches(folder: Path) -> dict[str, tuple[pd.DataFrame, str | None, str]]:
    """Readings, country and time zone of two stretches, by name."""
    buildings = pd.read_csv(folder / "bdg2_two_buildings.csv.gz")
    building = buildings[buildings["series_id"] == "building_2"].iloc[HOURS:]
    state = parquet(folder / "vic_elec.parquet").set_index("timestamp")[["y"]].resample("h").mean().reset_index()
    return {
        "building_2, after 3,600 hours": (building, None, "UTC"),
        "vic_elec, 2012": (state.iloc[5000 : 5000 + HOURS], "AU-VIC", "Australia/Melbourne"),
    }


def curve(folder: Path) -> pd.DataFrame:
    """Median over seeds of the error after so many candidates."""
    rows = []
    for name, (frame, country, zone) in stretches(folder).items():
        rows += searches(name, Runs(view_of(frame, country, zone, HORIZON)))
    table = pd.DataFrame(rows)
    RESULTS.mkdir(exist_ok=True)
    table.assign(machine=machine()).to_csv(RESULTS / "search_runs.csv", index=False, float_format="%.5g")
    some = table.groupby(["series", "candidates", "sampler"], sort=False)
    made = some.agg(
        seconds=("CPU-seconds", "median"), ratio=("ratio", "median"), best=("ratio", "min"), worst=("ratio", "max")
    )
    return made.reset_index().rename(columns={"seconds": "CPU-seconds"})


def searches(name: str, runs: Runs) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        portfolio = Path(scratch) / "portfolio.log"
        task, zeros = runs.view.task, float(np.mean(runs.past.raw == 0))
        count = len(forecasting.search.portfolio(task, int(runs.selection.positions[0]) + 1, zeros))
        spent = 0.0
        for tried, _, spent, error in runs.search(portfolio, 0, count):
            rows.append(row(name, tried, "portfolio", 0, spent, error))
            print(rows[-1], flush=True)
        usual = forecasting.study.RANDOM_TRIALS
        for sampler in SAMPLERS:
            forecasting.study.RANDOM_TRIALS = NEVER if sampler == "random" else usual
            for seed in range(SEEDS):
                journal = Path(scratch) / f"{sampler}{seed}.log"
                shutil.copy(portfolio, journal)
                found = runs.search(journal, seed, count + TRIALS)
                rows += [row(name, tried, sampler, seed, spent + more, error) for tried, _, more, error in found]
                print(rows[-1], flush=True)
        forecasting.study.RANDOM_TRIALS = usual
    return rows


def row(name: str, tried: int, sampler: str, seed: int, spent: float, error: float) -> dict[str, object]:
    return {
        "series": name, "candidates": tried, "sampler": sampler, "seed": seed, "CPU-seconds": spent, "ratio": error,
    }  # fmt: skip


def fast(folder: Path) -> pd.DataFrame:
    """Seconds of three runs each on a warm disk."""
    rows = []
    for name in ("bdg2 building_1 (3,600 rows)", "bdg2 building_2 (3,600 rows)"):
        frame, options = SETS[name](folder)
        with tempfile.TemporaryDirectory() as scratch:
            file, out = Path(scratch) / "meter.csv", Path(scratch) / "forecast.csv"
            frame.to_csv(file, index=False)
            command = [*HOURCAST, "forecast", str(file), *options, "--preset", "fast", "--output", str(out)]
            times = []
            for _ in range(3):
                started = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
                times.append(time.perf_counter() - started)
                out.unlink()
        rows.append({"data": name, "seconds, median of three": sorted(times)[1], "slowest": max(times)})
    return pd.DataFrame(rows)


def memory(folder: Path) -> pd.DataFrame:
    frame, options = SETS["vic_elec (hourly)"](folder)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "meter.csv"
        frame.to_csv(file, index=False)
        command = [*HOURCAST, "backtest", str(file), *options, *WINDOWS]
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
        peak = 0
        while run.poll() is None:
            peak = max(peak, held(run.pid))
            time.sleep(0.1)
    if run.returncode:
        raise SystemExit(f"vic_elec: exit {run.returncode}")
    return pd.DataFrame([{"data": "vic_elec (hourly)", "rows": len(frame), "GiB at the peak": peak / 2**20}])


def held(pid: int) -> int:
    """Proportional set size of a process and all below it [KiB]."""
    try:
        own = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    sizes = [int(line.split()[1]) for line in own.splitlines() if line.startswith("Pss:")]
    return sum(sizes) + sum(held(int(child)) for child in children)


PARTS = {"curve": curve, "fast": fast, "memory": memory}


def main() -> None:
    if "HOURCAST_DATA" not in os.environ:
        raise SystemExit("Set HOURCAST_DATA to the folder with the data sets of docs/benchmarks.md.")
    for part in sys.argv[1:] or list(PARTS):
        table = PARTS[part](Path(os.environ["HOURCAST_DATA"]))
        print(f"\n{part} ({machine()})\n{table.round(4).to_string(index=False)}\n", flush=True)
        show(f"search_{part}", table.astype(object).where(table.notna(), ""))
        table.assign(machine=machine()).to_csv(RESULTS / f"search_{part}.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
