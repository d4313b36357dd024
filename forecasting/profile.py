"""What a history is like, in numbers: they choose what is tried first, and describe the task to later ones.

Letters: N items, T readings, P phases of a season, W weather variables, K knots.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.grid import parse_step, steps_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backtests.view import FloatArray, IntArray, Past, View

#: How often a season must have been seen; those of a year, of which nobody has many, twice.
TIMES_SEEN, TIMES_SEEN_YEARLY = 3, 2
#: Share of the variance a season must explain to be one, when readings are there to tell.
WORTH_IT = 0.01
#: A logarithm is safe when the lowest reading is above this share of the median.
LOG_SAFE = 0.05
#: Steps over which the level is taken where there is no season to take it over.
LEVEL_STEPS = 7
#: Knots of the curve through which a weather variable acts, at even quantiles, and items looked at for it.
KNOTS, WEATHER_ITEMS = 6, 30


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a history is like. Shares of variance lie between 0 and 1; of a panel the items' median is given.

    Attributes:
        length: Steps of the history.
        items: Items.
        freq: The step.
        seasonality: Seasons [steps].
        strength: By season, the share of variance that its mean profile explains, once the level is taken off.
        trend: Share of variance that a straight line explains.
        growth: Change of that line over the history, as a share of the level.
        zeros: Share of readings that are 0.
        demand_interval: Steps for each reading that is not 0 (the ADI of intermittent demand).
        noise: Share of variance that neither level nor season explains.
        persistence: Correlation of that rest with itself one step before.
        naive_error: Mean absolute change over one season, as a share of the mean absolute reading.
        missing: Share of steps without a reading, from the first of an item on.
        touches_zero: Whether any reading is 0.
        ever_negative: Whether any reading is below 0.
        log_safe: Whether every item stays above 5 % of its median.
        weather_sensitivity: Share of the variance left by the season that weather explains; 0 without weather.
        level: Median reading.
        scale: Standard deviation of the readings.
    """

    length: int
    items: int
    freq: str
    seasonality: tuple[int, ...]
    strength: Mapping[int, float]
    trend: float
    growth: float
    zeros: float
    demand_interval: float
    noise: float
    persistence: float
    naive_error: float
    missing: float
    touches_zero: bool
    ever_negative: bool
    log_safe: bool
    weather_sensitivity: float
    level: float
    scale: float

    def numbers(self) -> dict[str, float]:
        """All of it as finite numbers by name, for JSON; seasons as ``season_1``, ``strength_1`` and so on."""
        flat = {name: value for name, value in asdict(self).items() if isinstance(value, int | float)}
        for rank, season in enumerate(self.seasonality, 1):
            flat[f"season_{rank}"] = season
            flat[f"strength_{rank}"] = self.strength[season]
        flat["step_hours"] = _typical_step(self.freq) / pd.Timedelta(hours=1)
        return {name: float(value) for name, value in flat.items()}


def find_seasonality(freq: str, length: int, values: FloatArray | None = None) -> tuple[int, ...]:
    """Seasons the calendar suggests for a step, shortest first; ``(1,)`` when there is none.

    The day and the week for steps shorter than a day, the week for days, the year for weeks and longer.

    Args:
        freq: The step.
        length: Steps of the history. A season must have been seen three times, that of a year twice.
        values: Readings, ``[T]`` or ``[N, T]``. When given, a season must also explain at least 1 % of the
            variance more than the shorter ones do, in every second stretch of readings from the others.

    Raises:
        ConfigError: If the step does not exist.
    """
    seasons = [season for season, times in _calendar_seasons(freq) if length >= times * season]
    if values is None or not seasons:
        return tuple(seasons) or (1,)
    detrended = _less_level(_within_reason(np.atleast_2d(values)), max(seasons))
    kept, explained = [], 0.0
    for season in seasons:
        share = _explained_elsewhere(detrended, season, max(seasons))
        if share > explained + WORTH_IT:
            kept.append(season)
            explained = share
    return tuple(kept) or (1,)


def _within_reason(x: FloatArray) -> FloatArray:
    """Readings, the lowest and highest half percent of each item drawn in: one spike would outweigh all seasons."""
    x = x[np.isfinite(x).any(axis=1)]
    low, high = np.nanquantile(x, (0.005, 0.995), axis=1, keepdims=True)
    return np.clip(x, low, high)


