"""Scores of forecasts against readings. Gaps in the readings are left out, never filled.

Shapes: C cutoffs, N items, H steps, Q quantile levels. Every metric is one number, lower is better unless said;
none is ever given another sign. A metric that has no value here (a target of zeros has no WAPE) is NaN.

Scaled metrics (MASE, RMSSE, SQL, MSIS) divide by the error of the seasonal naive on the readings up to each cutoff,
so that items of different size can be averaged; an item that never changes has no scale and is left out of them.
Metrics of days are of the days of the horizon: its first 24 hours, the next 24, ...; one with a gap is left out.
They are NaN for horizons below a day, and for steps of a day or longer.

To add one: ``@metric(unit)`` on a function from ``Scored`` to a number. Nothing else needs to know.
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
        long_scale: Mean absolute error of the naive of the longest season, None where there is but one. ``[C, N]``
        day: Steps in a day; 1 for steps of a day or longer.
        costs: What a unit forecast too little and a unit forecast too much cost, or None.
    """

    actual: FloatArray
    mean: FloatArray
    quantiles: FloatArray | None = None
    levels: tuple[float, ...] = ()
    scale: FloatArray
    square_scale: FloatArray
    long_scale: FloatArray | None = None
    day: int = 1
    costs: tuple[float, float] | None = None


Metric: TypeAlias = Callable[[Scored], float]
METRICS: Registry[Metric] = Registry("metric")
#: What the numbers are in; a metric that is not here is in the unit of the target.
UNITS: dict[str, str] = {}
NONE = float("nan")


def metric(unit: str = "of the target") -> Callable[[Metric], Metric]:
    """Register a metric under the name of its function."""

    def add(function: Metric) -> Metric:
        UNITS[function.__name__] = unit
        return METRICS.add(function.__name__, function)

    return add


def score(scored: Scored) -> dict[str, float]:
    """Every registered metric by name."""
    return {name: one(scored) for name, one in METRICS.items()}


@metric()
def mae(scored: Scored) -> float:
    """Mean absolute error ``mean |x - f|``, in the unit of the target."""
    return _mean(np.abs(scored.actual - scored.mean))


@metric()
def rmse(scored: Scored) -> float:
    """Root mean square error ``sqrt(mean (x - f)^2)``, in the unit of the target."""
    return float(np.sqrt(_mean((scored.actual - scored.mean) ** 2)))


@metric()
def bias(scored: Scored) -> float:
    """Mean error ``mean (f - x)``, in the unit of the target; above 0 the forecast is too high."""
    return _mean(scored.mean - scored.actual)


@metric("share")
def wape(scored: Scored) -> float:
    """Weighted absolute percentage error ``sum |x - f| / sum |x|``, a share; NaN for a target of zeros.

    Source: Kolassa & Schuetz (2007), Foresight 6.
    """
    total = float(np.nansum(np.abs(scored.actual)))
    return float(np.nansum(np.abs(scored.actual - scored.mean))) / total if total > 0 else NONE


@metric("share")
def smape(scored: Scored) -> float:
    """Symmetric absolute percentage error ``mean 2 |x - f| / (|x| + |f|)``, 0 to 2; 0 where both are 0.

    Source: Makridakis et al. (2020), M4 competition, International Journal of Forecasting 36(1).
    """
    size = np.abs(scored.actual) + np.abs(scored.mean)
    return _mean(np.where(size == 0, 0.0, 2 * np.abs(scored.actual - scored.mean) / np.where(size == 0, 1.0, size)))


@metric("ratio")
def mase(scored: Scored) -> float:
    """Mean absolute scaled error: by window and item ``mean |x - f| / scale``, then the mean of these.

    Source: Hyndman & Koehler (2006), International Journal of Forecasting 22(4).
    """
    return _scaled(np.abs(scored.actual - scored.mean), scored.scale)


@metric("ratio")
def mase_long(scored: Scored) -> float:
    """MASE against the naive of the longest season, such as last week; NaN where there is but one season."""
    return NONE if scored.long_scale is None else _scaled(np.abs(scored.actual - scored.mean), scored.long_scale)


