"""What the latest residuals of a structural regression say about the next ones.

A model of calendar and weather knows nothing of the series' own recent past; what it left unexplained an hour, a day
and a week ago mostly goes on. Letters: N items, T readings, C origins, H steps, K columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from features.lags import take

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray

#: Latest residuals used [steps back]; those at the same phase of the last short and long seasons.
LAGS, SHORT_SEASONS, LONG_SEASONS = (0, 1, 2, 5), 4, 3
#: Lengths of the means [short seasons].
MEANS = (1, 3, 7, 28)


def residual_columns(residuals: FloatArray, origins: IntArray, task: Task, late: int) -> FloatArray:
    """Latest residuals, their means, and those at the phase of each step, 0 where there are none. ``[N, C, H, K]``.

    Args:
        residuals: Readings less what the structure says, NaN where either is missing. ``[N, T]``
        origins: Positions to look back from. ``[C]``
        task: The task.
        late: Steps by which the newest residual is older than the origin.
    """
    newest = origins - late
    recent = [take(residuals, newest - lag) for lag in LAGS] + _means(residuals, newest, task.season)
    shape = (len(residuals), len(origins), task.horizon)
    columns = [np.broadcast_to(column[..., None], shape) for column in recent]
    steps = np.arange(1, task.horizon + 1)
    seasons = {task.season: SHORT_SEASONS, task.seasonality[-1]: LONG_SEASONS}
    for season, count in seasons.items():
        back = season * -(-(steps + late) // season)
        columns += [take(residuals, origins[:, None] + steps - back - season * k) for k in range(count)]
    return np.nan_to_num(np.stack(columns, axis=-1))


def trust_columns(ahead: FloatArray, lately: FloatArray, origins: IntArray, task: Task, late: int) -> FloatArray:
    """What the weather as forecast does, and what it did of late, against the mean of the longest stretch.

    A correction that sees both learns for each step how far to trust the forecast of the weather, and how far to go
    on from the weather of the last days.

    Args:
        ahead: Effect of the weather as it was known at each origin. ``[C, H]``
        lately: Effect of the weather as it came, NaN where it is not known. ``[T]``
        origins: Positions to look back from. ``[C]``
        task: The task.
        late: Steps by which the newest effect is older than the origin.

    Returns:
        ``[C, H, K]``.
    """
    *means, usual = [made[0] for made in _means(lately[None], origins - late, task.season)]
    steps = [np.broadcast_to((mean - usual)[:, None], ahead.shape) for mean in means]
    return np.stack([ahead - usual[:, None], *steps], axis=-1)


def _means(residuals: FloatArray, newest: IntArray, season: int) -> list[FloatArray]:
    """Means over the last stretches of residuals, summed directly: running sums round otherwise. ``[N, C]``."""
    found = []
    for length in MEANS:
        values = take(residuals, newest[:, None] - np.arange(length * season))
        known = np.isfinite(values)
        total = np.where(known, values, 0.0).sum(axis=-1)
        found.append(total / np.maximum(known.sum(axis=-1), 1))
    return found
