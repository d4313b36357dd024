"""What every source of weather does when its server fails, on this machine: one table for all of them.

Nothing is stored by a fetch that failed, and what was stored before goes on serving.
"""

import gzip
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import meteostat as package
import numpy as np
import pandas as pd
import pytest

from connectors.errors import FatalConnectorError, RetriableConnectorError
from connectors.frame import check_vintages
from connectors.http import NotFoundError, fetch
from connectors.weather.meteostat import fetch_history
from connectors.weather.mosmix import fetch_mosmix
from connectors.weather.open_meteo import OpenMeteo, fetch_forecast, fetch_previous_runs, fetch_single_run
from connectors.weather.refresh import attribution_of, refresh
from connectors.weather.store import WeatherStore

DATA = Path(__file__).parents[2] / "data" / "weather"
JSON = {"Content-Type": "application/json"}
ISSUED = pd.Timestamp("2020-03-13 09:00", tz="UTC")
LATER = pd.Timestamp("2020-03-13 15:00", tz="UTC")
HOURS = [f"2020-03-{13 + day}T{hour:02d}:00" for day in range(3) for hour in range(24)]


def open_meteo(name):
    """An answer of Open-Meteo with 72 hours of a column."""
    hourly = {"time": HOURS, name: [5.0] * len(HOURS)}
    return json.dumps({"utc_offset_seconds": 0, "hourly_units": {name: "°C"}, "hourly": hourly}).encode()


def meteostat():
    """Two days of a year file."""
    lines = gzip.decompress((DATA / "hourly" / "2024" / "10637.csv.gz").read_bytes()).splitlines()
    return gzip.compress(b"\n".join(lines[:49]))


@dataclass
class Source:
    """A source: the path it asks, a good answer, how it is called, and what kind of values it brings."""

    path: str
    body: bytes
    headers: dict
    pull: object
    kind: str = "forecast"
    location: str = "here"


def sources(url, store, get):
    settings = OpenMeteo(base_url=url, variables=("temperature_2m",))
    asked = {"location": "here", "get": get}
    place = (50.11, 8.68)

    def history(now):
        fetch_history("10637", pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-03", tz="UTC"),
                      store=store, now=pd.Timestamp("2024-02-01", tz="UTC"), get=get)  # fmt: skip
        return store.read("meteostat-10637")

    day_before = ISSUED - pd.Timedelta(days=1), ISSUED
    previous = partial(fetch_previous_runs, place, settings, between=day_before, days=[1])
    page, station = "/v1/forecast", url + "/{station}.kmz"
    mosmix = (DATA / "mosmix" / "MOSMIX_S_01028_20200313T0900Z.kmz").read_bytes()
    return {
        "forecast": Source(page, open_meteo("temperature_2m"), JSON,
                           lambda now: fetch_forecast(place, settings, now=now, **asked)),
        "single run": Source(page, open_meteo("temperature_2m"), JSON,
                             lambda now: fetch_single_run(place, settings, origin=now, now=now, **asked)),
        "previous runs": Source(page, open_meteo("temperature_2m_previous_day1"), JSON,
                                lambda now: previous(now=now, **asked), kind="previous_runs"),
        "mosmix": Source("/01028.kmz", mosmix, {}, lambda now: fetch_mosmix("01028", url=station, now=now, **asked)),
        "meteostat": Source("/hourly/2024/10637.csv.gz", meteostat(), {}, history, "observed", "meteostat-10637"),
    }  # fmt: skip


NAMES = ("forecast", "single run", "previous runs", "mosmix", "meteostat")


@pytest.fixture
def store(tmp_path):
    return WeatherStore(tmp_path / "weather")


