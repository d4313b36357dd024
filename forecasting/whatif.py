"""What the same fitted model would say of another future: warmer, as if Sunday, without the holiday or the event.

Nothing is fitted again. What lies outside of what the model was trained on is marked, and refused when it lies far
outside: there a forecaster only continues a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.view import Past, View, steps_per_day
from connectors.errors import ConfigError, near_name
from features.calendar import holiday_columns, local_stamps
from features.parts import CALENDAR, PROFILE
from forecasting.explain import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backtests.view import FloatArray, IntArray
    from forecasting.ensemble import Ensemble

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: How far beyond the range it was trained on a value may lie, as a share of the width of the range.
BEYOND = 0.25


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Another future.

    Attributes:
        weather: What is added to a weather variable over the horizon, by name, in its unit.
        known: What a known covariate is set to over the horizon, by name.
        weekday: Weekday that every day of the horizon is taken for, such as "sunday"; None for its own.
        holidays: Whether the holidays of the horizon, and the days around them, stay what they are.
    """

    weather: Mapping[str, float] = field(default_factory=dict)
    known: Mapping[str, float] = field(default_factory=dict)
    weekday: str | None = None
    holidays: bool = True


@dataclass(frozen=True, kw_only=True)
class Outside:
    """A column that leaves the range the model was trained on.

    Attributes:
        name: The column.
        low: Smallest value of the history.
        high: Largest value of the history.
        value: The value of the scenario that lies furthest outside.
        steps: Steps and items outside.
    """

    name: str
    low: float
    high: float
    value: float
    steps: int


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """A scenario beside the forecast.

    Attributes:
        scenario: The scenario.
        table: ``item_id | timestamp | mean | what_if | difference``.
        outside: What leaves the range the model was trained on.
    """

    scenario: Scenario
    table: pd.DataFrame
    outside: tuple[Outside, ...] = ()

    @property
    def without_effect(self) -> bool:
        """Whether nothing changed, as when the model does not use the column."""
        return bool((self.table["difference"].abs() <= 1e-9 * self.table["mean"].abs()).all())


def what_if(ensemble: Ensemble, view: View, scenario: Scenario) -> WhatIf:
    """Forecast the same steps under a scenario.

    Raises:
        ConfigError: If a name is unknown, the model has no such input, or a value lies far outside of the range it
            was trained on.
    """
    _check(view, scenario)
    outside = tuple(_outside(view, scenario))
    cutoff = pd.DatetimeIndex([view.last])
    imagined = imagine(view, scenario)
    live = explain(ensemble, view, cutoff)
    changed = live.mean if imagined is view else ensemble.predict(imagined, cutoff).mean
    if scenario.weekday is not None:
        changed = changed + _as_weekday(ensemble, imagined, scenario.weekday)
        changed = changed if ensemble.lowest is None else np.maximum(changed, ensemble.lowest)
    both = replace(live, parts={"what_if": changed}).to_frame()
    table = both[["item_id", "timestamp", "mean", "what_if"]].assign(difference=both["what_if"] - both["mean"])
    return WhatIf(scenario=scenario, table=table, outside=outside)


class _Imagined(Past):
    """A past whose weather ahead is another; only that, so that nothing learnt from the past changes."""

    added: Mapping[str, float] = {}

    def weather_ahead(self, origins: IntArray, horizon: int) -> dict[str, FloatArray]:
        found = super().weather_ahead(origins, horizon)
        return {name: values + self.added.get(name, 0.0) for name, values in found.items()}


@dataclass(frozen=True, kw_only=True)
class _ImaginedView(View):
    added: Mapping[str, float] = field(default_factory=dict)

    def past_at(self, cutoff: pd.Timestamp) -> Past:
        return self._imagined(super().past_at(cutoff))

    def pasts(self, cutoffs: pd.DatetimeIndex) -> Iterator[tuple[Past, IntArray, IntArray]]:
        for past, origins, where in super().pasts(cutoffs):
            yield self._imagined(past), origins, where

    def _imagined(self, past: Past) -> Past:
        found = _Imagined(**_fields(past))
        object.__setattr__(found, "added", self.added)
        return found


def _fields(of: Any) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__dataclass_fields__}


def imagine(view: View, scenario: Scenario) -> View:
    """The view in which the future is that of the scenario, its weekday apart; the same view when that is all."""
    if not (scenario.weather or scenario.known) and scenario.holidays:
        return view
    first = view.raw.shape[1]
    task, known = view.task, dict(view.known)
    for name, value in scenario.known.items():
        known[name] = known[name].copy()
        known[name][:, first:] = value
    if not scenario.holidays:
        dates = local_dates(view.grid[first : first + task.horizon], view)
        task = replace(task, ordinary_days=tuple(sorted({*task.ordinary_days, *dates})))
    return _ImaginedView(**{**_fields(view), "known": known, "task": task}, added=dict(scenario.weather))


