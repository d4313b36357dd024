"""Every observation and every forecast of the weather ever received, kept on disk.

Append-only: a row once stored is never changed nor removed, so that what was known at any past instant can be
asked for later, and no failed or shrunken download can lose anything. Layout: one Parquet file a month of
``valid_time``, ``<folder>/<location>/<YYYY-MM>.parquet``, with its times in UTC, without a zone.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from connectors.errors import (
    ConfigError,
    DataError,
    MissingColumnsError,
    OutputError,
    RetriableConnectorError,
    UnreadableFileError,
)
from connectors.frame import VINTAGE_COLUMNS, VINTAGE_KEY, check_vintages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
TimeArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]

#: The columns of a vintages table, and where a row came from.
STORE_COLUMNS = (*VINTAGE_COLUMNS, "retrieved_at", "unit", "source")
TIME_COLUMNS = ("issued_at", "available_at", "valid_time", "retrieved_at")
TEXT_COLUMNS = ("location", "variable", "model", "kind", "unit", "source")
#: How long to wait for another process to finish writing [s].
LOCK_TIMEOUT = 60.0

_LOCATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,80}")
_FETCHES = "fetches.json"


class WeatherStore:
    """Vintages of the weather in a folder.

    Args:
        folder: Where they are; made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, frame: pd.DataFrame) -> int:
        """Add the rows whose key is not stored yet; rows without a value are left out.

        Args:
            frame: A vintages table, with ``retrieved_at``, ``unit`` and ``source`` as well.

        Returns:
            The number of rows added.

        Raises:
            MissingColumnsError: If a column is missing.
            DataError: If it is no sound vintages table.
            ConfigError: If a location cannot be the name of a folder.
            UnreadableFileError: If a stored file is damaged.
            RetriableConnectorError: If another process writes for too long.
            OutputError: If the disk refuses.
        """
        rows = _checked(frame)
        months = _microseconds(rows["valid_time"]).astype("datetime64[us]").astype("datetime64[M]")
        with _locked(self.folder), _duckdb() as connection:
            return sum(
                _append_file(
                    connection,
                    self._place(str(location)) / f"{month}.parquet",
                    part[months[part.index] == month],
                )
                for location, part in rows.groupby("location")
                for month in np.unique(months[part.index])
            )

    def read(
        self,
        location: str,
        variables: Sequence[str] | None = None,
        start: pd.Timestamp | None = None,
        end: pd.Timestamp | None = None,
    ) -> pd.DataFrame:
        """Stored rows with ``start <= valid_time < end``, by variable, valid time and availability.

        Args:
            location: Name of the location.
            variables: Names of the variables, all when None.
            start: First valid time, or None for no bound.
            end: First valid time left out, or None for no bound.

        Raises:
            ConfigError: If the location cannot be the name of a folder.
            UnreadableFileError: If a stored file is damaged.
        """
        months = sorted(self._place(location).glob("????-??.parquet"))
        if start is not None:
            months = [path for path in months if path.stem >= start.tz_convert("UTC").strftime("%Y-%m")]
        if end is not None:
            months = [path for path in months if path.stem <= end.tz_convert("UTC").strftime("%Y-%m")]
        with _duckdb() as connection:
            rows = _read_files(connection, months)
        keep = rows["location"] == location
        if variables is not None:
            keep &= rows["variable"].isin(list(variables))
        if start is not None:
            keep &= rows["valid_time"] >= start
        if end is not None:
            keep &= rows["valid_time"] < end
        return rows[keep].sort_values(["variable", "valid_time", "available_at", "issued_at"], ignore_index=True)

    def as_of(
        self, location: str, variables: Sequence[str], instants: pd.DatetimeIndex, valid_times: TimeArray
    ) -> FloatArray:
        """What was known at each of many instants.

        Args:
            location: Name of the location.
            variables: Names of the V variables.
            instants: The C instants, UTC.
            valid_times: Valid times asked for at each instant, UTC. ``[C, H]``

        Returns:
            The newest value available at the instant, NaN where there was none. ``[C, V, H]``.

        Raises:
            ConfigError: If the location cannot be the name of a folder.
            UnreadableFileError: If a stored file is damaged.
        """
        known = np.full((len(instants), len(variables), valid_times.shape[1]), np.nan)
        if known.size:
            first, last = (pd.Timestamp(time, tz="UTC") for time in (valid_times.min(), valid_times.max()))
            rows = self.read(location, variables, first, last + pd.Timedelta(microseconds=1))
            for number, name in enumerate(variables):
                known[:, number] = known_at(rows[rows["variable"] == name], instants, valid_times)
        return known

    def fetches(self, location: str) -> dict[str, tuple[pd.Timestamp, int]]:
        """When each part of a source was last fetched for a location, and how many values it held."""
        try:
            stored = json.loads((self._place(location) / _FETCHES).read_text(encoding="utf-8"))
            return {part: (pd.Timestamp(at), int(count)) for part, (at, count) in stored.items()}
        except (FileNotFoundError, ValueError, TypeError, AttributeError):
            # It only saves requests: when it is gone or damaged, everything is asked for once more.
            return {}

    def record_fetch(self, location: str, part: str, at: pd.Timestamp, count: int) -> None:
        """Note that a part of a source was fetched with success, and how many values it held.

        Raises:
            ConfigError: If the location cannot be the name of a folder.
            RetriableConnectorError: If another process writes for too long.
            OutputError: If the disk refuses.
        """
        with _locked(self.folder):
            noted = self.fetches(location) | {part: (at, count)}
            text = json.dumps({name: (when.isoformat(), n) for name, (when, n) in noted.items()}, indent=1)
            replace_file(self._place(location) / _FETCHES, lambda path: path.write_text(text, encoding="utf-8"))

    def _place(self, location: str) -> Path:
        if not _LOCATION.fullmatch(location):
            raise ConfigError(
                f"The location {location!r} cannot be the name of a folder.",
                expected="It has letters, digits and . _ + - only, and starts with a letter or digit.",
                fix="Rename the location.",
            )
        return self.folder / location


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder while something is written into it."""
    lock = FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=LOCK_TIMEOUT)
    except Timeout:
        raise RetriableConnectorError(
            f"Another process has been writing to {str(folder)!r} for {LOCK_TIMEOUT:.0f} seconds.",
            expected="One writes at a time, and briefly.",
            fix="Try again when it is done.",
        ) from None
    except OSError as error:
        raise _not_written(folder, str(error)) from error
    try:
        yield
    finally:
        lock.release()


def known_at(rows: pd.DataFrame, instants: pd.DatetimeIndex, valid_times: TimeArray) -> FloatArray:
    """The newest value of one variable at one location that was available at each instant.

    Args:
        rows: A vintages table of one location and variable.
        instants: The C instants, UTC.
        valid_times: Valid times asked for at each instant, UTC. ``[C, H]``

    Returns:
        The value with the latest ``available_at <= instant``, else NaN. ``[C, H]``; of two the one issued last.
    """
    if rows.empty:
        return np.full(valid_times.shape, np.nan)
    rows = rows.sort_values(["valid_time", "available_at", "issued_at"], kind="stable")
    valid, valid_rank = np.unique(_microseconds(rows["valid_time"]), return_inverse=True)
    available, available_rank = np.unique(_microseconds(rows["available_at"]), return_inverse=True)
    # One number orders the rows by valid time, then by availability. The row sought is the last one that does
    # not exceed the number made of the valid time asked for and the latest availability up to the instant.
    order = valid_rank * len(available) + available_rank
    asked = valid_times.astype("datetime64[us]").astype(np.int64)
    place = np.minimum(np.searchsorted(valid, asked), len(valid) - 1)
    latest = np.searchsorted(available, instants.as_unit("us").asi8, side="right") - 1
    found = np.searchsorted(order, place * len(available) + latest[:, None], side="right") - 1
    at = np.maximum(found, 0)
    known = (valid[place] == asked) & (found >= 0) & (valid_rank[at] == place)
    return np.where(known, rows["value"].to_numpy(float)[at], np.nan)


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, then move it there: a reader sees the old or the new one, never a part.

    Raises:
        OutputError: If the disk refuses.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _not_written(path, str(error)) from error


def _duckdb() -> DuckDBPyConnection:
    """A database in memory, to read and write Parquet with; to open one takes longer than to read a file."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


