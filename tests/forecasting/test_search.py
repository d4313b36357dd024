"""The search is decided by its seed, resumes where it stopped, keeps to its time, and survives what goes wrong."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest

import forecasting.search as search_file
from backtests.windows import Windows
from connectors.errors import ConfigError
from forecasting.choose import _pools
from forecasting.forecasters import FORECASTERS
from forecasting.search import BATCH, Limits, Search
from forecasting.tried import Tried
from forecasting.workers import Workers
from tests.contracts.series import task, view

ASKED = task(weather_covariates=(), known_covariates=(), past_covariates=(), country=None)
CHEAP = ["seasonal_naive", "seasonal_profile", "deviation_ridge"]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    """Only families that fit in milliseconds, and a short portfolio of them."""
    monkeypatch.setattr(search_file, "families", lambda *_: CHEAP)
    first = [("seasonal_naive", {"season": 24}), ("seasonal_naive", {}), ("seasonal_profile", {}), (CHEAP[2], {})]
    monkeypatch.setattr(search_file, "portfolio", lambda *_: first)


def made_search(seen=None, **changes):
    seen = seen or view(ASKED)
    windows = Windows(positions=24 * np.arange(50, 58) - 1, horizon=24, refit=2)
    asked = {
        "view": seen, "task": ASKED, "windows": windows, "workers": Workers(jobs=1),
        "limits": Limits(deadline=float("inf"), trials=12),
    }  # fmt: skip
    return Search(**{**asked, **changes})


def summary(tried):
    return [(one.name, one.settings, one.status, None if np.isnan(one.losses).all() else one.loss) for one in tried]


def test_the_same_seed_is_the_same_search():
    runs = [summary(made_search(seed=3).run()) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != summary(made_search(seed=4).run())


def test_the_number_of_workers_decides_nothing():
    with Workers(jobs=2) as workers:
        many = summary(made_search(workers=workers).run())
    assert many == summary(made_search().run())


def test_the_portfolio_comes_first_and_is_never_pruned():
    tried = made_search().run()
    assert [one.name for one in tried[:4]] == ["seasonal_naive", "seasonal_naive", "seasonal_profile", CHEAP[2]]
    assert all(one.status == "done" for one in tried[:4])
    assert len(tried) == 12


def test_an_interrupted_search_resumes_as_if_it_had_not_been(tmp_path):
    """Ended by the user after two batches and started again, it tries the same as one that ran through."""
    whole = summary(made_search(file=tmp_path / "whole.log").run())
    calls = []

    def stop(tried):
        calls.append(len(tried))
        if len(calls) == 2:
            raise KeyboardInterrupt

    first = made_search(file=tmp_path / "study.log", report=stop)
    assert len(first.run()) == 2 * BATCH
    assert first.ended == "interrupt"
    resumed = made_search(file=tmp_path / "study.log")
    assert summary(resumed.run()) == whole


def test_an_interrupt_in_the_middle_of_a_batch_loses_only_that_batch(tmp_path, monkeypatch):
    whole = summary(made_search(file=tmp_path / "whole.log").run())
    real, calls = search_file.losses, []

    def interrupted(*args, **kwargs):
        calls.append(1)
        if len(calls) == 30:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(search_file, "losses", interrupted)
    first = made_search(file=tmp_path / "study.log")
    assert 0 < len(first.run()) < 12
    monkeypatch.setattr(search_file, "losses", real)
    assert summary(made_search(file=tmp_path / "study.log").run()) == whole


def test_a_study_of_other_data_is_refused(tmp_path):
    made_search(file=tmp_path / "study.log", fingerprint="a", limits=Limits(deadline=9e9, trials=4)).run()
    with pytest.raises(ConfigError, match="other data"):
        made_search(file=tmp_path / "study.log", fingerprint="b").run()


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("timestamp,kwh\n2024-01-01,5\n")
    with pytest.raises(ConfigError, match="not the journal"):
        made_search(file=file).run()
    assert file.read_text().startswith("timestamp,kwh"), "the user's file is left as it was"


def test_it_ends_when_the_time_is_up():
    """The clock jumps past the deadline after the first batch: no second one is asked for."""
    times = iter([0.0] * 3 + [1e6] * 1000)
    search = made_search(limits=Limits(deadline=60.0, trials=None, clock=lambda: next(times)))
    assert len(search.run()) <= 2 * BATCH
    assert search.ended == "time"


def test_it_ends_when_nothing_improves(monkeypatch):
    monkeypatch.setattr(search_file, "PATIENCE", 8)
    search = made_search(limits=Limits(deadline=float("inf"), trials=None))
    tried = search.run()
    complete = [index for index, one in enumerate(tried) if one.complete]
    best = min(complete, key=lambda index: tried[index].loss)
    assert 8 < len(tried) - best <= 8 + BATCH + 1
    assert search.ended == "no better ones"


def test_a_failure_is_a_row(monkeypatch):
    """A forecaster that raises becomes a candidate with its reason; the others go on."""

    def broken(*_):
        raise ZeroDivisionError("no readings on a Tuesday")

    monkeypatch.setattr(FORECASTERS["seasonal_profile"], "_learn", broken)
    tried = made_search().run()
    failed = [one for one in tried if one.name == "seasonal_profile"]
    assert failed
    assert all(one.status == "failed" and "no readings on a Tuesday" in one.failure for one in failed)
    assert any(one.complete for one in tried)


def test_a_clearly_worse_candidate_is_pruned():
    """Some stop after the first and the last block; an earlier one was better on these windows."""
    tried = made_search(limits=Limits(deadline=float("inf"), trials=40)).run()
    pruned = [one for one in tried if one.status == "pruned"]
    assert pruned
    for one in pruned:
        seen = np.isfinite(one.losses)
        assert seen.sum() == 4
        assert one.loss > min(
            other.losses[seen].mean() for other in tried if other.complete and other.number < one.number
        )


def test_what_was_tried_can_be_kept_as_json():
    json.dumps([one.settings for one in made_search().run()])


def judged(name, loss, number=0):
    return Tried(number=number, name=name, settings={}, losses=np.full(8, loss))


def test_the_search_goes_where_most_is_to_gain_for_the_seconds_it_takes():
    """The best family and those near it, the cheaper the more often; one far behind is left alone."""
    search = made_search()
    search._names = [*CHEAP, "regressor"]
    near = [judged("seasonal_profile", 1.0), judged(CHEAP[2], 1.0), judged("regressor", 1.0)]
    search.tried = [judged("seasonal_naive", 2.0), *near]
    counts = Counter(search._worthwhile(30))
    assert counts["seasonal_naive"] == 0
    assert counts["seasonal_profile"] > counts[CHEAP[2]] > counts["regressor"] > 0


def test_what_a_search_finds_is_weighed_against_the_portfolio():
    first = [judged(name, 1.0 + 0.01 * number, number) for number, name in enumerate(CHEAP)]
    assert [[one.number for one in pool] for pool in _pools(first, 3)] == [[0, 1, 2]]
    found = [*first, judged("regressor", 0.9, 3)]
    assert [[one.number for one in pool] for pool in _pools(found, 3)] == [[0, 1, 2], [3, 0, 1, 2]]
    assert [[one.number for one in pool] for pool in _pools(found[3:], 0)] == [[3]]
