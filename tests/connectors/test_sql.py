"""Readings out of SQLite, DuckDB and PostgreSQL: right instants, nothing written, no password shown."""

import hashlib
import logging
import sqlite3
import sys
import traceback
import uuid
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import keyring
import numpy as np
import pandas as pd
import pytest
from keyring.backend import KeyringBackend

from connectors import engines, queries, sql
from connectors.database import is_url, locate, shown
from connectors.errors import (
    ConfigError,
    DataError,
    FatalConnectorError,
    HourcastError,
    MissingExtraError,
    RetriableConnectorError,
    UnreadableFileError,
)
from connectors.files.read import SourceOptions
from connectors.queries import opened
from connectors.source import read_source
from connectors.sql import read_sql

LOAD = SourceOptions(target="load")
#: Two readings at 02:00 on the clock of Paris, and the hours around them.
AUTUMN = ["2024-10-26 22:00", "2024-10-26 23:00", "2024-10-27 00:00", "2024-10-27 01:00", "2024-10-27 02:00"]


def stamps(table):
    return table.frame["timestamp"].dt.strftime("%Y-%m-%d %H:%M").tolist()


def guessed(table):
    return {guess.what: guess.value for guess in table.guesses}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def sqlite_file(tmp_path):
    """SQLite holds times as texts; with a Z here."""
    path = tmp_path / "it's my #1 readings.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE meter (time TEXT, load REAL, temperature REAL)")
        rows = [(f"{time}:00Z", 10.0 + place, 5.5) for place, time in enumerate(AUTUMN)]
        connection.executemany("INSERT INTO meter VALUES (?, ?, ?)", rows)
    connection.close()
    return path


@pytest.fixture
def duckdb_file(tmp_path):
    path = tmp_path / "readings.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.execute("CREATE TABLE meter (time TIMESTAMPTZ, load DECIMAL(9, 3), tags VARCHAR[])")
        for place, time in enumerate(AUTUMN):
            connection.execute("INSERT INTO meter VALUES (?, ?, ['a'])", [f"{time}:00Z", 10 + place])
    return path


@pytest.fixture
def postgres_meter(postgres, postgres_url):
    """A table with an instant, a local clock, and numbers of every kind."""
    with postgres.connect(postgres_url.rsplit("/", maxsplit=1)[-1]) as connection:
        connection.execute(
            "CREATE TABLE meter (at timestamptz, clock timestamp, load numeric(9, 2), room real, id uuid, raw bytea)"
        )
        for place, time in enumerate(AUTUMN):
            clock = pd.Timestamp(time, tz="UTC").tz_convert("Europe/Paris").tz_localize(None).isoformat()
            connection.execute(
                "INSERT INTO meter VALUES (%s, %s, %s, %s, %s, %s)",
                (f"{time}Z", clock, 10 + place, 20.5, uuid.UUID(int=7), b"x"),
            )
    return postgres_url


# reading


def test_a_table_of_sqlite_is_read(sqlite_file):
    table = read_sql(f"sqlite:///{sqlite_file}", "meter", LOAD)
    assert stamps(table) == AUTUMN
    assert table.frame["target"].tolist() == [10.0, 11.0, 12.0, 13.0, 14.0]
    assert table.frame["item_id"].unique().tolist() == ["meter"]
    assert table.covariates == ("temperature",)
    assert (table.freq, table.time, table.name) == ("h", "time", f"sqlite:///{sqlite_file}")


def test_a_table_of_duckdb_is_read_in_utc_whatever_the_zone_of_this_machine(duckdb_file):
    table = read_sql(f"duckdb:///{duckdb_file}", "meter", LOAD)
    assert stamps(table) == AUTUMN
    assert table.frame["target"].sum() == 60.0
    assert "column 'tags' holds neither numbers, times nor text and is not used" in table.notes


def test_instants_of_postgresql_become_utc(postgres_meter):
    """The server shows them in the zone of the session, Tokyo here; the instants count."""
    table = read_sql(postgres_meter, "SELECT at, load, room, id, raw FROM meter", LOAD)
    assert stamps(table) == AUTUMN
    assert table.frame["target"].tolist() == [10.0, 11.0, 12.0, 13.0, 14.0]
    assert table.covariates == ("room",)
    assert "column 'raw' holds neither numbers, times nor text and is not used" in table.notes


