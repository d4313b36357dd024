"""Times written as numbers: seconds since 1970, Excel's day numbers, 20241027, years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from connectors.files.stamps import Stamps
from connectors.files.times import EXCEL_DAYS, excel_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Scale:
    """One way to write a time as a number.

    Attributes:
        label: What it is called.
        low: Smallest number.
        high: Largest number.
        convert: Numbers to times, NaT where they make none.
        is_utc: Whether it counts in UTC by definition.
        whole: Whether only whole numbers belong to it.
    """

    label: str
    low: float
    high: float
    convert: Callable[[NDArray[np.float64]], NDArray[np.datetime64]]
    is_utc: bool = False
    whole: bool = True


def _epoch(per_second: int) -> Callable[[NDArray[np.float64]], NDArray[np.datetime64]]:
    def convert(numbers: NDArray[np.float64]) -> NDArray[np.datetime64]:
        whole = np.floor(numbers / per_second)
        part = np.rint((numbers - whole * per_second) * (1e9 / per_second))
        nanoseconds: NDArray[np.int64] = whole.astype(np.int64) * 1_000_000_000 + part.astype(np.int64)
        return nanoseconds.astype("M8[ns]")

    return convert


def _compact(digits: int) -> Callable[[NDArray[np.float64]], NDArray[np.datetime64]]:
    def convert(numbers: NDArray[np.float64]) -> NDArray[np.datetime64]:
        # Written out as year, month, day, hour, minute, second; the first of what is not given.
        padded = numbers.astype(np.int64) * 10 ** (14 - digits) + {6: 1_000_000, 4: 101_000_000}.get(digits, 0)
        clock, date = padded % 1_000_000, padded // 1_000_000
        day, month, year = date % 100, date // 100 % 100, date // 10_000
        hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
        sound = (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
        first = np.where(sound, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
        days = first.astype("M8[D]") + np.where(sound, day - 1, 0)
        sound &= days.astype("M8[M]") == first
        seconds = ((hour * 60 + minute) * 60 + second).astype("m8[s]").astype("m8[ns]")
        return np.where(sound, days.astype("M8[ns]") + seconds, np.datetime64("NaT", "ns"))

    return convert


#: 1979 to 2103 in the counts since 1970; 1900 to 2100 in digits; the ranges do not overlap.
SCALES = (
    Scale("seconds since 1970", 3e8, 4.2e9, _epoch(1), is_utc=True, whole=False),
    Scale("milliseconds since 1970", 3e11, 4.2e12, _epoch(1_000), is_utc=True, whole=False),
    Scale("microseconds since 1970", 3e14, 4.2e15, _epoch(1_000_000), is_utc=True),
    Scale("nanoseconds since 1970", 3e17, 4.2e18, _epoch(1_000_000_000), is_utc=True),
    Scale("digits, year to second", 1.9e13, 2.11e13, _compact(14)),
    Scale("digits, year to minute", 1.9e11, 2.11e11, _compact(12)),
    Scale("digits, year month day", 1.9e7, 2.11e7, _compact(8)),
    Scale("digits, year month", 190_000, 210_000, _compact(6)),
    Scale("day numbers of Excel", EXCEL_DAYS[0], EXCEL_DAYS[1], excel_times, whole=False),
    Scale("years", 1_800, 2_200, _compact(4)),
)


def find_scale(numbers: NDArray[np.float64]) -> Scale | None:
    """The way a column of numbers writes times, if there is one that fits nearly all of it."""
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return None
    for scale in SCALES:
        inside = (known >= scale.low) & (known <= scale.high)
        if inside.mean() >= 0.8 and not (scale.whole and (known % 1 != 0).any()):
            return scale
    return None


def parse_serial(numbers: NDArray[np.float64], scale: Scale) -> Stamps:
    """Times from numbers; NaT outside the range of the scale."""
    inside = np.isfinite(numbers) & (numbers >= scale.low) & (numbers <= scale.high)
    wall = scale.convert(np.where(inside, numbers, scale.low))
    offset = np.zeros(len(numbers), dtype=np.int64) if scale.is_utc else None
    return Stamps(np.where(inside, wall, np.datetime64("NaT", "ns")), offset)
