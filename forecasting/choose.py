"""From a view to a choice, and from a choice to forecasts of windows it never saw.

Whoever chooses is handed a view that ends before the hold-out (``View.until``): what is not in it cannot be
reached, whatever goes wrong above.
"""

from __future__ import annotations

from concurrent.futures import wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from backtests.backtest import actuals, faulty_readings, join, losses, naive_scales, repeats_exactly
from backtests.issue import on_issue
from backtests.result import make_result
from backtests.view import NEVER
from backtests.windows import blocks, plan_selection
from connectors.errors import ConfigError, ForecasterFailedError
from forecasting.ensemble import Ensemble, choose_members, combined
from forecasting.forecasters import build
from forecasting.intervals import calibrate, errors_of, rolling
from forecasting.ongoing import while_off
from forecasting.portfolio import baselines
from forecasting.search import Search
from forecasting.shares import greedy_shares, item_weights, weights_without
from forecasting.workers import Shared, forecast_block, forecast_windows, learn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd

    from backtests.forecaster import Forecasts
    from backtests.result import BacktestResult
    from backtests.task import Task
    from backtests.view import FloatArray, View
    from backtests.windows import Refit, Windows
    from forecasting.intervals import Intervals
    from forecasting.search import Ending, Limits
    from forecasting.tried import Tried
    from forecasting.workers import Workers