def local_dates(stamps: pd.DatetimeIndex, view: View) -> list[str]:
    """Local dates of some stamps, as text, each once."""
    return list(dict.fromkeys(local_stamps(stamps, view.task).strftime("%Y-%m-%d")))


def _as_weekday(ensemble: Ensemble, view: View, weekday: str) -> FloatArray:
    """What changes when every day ahead is like the last such weekday. ``[1, N, H]``.

    The same steps are forecast from up to six days before, so that they fall on that weekday, and only what is usual
    there and what the calendar adds is taken over; recent level, weather and all else stay.
    """
    per_day, last = steps_per_day(view.task), view.raw.shape[1] - 1
    days = local_stamps(view.grid[last + 1 : last + 1 + view.task.horizon], view.task).dayofweek.to_numpy()
    back = (days - WEEKDAYS.index(weekday)) % 7
    now = _usual(ensemble, view, last)
    made = np.empty_like(now)
    for shift in np.unique(back):
        origin = last - int(shift) * per_day
        ahead = local_dates(view.grid[origin + 1 : origin + 1 + view.task.horizon], view)
        ordinary = replace(view, task=replace(view.task, ordinary_days=tuple(ahead)))
        made[:, back == shift] = _usual(ensemble, ordinary, origin)[:, back == shift]
    return np.asarray((made - now)[None])


def _usual(ensemble: Ensemble, view: View, origin: int) -> FloatArray:
    """What is usual at the steps after an origin, and what the calendar adds. ``[N, H]``."""
    found = explain(ensemble, view, view.cutoffs([origin]))
    parts = [found.parts[part][0] for part in (PROFILE, CALENDAR) if part in found.parts]
    return np.sum(parts, axis=0) if parts else np.zeros(found.mean.shape[1:])


def _check(view: View, scenario: Scenario) -> None:
    task = view.task
    for given, known, what in (
        (scenario.weather, view.weather if task.weather_mode != "none" else {}, "weather variable"),
        (scenario.known, view.known, "known column"),
    ):
        for name in given:
            if name not in known:
                left_out = name in task.weather_covariates
                raise ConfigError(
                    f"The model has no {what} {name!r}.",
                    expected="It did not make the forecast better, and was left out."
                    if left_out
                    else f"It has: {', '.join(known) or 'none'}.",
                    fix="Ask a model that uses it." if left_out else _other(name, known),
                )
    if scenario.weekday is not None and scenario.weekday not in WEEKDAYS:
        raise ConfigError(f"There is no weekday {scenario.weekday!r}.", fix=near_name(scenario.weekday, WEEKDAYS))
    if scenario.weekday is not None and (steps_per_day(task) == 1 or view.raw.shape[1] < 14 * steps_per_day(task)):
        raise ConfigError(
            "A day cannot be taken for another weekday here.",
            expected="Steps shorter than a day, and two weeks of history.",
            fix="Leave out --as-weekday.",
        )
    if not scenario.holidays and not holiday_columns(view.grid, task):
        raise ConfigError(
            "The model knows no holidays that could be removed.",
            expected="It was fitted with the holidays of a country.",
            fix="Fit it with --country first.",
        )


def _other(name: str, known: Mapping[str, FloatArray]) -> str:
    return near_name(name, known) if known else "Fit a model with it first (--weather, --known)."


def _outside(view: View, scenario: Scenario) -> Iterator[Outside]:
    """Columns of a scenario that leave their range.

    Raises:
        ConfigError: If one lies further outside than ``BEYOND``.
    """
    length, past = view.raw.shape[1], view.past_at(view.last)
    ahead = past.weather_ahead(np.array([past.cutoff]), view.task.horizon)
    asked = {name: (view.weather[name], ahead[name] + add) for name, add in scenario.weather.items()}
    asked |= {name: (view.known[name], np.array([value])) for name, value in scenario.known.items()}
    for name, (history, values) in asked.items():
        seen = history[:, :length][np.isfinite(history[:, :length])]
        low, high = (float(seen.min()), float(seen.max())) if len(seen) else (np.nan, np.nan)
        beyond = np.maximum(low - values, values - high)
        if not (beyond > 0).any():
            continue
        worst = float(values.ravel()[int(np.argmax(beyond))])
        if float(beyond.max()) > BEYOND * (high - low):
            raise ConfigError(
                f"The scenario sets {name} to {worst:.4g}.",
                expected=f"The model was trained on {low:.4g} to {high:.4g}; so far outside it would only guess.",
                fix="Ask for a smaller change.",
            )
        yield Outside(name=name, low=low, high=high, value=worst, steps=int((beyond > 0).sum()))