@pytest.fixture(params=NAMES)
def source(request, loopback, store, monkeypatch):
    """Each source, on a server of this machine; how often it tries again is said where it matters."""
    loopback.folder = DATA
    monkeypatch.setattr(package.config, "hourly_endpoint", loopback.url + "/hourly/{year}/{station}.csv.gz")
    monkeypatch.setattr(package.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    retries = 2 if "tried_again" in request.node.name else 0
    get = partial(fetch, timeout=0.2, retries=retries, backoff=lambda _: None)
    return sources(loopback.url, store, get)[request.param]


#: What a server does, and the kind of error that becomes of it.
FAILURES = {
    "304": ({"status": 304}, FatalConnectorError),
    "404": ({"status": 404, "body": b"not here"}, NotFoundError),
    "429 for hours": ({"status": 429, "headers": {"Retry-After": "7200"}}, RetriableConnectorError),
    "500 for good": ({"status": 500}, RetriableConnectorError),
    "slow": ({"silence": 5.0}, RetriableConnectorError),
    "cut body": ({"body": b"\x1f\x8b", "headers": JSON, "cut": 99}, RetriableConnectorError),
    "broken gzip": ({"body": b"\x1f\x8bx", "headers": JSON | {"Content-Encoding": "gzip"}}, RetriableConnectorError),
    "a sign-in page": ({"body": b"<html>", "headers": {"Content-Type": "text/html"}}, FatalConnectorError),
    "400 with a reason": ({"status": 400, "body": b'{"reason": "No such variable"}'}, FatalConnectorError),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_an_error_of_its_kind_and_what_was_stored_goes_on_serving(
    source, failure, loopback, answer, store
):
    scripted, kind = answer(**FAILURES[failure][0]), FAILURES[failure][1]
    loopback.script(source.path, scripted)
    with pytest.raises(kind) as caught:
        store.append(source.pull(LATER))
    assert failure != "400 with a reason" or "No such variable" in str(caught.value)
    assert store.read(source.location).empty
    if (source.kind, failure) == ("observed", "404"):
        return  # no data of a year that is long over: it is not asked for again
    loopback.script(source.path, answer(body=source.body, headers=source.headers), scripted)
    store.append(source.pull(LATER))
    before = store.read(source.location)
    if source.kind == "forecast":
        found = refresh(store, source.location, lambda: source.pull(LATER), now=LATER + pd.Timedelta(hours=1))
        assert (found.stale, found.added) == (True, 0)
        assert "its source failed" in found.notes[0]
        assert found.issued_at <= LATER
    elif source.kind == "observed":
        source.pull(LATER)
    pd.testing.assert_frame_equal(store.read(source.location), before)


def test_a_good_answer_is_stored_as_it_should_be(source, loopback, answer, store):
    loopback.script(source.path, answer(body=source.body, headers=source.headers))
    table = check_vintages(source.pull(LATER))
    store.append(table)
    rows = store.read(source.location)
    assert len(rows) > 20
    assert set(rows["kind"]) == {source.kind}
    assert str(rows["valid_time"].dt.tz) == "UTC"


@pytest.mark.parametrize("first", [(429, {"Retry-After": "1"}), (500, {})])
def test_what_passes_is_tried_again(source, first, loopback, answer, store):
    trouble = answer(first[0], headers=first[1])
    loopback.script(source.path, trouble, trouble, answer(body=source.body, headers=source.headers))
    store.append(source.pull(LATER))
    assert not store.read(source.location).empty
    assert loopback.asked(source.path) == 3


def test_a_failure_with_nothing_stored_ahead_is_raised(source, loopback, answer, store):
    if source.kind != "forecast":
        pytest.skip("only forecasts are refreshed")
    loopback.script(source.path, answer(body=source.body, headers=source.headers))
    store.append(source.pull(LATER))
    loopback.script(source.path, answer(500))
    with pytest.raises(RetriableConnectorError):
        refresh(store, source.location, lambda: source.pull(LATER), now=LATER + pd.Timedelta(days=30))


def test_a_refresh_says_what_it_brought_and_whom_to_name(source, loopback, answer, store):
    if source.kind != "forecast":
        pytest.skip("only forecasts are refreshed")
    loopback.script(source.path, answer(body=source.body, headers=source.headers))
    first = refresh(store, source.location, lambda: source.pull(LATER), now=LATER)
    again = refresh(store, source.location, lambda: source.pull(LATER), now=LATER)
    assert first.added > 20
    assert again.added == 0
    assert not first.stale
    assert len(first.attribution) == 1
    assert "CC BY 4.0" in first.attribution[0]


def test_a_server_that_is_down_is_retriable(source, loopback, store):
    loopback.server.shutdown()
    loopback.server.server_close()
    with pytest.raises(RetriableConnectorError):
        store.append(source.pull(LATER))


@pytest.mark.parametrize("cutoff", ["2020-03-13 09:30", "2020-03-13 15:00", "2020-03-14 02:00"])
def test_a_value_that_was_not_available_at_a_cutoff_cannot_be_reached(source, cutoff, loopback, answer, store):
    """Everything later is poisoned with 1e9: what was known, and when it was issued, stays the same to the bit."""
    loopback.script(source.path, answer(body=source.body, headers=source.headers))
    first = source.pull(LATER)
    second = first.assign(value=first["value"] + 1, issued_at=first["issued_at"] + pd.Timedelta(hours=6),
                          available_at=first["available_at"] + pd.Timedelta(hours=6))  # fmt: skip
    table = pd.concat([first, second], ignore_index=True)
    shift = first["available_at"].min() - ISSUED if source.kind == "observed" else pd.Timedelta(0)
    instant = pd.Timestamp(cutoff, tz="UTC") + shift
    poisoned = table.assign(value=table["value"].where(table["available_at"] <= instant, 1e9))
    kinds = [source.kind]
    hours = pd.DatetimeIndex(table["valid_time"].unique()).sort_values().tz_localize(None).to_numpy()[None]
    known = []
    for number, rows in enumerate((table, poisoned)):
        copy = WeatherStore(store.folder / f"copy{number}")
        copy.append(rows)
        known.append(copy.vintages(source.location, kinds=kinds).known_at(pd.DatetimeIndex([instant]), hours))
    for name, was in known[0].items():
        np.testing.assert_array_equal(was.values, known[1][name].values)
        np.testing.assert_array_equal(was.issued_at, known[1][name].issued_at)
        assert not (was.values == 1e9).any()
        assert not (was.available_at > instant.tz_localize(None).to_datetime64()).any()


def test_the_owners_of_all_sources_are_named():
    assert attribution_of(["open_meteo", "dwd_mosmix", "dwd_hourly", "own", "simulated"]) == (
        "Deutscher Wetterdienst, MOSMIX (CC BY 4.0)",
        "Meteostat, Deutscher Wetterdienst (CC BY 4.0)",
        "Weather data by Open-Meteo.com (CC BY 4.0)",
    )
    assert attribution_of(["own", "simulated"]) == ()
