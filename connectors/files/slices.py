"""Long columns a piece at a time: what is made on the way stays in the cache of the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Rows of a piece.
PIECE = 1 << 15


def slices(number: int, *, overlap: int = 0) -> Iterator[slice]:
    """Pieces of so many rows.

    Args:
        number: Rows in all.
        overlap: Rows of the piece before that each begins with; rows left over of no more than that are none.
    """
    for start in range(0, number - overlap, PIECE):
        yield slice(start, min(start + PIECE + overlap, number))