def _calendar_seasons(freq: str) -> list[tuple[int, int]]:
    """Seasons of a step, shortest first, and how often each must have been seen."""
    step = parse_step(freq)
    offsets = pd.offsets
    if isinstance(step, offsets.Tick | offsets.Day):
        spans, times = [steps_in("1D", freq), steps_in("7D", freq)], TIMES_SEEN
    elif isinstance(step, offsets.BusinessDay):
        spans, times = [5 / step.n], TIMES_SEEN
    elif isinstance(step, offsets.Week):
        spans, times = [52 / step.n], TIMES_SEEN_YEARLY
    elif isinstance(step, offsets.MonthBegin | offsets.MonthEnd):
        spans, times = [12 / step.n], TIMES_SEEN_YEARLY
    elif isinstance(step, offsets.QuarterBegin | offsets.QuarterEnd):
        spans, times = [4 / step.n], TIMES_SEEN_YEARLY
    else:
        return []
    return [(int(span), times) for span in spans if span > 1 and span == int(span)]


def profile(view: View) -> Profile:
    """What a history is like, by the readings known at its end."""
    past = view.past_at(view.last)
    seasons = view.task.seasonality
    begun = np.flatnonzero(np.isfinite(past.readings).any(axis=1))
    x = past.readings[begun]
    known = np.isfinite(x)
    detrended = _less_level(x, max(*seasons, LEVEL_STEPS))
    rest = detrended - _season_means(detrended, max(seasons))
    trend, growth = _line(x)
    median = np.nanmedian(x, axis=1)
    return Profile(
        length=x.shape[1],
        items=len(view.items),
        freq=view.task.freq,
        seasonality=seasons,
        strength={season: _explained(detrended, season) for season in seasons},
        trend=trend,
        growth=growth,
        zeros=float((x == 0).sum() / known.sum()),
        demand_interval=float(known.sum() / max(1, (known & (x != 0)).sum())),
        noise=_middle(_ratio(np.nanvar(rest, axis=1), np.nanvar(x, axis=1))),
        persistence=_persistence(rest),
        naive_error=_middle(_ratio(_mean_size(x[:, seasons[0] :] - x[:, : -seasons[0]]), _mean_size(x))),
        missing=float(1 - known.sum() / (x.shape[1] - np.argmax(known, axis=1)).sum()),
        touches_zero=bool((x == 0).any()),
        ever_negative=bool((x < 0).any()),
        log_safe=bool((np.nanmin(x, axis=1) > LOG_SAFE * median).all() and (median > 0).all()),
        weather_sensitivity=_weather_sensitivity(past, begun),
        level=_middle(median),
        scale=_middle(np.nanstd(x, axis=1)),
    )


def _middle(shares: FloatArray) -> float:
    """The median over the items for which there is a number, 0 when there is none."""
    finite = shares[np.isfinite(shares)]
    return float(np.median(finite)) if len(finite) else 0.0


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    shares: FloatArray = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return shares


def _mean_size(values: FloatArray) -> FloatArray:
    """Mean absolute value of each row, NaN for a row without any. ``[N]``."""
    return _ratio(np.nansum(np.abs(values), axis=1), np.isfinite(values).sum(axis=1).astype(float))


