"""Numbers and texts out of JSON, whatever a service has put there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


def number(value: object) -> float:
    """A number, NaN for anything else; services write some numbers as texts."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return np.nan
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return np.nan
    return found if np.isfinite(found) else np.nan


def numbers(values: Iterable[object]) -> NDArray[np.float64]:
    """Numbers, NaN where there is none [n]."""
    return np.array([number(value) for value in values], dtype=np.float64)


def text(value: object) -> str:
    """A text, "" for nothing and for what is neither text nor number."""
    return str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def texts(values: Iterable[object]) -> NDArray[np.object_]:
    """Texts, "" where there is none [n]."""
    found = [text(value) for value in values]
    column: NDArray[np.object_] = np.empty(len(found), dtype=object)
    column[:] = found
    return column


def dicts(value: object) -> list[dict[str, Any]]:
    """The objects of a list, without what is none; nothing for what is no list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def rows_of(content: object) -> list[dict[str, Any]]:
    """The rows of a JSON text: Explore v2.1, its exports, the older records with fields, and columns as lists."""
    if isinstance(content, list):
        return dicts(content)
    if not isinstance(content, dict):
        return []
    if isinstance(content.get("results"), list):
        return dicts(content["results"])
    columns = list(content.values())
    if len(columns) > 1 and all(isinstance(one, list) and len(one) == len(columns[0]) for one in columns):
        return [dict(zip(content, row, strict=True)) for row in zip(*columns, strict=True)]
    records = dicts(content.get("records"))
    return [entry["fields"] if isinstance(entry.get("fields"), dict) else entry for entry in records]


def share(values: Sequence[bool]) -> float:
    """Share of what is true, 0 for nothing."""
    return sum(values) / len(values) if values else 0.0