@metric("ratio")
def rmsse(scored: Scored) -> float:
    """Root mean squared scaled error: by window and item ``sqrt(mean (x - f)^2 / square scale)``, then the mean.

    Source: Makridakis et al. (2022), M5 accuracy competition, International Journal of Forecasting 38(4).
    """
    ratio = nan_mean((scored.actual - scored.mean) ** 2, axis=2) / _positive(scored.square_scale)
    return _mean(np.sqrt(ratio))


@metric()
def pinball(scored: Scored) -> float:
    """Mean pinball loss over the levels, ``max(q (x - f), (q - 1)(x - f))``, in the unit of the target.

    Source: Koenker & Bassett (1978), Econometrica 46(1).
    """
    return NONE if scored.quantiles is None else _mean(_pinball(scored))


@metric("share")
def wql(scored: Scored) -> float:
    """Weighted quantile loss ``2 sum pinball / sum |x|``, averaged over the levels, a share; NaN for zeros.

    Source: Salinas et al. (2020), DeepAR, International Journal of Forecasting 36(3).
    """
    total = float(np.nansum(np.abs(scored.actual)))
    if scored.quantiles is None or total <= 0:
        return NONE
    return float(2 * np.nansum(_pinball(scored)) / (total * len(scored.levels)))


@metric("ratio")
def sql(scored: Scored) -> float:
    """Scaled quantile loss: by window and item ``2 mean pinball / scale``, then the mean of these.

    Source: Makridakis et al. (2022), M5 uncertainty competition, International Journal of Forecasting 38(4).
    """
    return NONE if scored.quantiles is None else _scaled(2 * nan_mean(_pinball(scored), axis=3), scored.scale)


@metric()
def crps(scored: Scored) -> float:
    """Continuous ranked probability score ``2 integral of pinball over the levels``, in the unit of the target.

    By the midpoint rule: each level stands for what is nearer to it than to the next one, the outer ones for
    everything to 0 and to 1. For evenly spread levels it is twice the mean pinball loss.
    Source: Gneiting & Ranjan (2011), Journal of Business & Economic Statistics 29(3), equation 13.
    """
    if scored.quantiles is None:
        return NONE
    levels = np.array(scored.levels)
    edges = np.r_[0.0, (levels[1:] + levels[:-1]) / 2, 1.0]
    return _mean(2 * _pinball(scored) @ np.diff(edges))


@metric("share")
def coverage_80(scored: Scored) -> float:
    """Share of readings inside the central 80 % interval; right is 0.80. NaN without the levels 0.1 and 0.9."""
    return coverage(scored, 0.8)


@metric()
def width_80(scored: Scored) -> float:
    """Mean width of the central 80 % interval, in the unit of the target, at the steps that have a reading."""
    band = _band(scored, 0.8)
    return NONE if band is None else _mean(np.where(np.isfinite(scored.actual), band[1] - band[0], np.nan))


@metric("ratio")
def msis_80(scored: Scored) -> float:
    """Mean scaled interval score of the central 80 % interval ``(l, u)``, ``a = 0.2``.

    By window and item the mean of ``(u - l) + 2 / a (l - x) if x < l + 2 / a (x - u) if x > u``, over the scale;
    then the mean of these. Source: Gneiting & Raftery (2007), Journal of the American Statistical Association
    102(477); scaled as in the M4 competition.
    """
    band = _band(scored, 0.8)
    if band is None:
        return NONE
    low, high, x = *band, scored.actual
    missed = np.maximum(low - x, 0.0) + np.maximum(x - high, 0.0)
    return _scaled(np.where(np.isfinite(x), high - low, np.nan) + 2 / 0.2 * missed, scored.scale)


@metric("share")
def peak_size(scored: Scored) -> float:
    """Error of the highest step of a day, ``sum |max x - max f| / sum |max x|``."""
    x, f = days(scored)
    return _share(x.max(axis=1), f.max(axis=1)) if x.size else NONE


@metric("h")
def peak_hour(scored: Scored) -> float:
    """Hours by which the highest step of a day is missed, mean of ``|argmax x - argmax f|``; the first of equals."""
    x, f = days(scored)
    return NONE if not x.size else _mean(np.abs(x.argmax(axis=1) - f.argmax(axis=1)) * 24.0 / scored.day)


