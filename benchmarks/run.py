"""The figures of docs/benchmarks.md: backtests on open data against copying, start-up times, size installed.

    make bench HOURCAST_DATA=folder        all of it, about ten minutes on two cores
    python benchmarks/run.py backtests     one part: backtests, startup, size

The data sets are not part of this repository; docs/benchmarks.md says what each file is and where it comes from.
Every figure is of the command a user would type, in a process of its own, one at a time.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import requires, version
from pathlib import Path

import duckdb
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
HOURCAST = [sys.executable, "-c", "from forecasting.cli import main; main()"]
WINDOWS = ["--windows", "20", "--step", "24", "--horizon", "24", "--time-limit", "60"]


def parquet(path: Path) -> pd.DataFrame:
    return duckdb.sql(f"SET TimeZone='UTC'; SELECT * FROM '{path}'").df()


def belgian_house(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    frame = pd.read_csv(folder / "belgian_house_hourly.csv.gz")
    parts = "appliances_wh,lights_wh"  # parts of the target
    return frame, ["--target", "y", "--weather", "temperature,humidity,dew_point,wind_speed,pressure_mmhg",
                   "--ignore", parts, "--time-zone", "Europe/Brussels", "--country", "BE"]  # fmt: skip


def building(folder: Path, number: int) -> tuple[pd.DataFrame, list[str]]:
    frame = pd.read_csv(folder / "bdg2_two_buildings.csv.gz")
    frame = frame[frame["series_id"] == f"building_{number}"].head(3600)
    return frame.drop(columns="series_id"), ["--target", "y"]


def vic_elec(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    frame = parquet(folder / "vic_elec.parquet")
    hourly = frame.set_index("timestamp")[["y", "temperature"]].resample("h").mean().reset_index()
    return hourly, [
        "--target",
        "y",
        "--weather",
        "temperature",
        "--time-zone",
        "Australia/Melbourne",
        "--country",
        "AU-VIC",
    ]


def gefcom(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    frame = parquet(folder / "gefcom2014_e.parquet").dropna(subset=["y"])
    return frame, ["--target", "y", "--weather", "temperature_f", "--country", "US"]


SETS = {
    "belgian_house_hourly": belgian_house,
    "bdg2 building_1 (3,600 rows)": lambda folder: building(folder, 1),
    "bdg2 building_2 (3,600 rows)": lambda folder: building(folder, 2),
    "vic_elec (hourly)": vic_elec,
    "gefcom2014_e": gefcom,
}


def one_backtest(name: str, folder: Path, scratch: Path) -> dict[str, object]:
    """Run ``hourcast backtest`` on one set as a user would; seconds are of the whole process."""
    frame, options = SETS[name](folder)
    file = scratch / "meter.csv"
    frame.to_csv(file, index=False)
    started = time.perf_counter()
    command = [*HOURCAST, "backtest", str(file), *options, *WINDOWS, "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    seconds = time.perf_counter() - started
    if run.returncode:
        raise SystemExit(f"{name}: exit {run.returncode}: {run.stderr}")
    found = json.loads(run.stdout)
    copies = {words: scores["mae"] for words, scores in found["baselines"].items()}
    return {
        "data": name,
        "rows": len(frame),
        "mae": found["scores"]["mae"],
        **{f"mae of {words}": mae for words, mae in copies.items()},
        "ratio to the better": found["scores"]["mae"] / min(copies.values()),
        "coverage of 80 %": found["scores"]["coverage_80"],
        "seconds": seconds,
    }


def backtests(folder: Path) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as scratch:
        rows = []
        for name in [name for name in SETS if os.environ.get("HOURCAST_ONLY", "") in name]:
            rows.append(one_backtest(name, folder, Path(scratch)))
            print(
                f"{name}: {rows[-1]['ratio to the better']:.3f} of the better copy, {rows[-1]['seconds']:.0f} s",
                flush=True,
            )
    return pd.DataFrame(rows)


def startup() -> pd.DataFrame:
    """Median seconds of seven runs on a warm disk, beside a bare interpreter and pandas."""
    wanted = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import forecasting": [sys.executable, "-c", "import forecasting"],
        "hourcast --help": [*HOURCAST, "--help"],
        "import pandas (for comparison)": [sys.executable, "-c", "import pandas"],
    }
    rows = []
    for name, command in wanted.items():
        times = []
        for _ in range(8):
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
            times.append(time.perf_counter() - started)
        rows.append({"what": name, "seconds": sorted(times[1:])[3]})
    table = pd.DataFrame(rows)
    table["ratio to python -c pass"] = table["seconds"] / table["seconds"].iloc[0]
    return table


def size() -> pd.DataFrame:
    """Size of a core install: every distribution hourcast needs without extras, bytecode included."""
    from importlib.metadata import PackageNotFoundError, distribution

    from packaging.requirements import Requirement

    todo, seen = ["hourcast"], {}
    while todo:
        name = todo.pop()
        if name.lower() in seen:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        seen[name.lower()] = sum(
            path.stat().st_size for file in found.files or [] if (path := Path(str(file.locate()))).is_file()
        )
        for line in requires(name) or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                todo.append(need.name)
    total = sum(seen.values()) / 1e6
    biggest = sorted(seen.items(), key=lambda item: -item[1])[:5]
    rows = [{"what": f"core install, {len(seen)} distributions", "MB": total}]
    rows += [{"what": f"of which {name}", "MB": amount / 1e6} for name, amount in biggest]
    return pd.DataFrame(rows)


def machine() -> str:
    cores = os.cpu_count()
    names = ("pandas", "numpy", "lightgbm", "optuna", "statsmodels", "sktime")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{datetime.now(UTC):%Y-%m-%d}, {cores} cores, Python {platform.python_version()}, {versions}"


def show(part: str, table: pd.DataFrame) -> None:
    """Put a table into its place in docs/benchmarks.md."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    before, rest = text.split(start)
    cells = [[f"{x:.4g}" if isinstance(x, float) else str(x) for x in row] for row in table.to_numpy(object)]
    lines = [" | ".join(row) for row in [list(table.columns), ["---"] * table.shape[1], *cells]]
    made = "".join(f"| {line} |\n" for line in lines) + f"\n{machine()}\n"
    PAGE.write_text(before + start + made + end + rest.split(end)[1], encoding="utf-8")


def main() -> None:
    parts = sys.argv[1:] or ["backtests", "startup", "size"]
    RESULTS.mkdir(exist_ok=True)
    for part in parts:
        if part == "backtests":
            if "HOURCAST_DATA" not in os.environ:
                raise SystemExit("Set HOURCAST_DATA to the folder with the data sets of docs/benchmarks.md.")
            table = backtests(Path(os.environ["HOURCAST_DATA"]))
        else:
            table = {"startup": startup, "size": size}[part]()
        print(f"\n{part} ({machine()})\n{table.round(4).to_string(index=False)}\n")
        show(part, table)
        table.assign(machine=machine()).to_csv(RESULTS / f"{part}.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
