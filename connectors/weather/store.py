"""Every observation and every forecast of the weather ever received, kept on disk.

Append-only: a row once stored is never changed nor removed, so that what was known at any past instant can be
asked for later, and no failed or shrunken download can lose anything. Layout: one Parquet file a month of
``valid_time``, ``<folder>/<location>/<YYYY-MM>.parquet``. Writers take turns; a file is replaced whole.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from connectors.duck import connect
from connectors.errors import ConfigError, DataError, MissingColumnsError, OutputError, RetriableConnectorError
from connectors.frame import check_vintages
from connectors.weather.month_files import (
    STORE_COLUMNS,
    TIME_COLUMNS,
    append_rows,
    read_arrays,
    read_distinct,
    read_rows,
    replace_file,
    typed,
)
from connectors.weather.vintages import LIVE_KINDS, Vintages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

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
        # NumPy names the months ten times as fast as pandas does.
        months = np.datetime_as_string(rows["valid_time"].dt.tz_localize(None).to_numpy("datetime64[M]"))
        with _locked(self.folder), connect(threads=1) as connection:
            # Whoever holds the lock is the only one who writes: other drafts are of writers that were killed.
            for draft in self.folder.glob("*/.*.tmp"):
                draft.unlink(missing_ok=True)
            return sum(
                append_rows(connection, self._place(str(location)) / f"{month}.parquet", part)
                for (location, month), part in rows.groupby(["location", months])
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
        filters = {"variable": variables}
        return read_rows(self._files(location, start, end), location, filters, (start, end))

    def vintages(
        self,
        location: str,
        variables: Sequence[str] | None = None,
        start: pd.Timestamp | None = None,
        end: pd.Timestamp | None = None,
        *,
        kinds: Sequence[str] = LIVE_KINDS,
        models: Sequence[str] | None = None,
    ) -> Vintages:
        """Rows with ``start <= valid_time < end`` as arrays, to be asked what was known at many instants.

        Args:
            location: Name of the location.
            variables: Names of the variables, all when None.
            start: First valid time, or None for no bound.
            end: First valid time left out, or None for no bound.
            kinds: Kinds of values that count. Simulated ones and previous runs do only when named.
            models: Models that count, all when None.

        Raises:
            ConfigError: If the location cannot be the name of a folder.
            UnreadableFileError: If a stored file is damaged.
        """
        filters = {"variable": variables, "kind": kinds, "model": models}
        return Vintages(rows=read_arrays(self._files(location, start, end), location, filters, (start, end)))

    def sources(self, location: str) -> list[str]:
        """Where the stored rows came from, as ``attribution_of`` wants them.

        Raises:
            ConfigError: If the location cannot be the name of a folder.
            UnreadableFileError: If a stored file is damaged.
        """
        return read_distinct(self._files(location, None, None), location, "source")

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
            replace_file(self._place(location) / _FETCHES, lambda path: _write_text(path, text))

    def _files(self, location: str, start: pd.Timestamp | None, end: pd.Timestamp | None) -> list[Path]:
        """The files whose month a period touches."""
        first = "" if start is None else start.tz_convert("UTC").strftime("%Y-%m")
        last = "9999" if end is None else end.tz_convert("UTC").strftime("%Y-%m")
        return [path for path in sorted(self._place(location).glob("????-??.parquet")) if first <= path.stem <= last]

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
        raise OutputError(
            f"{str(folder)!r} cannot be written: {error}.",
            expected="The weather is kept in a folder one may write to.",
            fix="Check who may write there, and the space left on the disk.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in STORE_COLUMNS if name not in frame.columns]
    if missing:
        raise MissingColumnsError(
            f"The weather to be stored has no column {', '.join(missing)}.",
            expected=f"It has {' | '.join(STORE_COLUMNS)}.",
        )
    check_vintages(frame)
    rows = typed(frame[list(STORE_COLUMNS)])
    if rows[list(TIME_COLUMNS)].isna().to_numpy().any():
        raise DataError(
            "A time of the weather to be stored is missing.", expected="Every row says when it became known."
        )
    return rows[rows["value"].abs() < np.inf].reset_index(drop=True)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
