"""Open-Meteo: real answers read with their units and in UTC, the run that was there at an origin, no look ahead."""

import json
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, FatalConnectorError
from connectors.frame import check_vintages
from connectors.http import NotFoundError, fetch
from connectors.weather.open_meteo import (
    VARIABLE_MAP,
    OpenMeteo,
    fetch_forecast,
    fetch_previous_runs,
    fetch_single_run,
    read_open_meteo,
)
from connectors.weather.store import WeatherStore

DATA = Path(__file__).parents[2] / "data" / "weather" / "open_meteo"
PLACE = (52.27, 6.82)
PATH = "/v1/forecast"
META = "/data/ecmwf_ifs/static/meta.json"
HOUR = pd.Timedelta(hours=1)
WARMTH = ("temperature_2m",)
quick = partial(fetch, timeout=0.3, retries=0)


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def recorded(name):
    return (DATA / f"{name}.json").read_bytes()


def answered(columns, start="2026-09-01", hours=24, **changes):
    """An answer with some hourly columns, each a number or a list."""
    units = {"temperature_2m": "°C", "shortwave_radiation": "W/m²", "wind_speed_10m": "m/s", "snow_depth": "m"}
    units |= {"sunshine_duration": "s", "precipitation": "mm"}
    times = [f"{time:%Y-%m-%dT%H:%M}" for time in pd.date_range(start, periods=hours, freq="h")]
    hourly = {name: value if isinstance(value, list) else [value] * hours for name, value in columns.items()}
    named = {name: units[name.partition("_previous_day")[0]] for name in columns}
    body = {"utc_offset_seconds": 0, "timezone": "GMT", "hourly_units": {"time": "iso8601"} | named}
    return json.dumps(body | {"hourly": {"time": times} | hourly} | changes).encode()


@pytest.fixture
def settings(loopback):
    return OpenMeteo(base_url=loopback.url, variables=WARMTH)


@pytest.fixture
def says(loopback, answer):
    """Script what a path answers, as JSON."""

    def _says(*bodies, path=PATH, status=200):
        kind = {"Content-Type": "application/json; charset=utf-8"}
        script = [item if not isinstance(item, bytes) else answer(status, item, headers=kind) for item in bodies]
        loopback.script(path, *script)

    return _says


def asked(loopback, number=-1):
    return {name: values[0] for name, values in parse_qs(loopback.requests[number][1]).items()}


# Real answers ----------------------------------------------------------------------------------------------------


def test_a_real_single_run_is_read_in_our_names_units_and_utc():
    rows = read_open_meteo(recorded("single_run"), OpenMeteo())
    assert rows["variable"].tolist() == ["temperature"] * 3
    assert rows["unit"].tolist() == ["°C"] * 3
    assert rows["value"].tolist() == [14.7, 14.5, 14.4]
    assert rows["valid_time"].tolist() == [utc("2026-09-01 00:00"), utc("2026-09-01 01:00"), utc("2026-09-01 02:00")]


def test_real_previous_runs_are_read_with_their_days_and_sums_belong_to_the_hour_before():
    rows = read_open_meteo(recorded("previous_runs"), OpenMeteo())
    warmth = rows[rows["variable"] == "temperature"].pivot_table(index="valid_time", columns="day", values="value")
    assert warmth.loc[utc("2026-10-02 01:00")].tolist() == [13.3, 12.9, 14.2]
    rain = rows[(rows["variable"] == "precipitation") & (rows["day"] == 1)]
    assert rain["stamp"].tolist() == warmth.index.tolist()
    assert rain["valid_time"].tolist() == [time - HOUR for time in warmth.index]


def test_of_several_models_the_one_asked_for_is_read():
    for model, now, before in (
        ("icon_seamless", [14.4, 13.5], [13.6, 13.0]),
        ("gfs_seamless", [14.9, 14.2], [14.7, 14.0]),
    ):
        rows = read_open_meteo(recorded("previous_runs_models"), OpenMeteo(model=model))
        assert rows.loc[rows["day"] == 0, "value"].tolist() == now
        assert rows.loc[rows["day"] == 1, "value"].tolist() == before


def test_an_answer_in_a_local_zone_is_refused():
    """January at +2 h: one offset for all the year."""
    with pytest.raises(FatalConnectorError, match="Europe/Amsterdam"):
        read_open_meteo(recorded("historical_forecast_tz_amsterdam"), OpenMeteo())


