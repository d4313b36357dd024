"""Fields of many lines at once: where they end, and the numbers, times and texts they hold.

Letters: n lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.files.numbers import MISSING
from connectors.files.numerals import to_numbers
from connectors.files.timefields import TimeReader
from connectors.files.words import (
    FIRST_BYTES,
    DoesNotFit,
    Places,
    Words,
    each,
    first_place,
    hold,
    words_at,
    zero_bytes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.timefields import TimeForm

#: Longest field [bytes].
LONGEST = 64
#: Bytes behind the last line, so that a look ahead stays inside.
PADDING = LONGEST + 24
_QUOTE, _BLANK, _RETURN, _NEWLINE = b'" \r\n'
_NUMBER_BYTES = np.isin(np.arange(256), list(b"0123456789+-.eE"))


class Lines:
    """Whole lines of a text, of which the fields are taken one column after the other.

    Args:
        data: The lines, and behind them ``PADDING`` bytes that are none of theirs [bytes].
        delimiter: What separates the fields [one byte].
        columns: Fields of a line.

    Raises:
        DoesNotFit: If there is a byte of value zero, which no text holds.
    """

    def __init__(self, data: NDArray[np.uint8], delimiter: int, columns: int) -> None:
        self.bytes = data
        text = data[: len(data) - PADDING]
        self._delimiter, self._left = delimiter, columns
        newlines = np.flatnonzero(text == _NEWLINE)
        self._at: Places = np.concatenate([np.zeros(1, dtype=np.int64), newlines[:-1] + 1])
        # A line of nothing but a newline has no field to look at.
        hold(newlines > self._at)
        self._ends: Places = newlines
        if (text == _RETURN).any():
            self._ends = newlines - (self.bytes[newlines - 1] == _RETURN)
        if not int(text.min(initial=1)):
            raise DoesNotFit

    def number(self, decimal: int) -> NDArray[np.float64]:
        """The numbers of the next column, NaN where it says that there is none [n].

        Args:
            decimal: The decimal mark [one byte].

        Raises:
            DoesNotFit: If a field is neither.
        """
        at = self._begin()
        words, length = self._field(at)
        values, sound = to_numbers(words, length, decimal)
        others = np.flatnonzero(~sound)
        if len(others):
            values[others] = self._other_numbers(at[others], length[others], decimal)
        return values

    def text(self) -> tuple[NDArray[np.int32], list[bytes]]:
        """The texts of the next column: the place of each among the different ones [n], and these."""
        at = self._begin()
        if self._is_repeated(at):
            return np.zeros(len(at), dtype=np.int32), [self.bytes[at[0] : self._at[0] - 1].tobytes()]
        words, length = self._field(at)
        keys = [word & FIRST_BYTES[np.clip(length - 8 * place, 0, 8)] for place, word in enumerate(words)]
        codes, first = _different(keys)
        texts = [self.bytes[at[row] : at[row] + length[row]].tobytes() for row in first]
        # Only a text at the end of its line was not looked for it; no number and no time holds one.
        if not self._quoted and any(self._delimiter in text for text in texts):
            raise DoesNotFit
        return codes, texts

    def time(self, form: TimeForm) -> NDArray[np.datetime64]:
        """The times of the next column [n, datetime64[ns]].

        Raises:
            DoesNotFit: If a field is no time of that form, or none that nanoseconds hold.
        """
        at = self._begin()
        reader = TimeReader(self.bytes, at)
        times = reader.read(form)
        self._finish(at + reader.past)
        return times

    def _begin(self) -> Places:
        """Where the next fields begin, blanks and quotation marks before them aside."""
        at = self._at
        first = self.bytes[at]
        while (blank := first == _BLANK).any():
            at = at + blank
            first = self.bytes[at]
        quoted = first == _QUOTE
        self._quoted = bool(quoted.any())
        if self._quoted:
            hold(quoted)
            at = at + 1
        return at

    def _field(self, at: Places) -> tuple[list[Words], Places]:
        """The bytes of the fields that begin at some places, eight to a word, and their lengths [n]."""
        if self._left == 1 and not self._quoted:
            length = self._ends - at
            if int(length.max()) > LONGEST or int(length.min()) < 0:
                raise DoesNotFit
            words = words_at(self.bytes, at, max(1, -(-int(length.max()) // 8)))
        else:
            words, length = self._until(at, _QUOTE if self._quoted else self._delimiter)
            if not self._quoted:
                # The delimiter was found where the field ends.
                self._go_on(at + length, np.True_)
                return words, length
        self._finish(at + length)
        return words, length

    def _is_repeated(self, at: Places) -> bool:
        """Whether every line has the text of the first, up to the delimiter; if so, it is gone on behind it."""
        if self._left == 1 or self._quoted:
            return False
        start, most = int(at[0]), int(at[0]) + LONGEST
        mark = np.flatnonzero(self.bytes[start:most] == self._delimiter)
        if not len(mark):
            return False
        text = self.bytes[start : start + int(mark[0]) + 1].tobytes()
        words = words_at(self.bytes, at, -(-len(text) // 8))
        for place, word in enumerate(words):
            piece = text[8 * place : 8 * place + 8]
            other = (word ^ np.uint64(int.from_bytes(piece, "little"))) & FIRST_BYTES[len(piece)]
            if other.any():
                return False
        self._go_on(at + (len(text) - 1), np.True_)
        return True

    def _until(self, at: Places, mark: int) -> tuple[list[Words], Places]:
        """The words up to a mark, and how many bytes stand before it [n]."""
        words = words_at(self.bytes, at, 1)
        found = zero_bytes(words[0] ^ each(mark))
        length = first_place(found)
        if found.all():
            return words, length
        beyond = found == 0
        while beyond.any():
            place = len(words)
            if place == LONGEST // 8:
                raise DoesNotFit
            words += words_at(self.bytes, at + 8 * place, 1)
            found = zero_bytes(words[place] ^ each(mark))
            length += np.where(beyond, 8 + first_place(found), 0)
            beyond &= found == 0
        return words, length

    def _finish(self, end: Places) -> None:
        """Go on behind fields that end at some places, which must be where a delimiter or the end of the line is."""
        if self._quoted:
            hold(self.bytes[end] == _QUOTE)
            end = end + 1
        self._go_on(end, np.True_ if self._left == 1 else self.bytes[end] == self._delimiter)

    def _go_on(self, end: Places, is_delimiter: NDArray[np.bool_] | np.bool_) -> None:
        """Go on behind fields that end at some places, where a delimiter is or the end of the line [n]."""
        self._left -= 1
        hold(end == self._ends if self._left == 0 else (end < self._ends) & is_delimiter)
        self._at = end + 1

    def _other_numbers(self, at: Places, length: Places, decimal: int) -> NDArray[np.float64]:
        """Numbers of many digits or with an exponent, and words for "no reading" [rows]."""
        cells = self.bytes[at[:, None] + np.arange(LONGEST)]
        inside = np.arange(LONGEST) < length[:, None]
        cells = np.where(inside, cells, 0).astype(np.uint8)
        long = (_NUMBER_BYTES[cells] | ~inside | (cells == decimal)).all(axis=1)
        # A lone mark is a word for "no reading".
        long &= np.isin(cells, list(b"0123456789")).any(axis=1)
        values = np.full(len(at), np.nan)
        if long.any():
            texts = cells[long]
            if decimal != ord("."):
                hold((texts != ord(".")).all(axis=1))
                texts = np.where(texts == decimal, ord("."), texts).astype(np.uint8)
            values[long] = _by_python(texts)
        words = {cells[row][: length[row]].tobytes() for row in np.flatnonzero(~long)} if len(at) else set()
        if not all(_is_missing(word) for word in words):
            raise DoesNotFit
        return values


def _by_python(texts: NDArray[np.uint8]) -> NDArray[np.float64]:
    try:
        values: NDArray[np.float64] = texts.view(f"S{texts.shape[1]}")[:, 0].astype(np.float64)
    except ValueError:
        raise DoesNotFit from None
    hold(np.isfinite(values))
    return values


def _is_missing(word: bytes) -> bool:
    try:
        return word.decode("utf-8").strip().casefold() in MISSING
    except UnicodeDecodeError:
        return False


def _different(keys: list[Words]) -> tuple[NDArray[np.int32], Places]:
    """The place of each row's key among the different ones [n], and a row that has each."""
    new = np.ones(len(keys[0]), dtype=np.bool_)
    new[1:] = False
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    # Rows of one series often stand together: only where it changes a text is looked at.
    starts = np.flatnonzero(new)
    codes: Places = np.zeros(len(starts), dtype=np.int64)
    for key in keys:
        found = pd.factorize(key[starts])[0]
        codes = pd.factorize(codes * (int(found.max()) + 1) + found)[0]
    first = np.zeros(int(codes.max()) + 1, dtype=np.int64)
    first[codes[::-1]] = starts[::-1]
    return np.repeat(codes, np.diff(np.append(starts, len(new)))).astype(np.int32), first
