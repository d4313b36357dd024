"""What a file was like when it was read, so that another reading can tell whether it still is."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from connectors.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Rows left out that are told apart by their first cell; more kinds of them are no fixed part of a file.
MOST_IGNORED = 20
#: What stands for any row whose time cannot be read, where there were too many kinds.
ANY_ROW = "*"
#: How a clock that does not follow the changes of its zone is written down.
NOT_FOLLOWED = "not followed"

_WORDS = {
    "kind": "kind of source",
    "family": "family of files",
    "encoding": "encoding",
    "delimiter": "separator of the fields",
    "header": "line of the header",
    "columns": "columns",
    "times": "time columns",
    "format": "way the times are written",
    "offset": "offset of the times",
    "step": "step",
    "unit": "unit",
    "item": "item column",
    "clock_changes": "clock changes",
    "ignored_rows": "rows without a time",
    "decimal": "decimal mark",
}


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a file was like when it was read; one that is like another is refused.

    Attributes:
        kind: ``text``, ``workbook`` or ``table`` (Parquet, a database, a DataFrame).
        columns: Names of the columns, blank ones aside.
        times: The columns the time was made of: one, or a date and an hour.
        format: How the times are written: ``text``, ``time`` (a column of that type), ``Excel days`` ...
        offset: ``none`` for a local clock or UTC without a sign of it, ``written``, or the zone that a column of
            times is in.
        step: The step, as a pandas offset alias.
        item: The item column, None for a single series.
        family: What the file is, where it is of a known family.
        encoding: Encoding of a text.
        delimiter: What separates the fields of a text.
        header: Line of the header of a text or a sheet, from 1; None where there is none.
        unit: Unit of the target, as far as it is known.
        decimal: Decimal mark of the columns written as text that have one.
        clock_changes: ``not followed`` where a local clock contradicts the changes of its zone.
        ignored_rows: First cells of the rows whose time cannot be read, such as "Total".
    """

    kind: str
    columns: tuple[str, ...]
    times: tuple[str, ...]
    format: str
    offset: str
    step: str
    item: str | None = None
    family: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: int | None = None
    unit: str | None = None
    decimal: Mapping[str, str] = field(default_factory=dict)
    clock_changes: str | None = None
    ignored_rows: tuple[str, ...] = ()

    def check(self, name: str, **found: Any) -> None:
        """Compare with what was found in a file.

        Args:
            name: Name of the file, for messages.
            found: Fields of a form, as they are now.

        Raises:
            DataError: If one differs, with all that do.
        """
        differing = [words for key, value in found.items() if (words := self._difference(key, value))]
        if differing:
            raise DataError(
                f"The file {name!r} has changed its shape: {'; '.join(differing)}.",
                expected="It was to be read as its saved [source] table says, without a guess.",
                fix="Give the file it was saved for, or check the new one with --save-source again.",
            )

    def _difference(self, key: str, now: Any) -> str | None:
        then = getattr(self, key)
        if key == "columns":
            return _columns_apart(then, now)
        if key == "ignored_rows":
            new = [row for row in now if row not in then and ANY_ROW not in then]
            return f"a row that begins with {new[0]!r} has no time that can be read" if new else None
        if key == "decimal":
            other = [column for column, mark in now.items() if then.get(column, mark) != mark]
            return (
                f"the decimal mark of {other[0]!r} was {then[other[0]]!r} and is {now[other[0]]!r}"
                if other
                else None
            )
        return None if then == now else f"the {_WORDS[key]} was {_said(then)} and is {_said(now)}"

    def facts(self) -> dict[str, Any]:
        """The fields that say something, in order."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in said.items() if value not in (None, (), {})}


def kinds_of(first_cells: Iterable[str]) -> tuple[str, ...]:
    """The different first cells of some rows, or the sign for any when there are many."""
    found = tuple(dict.fromkeys(first_cells))
    return found if len(found) <= MOST_IGNORED else (ANY_ROW,)


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return " + ".join(map(repr, value))
    return "none" if value is None else repr(value) if isinstance(value, str) else str(value)


def _columns_apart(then: tuple[str, ...], now: tuple[str, ...]) -> str | None:
    gone = [name for name in then if name not in now]
    new = [name for name in now if name not in then]
    parts = [
        f"{'columns' if len(names) > 1 else 'column'} {', '.join(map(repr, names[:5]))} {verb}"
        for names, verb in ((gone, "missing"), (new, "not there before"))
        if names
    ]
    return " and ".join(parts) or None
