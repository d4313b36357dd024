"""The export table in a database: SQLite, DuckDB and PostgreSQL.

The key is item_id, cutoff, timestamp, forecaster: a row that is there is replaced, another is added, all in one
transaction. The table is made when it is not there; columns that are new to it are added at its end.

==========  ==============================  =====================  ==================
column      PostgreSQL                      DuckDB                 SQLite
==========  ==============================  =====================  ==================
cutoff,     timestamp with time zone        the same               text, ISO 8601 in
timestamp                                                          UTC with a Z
local time  timestamp without time zone     the same               text
quantiles   double precision                the same               double (a real)
==========  ==============================  =====================  ==================

SQLite has no type of times; its own date functions read such a text, and texts sort as the times do.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from connectors.database import locate
from connectors.engines import connected, duckdb_connected, said_by
from connectors.errors import ConfigError, DataError, OutputError, UnreadableFileError, near_name
from connectors.exports.atomic import check_folder
from connectors.frame import quantile_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Dialect
    from sqlalchemy import Table as Definition
    from sqlalchemy.sql.dml import Insert
    from sqlalchemy.types import TypeEngine

    from connectors.database import Database

KEY = ("item_id", "cutoff", "timestamp", "forecaster")
KINDS = ("sqlite", "duckdb", "postgresql")
#: Rows sent at a time [n].
CHUNK = 10_000

_TIMES, _LOCAL = ("cutoff", "timestamp"), "timestamp_local"
_NAME = re.compile(r"[^\W\d]\w{0,62}(?:\.[^\W\d]\w{0,62})?")
_UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def write_sql(table: pd.DataFrame, url: str, name: str = "forecast") -> None:
    """Write an export table into a database, whole or not at all.

    Args:
        table: From ``connectors.exports.table.export_table``.
        url: Where the database is, see ``connectors.database``; a table behind its ``#`` goes before ``name``.
        name: The table, made when it is not there.

    Raises:
        ConfigError: If the URL cannot be read, the database is none of ``KINDS``, or the name is none.
        DataError: If a row stands twice.
        MissingExtraError: If the driver is not installed.
        RetriableConnectorError: If the database cannot be reached, or another program holds it.
        FatalConnectorError: If it refuses the user, the password or the name of the database.
        OutputError: If it cannot be written; what was there is still there.
    """
    if table.duplicated(list(KEY)).any():
        raise DataError("A forecast stands twice.", expected=f"One row for {', '.join(KEY)}.")
    with _opened(url, name) as target:
        definition = _ready(target, {str(column): table[column].dtype for column in table.columns})
        target.upsert(definition, _spelt(table, target.kind))
        target.commit()


def check_sql(url: str, name: str = "forecast") -> None:
    """Find out now whether ``write_sql`` will be able to write there; nothing is left behind.

    Raises:
        As ``write_sql``.
    """
    path = locate(url).path
    if path is not None and not path.exists():
        check_folder(path)
        return
    with _opened(url, name) as target:
        _ready(target, {})


class _Target(Protocol):
    """A database with a transaction begun, whoever speaks to it."""

    kind: str
    shown: str
    table: str
    dialect: Dialect

    def columns(self) -> list[str]:
        """The columns of the table as it is; none when it is not there."""

    def run(self, statement: str) -> None:
        """Change the table."""

    def upsert(self, definition: Definition, rows: pd.DataFrame) -> None:
        """Add rows, and replace those with the same key."""

    def commit(self) -> None:
        """Keep all of it."""


def _ready(target: _Target, types: dict[str, Any]) -> Definition:
    """The table as it will be written to, made or with its new columns added.

    Raises:
        OutputError: If there is another table of that name.
    """
    from sqlalchemy.schema import CreateColumn, CreateTable

    there = target.columns()
    lacking = [column for column in KEY if column not in there]
    if there and lacking:
        raise OutputError(
            f"The table {target.table!r} in {target.shown} has no column {lacking[0]!r}, so it holds no forecasts.",
            expected=f"Its key is {', '.join(KEY)}.",
            fix="Name another table behind the URL, as in ...#forecasts.",
        )
    # A quantile that is not forecast any more must not keep the value of an earlier run beside new ones.
    stale = [column for column in there if column not in types and quantile_level(column) is not None]
    definition = _definition(target, types, stale)
    if not there:
        target.run(str(CreateTable(definition).compile(dialect=target.dialect)))
        return definition
    place = target.dialect.identifier_preparer.format_table(definition)
    for column in definition.columns:
        if column.name not in there:
            target.run(f"ALTER TABLE {place} ADD COLUMN {CreateColumn(column).compile(dialect=target.dialect)}")
    return definition


def _definition(target: _Target, types: dict[str, Any], stale: Iterable[str]) -> Definition:
    from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, Table

    schema, _, name = target.table.rpartition(".")
    names = [*types, *(column for column in KEY if column not in types), *stale]
    columns = [Column(each, _type(target.kind, each, types), nullable=each not in KEY) for each in names]
    return Table(name, MetaData(), *columns, PrimaryKeyConstraint(*KEY), schema=schema or None)


def _type(kind: str, column: str, types: dict[str, Any]) -> TypeEngine[Any]:
    """The type of a column: that of the values, and of the times that is best in this database."""
    from sqlalchemy import BigInteger, DateTime, Double, Text

    if column in (*_TIMES, _LOCAL):
        return Text() if kind == "sqlite" else DateTime(timezone=column != _LOCAL)
    dtype = types.get(column, object)
    if pd.api.types.is_integer_dtype(dtype):
        return BigInteger()
    number = quantile_level(column) is not None or pd.api.types.is_float_dtype(dtype)
    return Double() if number else Text()


def _spelt(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The values as the database takes them."""
    utc = {column: table[column].dt.tz_convert("UTC") for column in _TIMES}
    if kind == "sqlite":
        return table.assign(**{column: times.dt.strftime(_UTC_FORMAT) for column, times in utc.items()})
    local = {_LOCAL: pd.to_datetime(table[_LOCAL])} if _LOCAL in table.columns else {}
    return table.assign(**utc, **local)


