"""Every source of the weather from the command line to the exports, over loopback; all say whom to credit."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
from pathlib import Path
from urllib.parse import parse_qs

import meteostat as package
import numpy as np
import openpyxl
import pandas as pd
import pytest

from forecasting import AutoForecaster, cli
from forecasting.case import open_case
from forecasting.config import load_config
from forecasting.run.once import run_job
from forecasting.run.order import Order
from tests.conftest import Answer
from tests.forecasting.test_place import DATA, FRANKFURT, meter

NOW = pd.Timestamp("2024-02-19 06:05", tz="UTC")
JSON = {"Content-Type": "application/json"}
CREDITS = ("Meteostat", "Deutscher Wetterdienst, MOSMIX (CC BY 4.0)")


@pytest.fixture
def sources(loopback, tmp_path, monkeypatch):
    """Meteostat, MOSMIX and Open-Meteo on this machine, and a folder with readings; a fetch as of then is live."""
    loopback.folder = DATA
    monkeypatch.setattr(package.config, "hourly_endpoint", loopback.url + "/hourly/{year}/{station}.csv.gz")
    monkeypatch.setattr(package.config, "stations_db_endpoints", [loopback.url + "/stations.db"])
    monkeypatch.setattr("forecasting.place.PRESENT", pd.Timedelta(days=36_500))
    monkeypatch.setenv("HOURCAST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOURCAST_MOSMIX_URL", loopback.url + "/{station}.kmz")
    monkeypatch.setenv("HOURCAST_OPEN_METEO_URL", loopback.url + "/{api}")
    loopback.script("/10637.kmz", Answer(body=mosmix_issued(pd.Timestamp("2024-02-18 21:00", tz="UTC"))))
    monkeypatch.chdir(tmp_path)
    meter().to_csv("meter.csv", index=False)
    return loopback


def mosmix_issued(issue):
    """The real file of 2020, all its times moved so that it was issued at another."""
    file = DATA / "mosmix" / "MOSMIX_S_01028_20200313T0900Z.kmz"
    with zipfile.ZipFile(file) as archive:
        name = archive.namelist()[0]
        text = archive.read(name).decode("latin1")
    moved = issue - pd.Timestamp("2020-03-13 09:00", tz="UTC")

    def later(found):
        return (pd.Timestamp(found[0]) + moved).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", later, text).encode("latin1"))
    return buffer.getvalue()


def answered(start, hours, values):
    """An answer of Open-Meteo: a column for each name, at the variables that are asked for by default."""
    units = {"temperature_2m": "°C", "relative_humidity_2m": "%", "wind_speed_10m": "m/s"}
    units |= {"shortwave_radiation": "W/m²"}
    times = pd.date_range(start, periods=hours, freq="h").strftime("%Y-%m-%dT%H:%M").tolist()
    columns = {f"{name}{ending}": [value] * hours for name in units for ending, value in values.items()}
    named = {column: units[re.sub(r"_previous_day\d", "", column)] for column in columns}
    body = {"utc_offset_seconds": 0, "timezone": "GMT", "hourly_units": {"time": "iso8601", **named}}
    return Answer(body=json.dumps(body | {"hourly": {"time": times, **columns}}).encode(), headers=JSON)


def question(**changes):
    asked = {"horizon": 24, "place": FRANKFURT, "as_of": NOW, "weather_forecasts": "open-meteo", "country": "DE"}
    return AutoForecaster("kwh", **{**asked, **changes}).question


def ahead(case, origin):
    """The temperature from the last hour of a day, as it was known there."""
    at = np.array([case.view.grid.get_loc(pd.Timestamp(origin, tz="UTC"))])
    return case.view.past_at(case.view.grid[at[0]]).forecast_weather(at, 24)["temperature"][0, 0]


def test_a_forecast_by_mosmix_credits_its_sources_in_every_output(sources, capsys):
    """Table, page, document and saved model; the live forecast has the weather of the file that was fetched."""
    words = ["meter.csv", "--target", "kwh", "--place", "50.05,8.6", "--weather-forecasts", "mosmix"]
    words += ["--as-of", NOW.isoformat(), "--trials", "4", "--jobs", "1", "--time-limit", "600", "--json"]
    with pytest.raises(SystemExit) as ended:
        cli.main(["forecast", *words, "--output", "next.csv", "--report", "page.html"])
    assert not ended.value.code
    found = json.loads(capsys.readouterr().out)
    table = pd.read_csv("next.csv")
    assert set(table["weather_mode"]) <= {"vintage", "none"}
    for words in CREDITS:
        assert any(words in line for line in found["attribution"]), "the JSON document"
        assert any(words in line for line in found["data_card"]["attribution"]), "the data card"
        assert table["attribution"].str.contains(words, regex=False).all(), "the table"
        assert words in Path("page.html").read_text(encoding="utf-8"), "the page"


def test_a_scheduled_run_knows_its_events_and_credits_its_sources_in_every_export(sources):
    Path("events.csv").write_text("event,start,end,known_from\nfair,2024-01-20,2024-01-21,2024-01-02\n")
    Path("hourcast.toml").write_text(
        '[source]\npath = "meter.csv"\ntarget = "kwh"\n[weather]\nplace = [50.05, 8.6]\nforecasts = "mosmix"\n'
        '[calendar]\ncountry = "DE"\nevents = "events.csv"\n[training]\ntrials = 2\njobs = 1\ntime_limit = 600\n'
        '[[export]]\nto = "bi"\n[[export]]\nto = "sqlite:///bi.db"\n'
        '[[export]]\nto = "one.xlsx"\n[[export]]\nto = "one.csv"\n'
    )
    (job,) = load_config(Path("hourcast.toml")).chosen(None)
    order = Order(job=job, as_of=NOW, clock=lambda: NOW)
    outcome = run_job(order)
    assert outcome.exit_code == 0, outcome.message
    case = open_case(AutoForecaster(**job.asked(), target="kwh", as_of=NOW).question, job.source)
    assert case.task.known_covariates == ("event_fair",)
    with sqlite3.connect("bi.db") as base:
        sql = [row[0] for row in base.execute("select distinct attribution from forecast")]
    sheet = openpyxl.load_workbook("one.xlsx").worksheets[0]
    head, first = (list(row) for row in list(sheet.iter_rows(values_only=True))[:2])
    held = {
        "SQL": sql[0],
        "XLSX": first[head.index("attribution")],
        "CSV": pd.read_csv("one.csv")["attribution"][0],
        "datapackage": json.dumps(json.loads(Path("bi/datapackage.json").read_text())["sources"]),
        "the record of the run": json.dumps(outcome.run.details),
    }
    for what, words in held.items():
        assert all(credit in words for credit in CREDITS), what


def test_previous_runs_are_fetched_and_each_hour_has_the_smallest_honest_day(sources):
    """From midnight on, two days before are needed from 17:00: one day before was not there yet."""
    days = {f"_previous_day{day}": float(day) for day in (1, 2)}
    sources.script("/previous-runs-api/v1/forecast", answered("2024-01-02", 24 * 50, days))
    sources.script("/api/v1/forecast", answered("2024-02-19", 24 * 5, {"": 9.0}))
    case = open_case(question(weather_mode="previous_runs"), meter())
    assert case.task.weather_mode == "previous_runs"
    found = ahead(case, "2024-02-10 23:00")
    assert found.tolist() == [1.0] * 17 + [2.0] * 7
    (asked,) = [query for path, query, _ in sources.requests if path.startswith("/previous-runs")]
    assert "temperature_2m_previous_day2" in asked
    assert "day3" not in asked, "no more than a forecast of a day needs"
    assert any("Open-Meteo" in line for line in case.facts.attribution)


def test_previous_runs_that_fail_are_said_and_the_weather_is_made_from_observations(sources):
    sources.script("/previous-runs-api/v1/forecast", Answer(400, b'{"error":true,"reason":"not here"}', JSON))
    sources.script("/api/v1/forecast", answered("2024-02-19", 24 * 5, {"": 9.0}))
    case = open_case(question(weather_mode="previous_runs"), meter())
    assert np.isnan(ahead(case, "2024-02-10 23:00")).all()
    assert any("Previous runs from 2024-01-02 on could not be fetched" in note for note in case.facts.notes)


def test_whole_runs_of_the_archive_are_fetched_once_for_each_day_of_issue(sources, monkeypatch):
    """The newest run that was there at a cutoff is used as it was; where the archive begins is said."""
    by_script = sources.next_answer

    def by_run(path):
        if not path.startswith("/single-runs"):
            return by_script(path)
        run = pd.Timestamp(parse_qs(sources.requests[-1][1])["run"][0])
        if run < pd.Timestamp("2024-02-01"):
            return Answer(400, b'{"error":true,"reason":"modelRunUnavailable(model: ecmwf_ifs)"}', JSON)
        return answered(run, 72, {"": float(run.day)})

    monkeypatch.setattr(sources, "next_answer", by_run)
    sources.script("/api/v1/forecast", answered("2024-02-19", 24 * 5, {"": 9.0}))
    case = open_case(question(weather_mode="vintage"), meter())
    # runs of 18:00 of the day before, the newest at 06:05; at the midnight of the 10th that of the 9th is the newest
    assert ahead(case, "2024-02-10 23:00").tolist() == [9.0] * 24
    asked = sources.asked("/single-runs-api/v1/forecast")
    assert asked >= 18
    assert any("keeps runs of ecmwf_ifs from after" in note for note in case.facts.notes)
    again = open_case(question(weather_mode="vintage"), meter())
    assert sources.asked("/single-runs-api/v1/forecast") - asked <= 5, "only what is missing is asked for again"
    assert ahead(again, "2024-02-10 23:00").tolist() == [9.0] * 24
