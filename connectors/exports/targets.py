"""A database with a transaction begun, whoever speaks to it: SQLAlchemy, or DuckDB directly."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from connectors.database import locate
from connectors.engines import connected, duckdb_connected, said_by
from connectors.errors import ConfigError, OutputError, UnreadableFileError, near_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd
    from sqlalchemy import Connection, Dialect
    from sqlalchemy import Table as Definition
    from sqlalchemy.sql.dml import Insert

    from connectors.database import Database

KINDS = ("sqlite", "duckdb", "postgresql")
#: Rows sent at a time [n].
CHUNK = 10_000


class Target(Protocol):
    """A database with a transaction begun."""

    kind: str
    shown: str
    dialect: Dialect

    def columns(self, table: str) -> list[str]:
        """The columns of a table as it is; none when it is not there."""

    def run(self, statement: str) -> None:
        """Change a table or a view."""

    def upsert(self, definition: Definition, rows: pd.DataFrame) -> None:
        """Add rows, and replace those with the same key."""

    def commit(self) -> None:
        """Keep all of it."""


def _statement(definition: Definition, columns: Iterable[str], kind: str, incoming: str | None = None) -> Insert:
    """Insert, or replace what has the same key; the rows are given, or are those of a table at hand."""
    from sqlalchemy import column, null, select, table
    from sqlalchemy.dialects import postgresql, sqlite

    names, key = list(columns), [each.name for each in definition.primary_key]
    statement: Any = (sqlite if kind == "sqlite" else postgresql).insert(definition)
    if incoming is not None:
        statement = statement.from_select(names, select(*map(column, names)).select_from(table(incoming)))
    values: dict[str, Any] = {name: statement.excluded[name] for name in names if name not in key}
    stale = {each.name: null() for each in definition.columns if each.name not in names}
    replaced: Insert = statement.on_conflict_do_update(index_elements=key, set_=values | stale)
    return replaced


class _Alchemy:
    """A database by SQLAlchemy."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.kind, self.shown = database.kind, database.name
        self.connection, self.dialect = connection, connection.dialect

    def columns(self, table: str) -> list[str]:
        from sqlalchemy import inspect

        schema, _, name = table.rpartition(".")
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

    def __init__(self, database: Database, connection: Any) -> None:
        from sqlalchemy.dialects import postgresql

        self.kind, self.shown = database.kind, database.name
        # DuckDB speaks the SQL of PostgreSQL.
        self.connection = connection
        self.dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    def columns(self, table: str) -> list[str]:
        schema, _, name = table.rpartition(".")
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
def opened(url: str, what: str) -> Iterator[Target]:
    """The database of a URL with a transaction begun, rolled back unless it was committed.

    Args:
        url: Where the database is, see ``connectors.database``.
        what: What is written, for the messages.

    Raises:
        ConfigError: If it is none of ``KINDS``.
        ConnectorError: If it cannot be reached, or does not let us in.
        OutputError: If it refuses what is done.
    """
    database = locate(url)
    if database.kind not in KINDS:
        raise ConfigError(
            f"Forecasts are not written to {database.kind}.",
            fix=f"{near_name(database.kind, KINDS)} For another, write Parquet or CSV and load it there.",
        )
    try:
        with _session(database, what) as target:
            yield target
    except UnreadableFileError as error:
        raise OutputError(error.got, expected=error.expected, fix=error.fix) from None


@contextmanager
def _session(database: Database, what: str) -> Iterator[Target]:
    if database.kind == "duckdb":
        with duckdb_connected(database, read_only=False) as connection:
            import duckdb

            connection.execute("BEGIN")
            try:
                yield _DuckDB(database, connection)
            except duckdb.Error as error:
                raise _failed(database, what, str(error)) from None
        return
    from sqlalchemy.exc import DBAPIError

    with connected(database, read_only=False) as connection:
        try:
            yield _Alchemy(database, connection)
        except DBAPIError as error:
            raise _failed(database, what, said_by(error)) from None


def _failed(database: Database, what: str, said: str) -> OutputError:
    first = database.masked(said.split("\n", maxsplit=1)[0]).rstrip(".!")
    got = f"{what} in {database.name} could not be written: {first}."
    if re.search(r"on conflict|conflict target", said, re.IGNORECASE):
        return OutputError(
            got,
            expected="Its primary key is ours; that of forecasts is item_id, cutoff, timestamp, forecaster.",
            fix="Name another table behind the URL, as in ...#forecasts.",
        )
    return OutputError(
        got, expected="The user may make tables and write to them.", fix="Check the rights and the disk."
    )
