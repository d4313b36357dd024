"""The quality flag of each forecast: whether it started from readings that were old at its own cutoff.

Letters: C cutoffs, N items, K readings of an item (not missing).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting.ends import HELD, limits_of
from forecasting.readings import runs_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from backtests.view import FloatArray, IntArray, View
    from forecasting.readings import BoolArray

OK, STALE = "ok", "stale_input"


def quality_flags(forecasts: pd.DataFrame, view: View, stale: Collection[str]) -> pd.Series[Any]:
    """The flag of each row of a forecasts table.

    Args:
        forecasts: ``item_id | cutoff`` and more.
        view: The view they were made on.
        stale: Items whose readings are old at the last cutoff, by all that is known of them now, such as readings
            that are due and did not come. Earlier cutoffs are judged by what was known then.
    """
    cutoffs = pd.DatetimeIndex(forecasts["cutoff"].unique())
    flagged = stale_at(view, cutoffs)
    flagged[cutoffs == view.last] = np.isin(view.items, list(stale))
    row = cutoffs.get_indexer(pd.DatetimeIndex(forecasts["cutoff"]))
    column = pd.Index(view.items).get_indexer(pd.Index(forecasts["item_id"]))
    return pd.Series(np.where(flagged[row, column], STALE, OK), index=forecasts.index, dtype="str")


def stale_at(view: View, cutoffs: pd.DatetimeIndex) -> BoolArray:
    """Whether an item had no sound reading for longer than a forecast should bridge, as known then. ``[C, N]``."""
    positions, limit = view.positions(cutoffs), limits_of(view.task.freq).flagged
    rows = zip(view.raw, view.known_from, strict=True)
    return np.stack([_stale(raw, known, positions, limit) for raw, known in rows], axis=1)


def _stale(raw: FloatArray, known_from: IntArray, positions: IntArray, limit: int) -> BoolArray:
    """Of one item: without a sound reading from so many steps before each cutoff up to it. ``[C]``."""
    at = np.flatnonzero(np.isfinite(raw))
    held_since = _held_since(raw[at], limit)
    found = np.ones(len(positions), dtype=bool)
    for number, position in enumerate(positions.tolist()):
        first, end = np.searchsorted(at, (position - limit, position + 1))
        if end == 0:
            continue
        sound = known_from[at[first:end]] > position
        if held_since[end - 1] >= 0:
            sound[max(0, held_since[end - 1] - first) :] = False
        found[number] = not sound.any()
    return found


def _held_since(x: FloatArray, limit: int) -> IntArray:
    """Index from which on the value of each reading was held implausibly long by then, -1 where it was not. ``[K]``.

    By the rule of ``forecasting.ends``: for longer than the limit, and three times as long as any value before.
    """
    starts, lengths = runs_of(x)
    longest = np.maximum.accumulate(np.r_[0, lengths])[:-1]
    run = np.repeat(np.arange(len(starts)), lengths)
    long = np.arange(len(x)) + 1 - starts[run] > np.maximum(limit, HELD * longest[run])
    return np.where(long & (run > 0), starts[run], -1)
