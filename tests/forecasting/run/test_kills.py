"""Runs that are killed at any instant: the next one finds all sound and finishes."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from connectors.exports import atomic, targets
from forecasting.automl import AutoForecaster
from forecasting.store import store as store_module
from tests.forecasting.run.children import (
    NAMES,
    fork,
    hour,
    killed_in,
    marked_run,
    readable,
    sound,
    wait,
)
from tests.forecasting.run.conftest import at

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
RESULTS = os.environ.get("HOURCAST_KILLS", "")


def dying(function, *, call, when=lambda *_args: True):
    """The same function, in which the process is killed at one of its calls."""
    left = [call]

    def died(*args, **kwargs):
        left[0] -= bool(when(*args))
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return died


@pytest.mark.parametrize(
    ("holder", "name", "call"),
    [
        (store_module, "_upsert", 3),  # the run is written, its forecasts are not
        (atomic, "_put_in_place", 2),  # one file is new, the next one is written and not in its place
        (targets._Alchemy, "upsert", 2),  # in the midst of the transaction of an export
        (store_module.Store, "handed_over", 1),  # all is written, and this is not known yet
    ],
)
def test_a_run_that_is_killed_leaves_all_sound_and_the_next_one_finishes(place, holder, name, call):
    def killed():
        setattr(holder, name, dying(getattr(holder, name), call=call))
        return place.run(hour(0)).exit_code

    assert wait(fork(killed)) == -signal.SIGKILL
    readable(place)
    assert wait(fork(lambda: place.run(hour(0)).exit_code)) == 0
    sound(place)


def test_a_first_run_that_is_killed_while_it_trains_is_made_anew(bare):
    def killed():
        # the forecasters are chosen and nothing is kept yet; a fixed time might come before that or after the end
        AutoForecaster._say = lambda _self, stage, *_rest: stage == "judge" and os.kill(os.getpid(), signal.SIGKILL)
        return bare.run().exit_code

    assert wait(fork(killed)) == -signal.SIGKILL
    assert wait(fork(lambda: bare.run().exit_code)) == 0
    sound(bare)


def test_a_model_that_is_half_saved_when_the_run_is_killed_is_taken_away(bare):
    def killed():
        store_module.Store.keep_model = dying(store_module.Store.keep_model, call=1)
        return bare.run().exit_code

    assert wait(fork(killed)) == -signal.SIGKILL
    assert len(list(bare.store.model_folder("x").parent.iterdir())) == 1
    assert wait(fork(lambda: bare.run("2024-02-22T07:05Z").exit_code)) == 0
    sound(bare)


@pytest.mark.soak
def test_two_hundred_runs_killed_at_random_instants(stored):
    """Half of them at any instant of the whole run, half at any instant of a part of it, each part as likely.

    Every tenth has no model it can use, and trains; every tenth is due for a contest of models.
    """
    chance, hits = random.Random(1), Counter()
    for number in range(200):
        begin_anew(stored, number)
        sort = {3: damaged, 7: contested}.get(number % 10, as_it_is)
        lengths = sort(stored)
        parts = [name for name in NAMES if name in lengths]
        part = chance.choice(parts)
        seconds = chance.uniform(0.0, lengths[part])
        if number % 2:
            part, seconds = "start", chance.uniform(0.0, sum(lengths.values()))
        hits[killed_in(stored, hour(number), part, seconds)] += 1
        readable(stored)
        code, lengths = marked_run(stored, hour(number))
        assert code in (0, 99)
        if code == 0:
            LENGTHS[sort] = lengths
        sound(stored)
    tell(hits)
    assert hits[None] < 60
    assert {"read", "score", "contest", "train", "forecast", "record", "files", "database"} <= set(hits)


#: Seconds of the parts of the last run of each sort.
LENGTHS = {}
#: What makes a new model due.
EVERY_HOUR = 'every = "1h"\nwait = "1h"\n'


def begin_anew(place, number):
    """When the clock comes round, forget every run, so that each has something to do."""
    if number and number % 40 == 0:
        shutil.rmtree(place.folder / "bi")
        (place.folder / "bi.db").unlink()
        with place.store_cleared():
            assert wait(fork(lambda: place.run().exit_code)) == 0


def as_it_is(place):
    """A run with a model that is there."""
    place.write(place.settings.read_text().replace(EVERY_HOUR, ""))
    return LENGTHS.get(as_it_is) or marked_run(place, at("2024-02-22T06:35Z"), force=True)[1]


def damaged(place):
    """A run without one: what was saved is spoilt."""
    plain = as_it_is(place)
    for folder in place.store.model_folder("x").parent.iterdir():
        (folder / "arrays.npz").write_bytes(b"no")
    return LENGTHS.get(damaged) or {**plain, "train": 1.0, "save": 0.05, "keep model": 0.05}


def contested(place):
    """A run in which a new model is due."""
    plain = as_it_is(place)
    place.change("[training]\n", f"[training]\n{EVERY_HOUR}")
    return LENGTHS.get(contested) or {**plain, "contest": 1.0}


def tell(hits):
    """Write where the kills fell."""
    text = "\n".join(f"{name or 'ended before'}\t{hits[name]}" for name in (*NAMES, None) if hits[name])
    print(text)  # noqa: T201 - shown by pytest -rP
    if RESULTS:
        with Path(RESULTS).open("a") as file:
            file.write(text + "\n\n")
