"""Runs that are killed, that find the disk full, that start together: the next one finds all sound and finishes.

A run is a child of the test, forked, so that it can be killed as the system kills: at once, with nothing tidied up.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager

import pandas as pd
import pytest

from forecasting.automl import AutoForecaster
from forecasting.run import once
from tests.connectors.conftest import own_server
from tests.forecasting.run.conftest import NEXT, Place, at

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
KEY = ["item_id", "cutoff", "timestamp"]
STEPS = 24


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


def hour(number):
    """The instant of a run, an hour after the one before, so that each has something to do."""
    return at("2024-02-22T07:05Z") + pd.Timedelta(hours=number % 40)


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
        assert (
            one["hash"] == "sha256:" + hashlib.sha256((place.folder / "bi" / one["path"]).read_bytes()).hexdigest()
        )
    assert [path.name for path in place.folder.rglob(".*.tmp")] == []
    stored = {one.cutoff for one in place.store.forecasts("hourcast")}
    assert stored == set(table["cutoff"])
    with closing(sqlite3.connect(place.folder / "bi.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM forecast").fetchone() == (len(table),)
    models = {one.model_id for one in place.store.models("hourcast") if one.status in ("champion", "former")}
    assert {path.name for path in place.store.model_folder("x").parent.iterdir()} == models


def killed_after(place, as_of, seconds):
    """A run that is killed after some time; the old forecast is read all the while. Whether it was killed."""
    child = fork(lambda: place.run(as_of).exit_code)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        readable(place)
    os.kill(child, signal.SIGKILL)
    return wait(child) == -signal.SIGKILL


def on_postgres(place, url):
    place.write(place.settings.read_text() + f'[store]\nurl = "{url}"\n')


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(place, request):
    """A place whose record is in a database of each kind."""
    if request.param == "postgresql":
        on_postgres(place, request.getfixturevalue("postgres_url"))
        assert wait(fork(lambda: place.run().exit_code)) == 0
    return place


def kill_again_and_again(place, kills, longest, seed):
    chance = random.Random(seed)
    hit = 0
    for number in range(kills):
        if number and number % 40 == 0:
            # The clock comes round: begin anew, so that every run has something to do.
            shutil.rmtree(place.folder / "bi")
            (place.folder / "bi.db").unlink()
            with place.store_cleared():
                assert wait(fork(lambda: place.run().exit_code)) == 0
        hit += killed_and_run_again(place, number, chance.uniform(0.0, longest))
    return hit


def seconds_of_a_run(place):
    started = time.monotonic()
    assert wait(fork(lambda: place.run(at("2024-02-22T06:35Z"), force=True).exit_code)) == 0
    return time.monotonic() - started


def test_a_run_that_is_killed_leaves_all_sound_and_the_next_one_finishes(place):
    length = seconds_of_a_run(place)
    assert sum(killed_and_run_again(place, number, length * (number + 0.5) / 4) for number in range(4)) >= 2


def killed_and_run_again(place, number, seconds):
    hit = killed_after(place, hour(number), seconds)
    readable(place)
    assert wait(fork(lambda: place.run(hour(number)).exit_code)) in (0, 99)
    sound(place)
    return hit


def test_a_first_run_that_is_killed_while_it_trains_is_made_anew(bare):
    def killed():
        # the forecasters are chosen and nothing is kept yet; a fixed time might come before that or after the end
        AutoForecaster._say = lambda _self, stage, *_rest: stage == "judge" and os.kill(os.getpid(), signal.SIGKILL)
        return bare.run().exit_code

    assert wait(fork(killed)) == -signal.SIGKILL
    assert wait(fork(lambda: bare.run().exit_code)) == 0
    sound(bare)


@pytest.mark.soak
def test_two_hundred_runs_killed_at_random_instants(stored):
    length = seconds_of_a_run(stored)
    hits = kill_again_and_again(stored, 200, 1.1 * length, seed=1)
    assert hits > 120


@contextmanager
def limited(size):
    """Let no file of this process grow beyond a size, as a full disk does not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def run_with_limit(place, as_of, size):
    with limited(size):
        return place.run(as_of).exit_code


