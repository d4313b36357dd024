"""The commands of runs without you, as they are typed: exit codes, last lines, JSON."""

from __future__ import annotations

import json

import pytest

from forecasting import cli
from tests.forecasting.run.conftest import NEXT


@pytest.fixture
def hourcast(capsys, monkeypatch):
    """Run a command; its exit code, what it printed, what it complained of."""
    monkeypatch.setattr("sys.excepthook", lambda *_: None)

    def _run(*words):
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return _run


def test_a_run_says_how_it_ended_in_its_last_line(place, hourcast):
    code, out, _ = hourcast("run", "hourcast.toml", "--as-of", NEXT)
    assert code == 0
    assert out.splitlines()[-1].startswith("hourcast: exit 0: 1 x 24 steps from 2024-02-23T05:00:00Z")
    code, out, _ = hourcast("run", "hourcast.toml", "--as-of", NEXT)
    assert code == 99
    assert "nothing new" in out.splitlines()[-1]
    code, _, err = hourcast("run", "hourcast.toml", "--as-of", "2024-02-26T06:05Z")
    assert code == 3
    assert "exit 3: The newest reading" in err


def test_a_run_for_machines_is_one_document_and_a_line_of_the_log(place, hourcast):
    code, out, _ = hourcast("run", "hourcast.toml", "--as-of", NEXT, "--json", "--log-json", "log/runs.jsonl")
    found = json.loads(out)
    assert (code, found["exit_code"], found["runs"][0]["exit_code"]) == (0, 0, 0)
    assert found["runs"][0]["run"]["details"]["rung"] == "model"
    (line,) = (place.folder / "log" / "runs.jsonl").read_text().splitlines()
    assert json.loads(line)["run"]["run_id"] == found["runs"][0]["run"]["run_id"]


def test_paths_count_from_the_folder_of_the_settings(place, hourcast, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, _ = hourcast("run", str(place.settings), "--as-of", NEXT)
    assert code == 0
    assert not (tmp_path / "bi").exists()
    assert len(place.forecasts()) == 48


def test_status_says_what_is_out_of_order_and_ends_so(place, hourcast):
    code, out, _ = hourcast("status", "hourcast.toml", "--as-of", "2024-02-22T07:00Z")
    assert (code, out.splitlines()[0]) == (0, "hourcast: in order")
    hourcast("run", "hourcast.toml", "--as-of", "2024-02-26T06:05Z")
    code, out, _ = hourcast("status", "hourcast.toml", "--json", "--as-of", "2024-02-26T07:00Z")
    (job,) = json.loads(out)["jobs"]
    assert code == 5
    assert job["in_order"] is False
    assert job["alerts"][0].startswith("the last run failed: The newest reading")


def test_a_job_that_never_ran_is_not_in_order_and_due(bare, hourcast):
    code, out, _ = hourcast("status", "hourcast.toml", "--json")
    assert (code, json.loads(out)["jobs"][0]["alerts"]) == (5, ["it has never run"])
    assert hourcast("schedule", "due", "hourcast.toml")[0] == 0
    assert not (bare.folder / "hourcast-runs").exists()


def test_runs_are_listed_shown_compared_and_forgotten(place, hourcast):
    hourcast("run", "hourcast.toml", "--as-of", NEXT)
    code, out, _ = hourcast("runs", "list", "hourcast.toml", "--json")
    newest, oldest = json.loads(out)["runs"]
    assert (code, newest["cutoff"], oldest["cutoff"]) == (0, "2024-02-23T05:00:00Z", "2024-02-22T05:00:00Z")
    code, out, _ = hourcast("runs", "list", "hourcast.toml", "--last", "1")
    (line,) = out.splitlines()
    assert line.startswith(f"{newest['run_id'][:8]}  hourcast  2024-02-23T06:05:00Z  exit 0: 1 x 24 steps")
    code, out, _ = hourcast("runs", "show", "hourcast.toml", newest["run_id"][:10], "--json")
    shown = json.loads(out)
    assert (shown["run_id"], shown["forecast_rows"]) == (newest["run_id"], 24)
    code, out, _ = hourcast("runs", "compare", "hourcast.toml", "latest", "previous", "--json")
    found = json.loads(out)
    assert found["fields"]["cutoff"] == [newest["cutoff"], oldest["cutoff"]]
    assert hourcast("runs", "show", "hourcast.toml", "zz")[0] == 2
    code, out, _ = hourcast("runs", "prune", "hourcast.toml", "--keep", "1d", "--json")
    assert json.loads(out)["hourcast"]["forecasts"] == 2
    assert place.store.champion("hourcast") is not None


def test_missed_mornings_are_made_up_for_at_their_times(place, hourcast):
    code, _, _ = hourcast("backfill", "hourcast.toml", "--from", "2024-02-22", "--to", "2024-02-23")
    assert code == 0
    assert place.forecasts().groupby("cutoff")["quality_flag"].first().tolist() == ["ok", "backfilled"]
    assert hourcast("backfill", "hourcast.toml", "--from", "2024-02-23", "--to", "2024-02-22")[0] == 2
    assert hourcast("backfill", "hourcast.toml", "--from", "then", "--to", "2024-02-22")[0] == 2


def test_a_timer_is_printed_and_nothing_is_written(place, hourcast):
    before = sorted(place.folder.rglob("*"))
    code, out, _ = hourcast("schedule", "install", "hourcast.toml", "--kind", "systemd")
    assert code == 0
    assert "OnCalendar=*-*-* 06:05:00 UTC" in out
    assert sorted(place.folder.rglob("*")) == before


def test_a_wrong_setting_ends_with_2_and_the_near_name(place, hourcast):
    place.change("[training]", "[trainings]")
    code, _, err = hourcast("run", "hourcast.toml")
    assert code == 2
    assert "Did you mean 'training'" in err
