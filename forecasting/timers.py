"""What starts scheduled runs: a systemd timer, a line for cron, a task of Windows. Each calls the command line.

Several jobs with the same times share one; jobs with other times get one each.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from connectors.errors import ConfigError, OutputError, near_name
from connectors.exports.atomic import replace_file
from connectors.exports.partitions import make_folder
from forecasting.job import DAYS
from forecasting.schedule import zone_of

if TYPE_CHECKING:
    from forecasting.config import Config
    from forecasting.job import Job

KINDS = ("systemd", "cron", "windows")
_WINDOWS_DAYS = dict(
    zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)


@dataclass(frozen=True, kw_only=True)
class Timers:
    """Files that start runs, and the commands that put them to work.

    Attributes:
        kind: One of ``KINDS``.
        files: Texts by name.
        steps: Commands to run afterwards, as a shell would take them.
    """

    kind: str
    files: dict[str, str]
    steps: list[str] = field(default_factory=list)


def timers(config: Config, kind: str | None = None, platform: str = sys.platform) -> Timers:
    """What starts the jobs of a file.

    Args:
        config: The file.
        kind: One of ``KINDS``; None for that of the platform.
        platform: As ``sys.platform``.

    Raises:
        ConfigError: If there is no such kind.
    """
    chosen = kind or ("windows" if platform == "win32" else "systemd" if platform.startswith("linux") else "cron")
    makers = {"systemd": _systemd, "cron": _cron, "windows": _windows}
    if chosen not in makers:
        raise ConfigError(f"There is no kind of timer {chosen!r}.", fix=near_name(chosen, KINDS))
    files: dict[str, str] = {}
    for job, name in _groups(config):
        files |= makers[chosen](config, job, name)
    return Timers(kind=chosen, files=files, steps=_steps(chosen, files))


def _groups(config: Config) -> list[tuple[Job, str]]:
    """A job for each time at which some are run; and its name, or that of the file where all run together."""
    jobs = list(config.jobs.values())
    if len({(repr(job.schedule), str(zone_of(job))) for job in jobs}) == 1:
        return [(jobs[0], "")]
    return [(job, job.name) for job in jobs]


def command(config: Config, name: str) -> list[str]:
    """The command that runs a job, or all of a file when it has no name; every path is whole."""
    run = [sys.executable, "-m", "forecasting", "run", str(config.path)]
    return [*run, "--job", name] if name else run


def _stem(config: Config, name: str) -> str:
    return f"hourcast-{config.path.stem}" + (f"-{name}" if name else "")


def _systemd(config: Config, job: Job, name: str) -> dict[str, str]:
    schedule, zone = job.schedule, zone_of(job)
    days = ",".join(day.capitalize() for day in schedule.days)
    if schedule.every is None:
        at = [f"OnCalendar={f'{days} ' if days else ''}*-*-* {words}:00 {zone}" for words in schedule.at]
    else:
        at = [f"OnCalendar={line}" for line in _systemd_every(job)]
    stem = _stem(config, name)
    service = [
        "[Unit]", f"Description=hourcast run of {config.path.name}", "", "[Service]", "Type=oneshot",
        f"WorkingDirectory={config.path.parent}", f"ExecStart={shlex.join(command(config, name))}",
        "SuccessExitStatus=99", "Nice=10", "",
    ]  # fmt: skip
    timer = [
        "[Unit]", f"Description=Times of {stem}.service", "", "[Timer]", *at,
        "Persistent=true", "RandomizedDelaySec=60", "", "[Install]", "WantedBy=timers.target", "",
    ]  # fmt: skip
    return {f"{stem}.service": "\n".join(service), f"{stem}.timer": "\n".join(timer)}


def _systemd_every(job: Job) -> list[str]:
    every = job.schedule.every
    assert every is not None
    minutes = int(every.total_seconds() // 60)
    if minutes < 60 and 60 % minutes == 0:
        return [f"*-*-* *:0/{minutes}:00 UTC"]
    return [f"*-*-* {at // 60:02d}:{at % 60:02d}:00 UTC" for at in range(0, 24 * 60, minutes)]


def _cron(config: Config, job: Job, name: str) -> dict[str, str]:
    """A line that asks every quarter of an hour whether a run is due: cron neither catches up nor knows zones."""
    run = shlex.join(command(config, name))
    asked = shlex.join(
        [*command(config, name)[:3], "schedule", "due", str(config.path)] + (["--job", name] if name else [])
    )
    folder, minutes = shlex.quote(str(config.path.parent)), "*/15" if job.schedule.every is None else "*/5"
    return {f"{_stem(config, name)}.cron": f"{minutes} * * * * cd {folder} && {asked} >/dev/null && {run}\n"}


def _windows(config: Config, job: Job, name: str) -> dict[str, str]:
    schedule = job.schedule
    if schedule.every is None:
        triggers = [_windows_calendar(words, schedule.days) for words in schedule.at]
    else:
        minutes = int(schedule.every.total_seconds() // 60)
        repeat = f"<Repetition><Interval>PT{minutes}M</Interval><Duration>P1D</Duration></Repetition>"
        triggers = [_windows_calendar("00:00", (), repeat)]
    program, *words = command(config, name)
    text = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>hourcast run of {escape(config.path.name)}</Description></RegistrationInfo>
  <Triggers>
    {"".join(triggers)}
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <StartWhenAvailable>true</StartWhenAvailable>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>
  </Settings>
  <Actions>
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(subprocess.list2cmdline(words))}</Arguments>
      <WorkingDirectory>{escape(str(config.path.parent))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
    return {f"{_stem(config, name)}.xml": text}


def _windows_calendar(at: str, days: tuple[str, ...], repeat: str = "") -> str:
    """A trigger by the local clock of the machine."""
    week = "".join(f"<{_WINDOWS_DAYS[day]}/>" for day in days)
    by = (
        f"<ScheduleByWeek><WeeksInterval>1</WeeksInterval><DaysOfWeek>{week}</DaysOfWeek></ScheduleByWeek>"
        if week
        else "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>"
    )
    return (
        f"<CalendarTrigger>{repeat}<StartBoundary>2024-01-01T{at}:00</StartBoundary><Enabled>true</Enabled>{by}"
        "</CalendarTrigger>"
    )


def _steps(kind: str, files: dict[str, str]) -> list[str]:
    if kind == "systemd":
        names = shlex.join(name for name in files if name.endswith(".timer"))
        return ["systemctl --user daemon-reload", f"systemctl --user enable --now {names}"]
    if kind == "windows":
        return [f'schtasks /Create /TN "{name.removesuffix(".xml")}" /XML "{name}"' for name in files]
    return ["crontab -l | cat - " + shlex.join(files) + " | crontab -"]


def install(made: Timers, home: Path | None = None) -> list[str]:
    """Put timers to work for this user; says what was done and what is left to do.

    Files are written where systemd looks for them, and into the folder of the settings otherwise. A program of the
    system that is not there, or refuses, is said with its command.

    Raises:
        OutputError: If a file cannot be written.
    """
    folder = (home or Path.home()) / ".config" / "systemd" / "user" if made.kind == "systemd" else Path()
    make_folder(folder)
    said = []
    for name, text in made.files.items():
        encoding = "utf-16" if made.kind == "windows" else "utf-8"
        replace_file(folder / name, partial(_write, text=text, encoding=encoding))
        said.append(f"written: {folder / name}")
    return said + [line for step in made.steps for line in _taken(step)]


def _write(path: Path, *, text: str, encoding: str) -> None:
    path.write_text(text, encoding=encoding)


def _taken(step: str) -> list[str]:
    try:
        done = subprocess.run(step, shell=True, capture_output=True, text=True, check=False, timeout=60)  # noqa: S602
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutputError(f"{step} could not be run: {error}.", fix="Run it by hand.") from error
    if done.returncode:
        return [f"could not be done here, run it by hand: {step} ({done.stderr.strip()[:200]})"]
    return [f"done: {step}"]
