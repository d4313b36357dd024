"""When a new model is due, and whether it takes over: by schedule, on error, on drift of data and weather."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest

from forecasting.monitor.charts import Chart
from forecasting.monitor.drift import Drift, drifts
from forecasting.run import models, once
from forecasting.run.models import Candidates, Loaded, training_due
from forecasting.run.readings import read
from tests.contracts.series import view
from tests.forecasting.run.conftest import NEXT
from tests.forecasting.store.test_store import model

MARCH = "2024-03-01T00:00:00Z"
LATE = "2024-03-05T06:05Z"


def chart(name, since=None):
    return Chart(name=name, centre=0.5, low=None, high=1.0, average=np.array([2.0]), since=since, first=since)


def drift(share, column="target"):
    return Drift(column=column, item="meter", share=share, low=0.0, high=1.0)


ERROR, COVERAGE, DRIFT = chart("error", MARCH), chart("coverage", MARCH), drift(0.3, "temperature")


@pytest.mark.parametrize(
    ("settings", "charts", "drift", "words"),
    [
        ("", [], [], None),
        ('every = "4d"', [], [], "by schedule, 4 days after the last one"),
        ("", [ERROR], [], f"error beyond what was promised since {MARCH}"),
        ("on_error = false", [ERROR], [], None),
        ("", [chart("bias")], [], None),
        ("", [COVERAGE], [], None),
        ("", [], [DRIFT], "temperature of 'meter' unlike what the model was trained on"),
        ("", [], [drift(0.19)], None),
        ("on_drift = false", [], [DRIFT], None),
        ('wait = "5d"\nevery = "1d"', [ERROR], [DRIFT], None),
    ],
)
def test_a_new_model_is_due(bare, settings, charts, drift, words):
    bare.change("[training]\n", f"[training]\n{settings}\n")
    champion = model("m1", "champion", MARCH)
    order, loaded = bare.order(LATE), Loaded(record=champion, model=None)
    found = training_due(order, loaded, [champion], charts, drift)
    assert (None if found is None else found.words) == words
    assert training_due(order, None, [], [], []).words == "there is no model yet"


def test_an_attempt_that_failed_counts_for_the_wait(bare):
    champion, tried = (
        model("m1", "champion", "2024-01-01T00:00:00Z"),
        model("m2", "rejected", "2024-03-04T00:00:00Z"),
    )
    loaded = Loaded(record=champion, model=None)
    assert training_due(bare.order(LATE), loaded, [tried, champion], [ERROR], []) is None
    assert training_due(bare.order(LATE), loaded, [champion], [ERROR], []) is not None


def test_drift_is_told_of_readings_and_of_weather():
    trained = view(days=60)
    shifted = trained.raw.copy()
    shifted[:, -48:] += 100.0
    warmer = {"temperature": trained.weather["temperature"] + 40.0}

    def told(**changed):
        found = drifts(
            SimpleNamespace(view=trained), SimpleNamespace(view=replace(trained, **changed), task=trained.task)
        )
        return [(one.column, round(one.share, 1)) for one in found if one.drifted]

    assert told() == []
    assert told(raw=shifted) == [("target", 0.3)]
    assert told(weather=warmer) == [("temperature", 1.0)]


@pytest.mark.parametrize("wins", [True, False])
def test_a_challenger_takes_over_only_where_it_is_better_and_the_old_model_is_kept(place, monkeypatch, wins):
    place.change("[training]\n", '[training]\nevery = "12h"\nwait = "12h"\n')
    (old,) = place.store.models("hourcast")
    result = {
        "days": 21,
        "champion": 0.5,
        "challenger": 0.4,
        "p_value": 0.01 if wins else 0.4,
        "wins": wins,
        "why": "so",
    }
    monkeypatch.setattr(once, "contest", lambda *_: result)
    outcome = place.run(NEXT)
    newest, oldest = place.store.models("hourcast")
    assert (outcome.exit_code, newest.contest, newest.reason) == (
        0,
        result,
        "by schedule, 1 days after the last one",
    )
    assert (newest.status, oldest.status) == (("champion", "former") if wins else ("rejected", "champion"))
    assert outcome.run.model_id == (newest if wins else old).model_id
    assert place.store.model_folder(old.model_id).is_dir()
    assert place.store.model_folder(newest.model_id).is_dir() == wins


@dataclass
class Astray:
    """A fitted model whose forecasts are off by so much."""

    real: object
    off: float

    def fitted(self):
        return self.real.fitted()[0], self

    def predict(self, seen, cutoffs):
        made = self.real.fitted()[1].predict(seen, cutoffs)
        return replace(made, mean=made.mean + self.off)


def test_a_contest_is_of_days_after_the_training_of_the_old_model(bare, monkeypatch):
    assert bare.run("2024-02-09T06:05Z").exit_code == 0
    order = bare.order("2024-02-23T06:05Z")
    known = Candidates(order, [])
    champion, case = known.best, read(order, known, [])
    made = models._three_weeks(order)
    monkeypatch.setattr(models, "_three_weeks", lambda _: made)

    def tried(off, since=None):
        return models.contest(order, replace(champion, model=Astray(champion.model, off)), case, since)

    as_it_is, astray = tried(0.0), tried(30.0)
    assert as_it_is["days"] == astray["days"] >= 5
    assert as_it_is["challenger"] == astray["challenger"]
    assert (astray["wins"], astray["why"]) == (True, "better beyond luck")
    assert astray["p_value"] < 0.05
    with monkeypatch.context() as patched:
        patched.setattr(models, "diebold_mariano", lambda _: models.LEVEL)
        assert not tried(30.0)["wins"], "better, but it may be luck"
    with monkeypatch.context() as patched:
        patched.setattr(models, "_three_weeks", lambda _: made.assign(mean=made["mean"] + 30.0))
        worse = tried(0.0)
    assert worse["p_value"] < 0.05, "a difference that is no luck"
    assert not worse["wins"], "for it is the challenger that is worse"
    assert tried(30.0, since="2024-02-21T00:00:00Z")["days"] == 2, "only days since something went wrong"
    assert tried(30.0, since="2024-02-25T00:00:00Z") == {
        "days": 0, "wins": False, "why": "not tried on any day that neither was trained on",
    }  # fmt: skip
