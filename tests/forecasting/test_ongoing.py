"""While a site is off a forecast expects it to stay off for a while, and says how likely that is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from backtests.view import NEVER, make_view
from forecasting import AutoForecaster, cli
from forecasting.faults import find_faults
from forecasting.forecasters import build
from forecasting.intervals import calibrate
from forecasting.ongoing import TAIL, Ongoing, ongoing, while_off
from forecasting.report.topics import result_topics
from forecasting.summary import content_of
from tests.forecasting.test_outages import DAY, campus, off

START = 45 * DAY + 10
TASK = Task(horizon=DAY, freq="h", seasonality=(24, 168), quantile_levels=(0.1, 0.5, 0.9), weather_mode="none")


def view_of(values, task=TASK):
    stamps = pd.date_range("2024-01-01", periods=len(values), freq="h", tz="UTC")
    return make_view(pd.DataFrame({"item_id": "one", "timestamp": stamps, "target": values}), task)


def at(view, *positions):
    return view.cutoffs(list(positions))


def test_it_is_on_from_half_a_day_on_until_the_readings_are_back():
    end = START + 5 * DAY
    view = view_of(off(campus(), START, end))
    found = ongoing(view, at(view, *range(START - 2, end + 2)))
    assert [one.age for one in found] == list(range(12, 5 * DAY + 1))
    assert {one.cutoff for one in found} == set(range(13, 5 * DAY + 2))
    assert all(len(one.values) == one.age and one.waiting == 0 for one in found)


def test_what_comes_later_changes_nothing():
    values = off(campus(), START, START + 5 * DAY)
    cut = START + 30
    whole, part = view_of(values), view_of(values[: cut + 1])
    (one,), (two,) = (ongoing(view, at(view, cut)) for view in (whole, part))
    assert (one.age, one.waiting) == (two.age, two.waiting) == (31, 0)
    np.testing.assert_array_equal(one.values, two.values)


def test_after_four_weeks_it_is_how_things_are():
    values = off(campus(100), START, 100 * DAY)
    view = view_of(values)
    found = ongoing(view, at(view, START + 28 * DAY - 1, START + 28 * DAY, 100 * DAY - 1))
    assert [one.cutoff for one in found] == [0]


def test_readings_that_do_not_come_any_more_make_it_less_sure():
    values = off(campus(), START, START + 2 * DAY)
    values[START + 2 * DAY :] = np.nan
    view = view_of(values)
    (fresh, stale) = ongoing(view, at(view, START + 2 * DAY - 1, START + 2 * DAY + 9))
    assert (fresh.age, fresh.waiting, stale.age, stale.waiting) == (48, 0, 48, 10)
    assert stale.lasting(1)[0] == pytest.approx((48 / 59) ** TAIL)
    assert fresh.lasting(11)[10] == pytest.approx(stale.lasting(1)[0])


def test_a_meter_known_to_be_dead_is_no_outage():
    values = off(campus(), START, START + 2 * DAY)
    view = view_of(values)
    known = np.full(view.raw.shape, NEVER)
    known[0, START : START + 2 * DAY] = START + 6
    assert ongoing(view, at(view, START + 40))
    dead = replace(view, known_from=known)
    assert not ongoing(dead, at(dead, START + 40))


def on(age=24, values=(18.0, 20.0, 22.0)):
    return Ongoing(cutoff=0, item=0, age=age, waiting=0, values=np.array(values))


def test_the_chance_that_it_lasts_is_a_half_after_seven_times_its_age():
    chance = on(age=24).lasting(400)
    assert (np.diff(chance) < 0).all()
    assert chance[7 * 24 - 1] == pytest.approx(0.5)
    assert on(age=24).expected == 7 * 24


def test_quantiles_are_those_of_the_mixture():
    """Against draws: the outage where it lasts, else a normal law."""
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    rng = np.random.default_rng(0)
    usual = rng.normal(300, 20, 400_000)
    known = np.linspace(0.001, 0.999, 999)
    without = np.tile(np.quantile(usual, known), (100, 1))
    one = on(age=12)
    found = one.quantiles(levels, known.tolist(), without)
    for step in (0, 10, 99):
        lasts = rng.random(len(usual)) < one.lasting(100)[step]
        drawn = np.where(lasts, rng.choice(one.values, len(usual)), usual)
        np.testing.assert_allclose(found[step], np.quantile(drawn, levels, method="nearest"), atol=2.5)
    assert (np.diff(found, axis=1) >= 0).all()


def test_paths_end_their_outage_once_and_as_often_as_its_chance():
    one = on(age=12)
    paths = one.paths(np.full((200, 4000), 300.0), np.random.default_rng(0))
    off_now = paths < 100
    assert (np.diff(off_now.astype(int), axis=0) <= 0).all()
    np.testing.assert_allclose(off_now.mean(axis=1), one.lasting(200), atol=1e-3)


def test_where_nothing_is_off_forecasts_are_the_same_object():
    view = view_of(campus())
    made = forecasts_of(view, 55 * DAY)
    assert while_off(view, made) is made


def forecasts_of(view, *positions):
    profile = build("seasonal_profile", {}).fit(view, at(view, 30 * DAY)[0], TASK)
    intervals = calibrate(view, profile.predict(view, at(view, *range(31 * DAY, 40 * DAY, DAY))), TASK)
    made = profile.predict(view, at(view, *positions))
    return replace(made, quantiles=intervals.around(view, made.cutoffs, made.mean), levels=intervals.levels)


def test_a_forecast_stays_on_the_floor_and_its_interval_knows_that_it_may_end():
    view = view_of(off(campus(), START, START + 5 * DAY))
    made = while_off(view, forecasts_of(view, START + 2 * DAY, START - 5))
    low, middle, high = np.moveaxis(made.quantiles[0, 0], -1, 0)
    assert (made.mean[0, 0] < 25).all()
    assert (low < 25).all()
    assert (middle < 25).all()
    assert high[0] < 25  # it has lasted two days: the next hour is as good as sure
    assert high[-1] > 50  # a day on, more than one chance in ten is that it is back
    assert made.mean[1, 0].max() > 100


def test_the_doctor_leaves_what_has_lasted_half_a_day_to_the_forecast():
    """For three days a new level was taken for a fault, whatever it was."""
    values = off(campus(), START, START + 3 * DAY)[: START + 2 * DAY]
    left_out = np.concatenate([fault.positions for fault in find_faults(values, day=DAY) if not fault.kept])
    assert left_out.min() <= START + 1
    assert left_out.max() < START + 12


@pytest.fixture(scope="module")
def closed():
    values = off(campus(70), 66 * DAY + 10, 70 * DAY)
    stamps = pd.date_range("2024-01-01", periods=len(values), freq="h")
    frame = pd.DataFrame({"timestamp": stamps, "kw": values})
    return AutoForecaster("kw", horizon=48, trials=3, time_limit=60).fit(frame)


def test_the_product_forecasts_the_outage_and_says_so(closed):
    assert (closed.predict()["mean"] < 30).all()
    (said,) = [one for one in closed.case.facts.findings if ", outage " in one]
    assert "86 readings kept (at 20.08 and still on; forecasts stay there for 602 more steps)" in said


def test_the_page_says_so_before_all_else(closed):
    found = content_of(closed, closed.predict(), pd.Timestamp("2024-03-11", tz="UTC"))
    (topic, (said,)), *_ = result_topics(found)
    assert topic == "Beware"
    assert said.startswith("kw has been off since Thu 7 Mar 2024, 10:00. ")


def test_a_check_says_that_the_site_is_off(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    values = off(campus(70), 66 * DAY + 10, 70 * DAY)
    stamps = pd.date_range("2024-01-01", periods=len(values), freq="h")
    pd.DataFrame({"timestamp": stamps, "kw": values}).to_csv("meter.csv", index=False)
    with pytest.raises(SystemExit):
        cli.main(["check", "meter.csv", "--target", "kw"])
    said = " ".join(capsys.readouterr().out.split())
    assert "Fit to forecast from. kw has been off since Thu 7 Mar 2024, 10:00." in said


def test_of_a_panel_a_check_says_which_site_is_off_and_which_meter_is_dead(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    stamps = pd.date_range("2024-01-01", periods=70 * DAY, freq="h")
    dead = campus(70)
    dead[-60:] = dead[-60]
    parts = {"north": off(campus(70), 66 * DAY + 10, 70 * DAY), "south": dead}
    frames = [pd.DataFrame({"timestamp": stamps, "meter": name, "kw": values}) for name, values in parts.items()]
    pd.concat(frames).to_csv("meters.csv", index=False)
    with pytest.raises(SystemExit):
        cli.main(["check", "meters.csv", "--target", "kw", "--item", "meter"])
    said = " ".join(capsys.readouterr().out.split())
    assert "flagged stale_input for 1 item. north has been off since Thu 7 Mar 2024, 10:00." in said


def test_parts_of_the_forecast_add_up_while_it_is_on(closed):
    found = closed.explain()
    assert (found.parts["outage"] < 0).any()
    np.testing.assert_allclose(sum(found.parts.values()), found.mean)
