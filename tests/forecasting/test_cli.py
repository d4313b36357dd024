"""The command line: what it takes, what it says, how it ends, and what it leaves alone."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import optuna
import pandas as pd
import pytest
import typer

from connectors.version import VERSION
from forecasting import cli, console
from tests.samples import readings, write_samples

ROOT = Path(__file__).resolve().parent.parent.parent
COMMANDS = sorted(typer.main.get_command(cli.app).commands)
#: So that a run takes no longer than it must.
QUICK = ("--trials", "4", "--jobs", "1")
FORECAST = ("forecast", "meter.csv", "--target", "kwh", *QUICK)
BACKTEST = ("backtest", "meter.csv", "--target", "kwh", "--windows", "3", *QUICK)
#: What the shell calls, without the console script.
PROGRAM = (sys.executable, "-c", "from forecasting.cli import main; main()")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def document(self):
        """What it printed as JSON; one document, and no NaN, which is no JSON."""

        def refuse(word):
            pytest.fail(f"{word} is no JSON")

        return json.loads(self.out, parse_constant=refuse)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A folder with the samples, and files that are wrong in one way each."""
    folder = tmp_path_factory.mktemp("inputs")
    write_samples(folder)
    meter = readings()
    write = {
        "empty.csv": meter.iloc[:0, :0],
        "note.csv": meter.assign(note="fine"),
        "timeless.csv": meter[["kwh", "temperature"]],
        "two_times.csv": meter.rename(columns={"time": "read"}).assign(sent=meter["time"] + pd.Timedelta(hours=5)),
        "short.csv": meter.head(30),
        "constant.csv": meter.assign(kwh=7.0),
        "nothing.csv": meter.assign(kwh=float("nan")),
    }
    for name, frame in write.items():
        frame.to_csv(folder / name, index=False)
    (folder / "empty.csv").write_bytes(b"")
    pd.read_csv(folder / "future.csv").head(20).to_csv(folder / "future_short.csv", index=False)
    (folder / "full").mkdir()
    (folder / "full" / "thesis.txt").write_text("years of work")
    sites = pd.read_csv(folder / "sites.csv", parse_dates=["time"])
    late = (sites["site"] == "south") & (sites["time"] > sites["time"].max() - pd.Timedelta(days=5))
    sites[~late].to_csv(folder / "stale.csv", index=False)
    daily = readings(days=200).set_index("time").resample("D")["kwh"].sum().reset_index()
    daily.to_csv(folder / "daily.csv", index=False)
    readings(freq="15min")[["time", "kwh"]].to_csv(folder / "quarters.csv", index=False)
    return folder


@pytest.fixture
def hourcast(inputs, tmp_path, monkeypatch, capsys):
    """Runs a command in a fresh folder that holds the inputs."""
    for file in inputs.iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main sets its own

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(list(arguments))
        captured = capsys.readouterr()
        return Ended(ended.value.code or 0, captured.out, captured.err)

    return run


