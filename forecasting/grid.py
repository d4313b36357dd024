"""The regular grid a table lies on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, IrregularTimestampsError

if TYPE_CHECKING:
    from backtests.view import IntArray

#: Share of rows off the grid from which the step is not the one that was named.
TOO_MANY_OFF = 0.05
#: Steps for each row from which a grid is rather a mistyped year than a history with gaps; small tables may do so.
STEPS_PER_ROW, SMALL_GRID = 100, 100_000


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A regular grid and where rows lie on it.

    Attributes:
        stamps: Stamps of the grid, from the first row on it to the last. ``[G]``
        positions: Position of each row, -1 for those off the grid. One for each row.
    """

    stamps: pd.DatetimeIndex
    positions: IntArray


def parse_step(freq: str) -> pd.offsets.BaseOffset:
    """The step of a frequency.

    Raises:
        ConfigError: If pandas does not know the frequency, or it runs backwards.
    """
    try:
        step = pd.tseries.frequencies.to_offset(freq)
    except ValueError as error:
        raise _unknown(freq) from error
    if step.n < 1:
        raise _unknown(freq)
    return step


def _unknown(freq: str) -> ConfigError:
    return ConfigError(
        f"There is no step {freq!r}.",
        expected="Steps are written as pandas writes them: 15min, 30min, h, D, W-SUN, MS, QS, YS.",
        fix="Give one of these as --freq.",
    )


def steps_in(span: str, freq: str) -> float:
    """How many steps of a frequency a span of time holds; 0 for steps of the calendar, such as months."""
    step = parse_step(freq)
    if isinstance(step, pd.offsets.Day):
        return pd.Timedelta(span) / pd.Timedelta(days=step.n)
    return pd.Timedelta(span) / pd.Timedelta(step) if isinstance(step, pd.offsets.Tick) else 0.0


def day_of(freq: str) -> int:
    """Steps in a day, 1 for steps of a day or longer."""
    return max(1, round(steps_in("1D", freq)))


def lay_grid(stamps: pd.DatetimeIndex, freq: str) -> Grid:
    """Find the grid most stamps lie on.

    Steps shorter than a day may begin anywhere (at ten past each hour); longer ones begin at midnight UTC.

    Args:
        stamps: Stamps of the rows, in UTC, in any order.
        freq: The step.

    Raises:
        IrregularTimestampsError: If more than 5 % of the rows lie off the grid, or the grid would be far longer
            than the table.
    """
    step = parse_step(freq)
    _refuse_emptiness(stamps, freq)
    grid = _even_grid(stamps, step) if isinstance(step, pd.offsets.Tick) else _calendar_grid(stamps, step)
    off = np.flatnonzero(grid.positions < 0)
    if len(off) > TOO_MANY_OFF * len(stamps):
        raise IrregularTimestampsError(
            f"{len(off)} of {len(stamps)} timestamps do not lie on a step of {freq}, "
            f"the first is {stamps[off[0]].isoformat()}.",
            expected="Every timestamp is the start of a step; steps of a day and longer start at midnight UTC.",
            fix="Check the step (--freq), or average the table to a regular one first.",
        )
    return grid


def _even_grid(stamps: pd.DatetimeIndex, tick: pd.offsets.Tick) -> Grid:
    step = pd.Timedelta(tick) // pd.Timedelta(1, "ns")
    phases, counts = np.unique(stamps.asi8 % step, return_counts=True)
    phase = phases[np.argmax(counts)]
    on = stamps.asi8 % step == phase
    first, last = stamps.asi8[on].min(), stamps.asi8[on].max()
    positions = np.where(on, (stamps.asi8 - first) // step, -1)
    grid = pd.DatetimeIndex(first + step * np.arange((last - first) // step + 1))
    return Grid(stamps=grid.tz_localize("UTC"), positions=positions)


def _calendar_grid(stamps: pd.DatetimeIndex, step: pd.offsets.BaseOffset) -> Grid:
    """Every second month and the like: the phase most stamps share."""
    single = pd.date_range(stamps.min().normalize(), stamps.max(), freq=step.base).as_unit("ns")
    positions = single.get_indexer(stamps)
    on = positions[positions >= 0]
    if not len(on):
        return Grid(stamps=single[:0], positions=np.full(len(stamps), -1))
    phase = int(np.argmax(np.bincount(on % step.n)))
    first = int(on[on % step.n == phase].min())
    last = int(on[on % step.n == phase].max())
    hit = (positions >= 0) & (positions % step.n == phase)
    return Grid(stamps=single[first : last + 1 : step.n], positions=np.where(hit, (positions - first) // step.n, -1))


def _refuse_emptiness(stamps: pd.DatetimeIndex, freq: str) -> None:
    first, last = stamps.min(), stamps.max()
    steps = (last - first) / pd.Timedelta(days=1) * max(steps_in("1D", freq), 1 / 366)
    if steps > max(STEPS_PER_ROW * len(stamps), SMALL_GRID):
        raise IrregularTimestampsError(
            f"The {len(stamps)} rows lie between {first.isoformat()} and {last.isoformat()}, "
            f"{steps:,.0f} steps of {freq} apart.",
            expected="A history has a reading for most of its steps.",
            fix="Look for a mistyped date among the first and the last rows, or check the step (--freq).",
        )
