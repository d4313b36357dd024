"""The rules that turn measured numbers into sentences. Each rule gives no, one or several sentences."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.significance import FEWEST_DAYS, LEVEL
from forecasting.report.language import nouns, t
from forecasting.report.readings import (
    clock_of,
    error_profile,
    history_days,
    item_names,
    profile_kind,
    soundness,
    window_errors,
    without_width,
)
from forecasting.report.wording import count, number, percent, plural, step_of, unit_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from forecasting.report.content import Content, HoldOut
    from forecasting.report.readings import Profile, Soundness
    from forecasting.report.wording import Step

#: Errors closer than this share of the naive error are said to be equal.
TIE = 0.02
#: Fewer final windows than this are said to be few.
ENOUGH_WINDOWS = 5
#: A mean error of this share of the mean absolute error is said to lean to one side.
LEAN = 1 / 3
#: How far the coverage of the 80 % band may lie from 80 % without a remark.
BAND, BAND_SLACK = 0.80, 0.10
#: How many times the mean error the worst hour must reach to be named, and errors it must be the mean of.
WORST_RATIO, WORST_COUNT = 1.5, 3
#: Share of readings lost from which more sound readings would help.
MUCH_LOST = 0.10
#: Days of history below which the seasons of the year cannot be learnt.
A_YEAR = 365

WEATHER_LIMITS = {
    "none": "No weather was used: a change that comes with the weather is not foreseen.",
    "climatology": "The weather ahead is estimated from past weather, not taken from a weather forecast: "
    "a sudden change of weather is not foreseen.",
    "oracle": "The weather that really came was used: no live forecast can know it, "
    "so the scores are an upper bound.",
}


def amount(content: Content, value: float) -> str:
    """A value of the target with its unit."""
    return f"{number(value)} {unit_of(content.unit, content.target)}"


def subject(content: Content) -> tuple[str, ...]:
    """What is forecast, and until when."""
    clock, names = clock_of(content), item_names(content)
    of = t(" of {items}", items=plural(len(names), "item")) if len(names) > 1 else ""
    span = clock.step.stretch(content.horizon)
    text = t("{target}{of} is forecast for the next {span}", target=content.target, of=of, span=span)
    if content.forecast.empty:
        return (f"{text}.",)
    stamps = content.forecast["timestamp"]
    first, last = stamps.min(), stamps.max()
    if clock.step.calendar:
        return (text + t(", from {first} to {last}.", first=clock.moment(first), last=clock.moment(last)),)
    # A stamp is the start of its interval: the forecast reaches one step further.
    end = last + pd.tseries.frequencies.to_offset(content.freq)
    zone = content.time_zone
    reach = t(", from {first} to {last} ({zone}).", first=clock.moment(first), last=clock.moment(end), zone=zone)
    return (text + reach,)


def accuracy(content: Content) -> tuple[str, ...]:
    """How far off it usually is, against the naive forecast, and whether it leans to one side."""
    hold_out = content.hold_out
    if hold_out is None:
        return (
            t("How far off it usually is has not been measured: the history is too short to keep windows aside."),
        )
    if not math.isfinite(hold_out.mae):
        return (t("How far off it usually is has not been measured: the final windows hold no sound reading."),)
    share = "" if hold_out.wape is None or not math.isfinite(hold_out.wape) else f" ({percent(hold_out.wape)})"
    names = item_names(content)
    each = t(" of {items}", items=plural(len(names), "item")) if len(names) > 1 else ""
    said = t(
        "The forecast is usually off by {mae}{share}{against}, measured on {windows}{each}, "
        "which took no part in any choice.",
        mae=amount(content, hold_out.mae),
        share=share,
        against=_against(content, hold_out),
        windows=measured_on(hold_out, step_of(content.freq)),
        each=each,
    )
    return (said, *_few(hold_out), *luck(hold_out), *_lean(content, hold_out))


def measured_on(hold_out: HoldOut, step: Step) -> str:
    """Which windows: "the last 7 windows of 24 hours", "the last 24 hours" when there is one."""
    if hold_out.windows == 1:
        return t("the last {span}", span=step.stretch(hold_out.horizon))
    windows = plural(hold_out.windows, "window")
    return t("the last {windows} of {span}", windows=windows, span=step.span(hold_out.horizon))


def verdict(hold_out: HoldOut) -> tuple[str, str]:
    """Against the naive forecast: "better", "tie", "worse" or "unknown", and the difference in words."""
    mae, naive = hold_out.mae, hold_out.naive_mae
    if not (math.isfinite(mae) and math.isfinite(naive)):
        return "unknown", t("not compared")
    # Rounding keeps a difference of exactly 2 % on its own side of the border.
    skill = round(1 - mae / naive, 9) if naive else (-math.inf if mae else 0.0)
    if abs(skill) < TIE:
        return "tie", t("no real difference")
    if math.isinf(skill):
        return "worse", t("more error")
    change = _change(abs(skill))
    if skill > 0:
        return "better", t("{change} less error", change=change)
    return "worse", t("{change} more error", change=change)


def _change(share: float) -> str:
    # "100 % less error" would claim that nothing is left.
    return t("over 99 %") if 0.995 <= share < 1 else percent(share, decimals=0)


def _against(content: Content, hold_out: HoldOut) -> str:
    side, difference = verdict(hold_out)
    if side == "unknown":
        return ""
    naive = copying(hold_out.naive_name)
    off = amount(content, hold_out.naive_mae)
    text = t("; {naive} would be off by {off}: {difference}", naive=naive, off=off, difference=difference)
    if side == "tie":
        return text + t(", so the forecast is no better than {naive}", naive=naive)
    if side == "worse":
        return text + t(", so {naive} is the better forecast here", naive=naive)
    return text


def copying(name: str) -> str:
    """A way of copying in words (``forecasting.portfolio.baselines``)."""
    steps = re.fullmatch(r"repeating the last (\d+) steps", name)
    return t("repeating the last {number} steps", number=int(steps[1])) if steps else t(name)


def _few(hold_out: HoldOut) -> tuple[str, ...]:
    if hold_out.windows >= ENOUGH_WINDOWS:
        return ()
    if hold_out.windows == 1:
        return (t("That is a single window: the next ones may well turn out otherwise."),)
    windows = plural(hold_out.windows, "window")
    return (t("That is only {windows}: the next ones may well turn out otherwise.", windows=windows),)


def luck(hold_out: HoldOut) -> tuple[str, ...]:
    """Whether the difference from copying is more than chance would make."""
    found = hold_out.comparison
    if found is None or verdict(hold_out)[0] == "unknown":
        return ()
    if found.days < FEWEST_DAYS:
        return (t("{days} are too few to tell whether that is luck.", days=plural(found.days, "day")),)
    if not math.isfinite(found.p_value):  # the same error on every day
        return ()
    chance = percent(found.p_value)
    if found.p_value >= LEVEL:
        return (
            t("That may be luck: chance alone makes a difference as large in {chance} of cases.", chance=chance),
        )
    low, high = sorted((abs(found.low), abs(found.high)))
    if found.low * found.high <= 0:
        return (t("That is not luck: chance alone would do it in {chance} of cases.", chance=chance),)
    reach = "That is not luck: chance alone would do it in {chance} of cases. Likely size: {low} to {high}."
    ends = (percent(low, decimals=0), percent(high, decimals=0))
    return (t(reach, chance=chance, low=ends[0], high=ends[1]),)


def _lean(content: Content, hold_out: HoldOut) -> tuple[str, ...]:
    bias = hold_out.bias
    if not math.isfinite(bias) or not hold_out.mae or abs(bias) < LEAN * hold_out.mae:
        return ()
    off = amount(content, abs(bias))
    if bias > 0:
        return (t("It leans high: on average it lies {off} above what came.", off=off),)
    return (t("It leans low: on average it lies {off} below what came.", off=off),)


def band(content: Content) -> tuple[str, ...]:
    """Whether the 80 % band held what it says."""
    hold_out = content.hold_out
    if hold_out is None:
        return ()
    if not hold_out.hours or not math.isfinite(hold_out.coverage):
        return (t("Whether the 80 % band holds what it says has not been checked."),)
    checked = step_of(content.freq).count(hold_out.hours)
    inside, share = count(hold_out.inside), percent(hold_out.coverage)
    of = "Of {checked}, {inside} ({share}) fell inside the 80 % band."
    held = t(of, checked=checked, inside=inside, share=share)
    if without_width(content):
        wide = "The band has no width: readings have repeated exactly so far. The first that does not lies outside."
        return (held, t(wide))
    gap = round(hold_out.coverage - BAND, 9)
    if gap < -BAND_SLACK:
        return (held, t("The band is too narrow: expect surprises more often than it says."))
    if gap > BAND_SLACK:
        return (held, t("The band is wider than it needs to be."))
    return (held,)


def worst(content: Content) -> tuple[str, ...]:
    """The hour of day (or step of the horizon) with the largest error, when it stands out."""
    if content.final.empty:
        return ()
    by = profile_kind(step_of(content.freq), content.horizon)
    profile = error_profile(window_errors(content), clock_of(content), by)
    return () if profile is None else _worst_of(profile, lambda value: amount(content, value), content)


def _worst_of(profile: Profile, say: Callable[[float], str], content: Content) -> tuple[str, ...]:
    mae = np.where(profile.hours >= WORST_COUNT, profile.mae, np.nan)
    if not np.isfinite(mae).any() or np.nanmax(mae) < WORST_RATIO * profile.overall or not profile.overall:
        return ()
    at = int(np.nanargmax(mae))
    label = profile.labels[at]
    off = say(float(mae[at]))
    if profile.by == "hour":
        return (t("It is at its worst around {time}: off by {off} there.", time=label, off=off),)
    noun = step_of(content.freq).noun
    ahead = f"{label} {nouns(1 if label == '1' else 2, noun, noun + 's')}"
    return (t("It is at its worst {ahead} ahead: off by {off} there.", ahead=ahead, off=off),)


def data(content: Content) -> tuple[str, ...]:
    """Whether the input was sound."""
    found = soundness(content)
    step = step_of(content.freq)
    if not found.readings:
        return ()
    dead = _dead(content)
    lost = [
        _lost(found.missing, found.readings, ("{some} is missing", "{some} are missing")),
        _lost(found.left_out, found.readings, ("{some} was left out as faulty", "{some} were left out as faulty")),
    ]
    said = t(" and ").join(part for part in lost if part)
    readings = step.count(found.readings)
    if not said:
        sound = t("The input is sound: none of {readings} is missing or was left out.", readings=readings)
        return dead or (sound,)
    return (*dead, t("Of {readings} of history, {lost}.", readings=readings, lost=said))


def _dead(content: Content) -> tuple[str, ...]:
    """Meters that no longer send anything one can believe."""
    if not content.stale:
        return ()
    if len(item_names(content)) == 1:
        return (t("The input is not sound: the readings stopped or stuck at the end, the forecast is flagged."),)
    items = ", ".join(content.stale[:5]) + (t(" and more") if len(content.stale) > 5 else "")
    return (
        t(
            "The input is not sound: the readings of {items} stopped or stuck, their forecasts are flagged.",
            items=items,
        ),
    )


def _lost(some: int, whole: int, verbs: tuple[str, str]) -> str:
    return t(verbs[some > 1], some=f"{count(some)} ({percent(some / whole)})") if some else ""


def limits(content: Content) -> tuple[str, ...]:
    """What limits the forecast, and what would help."""
    found, step, days = soundness(content), step_of(content.freq), history_days(content)
    said = []
    if found.silent and not content.alerts:
        said.append(_silence(found, step))
    if found.share_lost >= MUCH_LOST:
        lost = percent(found.share_lost)
        said.append(t("{lost} of the readings cannot be used: more sound readings would help.", lost=lost))
    if step.grain in {"minute", "day"} and 0 < days < A_YEAR:
        said.append(
            t(
                "The history covers {days}, less than a year: "
                "the seasons of the year cannot be learnt from it, a longer history would help.",
                days=plural(int(days), "day"),
            )
        )
    weather = WEATHER_LIMITS.get(content.weather_mode)
    return (*said, t(weather)) if weather else tuple(said)


def helps(content: Content) -> tuple[str, ...]:
    """What would make the forecast better, of what was not given."""
    step, said = step_of(content.freq), []
    if content.stale:
        said.append(t("Newer sound readings of {items}.", items=", ".join(content.stale[:5])))
    if content.country is None and step.grain in {"minute", "day"}:
        said.append(t("The holidays of a country (--country)."))
    if content.weather_mode == "none" and content.weather is None and step.grain in {"minute", "day"}:
        said.append(t("Weather, where the readings follow it (--place or --weather)."))
    if content.hold_out is not None and content.hold_out.windows < ENOUGH_WINDOWS:
        said.append(t("A longer history, so that it can be tested on more windows."))
    return tuple(said)


def _silence(found: Soundness, step: Step) -> str:
    rest = t(" no sound reading: it starts from older ones, newer readings would help.")
    if found.items > 1:
        return t("Up to {span} before the forecast hold", span=step.count(found.silent)) + rest
    if found.silent == 1:
        return t("The last {noun} before the forecast holds", noun=nouns(1, step.noun, "")) + rest
    return t("The last {span} before the forecast hold", span=step.count(found.silent)) + rest