@metric("share")
def day_total(scored: Scored) -> float:
    """Error of the total of a day, ``sum |X - F| / sum |X|`` with ``X`` the sum of its readings."""
    x, f = days(scored)
    return _share(x.sum(axis=1), f.sum(axis=1)) if x.size else NONE


@metric("as the prices")
def cost(scored: Scored) -> float:
    """What the errors cost a step, ``mean (a max(x - f, 0) + b max(f - x, 0))`` with the two prices of the user.

    ``a`` is paid for each unit forecast too little, ``b`` for each unit too much; NaN without prices. The quantile
    at level ``a / (a + b)`` is the forecast that costs least. Source: Granger (1969), OR Quarterly 20(2).
    """
    if scored.costs is None:
        return NONE
    less, more = scored.costs
    error = scored.actual - scored.mean
    return _mean(less * np.maximum(error, 0.0) + more * np.maximum(-error, 0.0))


def days(scored: Scored) -> tuple[FloatArray, FloatArray]:
    """Readings and forecasts of the whole days of the horizon that have no gap. ``[D, steps of a day]`` each."""
    number = scored.mean.shape[2] // scored.day if scored.day > 1 else 0
    x, f = (values[:, :, : number * scored.day].reshape(-1, scored.day) for values in (scored.actual, scored.mean))
    whole = np.isfinite(x).all(axis=1) & np.isfinite(f).all(axis=1)
    return x[whole], f[whole]


def coverage(scored: Scored, nominal: float) -> float:
    """Share of readings inside the central interval of a nominal coverage, or NaN without its two levels."""
    inside = inside_interval(scored, nominal)
    return NONE if inside is None else _mean(inside)


def inside_interval(scored: Scored, nominal: float) -> FloatArray | None:
    """1 where a reading lies inside the central interval, 0 outside, NaN at gaps. ``[C, N, H]``."""
    band = _band(scored, nominal)
    if band is None:
        return None
    inside = (scored.actual >= band[0]) & (scored.actual <= band[1])
    return np.where(np.isfinite(scored.actual), inside, np.nan)


def _band(scored: Scored, nominal: float) -> tuple[FloatArray, FloatArray] | None:
    """Edges of the central interval of a nominal coverage, or None without its two levels. ``[C, N, H]`` each."""
    low, high = (_level_index(scored.levels, level) for level in ((1 - nominal) / 2, (1 + nominal) / 2))
    if scored.quantiles is None or low is None or high is None:
        return None
    return scored.quantiles[..., low], scored.quantiles[..., high]


def _pinball(scored: Scored) -> FloatArray:
    assert scored.quantiles is not None
    error = scored.actual[..., None] - scored.quantiles
    levels = np.array(scored.levels)
    return np.maximum(levels * error, (levels - 1) * error)


def _level_index(levels: tuple[float, ...], level: float) -> int | None:
    near = [index for index, found in enumerate(levels) if abs(found - level) < 1e-9]
    return near[0] if near else None


def _scaled(loss: FloatArray, scale: FloatArray) -> float:
    """Mean over windows and items of the mean loss of each over its scale; losses are ``[C, N, H]``."""
    return _mean(nan_mean(loss, axis=2) / _positive(scale))


def _share(x: FloatArray, f: FloatArray) -> float:
    total = float(np.abs(x).sum())
    return float(np.abs(x - f).sum()) / total if total > 0 else NONE


def _mean(values: FloatArray) -> float:
    return float(nan_mean(values.ravel(), axis=0))


def nan_mean(values: FloatArray, axis: int) -> FloatArray:
    """Mean over the values there are, NaN where there is none, without numpy's warning."""
    found = np.isfinite(values)
    count = found.sum(axis=axis)
    return np.asarray(np.where(found, values, 0.0).sum(axis=axis) / np.where(count > 0, count, np.nan))


def _positive(scale: FloatArray) -> FloatArray:
    return np.where(scale > 0, scale, np.nan)
