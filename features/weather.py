"""What a load feels of the weather: its level, its bends, and how long it has lasted.

A building remembers the weather: the same 30 degrees mean more cooling on the third hot day than on the first.
``Climate`` keeps every variable as it is now, smoothed over hours to weeks, and its highest and lowest value of
the last day; over a horizon all of these go on from the weather as it could be forecast at the origin.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backtests.view import steps_per_day
from features.felt import felt
from features.lags import exponential_mean, fill_forward, take

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray, Past

#: Shares of the observations below the two bends: heating starts under one, cooling over the other.
BEND_SHARES = (0.3, 0.7)
#: Half-lives of the smoothed weather [h].
HALF_LIVES = {"3h": 3.0, "12h": 12.0, "1d": 24.0, "3d": 72.0, "14d": 336.0}
#: The weather as it is, and its extremes over the last day.
NOW, HIGH, LOW = "now", "high", "low"


def bends(past: Past) -> dict[str, FloatArray]:
    """Where the response to each variable may bend: quantiles of what was observed and known. ``[2]`` each."""
    end = past.cutoff + 1 - past.task.weather_delay
    seen = observed_weather(past)
    return past.once("bends", lambda: {name: _quantiles(values[:, : max(end, 0)]) for name, values in seen.items()})


def observed_weather(past: Past) -> dict[str, FloatArray]:
    """What was observed, and what is made of it. ``[N, T]`` each."""
    return past.once("observed", lambda: {**past.observed, **felt(past.observed)})


def weather_ahead(past: Past, origins: IntArray, horizon: int) -> dict[str, FloatArray]:
    """The weather as it could be forecast at each origin, and what is made of it. ``[C, N, H]`` each."""
    ahead = past.weather_ahead(origins, horizon)
    return ahead | felt(ahead)


def _quantiles(values: FloatArray) -> FloatArray:
    found = values[np.isfinite(values)]
    return np.quantile(found, BEND_SHARES) if len(found) else np.zeros(len(BEND_SHARES))


def basis(name: str, values: FloatArray, smooth: FloatArray, at: FloatArray) -> dict[str, FloatArray]:
    """Level, excess below and above the bends, and smoothed level of one variable, shaped as ``values``."""
    return {
        name: values,
        f"{name}_low": np.maximum(at[0] - values, 0.0),
        f"{name}_high": np.maximum(values - at[1], 0.0),
        f"{name}_smooth": smooth,
    }


def observed_basis(past: Past, at: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The basis of the observed weather. ``[N, T]`` each."""
    span = steps_per_day(past.task)
    columns: dict[str, FloatArray] = {}
    for name, values in observed_weather(past).items():
        if name in at:  # a model of before knew nothing of what is felt
            columns |= basis(name, values, exponential_mean(values, span), at[name])
    return columns


def forecast_basis(past: Past, origins: IntArray, horizon: int, at: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """The basis of the weather as it could be forecast at each origin. ``[C, N, H]`` each.

    The smoothed level goes on from the observations known at the origin.
    """
    span, delay = steps_per_day(past.task), past.task.weather_delay
    columns: dict[str, FloatArray] = {}
    observed = observed_weather(past)
    for name, ahead in weather_ahead(past, origins, horizon).items():
        if name not in at:
            continue
        start = take(exponential_mean(observed[name], span), origins - delay).T
        columns |= basis(name, ahead, exponential_mean(ahead, span, start), at[name])
    return columns


def climate_of(past: Past) -> Climate:
    """Weather and known covariates of one past, computed once for all who ask."""
    return past.once("climate", lambda: Climate(past))


class Climate:
    """Weather and known covariates of one past, as they are and as they are remembered; made by ``climate_of``.

    Args:
        past: What was known at a cutoff.
    """

    def __init__(self, past: Past) -> None:
        self.past, self.per_day = past, steps_per_day(past.task)

    @cached_property
    def series(self) -> dict[str, FloatArray]:
        """Known covariates over the grid ``[N, G]``, observed weather up to the cutoff ``[N, T]``."""
        weather = {} if self.past.task.weather_mode == "none" else observed_weather(self.past)
        return {**weather, **self.known}

    @cached_property
    def known(self) -> dict[str, FloatArray]:
        """Known covariates, and what is made of them. ``[N, G]`` each."""
        return {**self.past.known, **felt(self.past.known)}

    @cached_property
    def late(self) -> int:
        """Steps after which the newest of it is known [steps]."""
        return self.past.task.weather_delay if self.past.observed else 0

    @cached_property
    def memories(self) -> dict[str, dict[str, FloatArray]]:
        """By variable and memory, up to the cutoff or over the grid. ``[N, T]`` or ``[N, G]`` each."""
        return {name: remembered(values, self.per_day) for name, values in self.series.items()}

    def ahead(self, origins: IntArray) -> dict[str, dict[str, FloatArray]]:
        """By variable and memory, over the horizon as known at each origin. ``[C, N, H]`` each."""
        horizon = self.past.task.horizon
        steps = origins[:, None] + np.arange(1, horizon + 1)
        found = {
            name: {kind: np.moveaxis(take(made, steps), 1, 0) for kind, made in self.memories[name].items()}
            for name in self.known
        }
        weather = weather_ahead(self.past, origins, horizon) if self.past.observed else {}
        return {name: self._continued(name, values, origins) for name, values in weather.items()} | found

    def _continued(self, name: str, ahead: FloatArray, origins: IntArray) -> dict[str, FloatArray]:
        """Memories that go on from what was observed at each origin. ``[C, N, H]`` each."""
        observed, known = self.memories[name], origins - self.late
        found = {NOW: ahead}
        for kind, span in _spans(self.per_day).items():
            found[kind] = exponential_mean(ahead, span, take(observed[kind], known).T)
        if HIGH in observed:
            lately = take(observed[NOW], known[:, None] + np.arange(2 - self.per_day, 1))
            joined = np.concatenate([np.moveaxis(lately, 0, 1), ahead], axis=2)
            found[HIGH], found[LOW] = (
                extreme[..., self.per_day - 1 :] for extreme in _extremes(joined, self.per_day)
            )
        return found


def remembered(values: FloatArray, per_day: int) -> dict[str, FloatArray]:
    """A variable as it is, smoothed, and its extremes over the last day; none looks ahead. ``[..., T]`` each."""
    found = {NOW: fill_forward(values)}
    found |= {kind: exponential_mean(values, span) for kind, span in _spans(per_day).items()}
    if per_day > 1:
        found[HIGH], found[LOW] = _extremes(values, per_day)
    return found


def _spans(per_day: int) -> dict[str, float]:
    """Spans of the exponential means, of those that are longer than half a step [steps]."""
    steps = {kind: hours * per_day / 24 for kind, hours in HALF_LIVES.items()}
    return {kind: 1 / (1 - 0.5 ** (1 / half)) for kind, half in steps.items() if half >= 0.5}


def _extremes(values: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Highest and lowest of the last ``length`` values, over those there are. ``[..., T]`` each.

    Every pass doubles the values that are looked at. The filters of SciPy take longer to load than this to run.
    """
    high, low = (np.where(np.isfinite(values), values, bound) for bound in (-np.inf, np.inf))
    reach = 1
    while reach < length:
        by = min(reach, length - reach)
        high[..., by:] = np.maximum(high[..., by:], high[..., :-by])
        low[..., by:] = np.minimum(low[..., by:], low[..., :-by])
        reach += by
    return np.where(np.isfinite(high), high, np.nan), np.where(np.isfinite(low), low, np.nan)
