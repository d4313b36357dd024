"""The deviation of a series from its own seasonal profile: the target and the regressors of the linear core.

A load repeats itself; what is left to forecast is how far it departs from its profile. Regressors are recent
departures, the departures at the same hour of recent days and weeks, and the departure of every covariate from
its own profile, so that a cold spell last month is accounted for on both sides. A missing reading is a departure
of zero: it is imputed by the profile. So is a holiday, which is as unlike the day after it as the day before.

Shapes: N items, T readings, G stamps of the grid, C origins, S steps, L lags, K regressors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from backtests.past import same_arrays
from backtests.view import steps_per_day
from features.calendar import calendar_columns, holiday_columns, without_holidays
from features.lags import (
    back,
    clock_margin,
    clock_shift,
    fill_forward,
    lag_tensor,
    profile,
    rolling_mean,
    seasons_back,
    take,
)
from features.parts import CALENDAR, COVARIATES, RECENT, WEATHER, part_of_known
from features.weather import forecast_basis, observed_basis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from backtests.view import FloatArray, IntArray, Past

#: Values of regressors that are worked on at a time: about what a core keeps near.
MOST_AT_A_TIME = 250_000


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How the profile is made and what the regressors are.

    Attributes:
        period: Season of the profile [steps].
        depth: Seasons it averages.
        decay: Weight of a season against the one after it.
        recent: Departures of the last season among the regressors, at most.
        days: Departures at the same phase of the shortest season.
        weeks: Departures at the same phase of the longest season.
        holidays: Whether holidays are regressors.
        weather: Whether weather is.
        blend: Whether what the task's other seasons say is: their profiles, and the reading at the same phase.
    """

    period: int
    depth: int = 6
    decay: float = 0.75
    recent: int = 24
    days: int = 4
    weeks: int = 2
    holidays: bool = True
    weather: bool = True
    blend: bool = False


def deviation_of(past: Past, shape: Shape, bends: Mapping[str, FloatArray]) -> Deviation:
    """Profiles and departures of one past, computed once for all who ask for the same.

    Args:
        past: What was known at a cutoff.
        shape: How to make the profile.
        bends: Bends of the weather response, from the fit (``features.weather.bends``).
    """
    return past.once(("deviation", shape, same_arrays(bends)), lambda: Deviation(past, shape, bends))


