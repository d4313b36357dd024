"""Numbers from the words of their fields.

A number of up to fifteen digits is a whole number divided by a power of ten, which is rounded as Python rounds it,
because both are exact as doubles [W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990]. Eight digits
become a number by three multiplications [D. Lemire, Number Parsing at a Gigabyte per Second, 2021].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.files.words import BYTE, TOP, Places, Words, each

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Digits that a double holds whatever they are.
_EXACT_DIGITS = 15
_MINUS, _PLUS = b"-+"
#: Multiplied by the one bit of a byte, the top byte says how many bytes stand behind it.
_BEHIND = np.uint64(0x0706050403020100)
_POWERS = 10.0 ** np.arange(23)
_WHOLE_POWERS = 10 ** np.arange(9, dtype=np.uint64)


def to_numbers(words: list[Words], length: Places, decimal: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers of at most fifteen digits, NaN for nothing, and which fields are such [n]."""
    first = words[0].astype(np.uint8)
    minus = first == _MINUS
    signed = minus | (first == _PLUS)
    size = length
    if signed.any():
        words, size = _behind_sign(words, signed), length - signed
    whole, digits, decimals, marked, sound = _part(words[0], np.minimum(size, 8), decimal)
    for place, word in enumerate(words[1:], start=1):
        more, its_digits, its_decimals, its_mark, its_sound = _part(word, np.clip(size - 8 * place, 0, 8), decimal)
        whole = whole * _WHOLE_POWERS[its_digits] + more
        decimals = np.where(marked, decimals + its_digits, its_decimals)
        sound = sound & its_sound & ~(marked & its_mark)
        digits, marked = digits + its_digits, marked | its_mark
    sound &= (digits > 0) & (digits <= _EXACT_DIGITS)
    values = whole.astype(np.float64)
    values /= _POWERS.take(decimals, mode="clip")
    if minus.any():
        np.negative(values, out=values, where=minus)
    if not sound.all():
        values[~sound] = np.nan
        sound |= length == 0
    return values, sound


def _behind_sign(words: list[Words], signed: NDArray[np.bool_]) -> list[Words]:
    """The words one byte on where a sign comes first."""
    shift = signed * BYTE
    behind = [*words[1:], np.zeros(len(signed), dtype=np.uint64)]
    # A shift by all 64 bits leaves nothing: without a sign nothing comes in from the next word.
    return [(word >> shift) | (after << (np.uint64(64) - shift)) for word, after in zip(words, behind, strict=True)]


def _part(
    word: Words, length: Places, decimal: int
) -> tuple[Words, Places, Places, NDArray[np.bool_], NDArray[np.bool_]]:
    """The first bytes of words as digits with at most one decimal mark.

    Returns:
        The whole number they make, how many digits there are, how many of them behind a mark, whether there is one,
        and whether there is nothing else [n each].
    """
    shift = ((8 - length) << 3).view(np.uint64)
    # The last byte comes last; what has no byte counts as a zero before it.
    digit = word ^ each(ord("0"))
    digit <<= shift
    # A digit is 0 to 9 by now, and a mark has the bit of 16.
    mark = (digit & each(16)) >> np.uint64(4)
    marked = mark != 0
    digit ^= mark * np.uint64(decimal ^ ord("0"))
    before = mark - marked
    # One mark at most, nothing left where it stood, and no byte above 9.
    wrong = digit + each(6)
    wrong |= digit
    wrong &= each(0xF0)
    wrong |= mark & before
    wrong |= digit & ((mark << BYTE) - mark)
    # It is taken out: the digits before it move up by one place.
    low = digit & before
    digit ^= low
    low <<= BYTE
    digit |= low
    decimals = ((mark * _BEHIND) >> TOP).view(np.int64)
    digit *= np.uint64(2561)
    digit >>= BYTE
    digit &= np.uint64(0x00FF00FF00FF00FF)
    digit *= np.uint64(6553601)
    digit >>= np.uint64(16)
    digit &= np.uint64(0x0000FFFF0000FFFF)
    digit *= np.uint64(42949672960001)
    digit >>= np.uint64(32)
    return digit, length - marked, decimals, marked, wrong == 0
