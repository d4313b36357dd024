"""What every open data source shares: its period, and the road through the reader."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from connectors.errors import ConfigError
from connectors.files.read import read_table
from connectors.http import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from connectors.files.source import SourceOptions, Table
    from connectors.open_data.presets import Variable


def period(start: datetime, end: datetime) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Both ends of a period in UTC.

    Raises:
        ConfigError: If one has no zone, or nothing lies between them.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ConfigError(
            f"One of the times {start}, {end} has no time zone.",
            expected="The start and the end are instants.",
            fix='Give them a zone, such as pd.Timestamp("2024-01-01", tz="Europe/Paris").',
        )
    first, last = (pd.Timestamp(time).tz_convert("UTC") for time in (start, end))
    if first >= last:
        raise ConfigError(f"Nothing lies between {first} and {last}.", fix="Give an end after the start.")
    return first, last


def spans(first: pd.Timestamp, last: pd.Timestamp, days: int) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    """The period in parts of so many days, one after the other."""
    while first < last:
        until = min(first + pd.Timedelta(days=days), last)
        yield first, until
        first = until


def nothing(what: str, first: pd.Timestamp, last: pd.Timestamp) -> NotFoundError:
    """The error for a period of which nothing was published."""
    return NotFoundError(
        f"{what} has nothing from {first.isoformat()} to {last.isoformat()}.",
        expected="Something was published for the period.",
        fix="Check the two times; real-time data are kept for some months only, consolidated ones come later.",
    )


def as_table(
    frame: pd.DataFrame, variables: Sequence[Variable], options: SourceOptions, *, name: str, series: str, zone: str
) -> Table:
    """A table of what was fetched.

    Args:
        frame: ``item_id`` where there are several series | ``timestamp`` [UTC] | the variables.
        variables: What they are, the load first.
        options: What the user said; he may name another target and another zone.
        name: What the source is called.
        series: What its series is called, when there is but one.
        zone: Zone of its calendar.
    """
    item = options.item or ("item_id" if "item_id" in frame.columns else None)
    table = read_table(
        frame,
        replace(
            options,
            target=options.target or variables[0].name,
            time=options.time or "timestamp",
            item=item,
            time_zone=options.time_zone or zone,
        ),
        name=name,
        series=series,
    )
    units = {variable.name: variable.unit for variable in variables}
    leaks = [
        f"{variable.name!r} is the operator's own forecast, published {variable.forecast}, and known no sooner"
        for variable in variables
        if variable.forecast and variable.name in frame.columns
    ]
    return replace(table, unit=units.get(table.target or "", table.unit), notes=(*leaks, *table.notes))
