"""Each rule that makes a sentence, at its border."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.significance import Comparison
from forecasting.report.beware import beware
from forecasting.report.sentences import accuracy, band, data, helps, limits, luck, subject, worst
from forecasting.report.topics import result_sentences, result_topics


def test_the_error_is_said_in_the_unit_and_in_percent_against_the_naive_forecast(content):
    (sentence,) = accuracy(content())
    assert sentence == (
        "The forecast is usually off by 12.3 kWh (4.1 %); repeating the same hour of last week would be off by "
        "19.8 kWh: 38 % less error, measured on the last 7 windows of 24 hours, which took no part in any choice."
    )


@pytest.mark.parametrize(
    ("mae", "said"),
    [
        (98.0, "100 kWh: 2 % less error, measured"),
        (98.1, "100 kWh: no real difference, so the forecast is no better than repeating"),
        (100.0, "100 kWh: no real difference, so"),
        (101.9, "100 kWh: no real difference, so"),
        (102.0, "100 kWh: 2 % more error, so repeating the same hour of last week is the better forecast here"),
        (0.1, "100 kWh: over 99 % less error, measured"),
        (350.0, "100 kWh: 250 % more error, so"),
    ],
)
def test_a_difference_under_two_percent_is_a_tie_and_worse_is_said_plainly(content, hold_out, mae, said):
    (sentence,) = accuracy(content(hold_out=hold_out(mae=mae, naive_mae=100.0, bias=0.0)))
    assert said in sentence


@pytest.mark.parametrize(("mae", "said"), [(0.0, ": no real difference"), (5.0, ": more error, so repeating")])
def test_a_naive_forecast_without_error_is_not_divided_by(content, hold_out, mae, said):
    assert said in accuracy(content(hold_out=hold_out(mae=mae, naive_mae=0.0, bias=0.0)))[0]


def test_a_naive_forecast_that_was_not_measured_is_not_mentioned(content, hold_out):
    (sentence,) = accuracy(content(hold_out=hold_out(naive_mae=float("nan"))))
    assert "repeating" not in sentence


@pytest.mark.parametrize("wape", [None, float("nan")])
def test_a_target_of_zeros_has_no_percentage(content, hold_out, wape):
    (sentence,) = accuracy(content(hold_out=hold_out(wape=wape)))
    assert sentence.startswith("The forecast is usually off by 12.3 kWh; repeating")


def test_without_a_unit_every_amount_names_the_target(content, hold_out):
    sentences = accuracy(content(unit=None, hold_out=hold_out(bias=-11.0)))
    assert "off by 12.3 units of kwh (4.1 %)" in sentences[0]
    assert "off by 19.8 units of kwh" in sentences[0]
    assert sentences[1] == "It leans low: on average it lies 11.0 units of kwh below what came."


@pytest.mark.parametrize(
    ("windows", "measured", "said"),
    [
        (5, "the last 5 windows of 24 hours", None),
        (4, "the last 4 windows of 24 hours", "That is only 4 windows: the next ones may well turn out otherwise."),
        (1, "the last 24 hours,", "That is a single window: the next ones may well turn out otherwise."),
    ],
)
def test_fewer_than_five_windows_are_said_to_be_few(content, hold_out, windows, measured, said):
    sentences = accuracy(content(hold_out=hold_out(windows=windows)))
    assert measured in sentences[0]
    assert sentences[1:] == (() if said is None else (said,))


def test_several_items_are_said_to_be_averaged_over(content):
    assert "7 windows of 24 hours of 2 items, which" in accuracy(content(items=("a", "b")))[0]


def test_without_a_hold_out_nothing_is_claimed(content):
    sentences = result_sentences(content(hold_out=None, final=pd.DataFrame()))
    assert "has not been measured: the history is too short" in sentences[1]
    assert not any("80 %" in sentence for sentence in sentences)


def test_final_windows_without_a_reading_are_said_to_measure_nothing(content, hold_out):
    (sentence,) = accuracy(content(hold_out=hold_out(mae=float("nan"))))
    assert sentence.endswith("has not been measured: the final windows hold no sound reading.")


@pytest.mark.parametrize(
    ("bias", "said"),
    [
        (4.0, "It leans high: on average it lies 4.00 kWh above what came."),
        (3.99, None),
        (-4.0, "It leans low: on average it lies 4.00 kWh below what came."),
        (float("nan"), None),
    ],
)
def test_a_bias_of_a_third_of_the_error_is_said(content, hold_out, bias, said):
    sentences = accuracy(content(hold_out=hold_out(mae=12.0, bias=bias)))
    assert sentences[1:] == (() if said is None else (said,))


def test_the_coverage_is_said_in_readings_and_in_percent(content):
    assert band(content()) == ("Of 168 hours, 131 (78.0 %) fell inside the 80 % band.",)


@pytest.mark.parametrize(
    ("coverage", "said"),
    [(0.699, "too narrow"), (0.70, None), (0.90, None), (0.901, "wider than it needs to be")],
)
def test_a_band_ten_points_off_is_remarked_on(content, hold_out, coverage, said):
    remarks = band(content(hold_out=hold_out(coverage=coverage)))[1:]
    assert (said is None and not remarks) or said in remarks[0]


@pytest.mark.parametrize("changes", [{"hours": 0}, {"coverage": float("nan")}])
def test_a_band_that_was_not_checked_is_said_to_be_so(content, hold_out, changes):
    assert band(content(hold_out=hold_out(**changes)))[0].endswith("has not been checked.")


@pytest.mark.parametrize(
    ("freq", "horizon", "span", "checked"),
    [
        ("15min", 96, "7 windows of 96 steps of 15 minutes", "Of 168 steps,"),
        ("D", 14, "7 windows of 14 days", "Of 168 days,"),
        ("MS", 12, "7 windows of 12 months", "Of 168 months,"),
    ],
)
def test_hours_are_only_spoken_of_when_the_step_is_an_hour(content, hold_out, freq, horizon, span, checked):
    report = content(freq=freq, length=900, horizon=horizon, hold_out=hold_out(horizon=horizon))
    assert span in accuracy(report)[0]
    assert band(report)[0].startswith(checked)
    assert not any("hour" in sentence for sentence in (*subject(report), *band(report), *data(report)))


def test_the_forecast_reaches_to_the_end_of_its_last_interval_in_local_time(content):
    # Readings end with 31 December 2024, 23:00 to 24:00 UTC.
    assert subject(content()) == (
        "kwh is forecast for the next 24 hours, from Wed 1 Jan 2025, 01:00 to Thu 2 Jan 2025, 01:00 (Europe/Paris).",
    )


def test_dates_are_said_without_hours_and_the_last_one_is_included(content):
    report = content(freq="D", length=366, horizon=7, time_zone="America/New_York")
    assert subject(report) == ("kwh is forecast for the next 7 days, from Wed 1 Jan 2025 to Tue 7 Jan 2025.",)


def test_one_step_is_the_next_hour_and_several_items_are_counted(content):
    assert "kwh of 2 items is forecast for the next hour," in subject(content(items=("a", "b"), horizon=1))[0]


def off_at(report, hour, error):
    """Final windows that are off by 10 kWh, and by ``error`` at one local hour."""
    local = report.final["timestamp"].dt.tz_convert(report.time_zone).dt.hour
    truth = report.final["mean"] - 2.0
    return replace(report, final=report.final.assign(mean=truth + np.where(local == hour, error, 10.0)))


def test_the_worst_hour_is_named_from_one_and_a_half_times_the_mean_on(content):
    # The mean over 24 hours is (23 * 10 + e) / 24; e reaches 1.5 times that at 15.333.
    assert worst(off_at(content(), 19, 15.4)) == ("It is at its worst around 19:00: off by 15.4 kWh there.",)
    assert worst(off_at(content(), 19, 15.2)) == ()


def test_an_hour_seen_fewer_than_three_times_is_not_named(content):
    assert worst(off_at(content(windows=3), 19, 40.0))
    assert not worst(off_at(content(windows=2), 19, 40.0))


def test_for_days_the_worst_step_is_named(content):
    report = content(freq="D", length=200, horizon=5, windows=7)
    ahead = (report.final["timestamp"] - report.final["cutoff"]).dt.days
    truth = report.final["mean"] - 2.0
    for at, said in ((5, "5 days ahead"), (1, "1 day ahead")):
        wrong = replace(report, final=report.final.assign(mean=truth + np.where(ahead == at, 9.0, 1.0)))
        assert worst(wrong) == (f"It is at its worst {said}: off by 9.00 kWh there.",)


def test_a_perfect_forecast_is_nowhere_at_its_worst(content):
    report = content()
    assert not worst(replace(report, final=report.final.assign(mean=report.final["mean"] - 2.0)))


def test_a_sound_input_is_said_to_be_sound(content):
    assert data(content()) == ("The input is sound: none of 8,784 hours is missing or was left out.",)


def with_gaps(report, rows):
    target = report.history["target"].copy()
    target.iloc[rows] = np.nan
    return replace(report, history=report.history.assign(target=target))


def test_what_is_missing_and_what_was_left_out_is_counted(content, faulty):
    left_out = faulty([("house", "2024-03-01 05:00", "spike"), ("house", "2024-03-01 05:00", "stuck")])
    report = with_gaps(content(faulty=left_out), [100, 101, 102])
    assert data(report) == (
        "Of 8,784 hours of history, 3 (under 0.1 %) are missing and 1 (under 0.1 %) was left out as faulty.",
    )


def test_a_meter_that_came_later_has_no_gaps_before_its_first_reading(content):
    report = with_gaps(content(), range(500))
    assert data(report) == ("The input is sound: none of 8,284 hours is missing or was left out.",)


def test_a_dead_meter_at_the_end_is_said(content):
    assert limits(with_gaps(content(), [-1]))[0].startswith("The last hour before the forecast holds no sound")
    assert limits(with_gaps(content(), [-1, -2, -3]))[0].startswith("The last 3 hours before the forecast hold no")
    assert not any("before the forecast" in sentence for sentence in limits(with_gaps(content(), [-2])))


def test_of_several_items_the_longest_silence_counts_and_faulty_readings_are_silent(content, faulty):
    left_out = faulty([("b", f"2024-12-31 {hour}:00", "stuck") for hour in (21, 22, 23)])
    report = content(items=("a", "b"), faulty=left_out)
    assert limits(report)[0].startswith("Up to 3 hours before the forecast hold no sound reading")


def test_a_meter_without_any_sound_reading_is_silent_throughout(content, faulty):
    report = content(length=48, windows=0, horizon=4)
    stamps = report.history["timestamp"]
    report = replace(report, faulty=faulty([("house", str(stamp.tz_localize(None)), "stuck") for stamp in stamps]))
    assert limits(report)[0].startswith("The last 48 hours before")


@pytest.mark.parametrize(("lost", "said"), [(99, False), (100, True)])
def test_from_a_tenth_lost_more_sound_readings_would_help(content, lost, said):
    report = with_gaps(content(length=1000), range(200, 200 + lost))
    assert any("10.0 % of the readings cannot be used" in sentence for sentence in limits(report)) is said


@pytest.mark.parametrize(("length", "said"), [(365 * 24 - 1, True), (365 * 24, False)])
def test_under_a_year_of_history_the_seasons_are_not_learnt(content, length, said):
    assert any("less than a year" in sentence for sentence in limits(content(length=length))) is said


def test_months_are_not_told_that_a_year_is_short(content):
    assert len(limits(content(freq="MS", length=11, horizon=2, windows=0))) == 1


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("none", "No weather was used"),
        ("climatology", "not taken from a weather forecast"),
        ("oracle", "the scores are an upper bound"),
    ],
)
def test_each_weather_mode_is_said_to_limit_the_forecast(content, mode, said):
    assert said in limits(content(weather_mode=mode))[-1]


def test_sentences_are_those_of_the_topics_and_print_on_any_terminal(content):
    report = content()
    topics = result_topics(report)
    assert [topic for topic, _ in topics] == [
        "What is forecast",
        "How far off",
        "How sure",
        "The input",
        "What limits it",
        "What would help",
    ]
    assert result_sentences(report) == tuple(sentence for _, sentences in topics for sentence in sentences)
    assert "".join(result_sentences(report)).isascii()


def test_sentences_are_made_without_drawing_anything(content):
    import subprocess
    import sys

    code = (
        "import sys; from forecasting.report.topics import result_sentences; "
        "drawn = {'page', 'card', 'charts', 'svg', 'timechart'}; "
        "print(sorted(name for name in drawn if f'forecasting.report.{name}' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def compared(**changes):
    told = {"difference": -7.5, "p_value": 0.012, "skill": 0.38, "low": 0.2, "high": 0.5, "days": 20}
    return Comparison(**(told | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "That is not luck: chance alone would do it in 1.2 % of cases. Likely size: 20 % to 50 %."),
        ({"p_value": 0.0499}, "That is not luck: chance alone would do it in 5.0 % of cases. Likely size:"),
        ({"p_value": 0.05}, "That may be luck: chance alone makes a difference as large in 5.0 % of cases."),
        ({"low": -0.01}, "That is not luck: chance alone would do it in 1.2 % of cases."),
        ({"low": -0.5, "high": -0.2}, "Likely size: 20 % to 50 %."),
        ({"days": 4, "p_value": float("nan")}, "4 days are too few to tell whether that is luck."),
        ({"days": 5, "p_value": 0.2}, "That may be luck"),
        ({"p_value": 0.0001}, "in under 0.1 % of cases"),
    ],
)
def test_whether_it_is_luck_is_said_from_the_test_by_day(hold_out, changes, said):
    (sentence,) = luck(hold_out(comparison=compared(**changes)))
    assert said in sentence


def test_luck_is_not_spoken_of_where_nothing_was_compared(hold_out, content):
    assert luck(hold_out()) == ()
    assert luck(hold_out(comparison=compared(), naive_mae=float("nan"))) == ()
    assert "luck" in " ".join(accuracy(content(hold_out=hold_out(comparison=compared()))))


def test_what_would_help_is_what_was_not_given(content, hold_out):
    bare = " ".join(helps(content(weather_mode="none", country=None)))
    assert "--country" in bare
    assert "--place or --weather" in bare
    left_out = content(weather_mode="none", country="FR", weather=object())
    assert helps(left_out) == ()
    given = content(weather_mode="climatology", country="FR")
    assert helps(given) == ()
    assert helps(replace(given, freq="MS", country=None, weather_mode="none")) == ()
    assert "more windows" in helps(replace(given, hold_out=hold_out(windows=4)))[0]
    assert helps(replace(given, hold_out=hold_out(windows=5))) == ()


def test_a_forecast_from_old_readings_says_since_when_there_is_none(content, faulty):
    assert beware(content()) == ()
    left_out = faulty([("house", f"2024-12-31 {hour:02d}:00", "stuck") for hour in range(20, 24)])
    one = content(alerts=("a finding",), stale=("house",), faulty=left_out)
    assert beware(one) == (
        "This forecast starts from old readings and is flagged stale_input.",
        "The last sound reading is of Tue 31 Dec 2024, 20:00; 4 hours after it hold none.",
    )
    names = tuple("abcdefg")
    several = content(items=names, length=200, windows=1, alerts=names, stale=names, faulty=faulty(
        [("b", str(stamp), "zero run") for stamp in content(length=200).history["timestamp"].dt.tz_localize(None)]
    ))  # fmt: skip
    assert "of a is of Tue 9 Jan 2024" in beware(several)[1]
    assert beware(several)[2] == "No reading of b is sound."
    assert beware(several)[-1] == "So it is for 2 items more."


def test_a_site_that_is_off_is_said_before_all_else(content):
    since = pd.Timestamp("2024-12-30 09:00", tz="UTC")
    (said,) = beware(content(off={"house": (since, 26)}))
    assert said.startswith("kwh has been off since Mon 30 Dec 2024, 10:00. ")
    assert "as likely as not for 26 hours or more" in said
    several = content(items=tuple("abcdefg"), off=dict.fromkeys("bcdefg", (since, 2)))
    assert [one[0] for one in beware(several)] == [*"bcdef", "S"]
    both = beware(content(items=("a", "b"), alerts=("old",), stale=("a",), off={"b": (since, 2)}))
    assert [one[:17] for one in both] == ["This forecast sta", "The last sound re", "b has been off si"]


def test_a_dead_meter_is_said_first_of_the_input(content):
    one = content(stale=("house",))
    assert data(one)[0] == (
        "The input is not sound: the readings stopped or stuck at the end, the forecast is flagged."
    )
    assert helps(one)[0] == "Newer sound readings of house."
    several = content(items=("a", "b", "c"), stale=("a", "c"))
    assert "the readings of a, c stopped or stuck" in data(several)[0]
