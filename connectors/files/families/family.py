"""What a family of files is, the registry of all of them, and what their readers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.files.intervals import to_one_step
from connectors.files.source import Grid, Guess, Said
from connectors.files.units import is_amount
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


def is_known(source: Document | Grid) -> bool:
    """Whether a text, or a table of texts, is of a known family."""
    kind = TableFamily if isinstance(source, Grid) else TextFamily
    found = (FAMILIES[name] for name in FAMILIES)
    return any(family.signs(source) for family in found if isinstance(family, kind))  # type: ignore[arg-type]


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
        units: Columns that can be predicted, and their units, "" for one that is not known; the first is taken when
            none is named.
        chosen: Which series of the export it is, where it holds several kinds.
    """

    name: str
    series: str
    family: str
    time: str
    item: str
    units: Mapping[str, str]
    chosen: str | None = None

    @property
    def added(self) -> frozenset[str]:
        """Columns that are added up over a longer interval."""
        return frozenset(name for name, unit in self.units.items() if is_amount(unit))

    def said(
        self, *, freq: str | None = None, time_zone: str | None = None, stamps: StampSide | None = None
    ) -> Said:
        """What the file says of itself."""
        known = {name: unit for name, unit in self.units.items() if unit}
        return Said(
            family=self.family,
            values=tuple(self.units),
            units=known,
            freq=freq,
            time_zone=time_zone,
            stamps=stamps,
            series=self.chosen or None,
        )


def named(
    source: Document | Grid,
    family: str,
    *,
    time: str,
    item: str,
    units: Mapping[str, str],
    chosen: str | None = None,
) -> Naming:
    """The names of a file's columns; see ``Naming``."""
    own = {"name": source.name, "series": source.series}
    return Naming(**own, family=family, time=time, item=item, units=units, chosen=chosen)


def no_readings(source: Document | Grid, family: str, expected: str = "") -> UnreadableFileError:
    """The error for a file of a family without a reading."""
    return UnreadableFileError(
        f"The file {source.name!r} is {family}, but holds no readings.", expected=expected, fix="Export it again."
    )


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
        ConfigError: If the readings cannot be given in the step asked for.
    """
    there = ~np.isnat(readings.start)
    readings = readings if there.all() else readings.keep(there)
    if not len(readings.start):
        raise UnreadableFileError(
            f"The file {naming.name!r} is {naming.family}, but holds no readings.", fix="Export it again."
        )
    regular = to_one_step(readings, options.freq, zone)
    return _grid(
        pd.DatetimeIndex(regular.readings.start).tz_localize("UTC"),
        regular.readings.items,
        regular.readings.values,
        naming,
        options,
        said=naming.said(freq=regular.freq, time_zone=zone, stamps="start"),
        guesses=(*guesses, *regular.guesses),
        notes=(*notes, *regular.notes),
    )


def day_grid(
    days: NDArray[np.datetime64],
    items: NDArray[np.object_],
    values: Mapping[str, NDArray[np.float64]],
    naming: Naming,
    options: SourceOptions,
    zone: str,
    *,
    guesses: tuple[Guess, ...] = (),
    notes: tuple[str, ...] = (),
) -> Grid:
    """The table of values of whole days; their times are dates.

    Args:
        days: Local midnights [n].
        items: Name of each row's item [n].
        values: Columns by name [n each].
        naming: The names.
        options: What the user said.
        zone: Zone of the local calendar.
        guesses: Guesses made so far.
        notes: Notes made so far.
    """
    said = naming.said(freq="D", time_zone=zone, stamps="start")
    times = pd.DatetimeIndex(days)
    return _grid(times, items, values, naming, options, said=said, guesses=guesses, notes=notes)


def _grid(
    times: pd.DatetimeIndex,
    items: NDArray[np.object_],
    values: Mapping[str, NDArray[np.float64]],
    naming: Naming,
    options: SourceOptions,
    *,
    said: Said,
    guesses: tuple[Guess, ...],
    notes: tuple[str, ...],
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
        target=said.values[0],
        said=said,
        guesses=guesses,
        notes=notes,
    )


def _free(name: str, taken: Mapping[str, object]) -> str:
    while name in taken:
        name = f"{name} (column)"
    return name