def test_a_local_clock_of_postgresql_is_read_in_the_zone_given(postgres_meter):
    """02:00 stands there twice; the first is summer time."""
    options = SourceOptions(target="load", time_zone="Europe/Paris")
    table = read_sql(postgres_meter, "SELECT clock, load FROM meter ORDER BY at", options)
    assert stamps(table) == AUTUMN
    assert "time zone" not in guessed(table)


def test_a_local_clock_without_a_zone_is_taken_as_it_stands_and_that_is_said(postgres_url):
    hours = "timestamp '2024-01-01' + n * interval '1 hour'"
    query = f"SELECT {hours} AS clock, n::real AS load FROM generate_series(0, 9) n"
    table = read_sql(postgres_url, query, LOAD)
    assert stamps(table)[:2] == ["2024-01-01 00:00", "2024-01-01 01:00"]
    assert guessed(table)["time zone"] == "UTC"
    assert next(guess.why for guess in table.guesses if guess.what == "time zone") == "the times carry no offset"


def test_instants_of_both_sides_of_a_clock_change_keep_their_distance(postgres_meter, postgres):
    """The session is in Paris: 02:00 comes twice, with two offsets."""
    with postgres.connect(postgres_meter.rsplit("/", maxsplit=1)[-1]) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET timezone = 'Europe/Paris'")
    assert stamps(read_sql(postgres_meter, "SELECT at, load FROM meter", LOAD)) == AUTUMN


def test_instants_with_an_offset_of_their_own_each_become_utc():
    """As other drivers than that of PostgreSQL give them."""
    summer, winter = (datetime(2024, 10, 27, 2, tzinfo=timezone(timedelta(hours=hours))) for hours in (2, 1))
    found = sql._plain(pd.Series([None, summer, winter], dtype=object))
    assert found.tolist()[1:] == [pd.Timestamp("2024-10-27 00:00", tz=UTC), pd.Timestamp("2024-10-27 01:00", tz=UTC)]


