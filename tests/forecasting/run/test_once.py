"""A run of a job: what it leaves, what it refuses, and what it does when something is missing."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from connectors.errors import ForecasterFailedError
from forecasting.run import ladder, once
from tests.forecasting.run.conftest import FIRST, NEXT, at

KEY = ["item_id", "cutoff", "timestamp"]


def test_a_run_leaves_a_record_a_forecast_and_its_files(place):
    (run,) = place.store.runs()
    assert (run.status, run.exit_code, run.quality_flag, run.handed_over) == ("done", 0, "ok", 1)
    assert run.cutoff == "2024-02-22T05:00:00Z"
    (model,) = place.store.models("hourcast")
    assert (model.status, model.model_id) == ("champion", run.model_id)
    table = place.forecasts()
    assert len(table) == 24
    assert set(table["run_id"]) == {run.run_id}
    assert {path.name for path in place.files()} == {
        "forecast.csv", "forecast_latest.csv", "actual.csv", "run.csv", "backtest_metric.csv", "datapackage.json",
    }  # fmt: skip


def test_the_same_readings_are_not_run_twice(place):
    before = place.files()
    outcome = place.run()
    assert outcome.exit_code == 99
    assert outcome.message.startswith("nothing new since the run")
    assert place.run("2024-02-22T06:20Z").exit_code == 99, "a later instant with the same readings is nothing new"
    assert place.files() == before


def test_a_run_that_is_forced_replaces_its_keys(place):
    before = place.forecasts()
    outcome = place.run(force=True)
    assert outcome.exit_code == 0
    pd.testing.assert_frame_equal(place.forecasts(), before)
    assert len(place.store.runs()) == 1


def test_new_readings_are_forecast_by_the_model_that_is_there(place, monkeypatch):
    monkeypatch.setattr(once, "train", lambda _: pytest.fail("nothing was to be trained"))
    assert place.run(NEXT).exit_code == 0
    table = place.forecasts()
    assert not table.duplicated(KEY).any()
    assert sorted(table["cutoff"].unique()) == ["2024-02-22T05:00:00Z", "2024-02-23T05:00:00Z"]
    latest = pd.read_csv(place.folder / "bi" / "forecast_latest.csv")
    assert latest["cutoff"].unique().tolist() == ["2024-02-23T05:00:00Z"]
    with closing(sqlite3.connect(place.folder / "bi.db")) as connection:
        assert connection.execute("SELECT count(*) FROM forecast").fetchone() == (48,)
        assert connection.execute("SELECT count(*) FROM forecast_latest").fetchone() == (24,)


def test_forecasts_are_scored_as_readings_come(place):
    assert place.store.scores("hourcast") == []
    place.run("2024-02-22T18:05Z")
    (score,) = place.store.scores("hourcast")
    assert (score.readings, score.steps) == (12, 24)
    place.run(NEXT)
    score = place.store.scores("hourcast")[0]
    assert (score.cutoff, score.readings) == ("2024-02-22T05:00:00Z", 24)
    forecast = place.store.forecasts("hourcast")[0].frame()
    came = pd.read_csv("meter.csv", parse_dates=["time"]).set_index("time")["kwh"]
    error = forecast["mean"].to_numpy() - came.loc[forecast["timestamp"].dt.tz_localize(None)].to_numpy()
    assert score.abs_error == pytest.approx(abs(error).sum())
    assert score.error == pytest.approx(error.sum())


def test_nothing_that_came_later_is_used(place):
    """The forecast as of then is the same from a file that ends then."""
    place.run(NEXT)
    full = place.forecasts()
    meter = pd.read_csv("meter.csv", parse_dates=["time"])
    meter[meter["time"] < "2024-02-23 06:00"].to_csv("meter.csv", index=False)
    place.run(NEXT, force=True)
    pd.testing.assert_frame_equal(place.forecasts(), full)


def test_readings_that_are_too_old_are_refused(place):
    before = place.files()
    outcome = place.run("2024-02-26T06:05Z")
    assert outcome.exit_code == 3
    assert "The newest reading ended at 2024-02-24T00:00:00Z" in outcome.message
    assert place.files() == before
    assert place.store.runs()[0].status == "failed"


def test_a_dry_run_writes_nothing(place):
    before, count = place.files(), len(place.store.runs())
    outcome = place.run(NEXT, dry_run=True)
    assert (outcome.exit_code, outcome.message[:8]) == (0, "dry run:")
    assert place.files() == before
    assert len(place.store.runs()) == count


def fail(*args, **kwargs):
    raise ForecasterFailedError("no search today")


def test_a_failed_search_still_delivers_a_forecast_and_says_so(bare, monkeypatch):
    monkeypatch.setattr(once, "train", fail)
    outcome = bare.run()
    assert outcome.exit_code == 5
    assert "no search today" in outcome.notes[0]
    table = bare.forecasts()
    assert len(table) == 24
    assert set(table["quality_flag"]) == {"fallback"}
    assert table["p10"].lt(table["p90"]).all()
    first = set(table["forecaster"])

    class Broken:
        name = first.copy().pop()

        def fit(self, *_):
            fail()

    real = ladder._fallbacks
    monkeypatch.setattr(ladder, "_fallbacks", lambda case: [Broken(), *list(real(case))[1:]])
    assert bare.run(NEXT).exit_code == 5, "a rung that breaks leaves the next"
    assert set(bare.forecasts()["forecaster"]) > first


def test_a_fallback_is_tried_again_with_the_same_readings(bare, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(once, "train", fail)
        assert bare.run().exit_code == 5
    assert bare.run().exit_code == 0
    assert set(bare.forecasts()["quality_flag"]) == {"ok"}


def test_a_degraded_run_may_count_as_done(bare, monkeypatch):
    monkeypatch.setattr(once, "train", fail)
    bare.write(bare.settings.read_text() + "[checks]\ndegraded_ok = true\n")
    outcome = bare.run()
    assert (outcome.exit_code, outcome.run.status) == (0, "degraded")


def test_a_champion_that_is_damaged_is_replaced(place):
    (model,) = place.store.models("hourcast")
    (place.store.model_folder(model.model_id) / "arrays.npz").write_bytes(b"no")
    outcome = place.run(NEXT)
    assert outcome.exit_code == 0
    assert "cannot be used" in outcome.notes[0]
    assert [one.status for one in place.store.models("hourcast")] == ["champion", "former"]


def test_a_model_that_cannot_forecast_any_more_is_replaced_at_once(place, monkeypatch):
    real, (old,) = ladder._by_model, place.store.models("hourcast")

    def broken(case, loaded):
        if loaded.record.model_id == old.model_id:
            raise ValueError("other features than it was fitted on")
        return real(case, loaded)

    monkeypatch.setattr(ladder, "_by_model", broken)
    outcome = place.run(NEXT)
    assert (outcome.exit_code, outcome.run.quality_flag) == (0, "ok")
    newest, former = place.store.models("hourcast")
    assert (newest.reason, newest.status, former.status) == ("no model could forecast", "champion", "former")


def test_another_question_takes_another_model(place):
    place.change("[training]", '[calendar]\ncountry = "FR"\n\n[training]')
    outcome = place.run(NEXT)
    assert outcome.exit_code == 0
    assert any("answers another question" in note for note in outcome.notes)
    assert len(place.store.models("hourcast")) == 2


def test_an_export_that_cannot_be_written_is_written_by_the_next_run(place):
    shutil.rmtree("bi")
    (place.folder / "bi").write_text("in the way")
    outcome = place.run(NEXT)
    assert outcome.exit_code == 4
    with closing(sqlite3.connect(place.folder / "bi.db")) as connection:
        assert connection.execute("SELECT count(*) FROM forecast").fetchone() == (48,), "the others are written"
    (place.folder / "bi").unlink()
    again = place.run(NEXT)
    assert (again.exit_code, again.run.run_id) == (0, outcome.run.run_id)
    assert len(place.forecasts()) == 48
    assert place.run(NEXT).exit_code == 99


def test_an_error_nobody_foresaw_is_recorded(place, monkeypatch):
    def burst(*args):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(once, "climb", burst)
    outcome = place.run(NEXT)
    assert (outcome.exit_code, outcome.run.status) == (1, "failed")
    assert "ZeroDivisionError: a bug" in place.store.runs()[0].message
    monkeypatch.undo()


def test_a_morning_that_was_missed_is_made_up_for_once(place):
    place.run(NEXT, backfilled=True)
    table = place.forecasts()
    assert table.groupby("cutoff")["quality_flag"].first().tolist() == ["ok", "backfilled"]
    meter = pd.read_csv("meter.csv", parse_dates=["time"])
    meter["kwh"] += 0.01
    meter.to_csv("meter.csv", index=False)
    assert place.run(NEXT, backfilled=True).exit_code == 99, "what was forecast then stays"
    assert place.run(NEXT).exit_code == 0


def test_the_weather_that_was_used_is_recorded(place):
    """Weather forecasts in the file are known by their issue; without them it was made from the past."""

    def kinds():
        with closing(sqlite3.connect(place.folder / "hourcast-runs" / "runs.db")) as connection:
            return connection.execute("SELECT run_id, variable, kind FROM hourcast_weather").fetchall()

    (run,) = place.store.runs()
    assert set(kinds()) <= {(run.run_id, "temperature", "climatology"), (run.run_id, "temperature", "forecast")}


def test_a_past_morning_is_not_forecast_by_a_model_that_has_seen_it(place):
    outcome = place.run("2024-02-20T06:05Z", backfilled=True)
    assert outcome.exit_code == 0
    newest, oldest = place.store.models("hourcast")
    assert (newest.status, oldest.status) == ("champion", "former")
    assert oldest.cutoff == "2024-02-20T05:00:00Z" == outcome.run.cutoff


def test_alerts_and_health_checks_are_told(place, loopback, answer):
    loopback.script("/ping/id/start", answer())
    loopback.script("/ping/id/3", answer())
    loopback.script("/hook", answer(status=500))
    words = f'[monitor]\nping = "{loopback.url}/ping/id"\nwebhook = "{loopback.url}/hook"\nalerts = "alerts.jsonl"\n'
    place.write(place.settings.read_text() + words)
    assert place.run("2024-03-05T06:05Z").exit_code == 3, "a webhook that fails fails nothing"
    assert loopback.asked()[0] == "/ping/id/start"
    assert loopback.asked()[-1] == "/ping/id/3"
    (line,) = (place.folder / "alerts.jsonl").read_text().splitlines()
    assert json.loads(line)["exit_code"] == 3
    posted, told = loopback.bodies
    assert posted.decode() == line, "the webhook gets the same document"
    assert b"has no sound reading after" in told, "and the health check the last lines"


def test_a_dead_health_check_fails_nothing(place, dead_url):
    place.write(place.settings.read_text() + f'[monitor]\nping = "{dead_url}"\n')
    assert place.run(NEXT).exit_code == 0


def test_drafts_and_orphans_of_a_killed_run_are_swept(place):
    (place.folder / "bi" / ".forecast.csv.0a1b2c3d.tmp").write_text("half")
    orphan = place.store.model_folder("20240101-deadbeef")
    orphan.mkdir()
    place.run(NEXT)
    assert [path for path in (place.folder / "bi").iterdir() if path.suffix == ".tmp"] == []
    assert not orphan.exists()


def test_old_runs_are_forgotten_and_the_champion_stays(place):
    place.run(NEXT)
    gone = place.store.prune("hourcast", before=f"{at('2025-01-01T00:00Z'):%Y-%m-%d}", models=1)
    assert (gone["runs"], gone["forecasts"], gone["models"]) == (2, 2, 0)
    assert place.store.champion("hourcast") is not None
    assert FIRST < NEXT
