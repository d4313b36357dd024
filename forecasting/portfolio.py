"""The first candidates: a few strong fixed settings, chosen by what the series is, cheap ones first.

The only file beside their own in which forecasters are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecasting.forecasters import FORECASTERS

if TYPE_CHECKING:
    from backtests.task import Task


def portfolio(task: Task, length: int) -> list[tuple[str, dict[str, Any]]]:
    """Candidates to try first.

    Args:
        task: The task.
        length: Readings the first fit has.

    Returns:
        Names and settings, by rising cost.
    """
    short, long = task.seasonality[0], task.seasonality[-1]
    seasons = [short] if short == long else [long, short]
    wanted: list[tuple[str, dict[str, Any]]] = [("seasonal_naive", {"season": season}) for season in seasons]
    wanted += [
        ("seasonal_profile", {"period": long}),
        ("seasonal_profile", {"period": long, "depth": 9, "decay": 0.9}),
    ]
    wanted += [
        ("deviation_ridge", {"period": long}),
        ("deviation_ridge", {"period": long, "depth": 9, "decay": 0.9}),
        ("deviation_ridge", {"period": long, "same_phase": True, "penalty": 0.1}),
    ]
    if short != long:
        wanted.append(("deviation_ridge", {"period": short, "depth": 14, "decay": 0.87}))
    if task.weather_covariates:
        wanted.append(("deviation_ridge", {"period": long, "depth": 9, "decay": 0.9, "weather": False}))
    wanted += [("autoregression", {}), ("theta", {}), ("boosted_residual", {})]
    return [(name, settings) for name, settings in wanted if FORECASTERS[name].suits(task, length)]


def families(task: Task, length: int) -> list[str]:
    """Forecasters that the search may choose from."""
    return [name for name, kind in FORECASTERS.items() if kind.suits(task, length)]


def baselines(task: Task) -> list[tuple[str, str, dict[str, Any]]]:
    """The forecasts anyone could make by copying, which every result is measured against.

    Returns:
        What it is in words, the forecaster, its settings; one for each season.
    """
    from backtests.view import steps_per_day

    daily = steps_per_day(task)
    words = {daily: "yesterday", 7 * daily: "last week", 1: "the last reading"}
    return [
        (f"repeating {words.get(season, f'the last {season} steps')}", "seasonal_naive", {"season": season})
        for season in task.seasonality
    ]
