"""The language of a report: English stands in the rules, every other language in a catalogue keyed by it.

The language is that of the context (``speaking``), so that a number and the sentence around it are always in the
same one.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from forecasting.report.french import FRENCH, NOUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("en", "fr")
_LANGUAGE: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything within in one language.

    Raises:
        ConfigError: If it is not one of ``LANGUAGES``.
    """
    token = _LANGUAGE.set(check_language(language))
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def check_language(language: str) -> str:
    """The language itself.

    Raises:
        ConfigError: If it is not one of ``LANGUAGES``.
    """
    if language not in LANGUAGES:
        raise ConfigError(f"There is no language {language!r}.", fix=f"Known: {', '.join(LANGUAGES)}.")
    return language


def language() -> str:
    """The language being spoken."""
    return _LANGUAGE.get()


def t(english: str, /, **values: str | int) -> str:
    """A sentence or a word in the language being spoken.

    Args:
        english: The sentence in English, with names in braces for what is filled in.
        values: What is filled in.

    Example:
        >>> with speaking("fr"):
        ...     t("Result")
        'Résultat'
    """
    template = FRENCH.get(english, english) if language() == "fr" else english
    return template.format(**values) if values else template


def nouns(amount: int, singular: str, several: str) -> str:
    """The noun that goes with an amount."""
    if language() == "fr":
        one, many = NOUNS.get(singular, (singular, several))
        return one if abs(amount) < 2 else many
    return singular if amount == 1 else several


def spelt(number: str) -> str:
    """A number as the language writes it: ``1,234.5`` in English, with a space and a comma in French."""
    if language() == "fr":
        return number.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return number
