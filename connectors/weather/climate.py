"""The climate of a place: the usual weather of the season and the hour, and how much it departs from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
BoolArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

#: Days with a value from which the seasons can be told.
YEAR = 300
#: Waves of the year and of the day.
WAVES = 2
DAYS_PER_YEAR = 365.2425


def climate_of(index: pd.DatetimeIndex, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The usual value at each time, and the standard deviation of the departures from it.

    Two waves of the year, two of the day, and their products, fitted by least squares on all years before that of
    the time. The first year has none before it: its own waves, too few to tell a day from the next, stand for what
    services knew of the place. Where less than a year was observed, a line and the waves of the day are fitted.

    Args:
        index: Times, UTC. ``[T]``
        values: Values, NaN where there is none. ``[T]``

    Returns:
        Usual values ``[T]`` and standard deviations ``[T]``; 0 both where there is no value at all.
    """
    days = np.asarray(index.as_unit("us").asi8) / 8.64e10
    known = np.isfinite(values)
    years = np.asarray(index.year)
    usual, spread = np.zeros(len(days)), np.zeros(len(days))
    if not known.any():
        return usual, spread
    first = np.flatnonzero(known)[0]
    opening = known & (days < days[first] + DAYS_PER_YEAR)
    for year in np.unique(years):
        before, now = known & (years < year), years == year
        fitted = before if _seasons(days[before]) else opening
        seasonal = _seasons(days[fitted])
        if not seasonal:
            fitted = known
        columns = _waves(days, seasonal=seasonal)
        weights, *_ = np.linalg.lstsq(columns[fitted], values[fitted], rcond=None)
        usual[now] = columns[now] @ weights
        spread[now] = np.std(values[fitted] - columns[fitted] @ weights)
    return usual, spread


def _seasons(days: FloatArray) -> bool:
    """Whether values on these days tell the seasons."""
    return len(np.unique(np.floor(days))) >= YEAR


def _waves(days: FloatArray, *, seasonal: bool) -> FloatArray:
    """Columns of the regression. ``[T, K]``."""
    hours = _pairs(2 * np.pi * (days % 1.0))
    if not seasonal:
        line = (days - days.mean()) / max(float(np.ptp(days)), 1.0)
        return np.column_stack([hours, line])
    season = _pairs(2 * np.pi * (days / DAYS_PER_YEAR % 1.0))
    return np.asarray((season[:, :, None] * hours[:, None, :]).reshape(len(days), -1))


def _pairs(angle: FloatArray) -> FloatArray:
    """A constant, and the waves of an angle. ``[T, 1 + 2 WAVES]``."""
    waves = [wave(k * angle) for k in range(1, WAVES + 1) for wave in (np.sin, np.cos)]
    return np.column_stack([np.ones_like(angle), *waves])