#: Why candidates that did not fail have no loss.
NO_ERROR = "there is no error to measure one by: the windows hold no reading, or all readings before them are equal"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the search chose, and on what.

    Attributes:
        members: The candidates that make up the forecast.
        shares: Weight of each at each step; None for the median alone. ``[M, H]``
        weights: Weight of each in the median of each item; None where all count the same. ``[M, N]``
        tried: Every candidate.
        windows: The selection windows.
        forecasts: The ensemble's forecasts of them, each made out of sample.
        intervals: Calibrated on these.
        loss: Loss of the ensemble on each selection window. ``[C]``
        copies: Loss of the better way of copying on each. ``[C]``
        lowest: Bound of the forecasts, 0 where no reading was below.
        ended: What ended the search.
    """

    members: tuple[Tried, ...]
    shares: FloatArray | None
    weights: FloatArray | None
    tried: tuple[Tried, ...]
    windows: Windows
    forecasts: Forecasts
    intervals: Intervals
    loss: FloatArray
    copies: FloatArray
    lowest: float | None
    ended: Ending

    def ensemble(self) -> Ensemble:
        """The chosen forecasters, not yet fitted."""
        members = tuple(build(one.name, one.settings) for one in self.members)
        return Ensemble(
            members=members, intervals=self.intervals, shares=self.shares, weights=self.weights, lowest=self.lowest
        )


def choose(
    view: View,
    task: Task,
    workers: Workers,
    limits: Limits,
    *,
    seed: int = 0,
    file: Path | None = None,
    fingerprint: str = "",
    report: Callable[[Sequence[Tried]], None] | None = None,
) -> Choice:
    """Search on the selection windows of a view, and choose what is near the best.

    Raises:
        HistoryTooShortError: If the view has no room for selection windows.
        ForecasterFailedError: If every candidate failed.
        KeyboardInterrupt: If the user ended the search before there was anything to keep.
    """
    end = view.raw.shape[1]
    windows = on_issue(plan_selection(end, task, items=len(view.items)), view.issues, end)
    search = Search(
        view=view, task=task, windows=windows, workers=workers, limits=limits,
        seed=seed, file=file, fingerprint=fingerprint, report=report,
    )  # fmt: skip
    tried = search.run()
    if not any(one.complete for one in tried):
        if search.ended == "interrupt":
            raise KeyboardInterrupt
        failures = "; ".join([f"{one.label}: {one.failure}" for one in tried if one.failure][:5])
        reasons = failures or (NO_ERROR if tried else "none was tried")
        raise ForecasterFailedError(f"No forecaster could be judged ({reasons}).")
    best = best_together(tried, search.first, view, task, windows, workers)
    copies = [losses(copy, view, task) for copy in copy_forecasts(view, task, windows).values()]
    return Choice(
        members=tuple(best.members),
        shares=best.shares,
        weights=best.weights,
        tried=tuple(tried),
        windows=windows,
        forecasts=best.forecasts,
        intervals=calibrate(view, best.forecasts, task),
        loss=losses(best.forecasts, view, task),
        copies=min(copies, key=lambda loss: float(np.nanmean(loss))),
        lowest=lowest_possible(view),
        ended=search.ended,
    )


class Together(NamedTuple):
    """Members, their weights as in ``Ensemble``, and what they forecast for the selection windows together."""

    members: list[Tried]
    shares: FloatArray | None
    weights: FloatArray | None
    forecasts: Forecasts


def best_together(
    tried: Sequence[Tried], first: int, view: View, task: Task, windows: Windows, workers: Workers
) -> Together:
    """What some candidates come to.

    Args:
        tried: The candidates, at least one of them complete.
        first: How many of them are the portfolio.
        view: What the selection windows are forecast from.
        task: The task.
        windows: The selection windows.
        workers: To forecast once more what an earlier run tried.
    """
    pools = _pools(tried, first, len(view.items))
    if pools[-1][0].loss == 0 and repeats_exactly(view, task):
        pools = [pools[-1][:1]]  # any other would only add errors of rounding
    found = [_together(some, view, task, windows, workers) for some in pools]
    return min(found, key=lambda one: float(np.nanmean(losses(one.forecasts, view, task))))


def _pools(tried: Sequence[Tried], first: int, items: int = 1) -> list[list[Tried]]:
    """Members from the portfolio alone, and from all candidates.

    What a search finds looks better on the windows it searched on than it is. Only where the whole forecast gains by
    it does it take the place of a fixed setting; so that searching on does no harm.
    """
    found = [choose_members(tried[:first], items), choose_members(tried, items)]
    labels = [[one.number for one in members] for members in found]
    return [members for members in found[: 1 if labels[0] == labels[1] else 2] if members]


def _together(members: list[Tried], view: View, task: Task, windows: Windows, workers: Workers) -> Together:
    """Members with their forecasts of the selection windows; each by weights of items that did not see it."""
    members = _with_forecasts(members, view, task, windows, workers)
    made = [one.forecasts for one in members if one.forecasts is not None]
    means, actual = [forecasts.mean for forecasts in made], actuals(view, windows.positions, task.horizon)
    scale = naive_scales(view, windows.positions[:1], task.season)[0][0]
    shares = greedy_shares(means, actual, scale, task)
    mean = combined(means, shares, weights_without(means, actual))
    return Together(members, shares, item_weights(means, actual), replace(made[0], mean=mean))


def _with_forecasts(members: list[Tried], view: View, task: Task, windows: Windows, workers: Workers) -> list[Tried]:
    """Members of an earlier run forecast the selection windows once more: only their losses were kept."""
    shared = Shared(view, task)
    found = []
    for one in members:
        if one.forecasts is None:
            jobs = [workers.submit(forecast_block, shared, one.name, one.settings, b) for b in windows.blocks()]
            one = replace(one, forecasts=join([job.result().forecasts for job in jobs]))  # noqa: PLW2901
        found.append(one)
    return found


def judge(
    choice: Choice, view: View, task: Task, windows: Windows, workers: Workers
) -> tuple[BacktestResult, Forecasts]:
    """Forecast windows the choice never saw, and score them beside copying. Members that fail here are left out.

    Raises:
        ForecasterFailedError: If every member failed.
    """
    shared = Shared(view, task)
    jobs = [
        [workers.submit(forecast_windows, shared, one.name, one.settings, part) for part in windows.parts()]
        for one in choice.members
    ]
    made, kept = [], []
    for index, row in enumerate(jobs):
        outcomes = [job.result() for job in row]
        parts = [outcome.forecasts for outcome in outcomes if outcome.forecasts is not None]
        if len(parts) == len(outcomes):
            made.append(join(parts))
            kept.append(index)
    if not made:
        raise ForecasterFailedError(f"Every member failed on the final windows: {outcomes[0].failure}")
    ensemble = choice.ensemble().only(kept)
    forecasts = replace(made[0], mean=ensemble.point(made))
    errors = errors_of(view, join([choice.forecasts, forecasts]))
    quantiles = ensemble.bounded(rolling(view, forecasts, errors, task))
    forecasts = while_off(view, replace(forecasts, quantiles=quantiles, levels=task.quantile_levels))
    copies = copy_forecasts(view, task, windows)
    faulty = faulty_readings(view, windows.positions, task.horizon)
    return make_result(forecasts, copies, view, task, faulty=faulty, name="hourcast"), forecasts


def fit_members(choice: Choice, view: View, task: Task, workers: Workers, cutoff: pd.Timestamp) -> Ensemble:
    """The ensemble, every member fitted on all that was known at the cutoff."""
    shared = Shared(view, task)
    position = view.positions(view.grid[view.grid == cutoff])
    jobs = [workers.submit(learn, shared, one.name, one.settings, position) for one in choice.members]
    wait(jobs)
    fitted = tuple(
        build(one.name, one.settings).restore(job.result(), task)
        for one, job in zip(choice.members, jobs, strict=True)
    )
    return replace(choice.ensemble(), members=fitted)


def copy_forecasts(view: View, task: Task, windows: Windows) -> dict[str, Forecasts]:
    """Forecasts of the ways of copying, by what they are in words."""
    cutoffs = view.cutoffs(windows.positions)
    return {
        words: build(name, settings).fit(view, cutoffs[0], task).predict(view, cutoffs)
        for words, name, settings in baselines(task)
    }


def lowest_possible(view: View) -> float | None:
    """0 where no sound reading of any item was below, else no bound."""
    sound = np.where(view.known_from == NEVER, view.raw, np.nan)
    return 0.0 if np.nanmin(sound) >= 0 else None


def refit_windows(windows: Windows, refit: Refit, fit_on: int | None = None) -> Windows:
    """The same windows under another refit policy, checked."""
    blocks(windows.positions, refit)
    if fit_on is not None and fit_on < 1:
        raise ConfigError(f"A fit on {fit_on} readings cannot be.", fix="Give a number from 1, or leave it out.")
    return replace(windows, refit=refit, fit_on=fit_on)
