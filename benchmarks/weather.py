"""What weather is worth, as it was known then: Victoria 2014, GEFCom2014, net load of a grid by quarters of an hour.

    python benchmarks/weather.py             all of it; the data lie in HOURCAST_DATA (docs/benchmarks.md)
    python benchmarks/weather.py victoria    one part: victoria, grid, headline, grid_groups, groups, gfc14

Each part prints its table, writes it to benchmarks/results and into docs/availability.md.

Nothing is chosen on the windows that are scored. The forecaster of a part is the one among ``CANDIDATES`` with the
smallest error on windows that end before the first of these, in the same mode of the weather.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb
import numpy as np
import pandas as pd

from backtests.backtest import roll, scored
from backtests.issue import on_issue, with_reach
from backtests.metrics import score
from backtests.task import Task
from backtests.view import make_view
from backtests.windows import Windows
from forecasting import AutoForecaster
from forecasting.forecasters import build
from forecasting.forecasters.family import RegisteredForecaster
from forecasting.forecasters.structural import forecast, learn
from forecasting.forecasters.structural_fit import Specification
from forecasting.vintages import with_vintages

if TYPE_CHECKING:
    from backtests.forecaster import State
    from backtests.view import FloatArray, IntArray, Past, View

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "availability.md"
WEEK = 168
#: Settings that compete on the windows before; the first is the library's own default.
CANDIDATES: dict[str, tuple[str, dict[str, Any]]] = {
    "gam_average": ("gam_average", {}),
    "gam_average, mixed": ("gam_average", {"training": "mixed"}),
    "gam_average without weather": ("gam_average", {"training": "none"}),
    "weather_gam": ("weather_gam", {"memory": "all"}),
}
SEEDS = range(5)


def parquet(name: str) -> pd.DataFrame:
    path = Path(os.environ["HOURCAST_DATA"]) / name
    return duckdb.sql(f"SET TimeZone='UTC'; SELECT * FROM '{path}'").df()


def victoria() -> tuple[pd.DataFrame, Task]:
    """Hourly demand of Victoria 2012-2014 with the temperature of Melbourne."""
    frame = parquet("vic_elec.parquet").set_index("timestamp")[["y", "temperature"]].resample("h").mean()
    frame = frame.rename(columns={"y": "target"}).reset_index().assign(item_id="Victoria")
    asked = Task(
        horizon=WEEK,
        freq="h",
        seasonality=(24, 168),
        time_zone="Australia/Melbourne",
        country="AU-VIC",
        place=(-37.8, 145.0),
        weather_covariates=("temperature",),
    )
    return frame, asked


def seen(frame: pd.DataFrame, task: Task) -> View:
    return with_vintages(make_view(frame.astype({"timestamp": "datetime64[ns, UTC]"}), task)).view


def windows(view: View, *, number: int, apart: int, last: int, refit: int) -> Windows:
    """Cutoffs at the last hour of a local day, counted back from a position."""
    hours = view.grid.tz_convert(view.task.time_zone).hour
    while hours[last] != 23:
        last -= 1
    return Windows(positions=last - apart * np.arange(number)[::-1], horizon=view.task.horizon, refit=refit)


def error(view: View, forecaster: RegisteredForecaster, asked: Windows) -> dict[str, float]:
    made = roll(forecaster, view, asked, view.task)
    return score(scored(made, view, view.task))


def chosen(
    view: View, before: Windows, candidates: dict[str, tuple[str, dict[str, Any]]] = CANDIDATES
) -> tuple[str, RegisteredForecaster]:
    """The candidate with the smallest MASE on windows before those that are scored."""
    plain = view.task.weather_mode in ("none", "oracle")  # nothing is forecast that could be learnt from
    candidates = {name: one for name, one in candidates.items() if not (plain and "training" in one[1])}
    found = {name: error(view, build(*one), before)["mase"] for name, one in candidates.items()}
    print(f"  on {len(before.positions)} windows before: {found}", flush=True)
    best = min(found, key=lambda name: found[name])
    return best, build(*candidates[best])


def row(what: str, name: str, scores: dict[str, float], started: float) -> dict[str, Any]:
    found = {"weather": what, "forecaster": name, "MASE": scores["mase"], "WAPE": scores["wape"]}
    print(f"{what}: {name} {scores['mase']:.4f} ({time.process_time() - started:.0f} s of CPU)", flush=True)
    return found


def victoria_table() -> pd.DataFrame:
    """Perfect weather, simulated forecasts of five seeds, climatology, none."""
    frame, task = victoria()
    rows = []
    modes = [("oracle", 0), *(("simulated", seed) for seed in SEEDS), ("climatology", 0), ("none", 0)]
    names: dict[str, tuple[str, RegisteredForecaster]] = {}
    for mode, seed in modes:
        started = time.process_time()
        view = seen(frame, replace(task, weather_mode=mode, weather_seed=seed))
        end = view.raw.shape[1] - 1 - WEEK
        final = windows(view, number=24, apart=360, last=end, refit=6)
        if mode not in names:
            first = int(final.positions[0]) - WEEK
            names[mode] = chosen(view, windows(view, number=12, apart=360, last=first, refit=6))
        name, forecaster = names[mode]
        what = f"{mode} {seed}" if mode == "simulated" else mode
        rows.append(row(what, name, error(view, forecaster, final), started))
    table = pd.DataFrame(rows)
    simulated = table[table["weather"].str.startswith("simulated")]
    mean = {"weather": "simulated, mean of five", "forecaster": simulated["forecaster"].iloc[0]}
    mean |= simulated[["MASE", "WAPE"]].mean().to_dict()
    return pd.concat([table, pd.DataFrame([mean])], ignore_index=True)


@dataclass(kw_only=True)
class Variation(RegisteredForecaster):
    """One structural regression with some groups of columns left out; not registered."""

    name: ClassVar[str] = "variation"

    memories: tuple[str, ...] = ("3h", "12h", "1d", "3d", "14d", "high", "low")
    correction: float = 1e-2
    year: int = 4

    @classmethod
    def search_space(cls, trial: Any, task: Task) -> dict[str, Any]:  # noqa: ARG003
        """Nothing is searched."""
        return {}

    def _learn(self, past: Past, task: Task) -> State:
        one = Specification(memories=self.memories, log=True, year=self.year)
        return learn(past, task, [one], correction=self.correction)

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        return forecast(past, origins, learnt)


def groups_table() -> pd.DataFrame:
    """What each group of columns gives, with perfect weather: the error without it."""
    frame, task = victoria()
    task = replace(task, weather_mode="oracle")
    #: A penalty beside which residuals weigh nothing.
    nothing = 1e12
    cases: list[tuple[str, Task, Variation]] = [
        ("everything", task, Variation()),
        ("without holidays", replace(task, country=None), Variation()),
        ("without the time of the year", task, Variation(year=0)),
        ("without daylight and clear sky", replace(task, place=None), Variation()),
        ("without remembered weather", task, Variation(memories=())),
        ("without the correction by residuals", task, Variation(correction=nothing)),
        ("without weather", replace(task, weather_mode="none"), Variation()),
        ("without weather and correction", replace(task, weather_mode="none"), Variation(correction=nothing)),
    ]
    rows = []
    for what, asked, forecaster in cases:
        started = time.process_time()
        view = seen(frame, asked)
        final = windows(view, number=24, apart=360, last=view.raw.shape[1] - 1 - WEEK, refit=6)
        rows.append(row(what, forecaster.name, error(view, forecaster, final), started))
    table = pd.DataFrame(rows).drop(columns="forecaster").rename(columns={"weather": "columns"})
    table["against everything"] = table["MASE"] / table["MASE"].iloc[0] - 1
    return table


def gfc14_table() -> pd.DataFrame:
    """The protocol of fev-bench ``proenfo_gfc14``: 20 weeks, actual temperature, two years of history."""
    frame = parquet("gefcom2014_e.parquet").dropna(subset=["y"]).tail(17_520)
    frame["timestamp"] = pd.DatetimeIndex(frame["timestamp"]).tz_localize("UTC")
    frame = frame.rename(columns={"y": "target", "temperature_f": "temperature"}).assign(item_id="gfc14")
    task = Task(
        horizon=WEEK, freq="h", seasonality=(24, 168), country="US", weather_covariates=("temperature",),
        weather_mode="oracle",
    )  # fmt: skip
    started = time.process_time()
    view = seen(frame[["item_id", "timestamp", "target", "temperature"]], task)
    last = view.raw.shape[1] - 1 - WEEK
    final = Windows(positions=last - WEEK * np.arange(20)[::-1], horizon=WEEK, refit=5)
    before = Windows(positions=final.positions[0] - WEEK * np.arange(1, 9)[::-1], horizon=WEEK, refit=4)
    rows = []
    for what, forecaster in [chosen(view, before), ("seasonal_naive", build("seasonal_naive", {"season": 24}))]:
        rows.append(row("oracle", what, error(view, forecaster, final), started))
    return pd.DataFrame(rows)


def headline_table() -> pd.DataFrame:
    """The product on Victoria without a forecast of the weather: whether it leaves out what does not help."""
    frame, _ = victoria()
    model = AutoForecaster(
        "target", horizon=WEEK, weather=["temperature"], time_zone="Australia/Melbourne", country="AU-VIC",
        place=None, trials=10, jobs=1, time_limit=36_000,
    )  # fmt: skip
    started = time.process_time()
    model.fit(frame.drop(columns="item_id"))
    assert model.weather is not None
    assert model.hold_out is not None
    scores = model.hold_out.scores
    found = {"weather asked for": model.weather.mode, "left out": "yes" if model.weather.dropped else "no"}
    found |= {"windows": model.weather.windows, "MASE": scores["mase"], "WAPE": scores["wape"]}
    errors = (model.weather.perfect, model.weather.forecast, model.weather.without)
    for name, value in zip(("perfect", "with it", "without it"), errors, strict=True):
        found[f"WAPE, {name}"] = float("nan") if value is None else value
    print(f"headline ({time.process_time() - started:.0f} s of CPU)", flush=True)
    return pd.DataFrame([found])


#: What competes on four months: stiff curves, and the ridge, which learns from the weather as it was forecast.
SHORT: dict[str, tuple[str, dict[str, Any]]] = {
    "gam_average, stiff": ("gam_average", {"stiffness": 300.0}),
    "gam_average, stiff, without weather": ("gam_average", {"stiffness": 300.0, "training": "none"}),
    "deviation_ridge": ("deviation_ridge", {"same_phase": True, "penalty": 0.1}),
}
#: Weather of the grid: radiation is cut at 0, where the file falls below.
GRID_WEATHER = ("temp", "radiation", "windspeed", "windspeed_100m")


def grid() -> tuple[pd.DataFrame, Task]:
    """Net load of four points of a Dutch grid by quarters of an hour: tomorrow, issued today at ten."""
    frame = parquet("openstef_grid_15min.parquet").rename(columns={"series_id": "item_id", "y": "target"})
    frame["radiation"] = frame["radiation"].clip(lower=0)
    frame = frame[["item_id", "timestamp", "target", *GRID_WEATHER]]
    stamps = pd.date_range(frame["timestamp"].min(), frame["timestamp"].max(), freq="15min")
    task = Task(
        horizon=96, freq="15min", seasonality=(96, 672), time_zone="Europe/Amsterdam", country="NL",
        weather_covariates=GRID_WEATHER, issue_at="10:00",
    )  # fmt: skip
    return frame, with_reach(stamps, task)


def grid_table() -> pd.DataFrame:
    """The grid, 28 days: the weather as it came, simulated, as usual, none; and ways of copying."""
    frame, task = grid()
    rows = []
    for mode in ("oracle", "simulated", "climatology", "none"):
        started = time.process_time()
        view = seen(frame, replace(task, weather_mode=mode))
        final, before = daily(view, 28, 0), daily(view, 14, 28)
        name, forecaster = chosen(view, before, SHORT)
        rows.append(row(mode, name, error(view, forecaster, final), started))
    copies = {
        "yesterday again": ("seasonal_naive", {"season": 96}),
        "last week again": ("seasonal_naive", {"season": 672}),
        "weekly profile": ("seasonal_profile", {"period": 672}),
    }
    for what, one in copies.items():
        rows.append(row("none", what, error(view, build(*one), final), time.process_time()))
    return pd.DataFrame(rows)


def grid_groups_table() -> pd.DataFrame:
    """What each variable of the weather gives on the grid, by the weather as it came: the error without it."""
    frame, task = grid()
    blown = {"windspeed": "blow", "windspeed_100m": "blow_100m"}
    cases = [
        ("everything", frame, GRID_WEATHER),
        ("without wind chill", frame.rename(columns=blown), tuple(blown.get(name, name) for name in GRID_WEATHER)),
        ("without wind", frame, ("temp", "radiation")),
        ("without radiation", frame, ("temp", "windspeed", "windspeed_100m")),
        ("without temperature", frame, ("radiation", "windspeed", "windspeed_100m")),
        ("without weather", frame, ()),
    ]
    rows = []
    for what, table, names in cases:
        started = time.process_time()
        asked = replace(task, weather_covariates=names, weather_mode="oracle" if names else "none")
        view = seen(table[["item_id", "timestamp", "target", *names]], asked)
        once = replace(daily(view, 28, 0), refit="never")
        rows.append(row(what, "", error(view, build("gam_average", {"stiffness": 300.0}), once), started))
    found = pd.DataFrame(rows).drop(columns="forecaster").rename(columns={"weather": "columns"})
    found["against everything"] = found["MASE"] / found["MASE"].iloc[0] - 1
    return found


def daily(view: View, number: int, back: int) -> Windows:
    """Cutoffs of one forecast a day, issued at the hour of the task, ``back`` days before the last."""
    end = view.raw.shape[1]
    steps = view.task.per_day
    last = end - 1 - view.task.horizon - steps * back
    asked = Windows(positions=last - steps * np.arange(number)[::-1], horizon=view.task.horizon, refit=7)
    return on_issue(asked, view.issues, end)


def show(part: str, table: pd.DataFrame) -> None:
    """Put a table into its place in docs/availability.md."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    before, rest = text.split(start)
    cells = [[f"{x:.3f}" if isinstance(x, float) else str(x) for x in row] for row in table.to_numpy(object)]
    lines = [" | ".join(row) for row in [list(table.columns), ["---"] * table.shape[1], *cells]]
    made = "".join(f"| {line} |\n" for line in lines)
    PAGE.write_text(before + start + made + end + rest.split(end)[1], encoding="utf-8")


PARTS = {
    "victoria": victoria_table,
    "grid": grid_table,
    "headline": headline_table,
    "grid_groups": grid_groups_table,
    "groups": groups_table,
    "gfc14": gfc14_table,
}


def main() -> None:
    for part in sys.argv[1:] or list(PARTS):
        table = PARTS[part]()
        print(table.round(4).to_string(index=False))
        show(part, table)
        table.to_csv(RESULTS / f"weather_{part}.csv", index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
