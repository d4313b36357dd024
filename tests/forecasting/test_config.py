"""The file of jobs: what it says is understood, what it cannot say is refused with the near name."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import ConfigError, OutputError
from forecasting.config import TABLES, load_config
from forecasting.scaffold import write_scaffold
from tests.samples import write_samples

SOURCE = '[source]\npath = "meter.csv"\ntarget = "kwh"\n'


@pytest.fixture
def load(tmp_path):
    def _load(text):
        path = tmp_path / "hourcast.toml"
        path.write_text(text)
        return load_config(path)

    return _load


def test_what_is_not_said_has_its_default(load):
    (job,) = load(SOURCE).chosen(None)
    assert (job.name, job.source.options.target, job.training.every) == ("hourcast", "kwh", timedelta(days=30))
    assert job.asked() == {}


def test_what_is_said_is_passed_on(load):
    text = SOURCE + (
        '[forecast]\nhorizon = 48\nlead = "14h"\nlevels = [0.1, 0.9]\n[weather]\nplace = [48, 2.5]\n'
        '[covariates]\nknown = "bookings"\n[calendar]\ncountry = "FR"\n[checks]\nmax_age = "1.5d"\n'
        '[[export]]\nto = "a"\nformat = "parquet"\n[[export]]\nto = "b.csv"\nprofile = "excel-fr"\n'
    )
    (job,) = load(text).chosen(None)
    assert job.asked() == {
        "horizon": 48, "lead": "14h", "levels": (0.1, 0.9), "place": (48.0, 2.5), "known": ("bookings",),
        "country": "FR",
    }  # fmt: skip
    assert job.checks.max_age == timedelta(hours=36)
    assert [(one.to, one.kind) for one in job.export] == [("a", "folder"), ("b.csv", "file")]


def test_a_job_names_forecasts_of_the_weather_and_its_calendar(load):
    text = SOURCE + '[weather]\nplace = [48.0, 2.5]\nforecasts = "mosmix"\n'
    calendar = 'country = "DE-BY"\nholidays = ["catholic"]\nschool = "none"\nevents = "events.csv"\n'
    (job,) = load(f"{text}[calendar]\n{calendar}").chosen(None)
    assert job.asked() == {
        "place": (48.0, 2.5), "weather_forecasts": "mosmix", "country": "DE-BY", "holidays": ("catholic",),
        "school": "none", "events": "events.csv",
    }  # fmt: skip


def test_jobs_say_only_what_differs(load):
    text = SOURCE + '[forecast]\nhorizon = 24\n[job.north]\n[job.south.source]\npath = "south.csv"\n'
    config = load(text + "[job.south.forecast]\nhorizon = 48\n")
    north, south = config.chosen(None)
    assert (north.name, north.source.path, north.forecast.horizon) == ("north", "meter.csv", 24)
    assert (south.source.path, south.source.options.target, south.forecast.horizon) == ("south.csv", "kwh", 48)
    assert config.chosen("south") == [south]
    with pytest.raises(ConfigError, match="Did you mean 'south'"):
        config.chosen("sout")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[forecasts]\nhorizon = 3\n", "Did you mean 'forecast'"),
        ("[forecast]\nhorizont = 3\n", "Did you mean 'horizon'"),
        ("[job.north.forecast]\nhorizont = 3\n", "Did you mean 'horizon'"),
        ('[forecast]\nhorizon = "3"\n', "It is a whole number"),
        ("[forecast]\nhorizon = true\n", "It is a whole number"),
        ('[checks]\nmax_age = "soon"\n', "as 36h"),
        ('[checks]\nmax_age = "0h"\n', "as 36h"),
        ('[schedule]\nat = ["6:05"]\n', "is no time"),
        ('[schedule]\ndays = ["monday"]\n', "Known: mon"),
        ("[schedule]\nat = []\n", "has no times"),
        ('[schedule]\nevery = "30s"\n', "1min to 24h"),
        ('[[export]]\nformat = "csv"\n', "has no key 'to'"),
        ('[[export]]\nto = "a"\nprofile = "excel"\n', "Did you mean 'excel-fr'"),
        ("forecast = 3\n", "table of keys"),
        ("job = 3\n", "is no table"),
        ("[", "is no TOML"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(load, text, words):
    with pytest.raises(ConfigError, match=words):
        load(text + SOURCE if text.startswith(("forecast =", "job =")) else SOURCE + text)


def test_a_file_without_readings_is_refused(load, tmp_path):
    with pytest.raises(ConfigError, match=r"no table \[source\]"):
        load("[forecast]\nhorizon = 3\n")
    with pytest.raises(ConfigError, match="no key 'target'"):
        load('[source]\npath = "meter.csv"\n')
    with pytest.raises(ConfigError, match="hourcast init"):
        load_config(tmp_path / "nowhere.toml")


def test_only_what_decides_a_forecast_is_in_its_fingerprint(load):
    (job,) = load(SOURCE).chosen(None)
    (elsewhere,) = load(SOURCE + '[[export]]\nto = "bi"\n[monitor]\nalerts = "a.jsonl"\n').chosen(None)
    assert elsewhere.fingerprint() == job.fingerprint()
    for text in ("[forecast]\nhorizon = 3\n", "[training]\nseed = 1\n", '[calendar]\ncountry = "FR"\n'):
        assert load(SOURCE + text).chosen(None)[0].fingerprint() != job.fingerprint()
    assert replace(job, name="other").fingerprint() != job.fingerprint()


def test_the_file_that_is_written_says_the_defaults(tmp_path, monkeypatch):
    write_samples(tmp_path)
    monkeypatch.chdir(tmp_path)
    path = Path("hourcast.toml")
    assert write_scaffold(path, "meter.csv") == "kwh"
    (written,) = load_config(path).chosen(None)
    bare = tmp_path / "bare" / "hourcast.toml"
    bare.parent.mkdir()
    bare.write_text(SOURCE)
    (plain,) = load_config(bare).chosen(None)
    assert written.source.options.form is not None
    assert [one.to for one in written.export] == ["forecasts"]
    same = replace(written, source=plain.source, export=(), training=replace(written.training, time_limit=None))
    assert same == plain
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(said) <= set(TABLES)
    assert {f"[{name}]" for name in TABLES if name != "export"} <= set(path.read_text(encoding="utf-8").split())


def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path, monkeypatch):
    write_samples(tmp_path)
    monkeypatch.chdir(tmp_path)
    path = Path("hourcast.toml")
    path.write_text("mine")
    with pytest.raises(OutputError, match="Add --force"):
        write_scaffold(path, "meter.csv")
    assert path.read_text() == "mine"
    write_scaffold(path, "meter.csv", target="temperature", horizon=48, replace=True)
    (job,) = load_config(path).chosen(None)
    assert (job.source.options.target, job.forecast.horizon) == ("temperature", 48)


def test_a_target_that_is_not_clear_must_be_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"2024-01-{day:02d},{day},{day}" for day in range(1, 29))
    Path("m.csv").write_text(f"day,a,b\n{rows}\n")
    with pytest.raises(ConfigError, match=r"a, b.*--target"):
        write_scaffold(Path("x.toml"), "m.csv")
    assert not Path("x.toml").exists()
