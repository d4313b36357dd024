"""The ``[source]`` table of ``hourcast.toml``: how a source is read, so that the next reading guesses nothing.

The table is one among others of the file; the others are left as they are. It holds no password: a URL of a database
names variables of the environment for its user and password, as in ``postgresql://${DB_USER}:${DB_PASSWORD}@host/db``.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from connectors.database import holds_secret, is_url
from connectors.errors import ConfigError, OutputError, UnreadableFileError, near_name
from connectors.exports.atomic import replace_file
from connectors.files.form import Form
from connectors.files.source import DateOrder, RegisterUse, SourceOptions, StampSide
from connectors.open_data.door import is_open_data
from connectors.toml import put_table, table_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TABLE, ENDING = "source", ".toml"

#: Keys of the table that are options, and what each says; the others belong to the form of the file.
OPTIONS = {
    "target": "the column to predict",
    "time": "the column of times",
    "item": "the column that tells the series apart; none where it is left out",
    "freq": "the step asked for, where it is not that of the file",
    "time_zone": "zone of the local calendar",
    "stamps": "which moment of its interval a time names",
    "dates": "how 01/02/2024 is meant",
    "sheet": "sheet of the workbook",
    "series": "which series of the export",
    "register": "what is made of the target, should it be a meter register",
    "ignore": "columns left out",
    "wide": "every column beside the times is a series of the target",
}
#: Keys that say what the file is like, and how each is explained.
FORM = {
    "kind": "text, workbook or table (Parquet, a database)",
    "family": "what the file is",
    "encoding": "of the text",
    "delimiter": "what separates the fields",
    "header": "line of the header, from 1; none where it is left out",
    "columns": "all columns",
    "times": "the columns the time is made of",
    "format": "how the times are written",
    "offset": "none: a local clock, or UTC without a sign of it",
    "step": "of the readings",
    "unit": "of the target",
    "decimal": "decimal mark of each column that has one",
    "clock_changes": "the clock does not change as its zone does",
    "ignored_rows": "rows that begin so have no time and are left out",
}
#: The URL of a database that is a file: what stands before and behind its path.
_FILE_URL = re.compile(r"((?:sqlite|duckdb)[\w+]*:///)([^?#]+)([?#].*)?")
_CHOICES = {"stamps": get_args(StampSide), "dates": get_args(DateOrder), "register": get_args(RegisterUse)}
_LISTS = frozenset({"ignore", "columns", "times", "ignored_rows"})


@dataclass(frozen=True, kw_only=True)
class SavedSource:
    """A source and all that is to be known to read it.

    Attributes:
        path: A file, the URL of a database, or open data by its name.
        options: How it is read, the form of the file among them.
        query: Table or SELECT of a database.
    """

    path: str
    options: SourceOptions
    query: str | None = None

    @property
    def place(self) -> str | Path:
        """Where to read from."""
        return self.path if is_url(self.path) or is_open_data(self.path) else Path(self.path)

    @classmethod
    def of(cls, path: str | os.PathLike[str], options: SourceOptions, *, query: str | None = None) -> SavedSource:
        """A source and how it was read (``Table.options``).

        Raises:
            ConfigError: If the path is the URL of a database with a password or a key in it.
        """
        source = os.fspath(path)
        if is_url(source) and holds_secret(source):
            raise ConfigError(
                "The URL of the database holds a password or a key, which is never stored.",
                expected="It is in the environment, and the URL names the variable.",
                fix="Give the URL as scheme://user:${DB_PASSWORD}@host/database.",
            )
        return cls(path=source, options=options, query=query)

    def values(self, folder: Path | None = None) -> dict[str, Any]:
        """The table as plain values.

        Args:
            folder: Where the file that holds the table is; a file below it is named from there.
        """
        options = self.options
        said: dict[str, Any] = {"path": self._beside(folder), "query": self.query}
        said |= {name: getattr(options, name) for name in OPTIONS}
        said = {name: value for name, value in said.items() if value not in (None, (), False)}
        # What a text turned out to be in is part of its form, which says it again.
        facts = {"encoding": options.encoding} if options.form is None else options.form.facts()
        return said | {name: facts[name] for name in FORM if facts.get(name) is not None}

    def _beside(self, folder: Path | None) -> str:
        """The path as it is written: from the folder of the table, as far as it lies below it."""

        def named(path: str) -> str:
            # Links stay links: what they lead to may be another file tomorrow.
            whole, home = Path(os.path.abspath(path)), Path(os.path.abspath(folder or "."))  # noqa: PTH100
            return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else whole.as_posix()

        return self.path if folder is None else _with_path(self.path, named)


def _with_path(path: str, change: Callable[[str], str]) -> str:
    """A path, or the URL of a database in a file, with the path of the file changed; another URL as it is."""
    found = _FILE_URL.fullmatch(path)
    if found is not None:
        return found[1] + change(found[2]) + (found[3] or "")
    return path if is_url(path) or is_open_data(path) else change(path)


def source_of(values: Mapping[str, Any], folder: Path, *, file: str = "hourcast.toml") -> SavedSource:
    """What a ``[source]`` table says.

    Args:
        values: The table.
        folder: Where its file is; the path of the readings counts from there.
        file: Name of its file, for messages.

    Raises:
        ConfigError: If a key is unknown or missing, or its value is not of its kind.
    """
    known = ("path", "query", *OPTIONS, *FORM)
    for name, value in values.items():
        if name not in known:
            raise ConfigError(f"There is no key {name!r} in [source] of {file}.", fix=near_name(name, known))
        _check(name, value, file)
    if "path" not in values:
        raise ConfigError(f"[source] of {file} has no key 'path'.", expected="It names the file of the readings.")
    plain: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in values.items()}
    options = {name: plain[name] for name in OPTIONS if name in plain}
    facts = {name: plain[name] for name in FORM if name in plain}
    if set(facts) == {"encoding"}:
        # In a table by hand it is an option like the others.
        options |= facts
        facts = {}
    return SavedSource(
        path=_with_path(values["path"], lambda path: str(folder / path)),
        query=values.get("query"),
        options=SourceOptions(**options, form=_form(facts, options.get("item"), file)),
    )


def _form(facts: dict[str, Any], item: str | None, file: str) -> Form | None:
    """The form, None where a table written by hand says nothing of it: what it does not name is then found."""
    if not facts:
        return None
    lacking = [name for name in ("kind", "columns", "times", "format", "offset", "step") if name not in facts]
    if lacking:
        raise ConfigError(
            f"[source] of {file} lacks the key {lacking[0]!r}.",
            expected=f"It says what the file is like: it has {', '.join(facts)}.",
            fix="Write it again with hourcast check --save-source, or take out all keys but the options.",
        )
    return Form(**facts, item=item)


def _check(name: str, value: Any, file: str) -> None:
    """Refuse a value that is not of the kind of its key."""
    where = f"{name} = {value!r} in [source] of {file}"
    if name in _LISTS:
        sound, kind = isinstance(value, list) and all(isinstance(one, str) for one in value), "a list of texts"
    elif name == "decimal":
        sound = isinstance(value, dict) and set(value.values()) <= {",", "."}
        kind = 'a table such as {kwh = ","}'
    elif name == "wide":
        sound, kind = isinstance(value, bool), "true or false"
    elif name == "header":
        sound, kind = isinstance(value, int) and not isinstance(value, bool) and value > 0, "a number from 1"
    else:
        sound, kind = isinstance(value, str), "a text"
    if not sound:
        raise ConfigError(f"{where} cannot be.", expected=f"It is {kind}.")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ConfigError(f"{where} is not known.", fix=near_name(value, _CHOICES[name]))


def load_source(path: str | os.PathLike[str]) -> SavedSource:
    """The ``[source]`` table of a file.

    Raises:
        UnreadableFileError: If there is no such file.
        ConfigError: If it is no TOML, has no such table, or the table cannot be read.
    """
    file = Path(path)
    values = _parsed(file).get(TABLE)
    if not isinstance(values, dict):
        raise ConfigError(
            f"{file.name} has no table [source].",
            expected="It says how the readings are read.",
            fix=f"Write it with: hourcast check meter.csv --save-source {file.name}",
        )
    return source_of(values, file.parent, file=file.name)


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFileError(
            f"The file {str(file)!r} cannot be read: {error.strerror}.", fix="Check its name and who may read it."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file.name} is no TOML: {error}.", fix="Correct that place.") from error


def save_source(source: SavedSource, path: str | os.PathLike[str], reasons: Mapping[str, str] | None = None) -> None:
    """Write the ``[source]`` table of a file; its other tables stay as they are, to the letter.

    Args:
        source: How a source is read.
        path: The file; it is made if it is not there.
        reasons: Why a key has its value, by its name.

    Raises:
        ConfigError: If the file is there and is no TOML, or its table cannot be told from the others.
        OutputError: If it cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() != ENDING:
        raise ConfigError(f"The file {file} has no ending {ENDING}.", fix=f"Give --save-source hourcast{ENDING}.")
    if not file.parent.is_dir():
        raise OutputError(f"There is no folder {str(file.parent)!r}.", fix="Make it.")
    before = ""
    if file.exists():
        _parsed(file)
        before = file.read_text(encoding="utf-8")
    words = {"path": "the readings; a file counts from the folder of this one", **OPTIONS, **FORM, **(reasons or {})}
    table = table_text(TABLE, source.values(file.parent), words, head=_HEAD)
    text = put_table(before, TABLE, table, file=file.name)
    replace_file(file, lambda draft: _write(draft, text))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


_HEAD = (
    "How the readings are read. With this table nothing is guessed, and a file of another shape is refused.",
    "Written by: hourcast check ... --save-source",
)


def with_roles(source: SavedSource, required: tuple[str, ...], ignore: tuple[str, ...]) -> SavedSource:
    """The same source with columns that must be numbers, and more columns left out."""
    options = source.options
    ignored = (*options.ignore, *(name for name in ignore if name not in options.ignore))
    return replace(source, options=replace(options, required=required, ignore=ignored))
