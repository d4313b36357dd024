"""Forecasts into SQLite, DuckDB and PostgreSQL: the same rows twice are the same rows, and all or nothing."""

import sqlite3
import traceback
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from connectors import engines
from connectors.errors import (
    ConfigError,
    DataError,
    FatalConnectorError,
    OutputError,
    RetriableConnectorError,
)
from connectors.exports import targets
from connectors.exports.sql import KEY, check_sql, write_sql
from connectors.exports.table import export_table
from connectors.exports.write import check_writable, write_forecasts
from connectors.files.read import SourceOptions
from connectors.sql import read_sql

KINDS = ["sqlite", "duckdb", "postgresql"]


def table(values=(0.1, 1 / 3, 1e-17, 123456789.123456789), item='site\'s "a"', levels=("p10", "p50", "p90")):
    """Hours around the autumn night in Paris; the second mean is missing."""
    times = pd.date_range("2024-10-26 23:00", periods=len(values) + 1, freq="h", tz="UTC")
    middle = np.array(values)
    frame = pd.DataFrame(
        {"item_id": item, "cutoff": times[0], "timestamp": times[1:], "forecaster": "naive", "mean": middle}
    )
    frame = frame.assign(**{level: middle + place for place, level in enumerate(levels)})
    return export_table(
        frame, run_id="r1", time_zone="Europe/Paris", freq="h", unit=None, weather_mode="none", quality_flag="ok"
    )


@pytest.fixture(params=KINDS)
def url(request, tmp_path):
    """A database of each kind, where nothing is yet."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"{request.param}:///{tmp_path / 'it is #1.db'}"


@pytest.fixture
def ask(url, tmp_path, request):
    """The rows of a statement, by the database's own driver."""

    def _ask(statement):
        if url.startswith("sqlite"):
            connection = sqlite3.connect(tmp_path / "it is #1.db")
            try:
                found = connection.execute(statement).fetchall()
                connection.commit()
                return found
            finally:
                connection.close()
        if url.startswith("duckdb"):
            with duckdb.connect(str(tmp_path / "it is #1.db")) as connection:
                return connection.execute(statement).fetchall()
        with request.getfixturevalue("postgres").connect(url.rsplit("/", maxsplit=1)[-1]) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return _ask


def everything(ask):
    return sorted(ask("SELECT * FROM forecast"), key=str)


def test_what_is_written_is_read_back_the_same(url):
    expected = table()
    write_sql(expected, url)
    read = read_sql(url, "forecast", SourceOptions(target="mean", time="timestamp", item="item_id"))
    assert read.frame["timestamp"].tolist() == expected["timestamp"].tolist()
    assert read.frame["target"].tolist() == expected["mean"].tolist()
    assert read.frame["p90"].tolist() == expected["p90"].tolist()
    assert read.frame["item_id"].unique().tolist() == ['site\'s "a"']


def test_times_have_the_types_they_are_documented_with(url, ask):
    write_sql(table(), url)
    (row,) = ask(
        "SELECT timestamp, timestamp_local, utc_offset_min, horizon, p10, unit FROM forecast WHERE horizon = 1"
    )
    if url.startswith("sqlite"):
        assert row[:2] == ("2024-10-27T00:00:00Z", "2024-10-27 02:00:00")
        assert ask("SELECT datetime(timestamp, '+1 hour') FROM forecast WHERE horizon = 1") == [
            ("2024-10-27 01:00:00",)
        ]
    else:
        assert pd.Timestamp(row[0]).tz_convert("UTC") == pd.Timestamp("2024-10-27", tz="UTC")
        assert row[1] == pd.Timestamp("2024-10-27 02:00")
        columns = ask("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'forecast'")
        types = {name: kind.lower() for name, kind in columns}
        assert types["cutoff"] == types["timestamp"] == "timestamp with time zone"
        assert types["timestamp_local"] in {"timestamp", "timestamp without time zone"}
        assert types["mean"] in {"double", "double precision"}
        assert types["horizon"] == "bigint"
    assert row[2:] == (120, 1, 0.1, None)


