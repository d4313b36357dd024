"""The import report: how the readings were read, in words, in plain values, and as a table to be read with again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.files.source import SourceOptions
from connectors.saved_source import FORM, OPTIONS, SavedSource, save_source
from connectors.source import saved_source

if TYPE_CHECKING:
    from pathlib import Path

    from forecasting.case import Case

#: What goes without saying.
_DULL = {"register": "as-read", "format": "text", "stamps": "start"}


def import_report(case: Case) -> dict[str, Any]:
    """How the readings were read: the keys of a ``[source]`` table but for the path."""
    found = SavedSource(path="", options=case.reading or SourceOptions(), query=case.question.query).values()
    del found["path"]
    return found


def import_sentences(case: Case) -> tuple[str, ...]:
    """The same in words, without what is said among the guesses and what goes without saying."""
    report, known = import_report(case), _reasons(case)
    dull = {"columns", "kind", "query", "times", *known} | {
        name for name, value in _DULL.items() if report.get(name) == value
    }
    said = {name: value for name, value in report.items() if name not in dull}
    return tuple(f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in said.items())


def keep_source(case: Case, source: str, file: Path) -> Path:
    """Write how the readings were read into the ``[source]`` table of a file.

    Args:
        case: The case.
        source: Where the readings were read from.
        file: The file.

    Raises:
        ConfigError: If the source holds a password, or the file cannot take the table.
        OutputError: If it cannot be written.
    """
    before = saved_source(source)
    path = source if before is None else before.path
    made = SavedSource.of(path, case.reading or SourceOptions(), query=case.question.query)
    save_source(made, file, {name: f"found: {why}" for name, why in _reasons(case).items()})
    return file


def _reasons(case: Case) -> dict[str, str]:
    """Why each key has its value, where it was guessed."""
    keys = {"step": "step", "table": "query"}
    named = {keys.get(one.what, one.option.removeprefix("--").replace("-", "_")): one.why for one in case.guesses}
    return {name: why for name, why in named.items() if name in OPTIONS or name in FORM}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{mark!r} in {name}" for name, mark in value.items())
    return ", ".join(map(repr, value)) if isinstance(value, tuple) else repr(value)
