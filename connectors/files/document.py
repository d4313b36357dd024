"""A text that may be JSON or XML, taken apart once, with its size bounded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree import ElementTree as ET

from connectors.errors import UnreadableFileError

#: Longest JSON, XML or text in blocks that is taken apart in memory [characters].
MAX_DOCUMENT = 1 << 28
_HEAD = 4_000


@dataclass(frozen=True)
class Document:
    """A text as it was decoded.

    Attributes:
        name: Name of the file, for messages.
        series: What a single series is called.
        text: The text.
    """

    name: str
    series: str
    text: str

    @property
    def head(self) -> str:
        """The beginning, without the blanks in front."""
        return self.text[:_HEAD].lstrip()

    @cached_property
    def json(self) -> Any:
        """The content of a JSON text, None for another.

        Raises:
            UnreadableFileError: If it is cut off or broken.
        """
        start = "".join(self.head[:200].split())
        if not start.startswith(("{", "[{")):
            return None
        self.check_size()
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            lines = _objects(self.text)
            if lines is None:
                raise self._broken("JSON", error) from error
            return lines

    @cached_property
    def xml(self) -> ET.Element | None:
        """The root of an XML text, None for another and for a web page.

        Raises:
            UnreadableFileError: If it is cut off or broken, or has a document type of its own: with that a short
                text can stand for an endless one, or for another file.
        """
        start = "".join(self.head[:200].split()).casefold()
        if not start.startswith("<") or start.startswith(("<!doctypehtml", "<html")):
            return None
        self.check_size()
        if "<!DOCTYPE" in self.text or "<!ENTITY" in self.text:
            raise UnreadableFileError(
                f"The file {self.name!r} is XML with a document type of its own.",
                expected="An export of a meter or a market has none.",
                fix="Export it again.",
            )
        try:
            return ET.fromstring(self.text.lstrip())  # noqa: S314 - a document type is refused above
        except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
            raise self._broken("XML", error) from error

    def check_size(self) -> None:
        """Refuse a text too long to be taken apart in memory.

        Raises:
            UnreadableFileError: If it is.
        """
        if len(self.text) > MAX_DOCUMENT:
            raise UnreadableFileError(
                f"The file {self.name!r} holds more than {MAX_DOCUMENT >> 20} MiB of text in one piece.",
                fix="Export a shorter period.",
            )

    def _broken(self, kind: str, error: Exception) -> UnreadableFileError:
        why = " ".join(str(error).split())[:120]
        return UnreadableFileError(
            f"The file {self.name!r} is {kind} that cannot be read: {why}.", fix="Fetch or export it again."
        )


def _objects(text: str) -> list[Any] | None:
    """The objects of a text that holds one on each line, None for another text."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(line.strip().startswith("{") for line in lines):
        return None
    try:
        return [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return None
