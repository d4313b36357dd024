"""The figures of docs/faults.md: faults put into real readings, what is found, and what they do to a forecast.

    HOURCAST_DATA=folder python benchmarks/faults.py        about four minutes of one core

The data sets are those of docs/benchmarks.md, and ``polito_campus_15min.parquet``. Places and sizes come from
``backtests/faults.py``; its seeds were fixed before the detectors.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from backtests.faults import FACTORS, LENGTHS, SEEDS, SIZES, TO_THE_END, Wanted, inject, places, repeat_rows
from backtests.task import Task
from backtests.view import NEVER, View
from connectors.errors import DataError
from forecasting.faults import find_faults
from forecasting.forecasters import build
from forecasting.prepare import prepare

ROOT = Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "benchmarks" / "results", ROOT / "docs" / "faults.md"
DAY, PLACES_PER_SEED, ERROR_PLACES = 24, 1, 2
#: Hours before a fault that detectors see, hours that a forecaster is fitted on, hours after a fault.
SEEN, FITTED, AFTER = 250 * DAY, 120 * DAY, 8 * DAY
#: Hours after the end of a fault from which the next day is forecast; after its start, when it has no end.
CUTOFFS, OPEN_CUTOFFS = (0, 6, 24, 72, 168), (23, 47, 71, 167)
TASK = Task(horizon=DAY, freq="h", seasonality=(24, 168), weather_mode="none")
#: The faults of polito_campus_15min that are seen with the naked eye: every zero, and these quarter-hours (UTC), as
#: well as weeks in which the meter holds 17 to 60 kW day and night, of a campus that takes 150 to 700.
POLITO_SPIKES = pd.date_range("2014-10-22 14:15", "2014-10-22 15:30", freq="15min", tz="UTC")
#: Utilities the detectors were developed on.
DEVELOPED = ("AZPS", "EPE", "SCL", "TPWR")
POLITO_DEAD = (
    ("2013-10-02 09:45", "2013-10-16 16:00"),
    ("2013-10-29 11:45", "2013-11-12 11:30"),
    ("2014-01-24 00:00", "2014-01-27 09:45"),
    ("2014-02-21 10:15", "2014-05-29 11:30"),
)
#: Faults of the two buildings seen with the naked eye, by their own clock: the same hours of both hold a straight
#: line, one value over and over, or too little, and then the reading that catches up; and one hour's energy, halved,
#: fills the hour that the change to summer time left out. In four nights the second falls and comes back evenly.
BDG2_FAULTY = {
    "building_1": (
        ("2016-04-06 03:00", "2016-04-06 06:00"),
        ("2016-05-18 16:00", "2016-05-18 17:00"),
        ("2016-07-05 19:00", "2016-07-05 21:00"),
    ),
    "building_2": (
        ("2016-03-13 02:00", "2016-03-13 03:00"),
        ("2016-04-06 04:00", "2016-04-06 06:00"),
        ("2016-05-18 16:00", "2016-05-18 17:00"),
        ("2016-07-05 19:00", "2016-07-05 20:00"),
        *((f"2016-08-{day} 01:00", f"2016-08-{day} 04:00") for day in ("03", "04", "10", "11")),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Series:
    """Readings to break.

    Attributes:
        name: Name of the data set.
        values: Hourly readings, faults seen with the naked eye removed.
        places: Where faults begin.
        base: Stretches found in them as they are, by kind and position.
        labelled: Positions of faults that were left in, by hand.
        left_out: Of these, what is left out.
    """

    name: str
    values: np.ndarray
    places: list[int]
    base: set[tuple[str, int]] = field(default_factory=set)
    labelled: set[int] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)

    @property
    def years(self) -> float:
        """Years of readings."""
        return len(self.values) / 8760


def parquet(path: Path) -> pd.DataFrame:
    return duckdb.sql(f"SET TimeZone='UTC'; SELECT * FROM '{path}'").df()


def campus(folder: Path) -> pd.Series:
    """Quarter-hours of the campus, kW."""
    frame = parquet(folder / "polito_campus_15min.parquet")
    stamps = pd.DatetimeIndex(frame["timestamp"])
    readings = pd.Series(frame["y"].to_numpy(float), stamps.tz_localize("UTC") if stamps.tz is None else stamps)
    return readings[~readings.index.duplicated()].sort_index().asfreq("15min")


def seen(readings: pd.Series) -> pd.Series:
    """Which quarter-hours of the campus are faulty to the naked eye."""
    return (readings == 0) | readings.index.isin(POLITO_SPIKES) | dead(readings)


def dead(readings: pd.Series) -> pd.Series:
    """Weeks in which the campus read next to nothing."""
    found = pd.Series(data=False, index=readings.index)
    for first, last in POLITO_DEAD:
        found[first:last] = True
    return found & (readings != 0)


def load(folder: Path) -> list[Series]:
    vic = parquet(folder / "vic_elec.parquet").set_index("timestamp")["y"].resample("h").mean()
    quarters = campus(folder)
    hours = quarters.mask(seen(quarters)).resample("h").agg(lambda part: part.mean(skipna=False))
    two = pd.read_csv(folder / "bdg2_two_buildings.csv.gz", parse_dates=["timestamp"]).set_index("timestamp")
    found: list[tuple[str, pd.Series, tuple[tuple[str, str], ...]]] = [
        ("vic_elec", vic, ()),
        ("polito_campus_15min (hourly)", hours, ()),
    ]
    found += [(f"bdg2 {name}", rows["y"], BDG2_FAULTY[str(name)]) for name, rows in two.groupby("series_id")]
    return [
        series(name, rows.to_numpy(float)[: len(rows) // DAY * DAY], positions_of(rows, faulty))
        for name, rows, faulty in found
    ]


def positions_of(rows: pd.Series, faulty: tuple[tuple[str, str], ...]) -> set[int]:
    """Positions of readings between stamps."""
    return {int(at) for first, last in faulty for at in rows.index.get_indexer(rows[first:last].index)}


def series(name: str, values: np.ndarray, labelled: set[int]) -> Series:
    margins = (70 * DAY, max(LENGTHS) + 24 * DAY)
    at = [places(values, seed, number=PLACES_PER_SEED, margins=margins) for seed in SEEDS]
    faults = find_faults(values, day=DAY)
    out = {int(position) for fault in faults if not fault.kept for position in fault.positions}
    return Series(
        name=name,
        values=values,
        places=np.stack(at, axis=1).ravel().tolist(),
        base={(fault.kind, int(fault.positions[0])) for fault in faults},
        labelled=labelled,
        left_out=labelled & out,
    )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One row of the table: a kind of fault, how much and how long."""

    kind: str
    size: float = 0.0
    length: int | None = 1

    def words(self) -> dict[str, str]:
        """The first columns of its row."""
        size = f"x {self.size:g}" if self.kind == "unit jump" else f"{self.size:g}" if self.size else ""
        if self.kind == "clock shift":
            size = "1 h"
        return {"fault": self.kind, "size": size, "hours": "to the end" if self.length is None else str(self.length)}

    def wanted(self, start: int) -> Wanted:
        """Every second fault of those that have a direction goes the other way."""
        both = self.kind in ("spike", "level shift", "clock shift")
        return Wanted(start=start, length=self.length, size=-self.size if both and start % 2 else self.size, day=DAY)