@pytest.mark.parametrize("size", [2_000, 40_000])
def test_a_disk_that_is_full_leaves_all_as_it_was(place, size):
    before = place.files()
    assert wait(fork(lambda: run_with_limit(place, NEXT, size))) == 4
    assert {path: path.read_bytes() for path in before} == before or size >= 9_000
    readable(place)
    assert wait(fork(lambda: place.run(NEXT).exit_code)) == 0
    sound(place)


@contextmanager
def small_disk(folder, size):
    """A disk of its own below a folder, taken away afterwards."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False)
    if made.returncode:
        pytest.skip("only root may mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.soak
def test_fifty_runs_on_a_full_disk_or_one_for_reading_only(place, tmp_path, monkeypatch):
    with small_disk(tmp_path / "disk", "2m") as disk:
        shutil.copytree(place.folder, disk / "place")
        monkeypatch.chdir(disk / "place")
        there = Place(disk / "place")
        for number in range(50):
            as_of = hour(number % 38)
            if number == 38:
                assert wait(fork(lambda: there.run(hour(39)).exit_code)) == 0
            if number % 2:
                subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
                code = wait(fork(lambda as_of=as_of: there.run(as_of, force=True).exit_code))
                subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
            else:
                fill(disk / "filler", leave=random.Random(number).randrange(0, 60_000))
                code = wait(fork(lambda as_of=as_of: there.run(as_of, force=True).exit_code))
                (disk / "filler").unlink()
            assert code in (0, 4), number
            readable(there)
            assert wait(fork(lambda as_of=as_of: there.run(as_of).exit_code)) in (0, 99)
            sound(there)
        monkeypatch.chdir(tmp_path)


def fill(path, leave):
    """Fill a disk but for some bytes."""
    space = shutil.disk_usage(path.parent).free
    path.write_bytes(b"\0" * max(0, space - leave))


def together(place, as_of):
    """Two runs that start at the same moment; how they ended, sorted."""
    ready, go = os.pipe()

    def run():
        os.close(go)
        os.read(ready, 1)
        return place.run(as_of).exit_code

    children = [fork(run) for _ in range(2)]
    os.close(ready)
    os.close(go)
    return sorted(wait(child) for child in children)


def test_of_two_runs_that_start_together_one_works(stored):
    for number in range(2):
        assert together(stored, hour(number)) == [0, 75]
    sound(stored)


@pytest.mark.soak
def test_a_hundred_times_two_runs_that_start_together(stored):
    ends = [tuple(together(stored, hour(number))) for number in range(38)]
    shutil.rmtree(stored.folder / "bi")
    ends += [tuple(together_forced(stored, hour(number % 38))) for number in range(62)]
    assert set(ends) == {(0, 75)}
    sound(stored)


def together_forced(place, as_of):
    real = place.run
    place.run = lambda when: real(when, force=True)
    try:
        return together(place, as_of)
    finally:
        place.run = real


def test_a_server_that_stops_in_mid_run_is_said_and_the_next_run_finishes(place, monkeypatch):
    with own_server() as server:
        monkeypatch.setenv("OWN_PG_PASSWORD", server.password)
        on_postgres(place, f"postgresql://{server.user}:${{OWN_PG_PASSWORD}}@{server.place}/postgres")
        assert place.run().exit_code == 0
        real = once.climb

        def stop_first(*args):
            server.stop()
            return real(*args)

        with monkeypatch.context() as patched:
            patched.setattr(once, "climb", stop_first)
            outcome = place.run(NEXT)
        assert outcome.exit_code == 75, outcome.message
        assert place.run(NEXT).exit_code == 75, "the server is still away"
        readable(place)
        server.start()
        assert place.run(NEXT).exit_code == 0
        sound(place)
