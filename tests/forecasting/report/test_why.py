"""Each rule that says why a day differs, at its border; said amounts add up as they are said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.parts import (
    CALENDAR,
    COVARIATES,
    EVENTS,
    OTHER,
    PARTS,
    PROFILE,
    RECENT,
    WEATHER,
    WHOLE,
)  # fmt: skip
from forecasting.explain import Explanation
from forecasting.reasons import MISSED, Change, Why
from forecasting.report import causes
from forecasting.report.causes import build_up, causes_figure
from forecasting.report.language import speaking
from forecasting.report.page import render
from forecasting.report.views import item_views
from forecasting.report.why import NAMES, day_sentence, day_sentences, degrees, part_name


def change(parts, *, before=1000.0, **more):
    told = {
        "item_id": "house", "day": pd.Timestamp("2025-01-07"), "then": pd.Timestamp("2024-12-31"), "steps": 24,
        "now": before + sum(parts.values()), "before": before, "parts": parts,
    }  # fmt: skip
    return Change(**(told | more))


def explained(content, parts, **changes):
    """A report whose forecast is made of these parts, alike at every step."""
    told = content(**changes)
    stamps = told.forecast["timestamp"].dt.tz_localize(None).to_numpy()[None]
    live = Explanation(
        items=("house",),
        cutoffs=pd.DatetimeIndex(told.forecast["cutoff"].iloc[:1]),
        timestamps=stamps,
        mean=np.full((1, 1, 24), sum(parts.values())),
        parts={name: np.full((1, 1, 24), value) for name, value in parts.items()},
        asked=np.ones((1, 24), dtype=bool),
        weights=np.ones(1),
    )
    return replace(told, why=Why(live=live, changes=(change(parts),)))


def test_a_day_is_told_with_its_causes_in_the_unit_of_a_day(content):
    told = change({WEATHER: 0.4, CALENDAR: 0.15, OTHER: -0.05}, before=10.0, weather={"temperature": (-2.0, 5.0)},
                  calendar_then=("school_holiday",))  # fmt: skip
    assert day_sentence(content(), told) == (
        "Tue 7 Jan: 12 kWh more than Tue 31 Dec: +10 kWh colder (-2 °C against 5 °C), "
        "+4 kWh back from school holidays, -2 kWh other."
    )


def test_a_power_is_averaged_over_the_day(content):
    told = day_sentence(content(unit="kW"), change({WEATHER: -60.0}, weather={"temperature": (9.0, 5.0)}))
    assert told == "Tue 7 Jan: 60 kW less than Tue 31 Dec on average: -60 kW warmer (9 °C against 5 °C)."


@pytest.mark.parametrize(
    ("difference", "said"),
    [(20.0, "about as much as Tue 31 Dec, 20 kW apart"), (20.1, "20 kW more than"), (-20.1, "20 kW less than")],
)
def test_two_percent_of_the_day_before_is_about_as_much(content, difference, said):
    assert said in day_sentence(content(unit="kW"), change({RECENT: difference}))


def test_what_is_said_adds_up_as_it_is_said(content):
    rng = np.random.default_rng(0)
    for _ in range(200):
        parts = {name: float(rng.normal(0, 10 ** rng.uniform(-2, 4))) for name in (*PARTS[:6], OTHER, MISSED)}
        lead, causes = day_sentence(content(unit="kW"), change(parts)).split(": ", 2)[1:]
        numbers = [float(n.replace(",", "")) for n in re.findall(r"[+-][\d,.]+(?= kW)", causes)]
        total = float(re.search(r"[\d,.]+(?= kW)", lead)[0].replace(",", "")) * (-1 if "less" in lead else 1)
        near = [total] if "about" not in lead else [total, -total]
        assert min(abs(sum(numbers) - one) for one in near) < 1e-6 * max(1, abs(total)), (lead, causes)


@pytest.mark.parametrize(
    ("parts", "facts", "said"),
    [
        ({PROFILE: 50.0}, {}, "+50 kW a higher usual level"),
        ({PROFILE: -50.0}, {}, "-50 kW a lower usual level"),
        ({RECENT: 50.0}, {}, "the latest readings ran higher"),
        ({MISSED: 50.0}, {}, "Tue 31 Dec itself came lower than expected"),
        ({MISSED: -50.0}, {}, "Tue 31 Dec itself came higher than expected"),
        ({WEATHER: 50.0}, {"weather": {"temperature": (5.49, 5.0)}}, "+50 kW the weather"),
        ({WEATHER: 50.0}, {"weather": {"temperature": (5.5, 5.0)}}, "warmer (6 °C against 5 °C)"),
        ({WEATHER: 50.0}, {"weather": {"temperature_f": (50.0, 70.0)}}, "colder (50 °F against 70 °F)"),
        ({WEATHER: 50.0}, {"weather": {"temp": (50.0, 70.0)}}, "+50 kW colder."),
        ({WEATHER: 50.0}, {"weather": {"humidity": (0.5, 0.7)}}, "+50 kW the weather."),
        ({WEATHER: 50.0}, {"weather": {"temperature": (5.0, float("nan"))}}, "+50 kW the weather."),
        ({CALENDAR: -50.0}, {"calendar": ("holiday",)}, "-50 kW a public holiday"),
        ({CALENDAR: 50.0}, {"calendar_then": ("holiday",)}, "a public holiday that time"),
        ({CALENDAR: 50.0}, {"calendar": ("eve",), "calendar_then": ("eve",)}, "the calendar"),
        ({EVENTS: 50.0}, {"events": (("match",), ())}, "match this time"),
        ({EVENTS: -50.0}, {"events": ((), ("match",))}, "match that time"),
        ({COVARIATES: 50.0}, {"known": {"price": (1.0, 1.1), "guests": (80.0, 40.0)}}, "guests higher"),
        ({COVARIATES: 50.0}, {}, "known columns"),
        ({f"{WHOLE}oracle": 50.0}, {}, "oracle as a whole"),
    ],
)  # fmt: skip
def test_a_cause_is_told_by_what_was_different(content, parts, facts, said):
    assert said in day_sentence(content(unit="kW"), change(parts, **facts))


def test_a_small_cause_is_left_to_the_others(content):
    sentence = day_sentence(content(unit="kW"), change({WEATHER: 100.0, RECENT: 9.9, CALENDAR: 10.0}))
    assert "readings ran" not in sentence
    assert "the calendar" in sentence
    assert sentence.endswith("+10 kW other.")


def test_a_temperature_has_a_unit_only_where_it_is_sure():
    assert degrees("temperature", (-60.0, 50.0)) == "°C"
    assert degrees("temperature", (51.0,)) is None
    assert degrees("Outdoor (F)", (51.0,)) == "°F"


def test_the_page_holds_days_causes_and_a_step_built_up(content):
    told = explained(content, {PROFILE: 300.0, WEATHER: 12.0, RECENT: -4.0, OTHER: 0.0})
    (view,) = item_views(told)
    page = render(told)
    assert all(sentence.replace(" %", "\N{NO-BREAK SPACE}%") in page for sentence in day_sentences(told, "house"))
    built = build_up(view)
    assert ">300 kWh<" in built
    assert ">+12.0 kWh<" in built
    assert ">-4.00 kWh<" in built
    assert ">308 kWh<" in built
    assert NAMES[OTHER] not in built
    assert 'class="part weather"' in causes_figure(view)
    with speaking("fr"):
        assert "Pourquoi cette prévision" in render(told)


def test_without_causes_there_is_nothing_to_draw(content):
    (view,) = item_views(explained(content, {PROFILE: 300.0, OTHER: 0.0}))
    assert causes_figure(view) is None
    assert build_up(view) is None
    assert "Nothing moves it away from the usual" in render(view.content)
    (rounded,) = item_views(explained(content, {PROFILE: 300.0, OTHER: 3e-14}))
    assert causes_figure(rounded) is None, "what rounding leaves is no cause"
    (bare,) = item_views(content())
    assert causes_figure(bare) is None
    assert "Why this forecast" not in render(content())


def test_every_part_has_a_name_and_a_colour_of_its_own():
    css = (Path(causes.__file__).parent / "page.css").read_text(encoding="utf-8")
    colours = [re.search(rf"\.part\.{causes.style_of(part)}\b[^{{]*{{ fill: ([^;]+);", css) for part in PARTS]
    assert None not in colours
    assert len({colour[1] for colour in colours}) == len(PARTS)
    assert all(part_name(part) for part in PARTS)
