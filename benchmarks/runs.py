"""The figures of docs/runs.md: a quarter of mornings, the seconds of a run, the size of a year's record.

    HOURCAST_DATA=folder python benchmarks/runs.py                 all of it, about half an hour of one core
    python benchmarks/runs.py quarter | shift | seconds | size     one part

``quarter`` and ``shift`` make up for 90 mornings of vic_elec by hour, each from what was known then. The weather is
a simulated forecast, what came and an error that lasts about six hours, 1.2 K wide: a column known in advance. In
``shift`` demand rises by 1,200 MW, a quarter of its mean, after 20 days. ``seconds`` is a run as a scheduler starts
it, with a model that is there. ``size`` writes the rows of a real run of 20 series 365 times, each a day later, with
twelve models.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from forecasting.job import Job

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "benchmarks" / "results", ROOT / "docs" / "runs.md"
END, MORNINGS, SHIFTED_AFTER, SHIFT = pd.Timestamp("2014-12-01T00:00Z"), 90, 20, 1200.0
SETTINGS = """
[source]
path = "meter.csv"
target = "y"
time_zone = "Australia/Melbourne"
[forecast]
horizon = 24
[calendar]
country = "AU-VIC"
[covariates]
known = ["temperature_forecast"]
[training]
time_limit = 600
trials = 12
jobs = 1
every = "60d"
[schedule]
at = ["06:05"]
[[export]]
to = "bi"
[retention]
exported = "120d"
"""
#: Series of the year, and models made in it.
SERIES, MODELS = 20, 12


def meter(folder: Path) -> pd.DataFrame:
    frame = duckdb.sql(f"SET TimeZone='UTC'; SELECT * FROM '{folder}/vic_elec.parquet'").df()
    hourly = frame.set_index("timestamp")[["y", "temperature"]].resample("h").mean().reset_index()
    return hourly.assign(temperature_forecast=hourly["temperature"] + errors(len(hourly))).drop(
        columns="temperature"
    )


def errors(hours: int) -> np.ndarray:
    """Errors of a weather forecast [K]: 1.2 wide, and lasting about six hours."""
    noise, lasts = np.random.default_rng(20).normal(0.0, 1.0, hours), np.exp(-1 / 6)
    found = np.zeros(hours)
    for hour in range(1, hours):
        found[hour] = lasts * found[hour - 1] + noise[hour] * np.sqrt(1 - lasts**2)
    return 1.2 * found


def quarter(folder: Path, *, shifted: bool) -> pd.DataFrame:
    """Ninety mornings, then status; with a shift of the level or without."""
    from forecasting.config import load_config
    from forecasting.monitor.status import status_of
    from forecasting.run.jobs import backfill_jobs

    frame = meter(folder)
    start = END - pd.Timedelta(days=MORNINGS)
    frame = frame[frame["timestamp"] < END + pd.Timedelta(days=2)]
    if shifted:
        frame.loc[frame["timestamp"] >= start + pd.Timedelta(days=SHIFTED_AFTER), "y"] += SHIFT
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        frame.to_csv("meter.csv", index=False)
        Path("hourcast.toml").write_text(SETTINGS)
        jobs = load_config(Path("hourcast.toml").absolute()).chosen(None)
        began = time.process_time()
        outcomes = [outcome for _, outcome in backfill_jobs(jobs, f"{start:%Y-%m-%d}", f"{END:%Y-%m-%d}")]
        seconds = time.process_time() - began
        found = status_of(jobs[0], END + pd.Timedelta(hours=12))
        models = jobs_models(jobs[0])
        table = pd.read_csv("bi/forecast.csv")
        weekly = by_week(jobs[0], start)
    live = found["live"]
    rows = {
        "mornings": len(outcomes),
        "ended otherwise than 0": sum(outcome.exit_code != 0 for outcome in outcomes),
        "keys that stand twice": int(table.duplicated(["item_id", "cutoff", "timestamp"]).sum()),
        "hours no run forecast": found["gaps"],
        "live error over promised": round(live["ratio_to_promise"], 3),
        "limit of that": round(live["limit"], 3),
        "live WAPE": f"{live['wape']:.2%}",
        "inside the 80 % interval": f"{live['coverage_80']:.1%}",
        "models tried": "; ".join(models),
        "CPU seconds in all": round(seconds),
    }
    if shifted:
        rows["weekly MAE [MW] around the shift"] = ", ".join(f"{value:.0f}" for value in weekly)
    return pd.DataFrame({"what": list(rows), "figure": list(rows.values())})


def jobs_models(job: Job) -> list[str]:
    from forecasting.store.store import Store

    store = Store(job.store.url, Path(job.store.folder))
    return [f"{one.trained_at[:10]} {one.reason}: {one.status}" for one in reversed(store.models(job.name))]


def by_week(job: Job, start: pd.Timestamp) -> list[float]:
    """Mean absolute error of the week before the shift and of the five after it."""
    from forecasting.store.store import Store

    scores = Store(job.store.url, Path(job.store.folder)).scores(job.name)
    days = pd.Series({pd.Timestamp(one.cutoff): one.abs_error / one.readings for one in scores})
    shift = start + pd.Timedelta(days=SHIFTED_AFTER)
    weeks = (shift + pd.Timedelta(days=7 * week) for week in range(-1, 5))
    return [float(days[(days.index >= week) & (days.index < week + pd.Timedelta(days=7))].mean()) for week in weeks]


def seconds(folder: Path) -> pd.DataFrame:
    """A run on a new day with a model that is there, process start included; median of five."""
    frame = meter(folder)
    rows = []
    for years, first in ((1, "2013-11-01"), (3, "2012-01-01")):
        with tempfile.TemporaryDirectory() as scratch:
            frame[frame["timestamp"] >= first].to_csv(Path(scratch) / "meter.csv", index=False)
            (Path(scratch) / "hourcast.toml").write_text(SETTINGS)
            times = [one_run(Path(scratch), END + pd.Timedelta(days=day)) for day in range(6)][1:]
        wall, cpu = (sorted(column)[2] for column in zip(*times, strict=True))
        rows.append(
            {
                "history": f"{years} {'year' if years == 1 else 'years'} of hours",
                "seconds": round(wall, 2),
                "CPU seconds": round(cpu, 2),
            }
        )
    return pd.DataFrame(rows)


def one_run(place: Path, as_of: pd.Timestamp) -> tuple[float, float]:
    command = [sys.executable, "-m", "forecasting", "run", "hourcast.toml", "--as-of", f"{as_of:%Y-%m-%dT%H:%MZ}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(place / "compiled")}
    # As for a user: what was compiled once stays so. The first run, which is not counted, does it.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=place, check=False, capture_output=True, text=True, env=environment)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"exit {done.returncode}: {done.stdout}{done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def size(folder: Path) -> pd.DataFrame:
    """Bytes of a year's record of twenty series, after each of three kinds."""
    from forecasting.config import load_config
    from forecasting.run.jobs import run_jobs

    frame = meter(folder)
    frame = frame[(frame["timestamp"] >= "2014-06-01") & (frame["timestamp"] < END + pd.Timedelta(days=2))]
    noise = np.random.default_rng(0)
    parts = [frame.assign(site=f"site {n}", y=frame["y"] * noise.uniform(0.5, 2, len(frame))) for n in range(SERIES)]
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
        pd.concat(parts).to_csv("meter.csv", index=False)
        settings = SETTINGS.replace('target = "y"', 'target = "y"\nitem = "site"').replace(
            '[[export]]\nto = "bi"\n', ""
        )
        Path("hourcast.toml").write_text(settings.replace("trials = 12", "trials = 3"))
        (job,) = load_config(Path("hourcast.toml").absolute()).chosen(None)
        ((_, outcome),) = run_jobs([job], as_of=END)
        if outcome.exit_code:
            raise SystemExit(outcome.message)
        write_a_year(job)
        database = Path("hourcast-runs/runs.db").stat().st_size
        models = sum(path.stat().st_size for path in Path("hourcast-runs/models").rglob("*") if path.is_file())
    rows = {"database": database, "models": models, "in all": database + models}
    return pd.DataFrame({"what": list(rows), "MB": [round(value / 1e6, 1) for value in rows.values()]})


