"""Every measure of the final windows, each with a line on what it means in this series' own numbers."""

from __future__ import annotations

import math
import re
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
        ("MASE", _times(hold_out.mase), _mase(content, hold_out)),
        ("RMSSE", _times(hold_out.rmsse), _rmsse(hold_out)),
        (t("Bias"), _amount(content, hold_out.bias), _bias(content, hold_out)),
        (t("Weighted quantile loss"), _share(hold_out.wql), _quantiles(content, hold_out)),
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


def _mase(content: Content, hold_out: HoldOut) -> str:
    """The error of repeating that it is measured by."""
    if not math.isfinite(hold_out.mase) or hold_out.mase <= 0:
        return t("The error over that of repeating the last season in the history: below 1 is better than that.")
    return t(
        "Repeating the last season was off by {scale} in the history; {mae} is {ratio} times as much. "
        "Below 1 is better than repeating.",
        scale=amount(content, hold_out.mae / hold_out.mase),
        mae=amount(content, hold_out.mae),
        ratio=number(hold_out.mase),
    )


def _rmsse(hold_out: HoldOut) -> str:
    """Whether large misses are rarer than where one repeats, which the two ratios tell together."""
    if not math.isfinite(hold_out.rmsse) or not math.isfinite(hold_out.mase):
        return t("The same with squared errors, so that large misses count more.")
    both = {"rmsse": number(hold_out.rmsse), "mase": number(hold_out.mase)}
    if both["rmsse"] == both["mase"]:
        return t("The same with squared errors: as large as MASE, so large misses are as rare as in repeating.")
    if hold_out.rmsse < hold_out.mase:
        return t("The same with squared errors: {rmsse} is below {mase}, so large misses are rarer.", **both)
    return t("The same with squared errors: {rmsse} is above {mase}, so large misses are commoner.", **both)


def _quantiles(content: Content, hold_out: HoldOut) -> str:
    """What the bands bring: were all quantiles the forecast itself, the loss would be its relative error.

    That holds where for each quantile there is the one as far from the middle on the other side.
    """
    levels = {int(name[1:]) for name in content.final.columns if re.fullmatch(r"p\d\d", name)}
    if not levels or levels != {100 - one for one in levels} or hold_out.wape is None:
        return t("Judges all quantiles together, each by its own share of misses; smaller is better, 0 is perfect.")
    return t(
        "Judges all quantiles together: {wape} if each were the forecast, {wql} with the bands; 0 is perfect.",
        wape=_share(hold_out.wape),
        wql=_share(hold_out.wql),
    )


def _bias(content: Content, hold_out: HoldOut) -> str:
    if not adds_up(content.unit):
        off = amount(content, abs(hold_out.bias))
        if hold_out.bias > 0:
            return t("On average the forecast lay {off} above what came; 0 would lean to no side.", off=off)
        return t("On average the forecast lay {off} below what came; 0 would lean to no side.", off=off)
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
