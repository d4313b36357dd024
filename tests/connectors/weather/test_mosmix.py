"""MOSMIX: a real file read with its time of issue, units and hours; what is broken is told from what has changed."""

import io
import zipfile
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from connectors.errors import ConfigError, FatalConnectorError, RetriableConnectorError, UnreadableFileError
from connectors.frame import check_vintages
from connectors.http import NotFoundError, fetch
from connectors.weather import mosmix as module
from connectors.weather.mosmix import fetch_mosmix, mosmix_station, read_mosmix, vintages_of

DATA = Path(__file__).parents[2] / "data" / "weather"
FILE = (DATA / "mosmix" / "MOSMIX_S_01028_20200313T0900Z.kmz").read_bytes()
quick = partial(fetch, timeout=0.3, retries=0)


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def kml():
    with zipfile.ZipFile(io.BytesIO(FILE)) as archive:
        return archive.read(archive.namelist()[0]).decode("latin1")


def packed(text, name="MOSMIX.kml"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def forecast():
    return read_mosmix(FILE)


def series(forecast, name):
    rows = forecast.rows[forecast.rows["variable"] == name]
    return rows.set_index("valid_time")["value"]


def test_a_real_file_says_where_and_when_it_was_issued(forecast):
    assert (forecast.station, forecast.name) == ("01028", "BJORNOYA")
    assert (forecast.latitude, forecast.longitude, forecast.elevation) == (74.52, 19.02, 16.0)
    assert forecast.issued_at == utc("2020-03-13 09:00")


def test_its_values_are_in_our_units_and_at_the_start_of_their_hours(forecast):
    """The first steps, by hand: 260.45 K, 8.75 m/s, 99000 Pa, 93 %, 0.10 kg/m² in the hour before."""
    first = utc("2020-03-13 10:00")
    warmth = series(forecast, "temperature")
    assert warmth.iloc[:3].round(2).tolist() == [-12.70, -13.00, -13.80]
    assert warmth.index[0] == first
    assert len(warmth) == 240
    assert series(forecast, "wind_speed").iloc[0] == 8.75
    assert series(forecast, "pressure").iloc[0] == pytest.approx(990.0)
    assert series(forecast, "cloud_cover").iloc[0] == 93.0
    rain = series(forecast, "precipitation")
    assert rain.index[0] == utc("2020-03-13 09:00")
    assert rain.iloc[:4].tolist() == [0.1, 0.1, 0.1, 0.0]
    assert len(rain) == 237, "a dash is no value"
    assert set(forecast.rows.groupby("variable")["unit"].unique().map(tuple).to_dict().items()) >= {
        ("temperature", ("°C",)), ("wind_speed", ("m/s",)), ("pressure", ("hPa",)), ("precipitation", ("mm",))
    }  # fmt: skip


def test_humidity_is_made_of_temperature_and_dew_point(forecast):
    """260.45 K and 257.25 K: 1.86 hPa of 2.39 hPa over water, 77 %."""
    humidity = series(forecast, "humidity")
    assert humidity.iloc[0] == pytest.approx(76.9, abs=0.5)
    assert humidity.max() <= 100


def test_radiation_in_kilojoules_becomes_watts():
    text = kml().replace('elementName="Td"', 'elementName="Rad1h"')
    radiation = read_mosmix(packed(text)).rows
    radiation = radiation[radiation["variable"] == "radiation"]
    assert radiation["value"].iloc[0] == pytest.approx(257.25 * 1000 / 3600)
    assert radiation["valid_time"].iloc[0] == utc("2020-03-13 09:00")


def test_a_file_of_many_stations_gives_the_one_asked_for():
    text = kml()
    start, end = text.index("<kml:Placemark>"), text.index("</kml:Placemark>") + len("</kml:Placemark>")
    other = text[start:end].replace("01028", "99999").replace("260.45", "300.00")
    both = packed(text[:start] + other + text[start:])
    assert series(read_mosmix(both, "01028"), "temperature").iloc[0] == pytest.approx(-12.70)
    assert read_mosmix(both).station == "99999"
    with pytest.raises(FatalConnectorError, match="no station 12345"):
        read_mosmix(both, "12345")


def test_a_forecast_fetched_is_available_from_then_on(loopback, answer):
    loopback.script("/01028.kmz", answer(body=FILE))
    now = utc("2020-03-13 11:30")
    url = loopback.url + "/{station}.kmz"
    table = check_vintages(fetch_mosmix("01028", location="here", now=now, url=url, get=quick))
    assert set(table["available_at"]) == {now}
    assert set(table["issued_at"]) == {utc("2020-03-13 09:00")}
    assert set(table["source"]) == {"dwd_mosmix"}


def test_a_forecast_kept_from_earlier_was_available_an_hour_after_its_issue(forecast):
    table = vintages_of(forecast, location="here", retrieved_at=utc("2024-01-01"))
    assert set(table["available_at"]) == {utc("2020-03-13 10:00")}


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (FILE[:2000], RetriableConnectorError, "cut or broken"),
        (b"", RetriableConnectorError, "cut or broken"),
        (packed(kml()[:-500]), RetriableConnectorError, "cut or broken"),
        (FILE[:200] + b"\x00" * 200 + FILE[400:], RetriableConnectorError, "cut or broken"),
        (b"<html>sign in</html>", FatalConnectorError, "page"),
        (packed("text", name="readme.txt"), FatalConnectorError, "0 documents"),
        (packed(kml().replace("IssueTime", "Time")), FatalConnectorError, "no time of issue"),
        (packed(kml().replace("2020-03-13T09:00:00.000Z", "today-ish")), FatalConnectorError, "today-ish"),
        (packed(kml().replace("260.45", "warm")), FatalConnectorError, "TTT"),
        (packed(kml().replace("260.45", "", 1)), FatalConnectorError, "239 values"),
        (packed(kml().replace("19.02,74.52,16.0", "here")), FatalConnectorError, "here"),
        (packed(kml().replace("elementName", "name")), FatalConnectorError, "none of the elements"),
        (packed(kml().replace("?>", "?><!DOCTYPE kml [<!ENTITY a 'b'>]>", 1)), FatalConnectorError, "document type"),
    ],
)
def test_a_broken_file_may_be_tried_again_and_a_changed_one_not(body, kind, message):
    with pytest.raises(kind, match=message):
        read_mosmix(body)


