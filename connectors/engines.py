"""The way into a database, for reading alone where that is what is done.

DuckDB is spoken to directly: it is a dependency anyhow, while its SQLAlchemy dialect would be one more, tied to the
PostgreSQL one it is made from.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.duck import connect
from connectors.errors import (
    FatalConnectorError,
    HourcastError,
    MissingExtraError,
    RetriableConnectorError,
    UnreadableFileError,
    near_name,
)
from connectors.extras import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

    from connectors.database import Database

#: Longest wait for a server to let us in [s].
CONNECT_TIMEOUT = 15

#: What a server says, in the languages it says it, to a wrong user, password or database.
_REFUSED = re.compile(
    r"password|authenti|access denied|mot de passe|passwort|kennwort|does not exist|unknown database", re.IGNORECASE
)
_BUSY = re.compile(r"locked|lock on file|conflicting lock", re.IGNORECASE)
#: The packages of the other drivers, by the module that is missing.
_DRIVERS = {
    "MySQLdb": "mysqlclient", "pymysql": "pymysql", "pyodbc": "pyodbc", "oracledb": "oracledb",
    "cx_Oracle": "oracledb", "psycopg2": "psycopg2-binary", "asyncpg": "asyncpg",
}  # fmt: skip
#: Databases SQLAlchemy knows itself, and the packages that teach it others.
_KNOWN = ("sqlite", "duckdb", "postgresql", "mysql", "mariadb", "mssql", "oracle")
_DIALECTS = {
    "snowflake": "snowflake-sqlalchemy", "bigquery": "sqlalchemy-bigquery", "redshift": "sqlalchemy-redshift",
    "clickhouse": "clickhouse-sqlalchemy", "databricks": "databricks-sqlalchemy", "trino": "trino[sqlalchemy]",
}  # fmt: skip


@contextmanager
def connected(database: Database, *, read_only: bool) -> Iterator[Connection]:
    """A connection by SQLAlchemy, with a transaction begun; it is rolled back unless it was committed.

    Args:
        database: Any but DuckDB.
        read_only: Whether the database is to refuse to be written to; SQLite and PostgreSQL do.

    Raises:
        MissingExtraError: If the driver is not installed.
        RetriableConnectorError: If it cannot be reached, or another program holds it.
        FatalConnectorError: If it refuses the user, the password or the name of the database.
        UnreadableFileError: If the file is not there or no database, when it is to be read.
    """
    from sqlalchemy.exc import DBAPIError

    if read_only:
        _require_file(database)
    engine = _engine(database, read_only=read_only)
    try:
        try:
            connection = engine.connect()
            connection.begin()
            if database.kind == "sqlite":
                # Only now is the file looked into.
                connection.exec_driver_sql("PRAGMA schema_version")
        except DBAPIError as error:
            raise _cannot_open(database, str(error.orig)) from None
        with connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def duckdb_connected(database: Database, *, read_only: bool) -> Iterator[Any]:
    """A connection to a DuckDB file.

    Args:
        database: One in a DuckDB file.
        read_only: Whether it is to refuse to be written to.

    Raises:
        RetriableConnectorError: If another program holds it.
        UnreadableFileError: If the file is not there or no database, when it is to be read.
    """
    import duckdb

    if read_only:
        _require_file(database)
    try:
        connection = connect(str(database.path), read_only=read_only)
    except duckdb.Error as error:
        raise _cannot_open(database, str(error)) from None
    with connection:
        yield connection


def _require_file(database: Database) -> None:
    if database.path is not None and not database.path.is_file():
        raise UnreadableFileError(
            f"There is no file {str(database.path)!r}.",
            expected="Three slashes stand before a path from here, four before one from the root.",
            fix="Check the path.",
        )


def _cannot_open(database: Database, said: str) -> HourcastError:
    """The error for what a driver said when it did not let us in."""
    got = f"{database.name} cannot be opened: {database.masked(said)}."
    if _BUSY.search(said):
        return RetriableConnectorError(got, expected="No other program is writing to it.", fix="Try again later.")
    if database.path is not None:
        return UnreadableFileError(got, expected=f"It is a file of {database.kind}.", fix="Check the path.")
    if _REFUSED.search(said):
        return FatalConnectorError(
            got,
            expected="The server lets the user in.",
            fix="Check user, password and database; give them as ${NAME} of the environment, or by the keyring.",
        )
    return RetriableConnectorError(
        got, expected="The server answers.", fix="Check host and port, and the network; or try again later."
    )


def _engine(database: Database, *, read_only: bool) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import NoSuchModuleError
    from sqlalchemy.pool import NullPool

    if database.kind == "sqlite":
        return _sqlite_engine(database, read_only=read_only)
    by_psycopg = database.url.drivername == "postgresql+psycopg"
    timeout = (
        {"connect_timeout": CONNECT_TIMEOUT} if by_psycopg and "connect_timeout" not in database.url.query else {}
    )
    try:
        if by_psycopg:
            require("psycopg", extra="postgres", purpose="PostgreSQL")
        engine = create_engine(database.url, poolclass=NullPool, connect_args=timeout)
    except NoSuchModuleError:
        raise _no_dialect(database) from None
    except ImportError as error:
        # psycopg is there and finds no libpq: then its name is not said.
        package = _DRIVERS.get(error.name or "", error.name or "psycopg[binary]")
        raise MissingExtraError(
            f"{database.kind} needs the package {package!r}, which is not installed.",
            fix=f'Install it with: pip install "{package}"',
        ) from error
    return engine.execution_options(postgresql_readonly=True) if read_only and by_psycopg else engine


def _no_dialect(database: Database) -> MissingExtraError:
    package = _DIALECTS.get(database.kind)
    if package is None:
        return MissingExtraError(
            f"There is no driver for {database.kind}://.",
            expected=near_name(database.kind, (*_KNOWN, *_DIALECTS)),
            fix="For another database: pip install the package of its SQLAlchemy dialect.",
        )
    return MissingExtraError(
        f"There is no driver for {database.kind}://.", fix=f'Install it with: pip install "{package}"'
    )


def _sqlite_engine(database: Database, *, read_only: bool) -> Engine:
    """SQLite with transactions that hold its definitions too, which Python's own module leaves out of them."""
    import sqlite3

    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    address = f"file:{quote(str((database.path or Path()).absolute()))}?mode={'ro' if read_only else 'rwc'}"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, isolation_level=None, timeout=CONNECT_TIMEOUT),
        poolclass=NullPool,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def said_by(error: DBAPIError) -> str:
    """What the driver said, without the statement and its values, which SQLAlchemy adds."""
    return str(error.orig).split("\n", maxsplit=1)[0]
