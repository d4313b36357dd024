"""What Enedis sends of a household's meter: load curves, registers and daily peaks, in blocks one below the other.

A block begins with two lines that say what it holds (meter, kind, quantity, unit); then come its columns and rows. A
load curve names the end of each interval and holds mean power; registers are read at midnight and only rise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, UnreadableFileError
from connectors.files.dialect import split_or_refuse
from connectors.files.families.family import (
    FAMILIES,
    TextFamily,
    day_grid,
    interval_grid,
    named,
    no_readings,
    side_of,
    zone_of,
)
from connectors.files.intervals import Readings
from connectors.files.numbers import parse_numbers
from connectors.files.placing import place
from connectors.files.register import take_differences
from connectors.files.series import choose_series, plain
from connectors.files.times import parse_times
from connectors.files.units import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from connectors.files.document import Document
    from connectors.files.source import Grid, SourceOptions

_TITLE = "an Enedis export of a meter"
_HEAD = re.compile(r"\W{0,3}identifiant prm\b", re.IGNORECASE)
_REGISTER = re.compile(r"EA[A-Z]* (?:T|[FD]\d{1,2})", re.IGNORECASE)
_ABOUT = ("type de donnees", "grandeur physique", "grandeur metier", "unite")
_HALF_DAY = np.timedelta64(12, "h").astype("m8[ns]")


@dataclass
class _Block:
    """One block.

    Attributes:
        about: What its first lines say, by name.
        columns: Names of its columns.
        rows: Its rows.
        numbers: Line of each row in the file.
    """

    about: dict[str, str]
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def unit(self) -> str:
        """The unit, from the first lines or the header."""
        named = unit_of(self.columns[1]) if len(self.columns) > 1 else None
        return self.about.get("unite", "") or named or ""

    @property
    def is_register(self) -> bool:
        """Whether it holds registers."""
        return any(_REGISTER.fullmatch(name) for name in self.columns)

    @property
    def label(self) -> str:
        """The name of its series."""
        parts = [self.about.get(name, "") for name in _ABOUT[:-1]] + [self.unit]
        return ", ".join(part for part in parts if part) or "values"


def _signs(document: Document) -> bool:
    first = document.head.partition("\n")[0]
    return bool(_HEAD.match(plain(first))) and "horodate" not in plain(first)


def _blocks(document: Document) -> list[_Block]:
    document.check_size()
    lines = document.text.split("\n")
    rows = split_or_refuse(lines, ";", document.name)
    found: list[_Block] = []
    for number, row in _filled(rows):
        # Most rows begin with a time.
        first = "" if row[0][:1].isdigit() else plain(row[0])
        if _HEAD.match(first) and "horodate" not in map(plain, row):
            found.append(_Block({}, rows=[row]))
        elif first.startswith("periode") or not found:
            # The suppliers' calendar stands behind the registers; it says nothing of what was used.
            found.append(_Block({}, columns=["calendar"]))
        elif "horodate" in first.split():
            _describe(found[-1])
            found[-1].columns = row
        else:
            found[-1].rows.append(row)
            found[-1].numbers.append(number)
    return [block for block in found if len(block.columns) > 1 and block.rows]


def _filled(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=1):
        if any(row):
            yield number, list(row)


def _describe(block: _Block) -> None:
    """Take the lines above the columns for what they are: names and values, below each other or side by side."""
    above = block.rows
    if len(above) > 1:
        pairs = list(zip(above[0], above[1], strict=False))
    else:
        pairs = list(zip(above[0][::2], above[0][1::2], strict=False)) if above else []
    block.about = {plain(name): value for name, value in pairs if name}
    block.rows, block.numbers = [], []


def _read(document: Document, options: SourceOptions) -> Grid:
    blocks = _blocks(document)
    if not blocks:
        raise no_readings(document, _TITLE, "Below the line that begins with Horodate there are readings.")
    label = choose_series((block.label for block in blocks), options, document.name)
    chosen = [block for block in blocks if block.label == label]
    if chosen[0].is_register:
        return _registers(document, chosen, options)
    return _curve(document, chosen, options)


@dataclass(frozen=True)
class _Rows:
    """Rows of all blocks of a series.

    Attributes:
        times: Their times as written [n].
        meters: Their meters [n].
        cells: Their other cells [n].
        notes: What was left out.
    """

    times: NDArray[np.object_]
    meters: NDArray[np.object_]
    cells: list[list[str]]
    notes: tuple[str, ...]


def _rows(blocks: Sequence[_Block], name: str) -> _Rows:
    """The rows whose time can be read.

    Raises:
        UnreadableFileError: If there is none.
    """
    cells = [row for block in blocks for row in block.rows]
    meters = [block.about.get("identifiant prm", "") for block in blocks for _ in block.rows]
    lines = [number for block in blocks for number in block.numbers]
    times = np.array([row[0] for row in cells], dtype=object)
    known = parse_times(times).readable
    if not known.any():
        raise UnreadableFileError(
            f"The file {name!r} is {_TITLE}, but none of its rows begins with a time: line {lines[0]} begins with "
            f"{times[0][:60]!r}.",
            expected="Times are written like 2023-10-29T02:30:00+02:00.",
            fix="Export it again.",
        )
    kept = np.flatnonzero(known).tolist()
    bad = np.flatnonzero(~known)
    rows = "1 row" if len(bad) == 1 else f"{len(bad)} rows"
    left = f"{rows} without a time left out: first line {lines[bad[0]]} {times[bad[0]][:60]!r}" if len(bad) else ""
    return _Rows(
        times=times[known],
        meters=np.array(meters, dtype=object)[known],
        cells=[cells[place] for place in kept],
        notes=(left,) if left else (),
    )


def _numbers(rows: _Rows, place: int) -> NDArray[np.float64]:
    """The numbers of a column."""
    texts = np.array([row[place] if place < len(row) else "" for row in rows.cells], dtype=object)
    return parse_numbers(texts, delimiter=";").values


def _curve(document: Document, blocks: Sequence[_Block], options: SourceOptions) -> Grid:
    rows = _rows(blocks, document.name)
    stamps = parse_times(rows.times)
    name = blocks[0].columns[1] or "Valeur"
    naming = named(
        document,
        _TITLE,
        time="Horodate",
        item="Identifiant PRM",
        units={name: blocks[0].unit},
        chosen=blocks[0].label,
    )
    zone, zone_guess = zone_of(options, "Europe/Paris", "Enedis serves mainland France")
    values = {name: _numbers(rows, 1)}
    days = _dates(stamps.wall)
    if (stamps.wall == days).all() and len(np.unique(days)) > 1:
        # The highest power of each day stands at its first moment.
        return day_grid(days, rows.meters, values, naming, options, zone, guesses=zone_guess, notes=rows.notes)
    side, side_guess = side_of(options, "end", "Enedis names the end of each interval")
    placed = place(stamps, rows.meters, zone, side=side)
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=rows.meters),
        naming,
        options,
        zone,
        guesses=(*zone_guess, *side_guess),
        notes=(*rows.notes, *placed.notes),
    )


def _dates(wall: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The midnights nearest to some times: registers are read within an hour of it."""
    return np.asarray((wall + _HALF_DAY).astype("M8[D]"), dtype="M8[ns]")


