"""hourcast beside other tools: the same hours, windows and covariates, each tool in an environment of its own.

    python benchmarks/peers/compare.py install ENVIRONMENTS     makes the environments, once
    python benchmarks/peers/compare.py run ENVIRONMENTS WORK [TOOL ...]
                                                                forecasts; what WORK holds already is not made again
    python benchmarks/peers/compare.py score WORK               the tables of docs/benchmarks.md

Every tool is fitted once, on what precedes the first window, and then gets the readings up to each cutoff. Tools that
are given a time limit can only be compared where nothing else takes their time: one after the other on a machine that
does nothing else, or each on a core of its own (PEER_THREADS=1 taskset -c 1 python ...).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import pandas as pd
from run import RESULTS, machine, show
from sets import WINDOWS, Series, all_sets

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SEASON = 24


@dataclass(frozen=True)
class Tool:
    """One tool, and what it is given."""

    runner: str
    environment: str
    seconds: float = 60
    arguments: tuple[str, ...] = ()
    takes_covariates: bool = True
    python: str = "python3.11"


TOOLS = {
    "hourcast": Tool("run_hourcast.py", ""),
    "statsforecast MSTL": Tool("run_statsforecast.py", "nixtla", arguments=("MSTL",), takes_covariates=False),
    "statsforecast AutoTheta": Tool("run_statsforecast.py", "nixtla", arguments=("AutoTheta",), takes_covariates=False),
    "statsforecast AutoETS": Tool("run_statsforecast.py", "nixtla", arguments=("AutoETS",), takes_covariates=False),
    "mlforecast AutoLightGBM": Tool("run_mlforecast.py", "nixtla"),
    "skforecast LightGBM": Tool("run_skforecast.py", "nixtla"),
    "OpenSTEF": Tool("run_openstef.py", "openstef", python="python3.12"),
    "Prophet": Tool("run_prophet.py", "prophet"),
    "AutoGluon high_quality": Tool("run_autogluon.py", "autogluon", seconds=600),
}
#: No tool may go on for longer than this [s]; what is not there by then counts as failed.
PATIENCE = 3600


@dataclass(frozen=True)
class Round:
    """One question to every tool."""

    name: str
    series: Series
    weather: bool
    horizon: int
    windows: int
    step: int

    @property
    def cutoffs(self) -> list[int]:
        last = len(self.series.frame) - 1 - self.horizon
        return [last - self.step * k for k in reversed(range(self.windows))]

    @property
    def covariates(self) -> list[str]:
        return [*(self.series.weather if self.weather else ()), *(["holiday"] if self.series.country else [])]

    def folder(self, work: Path, name: str) -> Path:
        """Where the answer of a tool lies: one that takes no covariates has the same with weather and without."""
        weather = self.weather and TOOLS[name].takes_covariates
        words = f"{self.name} {'weather' if weather else 'plain'} {self.horizon}", name
        return work.joinpath(*(one.replace(" ", "-") for one in words))

    def ask(self, tool: Tool, folder: Path) -> Path:
        """Write the question of one tool."""
        frame = folder / "frame.csv"
        self.series.tidy.rename_axis("timestamp").to_csv(frame, float_format="%.9g")
        what = {
            "frame": str(frame), "covariates": self.covariates if tool.takes_covariates else [],
            "horizon": self.horizon, "cutoffs": self.cutoffs, "seconds": tool.seconds,
            "country": self.series.country, "time_zone": self.series.time_zone,
        }  # fmt: skip
        (folder / "asked.json").write_text(json.dumps(what), encoding="utf-8")
        return folder / "asked.json"


def rounds() -> Iterator[Round]:
    for name, series in all_sets(Path(os.environ["HOURCAST_DATA"])).items():
        for weather in [False, True] if series.weather else [False]:
            for horizon, windows, step in WINDOWS:
                yield Round(name, series, weather, horizon, windows, step)


def install(environments: Path) -> None:
    for tool in {tool.environment: tool for tool in TOOLS.values() if tool.environment}.values():
        place = environments / tool.environment
        if not (place / "done").exists():
            subprocess.run([tool.python, "-m", "venv", "--clear", place], check=True)
            wanted = HERE / "requirements" / f"{tool.environment}.txt"
            subprocess.run([place / "bin" / "pip", "install", "-q", "-r", wanted], check=True)
            (place / "done").touch()


def run(environments: Path, work: Path, names: list[str]) -> None:
    """Ask some tools what they were not asked yet."""
    for one, name in product(rounds(), names):
        tool = TOOLS[name]
        folder = one.folder(work, name)
        if not (folder / "facts.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            facts = ask(tool, one.ask(tool, folder), folder, environments)
            (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
            (folder / "frame.csv").unlink()
            print(f"{folder.relative_to(work)!s:60s} {facts}", flush=True)


def ask(tool: Tool, asked: Path, folder: Path, environments: Path) -> dict[str, object]:
    """Run one tool; what it said is in ``log.txt``."""
    python = environments / tool.environment / "bin" / "python" if tool.environment else Path(sys.executable)
    command = [python, HERE / tool.runner, asked, folder / "answer.csv", *tool.arguments]
    surroundings = dict(os.environ)
    if not tool.environment:
        # It has a process a core instead, with one thread each.
        surroundings |= {"PYTHONPATH": str(HERE.parent.parent), "PEER_THREADS": "1"}
    before, started = os.times(), time.perf_counter()
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        try:
            done = subprocess.run(command, stdout=log, stderr=log, timeout=PATIENCE, check=False, env=surroundings)
            failed = "" if done.returncode == 0 else f"exit {done.returncode}"
        except subprocess.TimeoutExpired:
            failed = f"not done after {PATIENCE} s"
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"seconds": round(time.perf_counter() - started, 1), "cpu": round(cpu, 1), "failed": failed}


def scores(one: Round, folder: Path) -> dict[str, object]:
    """MASE (24) over the windows, and the share inside the 80 % interval where there is one."""
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    if facts["failed"]:
        return facts
    raw = one.series.frame["y"].to_numpy(float)
    made = pd.read_csv(folder / "answer.csv")
    came = raw[made["cutoff"] + made["step"]]
    first = raw[: one.cutoffs[0] + 1]
    scale = np.nanmean(np.abs(first[SEASON:] - first[:-SEASON]))
    found = {"mase": np.nanmean(np.abs(came - made["mean"])) / scale}
    if "p10" in made:
        there = ~np.isnan(came)
        found["inside_80"] = float(np.mean(((came >= made["p10"]) & (came <= made["p90"]))[there]))
    return {**found, **facts}


def score(work: Path) -> None:
    rows = []
    for one, name in product(rounds(), TOOLS):
        folder = one.folder(work, name)
        if (folder / "facts.json").exists():
            what = {"data": one.name, "weather": "known" if one.weather else "none", "horizon": one.horizon}
            rows.append({**what, "tool": name, **scores(one, folder)})
    table = pd.DataFrame(rows)
    RESULTS.mkdir(exist_ok=True)
    table.assign(machine=machine()).to_csv(RESULTS / "peers.csv", index=False, float_format="%.5g")
    wide = table.pivot_table(index=["data", "weather", "horizon"], columns="tool", values="mase", sort=False)
    wide = wide[[name for name in TOOLS if name in wide]].round(3)
    print(wide.to_string())
    show("peers", wide.reset_index().astype(object).where(lambda cell: cell.notna(), ""))
    show("peers_seconds", seconds(table))


def seconds(table: pd.DataFrame) -> pd.DataFrame:
    """What each tool took, and on how many questions and sets hourcast was the better."""
    ours = table[table["tool"] == "hourcast"].set_index(["data", "weather", "horizon"])["mase"]
    rows = []
    for name, some in table.groupby("tool", sort=False):
        beside = against(ours, some.set_index(ours.index.names)["mase"])
        if name == "hourcast":
            beside = dict.fromkeys(beside, "")
        inside = some["inside_80"].mean() if "inside_80" in some else np.nan
        rows.append({
            "tool": name, "questions": len(some), **beside, "inside 80 %": inside,
            "median seconds": some["seconds"].median(), "median CPU-seconds": some["cpu"].median(),
            "failed": int((some["failed"] != "").sum()),
        })  # fmt: skip
    return pd.DataFrame(rows).astype(object).where(lambda cell: cell.notna(), "")


def against(ours: pd.Series[float], theirs: pd.Series[float]) -> dict[str, object]:
    """On how many questions and sets hourcast has the smaller error, and the geometric mean of the ratio."""
    ratio = (ours.reindex(theirs.index) / theirs).dropna().apply(np.log)
    sets = ratio.groupby([set_of(data) for data, *_ in ratio.index]).mean()
    return {
        "hourcast better on": int((ratio < 0).sum()),
        "sets": len(sets),
        "hourcast better on sets": int((sets < 0).sum()),
        "geometric mean of hourcast / tool": float(np.exp(ratio.mean())),
    }


def set_of(data: str) -> str:
    """The set that a series belongs to: both buildings are one."""
    return "bdg2" if data.startswith("bdg2") else data


def main() -> None:
    if sys.argv[1:2] == ["install"] and len(sys.argv) == 3:
        install(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["run"] and len(sys.argv) >= 4 and set(sys.argv[4:]) <= set(TOOLS):
        run(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:] or list(TOOLS))
    elif sys.argv[1:2] == ["score"] and len(sys.argv) == 3:
        score(Path(sys.argv[2]))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