def test_radiation_and_sunshine_are_of_the_hour_before_their_stamp_and_in_our_units():
    columns = {"shortwave_radiation": 360.0, "sunshine_duration": 1800.0, "snow_depth": 0.05, "wind_speed_10m": 3.0}
    rows = read_open_meteo(answered(columns, hours=1), OpenMeteo()).set_index("variable")
    assert rows["value"].to_dict() == {"radiation": 360.0, "sunshine": 30.0, "snow_depth": 5.0, "wind_speed": 3.0}
    start = utc("2026-09-01")
    assert rows["valid_time"].to_dict() == {
        "radiation": start - HOUR, "sunshine": start - HOUR, "snow_depth": start, "wind_speed": start
    }  # fmt: skip


def test_missing_values_are_left_out():
    rows = read_open_meteo(answered({"temperature_2m": [1.0, None, 3.0]}, hours=3), OpenMeteo())
    assert rows["value"].tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>sign in</html>", "begins with"),
        (b'{"latitude": 52.5', "begins with"),
        (b"[]", "no hourly values"),
        (b'{"utc_offset_seconds": 0}', "no hourly values"),
        (answered({"temperature_2m": 1.0}, hourly_units={"temperature_2m": "°F"}), "'°F'"),
        (answered({"temperature_2m": [1.0]}, hours=2), "1 values"),
        (answered({}), "none that was asked for"),
        (answered({"temperature_2m": 1.0}, utc_offset_seconds=3600), "zone"),
        (recorded("error_400_bad_variable"), "Cannot initialize WeatherVariable"),
    ],
)
def test_another_answer_is_refused(body, message):
    with pytest.raises(FatalConnectorError, match=message):
        read_open_meteo(body, OpenMeteo())


# The newest forecast ---------------------------------------------------------------------------------------------


def test_the_newest_forecast_is_available_when_it_was_fetched_and_issued_when_its_run_was(loopback, settings, says):
    says(answered({"temperature_2m": 14.0}, start="2026-09-28"))
    says(recorded("meta_ecmwf_ifs025"), path=META)
    now = utc("2026-09-28 09:20")
    table = fetch_forecast(PLACE, settings, location="here", days=3, now=now, get=quick)
    check_vintages(table)
    assert table["valid_time"].min() == utc("2026-09-28"), "from the start of its run on"
    assert set(table["available_at"]) == {now}
    assert set(table["issued_at"]) == {utc("2026-09-28")}
    assert set(table["model"]) == {"ecmwf_ifs"}
    assert asked(loopback, 0) == {
        "latitude": "52.27", "longitude": "6.82", "timezone": "GMT", "models": "ecmwf_ifs", "wind_speed_unit": "ms",
        "forecast_days": "3", "hourly": "temperature_2m",
    }  # fmt: skip


def test_without_word_of_the_run_the_forecast_is_issued_when_it_was_fetched(settings, says):
    says(answered({"temperature_2m": 14.0}))
    now = utc("2026-09-01 01:30")
    assert set(fetch_forecast(PLACE, settings, location="here", now=now, get=quick)["issued_at"]) == {now}


def test_each_forecast_fetched_is_kept(settings, says, tmp_path):
    says(answered({"temperature_2m": 14.0}), answered({"temperature_2m": 15.0}))
    store = WeatherStore(tmp_path)
    for hour in ("01:00", "07:00"):
        now = utc(f"2026-09-01 {hour}")
        store.append(fetch_forecast(PLACE, settings, location="here", now=now, get=quick))
    known = store.vintages("here").known_at(
        pd.DatetimeIndex(["2026-09-01 06:59", "2026-09-01 07:00"], tz="UTC"),
        np.array([["2026-09-01T12"]] * 2, "datetime64[h]"),
    )
    assert known["temperature"].values.ravel().tolist() == [14.0, 15.0]


