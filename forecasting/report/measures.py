"""Every measure of the final windows, each with a line on what it means in this series' own numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from forecasting.report.language import t
from forecasting.report.readings import clock_of
from forecasting.report.sentences import amount, copying
from forecasting.report.tables import table
from forecasting.report.weather import weather_rows
from forecasting.report.wording import adds_up, count, number, percent, step_of, unit_of

if TYPE_CHECKING:
    from forecasting.report.content import Content, HoldOut
    from forecasting.report.markup import Markup


def measures_table(content: Content, hold_out: HoldOut) -> Markup:
    """The measures; none is turned round, so that smaller errors are smaller numbers."""
    clock = clock_of(content)
    caption = t(
        "All measures of the final windows, {first} to {last}.",
        first=clock.day(hold_out.first),
        last=clock.day(hold_out.last),
    )
    rows = [(name, value, meaning) for name, value, meaning in _rows(content, hold_out) if value]
    return table(caption, tuple(map(t, ("Measure", "Value", "What it means"))), rows, numeric=(1,))


def weather_table(content: Content) -> list[Markup]:
    """The same as a table of the page; none where nothing was measured."""
    rows = weather_rows(content.weather, content.unit, content.target)
    if not rows:
        return []
    caption = t("The same forecasters on the same windows, knowing more and less of the weather.")
    return [table(caption, (t("The weather of the horizon"), t("Error")), rows, numeric=(1,))]


def _rows(content: Content, hold_out: HoldOut) -> tuple[tuple[str, str, str], ...]:
    checked, naive = step_of(content.freq).count(hold_out.hours), copying(hold_out.naive_name)
    inside, said = count(hold_out.inside), "{inside} of {checked} fell inside it; 80 % should."
    return (
        (t("Mean absolute error"), amount(content, hold_out.mae), _typical(content, hold_out)),
        (t("The same for {naive}", naive=naive), _amount(content, hold_out.naive_mae), t("What anyone could have.")),
        ("WAPE", _share(hold_out.wape), _wape(content, hold_out)),
        (
            "MASE",
            _times(hold_out.mase),
            t("The error over that of repeating the last season in the history: below 1 is better than that."),
        ),
        ("RMSSE", _times(hold_out.rmsse), t("The same with squared errors, so that large misses count more.")),
        (t("Bias"), _amount(content, hold_out.bias), _bias(content, hold_out)),
        (
            t("Weighted quantile loss"),
            _share(hold_out.wql),
            t("Judges all quantiles together, each by its own share of misses; smaller is better, 0 is perfect."),
        ),
        (t("Inside the 80 % band"), percent(hold_out.coverage), t(said, inside=inside, checked=checked)),
    )


def _typical(content: Content, hold_out: HoldOut) -> str:
    """What the error does to an average reading."""
    if not hold_out.wape or not math.isfinite(hold_out.wape):
        return t("How far a forecast lies from what came, on average.")
    middle = hold_out.mae / hold_out.wape
    return t(
        "Where {middle} came, the forecast typically said {low} or {high}.",
        middle=amount(content, middle),
        low=amount(content, middle - hold_out.mae),
        high=amount(content, middle + hold_out.mae),
    )


def _wape(content: Content, hold_out: HoldOut) -> str:
    if not hold_out.wape or not math.isfinite(hold_out.wape):
        return ""
    unit = unit_of(content.unit, content.target)
    return t(
        "Of every 100 {unit} that came, {wrong} {unit} were too many or too few in the forecast.",
        unit=unit,
        wrong=number(100 * hold_out.wape),
    )


def _bias(content: Content, hold_out: HoldOut) -> str:
    if not adds_up(content.unit):
        return t("Forecast minus reading, on average: above zero is too high.")
    total = amount(content, abs(hold_out.bias) * hold_out.horizon)
    span = step_of(content.freq).span(hold_out.horizon)
    if hold_out.bias > 0:
        return t("Over {span} that adds up to {total} forecast too high.", span=span, total=total)
    return t("Over {span} that adds up to {total} forecast too low.", span=span, total=total)


def _amount(content: Content, value: float) -> str:
    return amount(content, value) if math.isfinite(value) else ""


def _share(share: float | None) -> str:
    return percent(share) if share is not None and math.isfinite(share) else ""


def _times(ratio: float) -> str:
    return t("{ratio} times", ratio=number(ratio)) if math.isfinite(ratio) else t("n/a")
