"""Scores of forecasts against readings. Gaps in the readings are left out, never filled.

Shapes: C cutoffs, N items, H steps, Q quantile levels. Every metric is one number, lower is better unless said;
none is ever given another sign. A metric that has no value here (a target of zeros has no WAPE) is NaN.

MASE and RMSSE divide by the error of the seasonal naive on the readings up to each cutoff, so that items of
different size can be averaged; an item that never changes has no scale and is left out of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from connectors.registry import Registry

if TYPE_CHECKING:
    from backtests.view import FloatArray


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Forecasts beside what came.

    Attributes:
        actual: Readings, NaN where there is none or a faulty one. ``[C, N, H]``
        mean: Point forecast. ``[C, N, H]``
        quantiles: Quantiles, or None. ``[C, N, H, Q]``
        levels: The Q levels, rising.
        scale: Mean absolute error of the seasonal naive before each cutoff. ``[C, N]``
        square_scale: Its mean square. ``[C, N]``
    """

    actual: FloatArray
    mean: FloatArray
    quantiles: FloatArray | None = None
    levels: tuple[float, ...] = ()
    scale: FloatArray
    square_scale: FloatArray


Metric: TypeAlias = Callable[[Scored], float]
METRICS: Registry[Metric] = Registry("metric")


def _metric(function: Metric) -> Metric:
    return METRICS.add(function.__name__, function)


def score(scored: Scored) -> dict[str, float]:
    """Every registered metric by name."""
    return {name: metric(scored) for name, metric in METRICS.items()}


@_metric
def mae(scored: Scored) -> float:
    """Mean absolute error ``mean |x - f|``, in the unit of the target."""
    return _mean(np.abs(scored.actual - scored.mean))


@_metric
def rmse(scored: Scored) -> float:
    """Root mean square error ``sqrt(mean (x - f)^2)``, in the unit of the target."""
    return float(np.sqrt(_mean((scored.actual - scored.mean) ** 2)))


@_metric
def bias(scored: Scored) -> float:
    """Mean error ``mean (f - x)``, in the unit of the target; above 0 the forecast is too high."""
    return _mean(scored.mean - scored.actual)


@_metric
def wape(scored: Scored) -> float:
    """Weighted absolute percentage error ``sum |x - f| / sum |x|``, a share; NaN for a target of zeros.

    Source: Kolassa & Schuetz (2007), Foresight 6.
    """
    total = float(np.nansum(np.abs(scored.actual)))
    return float(np.nansum(np.abs(scored.actual - scored.mean))) / total if total > 0 else float("nan")


@_metric
def mase(scored: Scored) -> float:
    """Mean absolute scaled error: by window and item ``mean |x - f| / scale``, then the mean of these.

    Source: Hyndman & Koehler (2006), International Journal of Forecasting 22(4).
    """
    return _mean(nan_mean(np.abs(scored.actual - scored.mean), axis=2) / _positive(scored.scale))


@_metric
def rmsse(scored: Scored) -> float:
    """Root mean squared scaled error: by window and item ``sqrt(mean (x - f)^2 / square scale)``, then the mean.

    Source: Makridakis et al. (2022), M5 accuracy competition, International Journal of Forecasting 38(4).
    """
    ratio = nan_mean((scored.actual - scored.mean) ** 2, axis=2) / _positive(scored.square_scale)
    return _mean(np.sqrt(ratio))


@_metric
def pinball(scored: Scored) -> float:
    """Mean pinball loss over the levels, ``max(q (x - f), (q - 1)(x - f))``, in the unit of the target.

    Source: Koenker & Bassett (1978), Econometrica 46(1).
    """
    return float("nan") if scored.quantiles is None else _mean(_pinball(scored))


@_metric
def wql(scored: Scored) -> float:
    """Weighted quantile loss ``2 sum pinball / sum |x|``, averaged over the levels, a share; NaN for zeros.

    Source: Salinas et al. (2020), DeepAR, International Journal of Forecasting 36(3).
    """
    total = float(np.nansum(np.abs(scored.actual)))
    if scored.quantiles is None or total <= 0:
        return float("nan")
    return float(2 * np.nansum(_pinball(scored)) / (total * len(scored.levels)))


@_metric
def coverage_80(scored: Scored) -> float:
    """Share of readings inside the central 80 % interval; right is 0.80. NaN without the levels 0.1 and 0.9."""
    return coverage(scored, 0.8)


def coverage(scored: Scored, nominal: float) -> float:
    """Share of readings inside the central interval of a nominal coverage, or NaN without its two levels."""
    inside = inside_interval(scored, nominal)
    return float("nan") if inside is None else _mean(inside)


def inside_interval(scored: Scored, nominal: float) -> FloatArray | None:
    """1 where a reading lies inside the central interval, 0 outside, NaN at gaps. ``[C, N, H]``."""
    edges = [_level_index(scored.levels, level) for level in ((1 - nominal) / 2, (1 + nominal) / 2)]
    low, high = edges
    if scored.quantiles is None or low is None or high is None:
        return None
    x = scored.actual
    inside = (x >= scored.quantiles[..., low]) & (x <= scored.quantiles[..., high])
    return np.where(np.isfinite(x), inside, np.nan)


def _pinball(scored: Scored) -> FloatArray:
    assert scored.quantiles is not None
    error = scored.actual[..., None] - scored.quantiles
    levels = np.array(scored.levels)
    return np.maximum(levels * error, (levels - 1) * error)


def _level_index(levels: tuple[float, ...], level: float) -> int | None:
    near = [index for index, found in enumerate(levels) if abs(found - level) < 1e-9]
    return near[0] if near else None


def _mean(values: FloatArray) -> float:
    return float(nan_mean(values.ravel(), axis=0))


def nan_mean(values: FloatArray, axis: int) -> FloatArray:
    """Mean over the values there are, NaN where there is none, without numpy's warning."""
    found = np.isfinite(values)
    count = found.sum(axis=axis)
    return np.asarray(np.where(found, values, 0.0).sum(axis=axis) / np.where(count > 0, count, np.nan))


def _positive(scale: FloatArray) -> FloatArray:
    return np.where(scale > 0, scale, np.nan)
