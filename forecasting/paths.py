"""Joint paths: whole courses the target may take, so that sums over a day have an interval too.

Quantiles by step say nothing of how errors hang together: a day that starts too high mostly stays so. Paths take
that from errors of the past. Each path follows the ranks of the errors of one earlier window, the same for all
items, and has at every step the value that the quantiles have at this rank (Schaake shuffle; Clark et al. (2004),
Journal of Hydrometeorology 5(1)). The quantiles of the paths are those of the forecast; their ups and downs, those
of the past.

Letters: C cutoffs, N items, H steps, P paths, W windows, Q levels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from connectors.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pandas as pd

    from backtests.forecaster import Forecasts
    from backtests.view import FloatArray, View
    from forecasting.intervals import Intervals

#: Fewest earlier windows paths are made from.
FEWEST_WINDOWS = 8


def joint_paths(
    intervals: Intervals, view: View, cutoffs: pd.DatetimeIndex, mean: FloatArray, *, number: int, seed: int
) -> FloatArray:
    """Paths around point forecasts. ``[C, N, H, P]``.

    Args:
        intervals: Of the forecast, with the errors they were made from.
        view: The view.
        cutoffs: Where the forecasts start.
        mean: The point forecasts. ``[C, N, H]``
        number: How many paths.
        seed: Decides which windows they follow.

    Raises:
        DataError: If there are too few whole windows to follow.
        ConfigError: If the levels do not say how wide the intervals are.
    """
    errors = intervals.errors
    if errors is None or len(errors) < FEWEST_WINDOWS:
        raise DataError(
            f"There are {0 if errors is None else len(errors)} windows whose errors paths could follow.",
            expected=f"There are {FEWEST_WINDOWS} or more, without gaps in the readings.",
            fix="Give a longer history, or fit the model again if it was saved by an earlier version.",
        )
    if number < 1 or intervals.levels[0] >= 0.5 or intervals.levels[-1] <= 0.5:
        raise ConfigError(
            f"{number} paths from the levels {', '.join(f'{level:g}' for level in intervals.levels)}.",
            expected="A number from 1, and quantile levels on both sides of 0.5.",
            fix="Give --levels 0.1,0.5,0.9.",
        )
    scale = intervals.scale(view, cutoffs, mean)
    generator = np.random.default_rng(seed)
    made = [_ranked(errors, number, generator) for _ in range(len(cutoffs))]
    offsets = np.stack([_at(intervals, levels) for levels in made])
    return np.asarray(mean[..., None] + scale[..., None] * np.moveaxis(offsets, 1, -1))


def paths_table(made: Forecasts, paths: FloatArray) -> pd.DataFrame:
    """Paths as ``item_id | cutoff | timestamp | path | value``, the steps asked for, paths from 1.

    Args:
        made: The forecasts they are around.
        paths: The paths. ``[C, N, H, P]``
    """
    number = paths.shape[-1]
    keys = replace(made, asked=None).to_frame("")[["item_id", "cutoff", "timestamp"]]
    long = keys.loc[keys.index.repeat(number)].reset_index(drop=True)
    long = long.assign(path=np.tile(np.arange(1, number + 1), len(keys)), value=paths.ravel())
    if made.asked is None:
        return long
    asked = np.broadcast_to(made.asked[:, None, :, None], paths.shape).ravel()
    return long.loc[asked].reset_index(drop=True)


def _ranked(errors: FloatArray, number: int, generator: np.random.Generator) -> FloatArray:
    """Levels of each path at each step: the ranks of the errors of the windows it follows. ``[P, N, H]``."""
    windows = len(errors)
    rounds = [generator.permutation(windows) for _ in range(-(-number // windows))]
    followed = errors[np.concatenate(rounds)[:number]]
    ties = generator.random(followed.shape)
    order = np.lexsort((ties, followed), axis=0)
    ranks = np.argsort(order, axis=0, kind="stable")
    return np.asarray((ranks + 0.5) / number)


def _at(intervals: Intervals, levels: FloatArray) -> FloatArray:
    """Scaled errors at some levels, by step; beyond the outer quantiles as in a normal law. ``[P, N, H]``."""
    from scipy.stats import norm

    known, offsets = np.array(intervals.levels), intervals.offsets
    found = np.empty_like(levels)
    for step in range(levels.shape[2]):
        wanted = levels[:, :, step]
        values = np.interp(wanted, known, offsets[step])
        middle = np.interp(0.5, known, offsets[step])
        for edge, beyond in ((0, wanted < known[0]), (-1, wanted > known[-1])):
            stretched = norm.ppf(wanted[beyond]) / norm.ppf(known[edge])
            values[beyond] = middle + stretched * (offsets[step, edge] - middle)
        found[:, :, step] = values
    return found