def test_a_second_write_of_the_same_rows_changes_nothing(url, ask):
    write_sql(table(), url)
    before = everything(ask)
    write_sql(table(), url)
    assert everything(ask) == before
    assert len(before) == 4


def test_rows_with_the_same_key_are_replaced_and_others_added(url, ask):
    write_sql(table(), url)
    write_sql(table(values=(7.0, 8.0)), url)
    write_sql(table(values=(9.0,), item="b"), url)
    found = ask("SELECT item_id, horizon, mean FROM forecast ORDER BY item_id, horizon")
    assert [row[2] for row in found] == [9.0, 7.0, 8.0, 1e-17, 123456789.123456789]


def test_many_rows_are_sent_in_parts(url, ask, monkeypatch):
    monkeypatch.setattr(targets, "CHUNK", 3)
    values = tuple(float(value) for value in range(50))
    write_sql(table(values=values), url)
    assert [mean for (mean,) in ask("SELECT mean FROM forecast ORDER BY horizon")] == list(values)


def test_missing_numbers_are_null(url, ask):
    write_sql(table().assign(mean=[1.0, np.nan, 2.0, np.nan]), url)
    assert ask("SELECT horizon FROM forecast WHERE mean IS NULL ORDER BY horizon") == [(2,), (4,)]


def test_new_columns_are_added_and_quantiles_of_an_earlier_run_do_not_stay(url, ask):
    write_sql(table(levels=("p05", "p50")), url)
    write_sql(table(values=(7.0, 8.0), levels=("p50", "p975")), url)
    found = ask("SELECT p05, p50, p975 FROM forecast ORDER BY horizon")
    assert found[:2] == [(None, 7.0, 8.0), (None, 8.0, 9.0)]
    assert found[2][:2] == (1e-17, 1.0)
    assert found[2][2] is None


def test_a_failed_write_leaves_the_old_rows_and_no_new_column(url, ask, monkeypatch):
    """The last of several parts breaks a rule of the table."""
    monkeypatch.setattr(targets, "CHUNK", 2)
    write_sql(table(), url)
    before = everything(ask)
    broken = table(values=tuple(range(6)), levels=("p50", "p99"))
    broken["run_id"] = "r2"
    broken.loc[5, "forecaster"] = None
    with pytest.raises(OutputError, match=r"The table 'forecast' in .*could not be written: .*forecaster") as caught:
        write_sql(broken, url)
    assert caught.value.exit_code == 4
    assert everything(ask) == before
    with pytest.raises(Exception, match="p99"):
        ask("SELECT p99 FROM forecast")


def test_a_failed_first_write_leaves_no_table(url, ask):
    broken = table()
    broken.loc[3, "forecaster"] = None
    with pytest.raises(OutputError):
        write_sql(broken, url)
    with pytest.raises(Exception, match="forecast"):
        ask("SELECT * FROM forecast")


def test_a_row_that_stands_twice_is_refused(url):
    with pytest.raises(DataError, match="A forecast stands twice"):
        write_sql(pd.concat([table(), table()]), url)


def test_another_table_of_that_name_is_left_alone(url, ask):
    ask("CREATE TABLE forecast (timestamp TEXT, load REAL)")
    for act in (check_sql, lambda place: write_sql(table(), place)):
        with pytest.raises(OutputError, match=r"has no column 'item_id', so it holds no forecasts.*#forecasts"):
            act(url)
    write_sql(table(), f"{url}#other")
    assert ask("SELECT count(*) FROM other") == [(4,)]
    write_sql(table(), url, "third")
    assert ask("SELECT count(*) FROM third") == [(4,)]


