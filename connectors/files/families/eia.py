"""Answers of the American energy agency EIA (open data, version 2): hours named by their end, in UTC."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.files.dataframe import grid_of
from connectors.files.families.family import FAMILIES, TextFamily, interval_grid, named, side_of, zone_of
from connectors.files.intervals import Readings
from connectors.files.placing import place
from connectors.files.records import dicts, number, numbers, text, texts
from connectors.files.series import choose_series
from connectors.files.times import parse_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.document import Document
    from connectors.files.families.family import Naming
    from connectors.files.source import Grid, SourceOptions

_TITLE = "an answer of the EIA"
_HOUR = 3_600_000_000_000
_HOURLY = re.compile(r"(\d{4}-\d\d-\d\dT\d\d)(?::\d\d)?([+-]\d\d)?(?::?\d\d)?")
_UNITS = {"megawatthours": "MWh", "megawatts": "MW", "thousand megawatthours": "GWh", "gigawatthours": "GWh"}
#: What tells the series of an area apart, and what the areas.
_KINDS = ("type", "fueltype", "fueltypeid", "sectorid", "timezone")
_AREAS = ("respondent", "subba", "fromba", "toba", "stateid", "location")


def _rows(document: Document) -> list[dict[str, Any]]:
    content = document.json
    answer = content.get("response") if isinstance(content, dict) else None
    return dicts(answer.get("data")) if isinstance(answer, dict) else []


def _signs(document: Document) -> bool:
    rows = _rows(document)
    return bool(rows) and all("period" in row and "value" in row for row in rows[:20])


def _label(row: dict[str, Any], kinds: tuple[str, ...]) -> str:
    parts = []
    for kind in kinds:
        name = text(row.get(f"{kind}-name")) or text(row.get(f"{kind.removesuffix('id')}-name"))
        parts += [f"{text(row[kind])} ({name})" if name else text(row[kind])] if text(row.get(kind)) else []
    return " ".join(parts)


def _read(document: Document, options: SourceOptions) -> Grid:
    rows = _rows(document)
    label = choose_series([_label(row, _KINDS) for row in rows], options, document.name)
    rows = [row for row in rows if _label(row, _KINDS) == label]
    unit = text(rows[0].get("value-units")) or text(rows[0].get("value_units"))
    units = {"value": _UNITS.get(unit.casefold(), unit)}
    naming = named(document, _TITLE, time="period", item="respondent", units=units, chosen=label)
    if not any(_HOURLY.fullmatch(text(row.get("period"))) for row in rows):
        return _longer(document, rows, naming)
    return _hours(document, rows, naming, options)


def _areas(rows: list[dict[str, Any]]) -> NDArray[np.object_]:
    return texts("-".join(filter(None, (text(row.get(kind)) for kind in _AREAS))) for row in rows)


def _hours(document: Document, rows: list[dict[str, Any]], naming: Naming, options: SourceOptions) -> Grid:
    """Hours, named by their end in UTC or with an offset."""
    found = [_HOURLY.fullmatch(text(row.get("period"))) for row in rows]
    rows = [row for row, hour in zip(rows, found, strict=True) if hour is not None]
    hours = [hour for hour in found if hour is not None]
    # An hour without an offset is one of UTC.
    stamps = parse_times(np.array([f"{hour[1]}:00{hour[2] or '+00'}:00" for hour in hours], dtype=object))
    known = stamps.readable
    if not known.any():
        raise _no_times(document, rows)
    side, side_guess = side_of(options, "end", "EIA names the end of each hour")
    local = any(hour[2] for hour in hours)
    why = "the hours carry an offset but no zone" if local else "EIA counts its hours in UTC"
    zone, zone_guess = zone_of(options, "UTC", why)
    areas, values = _areas(rows)[known], {"value": numbers(row.get("value") for row in rows)[known]}
    length = np.full(int(known.sum()), _HOUR, dtype=np.int64)
    placed = place(stamps.keep(known), areas, zone, side=side, length=length)
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=areas),
        naming,
        options,
        zone,
        guesses=(*zone_guess, *side_guess),
        notes=_cut(document),
    )


def _longer(document: Document, rows: list[dict[str, Any]], naming: Naming) -> Grid:
    """Days, months and years: dates, which need no more than a table has."""
    periods, areas = texts(row.get("period") for row in rows), _areas(rows)
    if not parse_times(periods).readable.any() and not all(len(period) == 4 for period in periods):
        raise _no_times(document, rows)
    several = len(set(areas.tolist())) > 1
    values = numbers(row.get("value") for row in rows)
    columns = {"period": periods, **({"respondent": areas} if several else {}), "value": values}
    grid = grid_of(pd.DataFrame(columns), name=document.name, series=document.series, time="period")
    item = "respondent" if several else None
    return replace(grid, item=item, target="value", said=naming.said(), notes=_cut(document))


def _cut(document: Document) -> tuple[str, ...]:
    """A word when the answer holds less than was asked for."""
    answer = document.json["response"]
    total, rows = number(answer.get("total")), len(dicts(answer.get("data")))
    if not total > rows:
        return ()
    return (f"the answer holds {rows} of {total:.0f} rows; the others must be asked for with offset",)


def _no_times(document: Document, rows: list[dict[str, Any]]) -> UnreadableFileError:
    first = text(rows[0].get("period"))
    return UnreadableFileError(
        f"The periods of {document.name!r} are no times: {first[:60]!r}.",
        expected='A period is like "2023-05-01T11" or "2023-05".',
        fix="Fetch the answer again.",
    )


FAMILIES.add("EIA", TextFamily(title=_TITLE, signs=_signs, read=_read))
