"""The first candidates: a few strong fixed settings, chosen by what the series is, cheap ones first.

The only file beside their own in which forecasters are named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from backtests.view import steps_per_day
from backtests.windows import PANEL, step_length
from features.normal import DAYS_FOR_YEAR
from forecasting.forecasters import FORECASTERS
from forecasting.forecasters.prefix import ABSOLUTE
from forecasting.forecasters.structural_fit import MIXED, NOTHING, learns_from_forecasts

if TYPE_CHECKING:
    from backtests.task import Task


#: Share of readings that are 0 from which demand counts as intermittent: more than 1.32 steps for each demand.
#: Source: Syntetos, Boylan, Croston (2005), On the categorization of demand patterns.
MOSTLY_ZERO = 1 - 1 / 1.32


#: A ridge that learns at the hour of the live forecast only: for series that hardly know a week.
MORNINGS: dict[str, Any] = {"same_phase": True, "penalty": 0.3, "loss": ABSOLUTE}


def portfolio(task: Task, length: int, zeros: float = 0.0, items: int = 1) -> list[tuple[str, dict[str, Any]]]:
    """Candidates to try first.

    Args:
        task: The task.
        length: Readings the first fit has.
        zeros: Share of the readings that are 0.
        items: How many items there are: trees grown on many teach more than a regression of each.

    Returns:
        Names and settings, by rising cost.
    """
    short, long = task.seasonality[0], task.seasonality[-1]
    scaled = {"target": "box_cox", "blend": True}
    seasons = [short] if short == long else [long, short]
    wanted: list[tuple[str, dict[str, Any]]] = [("seasonal_naive", {"season": season}) for season in seasons]
    wanted += [
        ("seasonal_profile", {"period": long}),
        ("seasonal_profile", {"period": long, "depth": 9, "decay": 0.9}),
        ("deviation_ridge", {"period": long, **scaled}),
        ("gam_average", {}),
        ("double_seasonal", {}),
    ]
    if task.weather_covariates:  # what the ridges make of weather the structural regressions make better
        wanted.append(("ridge_average", {"period": long, "weather": False, **scaled}))
    else:
        wanted.append(("ridge_average", {"period": long, **scaled, "loss": ABSOLUTE}))
        if short != long:
            wanted.append(("ridge_average", {"period": short, "loss": ABSOLUTE}))
            wanted.append(("deviation_ridge", {"period": short, **MORNINGS}))
        # with years of readings it tells the season from the weather of these weeks; with fewer it errs
        wanted += [("calendar_ridge", {})] if length >= DAYS_FOR_YEAR * steps_per_day(task) else []
    if task.weather_covariates or task.known_covariates:
        wanted += [("weather_gam", {}), ("weather_gam", {"log": False, "memory": "day", "penalty": 1e-2, "year": 2})]
        wanted += [("boosted_structure", {}), ("boosted_structure", {"target": "level"})]
        wanted.append(("gam_average", {"stiffness": 100.0}))  # months of history bear stiff curves only
    if learns_from_forecasts(MIXED, task):
        # where weather is poor, or helps the first steps only, the one without it takes part in the others
        wanted += [("gam_average", {"training": MIXED}), ("gam_average", {"training": NOTHING})]
    if zeros > MOSTLY_ZERO:
        wanted += [("intermittent", {"method": method}) for method in ("tsb", "sba")]
        wanted.append(("intermittent", {"by_phase": True}))
    wanted += [("analogues", {}), ("autoregression", {}), ("theta", {}), ("smoothing", {})]
    wanted += pooled(short, long) if items >= PANEL else [("boosted_residual", {})]
    suited = [(name, settings) for name, settings in wanted if FORECASTERS[name].suits(task, length)]
    return sorted(suited, key=lambda one: FORECASTERS[one[0]].seconds_per_1000)


def pooled(short: int, long: int) -> list[tuple[str, dict[str, Any]]]:
    """For a panel: trees grown on all items in place of what their regressions leave; and a regression of shares.

    Items differ in size: what they have in common are shares.
    """
    seasons = [short] if short == long else [short, long]
    trees: dict[str, Any] = {"on": "profile", "leaves": 63, "rounds": 400}
    wanted = [("boosted_residual", {**trees, "period": season, "target": "box_cox"}) for season in seasons]
    shares: dict[str, Any] = {"period": short, "target": "box_cox", "loss": ABSOLUTE}
    return [*wanted, ("boosted_residual", trees), ("deviation_ridge", shares)]


def families(task: Task, length: int, zeros: float = 0.0) -> list[str]:
    """Forecasters that the search may choose from: those for intermittent demand only where it is."""
    rare = set() if zeros > MOSTLY_ZERO else {"intermittent"}
    return [name for name, kind in FORECASTERS.items() if kind.suits(task, length) and name not in rare]


def baselines(task: Task) -> list[tuple[str, str, dict[str, Any]]]:
    """The forecasts anyone could make by copying, which every result is measured against.

    Returns:
        What it is in words, the forecaster, its settings; one for each season.
    """
    return [
        (f"repeating {_past(season, task)}", "seasonal_naive", {"season": season}) for season in task.seasonality
    ]


def _past(season: int, task: Task) -> str:
    """A season back in everyday words: yesterday, last week, last year."""
    if season == 1:
        return "the last reading"
    days = season * step_length(task.freq) / pd.Timedelta(days=1)
    for words, least, most in (("yesterday", 1, 1), ("last week", 7, 7), ("last year", 360, 373)):
        if least <= days <= most:
            return words
    return f"the last {season} steps"