CELLS = [
    *[Cell(kind=kind, length=hours) for kind in ("missing", "stuck", "zero run", "negative") for hours in LENGTHS],
    *[Cell(kind="spike", size=size) for size in SIZES],
    *[Cell(kind="reset", length=hours) for hours in LENGTHS],
    *[Cell(kind="unit jump", size=factor, length=hours) for factor in FACTORS for hours in (*LENGTHS, TO_THE_END)],
    *[Cell(kind="level shift", size=size, length=hours) for size in SIZES for hours in (*LENGTHS, TO_THE_END)],
    *[Cell(kind="clock shift", size=1, length=hours) for hours in (72, 168, 336)],
]


def one(cell: Cell, found_in: Series, start: int, *, errors: bool) -> dict[str, object]:
    """Break a series at one place, look for the fault, and forecast after it."""
    first = max(0, start - SEEN) // DAY * DAY
    end = start + (AFTER if cell.length is None else cell.length + AFTER)
    clean = found_in.values[first : end + DAY]
    made = inject(clean, cell.kind, cell.wanted(start - first))
    broken, truth = made.values[: end - first], made.positions[made.positions < end - first]
    faults = find_faults(broken, day=DAY)
    known_from = np.full(len(broken), NEVER)
    for fault in faults:
        if not fault.kept:
            known_from[fault.positions] = fault.known_from
    row: dict[str, object] = {**cell.words(), "data": found_in.name, "place": start, "years": len(broken) / 8760}
    row["found"] = is_found(cell.kind, broken, truth, faults, known_from)
    near = (truth[0] - DAY, truth[-1] + DAY)
    row["false alarms"] = sum(
        not any(near[0] <= p <= near[1] for p in fault.positions)
        and not any((fault.kind, first + int(p)) in found_in.base for p in fault.positions)
        for fault in faults
    )
    if errors and not (cell.kind == "level shift" and cell.length is None):
        row.update(errors_after(cell, clean, broken, truth, known_from))
    return row


