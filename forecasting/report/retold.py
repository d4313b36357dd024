"""What was said of a file, said again in the language being spoken: by rules, number for number.

Sentences about a file (findings, decisions, notes) are made where the file is read, in English. A rule is an English
pattern and what it becomes; what stands in braces is carried over. A sentence that no rule knows stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from forecasting.report.french_found import CHOICES, RULES
from forecasting.report.language import language, spelt
from forecasting.report.markup import element, with_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forecasting.report.markup import Markup

#: How things in braces are written in English: a number with the percent sign that may follow it, an option of the
#: command line, words up to the last place that fits. Others reach to the first that does.
WRITTEN = {"n": r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?%?", "option": r"--[^;]+", "most": ".+"}


def retold(sentence: str) -> str:
    """A sentence about a file in the language being spoken; as it is where no rule knows it."""
    return (_by_rule(sentence) or sentence) if language() == "fr" else sentence


def retold_kind(kind: str) -> str:
    """A kind of finding in the language being spoken; as it is where it is none."""
    return CHOICES["kind"].get(kind, kind) if language() == "fr" else kind


def retold_items(sentences: Iterable[str]) -> Iterator[Markup]:
    """Items of a list, each in the language being spoken, or marked as the English that it stayed."""
    for sentence in sentences:
        made = _by_rule(sentence) if language() == "fr" else sentence
        yield element("li", {} if made else {"lang": "en"}, with_options(made or sentence))


def _by_rule(sentence: str) -> str | None:
    """What the first rule that fits makes of it; None where none does."""
    for pattern, names, template in _compiled():
        found = pattern.fullmatch(sentence)
        if found is None:
            continue
        parts = {name: _carried(name, found[name]) for name in names}
        if None not in parts.values():
            return template.format(**parts)
    return None


def _carried(name: str, words: str) -> str | None:
    """What stood in braces, as French writes it."""
    kind = name.rstrip("0123456789")
    if kind == "n":
        return spelt(words).replace("%", "\N{NO-BREAK SPACE}%")
    if kind == "say":
        return _by_rule(words)
    if kind == "says":
        parts = [_by_rule(part) for part in words.split(", ")]
        return None if None in parts else ", ".join(map(str, parts))
    return CHOICES[kind][words] if kind in CHOICES else words


@lru_cache(maxsize=1)
def _compiled() -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    return tuple(_rule(english, french) for english, french in RULES.items())


def _rule(english: str, french: str) -> tuple[re.Pattern[str], tuple[str, ...], str]:
    """A pattern, the names in it, and what it becomes.

    ``{n}`` is a number, ``{option}`` one of the command line, ``{say}`` words with a rule of their own, ``{says}``
    several of these with commas between, a name of ``CHOICES`` one of its words, and anything else any words. Digits
    tell two of a kind apart.
    """
    names, parts = [], []
    for text, name in re.findall(r"([^{}]*)(?:\{(\w+)\})?", english):
        parts.append(re.escape(text))
        if name:
            names.append(name)
            kind = name.rstrip("0123456789")
            choices = "|".join(map(re.escape, CHOICES.get(kind, ())))
            parts.append(f"(?P<{name}>{WRITTEN.get(kind) or choices or '.+?'})")
    return re.compile("".join(parts), re.DOTALL), tuple(names), french
