"""Events of the user's own: local dates, and unseen until they are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.view import make_view
from connectors.errors import DataError, MissingColumnsError, UnreadableFileError
from forecasting import AutoForecaster
from forecasting.events import read_events, said, with_events
from forecasting.forecasters import build
from tests.contracts.series import history, task

FAIR = "event,start,end,known_from\nTrade fair,2024-03-11,2024-03-13,{known}\n"


def written(tmp_path, text):
    (tmp_path / "events.csv").write_text(text, encoding="utf-8")
    return tmp_path / "events.csv"


def seen(tmp_path, known="2024-02-20", days=60):
    asked = task(known_covariates=(), past_covariates=(), weather_covariates=(), weather_mode="none")
    view = make_view(history(days=days), asked)
    return with_events(view, read_events(written(tmp_path, FAIR.format(known=known))))


def at(view, stamp):
    return view.grid.get_loc(pd.Timestamp(stamp, tz="Europe/Paris").tz_convert("UTC"))


def test_an_event_lasts_over_its_local_days(tmp_path):
    view = seen(tmp_path)
    column = view.known["event_trade_fair"][0]
    assert column.sum() == 72
    assert column[at(view, "2024-03-11")] == 1
    assert column[at(view, "2024-03-11") - 1] == 0
    assert column[at(view, "2024-03-13 23:00")] == 1
    assert "event_trade_fair" in view.task.known_covariates


def test_what_is_typed_in_after_the_fact_explains_no_forecast(tmp_path):
    """Known from the day after it ended: no cutoff before that sees it, and later ones do."""
    view = seen(tmp_path, known="2024-03-14")
    during, after = at(view, "2024-03-12 10:00"), at(view, "2024-03-15 10:00")
    past = {p.cutoff: p for p in map(view.past_at, view.grid[[during, after]])}
    assert past[during].known["event_trade_fair"].sum() == 0
    assert past[after].known["event_trade_fair"].sum() == 72
    assert view.until(view.grid[during]).known["event_trade_fair"].sum() == 0


def test_cutoffs_that_know_less_come_alone(tmp_path):
    """Asked together with later cutoffs, one that does not know of the fair gets the forecast it gets alone."""
    view = seen(tmp_path, known="2024-03-10")
    cutoffs = view.grid[[at(view, "2024-03-04"), at(view, "2024-03-09 23:00") - 1, at(view, "2024-03-20")]]
    near = replace(view, task=replace(view.task, horizon=72))
    groups = [list(where) for _, _, where in near.pasts(cutoffs)]
    assert sorted(groups) == [[0, 2], [1]]
    fitted = build("deviation_ridge", {}).fit(near, cutoffs[0], near.task)
    together, alone = fitted.predict(near, cutoffs).mean[1], fitted.predict(near, cutoffs[[1]]).mean[0]
    assert np.array_equal(together, alone)


def test_an_event_of_which_nothing_is_said_is_known_seven_days_ahead(tmp_path):
    (event,) = read_events(written(tmp_path, "event;start;end\nStrike;2024-03-20;2024-03-20\n"))
    assert event.known_from == pd.Timestamp("2024-03-13")
    assert "seven days" in said((event,))[0]
    assert "2024-03-13" in said((event,))[0]


def test_a_model_takes_them_and_keeps_them(tmp_path):
    frame = history(days=50).rename(columns={"target": "kwh"}).drop(columns="item_id")
    stamps = frame["timestamp"].dt.tz_convert("Europe/Paris").dt.strftime("%Y-%m-%d")
    fairs = ["2024-02-13", "2024-02-22", "2024-03-04", "2024-03-12"]
    frame["kwh"] += 60.0 * stamps.isin(fairs)
    lines = "\n".join(f"fair,{day},{day},2024-01-01" for day in [*fairs, "2024-03-22"])
    path = written(tmp_path, f"event,start,end,known_from\n{lines}\n")
    asked = {
        "target": "kwh", "horizon": 72, "time_zone": "Europe/Paris", "trials": 7, "jobs": 1, "time_limit": 600,
        "ignore": ["event", "pressure", "temperature"],
    }  # fmt: skip
    model = AutoForecaster(**asked, events=str(path)).fit(frame)
    table = model.predict()
    on = table["timestamp_local"].str.startswith("2024-03-22")
    plain = AutoForecaster(**asked).fit(frame).predict()
    assert (table["mean"] - plain["mean"])[on].mean() > 15
    assert abs((table["mean"] - plain["mean"])[~on]).mean() < 10
    written(tmp_path, f"event,start,end,known_from\n{lines}\nflood,2024-03-22,2024-03-22,2024-03-21\n")
    assert np.array_equal(model.predict(frame)["mean"], table["mean"]), "a kind of event that was never learnt"
    model.save(tmp_path / "model")
    again = AutoForecaster.load(tmp_path / "model")
    assert again.case.view.events == model.case.view.events
    assert np.array_equal(again.predict()["mean"], table["mean"])


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match="missing"):
        read_events(tmp_path / "missing.csv")
    with pytest.raises(MissingColumnsError, match="end"):
        read_events(written(tmp_path, "event,start\nfair,2024-01-01\n"))
    for line in ("fair,2024-01-03,2024-01-01,", "fair,03/01/2024,2024-01-04,", ",2024-01-03,2024-01-04,"):
        with pytest.raises(DataError, match="line 2"):
            read_events(written(tmp_path, f"event,start,end,known_from\n{line}\n"))


def test_an_event_must_not_have_the_name_of_a_column(tmp_path):
    view = seen(tmp_path)
    with pytest.raises(DataError, match="event_trade_fair"):
        with_events(view, read_events(tmp_path / "events.csv"))
