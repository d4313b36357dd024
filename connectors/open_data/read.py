"""Open data by name, through the reader that every table goes through."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from connectors.errors import ConfigError, near_name
from connectors.files.source import SourceOptions
from connectors.http import fetch
from connectors.open_data.entsoe import read_entsoe
from connectors.open_data.opendatasoft import fetch_records
from connectors.open_data.presets import PRESETS
from connectors.open_data.table import as_table, nothing, period, spans
from connectors.open_data.tidy import tidy

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.files.source import Table
    from connectors.open_data.opendatasoft import Get
    from connectors.open_data.presets import Preset

#: Before the name of an area: ``entsoe-FR``.
_ENTSOE = "entsoe-"


def read_open_data(
    name: str,
    start: datetime,
    end: datetime,
    options: SourceOptions | None = None,
    *,
    where: str | None = None,
    base_url: str | None = None,
    get: Get = fetch,
) -> Table:
    """Load that an operator publishes, with its own forecasts as further columns.

    Args:
        name: One of ``PRESETS``, or ``entsoe-`` and an area, such as ``entsoe-FR``.
        start: First instant, with a time zone.
        end: First instant left out, with a time zone.
        options: What the user says about the columns, under our names; without a target, it is the load.
        where: Which records, in the language of the API, such as ``code_region = "84"``.
        base_url: Another address of the portal, such as one of a mirror.
        get: Fetches an address; for other time limits or tests.

    Returns:
        The table. Steps after the last reading may hold forecasts of the operator only. Whom to name wherever the
        data are shown stands in ``attribution``.

    Raises:
        ConfigError: If there is no such data set, a time has no zone, the period is empty, or a key is needed and
            not there.
        MissingExtraError: If ENTSO-E is asked and entsoe-py is not installed.
        NotFoundError: If nothing was published for the period.
        RetriableConnectorError: If the portal does not answer, or is busy.
        FatalConnectorError: If it refuses, or its data changed their form.
        DataError: If the rows cannot be read right, as ``read_table`` says.
    """
    options = options or SourceOptions()
    if name.startswith(_ENTSOE):
        if where is not None:
            raise ConfigError("ENTSO-E takes no condition.", fix="Leave it out, and name the area.")
        return read_entsoe(name.removeprefix(_ENTSOE), start, end, options, base_url=base_url, get=get)
    if name not in PRESETS:
        raise ConfigError(
            f"There is no open data set {name!r}.",
            expected=near_name(name, PRESETS),
            fix=f"For the load of an area of ENTSO-E give {_ENTSOE}FR.",
        )
    return _read(PRESETS[name], period(start, end), options, where, base_url, get)


def _read(
    preset: Preset,
    between: tuple[pd.Timestamp, pd.Timestamp],
    options: SourceOptions,
    where: str | None,
    base_url: str | None,
    get: Get,
) -> Table:
    address = base_url or preset.base_url
    parts = [
        fetch_records(
            address,
            preset.dataset,
            select=preset.fields,
            where=_during(preset, span, where),
            order_by=preset.time,
            api_key=os.environ.get(preset.key) or None,
            get=get,
        )
        for span in spans(*between, preset.days)
    ]
    frame, step, notes = tidy(pd.concat(parts, ignore_index=True), preset, *between)
    if frame.empty:
        raise nothing(f"{preset.title!r} of {address}", *between)
    table = as_table(
        frame,
        list(preset.variable_map.values()),
        replace(options, freq=options.freq or step),
        name=preset.title,
        series=preset.series,
        zone=preset.time_zone,
    )
    return replace(table, attribution=(f"{preset.attribution}, {preset.licence}",), notes=(*notes, *table.notes))


def _during(preset: Preset, span: tuple[pd.Timestamp, pd.Timestamp], where: str | None) -> str:
    """The condition on the time, the set's own, and the user's."""
    first, last = (time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in span)
    others = [f"({condition})" for condition in (preset.where, where) if condition]
    return " and ".join([f'{preset.time} >= "{first}"', f'{preset.time} < "{last}"', *others])
