"""Weights of the members of an ensemble: those that would have done best together, and what each item prefers.

Added one by one: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), Ensemble selection from libraries of models,
ICML 21. With few windows such weights fit the luck of these; they are learnt from eight on, and count for half.

In a panel each item weighs the members in its median by what they were worth to it and to all items together: the
more windows, the more its own experience counts.

Letters: M members, C windows, N items, H steps, E errors.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from backtests.view import steps_per_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.task import Task
    from backtests.view import FloatArray

#: Windows from which weights are learnt, and from which those of each block of the horizon are.
WINDOWS, WINDOWS_FOR_BLOCKS = 8, 20
#: Ends of the blocks of the horizon [days, or steps where a day is one step].
BLOCK_ENDS = (0.25, 1.0, 3.0)
#: Members added one by one, each again and again, and the largest share of one.
ROUNDS, LARGEST = 24, 0.5
#: The weight of a member in the median of an item: its error to this power, which is below zero.
POWER = -4
#: Windows from which an item's own experience counts as much as that of all items.
OWN = 2
#: No member has less than this share of the usual error of an item.
LEAST = 0.05


def greedy_shares(
    made: Sequence[FloatArray], actual: FloatArray, scale: FloatArray, task: Task
) -> FloatArray | None:
    """Weights by member and step, which add up to 1 at each step; None with too few windows or members. ``[M, H]``.

    Args:
        made: Out-of-sample forecasts of each member, ``[C, N, H]``.
        actual: What came, NaN at gaps. ``[C, N, H]``
        scale: Unit of the error of each item. ``[N]``
        task: The task.
    """
    seen = np.isfinite(actual).any(axis=(1, 2))
    if len(made) < 3 or seen.sum() < WINDOWS:
        return None
    size = np.where(scale > 0, scale, np.nan)[:, None]
    away = np.stack([(forecast - actual) / size for forecast in made])
    shares = np.empty((len(made), actual.shape[2]))
    edges = _edges(task) if seen.sum() >= WINDOWS_FOR_BLOCKS else [0, actual.shape[2]]
    for start, end in pairwise(edges):
        block = away[..., start:end].reshape(len(made), -1)
        found = np.isfinite(block).all(axis=0)
        shares[:, start:end] = _shares(block[:, found])[:, None]
    return shares


def _shares(away: FloatArray) -> FloatArray:
    """Greedy weights on signed errors ``[M, E]``: the mean absolute error of the mean so far, at each addition."""
    counts = np.zeros(len(away))
    total = np.zeros(away.shape[1])
    for taken in range(1, ROUNDS + 1):
        losses = np.array([np.abs(total + one).mean() / taken if away.size else 0.0 for one in away])
        losses[counts >= LARGEST * ROUNDS] = np.inf
        best = int(np.argmin(losses))
        counts[best] += 1
        total = total + away[best]
    return counts / ROUNDS


def _edges(task: Task) -> list[int]:
    ends = [max(1, round(end * steps_per_day(task))) for end in BLOCK_ENDS]
    return [0, *dict.fromkeys(end for end in ends if end < task.horizon), task.horizon]


def item_weights(made: Sequence[FloatArray], actual: FloatArray) -> FloatArray | None:
    """Weights of the members in the median of each item; None for a single one. ``[M, N]``.

    Args:
        made: Out-of-sample forecasts of each member, ``[C, N, H]``.
        actual: What came, NaN at gaps. ``[C, N, H]``
    """
    return None if actual.shape[1] == 1 else _weights(_mean_errors(made, actual))


def weights_without(made: Sequence[FloatArray], actual: FloatArray) -> FloatArray | None:
    """The same for each window, learnt on the others. ``[M, C, N]``."""
    if actual.shape[1] == 1:
        return None
    errors = _mean_errors(made, actual)
    others = [np.delete(errors, window, axis=1) for window in range(errors.shape[1])]
    return np.stack([_weights(some) for some in others], axis=1)


def _mean_errors(made: Sequence[FloatArray], actual: FloatArray) -> FloatArray:
    """Mean absolute errors, NaN where nothing came. ``[M, C, N]``."""
    there = np.isfinite(actual)
    away = [np.where(there, np.abs(forecast - actual), 0.0).sum(axis=2) for forecast in made]
    count = there.sum(axis=2)
    return np.where(count > 0, np.stack(away) / np.maximum(count, 1), np.nan)


def _weights(errors: FloatArray) -> FloatArray:
    """Weights by mean absolute errors ``[M, C, N]``. ``[M, N]``."""
    seen = np.isfinite(errors).all(axis=0)
    windows = seen.sum(axis=0)
    mine = np.where(seen, errors, 0.0).sum(axis=1)
    usual = mine.mean(axis=0)
    shares = np.maximum(mine / np.where(usual > 0, usual, 1.0), LEAST)
    told = usual > 0
    everyone = np.exp(np.log(shares[:, told]).mean(axis=1, keepdims=True)) if told.any() else np.ones((len(mine), 1))
    own = np.where(told, windows / (windows + OWN), 0.0)
    return np.asarray((shares**own * everyone ** (1 - own)) ** POWER)