def write_a_year(job: Job) -> None:
    """The rows of the one run there is, written for each day of a year; a model a month, the newest five kept."""
    from forecasting.run.keep import ForecastRecord, ScoreRecord
    from forecasting.store.records import stamp
    from forecasting.store.store import Kept, Store

    store = Store(job.store.url, Path(job.store.folder))
    (run,), (model,) = store.runs(), store.models(job.name)
    forecasts = store.forecasts(job.name)

    def later(words: str, days: int) -> str:
        return stamp(pd.Timestamp(words) + pd.Timedelta(days=days))

    for day in range(1, 365):
        name = f"{day:016x}"
        moved = [
            replace(one, run_id=name, **{key: later(getattr(one, key), day) for key in ("cutoff", "first", "last")})
            for one in forecasts
        ]
        scores = [
            ScoreRecord(
                job=job.name, item_id=one.item_id, cutoff=one.cutoff, model_id=one.model_id, quality_flag="ok",
                steps=24, readings=24, abs_error=1 / 3, error=1 / 7, abs_actual=1e3 / 3, inside=19,
                scored_at=one.cutoff,
            )
            for one in forecasts
        ]  # fmt: skip
        assert all(isinstance(one, ForecastRecord) for one in moved)
        record = replace(run, run_id=name, started_at=later(run.started_at, day), cutoff=later(run.cutoff, day))
        store.keep(
            Kept(run=record, forecasts=moved, scores=[replace(s, cutoff=later(s.cutoff, day)) for s in scores])
        )
    for month in range(MODELS - 1):
        name = f"{model.model_id}-{month}"
        shutil.copytree(store.model_folder(model.model_id), store.model_folder(name))
        store.keep_model(replace(model, model_id=name, trained_at=later(model.trained_at, 30 * month + 1)))
    store.prune(job.name, before="", models=job.retention.models)


PARTS = {
    "quarter": lambda folder: quarter(folder, shifted=False),
    "shift": lambda folder: quarter(folder, shifted=True),
    "seconds": seconds,
    "size": size,
}


def markdown(table: pd.DataFrame) -> str:
    rows = [list(map(str, row)) for row in table.to_numpy().tolist()]
    lines = [list(table.columns), ["---"] * len(table.columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    folder = Path(os.environ.get("HOURCAST_DATA", "data"))
    RESULTS.mkdir(exist_ok=True)
    for name in sys.argv[1:] or list(PARTS):
        table = PARTS[name](folder)
        table.to_csv(RESULTS / f"runs-{name}.csv", index=False)
        print(f"{name}\n{table.to_string(index=False)}\n", flush=True)
        text = PAGE.read_text(encoding="utf-8")
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        PAGE.write_text(f"{before}{begin}{markdown(table)}{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