def errors_after(
    cell: Cell, clean: np.ndarray, broken: np.ndarray, truth: np.ndarray, known_from: np.ndarray
) -> dict[str, float]:
    """Errors of forecasts at the very end of a fault (throughout one without end), and of those after it."""
    at = truth[0] + np.array(OPEN_CUTOFFS) if cell.length is None else truth[-1] + np.array(CUTOFFS)
    missing = clean.copy()
    missing[truth] = np.nan
    sound = np.full(len(clean), NEVER)
    late = np.concatenate([known_from, np.full(len(clean) - len(known_from), NEVER)])
    padded = np.concatenate([broken, clean[len(broken) :]])
    found = {}
    for name, raw, known in (
        ("clean", clean, sound),
        ("missing", missing, sound),
        ("broken", padded, sound),
        ("repaired", padded, late),
    ):
        error = errors_of(raw, known, at.tolist(), clean)
        found[f"{name} at its end"] = float(np.nanmean(error if cell.length is None else error[:1]))
        found[f"{name} after it"] = float("nan") if cell.length is None else float(np.nanmean(error[1:]))
    return found


def is_found(kind: str, broken: np.ndarray, truth: np.ndarray, faults: list, known_from: np.ndarray) -> bool:
    """Half of the faulty readings left out; of what is kept, a finding of that kind within a day of them."""
    if kind == "missing":
        return bool(np.isnan(broken[truth]).all())
    if kind in ("level shift", "clock shift"):
        mine = [position for fault in faults if fault.kind == kind for position in fault.positions]
        told = any(truth[0] - DAY <= position <= truth[-1] + DAY for position in mine)
        return told or bool((known_from[truth] != NEVER).mean() >= 0.5)
    return bool((known_from[truth] != NEVER).mean() >= 0.5)


def errors_of(raw: np.ndarray, known_from: np.ndarray, cutoffs: list[int], actual: np.ndarray) -> np.ndarray:
    """Mean absolute error of the day after each cutoff, fitted at the first of them. ``[C]``."""
    first = max(0, cutoffs[0] - FITTED)
    cut = slice(first, cutoffs[-1] + 1)
    length = cutoffs[-1] + 1 - first
    known = known_from[cut].copy()
    known[known != NEVER] = np.maximum(known[known != NEVER] - first, 0)
    view = View(
        items=("a",),
        grid=pd.date_range("2001-01-01", periods=length + DAY, freq="h", tz="UTC"),
        raw=raw[None, cut],
        known_from=known[None],
        task=TASK,
    )
    stamps = view.cutoffs([cutoff - first for cutoff in cutoffs])
    forecasts = build("deviation_ridge", {}).fit(view, stamps[0], TASK).predict(view, stamps)
    came = np.stack([actual[cutoff + 1 : cutoff + 1 + DAY] for cutoff in cutoffs])
    off = np.abs(forecasts.mean[:, 0] - came)
    return np.where(np.isfinite(off), off, 0.0).sum(axis=1) / np.maximum(np.isfinite(off).sum(axis=1), 1)


@cache
def table_of(values: tuple[float, ...]) -> pd.DataFrame:
    stamps = pd.date_range("2001-01-01", periods=len(values), freq="h", tz="UTC")
    return pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": values})


