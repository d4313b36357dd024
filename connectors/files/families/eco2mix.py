"""French loads from RTE (eCO2mix), as the ODRÉ service answers.

On the day of the spring change the service gives the hour that does not exist, 02:00 to 02:45, with the instants
of 03:00 to 03:45: of two rows at an instant the one whose local hour fits is right. Consolidated data stand in a
grid of 15 minutes with a value every 30.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.files.families.family import FAMILIES, Naming, TextFamily, interval_grid, zone_of
from connectors.files.intervals import Readings
from connectors.files.placing import place
from connectors.files.records import number, numbers, rows_of, text, texts
from connectors.files.series import plain
from connectors.files.source import Guess
from connectors.files.times import parse_times

if TYPE_CHECKING:
    from connectors.files.document import Document
    from connectors.files.source import Grid, SourceOptions
    from connectors.files.stamps import Stamps

_TITLE = "an answer of eCO2mix"
#: Later data go before earlier ones.
_NATURES = ("donnees temps reel", "donnees consolidees", "donnees definitives")
_AREAS = ("libelle_region", "code_insee_region", "perimetre")
_NO_VALUES = {"date", "heure", "date_heure", "nature", *_AREAS}
#: Rows looked at to tell what a file is.
_SAMPLE = 20


def is_eco2mix(rows: list[dict[str, Any]]) -> bool:
    """Whether rows are those of eCO2mix."""
    return bool(rows) and all("date_heure" in row and "consommation" in row for row in rows[:_SAMPLE])


def _signs(document: Document) -> bool:
    return is_eco2mix(rows_of(document.json))


def _read(document: Document, options: SourceOptions) -> Grid:
    rows = rows_of(document.json)
    stamps = parse_times(texts(row.get("date_heure") for row in rows))
    known = stamps.readable
    if not known.any():
        raise UnreadableFileError(
            f"The rows of {document.name!r} have no time: {text(rows[0].get('date_heure'))[:60]!r}.",
            expected='A time is like "2023-09-21T00:00:00+00:00".',
            fix="Fetch the answer again.",
        )
    rows, stamps = [row for row, is_known in zip(rows, known, strict=True) if is_known], stamps.keep(known)
    ghosts = _ghosts(rows, stamps)
    rows = [row for row, ghost in zip(rows, ghosts, strict=True) if not ghost]
    stamps = stamps.keep(~ghosts)
    old = _outdated(rows, stamps)
    rows = [row for row, is_old in zip(rows, old, strict=True) if not is_old]
    stamps = stamps.keep(~old)
    value = _value(rows, options)
    rows, stamps, step = _without_blanks(rows, stamps, value, options)
    zone, zone_guess = zone_of(options, "Europe/Paris", "eCO2mix is the load of France")
    items = texts(next((row[kind] for kind in _AREAS if row.get(kind)), "") for row in rows)
    placed = place(stamps, items, zone, side=options.stamps or "start")
    names = _names(rows, value)
    return interval_grid(
        Readings(
            start=placed.start,
            length=placed.length,
            values={name: numbers(row.get(name) for row in rows) for name in names},
            added=frozenset(),
            items=items,
        ),
        Naming(
            name=document.name,
            series=document.series,
            family=_TITLE,
            time="date_heure",
            item="libelle_region",
            values=names,
            units=dict.fromkeys((name for name in names if name != "taux_co2"), "MW") | {"taux_co2": "g/kWh"},
        ),
        options,
        zone,
        guesses=(*zone_guess, *step),
        notes=(*_counted(ghosts, "an hour that the spring change skips"), *_counted(old, "an earlier estimate")),
    )


def _ghosts(rows: list[dict[str, Any]], stamps: Stamps) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Rows whose local hour is not that of their instant [n]."""
    local = pd.DatetimeIndex(stamps.utc).tz_localize("UTC").tz_convert("Europe/Paris").strftime("%H:%M")
    said = [text(row.get("heure")) for row in rows]
    return np.array([bool(hour) and hour != clock for hour, clock in zip(said, local, strict=True)], dtype=np.bool_)


def _outdated(rows: list[dict[str, Any]], stamps: Stamps) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Rows of an instant for which there is a later estimate [n]."""
    known = {nature: place for place, nature in enumerate(_NATURES)}
    rank = np.array([known.get(plain(text(row.get("nature"))), 0) for row in rows], dtype=np.int64)
    area = [next((text(row[kind]) for kind in _AREAS if row.get(kind)), "") for row in rows]
    best = (
        pd.DataFrame({"area": area, "at": stamps.utc, "rank": rank}).groupby(["area", "at"])["rank"].transform("max")
    )
    return np.asarray(rank < best.to_numpy(), dtype=np.bool_)


def _value(rows: list[dict[str, Any]], options: SourceOptions) -> str:
    wanted = (options.target or "consommation").casefold()
    return next((name for row in rows[:1] for name in row if name.casefold() == wanted), "consommation")


def _names(rows: list[dict[str, Any]], value: str) -> tuple[str, ...]:
    """The numeric columns, the one that matters first."""
    names = dict.fromkeys(name for row in rows for name in row if name not in _NO_VALUES)
    numeric = [name for name in names if np.isfinite([number(row.get(name)) for row in rows]).any()]
    return (value, *(name for name in numeric if name != value))


def _without_blanks(
    rows: list[dict[str, Any]], stamps: Stamps, value: str, options: SourceOptions
) -> tuple[list[dict[str, Any]], Stamps, tuple[Guess, ...]]:
    """Without the quarters that are always blank: their step is 30 minutes, written in a grid of 15."""
    filled = np.isfinite(numbers(row.get(value) for row in rows))
    utc = stamps.utc
    minute = (utc - utc.astype("M8[h]")).astype("m8[m]").astype(np.int64)
    between = np.isin(minute, (15, 45))
    if options.freq is not None or filled[between].any() or not between.any() or not filled[~between].any():
        return rows, stamps, ()
    why = f"{value!r} is blank at every quarter past and to the hour"
    kept = [row for row, is_between in zip(rows, between, strict=True) if not is_between]
    return kept, replace(stamps.keep(~between)), (Guess("step", "30min", why, "--freq"),)


def _counted(rows: np.ndarray[Any, np.dtype[np.bool_]], what: str) -> tuple[str, ...]:
    number_of_rows = int(rows.sum())
    if not number_of_rows:
        return ()
    return (f"{number_of_rows} row{'s' * (number_of_rows > 1)} left out: {what}",)


FAMILIES.add("eCO2mix", TextFamily(title=_TITLE, signs=_signs, read=_read))