def test_rows_come_in_chunks_and_a_column_may_be_empty_in_some(postgres_meter, postgres, monkeypatch):
    with postgres.connect(postgres_meter.rsplit("/", maxsplit=1)[-1]) as connection:
        connection.execute("ALTER TABLE meter ADD COLUMN late timestamptz, ADD COLUMN kwh numeric")
        connection.execute("UPDATE meter SET late = at, kwh = 1.5 WHERE load > 12")
    whole = read_sql(
        postgres_meter, "SELECT at, kwh, late, load FROM meter ORDER BY load", SourceOptions(target="kwh", time="at")
    )
    monkeypatch.setattr(queries, "CHUNK", 2)
    parts = read_sql(
        postgres_meter, "SELECT at, kwh, late, load FROM meter ORDER BY load", SourceOptions(target="kwh", time="at")
    )
    pd.testing.assert_frame_equal(parts.frame, whole.frame)
    assert parts.notes == whole.notes
    np.testing.assert_array_equal(parts.frame["target"], [np.nan, np.nan, np.nan, 1.5, 1.5])


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_files_are_read_in_chunks_too(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(queries, "CHUNK", 100)
    times = pd.date_range("2024-01-01", periods=5000, freq="h")
    frame = pd.DataFrame({"time": times.strftime("%Y-%m-%d %H:%M:%S"), "load": np.arange(5000.0)})
    path = tmp_path / "many.db"
    if kind == "sqlite":
        with sqlite3.connect(path) as connection:
            frame.to_sql("meter", connection, index=False)
        connection.close()
    else:
        with duckdb.connect(str(path)) as connection:
            connection.from_df(frame).create("meter")
    table = read_sql(f"{kind}:///{path}", "meter", LOAD)
    assert table.frame["target"].tolist() == frame["load"].tolist()


def test_more_rows_than_the_most_are_refused(sqlite_file, monkeypatch):
    monkeypatch.setattr(sql, "MOST_ROWS", 4)
    with pytest.raises(DataError, match=r"gives more than 4 rows\. Ask for fewer"):
        read_sql(f"sqlite:///{sqlite_file}", "meter", LOAD)


def test_a_query_with_signs_that_drivers_take_for_parameters(postgres_meter, sqlite_file):
    query = "SELECT at, load FROM meter WHERE 'a%b:c' LIKE '%:c' AND '?' = '?'"
    assert len(read_sql(postgres_meter, query, LOAD).frame) == 5
    assert len(read_sql(f"sqlite:///{sqlite_file}", query.replace("at,", "time,"), LOAD).frame) == 5


@pytest.mark.parametrize(
    "query",
    [
        "with a as (select * from meter) select time, load from a;",
        "  (SELECT * FROM meter)",
        "-- a\nSELECT * FROM meter",
    ],
)
def test_statements_begin_in_many_ways(duckdb_file, query):
    assert len(read_sql(f"duckdb:///{duckdb_file}", query, LOAD).frame) == 5


def test_a_table_is_found_by_the_url_or_because_it_is_the_only_one(sqlite_file):
    alone = read_sql(f"sqlite:///{sqlite_file}", None, LOAD)
    assert guessed(alone)["table"] == "meter"
    with sqlite3.connect(sqlite_file) as connection:
        connection.execute("CREATE VIEW recent AS SELECT * FROM meter WHERE load > 11")
    connection.close()
    assert len(read_sql(f"sqlite:///{sqlite_file}#recent", None, LOAD).frame) == 3
    assert len(read_sql(f"sqlite:///{sqlite_file}#recent", "meter", LOAD).frame) == 5
    with pytest.raises(ConfigError, match=r"has 2 tables, and none was named\. Known: meter, recent\."):
        read_sql(f"sqlite:///{sqlite_file}", None, LOAD)


def test_tables_of_other_schemas_and_views_are_known_in_postgresql(postgres_meter, postgres):
    with postgres.connect(postgres_meter.rsplit("/", maxsplit=1)[-1]) as connection:
        connection.execute('CREATE SCHEMA grid; CREATE TABLE grid."Big Load" AS SELECT at, load FROM meter')
        connection.execute("CREATE MATERIALIZED VIEW kept AS SELECT at, load FROM meter")
    assert len(read_sql(postgres_meter, "grid.big load", LOAD).frame) == 5
    assert len(read_sql(postgres_meter, "kept", LOAD).frame) == 5
    assert len(read_sql(postgres_meter, "METER", SourceOptions(target="load", time="at")).frame) == 5


def test_tables_of_other_schemas_are_known_in_duckdb(duckdb_file):
    with duckdb.connect(str(duckdb_file)) as connection:
        connection.execute('CREATE SCHEMA grid; CREATE TABLE grid."a ""b""" AS SELECT time, load FROM meter')
        connection.execute('CREATE TABLE "with.dot" AS SELECT time, load FROM meter')
    assert len(read_sql(f"duckdb:///{duckdb_file}", 'grid.a "b"', LOAD).frame) == 5
    assert len(read_sql(f"duckdb:///{duckdb_file}", "with.dot", LOAD).frame) == 5


# nothing is written


def test_a_sqlite_file_cannot_be_written_through_the_reader(sqlite_file):
    before = digest(sqlite_file)
    refused = pytest.raises(Exception, match="attempt to write a readonly database")
    with opened(locate(f"sqlite:///{sqlite_file}")) as reader, refused:
        reader.connection.exec_driver_sql("DELETE FROM meter")
    read_sql(f"sqlite:///{sqlite_file}", "meter", LOAD)
    assert digest(sqlite_file) == before
    assert [path.name for path in sqlite_file.parent.iterdir()] == [sqlite_file.name]


def test_a_duckdb_file_cannot_be_written_through_the_reader(duckdb_file):
    before = digest(duckdb_file)
    with opened(locate(f"duckdb:///{duckdb_file}")) as reader, pytest.raises(duckdb.Error, match="read-only"):
        reader.connection.execute("DELETE FROM meter")
    read_sql(f"duckdb:///{duckdb_file}", "meter", LOAD)
    assert digest(duckdb_file) == before
    assert [path.name for path in duckdb_file.parent.iterdir()] == [duckdb_file.name]


def test_postgresql_is_asked_for_a_transaction_that_cannot_write(postgres_meter, postgres):
    """A function that writes is a SELECT to us; the server refuses it."""
    with postgres.connect(postgres_meter.rsplit("/", maxsplit=1)[-1]) as connection:
        connection.execute("CREATE SEQUENCE counter")
    with pytest.raises(DataError, match="read-only transaction"):
        read_sql(postgres_meter, "SELECT at, load, nextval('counter') FROM meter", LOAD)
    with opened(locate(postgres_meter)) as reader, pytest.raises(Exception, match="read-only transaction"):
        reader.connection.exec_driver_sql("DELETE FROM meter")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DELETE FROM meter", "begins with DELETE"),
        ("drop table meter", "begins with DROP"),
        ("/* SELECT */ UPDATE meter SET load = 0", "begins with UPDATE"),
        ("PRAGMA writable_schema = 1", "begins with PRAGMA"),
        ("SELECT * FROM meter; DROP TABLE meter", "several statements"),
        ("SELECT $$'$$; DROP TABLE meter; --'", "several statements"),
        ("WITH a AS (DELETE FROM meter RETURNING *) SELECT * FROM a", "holds the word DELETE"),
        ("SELECT * INTO copy FROM meter", "holds the word INTO"),
        ("SELECT * FROM meter FOR UPDATE", "holds the word UPDATE"),
        ("  ", "is empty"),
    ],
)
def test_all_but_one_select_is_refused_before_anything_is_opened(query, said):
    with pytest.raises(ConfigError, match=rf"{said}.* Only reading is done"):
        read_sql("postgresql://nobody@127.0.0.1:1/none", query, LOAD)


