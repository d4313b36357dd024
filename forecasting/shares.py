"""Weights of the members of an ensemble: those that would have done best together, added one by one.

Source: Caruana, Niculescu-Mizil, Crew, Ksikes (2004), Ensemble selection from libraries of models, ICML 21. With few
windows such weights fit the luck of these; they are learnt from eight windows on, and count for half.
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
