"""Eight bytes of a text as one integer, so that a column of fields is a few arrays of such words [n].

Nothing here looks at a field by itself: what is done to one is done to all (SIMD within a register).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Words: TypeAlias = "NDArray[np.uint64]"
Places: TypeAlias = "NDArray[np.int64]"

_ONES = 0x0101010101010101
_LOW_BITS, _HIGH_BITS = np.uint64(0x7F * _ONES), np.uint64(0x80 * _ONES)
BYTE, SEVEN, TOP = np.uint64(8), np.uint64(7), np.uint64(56)
#: Multiplied by the one bit of a byte, the top byte is the place of that byte.
_PLACE = np.uint64(0x0001020304050607)
#: The first so many bytes of a word.
FIRST_BYTES = np.array([(1 << 8 * length) - 1 for length in range(9)], dtype=np.uint64)


class DoesNotFit(Exception):  # noqa: N818
    """A field is not of the kind of its column."""


def hold(sound: NDArray[np.bool_]) -> None:
    """Every row must be sound [n].

    Raises:
        DoesNotFit: If one is not.
    """
    if not sound.all():
        raise DoesNotFit


def each(byte: int) -> np.uint64:
    """A word of eight equal bytes."""
    return np.uint64(byte * _ONES)


def zero_bytes(words: Words) -> Words:
    """The top bit of every byte that is zero."""
    return ~(((words & _LOW_BITS) + _LOW_BITS) | words) & _HIGH_BITS


def words_at(data: NDArray[np.uint8], at: Places, number: int) -> list[Words]:
    """Eight bytes each, the first ones from some places on [number][n]."""
    size = 8 * number
    # To take all of them at once costs hardly more than to take the first.
    ahead = np.ndarray((len(data) - size + 1,), f"V{size}", buffer=data, strides=(1,))
    found = ahead[at].view("<u8").reshape(len(at), number)
    return [np.ascontiguousarray(found[:, place]) for place in range(number)]


def first_place(found: Words) -> Places:
    """The first byte that has a bit, 0 where none has [n]."""
    return ((((found & -found) >> SEVEN) * _PLACE) >> TOP).view(np.int64)
