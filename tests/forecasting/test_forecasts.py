"""Forecasts of the weather at hand: a file of one's own, a service; kept, used as they were available, and saved."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from backtests.view import make_view
from connectors.errors import ConfigError
from connectors.weather.vintages import Rows, Vintages
from forecasting import AutoForecaster
from forecasting.case import open_case
from forecasting.forecasts import Wanted, kept_forecasts
from forecasting.question import Question
from forecasting.vintages import at_step, in_class, with_vintages
from tests.conftest import Answer
from tests.forecasting.test_honesty import meter

HOUR = 3_600_000_000
ASKED = {"target": "kwh", "horizon": 24, "weather": ["temperature"], "trials": 8, "jobs": 1, "time_limit": 600}


def own_file(frame, path, *, first=0, ahead=30, column="available_at"):
    """A forecast a day at midnight, one degree too warm; the last one reaches beyond the readings."""
    days = frame["time"].dt.normalize().unique()[first:]
    temperature = frame.set_index("time")["temperature"]
    parts = []
    for day in [*days, days[-1] + pd.Timedelta(days=1)]:
        hours = pd.date_range(day, periods=24 + ahead, freq="h")
        said = temperature.reindex(hours).ffill().fillna(temperature.iloc[-1]) + 1.0
        parts.append(pd.DataFrame({column: day, "time": hours, "temperature": said.to_numpy()}))
    pd.concat(parts).to_csv(path, index=False)
    return str(path)


def test_forecasts_of_ones_own_are_vintages(tmp_path):
    """Where they were kept all along, backtest and live forecast use them; the saved model has the live one."""
    frame = meter(matters=True, days=50)
    path = own_file(frame, tmp_path / "forecasts.csv")
    model = AutoForecaster(**ASKED, weather_forecasts=path).fit(frame)
    assert model.case.task.weather_mode == "vintage"
    table = model.predict()
    assert (table["weather_mode"] == "vintage").all()
    assert model.weather.perfect < model.weather.without
    seen = model.case.view
    origin = np.array([seen.raw.shape[1] - 200])
    ahead = seen.past_at(seen.grid[origin[0]]).weather_ahead(origin, 24)["temperature"][0, 0]
    came = seen.weather["temperature"][0, origin[0] + 1 : origin[0] + 25]
    assert ahead - came == pytest.approx(1.0)
    model.save(tmp_path / "model")
    loaded = AutoForecaster.load(tmp_path / "model")
    again = loaded.predict()
    assert np.array_equal(again["mean"], table["mean"])
    assert (again["weather_mode"] == "vintage").all()
    kept = loaded.case.view
    origins = np.arange(origin[0], origin[0] + 150)
    same = [one.past_at(one.last).weather_ahead(origins, 24)["temperature"] for one in (seen, kept)]
    assert np.array_equal(*same), "a backtest of the saved model must have the forecasts that it says it has"


def test_a_model_saved_without_its_forecasts_says_that_its_backtests_are_simulated(tmp_path, monkeypatch):
    """Models of before kept the live forecast of the weather alone: what they say of it must be true."""
    frame = meter(matters=True, days=50)
    model = AutoForecaster(**ASKED, weather_forecasts=own_file(frame, tmp_path / "forecasts.csv")).fit(frame)
    table = model.predict()
    model.case = replace(model.case, forecasts=None)
    model.save(tmp_path / "model")
    loaded = AutoForecaster.load(tmp_path / "model")
    again = loaded.predict()
    assert loaded.case.task.weather_mode == "simulated"
    assert np.array_equal(again["mean"], table["mean"])
    assert (again["weather_mode"] == "vintage").all()
    assert loaded.case.view.past_at(loaded.case.view.grid[900]).vintages[0].rows["temperature"].values.size > 0


def test_forecasts_kept_since_yesterday_leave_the_backtest_to_simulated_ones(tmp_path):
    frame = meter(matters=True, days=45)
    path = own_file(frame, tmp_path / "forecasts.csv", first=43)
    model = AutoForecaster(**ASKED, weather_forecasts=path).fit(frame)
    assert model.case.task.weather_mode == "simulated"
    assert (model.predict()["weather_mode"] == "vintage").all()
    assert any("none was kept" in words for words in model.case.facts.decisions)


def test_simulated_forecasts_are_as_wrong_as_those_that_were_kept(tmp_path):
    """Forty days of kept forecasts, each a degree too warm: the simulated ones before them err by a degree, too."""
    frame = meter(matters=True, days=120)
    path = own_file(frame, tmp_path / "forecasts.csv", first=80)
    case = open_case(Question(target="kwh", horizon=24, weather=("temperature",), weather_forecasts=path,
                              weather_mode="simulated"), frame)  # fmt: skip
    assert any("as wrong as those that were kept" in note for note in case.facts.notes)
    origins = np.arange(24 * 20, 24 * 75, 12)
    steps = origins[:, None] + np.arange(1, 25)
    said = case.view.past_at(case.view.grid[origins[-1]]).weather_ahead(origins, 24)["temperature"][:, 0]
    wrong = np.sqrt(np.mean((said - case.view.weather["temperature"][0][steps]) ** 2))
    assert wrong == pytest.approx(1.0, abs=0.25)


def test_a_file_without_the_weather_used_is_refused(tmp_path):
    frame = meter(matters=True, days=30)
    path = own_file(frame.rename(columns={"temperature": "rain"}).assign(temperature=0.0), tmp_path / "f.csv")
    renamed = pd.read_csv(path).rename(columns={"temperature": "rain"})
    renamed.to_csv(path, index=False)
    with pytest.raises(ConfigError, match="temperature"):
        AutoForecaster(**ASKED, weather_forecasts=path).fit(frame)


def test_a_service_needs_a_place():
    with pytest.raises(ConfigError, match="--place"):
        AutoForecaster(**ASKED, weather_forecasts="open-meteo").fit(meter(matters=True, days=30))


START = pd.Timestamp("2024-02-01", tz="UTC")


def vintages(every=6, length=48, count=40, start=START):
    first = int(pd.DatetimeIndex([start]).as_unit("us").asi8[0])
    issued = np.repeat(first + np.arange(count) * every * HOUR, length)
    valid = issued + np.tile(np.arange(length), count) * HOUR
    return Vintages(rows={"temperature": Rows.sort([valid, issued, issued], (valid - first) / HOUR + 0.0)})


def seen(freq, periods):
    stamps = pd.date_range("2024-02-01", periods=periods, freq=freq, tz="UTC")
    frame = pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": 1.0, "temperature": 0.0})
    return make_view(frame, Task(horizon=8, freq=freq, weather_covariates=("temperature",), weather_mode="vintage"))


@pytest.mark.parametrize(("freq", "value"), [("15min", 100.25), ("h", 101.0), ("3h", 103.0 + 1.0)])
def test_hourly_forecasts_come_at_the_step_of_the_readings(freq, value):
    """The value of an hour is its number: a quarter past it is a quarter more, three hours are their middle one."""
    view = seen(freq, 200 if freq != "15min" else 600)
    steps = {"15min": 400, "h": 100, "3h": 34}[freq]
    view = replace(view, vintages=(at_step(vintages(), view),))
    found = view.past_at(view.grid[steps]).weather_ahead(np.array([steps]), 8)["temperature"][0, 0]
    if freq == "3h":
        value = 3 * (steps + 1) + 1.0
    assert found[0] == pytest.approx(value)


def test_what_came_in_since_the_last_reading_is_known_to_the_live_forecast_alone():
    view = seen("h", 100)
    late = vintages(start=view.last + pd.Timedelta(hours=2), count=1)
    now = view.last + pd.Timedelta(hours=2)
    with_now, without = (with_vintages(view, late, now=at).view for at in (now, None))
    live, before = np.array([99]), np.array([98])
    assert np.isfinite(with_now.past_at(view.last).forecast_weather(live, 8)["temperature"]).sum() >= 6
    assert np.isnan(with_now.past_at(view.grid[98]).forecast_weather(before, 8)["temperature"]).all()
    assert np.isnan(without.past_at(view.last).forecast_weather(live, 8)["temperature"]).all()


def test_the_mode_a_user_chose_stays():
    view = seen("h", 24 * 40)
    own = vintages(count=24 * 40 // 6)
    assert in_class(view, own, chosen=False).task.weather_mode == "vintage"
    simulated = replace(view, task=replace(view.task, weather_mode="simulated"))
    assert in_class(simulated, own, chosen=True).task.weather_mode == "simulated"


def test_a_service_is_fetched_kept_and_used(loopback, tmp_path, monkeypatch):
    """Over loopback: what was fetched once serves a later run whose source is down, and that is said."""
    now = pd.Timestamp("2026-09-01 06:00", tz="UTC")
    hours = pd.date_range("2026-09-01", periods=72, freq="h")
    body = {
        "latitude": 48.9, "longitude": 2.4, "elevation": 40.0, "utc_offset_seconds": 0, "timezone": "GMT",
        "hourly_units": {
            "time": "iso8601", "temperature_2m": "°C", "relative_humidity_2m": "%", "wind_speed_10m": "m/s",
            "shortwave_radiation": "W/m²",
        },
        "hourly": {
            "time": hours.strftime("%Y-%m-%dT%H:%M").tolist(), "temperature_2m": [20.0] * 72,
            "relative_humidity_2m": [60.0] * 72, "wind_speed_10m": [3.0] * 72, "shortwave_radiation": [0.0] * 72,
        },
    }  # fmt: skip
    good = Answer(body=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    loopback.script("/v1/forecast", good, Answer(status=400))
    monkeypatch.setenv("HOURCAST_OPEN_METEO_URL", loopback.url)
    wanted = Wanted(
        source="open-meteo", place=(48.86, 2.35), columns={"temperature": "temperature_nearby"}, mode=None,
        since=now, folder=tmp_path, now=now, live=True,
    )  # fmt: skip
    kept = kept_forecasts(wanted)
    assert list(kept.vintages.rows) == ["temperature_nearby"]
    assert "Open-Meteo" in " ".join(kept.attribution)
    later = kept_forecasts(replace(wanted, now=now + pd.Timedelta(hours=5)))
    assert len(later.vintages.rows["temperature_nearby"].values) == 66
    assert "its source failed" in " ".join(later.notes)
