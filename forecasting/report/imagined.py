"""A scenario beside the forecast, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.felt import is_temperature
from forecasting.report.language import t
from forecasting.report.sentences import TIE
from forecasting.report.why import degrees, signed_amount
from forecasting.report.wording import Clock, number, percent, plural, step_of, unit_of

if TYPE_CHECKING:
    from forecasting.case import Case
    from forecasting.whatif import Outside, Scenario, WhatIf


def imagined_sentences(found: WhatIf, case: Case) -> tuple[str, ...]:
    """What is asked, what comes of it, where it is most, and what to doubt."""
    asked = t("What if: {asked}.", asked=", ".join(_asked(found.scenario, case)))
    doubts = [_doubt(one, case) for one in found.outside]
    if found.scenario.weekday is not None:
        doubts.append(t("What is usual is that of the last ordinary day of that name; all else stays as forecast."))
    if found.without_effect:
        return (asked, t("Nothing changes: no forecaster of this model uses it."), *doubts)
    return (asked, *_changes(found, case), *doubts)


def _asked(scenario: Scenario, case: Case) -> list[str]:
    said = [f"{name} {signed_amount(value, _unit(name, case))}" for name, value in scenario.weather.items()]
    said += [t("{name} set to {value}", name=name, value=number(value)) for name, value in scenario.known.items()]
    if scenario.weekday is not None:
        said.append(t("every day as a {weekday}", weekday=t(scenario.weekday)))
    if not scenario.holidays:
        said.append(t("no holidays"))
    return said or [t("nothing is changed")]


def _unit(name: str, case: Case) -> str:
    """Unit of a column: degrees where it is a temperature for sure, else its own units."""
    history = case.view.weather.get(name)
    if history is None or not is_temperature(name):
        return unit_of(None, name)
    return degrees(name, (float(np.nanmin(history)), float(np.nanmax(history)))) or unit_of(None, name)


def _changes(found: WhatIf, case: Case) -> tuple[str, ...]:
    table, unit = found.table, unit_of(case.facts.unit, case.facts.target)
    before, after = float(table["mean"].mean()), float(table["what_if"].mean())
    span = step_of(case.task.freq).span(case.task.horizon)
    whole = t(
        "Over {span}, {after} on average instead of {before}: {change}.",
        span=span,
        after=f"{number(after)} {unit}",
        before=f"{number(before)} {unit}",
        change=signed_amount(after - before, unit) + _share(after - before, before),
    )
    row = table.iloc[int(table["difference"].abs().to_numpy().argmax())]
    clock = Clock(zone=case.task.time_zone, step=step_of(case.task.freq))
    most = t(
        "Most at {time}: {change}.",
        time=clock.labels(pd.DatetimeIndex([row["timestamp"]]))[0],
        change=signed_amount(float(row["difference"]), unit),
    )
    return (whole, most)


def _share(change: float, before: float) -> str:
    if not before:
        return ""
    share = abs(change / before)
    return "" if share < TIE / 20 else f" ({percent(share)})"


def _doubt(one: Outside, case: Case) -> str:
    unit = _unit(one.name, case)
    return t(
        "Marked: {name} comes to {value} ({times}), outside of {low} to {high} that the model was trained on.",
        name=one.name,
        value=f"{number(one.value)} {unit}",
        times=plural(one.steps, "step"),
        low=number(one.low),
        high=f"{number(one.high)} {unit}",
    )
