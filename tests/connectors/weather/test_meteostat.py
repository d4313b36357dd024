"""Observed weather from Meteostat, served by this machine: what comes out, and what happens when nothing does."""

import gzip
import sqlite3
from functools import cache, partial
from pathlib import Path

import meteostat as package
import meteostat.providers.meteostat.hourly as provider
import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, FatalConnectorError, RetriableConnectorError
from connectors.frame import check_vintages
from connectors.http import NotFoundError, fetch
from connectors.weather import meteostat as module
from connectors.weather.meteostat import FARTHEST, fetch_history
from connectors.weather.meteostat_values import VARIABLE_MAP
from connectors.weather.store import WeatherStore

DATA = Path(__file__).parents[2] / "data" / "weather"
FRANKFURT, FELDBERG = "10637", "10635"
CITY = (50.11, 8.68)
PLAIN = "/hourly/{year}/{station}.csv.gz"


def utc(text):
    return pd.Timestamp(text, tz="UTC")


NOW = utc("2024-06-01")
LIST = (DATA / "stations.db").read_bytes()
#: Hours of the recorded files that are served: ten days, and the stamp that ends them.
SERVED = 241


@cache
def recorded(station=FRANKFURT):
    """The recorded year file as text columns, by stamp."""
    frame = pd.read_csv(DATA / "hourly" / "2024" / f"{station}.csv.gz", dtype={"temp": float})
    return frame.set_index(pd.to_datetime(frame[["year", "month", "day", "hour"]], utc=True))


def year_file(year=2024, hours=48, station=FRANKFURT, **changes):
    """The first hours and some columns of a recorded file as if of another year, with columns changed."""
    kept = [column for name in ("temp", "rhum", "prcp", "wspd") for column in (name, f"{name}_source")]
    frame = recorded(station).head(hours)[["year", "month", "day", "hour", *kept]]
    return gzip.compress(frame.assign(**{"year": year} | changes).to_csv(index=False).encode())


