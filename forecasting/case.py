"""From the user's file to a case: readings on a grid, the task, and the view that everything is done on."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.issue import issues, live_end, with_reach
from backtests.task import Task, check_costs
from backtests.view import make_view, steps_per_day
from connectors.errors import DataError
from connectors.files.read import require_target
from connectors.saved_source import with_roles
from connectors.source import read_source, saved_source
from forecasting.aggregate import Aggregation, aggregate, how_of
from forecasting.decisions import decisions
from forecasting.ends import due_reading
from forecasting.events import as_fitted, read_events, said, with_events
from forecasting.findings import STALE_KINDS, summarised
from forecasting.future import with_future
from forecasting.grid import day_of
from forecasting.place import Weather, simulated_store, weather_of
from forecasting.prepare import prepare
from forecasting.profile import find_seasonality, profile
from forecasting.vintages import in_class, with_vintages

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from backtests.view import View
    from connectors.files.source import Guess, SourceOptions, Table
    from connectors.saved_source import SavedSource
    from connectors.weather.vintages import Vintages
    from forecasting.prepare import Prepared
    from forecasting.question import Question

    Source = str | os.PathLike[str] | pd.DataFrame | pd.Series[Any] | Sequence[pd.DataFrame] | SavedSource


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is worth knowing about the data once they are arrays; all of it is words and numbers.

    Attributes:
        name: Name of the file, or "DataFrame".
        target: The user's name of the target.
        unit: Its unit, when the header says it.
        decisions: What was decided for the user, with the option that overrides it.
        notes: What was left out or changed on reading.
        findings: What was found in the readings and what was done, as sentences.
        kinds: How many findings there were of each kind.
        stale: Items whose last readings are missing or unsound; their forecasts carry a flag.
        alerts: What is to be said of them before all else.
        attribution: Whom the data must be credited to.
    """

    name: str
    target: str
    unit: str | None
    decisions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question and all that is known to answer it.

    Attributes:
        question: What was asked.
        facts: What is worth knowing about the data.
        task: The task.
        view: The door to the data.
        profile: The series in numbers, by name.
        reading: How the readings were read; with it the next reading guesses nothing. None in a saved model.
        guesses: What was guessed of it.
        forecasts: Forecasts of the weather that were kept, hourly; None where there are none.
    """

    question: Question
    facts: Facts
    task: Task
    view: View
    profile: Mapping[str, float]
    reading: SourceOptions | None = None
    guesses: tuple[Guess, ...] = ()
    forecasts: Vintages | None = None

    def renewed(self, source: Source, future: Source | None = None) -> Case:
        """The same question and task on newer readings, for a model that was fitted on these.

        Raises:
            DataError: If items, step or covariates are not those of this case.
        """
        asked = replace(self.question, horizon=self.task.steps)
        newer = open_case(asked, source, future, reach=self.task.horizon)
        for what, here, there in (
            ("items", self.view.items, newer.view.items),
            ("step", self.task.freq, newer.task.freq),
            ("past-only columns", self.task.past_covariates, newer.task.past_covariates),
            ("steps from the last reading", self.task.horizon, newer.task.horizon),
        ):
            if here != there:
                raise DataError(
                    f"The {what} of the new readings are {there}.",
                    expected=f"The model was fitted on {here}.",
                    fix="Give a file of the same shape, or fit the model again.",
                )
        return replace(newer, task=self.task, view=replace(as_fitted(newer.view, self.view), task=self.task))

    def fingerprint(self) -> str:
        """Hash of the readings and of the task: what a search must agree on to be resumed."""
        digest = hashlib.sha256()
        view = self.view
        roles = (view.past, view.known, view.weather)
        for values in (view.raw, view.known_from, *(values for role in roles for values in role.values())):
            digest.update(np.ascontiguousarray(values).tobytes())
        digest.update(json.dumps([str(self.task), self.view.items, str(self.view.grid[0])]).encode())
        return digest.hexdigest()[:16]

    def require_future(self) -> None:
        """Check that known covariates reach to the end of the horizon.

        Raises:
            DataError: If one does not.
        """
        first = self.view.raw.shape[1]
        steps = min(self.task.horizon, int(self.view.issues.last[first - 1]))
        needed = dict(self.view.known)
        if self.task.weather_mode == "oracle":
            needed |= self.view.weather
        for name, values in needed.items():
            ahead = np.isfinite(values[:, first : first + steps])
            if not ahead.all():
                self._refuse_future(name, ahead)

    def _refuse_future(self, name: str, ahead: np.ndarray[Any, Any]) -> None:
        item = int(np.argmin(ahead.all(axis=1)))
        steps, wanted = int(np.argmin(ahead[item])), ahead.shape[1]
        until = self.view.grid[self.view.raw.shape[1] + wanted - 1]
        raise DataError(
            f"The known covariate {name!r} is known for {steps} of the {wanted} steps to forecast"
            + (f" of item {self.view.items[item]!r}." if len(self.view.items) > 1 else "."),
            expected=f"It must reach to {until.isoformat()}.",
            fix="Give the missing rows with --future FILE, or with an empty target at the end of the file, "
            "or ask for a shorter --horizon.",
        )


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A file as it was read, and what was found in it.

    Attributes:
        question: What was asked.
        table: The file.
        weather: Its rows, with the weather of a place.
        prepared: The history, and its faults.
    """

    question: Question
    table: Table
    weather: Weather
    prepared: Prepared


