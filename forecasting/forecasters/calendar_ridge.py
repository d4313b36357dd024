"""Ridge regression on departures from the normal of the calendar, of a series and of the others beside it.

Weather moves, and lasts for days: where there is no forecast of it, the latest departures of a load from what is
normal at the time of the year tell it, and so do those of its neighbours. All items of a panel share a first
regression, each adds what is its own in a second one.

Letters: N items, T readings, C origins, H steps, K columns of a series' own, M of the others, D of the
day.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from backtests.forecaster import State
from backtests.view import steps_per_day
from features.lags import take
from features.normal import Normal, has_year, names_of
from features.parts import CALENDAR, PROFILE, RECENT
from features.transform import LOG, TARGETS, Scale
from forecasting.forecasters.family import RegisteredForecaster, has_weeks, register
from forecasting.forecasters.prefix import by_error

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Days learnt from at most.
MOST_DAYS = 2000
#: Latest departures that are columns by themselves, and the days before that are taken in six parts [days].
LATEST, EARLIER = 1.4, 1.0
#: Means of the latest departures [days], and those of the others: from, to [h back].
MEANS = (3, 7, 14, 28)
OTHERS_BACK = ((0, 3), (3, 6), (6, 9), (9, 12), (12, 18), (18, 24), (24, 48))
#: Ridge penalty of the calendar in the regression of departures, relative to the mean square of a column.
DAY = 0.05
#: Departures beyond this many times their usual size count as that.
MOST_DEPARTURE = 5.0
#: Other items that each looks at, at most: those whose departures go before its own.
MOST_OTHERS = 20
#: Rows of all items that the shared regression learns from, about.
MOST_ROWS = 60_000
#: Times the weights of rows are made anew, so that rare large errors do not decide.
REPEATS = 2


@register
@dataclass(kw_only=True)
class CalendarRidge(RegisteredForecaster):
    """``x[t+h] - normal[t+h]`` regressed on the latest departures from the normal, by step ``h``.

    One regression for all items, then one for each on what that leaves, with the departures of the others. Rows are
    weighted by their inverse error, which brings the regression of squares near that of absolute errors. Source:
    Green (1984), Iteratively reweighted least squares for maximum likelihood estimation, Journal of the Royal
    Statistical Society B 46(2).

    Attributes:
        penalty: Ridge penalty, relative to the mean square of a column.
        own: That of what an item adds to the regression of all items.
        others: That of the departures of other items; 0 to leave these out.
        target: ``level``, ``log`` or ``box_cox``: the scale regressed, where that is safe (``features.transform``).
    """

    name: ClassVar[str] = "calendar_ridge"
    plain: ClassVar[str] = "what is normal at the time of the year, and how the latest readings depart from it"
    seconds_per_1000: ClassVar[float] = 0.06

    penalty: float = 0.01
    own: float = 0.3
    others: float = 0.35
    target: str = LOG

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Steps within a day, and months of history."""
        return steps_per_day(task) > 1 and has_weeks(task, length)

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:  # noqa: ARG003 - any task
        """Penalties and scale."""
        return {
            "penalty": trial.suggest_float("penalty", 1e-3, 0.3, log=True),
            "own": trial.suggest_float("own", 0.03, 3.0, log=True),
            "others": trial.suggest_float("others", 0.1, 10.0, log=True),
            "target": trial.suggest_categorical("target", list(TARGETS)),
        }

    def _learn(self, past: Past, task: Task) -> State:
        scale = Scale.learn(self.target, past)
        past = scale.onto(past)
        names, year = names_of(past), has_year(past)
        normal = Normal(past, names, past.cutoff, year=year)
        weights, departures = normal.learn()
        unit = _usual_size(departures)
        z = departures / unit[:, None]
        origins = _origins(normal, task)
        shared, alone, beside = self._regressions(z, origins, normal)
        arrays = {"normal": weights, "unit": unit, "shared": shared, "alone": alone, "beside": beside}
        settings = {"names": names, "last": past.cutoff, "year": year}
        return State(arrays={**arrays, **scale.arrays()}, settings=settings)

    def _regressions(
        self, z: FloatArray, origins: IntArray, normal: Normal
    ) -> tuple[FloatArray, FloatArray, IntArray]:
        """Weights that all items share ``[H, K]``, those of each ``[N, H, K + M + D]``, its others ``[N, I]``."""
        per_day, days, seen = steps_per_day(normal.past.task), next_day(normal, origins), _bounded(z)
        alike = len(z) > 1
        beside = _beside(seen, per_day) if alike and self.others else np.zeros((len(z), 0), dtype=np.int64)
        tables = [_table(row, origins, normal.past.task) for row in z]
        shared: FloatArray = np.zeros((normal.past.task.horizon, tables[0][1].shape[1]))
        if alike:
            every = max(1, sum(len(known) for known, _, _ in tables) // MOST_ROWS)
            X, Y = (np.concatenate([table[part][::every] for table in tables]) for part in (1, 2))
            shared = _ridge(X, Y, np.full(X.shape[1], self.penalty))
        alone = []
        for item, (known, X, Y) in enumerate(tables):
            penalties = np.full(X.shape[1], self.own if alike else 2 * self.penalty)
            others, day = other_columns(seen, beside[item], origins[known], per_day), days[known]
            penalties = np.r_[penalties, [self.others] * others.shape[1], [DAY] * day.shape[1]]
            alone.append(_ridge(np.hstack([X, others, day]), Y - X @ shared.T, penalties))
        return shared, np.stack(alone), beside

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        scale = Scale.of(learnt.arrays)
        parts = self._parts(scale.onto(past), origins, learnt)
        return scale.back(np.asarray(parts[PROFILE] + parts[CALENDAR] + parts[RECENT]))

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The normal of an ordinary day, what holidays change in it, and what the latest departures add."""
        scale = Scale.of(learnt.arrays)
        return scale.parts(self._parts(scale.onto(past), origins, learnt))

    def _parts(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        arrays, settings = learnt.arrays, learnt.settings
        normal = Normal(past, settings["names"], int(settings["last"]), year=bool(settings["year"]))
        weights, per_day = arrays["normal"], steps_per_day(past.task)
        steps = origins[:, None] + np.arange(1, past.task.horizon + 1)
        ordinary = np.moveaxis(normal.expected(weights, steps, holidays=False), 1, 0)
        expected = np.moveaxis(normal.expected(weights, steps), 1, 0)
        z = np.full(past.readings.shape, np.nan)
        rows = np.arange(max(0, int(origins.min()) - (max(MEANS) + 1) * per_day), int(origins.max()) + 1)
        z[:, rows] = (past.readings[:, rows] - normal.expected(weights, rows)) / arrays["unit"][:, None]
        seen, beside = _bounded(z), arrays["beside"].astype(np.int64)
        recent, usual = np.empty(expected.shape), np.empty(expected.shape)
        day = next_day(normal, origins)
        for item in range(len(seen)):
            X = own_columns(seen[item], origins, per_day)
            X = np.hstack([X, other_columns(seen, beside[item], origins, per_day)])
            both = arrays["alone"][item].copy()
            both[:, : arrays["shared"].shape[1]] += arrays["shared"]
            # sums along rows: a matrix product would round differently for other numbers of rows
            recent[:, item] = np.stack([(X * step[: X.shape[1]]).sum(axis=1) for step in both], axis=1)
            usual[:, item] = np.stack([(day * step[X.shape[1] :]).sum(axis=1) for step in both], axis=1)
        unit = arrays["unit"][:, None]
        return {PROFILE: ordinary + usual * unit, CALENDAR: expected - ordinary, RECENT: recent * unit}


def _table(z: FloatArray, origins: IntArray, task: Task) -> tuple[IntArray, FloatArray, FloatArray]:
    """Which origins an item can learn from ``[R]``, its own columns there ``[R, K]`` and what came ``[R, H]``."""
    outcomes = take(z[None], origins[:, None] + np.arange(1, task.horizon + 1))[0]
    known = _rows_known(outcomes)
    return known, own_columns(_bounded(z), origins[known], steps_per_day(task)), np.nan_to_num(outcomes[known])


def own_columns(z: FloatArray, origins: IntArray, per_day: int) -> FloatArray:
    """Latest departures of one item, their means before, and over weeks. ``[C, K]``.

    Args:
        z: Departures of the item, 0 where there are none. ``[T]``
        origins: Positions to look back from.
        per_day: Steps of a day.
    """
    hours = max(1, per_day // 24)
    latest = round(LATEST * per_day)
    before = latest + round(EARLIER * per_day)
    edges = [*range(0, latest, hours), *np.linspace(latest, before, 7).round().astype(int)]
    spans = [*pairwise(edges), *[(0, days * per_day) for days in MEANS]]
    return np.stack([_mean_back(z[None], origins, *span)[0] for span in spans if span[1] > span[0]], axis=1)


def other_columns(z: FloatArray, beside: IntArray, origins: IntArray, per_day: int) -> FloatArray:
    """Latest departures of some other items. ``[C, M]``."""
    spans = [(round(first * per_day / 24), round(last * per_day / 24)) for first, last in OTHERS_BACK]
    made = [_mean_back(z[beside], origins, *span).T for span in spans if span[1] > span[0]]
    return np.hstack(made) if len(beside) else np.zeros((len(origins), 0))


def next_day(normal: Normal, origins: IntArray) -> FloatArray:
    """What day follows each origin, holidays apart: departures are lopsided, more so in some seasons. ``[C, D]``."""
    at = np.minimum(origins + steps_per_day(normal.past.task), len(normal.X) - 1)
    return normal.X[at, : normal.ordinary]


def _mean_back(z: FloatArray, origins: IntArray, first: int, last: int) -> FloatArray:
    """Mean over the steps ``first`` to ``last`` back, summed directly: running sums round otherwise. ``[N, C]``."""
    total = np.zeros((len(z), len(origins)))
    for lag in range(first, last):
        total += np.nan_to_num(take(z, origins - lag))
    return total / (last - first)


def _bounded(z: FloatArray) -> FloatArray:
    """Departures as regressors: none is 0, and faults are no larger than they have to be."""
    return np.clip(np.nan_to_num(z), -MOST_DEPARTURE, MOST_DEPARTURE)


def _usual_size(departures: FloatArray) -> FloatArray:
    """Root mean square of the departures of each item, 1 where there are none. ``[N]``."""
    known = np.isfinite(departures)
    square = np.where(known, departures, 0.0) ** 2
    size = np.sqrt(square.sum(axis=1) / np.maximum(known.sum(axis=1), 1))
    return np.asarray(np.where(size > 0, size, 1.0))


def _origins(normal: Normal, task: Task) -> IntArray:
    """Origins at the time of the day of the cutoff, from the second month on, whose outcomes are known. ``[C]``."""
    past = normal.past
    per_day = steps_per_day(task)
    first = max(0, min(max(MEANS) * per_day, past.cutoff // 4), past.cutoff - MOST_DAYS * per_day)
    at = np.arange(first, past.cutoff - task.horizon + 1)
    return np.asarray(at[normal.slot[at] == normal.slot[past.cutoff]], dtype=np.int64)


def _rows_known(outcomes: FloatArray) -> IntArray:
    """Origins all of whose outcomes are known; where they are few, those with most of them. ``[<= C]``."""
    share = np.isfinite(outcomes).mean(axis=1)
    whole = share == 1.0
    return np.flatnonzero(whole if whole.mean() > 0.5 else share > 0.5)


def _beside(z: FloatArray, per_day: int) -> IntArray:
    """The other items whose day goes before the next day of each, the likest ones. ``[N, M]``."""
    days = z.shape[1] // per_day
    daily = z[:, z.shape[1] - days * per_day :].reshape(len(z), days, per_day).mean(axis=2)
    now, then = (part - part.mean(axis=1, keepdims=True) for part in (daily[:, :-1], daily[:, 1:]))
    norm = np.maximum(np.outer(np.linalg.norm(then, axis=1), np.linalg.norm(now, axis=1)), np.finfo(float).tiny)
    alike = np.abs(then @ now.T / norm)
    np.fill_diagonal(alike, -1.0)
    most = min(MOST_OTHERS, len(z) - 1)
    return np.sort(np.argsort(-alike, axis=1, kind="stable")[:, :most], axis=1).astype(np.int64)


def _ridge(X: FloatArray, Y: FloatArray, penalties: FloatArray) -> FloatArray:
    """Ridge weights of all steps at once, rows weighted by the inverse of their error. ``[H, K]``."""
    count = max(len(X), 1)
    size = np.sqrt((X**2).sum(axis=0) / count)
    scale = np.where(size > 0, size, np.inf)
    Z = X / scale
    weight: FloatArray = np.ones(len(X))
    found: FloatArray = np.zeros((X.shape[1], Y.shape[1]))
    for turn in range(1 + REPEATS):
        if turn:
            error = np.sqrt(((Y - Z @ found) ** 2).mean(axis=1))
            weight = by_error(error[None], np.ones((1, len(error))))[0]
        heavy = Z * weight[:, None]
        found = np.asarray(np.linalg.solve(heavy.T @ Z + count * np.diag(penalties), heavy.T @ Y), dtype=float)
    return np.asarray((found / scale[:, None]).T)
