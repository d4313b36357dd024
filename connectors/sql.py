"""Read a table or a query of any database SQLAlchemy reaches, and of DuckDB files.

The rows go through the reader that DataFrames go through: what it guesses and leaves out is said in the same way.
Nothing is written: one SELECT and nothing else is run, SQLite and DuckDB files are opened read-only, PostgreSQL is
asked for a read-only transaction, and whatever was begun is rolled back.

Times with a zone become UTC. Times without one are the local clock of ``options.time_zone``, or are taken as UTC,
and that is said.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pandas as pd

from connectors.database import Database, locate
from connectors.errors import ConfigError, DataError, near_name
from connectors.files.read import read_table
from connectors.files.source import Guess, SourceOptions
from connectors.queries import opened

if TYPE_CHECKING:
    from connectors.files.source import Table
    from connectors.queries import Reader

#: The most rows that are read [n].
MOST_ROWS = 50_000_000

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITING = re.compile(r"\b(insert|update|delete|merge|into)\b", re.IGNORECASE)
_VERBS = re.compile(
    r"(insert|update|delete|merge|replace|drop|create|alter|truncate|grant|revoke|copy|attach|detach|pragma|vacuum|"
    r"call|exec|execute|set|begin|commit|do|explain|install|load|export|import)\s+\S",
    re.IGNORECASE,
)


def read_sql(url: str, query: str | None = None, options: SourceOptions | None = None) -> Table:
    """Read a table or the result of a query.

    Args:
        url: Where the database is, see ``connectors.database``.
        query: Name of a table or view, or one SELECT (or WITH ... SELECT). None for the table behind the ``#`` of
            the URL, or the only one in the database.
        options: What the user said about the columns.

    Returns:
        The table; its name is that of the database, without user and password.

    Raises:
        ConfigError: If the URL cannot be read, the query is no SELECT, or there is no such table.
        MissingExtraError: If the driver is not installed.
        RetriableConnectorError: If the database cannot be reached, or another program holds it.
        FatalConnectorError: If it refuses the user, the password or the name of the database.
        DataError: If the query fails or gives no rows, or the rows cannot be read right, as ``read_table`` says.
    """
    if query is not None:
        query = _checked(query)
    database = locate(url)
    with opened(database) as reader:
        asked = _find(reader, database, query or database.table)
        frame, notes = _fetch(reader, database, asked)
    table = read_table(frame, options, name=database.name, series=asked.table or "series")
    return replace(table, guesses=(*asked.guesses, *table.guesses), notes=(*notes, *table.notes))


def _checked(query: str) -> str:
    """The query, bare of what ends it.

    Raises:
        ConfigError: If it is not one table name or one SELECT.
    """
    text = query.strip().rstrip(";").strip()
    code = _QUOTED.sub(" ", text).strip()
    wrong = None
    if not text:
        wrong = "The query is empty."
    elif ";" in text:
        wrong = "The query holds a ';' and so several statements, or a text with one."
    elif _VERBS.match(code):
        wrong = f"The query begins with {code.split()[0].upper()}."
    elif is_select(text) and _WRITING.search(code):
        wrong = f"The query holds the word {_WRITING.findall(code)[0].upper()}."
    if wrong is not None:
        raise ConfigError(
            wrong,
            expected="Only reading is done: the name of a table, or one SELECT.",
            fix="For more, make a view in the database and give its name; put a column of that name in quotes.",
        )
    return text


def is_select(query: str) -> bool:
    """Whether a query is a statement rather than the name of a table."""
    return re.match(r"[(\s]*(select|with)\b(?!\.)", _QUOTED.sub(" ", query).strip(), re.IGNORECASE) is not None


@dataclass(frozen=True)
class _Asked:
    """The statement to run, the table if it is one, and what nobody said."""

    statement: str
    table: str | None = None
    guesses: tuple[Guess, ...] = ()

    @property
    def what(self) -> str:
        """As it is called in messages."""
        return "the query" if self.table is None else f"the table {self.table!r}"


def _find(reader: Reader, database: Database, query: str | None) -> _Asked:
    """The statement for what was asked."""
    if query is not None and is_select(query):
        return _Asked(query)
    known = reader.tables()
    if query is None:
        if len(known) != 1:
            raise ConfigError(
                f"{database.name} has {len(known) or 'no'} tables, and none was named.",
                expected=f"Known: {', '.join(known)}." if known else "It holds a table of readings.",
                fix="Name one behind the URL, as in ...#meter, or give --query.",
            )
        guess = Guess("table", known[0], "the only one in the database", "--query")
        return _Asked(reader.select_all(known[0]), known[0], (guess,))
    folded = {name.casefold(): name for name in known}
    if query not in known and query.casefold() not in folded:
        raise ConfigError(f"There is no table {query!r} in {database.name}.", fix=near_name(query, known))
    table = query if query in known else folded[query.casefold()]
    return _Asked(reader.select_all(table), table)


def _fetch(reader: Reader, database: Database, asked: _Asked) -> tuple[pd.DataFrame, list[str]]:
    """All rows, their columns plain, and what was left out."""
    parts, rows = [], 0
    for chunk in reader.chunks(asked.statement):
        names = [str(name) for name in chunk.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DataError(
                f"The query gives two columns {twice[0]!r}.",
                expected="Every name stands once.",
                fix="Rename one with AS.",
            )
        parts.append(pd.DataFrame({name: _plain(chunk[name]) for name in names}))
        rows += len(chunk)
        if rows > MOST_ROWS:
            raise DataError(
                f"{database.name} gives more than {MOST_ROWS:,} rows.", fix="Ask for fewer with SELECT ... WHERE."
            )
    if not rows:
        raise DataError(
            f"{database.name} gives no rows for {asked.what}.", expected="It holds readings.", fix="Check the query."
        )
    joined = pd.concat([part for part in parts if len(part)], ignore_index=True)
    # A chunk in which a column is empty leaves the others of that column untyped.
    frame = pd.DataFrame({name: _plain(joined[name]) for name in joined.columns})
    unread = [name for name in frame.columns if _is_unreadable(frame[name])]
    notes = [f"column {name!r} holds neither numbers, times nor text and is not used" for name in unread]
    return frame.drop(columns=unread), notes


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """A column in the types the reader knows: instants in UTC, dates, numbers, texts."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return pd.Series(values.dt.tz_convert("UTC"))
    kinds = _kinds(values)
    if kinds and all(issubclass(kind, Decimal | int | float) and kind is not bool for kind in kinds):
        return pd.Series(values.astype("float64"))
    if kinds and all(issubclass(kind, dt.date) for kind in kinds):
        first = next(cell for cell in values if not _is_missing(cell))
        # Every row may have an offset of its own; in UTC the instants are the same.
        return pd.Series(pd.to_datetime(values, utc=getattr(first, "tzinfo", None) is not None))
    if kinds and kinds <= {UUID, dt.time}:
        return pd.Series(values.map(str, na_action="ignore"))
    return values


def _kinds(values: pd.Series[Any]) -> set[type]:
    """The Python types in a column without a type of its own."""
    return {type(cell) for cell in values if not _is_missing(cell)} if values.dtype == object else set()


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))


def _is_unreadable(values: pd.Series[Any]) -> bool:
    others = (kind for kind in _kinds(values) if not issubclass(kind, str | int | float | Decimal | dt.date))
    return any(others) or pd.api.types.is_timedelta64_dtype(values.dtype)