def _registers(document: Document, blocks: Sequence[_Block], options: SourceOptions) -> Grid:
    """What was used each day: the differences between the registers of successive midnights."""
    rows = _rows(blocks, document.name)
    columns = blocks[0].columns
    values = {name: _numbers(rows, place) for place, name in enumerate(columns) if _REGISTER.fullmatch(name)}
    values = {name: column for name, column in values.items() if np.isfinite(column).any()}
    # The register of all is asked for first; the others are its parts.
    names = tuple(sorted(values, key=lambda name: not name.casefold().endswith(" t")))
    wanted = _wanted(document, names, options)
    used, notes = _used(rows, values[wanted])
    if used.empty:
        raise UnreadableFileError(
            f"The file {document.name!r} holds one reading of its register.",
            expected="What was used is the difference between two.",
            fix="Export a longer period.",
        )
    zone, zone_guess = zone_of(options, "Europe/Paris", "Enedis serves mainland France")
    return day_grid(
        used["timestamp"].dt.tz_localize(None).to_numpy(),
        used["item_id"].to_numpy(dtype=object),
        {wanted: used["target"].to_numpy(dtype=np.float64)},
        named(
            document,
            _TITLE,
            time="Horodate",
            item="Identifiant PRM",
            units={wanted: blocks[0].unit},
            chosen=blocks[0].label,
        ),
        options,
        zone,
        guesses=zone_guess,
        notes=(*rows.notes, f"{wanted!r} is a register; its values are the differences from day to day", *notes),
    )


def _used(rows: _Rows, stands: NDArray[np.float64]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """What was used each day, from the stands of a register at its midnights."""
    days = pd.DatetimeIndex(_dates(parse_times(rows.times).wall)).tz_localize("UTC")
    table = pd.DataFrame({"item_id": rows.meters, "timestamp": days, "target": stands}).dropna()
    return take_differences(table.sort_values(["item_id", "timestamp"], kind="stable", ignore_index=True), "D", None)


def _wanted(document: Document, names: tuple[str, ...], options: SourceOptions) -> str:
    """The register asked for, that of all when none is.

    Raises:
        UnreadableFileError: If no register has a reading.
        ConfigError: If the one asked for does not exist.
    """
    if not names:
        raise UnreadableFileError(
            f"The registers of {document.name!r} hold no readings.", fix="Export a longer period."
        )
    found = {name.casefold(): name for name in names}
    asked = (options.target or names[0]).casefold()
    if asked not in found:
        raise ConfigError(
            f"There is no register {options.target!r} in {document.name!r}.",
            expected=f"It has {', '.join(names)}.",
            fix=f"Give --target {names[0]!r}.",
        )
    return found[asked]


FAMILIES.add("Enedis history", TextFamily(title=_TITLE, signs=_signs, read=_read))
