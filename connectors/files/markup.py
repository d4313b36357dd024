"""Elements of XML by their names, whatever the version of their name space."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree import ElementTree as ET


def local_name(element: ET.Element) -> str:
    """The name without its name space."""
    # A comment has a function where an element has its name.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: ET.Element | None, name: str) -> Iterator[ET.Element]:
    """The elements of a name directly inside another."""
    if element is not None:
        yield from (one for one in element if local_name(one) == name)


def child(element: ET.Element | None, path: str) -> ET.Element | None:
    """The first element along a path such as "Reason/text", None where there is none."""
    for name in path.split("/"):
        element = next(children(element, name), None)
    return element


def value(element: ET.Element | None, path: str) -> str:
    """The text of the first element along a path, "" where there is none."""
    found = child(element, path)
    return (found.text or "").strip() if found is not None else ""


def descendants(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """The elements of a name anywhere inside another."""
    return (one for one in element.iter() if local_name(one) == name)