def _statement(definition: Definition, columns: Iterable[str], kind: str, incoming: str | None = None) -> Insert:
    """Insert, or replace what has the same key; the rows are given, or are those of a table at hand."""
    from sqlalchemy import column, null, select, table
    from sqlalchemy.dialects import postgresql, sqlite

    names = list(columns)
    statement: Any = (sqlite if kind == "sqlite" else postgresql).insert(definition)
    if incoming is not None:
        statement = statement.from_select(names, select(*map(column, names)).select_from(table(incoming)))
    values: dict[str, Any] = {name: statement.excluded[name] for name in names if name not in KEY}
    stale = {each.name: null() for each in definition.columns if each.name not in names}
    replaced: Insert = statement.on_conflict_do_update(index_elements=KEY, set_=values | stale)
    return replaced


class _Alchemy:
    """A database by SQLAlchemy."""

    def __init__(self, database: Database, table: str, connection: Connection) -> None:
        self.kind, self.shown, self.table = database.kind, database.name, table
        self.connection, self.dialect = connection, connection.dialect

    def columns(self) -> list[str]:
        from sqlalchemy import inspect

        schema, _, name = self.table.rpartition(".")
        inspector = inspect(self.connection)
        there = inspector.has_table(name, schema or None)
        return [str(column["name"]) for column in inspector.get_columns(name, schema or None)] if there else []

    def run(self, statement: str) -> None:
        self.connection.exec_driver_sql(statement)

    def upsert(self, definition: Definition, rows: pd.DataFrame) -> None:
        statement = _statement(definition, rows.columns, self.kind)
        for first in range(0, len(rows), CHUNK):
            part = rows.iloc[first : first + CHUNK].astype(object)
            records: Any = part.where(part.notna(), None).to_dict("records")
            self.connection.execute(statement, records)

    def commit(self) -> None:
        self.connection.commit()


class _DuckDB:
    """A DuckDB file, which reads the rows where they are."""

    def __init__(self, database: Database, table: str, connection: Any) -> None:
        from sqlalchemy.dialects import postgresql

        self.kind, self.shown, self.table = database.kind, database.name, table
        # DuckDB speaks the SQL of PostgreSQL.
        self.connection = connection
        self.dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    def columns(self) -> list[str]:
        schema, _, name = self.table.rpartition(".")
        rows = self.connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_catalog = current_database() "
            "AND table_schema = ? AND table_name = ? ORDER BY ordinal_position",
            [schema or "main", name],
        )
        return [column for (column,) in rows.fetchall()]

    def run(self, statement: str) -> None:
        self.connection.execute(statement)

    def upsert(self, definition: Definition, rows: pd.DataFrame) -> None:
        statement = _statement(definition, rows.columns, self.kind, incoming="incoming")
        self.connection.register("incoming", rows)
        self.connection.execute(str(statement.compile(dialect=self.dialect)))

    def commit(self) -> None:
        self.connection.execute("COMMIT")


@contextmanager
def _opened(url: str, name: str) -> Iterator[_Target]:
    """The database with a transaction begun, rolled back unless it was committed."""
    database = locate(url)
    table = database.table or name
    if database.kind not in KINDS:
        raise ConfigError(
            f"Forecasts are not written to {database.kind}.",
            fix=f"{near_name(database.kind, KINDS)} For another, write Parquet or CSV and load it there.",
        )
    if not _NAME.fullmatch(table):
        raise ConfigError(f"{table!r} is no name of a table.", expected="Letters, digits and _, as in forecast.")
    try:
        with _session(database, table) as target:
            yield target
    except UnreadableFileError as error:
        raise OutputError(error.got, expected=error.expected, fix=error.fix) from None


@contextmanager
def _session(database: Database, table: str) -> Iterator[_Target]:
    if database.kind == "duckdb":
        with duckdb_connected(database, read_only=False) as connection:
            import duckdb

            connection.execute("BEGIN")
            try:
                yield _DuckDB(database, table, connection)
            except duckdb.Error as error:
                raise _failed(database, table, str(error)) from None
        return
    from sqlalchemy.exc import DBAPIError

    with connected(database, read_only=False) as connection:
        try:
            yield _Alchemy(database, table, connection)
        except DBAPIError as error:
            raise _failed(database, table, said_by(error)) from None


def _failed(database: Database, table: str, said: str) -> OutputError:
    first = database.masked(said.split("\n", maxsplit=1)[0]).rstrip(".!")
    got = f"The table {table!r} in {database.name} could not be written: {first}."
    if re.search(r"on conflict|conflict target", said, re.IGNORECASE):
        return OutputError(
            got,
            expected=f"Its primary key is {', '.join(KEY)}.",
            fix="Name another table behind the URL, as in ...#forecasts.",
        )
    return OutputError(
        got, expected="The user may make tables and write to them.", fix="Check the rights and the disk."
    )