def _append_file(connection: DuckDBPyConnection, path: Path, rows: pd.DataFrame) -> int:
    stored = _read_files(connection, [path] if path.exists() else [])
    key = list(VINTAGE_KEY)
    known = pd.MultiIndex.from_frame(stored[key])
    fresh = rows[~pd.MultiIndex.from_frame(rows[key]).isin(known)]
    if len(fresh):
        both = pd.concat([stored, fresh], ignore_index=True) if len(stored) else fresh
        replace_file(path, lambda temporary: _write_file(connection, temporary, both.sort_values(key)))
    return len(fresh)


def _write_file(connection: DuckDBPyConnection, path: Path, rows: pd.DataFrame) -> None:
    import duckdb

    naive = rows.assign(**{name: rows[name].dt.tz_localize(None) for name in TIME_COLUMNS})
    try:
        connection.from_df(naive).write_parquet(str(path), compression="zstd")
    except duckdb.Error as error:
        raise _not_written(path, str(error)) from error


def _read_files(connection: DuckDBPyConnection, paths: Sequence[Path]) -> pd.DataFrame:
    import duckdb

    if not paths:
        rows = pd.DataFrame({name: [] for name in STORE_COLUMNS})
        return _typed(rows.astype(dict.fromkeys(TIME_COLUMNS, "datetime64[us]")))
    try:
        rows = connection.read_parquet([str(path) for path in paths], union_by_name=True).df()
        return _typed(rows[list(STORE_COLUMNS)])
    except (duckdb.Error, KeyError) as error:
        raise UnreadableFileError(
            f"The stored weather in {str(paths[0].parent)!r} cannot be read: {error}.",
            expected="The files there are written by hourcast alone.",
            fix="Move the damaged file away; it is fetched again where its source still has it.",
        ) from error


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Times in UTC at microseconds, as Parquet keeps them; text as text."""
    times = {name: pd.Series(_utc(pd.DatetimeIndex(rows[name])), index=rows.index) for name in TIME_COLUMNS}
    texts = {name: rows[name].astype("str") for name in TEXT_COLUMNS}
    typed: dict[str, pd.Series[Any]] = {**times, **texts, "value": rows["value"].astype(float)}
    return pd.DataFrame({name: typed[name] for name in STORE_COLUMNS})


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in STORE_COLUMNS if name not in frame.columns]
    if missing:
        raise MissingColumnsError(
            f"The weather to be stored has no column {', '.join(missing)}.",
            expected=f"It has {' | '.join(STORE_COLUMNS)}.",
        )
    check_vintages(frame)
    rows = _typed(frame[list(STORE_COLUMNS)])
    if rows[list(TIME_COLUMNS)].isna().to_numpy().any():
        raise DataError(
            "A time of the weather to be stored is missing.", expected="Every row says when it became known."
        )
    return rows[rows["value"].abs() < np.inf].reset_index(drop=True)


def _utc(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return (times.tz_localize("UTC") if times.tz is None else times.tz_convert("UTC")).as_unit("us")


def _microseconds(times: pd.Series[pd.Timestamp]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(pd.DatetimeIndex(times).as_unit("us").asi8)


def _not_written(path: Path, reason: str) -> OutputError:
    return OutputError(
        f"{str(path)!r} cannot be written: {reason}.",
        expected="The weather is kept in a folder one may write to.",
        fix="Check who may write there, and the space left on the disk.",
    )
