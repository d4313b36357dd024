"""How each day of a forecast differs from the same weekday before, cause by cause."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.view import NEVER, steps_per_day
from features.calendar import holiday_columns, local_stamps
from features.holidays import NEARNESS
from features.parts import EVENTS, PARTS, part_of_known
from forecasting.explain import Explanation, explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backtests.view import FloatArray, IntArray, View
    from forecasting.ensemble import Ensemble

#: Weeks looked back for a day to compare with, at most.
MOST_WEEKS = 4
#: Share of the steps of a day that must be forecast, and have come a week before, to compare it.
ENOUGH_OF_A_DAY = 0.5
#: What the day before had that its own forecast, made in the same way, did not see.
MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A day forecast against the same weekday before.

    Attributes:
        item_id: The item.
        day: Local date forecast.
        then: Local date compared with.
        steps: Steps compared.
        now: Mean of the forecast over them [unit of the target].
        before: Mean of what came on the day before [unit of the target].
        parts: What each cause adds to ``now - before``, by the names of ``features.parts`` and ``MISSED``; they
            add up to it [unit of the target].
        weather: Mean of each weather variable ahead, as forecast, and on the day before, as observed.
        known: The same for the known covariates.
        calendar: Flags of ``features.holidays`` that hold on the day.
        calendar_then: Those that held on the day before.
        events: Known yes-or-no columns that are on in the day, and those that were on then.
    """

    item_id: str
    day: pd.Timestamp
    then: pd.Timestamp
    steps: int
    now: float
    before: float
    parts: Mapping[str, float]
    weather: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    known: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    calendar: tuple[str, ...] = ()
    calendar_then: tuple[str, ...] = ()
    events: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True, kw_only=True)
class Why:
    """A forecast taken apart.

    Attributes:
        live: Its parts, from the last cutoff.
        changes: Every day that can be compared, by item and time.
    """

    live: Explanation
    changes: tuple[Change, ...]


def why(ensemble: Ensemble, view: View) -> Why:
    """Take the forecast from the last reading apart, and compare its days with the same weekdays before.

    A day before is taken apart as the fitted members would forecast it from as long before, with the weather that
    came; what they miss of it is said as well, so that the causes add up to the whole difference.
    """
    live = explain(ensemble, view, pd.DatetimeIndex([view.last]))
    weekly, horizon = 7 * steps_per_day(view.task), view.task.horizon
    last = view.raw.shape[1] - 1
    if steps_per_day(view.task) == 1 and pd.Timedelta(view.grid[1] - view.grid[0]) > pd.Timedelta(days=1):
        return Why(live=live, changes=())
    weeks = range(1, min(MOST_WEEKS, last // (2 * weekly)) + 1)
    weeks = range(1, min(len(weeks), -(-horizon // weekly) + 1) + 1)
    if not weeks:
        return Why(live=live, changes=())
    seen = _with_weather_that_came(view)
    older = explain(ensemble, seen, view.cutoffs([last - weekly * k for k in weeks]))
    return Why(live=live, changes=tuple(_changes(view, live, older)))


def _with_weather_that_came(view: View) -> View:
    """The same view, with the weather of the past as it was where it is known; nobody forecasts from it."""
    if not view.task.weather_covariates or view.task.weather_mode == "none":
        return view
    return replace(view, task=replace(view.task, weather_mode="oracle"))


def _changes(view: View, live: Explanation, older: Explanation) -> Iterator[Change]:
    weekly, last = 7 * steps_per_day(view.task), view.raw.shape[1] - 1
    came = np.where(view.known_from == NEVER, view.raw, np.nan)
    for item, name in enumerate(view.items):
        for steps in _days(view):
            for k in range(1, len(older.cutoffs) + 1):
                at = last + 1 + steps - weekly * k
                known = at <= last
                known[known] = np.isfinite(came[item, at[known]])
                if known.sum() >= ENOUGH_OF_A_DAY * steps_per_day(view.task):
                    used = steps[known]
                    yield _change(view, live, older, (item, name, k), used, came[item, at[known]])
                    break


def _days(view: View) -> Iterator[IntArray]:
    """Steps of the horizon, from 0, of each local day that is forecast well enough to compare."""
    first = view.raw.shape[1]
    dates = local_stamps(_ahead(view), view.task).normalize()
    asked = view.asked(np.array([first - 1]), view.task.horizon)[0]
    enough = ENOUGH_OF_A_DAY * steps_per_day(view.task)
    for day in dates.unique():
        steps = np.flatnonzero((dates == day) & asked[: len(dates)])
        if len(steps) >= enough and first + steps[-1] < len(view.grid):
            yield steps


def _ahead(view: View) -> pd.DatetimeIndex:
    first = view.raw.shape[1]
    return view.grid[first : first + view.task.horizon]


def _change(
    view: View,
    live: Explanation,
    older: Explanation,
    which: tuple[int, str, int],
    steps: IntArray,
    came: FloatArray,
) -> Change:
    item, name, k = which
    at = view.raw.shape[1] + steps
    then = at - 7 * steps_per_day(view.task) * k
    names = {*live.parts, *older.parts}
    parts = {
        part: _mean(live, part, 0, item, steps) - _mean(older, part, k - 1, item, steps)
        for part in sorted(names, key=lambda part: PARTS.index(part) if part in PARTS else len(PARTS))
    }
    parts[MISSED] = float((older.mean[k - 1, item, steps] - came).mean())
    flags = {name: one for name, one in holiday_columns(view.grid, view.task).items() if name not in NEARNESS}
    yes = [name for name, values in view.known.items() if part_of_known(values) == EVENTS]
    switches = {n: view.known[n][item] for n in yes}
    middle = len(at) // 2
    local = local_stamps(view.grid, view.task).normalize()
    return Change(
        item_id=name,
        day=local[at[middle]],
        then=local[then[middle]],
        steps=len(steps),
        now=float(live.mean[0, item, steps].mean()),
        before=float(came.mean()),
        parts=parts,
        weather=_weather(view, item, steps, then),
        known={n: _pair(v[item, at], v[item, then]) for n, v in view.known.items() if n not in yes},
        calendar=_on(flags, at),
        calendar_then=_on(flags, then),
        events=(_on(switches, at), _on(switches, then)),
    )


def _mean(found: Explanation, part: str, cutoff: int, item: int, steps: IntArray) -> float:
    return float(found.parts[part][cutoff, item, steps].mean()) if part in found.parts else 0.0


def _weather(view: View, item: int, steps: IntArray, then: IntArray) -> dict[str, tuple[float, float]]:
    past = view.past_at(view.last)
    ahead = past.weather_ahead(np.array([past.cutoff]), view.task.horizon)
    return {name: _pair(ahead[name][0, item, steps], view.weather[name][item, then]) for name in ahead}


def _pair(now: FloatArray, then: FloatArray) -> tuple[float, float]:
    return _known_mean(now), _known_mean(then)


def _known_mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _on(flags: Mapping[str, FloatArray], at: IntArray) -> tuple[str, ...]:
    """Flags that hold on at least half of some steps."""
    return tuple(name for name, values in flags.items() if np.nan_to_num(values[at]).mean() >= ENOUGH_OF_A_DAY)
