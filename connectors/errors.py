"""Every error hourcast raises on purpose, and the exit code each one becomes.

HourcastError                    1  failed
├── ConfigError                  2  unknown key or name; lists the known ones
├── DataError                    3  the data are missing, too old or unsound
│   ├── MissingColumnsError      3  a named column is not in the table
│   ├── IrregularTimestampsError 3  no time column, or no regular step
│   ├── HistoryTooShortError     3  not enough readings to fit and to judge
│   └── UnreadableFileError      3  no such file, empty, or no table in it
├── ConnectorError               1  a source outside the machine failed
│   ├── RetriableConnectorError 75  timeout, 429, 5xx: the same call may work later
│   └── FatalConnectorError      3  401, 404, a changed format: it will not, and the data are missing
├── OutputError                  4  a forecast was made but could not be written
├── MissingExtraError            2  an optional package is not installed; gives the pip line
└── ForecasterFailedError        1  which forecaster, which cutoff; the cause is chained

A message has three parts: what was got, what was expected, what to do about it.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class HourcastError(Exception):
    """Base of all errors raised on purpose.

    Args:
        got: What was found, with the name, value or timestamp it concerns.
        expected: What would have been right.
        fix: What the user can do now.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, got: str, *, expected: str = "", fix: str = "") -> None:
        self.got, self.expected, self.fix = got, expected, fix
        super().__init__(" ".join(part for part in (got, expected, fix) if part))

    def __reduce__(self) -> tuple[object, ...]:
        # Worker processes send errors back pickled; the default would lose the keyword parts.
        return (_rebuild, (type(self), self.got, self.expected, self.fix))


def _rebuild(kind: type[HourcastError], got: str, expected: str, fix: str) -> HourcastError:
    return kind(got, expected=expected, fix=fix)


class ConfigError(HourcastError):
    """An option, key or name that does not exist or does not fit."""

    exit_code = 2


class DataError(HourcastError):
    """The data cannot carry a forecast."""

    exit_code = 3


class MissingColumnsError(DataError):
    """A column that was named is not in the table."""


class IrregularTimestampsError(DataError):
    """No usable time column, or no regular step in it."""


class HistoryTooShortError(DataError):
    """Too few readings to fit a forecaster and to judge it."""


class UnreadableFileError(DataError):
    """The file is not there, is empty, or holds no table."""


class ConnectorError(HourcastError):
    """A source outside this machine failed."""


class RetriableConnectorError(ConnectorError):
    """The same call may work later: timeout, 429, 5xx."""

    exit_code = 75


class FatalConnectorError(ConnectorError):
    """The same call will fail again: 401, 404, a changed format."""

    exit_code = 3


class OutputError(HourcastError):
    """A result could not be written."""

    exit_code = 4


class MissingExtraError(HourcastError):
    """An optional package is needed and not installed."""

    exit_code = 2


class ForecasterFailedError(HourcastError):
    """One forecaster failed; its cause is chained."""


def near_name(name: str, known: Iterable[str]) -> str:
    """The sentence that helps with a misspelt name: the near one if there is one, and all the known ones."""
    names = [str(item) for item in known]
    folded = {item.casefold(): item for item in names}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1)
    hint = f"Did you mean {folded[near[0]]!r}? " if near else ""
    return f"{hint}Known: {', '.join(names) or 'none'}."
