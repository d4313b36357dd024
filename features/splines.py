"""Bases of smooth curves, and their products: what a linear forecaster bends with.

Letters: K columns; every function works along a new last axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.view import FloatArray, IntArray


def knots_at(values: FloatArray, shares: Sequence[float]) -> FloatArray:
    """Knots at quantiles of the values there are, zeros where there are none. ``[K]``."""
    found = values[np.isfinite(values)]
    return np.quantile(found, shares) if len(found) else np.zeros(len(shares))


def hats(values: FloatArray, knots: FloatArray) -> FloatArray:
    """Piecewise linear curves, 1 at their own knot and 0 at the others, flat outside. ``[..., K]``.

    A missing value counts as the middle knot.
    """
    middle = knots[len(knots) // 2]
    x = np.clip(np.where(np.isfinite(values), values, middle), knots[0], knots[-1])
    left = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2).astype(np.int64)
    gap = knots[left + 1] - knots[left]
    share = np.where(gap > 0, (x - knots[left]) / np.where(gap > 0, gap, 1.0), 0.0)
    return _spread(left, 1.0 - share, len(knots)) + _spread(left + 1, share, len(knots))


def round_hats(share: FloatArray, count: int) -> FloatArray:
    """The same around a circle: ``share`` of the way round, 0 to 1, between ``count`` even knots. ``[..., K]``."""
    at = np.mod(share, 1.0) * count
    left = np.floor(at + 1e-9).astype(np.int64)
    rest = np.maximum(at - left, 0.0)
    return _spread(left % count, 1.0 - rest, count) + _spread((left + 1) % count, rest, count)


def waves(share: FloatArray, pairs: int) -> FloatArray:
    """A constant, then sine and cosine of 1 to ``pairs`` rounds. ``[..., 1 + 2 pairs]``."""
    angles = 2 * np.pi * share[..., None] * np.arange(1, pairs + 1)
    both = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(*share.shape, 2 * pairs)
    return np.concatenate([np.ones((*share.shape, 1)), both], axis=-1)


def one_hot(kinds: FloatArray, count: int) -> FloatArray:
    """1 in the column of the kind, 0 elsewhere. ``[..., count]``."""
    return _spread(kinds.astype(np.int64), np.ones(kinds.shape), count)


def products(first: FloatArray, second: FloatArray) -> FloatArray:
    """Every column of the one times every column of the other. ``[..., A B]``."""
    return (first[..., :, None] * second[..., None, :]).reshape(*first.shape[:-1], -1)


def _spread(columns: IntArray, values: FloatArray, count: int) -> FloatArray:
    found = np.zeros((*values.shape, count))
    np.put_along_axis(found, columns[..., None], values[..., None], axis=-1)
    return found
