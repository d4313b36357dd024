"""How numbers, steps and times are said. The terminal and the page share these, so both say the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.report.language import nouns, spelt, t

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Grain = Literal["minute", "day", "month", "quarter", "year"]

#: Ticks that have a name of their own, by their length [s].
_TICKS = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}
#: Calendar steps by the start of the offset's class name, and the finest part of their date worth saying.
_CALENDAR: tuple[tuple[str, str, Grain], ...] = (
    ("BusinessDay", "working day", "day"),
    ("Day", "day", "day"),
    ("Week", "week", "day"),
    ("Month", "month", "month"),
    ("BusinessMonth", "month", "month"),
    ("Quarter", "quarter", "quarter"),
    ("BQuarter", "quarter", "quarter"),
    ("Year", "year", "year"),
    ("BYear", "year", "year"),
)


def number(value: float, *, decimals: int | None = None) -> str:
    """A number with three significant digits and thousands separators.

    Args:
        value: The number; what is not finite becomes "n/a".
        decimals: Digits after the point, where neighbours on an axis must agree; three significant without.

    Example:
        >>> number(1234567), number(12.345), number(0.5, decimals=1)
        ('1,230,000', '12.3', '0.5')
    """
    if not math.isfinite(value):
        return "n/a"
    if decimals is None:
        value = float(f"{value:.2e}")
        if value and abs(value) < 1e-4:
            return spelt(f"{value:.2e}")
        decimals = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    rounded = round(value, decimals)
    return spelt(f"{rounded or 0.0:,.{decimals}f}")


def count(amount: int) -> str:
    """A whole number, in full."""
    return spelt(f"{amount:,d}")


def percent(share: float, *, decimals: int = 1) -> str:
    """A share as a percentage; a small share that would round to nothing is said to be small.

    Example:
        >>> percent(0.041), percent(0.0001), percent(0.382, decimals=0)
        ('4.1 %', 'under 0.1 %', '38 %')
    """
    if not math.isfinite(share):
        return "n/a"
    smallest = 10.0**-decimals
    if 0 < 100 * share < smallest / 2:
        return t("under {smallest} %", smallest=spelt(f"{smallest:.{decimals}f}"))
    return spelt(f"{100 * share:,.{decimals}f} %")


def unit_of(unit: str | None, target: str) -> str:
    """The unit, or when it is unknown, words that still say what is counted."""
    return unit or t("units of {target}", target=target)


def adds_up(unit: str | None) -> bool:
    """Whether values of a unit may be summed over time: energy may, a power may not, of others nobody knows."""
    return (unit or "").strip().endswith("Wh")


def plural(amount: int, singular: str, several: str | None = None) -> str:
    """A count and its noun.

    Example:
        >>> plural(1, "window"), plural(7, "window")
        ('1 window', '7 windows')
    """
    return f"{count(amount)} {nouns(amount, singular, several or singular + 's')}"


@dataclass(frozen=True, kw_only=True)
class Step:
    """The words of a step.

    Attributes:
        noun: "hour", "day", "month"; "step" when it has no name of its own.
        length: " of 15 minutes" for a step without a name, else empty.
        seconds: Length [s], None for calendar steps of unequal length.
        grain: The finest part of its date worth saying.
    """

    noun: str
    length: str
    seconds: float | None
    grain: Grain

    @property
    def calendar(self) -> bool:
        """Whether its stamps are dates (held as midnight UTC) rather than instants."""
        return self.grain != "minute"

    def count(self, amount: int) -> str:
        """So many steps: "168 hours", "672 steps"."""
        return plural(amount, self.noun)

    def stretch(self, amount: int) -> str:
        """What follows "the next" or "the last": "24 hours", "hour", "step of 15 minutes"."""
        return nouns(1, self.noun, self.noun) + self.length if amount == 1 else self.span(amount)

    def span(self, amount: int) -> str:
        """So many steps and how long they are: "24 hours", "96 steps of 15 minutes"."""
        return self.count(amount) + self.length


def step_of(freq: str) -> Step:
    """The words for a pandas offset alias.

    Example:
        >>> step_of("h").span(24), step_of("15min").span(96), step_of("MS").span(1)
        ('24 hours', '96 steps of 15 minutes', '1 month')
    """
    offset = pd.tseries.frequencies.to_offset(freq)
    if isinstance(offset, pd.offsets.Tick):
        return _tick(pd.Timedelta(offset).total_seconds())
    name = type(offset).__name__
    noun, grain = next(((noun, grain) for start, noun, grain in _CALENDAR if name.startswith(start)), ("", "day"))
    seconds = 86400.0 * offset.n if noun == "day" else None
    if offset.n == 1 and noun:
        return Step(noun=noun, length="", seconds=seconds, grain=grain)
    length = t(" of {span}", span=plural(offset.n, noun)) if noun else ""
    return Step(noun="step", length=length, seconds=seconds, grain=grain)


def _tick(seconds: float) -> Step:
    grain: Grain = "day" if seconds % 86400 == 0 else "minute"
    if seconds in _TICKS:
        return Step(noun=_TICKS[int(seconds)], length="", seconds=seconds, grain=grain)
    size = max((size for size in _TICKS if seconds % size == 0), default=1)
    parts = seconds / size
    word = nouns(2, _TICKS[size], f"{_TICKS[size]}s") if parts != 1 else nouns(1, _TICKS[size], "")
    length = t(" of {span}", span=f"{spelt(f'{parts:g}')} {word}")
    return Step(noun="step", length=length, seconds=seconds, grain=grain)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Times as the user reads them on the wall.

    Attributes:
        zone: Time zone of the user.
        step: Steps of a day and longer are dates already; they are not moved into the zone.
    """

    zone: str
    step: Step

    def local(self, stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """Wall-clock times without a zone. ``[T]``."""
        if self.step.calendar:
            return stamps.tz_localize(None)
        return stamps.tz_convert(self.zone).tz_localize(None)

    def instant(self, local: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """Instants in UTC of wall-clock times; times the clock skips move on. ``[T]``."""
        zone = "UTC" if self.step.calendar else self.zone
        # Of an hour that comes twice the first is meant: a tick at midnight stands where the day begins.
        first = np.ones(len(local), dtype=np.bool_)
        return local.tz_localize(zone, nonexistent="shift_forward", ambiguous=first).tz_convert("UTC")

    def labels(self, stamps: pd.DatetimeIndex, *, year: bool = False) -> list[str]:
        """Times as text; where the clock was put back, the zone tells the two hours apart."""
        local = self.local(stamps)
        twice = local.duplicated(keep=False) & ~stamps.duplicated(keep=False)
        return [
            self._text(stamp, year=year) + (f" {instant.tz_convert(self.zone).tzname()}" if again else "")
            for stamp, instant, again in zip(local, stamps, twice, strict=True)
        ]

    def moment(self, stamp: pd.Timestamp) -> str:
        """One time with its year: "Fri 26 Nov 2010, 21:00", or "Nov 2010" for months."""
        return self._text(self.local(pd.DatetimeIndex([stamp]))[0], year=True)

    def day(self, stamp: pd.Timestamp) -> str:
        """The date of one time, or the month, quarter or year when the step is that long."""
        local = self.local(pd.DatetimeIndex([stamp]))[0]
        return _date(local, "day" if self.step.grain == "minute" else self.step.grain, year=True)

    def date(self, local: pd.Timestamp) -> str:
        """A local date without its year: "Fri 26 Nov"."""
        return _date(local, "day", year=False)

    def made(self, instant: pd.Timestamp) -> str:
        """An instant in the user's zone whatever the step: "Fri 26 Nov 2010, 21:00 (Europe/Paris)"."""
        local = instant.tz_convert(self.zone)
        return f"{_date(local, 'day', year=True)}, {local.hour:02d}:{local.minute:02d} ({self.zone})"

    def _text(self, local: pd.Timestamp, *, year: bool) -> str:
        if self.step.calendar:
            return _date(local, self.step.grain, year=True)
        seconds = f":{local.second:02d}" if local.second else ""
        return f"{_date(local, 'day', year=year)}, {local.hour:02d}:{local.minute:02d}{seconds}"


def _date(local: pd.Timestamp, grain: Grain, *, year: bool) -> str:
    if grain == "year":
        return str(local.year)
    if grain == "quarter":
        return t("Q{quarter} {year}", quarter=local.quarter, year=local.year)
    if grain == "month":
        return f"{t(MONTHS[local.month - 1])} {local.year}"
    text = f"{t(WEEKDAYS[local.weekday()])} {local.day} {t(MONTHS[local.month - 1])}"
    return f"{text} {local.year}" if year else text
