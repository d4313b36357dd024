"""The export table as Parquet, through DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.duck import connect
from connectors.errors import OutputError
from connectors.exports.atomic import replace_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    """Write an export table; the file is there whole or not at all.

    Times of UTC are written as such (TIMESTAMP WITH TIME ZONE), to the microsecond.

    Args:
        table: From ``export_table``.
        path: Where to.

    Raises:
        OutputError: If it cannot be written.
    """
    import duckdb

    def write(target: Path) -> None:
        try:
            with connect() as connection:
                connection.from_df(table).write_parquet(str(target))
        except duckdb.Error as error:
            raise OutputError(
                f"The file {str(path)!r} could not be written: {error}.", fix="Check the space left on the disk."
            ) from error

    replace_file(path, write)
