"""What was decided without being asked, each with the option that decides otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backtests.windows import step_length
from features.school import NONE, school_years
from forecasting.aggregate import how_of

if TYPE_CHECKING:
    from backtests.task import Task
    from connectors.files.source import Table
    from forecasting.question import Question

#: Why the weather of the horizon is what it is, when nobody chose.
WHY = {
    "vintage": "forecasts of the weather were kept; each window sees those that were available when it is issued",
    "climatology": "no weather forecast is at hand, so it is made from the observations up to each cutoff",
    "simulated": "a forecast of the weather is at hand, but none was kept for the windows that judge; past "
    "forecasts are simulated, as wrong as real ones",
}


def decisions(question: Question, table: Table, task: Task, grid: pd.DatetimeIndex) -> tuple[str, ...]:
    """What was decided without being asked."""
    found = [f"{guess.what}: {guess.value} ({guess.why}; {guess.option})" for guess in table.guesses]
    if question.aggregate is not None and question.aggregate_how is None:
        how = how_of(None, unit=table.unit, target=table.target or "")
        found.append(f"{task.freq} of {table.freq}: by {how} (the target is in {table.unit}; --aggregate-how)")
    if question.horizon is None:
        found.append(f"horizon: {task.steps} steps of {task.freq} (one day, or one season; --horizon)")
    if task.past_covariates:
        found.append(
            f"past-only columns: {', '.join(task.past_covariates)} (their future is not known; "
            "--known, --weather or --ignore)"
        )
    if question.country is None and step_length(task.freq) <= pd.Timedelta(days=1):
        found.append("holidays: none (no country was named; --country)")
    if question.country is not None and question.school != NONE and step_length(task.freq) <= pd.Timedelta(days=1):
        found.append(_school(question.country, question.school, grid))
    if task.weather_covariates and question.weather_mode is None:
        found.append(f"weather of the horizon: {task.weather_mode} ({WHY[task.weather_mode]}; --weather-mode)")
    return tuple(found)


def _school(country: str, zone: str | None, grid: pd.DatetimeIndex) -> str:
    """Which years have a calendar of school holidays, and which take the mean of those."""
    years = range(grid[0].year, grid[-1].year + 1)
    known, where = school_years(country, zone, years), country if zone is None else f"{country} {zone}"
    if not known:
        return f"school holidays: none (no calendar has any for {where} from {years[0]} to {years[-1]}; --school)"
    rest = [str(year) for year in years if year not in known]
    others = f"; {', '.join(rest)} as the same dates of the others" if rest else ""
    return f"school holidays: those of {where} for {known[0]} to {known[-1]}{others} (--school ZONE or none)"