def test_words_in_texts_and_quoted_names_are_no_statements(sqlite_file):
    with sqlite3.connect(sqlite_file) as connection:
        connection.execute('ALTER TABLE meter ADD COLUMN "update" REAL')
    connection.close()
    query = "SELECT time, load, \"update\" FROM meter WHERE 'delete ' <> 'into' -- insert\n"
    assert len(read_sql(f"sqlite:///{sqlite_file}", query, LOAD).frame) == 5


# what is not there


@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "postgresql"])
def test_names_that_are_not_there_are_answered_with_near_ones(kind, request):
    fixture = {"postgresql": "postgres_meter"}.get(kind, f"{kind}_file")
    found = request.getfixturevalue(fixture)
    url = found if kind == "postgresql" else f"{kind}:///{found}"
    with pytest.raises(ConfigError, match=r"There is no table 'metre' in .*Did you mean 'meter'\?"):
        read_sql(url, "metre", LOAD)
    with pytest.raises(DataError, match=r"The query failed: .*\bmetre\b.*Did you mean 'meter'\?"):
        read_sql(url, "SELECT * FROM metre", LOAD)
    with pytest.raises(DataError, match=r"The query failed: .*\blaod\b.*Did you mean 'load'\?"):
        read_sql(url, "SELECT laod FROM meter", LOAD)
    with pytest.raises(DataError, match=r"There is no column 'laod' in ['\"].*://.*Did you mean 'load'\?"):
        read_sql(url, "meter", SourceOptions(target="laod"))
    with pytest.raises(DataError, match=r"gives no rows for the query\."):
        read_sql(url, "SELECT * FROM meter WHERE load > 99", LOAD)
    with pytest.raises(DataError, match=r"The query failed: "):
        read_sql(url, "SELECT FROM WHERE", LOAD)


def test_a_column_that_comes_twice_is_refused(sqlite_file):
    with pytest.raises(DataError, match=r"gives two columns 'time'\. .*Rename one with AS"):
        read_sql(f"sqlite:///{sqlite_file}", "SELECT * FROM meter a JOIN meter b USING (load, temperature)", LOAD)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_files_that_are_none_are_refused(tmp_path, kind):
    with pytest.raises(UnreadableFileError, match=r"There is no file '.*gone\.db'"):
        read_sql(f"{kind}:///{tmp_path / 'gone.db'}", "meter", LOAD)
    assert not (tmp_path / "gone.db").exists()
    (tmp_path / "text.db").write_bytes(b"time,load\n" * 2000)
    with pytest.raises(UnreadableFileError, match=r"text\.db cannot be opened: .*It is a file of"):
        read_sql(f"{kind}:///{tmp_path / 'text.db'}", "meter", LOAD)
    for url in (f"{kind}://", f"{kind}:///:memory:", f"{kind}:///file:a.db?mode=rw"):
        with pytest.raises(ConfigError, match="The URL names no file"):
            read_sql(url, "meter", LOAD)


