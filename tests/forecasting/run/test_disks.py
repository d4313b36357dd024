"""Runs that find the disk full, or one for reading only: all stays as it was, and the next one finishes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections import Counter
from contextlib import contextmanager

import pytest

from tests.forecasting.run.children import fork, hour, readable, sound, wait
from tests.forecasting.run.conftest import NEXT, Place

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@contextmanager
def limited(size):
    """Let no file of this process grow beyond a size, as a full disk does not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def run_forked(place, as_of, **options):
    return wait(fork(lambda: place.run(as_of, **options).exit_code))


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


@contextmanager
def reading_only(disk, _leave):
    """The disk lets nobody write."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def filled(disk, leave):
    """The disk is full but for some bytes."""
    space = shutil.disk_usage(disk).free
    (disk / "filler").write_bytes(b"\0" * max(0, space - leave))
    yield
    (disk / "filler").unlink()


@pytest.mark.soak
def test_fifty_runs_on_a_full_disk_or_one_for_reading_only(stored, tmp_path, monkeypatch):
    chance, codes = random.Random(2), Counter()
    with small_disk(tmp_path / "disk", "4m") as disk:
        shutil.copytree(stored.folder, disk / "place")
        monkeypatch.chdir(disk / "place")
        there = Place(disk / "place")
        for number in range(50):
            as_of, forced = hour(number), number >= 40
            broken = reading_only if number % 2 else filled
            with broken(disk, chance.randrange(0, 400_000)):
                code = run_forked(there, as_of, force=forced)
            assert code in (0, 4) if broken is filled else code == 4, number
            codes[broken.__name__, code] += 1
            readable(there)
            again = run_forked(there, as_of, force=forced)
            assert again == 0 or (code == 0 and again == 99), (number, code, again)
            sound(there)
        monkeypatch.chdir(tmp_path)
    print(codes)  # noqa: T201 - shown by pytest -rP
    assert codes["filled", 4] >= 10
