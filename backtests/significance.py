"""Whether one forecast is better than another, or luck would do.

Losses are means over a day (``backtests.backtest.daily_losses``): errors of neighbouring hours are one story. Those
of days are still correlated, as a hot week is hard for a week. Every method here allows for that, and its size is
checked by simulation: between equal forecasts a test at 5 % says "different" in 5 % of cases, not in 15.

Letters: D days, M forecasters, B draws of the bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray

#: How the variance of a mean of correlated losses is estimated.
Kernel = Literal["cosine", "bartlett", "rectangular"]
#: Level of the tests: a difference that luck makes more often than this is no difference.
LEVEL = 0.05
#: Fewest days a test is made on.
FEWEST_DAYS = 5
#: Fewest cosine waves a variance is made of, and those of each draw of a bootstrap.
FEWEST_WAVES, DRAWN_WAVES = 2, 4
#: Correlation from day to day that the variance is made right for: the upper side of what differences of daily
#: losses have (``docs/metrics.md``). Below it the test is a little careful.
USUAL_CORRELATION = 0.35
#: Draws of the bootstrap, and the seed they start from.
DRAWS, SEED = 2000, 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A forecast against another on the same days.

    Attributes:
        difference: Mean loss of the one minus that of the other; below 0 the one is better.
        p_value: How often luck alone makes a difference as large, two-sided; NaN when there are too few days.
        skill: Share of the other's loss that is saved.
        low: Lower end of its 95 % interval.
        high: Upper end.
        days: Days they were compared on.
    """

    difference: float
    p_value: float
    skill: float
    low: float
    high: float
    days: int

    @property
    def better(self) -> bool:
        """Whether the one is better beyond luck."""
        return self.p_value < LEVEL and self.difference < 0

    @property
    def worse(self) -> bool:
        """Whether the one is worse beyond luck."""
        return self.p_value < LEVEL and self.difference > 0


def compare(losses: FloatArray, others: FloatArray, *, seed: int = SEED) -> Comparison:
    """Compare two series of daily losses. Days on which one has none are left out.

    Args:
        losses: Loss of the one on each day. ``[D]``
        others: Loss of the other on the same days. ``[D]``
        seed: Of the bootstrap.
    """
    found = np.isfinite(losses) & np.isfinite(others)
    mine, theirs = losses[found], others[found]
    low, high = skill_interval(mine, theirs, seed=seed)
    return Comparison(
        difference=float((mine - theirs).mean()) if found.any() else float("nan"),
        p_value=diebold_mariano(mine - theirs),
        skill=_skill(mine.sum(), theirs.sum()),
        low=low,
        high=high,
        days=int(found.sum()),
    )


def diebold_mariano(differences: FloatArray, *, overlap: int = 1, kernel: Kernel = "cosine") -> float:
    """P-value of "both are equally good", two-sided. Source: Diebold & Mariano (1995), J. Bus. Econ. Stat. 13(3).

    ``cosine``: variance from the lowest ``0.4 D^(2/3)`` cosine waves, at least two, and Student's t with as many
    degrees of freedom (Lazarus, Lewis, Stock & Watson (2018), J. Bus. Econ. Stat. 36(4)), enlarged by what these
    waves miss when days are correlated by 0.35 (compare Mueller (2014), J. Bus. Econ. Stat. 32(3)). It keeps
    its size when losses are correlated, which the other two do not. ``bartlett``, ``rectangular``: weighted
    autocovariances up to ``overlap - 1`` lags (``bartlett``: at least the cube root of ``D``), with the correction
    of Harvey, Leybourne & Newbold (1997), International Journal of Forecasting 13(2), equation 9, and Student's t
    with ``D - 1`` degrees of freedom.

    Args:
        differences: Loss of the one minus loss of the other, in order of time, without gaps. ``[D]``
        overlap: Consecutive losses that share readings: horizon over step, for losses of windows.
        kernel: See above.

    Raises:
        ConfigError: If there is no such kernel.
    """
    from scipy import stats

    if kernel not in get_args(Kernel):
        raise ConfigError(f"There is no kernel {kernel!r}.", fix=f"Known: {', '.join(get_args(Kernel))}.")
    count = len(differences)
    if count < FEWEST_DAYS or np.ptp(differences) == 0:
        return float("nan") if count < FEWEST_DAYS or differences[0] == 0 else 0.0
    if kernel == "cosine":
        freedom = _waves(count, overlap)
        variance = _excess(count, freedom, overlap) * float(np.mean((differences @ _cosines(count, freedom)) ** 2))
        correction = 1.0
    else:
        lags = min(max(overlap - 1, round(count ** (1 / 3)) if kernel == "bartlett" else 0), count - 2)
        variance, freedom = _lagged_variance(differences, lags, kernel), count - 1
        correction = np.sqrt((count - 1 - 2 * lags + lags * (lags + 1) / count) / count)
    if variance <= 0:  # the rectangular kernel may come out below 0: nothing can be said
        return 1.0
    statistic = correction * differences.mean() / np.sqrt(variance / count)
    return float(2 * stats.t.sf(abs(statistic), freedom))


