"""The one object most users need: name the column, fit, predict, and see how far to trust it."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from backtests.backtest import join
from backtests.issue import on_issue
from backtests.windows import last_windows, plan_final
from connectors.errors import ConfigError
from connectors.exports.table import export_table
from connectors.frame import DEFAULT_LEVELS, FORECAST_COLUMNS, quantile_column
from forecasting.case import Case, open_case
from forecasting.choose import Choice, choose, fit_members, judge, refit_windows
from forecasting.effort import Progress, make_effort
from forecasting.experience import record
from forecasting.explain import Explanation, explain
from forecasting.honesty import JUDGED, WEIGHED, WeatherWorth, weigh, worth
from forecasting.intervals import calibrate
from forecasting.leaderboard import leaderboard
from forecasting.paths import paths_table
from forecasting.quality import quality_flags
from forecasting.question import Question, named_question
from forecasting.saved import Saved, load, save
from forecasting.search import Limits
from forecasting.vintages import live_mode
from forecasting.whatif import Scenario, WhatIf, what_if
from forecasting.workers import Workers, default_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backtests.forecaster import Forecasts
    from backtests.result import BacktestResult
    from backtests.windows import Refit, Windows
    from forecasting.case import Source
    from forecasting.ensemble import Ensemble
    from forecasting.tried import Tried

logger = logging.getLogger(__name__)

#: Time limit below which starting worker processes takes longer than they save [s].
WORTH_WORKERS = 8.0


class AutoForecaster:
    """Forecasts of a column, found, judged and explained automatically.

    Args:
        target: Column to predict; None where the file says it, as exports of meters and a saved source do.
        horizon: Steps to forecast; None for one day, or one season.
        country: Country of the holidays, such as "FR" or "DE-BY".
        known: Columns that will be known in advance.
        weather: Columns of observed weather, replaced over the horizon by what could be forecast.
        ignore: Columns to leave out.
        preset: ``fast``, ``balanced`` or ``accurate``.
        time_limit: Seconds for everything; None for the preset's.
        trials: Candidates at most; with the same seed, the same number gives the same forecast.
        seed: Decides the run.
        levels: Quantile levels.
        study: Journal of the search, to resume it from.
        jobs: Processes at a time; None for one per core.
        progress: Called along the way.
        clock: Monotonic clock [s]; when the run began is its value at ``fit``.
        options: Anything else ``forecasting.question.Question`` knows: ``time``, ``item``, ``freq``, ``time_zone``,
            ``place``, ``weather_mode``, ``repair``, ``as_of``, ``weather_store``, ``issue_at``, ``lead``, ``delay``.

    Example:
        >>> model = AutoForecaster(target="kwh", horizon=48, country="FR", time_limit=60)
        >>> model.question.horizon
        48
    """

    def __init__(
        self,
        target: str | None = None,
        *,
        horizon: int | None = None,
        country: str | None = None,
        known: Sequence[str] = (),
        weather: Sequence[str] = (),
        ignore: Sequence[str] = (),
        preset: str = "balanced",
        time_limit: float | None = None,
        trials: int | None = None,
        seed: int = 0,
        levels: Sequence[float] = DEFAULT_LEVELS,
        study: str | Path | None = None,
        jobs: int | None = None,
        progress: Callable[[Progress], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        **options: Any,
    ) -> None:
        self.question = named_question(
            options, target=target, horizon=horizon, country=country, levels=tuple(levels),
            known=tuple(known), weather=tuple(weather), ignore=tuple(ignore),
        )  # fmt: skip
        self.effort = make_effort(preset, time_limit, trials, seed, study, jobs)
        self.progress, self.clock = progress or (lambda _: None), clock
        self.case: Case | None = None
        self.choice: Choice | None = None
        self.hold_out: BacktestResult | None = None
        self.weather: WeatherWorth | None = None
        self.ensemble: Ensemble | None = None
        self.seconds = 0.0
        self.saved_leaderboard: pd.DataFrame | None = None
        self.saved_scores: Mapping[str, Any] = {}

    def fit(self, source: Source, *, future: Source | None = None, started: float | None = None) -> Self:
        """Read, search, judge on the last windows, and fit on everything.

        Args:
            source: The history: a path, a DataFrame, or a source that was saved with how it is read.
            future: Rows after it, with the known covariates.
            started: Value of the clock when the user began to wait; None for now.

        Raises:
            DataError: If the data cannot carry a forecast.
            ConfigError: If an option does not fit them.
        """
        started = self.clock() if started is None else started
        with Workers(self._jobs()) as workers:
            self.progress(Progress(stage="read"))
            case = self.case = open_case(self.question, source, future)
            case.require_future()
            end = case.view.raw.shape[1]
            final = on_issue(plan_final(end, case.task), case.view.issues, end)
            asked = case.task.weather_mode
            choice, case = self._choose(case, final, workers, started)
            self._say("judge", started)
            self.hold_out, forecasts = self._judge(choice, case, final, workers, started, asked)
            self._say("fit", started)
            ensemble = fit_members(choice, case.view, case.task, workers, case.view.last)
        together = join([replace(choice.forecasts, quantiles=None), replace(forecasts, quantiles=None)])
        newest = calibrate(case.view, together, case.task)
        self.ensemble = replace(ensemble, intervals=newest)
        record(case, choice)
        self.seconds = self.clock() - started
        self._say("done", started)
        return self

    def predict(self, source: Source | None = None, *, future: Source | None = None) -> pd.DataFrame:
        """The forecast from the last reading, as the export table.

        Args:
            source: Newer readings of the same columns; None for those it was fitted on.
            future: Rows after them, with the known covariates.

        Returns:
            ``run_id | item_id | cutoff | timestamp | ... | forecaster | mean | p05 ... p95 | ...``
        """
        case, ensemble = self._ready(source, future)
        made = ensemble.predict(case.view, pd.DatetimeIndex([case.view.last]))
        return self.exported(made.to_frame(ensemble.name), case, weather_mode=live_mode(case.view))

    def paths(
        self, number: int = 200, source: Source | None = None, *, future: Source | None = None, seed: int = 0
    ) -> pd.DataFrame:
        """Whole courses the target may take, so that sums of steps have an interval too.

        ``source`` and ``future`` as in ``predict``; ``number`` paths, all as likely; ``seed`` decides.

        Returns:
            ``item_id | cutoff | timestamp | path | value``, paths from 1.
        """
        case, ensemble = self._ready(source, future)
        made, found = ensemble.paths(case.view, pd.DatetimeIndex([case.view.last]), number=number, seed=seed)
        return paths_table(made, found)

    def explain(self, source: Source | None = None, *, future: Source | None = None) -> Explanation:
        """Parts that add up to the forecast of ``predict``: what is usual, weather, holidays, and so on.

        Args:
            source: Newer readings of the same columns; None for those it was fitted on.
            future: Rows after them, with the known covariates.
        """
        case, ensemble = self._ready(source, future)
        return explain(ensemble, case.view, pd.DatetimeIndex([case.view.last]))

    def plot(self, path: str | Path, what: str = "forecast", **how: Any) -> Path:
        """A picture of the page for slides, ``.svg`` or ``.png``.

        ``what``, ``item``, ``theme`` and ``language`` as in ``forecasting.pictures.plot``.
        """
        from forecasting.pictures import plot

        return plot(self, path, what=what, **how)

    def what_if(self, scenario: Scenario) -> WhatIf:
        """The forecast of the same steps under another future; nothing is fitted again.

        Raises:
            ConfigError: If the model has no such input, or a value lies far outside of the range it was trained on.
        """
        case, ensemble = self.fitted()
        case.require_future()
        return what_if(ensemble, case.view, scenario)

    def backtest(
        self,
        source: Source | None = None,
        *,
        windows: int = 20,
        step: int | None = None,
        refit: Refit = "never",
        fit_on: int | None = None,
        started: float | None = None,
    ) -> BacktestResult:
        """Choose on what precedes the first window, then forecast from every cutoff without choosing again.

        Args:
            source: The history; None for the one it was fitted on.
            windows: Cutoffs, the last of them one horizon before the end.
            step: Steps between them; None for a day, or one season.
            refit: ``never``: fitted once, at the first cutoff; ``each``: at every one; k: at every k-th; ``stale``:
                when the errors known by then have grown.
            fit_on: Latest readings a fit learns from; None for all there are.
            started: Value of the clock when the user began to wait; None for now.
        """
        started = self.clock() if started is None else started
        with Workers(self._jobs()) as workers:
            self.progress(Progress(stage="read"))
            if source is not None or self.case is None:
                if source is None:
                    raise ConfigError("There is nothing to backtest.", fix="Call fit first, or name the file.")
                self.case = open_case(self.question, source)
            case = self.case
            apart = case.task.season if step is None else step
            end = case.view.raw.shape[1]
            rolled = last_windows(end, case.task, number=windows, step=apart)
            rolled = refit_windows(on_issue(rolled, case.view.issues, end), refit, fit_on)
            asked = case.task.weather_mode
            choice, case = self._choose(case, rolled, workers, started)
            self._say("judge", started)
            result, _ = self._judge(choice, case, rolled, workers, started, asked)
        return replace(result, seconds=self.clock() - started)

    def leaderboard(self) -> pd.DataFrame:
        """Every candidate and the forecast itself, with its skill against copying, its seconds, its failure."""
        if self.choice is not None:
            return leaderboard(self.choice)
        if self.saved_leaderboard is not None:
            return self.saved_leaderboard
        raise ConfigError("There is no leaderboard yet.", fix="Call fit first.")

    def forecast_columns(self) -> list[str]:
        """Columns of the forecasts table among those of the export table."""
        return [*FORECAST_COLUMNS, *map(quantile_column, self.question.levels)]

    def exported(
        self, forecasts: pd.DataFrame, case: Case | None = None, *, weather_mode: str | None = None
    ) -> pd.DataFrame:
        """A forecasts table with the columns a BI tool needs; the weather is that of the task if not given."""
        case = case or self.case or self.fitted()[0]
        return export_table(
            forecasts,
            run_id=self.run_id(case),
            time_zone=case.task.time_zone,
            freq=case.task.freq,
            unit=case.facts.unit,
            weather_mode=weather_mode or case.task.weather_mode,
            quality_flag=quality_flags(forecasts, case.view, case.facts.stale),
            attribution=case.facts.attribution,
        )

    def run_id(self, case: Case) -> str:
        """Hash of data, task and effort: the same run has the same one."""
        words = f"{case.fingerprint()} {tuple(self.effort.deciding().values())} {case.view.last.isoformat()}"
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def save(self, folder: str | Path) -> None:
        """Write the fitted model to a folder, without pickle."""
        case, ensemble = self.fitted()
        scores = self.saved_scores if self.hold_out is None else self.hold_out.summary()
        board, effort = self.leaderboard(), self.effort.deciding()
        save(Saved(case=case, ensemble=ensemble, leaderboard=board, scores=scores, effort=effort), Path(folder))

    @classmethod
    def load(cls, folder: str | Path) -> AutoForecaster:
        """Read a model; its forecast is the same to the last bit.

        Raises:
            UnreadableFileError: If there is none in the folder, or a later version wrote it.
        """
        found = load(Path(folder))
        question = found.case.question
        model = cls(**{name: getattr(question, name) for name in Question.__dataclass_fields__})
        model.case, model.ensemble, model.effort = found.case, found.ensemble, replace(model.effort, **found.effort)
        model.saved_leaderboard, model.saved_scores = found.leaderboard, found.scores
        return model

    def _ready(self, source: Source | None, future: Source | None) -> tuple[Case, Ensemble]:
        """The fitted model on newer readings where there are any, with what must be known ahead."""
        case, ensemble = self.fitted()
        if source is not None:
            fitted_on, case = case.view.last, case.renewed(source, future)
            ensemble = ensemble.following(case.view, fitted_on)
        case.require_future()
        return case, ensemble

    def _choose(self, case: Case, judging: Windows, workers: Workers, started: float) -> tuple[Choice, Case]:
        """Choose on what is known at the first cutoff of the windows that will judge; weather is part of it."""
        until = case.view.until(case.view.grid[judging.positions[0]])
        limits = Limits(deadline=started + self.effort.time_limit, trials=self.effort.trials, clock=self.clock)
        choice = choose(
            until, case.task, workers, limits,
            seed=self.effort.seed, file=self.effort.study, fingerprint=case.fingerprint(),
            report=lambda tried: self._say("search", started, tried),
        )  # fmt: skip
        if limits.left() > WEIGHED * sum(one.seconds for one in choice.members) / workers.jobs:
            choice, case = weigh(choice, case, until, workers)
        self.choice, self.case = choice, case
        return choice, case

    def _judge(
        self, choice: Choice, case: Case, windows: Windows, workers: Workers, started: float, asked: str
    ) -> tuple[BacktestResult, Forecasts]:
        """Judge on windows that chose nothing, and if there is time what the weather is worth on them."""
        begun = self.clock()
        result, forecasts = judge(choice, case.view, case.task, windows, workers)
        left = started + self.effort.time_limit - self.clock()
        self.weather = None
        if left > JUDGED * (self.clock() - begun):
            self.weather = worth(choice, case.view, windows, workers, result, asked=asked)
        return result, forecasts

    def _say(self, stage: Any, started: float, tried: Sequence[Tried] = ()) -> None:
        best = min((one.loss for one in tried), default=None)
        share = min(1.0, (self.clock() - started) / self.effort.time_limit)
        self.progress(Progress(stage=stage, tried=len(tried), best=best, share=share))

    def _jobs(self) -> int:
        return self.effort.jobs or (1 if self.effort.time_limit < WORTH_WORKERS else default_jobs())

    def fitted(self) -> tuple[Case, Ensemble]:
        """The case and the fitted ensemble.

        Raises:
            ConfigError: If there is none yet.
        """
        if self.case is None or self.ensemble is None:
            raise ConfigError("The model is not fitted.", fix="Call fit first, or load a saved model.")
        return self.case, self.ensemble