def open_case(question: Question, source: Source, future: Source | None = None, *, reach: int = 0) -> Case:
    """Read, prepare and describe; ``examine`` and ``case_of`` say what it takes and raises."""
    return case_of(examine(question, source, future), reach=reach)


def examine(question: Question, source: Source, future: Source | None = None) -> Examined:
    """Read and prepare.

    Args:
        question: What is asked.
        source: The history: a path, a DataFrame, or a saved source.
        future: Rows after it, with the known covariates.

    Raises:
        DataError: If the data cannot carry a forecast.
        ConfigError: If an option does not fit them.
    """
    asked = question
    question, table = _read(question, source)
    frame = table.frame if future is None else with_future(asked, table, future)
    weather = weather_of(question, table, frame)
    prepared = prepare(
        weather.frame,
        freq=table.freq,
        repair=question.repair,
        keep=question.keep,
        as_of=question.as_of,
        known=question.known,
        allow_stale=question.allow_stale,
        due=due_reading(frame, question.known, table.freq, as_of=question.arrived(), horizon=question.horizon),
    )
    if question.aggregate is not None:
        how = how_of(question.aggregate_how, unit=table.unit, target=table.target or "")
        wanted = Aggregation(freq=question.aggregate, how=how, time_zone=table.time_zone)
        prepared = aggregate(prepared, wanted)
    return Examined(question=question, table=table, weather=weather, prepared=prepared)


def case_of(examined: Examined, *, reach: int = 0) -> Case:
    """What a file that was read and prepared is forecast from.

    Args:
        examined: The file.
        reach: Steps to forecast from the last reading at least, those not asked for included.
    """
    question, table, weather, prepared = examined.question, examined.table, examined.weather, examined.prepared
    task = _task(question, table, prepared, weather)
    stamps = pd.DatetimeIndex(prepared.history["timestamp"])
    grid = pd.date_range(stamps.min(), stamps.max(), freq=task.freq)
    end = _arrived(question, grid, task)
    task = with_reach(grid[:end], task)
    task = replace(task, horizon=max(task.horizon, reach))
    view = make_view(prepared.history, task, faulty=prepared.faulty, future=prepared.future)
    events = () if question.events is None else read_events(question.events)
    view = with_events(view if end == len(grid) else view.until(grid[end - 1]), events)
    view = in_class(view, weather.forecasts, chosen=question.weather_mode is not None)
    now = question.as_of or pd.Timestamp.now("UTC")
    forecast = with_vintages(view, weather.forecasts, now=now, store=simulated_store(question))
    view, facts = forecast.view, _facts(examined, forecast.view)
    return Case(
        question=question,
        facts=replace(facts, notes=(*facts.notes, *forecast.notes, *said(events))),
        task=view.task,
        view=view,
        profile=profile(view).numbers(),
        reading=table.options,
        guesses=table.guesses,
        forecasts=weather.forecasts,
    )


