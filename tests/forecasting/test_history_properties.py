"""Whatever a file looks like: the history is the same, and no energy is lost or made on the way.

Readings of energy through both clock changes are written as people have them, and brought out of order, backwards,
and twice as far as the form of the file allows. The history table must be the readings, to the last bit of a sum.
"""

import random

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.files.read import SourceOptions, read_table
from forecasting.prepare import prepare

PARIS = "Europe/Paris"
QUICK = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(readings, spelling, *, zone=PARIS, sep=",", comma=False):
    times = readings.index.tz_convert(zone).strftime(spelling)
    values = [f"{value:.3f}".replace(".", ",") if comma else f"{value:.3f}" for value in readings]
    return [f"{time}{sep}{value}" for time, value in zip(times, values, strict=True)]


def utc(readings):
    return ["time,kwh", *rows_of(readings, "%Y-%m-%dT%H:%MZ", zone="UTC")]


def offsets(readings):
    return ["time,kwh", *rows_of(readings, "%Y-%m-%dT%H:%M:%S%z")]


def seconds(readings):
    return ["timestamp,kwh", *(f"{time.timestamp():.0f},{value:.3f}" for time, value in readings.items())]


def french(readings):
    return ["Date;Consommation (kWh)", *rows_of(readings, "%d/%m/%Y %H:%M", sep=";", comma=True)]


def two_columns(readings):
    return ["Date;Heure;Consommation (kWh)", *rows_of(readings, "%d/%m/%Y;%H:%M", sep=";", comma=True)]


def ends(readings):
    """Stamps at the end of their hours, as the header says."""
    later = readings.set_axis(readings.index + pd.Timedelta(hours=1))
    return ["period end utc,kwh", *rows_of(later, "%Y-%m-%d %H:%M", zone="UTC")]


def register(readings):
    """A meter that counts on; the reading after the last hour closes it."""
    total = np.round(np.cumsum([5000.0, *readings]), 3)
    times = readings.index.union([readings.index[-1] + pd.Timedelta(hours=1)]).strftime("%Y-%m-%dT%H:%MZ")
    return ["time,index_kwh", *(f"{time},{value:.3f}" for time, value in zip(times, total, strict=True))]


#: How a file is written, and what else a person says. Local clocks cannot be shuffled: an hour stands in them twice.
INSTANTS = {"utc": utc, "offsets": offsets, "seconds": seconds, "ends": ends, "register": register}
LOCAL = {"french": french, "two columns": two_columns}


def disordered(rows, seed, *, shuffled):
    chance = random.Random(seed)
    twice = {chance.randrange(len(rows)) for _ in range(chance.randrange(5))} if shuffled else set()
    rows = [row for place, row in enumerate(rows) for _ in range(1 + (place in twice))]
    if shuffled and chance.random() < 0.6:
        chance.shuffle(rows)
    elif chance.random() < 0.5:
        rows.reverse()
    return rows


def history_of(source, target, zone=None):
    table = read_table(source, SourceOptions(target=target, time_zone=zone), series="meter")
    return prepare(table.frame, freq=table.freq, repair=False).history[["item_id", "timestamp", "target"]]


@pytest.fixture
def readings():
    """Hours of energy around a clock change, some of them missing [kWh]."""

    def make(change, days, seed):
        first = (pd.Timestamp(change, tz=PARIS) - pd.DateOffset(days=days)).tz_convert("UTC")
        hours = pd.date_range(first, periods=24 * (2 * days + 1) + seed % 7, freq="h")
        values = np.random.default_rng(seed).integers(1, 20_000, len(hours)) / 1000
        return pd.Series(values, index=hours.as_unit("ns"))

    return make


def expected(readings):
    frame = pd.DataFrame({"item_id": "meter", "timestamp": readings.index, "target": readings.to_numpy()})
    return frame.astype({"item_id": "str"})


@QUICK
@given(
    kind=st.sampled_from([*INSTANTS, *LOCAL]),
    change=st.sampled_from(["2024-03-31", "2024-10-27", "2023-10-29", "2025-03-30"]),
    days=st.integers(2, 5),
    seed=st.integers(0, 10_000),
)
def test_a_text_gives_the_same_history_in_any_order(tmp_path, readings, kind, change, days, seed):
    there = readings(change, days, seed)
    head, *rows = (INSTANTS | LOCAL)[kind](there)
    path = tmp_path / "meter.csv"
    path.write_text("\n".join([head, *disordered(rows, seed, shuffled=kind in INSTANTS)]), encoding="utf-8")
    history = history_of(path, head.replace(";", ",").split(",")[-1], None if kind in INSTANTS else PARIS)
    pd.testing.assert_frame_equal(history, expected(there), check_exact=kind != "register")
    assert history["target"].sum() == pytest.approx(there.sum(), abs=1e-9)


@QUICK
@given(
    kind=st.sampled_from(["aware index", "UTC column", "local column", "series", "parquet"]),
    change=st.sampled_from(["2024-03-31", "2024-10-27"]),
    seed=st.integers(0, 10_000),
)
def test_a_table_gives_the_same_history_in_any_order(tmp_path, readings, kind, change, seed):
    there = readings(change, 3, seed)
    order = np.random.default_rng(seed).permutation(len(there))
    frame = there.iloc[order].rename("kwh").rename_axis("time").reset_index()
    if kind == "parquet":
        path = tmp_path / "meter.parquet"
        duckdb.from_df(frame).write_parquet(str(path))
        source = path
    else:
        local = frame.assign(time=frame["time"].dt.tz_convert(PARIS))
        source = {
            "aware index": local.set_index("time"),
            "UTC column": frame,
            "local column": local,
            "series": local.set_index("time")["kwh"],
        }[kind]
    pd.testing.assert_frame_equal(history_of(source, "kwh"), expected(there))
