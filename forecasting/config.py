"""``hourcast.toml``: everything a scheduled run must know, in one file; several jobs may share it.

Every table but ``[source]`` may be left out. A table ``[job.NAME]`` makes a job: it holds tables of the same names,
and what it does not say is as at the top of the file. Paths count from the folder of the file. A key nobody knows is
refused with the near one: a misspelt ``horizont`` must not mean the default.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from connectors.errors import ConfigError, near_name
from connectors.exports.publish import Destination
from connectors.saved_source import SavedSource, source_of
from forecasting.job import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "hourcast.toml"
#: Tables of a job, in the order they are written.
TABLES = tuple(field.name for field in fields(Job) if field.name != "name")
_UNITS = {"min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks", "s": "seconds"}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)", re.IGNORECASE)
_WORDS: dict[Any, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, kw_only=True)
class Config:
    """A file of jobs.

    Attributes:
        path: Where it is; paths in it count from its folder.
        jobs: By name, in the order of the file.
    """

    path: Path
    jobs: Mapping[str, Job]

    def chosen(self, name: str | None) -> list[Job]:
        """One job, or all.

        Raises:
            ConfigError: If there is none of that name.
        """
        if name is None:
            return list(self.jobs.values())
        if name not in self.jobs:
            raise ConfigError(f"There is no job {name!r} in {self.path.name}.", fix=near_name(name, self.jobs))
        return [self.jobs[name]]


def load_config(path: Path) -> Config:
    """Read a file of jobs.

    Raises:
        ConfigError: If there is no such file, it is no TOML, a key is unknown, or a value is not of its kind.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"The file {str(path)!r} cannot be read: {error.strerror}.",
            expected="It says what is to be run.",
            fix="Write one with: hourcast init meter.csv",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is no TOML: {error}.", fix="Correct that place.") from error
    _known(values, (*TABLES, "job"), path.name)
    named = values.pop("job", {})
    if not isinstance(named, dict) or any(not isinstance(one, dict) for one in named.values()):
        raise ConfigError(f"job in {path.name} is no table.", fix="Write [job.north] and tables below it.")
    given = {name: _merged(values, one) for name, one in named.items()} or {path.stem: values}
    return Config(path=path, jobs={name: job_of(name, one, path.name) for name, one in given.items()})


def job_of(name: str, values: Mapping[str, Any], file: str = FILE) -> Job:
    """A job from the tables of a file.

    Raises:
        ConfigError: If a key is unknown, or a value is not of its kind.
    """
    _known(values, TABLES, file)
    if "source" not in values:
        raise ConfigError(f"{file} has no table [source].", expected="It names the readings: path and target.")
    kinds = get_type_hints(Job)
    found: dict[str, Any] = {
        table: _section(kinds[table], given, f"[{table}] of {file}")
        for table, given in values.items()
        if table not in ("export", "source")
    }
    found["source"] = _source(values["source"], file)
    exports = values.get("export", [])
    exports = exports if isinstance(exports, list) else [exports]
    found["export"] = tuple(_section(Destination, one, f"[[export]] of {file}") for one in exports)
    return Job(name=name, **found)


def _source(values: Any, file: str) -> SavedSource:
    """The table ``[source]``; paths count from the folder one is in when the job is run."""
    if not isinstance(values, dict):
        raise ConfigError(f"[source] of {file} is {values!r}.", expected="It is a table of keys and values.")
    source = source_of(values, Path(), file=file)
    if source.options.target is None:
        raise ConfigError(f"[source] of {file} has no key 'target'.", expected="It names the column to predict.")
    return source


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of a job over those of the file, key by key."""
    both = {name: base[name] for name in base if name not in over}
    for name, value in over.items():
        below = base.get(name)
        both[name] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return both


def _known(values: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in values:
        if name not in known:
            raise ConfigError(f"There is no key {name!r} in {where}.", fix=near_name(name, known))


def _section(kind: Any, values: Any, where: str) -> Any:
    """A table as the class that holds it."""
    if not isinstance(values, dict):
        raise ConfigError(f"{where} is {values!r}.", expected="It is a table of keys and values.")
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name in kind.__dataclass_fields__}
    _known(values, tuple(hints), where)
    lacking = [f.name for f in fields(kind) if f.name not in values and f.default is f.default_factory is MISSING]
    if lacking:
        raise ConfigError(f"{where} has no key {lacking[0]!r}.", expected=f"It has {', '.join(hints)}.")
    return kind(**{name: _value(hints[name], value, f"{name} in {where}") for name, value in values.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    """A value of TOML as the field takes it."""
    choices = [one for one in get_args(hint) if one is not NoneType] if isinstance(hint, UnionType) else [hint]
    kind = str if get_origin(choices[0]) is Literal else choices[0]
    if get_origin(kind) is tuple:
        given = value if isinstance(value, list) else [value]
        return tuple(_value(get_args(kind)[0], each, where) for each in given)
    if kind is timedelta:
        return length_of(value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ConfigError(f"{where} is {value!r}.", expected=f"It is {_WORDS[kind]}.")
    return value


def length_of(words: Any, where: str) -> timedelta:
    """A length of time, as 36h, 30d or 15min.

    Raises:
        ConfigError: If it is none.

    Example:
        >>> length_of("36h", "max_age")
        datetime.timedelta(days=1, seconds=43200)
    """
    found = _LENGTH.fullmatch(words.strip()) if isinstance(words, str) else None
    if found is None or float(found[1]) <= 0:
        raise ConfigError(
            f"{where} is {words!r}.", expected="It is a length of time: a number with s, min, h, d or w, as 36h."
        )
    return timedelta(**{_UNITS[found[2].lower()]: float(found[1])})