@pytest.mark.parametrize(
    ("base", "key", "address"),
    [
        ("https://{api}.open-meteo.com", None, "https://api.open-meteo.com/v1/forecast"),
        ("https://{api}.open-meteo.com", "k1", "https://customer-api.open-meteo.com/v1/forecast"),
        ("http://weather.example/", None, "http://weather.example/v1/forecast"),
        ("http://{api}.weather.example", "k1", "http://api.weather.example/v1/forecast"),
    ],
)
def test_the_address_follows_the_settings(base, key, address, monkeypatch):
    """A key of the environment counts as one given; the key never stands in what is shown of the settings."""
    seen = []

    def get(url, params, expect):
        seen.append((url, params.get("apikey")))
        return answered({"temperature_2m": 1.0})

    options = OpenMeteo(base_url=base, apikey=key, variables=WARMTH)
    fetch_forecast(PLACE, options, location="here", now=utc("2026-09-01"), get=get)
    assert seen[0] == (address, key)
    assert "k1" not in repr(options)
    monkeypatch.setenv("OPEN_METEO_APIKEY", "k2")
    fetch_forecast(PLACE, OpenMeteo(variables=WARMTH), location="here", now=utc("2026-09-01"), get=get)
    assert seen[2] == ("https://customer-api.open-meteo.com/v1/forecast", "k2")


def test_a_key_is_in_no_message(settings, answer, loopback):
    loopback.script(PATH, answer(403, b"no such key s3cret"))
    secret = OpenMeteo(base_url=loopback.url, apikey="s3cret", variables=WARMTH)
    with pytest.raises(FatalConnectorError) as caught:
        fetch_forecast(PLACE, secret, location="here", now=utc("2026-09-01"), get=quick)
    assert "s3cret" not in str(caught.value)


# Single runs -----------------------------------------------------------------------------------------------------


def run_of(loopback):
    return [asked(loopback, number)["run"] for number in range(len(loopback.requests))]


@pytest.mark.parametrize(
    ("origin", "model", "run"),
    [
        ("2026-09-01 10:00", "ecmwf_ifs", "2026-09-01T00:00"),  # 8 h for a model of the globe
        ("2026-09-01 07:59", "ecmwf_ifs", "2026-08-31T18:00"),
        ("2026-09-01 10:00", "icon_d2", "2026-09-01T06:00"),  # 4 h for a model of a region
        ("2026-09-01 14:00", "meteofrance_arome_france", "2026-09-01T06:00"),
    ],
)
def test_the_run_is_the_newest_that_was_there_at_the_origin(loopback, settings, says, origin, model, run):
    says(answered({"temperature_2m": 14.0}))
    pinned = OpenMeteo(base_url=loopback.url, model=model, variables=WARMTH)
    table = fetch_single_run(PLACE, pinned, location="here", origin=utc(origin), now=utc("2026-10-01"), get=quick)
    check_vintages(table)
    assert run_of(loopback) == [run]
    assert set(table["issued_at"]) == {utc(run)}
    assert (table["available_at"] <= utc(origin)).all()
    assert set(table["kind"]) == {"forecast"}


def test_the_delay_is_a_setting(loopback, says):
    says(answered({"temperature_2m": 14.0}))
    slow = OpenMeteo(base_url=loopback.url, delay=pd.Timedelta(hours=11), variables=WARMTH)
    table = fetch_single_run(PLACE, slow, location="here", origin=utc("2026-09-01 10:00"), now=utc("2026-10-01"))
    assert run_of(loopback) == ["2026-08-31T18:00"]
    assert set(table["available_at"]) == {utc("2026-09-01 05:00")}


def test_a_missing_run_leads_to_the_one_before(loopback, settings, says, answer):
    kind = {"Content-Type": "application/json"}
    gone = answer(400, recorded("error_400_run_unavailable"), headers=kind)
    says(gone, gone, recorded("error_400_run_unavailable"), answered({"temperature_2m": 14.0}))
    table = fetch_single_run(
        PLACE, settings, location="here", origin=utc("2026-09-01 10:00"), now=utc("2026-10-01"), get=quick
    )
    assert run_of(loopback) == ["2026-09-01T00:00", "2026-08-31T18:00", "2026-08-31T12:00", "2026-08-31T06:00"]
    assert set(table["issued_at"]) == {utc("2026-08-31 06:00")}


def test_when_none_of_five_runs_is_there_it_is_said(loopback, settings, says):
    says(recorded("error_400_run_unavailable"), status=400)
    with pytest.raises(NotFoundError, match="no run of ecmwf_ifs from 2026-08-31 00:00 to 2026-09-01 00:00"):
        fetch_single_run(PLACE, settings, location="here", origin=utc("2026-09-01 10:00"), now=utc("2026-10-01"))
    assert len(loopback.requests) == 5


