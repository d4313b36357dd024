"""Weather of one's own, from any table: forecasts that say when they could be had, or observations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError
from connectors.files.local import convert
from connectors.files.source import SourceOptions
from connectors.files.times import parse_times
from connectors.source import read_source

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from connectors.files.source import Table

#: When an observation is known at the latest, unless it is said.
OBSERVED_AFTER = pd.Timedelta(hours=24)


def read_own_weather(
    source: str | os.PathLike[str] | pd.DataFrame,
    options: SourceOptions | None = None,
    *,
    location: str,
    available_at: str | None = None,
    issued_at: str | None = None,
    delay: pd.Timedelta | None = None,
    names: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    now: pd.Timestamp,
    query: str | None = None,
) -> pd.DataFrame:
    """Weather out of a file, a table in memory or a database.

    Each numeric column is a variable. With a column that says when a forecast could be had, or was issued, the rows
    are forecasts and one hour may stand in many of them; without, they are observations.

    Args:
        source: Path of a file, a table in memory, or the URL of a database.
        options: What is said about it; the time is the start of the hour a value is about.
        location: Name of the location in the store.
        available_at: Column that says from when on a forecast could be had.
        issued_at: Column that says when a forecast was issued; it could be had ``delay`` later.
        delay: Time from the issue of a forecast, or from the hour of an observation, to its availability. A day for
            observations when None.
        names: Our names of columns, such as ``{"T2M": "temperature"}``; other columns keep their own.
        units: Units, by our names.
        now: The present, UTC.
        query: For a database: a table, or one SELECT.

    Returns:
        Rows for the store.

    Raises:
        ConfigError: If both columns are named, or a time of issue without a delay.
        DataError: If the table holds no numeric column, or a time of issue cannot be read.
        HourcastError: As ``read_source`` says.
    """
    column = _issue_column(available_at, issued_at, delay)
    options = options or SourceOptions()
    if column is not None:
        options = replace(options, item=column)
    table = read_source(source, options, query=query)
    if not table.covariates:
        raise DataError(
            f"{table.name!r} has no numeric column besides its times.",
            expected="Each variable is a column of numbers.",
        )
    rows = _long(table, names or {})
    if column is None:
        late = OBSERVED_AFTER if delay is None else delay
        issued = pd.DatetimeIndex(rows["valid_time"])
        available = issued + late
    else:
        issued = _instants(rows["item_id"], table, column)
        available = issued + (delay or pd.Timedelta(0))
    return rows.drop(columns="item_id").assign(
        issued_at=issued,
        available_at=available,
        location=location,
        model="own",
        kind="observed" if column is None else "forecast",
        retrieved_at=now,
        unit=rows["variable"].map(dict(units or {})).fillna("").astype("str"),
        source="own",
    )


def _issue_column(available_at: str | None, issued_at: str | None, delay: pd.Timedelta | None) -> str | None:
    if available_at is not None and (issued_at is not None or delay is not None):
        raise ConfigError(
            f"Besides the column {available_at!r}, {'an issue' if issued_at else 'a delay'} was given.",
            expected="From when on a forecast could be had is said once.",
            fix="Name the column of the availability alone, or that of the issue with a delay.",
        )
    if issued_at is not None and delay is None:
        raise ConfigError(
            f"Forecasts issued at {issued_at!r} say nothing of when they could be had.",
            expected="Models take hours to compute; a forecast is known when it arrives.",
            fix="Give the delay, such as 6 hours.",
        )
    return available_at or issued_at


def _long(table: Table, names: Mapping[str, str]) -> pd.DataFrame:
    """``item_id | valid_time | variable | value``, without what is missing."""
    columns = {name: names.get(name, name) for name in table.covariates}
    wide = table.frame.rename(columns=columns | {"timestamp": "valid_time"})
    kept = wide[["item_id", "valid_time", *columns.values()]]
    rows = kept.melt(id_vars=["item_id", "valid_time"], var_name="variable", value_name="value")
    finite = rows[np.isfinite(rows["value"].to_numpy(float))]
    return pd.DataFrame(finite).drop_duplicates(["item_id", "valid_time", "variable"], ignore_index=True)


def _instants(labels: pd.Series[Any], table: Table, column: str) -> pd.DatetimeIndex:
    """Times of issue as instants; of an hour that stands twice in autumn the later one is meant.

    Raises:
        DataError: If one cannot be read.
    """
    kinds = pd.Index(labels.unique())
    stamps = parse_times(kinds.to_numpy(object), dates=table.options.dates)
    utc = stamps.utc
    if stamps.offset is None:
        utc = convert(pd.DatetimeIndex(stamps.wall), table.time_zone, np.zeros(len(kinds), dtype=np.bool_))
    wrong = np.isnat(utc)
    if wrong.any():
        raise DataError(
            f"The column {column!r} of {table.name!r} holds {kinds[wrong][0]!r}.",
            expected="It says when each forecast could be had: 2024-01-01T06:00Z, or a time of the local clock.",
            fix="Correct these rows, or leave them out.",
        )
    return pd.DatetimeIndex(utc[kinds.get_indexer(pd.Index(labels))], tz="UTC").as_unit("us")
