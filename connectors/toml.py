"""Write TOML: one table of plain values with a word on each, put in the place of the old one in a file of others.

Python reads TOML and does not write it.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: Column at which the words on a key begin, where its value leaves room.
_WORDS_AT = 40


def table_text(name: str, values: Mapping[str, Any], words: Mapping[str, str], *, head: Sequence[str] = ()) -> str:
    """A table as TOML.

    Args:
        name: Name of the table.
        values: Texts, numbers, booleans, lists and tables of them.
        words: What is said of a key, behind its value.
        head: Lines of comment below the name.

    Example:
        >>> print(table_text("source", {"path": "meter.csv"}, {"path": "the readings"}), end="")
        [source]
        path = "meter.csv"                      # the readings
    """
    lines = [f"[{name}]", *(f"# {line}" for line in head)]
    for key, value in values.items():
        line = f"{_key(key)} = {toml_value(value)}"
        said = " ".join(words.get(key, "").split())
        lines.append(f"{line:<{_WORDS_AT - 1}} # {said}" if said else line)
    return "\n".join(lines) + "\n"


def toml_value(value: Any) -> str:
    """A plain value as TOML.

    Raises:
        TypeError: If it is none.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        # A text of JSON is one of TOML, but for one control character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {toml_value(one)}" for key, one in value.items()) + "}"
    message = f"{value!r} has no place in TOML"
    raise TypeError(message)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else toml_value(name)


def put_table(text: str, name: str, table: str, *, file: str) -> str:
    """A text of TOML with one of its tables replaced, or put in front when it is not there.

    Args:
        text: The text; every other line stays as it is.
        name: Name of the table.
        table: Its new text.
        file: Name of the file, for messages.

    Raises:
        ConfigError: If the table cannot be told from the others.
    """
    lines = text.splitlines(keepends=True)
    header = re.compile(rf"\s*\[\s*{re.escape(name)}\s*\]\s*(#.*)?$")
    starts = [place for place, line in enumerate(lines) if header.match(line)]
    if starts:
        begin = starts[0]
        end = next((at for at in range(begin + 1, len(lines)) if re.match(r"\s*\[", lines[at])), len(lines))
        while end > begin + 1 and re.match(r"\s*(#.*)?$", lines[end - 1]) and end < len(lines):
            end -= 1  # the words above the next table belong to it
        made = "".join([*lines[:begin], table, *lines[end:]])
    else:
        # Keys without a table stand before every table.
        place = next((at for at, line in enumerate(lines) if re.match(r"\s*\[", line)), len(lines))
        while place and re.match(r"\s*#", lines[place - 1]) and place < len(lines):
            place -= 1
        before, after = "".join(lines[:place]), "".join(lines[place:])
        gap = "\n" if before and not before.endswith("\n\n") else ""
        made = f"{before}{gap}{table}" + (f"\n{after}" if after else "")
    if len(starts) > 1 or _parsed(made) != {**_parsed(text), name: _parsed(table)[name]}:
        raise ConfigError(
            f"The table [{name}] of {file} cannot be told from the others.",
            expected=f"It begins with a line [{name}] and ends before the next line of that kind.",
            fix=f"Take it out of {file} by hand, or name another file.",
        )
    return made


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {"": str(error)}