def held(folder):
    """Every file of a folder, with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(hourcast, name):
    ended = hourcast(name, "--help")
    assert ended.code == 0
    assert f"Example: hourcast {name}" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_help_names_every_command(hourcast):
    ended = hourcast("--help")
    assert ended.code == 0
    assert all(f"\n  {name} " in ended.out for name in COMMANDS)


def test_help_loads_nothing_it_does_not_need():
    """Help must answer at once: no table library, no data library."""
    code = (
        "import sys; from forecasting.cli import main\n"
        "try: main(['forecast', '--help'])\n"
        "except SystemExit: pass\n"
        "loaded = [m for m in ('pandas', 'numpy', 'rich.console', 'httpx') if m in sys.modules]\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr


def test_version(hourcast):
    assert hourcast("--version").out.strip() == VERSION


# ----------------------------------------------------------------------------------------------------- bad input

USAGE, DATA, OUTPUT = 2, 3, 4
BAD = {
    "no such file": (("forecast", "missing.csv", "--target", "kwh"), DATA, "no file 'missing.csv'"),
    "empty file": (("forecast", "empty.csv", "--target", "kwh"), DATA, "empty"),
    "target misspelt": (("forecast", "meter.csv", "--target", "kwhh"), DATA, "Did you mean 'kwh'"),
    "no numeric target": (("forecast", "note.csv", "--target", "note"), DATA, "'note'"),
    "no time column": (("forecast", "timeless.csv", "--target", "kwh"), DATA, "--time"),
    "two time columns": (("forecast", "two_times.csv", "--target", "kwh", *QUICK), DATA, "--time 'read'"),
    "30 rows": (("forecast", "short.csv", "--target", "kwh"), DATA, "30 readings"),
    "30 rows to backtest": (("backtest", "short.csv", "--target", "kwh"), DATA, "30 readings"),
    "constant": (("forecast", "constant.csv", "--target", "kwh"), DATA, "constant: all 960 readings are 7"),
    "all NaN": (("forecast", "nothing.csv", "--target", "kwh"), DATA, "'kwh' is empty"),
    "future too short": (
        (*FORECAST, "--known", "bookings", "--future", "future_short.csv"), DATA, "20 of the 24 steps",
    ),
    "no future at all": ((*FORECAST, "--known", "bookings"), DATA, "--future"),
    "no such future": ((*FORECAST, "--known", "bookings", "--future", "no.csv"), DATA, "no file 'no.csv'"),
    "horizon too long": ((*FORECAST, "--horizon", "900"), DATA, "shorter"),
    "before any reading": ((*FORECAST, "--as-of", "2001-01-01"), DATA, "2001-01-01"),
    "horizon 0": ((*FORECAST, "--horizon", "0"), USAGE, "number of steps from 1"),
    "horizon a word": ((*FORECAST, "--horizon", "day"), USAGE, "--horizon"),
    "unknown country": ((*FORECAST, "--country", "Frankreich"), USAGE, "'Frankreich'"),
    "unknown time zone": ((*FORECAST, "--time-zone", "Europe/Pariss"), USAGE, "Europe/Paris"),
    "unknown step": ((*FORECAST, "--freq", "fortnight"), USAGE, "fortnight"),
    "unknown side": ((*FORECAST, "--stamps", "middle"), USAGE, "'end'"),
    "unknown order": ((*FORECAST, "--dates", "year-first"), USAGE, "'day-first'"),
    "unknown option": ((*FORECAST, "--horizn", "24"), USAGE, "--horizn"),
    "unknown command": (("forcast", "meter.csv"), USAGE, "forcast"),
    "no target": (("forecast", "meter.csv"), DATA, "--target"),
    "no file": (("forecast", "--target", "kwh"), USAGE, "file"),
    "unknown known column": ((*FORECAST, "--known", "guests"), DATA, "'guests'"),
    "two roles": ((*FORECAST, "--known", "kwh"), USAGE, "two roles"),
    "unknown preset": ((*FORECAST, "--preset", "quick"), USAGE, "balanced"),
    "unknown weather mode": ((*FORECAST, "--weather-mode", "guess"), USAGE, "climatology"),
    "no time": ((*FORECAST, "--time-limit", "0"), USAGE, "above 0"),
    "no trials": ((*FORECAST, "--trials", "0"), USAGE, "above 0"),
    "no jobs": ((*FORECAST, "--jobs", "0"), USAGE, "above 0"),
    "levels in words": ((*FORECAST, "--levels", "low,high"), USAGE, "--levels low,high"),
    "level above 1": ((*FORECAST, "--levels", "0.5,1.5"), USAGE, "between 0 and 1"),
    "place nobody knows": ((*FORECAST, "--place", "Pariss"), USAGE, "--place Pariss"),
    "place of many": ((*FORECAST, "--place", "Springfield"), USAGE, "Say which, such as"),
    "place off the globe": ((*FORECAST, "--place", "91,0"), USAGE, "--place 91,0"),
    "place of three": ((*FORECAST, "--place", "1,2,3"), USAGE, "--place 1,2,3"),
    "no number as a place": ((*FORECAST, "--place", "nan,0"), USAGE, "--place nan,0"),
    "as of no time": ((*FORECAST, "--as-of", "yesterday"), USAGE, "--as-of yesterday"),
    "refit in words": ((*BACKTEST, "--refit", "sometimes"), USAGE, "never, each"),
    "refit 0": ((*BACKTEST, "--refit", "0"), USAGE, "number from 1"),
    "windows 0": (("backtest", "meter.csv", "--target", "kwh", "--windows", "0"), USAGE, "0 windows"),
    "step 0": ((*BACKTEST, "--step", "0"), USAGE, "--step"),
    "too many windows": (("backtest", "meter.csv", "--target", "kwh", "--windows", "99"), DATA, "fewer windows"),
    "unknown csv profile": ((*FORECAST, "--csv-profile", "excel"), USAGE, "excel-fr"),
    "output without a folder": ((*FORECAST, "--output", "no/out.csv"), OUTPUT, "no folder"),
    "output of unknown ending": ((*FORECAST, "--output", "out.xls"), USAGE, "'out.xls'"),
    "output is a folder": ((*FORECAST, "--output", "full.csv/"), OUTPUT, "full.csv"),
    "report not html": ((*FORECAST, "--report", "report.pdf"), USAGE, ".html"),
    "report without a folder": ((*FORECAST, "--report", "no/report.html"), OUTPUT, "no folder"),
    "save over something else": ((*FORECAST, "--save", "full"), OUTPUT, "no saved model"),
    "check of no file": (("check", "missing.csv", "--target", "kwh"), DATA, "no file"),
}  # fmt: skip


@pytest.mark.parametrize("json_too", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_clearly_and_writes_nothing(hourcast, tmp_path, case, json_too):
    arguments, code, words = BAD[case]
    (tmp_path / "full.csv").mkdir()
    before = held(tmp_path), held(Path(os.environ["HOURCAST_HOME"]))
    ended = hourcast(*arguments, *(["--json"] if json_too else []))
    assert ended.code == code, ended.err
    assert words in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert (held(tmp_path), held(Path(os.environ["HOURCAST_HOME"]))) == before


def test_a_file_that_is_no_study_is_refused_and_left_alone(hourcast, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Ann\n")
    ended = hourcast(*FORECAST, "--study", "letter.txt")
    assert ended.code == USAGE
    assert "letter.txt" in ended.err
    assert (tmp_path / "letter.txt").read_text() == "Dear Ann\n"


def test_every_message_of_ours_says_what_to_do(hourcast):
    """What was got, and what to do about it: more than one sentence, none of them from the machine room."""
    for arguments, _, _ in BAD.values():
        message = hourcast(*arguments).err
        if message.startswith("hourcast: "):
            assert len(message.splitlines()) == 1, message
            assert len(re.findall(r"[.?!](?=\s|$)", message)) >= 2, message
            assert not re.search(r"\b[A-Z][a-z]+(Error|Exception)\b", message), message


@pytest.mark.parametrize("name", ["forecast.csv", "forecast.parquet"])
def test_an_existing_output_survives_a_failed_run(hourcast, tmp_path, name):
    for file in (tmp_path / name, tmp_path / "report.html"):
        file.write_bytes(b"yesterday's")
    outputs = ("--output", name, "--report", "report.html")
    late = (*FORECAST, *outputs, "--known", "bookings", "--future", "future_short.csv")
    early = ("forecast", "missing.csv", "--target", "kwh", *outputs)
    for arguments in (late, early):
        before = held(tmp_path)
        assert hourcast(*arguments).code == DATA
        assert held(tmp_path) == before


# ---------------------------------------------------------------------------------------------------------- runs


def test_forecast_writes_all_that_was_asked_for(hourcast, tmp_path):
    ended = hourcast(
        *FORECAST, "--horizon", "48", "--known", "bookings", "--future", "future.csv", "--weather", "temperature",
        "--output", "forecast.csv", "--report", "report.html", "--save", "model", "--levels", "0.1,0.5,0.9",
    )  # fmt: skip
    assert (ended.code, ended.err) == (0, "")
    table = pd.read_csv(tmp_path / "forecast.csv")
    assert len(table) == 48
    assert [name for name in table if re.fullmatch(r"p\d+", name)] == ["p10", "p50", "p90"]
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "model" / "model.json").is_file()
    assert [line for line in ended.out.splitlines() if line.startswith("written: ")] == [
        "written: forecast.csv", "written: report.html", "written: model",
    ]  # fmt: skip
    assert "is forecast for the next 48 hours" in ended.out
    assert "960 readings of kwh, every hour" in ended.out


def test_known_columns_may_stand_at_the_end_of_the_file(hourcast):
    """Rows with an empty target are the future."""
    ended = hourcast("forecast", "plan.csv", "--target", "kwh", "--known", "bookings", *QUICK, "--json")
    assert ended.code == 0, ended.err
    assert ended.document()["cutoff"].startswith("2024-02-23T23:00")


def test_without_an_output_the_forecast_is_printed(hourcast, tmp_path):
    before = held(tmp_path)
    ended = hourcast(*FORECAST, "--horizon", "30")
    assert ended.code == 0
    assert "2024-02-24 00:00:00" in ended.out
    assert "the first 24 of 30 rows" in ended.out
    assert held(tmp_path) == before


def test_items_are_told_apart_when_printed(hourcast):
    ended = hourcast("forecast", "sites.csv", "--target", "kwh", "--horizon", "6", *QUICK)
    assert ended.code == 0
    assert "1,920 readings of kwh for 2 items" in ended.out
    assert re.search(r"^\s*north 2024-02-24 00:00:00", ended.out, re.MULTILINE)
    assert re.search(r"^\s*south 2024-02-24 00:00:00", ended.out, re.MULTILINE)


def test_the_csv_profile_decides_the_spelling(hourcast, tmp_path):
    assert hourcast(*FORECAST, "--output", "out.csv", "--csv-profile", "excel-fr").code == 0
    assert ";24/02/2024 00:00;" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_parquet_has_the_same_table(hourcast, tmp_path):
    assert hourcast(*FORECAST, "--output", "out.parquet").code == 0
    assert hourcast(*FORECAST, "--output", "out.csv").code == 0
    binary = duckdb.sql(f"SELECT * FROM '{tmp_path / 'out.parquet'}'").df()
    text = pd.read_csv(tmp_path / "out.csv", float_precision="round_trip")
    assert list(binary) == list(text)
    assert binary["mean"].tolist() == text["mean"].tolist()


def test_the_same_trials_and_seed_give_the_same_bytes(hourcast, tmp_path):
    for name in ("a.csv", "b.csv"):
        assert hourcast(*FORECAST, "--seed", "3", "--output", name).code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_as_of_forecasts_as_if_it_were_then(hourcast):
    """09:00 in Paris is 08:00 UTC: the last interval to have ended began at 07:00 UTC."""
    found = hourcast(*FORECAST, "--as-of", "2024-02-10T09:00+01:00", "--json").document()
    assert found["cutoff"] == "2024-02-10T07:00:00+00:00"
    naive = hourcast(*FORECAST, "--as-of", "2024-02-10T08:00", "--json").document()
    assert naive["forecast"] == found["forecast"]


def test_what_a_time_means_can_be_said(hourcast, tmp_path):
    """The end of an interval moves back by a step; 01/02 is the first of February, or the second of January."""
    meter = readings(days=8)
    times = meter["time"] - (meter["time"].min() - pd.Timestamp("2024-01-02"))
    meter.assign(time=times.dt.strftime("%d/%m/%Y %H:%M")).to_csv(tmp_path / "dates.csv", index=False)

    def first(*more):
        return hourcast("check", "dates.csv", "--target", "kwh", *more, "--json").document()["first"]

    assert first("--dates", "day-first") == "2024-01-02T00:00:00+00:00"
    assert first("--dates", "day-first", "--stamps", "end") == "2024-01-01T23:00:00+00:00"
    assert first("--dates", "month-first") == "2024-02-01T00:00:00+00:00"


def test_faulty_readings_are_kept_when_that_is_asked(hourcast, tmp_path):
    meter = readings()
    meter.loc[500, "kwh"] = 4000.0
    meter.to_csv(tmp_path / "spike.csv", index=False)
    left_out, kept = (
        hourcast("check", "spike.csv", "--target", "kwh", *more, "--json").document()["findings"][0]["action"]
        for more in ((), ("--no-repair",))
    )
    assert (left_out, kept) == ("left out", "kept")


def test_backtest_scores_and_writes_every_window(hourcast, tmp_path):
    ended = hourcast(*BACKTEST, "--step", "12", "--refit", "each", "--output", "backtest.csv")
    assert (ended.code, ended.err) == (0, "")
    table = pd.read_csv(tmp_path / "backtest.csv")
    assert table.groupby("cutoff").size().tolist() == [24, 24, 24]
    assert "3 windows of 24 hours" in ended.out
    for name in ("mae", "wape", "mase", "coverage_80", "repeating yesterday", "repeating last week"):
        assert name in ended.out


def test_check_reports_and_writes_nothing(hourcast, tmp_path):
    before = held(tmp_path), held(Path(os.environ["HOURCAST_HOME"]))
    ended = hourcast("check", "meter.csv", "--target", "kwh")
    assert ended.code == 0
    assert "time column: time" in ended.out
    assert "--time-zone" in ended.out
    assert (held(tmp_path), held(Path(os.environ["HOURCAST_HOME"]))) == before


def test_demo_prints_the_command_it_runs(hourcast, tmp_path):
    ended = hourcast("demo", "--folder", "made here", *QUICK)
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in (tmp_path / "made here").iterdir()) == ["forecast.csv", "report.html"]
    line = ended.out.splitlines()[0]
    assert line.startswith("$ hourcast forecast campus.csv.gz ")
    words = shlex.split(line)
    assert words[words.index("--target") + 1] == "Active power (kW)"
    assert words[words.index("--report") + 1] == "made here/report.html"


# ------------------------------------------------------------------------------------------------------ machines


@pytest.mark.parametrize(
    "arguments",
    [FORECAST, BACKTEST, ("check", "meter.csv", "--target", "kwh"), ("demo", "--folder", "d", *QUICK)],
    ids=lambda arguments: arguments[0],
)
def test_json_is_one_document_and_nothing_else(hourcast, arguments):
    ended = hourcast(*arguments, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert isinstance(ended.document(), dict)


def test_json_holds_the_leaderboard_and_what_was_written(hourcast):
    found = hourcast(*FORECAST, "--output", "out.csv", "--json").document()
    assert found["written"] == ["out.csv"]
    assert "forecast" not in found
    assert [row["status"] for row in found["leaderboard"]] == ["done"] * 5
    assert found["hold_out"]["scores"]["mae"] > 0


def test_json_holds_the_forecast_when_no_file_does(hourcast):
    found = hourcast(*FORECAST, "--json").document()
    assert len(found["forecast"]) == 24
    assert found["forecast"][0]["horizon"] == 1


def test_a_stale_item_is_flagged_and_ends_in_its_own_code(hourcast, tmp_path):
    ended = hourcast("forecast", "stale.csv", "--target", "kwh", *QUICK, "--output", "out.csv")
    assert ended.code == 5
    assert "1 item without recent readings: south" in ended.err
    flags = pd.read_csv(tmp_path / "out.csv").groupby("item_id")["quality_flag"].unique()
    assert {item: list(found) for item, found in flags.items()} == {"north": ["ok"], "south": ["stale_input"]}


def test_windows_of_a_backtest_do_not_carry_the_flag_of_today(hourcast, tmp_path):
    """The second item stopped sending after them: when they were due it was sound."""
    ended = hourcast("backtest", "stale.csv", "--target", "kwh", *QUICK, "--windows", "8", "--output", "rolled.csv")
    assert ended.code == 0, ended.err
    table = pd.read_csv(tmp_path / "rolled.csv")
    old = table[table["quality_flag"] == "stale_input"]
    assert set(old["item_id"]) == {"south"}
    assert 0 < old["cutoff"].nunique() < 8


# ------------------------------------------------------------------------------------------------------- wording


@pytest.mark.parametrize("file", ["daily.csv", "quarters.csv"])
@pytest.mark.parametrize("command", ["forecast", "backtest"])
def test_steps_are_not_called_hours_when_they_are_none(hourcast, command, file):
    more = ("--windows", "2") if command == "backtest" else ()
    ended = hourcast(command, file, "--target", "kwh", *QUICK, *more)
    assert ended.code == 0, ended.err
    assert not re.search(r"\bhour(s|ly)?\b", ended.out), ended.out
    assert ("every day" if file == "daily.csv" else "every 15 minutes") in ended.out


def board(**changes):
    """A leaderboard with one of each kind of row."""
    rows = [
        {"forecaster": "median of 9", "skill": 0.25, "seconds": 25.3, "status": "done", "member": False},
        {"forecaster": "boosted_residual 1234", "skill": 0.2, "seconds": 600.25, "status": "done", "member": True},
        {"forecaster": "deviation_ridge 7", "skill": -1.126, "seconds": 1.0, "status": "pruned", "member": False},
        {"forecaster": "theta 3", "skill": float("nan"), "seconds": 1.0, "status": "stopped", "member": False},
    ]
    failed = {"forecaster": "autoregression 8", "skill": float("nan"), "seconds": 0.1, "status": "failed"}
    reason = "LinAlgError: " + "a singular [matrix] in 3:warning: of them " * 5
    return pd.DataFrame([*rows, {**failed, "member": False, "failure": reason} | changes])


def test_the_leaderboard_fits_80_columns(capsys):
    console.say_leaderboard(board())
    lines = capsys.readouterr().out.splitlines()
    table = lines[: next(i for i, line in enumerate(lines) if line == "Failed")]
    assert max(map(len, table)) <= 80
    assert any(re.fullmatch(r"\s*boosted_residual 1234\s+\+20\.0%\s+600\.2\s+member\s*", line) for line in table)
    assert any("pruned" in line and "-112.6%" in line for line in table)


def test_a_failure_is_printed_with_its_whole_reason(capsys):
    console.say_leaderboard(board())
    assert f"  - autoregression 8: {board().iloc[-1]['failure']}" in capsys.readouterr().out


def test_a_long_leaderboard_is_cut_and_counted(capsys):
    console.say_leaderboard(pd.concat([board().head(4)] * 5))
    assert "and 8 more (--json lists all)" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------------ real processes


def process(folder, *arguments, **changes):
    """A command in a process of its own, in a group of its own, as a terminal starts it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | changes.pop("environment", {})
    return subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, env=environment, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **changes,
    )  # fmt: skip