@pytest.fixture
def server(loopback, answer, monkeypatch):
    """Meteostat as recorded, on this machine: ten days of two stations, or all there is without the scripts."""
    loopback.folder = DATA
    for station in (FRANKFURT, FELDBERG):
        loopback.script(f"/hourly/2024/{station}.csv.gz", answer(body=year_file(hours=SERVED, station=station)))
    monkeypatch.setattr(package.config, "hourly_endpoint", loopback.url + PLAIN)
    monkeypatch.setattr(package.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    return loopback


@pytest.fixture
def store(tmp_path):
    return WeatherStore(tmp_path / "weather")


@pytest.fixture
def history(server, store):
    """Fetch ten days for Frankfurt Airport, or what the options say, without patience."""

    def _history(place=FRANKFURT, start="2024-01-01", end="2024-01-11", **options):
        quick = partial(fetch, timeout=0.3, retries=0)
        options = {"store": store, "now": NOW, "get": quick} | options
        return fetch_history(place, utc(start), utc(end), **options)

    return _history


def test_the_observations_of_a_station_come_in_our_names_and_units(history, server):
    server.scripts.clear()
    found = history(parameters=tuple(VARIABLE_MAP))
    raw = recorded().loc["2024-01-01":"2024-01-10"]
    frame = found.frame.set_index("timestamp")
    assert list(frame.columns) == [variable.name for variable in VARIABLE_MAP.values()]
    assert str(frame.index.dtype.tz) == "UTC"
    assert len(frame) == 10 * 24
    np.testing.assert_allclose(frame["temperature"], raw["temp"])
    np.testing.assert_allclose(frame["wind_speed"], raw["wspd"] / 3.6)
    np.testing.assert_allclose(frame["cloud_cover"], raw["cldc"] * 12.5)
    assert found.units["wind_speed"] == "m/s"
    assert found.units["temperature"] == "°C"


def test_a_sum_over_the_hour_before_its_stamp_belongs_to_the_hour_before(history, server):
    server.scripts.clear()
    frame = history(parameters=("prcp", "tsun")).frame.set_index("timestamp")
    raw = recorded()
    shifted = raw["prcp"].shift(-1).loc["2024-01-01":"2024-01-10"]
    np.testing.assert_allclose(frame["precipitation"], shifted)
    assert frame["precipitation"].sum() > 1


def test_the_attribution_travels_with_the_data(history):
    assert history().attribution == "Meteostat, Deutscher Wetterdienst (CC BY 4.0)"


def test_forecasts_that_fill_gaps_are_no_observations(history, server):
    """All pressure of Kleiner Feldberg is from a model, and some of its wind in February."""
    server.scripts.clear()
    found = history(FELDBERG, end="2024-02-20", parameters=("pres", "wspd"))
    assert found.completeness["pressure"] == 0
    raw = recorded(FELDBERG).loc[:"2024-02-19"]
    modelled = (raw["wspd_source"] == "dwd_mosmix").to_numpy()
    assert modelled.any()
    assert found.frame.loc[modelled, "wind_speed"].isna().all()
    assert found.completeness["wind_speed"] == pytest.approx(1 - np.mean(modelled | raw["wspd"].isna()))


def test_how_much_came_from_models_and_from_whom_the_rest_is_told(history, server, caplog):
    server.scripts.clear()
    found = history(FELDBERG, end="2024-02-20", parameters=("temp", "pres", "wspd"))
    assert found.sources["temperature"] == {"dwd_hourly": 1.0}
    assert "pressure" not in found.sources
    assert any("Of the pressure of station 10635" in note and "100% is from weather models" in note
               for note in found.notes)  # fmt: skip
    assert not any("temperature" in note for note in found.notes)
    assert "weather models" in caplog.text


def test_observations_that_end_early_are_told(history):
    found = history(end="2024-01-20")
    assert "The temperature was last observed at 2024-01-11 00:00 UTC, 215 hours before the end." in found.notes
    assert history(end="2024-01-12").notes == ()


def test_a_station_without_a_height_is_used_at_the_height_of_the_place(history, server, answer, tmp_path):
    """Nothing is known of how much colder it is up there: its temperature is taken as it is."""
    file = tmp_path / "stations.db"
    file.write_bytes(LIST)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE stations SET elevation = NULL")
    connection.close()
    server.script("/stations.db", answer(body=file.read_bytes()))
    found = history(CITY, elevation=111)
    assert {station.elevation for station in found.stations} == {None}
    valley, mountain = recorded()["temp"].iloc[:240].to_numpy(), recorded(FELDBERG)["temp"].iloc[:240].to_numpy()
    temperature = found.frame["temperature"].to_numpy()
    assert (temperature >= np.minimum(valley, mountain) - 1e-9).all()
    assert (temperature <= np.maximum(valley, mountain) + 1e-9).all()


def test_several_stations_around_a_place_are_combined(history):
    found = history(CITY, elevation=111)
    assert [station.id for station in found.stations] == [FRANKFURT, FELDBERG]
    valley, mountain = recorded()["temp"].iloc[:240], recorded(FELDBERG)["temp"].iloc[:240]
    lifted = mountain.to_numpy() + 0.0065 * (805 - 111)
    temperature = found.frame["temperature"].to_numpy()
    assert (temperature >= np.minimum(valley, lifted) - 1e-9).all()
    assert (temperature <= np.maximum(valley, lifted) + 1e-9).all()
    np.testing.assert_allclose(found.frame["humidity"], recorded()["rhum"].iloc[:240])


def test_a_gap_of_the_nearest_station_is_filled_by_the_next(history, server, answer):
    gap = recorded().head(48)["rhum"].where(np.arange(48) > 9)
    changed = year_file(rhum=gap.to_numpy(), rhum_source=np.where(gap.isna(), None, "dwd_hourly"))
    server.script(f"/hourly/2024/{FRANKFURT}.csv.gz", answer(body=changed))
    found = history(CITY, end="2024-01-03")
    np.testing.assert_allclose(found.frame["humidity"][:10], recorded(FELDBERG)["rhum"].iloc[:10])
    assert found.completeness["humidity"] == 1


def test_stations_are_added_until_nearly_every_hour_has_a_value(history, server, answer, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "STATIONS", 1)
    assert [station.id for station in history(CITY).stations] == [FRANKFURT]
    gap = recorded().head(SERVED)["rhum"].where(np.arange(SERVED) > 0.06 * SERVED)
    changed = year_file(hours=SERVED, rhum=gap.to_numpy(), rhum_source=np.where(gap.isna(), None, "dwd_hourly"))
    server.script(f"/hourly/2024/{FRANKFURT}.csv.gz", answer(body=changed))
    assert [station.id for station in history(CITY, store=WeatherStore(tmp_path / "cold")).stations] == [
        FRANKFURT,
        FELDBERG,
    ]


def test_the_last_sum_of_a_year_stands_in_the_file_of_the_next(history, server, answer):
    server.script(f"/hourly/2023/{FRANKFURT}.csv.gz", answer(body=year_file(2023)))
    year = {"start": "2023-01-01", "end": "2024-01-01"}
    history(**year)
    assert server.asked(f"/hourly/2024/{FRANKFURT}.csv.gz") == 0
    found = history(**year, parameters=("prcp",))
    assert server.asked(f"/hourly/2024/{FRANKFURT}.csv.gz") == 1
    assert found.frame["precipitation"].iloc[-1] == recorded()["prcp"].iloc[0]


def test_the_hours_asked_for_are_all_there_with_gaps_as_nan(history):
    found = history(start="2024-01-10 12:30", end="2024-01-12")
    assert found.frame["timestamp"].equals(
        pd.Series(pd.date_range("2024-01-10 13:00", periods=35, freq="h", tz="UTC"))
    )
    assert found.frame["temperature"].notna().sum() == 12
    assert found.completeness["temperature"] == pytest.approx(12 / 35)


def test_nothing_after_the_present_is_an_observation(history):
    found = history(now=utc("2024-01-02 12:00"), end="2024-01-05")
    assert found.frame["timestamp"].max() == utc("2024-01-02 11:00")
    later = history(now=utc("2024-01-02 12:30"), end="2024-01-05")
    assert later.frame["timestamp"].max() == utc("2024-01-02 12:00")


def test_the_store_says_when_each_value_became_known(history, store):
    history(now=utc("2024-01-03 12:00"))
    rows = store.read(f"meteostat-{FRANKFURT}", ["temperature"])
    check_vintages(rows)
    available = rows.set_index("valid_time")["available_at"]
    assert available[utc("2024-01-01 05:00")] == utc("2024-01-02 05:00")
    assert available[utc("2024-01-03 05:00")] == utc("2024-01-03 12:00")
    assert set(rows["unit"]) == {"°C"}
    assert set(rows["source"]) == {"dwd_hourly"}


def test_a_value_that_came_late_was_not_known_before_it_came(history, server, store, answer):
    path = f"/hourly/2024/{FRANKFURT}.csv.gz"
    server.script(path, answer(body=year_file(hours=24)), answer(body=year_file(hours=48)))
    history(now=utc("2024-01-10"))
    history(now=utc("2024-01-12"))
    known = (
        store.vintages(f"meteostat-{FRANKFURT}")
        .known_at(
            pd.DatetimeIndex(["2024-01-11", "2024-01-12"], tz="UTC"),
            np.array([["2024-01-01T12", "2024-01-02T12"]] * 2, "datetime64[h]"),
        )["temperature"]
        .values
    )
    np.testing.assert_array_equal(np.isfinite(known), [[True, False], [True, True]])


def test_a_value_that_was_not_due_at_the_last_fetch_became_known_a_day_after_its_hour(history, store):
    history(now=utc("2024-01-05 12:00"))
    history(now=utc("2024-01-20"))
    available = store.read(f"meteostat-{FRANKFURT}", ["temperature"]).set_index("valid_time")["available_at"]
    assert available[utc("2024-01-05 11:00")] == utc("2024-01-05 12:00")
    assert available[utc("2024-01-05 13:00")] == utc("2024-01-06 13:00")


def test_a_corrected_value_is_used_and_the_first_one_is_kept(history, server, store, answer):
    path = f"/hourly/2024/{FRANKFURT}.csv.gz"
    server.script(
        path, answer(body=year_file()), answer(body=year_file(temp=recorded()["temp"].head(48).to_numpy() + 1))
    )
    first = history(now=utc("2024-01-10")).frame["temperature"]
    second = history(now=utc("2024-01-12")).frame["temperature"]
    np.testing.assert_allclose(second[:48], first[:48] + 1)
    instants = pd.DatetimeIndex(["2024-01-11", "2024-01-12"], tz="UTC")
    there = store.vintages(f"meteostat-{FRANKFURT}", ["temperature"])
    known = there.known_at(instants, np.array([["2024-01-01"]] * 2, "datetime64[h]"))["temperature"]
    np.testing.assert_allclose(known.values[:, 0], [first[0], second[0]])
    as_of_then = history(now=utc("2024-01-11")).frame["temperature"]
    np.testing.assert_allclose(as_of_then[:48], first[:48])


def test_a_past_year_is_fetched_once_and_the_current_one_again(history, server, answer):
    server.script(f"/hourly/2023/{FRANKFURT}.csv.gz", answer(body=year_file(2023)))
    both = partial(history, start="2023-01-01")
    both(now=NOW)
    both(now=NOW + pd.Timedelta(days=1))
    assert server.asked(f"/hourly/2023/{FRANKFURT}.csv.gz") == 1
    assert server.asked(f"/hourly/2024/{FRANKFURT}.csv.gz") == 1, "what was measured in January is settled in June"
    both(end="2024-06-01", now=NOW + pd.Timedelta(days=2))
    assert server.asked(f"/hourly/2024/{FRANKFURT}.csv.gz") == 2
    both(end="2024-06-01", now=NOW + pd.Timedelta(days=2, minutes=59))
    assert server.asked(f"/hourly/2024/{FRANKFURT}.csv.gz") == 2, "not twice within the hour"
    assert server.asked(f"/hourly/2023/{FRANKFURT}.csv.gz") == 1
    assert server.asked("/stations.db") == 1


def test_a_year_fetched_before_it_was_over_is_fetched_again(history, server):
    history(now=utc("2024-01-20"))
    history(now=utc("2025-03-01"))
    assert server.asked(f"/hourly/2024/{FRANKFURT}.csv.gz") == 2


def test_what_was_fetched_serves_other_parameters_and_shorter_periods(history, server):
    history()
    before = len(server.requests)
    found = history(start="2024-01-10", end="2024-01-11", parameters=("prcp",))
    assert len(server.requests) == before
    assert found.completeness == {"precipitation": 1.0}


# What the source can do wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize("station", ["99999", "1063_", "%", "", "../x"])
def test_a_station_nobody_knows_is_a_configuration_error(history, station):
    with pytest.raises(ConfigError, match="There is no weather station"):
        history(station)


def test_a_missing_year_in_the_middle_is_a_gap(history, server, answer, caplog):
    server.script(f"/hourly/2022/{FRANKFURT}.csv.gz", answer(body=year_file(2022)))
    found = history(start="2022-01-01")
    years = found.frame.groupby(found.frame["timestamp"].dt.year)["temperature"].count()
    assert years.to_dict() == {2022: 48, 2023: 0, 2024: 240}
    assert not found.stale
    history(start="2022-01-01", now=NOW + pd.Timedelta(days=20))
    assert server.asked(f"/hourly/2023/{FRANKFURT}.csv.gz") == 1, "a missing year is not asked for every day"
    history(start="2022-01-01", now=NOW + pd.Timedelta(days=31))
    assert server.asked(f"/hourly/2023/{FRANKFURT}.csv.gz") == 2


def test_no_data_anywhere_is_not_found(history):
    with pytest.raises(
        NotFoundError, match=r"No station within 50 km .* observations from 2019-01-01 to 2019-01-31"
    ):
        history(CITY, start="2019-01-01", end="2019-02-01")
    with pytest.raises(NotFoundError, match=r"Station '10637' has no observations"):
        history(start="2019-01-01", end="2019-02-01")


def test_a_file_of_forecasts_alone_holds_no_observations(history, server, answer):
    raw = recorded().head(48)
    modelled = {name: "dwd_mosmix" for name in raw.columns if name.endswith("_source")}
    server.script(f"/hourly/2024/{FRANKFURT}.csv.gz", answer(body=year_file(**modelled)))
    with pytest.raises(NotFoundError):
        history()


FAILURES = {
    "server error": ({"status": 500}, RetriableConnectorError),
    "busy": ({"status": 429, "headers": {"Retry-After": "9999"}}, RetriableConnectorError),
    "silence": ({"silence": 5.0}, RetriableConnectorError),
    "cut body": ({"body": b"\x1f\x8b", "cut": 99}, RetriableConnectorError),
    "cut gzip": ({"body": year_file()[:-20]}, RetriableConnectorError),
    "broken gzip": ({"body": b"\x1f\x8b" + b"garbage" * 9}, RetriableConnectorError),
    "forbidden": ({"status": 403}, FatalConnectorError),
    "a web page": ({"body": b"<html>sign in</html>"}, FatalConnectorError),
    "other columns": ({"body": gzip.compress(b"date,temp\n2024-01-01,3\n")}, FatalConnectorError),
    "unknown columns": ({"body": gzip.compress(b"year,month,day,hour,t\n2024,1,1,0,3\n")}, FatalConnectorError),
    "text for numbers": ({"body": year_file(temp="warm")}, FatalConnectorError),
    "no such dates": ({"body": year_file(month=13)}, FatalConnectorError),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_with_nothing_stored_is_an_error_of_its_kind(history, server, answer, name):
    options, kind = FAILURES[name]
    server.script(f"/hourly/2024/{FRANKFURT}.csv.gz", answer(**options))
    with pytest.raises(kind) as caught:
        history()
    assert not isinstance(caught.value, NotFoundError)


@pytest.mark.parametrize("name", ["server error", "silence", "broken gzip", "a web page"])
def test_a_failure_with_rows_stored_falls_back_to_them_and_says_so(history, server, answer, name, caplog):
    before = history(now=utc("2024-01-20"))
    assert not before.stale
    assert not before.notes
    server.script(f"/hourly/2024/{FRANKFURT}.csv.gz", answer(**FAILURES[name][0]))
    after = history(now=utc("2024-01-21"))
    assert after.stale
    assert len(after.notes) == 1
    assert "only weather stored before is used" in after.notes[0]
    assert after.notes[0] in caplog.text
    pd.testing.assert_frame_equal(after.frame, before.frame)


def test_a_dead_host_with_nothing_stored_is_retriable(history, dead_url, monkeypatch, tmp_path):
    monkeypatch.setattr(package.config, "hourly_endpoint", dead_url + PLAIN)
    with pytest.raises(RetriableConnectorError):
        history(CITY)
    monkeypatch.setattr(package.config, "stations_db_endpoints", [dead_url + "/stations.db"])
    with pytest.raises(RetriableConnectorError):
        history(CITY, store=WeatherStore(tmp_path / "cold"))


def test_after_one_failure_nothing_more_is_asked_for(history, server, answer):
    server.script(f"/hourly/2020/{FRANKFURT}.csv.gz", answer(500))
    with pytest.raises(RetriableConnectorError):
        history(CITY, start="2020-01-01")
    assert server.asked() == ["/stations.db", f"/hourly/2020/{FRANKFURT}.csv.gz"]


def test_a_server_that_is_down_is_borne_by_a_warm_store(history, dead_url, monkeypatch):
    before = history(CITY)
    monkeypatch.setattr(package.config, "hourly_endpoint", dead_url + PLAIN)
    monkeypatch.setattr(package.config, "stations_db_endpoints", [dead_url + "/stations.db"])
    later = NOW + pd.Timedelta(days=400)
    after = history(CITY, now=later)
    assert not after.stale, "January 2024 was settled: nothing had to be asked for"
    pd.testing.assert_frame_equal(after.frame, before.frame)
    longer = history(CITY, end="2024-07-01", now=later)
    assert longer.stale
    assert longer.frame["temperature"].notna().sum() == SERVED


def test_a_refresh_that_shrank_removes_nothing_and_is_reported(history, server, answer):
    before = history(now=utc("2024-01-20"))
    server.script(f"/hourly/2024/{FRANKFURT}.csv.gz", answer(body=year_file(hours=24)))
    after = history(now=utc("2024-01-21"))
    pd.testing.assert_frame_equal(after.frame, before.frame)
    assert "where it had" in after.notes[0]
    server.script(f"/hourly/2024/{FRANKFURT}.csv.gz", answer(404))
    gone = history(now=utc("2024-01-22"))
    pd.testing.assert_frame_equal(gone.frame, before.frame)
    assert "now has 0 values" in gone.notes[0]
    assert gone.notes[0].partition("where it had")[2] == after.notes[0].partition("where it had")[2]


# Stations --------------------------------------------------------------------------------------------------------


def test_a_place_without_a_station_near_names_the_nearest_one_and_its_distance(history):
    with pytest.raises(NotFoundError, match=r"the nearest, 10416 Dortmund / Wickede, is \d\d+ km away"):
        history((51.5, 6.0))
    assert FARTHEST == 50


def test_a_station_farther_than_50_km_is_not_used_beside_nearer_ones(history):
    """Giessen lies 55 km from the south of Frankfurt."""
    found = history((50.0, 8.6))
    assert {station.id for station in found.stations} == {FRANKFURT, FELDBERG}
    assert max(station.distance for station in found.stations) < FARTHEST


@pytest.mark.parametrize("body", [b"", b"<html>", LIST[:5000], LIST[:4096] + bytes(1024) + LIST[5120:]])
def test_a_broken_list_of_stations_is_retriable_and_not_kept(history, server, answer, body):
    server.script("/stations.db", answer(body=body), answer(body=LIST))
    with pytest.raises(RetriableConnectorError, match="list of weather stations"):
        history(CITY)
    assert history(CITY).completeness["temperature"] == 1


def test_the_second_address_of_the_list_of_stations_is_tried(history, server, monkeypatch):
    monkeypatch.setattr(
        package.config, "stations_db_endpoints", [server.url + "/gone.db", server.url + "/stations.db"]
    )
    assert history(CITY).completeness["temperature"] == 1


def test_an_old_list_of_stations_is_renewed_and_kept_when_that_fails(history, server, answer, caplog):
    history()
    history(now=NOW + pd.Timedelta(days=31))
    assert server.asked("/stations.db") == 2
    server.script("/stations.db", answer(500))
    assert history(now=NOW + pd.Timedelta(days=62)).completeness["temperature"] == 1
    assert "could not be renewed" in caplog.text


# Manners ---------------------------------------------------------------------------------------------------------


def test_the_settings_of_the_package_are_put_back(history, server, answer):
    def settings():
        names = [name for name in dir(type(package.config)) if not name.startswith("_")]
        values = {name: getattr(package.config, name) for name in names}
        return {name: value for name, value in values.items() if not callable(value)} | {"at": provider.ENDPOINT}

    before = settings()
    assert {"cache_enable", "include_model_data", "stations_db_file"} <= set(before)
    history(CITY)
    server.script(f"/hourly/2023/{FRANKFURT}.csv.gz", answer(body=year_file(month=13)))
    with pytest.raises(FatalConnectorError):
        history(start="2023-01-01", end="2023-02-01")
    assert settings() == before


def test_nothing_is_written_outside_the_store(history, tmp_path, monkeypatch):
    monkeypatch.setattr(package.config, "cache_directory", str(tmp_path / "cache"))
    monkeypatch.setattr(package.config, "stations_db_file", str(tmp_path / "theirs.db"))
    history(CITY)
    assert [path.name for path in tmp_path.iterdir()] == ["weather"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": ("temp", "tmep")}, "Did you mean 'temp'"),
        ({"parameters": ()}, "no parameter"),
        ({"place": (95.0, 8.6)}, "not on the globe"),
        ({"start": "2024-02-01", "end": "2024-02-01"}, "no hour"),
        ({"start": "2024-06-02", "end": "2024-06-09"}, "no hour"),
    ],
)
def test_what_cannot_be_asked_is_a_configuration_error(history, server, options, message):
    with pytest.raises(ConfigError, match=message):
        history(**options)
    assert not server.requests


def test_a_parameter_named_twice_is_one_column(history):
    assert list(history(parameters=("rhum", "temp", "rhum")).frame.columns) == [
        "timestamp",
        "humidity",
        "temperature",
    ]


def test_a_time_without_a_zone_is_refused(store):
    with pytest.raises(ConfigError, match="no time zone"):
        fetch_history(FRANKFURT, pd.Timestamp("2024-01-01"), utc("2024-02-01"), store=store, now=NOW)


def test_a_period_in_another_zone_is_the_same_instants(history, store, server):
    local = utc("2024-01-10").tz_convert("Europe/Paris"), utc("2024-01-12").tz_convert("Asia/Tokyo")
    get = partial(fetch, timeout=1.0, retries=0)
    found = fetch_history(FRANKFURT, *local, store=store, now=NOW.tz_convert("Asia/Tokyo"), get=get)
    pd.testing.assert_frame_equal(found.frame, history(start="2024-01-10", end="2024-01-12").frame)
