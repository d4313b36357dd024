"""The cards hold what another person needs to judge and repeat a forecast."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from connectors.version import VERSION
from forecasting import AutoForecaster
from forecasting.cards import data_card, model_card
from forecasting.report.page import render
from forecasting.summary import content_of
from tests.forecasting.test_explain import HORIZON, process


@pytest.fixture(scope="module")
def model():
    frame, _ = process(days=40)
    frame = (
        frame[:-HORIZON].drop(columns=["item_id", "event"]).rename(columns={"timestamp": "time", "target": "kwh"})
    )
    frame.loc[30:32, "kwh"] = float("nan")
    asked = {"weather": ["temperature"], "trials": 4, "jobs": 1, "time_limit": 600, "country": "FR", "seed": 7}
    return AutoForecaster("kwh", horizon=24, **asked).fit(frame)


def test_the_data_card_counts_and_names(model):
    card = data_card(model)
    assert (card["target"], card["unit"], card["step"], card["holidays"]) == ("kwh", "kWh", "h", "FR")
    assert card["readings"] == 40 * 24 - 3
    assert card["missing"] == 3
    assert card["weather"] == ["temperature"]
    assert card["fingerprint"] == model.case.fingerprint()


def test_the_model_card_names_members_versions_and_seeds(model):
    weights = model.explain().weights
    card = model_card(model, weights)
    assert card["hourcast"] == VERSION
    assert card["seed"] == 7
    assert card["run_id"] == model.run_id(model.case)
    assert card["tried"] == 4
    assert card["packages"]["pandas"] == pd.__version__
    assert [one["forecaster"] for one in card["members"]] == [one.name for one in model.ensemble.members]
    assert sum(one["weight"] for one in card["members"]) == pytest.approx(1.0, abs=0.01)
    assert card["scores"]["mae"] == pytest.approx(model.hold_out.scores["mae"], abs=1e-6)
    json.dumps([card, data_card(model)])


def test_both_are_on_the_page(model):
    table = model.predict()[model.forecast_columns()]
    page = render(content_of(model, table, pd.Timestamp("2024-02-10", tz="UTC")))
    assert "Data card" in page
    assert model.run_id(model.case) in page
    assert data_card(model)["fingerprint"] in page


def test_a_saved_model_has_cards_too(model, tmp_path):
    model.save(tmp_path / "model")
    again = AutoForecaster.load(tmp_path / "model")
    card = model_card(again, again.explain().weights)
    assert [one["weight"] for one in card["members"]] == [
        one["weight"] for one in model_card(model, model.explain().weights)["members"]
    ]
