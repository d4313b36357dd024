"""The search: Optuna asks for candidates, workers try them on the selection windows, until time or ideas run out.

Trials are asked for and told in batches of a fixed size, and the sampler is seeded anew for every batch, so that
the seed decides the run however many workers there are, and an interrupted search resumes as if it had not been.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from concurrent.futures import wait
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backtests.backtest import join, losses
from forecasting.ensemble import choose_members
from forecasting.forecasters import FORECASTERS
from forecasting.portfolio import families, portfolio
from forecasting.study import Choices, Defaults, open_study
from forecasting.tried import Tried
from forecasting.workers import Outcome, Shared, forecast_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    import optuna

    from backtests.task import Task
    from backtests.view import FloatArray, View
    from backtests.windows import Windows
    from forecasting.study import Study
    from forecasting.workers import Workers

logger = logging.getLogger(__name__)

#: What ended a search.
Ending = Literal["trials", "no better ones", "time", "interrupt"]
#: Candidates asked for at a time.
BATCH = 4
#: Trials without a better one after which the search ends by itself.
PATIENCE = 40
#: Losses beyond this many times the best are not worth searching near; a family not tried yet counts as this far.
OUT_OF_REACH, UNTRIED = 1.3, 1.1
#: What trying a candidate costs besides its fit [s in 1,000 readings].
ASKING = 0.1


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When to stop.

    Attributes:
        deadline: Value of the clock at which the search must have ended [s].
        trials: Candidates at most, the portfolio included; None for no bound.
        clock: Monotonic clock [s].
    """

    deadline: float
    trials: int | None
    clock: Callable[[], float] = time.monotonic

    def left(self) -> float:
        """Time left [s]."""
        return self.deadline - self.clock()