def trials(journal):
    """States of the trials of a study, as its journal has them now."""
    backend = optuna.storages.journal.JournalFileBackend(str(journal))
    study = optuna.load_study(study_name="hourcast", storage=optuna.storages.JournalStorage(backend))
    return [trial.state.name for trial in study.get_trials(deepcopy=False)]


def in_the_third_batch(journal):
    """Whether two batches are told and a third is asked for, so that it is being tried now."""
    try:
        states = trials(journal)
    except (KeyError, OSError, ValueError):
        return False  # not there yet
    return states.count("COMPLETE") >= 8 and states.count("RUNNING") == 4


def test_an_interrupted_search_keeps_the_best_and_resumes(inputs, tmp_path):
    """Ctrl-C in the middle of a search ends in a forecast; the same command goes on to the very same result."""
    same = ("forecast", str(inputs / "meter.csv"), "--target", "kwh", "--trials", "12", "--time-limit", "600")
    first = (*same, "--jobs", "1", "--study", "search.log")
    running = process(tmp_path, *first, "--output", "interrupted.csv")
    until = time.monotonic() + 60
    while not in_the_third_batch(tmp_path / "search.log") and running.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.2)  # the last of the batch is being asked for
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert "interrupted: going on with the 8 candidates" in err
    assert len(pd.read_csv(tmp_path / "interrupted.csv")) == 24

    resumed = process(tmp_path, *first, "--output", "resumed.csv", "--json")
    out, err = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, err
    assert len([row for row in json.loads(out)["leaderboard"] if row["status"] != "stopped"]) == 13
    whole = process(tmp_path, *same, "--jobs", "1", "--output", "whole.csv")
    whole.communicate(timeout=120)
    assert (tmp_path / "resumed.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_an_interrupt_before_the_search_ends_at_once(inputs, tmp_path):
    """There is nothing to keep yet: the code of an interrupted program, one line, no traceback."""
    code = (
        "import os, signal, forecasting.automl as automl\n"
        "automl.open_case = lambda *_: os.kill(os.getpid(), signal.SIGINT)\n"
        "from forecasting.cli import main; main()"
    )
    arguments = ["forecast", str(inputs / "meter.csv"), "--target", "kwh", *QUICK, "--output", "out.csv"]
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "hourcast: interrupted\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("debug", [False, True], ids=["user", "debug"])
def test_an_error_nobody_foresaw_is_one_line(inputs, tmp_path, debug):
    """The traceback is for whoever asks for it."""
    code = (
        "import forecasting.automl as automl\n"
        "def broken(*_): raise ZeroDivisionError('one\\nby zero')\n"
        "automl.open_case = broken\n"
        "from forecasting.cli import main; main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | ({"HOURCAST_DEBUG": "1"} if debug else {})
    ended = subprocess.run(
        [sys.executable, "-c", code, "forecast", str(inputs / "meter.csv"), "--target", "kwh", "--jobs", "1"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert ended.returncode == 1
    assert ("Traceback" in ended.stderr) == debug
    if not debug:
        assert ended.stderr.count("\n") == 1
        assert "ZeroDivisionError: one by zero" in ended.stderr
        assert "HOURCAST_DEBUG=1" in ended.stderr


def test_a_terminal_without_the_letters_is_no_reason_to_fail(tmp_path):
    """On an ASCII terminal a column called 'énergie °C' is printed by code."""
    readings().rename(columns={"kwh": "énergie °C"}).to_csv(tmp_path / "meter.csv", index=False)
    running = process(
        tmp_path, "forecast", "meter.csv", "--target", "énergie °C", *QUICK,
        environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )  # fmt: skip
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert "\\xe9nergie \\xb0C" in out


# ---------------------------------------------------------------------------------------------------- [source]


def test_a_saved_source_is_read_without_a_guess(hourcast, tmp_path):
    """Check writes it; check, forecast and backtest read with it; the forecast is that of the file itself."""
    ended = hourcast("check", "meter.csv", "--target", "kwh", "--save-source", "hourcast.toml", "--json")
    assert ended.document()["written"] == ["hourcast.toml"]
    again = hourcast("check", "hourcast.toml", "--json").document()
    guessed = ("time column", "step", "time zone", "target")
    assert [words for words in again["decisions"] if words.startswith(guessed)] == []
    assert again["source_table"] == ended.document()["source_table"]
    made = [
        hourcast(*words, "--json").document()["forecast"]
        for words in (FORECAST, ("forecast", "hourcast.toml", *QUICK))
    ]
    assert [row["mean"] for row in made[0]] == [row["mean"] for row in made[1]]


def test_a_file_that_changed_its_shape_is_refused_with_exit_3(hourcast, tmp_path):
    assert hourcast("check", "quarters.csv", "--target", "kwh", "--save-source", "q.toml").code == 0
    text = (tmp_path / "quarters.csv").read_text()
    (tmp_path / "quarters.csv").unlink()
    (tmp_path / "quarters.csv").write_text(text.replace(",", ";"))
    ended = hourcast("forecast", "q.toml", *QUICK)
    assert ended.code == 3
    assert "separator of the fields was ',' and is ';'" in ended.err
    assert hourcast("check", "q.toml", "--time-zone", "Europe/Paris").code == 2


def test_a_target_is_asked_for_where_the_file_does_not_say_it(hourcast):
    ended = hourcast("forecast", "meter.csv", *QUICK)
    assert ended.code == 3
    assert "numeric columns are kwh, temperature, bookings" in ended.err
    assert "--target 'kwh'" in ended.err
