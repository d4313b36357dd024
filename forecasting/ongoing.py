"""An outage that is still on when a forecast is made: how long it may last, and what is read meanwhile.

What has been off for a while mostly stays off for about as long again and longer. The chance that an outage which
has lasted ``a`` steps lasts ``h`` more is taken as ``(a / (a + h)) ** TAIL``, a Pareto law (docs/choices.md has the
outages it was fitted on). The forecast is the mixture of both: readings as they are while it lasts, and what would
be forecast without it. Its median stays on the floor for seven times as long as the outage has lasted.

Letters: C cutoffs, N items, H steps, Q levels, P paths, R readings of an outage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.past import steps_per_day
from forecasting.outages import on_since
from forecasting.readings import Readings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backtests.forecaster import Forecasts
    from backtests.view import FloatArray, IntArray, View

#: Exponent of the law of how long outages last.
TAIL = 1 / 3
#: It is no outage where the rules for faulty readings had told more than this share of it: a meter that is dead, or
#: changed its unit.
TOLD = 0.9


@dataclass(frozen=True, kw_only=True)
class Ongoing:
    """An outage as it is known at a cutoff.

    Attributes:
        cutoff: Index of the cutoff among the C.
        item: Index of the item.
        age: Steps from its first reading to its latest.
        waiting: Steps from its latest reading to the cutoff.
        values: Its readings. ``[R]``
    """

    cutoff: int
    item: int
    age: int
    waiting: int
    values: FloatArray

    def lasting(self, horizon: int) -> FloatArray:
        """Chance that it is still on, by step. ``[H]``."""
        return np.asarray((self.age / (self.age + self.waiting + np.arange(1, horizon + 1))) ** TAIL)

    @property
    def expected(self) -> int:
        """Steps after the cutoff at which it is as likely over as not."""
        return max(0, round(float(0.5 ** (-1 / TAIL) - 1) * self.age) - self.waiting)

    def quantiles(self, levels: Sequence[float], known: Sequence[float], without: FloatArray) -> FloatArray:
        """Quantiles of the mixture. ``[H, Q]``.

        Args:
            levels: The levels asked for.
            known: Levels of the quantiles without the outage, rising.
            without: These quantiles. ``[H, K]``
        """
        wanted = np.asarray(levels)
        found = np.empty((len(without), len(wanted)))
        for step, chance in enumerate(self.lasting(len(without))):
            off = wanted < chance
            found[step, off] = np.quantile(self.values, wanted[off] / chance)
            found[step, ~off] = np.interp((wanted[~off] - chance) / (1 - chance), known, without[step])
        return np.sort(found, axis=1)

    def paths(self, without: FloatArray, generator: np.random.Generator) -> FloatArray:
        """Paths on readings of the outage until it ends, each when it may. ``[H, P]``.

        Args:
            without: Paths without the outage. ``[H, P]``
            generator: Draws how long it lasts.
        """
        horizon, number = without.shape
        chance = (generator.permutation(number) + 0.5) / number
        on = chance < self.lasting(horizon)[:, None]
        return np.where(on, generator.choice(self.values, size=(horizon, number)), without)


def while_off(view: View, forecasts: Forecasts) -> Forecasts:
    """The same forecasts, but where an outage is on: there the mixture, whose median is the point forecast.

    Args:
        view: The view they were made on.
        forecasts: Forecasts with quantiles, without regard to outages.
    """
    on = ongoing(view, forecasts.cutoffs)
    if not on or forecasts.quantiles is None:
        return forecasts
    mean, quantiles = forecasts.mean.copy(), forecasts.quantiles.copy()
    for one in on:
        without = quantiles[one.cutoff, one.item]
        mean[one.cutoff, one.item] = one.quantiles([0.5], forecasts.levels, without)[:, 0]
        quantiles[one.cutoff, one.item] = one.quantiles(forecasts.levels, forecasts.levels, without)
    return replace(forecasts, mean=mean, quantiles=quantiles)


def ongoing(view: View, cutoffs: pd.DatetimeIndex) -> list[Ongoing]:
    """Outages of all items that are on at some cutoffs, by what was read up to each."""
    positions, day = view.positions(cutoffs), steps_per_day(view.task)
    found: list[Ongoing] = []
    for item, (raw, known_from) in enumerate(zip(view.raw, view.known_from, strict=True)):
        readings = Readings(raw, day)
        readings.void_from = np.minimum(known_from, readings.void_from)
        found += of_item(readings, positions, item=item)
    return found


def off_now(view: View) -> dict[str, tuple[pd.Timestamp, int]]:
    """Items that are off at the last reading: since when, and steps for which they stay so as likely as not."""
    last = view.raw.shape[1] - 1
    return {
        view.items[one.item]: (pd.Timestamp(view.grid[last - one.waiting - one.age + 1]), one.expected)
        for one in ongoing(view, view.cutoffs([last]))
    }


def of_item(readings: Readings, positions: IntArray, *, item: int = 0) -> Iterator[Ongoing]:
    """Outages of one item that are on at some positions.

    Args:
        readings: Its readings, and from when on which of them are void.
        positions: The cutoffs. ``[C]``
        item: Its index.
    """
    since, times = readings.once(on_since), readings.at
    for number, position in enumerate(positions.tolist()):
        last = int(np.searchsorted(times, position, side="right")) - 1
        if last < 0 or since[last] < 0:
            continue
        run = np.arange(since[last], last + 1)
        if (readings.void_from[times[run]] <= position).mean() <= TOLD:
            age, waiting = int(times[last] - times[run[0]]) + 1, position - int(times[last])
            yield Ongoing(cutoff=number, item=item, age=age, waiting=waiting, values=readings.x[run])