@dataclass
class Search:
    """One search over the selection windows of a view.

    Attributes:
        view: What may be seen; nothing of the hold-out is in it.
        task: The task.
        windows: The selection windows.
        workers: Where candidates are tried.
        limits: When to stop.
        seed: Decides the run.
        file: Journal of the study, to resume from; None keeps it in memory.
        fingerprint: Of data and task, so that a journal is not resumed on others.
        report: Called after every batch with all that was tried so far.
        first: How many of the candidates are the portfolio.
    """

    view: View
    task: Task
    windows: Windows
    workers: Workers
    limits: Limits
    seed: int = 0
    file: Path | None = None
    fingerprint: str = ""
    report: Callable[[Sequence[Tried]], None] | None = None
    tried: list[Tried] = field(default_factory=list)
    ended: Ending = "trials"
    first: int = 0

    def run(self) -> list[Tried]:
        """Try candidates until time, trials or ideas run out; an interrupt ends it and keeps what there is."""
        blocks = self.windows.blocks()
        length = int(blocks[0][0]) + 1
        zeros = float(np.mean(self.view.raw[np.isfinite(self.view.raw)] == 0))
        first = portfolio(self.task, length, zeros, len(self.view.items))
        with open_study(self.file, self.fingerprint, len(self.windows.positions)) as study:
            self.tried = study.earlier()
            study.enqueue([(name, _defaults(name, settings, self.task)) for name, settings in first])
            self._shared = Shared(self.view, self.task)
            self._names, self.first = families(self.task, length, zeros), len(first)
            self._queue = [name for name, _ in first]
            try:
                while self._wanted():
                    self._batch(study)
            except KeyboardInterrupt:
                logger.warning("interrupted: going on with the %d candidates tried so far", len(self.tried))
                self.ended = "interrupt"
                self.workers.stop()
        return self.tried

    def _wanted(self) -> bool:
        """Whether another batch is due and there is time for it."""
        count = len(self.tried)
        if self.limits.trials is not None and count >= max(self.limits.trials, 1):
            self.ended = "trials"
        elif count >= self.first and count - self._best_at() > PATIENCE:
            self.ended = "no better ones"
        elif count >= BATCH and self.limits.left() <= self._cost_of_batch() + self.reserve():
            self.ended = "time"
        else:
            return True
        return False

    def _best_at(self) -> int:
        complete = [index for index, one in enumerate(self.tried) if one.complete]
        return min(complete, key=lambda index: self.tried[index].loss, default=0)

    def _cost_of_batch(self) -> float:
        """Time the next batch may take [s]: that of the slowest family that may be in it."""
        count = len(self.tried)
        names = self._queue[count : count + BATCH] or self._names
        return max(map(self._cost, names)) * BATCH / self.workers.jobs / (2 if count < self.first else 1)

    def _cost(self, name: str) -> float:
        """Time one candidate of a family takes [s]: as seen so far, else as the family says of itself."""
        seen = [one.seconds for one in self.tried if one.name == name and one.status != "pruned"]
        blocks = self.windows.blocks()
        readings = min(int(blocks[-1][0]), MOST_READINGS) * len(self.view.items)
        told = FORECASTERS[name].seconds_per_1000 * readings / 1000 * len(blocks)
        return float(np.mean(seen)) if seen else told

    def reserve(self) -> float:
        """Time the members will take to be judged and fitted once more [s].

        With weather they are judged three times, and tried once more without it (``forecasting.honesty``).
        """
        fits = len(self.windows.blocks())
        once = sum(one.seconds / fits for one in choose_members(self.tried, len(self.view.items)))
        weather = fits + 2 if self.task.weather_covariates and self.task.weather_mode != "none" else 0
        return 0.5 + (2.5 + weather) * once / self.workers.jobs

    def _batch(self, study: Study) -> None:
        """Ask for some candidates and try them: on the first and the last block, then without those pruned on all.

        The portfolio is never pruned, so that all its blocks are tried at once and nothing waits in between.
        """
        size = BATCH - len(self.tried) % BATCH  # one interrupted while its results were told is ended first
        size = size if self.limits.trials is None else min(size, self.limits.trials - len(self.tried))
        sampled = study.sample_with(self.seed, len(self.tried))
        study.ask_of(self._worthwhile(size - study.waiting()))
        trials = [sampled.ask() for _ in range(size)]
        asked = [self._suggested(trial) for trial in trials]
        done: list[dict[int, Outcome]] = [{} for _ in asked]
        count = len(self.windows.blocks())
        known = len(self.tried) + size <= self.first
        some = range(count) if known else sorted({0, count - 1})
        self._try(asked, done, some)
        pruned = [self._prune(trial, outcomes) for trial, outcomes in zip(trials, done, strict=True)]
        self._try(asked, done, sorted(set(range(count)) - set(some)), skip=pruned)
        for trial, one, outcomes, out in zip(trials, asked, done, pruned, strict=True):
            result = self._judged(one, outcomes, pruned=out)
            self.tried.append(result)
            _tell(sampled, trial, result)
        if self.report is not None:
            self.report(self.tried)

    def _worthwhile(self, number: int) -> list[str]:
        """Families to search next: those with the most to gain for the seconds they take.

        A family gains by how near its best is to the best of all, and less with every candidate it had; nothing once
        it said the same twice. Its seconds are those it says of itself: by a clock two runs would differ.
        """
        best = min((one.loss for one in self.tried if one.complete), default=1.0)
        gains = {}
        for name in self._names:
            own = min((one.loss for one in self.tried if one.complete and one.name == name), default=UNTRIED * best)
            gains[name] = max(0.0, OUT_OF_REACH - own / best) / (ASKING + FORECASTERS[name].seconds_per_1000)
        counts = Counter(one.name for one in self.tried)
        distinct = Counter(name for name, _ in {(one.name, repr(one.settings)) for one in self.tried})
        gains |= {name: 0.0 for name in self._names if counts[name] > distinct[name]}
        found = []
        for _ in range(number):
            found.append(max(self._names, key=lambda name: gains[name] / (1 + counts[name])))
            counts[found[-1]] += 1
        return found

    def _suggested(self, trial: optuna.Trial) -> Tried:
        name = trial.suggest_categorical("forecaster", self._names)
        settings = FORECASTERS[name].search_space(Choices(trial, name), self.task)
        empty = np.full(len(self.windows.positions), np.nan)
        return Tried(number=trial.number, name=name, settings=settings, losses=empty)

    def _try(
        self,
        asked: Sequence[Tried],
        done: list[dict[int, Outcome]],
        numbers: Iterable[int],
        skip: Sequence[bool] | None = None,
    ) -> None:
        """Forecast some blocks with every candidate that neither failed nor was pruned."""
        blocks = self.windows.blocks()
        jobs: list[tuple[int, int, Future[Outcome]]] = []
        # the slowest begin first, so that at the end nothing waits for one of them alone
        for index, one in sorted(enumerate(asked), key=lambda pair: -self._cost(pair[1].name)):
            failed = any(outcome.failure for outcome in done[index].values())
            if failed or (skip is not None and skip[index]):
                continue
            for number in numbers:
                job = self.workers.submit(forecast_block, self._shared, one.name, one.settings, blocks[number])
                jobs.append((index, number, job))
        left = min(self.limits.left() - self.reserve(), LONGEST)
        patience = max(1.0, left) if len(self.tried) >= BATCH else None
        late = wait([job for *_, job in jobs], timeout=patience).not_done
        for index, number, job in jobs:
            done[index][number] = Outcome(failure=STOPPED) if job in late else job.result()
        if late:
            self.workers.stop()

    def _prune(self, trial: optuna.Trial, outcomes: dict[int, Outcome]) -> bool:
        """Report the windows tried; True when the best candidate is better on them beyond luck.

        The portfolio is never pruned: it is what everything else is compared with, and what a median is made of.
        """
        if any(outcome.forecasts is None for outcome in outcomes.values()):
            return False
        for step, loss in enumerate(self._losses(outcomes)):
            if np.isfinite(loss):
                trial.report(float(loss), step)
        return len(self.tried) >= self.first and trial.should_prune()

    def _losses(self, outcomes: dict[int, Outcome]) -> FloatArray:
        """Loss of every selection window, NaN for those not tried. ``[C]``."""
        found = np.full(len(self.windows.positions), np.nan)
        start = 0
        for number, block in enumerate(self.windows.blocks()):
            made = outcomes[number].forecasts if number in outcomes else None
            if made is not None:
                found[start : start + len(block)] = losses(
                    made, self.view, self.task, since=int(self.windows.positions[0])
                )
            start += len(block)
        return found

    def _judged(self, one: Tried, outcomes: dict[int, Outcome], *, pruned: bool) -> Tried:
        """A candidate with its losses, or with its failure."""
        seconds = sum(outcome.seconds for outcome in outcomes.values())
        failures = [outcome.failure for outcome in outcomes.values() if outcome.failure]
        if failures:
            status = "stopped" if STOPPED in failures else "failed"
            return replace(one, seconds=seconds, status=status, failure=failures[0])
        found = self._losses(outcomes)
        if pruned:
            return replace(one, losses=found, seconds=seconds, status="pruned")
        made = [outcomes[number].forecasts for number in sorted(outcomes)]
        whole = join([forecasts for forecasts in made if forecasts is not None])
        return replace(one, losses=found, seconds=seconds, forecasts=whole)


