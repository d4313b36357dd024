"""The tables of a run as a folder, a workbook and a database: right types, whole files, the same twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing

import duckdb
import openpyxl
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError, OutputError
from connectors.exports import atomic
from connectors.exports.atomic import replace_file
from connectors.exports.layout import LAYOUTS, ordered
from connectors.exports.partitions import drop_partitions, write_partitions
from connectors.exports.publish import Destination, publish
from connectors.exports.table import export_table

ITEMS = ("=north", "007")


def forecasts(run="r1", add=0.0, day="2024-10-26"):
    """Two items over the autumn night of Paris."""
    times = pd.date_range(f"{day} 21:00", periods=6, freq="h", tz="UTC")
    parts = [
        pd.DataFrame(
            {"item_id": item, "cutoff": times[0], "timestamp": times[1:], "forecaster": "hourcast", "mean": 1 / 3}
        )
        for item in ITEMS
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.assign(mean=frame["mean"] + add, p10=frame["mean"] + add - 1, p90=frame["mean"] + add + 1)
    return export_table(
        frame, run_id=run, time_zone="Europe/Paris", freq="h", unit="kWh", weather_mode="none", quality_flag="ok"
    )


def tables(**given):
    table = forecasts(**given)
    times = pd.to_datetime(["2024-10-26T06:00Z"])
    run = pd.DataFrame(
        {"run_id": ["r1"], "job": ["north"], "status": "done", "exit_code": 0, "started_at": times, "items": 2}
    )
    metric = pd.DataFrame({"model_id": ["m1"], "forecaster": "hourcast", "metric": "mae", "value": 0.5})
    place = ["item_id", "timestamp", "timestamp_local", "utc_offset_min"]
    actual = table[place].assign(actual=2.5, unit="kWh", quality_flag="ok", schema_version=1)
    return {
        "forecast": table, "forecast_latest": table, "actual": actual, "run": run, "backtest_metric": metric,
    }  # fmt: skip


def hand_over(made, destination, **options):
    words = {
        "title": "Forecasts",
        "sources": ["Meteostat (https://meteostat.net)"],
        "created": "2024-10-26T06:00:00Z",
    }
    return publish(made, destination, **words, **options)


@pytest.mark.parametrize("profile", ["iso", "excel-fr", "plain"])
def test_the_description_says_what_the_files_are(tmp_path, profile):
    hand_over(tables(), Destination(to=str(tmp_path / "bi"), profile=profile))
    package = json.loads((tmp_path / "bi" / "datapackage.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in package["resources"]] == sorted(LAYOUTS, key=lambda n: n != "forecast_latest")
    assert package["sources"][0]["path"] == "https://meteostat.net"
    for one in package["resources"]:
        data = (tmp_path / "bi" / one["path"]).read_bytes()
        assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert one["bytes"] == len(data)
        header = data.decode("utf-8-sig").splitlines()[0].split(one["dialect"]["delimiter"])
        assert header == [field["name"] for field in one["schema"]["fields"]]
        assert set(one["schema"]["primaryKey"]) <= set(header)
        assert all("description" in field for field in one["schema"]["fields"])


def test_a_folder_written_again_is_the_same_to_the_byte(tmp_path):
    for format_ in ("csv", "parquet"):
        folder = tmp_path / format_
        hand_over(tables(), Destination(to=str(folder), format=format_))
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        hand_over(tables(), Destination(to=str(folder), format=format_))
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_partitions_are_found_by_item_and_day_and_keep_their_types(tmp_path):
    files = write_partitions(forecasts(), tmp_path)
    assert len(files) == 2
    write_partitions(forecasts(day="2024-10-27"), tmp_path)
    told = f"read_parquet('{tmp_path}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
    found = duckdb.sql(f"SELECT DISTINCT item_id, cutoff_date FROM {told} ORDER BY ALL").fetchall()
    assert found == [
        ("007", "2024-10-26"),
        ("007", "2024-10-27"),
        ("=north", "2024-10-26"),
        ("=north", "2024-10-27"),
    ]
    local = duckdb.sql(
        f"SELECT timestamp_local, utc_offset_min FROM {told} WHERE item_id = '007' ORDER BY timestamp"
    )
    assert local.fetchall()[3:5] == [("2024-10-27 02:00:00", 60), ("2024-10-27 03:00:00", 60)]
    assert drop_partitions(tmp_path, pd.Timestamp("2024-10-27", tz="UTC")) == 2
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["cutoff_date=2024-10-27"] * 2


def test_only_what_changed_is_partitioned_anew(tmp_path):
    (first, second) = write_partitions(forecasts(), tmp_path)
    before = first.stat().st_mtime_ns
    second.unlink()
    write_partitions(forecasts(add=1.0), tmp_path, changed=())
    assert (first.stat().st_mtime_ns, second.exists()) == (before, True)
    write_partitions(forecasts(add=1.0), tmp_path, changed={pd.Timestamp("2024-10-26 21:00", tz="UTC")})
    assert duckdb.sql(f"SELECT min(mean) FROM '{first}'").fetchall() == [(1 / 3 + 1,)]


def test_a_workbook_holds_times_numbers_and_no_formula(tmp_path):
    hand_over(tables(), Destination(to=str(tmp_path / "bi"), format="xlsx"))
    book = openpyxl.load_workbook(tmp_path / "bi" / "hourcast.xlsx")
    assert set(book.sheetnames) == set(LAYOUTS)
    header, *rows = book["forecast"].iter_rows()
    place = {cell.value: number for number, cell in enumerate(header)}
    item, local = rows[0][place["item_id"]], [row[place["timestamp_local"]].value for row in rows[:5]]
    assert (item.value, item.data_type) == ("=north", "s")
    assert rows[0][place["mean"]].value == 1 / 3
    assert rows[0][place["timestamp"]].value == pd.Timestamp("2024-10-26 22:00")
    assert [f"{time:%H:%M}" for time in local] == ["00:00", "01:00", "02:00", "02:00", "03:00"]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "postgresql"])
def test_a_database_gets_every_table_once_and_the_views(tmp_path, kind, request):
    url = f"{kind}:///{tmp_path / 'bi.db'}"
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
    for add in (0.0, 0.0, 5.0):
        hand_over(tables(add=add), Destination(to=url))
    hand_over({"forecast": forecasts(day="2024-10-27").assign(p50=1 / 3)}, Destination(to=url))

    def ask(statement):
        if kind == "postgresql":
            with request.getfixturevalue("postgres").connect(url.rsplit("/", maxsplit=1)[-1]) as connection:
                return connection.execute(statement).fetchall()
        opened = sqlite3.connect if kind == "sqlite" else duckdb.connect
        with closing(opened(str(tmp_path / "bi.db"))) as connection:
            return connection.execute(statement).fetchall()

    assert ask("SELECT count(*), max(mean) FROM forecast") == [(20, 1 / 3 + 5)]
    assert [ask(f"SELECT count(*) FROM {name}")[0][0] for name in ("actual", "run", "backtest_metric")] == [10, 1, 1]
    assert ask("SELECT count(*), max(mean) FROM forecast_latest") == [(10, 1 / 3)]
    assert ask("SELECT DISTINCT quantile FROM forecast_long ORDER BY quantile") == [(0.1,), (0.5,), (0.9,)]


def test_a_failed_table_takes_the_others_back(tmp_path):
    url = f"sqlite:///{tmp_path / 'bi.db'}"
    hand_over(tables(), Destination(to=url))
    broken = tables(add=9.0)
    broken["run"] = broken["run"].assign(run_id=None)
    with pytest.raises(OutputError):
        hand_over(broken, Destination(to=url))
    with closing(sqlite3.connect(tmp_path / "bi.db")) as connection:
        assert connection.execute("SELECT max(mean) FROM forecast").fetchone() == (1 / 3,)
    twice = pd.concat([tables()["run"]] * 2)
    with pytest.raises(DataError, match="A run stands twice"):
        hand_over({"run": twice}, Destination(to=url))


def hold(monkeypatch, times):
    """Have the system refuse to replace a file, as Windows does while Excel shows it, for so many times."""
    real, left = atomic.Path.replace, [times]

    def replace(self, target):
        if left[0] and not target.stem.endswith(")"):
            left[0] -= 1
            raise PermissionError(13, "The process cannot access the file")
        return real(self, target)

    monkeypatch.setattr("pathlib.Path.replace", replace)
    monkeypatch.setattr(atomic, "WAITS", (0.0, 0.0))


def test_a_file_that_is_open_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    path = tmp_path / "f.csv"
    path.write_text("old")
    hold(monkeypatch, 2)
    replace_file(path, lambda draft: draft.write_text("new"))
    assert path.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["f.csv"]


def test_what_could_not_go_into_an_open_file_lies_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "f.csv"
    path.write_text("old")
    (tmp_path / "f (2).csv").write_text("older")
    hold(monkeypatch, 99)
    with pytest.raises(OutputError, match=r"held by another program.*f \(3\)\.csv") as caught:
        replace_file(path, lambda draft: draft.write_text("new"))
    assert caught.value.exit_code == 4
    assert path.read_text() == "old"
    assert (tmp_path / "f (3).csv").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 3


def test_what_nobody_can_write_is_refused_before_the_work(tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'parquet'"):
        Destination(to="bi", format="parket")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        Destination(to=str(tmp_path / "file" / "bi")).check()
    Destination(to=str(tmp_path / "new" / "bi")).check()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_columns_stand_in_the_order_of_the_table():
    columns = ["extra", "p90", "mean", "run_id", "schema_version", "p10"]
    assert ordered(LAYOUTS["forecast"], columns) == ["run_id", "mean", "p90", "p10", "schema_version", "extra"]
