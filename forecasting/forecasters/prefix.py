"""Ridge regressions over growing histories: every reading enters a Gram matrix once, however often one is solved.

The rows of a fit at one cutoff are the first rows of the fit at a later one. So the sums are carried along, and a
backtest with a refit at every cutoff costs little more than a single fit.

Letters: N items, R rows, C cutoffs, K regressors.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray

#: What a regression makes small: the sum of squared errors, or that of their sizes.
SQUARE, ABSOLUTE = "square", "absolute"
LOSSES = (SQUARE, ABSOLUTE)
#: How often weights are set anew by the errors they left, and the size of an error below which it counts no more
#: [medians of them].
ROUNDS, SMOOTH = 3, 0.5
#: A regressor whose mean square is this much below the largest is a constant zero in rounding, and left out.
SMALLEST = 1e-9


@dataclass(frozen=True)
class Sums:
    """Sums over the rows up to each of some ends.

    Attributes:
        gram: ``Z'Z``. ``[C, N, K, K]``
        moment: ``Z'd``. ``[C, N, K]``
        count: Rows with an outcome. ``[C, N]``
    """

    gram: FloatArray
    moment: FloatArray
    count: FloatArray

    def __add__(self, other: Sums) -> Sums:
        """Sums over the rows of both."""
        return Sums(self.gram + other.gram, self.moment + other.moment, self.count + other.count)

    def __sub__(self, other: Sums) -> Sums:
        """Sums over the rows that the other ones leave out."""
        return Sums(self.gram - other.gram, self.moment - other.moment, self.count - other.count)

    def solve(self, penalty: float) -> FloatArray:
        """``b = (Z'Z / n + penalty I)^-1 Z'd / n``, columns of Z scaled to unit mean square. ``[C, N, K]``.

        Source: Hoerl & Kennard (1970), Ridge Regression, Technometrics 12(1).
        """
        count = np.maximum(self.count, 1.0)[..., None]
        square = np.diagonal(self.gram, axis1=2, axis2=3) / count
        largest = square.max(axis=2, keepdims=True, initial=0.0)
        used = square > SMALLEST**2 * largest
        scale = np.where(used, np.sqrt(np.where(used, square, 1.0)), np.inf)
        size = self.gram.shape[2]
        gram = self.gram / count[..., None] / scale[..., :, None] / scale[..., None, :] + penalty * np.eye(size)
        moment = self.moment / count / scale
        return np.asarray(np.linalg.solve(gram, moment[..., None])[..., 0] / scale)


def sums_until(Z: FloatArray, d: FloatArray, known: FloatArray, ends: IntArray) -> Sums:
    """Sums over the first ``ends[c]`` rows.

    Args:
        Z: Regressors, 0 in rows without an outcome. ``[N, R, K]``
        d: Outcomes, 0 where there is none. ``[N, R]``
        known: 1 where there is one. ``[N, R]``
        ends: Rising. ``[C]``
    """
    edges = [0, *ends.tolist()]
    parts = [_sums(Z[:, a:b], d[:, a:b], known[:, a:b]) for a, b in pairwise(edges)]
    gram, moment, count = (np.cumsum(np.stack(each), axis=0) for each in zip(*parts, strict=True))
    return Sums(gram, moment, count)


def least_absolute(Z: FloatArray, d: FloatArray, known: FloatArray, ends: IntArray, penalty: float) -> FloatArray:
    """Ridge regressions of the first ``ends[c]`` rows that keep absolute errors small. ``[C, N, K]``.

    Least squares in rounds, every row weighted by one over the size of the error the round before left it.
    Source: Schlossmacher (1973), An Iterative Technique for Absolute Deviations Curve Fitting, JASA 68(344).

    Args:
        Z: Regressors, 0 in rows without an outcome. ``[N, R, K]``
        d: Outcomes, 0 where there is none. ``[N, R]``
        known: 1 where there is one. ``[N, R]``
        ends: Rising. ``[C]``
        penalty: Of every round, relative to the mean square of a weighted regressor.
    """
    found = []
    for end in ends:
        Z_, d_, known_ = Z[:, :end], d[:, :end], known[:, :end]
        weights = sums_until(Z_, d_, known_, np.array([end])).solve(penalty)[0]
        for _ in range(ROUNDS):
            share = by_error(np.abs(d_ - (Z_ @ weights[..., None])[..., 0]), known_)
            turned = np.swapaxes(Z_ * share[..., None], 1, 2)
            sums = Sums((turned @ Z_)[None], (turned @ d_[..., None])[None, ..., 0], share.sum(axis=1)[None])
            weights = sums.solve(penalty)[0]
        found.append(weights)
    return np.stack(found)


def by_error(error: FloatArray, known: FloatArray) -> FloatArray:
    """Weights of rows by the inverse size of their errors, of mean 1 over the known ones of an item. ``[N, R]``.

    Errors below half of the median count as that. Where most are 0, hardly anything else counts.
    """
    usual = np.array(
        [np.median(one[there > 0]) if there.any() else 1.0 for one, there in zip(error, known, strict=True)]
    )
    with np.errstate(over="ignore"):  # beyond the largest number the weight is 0
        share = known / np.maximum(error / np.maximum(usual, np.finfo(float).tiny)[:, None], SMOOTH)
    return np.asarray(share * (known.sum(axis=1) / np.maximum(share.sum(axis=1), np.finfo(float).tiny))[:, None])


def _sums(Z: FloatArray, d: FloatArray, known: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    turned = np.swapaxes(Z, 1, 2)
    return turned @ Z, (turned @ d[..., None])[..., 0], known.sum(axis=1)
