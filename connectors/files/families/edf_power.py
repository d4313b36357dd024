"""The client area of EDF: a date in a row of its own, below it the half-hours of that day, the last one first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from connectors.files.dialect import split_or_refuse
from connectors.files.families.family import (
    FAMILIES,
    TextFamily,
    interval_grid,
    named,
    no_readings,
    side_of,
    zone_of,
)
from connectors.files.intervals import Readings
from connectors.files.numbers import parse_numbers
from connectors.files.placing import place
from connectors.files.series import plain
from connectors.files.stamps import DAY
from connectors.files.times import add_clock, parse_clock, parse_times
from connectors.files.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.files.document import Document
    from connectors.files.source import Grid, SourceOptions

_TITLE = "an export of the EDF client area"
_HEADER = re.compile(r"puissance atteinte \(k?w\)")
_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
#: Lines in which the header stands.
_FIRST_LINES = 20


def _header(lines: Sequence[str]) -> int | None:
    for number, line in enumerate(lines[:_FIRST_LINES]):
        if _HEADER.search(plain(line)) and plain(line).startswith("date"):
            return number
    return None


def _signs(document: Document) -> bool:
    if "uissance" not in document.head:
        return False
    # A table with a whole time in each row needs no reader of its own.
    lines = document.head.split("\n")
    header = _header(lines)
    below = [line for line in lines[header + 1 :] if line.strip(" ;\t")] if header is not None else []
    return bool(below) and _DATE.fullmatch(re.split(r"[;\t]", below[0])[0].strip()) is not None


def _read(document: Document, options: SourceOptions) -> Grid:
    columns, (dates, clocks, cells) = _cells(document)
    days = parse_times(np.array(dates, dtype=object), dates="day-first")
    clock = parse_clock(np.array(clocks, dtype=object))
    # Midnight ends the day it stands under.
    stamps = add_clock(days, np.where(clock == 0, DAY.astype(np.int64), clock))
    known = stamps.readable
    if not known.any():
        raise no_readings(document, _TITLE, f"A row begins with a time of day, not with {clocks[0][:60]!r}.")
    left = int((~known).sum())
    notes = (f"{left} row{'s' * (left > 1)} without a time left out",) if left else ()
    zone, zone_guess = zone_of(options, "Europe/Paris", "EDF serves mainland France")
    side, side_guess = side_of(options, "end", "the day ends at 00:00")
    items = np.full(int(known.sum()), "", dtype=object)
    placed = place(stamps.keep(known), items, zone, side=side)
    name = columns[1] if len(columns) > 1 else "Puissance atteinte (W)"
    naming = named(document, _TITLE, time=columns[0], item="site", units={name: unit_of(name) or ""})
    values = {name: parse_numbers(np.array(cells, dtype=object), delimiter=";").values[known]}
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=items),
        naming,
        options,
        zone,
        guesses=(*zone_guess, *side_guess),
        notes=(*notes, *placed.notes),
    )


def _cells(document: Document) -> tuple[list[str], tuple[list[str], list[str], list[str]]]:
    """The header, and date, time of day and value of every reading.

    Raises:
        UnreadableFileError: If there is none.
    """
    document.check_size()
    lines = document.text.split("\n")
    header = _header(lines) or 0
    columns, *rows = split_or_refuse(lines[header:], ";" if ";" in lines[header] else "\t", document.name)
    found = _under_dates(rows)
    if not found[0]:
        raise no_readings(document, _TITLE, "Below a date there are rows such as 23:30:00;902;Réelle.")
    return columns, found


def _under_dates(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[str], list[str]]:
    """Date, time of day and value of every reading."""
    date, found = "", []
    for row in rows:
        first, value = (row[0] if row else ""), (row[1] if len(row) > 1 else "")
        if _DATE.fullmatch(first):
            date = first
        elif date and first:
            found.append((date, first, value))
    columns = [list(column) for column in zip(*found, strict=True)] or [[], [], []]
    return columns[0], columns[1], columns[2]


FAMILIES.add("EDF client area", TextFamily(title=_TITLE, signs=_signs, read=_read))
