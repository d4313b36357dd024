"""What is drawn of one item, and what is said about it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.report.bars import skill_bar
from forecasting.report.charts import forecast_figures, history_figure, profile_figures, windows_figure
from forecasting.report.readings import error_profile, profile_kind, window_errors
from forecasting.report.views import bands_of, intervals, item_views
from forecasting.report.wording import Clock, step_of


def view_of(report):
    (view,) = item_views(report)
    return view


def paths(figure, style):
    """The paths of a style in the drawings, wide before narrow; those of the legend are left out."""
    drawings = figure[figure.index('<div class="plot') :]
    return re.findall(rf'<path class="{style}" d="([^"]*)"', drawings)


def test_every_pair_of_levels_is_a_band_and_the_widest_comes_first(content):
    report = content(quantiles={"p10": -8, "p05": -9, "p90": 8, "p95": 9, "p50": 0, "p75": 4})
    assert intervals(report.forecast) == [(0.9, "p05", "p95"), (0.8, "p10", "p90")]


def test_a_forecast_without_quantiles_is_a_line_alone(content):
    first, _ = forecast_figures(view_of(content(quantiles={})))
    assert "band" not in first
    assert len(paths(first, "line forecast")) == 2  # wide and narrow


def test_two_weeks_of_readings_stand_before_the_forecast_and_a_day_is_looked_at_closer(content):
    first, close = forecast_figures(view_of(content()))
    assert "336 hours of readings between 200 and 400 kWh, then a forecast of 24 hours" in first
    assert "48 hours of readings" in close
    assert "Of 100 readings to come, 90 should fall in the widest band." in first


@pytest.mark.parametrize(("freq", "horizon", "back"), [("D", 30, "60 days"), ("MS", 12, "56 months")])
def test_long_steps_show_enough_of_the_past_to_compare_with(content, freq, horizon, back):
    report = content(freq=freq, length=400, horizon=horizon, start="1980-01-01", windows=3)
    assert f"{back} of readings" in forecast_figures(view_of(report))[0]


def test_a_history_shorter_than_two_weeks_is_shown_whole_and_once(content):
    view = view_of(content(length=100, windows=2))
    assert "100 hours of readings" in forecast_figures(view)[0]
    assert history_figure(view) is None


def test_the_cutoff_is_marked_with_a_line_between_reading_and_forecast(content):
    first, _ = forecast_figures(view_of(content()))
    assert "forecast starts" in first
    assert len(paths(first, "rule")) == 2


def test_readings_left_out_are_marked_and_do_not_stretch_the_axis(content, faulty):
    report = content(faulty=faulty([("house", "2024-12-30 05:00", "spike"), ("house", "2024-12-29 05:00", "stuck")]))
    target = report.history["target"].copy()
    target[report.history["timestamp"] == "2024-12-30 05:00+00:00"] = 1e6
    view = view_of(replace(report, history=report.history.assign(target=target)))
    first, close = forecast_figures(view)
    assert "reading left out as faulty (arrowhead: beyond the axis)" in first
    cross, arrow = "l6,6m0,-6l-6,6", "l4,-8l4,8z"
    (wide, *_) = paths(first, "mark")
    assert wide.count(cross) == wide.count(arrow) == 1
    assert ">400</text>" in first
    assert "million" not in first
    # The day before yesterday is not in the last 48 hours; the spike is.
    assert paths(close, "mark")[0].count(cross) == 0
    assert "1,000,000 kWh, left out as faulty" in first


def test_a_faulty_reading_below_the_axis_points_down(content, faulty):
    report = content(faulty=faulty([("house", "2024-12-30 05:00", "spike")]))
    target = report.history["target"].copy()
    target[report.history["timestamp"] == "2024-12-30 05:00+00:00"] = -5000.0
    view = view_of(replace(report, history=report.history.assign(target=target)))
    assert "l4,8l4,-8z" in paths(forecast_figures(view)[0], "mark")[0]


def test_final_windows_are_drawn_apart_each_from_its_own_cutoff(content):
    figure = windows_figure(view_of(content()))
    assert len(paths(figure, "rule")) == 2 * 7
    (wide, *_) = paths(figure, "line forecast")
    assert wide.count("M") == 7
    assert "7 windows of 24 hours" in figure
    assert "Not drawn" not in figure


def test_windows_that_overlap_are_not_drawn_over_each_other_and_are_counted(content):
    report = content()
    cutoffs = pd.DatetimeIndex(report.final["cutoff"].unique())
    late = report.final[report.final["cutoff"] == cutoffs[-1]]
    half = late.assign(
        cutoff=late["cutoff"] - pd.Timedelta(hours=6), timestamp=late["timestamp"] - pd.Timedelta(hours=6)
    )
    figure = windows_figure(view_of(replace(report, final=pd.concat([report.final, half], ignore_index=True))))
    assert "Not drawn, for they overlap or lie further back: 1 window." in figure
    assert len(paths(figure, "rule")) == 2 * 7


def test_faulty_readings_take_no_part_in_the_errors(content, faulty):
    stamp = "2024-12-30 05:00"
    errors = window_errors(content(faulty=faulty([("house", stamp, "spike")])))
    assert np.isnan(errors.loc[errors["timestamp"] == pd.Timestamp(stamp, tz="UTC"), "error"]).all()
    assert np.allclose(errors["error"].dropna(), 2.0)
    assert errors["step"].tolist() == [*range(1, 25)] * 7


def test_errors_are_shown_by_local_hour_and_by_step_when_longer_than_a_day(content):
    (by_hour,) = profile_figures(view_of(content()))
    assert "hour of day (Europe/Paris)" in by_hour
    assert "Off by 2.00 kWh on average" in by_hour
    kinds = [
        re.search(r"hour of day|hours ahead", figure)[0] for figure in profile_figures(view_of(content(horizon=48)))
    ]
    assert kinds == ["hour of day", "hours ahead"]
    (by_step,) = profile_figures(view_of(content(freq="D", length=300, horizon=7)))
    assert "days ahead" in by_step


@pytest.mark.parametrize(
    ("freq", "horizon", "kind"),
    [("h", 24, "hour"), ("h", 23, "step"), ("15min", 96, "hour"), ("D", 30, "step"), ("MS", 12, "step")],
)
def test_hours_of_the_day_are_compared_when_the_horizon_covers_one(freq, horizon, kind):
    assert profile_kind(step_of(freq), horizon) == kind


def test_long_horizons_are_averaged_over_several_steps(content):
    report = content(horizon=168, windows=2)
    profile = error_profile(window_errors(report), Clock(zone="UTC", step=step_of("h")), "step")
    assert len(profile.labels) <= 48
    assert profile.labels[0] == "1-4"
    assert np.allclose(profile.mae, 2.0)


def test_a_forecast_of_one_step_has_no_profile_and_no_windows_mean_no_picture(content):
    assert profile_figures(view_of(content(horizon=1))) == []
    bare = view_of(content(windows=0))
    assert (windows_figure(bare), profile_figures(bare)) == (None, [])


def test_a_long_history_is_summed_up_by_whole_days(content):
    figure = history_figure(view_of(content()))
    assert "Each point sums up 48 hours." in figure
    assert "lowest to highest" in figure
    assert "8,784 hours of readings between 200 and 400 kWh; 0 missing, 0 left out as faulty." in figure


def test_missing_readings_are_gaps_and_are_said_when_pointed_at(content):
    report = content()
    target = report.history["target"].copy()
    target.iloc[-30:-20] = np.nan
    first, _ = forecast_figures(view_of(replace(report, history=report.history.assign(target=target))))
    assert paths(first, "line actual")[0].count("M") == 2
    assert first.count("\nno reading") == 10


def test_pointing_at_the_forecast_gives_time_value_and_band(content):
    first, _ = forecast_figures(view_of(content()))
    tips = re.search(r'data-tips="([^"]*)"', first)[1].split("\n\n")
    assert len(tips) == 336 + 24
    assert tips[0] == "Wed 18 Dec, 01:00\nreading 300 kWh"
    assert tips[336] == "Wed 1 Jan, 01:00\nforecast 302 kWh\n80 % band 294 to 310 kWh"
    for at in re.findall(r'data-x="([^"]*)"', first):
        shares = [float(share) for share in at.split()]
        assert len(shares) == len(tips)
        assert shares == sorted(shares)
        assert 0 <= shares[0] <= shares[-1] <= 1


def test_bands_of_final_windows_break_between_them(content):
    view = view_of(content())
    bands = bands_of(view.final, np.arange(float(len(view.final))))
    assert [band.name for band in bands] == ["90 % band", "80 % band", "50 % band"]
    assert paths(windows_figure(view), "band")[0].count("Z") == 7


def test_a_skill_bar_grows_to_the_side_of_its_sign_and_says_when_it_is_cut():
    better, worse, beyond = skill_bar(0.2, 0.4), skill_bar(-0.2, 0.4), skill_bar(-3.0, 0.4)
    assert 'class="skill better" d="M60.0,3H89.0' in better
    assert 'class="skill worse" d="M60.0,3H31.0' in worse
    assert 'class="beyond"' in beyond
    assert 'class="beyond"' not in worse