def _arrived(question: Question, grid: pd.DatetimeIndex, task: Task) -> int:
    """Readings that had arrived when the forecast is issued.

    Raises:
        DataError: If none had.
    """
    if not task.is_late:
        return len(grid)
    now = question.as_of or pd.Timestamp.now("UTC")
    end = live_end(issues(grid, len(grid), task), len(grid), int(now.as_unit("ns").value))
    if end > 0:
        return end
    raise DataError(
        f"No reading had arrived by {now.isoformat()}: the first is of {grid[0].isoformat()}.",
        expected="A forecast needs readings that had arrived when it is issued.",
        fix="Check --delay and --issue-at, or give a longer history.",
    )


def _read(question: Question, source: Source) -> tuple[Question, Table]:
    """The table, and the question with the target in it, whoever named it."""
    saved = saved_source(source)
    if saved is None:
        table = read_source(source, question.source_options(), query=question.query, now=question.as_of)
    else:
        saved = with_roles(saved, (*question.known, *question.weather), question.ignore)
        question = replace(question.about(saved), ignore=saved.options.ignore)
        table = read_source(saved, now=question.as_of)
    return replace(question, target=require_target(table)), table


def _facts(examined: Examined, view: View) -> Facts:
    question, table, weather, prepared = examined.question, examined.table, examined.weather, examined.prepared
    findings, listed = prepared.findings, summarised(prepared.findings)
    return Facts(
        name=table.name,
        target=table.target or "",
        unit=table.unit,
        decisions=decisions(question, table, view.task, view.grid),
        notes=(*table.notes, *weather.notes),
        findings=tuple(finding.sentence() for finding in listed),
        kinds=dict(Counter(finding.kind for finding in findings)),
        stale=tuple(finding.item_id for finding in findings if finding.kind in STALE_KINDS),
        alerts=tuple(finding.sentence() for finding in findings if finding.kind in STALE_KINDS),
        attribution=(*table.attribution, *weather.attribution),
    )


def _task(question: Question, table: Table, prepared: Prepared, weather: Weather) -> Task:
    length = prepared.history["timestamp"].nunique()
    # by step and length alone: the readings hold the windows that will judge, and may take no part in a choice
    seasonality = find_seasonality(prepared.freq, length)
    named = (*question.known, *weather.columns)
    mode = question.weather_mode or ("simulated" if _is_forecast(prepared, weather) else "climatology")
    task = Task(
        horizon=1,
        freq=prepared.freq,
        seasonality=seasonality,
        time_zone=table.time_zone,
        country=question.country,
        holiday_categories=question.holidays,
        school=question.school,
        place=question.place,
        known_covariates=question.known,
        past_covariates=tuple(name for name in table.covariates if name not in named),
        weather_covariates=weather.columns,
        weather_delay=-(-weather.delay * day_of(prepared.freq) // day_of(table.freq)),
        weather_mode=mode if weather.columns else "none",
        weather_seed=question.weather_seed,
        quantile_levels=question.levels,
        costs=None if question.costs is None else check_costs(question.costs),
        **question.timing(),
    )
    return replace(task, horizon=question.horizon or default_horizon(task))


def _is_forecast(prepared: Prepared, weather: Weather) -> bool:
    """Whether rows after the readings hold weather: what is there now of the time to come is a forecast."""
    ahead = [name for name in weather.columns if name in prepared.future.columns]
    return bool(prepared.future[ahead].notna().to_numpy().any())


def default_horizon(task: Task) -> int:
    """One day; for steps of a day or longer one season, or one step where there is none."""
    daily = steps_per_day(task)
    return daily if daily > 1 else max(task.seasonality)