def in_tables(sets: list[Series]) -> pd.DataFrame:
    """Faults that only a table has: rows that stand twice, and a last day that is not whole."""
    rows = []
    for one_set in sets:
        for start in one_set.places:
            clean = one_set.values[start // DAY * DAY - 60 * DAY : start // DAY * DAY + 10 * DAY]
            table = table_of(tuple(clean)).dropna(ignore_index=True)
            at = np.arange(1000, 1006)
            for how in ("copy", "other value"):
                kinds = {
                    finding.kind for finding in prepare(repeat_rows(table, at, how=how, seed=1), freq="h").findings
                }
                rows.append(("duplicate rows", how, "6", one_set.name, "duplicate" in kinds))
            for hours in (6, 18):
                kinds = {finding.kind for finding in prepare(table.iloc[: hours - DAY], freq="h").findings}
                rows.append(("ragged last day", "", str(hours), one_set.name, "ragged last day" in kinds))
            kinds = {finding.kind for finding in prepare(table, freq="h").findings}
            rows.append(("(none)", "", "", one_set.name, bool(kinds & {"duplicate", "ragged last day"})))
    return pd.DataFrame(rows, columns=["fault", "size", "hours", "data", "found"])


def at_the_end(sets: list[Series]) -> pd.DataFrame:
    """A meter that is dead when the forecast is asked for."""
    rows = []
    for one_set in sets:
        for kind in ("stuck", "zero run", "unit jump"):
            for hours in (6, 24, 72, 200, 800):
                for start in one_set.places[: len(SEEDS)]:
                    clean = one_set.values[max(0, start - SEEN) : start + hours]
                    made = inject(
                        clean, kind, Wanted(start=min(start, SEEN), length=len(clean) - min(start, SEEN), size=0.001)
                    )
                    try:
                        kinds = {f.kind for f in prepare(table_of(tuple(made.values)), freq="h").findings}
                        rows.append((kind, hours, one_set.name, "dead meter" in kinds, False))
                    except DataError:
                        rows.append((kind, hours, one_set.name, False, True))
    return pd.DataFrame(rows, columns=["fault", "hours", "data", "flagged", "refused"])


def real(folder: Path, sets: list[Series]) -> pd.DataFrame:
    """The faults of the campus and the two buildings that are seen with the naked eye."""
    quarters = campus(folder)
    truth, values = seen(quarters).to_numpy(bool), quarters.to_numpy(float)
    left_out = np.zeros(len(values), dtype=bool)
    for fault in find_faults(values, day=96):
        if not fault.kept:
            left_out[fault.positions] = True
    zero = values == 0
    low = dead(quarters).to_numpy(bool)
    parts = {
        "zeros": zero,
        "spikes of 22 October 2014": truth & ~zero & ~low,
        "weeks of next to nothing, 2013 and 2014": low,
    }
    rows = [(name, int(part.sum()), int((part & left_out).sum())) for name, part in parts.items()]
    rows.append(("other readings", int((~truth).sum()), int((left_out & ~truth).sum())))
    rows += [(f"{one.name}: labelled", len(one.labelled), len(one.left_out)) for one in sets if one.labelled]
    return pd.DataFrame(rows, columns=["readings", "in all", "left out"])


def labelled(folder: Path) -> pd.DataFrame:
    """Readings of US utilities whose anomalies others have marked (``imputed`` in the data set)."""
    table = parquet(folder / "eia_us_utilities.parquet")
    rows = []
    for name, part in table.groupby("series_id"):
        if name in DEVELOPED:
            continue
        hours = part.set_index("timestamp").asfreq("h")
        values, marked = hours["y_raw"].to_numpy(float), hours["imputed"].to_numpy(float) == 1
        odd = marked | np.isnan(values)
        left_out = [fault for fault in find_faults(values, day=DAY) if not fault.kept]
        near = [odd[max(0, fault.positions[0] - 2) : fault.positions[-1] + 3].any() for fault in left_out]
        out = np.zeros(len(values), dtype=bool)
        for fault in left_out:
            out[fault.positions] = True
        bad = marked & np.isfinite(values)
        rows.append((len(values) / 8760, len(near), sum(near), int(bad.sum()), int((bad & out).sum())))
    years, found, confirmed, marks, hit = np.array(rows).sum(axis=0)
    return pd.DataFrame([{
        "utilities": len(rows), "years": years, "findings": int(found), "marked by others too": int(confirmed),
        "others a year": (found - confirmed) / years, "readings marked": int(marks), "of these left out": int(hit),
    }])  # fmt: skip


def clean_alarms(sets: list[Series]) -> pd.DataFrame:
    """What is found where nothing was put in: upper bounds of the false alarms, as some of it is real."""
    kinds = sorted({kind for one_set in sets for kind, _ in one_set.base})
    rows = [
        {
            "data": one_set.name,
            "years": one_set.years,
            **{kind: sum(kind == k for k, _ in one_set.base) for kind in kinds},
            "labelled": sum(at in one_set.labelled for _, at in one_set.base),
            "others a year": sum(at not in one_set.labelled for _, at in one_set.base) / one_set.years,
        }
        for one_set in sets
    ]
    return pd.DataFrame(rows)


def summed(rows: pd.DataFrame) -> pd.DataFrame:
    """By fault: found and missed over all series, and false alarms."""
    parts = []
    for (fault, size, hours), part in rows.groupby(["fault", "size", "hours"], sort=False):
        found = int(part["found"].sum())
        parts.append({
            "fault": fault, "size": size, "hours": hours,
            "injected": len(part), "found": found, "missed": len(part) - found,
            **{name: f"{group['found'].mean():.0%}" for name, group in part.groupby("data", sort=False)},
            "false alarms a year": part["false alarms"].sum() / part["years"].sum(),
        })  # fmt: skip
    return pd.DataFrame(parts)


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """By fault: errors as shares of those on clean readings, and at its end of those with the same hours missing."""
    rows = rows.dropna(subset="clean at its end")
    usual = rows.groupby("data")["clean at its end"].transform("mean")
    parts = []
    for (fault, size, hours), part in rows.groupby(["fault", "size", "hours"], sort=False):
        share = part.filter(regex="(at its end|after it)$").div(usual[part.index], axis=0).mean()
        parts.append({
            "fault": fault, "size": size, "hours": hours,
            **{f"{name}, after it": share[f"{name} after it"] / share["clean after it"]
               for name in ("broken", "repaired", "missing")},
            **{f"{name}, at its end": share[f"{name} at its end"] / share["missing at its end"]
               for name in ("broken", "repaired")},
        })  # fmt: skip
    return pd.DataFrame(parts)


def number(x: float) -> str:
    """Three digits, and no more than are worth reading."""
    return f"{x:.3g}" if x < 1000 else "over 1,000"


def show(name: str, table: pd.DataFrame) -> None:
    """Put a table into its place in the page, and into a file."""
    table.to_csv(RESULTS / f"faults_{name.replace(' ', '_')}.csv", index=False, float_format="%.5g")
    cells = [
        ["" if pd.isna(x) else number(x) if isinstance(x, float) else str(x) for x in row]
        for row in table.to_numpy(object)
    ]
    lines = [" | ".join(row) for row in [list(table.columns), ["---"] * table.shape[1], *cells]]
    before, rest = PAGE.read_text(encoding="utf-8").split(f"<!-- {name} -->\n")
    after = rest.split(f"<!-- end of {name} -->")[1]
    made = "".join(f"| {line} |\n" for line in lines)
    PAGE.write_text(f"{before}<!-- {name} -->\n{made}<!-- end of {name} -->{after}", encoding="utf-8")
    print(f"\n{name}\n{table.to_string(index=False)}", flush=True)


def main() -> None:
    if "HOURCAST_DATA" not in os.environ:
        raise SystemExit("Set HOURCAST_DATA to the folder with the data sets of docs/benchmarks.md.")
    folder, started = Path(os.environ["HOURCAST_DATA"]), time.perf_counter()
    RESULTS.mkdir(exist_ok=True)
    sets = load(folder)
    show("real", real(folder, sets))
    show("labelled", labelled(folder))
    show("clean", clean_alarms(sets))
    ends = at_the_end(sets).groupby(["fault", "hours"], sort=False)
    show(
        "end",
        ends.agg(meters=("data", "count"), flagged=("flagged", "sum"), refused=("refused", "sum")).reset_index(),
    )
    tables = in_tables(sets)
    show(
        "tables",
        tables.groupby(["fault", "size", "hours"], sort=False)["found"]
        .agg(injected="count", found="sum")
        .reset_index(),
    )
    rows = pd.DataFrame([
        one(cell, one_set, start, errors=number < ERROR_PLACES)
        for cell in CELLS for one_set in sets for number, start in enumerate(one_set.places)
    ])  # fmt: skip
    show("injected", summed(rows))
    show("errors", compared(rows))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
