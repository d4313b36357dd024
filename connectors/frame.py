"""The contract of the tables: what a history, a vintage table and a forecasts table must be.

A table is a plain DataFrame that passed a check, never a subclass.

history    ``item_id`` str | ``timestamp`` datetime64[UTC], the START of its interval | ``target`` float |
           covariates. Sorted, unique, regular at one frequency; a gap is a row with NaN, never a missing row.
vintages   ``location | variable | model | issued_at | available_at | valid_time | value | kind``:
           a value of a covariate as it was known from ``available_at`` on.
forecasts  ``item_id | cutoff | timestamp | forecaster | mean | p05 ... p95``. The cutoff is the start stamp of
           the last usable reading; the first step forecast starts one step after it.

Times are UTC. Steps of a day and longer are calendar dates, held as midnight UTC.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError, IrregularTimestampsError, MissingColumnsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HISTORY_COLUMNS = ("item_id", "timestamp", "target")
VINTAGE_COLUMNS = (
    "location", "variable", "model", "issued_at", "available_at", "valid_time", "value", "kind",
)  # fmt: skip
VINTAGE_KEY = ("location", "variable", "model", "issued_at", "valid_time")
VINTAGE_KINDS = ("forecast", "previous_runs", "observed", "simulated", "climatology")
FORECAST_COLUMNS = ("item_id", "cutoff", "timestamp", "forecaster", "mean")
DEFAULT_LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


def quantile_column(level: float) -> str:
    """Column name of a quantile level, safe in SQL and BI tools.

    Example:
        >>> quantile_column(0.05), quantile_column(0.5), quantile_column(0.975)
        ('p05', 'p50', 'p975')
    """
    digits = format(Decimal(str(level)), "f").removeprefix("0.").rstrip("0")
    return "p" + digits.ljust(2, "0")


def quantile_level(column: str) -> float | None:
    """Level of a quantile column, or None when the name is not one.

    Example:
        >>> quantile_level("p975"), quantile_level("price")
        (0.975, None)
    """
    digits = column[1:]
    if column[:1] != "p" or len(digits) < 2 or not digits.isascii() or not digits.isdigit():
        return None
    level = float(f"0.{digits}")
    return level if level > 0 else None


def check_levels(levels: Iterable[float]) -> tuple[float, ...]:
    """Quantile levels, sorted and unique.

    Raises:
        ConfigError: If a level is not strictly between 0 and 1.
    """
    found = tuple(sorted({float(level) for level in levels}))
    wrong = [level for level in found if not 0 < level < 1]
    if wrong or not found:
        raise ConfigError(
            f"Quantile levels {list(found)} cannot be used.",
            expected="A level is a share strictly between 0 and 1, such as 0.05.",
            fix="Give them as --levels 0.1,0.5,0.9.",
        )
    return found


def check_history(frame: pd.DataFrame, freq: str) -> pd.DataFrame:
    """Check a history table.

    Args:
        frame: The table.
        freq: Its step, as a pandas offset alias ("h", "15min", "D", "MS").

    Returns:
        The same frame.

    Raises:
        MissingColumnsError: If ``item_id``, ``timestamp`` or ``target`` is missing.
        IrregularTimestampsError: If an item's timestamps are not sorted, unique and regular at ``freq``.
        DataError: If a dtype is wrong.
    """
    _require_columns(frame, HISTORY_COLUMNS, "history")
    _require_utc(frame, ("timestamp",))
    if not pd.api.types.is_float_dtype(frame["target"]):
        raise DataError(f"The target has dtype {frame['target'].dtype}.", expected="It must be float.")
    for item, stamps in frame.groupby("item_id", sort=False)["timestamp"]:
        _check_regular(pd.DatetimeIndex(stamps), freq, str(item))
    return frame


def _check_regular(stamps: pd.DatetimeIndex, freq: str, item: str) -> None:
    expected = pd.date_range(stamps[0], periods=len(stamps), freq=freq)
    off = np.flatnonzero(stamps != expected)
    if len(off):
        raise IrregularTimestampsError(
            f"Item {item!r} has {stamps[off[0]].isoformat()} where {expected[off[0]].isoformat()} is due.",
            expected=f"A history has one row for every step of {freq}, sorted, each stamp once.",
            fix="Pass the table through forecasting.prepare first.",
        )


def check_vintages(frame: pd.DataFrame) -> pd.DataFrame:
    """Check a vintages table and return it.

    Raises:
        MissingColumnsError: If one of the eight columns is missing.
        DataError: If a time is not UTC, a kind is unknown, a key stands twice, or something was available
            before it was issued.
    """
    _require_columns(frame, VINTAGE_COLUMNS, "vintages")
    _require_utc(frame, ("issued_at", "available_at", "valid_time"))
    unknown = set(frame["kind"].unique()) - set(VINTAGE_KINDS)
    if unknown:
        raise DataError(
            f"Unknown kind of vintage: {sorted(unknown)}.", expected=f"Known: {', '.join(VINTAGE_KINDS)}."
        )
    if (frame["available_at"] < frame["issued_at"]).any():
        raise DataError("A vintage was available before it was issued.", fix="Check the two columns.")
    if frame.duplicated(list(VINTAGE_KEY)).any():
        raise DataError(f"A vintage stands twice; the key is {', '.join(VINTAGE_KEY)}.")
    return frame


def check_forecasts(frame: pd.DataFrame) -> pd.DataFrame:
    """Check a forecasts table and return it.

    Raises:
        MissingColumnsError: If one of the five leading columns is missing.
        DataError: If a time is not UTC, a forecast does not lie after its cutoff, a row stands twice, or
            quantiles cross.
    """
    _require_columns(frame, FORECAST_COLUMNS, "forecasts")
    _require_utc(frame, ("cutoff", "timestamp"))
    if (frame["timestamp"] <= frame["cutoff"]).any():
        raise DataError("A forecast lies at or before its own cutoff.", fix="A forecast starts one step after it.")
    if frame.duplicated(["item_id", "cutoff", "timestamp", "forecaster"]).any():
        raise DataError("A forecast stands twice.", expected="One row for item_id, cutoff, timestamp, forecaster.")
    columns = quantile_columns(frame.columns)
    if columns and (np.diff(frame[columns].to_numpy(float), axis=1) < 0).any():
        raise DataError("Quantiles cross.", expected=f"{columns[0]} <= ... <= {columns[-1]} in every row.")
    return frame


def quantile_columns(columns: Iterable[str]) -> list[str]:
    """The quantile columns among some names, by rising level."""
    levels = {name: quantile_level(str(name)) for name in columns}
    found = {name: level for name, level in levels.items() if level is not None}
    return sorted(found, key=lambda name: found[name])


def _require_columns(frame: pd.DataFrame, columns: Sequence[str], table: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumnsError(
            f"The {table} table has no column {', '.join(missing)}.",
            expected=f"It starts with {' | '.join(columns)}.",
            fix=f"It has {', '.join(map(str, frame.columns))}.",
        )


def _require_utc(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        if str(getattr(frame[column].dt, "tz", None)) != "UTC":
            raise DataError(
                f"The column {column} has dtype {frame[column].dtype}.",
                expected="Times inside hourcast are datetime64 in UTC.",
            )