class Deviation:
    """Profiles and departures of one past; made by ``deviation_of``.

    Args:
        past: What was known at a cutoff.
        shape: How to make the profile.
        bends: Bends of the weather response, from the fit (``features.weather.bends``).
    """

    def __init__(self, past: Past, shape: Shape, bends: Mapping[str, FloatArray]) -> None:
        self.past, self.shape, self.bends = past, shape, dict(bends)
        self.length = past.readings.shape[1]
        self.shift = clock_shift(past.grid, past.task)
        self.margin = clock_margin(past.task)
        self.skips = seasons_back(past.task.horizon, shape.period, self.margin)

    def profile_of(self, series: FloatArray, skip: int) -> FloatArray:
        """Profile of any series that is known up to the cutoff. ``[N, G]``."""
        shape = self.shape
        return profile(series, shape.period, depth=shape.depth, decay=shape.decay, skip=skip, shift=self.shift)

    def profiles_of(self, series: FloatArray, late: int = 0) -> dict[int, FloatArray]:
        """Profiles by how many periods back a newest reading is; ``late``: periods the series is known later."""
        return {int(skip): self.profile_of(series, int(skip) + late) for skip in np.unique([1, *self.skips])}

    @cached_property
    def usual(self) -> FloatArray:
        """Readings that the profile and the departures are made of. ``[N, T]``."""
        return self.past.readings if self.holiday is None else without_holidays(self.past)

    @cached_property
    def profiles(self) -> dict[int, FloatArray]:
        """Profiles of the target; where no season is known yet, the mean of what there is. ``[N, G]`` each."""
        level = fill_forward(rolling_mean(self.usual, max(self.past.task.seasonality)))
        found = {}
        for skip, made in self.profiles_of(self.usual).items():
            older = take(level, np.arange(made.shape[1]) - self.shape.period * skip)
            found[skip] = np.where(np.isnan(made), older, made)
        return found

    def other_profile(self, season: int, skip: int) -> FloatArray:
        """Profile of the target over another season of the task. ``[N, G]``."""
        key = (season, skip)
        if key not in self._others:
            self._others[key] = profile(self.usual, season, depth=14, decay=0.9, skip=skip, shift=self.shift)
        return self._others[key]

    @cached_property
    def _others(self) -> dict[tuple[int, int], FloatArray]:
        return {}

    @cached_property
    def departures(self) -> FloatArray:
        """Readings less the profile that was known before each; 0 where either is missing. ``[N, T]``."""
        return np.nan_to_num(self.usual - self.profiles[1][:, : self.length])

    @cached_property
    def lagged(self) -> FloatArray:
        """Departures by position and lag from 0 on, as far back as any regressor looks. ``[N, T, L]``."""
        task, shape = self.past.task, self.shape
        return lag_tensor(self.departures, max(task.season * shape.days, task.seasonality[-1] * shape.weeks))

    @cached_property
    def covariate_profiles(self) -> dict[str, dict[int, FloatArray]]:
        """Profiles of the covariates that are known or forecast ahead, by name and skip."""
        series = {name: values[:, : self.length] for name, values in self.past.known.items()}
        found = {name: self.profiles_of(values) for name, values in series.items()}
        if self.shape.weather and self.past.task.weather_mode != "none":
            late = -(-self.past.task.weather_delay // self.shape.period)
            observed = observed_basis(self.past, self.bends)
            found |= {name: self.profiles_of(values, late) for name, values in observed.items()}
        return found

    @cached_property
    def holiday(self) -> FloatArray | None:
        """Public holidays of the grid as 0/1, or None when they are no regressor. ``[1, G]``."""
        flags = holiday_columns(self.past.grid, self.past.task) if self.shape.holidays else {}
        weekly = self.shape.period % (7 * steps_per_day(self.past.task)) == 0
        return flags["holiday"][None, :] if flags and weekly else None


def recent_lags(season: int, most: int) -> IntArray:
    """Lags over the last season, all of them or ``most``, dense where they are recent. ``[<= most]``."""
    if season <= most:
        return np.arange(max(season, 1))
    dense = most // 3
    return np.unique(np.r_[np.arange(dense), np.round(np.linspace(dense, season - 1, most - dense))]).astype(
        np.int64
    )


class Rows:
    """Base and regressors at some origins, by step.

    S are some of the steps of the horizon, numbered from 1.

    Args:
        deviation: Profiles and departures of a past.
        origins: Positions to look back from. ``[C]``
    """

    def __init__(self, deviation: Deviation, origins: IntArray) -> None:
        self.deviation, self.origins = deviation, origins
        self.past, self.shape = deviation.past, deviation.shape

    @property
    def steps(self) -> IntArray:
        """All steps of the horizon. ``[H]``."""
        return np.arange(1, self.past.task.horizon + 1)

    def batches(self) -> list[IntArray]:
        """The steps, as many at a time as have regressors of a size that is fast to work on."""
        size = len(self.origins) * len(self.past.items) * self._width
        return np.array_split(self.steps, -(-len(self.steps) // max(1, MOST_AT_A_TIME // max(1, size))))

    def base(self, steps: IntArray) -> FloatArray:
        """Profile at some steps after each origin; the last reading where there is none. ``[S, N, C]``."""
        made = self._at_skips(self.deviation.profiles.__getitem__, self.deviation.skips[steps - 1], steps)
        return np.where(np.isnan(made), self._last, made)

    def base_ahead(self) -> FloatArray:
        """Profile over the horizon after each origin. ``[C, N, H]``."""
        return self.base(self.steps).T

    def regressors(self, steps: IntArray, base: FloatArray) -> FloatArray:
        """Regressors for some steps after each origin, 0 where nothing is known. ``[S, N, C, K]``.

        Args:
            steps: The steps. ``[S]``
            base: The base at them. ``[S, N, C]``
        """
        columns = [self.change(name, steps) for name in self.ahead]
        if self.deviation.holiday is not None:
            columns.append(self._holiday(steps, base))
        if self.shape.blend:
            columns += self._blends(steps, base)
        recent, same_phase = self._recent, self._same_phase(steps)
        start = recent.shape[-1] + same_phase.shape[-1]
        found = np.empty((*base.shape, self._width))
        found[..., : recent.shape[-1]], found[..., recent.shape[-1] : start] = recent, same_phase
        for number, column in enumerate(columns, start):
            found[..., number] = np.nan_to_num(column)
        return found

    def parts(self) -> list[str]:
        """The part of the forecast that each regressor belongs to (``features.parts``). ``[K]``."""
        past_only, known = 2 * len(self.past.past), self.past.known
        return [
            *[RECENT] * (self._recent.shape[2] - past_only),
            *[COVARIATES] * past_only,
            *[RECENT] * len(self._phases),
            *[part_of_known(known[name]) if name in known else WEATHER for name in self.ahead],
            *[CALENDAR] * (self.deviation.holiday is not None),
            *[RECENT] * (2 * len(self._others) if self.shape.blend else 0),
        ]

    @cached_property
    def ahead(self) -> dict[str, FloatArray]:
        """Covariates over the horizon as known at each origin. ``[C, N, H]`` each."""
        horizon = self.past.task.horizon
        steps = self.origins[:, None] + self.steps
        found = {name: np.moveaxis(take(values, steps), 1, 0) for name, values in self.past.known.items()}
        if self.shape.weather:
            found |= forecast_basis(self.past, self.origins, horizon, self.deviation.bends)
        return found

    @cached_property
    def _last(self) -> FloatArray:
        return np.nan_to_num(take(fill_forward(self.past.readings), self.origins))

    @cached_property
    def _recent(self) -> FloatArray:
        """Latest departures, their means over each season, and where past covariates stand. ``[N, C, K]``."""
        departures = self.deviation.departures
        columns = [take(rolling_mean(departures, n), self.origins) for n in self.past.task.seasonality]
        for values in self.past.past.values():
            usual = rolling_mean(values, 4 * max(self.past.task.seasonality))
            levels = (fill_forward(values), rolling_mean(values, self.past.task.season))
            columns += [take(level - usual, self.origins) for level in levels]
        lags = recent_lags(self.past.task.season, self.shape.recent)
        last = back(self.deviation.lagged, self.origins, lags)
        return np.concatenate([last, np.nan_to_num(np.stack(columns, axis=2))], axis=2)

    @property
    def _width(self) -> int:
        """Number of regressors: K."""
        own = self._recent.shape[2] + len(self._phases) + len(self.ahead)
        return own + (self.deviation.holiday is not None) + 2 * len(self._others) * self.shape.blend

    @property
    def _others(self) -> list[int]:
        """Seasons other than that of the profile."""
        return [season for season in self.past.task.seasonality if season != self.shape.period]

    @cached_property
    def _phases(self) -> list[tuple[int, int]]:
        """Seasons and how many of them back the same phase is looked at."""
        short, long = self.past.task.season, self.past.task.seasonality[-1]
        counts = {short: self.shape.days} if short == long else {short: self.shape.days, long: self.shape.weeks}
        return [(season, k) for season, count in counts.items() for k in range(count)]

    def _same_phase(self, steps: IntArray) -> FloatArray:
        """Departures at the phase of each step, some days and weeks back. ``[S, N, C, days + weeks]``."""
        lags = [season * (-(-steps // season) + k) - steps for season, k in self._phases]
        return np.moveaxis(back(self.deviation.lagged, self.origins, np.stack(lags, axis=1)), 2, 0)

    def _at_skips(self, profile_of: Callable[[int], FloatArray], skips: IntArray, steps: IntArray) -> FloatArray:
        """The profile that was known for each step, from profiles by how far back they look. ``[S, N, C]``."""
        found = np.empty((len(steps), len(self.past.items), len(self.origins)))
        for skip in np.unique(skips):
            own = skips == skip
            found[own] = self.targets(profile_of(int(skip)), steps[own])
        return found

    def targets(self, series: FloatArray, steps: IntArray) -> FloatArray:
        """A series at some steps after each origin, NaN where there is none. ``[S, N, C]``."""
        return take(series, self.origins + steps[:, None]).swapaxes(0, 1)

    def change(self, name: str, steps: IntArray) -> FloatArray:
        """A covariate at some steps less its own profile. ``[S, N, C]``."""
        profiles = self.deviation.covariate_profiles[name]
        usual = self._at_skips(profiles.__getitem__, self.deviation.skips[steps - 1], steps)
        return self.ahead[name][:, :, steps - 1].T - usual

    def _blends(self, steps: IntArray, base: FloatArray) -> list[FloatArray]:
        """What other seasons expect, against the profile: their own, and the latest reading. ``[S, N, C]`` each."""
        found = []
        for season in self._others:
            skips = -(-(steps + self.deviation.margin) // season)
            found.append(self._at_skips(partial(self.deviation.other_profile, season), skips, steps) - base)
            found.append(self.targets(self.past.readings, steps - season * -(-steps // season)) - base)
        return found

    def _holiday(self, steps: IntArray, base: FloatArray) -> FloatArray:
        """Change from the profile to that of a Sunday, on holidays. ``[S, N, C]``."""
        assert self.deviation.holiday is not None
        flags = np.nan_to_num(self.targets(self.deviation.holiday, steps)[:, 0])
        found = np.zeros(base.shape)
        step, origin = np.nonzero(flags)
        change = self._sundays(self.origins[origin] + steps[step], steps[step]) - base[step, :, origin].T
        found[step, :, origin] = (flags[step, origin] * change).T
        return found

    def _sundays(self, targets: IntArray, steps: IntArray) -> FloatArray:
        """Mean of the last four Sundays at the local hour of each target that were known some steps before it.

        NaN where there is none. ``[N, R]``.
        """
        grid, task, shift = self.past.grid, self.past.task, self.deviation.shift
        daily = steps_per_day(task)
        lag = daily * ((calendar_columns(grid, task)["weekday"].astype(np.int64)[targets] - 6) % 7)
        weeks = np.maximum(0, -(-(steps + self.deviation.margin - lag) // (7 * daily)))
        old = targets - lag - 7 * daily * (weeks + np.arange(4)[:, None])
        values = take(self.past.readings, old + shift[targets] - shift[np.maximum(old, 0)])
        found = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(found, values, 0.0).sum(axis=1) / found.sum(axis=1))
