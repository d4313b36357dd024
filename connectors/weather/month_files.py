"""The Parquet files of the store: one holds a month of one location, sorted, its times in UTC without a zone."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.duck import connect
from connectors.errors import OutputError, UnreadableFileError
from connectors.exports.atomic import replace_file as replace_whole
from connectors.frame import VINTAGE_COLUMNS, VINTAGE_KEY
from connectors.weather.vintages import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

#: The columns of a vintages table, and where a row came from.
STORE_COLUMNS = (*VINTAGE_COLUMNS, "retrieved_at", "unit", "source")
TIME_COLUMNS = ("issued_at", "available_at", "valid_time", "retrieved_at")
TEXT_COLUMNS = ("location", "variable", "model", "kind", "unit", "source")

#: Rows in this order are read back as ``Rows`` want them.
_ORDER = "variable, valid_time, available_at, issued_at, model"
_FRESH = "CREATE OR REPLACE TEMP TABLE fresh AS FROM given ANTI JOIN stored USING ({})"
_TABLE = "FROM read_parquet(?, union_by_name=true) WHERE {} ORDER BY {}"
_DISTINCT = "SELECT DISTINCT {} AS word FROM read_parquet(?) WHERE location = ? ORDER BY word"
_ARRAYS = """
    SELECT list_position(?, variable) AS code, epoch_us(valid_time) AS valid, epoch_us(available_at) AS available,
           epoch_us(issued_at) AS issued, value
    FROM read_parquet(?) WHERE {}
"""


def append_rows(connection: DuckDBPyConnection, path: Path, rows: pd.DataFrame) -> int:
    """Put the rows with a new key among those of a file.

    Args:
        connection: A database in memory.
        path: The file; made when there is none.
        rows: Rows of the month and location of the file, typed.

    Returns:
        The number of rows added.

    Raises:
        UnreadableFileError: If the file is damaged.
        OutputError: If the disk refuses.
    """
    naive = rows.assign(**{name: rows[name].dt.tz_localize(None) for name in TIME_COLUMNS})
    connection.register("given", naive)
    if path.exists():
        with _reported(path.parent):
            connection.execute("CREATE OR REPLACE TEMP TABLE stored AS FROM read_parquet(?)", [str(path)])
            connection.execute(_FRESH.format(", ".join(VINTAGE_KEY)))
    else:
        connection.execute("CREATE OR REPLACE TEMP TABLE fresh AS FROM given")
        connection.execute("CREATE OR REPLACE TEMP TABLE stored AS FROM fresh LIMIT 0")
    count = len(connection.table("fresh"))
    if count:
        replace_file(path, partial(_write_file, connection))
    return count


def read_rows(
    files: Sequence[Path],
    location: str,
    filters: Mapping[str, Sequence[str] | None],
    period: tuple[pd.Timestamp | None, pd.Timestamp | None],
) -> pd.DataFrame:
    """The rows of some files, sorted by variable, valid time, availability and issue.

    Args:
        files: The files of one location.
        location: Its name; where capitals do not count, two locations share a folder.
        filters: For a column the words that count, None for all.
        period: First valid time and first one left out, None for no bound.

    Raises:
        UnreadableFileError: If a file is damaged.
    """
    if not files:
        rows = pd.DataFrame({name: [] for name in STORE_COLUMNS})
        return typed(rows.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us]")))
    where, values = _conditions(location, filters, period)
    with connect(threads=1) as connection, _reported(files[0].parent):
        return typed(connection.execute(_TABLE.format(where, _ORDER), [_names(files), *values]).df())


def read_arrays(
    files: Sequence[Path],
    location: str,
    filters: Mapping[str, Sequence[str] | None],
    period: tuple[pd.Timestamp | None, pd.Timestamp | None],
) -> dict[str, Rows]:
    """The rows of some files by variable, as arrays; the arguments are those of ``read_rows``.

    Raises:
        UnreadableFileError: If a file is damaged.
    """
    if not files:
        return {}
    where, values = _conditions(location, filters, period)
    with connect(threads=1) as connection, _reported(files[0].parent):
        names = list(filters.get("variable") or _distinct(connection, files, location, "variable"))
        table = connection.execute(_ARRAYS.format(where), [names, _names(files), *values]).fetchnumpy()
    code = np.asarray(table["code"])
    columns = [np.asarray(table[name], dtype=np.int64) for name in ("valid", "available", "issued")]
    value = np.asarray(table["value"], dtype=float)
    found = {}
    for number, name in enumerate(names, start=1):
        keep = code == number
        if keep.any():
            found[name] = Rows.sort([column[keep] for column in columns], value[keep])
    return found


def read_distinct(files: Sequence[Path], location: str, column: str) -> list[str]:
    """The words that stand in a column, sorted.

    Raises:
        UnreadableFileError: If a file is damaged.
    """
    if not files:
        return []
    with connect(threads=1) as connection, _reported(files[0].parent):
        return _distinct(connection, files, location, column)


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file whole or not at all, its folder made where there is none.

    Raises:
        OutputError: If the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(path, error) from error
    replace_whole(path, write)


def typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Times in UTC at microseconds, as Parquet keeps them; text as text."""
    times = {name: pd.Series(_utc(pd.DatetimeIndex(rows[name])), index=rows.index) for name in TIME_COLUMNS}
    texts = {name: rows[name].astype("str") for name in TEXT_COLUMNS}
    typed: dict[str, pd.Series[Any]] = {**times, **texts, "value": rows["value"].astype(float)}
    return pd.DataFrame({name: typed[name] for name in STORE_COLUMNS})


def _utc(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return (times.tz_localize("UTC") if times.tz is None else times.tz_convert("UTC")).as_unit("us")


def _write_file(connection: DuckDBPyConnection, path: Path) -> None:
    import duckdb

    both = connection.sql(f"FROM stored UNION ALL BY NAME FROM fresh ORDER BY {_ORDER}")
    try:
        both.write_parquet(str(path), compression="zstd")
    except duckdb.Error as error:
        raise _not_written(path, error) from error


def _distinct(connection: DuckDBPyConnection, files: Sequence[Path], location: str, column: str) -> list[str]:
    names = connection.execute(_DISTINCT.format(column), [_names(files), location]).fetchall()
    return [str(name) for (name,) in names]


def _conditions(
    location: str,
    filters: Mapping[str, Sequence[str] | None],
    period: tuple[pd.Timestamp | None, pd.Timestamp | None],
) -> tuple[str, list[Any]]:
    """What a row must satisfy, in SQL, and the values for its question marks."""
    conditions: list[str] = ["location = ?"]
    values: list[Any] = [location]
    for column, words in filters.items():
        if words is not None:
            conditions.append(f"list_contains(?, {column})")
            values.append(list(words))
    for sign, bound in zip((">=", "<"), period, strict=True):
        if bound is not None:
            conditions.append(f"valid_time {sign} ?")
            values.append(bound.tz_convert("UTC").tz_localize(None).to_pydatetime())
    return " AND ".join(conditions), values


def _names(files: Sequence[Path]) -> list[str]:
    return [str(file) for file in files]


@contextmanager
def _reported(folder: Path) -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise UnreadableFileError(
            f"The stored weather in {str(folder)!r} cannot be read: {error}.",
            expected="The files there are written by hourcast alone.",
            fix="Move the damaged file away; it is fetched again where its source still has it.",
        ) from error


def _not_written(path: Path, error: Exception) -> OutputError:
    return OutputError(
        f"{str(path)!r} cannot be written: {error}.",
        expected="The weather is kept in a folder one may write to.",
        fix="Check who may write there, and the space left on the disk.",
    )
