"""Times from the bytes of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.files.words import FIRST_BYTES, Places, each, hold, words_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Bytes of a date with the gap behind it, and rows for each date that is not that of the row before, at least.
_DATE, _FEW = 11, 8
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
        times = self._by_day(form)
        if times is not None:
            return times
        year, month, day, hour, minute, second = self._in_full(form.spelling, self._at) or self._one_by_one(form)
        return _together(_days(year, month, day), _clock(hour, minute, second))

    def _by_day(self, form: TimeForm) -> NDArray[np.datetime64] | None:
        """Times written in full where many rows follow one another on one day; None elsewhere."""
        date, clock = form.spelling[:_DATE], form.spelling[_DATE:]
        first, last = words_at(self._data, self._at, 2)
        last &= FIRST_BYTES[_DATE - 8]
        new = np.ones(len(first), dtype=np.bool_)
        new[1:] = first[1:] != first[:-1]
        new[1:] |= last[1:] != last[:-1]
        starts = np.flatnonzero(new)
        if len(starts) * _FEW > len(first):
            return None
        dates, clocks = self._in_full(date, self._at[starts]), self._in_full(clock, self._at + _DATE)
        if dates is None or clocks is None:
            return None
        self.past = len(form.spelling)
        days = np.repeat(_days(*dates[:3]), np.diff(np.append(starts, len(new))))
        return _together(days, _clock(*clocks[3:]))

    def _in_full(self, spelling: str, at: Places) -> tuple[Any, ...] | None:
        """Year to second of times that all have two digits for each, None where one has not.

        Args:
            spelling: How the times are written, or a part of them, as ``TimeForm.spelling`` says it.
            at: Where it begins [rows].
        """
        numbers: dict[str, NDArray[np.uint8]] = dict.fromkeys(_NUMBERS, np.zeros(len(at), dtype=np.uint8))
        pieces = [spelling[start : start + 8] for start in range(0, len(spelling), 8)]
        for piece, word in zip(pieces, words_at(self._data, at, len(pieces)), strict=True):
            marks = "".join("0" if mark in _NUMBERS else mark for mark in piece)
            # Digits become 0 to 9 and marks 0; what is more than that shows in the upper half of its byte.
            slack = bytes(6 if mark in _NUMBERS else 15 for mark in piece)
            found = word ^ np.uint64(int.from_bytes(marks.encode(), "little"))
            found &= FIRST_BYTES[len(piece)]
            if ((found | (found + np.uint64(int.from_bytes(slack, "little")))) & each(0xF0)).any():
                return None
            # In every byte: ten times the one before and itself.
            found *= np.uint64(2561)
            for place, (before, name) in enumerate(pairwise(piece), start=1):
                if before == name:
                    numbers[name] = (found >> np.uint64(8 * place)).astype(np.uint8)
        self.past = len(spelling)
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


def _clock(hour: NDArray[np.uint8], minute: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Seconds since midnight [n].

    Raises:
        DoesNotFit: If there is no such time of day.
    """
    hold((hour < 24) & (minute < 60) & (second < 60))
    return (hour.astype(np.int32) * 60 + minute) * 60 + second


def _together(days: NDArray[np.int32], clock: NDArray[np.int32]) -> NDArray[np.datetime64]:
    """Times from days since 1970 and seconds since their midnight [n, datetime64[ns]]."""
    seconds = np.multiply(days, 86_400, dtype=np.int64)
    seconds += clock
    seconds *= 1_000_000_000
    return seconds.view("M8[ns]")


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
