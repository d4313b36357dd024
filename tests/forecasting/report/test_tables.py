"""The tables of the page."""

from __future__ import annotations

import re

import pytest

from forecasting.forecasters import FORECASTERS
from forecasting.report.french_plain import PLAIN
from forecasting.report.measures import measures_table
from forecasting.report.tables import (
    faults_table,
    forecast_table,
    leaderboard_table,
    names_table,
    skill_words,
)
from forecasting.report.views import item_views


def rows(table):
    """Texts of the cells, row by row."""
    found = re.findall(r"<tr>(.*?)</tr>", table)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in found]
    return [[re.sub(r"<[^>]*>", "", cell).replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in cells]


@pytest.mark.parametrize(
    ("skill", "said"),
    [
        (0.38, "38 % less error"),
        (0.02, "2 % less error"),
        (0.019, "as good"),
        (-0.02, "2 % more error"),
        (-1.4, "140 % more error"),
        (float("nan"), "not compared"),
    ],
)
def test_skill_is_said_in_words_and_a_tie_is_a_tie(skill, said):
    assert skill_words(skill) == said


def test_the_leaderboard_says_skill_time_members_and_failures(content):
    found = rows(leaderboard_table(content()))
    assert found == [
        ["Forecaster", "Against copying the past", "Loss", "Time"],
        ["ridge in the forecast", "31 % less error", "0.610 times", "2.30 s"],
        ["seasonal naive", "as good", "0.880 times", "under 0.1 s"],
        ["drift", "180 % more error", "2.40 times", "under 0.1 s"],
        ["theta", "failed: singular matrix", "1.20 s", ""][:3],
    ]


def test_a_forecaster_given_up_early_says_so(content, board):
    table = leaderboard_table(
        content(
            leaderboard=board(
                [("trees", 1.2, -0.3, 4.0, "pruned", False, None), ("x", 1.3, -0.4, 1.0, "odd", False, "")]
            )
        )
    )
    assert [row[-1] for row in rows(table)] == ["Note", "given up early, clearly worse", "odd"]


def test_the_names_of_forecasters_are_said_in_plain_words(content, board):
    some = content(leaderboard=board([(f"{name} {n}", 0.5, 0.1, 1.0, "done", False, "") for n, name in
                                      enumerate(("theta", "theta", "analogues", "of your own"))]))  # fmt: skip
    assert rows(names_table(some)[0]) == [
        ["Forecaster", "What it does"],
        ["analogues", "what followed the past days most like the latest ones"],
        ["theta", "a smoothed level with half of the trend"],
    ]
    assert names_table(content(leaderboard=board([("yours 0", 0.5, 0.1, 1.0, "done", False, "")]))) == []


def test_every_forecaster_of_ours_says_in_both_languages_what_it_does():
    assert {kind.plain for _, kind in FORECASTERS.items()} <= {"", *PLAIN}
    assert sum(bool(kind.plain) for _, kind in FORECASTERS.items()) == len(PLAIN)


def test_a_long_leaderboard_is_cut_and_counted_but_failures_stay(content, board):
    many = [(f"f{n}", 1.0 + n, 0.0, 1.0, "done", False, "") for n in range(60)]
    failed = [("broken", float("nan"), float("nan"), 1.0, "failed", False, "no memory")]
    table = leaderboard_table(content(leaderboard=board(many + failed)))
    assert len(rows(table)) == 1 + 20 + 1
    assert "40 more are not listed." in table
    assert "no memory" in table


def test_measures_are_told_with_units_and_those_without_a_value_are_left_out(content, hold_out):
    names = {row[0]: row[1] for row in rows(measures_table(content(), hold_out()))[1:]}
    assert names == {
        "Mean absolute error": "12.3 kWh",
        "The same for repeating the same hour of last week": "19.8 kWh",
        "WAPE": "4.1 %",
        "MASE": "0.620 times",
        "RMSSE": "0.700 times",
        "Bias": "0.500 kWh",
        "Weighted quantile loss": "3.0 %",
        "Inside the 80 % band": "78.0 %",
    }
    short = rows(measures_table(content(), hold_out(wape=None, wql=None, mase=float("nan"))))
    assert [row[:2] for row in (short[1], short[3])] == [["Mean absolute error", "12.3 kWh"], ["MASE", "n/a"]]


def test_a_measure_is_told_in_the_numbers_of_the_series(content, hold_out):
    told = {row[0]: row[2] for row in rows(measures_table(content(), hold_out()))[1:]}
    assert told["Mean absolute error"] == "Where 300 kWh came, the forecast typically said 288 kWh or 312 kWh."
    assert told["WAPE"] == "Of every 100 kWh that came, 4.10 kWh were too many or too few in the forecast."
    assert told["Bias"] == "Over 24 hours that adds up to 12.0 kWh forecast too high."
    assert told["Inside the 80 % band"] == "131 of 168 hours fell inside it; 80 % should."
    assert told["MASE"] == (
        "Repeating the last season was off by 19.8 kWh in the history; 12.3 kWh is 0.620 times as much. "
        "Below 1 is better than repeating."
    )
    assert told["Weighted quantile loss"] == (
        "Judges all quantiles together: 4.1 % if each were the forecast, 3.0 % with the bands; 0 is perfect."
    )


@pytest.mark.parametrize(
    ("rmsse", "said"),
    [(0.61, "so large misses are rarer."), (0.62, "as large as MASE"), (0.63, "so large misses are commoner."),
     (float("nan"), "so that large misses count more.")],
)  # fmt: skip
def test_squared_errors_tell_whether_large_misses_are_rare(content, hold_out, rmsse, said):
    told = {row[0]: row[2] for row in rows(measures_table(content(), hold_out(rmsse=rmsse, mase=0.62)))[1:]}
    assert said in told.get("RMSSE", said)


@pytest.mark.parametrize(
    ("bias", "said"), [(0.5, "lay 0.500 kW above what came"), (-0.5, "lay 0.500 kW below what came")]
)
def test_a_leaning_power_is_told_on_average(content, hold_out, bias, said):
    told = {row[0]: row[2] for row in rows(measures_table(content(unit="kW"), hold_out(bias=bias)))[1:]}
    assert said in told["Bias"]


def test_quantiles_on_one_side_are_not_compared_with_the_forecast(content, hold_out):
    lopsided = content(quantiles={"p10": -8.0, "p50": 0.0})
    told = {row[0]: row[2] for row in rows(measures_table(lopsided, hold_out()))[1:]}
    assert "each by its own share of misses" in told["Weighted quantile loss"]


def test_the_forecast_stands_in_numbers_with_local_times(content):
    (view,) = item_views(content())
    found = rows(forecast_table(view))
    assert found[0] == ["Time", "Forecast [kWh]", "90 % band [kWh]", "80 % band [kWh]", "50 % band [kWh]"]
    assert found[1] == ["Wed 1 Jan 2025, 01:00", "302", "290 to 314", "294 to 310", "298 to 306"]
    assert len(found) == 25


def test_a_long_forecast_is_cut_and_counted(content):
    (view,) = item_views(content(horizon=300, windows=1))
    table = forecast_table(view)
    assert len(rows(table)) == 201
    assert "The first 200 of 300 rows." in table


def test_readings_left_out_are_counted_by_item_and_kind(content, faulty):
    left_out = faulty(
        [
            ("house", "2024-03-01 05:00", "stuck_meter"),
            ("house", "2024-03-01 06:00", "stuck_meter"),
            ("house", "2024-05-01 05:00", "spike"),
        ]
    )
    assert rows(faults_table(content(faulty=left_out)))[1:] == [
        ["house", "2", "Fri 1 Mar 2024, 06:00", "Fri 1 Mar 2024, 07:00", "stuck meter"],
        ["house", "1", "Wed 1 May 2024, 07:00", "Wed 1 May 2024, 07:00", "spike"],
    ]
    unnamed = content(faulty=left_out.assign(kind="faulty"))
    assert rows(faults_table(unnamed))[0] == ["Item", "Readings", "First", "Last"]
    assert faults_table(content()) is None
