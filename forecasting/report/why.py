"""Why each day is as it is forecast: against the same weekday before, cause by cause, in the user's unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.felt import is_temperature
from features.parts import (
    BOUND,
    CALENDAR,
    COVARIATES,
    EVENTS,
    OTHER,
    OUTAGE,
    PROFILE,
    RECENT,
    WEATHER,
    WHOLE,
)  # fmt: skip
from forecasting.reasons import MISSED
from forecasting.report.language import t
from forecasting.report.readings import clock_of
from forecasting.report.wording import adds_up, number, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecasting.reasons import Change
    from forecasting.report.content import Content

#: Causes named of one day at most; a cause below this share of the largest is left to "other".
MOST_CAUSES, SMALLEST = 4, 0.10
#: A difference below this share of the day before is said to be none.
SAME = 0.02
#: Difference of temperature worth a word [degrees].
WARMER = 0.5
#: Causes that are told by the side on which they lie: above and below.
SIDES = {
    PROFILE: ("a higher usual level", "a lower usual level"),
    RECENT: ("the latest readings ran higher", "the latest readings ran lower"),
    MISSED: ("{then} itself came lower than expected", "{then} itself came higher than expected"),
}
#: What the flags of the calendar are called.
FLAGS = {
    "holiday": "a public holiday",
    "eve": "the day before a holiday",
    "day_after": "the day after a holiday",
    "bridge": "a bridge day",
    "christmas_week": "Christmas week",
    "weekend_holiday": "a holiday on a weekend",
    "half_day": "a half day",
    "clock_change": "a day of changing clocks",
    "to_holiday": "a holiday near",
    "since_holiday": "a holiday just past",
}
#: What a part is called, in figures and tables.
NAMES = {
    PROFILE: "usual at this time",
    RECENT: "recent level",
    WEATHER: "weather",
    CALENDAR: "calendar and holidays",
    COVARIATES: "known columns",
    EVENTS: "events",
    OUTAGE: "an outage that lasts",
    BOUND: "kept from falling lower",
    OTHER: "other",
}


def part_name(part: str) -> str:
    """What a part is called."""
    if part.startswith(WHOLE):
        return t("{name} as a whole", name=part.removeprefix(WHOLE))
    return t(NAMES[part])


def day_sentences(content: Content, item: str) -> tuple[str, ...]:
    """One sentence for each day of an item that can be compared."""
    if content.why is None:
        return ()
    return tuple(day_sentence(content, change) for change in content.why.changes if change.item_id == item)


def day_sentence(content: Content, change: Change) -> str:
    """A day against the day before, and its causes.

    As in "Tue 26 Nov: 12 kWh more than Tue 19 Nov: +9 kWh colder (-2 °C against 5 °C), +3 kWh other."
    """
    clock = clock_of(content)
    times = _times(content, change)
    total, before = times * (change.now - change.before), times * change.before
    parts = {name: times * value for name, value in change.parts.items()}
    decimals = _decimals(max(abs(total), *map(abs, parts.values())))
    unit = unit_of(content.unit, content.target)
    day, then = clock.date(change.day), clock.date(change.then)
    size = f"{number(round(abs(total), decimals), decimals=max(0, decimals))} {unit}"
    if abs(total) <= SAME * abs(before):
        lead = t("{day}: about as much as {then}, {size} apart", day=day, then=then, size=size)
    elif total > 0:
        lead = t("{day}: {size} more than {then}", day=day, size=size, then=then)
    else:
        lead = t("{day}: {size} less than {then}", day=day, size=size, then=then)
    if times == 1 and change.steps > 1:
        lead = t("{lead} on average", lead=lead)
    causes = _causes(content, change, parts, decimals, round(total, decimals))
    return t("{lead}: {causes}.", lead=lead, causes=", ".join(causes)) if causes else f"{lead}."


def _times(content: Content, change: Change) -> int:
    """Energy adds up over the day; a power, or what is not known to be energy, is averaged."""
    return change.steps if adds_up(content.unit) else 1


def _decimals(largest: float) -> int:
    """Digits after the point, below 0 before it, that leave two significant ones of the largest."""
    return 1 - math.floor(math.log10(largest)) if largest > 0 else 0


def _causes(content: Content, change: Change, parts: Mapping[str, float], decimals: int, total: float) -> list[str]:
    """The largest causes, and what is left; as they are said they add up to the difference as it is said."""
    largest = max(map(abs, parts.values()))
    ranked = sorted((name for name in parts if name != OTHER), key=lambda name: -abs(parts[name]))
    named = [name for name in ranked if abs(parts[name]) >= SMALLEST * largest and round(parts[name], decimals)]
    said, left = [], total
    for name in named[:MOST_CAUSES]:
        value = round(parts[name], decimals)
        left -= value
        said.append(f"{_signed(content, value, decimals)} {_cause(content, change, name, value)}")
    if round(left, decimals):
        said.append(f"{_signed(content, left, decimals)} {t('other')}")
    return said


def _signed(content: Content, value: float, decimals: int) -> str:
    return signed_amount(value, unit_of(content.unit, content.target), decimals=max(0, decimals))


def signed_amount(value: float, unit: str, *, decimals: int | None = None) -> str:
    """An amount with its sign and its unit."""
    return f"{'+' if value > 0 else '-'}{number(abs(value), decimals=decimals)} {unit}"


def _cause(content: Content, change: Change, name: str, value: float) -> str:
    """A cause in words."""
    if name in SIDES:
        return t(SIDES[name][value < 0], then=clock_of(content).date(change.then))
    told = {WEATHER: _weather, CALENDAR: _calendar, EVENTS: _events, COVARIATES: _columns}.get(name)
    return part_name(name) if told is None else told(change)


def _weather(change: Change) -> str:
    """Colder or warmer, with both temperatures where their unit is known."""
    name = next((name for name in change.weather if is_temperature(name)), None)
    if name is None:
        return t("the weather")
    now, then = change.weather[name]
    if not math.isfinite(now - then) or abs(now - then) < WARMER:
        return t("the weather")
    word = t("warmer") if now > then else t("colder")
    degree = degrees(name, (now, then))
    if degree is None:
        return word
    here, there = (f"{number(value, decimals=0)} {degree}" for value in (now, then))
    return t("{word} ({now} against {then})", word=word, now=here, then=there)


def degrees(name: str, values: tuple[float, ...]) -> str | None:
    """The unit of a temperature by its name, or Celsius where the values can be nothing else; None when unsure."""
    low = name.lower()
    if low.endswith(("_f", "fahrenheit", "(f)", "[f]", "°f")):
        return "°F"
    return "°C" if all(-60 <= value <= 50 for value in values if math.isfinite(value)) else None


def _calendar(change: Change) -> str:
    gained = [flag for flag in change.calendar if flag not in change.calendar_then]
    lost = [flag for flag in change.calendar_then if flag not in change.calendar]
    if gained:
        return _flag(gained[0])
    if lost and _is_school(lost[0]):
        return t("back from school holidays")
    if lost:
        return t("{then} that time", then=_flag(lost[0]))
    return t("the calendar")


def _is_school(flag: str) -> bool:
    return "school" in flag


def _flag(flag: str) -> str:
    return t("school holidays") if _is_school(flag) else t(FLAGS.get(flag, flag.replace("_", " ")))


def _events(change: Change) -> str:
    now, then = change.events
    gained, lost = [name for name in now if name not in then], [name for name in then if name not in now]
    if gained:
        return t("{names} this time", names=", ".join(gained))
    if lost:
        return t("{names} that time", names=", ".join(lost))
    return t("events")


def _columns(change: Change) -> str:
    """The known column that changed most against its size."""

    def moved(name: str) -> float:
        now, then = change.known[name]
        gap = abs(now - then) / max(abs(now), abs(then), 1e-12)
        return gap if math.isfinite(gap) else 0.0

    if not change.known:
        return t("known columns")
    name = max(change.known, key=moved)
    if not moved(name):
        return t("known columns")
    now, then = change.known[name]
    return t("{name} higher", name=name) if now > then else t("{name} lower", name=name)