def test_another_refusal_is_not_taken_for_a_missing_run(loopback, settings, says):
    says(recorded("error_400_bad_variable"), status=400)
    with pytest.raises(FatalConnectorError, match="Cannot initialize"):
        fetch_single_run(PLACE, settings, location="here", origin=utc("2026-09-01 10:00"), now=utc("2026-10-01"))
    assert len(loopback.requests) == 1


def test_a_run_of_the_future_is_refused(settings):
    with pytest.raises(ConfigError, match="future"):
        fetch_single_run(PLACE, settings, location="here", origin=utc("2026-10-02"), now=utc("2026-10-01"))


# Previous runs ---------------------------------------------------------------------------------------------------


def test_of_previous_runs_the_smallest_honest_day_is_known_for_each_hour(settings, says, tmp_path):
    """For a forecast issued at 10:00, hour 23:00 of tomorrow needs two days: one day before is 13 h after it."""
    days = (1, 2, 3)
    says(answered({f"temperature_2m_previous_day{day}": float(day) for day in days}, start="2026-09-01", hours=72))
    table = fetch_previous_runs(
        PLACE, settings, location="here", between=(utc("2026-09-01"), utc("2026-09-03")), days=days,
        now=utc("2026-10-01"), get=quick,
    )  # fmt: skip
    check_vintages(table)
    assert set(table["kind"]) == {"previous_runs"}
    store = WeatherStore(tmp_path)
    store.append(table)
    origin, delay = utc("2026-09-01 10:00"), settings.latency
    hours = pd.date_range("2026-09-01 11:00", "2026-09-03 23:00", freq="h", tz="UTC")
    known = store.vintages("here", kinds=["previous_runs"]).known_at(
        pd.DatetimeIndex([origin]), hours.tz_localize(None).to_numpy()[None]
    )["temperature"]
    honest = np.maximum(np.ceil((hours - origin + delay) / pd.Timedelta(days=1)), 1)
    expected = [float(day) if day <= 3 else np.nan for day in honest]
    np.testing.assert_array_equal(known.values[0], expected)
    tomorrow = list(hours).index(utc("2026-09-02 23:00"))
    assert known.values[0, tomorrow] == 2
    assert known.values[0, list(hours).index(utc("2026-09-01 12:00"))] == 1


def test_what_is_not_available_yet_of_previous_runs_is_not_taken(settings, says):
    says(answered({"temperature_2m_previous_day1": 1.0}, start="2026-09-02", hours=24))
    now = utc("2026-09-01 20:00")
    table = fetch_previous_runs(
        PLACE,
        settings,
        location="here",
        between=(utc("2026-09-02"), utc("2026-09-02")),
        days=[1],
        now=now,
        get=quick,
    )
    assert table["valid_time"].max() == utc("2026-09-02 12:00")
    assert (table["available_at"] <= now).all()


# What cannot be asked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [(), (0,), (1, 8)])
def test_days_that_were_not_kept_are_refused(settings, days):
    with pytest.raises(ConfigError, match="days before"):
        fetch_previous_runs(
            PLACE, settings, location="here", between=(utc("2026-09-01"),) * 2, days=days, now=utc("2026-10-01")
        )


@pytest.mark.parametrize(
    ("place", "variables", "days", "message"),
    [
        ((95.0, 0.0), WARMTH, 3, "not on the globe"),
        (PLACE, ("tempeture_2m",), 3, "Did you mean 'temperature_2m'"),
        (PLACE, (), 3, "no variable"),
        (PLACE, WARMTH, 17, "17 days"),
    ],
)
def test_what_makes_no_sense_is_not_asked(loopback, place, variables, days, message):
    options = OpenMeteo(base_url=loopback.url, variables=variables)
    with pytest.raises(ConfigError, match=message):
        fetch_forecast(place, options, location="here", days=days, now=utc("2026-09-01"))
    assert not loopback.requests


def test_every_variable_has_a_name_of_ours_once():
    names = [variable.name for variable in VARIABLE_MAP.values()]
    assert len(set(names)) == len(names)
