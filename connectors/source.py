"""The one door to readings: a URL is a database, all else a file or a table in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.database import is_url
from connectors.errors import ConfigError
from connectors.files.read import read_table
from connectors.sql import read_sql

if TYPE_CHECKING:
    import os

    import pandas as pd

    from connectors.files.source import SourceOptions, Table


def read_source(
    source: str | os.PathLike[str] | pd.DataFrame | pd.Series[Any],
    options: SourceOptions | None = None,
    *,
    query: str | None = None,
) -> Table:
    """Read a file, a DataFrame, or a table or query of a database.

    Args:
        source: Path of a file, a table in memory, or the URL of a database as text; a ``Path`` of a URL has lost a
            slash.
        options: What the user said about it.
        query: For a database: name of a table, or one SELECT; None for the table behind the ``#`` of the URL, or the
            only one.

    Raises:
        ConfigError: If a query is asked of anything but a database.
        HourcastError: As ``read_table`` and ``read_sql`` say.
    """
    if isinstance(source, str) and is_url(source):
        return read_sql(source, query, options)
    if query is not None:
        raise ConfigError(
            "A query was given, but the source is no database.",
            expected="A database is a URL, such as sqlite:///readings.db.",
            fix="Leave the query out, or give the URL.",
        )
    return read_table(source, options)
