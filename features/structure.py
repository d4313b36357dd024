"""The design of a structural regression: what calendar and weather say about a step, whatever came before it.

Columns come in groups, so that one design serves several regressions: each takes the groups it wants. Day types
meet the hour of the day, the year meets the hour in waves, and every weather variable acts through hats at its own
quantiles, as it is and as it is remembered, differently at different hours. This is a generalised additive model
in the form of a linear one; after S. Wood (2017), Generalized Additive Models, 2nd ed., sections 4.3 and 5.6, with
the smoothed temperatures of P. Wang, B. Liu, T. Hong (2016), International Journal of Forecasting 32(3).

Letters: N items, T readings, G stamps of the grid, C origins, H steps, R rows, K columns.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from backtests.past import same_arrays
from features.calendar import calendar_columns, daylight_columns, holiday_columns
from features.felt import is_temperature
from features.splines import hats, knots_at, one_hot, products, round_hats, waves
from features.weather import NOW, climate_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from backtests.view import FloatArray, IntArray, Past
    from features.weather import Climate

T = TypeVar("T")

#: Where the knots lie, as shares of the values: dense enough at the ends, where heating and cooling are steep.
KNOT_SHARES = (0.0, 0.02, 0.1, 0.25, 0.4, 0.55, 0.7, 0.82, 0.92, 0.98, 1.0)
#: Pairs of waves over the day that each memory of a temperature meets; other variables are given one.
HOUR_PAIRS = {NOW: 3, "1d": 2, "3d": 1}
#: Memories of variables other than temperatures, and how many variables are taken at most.
OTHER_MEMORIES, MOST_VARIABLES = (NOW, "1d"), 8
#: Pairs of waves over the year, and days of history below which there are none: they would be learnt by heart.
YEAR_PAIRS, DAYS_FOR_YEAR = 4, 550
#: Seven weekdays, then holiday, eve, day after and bridge, in rising order of what wins.
DAY_TYPES = ("day_after", "eve", "bridge", "holiday")
DAY_HOURS = 24


def knots_of(past: Past, *, weather: bool = True) -> dict[str, FloatArray]:
    """Knots of each variable and memory by item, from what was known, named ``variable:memory``. ``[N, K]`` each.

    Without ``weather`` those of known covariates alone.
    """
    climate = climate_of(past)
    end = past.cutoff + 1 - climate.late
    return {
        f"{name}:{kind}": np.stack([knots_at(row, KNOT_SHARES) for row in climate.memories[name][kind][:, :end]])
        for name, kind in _wanted(climate)
        if weather or name in climate.known
    }


def _wanted(climate: Climate) -> list[tuple[str, str]]:
    """Variables and the memories of them that are used."""
    names = sorted(climate.series, key=lambda name: (not is_temperature(name), name))[:MOST_VARIABLES]
    return [
        (name, kind)
        for name in names
        for kind in climate.memories[name]
        if is_temperature(name) or kind in OTHER_MEMORIES
    ]


def structure_of(past: Past, knots: Mapping[str, FloatArray], last: int) -> Structure:
    """Columns of one past, made once for all who ask for the same; ``Structure`` says what it takes."""
    return past.once(("structure", same_arrays(knots), last), lambda: Structure(past, knots, last))


class Structure:
    """Columns by group, for rows in the past and for rows over a horizon.

    Args:
        past: What was known at a cutoff.
        knots: Knots from the fit (``knots_of``).
        last: Position after which the trend stands still: that of the fit.
    """

    def __init__(self, past: Past, knots: Mapping[str, FloatArray], last: int) -> None:
        self.past, self.knots, self.last = past, knots, last
        self.climate = climate_of(past)
        self._latest: tuple[object, dict[str, FloatArray]] = (None, {})
        self._kept: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` makes of this design, made once."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[no-any-return]

    def observed(self, item: int, positions: IntArray) -> dict[str, FloatArray]:
        """Columns at positions of the past, with the weather as observed. ``[R, K]`` each."""
        memories = self.climate.memories
        weather = {key: memories[name][kind][item, positions] for key, name, kind in self._keys()}
        return self._groups(item, positions, weather)

    def ahead(self, item: int, origins: IntArray) -> dict[str, FloatArray]:
        """Columns over the horizon after each origin, with the weather as known there. ``[C H, K]`` each.

        The members of an ensemble ask for the same origins one after the other.
        """
        asked = (item, origins.tobytes())
        if self._latest[0] != asked:
            self._latest = (asked, self._over_horizon(item, origins))
        return self._latest[1]

    def _over_horizon(self, item: int, origins: IntArray) -> dict[str, FloatArray]:
        steps = np.arange(1, self.past.task.horizon + 1)
        made = self.climate.ahead(origins)
        weather = {key: made[name][kind][:, item].ravel() for key, name, kind in self._keys()}
        return self._groups(item, (origins[:, None] + steps).ravel(), weather)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Variables that take part."""
        return tuple(dict.fromkeys(name for _, name, _ in self._keys()))

    @cached_property
    def late(self) -> int:
        """Steps after which the newest of the weather that takes part is known [steps]."""
        return 0 if set(self.variables) <= set(self.climate.known) else self.climate.late

    def of_weather(self, groups: Mapping[str, FloatArray]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which columns of some groups are made of weather that must be forecast. ``[K]``."""
        known = self.climate.known
        made = [":" in name and name.rsplit(":", 1)[0] not in known for name in groups]
        return np.repeat(made, [columns.shape[1] for columns in groups.values()])

    def _keys(self) -> list[tuple[str, str, str]]:
        parts = [(key, key.rsplit(":", 1)) for key in self.knots]
        return [(key, name, kind) for key, (name, kind) in parts]

    def _groups(self, item: int, positions: IntArray, weather: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        at = np.minimum(positions, len(self.past.grid) - 1)
        hour = self._hour[at]
        groups = self._calendar(at, hour)
        groups["day"] = products(round_hats(hour, DAY_HOURS), groups["type"]) if self._within_day else groups["type"]
        groups["trend"] = np.minimum(positions, self.last)[:, None] / max(self.last, 1)
        day_waves = {pairs: waves(hour, pairs) if pairs else None for pairs in (0, *HOUR_PAIRS.values())}
        weekend = (groups.pop("type")[:, 5:7].sum(axis=1) > 0)[:, None]
        for key, values in weather.items():
            name, kind = key.rsplit(":", 1)
            made = hats(values, self.knots[key][item])
            pairs = (HOUR_PAIRS.get(kind, 0) if is_temperature(name) else 1) if self._within_day else 0
            hourly = day_waves[pairs]
            groups[key] = made if hourly is None else products(made, hourly)
            if kind == "1d" and is_temperature(name):
                groups[f"{key} at weekends"] = made * weekend
        return groups

    @cached_property
    def _within_day(self) -> bool:
        return "hour" in calendar_columns(self.past.grid, self.past.task)

    @cached_property
    def _hour(self) -> FloatArray:
        """Share of the local day that is over. ``[G]``."""
        return calendar_columns(self.past.grid, self.past.task).get("hour", np.zeros(len(self.past.grid))) / 24

    def _calendar(self, at: IntArray, hour: FloatArray) -> dict[str, FloatArray]:
        """Columns that need no more than the grid, at some of its positions. ``[R, K]`` each."""
        grid, task = self.past.grid, self.past.task
        flags = {name: values[at] for name, values in holiday_columns(grid, task).items()}
        weekday = calendar_columns(grid, task).get("weekday", np.zeros(len(grid)))[at]
        kinds = weekday
        for rank, name in enumerate(DAY_TYPES):
            special = flags[name] > 0 if name in flags else np.zeros(len(at), dtype=bool)
            kinds = np.where(special & ((weekday < 5) | (name == "holiday")), 7 + rank, kinds)
        types = one_hot(kinds, 7 + len(DAY_TYPES))
        hour_waves = waves(hour, 2) if self._within_day else np.ones((len(at), 1))
        found = {"type": types}
        others = [values for name, values in flags.items() if name not in DAY_TYPES]
        if others:
            found["flags"] = products(np.stack(others, axis=1), hour_waves)
        sun = {name: values[at] for name, values in self._sun.items()}
        if sun:
            daylight = products(sun["daylight"][:, None], waves(hour, 2))
            found["sun"] = np.concatenate([sun["clear_sky"][:, None], daylight], axis=1)
        if (grid[self.last] - grid[0]).days >= DAYS_FOR_YEAR:
            found |= self._year(at, hour, types)
        return found

    @cached_property
    def _sun(self) -> dict[str, FloatArray]:
        """What the sun does at the place, over all of the grid. ``[G]`` each."""
        return daylight_columns(self.past.grid, self.past.task)

    def _year(self, at: IntArray, hour: FloatArray, types: FloatArray) -> dict[str, FloatArray]:
        """Waves over the year, each pair against waves over the day, and the first against day types."""
        day = calendar_columns(self.past.grid, self.past.task)["day_of_year"][at] - 1 + hour
        pairs = waves(day / 365.25, YEAR_PAIRS)[:, 1:]
        hourly = waves(hour, 3) if self._within_day else np.ones((len(day), 1))
        found = {f"year {k + 1}": products(pairs[:, 2 * k : 2 * k + 2], hourly) for k in range(YEAR_PAIRS)}
        return found | {"year by day": products(pairs[:, :2], types)}
