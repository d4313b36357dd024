"""The one door to readings: a file, a database by its URL, open data by its name, a table in memory.

A ``.toml`` in the place of a file says which of these, and how it is read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.database import is_url
from connectors.errors import ConfigError
from connectors.files.read import read_table
from connectors.open_data.door import is_open_data, read_named
from connectors.saved_source import ENDING, SavedSource, load_source
from connectors.sql import read_sql

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import pandas as pd

    from connectors.files.source import SourceOptions, Table


def saved_source(source: object) -> SavedSource | None:
    """What a source says of how it is read: one that was saved, or the path of a file with a ``[source]`` table.

    Raises:
        UnreadableFileError: If there is no such file.
        ConfigError: If it has no such table, or the table cannot be read.
    """
    if isinstance(source, SavedSource):
        return source
    is_file = isinstance(source, Path) or (isinstance(source, str) and not is_url(source))
    return load_source(str(source)) if is_file and Path(str(source)).suffix.lower() == ENDING else None


def read_source(
    source: str | os.PathLike[str] | pd.DataFrame | pd.Series[Any] | Sequence[pd.DataFrame] | SavedSource,
    options: SourceOptions | None = None,
    *,
    query: str | None = None,
    now: pd.Timestamp | None = None,
) -> Table:
    """Read a file, a DataFrame, a table or query of a database, or open data.

    Args:
        source: Path of a file, a table in memory, or the URL of a database as text; a ``Path`` of a URL has lost a
            slash. Open data has a name, see ``connectors.open_data.door``. A source that was saved, or the .toml it
            was saved in, says itself how it is read.
        options: What the user said about it; of one that was saved, it takes the place of what that says.
        query: For a database: name of a table, or one SELECT; None for the table behind the ``#`` of the URL, or the
            only one.
        now: When the last year of open data ends; None for now.

    Raises:
        ConfigError: If a query is asked of anything but a database.
        HourcastError: As ``read_table``, ``read_sql`` and ``read_named`` say.
    """
    saved = saved_source(source)
    if saved is not None:
        source, query, options = saved.place, query or saved.query, options or saved.options
    assert not isinstance(source, SavedSource)
    if isinstance(source, str) and is_url(source):
        return read_sql(source, query, options)
    if isinstance(source, str) and is_open_data(source):
        return read_named(source, options, now=now)
    if query is not None:
        raise ConfigError(
            "A query was given, but the source is no database.",
            expected="A database is a URL, such as sqlite:///readings.db.",
            fix="Leave the query out, or give the URL.",
        )
    return read_table(source, options)
