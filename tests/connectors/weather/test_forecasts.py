"""The newest forecast for a location as people name it, from the source named, over this machine."""

import json
from functools import partial
from pathlib import Path

import meteostat as package
import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, RetriableConnectorError
from connectors.http import NotFoundError, fetch
from connectors.weather.forecasts import keep_forecast
from connectors.weather.open_meteo import OpenMeteo
from connectors.weather.places import find_location
from connectors.weather.store import WeatherStore

DATA = Path(__file__).parents[2] / "data" / "weather"
NOW = pd.Timestamp("2020-03-13 10:30", tz="UTC")
HOURS = [f"2020-03-{13 + day}T{hour:02d}:00" for day in range(3) for hour in range(24)]
OPEN_METEO = json.dumps(
    {
        "utc_offset_seconds": 0,
        "hourly_units": {"temperature_2m": "°C"},
        "hourly": {"time": HOURS, "temperature_2m": list(range(72))},
    }
).encode()


@pytest.fixture
def keep(loopback, answer, tmp_path, monkeypatch):
    loopback.folder = DATA
    monkeypatch.setattr(package.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    file = (DATA / "mosmix" / "MOSMIX_S_01028_20200313T0900Z.kmz").read_bytes()
    loopback.script("/10637.kmz", answer(body=file))
    loopback.script("/v1/forecast", answer(body=OPEN_METEO, headers={"Content-Type": "application/json"}))
    settings = OpenMeteo(base_url=loopback.url, variables=("temperature_2m",))
    options = {"settings": settings, "url": loopback.url + "/{station}.kmz", "now": NOW}
    options["get"] = partial(fetch, timeout=0.3, retries=0)

    def _keep(text, store=None, **changed):
        return keep_forecast(find_location(text), store or WeatherStore(tmp_path), **options | changed)

    return _keep


@pytest.mark.parametrize("text", ["50.11, 8.68", "Frankfurt", "10637", "Offenbach, DE"])
def test_a_location_however_said_gets_the_forecast_of_the_station_near_it(keep, text, tmp_path):
    found = keep(text)
    assert found.added > 1000
    assert found.issued_at == pd.Timestamp("2020-03-13 09:00", tz="UTC")
    assert found.attribution == ("Deutscher Wetterdienst, MOSMIX (CC BY 4.0)",)
    store = WeatherStore(tmp_path)
    known = store.vintages(find_location(text).name, ["temperature"]).known_at(
        pd.DatetimeIndex([NOW - pd.Timedelta(minutes=1), NOW]), np.array([["2020-03-13T10"]] * 2, "datetime64[h]")
    )["temperature"]
    np.testing.assert_allclose(known.values[:, 0], [np.nan, 260.45 - 273.15])


@pytest.mark.parametrize("text", ["50.11, 8.68", "10637"])
def test_open_meteo_is_asked_for_the_place_itself_or_that_of_the_station(keep, loopback, text):
    found = keep(text, source="open-meteo")
    assert found.added == 62
    query = next(request[1] for request in loopback.requests if request[0] == "/v1/forecast")
    assert f"latitude={'50.11' if ',' in text else '50.05'}" in query


def test_the_next_day_both_forecasts_are_there(keep, tmp_path):
    keep("Frankfurt", source="open-meteo")
    keep("Frankfurt", source="open-meteo", now=NOW + pd.Timedelta(hours=6))
    rows = WeatherStore(tmp_path).read(find_location("Frankfurt").name)
    assert rows["issued_at"].nunique() == 2


def test_a_source_that_fails_is_borne_by_the_forecast_before(keep, loopback, answer, tmp_path):
    store = WeatherStore(tmp_path)
    keep("Frankfurt", store)
    loopback.script("/10637.kmz", answer(503))
    later = keep("Frankfurt", store, now=NOW + pd.Timedelta(hours=6))
    assert later.stale
    assert "2020-03-13 09:00 UTC is used" in later.notes[0]
    with pytest.raises(RetriableConnectorError):
        keep("Frankfurt", store, now=NOW + pd.Timedelta(days=20))


def test_what_is_not_there_is_said(keep):
    with pytest.raises(NotFoundError, match="no MOSMIX station near"):
        keep("0, 0")
    with pytest.raises(ConfigError, match="no weather station '99999'"):
        keep("99999")
    with pytest.raises(ConfigError, match="Did you mean 'mosmix'"):
        keep("Frankfurt", source="mosmx")
