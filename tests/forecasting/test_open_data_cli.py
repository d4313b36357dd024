"""Open data through the command line, over loopback: what is asked, what comes of it, and how every failure ends."""

import json
import sys
import threading
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from connectors.http import fetch
from connectors.open_data import door
from connectors.open_data.presets import PRESETS
from connectors.source import read_source
from forecasting import cli

JSON = {"Content-Type": "application/json"}
ENTSOE = Path(__file__).parents[1] / "data" / "open_data"
LOAD = "/api/explore/v2.1/catalog/datasets/ods001/exports/json"
TOKEN = "tok-5ecret-en"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder; waits are none, and a server may be silent for half a second."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(door, "fetch", partial(fetch, backoff=lambda _: None, timeout=0.5, retries=2))
    monkeypatch.setenv("ENTSOE_API_KEY", TOKEN)
    monkeypatch.setenv("HOURCAST_ELIA_KEY", TOKEN)

    def _run(*words):
        with pytest.raises(SystemExit) as ended:
            cli.main(list(words))
        said = capsys.readouterr()
        assert TOKEN not in said.out + said.err
        return ended.value.code or 0, said.out, said.err

    return _run


def elia(days=12, ahead=24):
    """Records as the portal of Elia gives them, the last hours with the operator's forecast alone."""
    times = pd.date_range("2024-03-20", periods=96 * days + 4 * ahead, freq="15min", tz="UTC")
    hour, noise = times.hour + times.minute / 60, np.random.default_rng(0).normal(0, 50, len(times))
    load = 9_000 + 1_500 * np.sin(2 * np.pi * (hour - 8) / 24) + noise
    return [
        {
            "datetime": time.isoformat(),
            "totalload": round(value, 1) if place < 96 * days else None,
            "dayaheadforecast": round(value + 30, 1),
            "mostrecentforecast": None,
        }
        for place, (time, value) in enumerate(zip(times, load, strict=True))
    ]


def named(loopback, name="opendata:elia-load", period="&from=2024-03-20&to=2024-04-03"):
    return f"{name}?portal={loopback.url}{period}"


