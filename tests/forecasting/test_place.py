"""Weather near a place, from the server of the observations to the forecast, over loopback."""

from __future__ import annotations

from pathlib import Path

import meteostat as package
import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConnectorError
from forecasting import AutoForecaster
from forecasting.case import open_case
from forecasting.place import at_step

DATA = Path(__file__).resolve().parent.parent / "data" / "weather"
FRANKFURT = (50.05, 8.6)


@pytest.fixture
def server(loopback, monkeypatch):
    loopback.folder = DATA
    monkeypatch.setattr(package.config, "hourly_endpoint", loopback.url + "/hourly/{year}/{station}.csv.gz")
    monkeypatch.setattr(package.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    return loopback


def meter():
    stamps = pd.date_range("2024-01-02", "2024-02-18 23:00", freq="h", tz="UTC")
    rng = np.random.default_rng(1)
    load = 40 + 15 * np.sin(2 * np.pi * stamps.hour / 24) - 8 * (stamps.dayofweek >= 5)
    load = load + rng.normal(0, 1, len(stamps))
    return pd.DataFrame({"time": stamps, "kwh": load})


def model(folder, **changes):
    asked = {"horizon": 24, "place": FRANKFURT, "trials": 8, "jobs": 1, "time_limit": 600, "weather_store": folder}
    return AutoForecaster("kwh", **{**asked, **changes})


def test_the_weather_near_a_place_joins_the_readings(server, tmp_path):
    case = open_case(model(tmp_path).question, meter())
    assert case.task.weather_covariates == ("temperature", "humidity", "wind_speed")
    assert case.task.weather_mode == "climatology"
    assert case.task.weather_delay == 24
    assert "Meteostat" in case.facts.attribution[0]
    (where,) = [note for note in case.facts.notes if note.startswith("weather observed at ")]
    assert "10637" in where
    assert "temperature in 100.0% of the hours, 100% dwd" in where
    temperature = case.view.weather["temperature"][0]
    assert np.isfinite(temperature[: case.view.raw.shape[1]]).mean() > 0.99
    assert -20 < np.nanmin(temperature) < np.nanmax(temperature) < 20


def test_weather_near_a_place_that_the_load_does_not_feel_is_left_out(server, tmp_path):
    found = model(tmp_path).fit(meter())
    assert found.weather.dropped
    assert (found.predict()["weather_mode"] == "none").all()


def test_a_second_run_needs_no_server_for_what_is_stored(server, tmp_path):
    first = model(tmp_path).fit(meter()).predict()
    asked = len(server.requests)
    again = model(tmp_path).fit(meter()).predict()
    pd.testing.assert_frame_equal(first, again)
    assert len(server.requests) == asked, "a year that is over is fetched once"


def test_a_server_that_is_away_is_an_error_not_a_forecast_without_weather(tmp_path, dead_url, monkeypatch):
    monkeypatch.setattr(package.config, "hourly_endpoint", dead_url + "/hourly/{year}/{station}.csv.gz")
    monkeypatch.setattr(package.config, "stations_db_endpoints", [dead_url + "/stations.db"])
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(ConnectorError):
        model(tmp_path).fit(meter())


def test_a_place_in_the_sea_is_refused_with_the_nearest_station(server, tmp_path):
    with pytest.raises(ConnectorError, match=r"no weather station near .*the nearest, .* km away"):
        open_case(model(tmp_path, place=(30.0, -40.0)).question, meter())


def test_hourly_observations_at_other_steps():
    hours = pd.date_range("2024-01-01", periods=49, freq="h", tz="UTC")
    hourly = pd.DataFrame({"temperature": np.arange(49.0)}, index=hours)
    quarter = at_step(hourly, pd.date_range(hours[0], periods=8, freq="15min"), "15min")
    assert quarter["temperature"].tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]
    hourly.loc[hours[1], "temperature"] = np.nan
    assert np.isnan(at_step(hourly, hours, "h")["temperature"].iloc[1])
    gap = at_step(hourly, pd.date_range(hours[0], periods=9, freq="15min"), "15min")["temperature"]
    assert gap.isna().tolist() == [False] + [True] * 7 + [False]
    hourly.loc[hours[1], "temperature"] = 1.0
    daily = at_step(hourly, pd.date_range(hours[0], periods=2, freq="D"), "D")
    assert daily["temperature"].tolist() == [11.5, 35.5]