def test_a_sqlite_file_that_is_being_written_may_be_read_later(sqlite_file, monkeypatch):
    monkeypatch.setattr(engines, "CONNECT_TIMEOUT", 0.05)
    holder = sqlite3.connect(sqlite_file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(RetriableConnectorError, match=r"locked.*Try again later"):
            read_sql(f"sqlite:///{sqlite_file}", "meter", LOAD)
    finally:
        holder.close()


# drivers


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("snowflake://u:hunter2@account/db", 'pip install "snowflake-sqlalchemy"'),
        ("postgress://u:hunter2@host/db", "Did you mean 'postgresql'?"),
        ("mysql+pymysql://u:hunter2@host/db", 'pip install "pymysql"'),
        ("mssql+pyodbc://u:hunter2@host/db", 'pip install "pyodbc"'),
    ],
)
def test_a_driver_that_is_not_there_is_named_with_its_pip_line(url, said):
    with pytest.raises(MissingExtraError) as caught:
        read_sql(url, "meter", LOAD)
    assert said in str(caught.value)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", ["postgres://u@127.0.0.1/db", "postgresql://u@127.0.0.1/db"])
def test_postgresql_without_psycopg_names_our_extra(monkeypatch, url):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r'pip install "hourcast\[postgres\]"'):
        read_sql(url, "meter", LOAD)


@pytest.mark.parametrize("url", ["https://example.org/a.csv", "ftp://example.org/a"])
def test_a_web_address_is_no_database(url):
    with pytest.raises(ConfigError, match=r"is no database\..*Download a file first"):
        read_source(url, LOAD)


# secrets


SECRET, USER = "p@ss/w:rd%#?", "energy_user"


