"""What the calendar alone leads one to expect of a series: its normal, by the local clock and the local date.

Every time of the day has a regression of its own on the weekday, on holidays, and on waves over the year. What
departs from it tells the weather of the time of the year from the unusual weather of these days, which a profile of
the last weeks does not; and departures of different series from their normals can be compared.

Letters: N items, T readings, G stamps of the grid, S times of the day, K columns, B runs of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtests.view import steps_per_day
from features.calendar import calendar_columns, holiday_columns, named_holidays
from features.splines import one_hot, products, waves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.view import FloatArray, IntArray, Past

#: Days of readings below which the year has no waves: they would be learnt by heart, and be wrong about any run of
#: time that is left out.
DAYS_FOR_YEAR = 730
#: Pairs of waves over the year, and those that the weekend has of its own.
YEAR_PAIRS, WEEKEND_PAIRS = 3, 2
#: Kinds of days beside public holidays.
FLAGS = ("eve", "day_after", "bridge", "christmas_week", "half_day", "school")
#: Ridge penalties, relative to the number of rows; columns are not scaled, so that a day that is seen once a year is
#: shrunk more than one that is seen every week.
ORDINARY, RARE, STRAIGHT = 1e-4, 3e-4, 1e-2
#: Runs of time; the departures of each are from a normal that was learnt on the others.
RUNS = 10


class Normal:
    """The design of the normal on the grid of one past.

    Args:
        past: What was known at a cutoff, on the scale that is regressed.
        names: Holidays with an effect of their own, from the fit (``names_of``).
        last: Position after which the trend stands still: that of the fit.
        year: Whether there are waves over the year, from the fit.
    """

    def __init__(self, past: Past, names: Sequence[str], last: int, *, year: bool) -> None:
        self.past, self.last, self.year = past, last, year
        columns = calendar_columns(past.grid, past.task)
        per_day = steps_per_day(past.task)
        self.slots = per_day
        self.slot = np.round(columns["hour"] * per_day / 24).astype(np.int64) % per_day
        weekday = columns["weekday"]
        trend = np.minimum(np.arange(len(past.grid)), last)[:, None] / (365.25 * per_day)
        parts = [np.ones((len(weekday), 1)), trend - last / (365.25 * per_day), one_hot(weekday, 7)]
        penalties = [1e-6, STRAIGHT, *[ORDINARY] * 7]
        if year:
            turn = (columns["day_of_year"] - 1) / 365.25
            weekend = (weekday >= 5).astype(float)[:, None]
            parts += [waves(turn, YEAR_PAIRS)[:, 1:], products(weekend, waves(turn, WEEKEND_PAIRS)[:, 1:])]
            penalties += [ORDINARY] * 2 * (YEAR_PAIRS + WEEKEND_PAIRS)
        self.ordinary = len(penalties)
        flags = holiday_columns(past.grid, past.task)
        rare = [flags[name][:, None] for name in FLAGS if name in flags] + self._named(flags, names)
        self.X = np.concatenate([*parts, *rare], axis=1)
        self.penalties = np.array(penalties + [RARE] * (self.X.shape[1] - len(penalties)))

    def _named(self, flags: dict[str, FloatArray], names: Sequence[str]) -> list[FloatArray]:
        """What public holidays have in common, and each of those with a name of its own. ``[G, 1]`` each."""
        if "holiday" not in flags:
            return []
        called = named_holidays(self.past.grid, self.past.task)
        own = [((called == name) & (flags["holiday"] > 0)).astype(float)[:, None] for name in names]
        return [flags["holiday"][:, None], *own]

    def learn(self) -> tuple[FloatArray, FloatArray]:
        """Weights of each item at each time of the day, and departures from normals that did not see them.

        Returns:
            Weights ``[N, S, K]``; readings of the past less what is normal, NaN where there is none ``[N, T]``.
        """
        readings = self.past.readings
        length, size = readings.shape[1], self.X.shape[1]
        weights = np.zeros((len(readings), self.slots, size))
        departures = np.full(readings.shape, np.nan)
        # within a year, the normal of the other seasons says nothing about the one that is left out
        run = np.arange(length) * (RUNS if self.year else 1) // max(length, 1)
        for slot in range(self.slots):
            rows = np.flatnonzero(self.slot[:length] == slot)
            for item, row in enumerate(readings[:, rows]):
                seen = np.isfinite(row)
                at = rows[seen]
                weights[item, slot], departures[item, at] = self._one(self.X[at], row[seen], run[at])
        return weights, departures

    def _one(self, X: FloatArray, x: FloatArray, run: IntArray) -> tuple[FloatArray, FloatArray]:
        """Weights of one item at one time of the day ``[K]``, and its departures ``[R]``."""
        parts = [run == number for number in range(RUNS)]
        grams = np.stack([X[own].T @ X[own] for own in parts])
        moments = np.stack([X[own].T @ x[own] for own in parts])
        counts = np.array([own.sum() for own in parts])
        whole, moment, count = grams.sum(axis=0), moments.sum(axis=0), max(int(counts.sum()), 1)
        found = np.empty(len(x))
        for own, gram, seen, rows in zip(parts, grams, moments, counts, strict=True):
            if rows:
                left = count - int(rows) or count
                others = (whole - gram, moment - seen) if left < count else (whole, moment)
                found[own] = x[own] - X[own] @ self._solved(*others, left)
        return self._solved(whole, moment, count), found

    def _solved(self, gram: FloatArray, moment: FloatArray, count: int) -> FloatArray:
        """``b = (X'X + n penalty)^-1 X'x``; Hoerl & Kennard (1970), Technometrics 12(1)."""
        return np.asarray(np.linalg.solve(gram + count * np.diag(self.penalties), moment))

    def expected(self, weights: FloatArray, positions: IntArray, *, holidays: bool = True) -> FloatArray:
        """What is normal at some positions. ``[N, *positions.shape]``.

        Args:
            weights: As learnt. ``[N, S, K]``
            positions: Positions on the grid, the last of which stands for what lies beyond it.
            holidays: Whether holidays and the days around them count.
        """
        at = np.minimum(positions, len(self.X) - 1).ravel()
        size = self.X.shape[1] if holidays else self.ordinary
        X, slot = self.X[at, :size], self.slot[at]
        # sums along rows: a matrix product would round differently for other numbers of rows
        made = [(X * own[slot, :size]).sum(axis=1) for own in weights]
        return np.stack(made).reshape(len(weights), *positions.shape)


def names_of(past: Past) -> list[str]:
    """Public holidays that the readings have met: those whose effect can be learnt, in the order of their names."""
    flags = holiday_columns(past.grid, past.task)
    if "holiday" not in flags:
        return []
    end = past.cutoff + 1
    called = named_holidays(past.grid, past.task)[:end][flags["holiday"][:end] > 0]
    return sorted({str(name) for name in called if name})


def has_year(past: Past) -> bool:
    """Whether the readings are long enough for waves over the year."""
    return bool(past.cutoff + 1 >= DAYS_FOR_YEAR * steps_per_day(past.task))
