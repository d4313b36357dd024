"""Ridge regression on deviations from a seasonal profile, one for every step of the horizon.

The linear core of the product: closed form, milliseconds, and hard to beat on hourly load.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from backtests.backtest import refit_roll
from backtests.forecaster import State
from features.deviation import Rows, Shape, deviation_of
from features.parts import PROFILE, grouped
from features.transform import LEVEL, TARGETS, Scale
from features.weather import bends
from forecasting.forecasters.family import RegisteredForecaster, Role, register, weighted_sum
from forecasting.forecasters.prefix import ABSOLUTE, LOSSES, SQUARE, least_absolute, sums_until

if TYPE_CHECKING:
    from backtests.forecaster import Forecaster, Forecasts
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past, View
    from backtests.windows import Windows
    from features.deviation import Deviation
    from features.parts import Parts
    from forecasting.forecasters.family import Suggest

#: Origins a fit uses at most, of one item and of all, and the fewest it is thinned to. Neighbouring origins tell
#: nearly the same story, so that longer histories are thinned by a stride that has no divisor in common with the
#: season and still meets every hour.
MOST_ORIGINS, MOST_OF_A_PANEL, FEWEST_ORIGINS = 9000, 300_000, 1000
#: How the bends of the weather response are named among the arrays of a state.
BENDS = "bends_"


@register
@dataclass(kw_only=True)
class DeviationRidge(RegisteredForecaster):
    """``x[t+h] - profile[t+h]`` regressed on recent deviations, by step ``h``, without intercept.

    ``b_h = (Z'Z / n + penalty I)^-1 Z'd / n``, with the columns of Z scaled to unit mean square.
    Source: Hoerl & Kennard (1970), Ridge Regression, Technometrics 12(1).

    Attributes:
        period: Season of the profile [steps]; 0 for the longest of the task.
        depth: Seasons the profile averages.
        decay: Weight of a season against the one after it.
        penalty: Ridge penalty, relative to the mean square of a regressor.
        same_phase: Fit on origins at the phase of the live forecast only.
        history: Latest readings used [longest seasons]; 0 for all.
        weather: Whether weather is among the regressors.
        target: ``level``, ``log`` or ``box_cox``: the scale regressed, where that is safe (``features.transform``).
        blend: Whether what other seasons expect is among the regressors.
        loss: ``square``, or ``absolute``: single days that nothing foretold then pull less at the weights.
    """

    name: ClassVar[str] = "deviation_ridge"
    plain: ClassVar[str] = "the usual course, and how the latest readings and the weather depart from theirs"
    roles: ClassVar[frozenset[Role]] = frozenset({"base"})
    seconds_per_1000: ClassVar[float] = 0.1

    period: int = 0
    depth: int = 6
    decay: float = 0.75
    penalty: float = 0.01
    same_phase: bool = False
    history: int = 0
    weather: bool = True
    target: str = LEVEL
    blend: bool = False
    loss: str = SQUARE

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """It takes a profile and some deviations from it: four of the shortest season and the horizon."""
        return length >= 4 * task.season + task.horizon and task.season > 1

    @classmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Profile, penalty, and which origins to learn from."""
        found = {
            "period": trial.suggest_categorical("period", list(task.seasonality)),
            "depth": trial.suggest_int("depth", 3, 14),
            "decay": trial.suggest_float("decay", 0.6, 0.95),
            "penalty": trial.suggest_float("penalty", 1e-3, 0.5, log=True),
            "same_phase": trial.suggest_categorical("same_phase", [False, True]),
            "history": trial.suggest_categorical("history", [0, 12, 26]),
            "target": trial.suggest_categorical("target", list(TARGETS)),
            "blend": trial.suggest_categorical("blend", [True, False]),
            "loss": trial.suggest_categorical("loss", list(LOSSES)),
        }
        if task.weather_covariates:
            found["weather"] = trial.suggest_categorical("weather", [True, False])
        return found

    def shape(self, task: Task) -> Shape:
        """How profile and regressors are made for a task."""
        return Shape(
            period=self.period or max(task.seasonality),
            depth=self.depth,
            decay=self.decay,
            weather=self.weather,
            blend=self.blend,
        )

    def weather_training(self) -> str | None:
        """The weather as it could be forecast at each origin, where it is a regressor."""
        return "forecast" if self.weather else None

    def _learn(self, past: Past, task: Task) -> State:
        scale, at = Scale.learn(self.target, past), bends(past)
        past = scale.onto(past)
        fit = _Origins(self, past, task, past.cutoff)
        weights = self._solutions(deviation_of(past, self.shape(task), at), fit, np.array([past.cutoff]))[0]
        bent = {f"{BENDS}{name}": values for name, values in at.items()}
        return State(arrays={"weights": weights, **bent, **scale.arrays()})

    def _solutions(self, deviation: Deviation, fit: _Origins, cutoffs: IntArray) -> FloatArray:
        """Weights of every step as fitted at each cutoff. ``[B, H, N, K]``."""
        rows = Rows(deviation, fit.until(int(cutoffs.max()) - 1))
        # what is known at the cutoff of the past has an outcome; at an earlier one it depends on the step
        newest = cutoffs.tolist() == [rows.past.cutoff]
        found = []
        for steps in rows.batches() if newest else np.split(rows.steps, len(rows.steps)):
            Z, d, known, _ = _outcomes(rows, steps)
            ends = np.searchsorted(rows.origins, cutoffs - steps[0], side="right")
            if self.loss == ABSOLUTE:
                made = least_absolute(Z, d, known, ends, self.penalty)
            else:
                made = sums_until(Z, d, known, ends).solve(self.penalty)
            found.append(made.reshape(len(cutoffs), len(steps), len(rows.past.items), -1))
        return np.concatenate(found, axis=1)

    def out_of_sample(self, past: Past, task: Task, parts: int) -> tuple[IntArray, FloatArray, State]:
        """Forecasts of the past by weights that did not see it, for a forecaster that corrects this one.

        The origins are cut into runs in time; those of a run are forecast by weights fitted on the others. Where
        nothing came there is the base alone.

        Returns:
            The origins ``[C]``, their forecasts ``[C, N, H]``, and what is learnt from all of them.
        """
        at = bends(past)
        origins = _Origins(self, past, task, past.cutoff).until(past.cutoff - 1)
        rows = Rows(deviation_of(past, self.shape(task), at), origins)
        edges = np.linspace(0, len(origins), parts + 1).astype(int)
        made, weights = [], []
        for steps in rows.batches():
            Z, d, known, base = _outcomes(rows, steps)
            runs = [slice(a, b) for a, b in pairwise(edges)]
            sums = [sums_until(Z[:, run], d[:, run], known[:, run], np.array([len(origins)])) for run in runs]
            whole = sum(sums[1:], sums[0])
            weights.append(whole.solve(self.penalty)[0].reshape(len(steps), len(past.items), -1))
            unseen = [
                Z[:, run] @ (whole - own).solve(self.penalty)[0][..., None]
                for run, own in zip(runs, sums, strict=True)
            ]
            made.append(base + np.concatenate(unseen, axis=1).reshape(base.shape))
        bent = {f"{BENDS}{name}": values for name, values in at.items()}
        learnt = State(arrays={"weights": np.concatenate(weights), **bent})
        return origins, np.concatenate(made).T, learnt

    def roll(self, view: View, windows: Windows, task: Task) -> Forecasts:
        """Forecasts of all windows, fitted anew as they say: the sums of one fit are carried on to the next.

        The bends of the weather response and the scale of the target move with the cutoff, and a bounded history
        drops its oldest rows: with these, each fit is made by itself.
        """
        past = view.past_at(view.cutoffs(windows.positions)[-1])
        anew = self.history or self.target != LEVEL or self.loss != SQUARE
        if bends(past) or anew or windows.refit == "never":
            return refit_roll(cast("Forecaster", self), view, windows, task)
        blocks = windows.blocks()
        starts = np.array([block[0] for block in blocks])
        weights = self._rolled(view, task, starts)
        block_of = np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])
        mean = np.empty((len(windows.positions), len(view.items), task.horizon))
        for seen, origins, where in view.pasts(view.cutoffs(windows.positions)):
            rows = Rows(deviation_of(seen, self.shape(task), {}), origins)
            mean[where] = _said(rows, weights[block_of[where]].transpose(1, 2, 0, 3))
        return self.forecasts(view, view.cutoffs(windows.positions), mean)

    def _rolled(self, view: View, task: Task, starts: IntArray) -> FloatArray:
        """Weights as fitted at each start; where origins lie on one grid, sums are shared. ``[B, H, N, K]``."""
        found: FloatArray | None = None
        for past, positions, where in view.pasts(view.cutoffs(starts)):
            deviation = deviation_of(past, self.shape(task), {})
            fits = [_Origins(self, past, task, int(position)) for position in positions]
            for fit in dict.fromkeys(fits):
                same = np.array([one == fit for one in fits])
                made = self._solutions(deviation, fit, positions[same])
                found = np.empty((len(starts), *made.shape[1:])) if found is None else found
                found[where[same]] = made
        assert found is not None
        return found

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        made = _said(self._rows(past, origins, learnt), learnt.arrays["weights"][:, :, None])
        return Scale.of(learnt.arrays).back(made)

    def _rows(self, past: Past, origins: IntArray, learnt: State) -> Rows:
        arrays, past = learnt.arrays, Scale.of(learnt.arrays).onto(past)
        at = {name.removeprefix(BENDS): arrays[name] for name in arrays if name.startswith(BENDS)}
        return Rows(deviation_of(past, self.shape(past.task), at), origins)

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The profile, and every regressor times its weight."""
        rows, weights = self._rows(past, origins, learnt), learnt.arrays["weights"]
        base = rows.base(rows.steps)
        products = rows.regressors(rows.steps, base) * weights[:, :, None]
        parts = {PROFILE: base, **grouped(products, rows.parts())}
        return Scale.of(learnt.arrays).parts({name: made.T for name, made in parts.items()})


@dataclass(frozen=True)
class _Origins:
    """The grid of origins that a fit learns from: equal for cutoffs whose sums can be carried on.

    Attributes:
        first: The first origin.
        stride: Steps from one to the next.
    """

    first: int
    stride: int

    def __init__(self, ridge: DeviationRidge, past: Past, task: Task, cutoff: int) -> None:
        longest = max(task.seasonality)
        first = min(2 * (ridge.period or longest), cutoff // 2)
        if ridge.history:
            first = max(first, cutoff - ridge.history * longest)
        stride = task.season if ridge.same_phase else _stride(task.season, cutoff - first, len(past.items))
        object.__setattr__(self, "stride", stride)
        # origins at the phase of the cutoff, or where the stride meets every phase, on one grid for all cutoffs
        phase = cutoff % stride if ridge.same_phase else 0
        object.__setattr__(self, "first", first + (phase - first) % stride)

    def until(self, last: int) -> IntArray:
        """Origins up to a position. ``[R]``."""
        return np.arange(self.first, last + 1, self.stride, dtype=np.int64)


def _outcomes(rows: Rows, steps: IntArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Regressors, departures and where there is an outcome, item by item of step by step; and the base.

    ``[S N, C, K]``, ``[S N, C]`` twice, 0 without an outcome, and ``[S, N, C]``.
    """
    base = rows.base(steps)
    target = rows.targets(rows.past.readings, steps)
    known = np.isfinite(target)
    Z = rows.regressors(steps, base)
    if not known.all():
        Z[~known] = 0.0
    d = np.where(known, np.nan_to_num(target) - base, 0.0)
    Z, d, there = (each.reshape(-1, *each.shape[2:]) for each in (Z, d, known.astype(float)))
    return Z, d, there, base


def _said(rows: Rows, weights: FloatArray) -> FloatArray:
    """Base, and regressors by weights ``[H, N, C or 1, K]``. ``[C, N, H]``."""
    steps = []
    for batch in rows.batches():
        base = rows.base(batch)
        steps.append(base + weighted_sum(rows.regressors(batch, base), weights[batch - 1]))
    return np.concatenate(steps).T


def _stride(season: int, length: int, items: int) -> int:
    """Smallest stride that leaves few enough origins and meets every phase of the season."""
    most = int(np.clip(MOST_OF_A_PANEL // items, FEWEST_ORIGINS, MOST_ORIGINS))
    stride = max(1, -(-length // most))
    while gcd(stride, season) > 1:
        stride += 1
    return stride
