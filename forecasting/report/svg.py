"""The geometry of charts: scales, ticks, thinning and paths. Nothing here knows what is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.report.language import t
from forecasting.report.wording import MONTHS, WEEKDAYS, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecasting.report.readings import BoolArray, FloatArray
    from forecasting.report.wording import Clock

MINUTE, DAY = 60_000.0, 86_400_000.0
#: Spacings of time ticks: unit, how many of it, and the length of one tick [ms].
_SPACINGS: tuple[tuple[str, int, float], ...] = (
    *(("minute", n, n * MINUTE) for n in (1, 5, 15, 30, 60, 120, 180, 360, 720)),
    *(("day", n, n * DAY) for n in (1, 2)),
    *(("week", n, n * 7 * DAY) for n in (1, 2)),
    *(("month", n, n * 30.4 * DAY) for n in (1, 2, 3, 6)),
    *(("year", n, n * 365.25 * DAY) for n in (1, 2, 5, 10, 20, 50, 100)),
)
#: Length of the calendar steps for which no ticks finer than themselves make sense [ms].
_GRAINS = {"month": 30 * DAY, "quarter": 90 * DAY, "year": 365 * DAY}
#: Multiples in which an axis is labelled: from which value, the multiple, its word.
_MULTIPLES = (
    (1e12, 1e12, "trillion "),
    (1e9, 1e9, "billion "),
    (1e6, 1e6, "million "),
    (1e5, 1e3, "thousand "),
)
#: Digits of an exponent.
_RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
#: Half the length of the dash that stands for a point without neighbours [px].
_LONE = 3.0


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A straight line from values to pixels.

    Attributes:
        low: Value at ``start``.
        high: Value at ``end``.
        start: Pixel of ``low``.
        end: Pixel of ``high``.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, values: FloatArray) -> FloatArray:
        """Pixels of values."""
        return np.asarray(self.start + (values - self.low) * self._slope)

    def at(self, value: float) -> float:
        """Pixel of one value."""
        return self.start + (value - self.low) * self._slope

    @property
    def _slope(self) -> float:
        span = self.high - self.low
        return (self.end - self.start) / span if span else 0.0


@dataclass(frozen=True, kw_only=True)
class Ticks:
    """Round values along an axis that enclose all that is drawn.

    Attributes:
        values: Rising; the first and the last are the ends of the axis.
        labels: One for each, in the multiple that ``factor`` names.
        factor: "" or the words before the unit: "thousand ", "million ".
    """

    values: tuple[float, ...]
    labels: tuple[str, ...]
    factor: str


def value_ticks(low: float, high: float, *, about: int = 5, from_zero: bool = False) -> Ticks:
    """Ticks at 1, 2 or 5 times a power of ten around a range.

    Args:
        low: Smallest value drawn.
        high: Largest value drawn.
        about: How many are wanted.
        from_zero: Whether the axis must hold zero; it does anyway when zero is near.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if from_zero or 0 < low < 0.5 * high:
        low = min(low, 0.0)
    if from_zero or 0.5 * low < high < 0:
        high = max(high, 0.0)
    if high == low:
        low, high = (low - abs(low) / 2, high + abs(high) / 2) if low else (0.0, 1.0)
    step = _round_step((high - low) / about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    values = tuple(index * step for index in range(first, last + 1))
    size, factor = _multiple(max(abs(values[0]), abs(values[-1])))
    decimals = max(0, -math.floor(math.log10(step / size) + 1e-9))
    return Ticks(values=values, labels=tuple(number(v / size, decimals=decimals) for v in values), factor=factor)


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= step * (1 - 1e-9))


def _multiple(largest: float) -> tuple[float, str]:
    """What axis labels are divided by, and how that is said."""
    for at_least, size, word in _MULTIPLES:
        if largest >= at_least:
            return size, t(word)
    if 0 < largest < 1e-3:
        power = 3 * math.floor(math.log10(largest) / 3)
        return 10.0**power, f"10{str(power).translate(_RAISED)} "
    return 1.0, ""


@dataclass(frozen=True, kw_only=True)
class TimeTick:
    """A tick of a time axis.

    Attributes:
        at: Milliseconds since 1970, UTC.
        label: "06:00", "Mon 22", "22 Nov", "Nov" or "2010".
        under: The larger unit where it begins, else empty.
    """

    at: float
    label: str
    under: str


def milliseconds(stamps: pd.DatetimeIndex) -> FloatArray:
    """Milliseconds since 1970, UTC. ``[T]``."""
    return np.asarray(stamps.as_unit("ms").asi8, dtype=np.float64)


