"""A transaction on the store, and one run at a time."""

from __future__ import annotations

import json
import os
import socket
import zlib
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from connectors.database import locate
from connectors.engines import connected, said_by
from connectors.errors import ConfigError, OutputError, RetriableConnectorError, UnreadableFileError
from connectors.exports.partitions import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.exc import DBAPIError

    from connectors.database import Database

KINDS = ("sqlite", "postgresql")
LOCK = "lock"


def store_database(url: str) -> Database:
    """The database of a store.

    Raises:
        ConfigError: If it is none a store can be in.
    """
    database = locate(url)
    if database.kind not in KINDS:
        raise ConfigError(
            f"A run store cannot be in {database.kind}.",
            fix="Give sqlite:///runs.db, or postgresql://host/database.",
        )
    return database


@contextmanager
def transaction(database: Database) -> Iterator[Connection]:
    """A transaction, kept when the block ends well and rolled back otherwise.

    Raises:
        RetriableConnectorError: If the server cannot be reached, or went away.
        OutputError: If what is written is refused: a full disk, a folder for reading only.
    """
    from sqlalchemy.exc import DBAPIError

    if database.path is not None:
        make_folder(database.path.absolute().parent)
    try:
        with connected(database, read_only=False) as connection:
            try:
                yield connection
                connection.commit()
            except DBAPIError as error:
                raise _told(database, error) from None
    except UnreadableFileError as error:
        raise OutputError(error.got, expected=error.expected, fix=error.fix) from None


def _told(database: Database, error: DBAPIError) -> OutputError | RetriableConnectorError:
    said = database.masked(said_by(error)).rstrip(".")
    if error.connection_invalidated or database.path is None:
        return RetriableConnectorError(
            f"The run store {database.name} failed: {said}.", expected="The server answers.", fix="Run again later."
        )
    return OutputError(
        f"The run store {database.name} could not be written: {said}.", fix="Check the disk and the rights."
    )


@contextmanager
def alone(database: Database, folder: Path) -> Iterator[None]:
    """Be the only run on a store, or refuse at once.

    The system lets go of a file lock when its process ends, however it ends; the server of its own lock when the
    connection does. The latter keeps runs on several machines apart.

    Raises:
        RetriableConnectorError: If another run is at work, or the server cannot be reached.
        OutputError: If the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    make_folder(folder)
    told, held = folder / f"{LOCK}.json", FileLock(folder / LOCK)
    with ExitStack() as stack:
        try:
            held.acquire(timeout=0)
        except Timeout:
            raise _busy(_holder(told)) from None
        except OSError as error:
            raise OutputError(
                f"The lock in {str(folder)!r} could not be taken: {error.strerror or error}.",
                fix="Check the rights and the disk.",
            ) from error
        stack.callback(held.release)
        if database.path is None:
            stack.enter_context(_alone_on_server(database, folder))
        _say_who(told)
        yield


@contextmanager
def _alone_on_server(database: Database, folder: Path) -> Iterator[None]:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    key = zlib.crc32(f"hourcast {folder.name}".encode())
    try:
        with connected(database, read_only=False) as connection:
            got = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar()
            connection.commit()
            if not got:
                raise _busy("on another machine")
            yield
    except DBAPIError as error:
        raise _told(database, error) from None


def _busy(who: str) -> RetriableConnectorError:
    return RetriableConnectorError(
        f"Another run is at work {who}.".replace(" .", "."),
        expected="One run at a time.",
        fix="Wait until it has ended; it will make the same forecast.",
    )


def _say_who(path: Path) -> None:
    """Say who holds the lock; only for the message of the next one, so that failing is no harm."""
    words = json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
    try:
        path.write_text(words, encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{str(path)!r} could not be written: {error.strerror or error}.", fix="Check the disk and the rights."
        ) from error


def _holder(path: Path) -> str:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return f"(process {found['pid']} on {found['host']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
