"""The step of a table: which one it is, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, IrregularTimestampsError
from connectors.files.slices import slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Share of the steps that must be the same.
CLEAR_MAJORITY = 0.6
#: Share of the times that stand on one day of their month, or on its last, when the step is one of months.
_REGULAR_DAYS = 0.9

_SECOND = 1_000_000_000
_UNITS = (("D", 86_400 * _SECOND), ("h", 3_600 * _SECOND), ("min", 60 * _SECOND), ("s", _SECOND))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
#: Month-end steps, and the same steps by their starts.
_BY_START = {"ME": "MS", "M": "MS", "QE": "QS", "Q": "QS", "YE": "YS", "Y": "YS", "A": "YS", "H": "h", "T": "min"}
_EXAMPLES = 'Steps are written like "h", "30min", "15min", "D", "W-MON" or "MS".'


@dataclass(frozen=True)
class Step:
    """A step.

    Attributes:
        freq: Its pandas offset alias.
        share: Share of the steps that are this one.
    """

    freq: str
    share: float


def infer_step(items: NDArray[np.int64], wall: NDArray[np.datetime64], *, seen: Step | None = None) -> Step:
    """The step between successive times, over all items.

    Args:
        items: Code of each row's item [n].
        wall: Times, in any order [n, datetime64[ns]].
        seen: The most frequent step, where it has been looked for.

    Raises:
        IrregularTimestampsError: If no step has a clear majority, or there is none.
    """
    best = seen or modal_step(items, wall)
    if best is None:
        raise IrregularTimestampsError(
            f"There is no step to see in {len(wall)} row{'s' * (len(wall) != 1)}.",
            expected="A series has at least two different times.",
            fix="Give more rows, or the step as --freq h.",
        )
    if best.share < CLEAR_MAJORITY:
        raise IrregularTimestampsError(
            f"The times have no regular step; seen are {_census(items, wall)}.",
            expected=f"One step makes up at least {CLEAR_MAJORITY:.0%} of them.",
            fix="Give the step as --freq h, or name the column that tells the series apart as --item.",
        )
    return best


def regularity(wall: NDArray[np.datetime64]) -> float:
    """Share of the most frequent step among the different times of a column, months counted as equal."""
    times = np.unique(wall[~np.isnat(wall)])
    if len(times) < 3:
        return 0.0
    items = np.zeros(len(times), dtype=np.int64)
    values, counts = np.unique(np.diff(times).astype(np.int64), return_counts=True)
    by_month = _monthly(items, times) if values[counts.argmax()] >= 28 * _UNITS[0][1] else None
    return max(float(counts.max() / (len(times) - 1)), by_month.share if by_month else 0.0)


def modal_step(items: NDArray[np.int64], wall: NDArray[np.datetime64]) -> Step | None:
    """The most frequent step and its share; None when every item has a single time."""
    usual = _usual(items, wall)
    if usual is not None:
        return usual
    gaps, starts = _gaps(items, wall)
    if not len(gaps):
        return None
    modal, share = _most_frequent(gaps)
    days = modal / _UNITS[0][1]
    if days >= 28:
        by_month = _monthly(items, wall)
        if by_month is not None and by_month.share >= share:
            return by_month
    if days == 7:
        return Step(f"W-{_usual_weekday(starts)}", share)
    return Step(alias(modal), share)


def _usual(items: NDArray[np.int64], wall: NDArray[np.datetime64]) -> Step | None:
    """The step of most rows where it is shorter than a week and the rows are in order; None elsewhere."""
    times = wall.astype("M8[ns]", copy=False).view(np.int64)
    gaps = np.diff(times[:1001])[np.diff(items[:1001]) == 0]
    gaps = np.sort(gaps[gaps > 0])
    if not len(gaps) or not _are_ordered(items, times):
        return None
    wanted = int(gaps[len(gaps) // 2])
    like, number = 0, 0
    for piece in slices(len(times), overlap=1):
        steps = np.diff(times[piece])
        inside = (steps > 0) & (items[piece][1:] == items[piece][:-1])
        number += int(np.count_nonzero(inside))
        like += int(np.count_nonzero(inside & (steps == wanted)))
    return Step(alias(wanted), like / number) if like > number / 2 and wanted < 7 * _UNITS[0][1] else None


def _are_ordered(items: NDArray[np.int64], times: NDArray[np.int64]) -> bool:
    """Whether rows stand by item and time [n, ns]."""
    for piece in slices(len(times), overlap=1):
        series, time = items[piece], times[piece]
        if not bool(((series[1:] > series[:-1]) | ((series[1:] == series[:-1]) & (time[1:] >= time[:-1]))).all()):
            return False
    return True


def _most_frequent(gaps: NDArray[np.int64]) -> tuple[int, float]:
    """The most frequent value, the smallest of several as frequent, and its share."""
    common = int(gaps[len(gaps) // 2])
    share = float((gaps == common).mean())
    if share > 1 / 2:
        return common, share
    values, counts = np.unique(gaps, return_counts=True)
    return int(values[counts.argmax()]), float(counts.max() / len(gaps))


def _gaps(
    items: NDArray[np.int64], wall: NDArray[np.datetime64]
) -> tuple[NDArray[np.int64], NDArray[np.datetime64]]:
    """Steps between successive different times of an item [ns], and the times they start from."""
    order = in_order(items, wall)
    times = wall[order]
    gaps = np.asarray(np.diff(times.astype(np.int64)), dtype=np.int64)
    inside = (np.diff(items[order]) == 0) & (gaps > 0)
    return gaps[inside], times[:-1][inside]


def in_order(
    items: NDArray[np.int64], times: NDArray[np.datetime64], kept: NDArray[np.bool_] | None = None
) -> NDArray[np.int64] | slice:
    """Rows by item and time, equal ones in the order of the file; a slice of all where they stand so.

    Args:
        items: Code of each row's item [n].
        times: Times [n].
        kept: Rows to keep; None for all [n].
    """
    everything = kept is None or bool(kept.all())
    if everything and _are_ordered(items, times.astype("M8[ns]", copy=False).view(np.int64)):
        return slice(None)
    order = np.lexsort((times, items))
    return order if everything or kept is None else order[kept[order]]


def alias(nanoseconds: int) -> str:
    """The pandas offset alias of a length [ns]: "h", "30min", "D".

    Raises:
        IrregularTimestampsError: If it is no whole number of seconds.
    """
    for unit, size in _UNITS:
        if nanoseconds % size == 0:
            number = nanoseconds // size
            return unit if number == 1 else f"{number}{unit}"
    raise IrregularTimestampsError(
        f"The times are {nanoseconds / _SECOND:g} seconds apart.",
        expected="A step is a whole number of seconds.",
        fix="Bring the readings to a regular step first.",
    )


def _usual_weekday(times: NDArray[np.datetime64]) -> str:
    # 1 January 1970 was a Thursday.
    weekday = (times.astype("M8[D]").astype(np.int64) + 3) % 7
    return _WEEKDAYS[int(np.bincount(weekday).argmax())]


def _monthly(items: NDArray[np.int64], wall: NDArray[np.datetime64]) -> Step | None:
    """The step in months, when the times stand on the same day of their months or on the last."""
    months = wall.astype("M8[M]")
    day = (wall.astype("M8[D]") - months.astype("M8[D]")).astype(np.int64)
    last = ((months + 1).astype("M8[D]") - months.astype("M8[D]")).astype(np.int64) - 1
    at_end = (day == last).mean()
    if max((day == np.bincount(day).argmax()).mean(), at_end) < _REGULAR_DAYS:
        return None
    number = months.astype(np.int64)
    order = np.lexsort((number, items))
    gaps = np.diff(number[order])[(np.diff(items[order]) == 0) & (np.diff(number[order]) > 0)]
    if not len(gaps):
        return None
    values, counts = np.unique(gaps, return_counts=True)
    step = int(values[counts.argmax()])
    # The last day of March ends the quarter that began in January.
    first = int(np.bincount(number % step).argmax()) - (step - 1 if at_end >= _REGULAR_DAYS else 0)
    return Step(_month_alias(step, first), float(counts.max() / len(gaps)))


def _month_alias(step: int, first: int) -> str:
    """Alias of a step of some months; ``first`` is the month it begins in, from 0 for January, or years away."""
    if step % 12 == 0:
        anchor = first % 12
        years = "" if step == 12 else str(step // 12)
        return f"{years}YS" if anchor == 0 else f"{years}YS-{_MONTHS[anchor]}"
    if step % 3 == 0:
        anchor = first % 3
        quarters = "" if step == 3 else str(step // 3)
        return f"{quarters}QS" if anchor == 0 else f"{quarters}QS-{_MONTHS[anchor]}"
    return "MS" if step == 1 else f"{step}MS"


def _census(items: NDArray[np.int64], wall: NDArray[np.datetime64]) -> str:
    gaps, _ = _gaps(items, wall)
    values, counts = np.unique(gaps, return_counts=True)
    places = counts.argsort()[::-1][:4]
    return ", ".join(f"{_in_words(int(values[place]))} ({counts[place] / len(gaps):.0%})" for place in places)


def _in_words(nanoseconds: int) -> str:
    for unit, size in _UNITS:
        if nanoseconds % size == 0:
            return f"{nanoseconds // size} {unit}"
    return f"{nanoseconds / _SECOND:g} s"


def check_freq(freq: str) -> str:
    """A step given by the user, in the spelling used throughout ("60min" is "h", "ME" is "MS").

    Raises:
        ConfigError: If it is no step.
    """
    number = freq.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-")
    unit, _, anchor = freq.removeprefix(number).partition("-")
    wanted = number + _BY_START.get(unit, unit) + (f"-{anchor}" if anchor and unit not in _BY_START else "")
    try:
        offset = pd.tseries.frequencies.to_offset(wanted)
    except ValueError as error:
        raise ConfigError(f"{freq!r} is no step.", expected=_EXAMPLES, fix="Give it as --freq h.") from error
    if offset.n < 1:
        raise ConfigError(f"{freq!r} is no step forward.", expected=_EXAMPLES, fix="Give it as --freq h.")
    nanoseconds = _tick_size(offset)
    if nanoseconds is not None:
        return alias(nanoseconds)
    return str(offset.freqstr).removesuffix("-JAN") if "S-JAN" in offset.freqstr else str(offset.freqstr)


def _tick_size(offset: Any) -> int | None:
    if isinstance(offset, pd.offsets.Tick):
        return int(pd.Timedelta(offset).value)
    return int(offset.n) * _UNITS[0][1] if isinstance(offset, pd.offsets.Day) else None


def step_size(freq: str) -> int | None:
    """Length of a step [ns]; None for weeks, months and other steps of the calendar."""
    return _tick_size(pd.tseries.frequencies.to_offset(freq))


def is_calendar(freq: str) -> bool:
    """Whether a step is a day or longer, so that its times are dates."""
    size = step_size(freq)
    return size is None or size % _UNITS[0][1] == 0


def date_floor(wall: NDArray[np.datetime64], freq: str) -> NDArray[np.datetime64]:
    """The date on which the step begins that a time lies in [n, datetime64[ns]].

    Args:
        wall: Times on a local clock.
        freq: A step of a day or longer.
    """
    unit, _, anchor = str(pd.tseries.frequencies.to_offset(freq).freqstr).lstrip("0123456789").partition("-")
    days = wall.astype("M8[D]")
    months = wall.astype("M8[M]").astype(np.int64)
    if unit == "W":
        return (days - (days.astype(np.int64) + 3 - _WEEKDAYS.index(anchor)) % 7).astype("M8[ns]")
    if unit in ("YS", "QS"):
        return _month_floor(months, 12 if unit == "YS" else 3, _MONTHS.index(anchor))
    return _month_floor(months, 1, 0) if unit == "MS" else days.astype("M8[ns]")


def _month_floor(months: NDArray[np.int64], size: int, anchor: int) -> NDArray[np.datetime64]:
    return ((months - anchor) // size * size + anchor).astype("M8[M]").astype("M8[ns]")
