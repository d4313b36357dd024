"""Times from the bytes of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.files.words import FIRST_BYTES, Places, each, hold, words_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Letters that stand for a digit in the spelling of a time.
_NUMBERS = frozenset("CymdHMS")
_MONTHS = np.arange("1678-01", "2262-02", dtype="M8[M]")
_FIRST_DAY = _MONTHS.astype("M8[D]").astype(np.int32)
_DAYS = np.diff(_FIRST_DAY).astype(np.uint8)


@dataclass(frozen=True)
class TimeForm:
    """How a column writes its times.

    Attributes:
        date: ``ymd``, ``dmy`` or ``mdy``.
        mark: What stands between the parts of the date.
        gap: What stands between date and hour.
        seconds: Whether seconds follow the minutes.
        end: What follows: nothing, Z, or an offset such as +00.
    """

    date: str
    mark: str
    gap: str
    seconds: bool
    end: str

    @property
    def spelling(self) -> str:
        """A time in full: C and y the year, m, d, H, M and S the others, a letter for each digit."""
        date = self.mark.join({"y": "CCyy", "m": "mm", "d": "dd"}[part] for part in self.date)
        return f"{date}{self.gap}HH:MM{':SS' if self.seconds else ''}{self.end}"


class TimeReader:
    """Times of one column.

    Args:
        data: The bytes of the lines.
        at: Where the times begin [n].

    Attributes:
        past: Bytes read of each [n], or of all.
    """

    def __init__(self, data: NDArray[np.uint8], at: Places) -> None:
        self._data, self._at = data, at
        self.past: int | Places = 0

    def read(self, form: TimeForm) -> NDArray[np.datetime64]:
        """The times [n, datetime64[ns]].

        Raises:
            DoesNotFit: If a field is no time of that form.
        """
        parts = self._in_full(form)
        if parts is None:
            parts = self._one_by_one(form)
        year, month, day, hour, minute, second = parts
        hold((hour < 24) & (minute < 60) & (second < 60))
        clock = (hour.astype(np.int32) * 60 + minute) * 60 + second
        seconds = _days(year, month, day).astype(np.int64) * 86_400 + clock
        times: NDArray[np.datetime64] = (seconds * 1_000_000_000).view("M8[ns]")
        return times

    def _in_full(self, form: TimeForm) -> tuple[Any, ...] | None:
        """Year to second of times that all have two digits for each, None where one has not."""
        numbers: dict[str, NDArray[np.uint8]] = {"S": np.zeros(len(self._at), dtype=np.uint8)}
        pieces = [form.spelling[start : start + 8] for start in range(0, len(form.spelling), 8)]
        for piece, word in zip(pieces, words_at(self._data, self._at, len(pieces)), strict=True):
            marks = "".join("0" if mark in _NUMBERS else mark for mark in piece)
            # Digits become 0 to 9 and marks 0; what is more than that shows in the upper half of its byte.
            slack = bytes(6 if mark in _NUMBERS else 15 for mark in piece)
            rest = FIRST_BYTES[len(piece)]
            found = (word ^ np.uint64(int.from_bytes(marks.encode(), "little"))) & rest
            if ((found | (found + np.uint64(int.from_bytes(slack, "little")))) & each(0xF0)).any():
                return None
            # In every byte: ten times the one before and itself.
            pairs = found * np.uint64(2561)
            for place, (before, name) in enumerate(pairwise(piece), start=1):
                if before == name:
                    numbers[name] = (pairs >> np.uint64(8 * place)).astype(np.uint8)
        self.past = len(form.spelling)
        year = numbers["C"].astype(np.int16) * np.int16(100) + numbers["y"]
        return year, *(numbers[name] for name in "mdHMS")

    def _one_by_one(self, form: TimeForm) -> tuple[Any, ...]:
        """Year to second of times that may leave out the first zero of day, month and hour."""
        parts: dict[str, Any] = {}
        for place, part in enumerate(form.date):
            if place:
                self._mark(form.mark)
            parts[part] = self._year() if part == "y" else self._number()
        self._mark(form.gap)
        hour = self._number()
        self._mark(":")
        minute = self._number(in_full=True)
        second = np.zeros(len(self._at), dtype=np.uint8)
        if form.seconds:
            self._mark(":")
            second = self._number(in_full=True)
        for mark in form.end:
            self._mark(mark)
        return parts["y"], parts["m"], parts["d"], hour, minute, second

    def _byte(self, ahead: int = 0) -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = self._data[self._at + (self.past + ahead)]
        return found

    def _mark(self, mark: str) -> None:
        hold(self._byte() == ord(mark))
        self.past = self.past + 1

    def _number(self, *, in_full: bool = False) -> NDArray[np.uint8]:
        """A number of one or two digits."""
        zero = np.uint8(ord("0"))
        # Below zero bytes begin again at 255, which is no digit either.
        first, second = self._byte() - zero, self._byte(1) - zero
        two = second < 10
        hold(first < 10)
        if in_full:
            hold(two)
        self.past = self.past + 1 + two.astype(np.int64)
        return np.where(two, first * np.uint8(10) + second, first)

    def _year(self) -> NDArray[np.int16]:
        return self._number(in_full=True).astype(np.int16) * np.int16(100) + self._number(in_full=True)


def _days(year: NDArray[np.int16], month: NDArray[np.uint8], day: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Days since 1970 [n].

    Raises:
        DoesNotFit: If there is no such date.
    """
    hold((month >= 1) & (month <= 12) & (day >= 1) & (year >= 1678) & (year < 2262))
    at = (year - np.int16(1678)) * np.int16(12) + (month - np.uint8(1)).astype(np.int16)
    hold(day <= _DAYS[at])
    days: NDArray[np.int32] = _FIRST_DAY[at] + day - np.int32(1)
    return days
