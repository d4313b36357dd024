"""Whether intervals hold what they say: by level, hour of the day, horizon, load, and over the whole distribution.

A central interval from level ``q`` to ``1 - q`` should hold the share ``1 - 2 q`` of the readings; a quantile should
have the share ``q`` of them at or below it; and the readings should fall between neighbouring quantiles as often as
the levels say (the histogram of the probability integral transform; Gneiting, Balabdaoui & Raftery (2007), Journal
of the Royal Statistical Society B 69(2)). Gaps and faulty readings are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.backtest import actuals
from backtests.view import steps_per_day

if TYPE_CHECKING:
    from backtests.forecaster import Forecasts
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, View

#: The interval that is counted by hour and by horizon.
NOMINAL = 0.8
#: Thirds of the steps of an item by what was forecast for them, from 1.
THIRDS = ("low", "middling", "high")
#: Readings of an hour or of a part of the horizon below which nothing is said of it.
FEWEST = 30


@dataclass(frozen=True, kw_only=True)
class Share:
    """How often something came true.

    Attributes:
        group: What it is counted over: a level, an hour of the day, a day of the horizon, a third of the loads.
        nominal: How often it should.
        hits: How often it did.
        count: How often it could.
    """

    group: float
    nominal: float
    hits: int
    count: int

    @property
    def achieved(self) -> float:
        """The share; NaN when it never could."""
        return self.hits / self.count if self.count else float("nan")


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What intervals held.

    Attributes:
        intervals: Readings inside each central interval, by its nominal coverage.
        quantiles: Readings at or below each quantile, by its level.
        hours: Readings inside the 80 % interval, by hour of the local day; empty for steps of a day or longer.
        horizons: The same by day of the horizon, from 1; by step for steps of a day or longer.
        loads: The same by level of load: 1 for the third of its steps for which least was forecast for an item, 3
            for that with most.
        between: Readings between neighbouring quantiles, by the upper level; 1 for those above the last.
    """

    intervals: tuple[Share, ...] = ()
    quantiles: tuple[Share, ...] = ()
    hours: tuple[Share, ...] = ()
    horizons: tuple[Share, ...] = ()
    loads: tuple[Share, ...] = ()
    between: tuple[Share, ...] = ()

    @property
    def inside(self) -> Share | None:
        """Readings inside the 80 % interval; None without its levels."""
        found = [share for share in self.intervals if abs(share.nominal - NOMINAL) < 1e-9]
        return found[0] if found else None

    def frame(self) -> pd.DataFrame:
        """All of it: ``kind | group | nominal | achieved | hits | count``."""
        return pd.DataFrame(
            [
                {
                    "kind": kind, "group": share.group, "nominal": share.nominal, "achieved": share.achieved,
                    "hits": share.hits, "count": share.count,
                }
                for kind, shares in vars(self).items()
                for share in shares
            ],
            columns=["kind", "group", "nominal", "achieved", "hits", "count"],
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """The same for machines; a share that could not be counted is null."""
        return {
            kind: [
                {"group": share.group, "nominal": share.nominal, "hits": share.hits, "count": share.count,
                 "achieved": round(share.achieved, 4) if share.count else None}
                for share in shares
            ]
            for kind, shares in vars(self).items()
        }  # fmt: skip

    def sentences(self, noun: str = "readings") -> list[str]:
        """In words: how many fell inside, and where it is worst."""
        words = [
            f"Of {share.count:,} {noun}, {share.hits:,} ({_percent(share.achieved)}) fell inside the "
            f"{100 * share.nominal:g} % band."
            for share in self.intervals
            if share.count
        ]
        for shares, places in (
            (self.hours, [f"at {one.group:02.0f}:00" for one in self.hours]),
            (self.horizons, [f"at part {one.group:.0f} of the horizon" for one in self.horizons]),
            (self.loads, [f"where a {THIRDS[int(one.group) - 1]} load was forecast" for one in self.loads]),
        ):
            counted = [pair for pair in zip(shares, places, strict=True) if pair[0].count >= FEWEST]
            if len(counted) > 1:
                counted.sort(key=lambda pair: pair[0].achieved)
                (low, there), (high, elsewhere) = counted[0], counted[-1]
                words.append(
                    f"The {100 * NOMINAL:g} % band held least {there} ({_percent(low.achieved)}), "
                    f"most {elsewhere} ({_percent(high.achieved)})."
                )
        return words


def calibration_of(forecasts: Forecasts, view: View, task: Task) -> Calibration:
    """Count what the quantiles of forecasts held.

    Args:
        forecasts: Forecasts with quantiles; without them everything is empty.
        view: The view, with what came.
        task: The task; names the local clock.
    """
    if forecasts.quantiles is None:
        return Calibration()
    horizon = forecasts.mean.shape[2]
    actual = actuals(view, view.positions(forecasts.cutoffs), horizon)
    hours, parts = _groups(forecasts, task)
    return count_shares(
        actual, forecasts.quantiles, forecasts.levels, hours=hours, parts=parts, loads=thirds(forecasts.mean)
    )


def count_shares(
    actual: FloatArray,
    quantiles: FloatArray,
    levels: tuple[float, ...],
    *,
    hours: IntArray | None,
    parts: IntArray,
    loads: IntArray,
) -> Calibration:
    """The same from arrays.

    Args:
        actual: Readings, NaN where there is none. ``[C, N, H]``
        quantiles: Their quantiles. ``[C, N, H, Q]``
        levels: The Q levels, rising.
        hours: Hour of the local day of each step, or None. ``[C, H]``
        parts: Part of the horizon of each step. ``[H]``
        loads: Third of the loads of each step. ``[C, N, H]``
    """
    found = np.isfinite(actual) & np.isfinite(quantiles).all(axis=-1)
    x, q = actual[found], quantiles[found]
    number = len(x)
    intervals, inside = [], None
    for low, level in enumerate(levels):
        high = [index for index, other in enumerate(levels) if abs(other - (1 - level)) < 1e-9]
        if level < 0.5 and high:
            held = (x >= q[:, low]) & (x <= q[:, high[0]])
            nominal = round(1 - 2 * level, 10)
            intervals.append(Share(group=nominal, nominal=nominal, hits=int(held.sum()), count=number))
            inside = held if abs(nominal - NOMINAL) < 1e-9 else inside
    below = [int((x <= q[:, index]).sum()) for index in range(len(levels))]
    edges, counts = (0.0, *levels, 1.0), np.diff([0, *below, number])
    return Calibration(
        intervals=tuple(sorted(intervals, key=lambda share: share.nominal)),
        quantiles=tuple(
            Share(group=level, nominal=level, hits=hits, count=number)
            for level, hits in zip(levels, below, strict=True)
        ),
        hours=() if hours is None else _by(_spread(hours[:, None], actual)[found], inside),
        horizons=_by(_spread(parts[None, None], actual)[found], inside),
        loads=_by(loads[found], inside),
        between=tuple(
            Share(group=upper, nominal=round(upper - lower, 10), hits=int(hits), count=number)
            for lower, upper, hits in zip(edges, edges[1:], counts, strict=False)
        ),
    )


def thirds(mean: FloatArray) -> IntArray:
    """Third of its item's forecasts in which each lies, from 1; equal ones lie in the same. ``[C, N, H]``."""
    edges = np.nanquantile(mean, [1 / 3, 2 / 3], axis=(0, 2))[:, None, :, None]
    return np.asarray(1 + (mean > edges).sum(axis=0))


def _spread(values: IntArray, like: FloatArray) -> IntArray:
    return np.broadcast_to(values, like.shape)


def _by(groups: IntArray, inside: np.ndarray[Any, Any] | None) -> tuple[Share, ...]:
    """Readings inside the 80 % interval, by group."""
    if inside is None:
        return ()
    return tuple(
        Share(group=float(group), nominal=NOMINAL, hits=int(inside[groups == group].sum()),
              count=int((groups == group).sum()))
        for group in np.unique(groups)
    )  # fmt: skip


def _groups(forecasts: Forecasts, task: Task) -> tuple[IntArray | None, IntArray]:
    """Local hour of each step, None for steps of a day or longer ``[C, H]``; day of the horizon, or step ``[H]``."""
    daily, horizon = steps_per_day(task), forecasts.mean.shape[2]
    parts = np.arange(horizon) // daily + 1
    if daily == 1:
        return None, parts
    local = pd.DatetimeIndex(forecasts.timestamps.ravel()).tz_localize("UTC").tz_convert(task.time_zone)
    return local.hour.to_numpy().astype(np.int64).reshape(forecasts.timestamps.shape), parts


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
