"""What a family of files is, the registry of all of them, and what their readers share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.files.intervals import to_one_step
from connectors.files.source import Grid, Guess, Said
from connectors.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from connectors.files.document import Document
    from connectors.files.intervals import Readings
    from connectors.files.source import SourceOptions, StampSide


@dataclass(frozen=True, kw_only=True)
class TextFamily:
    """A family told by its text: JSON, XML, or blocks that are no table.

    Attributes:
        title: What such a file is, after "The file is".
        signs: Whether a text is one.
        read: The reader.
    """

    title: str
    signs: Callable[[Document], bool]
    read: Callable[[Document, SourceOptions], Grid]


@dataclass(frozen=True, kw_only=True)
class TableFamily:
    """A family told by the header of its table, or the lines above it.

    Attributes:
        title: What such a file is, after "The file is".
        signs: Whether a table of texts is one.
        read: The reader.
    """

    title: str
    signs: Callable[[Grid], bool]
    read: Callable[[Grid, SourceOptions], Grid]


FAMILIES: Registry[TextFamily | TableFamily] = Registry("file family")


def read_document(document: Document, options: SourceOptions) -> Grid | None:
    """The cells of a text of a known family, None for another."""
    for family in (FAMILIES[name] for name in FAMILIES):
        if isinstance(family, TextFamily) and family.signs(document):
            return family.read(document, options)
    return None


def read_known(grid: Grid, options: SourceOptions) -> Grid:
    """The cells of a table of a known family as they are meant; another table as it is."""
    for family in (FAMILIES[name] for name in FAMILIES):
        if isinstance(family, TableFamily) and family.signs(grid):
            return family.read(grid, options)
    return grid


def zone_of(options: SourceOptions, zone: str, why: str) -> tuple[str, tuple[Guess, ...]]:
    """The zone given, or that of the family with the guess that it is."""
    if options.time_zone is not None:
        return options.time_zone, ()
    return zone, (Guess("time zone", zone, why, "--time-zone"),)


def side_of(options: SourceOptions, side: StampSide, why: str) -> tuple[StampSide, tuple[Guess, ...]]:
    """The side given, or that of the family with the guess that it is."""
    if options.stamps is not None:
        return options.stamps, ()
    moved = "; each time was moved to the start of its step" if side == "end" else ""
    return side, (Guess("stamps", side, why + moved, "--stamps"),)


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What the columns of a family's table are called, and what is known of them.

    Attributes:
        name: Name of the file.
        series: What a single series is called.
        family: What the file is.
        time: The time column.
        item: The item column; it is left out when it says the same everywhere.
        values: Columns that can be predicted; the first is taken when none is named.
        units: Their units, as far as they are known.
    """

    name: str
    series: str
    family: str
    time: str
    item: str
    values: tuple[str, ...]
    units: dict[str, str]


def interval_grid(
    readings: Readings,
    naming: Naming,
    options: SourceOptions,
    zone: str,
    *,
    guesses: tuple[Guess, ...] = (),
    notes: tuple[str, ...] = (),
) -> Grid:
    """The table of some readings, on one step, its times in UTC at the start of their intervals.

    Raises:
        UnreadableFileError: If there is no reading.
    """
    there = ~np.isnat(readings.start)
    readings = readings if there.all() else readings.keep(there)
    if not len(readings.start):
        raise UnreadableFileError(
            f"The file {naming.name!r} is {naming.family}, but holds no readings.", fix="Export it again."
        )
    regular = to_one_step(readings, options.freq, zone)
    readings = regular.readings
    times = pd.DatetimeIndex(readings.start).tz_localize("UTC")
    return value_grid(
        times,
        readings.items,
        dict(readings.values),
        naming,
        options,
        said=Said(family=naming.family, freq=regular.freq, time_zone=zone, stamps="start"),
        guesses=(*guesses, *regular.guesses),
        notes=(*notes, *regular.notes),
    )


def value_grid(
    times: pd.DatetimeIndex,
    items: NDArray[np.object_],
    values: dict[str, NDArray[np.float64]],
    naming: Naming,
    options: SourceOptions,
    *,
    said: Said,
    guesses: tuple[Guess, ...] = (),
    notes: tuple[str, ...] = (),
) -> Grid:
    """The table of some values under the names of their family."""
    several = len(set(items.tolist())) > 1 or options.item == naming.item
    time, item = (_free(name or "time", values) for name in (naming.time, naming.item))
    cells: dict[str, Any] = {time: times}
    if several:
        cells[item] = pd.Series(items, dtype=object)
    return Grid(
        cells=pd.DataFrame({**cells, **values}),
        name=naming.name,
        series=naming.series,
        lines=np.arange(1, len(times) + 1, dtype=np.int64),
        place="reading",
        time=time,
        item=item if several else None,
        target=naming.values[0],
        said=replace(said, values=naming.values, units=naming.units),
        guesses=guesses,
        notes=notes,
    )


def _free(name: str, taken: Mapping[str, object]) -> str:
    while name in taken:
        name = f"{name} (column)"
    return name
