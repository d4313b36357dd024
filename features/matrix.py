"""The design matrix of forecasters that take any columns, such as gradient boosting.

Every feature is a function from ``Rows`` to named columns ``[C, N, H]``: one value for each origin, item and
step of the horizon, knowable at the origin. Columns about the target are in units of the item's usual departure
from its profile, so that items of any size can be pooled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from connectors.registry import Registry
from features.calendar import calendar_columns, daylight_columns, holiday_columns
from features.felt import is_temperature
from features.lags import fill_forward, rolling_mean, take
from features.parts import CALENDAR, COVARIATES, OTHER, PROFILE, RECENT, WEATHER, part_of_known
from features.weather import NOW, climate_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backtests.view import FloatArray, IntArray, Past
    from features.deviation import Rows

Feature: TypeAlias = "Callable[[Rows, FloatArray], dict[str, FloatArray]]"
FEATURES: Registry[Feature] = Registry("feature")

#: Lags of the latest departures, as shares of the shortest season.
RECENT_SHARES = (0.0, 0.05, 0.1, 0.15, 0.25, 0.5, 0.75, 0.96)
#: Columns that repeat once a year, and the days of history below which they would only be learnt by heart.
YEARLY, DAYS_FOR_YEAR = frozenset({"day_of_year", "month"}), 550


#: The part of a forecast that the columns of a feature belong to (``features.parts``); others are ``OTHER``.
FEATURE_PARTS = {
    "step": PROFILE,
    "calendar": PROFILE,
    "holidays": CALENDAR,
    "sun": PROFILE,
    "profile": PROFILE,
    "departures": RECENT,
    "same_phase": RECENT,
    "holidays_before": CALENDAR,
    "covariates_ahead": WEATHER,
    "weather_memory": WEATHER,
    "covariates_past": COVARIATES,
}


def _feature(kind: Feature) -> Feature:
    return FEATURES.add(kind.__name__, kind)


def usual_departure(rows: Rows) -> FloatArray:
    """Mean absolute departure of each item from its profile over what is known, above 0. ``[N]``."""
    sizes = np.abs(rows.deviation.departures)
    found = sizes.sum(axis=1) / np.maximum((sizes > 0).sum(axis=1), 1)
    return np.where(found > 0, found, 1.0)


def design_matrix(
    rows: Rows, scale: FloatArray, wanted: Iterable[str] | None = None
) -> tuple[list[str], FloatArray]:
    """Registered features, all of them or those wanted.

    Args:
        rows: Origins and what is known at them.
        scale: Unit of the columns about the target, by item. ``[N]``
        wanted: Names of features; None for all.

    Returns:
        Column names ``[K]`` and the matrix ``[C, N, H, K]``.
    """
    columns: dict[str, FloatArray] = {}
    for name in FEATURES if wanted is None else wanted:
        columns |= FEATURES[name](rows, scale)
    shape = (len(rows.origins), len(rows.past.items), rows.past.task.horizon)
    return list(columns), np.stack([np.broadcast_to(c, shape) for c in columns.values()], axis=-1)


def column_parts(rows: Rows, scale: FloatArray) -> dict[str, str]:
    """The part of a forecast that each column of the design matrix belongs to, by column."""
    found: dict[str, str] = {}
    for name in FEATURES:
        found |= dict.fromkeys(FEATURES[name](rows, scale), FEATURE_PARTS.get(name, OTHER))
    for name, values in rows.past.known.items():
        found |= dict.fromkeys((f"ahead_{name}", f"change_{name}"), part_of_known(values))
    return found


def learnable(names: Sequence[str], past: Past) -> list[str]:
    """The columns that a history of this length can teach."""
    days = (past.grid[past.cutoff] - past.grid[0]).days
    return [name for name in names if name not in YEARLY or days >= DAYS_FOR_YEAR]


def _targets(rows: Rows) -> IntArray:
    """Position of every step after every origin, kept on the grid. ``[C, H]``."""
    steps = rows.origins[:, None] + rows.steps
    return np.asarray(np.minimum(steps, len(rows.past.grid) - 1))


@_feature
def step(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001 - the shape all features have
    """The step of the horizon, from 1."""
    return {"step": np.arange(1.0, rows.past.task.horizon + 1)[None, None, :]}


@_feature
def calendar(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001
    """Local hour, weekday, hour of the week, and the time of the year."""
    columns = calendar_columns(rows.past.grid, rows.past.task)
    return {name: values[_targets(rows)][:, None, :] for name, values in columns.items()}


@_feature
def holidays(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001
    """Public holidays and the days around them, at the step forecast."""
    columns = holiday_columns(rows.past.grid, rows.past.task) if rows.shape.holidays else {}
    return {name: values[_targets(rows)][:, None, :] for name, values in columns.items()}


@_feature
def sun(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001
    """Clear sky and daylight at the place, where it is known."""
    columns = daylight_columns(rows.past.grid, rows.past.task)
    return {name: values[_targets(rows)][:, None, :] for name, values in columns.items()}


@_feature
def holidays_before(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001
    """Whether the day and the week before, whose readings are looked back at, had a holiday."""
    columns = holiday_columns(rows.past.grid, rows.past.task) if rows.shape.holidays else {}
    if not columns:
        return {}
    return {
        f"holiday_{season}_before": take(columns["holiday"][None], _season_before(rows, season)).transpose(1, 0, 2)
        for season in rows.past.task.seasonality
    }


def _season_before(rows: Rows, season: int, late: int = 0) -> IntArray:
    """Position of the newest known step at the phase of each step ahead. ``[C, H]``."""
    steps = rows.steps
    return np.asarray(rows.origins[:, None] + steps - season * -(-(steps + late) // season))


@_feature
def profile(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:
    """Where the profile stands at the step, against the recent level."""
    level = take(fill_forward(rolling_mean(rows.past.readings, max(rows.past.task.seasonality))), rows.origins)
    return {"profile": (rows.base_ahead() - np.nan_to_num(level).T[..., None]) / scale[:, None]}


@_feature
def departures(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:
    """Latest departures from the profile and their means."""
    series, season = rows.deviation.departures, rows.past.task.season
    lags = dict.fromkeys(round(share * season) for share in RECENT_SHARES)
    columns = {f"departure_{lag}": np.nan_to_num(take(series, rows.origins - lag)) for lag in lags}
    for length in rows.past.task.seasonality:
        columns[f"departure_mean_{length}"] = take(rolling_mean(series, length), rows.origins)
    return {name: (values / scale[:, None]).T[:, :, None] for name, values in columns.items()}


@_feature
def same_phase(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:
    """Departures at the same phase of the last known seasons."""
    steps = rows.steps
    columns = {}
    for season, count in zip(rows.past.task.seasonality, (4, 3), strict=False):
        for k in range(count):
            at = rows.origins[:, None] + steps - season * (-(-steps // season) + k)
            values = np.nan_to_num(take(rows.deviation.departures, at)) / scale[:, None, None]
            columns[f"same_phase_{season}_{k + 1}"] = np.moveaxis(values, 0, 1)
    return columns


@_feature
def covariates_ahead(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001
    """Known covariates and the weather as forecast, and their change from the profile of the load's own days."""
    columns = {}
    for name, values in rows.ahead.items():
        columns[f"ahead_{name}"] = values
        columns[f"change_{name}"] = rows.change(name, rows.steps).T
    return columns


@_feature
def weather_memory(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001
    """Temperatures as remembered, and their change from the hours whose readings are looked back at."""
    if not rows.shape.weather:
        return {}
    climate = climate_of(rows.past)
    columns: dict[str, FloatArray] = {}
    for name, kinds in climate.ahead(rows.origins).items():
        if not is_temperature(name):
            continue
        columns |= {f"{kind}_{name}": values for kind, values in kinds.items() if kind != NOW}
        late = 0 if name in rows.past.known else climate.late
        for season in rows.past.task.seasonality:
            for kind in (NOW, "1d"):
                before = take(climate.memories[name][kind], _season_before(rows, season, late))
                columns[f"{kind}_{name}_since_{season}"] = kinds[kind] - np.moveaxis(before, 1, 0)
    return columns


@_feature
def covariates_past(rows: Rows, scale: FloatArray) -> dict[str, FloatArray]:  # noqa: ARG001
    """Last value and recent mean of each past covariate."""
    columns = {}
    for name, values in rows.past.past.items():
        recent = rolling_mean(values, rows.past.task.season)
        for what, series in (("last", fill_forward(values)), ("mean", recent)):
            columns[f"{what}_{name}"] = take(series, rows.origins).T[:, :, None]
    return columns
