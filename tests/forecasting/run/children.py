"""Runs as children of the test, forked, so that they can be killed as the system kills: at once, nothing tidied up.

A child tells how far it has come by marks in memory it shares with the test, so that kills fall where they are
meant to.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import signal
import sqlite3
import struct
import time
from contextlib import closing

import pandas as pd

from connectors.exports import publish
from forecasting.automl import AutoForecaster
from forecasting.run import hand_over, once
from forecasting.store.store import Store

KEY = ["item_id", "cutoff", "timestamp"]
STEPS = 24
#: The parts of a run, and where each begins; the first is the start.
PHASES = {
    "start": None,
    "read": (once, "read"),
    "score": (once, "_look_back"),
    "contest": (once, "contest"),
    "train": (once, "train"),
    "save": (AutoForecaster, "save"),
    "keep model": (Store, "keep_model"),
    "forecast": (once, "climb"),
    "record": (Store, "keep"),
    "tables": (hand_over, "export_tables"),
    "files": (publish, "_write_folder"),
    "describe": (publish, "write_datapackage"),
    "database": (publish, "write_tables"),
    "handed over": (Store, "handed_over"),
    "forget": (Store, "prune"),
}
NAMES = tuple(PHASES)


def fork(work):
    """Start a child; it ends with what ``work`` returns."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work()
        except BaseException:  # noqa: BLE001 - a child never comes back into the test
            code = 98
        finally:
            os._exit(code)
    return child


def wait(child):
    """How a child ended: its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def alive(child):
    """Whether a child still works; one that has ended is not taken away by asking."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


class Marks:
    """How far a child has come, and since when: memory both see, and a pipe that wakes who waits for it."""

    def __init__(self):
        self.memory = mmap.mmap(-1, 8 * (len(PHASES) + 1))
        self.reader, self.writer = os.pipe()

    def at(self, name):
        """Note that a part begins."""
        place = NAMES.index(name)
        self.memory[0] = place
        self.memory[8 * (place + 1) : 8 * (place + 2)] = struct.pack("d", time.monotonic())
        os.write(self.writer, bytes([place]))

    def watch(self):
        """Note every part of a run from now on; for a child, which never takes it back."""
        self.at("start")
        for name, where in PHASES.items():
            if where is not None:
                holder, function = where
                setattr(holder, function, self._marking(name, getattr(holder, function)))

    def _marking(self, name, real):
        def marking(*args, **kwargs):
            self.at(name)
            return real(*args, **kwargs)

        return marking

    @property
    def last(self):
        """The part that was last begun."""
        return NAMES[self.memory[0]]

    def lengths(self, ended):
        """Seconds of each part that was begun, given when the last one ended."""
        begun = {n: struct.unpack("d", self.memory[8 * (i + 1) : 8 * (i + 2)])[0] for i, n in enumerate(NAMES)}
        rising = sorted((when, name) for name, when in begun.items() if when)
        until = [when for when, _ in rising[1:]] + [ended]
        return {name: after - when for (when, name), after in zip(rising, until, strict=True)}

    def hear(self, part):
        """Wait until a part begins; whether it did, and the run has not ended before."""
        while told := os.read(self.reader, 1):
            if told[0] >= NAMES.index(part):
                return True
        return False

    def only_hear(self):
        """Leave the telling to the child."""
        os.close(self.writer)

    def close(self):
        """Give memory and pipe back."""
        os.close(self.reader)
        self.memory.close()


def marked(place, as_of, **options):
    """A run that tells how far it has come: the child, and its marks."""
    marks = Marks()
    child = fork(lambda: (marks.watch(), place.run(as_of, **options).exit_code)[1])
    return child, marks


def marked_run(place, as_of, **options):
    """A run that is left alone: its exit code, and the seconds of its parts."""
    child, marks = marked(place, as_of, **options)
    marks.only_hear()
    code = wait(child)
    lengths = marks.lengths(time.monotonic())
    marks.close()
    return code, lengths


def killed_in(place, as_of, part, seconds):
    """A run that is killed some time after a part of it began; the old forecast is read all the while.

    Returns:
        The part it was in; None where it ended before.
    """

    def kill():
        marks.only_hear()
        if marks.hear(part):
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        return 0

    child, marks = marked(place, as_of)
    killer = fork(kill)
    marks.only_hear()
    while alive(child):
        readable(place)
        time.sleep(0.005)
    wait(killer)
    hit = marks.last if wait(child) == -signal.SIGKILL else None
    marks.close()
    return hit


def hour(number):
    """The instant of a run, an hour after the one before, so that each has something to do."""
    return pd.Timestamp("2024-02-22T07:05Z").tz_convert("UTC") + pd.Timedelta(hours=number % 40)


def readable(place):
    """The exported forecast as it is now: whole, whatever is going on."""
    table = pd.read_csv(place.folder / "bi" / "forecast_latest.csv")
    assert len(table) == STEPS
    assert table["mean"].notna().all()


def sound(place):
    """No key twice, no file half written, no draft left; hashes are those of the files."""
    table = place.forecasts()
    assert not table.duplicated(KEY).any()
    assert (table.groupby("cutoff").size() == STEPS).all()
    package = json.loads((place.folder / "bi" / "datapackage.json").read_text())
    for one in package["resources"]:
        digest = hashlib.sha256((place.folder / "bi" / one["path"]).read_bytes()).hexdigest()
        assert one["hash"] == f"sha256:{digest}"
    assert [path.name for path in place.folder.rglob(".*.tmp")] == []
    stored = {one.cutoff for one in place.store.forecasts("hourcast")}
    assert stored == set(table["cutoff"])
    with closing(sqlite3.connect(place.folder / "bi.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM forecast").fetchone() == (len(table),)
    models = {one.model_id for one in place.store.models("hourcast") if one.status in ("champion", "former")}
    assert {path.name for path in place.store.model_folder("x").parent.iterdir()} == models
