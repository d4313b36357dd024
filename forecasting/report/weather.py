"""What the weather is worth: one sentence and one small table, of the same forecasters on the same windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecasting.report.language import t
from forecasting.report.wording import number, percent, unit_of

if TYPE_CHECKING:
    from forecasting.honesty import WeatherWorth
    from forecasting.report.content import Content

#: What is known of the weather, in the middle of the sentence and in the table.
KNOWN = {
    "vintage": ("with the forecasts available{at} it is {error}", "weather as it was forecast"),
    "previous_runs": ("with the forecasts available{at} it is {error}", "weather as it was forecast, by lead"),
    "simulated": (
        "with simulated forecasts such as those available{at} it is {error}",
        "simulated weather forecasts",
    ),
    "climatology": ("with the weather as usual for the hour it is {error}", "usual weather"),
}


def weather(content: Content) -> tuple[str, ...]:
    """The sentences of the page."""
    return weather_sentences(content.weather, content.unit, content.target)


def weather_sentences(found: WeatherWorth | None, unit: str | None, target: str) -> tuple[str, ...]:
    """The error when all is known of the weather, with what can be known of it, and without it."""
    if found is None:
        return ()
    left_out = t("Weather was left out: it did not help on the windows that choose.")
    said = (left_out,) if found.dropped else ()
    if found.perfect is None or found.forecast is None or found.without is None:
        return said
    at = "" if found.issued is None else t(" at {time}", time=found.issued)
    errors = [_error(value, found, unit, target) for value in (found.perfect, found.forecast, found.without)]
    if len(set(errors)) == 1:
        return (t("The weather makes no difference here: known perfectly or not at all, the error is {error}.",
                  error=errors[0]), *said)  # fmt: skip
    sentence = t("Knowing the weather perfectly the error would be {error}", error=errors[0])
    middle = t(KNOWN[found.mode][0], at=at, error=errors[1])
    last = t("without weather {error}", error=errors[2])
    return (t("{sentence}; {middle}; {last}.", sentence=sentence, middle=middle, last=last), *said)


def weather_rows(found: WeatherWorth | None, unit: str | None, target: str) -> list[tuple[str, str]]:
    """What is known of the weather, and the error; what was not measured is empty."""
    if found is None:
        return []
    rows = (
        ("what came (no forecast can know it)", found.perfect),
        (KNOWN[found.mode][1], found.forecast),
        ("not used", found.without),
    )
    return [(t(name), "" if error is None else _error(error, found, unit, target)) for name, error in rows]


def _error(value: float, found: WeatherWorth, unit: str | None, target: str) -> str:
    return percent(value) if found.share else f"{number(value)} {unit_of(unit, target)}"
