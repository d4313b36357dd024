"""What a reader is told, what it found, and what passes between its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from connectors.files.form import Form

#: Which end of its interval a time names.
StampSide = Literal["start", "end"]
#: How 01/02/2024 is to be understood.
DateOrder = Literal["day-first", "month-first"]
DecimalMark = Literal["point", "comma"]
#: What is made of a meter register: what was used between two readings, or the readings themselves.
RegisterUse = Literal["differences", "as-read"]


@dataclass(frozen=True, kw_only=True)
class SourceOptions:
    """What the user said about a file; None means: find it, and say so.

    Attributes:
        target: Column to predict; None only for a file of future covariates.
        time: Column of times.
        item: Column that tells the series apart.
        freq: The step, as a pandas offset alias.
        time_zone: Zone of the local clock, such as "Europe/Paris".
        ignore: Columns to leave out.
        required: Columns named in any role; they must exist and be numeric.
        sheet: Sheet of an Excel file.
        encoding: Encoding of a text, such as "cp1250".
        decimal: The decimal mark of columns that do not prove it, such as 1.234, 2.345.
        stamps: Whether a time names the start or the end of its interval.
        dates: Whether the day or the month stands first in 01/02/2024.
        series: Which of the series in a meter's export: its name, or a word of it such as "consumption".
        register: Whether the target is a meter register to take the differences of.
        wide: Whether every column beside the times is a series, and the target the name of what they hold.
        form: What the file was like when these options were saved; one that is like another is refused.
    """

    target: str | None = None
    time: str | None = None
    item: str | None = None
    freq: str | None = None
    time_zone: str | None = None
    ignore: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    sheet: str | None = None
    encoding: str | None = None
    decimal: DecimalMark | None = None
    stamps: StampSide | None = None
    dates: DateOrder | None = None
    series: str | None = None
    register: RegisterUse | None = None
    wide: bool = False
    form: Form | None = None

    def mark_of(self, column: str) -> str | None:
        """The decimal mark of a column, as far as it is known."""
        known = None if self.form is None else self.form.decimal.get(column)
        return known or (None if self.decimal is None else {"point": ".", "comma": ","}[self.decimal])


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a file of a known family says of itself. The family has heard the user before it says so.

    Attributes:
        family: What the file is ("a load curve of Enedis").
        values: Columns that can be predicted; the first is taken when none is named.
        units: Units of the columns, as far as they are known.
        freq: The step.
        time_zone: Zone of the local calendar.
        stamps: Which end of its interval a time names.
        dates: Whether the day or the month stands first.
        series: Which series of the export it is, where it holds several kinds.
    """

    family: str
    values: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    freq: str | None = None
    time_zone: str | None = None
    stamps: StampSide | None = None
    dates: DateOrder | None = None
    series: str | None = None

    def over(self, options: SourceOptions) -> SourceOptions:
        """The options, with what the file says put in."""
        return replace(
            options,
            time_zone=self.time_zone or options.time_zone,
            stamps=self.stamps or options.stamps,
            dates=self.dates or options.dates,
        )


@dataclass(frozen=True)
class Guess:
    """Something nobody said, found in the data.

    Attributes:
        what: What was guessed ("time column").
        value: What was taken.
        why: The reason, for a person.
        option: The option that overrides it ("--time").
    """

    what: str
    value: str
    why: str
    option: str


@dataclass(frozen=True)
class Table:
    """A file or DataFrame as it was read.

    Attributes:
        frame: ``item_id`` str | ``timestamp`` datetime64[ns, UTC], START of its interval | ``target`` float, if
            there is one | covariates, float, under the user's own names. Sorted by item and time; duplicates
            and gaps are still inside.
        name: Name of the file, or "DataFrame".
        target: The user's name of the target.
        time: The user's name of the time column ("Date + Heure" when two were joined).
        item: The user's name of the item column, or None for a single series.
        freq: The step, as a pandas offset alias.
        time_zone: Zone of the local calendar.
        unit: Unit of the target, when the header says it.
        covariates: The numeric columns kept.
        guesses: Everything guessed.
        notes: What was left out, joined or changed, for a person.
        options: The options it was read with, those that were found put in: with them nothing is guessed.
        attribution: Whom the data must be credited to.
    """

    frame: pd.DataFrame
    name: str
    target: str | None
    time: str
    item: str | None
    freq: str
    time_zone: str
    unit: str | None
    covariates: tuple[str, ...]
    guesses: tuple[Guess, ...]
    notes: tuple[str, ...]
    options: SourceOptions
    attribution: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        """What the file is like."""
        assert self.options.form is not None
        return self.options.form


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells under a header, before anything is known about them.

    Attributes:
        cells: One column per field, under unique names. Columns of text are ``object`` columns of ``str``, where
            "" is an empty cell; columns of a DataFrame or a Parquet file keep their types.
        name: Name of the file, or "DataFrame".
        series: What a single series is called.
        lines: Line of each row in the file, from 1 [n].
        place: What a line is called ("line" in a text, "row" elsewhere).
        above: The lines above the header.
        delimiter: What separates the fields, "" when nothing does.
        encoding: Encoding of a text.
        header: Line of the header of a text or a sheet, from 1.
        sheet: The sheet of a workbook.
        width: Fields of the header of a text.
        spelt: Decimal mark of the columns, where they stand as text in the file though they have their types by now.
        order: Which of day and month stood first in its times, where they have their type by now.
        overflow: Rows with more fields than the header [n].
        time: Column that must be the time, because the index held it.
        item: Column that must be the item, likewise.
        target: Column that must be the target, likewise.
        said: What a file of a known family says of itself.
        guesses: Guesses made so far.
        notes: Notes made so far.
    """

    cells: pd.DataFrame
    name: str
    series: str
    lines: NDArray[np.int64] | NDArray[np.int32]
    place: str = "line"
    above: tuple[str, ...] = ()
    delimiter: str = ""
    encoding: str | None = None
    header: int | None = None
    sheet: str | None = None
    width: int = 0
    spelt: str = ""
    order: DateOrder | None = None
    overflow: NDArray[np.bool_] | None = None
    time: str | None = None
    item: str | None = None
    target: str | None = None
    said: Said | None = None
    guesses: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()

    def where(self, row: int) -> str:
        """A row as it is named in messages, with its content: ``line 17 'Total;35,1'``."""
        content = (self.delimiter or " | ").join(str(cell) for cell in self.cells.iloc[row].tolist())
        # Tabs and the blanks of other alphabets would come out as codes.
        shown = re.sub(r"\s", " ", content)[:60]
        return f"{self.place} {self.lines[row]} '{shown}'"

    def keep(self, rows: NDArray[np.bool_]) -> Grid:
        """The same grid with some of its rows."""
        overflow = None if self.overflow is None else self.overflow[rows]
        return replace(self, cells=self.cells.loc[rows], lines=self.lines[rows], overflow=overflow)