def time_ticks(first: float, last: float, clock: Clock, *, most: int) -> list[TimeTick]:
    """At most about ``most`` ticks where the user's own hours, days, weeks, months or years begin.

    Args:
        first: Start of the axis [ms since 1970].
        last: Its end.
        clock: The wall clock.
        most: How many labels there is room for.
    """
    seconds = clock.step.seconds or math.inf
    finest = _GRAINS.get(clock.step.grain, min(seconds * 1000, DAY))
    fitting = (s for s in _SPACINGS if (last - first) / s[2] <= most and s[2] >= finest)
    unit, number_of, _ = next(fitting, _SPACINGS[-1])
    ends = pd.DatetimeIndex(pd.to_datetime([first, last], unit="ms", utc=True))
    local = _tick_times(clock.local(ends), unit, number_of)
    at = milliseconds(clock.instant(local))
    inside = np.flatnonzero((at >= first) & (at <= last) & (np.diff(at, prepend=-np.inf) > 0))
    ticks: list[TimeTick] = []
    before = ""
    for index in inside.tolist():
        label, under = _tick_words(local[index], unit)
        ticks.append(TimeTick(at=float(at[index]), label=label, under="" if under == before else under))
        before = under
    return ticks


def _tick_times(ends: pd.DatetimeIndex, unit: str, every: int) -> pd.DatetimeIndex:
    start, end = ends[0].normalize(), ends[1]
    if unit == "minute":
        return pd.date_range(start, end, freq=f"{every}min")
    if unit in {"day", "week"}:
        days = pd.date_range(start, end, freq="D")
        # 5 January 1970 was a Monday.
        since = (days - pd.Timestamp("1970-01-05")).days
        return days[since % (7 * every if unit == "week" else every) == 0]
    months = pd.date_range(start.replace(day=1), end, freq="MS")
    if unit == "month":
        return months[(months.month - 1) % every == 0]
    return months[(months.month == 1) & (months.year % every == 0)]


def _tick_words(local: pd.Timestamp, unit: str) -> tuple[str, str]:
    day, month = str(local.day), t(MONTHS[local.month - 1])
    weekday = t(WEEKDAYS[local.weekday()])
    return {
        "minute": (f"{local.hour:02d}:{local.minute:02d}", f"{weekday} {day} {month}"),
        "day": (f"{weekday} {day}", f"{month} {local.year}"),
        "week": (f"{day} {month}", str(local.year)),
        "month": (month, str(local.year)),
        "year": (str(local.year), ""),
    }[unit]


def thin_line(x: FloatArray, values: FloatArray, most: int) -> tuple[FloatArray, FloatArray]:
    """At most about ``most`` points of a line; of each run left out, the lowest and the highest stay.

    Peaks are what a reader of loads looks for: an average would hide them.
    """
    size = -(-2 * len(x) // most)
    if size <= 2:
        return x, values
    padded = _in_rows(values, size)
    lowest = np.argmin(np.where(np.isnan(padded), np.inf, padded), axis=1)
    highest = np.argmax(np.where(np.isnan(padded), -np.inf, padded), axis=1)
    pair = np.sort(np.stack([lowest, highest], axis=1), axis=1)
    kept = np.unique((pair + size * np.arange(len(padded))[:, None]).ravel())
    return x[kept], values[kept]


def thin_band(
    x: FloatArray, lower: FloatArray, upper: FloatArray, most: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """At most about ``most`` points of a band: the envelope of each run."""
    size = -(-len(x) // most)
    if size <= 1:
        return x, lower, upper
    low, high = _in_rows(lower, size), _in_rows(upper, size)
    low = np.where(np.isnan(low), np.inf, low).min(axis=1)
    high = np.where(np.isnan(high), -np.inf, high).max(axis=1)
    empty = np.isinf(low) | np.isinf(high)
    return x[::size], np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def _in_rows(values: FloatArray, size: int) -> FloatArray:
    rows = -(-len(values) // size)
    padded = np.full(rows * size, np.nan)
    padded[: len(values)] = values
    return padded.reshape(rows, size)


def runs(mask: BoolArray) -> Iterator[slice]:
    """The stretches in which a mask is true."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        yield slice(int(start), int(stop))


def line_path(x: FloatArray, y: FloatArray) -> str:
    """A path through points [px] that is broken where one is NaN; a lone point becomes a dash."""
    parts = []
    for run in runs(~np.isnan(y)):
        if run.stop - run.start == 1:
            parts.append(f"M{x[run][0] - _LONE:.1f},{y[run][0]:.1f}h{2 * _LONE:g}")
        else:
            parts.append("M" + _points(x[run], y[run]))
    return "".join(parts)


def area_path(x: FloatArray, lower: FloatArray, upper: FloatArray) -> str:
    """A closed path between two lines [px], one for each stretch without NaN."""
    parts = []
    for run in runs(~(np.isnan(lower) | np.isnan(upper))):
        across, low, high = x[run], lower[run], upper[run]
        if len(across) == 1:
            across, low, high = across + np.array([-_LONE, _LONE]), low.repeat(2), high.repeat(2)
        parts.append(f"M{_points(across, high)}L{_points(across[::-1], low[::-1])}Z")
    return "".join(parts)


def _points(x: FloatArray, y: FloatArray) -> str:
    """The first point, then the way to each next one, in tenths of a pixel: half as long as points in full."""
    tenths = np.round(10 * np.stack([x, y], axis=1)).astype(np.int64)
    ways = np.diff(tenths, axis=0).ravel() / 10
    start = f"{tenths[0, 0] / 10:g},{tenths[0, 1] / 10:g}"
    return start + ("l" + " ".join(f"{way:g}" for way in ways.tolist()) if len(ways) else "")
