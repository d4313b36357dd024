"""HTML that escapes by default: text from a user's file can never become a tag."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The space before signs that never begin a line.
_KEPT = re.compile(r" (?=%|[:;?!](?:\s|$))")
#: Options of the command line, with the kinds of faults that ``--keep`` names.
_OPTIONS = re.compile(r"(--keep [\w,-]+|--[a-z][a-z-]*)")
#: Elements without content or end tag in HTML.
_VOID = frozenset({"meta", "link", "br", "hr"})


Attributes: TypeAlias = "Mapping[str, str | float]"


class Markup(str):
    """Text that is HTML already. Everything else is escaped on its way in."""

    __slots__ = ()


def element(tag: str, attributes: Mapping[str, str | float] | None = None, *children: str) -> Markup:
    """One element; children that are not ``Markup`` are escaped, attributes always.

    Example:
        >>> element("p", {"class": "x"}, "a < b", element("b", {}, "!"))
        '<p class="x">a &lt; b<b>!</b></p>'
    """
    pairs = "".join(f' {name}="{_attribute(value)}"' for name, value in (attributes or {}).items())
    if tag in _VOID:
        return Markup(f"<{tag}{pairs}>")
    return Markup(f"<{tag}{pairs}>{join(children)}</{tag}>")


def with_options(text: str) -> Markup:
    """Text in which options of the command line stay on one line."""
    parts = _OPTIONS.split(text)
    return join([element("code", {}, part) if index % 2 else part for index, part in enumerate(parts)])


def join(parts: Sequence[str]) -> Markup:
    """Parts behind each other, escaped where they are not ``Markup``."""
    return Markup("".join(part if isinstance(part, Markup) else text(part) for part in parts))


def text(words: str) -> Markup:
    """Escaped words, in which a per cent sign, and in French what takes a space, stays on the line of its word."""
    return Markup(_KEPT.sub("\N{NO-BREAK SPACE}", html.escape(words)))


def _attribute(value: str | float) -> str:
    return html.escape(value if isinstance(value, str) else f"{round(value, 2):g}")
