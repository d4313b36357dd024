"""Faults are injected where and as asked for, and nowhere else."""

import numpy as np
import pandas as pd
import pytest

from backtests.faults import FAULTS, SEEDS, TO_THE_END, Wanted, inject, local_deviation, places, repeat_rows
from connectors.errors import ConfigError, DataError

DAY = 24


def load(days=30):
    at = np.arange(days * DAY)
    return 100 + 30 * np.sin(2 * np.pi * at / DAY) + np.random.default_rng(0).normal(0, 2, len(at))


def broken(kind, *, start=400, length=6, size=0.0):
    return inject(load(), kind, Wanted(start=start, length=length, size=size))


@pytest.mark.parametrize("kind", list(FAULTS))
@pytest.mark.parametrize("length", [1, 6, 24, TO_THE_END])
def test_only_the_stretch_is_changed_and_the_array_given_is_not(kind, length):
    values = load()
    found = inject(values, kind, Wanted(start=400, length=length, size=2))
    stretch = slice(400, None if length is None else 400 + length)
    assert np.array_equal(values, load())
    assert found.positions.tolist() == list(range(len(values)))[stretch]
    outside = np.delete(np.arange(len(values)), found.positions)
    assert np.array_equal(found.values[outside], values[outside])
    assert found.kind == kind


def test_each_kind_is_what_its_name_says():
    values, at = load(), slice(400, 406)
    assert np.isnan(broken("missing").values[at]).all()
    assert (broken("zero run").values[at] == 0).all()
    assert (broken("stuck").values[at] == values[400]).all()
    assert np.array_equal(broken("negative").values[at], -values[at])
    assert np.array_equal(broken("unit jump", size=1000).values[at], 1000 * values[at])
    assert np.array_equal(broken("clock shift", size=1).values[at], values[401:407])
    assert np.array_equal(broken("clock shift", size=-1).values[at], values[399:405])
    assert np.allclose(broken("reset").values[at] / values[at], np.arange(6) / 6)


@pytest.mark.parametrize("kind", ["spike", "level shift"])
def test_sizes_are_in_local_deviations(kind):
    values = load()
    scale = local_deviation(values, 400, DAY)
    assert scale == pytest.approx(1.4826 * 30 * np.sqrt(0.5), rel=0.15)
    for size in (3, -1):
        made = broken(kind, size=size).values
        assert made[400:406] - values[400:406] == pytest.approx(np.full(6, size * scale))


def test_a_load_is_never_lowered_below_zero():
    assert (broken("level shift", size=-12).values > 0).all()


def test_the_same_seed_gives_the_same_places_and_they_keep_off_gaps_and_ends():
    values = load()
    values[300:350] = np.nan
    found = [places(values, seed, number=20, margins=(200, 100)) for seed in SEEDS]
    assert np.array_equal(found[0], places(values, SEEDS[0], number=20, margins=(200, 100)))
    assert not np.array_equal(found[0], found[1])
    at = np.concatenate(found)
    assert at.min() >= 200
    assert at.max() < len(values) - 100
    assert np.isfinite(values[at]).all()
    assert all((np.diff(one) > 0).all() for one in found)


def test_rows_are_repeated_at_random_places():
    table = pd.DataFrame({"timestamp": range(50), "target": np.arange(50.0)})
    rows = np.array([3, 7, 20])
    copies = repeat_rows(table, rows, how="copy", seed=1)
    assert copies[copies.duplicated()]["target"].tolist() == [3.0, 7.0, 20.0] or copies.duplicated().sum() == 3
    assert copies.drop_duplicates().sort_values("timestamp")["target"].tolist() == table["target"].tolist()
    others = repeat_rows(table, rows, how="other value", seed=1)
    assert not others.duplicated().any()
    assert others["timestamp"].duplicated().sum() == 3
    assert not others["timestamp"].is_monotonic_increasing


def test_what_does_not_fit_is_refused():
    with pytest.raises(ConfigError, match="no fault to inject 'stuk'"):
        broken("stuk")
    with pytest.raises(ConfigError, match="from position 718 to 723 in 720"):
        broken("stuck", start=718)
    with pytest.raises(DataError, match="can hold a fault"):
        places(load(), 1, number=20, margins=(400, 310))


def test_where_nothing_was_read_there_is_no_deviation():
    assert local_deviation(np.full(50, np.nan), 20, DAY) == 0