def test_a_table_without_the_key_is_refused(url, ask):
    types = "item_id TEXT, cutoff TIMESTAMP, timestamp TIMESTAMP, forecaster TEXT"
    ask(f"CREATE TABLE forecast ({types})")
    with pytest.raises(OutputError, match=rf"that of forecasts is {', '.join(KEY)}"):
        write_sql(table(), url)
    assert ask("SELECT count(*) FROM forecast") == [(0,)]


@pytest.mark.parametrize("name", ["a b", "a;b", "", "a.b.c", '"a"'])
def test_what_is_no_name_of_a_table_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="is no name of a table"):
        write_sql(table(), f"sqlite:///{tmp_path / 'x.db'}", name)
    assert list(tmp_path.iterdir()) == []


# checking first


def test_a_check_leaves_nothing_behind(url, ask, tmp_path):
    check_writable(url)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Exception, match="forecast"):
        ask("SELECT * FROM forecast")
    write_forecasts(table(), url)
    before = everything(ask)
    check_writable(url)
    assert everything(ask) == before


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_place_that_cannot_be_written_is_found_out_before_the_work(tmp_path, kind):
    for act in (check_writable, lambda place: write_forecasts(table(), place)):
        with pytest.raises(OutputError):
            act(f"{kind}:///{tmp_path / 'no' / 'x.db'}")
        with pytest.raises(OutputError):
            act(f"{kind}:///{tmp_path}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    (tmp_path / "x.db").write_text("important\n" * 1000)
    for kind in ("sqlite", "duckdb"):
        with pytest.raises(OutputError, match="cannot be opened"):
            write_sql(table(), f"{kind}:///{tmp_path / 'x.db'}")
    assert (tmp_path / "x.db").read_text() == "important\n" * 1000


def test_a_database_that_another_program_writes_to_may_be_free_later(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "CONNECT_TIMEOUT", 0.05)
    url = f"sqlite:///{tmp_path / 'x.db'}"
    write_sql(table(), url)
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(RetriableConnectorError, match="locked"):
            write_sql(table(), url)
    finally:
        holder.close()


def test_a_user_who_may_only_read_is_found_out_before_the_work(postgres_url, postgres, monkeypatch):
    database = postgres_url.rsplit("/", maxsplit=1)[-1]
    with postgres.connect(database) as connection:
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'only'")
    try:
        monkeypatch.setenv("READER", "reader")
        monkeypatch.setenv("ONLY", "only")
        url = f"postgresql://${{READER}}:${{ONLY}}@{postgres.place}/{database}"
        with pytest.raises(OutputError, match=r"permission denied for schema public.*Check the rights"):
            check_writable(url)
    finally:
        with postgres.connect(database) as connection:
            connection.execute("DROP ROLE reader")


def test_a_wrong_password_is_not_shown(postgres):
    url = f"postgresql://energy_user:hunter2@{postgres.place}/postgres"
    for act in (check_writable, lambda place: write_forecasts(table(), place)):
        with pytest.raises(FatalConnectorError) as caught:
            act(url)
        said = "".join(traceback.format_exception(caught.value))
        assert "hunter2" not in said.replace(url, "")
        assert "energy_user" not in str(caught.value)


def test_a_server_that_does_not_answer_may_later(dead_url):
    with pytest.raises(RetriableConnectorError):
        check_writable(f"postgresql://energy_user:hunter2@{dead_url.removeprefix('http://')}/energy")


def test_other_databases_are_not_written_to():
    with pytest.raises(ConfigError, match=r"Forecasts are not written to mysql\. .*sqlite, duckdb, postgresql"):
        check_writable("mysql://energy_user:hunter2@host/db")


def test_a_path_of_a_url_is_answered_with_the_url(tmp_path):
    """``Path`` takes one of the slashes away; what is left looks like a file."""
    with pytest.raises(ConfigError, match=r"a database is a URL, such as sqlite:///forecasts\.db"):
        check_writable(Path("sqlite:///forecasts.db"))
    write_forecasts(table(), f"sqlite:///{tmp_path / 'forecasts.db'}", profile="iso")
    assert (tmp_path / "forecasts.db").exists()