def _less_level(x: FloatArray, width: int) -> FloatArray:
    """Readings less their centred moving mean. ``[N, T]``."""
    known = np.isfinite(x)
    total = np.cumsum(np.pad(np.where(known, x, 0.0), ((0, 0), (1, 0))), axis=1)
    count = np.cumsum(np.pad(known, ((0, 0), (1, 0))), axis=1)
    steps = np.arange(x.shape[1])
    low, high = np.maximum(0, steps - width // 2), np.minimum(x.shape[1], steps + width // 2 + 1)
    level: FloatArray = (total[:, high] - total[:, low]) / np.maximum(1, count[:, high] - count[:, low])
    return x - level


def _season_means(x: FloatArray, season: int, use: FloatArray | None = None) -> FloatArray:
    """Mean of the readings of the same phase, at every step; 0 where there are none. ``[N, T]``.

    Args:
        x: Values. ``[N, T]``
        season: Steps in the season.
        use: Weight of each step, 1 everywhere when None. ``[T]``
    """
    phase = np.arange(x.shape[1]) % season
    known = np.isfinite(x) * (1.0 if use is None else use)
    cell = (np.arange(len(x))[:, None] * season + phase).ravel()
    total = np.bincount(cell, (np.nan_to_num(x) * known).ravel(), len(x) * season)
    count = np.bincount(cell, known.ravel(), len(x) * season)
    means = np.divide(total, count, out=np.zeros(len(total)), where=count > 0)
    return means.reshape(len(x), season)[:, phase]


def _explained(detrended: FloatArray, season: int) -> float:
    """Share of variance explained by the mean profile, adjusted for its number of phases (adjusted R2)."""
    known = np.isfinite(detrended).sum(axis=1).astype(float)
    rest = np.nansum((detrended - _season_means(detrended, season)) ** 2, axis=1)
    whole = np.nansum((detrended - np.nanmean(detrended, axis=1, keepdims=True)) ** 2, axis=1)
    share = 1 - _ratio(rest, whole) * _ratio(known - 1, known - season)
    return max(0.0, _middle(share))


def _explained_elsewhere(detrended: FloatArray, season: int, block: int) -> float:
    """Share of variance a profile explains in stretches other than those it was made from."""
    even = (np.arange(detrended.shape[1]) // block % 2).astype(float)
    foretold = np.where(even == 1, *(_season_means(detrended, season, use) for use in (1 - even, even)))
    rest = np.nansum((detrended - foretold) ** 2, axis=1)
    return _middle(1 - _ratio(rest, np.nansum(detrended**2, axis=1)))


def _line(x: FloatArray) -> tuple[float, float]:
    """Share of variance explained by a straight line, and its change over the history as a share of the level."""
    known = np.isfinite(x)
    count = known.sum(axis=1)
    at = np.where(known, np.linspace(0, 1, x.shape[1]), np.nan)
    at = at - np.nanmean(at, axis=1, keepdims=True)
    away = x - np.nanmean(x, axis=1, keepdims=True)
    slope = _ratio(np.nansum(at * away, axis=1), np.nansum(at**2, axis=1))
    share = _ratio(slope**2 * np.nansum(at**2, axis=1), np.nansum(away**2, axis=1))
    return _middle(share[count > 1]), _middle(_ratio(slope, _mean_size(x)))


def _persistence(rest: FloatArray) -> float:
    """Correlation of neighbours."""
    pairs = np.nansum(rest[:, 1:] * rest[:, :-1], axis=1)
    both = np.isfinite(rest[:, 1:] + rest[:, :-1])
    sizes = [np.where(both, part, 0.0) ** 2 for part in (rest[:, 1:], rest[:, :-1])]
    return _middle(_ratio(pairs, np.sqrt(sizes[0].sum(axis=1) * sizes[1].sum(axis=1))))


def _weather_sensitivity(past: Past, items: IntArray) -> float:
    """Share of the variance left by the season that curves of the weather variables explain (adjusted R2)."""
    if not past.observed:
        return 0.0
    season = max(past.task.seasonality)
    shares = []
    for item in items[np.unique(np.linspace(0, len(items) - 1, WEATHER_ITEMS).astype(int))]:
        columns = [curve for values in past.observed.values() for curve in _curves(values[item])]
        if columns:
            shares.append(_fit(past.readings[item], np.stack(columns), season))
    return max(0.0, _middle(np.array(shares)))


def _curves(values: FloatArray) -> list[FloatArray]:
    """A variable as piecewise linear curves: one for each knot but the first, none when it does not vary.

    Each is 1 at its own knot and 0 at the others, so that their sum can bend at every knot.
    """
    if not np.isfinite(values).any():
        return []
    knots = np.unique(np.nanquantile(values, np.linspace(0, 1, KNOTS)))
    inside = np.where(np.isfinite(values), values, knots[0])
    hats = [np.interp(inside, knots, row) for row in np.eye(len(knots))[1:]]
    return [np.where(np.isfinite(values), hat, np.nan) for hat in hats]


def _fit(x: FloatArray, columns: FloatArray, season: int) -> float:
    """Share of the variance of readings that columns explain, both less their season; NaN when too few."""
    known = np.isfinite(x) & np.isfinite(columns).all(axis=0)
    together = np.where(known, np.vstack([x, columns]), np.nan)
    rest = (together - _season_means(together, season))[:, known]
    spare = int(known.sum()) - season - len(columns)
    if spare <= 0:
        return float("nan")
    target, design = rest[0], rest[1:].T
    left = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    whole = float(target @ target)
    return 1 - float(left @ left) / whole * (spare + len(columns)) / spare if whole > 0 else float("nan")


def _typical_step(freq: str) -> pd.Timedelta:
    stamps = pd.date_range("2001-01-01", periods=5, freq=freq)
    return (stamps[-1] - stamps[0]) / 4
