"""DuckDB, silent."""

from __future__ import annotations

from typing import Any


def connect(database: str = ":memory:", *, read_only: bool = False, threads: int | None = None) -> Any:
    """A connection that prints nothing.

    After two seconds DuckDB shows a bar of its progress on standard output, amid the table or the JSON of a command.

    Args:
        database: Its file.
        read_only: Whether nothing may be written.
        threads: Most threads; None for one per core.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {} if threads is None else {"threads": threads}
    connection = duckdb.connect(database, read_only=read_only, config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection
