"""The first candidates suit the series, and the ways of copying have names anyone understands."""

from __future__ import annotations

import pytest

from forecasting.forecasters import FORECASTERS, build
from forecasting.portfolio import baselines, families, portfolio
from tests.contracts.series import task


@pytest.mark.parametrize(
    ("freq", "seasonality", "words"),
    [
        ("h", (24, 168), ["yesterday", "last week"]),
        ("15min", (96, 672), ["yesterday", "last week"]),
        ("D", (7,), ["last week"]),
        ("W-SUN", (52,), ["last year"]),
        ("MS", (12,), ["last year"]),
        ("QS", (4,), ["last year"]),
        ("5min", (1,), ["the last reading"]),
        ("h", (5,), ["the last 5 steps"]),
    ],
)
def test_copying_is_named_as_people_say_it(freq, seasonality, words):
    found = baselines(task(freq=freq, seasonality=seasonality))
    assert [words for words, _, _ in found] == [f"repeating {past}" for past in words]


@pytest.mark.parametrize("length", [60, 400, 3600, 30_000])
@pytest.mark.parametrize(
    ("freq", "seasonality"), [("h", (24, 168)), ("h", (24,)), ("D", (7,)), ("MS", (12,)), ("D", (1,))]
)
def test_every_candidate_can_be_built_and_suits_the_length(freq, seasonality, length):
    asked = task(freq=freq, seasonality=seasonality)
    found = portfolio(asked, length)
    for name, settings in found:
        build(name, settings)
        assert FORECASTERS[name].suits(asked, length)
        assert name in families(asked, length)


def test_the_cheap_ones_come_first():
    costs = [FORECASTERS[name].seconds_per_1000 for name, _ in portfolio(task(), 3600)]
    assert costs == sorted(costs)


def test_a_series_with_weather_is_tried_without_it_too():
    with_weather = [settings.get("weather", True) for name, settings in portfolio(task(), 3600)]
    assert False in with_weather
    assert all(settings.get("weather", True) for _, settings in portfolio(task(weather_covariates=()), 3600))


def test_trees_are_grown_on_all_items_of_a_panel():
    plain = task(weather_covariates=(), known_covariates=())
    alone, panel = (
        [settings for name, settings in portfolio(plain, 3600, items=items) if name == "boosted_residual"]
        for items in (1, 100)
    )
    assert alone == [{}]
    assert [(one["on"], one.get("period")) for one in panel] == [
        ("profile", 24),
        ("profile", 168),
        ("profile", None),
    ]
