"""The calendar as people live it: by the local clock and the local date."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.view import steps_per_day
from features.daylight import sun_columns
from features.holidays import holiday_flags, holiday_names
from features.lags import without_gaps
from features.school import school_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.task import Task
    from backtests.view import FloatArray, Past


def local_stamps(grid: pd.DatetimeIndex, task: Task) -> pd.DatetimeIndex:
    """Stamps by the local clock, without a zone. Steps of a day or longer are dates and stay as they are."""
    if steps_per_day(task) == 1:
        return grid.tz_localize(None)
    return grid.tz_convert(task.time_zone).tz_localize(None)


def calendar_columns(grid: pd.DatetimeIndex, task: Task) -> dict[str, FloatArray]:
    """Hour, weekday, hour of the week and day of the year, by the local clock. ``[G]`` each.

    ``hour`` [h, with fractions], ``weekday`` [0 = Monday], ``hour_of_week`` [h], ``day_of_year`` [1-366],
    ``month`` [1-12]; those that do not change at this step are left out. Not to be written to.
    """
    start = int(pd.Timestamp(grid[0]).as_unit("ns").value)
    return dict(_calendar(start, len(grid), task.freq, task.time_zone, steps_per_day(task)))


@lru_cache(maxsize=8)
def _calendar(start: int, length: int, freq: str, zone: str, per_day: int) -> tuple[tuple[str, FloatArray], ...]:
    grid = pd.date_range(pd.Timestamp(start, tz="UTC"), periods=length, freq=freq)
    local = grid if per_day == 1 else grid.tz_convert(zone)
    hour = (local.hour + local.minute / 60).to_numpy(float)
    weekday = local.dayofweek.to_numpy(float)
    columns = [("day_of_year", local.dayofyear.to_numpy(float)), ("month", local.month.to_numpy(float))]
    days = pd.Timedelta(grid[min(1, length - 1)] - grid[0]) / pd.Timedelta(days=1)
    if days <= 1:
        columns = [("weekday", weekday), *columns]
    if per_day > 1:
        columns = [("hour", hour), ("hour_of_week", 24 * weekday + hour), *columns]
    return _kept(columns)


def daylight_columns(grid: pd.DatetimeIndex, task: Task) -> dict[str, FloatArray]:
    """What the sun does at the place of the task (``features.daylight.sun_columns``). ``[G]`` each.

    Empty without a place, and for steps of a day or longer.
    """
    if task.place is None or steps_per_day(task) == 1:
        return {}
    return sun_columns(grid, pd.Timedelta(grid[1] - grid[0]), task.place, task.time_zone)


def holiday_columns(grid: pd.DatetimeIndex, task: Task) -> dict[str, FloatArray]:
    """What the days are to people, by the local date. ``[G]`` each.

    Those of ``features.holidays.holiday_flags``; ``school``, the share of school zones that are off, where there
    is a calendar of them; ``clock_change``, 1 on days of 23 or 25 hours, for steps shorter than a day. All are 0 on
    ordinary days; ``school``, ``to_holiday`` and ``since_holiday`` are more than 0 or 1. Empty without a country,
    and for steps longer than a day. Not to be written to.
    """
    step = pd.Timedelta(grid[min(1, len(grid) - 1)] - grid[0])
    if task.country is None or step > pd.Timedelta(days=1):
        return {}
    country = (task.country, task.holiday_categories, task.school, task.ordinary_days)
    # The same for every member of an ensemble, and for every forecast that a page makes.
    start = int(pd.Timestamp(grid[0]).as_unit("ns").value)
    return dict(_holidays(start, len(grid), task.freq, task.time_zone, steps_per_day(task), *country))


@lru_cache(maxsize=2)
def _holidays(
    start: int,
    length: int,
    freq: str,
    zone: str,
    per_day: int,
    country: str,
    categories: tuple[str, ...],
    school: str | None,
    ordinary: tuple[str, ...],
) -> tuple[tuple[str, FloatArray], ...]:
    grid = pd.date_range(pd.Timestamp(start, tz="UTC"), periods=length, freq=freq)
    local = grid if per_day == 1 else grid.tz_convert(zone)
    days, where = np.unique(local.tz_localize(None).normalize().to_numpy(), return_inverse=True)
    stamps = pd.DatetimeIndex(days)
    flags = holiday_flags(stamps, country, categories)
    share = school_share(stamps, country, school)
    if share is not None:
        flags["school"] = share
    if per_day > 1:
        flags["clock_change"] = _changes(stamps, zone)
    if ordinary:
        flags.loc[flags.index.isin(pd.DatetimeIndex(ordinary))] = 0.0
    return _kept([(str(name), flags[name].to_numpy(float)[where]) for name in flags.columns])


def named_holidays(grid: pd.DatetimeIndex, task: Task) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Names of public holidays by the local date, "" on other days and without a country. ``[G]``."""
    if task.country is None:
        return np.full(len(grid), "", dtype=object)
    days, where = np.unique(local_stamps(grid, task).normalize().to_numpy(), return_inverse=True)
    return np.asarray(holiday_names(pd.DatetimeIndex(days), task.country, task.holiday_categories)[where])


def _kept(columns: Sequence[tuple[str, FloatArray]]) -> tuple[tuple[str, FloatArray], ...]:
    """Columns that all who ask share, and nobody can write to."""
    for _, values in columns:
        values.flags.writeable = False
    return tuple(columns)


def _changes(dates: pd.DatetimeIndex, zone: str) -> FloatArray:
    """1 on local dates on which the clocks change. ``[T]``."""
    # noon is never skipped nor shown twice, and clocks change at night
    noon = dates + pd.Timedelta(hours=12)
    offset = noon - noon.tz_localize(zone).tz_convert("UTC").tz_localize(None)
    before = noon - pd.Timedelta(days=1)
    earlier = before - before.tz_localize(zone).tz_convert("UTC").tz_localize(None)
    return np.asarray(offset != earlier, dtype=float)


def without_holidays(past: Past) -> FloatArray:
    """Readings without those of public holidays, which say little about the days after them. ``[N, T]``."""
    flags = holiday_columns(past.grid, past.task)
    if not flags:
        return past.readings
    return np.where(flags["holiday"][: past.readings.shape[1]] > 0, np.nan, past.readings)


def ordinary_readings(past: Past) -> FloatArray:
    """Readings without those of public holidays, gaps filled by the longest season before. ``[N, T]``."""
    return without_gaps(without_holidays(past), max(past.task.seasonality))
