"""A folder with readings, settings and a first run, made once; every test has a copy of its own."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from forecasting.config import load_config
from forecasting.run.once import run_job
from forecasting.run.order import Order
from tests.connectors.conftest import postgres, postgres_url  # noqa: F401 - fixtures
from tests.forecasting.run.children import fork, wait
from tests.samples import readings

#: The readings end 40 days after 2024-01-15.
FIRST, NEXT = "2024-02-22T06:05Z", "2024-02-23T06:05Z"
SETTINGS = """
[source]
path = "meter.csv"
target = "kwh"
ignore = ["bookings"]

[weather]
columns = ["temperature"]

[training]
time_limit = 60
trials = 3
jobs = 1

[[export]]
to = "bi"

[[export]]
to = "bi.db"
"""


def at(words):
    """An instant, UTC."""
    return pd.Timestamp(words).tz_convert("UTC")


class Place:
    """A folder with settings, and a clock that stands still."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @property
    def settings(self):
        return self.folder / "hourcast.toml"

    def write(self, text):
        self.settings.write_text(text)

    def change(self, old, new):
        text = self.settings.read_text()
        assert old in text
        self.write(text.replace(old, new))

    def job(self):
        return load_config(self.settings).chosen(None)[0]

    def order(self, as_of=FIRST, now="2024-03-01T00:00Z", **options):
        return Order(job=self.job(), as_of=at(as_of), clock=lambda: at(now), **options)

    def run(self, as_of=FIRST, **options):
        return run_job(self.order(as_of, **options))

    @property
    def store(self):
        return self.order().store

    @contextmanager
    def store_cleared(self):
        """Forget every run, as if none had been made; models stay."""
        self.store.prune("hourcast", before="9", models=99)
        yield

    def forecasts(self):
        return pd.read_csv(self.folder / "bi" / "forecast.csv", dtype={"item_id": str})

    def files(self):
        return {path: path.read_bytes() for path in sorted((self.folder / "bi").rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    """A folder in which one run was made."""
    folder = tmp_path_factory.mktemp("runs")
    readings().to_csv(folder / "meter.csv", index=False)
    (folder / "hourcast.toml").write_text(SETTINGS.replace('to = "bi.db"', 'to = "sqlite:///bi.db"'))
    here = Path.cwd()
    os.chdir(folder)
    try:
        outcome = Place(folder).run()
    finally:
        os.chdir(here)
    assert outcome.exit_code == 0, outcome
    return folder


@pytest.fixture
def place(first_run, tmp_path, monkeypatch):
    """A copy of it, as the folder one is in."""
    folder = tmp_path / "place"
    shutil.copytree(first_run, folder)
    monkeypatch.chdir(folder)
    return Place(folder)


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """The same before its first run."""
    folder = tmp_path / "bare"
    folder.mkdir()
    readings().to_csv(folder / "meter.csv", index=False)
    (folder / "hourcast.toml").write_text(SETTINGS.replace('to = "bi.db"', 'to = "sqlite:///bi.db"'))
    monkeypatch.chdir(folder)
    return Place(folder)


def on_postgres(place, url):
    """Record the runs of a place in a database of PostgreSQL from now on."""
    place.write(place.settings.read_text() + f'[store]\nurl = "{url}"\n')


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(place, request):
    """A place whose record is in a database of each kind."""
    if request.param == "postgresql":
        on_postgres(place, request.getfixturevalue("postgres_url"))
        assert wait(fork(lambda: place.run().exit_code)) == 0
    return place