def everything_said(act, caplog):
    """The message, the traceback with its causes, and the logs of an act that fails."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(HourcastError) as caught:
        act()
    error = caught.value
    return error, "".join(traceback.format_exception(error)) + repr(error) + caplog.text


def test_a_wrong_password_is_refused_for_good_and_not_shown(postgres, monkeypatch, caplog):
    monkeypatch.setenv("PG_USER", USER)
    monkeypatch.setenv("PG_PASSWORD", SECRET)
    url = f"postgresql://${{PG_USER}}:${{PG_PASSWORD}}@{postgres.place}/postgres"
    error, said = everything_said(lambda: read_sql(url, "meter", LOAD), caplog)
    assert isinstance(error, FatalConnectorError)
    assert f"postgresql://{postgres.place}/postgres cannot be opened: " in str(error)
    assert 'password authentication failed for user "***"' in str(error)
    for secret in (SECRET, USER, "p%40ss"):
        assert secret not in said


def test_a_server_that_does_not_answer_may_later(dead_url, monkeypatch, caplog):
    place = dead_url.removeprefix("http://")
    url = f"postgresql://{USER}:hunter2@{place}/energy?sslpassword=topsecret"
    error, said = everything_said(lambda: read_sql(url, "meter", LOAD), caplog)
    assert isinstance(error, RetriableConnectorError)
    assert error.exit_code == 75
    assert f"postgresql://{place}/energy cannot be opened" in str(error)
    for secret in ("hunter2", USER, "topsecret"):
        assert secret not in said


def test_a_database_that_is_not_there_is_refused_for_good(postgres, monkeypatch):
    monkeypatch.setenv("PG_PASSWORD", postgres.password)
    with pytest.raises(FatalConnectorError, match='database "none" does not exist'):
        read_sql(f"postgresql://{postgres.user}:${{PG_PASSWORD}}@{postgres.place}/none", "meter", LOAD)


def test_a_failing_query_shows_no_secret(postgres_meter, postgres, caplog):
    """Whatever of it the driver repeats."""
    for secret in (postgres.user, postgres.password):
        error, said = everything_said(
            lambda secret=secret: read_sql(postgres_meter, f"SELECT '{secret}'::int FROM meter", LOAD), caplog
        )
        assert isinstance(error, DataError)
        assert 'invalid input syntax for type integer: "***"' in str(error)
        assert secret not in str(error)
        assert postgres.password not in said.replace(f"'{secret}'::int", "")


def test_no_secret_is_in_the_table(postgres_meter, postgres):
    table = read_sql(postgres_meter, "meter", SourceOptions(target="load", time="at"))
    assert table.name == f"postgresql://{postgres.place}/{postgres_meter.rsplit('/', maxsplit=1)[-1]}"
    assert postgres.password not in repr(table)
    assert postgres.user not in repr(table)
    assert postgres.user not in repr(locate(postgres_meter))


def test_a_url_that_cannot_be_read_is_not_repeated(caplog):
    for url in (f"{USER}:hunter2://", f"postgresql://{USER}:hunter2@host:port/db", f"sqlite{USER}hunter2"):
        error, said = everything_said(lambda url=url: read_sql(url, "meter", LOAD), caplog)
        assert isinstance(error, ConfigError)
        assert "hunter2" not in said
        assert USER not in said


def test_variables_stand_for_any_part_or_for_the_whole(monkeypatch, sqlite_file):
    monkeypatch.setenv("FOLDER", str(sqlite_file.parent))
    monkeypatch.setenv("HOURCAST_SQL_URL", f"sqlite:///{sqlite_file}#meter")
    named = "${FOLDER}" + f"/{sqlite_file.name}"
    assert len(read_sql(f"sqlite:///{named}", "meter", LOAD).frame) == 5
    assert len(read_sql("${HOURCAST_SQL_URL}", None, LOAD).frame) == 5
    with pytest.raises(ConfigError, match="There is no table 'other'"):
        read_sql("${HOURCAST_SQL_URL}#other", None, LOAD)
    monkeypatch.setenv("SECRET", SECRET)
    found = locate("postgresql://${SECRET}:${SECRET}@host/db?sslpassword=${SECRET}#grid.meter")
    assert (found.url.username, found.url.password, found.url.query["sslpassword"]) == (SECRET, SECRET, SECRET)
    assert (found.table, found.url.host, found.url.database) == ("grid.meter", "host", "db")


def test_a_variable_that_is_not_set_is_named():
    with pytest.raises(ConfigError, match=r"'NOT_SET_HERE' of the environment is not set\. .*export NOT_SET_HERE="):
        read_sql("postgresql://me:${NOT_SET_HERE}@host/db", "meter", LOAD)


class Kept(KeyringBackend):
    """A keyring that holds one password."""

    priority = 1
    asked = None

    def get_password(self, service, username):
        type(self).asked = (service, username)
        return "from the ring"

    def set_password(self, service, username, password):
        raise NotImplementedError


class Closed(Kept):
    def get_password(self, *asked):  # noqa: ARG002
        raise keyring.errors.KeyringLocked


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_a_password_is_looked_for_in_the_keyring(ring, monkeypatch):
    ring(Kept())
    assert locate("postgresql://me@host:5433/db").url.password == "from the ring"
    assert Kept.asked == ("hourcast", "me@host:5433/db")
    assert locate("postgresql://me:own@host/db").url.password == "own"
    assert locate("postgresql://host/db").url.password is None
    ring(Closed())
    assert locate("postgresql://me@host/db").url.password is None
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert locate("postgresql://me@host/db").url.password is None


# the door


def test_the_door_sends_urls_to_databases_and_all_else_to_files(sqlite_file, tmp_path):
    (tmp_path / "meter.csv").write_text("time,load\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n2024-01-01 02:00,3\n")
    assert read_source(str(tmp_path / "meter.csv"), LOAD).name == "meter.csv"
    assert read_source(tmp_path / "meter.csv", LOAD).name == "meter.csv"
    frame = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=3, freq="h", tz=UTC), "load": [1.0, 2, 3]})
    assert read_source(frame, LOAD).name == "DataFrame"
    assert len(read_source(f"sqlite:///{sqlite_file}", LOAD, query="meter").frame) == 5
    with pytest.raises(ConfigError, match="A query was given, but the source is no database"):
        read_source(tmp_path / "meter.csv", LOAD, query="meter")


@pytest.mark.parametrize(
    "text", ["sqlite:///a.db", "${HOURCAST_SQL_URL}", "${URL}#meter", "mysql+pymysql://host/db"]
)
def test_what_is_a_url(text):
    assert is_url(text)


@pytest.mark.parametrize("text", ["a.csv", r"C:\a.csv", "C://a.csv", "sqlite:/a.db", "data #1.csv", "${A}/b.csv"])
def test_what_is_a_file(text):
    assert not is_url(text)
    assert not is_url(Path(text))


def test_a_place_is_shown_without_its_secrets():
    assert shown("postgresql://me:hunter2@host:5433/db?sslpassword=x#meter") == "postgresql://host:5433/db"
    assert shown(Path("a.csv")) == shown("a.csv") == "a.csv"
