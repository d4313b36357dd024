"""French loads from RTE (eCO2mix), as the ODRÉ service answers.

On the day of the spring change the service gives the hour that does not exist, 02:00 to 02:45, with the instants
of 03:00 to 03:45: of two rows at an instant the one whose local hour fits is right. Consolidated data stand in a
grid of 15 minutes with a value every 30.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.files.families.family import FAMILIES, TextFamily, interval_grid, named, no_readings, zone_of
from connectors.files.intervals import Readings
from connectors.files.placing import place
from connectors.files.records import number, numbers, rows_of, text, texts
from connectors.files.series import plain
from connectors.files.source import Guess
from connectors.files.times import parse_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    table = _table(document)
    value = _value(table.rows, options)
    table, step = _without_blanks(table, value, options)
    zone, zone_guess = zone_of(options, "Europe/Paris", "eCO2mix is the load of France")
    items = texts(map(_area, table.rows))
    placed = place(table.stamps, items, zone, side=options.stamps or "start")
    units = {name: "g/kWh" if name == "taux_co2" else "MW" for name in _names(table.rows, value)}
    naming = named(document, _TITLE, time="date_heure", item="libelle_region", units=units)
    values = {name: numbers(row.get(name) for row in table.rows) for name in units}
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=items),
        naming,
        options,
        zone,
        guesses=(*zone_guess, *step),
        notes=table.notes,
    )


@dataclass(frozen=True)
class _Table:
    """Rows and their times.

    Attributes:
        rows: The rows [n].
        stamps: Their times [n].
        notes: What was left out.
    """

    rows: list[dict[str, Any]]
    stamps: Stamps
    notes: tuple[str, ...] = ()

    def without(self, left_out: NDArray[np.bool_], why: str = "") -> _Table:
        """The table without some rows, and why."""
        number_of_rows = int(left_out.sum())
        rows = [row for row, is_out in zip(self.rows, left_out, strict=True) if not is_out]
        note = (
            (f"{number_of_rows} row{'s' * (number_of_rows > 1)} left out: {why}",) if number_of_rows and why else ()
        )
        return _Table(rows, self.stamps.keep(~left_out), (*self.notes, *note))


def _table(document: Document) -> _Table:
    """The rows that are right.

    Raises:
        UnreadableFileError: If none has a time.
    """
    rows = rows_of(document.json)
    stamps = parse_times(texts(row.get("date_heure") for row in rows))
    if not stamps.readable.any():
        raise no_readings(document, _TITLE, 'A time is like "2023-09-21T00:00:00+00:00".')
    table = _Table(rows, stamps).without(~stamps.readable, "they have no time")
    table = table.without(_ghosts(table.rows, table.stamps), "an hour that the spring change skips")
    return table.without(_outdated(table.rows, table.stamps), "an earlier estimate")


def _area(row: dict[str, Any]) -> str:
    return next((text(row[kind]) for kind in _AREAS if row.get(kind)), "")


def _ghosts(rows: list[dict[str, Any]], stamps: Stamps) -> NDArray[np.bool_]:
    """Rows whose local hour is not that of their instant [n]."""
    local = pd.DatetimeIndex(stamps.utc).tz_localize("UTC").tz_convert("Europe/Paris").strftime("%H:%M")
    said = [text(row.get("heure")) for row in rows]
    return np.array([bool(hour) and hour != clock for hour, clock in zip(said, local, strict=True)], dtype=np.bool_)


def _outdated(rows: list[dict[str, Any]], stamps: Stamps) -> NDArray[np.bool_]:
    """Rows of an instant for which there is a later estimate [n]."""
    known = {nature: place for place, nature in enumerate(_NATURES)}
    rank = np.array([known.get(plain(text(row.get("nature"))), 0) for row in rows], dtype=np.int64)
    area = [_area(row) for row in rows]
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


def _without_blanks(table: _Table, value: str, options: SourceOptions) -> tuple[_Table, tuple[Guess, ...]]:
    """Without the quarters that are always blank: their step is 30 minutes, written in a grid of 15."""
    filled = np.isfinite(numbers(row.get(value) for row in table.rows))
    utc = table.stamps.utc
    minute = (utc - utc.astype("M8[h]")).astype("m8[m]").astype(np.int64)
    between = np.isin(minute, (15, 45))
    if options.freq is not None or filled[between].any() or not between.any() or not filled[~between].any():
        return table, ()
    why = f"{value!r} is blank at every quarter past and to the hour"
    return table.without(between), (Guess("step", "30min", why, "--freq"),)


FAMILIES.add("eCO2mix", TextFamily(title=_TITLE, signs=_signs, read=_read))
