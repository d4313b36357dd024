"""What is asked of a database: its tables, their columns, and the rows of a statement, some at a time."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from connectors.engines import connected, duckdb_connected, said_by
from connectors.errors import DataError, RetriableConnectorError, near_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Dialect

    from connectors.database import Database

#: Rows fetched at a time [n].
CHUNK = 50_000

#: How SQLite, PostgreSQL and DuckDB name a column or table that is not there.
_UNKNOWN_COLUMN = re.compile(
    r"no such column: \"?([\w.$]+)|column \"?([\w.$]+)\"? does not exist|Referenced column \"([^\"]+)\" not found"
)
_UNKNOWN_TABLE = re.compile(
    r"no such table: ([\w.$]+)|relation \"([^\"]+)\" does not exist|Table with name ([\w.$]+) does not exist"
)


class Reader(Protocol):
    """What is needed of a database, whoever speaks to it."""

    def tables(self) -> list[str]:
        """Names of tables and views; outside the usual schema as ``schema.table``."""

    def columns(self, table: str) -> list[str]:
        """Names of the columns of one of them."""

    def recover(self) -> None:
        """Be ready for further questions after a statement that failed."""

    def select_all(self, table: str) -> str:
        """The statement for all its rows."""

    def chunks(self, statement: str) -> Iterator[pd.DataFrame]:
        """The rows of a statement, some at a time; at least one chunk, if only with the columns."""


@contextmanager
def opened(database: Database) -> Iterator[Reader]:
    """A database, opened for reading alone.

    Raises:
        As ``connected`` and ``duckdb_connected``.
    """
    if database.kind == "duckdb":
        with duckdb_connected(database, read_only=True) as connection:
            yield _DuckDB(database, connection)
    else:
        with connected(database, read_only=True) as connection:
            yield _Alchemy(database, connection)


class _Alchemy:
    """A database by SQLAlchemy."""

    def __init__(self, database: Database, connection: Connection) -> None:
        from sqlalchemy import inspect

        self.database, self.connection, self.inspector = database, connection, inspect(connection)
        self.by_postgresql = database.kind == "postgresql"

    def tables(self) -> list[str]:
        usual = self.inspector.default_schema_name
        names = self._names(None)
        if self.by_postgresql:
            others = [
                name for name in self.inspector.get_schema_names() if name not in (usual, "information_schema")
            ]
            names += [f"{schema}.{name}" for schema in others for name in self._names(schema)]
        return names

    def _names(self, schema: str | None) -> list[str]:
        names = [*self.inspector.get_table_names(schema), *self.inspector.get_view_names(schema)]
        return names + (self.inspector.get_materialized_view_names(schema) if self.by_postgresql else [])

    def columns(self, table: str) -> list[str]:
        schema, name = self._parted(table)
        return [str(column["name"]) for column in self.inspector.get_columns(name, schema)]

    def recover(self) -> None:
        self.connection.rollback()

    def select_all(self, table: str) -> str:
        return _select_all(*self._parted(table), self.connection.dialect)

    def _parted(self, table: str) -> tuple[str | None, str]:
        if table in self._names(None) or "." not in table:
            return None, table
        schema, name = table.split(".", maxsplit=1)
        return schema, name

    def chunks(self, statement: str) -> Iterator[pd.DataFrame]:
        from sqlalchemy.exc import DBAPIError

        try:
            # As the driver gets it: a colon or a percent sign in it is no parameter.
            options = {"stream_results": True, "max_row_buffer": CHUNK, "no_parameters": True}
            result = self.connection.exec_driver_sql(statement, execution_options=options)
            names = list(result.keys())
            yield pd.DataFrame(columns=pd.Index(names))
            for rows in result.partitions(CHUNK):
                yield pd.DataFrame([tuple(row) for row in rows], columns=pd.Index(names))
        except DBAPIError as error:
            if error.connection_invalidated:
                got = f"{self.database.name} broke off: {self.database.masked(said_by(error))}."
                raise RetriableConnectorError(got, fix="Try again later.") from None
            raise _failed(self.database, said_by(error), self, statement) from None


class _DuckDB:
    """A DuckDB file."""

    def __init__(self, database: Database, connection: Any) -> None:
        self.database, self.connection = database, connection

    def tables(self) -> list[str]:
        rows = self.connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database()"
        ).fetchall()
        return [name if schema == "main" else f"{schema}.{name}" for schema, name in rows]

    def columns(self, table: str) -> list[str]:
        rows = self.connection.execute(f"DESCRIBE {self.select_all(table)}").fetchall()
        return [str(row[0]) for row in rows]

    def recover(self) -> None:
        pass

    def select_all(self, table: str) -> str:
        from sqlalchemy.dialects import postgresql

        plain = table in self._plain_names() or "." not in table
        schema, name = (None, table) if plain else table.split(".", maxsplit=1)
        return _select_all(schema, name, postgresql.dialect())  # type: ignore[no-untyped-call]

    def _plain_names(self) -> set[str]:
        rows = self.connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        )
        return {name for (name,) in rows.fetchall()}

    def chunks(self, statement: str) -> Iterator[pd.DataFrame]:
        import duckdb

        try:
            result = self.connection.execute(statement)
            vectors = CHUNK // 2048 + 1
            while True:
                chunk = result.fetch_df_chunk(vectors)
                yield chunk
                if chunk.empty:
                    return
        except duckdb.Error as error:
            raise _failed(self.database, str(error), self, statement) from None


def _select_all(schema: str | None, name: str, dialect: Dialect) -> str:
    from sqlalchemy import select, table, text
    from sqlalchemy.sql.elements import quoted_name

    named = table(quoted_name(name, quote=True), schema=None if schema is None else quoted_name(schema, quote=True))
    return str(select(text("*")).select_from(named).compile(dialect=dialect))


def _failed(database: Database, said: str, reader: Reader, statement: str) -> DataError:
    """The error for a query that failed, with what its author may have meant."""
    reader.recover()
    column, table = _UNKNOWN_COLUMN.search(said), _UNKNOWN_TABLE.search(said)
    fix = "Check the query."
    if column is not None or table is not None:
        tables = reader.tables()
        used = [name for name in tables if re.search(rf"\b{re.escape(name)}\b", statement, re.IGNORECASE)]
        known = tables if column is None else [name for each in used for name in reader.columns(each)]
        fix = near_name(_named(column or table), known)
    first = database.masked(said.split("\n", maxsplit=1)[0]).rstrip(".!")
    return DataError(f"The query failed: {first}.", expected=f"{database.name} can run it.", fix=fix)


def _named(found: re.Match[str] | None) -> str:
    """The name in a message, bare of the table before it."""
    names = [group for group in found.groups() if group] if found else []
    return names[0].rsplit(".", maxsplit=1)[-1] if names else ""
