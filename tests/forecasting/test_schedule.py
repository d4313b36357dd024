"""When runs are due: a pure function, right through both changes of the clock; and what starts them."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import ConfigError
from forecasting import watch
from forecasting.config import Config, job_of
from forecasting.schedule import due, next_slot, slots
from forecasting.timers import command, install, timers

SOURCE = {"path": "meter.csv", "target": "kwh", "time_zone": "Europe/Paris"}


def job(name="north", **schedule):
    return job_of(name, {"source": SOURCE, "schedule": schedule})


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def found(one, first, last):
    return [f"{at:%m-%dT%H:%M}" for at in slots(one, first, last)]


def test_times_are_local_and_follow_the_clock():
    morning = job(at=["06:05"])
    assert found(morning, utc(2024, 3, 30), utc(2024, 4, 1)) == ["03-30T05:05", "03-31T04:05"]
    assert found(morning, utc(2024, 10, 26), utc(2024, 10, 28)) == ["10-26T04:05", "10-27T05:05"]


def test_a_time_the_clock_skips_is_due_when_it_skips_it():
    assert found(job(at=["02:30"]), utc(2024, 3, 30, 12), utc(2024, 4, 1)) == ["03-31T01:00"]


def test_a_time_the_clock_shows_twice_is_due_once():
    assert found(job(at=["02:30"]), utc(2024, 10, 26, 12), utc(2024, 10, 27, 12)) == ["10-27T00:30"]


def test_days_and_intervals():
    weekdays = job(at=["12:00"], days=["mon", "fri"])
    assert found(weekdays, utc(2024, 1, 1), utc(2024, 1, 9)) == ["01-01T11:00", "01-05T11:00", "01-08T11:00"]
    hours = job(every="8h")
    assert found(hours, utc(2024, 1, 1), utc(2024, 1, 2)) == ["01-01T00:00", "01-01T08:00", "01-01T16:00"]


def test_due_is_a_pure_function_of_job_last_run_and_now():
    one = job(at=["06:05"])
    assert due(one, None, utc(2024, 1, 1, 5, 5)).due
    assert not due(one, utc(2024, 1, 1, 5, 5), utc(2024, 1, 1, 23)).due
    late = due(one, utc(2024, 1, 1, 5, 5), utc(2024, 1, 4, 9))
    assert (late.due, late.at) == (True, utc(2024, 1, 4, 5, 5)), "one run makes up for three mornings"
    assert due(one, utc(2024, 1, 4, 9), utc(2024, 1, 4, 9)).at == utc(2024, 1, 5, 5, 5)
    assert next_slot(one, utc(2024, 1, 4, 5, 5)) == utc(2024, 1, 5, 5, 5)


def config(tmp_path, *jobs):
    return Config(
        path=tmp_path / "it is.toml", jobs={one.name: one for one in jobs or (job(at=["06:05", "18:00"]),)}
    )


def test_a_timer_of_systemd_says_zone_and_days(tmp_path):
    made = timers(config(tmp_path, job(at=["06:05"], days=["mon", "tue"])), "systemd")
    service, timer = made.files.values()
    assert "OnCalendar=Mon,Tue *-*-* 06:05:00 Europe/Paris" in timer
    assert "Persistent=true" in timer
    assert "SuccessExitStatus=99" in service
    assert f"run '{tmp_path}/it is.toml'" in service
    assert (
        "OnCalendar=*-*-* *:0/15:00 UTC"
        in timers(config(tmp_path, job(every="15min")), "systemd").files.popitem()[1]
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_the_times(tmp_path):
    for one in (job(at=["06:05"], days=["mon"]), job(every="90min"), job(every="5min")):
        timer = timers(config(tmp_path, one), "systemd").files.popitem()[1]
        for line in timer.splitlines():
            if line.startswith("OnCalendar="):
                subprocess.run(
                    ["systemd-analyze", "calendar", line.partition("=")[2]], check=True, capture_output=True
                )


def test_a_line_of_cron_asks_whether_a_run_is_due(tmp_path):
    (line,) = timers(config(tmp_path), "cron").files.values()
    assert line.startswith("*/15 * * * * cd ")
    assert " schedule due " in line
    assert line.index("schedule due") < line.index("&& ", line.index("schedule due")) < line.index(" run ")


def test_a_task_of_windows_is_sound_xml(tmp_path):
    made = timers(config(tmp_path, job(at=["06:05", "18:00"], days=["mon"])), "windows")
    (text,) = made.files.values()
    root = ET.fromstring(text.partition("\n")[2])
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    starts = [one.text for one in root.findall(".//t:StartBoundary", space)]
    assert starts == ["2024-01-01T06:05:00", "2024-01-01T18:00:00"]
    assert root.find(".//t:StartWhenAvailable", space).text == "true"
    assert root.find(".//t:MultipleInstancesPolicy", space).text == "IgnoreNew"
    assert root.findall(".//t:Monday", space)


def test_jobs_with_other_times_get_a_timer_each(tmp_path):
    both = config(tmp_path, job("north", at=["06:05"]), job("south", at=["07:05"]))
    assert len(timers(both, "systemd").files) == 4
    assert command(both, "south")[-2:] == ["--job", "south"]
    same = config(tmp_path, job("north"), job("south"))
    assert len(timers(same, "systemd").files) == 2
    with pytest.raises(ConfigError, match="Did you mean 'cron'"):
        timers(same, "crom")


def test_installing_writes_the_files_and_says_what_could_not_be_done(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    said = install(timers(config(tmp_path), "systemd"), home=tmp_path)
    folder = tmp_path / ".config" / "systemd" / "user"
    assert {path.suffix for path in folder.iterdir()} == {".service", ".timer"}
    assert [line for line in said if line.startswith("could not be done here, run it by hand: systemctl")]


def test_a_watch_runs_each_job_when_it_is_due(tmp_path, monkeypatch):
    pytest.importorskip("apscheduler")
    ran = []

    class Done:
        returncode = 0

    monkeypatch.setattr(watch.subprocess, "run", lambda command, **_: ran.append(command[-1]) or Done())
    monkeypatch.setattr(watch, "next_slot", lambda _job, now: now + timedelta(seconds=0.05))
    both = config(tmp_path, job("north"), job("south"))
    assert watch.keep_watch(both, runs=3) >= 3
    assert set(ran) == {"north", "south"}
    assert Path(tmp_path).is_dir()