#: Readings beyond which a fit takes no longer, because it draws a sample of them.
MOST_READINGS = 8000
#: No wait needs to be longer [s].
LONGEST = 1e6
STOPPED = "stopped: the time limit came first"


def _defaults(name: str, settings: dict[str, Any], task: Task) -> dict[str, Any]:
    """Every parameter of a candidate of the portfolio, named as in the study."""
    kind = FORECASTERS[name]
    chosen = Defaults(kind(**settings).settings())
    found = kind.search_space(chosen, task)
    return {"forecaster": name, **{f"{name}.{key}": value for key, value in found.items()}}


def _tell(study: optuna.Study, trial: optuna.Trial, result: Tried) -> None:
    """Tell the study. A pruned trial tells its mean so far, as Optuna advises for the Wilcoxon pruner."""
    from optuna.trial import TrialState

    trial.set_user_attr("losses", [None if np.isnan(x) else float(x) for x in result.losses])
    trial.set_user_attr("seconds", result.seconds)
    trial.set_user_attr("status", result.status)
    trial.set_user_attr("failure", result.failure)
    trial.set_user_attr("settings", result.settings)
    if np.isfinite(result.loss):
        study.tell(trial, result.loss)
    else:
        study.tell(trial, state=TrialState.FAIL)
    if result.status == "stopped":
        study.enqueue_trial(trial.params)  # a run that resumes this one tries it first