def test_a_portal_is_checked_and_forecast(run, loopback, answer):
    """The operator's day-ahead forecast is a column, and may be named as known."""
    loopback.script(LOAD, answer(body=json.dumps(elia()).encode(), headers=JSON))
    code, out, err = run("check", named(loopback), "--known", "load_forecast_day_ahead", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert (found["source"], found["unit"], found["freq"]) == ("Elia, total load", "MW", "15min")
    assert (found["first"], found["last"]) == ("2024-03-20T00:00:00+00:00", "2024-03-31T23:45:00+00:00")
    assert found["attribution"] == ["Elia, CC BY 4.0"]
    assert loopback.requests[0][2]["Authorization"] == f"Apikey {TOKEN}"
    asked = {name: values[0] for name, values in parse_qs(loopback.requests[0][1]).items()}
    # Dates are those of the data set's own zone.
    assert 'datetime >= "2024-03-19T23:00:00Z" and datetime < "2024-04-02T22:00:00Z"' in asked["where"]
    code, _, err = run(
        "forecast", named(loopback), "--known", "load_forecast_day_ahead", "--horizon", "96",
        "--trials", "2", "--jobs", "1", "--output", "out.csv",
    )  # fmt: skip
    assert code == 0, err
    table = pd.read_csv("out.csv")
    assert table["timestamp"].iloc[0] == "2024-04-01T00:00:00Z"
    assert table["unit"].unique().tolist() == ["MW"]


def test_it_is_saved_and_read_again_without_the_key(run, loopback, answer, tmp_path):
    loopback.script(LOAD, answer(body=json.dumps(elia()).encode(), headers=JSON))
    assert run("check", named(loopback), "--save-source", "hourcast.toml")[0] == 0
    assert TOKEN not in (tmp_path / "hourcast.toml").read_text()
    assert run("check", "hourcast.toml")[0] == 0
    halves = [row for row in elia() if row["datetime"][14:16] in ("00", "30")]
    loopback.script(LOAD, answer(body=json.dumps(halves).encode(), headers=JSON))
    code, _, err = run("check", "hourcast.toml")
    assert (code, "step was '15min' and is '30min'" in err) == (3, True)


def test_the_last_year_is_read_when_no_period_is_named(run, loopback, answer):
    loopback.script(LOAD, answer(body=json.dumps(elia()).encode(), headers=JSON))
    name = named(loopback, period="")
    code, _, _ = run("check", name, "--as-of", "2024-03-31T00:00Z")
    asked = [parse_qs(request[1])["where"][0] for request in loopback.requests]
    assert 'datetime >= "2023-04-01T00:00:00Z"' in asked[0]
    assert 'datetime < "2024-04-02T00:00:00Z"' in asked[-1]
    assert code == 0


ELIA = json.dumps(elia()).encode()
#: What a server answers, how the command ends, and what it says.
FAILURES = {
    "404": ([{"status": 404}], 3, "404"),
    "401": ([{"status": 401, "body": f"no key {TOKEN}".encode()}], 3, "401"),
    "429": ([{"status": 429, "headers": {"Retry-After": "7"}}], 75, "in 7 seconds"),
    "429, then 200": ([{"status": 429, "headers": {"Retry-After": "1"}}, {"body": ELIA, "headers": JSON}], 0, ""),
    "500 twice, then 200": ([{"status": 500}, {"status": 500}, {"body": ELIA, "headers": JSON}], 0, ""),
    "500": ([{"status": 500}], 75, "500"),
    "timeout": ([{"silence": 5.0, "body": ELIA, "headers": JSON}], 75, "Try again later"),
    "cut body": ([{"body": ELIA[:999], "cut": 500, "headers": JSON}], 75, "Try again later"),
    "cut JSON": ([{"body": ELIA[:999], "headers": JSON}], 75, "no whole JSON"),
    "wrong content type": ([{"body": b"<html>", "headers": {"Content-Type": "text/html"}}], 3, "text/html"),
    "nothing": ([{"body": b"[]", "headers": JSON}], 3, "has nothing from"),
    "other records": ([{"body": b'[{"a": 1}]', "headers": JSON}], 3, "no field 'datetime'"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_portal_that_fails(run, loopback, answer, tmp_path, name):
    """Exit code 75 where trying again may help, 3 where it will not; nothing is written, no key is printed."""
    answers, code, words = FAILURES[name]
    loopback.script(LOAD, *(answer(**one) for one in answers))
    if name == "timeout":
        threading.Timer(2.5, loopback.released.set).start()
    ended = run("check", named(loopback), "--save-source", "hourcast.toml")
    assert ended[0] == code, ended
    assert words in ended[2]
    assert (tmp_path / "hourcast.toml").exists() == (code == 0)


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("opendata:elia-lod", 2, "Did you mean 'elia-load'"),
        (f"opendata:elia-load?apikey={TOKEN}", 2, "knows no 'apikey'"),
        (f"opendata:elia-load?portal=http://{TOKEN}@127.0.0.1", 2, "a user or a password"),
        ("opendata:elia-load?from=yesterdy", 2, "is no time"),
        ("opendata:elia-load?from=2024-02-01&to=2024-01-01", 2, "Nothing lies between"),
        ("opendatasoft:ods001?time=datetime&values=a", 2, "where the data set is"),
        ("opendatasoft:opendata.elia.be/ods001?time=datetime", 2, "does not say values"),
        ("entsoe:XY", 2, "There is no area 'XY'"),
    ],
)
def test_a_name_that_cannot_be(run, name, code, words):
    ended = run("check", name)
    assert ended[0] == code
    assert words in ended[2]


def test_any_data_set_of_any_portal_is_read(run, loopback, answer):
    """By the names of its fields; several series by the fields that tell them apart."""
    path = "/api/explore/v2.1/catalog/datasets/demand/exports/json"
    records = [
        {"when": row["datetime"], "mw": f"{row['totalload']}", "area": area, "kind": "net"}
        for area in ("north", "south")
        for row in elia(days=12, ahead=0)
    ]
    loopback.script(path, answer(body=json.dumps(records).encode(), headers=JSON))
    name = f"opendatasoft:{loopback.url}/demand?time=when&values=mw&items=area,kind&from=2024-03-20&to=2024-04-01"
    code, out, err = run("check", name, "--json")
    assert code == 0, err
    assert json.loads(out)["items"] == ["north / net", "south / net"]
    assert json.loads(out)["source_table"]["target"] == "mw"


def test_entsoe_is_read_with_the_key_of_the_environment(run, loopback, answer, monkeypatch):
    actual = (ENTSOE / "entsoe_A65_A16_DK1.xml").read_bytes()
    loopback.script("/api", answer(body=actual, headers={"Content-Type": "text/xml"}))
    name = f"entsoe:DK_1?portal={loopback.url}/api&from=2018-01-01&to=2026-01-01"
    table = read_source(name)
    assert (table.target, table.unit, table.time_zone) == ("load", "MW", "Europe/Copenhagen")
    loopback.script("/api", answer(status=503))
    code, _, err = run("check", name)
    assert (code, "503" in err) == (75, True)
    monkeypatch.delenv("ENTSOE_API_KEY")
    assert run("check", name)[0] == 2


def test_every_preset_has_a_name_that_is_a_source():
    assert all(door.is_open_data(f"opendata:{name}") for name in PRESETS)
    assert not any(map(door.is_open_data, ("meter.csv", "C:/meter.csv", "sqlite:///a.db", "opendata://x")))