def test_an_archive_that_unpacks_without_end_is_read_to_its_bound_only(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 100_000)
    with pytest.raises(FatalConnectorError, match="more than 100,000 bytes"):
        read_mosmix(FILE)
    with pytest.raises(FatalConnectorError, match="more than 100,000 bytes"):
        read_mosmix(packed(b" " * 5_000_000))


@pytest.mark.parametrize("station", ["", "../x", "1", "{station}", "1063a"])
def test_a_station_that_cannot_be_one_is_not_asked_for(loopback, station):
    with pytest.raises(ConfigError, match="no MOSMIX station"):
        fetch_mosmix(station, location="here", now=utc("2020-03-13"), url=loopback.url + "/{station}.kmz")
    assert not loopback.requests


def test_the_nearest_station_with_a_forecast_is_found():
    station, way = mosmix_station(DATA / "stations.db", 50.11, 8.68)
    assert (station, round(way)) == ("10637", 9)
    with pytest.raises(NotFoundError, match=r"no MOSMIX station near 0.0, 0.0: the nearest, \w+, is \d{4} km away"):
        mosmix_station(DATA / "stations.db", 0.0, 0.0)


def test_a_damaged_list_of_stations_is_named(tmp_path):
    (tmp_path / "stations.db").write_bytes(b"not any more")
    with pytest.raises(UnreadableFileError, match=r"stations\.db"):
        mosmix_station(tmp_path / "stations.db", 50.0, 8.0)
