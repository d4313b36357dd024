"""The weather to come at a place: the newest forecast stands in the rows after the readings, and nothing later."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import meteostat as package
import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError
from connectors.weather.places import location_at
from connectors.weather.store import WeatherStore
from forecasting.ahead import with_forecast
from forecasting.case import open_case
from forecasting.options import _place
from forecasting.place import Weather
from forecasting.question import Question
from forecasting.vintages import live_mode

DATA = Path(__file__).resolve().parent.parent / "data" / "weather"
FRANKFURT = (50.05, 8.6)
HOUR = pd.Timedelta(hours=1)
#: The recorded file was issued at 09:00 on 13 March 2020; here as if on 1 February 2024.
SHIFT = pd.Timestamp("2024-02-01") - pd.Timestamp("2020-03-13")
LAST = pd.Timestamp("2024-02-01 08:00", tz="UTC")
NOW = pd.Timestamp("2024-02-01 10:30", tz="UTC")


def mosmix():
    """The recorded forecast with its days moved to February 2024, about 280 K instead of 260."""
    with zipfile.ZipFile(DATA / "mosmix" / "MOSMIX_S_01028_20200313T0900Z.kmz") as archive:
        text = archive.read(archive.namelist()[0]).decode("latin1")
    for day in range(12):
        before = pd.Timestamp("2020-03-13") + pd.Timedelta(days=day)
        text = text.replace(f"{before:%Y-%m-%d}T", f"{before + SHIFT:%Y-%m-%d}T")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MOSMIX.kml", text)
    return buffer.getvalue()


@pytest.fixture
def server(loopback, monkeypatch, answer):
    loopback.folder = DATA
    for station in ("10637", "10635"):
        path = f"hourly/2024/{station}.csv.gz"
        year = gzip.decompress((DATA / path).read_bytes()).splitlines(keepends=True)
        loopback.script(f"/{path}", answer(body=gzip.compress(b"".join(year[: 31 * 24 + 6]))))
    loopback.script("/10637.kmz", answer(body=mosmix()))
    monkeypatch.setattr(package.config, "hourly_endpoint", loopback.url + "/hourly/{year}/{station}.csv.gz")
    monkeypatch.setattr(package.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    monkeypatch.setenv("HOURCAST_MOSMIX_URL", loopback.url + "/{station}.kmz")
    return loopback


def readings(last=LAST, items=("a",), freq="h"):
    stamps = pd.date_range(last - pd.Timedelta(days=20), last, freq=freq)
    load = 40 + 15 * np.sin(2 * np.pi * stamps.hour / 24) + np.random.default_rng(1).normal(0, 1, len(stamps))
    parts = [pd.DataFrame({"item_id": item, "timestamp": stamps, "target": load}) for item in items]
    frame = pd.concat(parts, ignore_index=True)
    return Weather(frame=frame.assign(temperature=1.0, humidity=50.0), columns=("temperature", "humidity"))


def ahead(weather, folder, *, source="mosmix", now=NOW, clock=NOW, freq="h"):
    return with_forecast(weather, FRANKFURT, source=source, freq=freq, now=now, clock=clock, folder=folder)


def test_the_newest_forecast_stands_in_the_rows_after_the_readings(server, tmp_path):
    found = ahead(readings(items=("a", "b")), tmp_path)
    rows = found.frame[found.frame["target"].isna()]
    assert found.ahead == ("temperature", "humidity")
    assert rows.groupby("item_id")["timestamp"].min().tolist() == [LAST + HOUR] * 2
    assert rows["timestamp"].max() > NOW + pd.Timedelta(days=9)
    assert rows["temperature"].notna().all(), "the hours since the last observation are bridged"
    first = rows[rows["timestamp"] == "2024-02-01 10:00+00:00"]
    np.testing.assert_allclose(first["temperature"], 260.45 - 273.15)
    assert "Deutscher Wetterdienst, MOSMIX (CC BY 4.0)" in found.attribution
    assert found.frame["target"].notna().sum() == len(readings(items=("a", "b")).frame)


def test_what_was_observed_since_the_last_reading_comes_before_what_was_forecast(server, tmp_path):
    """The year file ends on 1 February at 04:00; readings that end at 00:00 see four hours observed."""
    found = ahead(readings(pd.Timestamp("2024-02-01 00:00", tz="UTC")), tmp_path)
    rows = found.frame[found.frame["target"].isna()].set_index("timestamp")
    assert rows.index[0] == pd.Timestamp("2024-02-01 01:00", tz="UTC")
    assert (rows["temperature"].iloc[:4] > -5).all()
    assert rows.loc["2024-02-01 10:00+00:00", "temperature"] < -12


def test_shorter_steps_are_interpolated(server, tmp_path):
    last = pd.Timestamp("2024-02-01 10:15", tz="UTC")
    found = ahead(readings(last, freq="15min"), tmp_path, freq="15min")
    rows = found.frame[found.frame["target"].isna()]
    assert rows["timestamp"].iloc[0] == last + pd.Timedelta(minutes=15)
    assert rows["temperature"].iloc[0] == pytest.approx((260.45 + 260.15) / 2 - 273.15)


@pytest.mark.parametrize("source", ["none", "mosmix"])
def test_readings_that_ended_long_ago_and_those_who_want_none_get_none(server, tmp_path, source):
    weather = readings(LAST if source == "none" else LAST - pd.Timedelta(days=5))
    assert ahead(weather, tmp_path, source=source) == weather
    assert not server.requests


def test_as_of_an_earlier_instant_what_was_kept_then_is_used_and_nothing_is_fetched(server, tmp_path):
    ahead(readings(), tmp_path)
    asked = server.asked("/10637.kmz")
    later = NOW + pd.Timedelta(days=300)
    again = ahead(readings(), tmp_path, now=NOW + HOUR, clock=later)
    assert again.ahead == ("temperature", "humidity")
    before = ahead(readings(), tmp_path, now=NOW - HOUR, clock=later)
    assert before.ahead == (), "the forecast was fetched an hour later"
    assert server.asked("/10637.kmz") == asked


@pytest.mark.parametrize("status", [404, 500])
def test_a_source_that_fails_is_a_note(server, tmp_path, answer, status):
    server.script("/10637.kmz", answer(status))
    found = ahead(readings(), tmp_path)
    assert found.ahead == ()
    assert "no weather forecast could be had" in found.notes[0]
    assert found.frame["target"].notna().all()


def test_a_live_forecast_has_the_weather_as_forecast_and_its_backtest_simulated_weather(server, tmp_path):
    WeatherStore(tmp_path)
    ahead(readings(), tmp_path)
    table = readings().frame[["timestamp", "target"]].rename(columns={"target": "kwh", "timestamp": "time"})
    asked = {"target": "kwh", "horizon": 24, "place": FRANKFURT, "weather_store": tmp_path, "as_of": NOW}
    case = open_case(Question(**asked), table)
    assert case.task.weather_mode == "simulated"
    known = case.view.past_at(case.view.last)
    end = np.array([case.view.raw.shape[1] - 1])
    values = known.forecast_weather(end, 24)["temperature"][0, 0]
    assert values[1] == pytest.approx(260.45 - 273.15)
    assert np.isfinite(values).all()
    assert live_mode(case.view) == "vintage"
    plain = open_case(Question(**asked, weather_source="none"), table)
    assert plain.task.weather_mode == "climatology"


def test_a_place_is_said_by_name_coordinates_or_station(server, monkeypatch, tmp_path):
    monkeypatch.setenv("HOURCAST_HOME", str(tmp_path))
    assert _place("Frankfurt") == (50.116, 8.684)
    assert _place("50.05, 8.6") == location_at(50.05, 8.6).place
    assert _place("station:10637") == (50.05, 8.6)
    with pytest.raises(ConfigError, match="Did you mean"):
        _place("Frankfrut")
    with pytest.raises(ConfigError, match="weather-source"):
        Question(target="kwh", weather_source="metno")
