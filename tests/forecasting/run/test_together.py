"""Runs that start together, and runs whose server goes away."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter

import pytest

from forecasting.run import once
from tests.connectors.conftest import own_server
from tests.forecasting.run.children import (
    NAMES,
    alive,
    fork,
    hour,
    marked,
    marked_run,
    readable,
    sound,
    wait,
)
from tests.forecasting.run.conftest import NEXT, at, on_postgres

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def together(place, as_of, **options):
    """Two runs that start at the same moment; how they ended, sorted."""
    ready, go = os.pipe()

    def run():
        os.close(go)
        os.read(ready, 1)
        return place.run(as_of, **options).exit_code

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
    ends += [tuple(together(stored, hour(number % 38), force=True)) for number in range(62)]
    assert Counter(ends) == {(0, 75): 100}
    sound(stored)


@pytest.mark.soak
def test_two_first_runs_that_start_together(bare):
    """Neither finds a store; one makes it, and the model, and the forecast."""
    for _ in range(5):
        assert together(bare, hour(0)) == [0, 75]
        sound(bare)
        for left in ("bi", "hourcast-runs"):
            shutil.rmtree(bare.folder / left)
        (bare.folder / "bi.db").unlink()


@pytest.fixture
def served(place, monkeypatch):
    """A place whose record is on a server of its own, and the server."""
    with own_server() as server:
        monkeypatch.setenv("OWN_PG_PASSWORD", server.password)
        on_postgres(place, f"postgresql://{server.user}:${{OWN_PG_PASSWORD}}@{server.place}/postgres")
        assert wait(fork(lambda: place.run().exit_code)) == 0
        yield place, server


def test_a_server_that_stops_in_mid_run_is_said_and_the_next_run_finishes(served, monkeypatch):
    place, server = served
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


@pytest.mark.soak
def test_a_server_that_stops_at_random_instants(served):
    """It stops fast, or as after a loss of power, at any instant of a part of the run, each part as likely."""
    place, server = served
    chance, ends = random.Random(3), Counter()
    lengths = marked_run(place, at("2024-02-22T06:35Z"), force=True)[1]
    for number in range(40):
        part = chance.choice([name for name in NAMES if name in lengths])
        code, hit = stopped_in(place, server, hour(number), part, chance.uniform(0.0, lengths[part]))
        ends[hit, code] += 1
        readable(place)
        server.start()
        # One that only forgets old runs is recorded already: without force it would have nothing to do.
        again, lengths = marked_run(place, hour(number), force=code == 0 or hit == "forget")
        assert code in (0, 75), (hit, code)
        assert again == 0, (hit, code, again)
        sound(place)
    print(*sorted(ends.items(), key=str), sep="\n")  # noqa: T201 - shown by pytest -rP
    assert sum(count for (_, code), count in ends.items() if code == 75) >= 15


def stopped_in(place, server, as_of, part, seconds):
    """A run whose server is stopped some time after a part of it began: how it ended, and the part it was in."""
    child, marks = marked(place, as_of)
    marks.only_hear()
    if marks.hear(part):
        time.sleep(seconds)
    hit = marks.last if alive(child) else None
    server.stop()
    code = wait(child)
    marks.close()
    return code, hit
