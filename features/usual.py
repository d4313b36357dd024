"""The usual inputs in the place of one's own, and what each group of inputs adds to a forecast that is no sum.

Letters: C origins, N items, H steps, R rows, K columns, G groups.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from features.lags import rolling_mean, take
from features.parts import EVENTS, PROFILE, part_of_known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backtests.view import FloatArray
    from features.deviation import Rows


def usual_columns(rows: Rows, names: Sequence[str], X: FloatArray) -> FloatArray:
    """Columns of the design matrix as they would be if all but the hour, the weekday and the season were usual.

    Weather and known columns are those of the days that the profile is made of; there is no holiday near, and no
    departure from the profile. Columns that only past readings have are at their mean of the last seasons.

    Args:
        rows: Origins and what is known at them.
        names: Names of the columns. ``[K]``
        X: The columns. ``[C, N, H, K]``

    Returns:
        Of the same shape; columns that say hour, weekday and season are kept by whoever asks (``shares_of``).
    """
    at = {name: index for index, name in enumerate(names)}
    found = np.zeros_like(X)
    longest = max(rows.past.task.seasonality)
    for variable in rows.ahead:
        if f"ahead_{variable}" in at:
            ahead, change = at[f"ahead_{variable}"], at[f"change_{variable}"]
            usual = X[..., ahead] - X[..., change]
            # an event is usually on or usually off: nothing was ever learnt of one that is on a little
            whole = np.round(usual) if _is_event(rows, variable) else usual
            found[..., ahead], found[..., change] = whole, whole - usual
        since = f"1d_{variable}_since_{longest}"
        for name in names if since in at else ():
            if name.endswith(f"_{variable}") and not name.startswith(("ahead_", "change_", "last_", "mean_")):
                # what is remembered of the weather lies as far from usual as that of the last day does
                found[..., at[name]] = X[..., at[name]] - X[..., at[since]]
    for variable, values in rows.past.past.items():
        usual = np.nan_to_num(take(rolling_mean(values, 4 * longest), rows.origins)).T[:, :, None]
        for name in (f"last_{variable}", f"mean_{variable}"):
            if name in at:
                found[..., at[name]] = usual
    return found


def _is_event(rows: Rows, variable: str) -> bool:
    return variable in rows.past.known and part_of_known(rows.past.known[variable]) == EVENTS


def shares_of(
    value: Callable[[FloatArray], FloatArray], own: FloatArray, usual: FloatArray, parts: Sequence[str]
) -> dict[str, FloatArray]:
    """What each group of inputs adds to a function: the mean over all orders in which usual inputs become one's own.

    ``sum over S of |S|! (G - |S| - 1)! / G! (v(S + g) - v(S))``, which adds up to ``v(all) - v(none)``; ``v(S)`` has
    the own inputs of the groups in S and the usual ones of the others. Inputs of the usual profile are always one's
    own: what is left with all others usual is what is usual then.
    Source: Shapley (1953), A value for n-person games; Lundberg & Lee (2017), A unified approach to interpreting
    model predictions, NeurIPS 30.

    Args:
        value: From rows to numbers. ``[R, K] -> [R]``
        own: The inputs. ``[R, K]``
        usual: What stands in their place. ``[R, K]``
        parts: The group of each column (``features.parts``). ``[K]``

    Returns:
        Arrays ``[R]`` by part, the usual profile among them.
    """
    groups = [name for name in dict.fromkeys(parts) if name != PROFILE]
    of = np.array([groups.index(name) if name != PROFILE else -1 for name in parts])
    size = len(groups)
    said = []
    for chosen in range(2**size):
        in_it = (of < 0) | (chosen >> np.maximum(of, 0) & 1 == 1)
        said.append(value(np.where(in_it, own, usual)))
    found = {PROFILE: said[0]}
    for index, name in enumerate(groups):
        found[name] = np.zeros(len(own))
        for without in (chosen for chosen in range(2**size) if not chosen >> index & 1):
            before = without.bit_count()
            weight = factorial(before) * factorial(size - before - 1) / factorial(size)
            found[name] += weight * (said[without | 1 << index] - said[without])
    return found
