"""The run store: whole or not at all, the same in SQLite and PostgreSQL, brought up to date step by step."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, OutputError, RetriableConnectorError
from forecasting.store import schema
from forecasting.store.records import ForecastRecord, ModelRecord, RunRecord, ScoreRecord, pack
from forecasting.store.session import transaction
from forecasting.store.store import Kept, Store
from tests.connectors.conftest import postgres, postgres_url  # noqa: F401 - fixtures

NOW = "2024-03-01T00:00:00Z"
OLD = Path(__file__).resolve().parents[2] / "data" / "store" / "v1.sql"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(tmp_path, request):
    url = f"sqlite:///{tmp_path / 'deep' / 'runs.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    found = Store(url, tmp_path / "models of it")
    found.prepare(NOW)
    return found


def run(name="a1", started=NOW, **given):
    plain = {"job": "north", "status": "done", "exit_code": 0, "ended_at": NOW, "as_of": NOW}
    return RunRecord(run_id=name, started_at=started, **plain | given)


def forecast(cutoff="2024-02-29T23:00:00Z", add=0.0, run_id="a1"):
    values = np.arange(6.0).reshape(2, 3) / 3 + add
    return ForecastRecord(
        job="north", item_id="meter", cutoff=cutoff, run_id=run_id, model_id="m1", issued_at=None,
        first="2024-03-01T00:00:00Z", last="2024-03-01T01:00:00Z", freq="h", steps=2, levels="[0.1, 0.9]",
        numbers=pack(values), time_zone="Europe/Paris", unit="kWh", forecaster="hourcast", weather_mode="none",
        quality_flag="ok",
    )  # fmt: skip


def score(cutoff="2024-02-29T23:00:00Z"):
    return ScoreRecord(
        job="north", item_id="meter", cutoff=cutoff, model_id="m1", quality_flag="ok", steps=2, readings=2,
        abs_error=1.5, error=-0.5, abs_actual=10.0, inside=1, scored_at=NOW,
    )  # fmt: skip


def model(name, status, trained="2024-01-01T00:00:00Z"):
    return ModelRecord(
        model_id=name, job="north", status=status, trained_at=trained, cutoff=trained, reason="a test",
        promise={"loss": 0.5},
    )  # fmt: skip


def test_what_is_kept_is_found_again_to_the_bit(store):
    store.keep(Kept(run=run(details={"a": [1, "é"]}), forecasts=[forecast()], scores=[score()]))
    assert store.run("a1") == run(details={"a": [1, "é"]})
    (found,) = store.forecasts("north")
    assert found.values.tobytes() == (np.arange(6.0).reshape(2, 3) / 3).tobytes()
    frame = found.frame()
    assert frame.columns.tolist() == ["item_id", "cutoff", "timestamp", "forecaster", "mean", "p10", "p90"]
    assert frame["timestamp"].tolist() == list(pd.date_range("2024-03-01", periods=2, freq="h", tz="UTC"))
    assert store.scores("north") == [score()]
    assert store.forecasts("south") == store.scores("south") == []


def test_the_same_keys_are_replaced_and_none_is_doubled(store):
    for add in (0.0, 0.0, 5.0):
        store.keep(Kept(run=run(message=f"{add}"), forecasts=[forecast(add=add)], scores=[score()]))
    assert [one.message for one in store.runs()] == ["5.0"]
    assert [one.values[0, 0] for one in store.forecasts("north")] == [5.0]


def test_a_run_is_kept_whole_or_not_at_all(store):
    store.keep(Kept(run=run()))
    broken = replace(forecast(), numbers=None)
    with pytest.raises((OutputError, RetriableConnectorError)):
        store.keep(Kept(run=run("b2"), forecasts=[broken]))
    assert [one.run_id for one in store.runs()] == ["a1"]


def test_what_is_not_wholly_scored_is_found(store):
    store.keep(Kept(run=run(), forecasts=[forecast(), forecast("2024-02-28T23:00:00Z")], scores=[score()]))
    assert [one.cutoff for one in store.unscored("north", since="2024")] == ["2024-02-28T23:00:00Z"]
    store.keep(Kept(run=run(), scores=[replace(score(), readings=1)]))
    assert len(store.unscored("north", since="2024")) == 2
    assert store.unscored("north", since="2025") == []


def test_there_is_one_champion(store):
    store.keep_model(model("m1", "champion"))
    store.keep_model(model("m2", "rejected", "2024-02-01T00:00:00Z"))
    store.keep_model(model("m3", "champion", "2024-03-01T00:00:00Z"))
    assert [(one.model_id, one.status) for one in store.models("north")] == [
        ("m3", "champion"), ("m2", "rejected"), ("m1", "former"),
    ]  # fmt: skip
    assert store.champion("north") == model("m3", "champion", "2024-03-01T00:00:00Z")


def test_pruning_keeps_the_champion_and_the_newest(store):
    for number, status in enumerate(("former", "former", "former", "champion")):
        store.keep_model(model(f"m{number}", status, f"2024-01-0{number + 1}T00:00:00Z"))
        store.model_folder(f"m{number}").mkdir(parents=True)
    store.keep_model(model("m9", "rejected", "2024-01-09T00:00:00Z"))
    store.keep(Kept(run=run(), forecasts=[forecast()], scores=[score()]))
    store.keep(Kept(run=run("b2", "2024-05-01T00:00:00Z"), forecasts=[forecast("2024-05-01T00:00:00Z")]))
    gone = store.prune("north", before="2024-04-01T00:00:00Z", models=2)
    assert (gone["runs"], gone["forecasts"], gone["scores"], gone["models"]) == (1, 1, 1, 2)
    assert sorted(path.name for path in store.model_folder("x").parent.iterdir()) == ["m2", "m3"]
    assert [one.run_id for one in store.runs()] == ["b2"]
    assert store.champion("north").model_id == "m3"


def test_a_run_is_named_by_its_beginning_when_it_is_the_only_one(store):
    for name in ("abcd", "abff"):
        store.keep(Kept(run=run(name)))
    assert store.run("abc").run_id == "abcd"
    assert store.run("ab") is store.run("x") is None


def test_tables_are_brought_up_to_date_step_by_step_and_once(store, monkeypatch):
    store.keep(Kept(run=run()))
    more = "ALTER TABLE hourcast_run ADD COLUMN mood TEXT; UPDATE hourcast_run SET mood = 'fine'"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, more))
    store.prepare(NOW)
    store.prepare(NOW)
    with transaction(store.database) as connection:
        rows = connection.exec_driver_sql("SELECT run_id, mood FROM hourcast_run").fetchall()
        versions = connection.exec_driver_sql("SELECT version FROM hourcast_schema ORDER BY version").fetchall()
    assert [tuple(row) for row in rows] == [("a1", "fine")]
    assert [tuple(row) for row in versions] == [(1,), (2,)]
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="Upgrade hourcast"):
        store.prepare(NOW)


def test_a_store_of_the_first_version_is_read(tmp_path):
    """The file is what hourcast 0.1 wrote; it stays as it is, whatever is added to the tables."""
    with closing(sqlite3.connect(tmp_path / "runs.db")) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    old = Store(f"sqlite:///{tmp_path / 'runs.db'}", tmp_path)
    old.prepare(NOW)
    assert [one.run_id for one in old.runs("north")] == ["a1"]
    assert old.forecasts("north")[0].values.tobytes() == (np.arange(6.0).reshape(2, 3) / 3).tobytes()
    assert old.scores("north") == [score()]
    assert old.champion("north") == model("m1", "champion")
    old.keep(Kept(run=run("b2"), forecasts=[forecast(run_id="b2")]))
    assert {one.run_id for one in old.runs()} == {"a1", "b2"}


def test_a_step_that_fails_leaves_the_version_before_it(store, monkeypatch):
    bad = "ALTER TABLE hourcast_run ADD COLUMN mood TEXT; UPDATE nowhere SET mood = 'bad'"
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, bad))
        with pytest.raises((OutputError, RetriableConnectorError)):
            store.prepare(NOW)
    store.prepare(NOW)
    store.keep(Kept(run=run()))
    assert [one.run_id for one in store.runs()] == ["a1"]


def test_a_second_run_is_refused_at_once_and_told_who_is_at_work(store):
    with (
        store.alone(),
        pytest.raises(RetriableConnectorError, match=r"Another run is at work.*process \d+"),
        store.alone(),
    ):
        pass
    with store.alone():
        pass


def test_what_cannot_hold_a_store_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be in duckdb"):
        Store("duckdb:///runs.duckdb", tmp_path).prepare(NOW)
    (tmp_path / "file").write_text("no database")
    with pytest.raises(OutputError):
        Store(f"sqlite:///{tmp_path / 'file'}", tmp_path).prepare(NOW)
    with pytest.raises(OutputError):
        Store(f"sqlite:///{tmp_path / 'file' / 'runs.db'}", tmp_path).prepare(NOW)