def _waves(count: int, overlap: int) -> int:
    """Cosine waves: few enough to be longer than what the overlap correlates."""
    wanted: int = max(FEWEST_WAVES, round(0.4 * count ** (2 / 3)))
    return min(wanted, max(FEWEST_WAVES, count // (2 * overlap))) if overlap > 1 else wanted


@cache
def _excess(count: int, number: int, overlap: int) -> float:
    """How much more a mean varies than its lowest waves say, for days correlated as usual, or by their overlap.

    The lowest waves of a few days are not long enough to stand for the mean: between days correlated by 0.35 the
    mean of 20 varies by an eighth more than three of them say. In long series it is next to nothing.
    """
    from scipy.linalg import toeplitz

    lags, waves = np.arange(count), _cosines(count, number)
    correlation = toeplitz(np.maximum(USUAL_CORRELATION**lags, 1 - lags / overlap))
    return float(correlation.mean() * count / np.mean(np.sum(waves * (correlation @ waves), axis=0)))


def _cosines(count: int, waves: int) -> FloatArray:
    """Orthonormal cosine waves without the constant one. ``[D, waves]``."""
    phase = np.pi * (np.arange(count)[:, None] + 0.5) / count
    return np.asarray(np.sqrt(2 / count) * np.cos(phase * np.arange(1, waves + 1)))


def _lagged_variance(values: FloatArray, lags: int, kernel: Kernel) -> float:
    centred, count = values - values.mean(), len(values)
    variance = float(centred @ centred) / count
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1) if kernel == "bartlett" else 1.0
        variance += 2 * weight * float(centred[lag:] @ centred[:-lag]) / count
    return variance


def skill_interval(
    losses: FloatArray, others: FloatArray, *, level: float = 0.95, seed: int = SEED
) -> tuple[float, float]:
    """Interval of the share of the other's loss that is saved, by a moving block bootstrap.

    Blocks are joined at the ends (Politis & Romano 1992). Every draw is divided by its own spread, estimated as in
    ``diebold_mariano``: with plain percentiles the interval would be too short on a few weeks.
    Source: Goncalves & Vogelsang (2011), Econometric Theory 27(4).

    Args:
        losses: Loss of the one, without gaps. ``[D]``
        others: Loss of the other. ``[D]``
        level: Of the interval.
        seed: Of the draws.
    """
    count = len(losses)
    if count < FEWEST_DAYS or not others.sum() > 0:
        return float("nan"), float("nan")
    rows, waves = block_draws(count, seed=seed), _cosines(count, max(DRAWN_WAVES, _waves(count, 1)))
    skill, spread = _skill_and_spread(losses[None], others[None], waves)
    skills, spreads = _skill_and_spread(losses[rows], others[rows], waves)
    found = spreads > 0
    if not found.any():
        return float(skill[0]), float(skill[0])
    sides = np.quantile((skills[found] - skill) / spreads[found], [(1 + level) / 2, (1 - level) / 2])
    low, high = skill[0] - sides * spread[0]
    return float(low), float(high)


def _skill_and_spread(losses: FloatArray, others: FloatArray, waves: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Skill of each row and its standard error, by the delta method. ``[B]`` each."""
    means = others.mean(axis=1, keepdims=True)
    means = np.where(means > 0, means, np.nan)
    ratio = losses.mean(axis=1, keepdims=True) / means
    pull = (losses - ratio * others) / means
    return 1 - ratio[:, 0], np.sqrt(((pull @ waves) ** 2).mean(axis=1) / losses.shape[1])


def block_draws(count: int, *, draws: int = DRAWS, seed: int = SEED) -> IntArray:
    """Positions of ``draws`` resampled series, in blocks of about the square root of their length. ``[B, D]``."""
    block = max(1, min(count, round(count**0.5)))
    starts = np.random.default_rng(seed).integers(0, count, (draws, -(-count // block)))
    return np.asarray((starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :count] % count)


def confidence_set(losses: FloatArray, *, seed: int = SEED, draws: int = 1000) -> FloatArray:
    """P-value of each forecaster's being among the best; those at ``LEVEL`` or above cannot be told from the best.

    The worst one leaves as long as those left are not equally good, by the statistic ``T_max`` and a block bootstrap
    whose draws are divided by their own spread; a forecaster's p-value is the largest seen up to its leaving.
    Source: Hansen, Lunde & Nason (2011), The Model Confidence Set, Econometrica 79(2).

    Args:
        losses: Loss of each forecaster on each day, without gaps. ``[M, D]``
        seed: Of the bootstrap.
        draws: Of the bootstrap.

    Returns:
        P-values; that of the last one left is 1. ``[M]``
    """
    number, count = losses.shape
    values = np.ones(number)
    if count < FEWEST_DAYS:
        return values
    waves = _cosines(count, max(DRAWN_WAVES, _waves(count, 1)))
    rows = block_draws(count, draws=draws, seed=seed)
    drawn = losses[:, rows]
    means, waved = losses.mean(axis=1), losses @ waves
    noise, noise_waved = drawn.mean(axis=2) - means[:, None], drawn @ waves
    left, largest = list(range(number)), 0.0
    while len(left) > 1:
        found = _away(means[left], waved[left])
        by_luck = _away(noise[left], noise_waved[left]).max(axis=0)
        worst = int(np.argmax(found))
        largest = max(largest, float((by_luck >= found[worst]).mean()))
        values[left[worst]] = largest
        left.pop(worst)
    return values


def _away(means: FloatArray, waved: FloatArray) -> FloatArray:
    """How far each forecaster is above the mean of all, in units of that difference's own spread. ``[M, ...]``."""
    away, others = means - means.mean(axis=0), waved - waved.mean(axis=0)
    spread = np.sqrt((others**2).mean(axis=-1))
    return np.asarray(away / np.maximum(spread, np.finfo(float).tiny))


def _skill(loss: float, other: float) -> float:
    return float(1 - loss / other) if other > 0 else float("nan")
