"""Another future: what is asked changes the forecast, nothing else does, and what is out of range is said."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from backtests.view import make_view
from connectors.errors import ConfigError
from forecasting import AutoForecaster, cli
from forecasting.imagine import read_scenario
from forecasting.report.imagined import imagined_sentences
from forecasting.whatif import Scenario, what_if
from tests.forecasting.test_explain import HORIZON, ensemble, process


@pytest.fixture(scope="module")
def model():
    """A process with -2.5 a degree and 25 an event, known weather, and a Saturday ahead."""
    frame, _ = process(days=138)
    task = Task(
        horizon=HORIZON, freq="h", seasonality=(24, 168), time_zone="UTC", country="FR", weather_mode="oracle",
        known_covariates=("event",), weather_covariates=("temperature",),
    )  # fmt: skip
    view = make_view(frame[:-HORIZON], task, future=frame[-HORIZON:])
    assert view.grid[-1].dayofweek == 5
    return ensemble(view, ("deviation_ridge", {}), ("weather_gam", {}), ("deviation_ridge", {"depth": 8})), view


def asked(model, **changes):
    return what_if(*model, Scenario(**changes))


def test_two_degrees_more_change_what_a_degree_does(model):
    found = asked(model, weather={"temperature": 2.0})
    assert found.table["difference"].mean() == pytest.approx(-5, rel=0.2)
    assert found.outside == ()
    assert not found.without_effect
    opposite = asked(model, weather={"temperature": -2.0})
    assert opposite.table["difference"].mean() > 0


def test_an_event_is_taken_away(model):
    found = asked(model, known={"event": 0.0})
    assert found.table["difference"].mean() == pytest.approx(-25, rel=0.15)
    assert asked(model, known={"event": 1.0}).without_effect


def test_a_saturday_taken_for_a_weekday_has_the_usual_of_one(model):
    found = asked(model, weekday="wednesday")
    assert found.table["difference"].mean() == pytest.approx(30, abs=6)
    assert asked(model, weekday="saturday").table["difference"].abs().max() < 2  # a holiday is near


def test_holidays_ahead_are_taken_for_ordinary_days(model):
    """8 May 2024 is a public holiday in France; the holidays before it lay 60 lower."""
    frame, _ = process(days=160)
    days = frame["timestamp"].dt.strftime("%m-%d")
    frame.loc[days.isin(["01-01", "04-01", "05-01"]), "target"] -= 60
    until = frame[frame["timestamp"] < "2024-05-08"]
    ahead = frame[len(until) : len(until) + HORIZON]
    view = make_view(until, model[1].task, future=ahead)
    found = what_if(ensemble(view, ("deviation_ridge", {})), view, Scenario(holidays=False))
    assert found.table["difference"].min() > 20
    assert view.task.ordinary_days == ()


def test_outside_of_the_range_is_marked_and_far_outside_is_refused(model):
    _, view = model
    degrees = view.weather["temperature"][0, : view.raw.shape[1]]
    ahead = view.past_at(view.last).weather_ahead(np.array([view.raw.shape[1] - 1]), HORIZON)["temperature"]
    width, room = np.ptp(degrees), degrees.max() - ahead.max()
    (mark,) = asked(model, weather={"temperature": float(room + 0.24 * width)}).outside
    assert (mark.name, mark.high) == ("temperature", degrees.max())
    assert mark.value > mark.high
    assert mark.steps >= 1
    assert asked(model, weather={"temperature": float(room - 0.01)}).outside == ()
    with pytest.raises(ConfigError, match="trained on"):
        asked(model, weather={"temperature": float(room + 0.26 * width)})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weather": {"wind": 1.0}}, "no weather variable 'wind'"),
        ({"known": {"price": 1.0}}, "no known column 'price'"),
        ({"weekday": "sunday morning"}, "no weekday 'sunday morning'"),
    ],
)
def test_what_the_model_does_not_know_is_refused(model, changes, said):
    with pytest.raises(ConfigError, match=said):
        asked(model, **changes)


def test_weather_that_was_left_out_is_said_to_be_so(model):
    fitted, view = model
    without = replace(view, task=replace(view.task, weather_mode="none"))
    with pytest.raises(ConfigError, match="did not make the forecast better"):
        what_if(fitted, without, Scenario(weather={"temperature": 1.0}))


@pytest.mark.parametrize("words", ["temperature", "temperature=warm", "=", ""])
def test_words_that_are_no_column_and_number_are_refused(words):
    with pytest.raises(ConfigError, match="no column and number"):
        read_scenario([words], [], weekday=None, holidays=True)


def test_nothing_asked_is_refused():
    with pytest.raises(ConfigError, match="No other future"):
        read_scenario([], [], weekday=None, holidays=True)


def test_the_command_prints_and_writes_both_forecasts(tmp_path, capsys):
    frame, _ = process(days=40)
    frame = frame.drop(columns=["item_id", "temperature"]).rename(columns={"timestamp": "time", "target": "kwh"})
    asked = {"known": ["event"], "trials": 8, "jobs": 1, "time_limit": 600}
    fitted = AutoForecaster("kwh", horizon=24, **asked).fit(frame)
    fitted.save(tmp_path / "model")
    run(tmp_path / "model", "--set", "event=0,5", "--output", str(tmp_path / "out.csv"))
    told = capsys.readouterr().out
    assert "What if: event set to 0.500." in told
    assert list(pd.read_csv(tmp_path / "out.csv").columns) == [
        "item_id", "timestamp", "mean", "what_if", "difference", "unit"
    ]  # fmt: skip
    run(tmp_path / "model", "--as-weekday", "Sunday", "--language", "fr")
    assert "Et si : chaque jour comme un dimanche." in capsys.readouterr().out
    run(tmp_path / "model", "--as-weekday", "Sunday", "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["scenario"]["weekday"] == "sunday"
    assert len(found["rows"]) == 24
    run(tmp_path / "model", "--no-holidays", code=2)
    assert "knows no holidays" in capsys.readouterr().err
    run(tmp_path / "model", "--set", "event=1", "--output", "out.xls", code=2)
    run(tmp_path / "model", "--set", "event=1", "--language", "de", code=2)


def test_a_change_of_the_weather_is_told_with_its_unit(model):
    from types import SimpleNamespace

    _, view = model
    case = SimpleNamespace(view=view, task=view.task, facts=SimpleNamespace(unit="kWh", target="load"))
    told = imagined_sentences(asked(model, weather={"temperature": 2.0}), case)
    assert told[0] == "What if: temperature +2.00 °C."
    assert told[1].startswith("Over 24 hours, ")
    assert told[2].startswith("Most at ")
    assert all(re.search(r"kWh", sentence) for sentence in told[1:3])


def run(*words, code=0):
    with pytest.raises(SystemExit) as ended:
        cli.main(["what-if", *map(str, words)])
    assert (ended.value.code or 0) == code
