"""The one object users need: it is repeatable, honest, can be saved, and says what is wrong with its input."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecasting.choose as choose_file
from connectors.errors import ConfigError, DataError, HistoryTooShortError, HourcastError, UnreadableFileError
from connectors.frame import check_forecasts
from forecasting import AutoForecaster
from forecasting.experience import recorded
from forecasting.leaderboard import leaderboard
from forecasting.report.topics import result_sentences
from forecasting.summary import content_of
from tests.contracts.series import history

ROOT = Path(__file__).resolve().parent.parent.parent


def meter(days=80, items=1, **changes):
    """A user's table: naive times, one target, weather."""
    frame = history(days=days, items=items).rename(columns={"target": "kwh", "timestamp": "time"})
    frame["time"] = frame["time"].dt.tz_localize(None)
    return (frame if items > 1 else frame.drop(columns="item_id")).assign(**changes)


def model(**changes):
    asked = {"target": "kwh", "horizon": 24, "weather": ["temperature"], "known": ["event"], "trials": 8, "jobs": 1}
    return AutoForecaster(**{**asked, "time_limit": 600, **changes})


def future(frame, steps=24, **columns):
    last = frame["time"].max()
    ahead = pd.DataFrame({"time": pd.date_range(last, periods=steps + 1, freq="h")[1:], "event": 0.0})
    return ahead.assign(**columns)


@pytest.fixture(scope="module")
def fitted():
    frame = meter()
    return model().fit(frame, future=future(frame)), frame


def test_it_forecasts_a_table_for_bi(fitted):
    table = fitted[0].predict()
    check_forecasts(table[fitted[0].forecast_columns()])
    assert len(table) == 24
    assert list(table.columns[:5]) == ["run_id", "item_id", "cutoff", "timestamp", "timestamp_local"]
    assert table["horizon"].tolist() == list(range(1, 25))
    assert (table["weather_mode"] == "climatology").all()


def test_its_leaderboard_has_every_candidate(fitted):
    board = fitted[0].leaderboard()
    assert len(board) == 9
    assert board.iloc[0]["forecaster"].startswith("combination of")
    assert {"skill", "seconds", "status", "failure"} <= set(board.columns)
    naive = board[board["forecaster"].str.startswith("seasonal_naive")]
    assert naive["skill"].max() == pytest.approx(0.0)


def test_the_same_seed_gives_the_same_forecast(fitted):
    frame = fitted[1]
    again = model(jobs=2).fit(frame, future=future(frame)).predict()
    pd.testing.assert_frame_equal(again, fitted[0].predict(), check_exact=True)


def test_a_saved_model_forecasts_the_same_in_a_fresh_process(fitted, tmp_path):
    """To the last bit, and without pickle."""
    fitted[0].save(tmp_path / "model")
    code = (
        "import sys; from forecasting import AutoForecaster; "
        "table = AutoForecaster.load(sys.argv[1]).predict(); "
        "print(table['mean'].map(float.hex).tolist(), table['p90'].map(float.hex).tolist())"
    )
    run = [sys.executable, "-c", code, str(tmp_path / "model")]
    found = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    table = fitted[0].predict()
    expected = f"{table['mean'].map(float.hex).tolist()} {table['p90'].map(float.hex).tolist()}"
    assert found.stdout.strip() == expected
    with np.load(tmp_path / "model" / "arrays.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays)


def test_a_loaded_model_is_the_same_run(fitted, tmp_path):
    fitted[0].save(tmp_path / "model")
    loaded = AutoForecaster.load(tmp_path / "model")
    assert loaded.run_id(loaded.case) == fitted[0].run_id(fitted[0].case)
    assert loaded.effort.deciding() == fitted[0].effort.deciding()


def test_a_loaded_model_forecasts_from_newer_readings(fitted, tmp_path):
    fitted[0].save(tmp_path / "model")
    loaded = AutoForecaster.load(tmp_path / "model")
    newer = meter(days=82)
    table = loaded.predict(newer, future=future(newer))
    parts = loaded.explain(newer, future=future(newer)).to_frame()
    np.testing.assert_allclose(parts.iloc[:, 4:].sum(axis=1), table["mean"], rtol=1e-9)
    assert table["timestamp"].min() == pd.Timestamp(newer["time"].max(), tz="UTC") + pd.Timedelta(hours=1)
    assert loaded.leaderboard()["forecaster"].tolist() == fitted[0].leaderboard()["forecaster"].tolist()


def test_a_model_forecasts_from_a_short_piece_of_newer_readings(fitted):
    """Five weeks are enough to forecast from; the seasons are those it was fitted with."""
    newer = meter(days=82).tail(24 * 35)
    table = fitted[0].predict(newer, future=future(newer))
    whole = fitted[0].predict(meter(days=82), future=future(newer))
    assert np.isfinite(table["mean"]).all()
    assert np.abs(table["mean"] - whole["mean"]).mean() < 5


def test_newer_readings_of_another_shape_are_refused(fitted):
    newer = meter(days=82)
    with pytest.raises(DataError, match="past-only columns"):
        fitted[0].predict(newer.assign(wind=1.0), future=future(newer))
    with pytest.raises(DataError, match="step"):
        fitted[0].predict(newer.iloc[::2])


def test_saving_over_something_else_is_refused(fitted, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("precious")
    with pytest.raises(HourcastError, match="no saved model"):
        fitted[0].save(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "precious"
    fitted[0].save(tmp_path / "model")
    fitted[0].save(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_damaged_or_newer_model_is_refused(fitted, tmp_path):
    with pytest.raises(UnreadableFileError, match="no model"):
        AutoForecaster.load(tmp_path / "nothing")
    fitted[0].save(tmp_path / "model")
    words = json.loads((tmp_path / "model" / "model.json").read_text())
    (tmp_path / "model" / "model.json").write_text(json.dumps(words | {"format": 99}))
    with pytest.raises(UnreadableFileError, match="Upgrade"):
        AutoForecaster.load(tmp_path / "model")
    (tmp_path / "model" / "model.json").write_text("{")
    with pytest.raises(UnreadableFileError, match="damaged"):
        AutoForecaster.load(tmp_path / "model")


def test_the_choice_cannot_reach_the_hold_out(monkeypatch):
    """Every reading of the hold-out is made absurd: the same members, settings and intervals are chosen.

    So are ties and the ensemble, and the first window set aside gets the same forecast and the same interval.
    """
    frame = meter()
    chosen, judged = [], []
    real, real_judge = choose_file.choose, choose_file.judge

    def kept(*args, **kwargs):
        chosen.append(real(*args, **kwargs))
        return chosen[-1]

    def judge(*args):
        judged.append(real_judge(*args)[1])
        return real_judge(*args)

    monkeypatch.setattr("forecasting.automl.choose", kept)
    monkeypatch.setattr("forecasting.automl.judge", judge)
    poisoned = frame.copy()
    last = frame["time"].max() - pd.Timedelta(hours=24 * 7)
    poisoned.loc[poisoned["time"] > last, ["kwh", "temperature", "pressure"]] = 123456.0
    for one in (frame, poisoned):
        # an absurd hold-out may well be refused afterwards; what was chosen before counts
        with contextlib.suppress(HourcastError):
            model(repair=False).fit(one, future=future(one))
    first, second = chosen
    assert [(m.number, m.settings, m.loss) for m in first.members] == [
        (m.number, m.settings, m.loss) for m in second.members
    ]
    assert np.array_equal(first.intervals.offsets, second.intervals.offsets)
    assert np.array_equal(first.intervals.errors, second.intervals.errors)
    assert np.array_equal(first.forecasts.mean, second.forecasts.mean)
    assert np.array_equal(first.loss, second.loss)
    boards = [leaderboard(one).drop(columns=["seconds", "simplest"]) for one in (first, second)]
    pd.testing.assert_frame_equal(*boards)
    clean, spoilt = judged
    assert np.array_equal(clean.mean[0], spoilt.mean[0])
    assert np.array_equal(clean.quantiles[0], spoilt.quantiles[0])
    assert not np.array_equal(clean.quantiles[-1], spoilt.quantiles[-1]), "later ones may know what came"


def test_a_backtest_chooses_before_its_first_window(fitted):
    result = fitted[0].backtest(windows=5, step=24)
    assert result.forecasts["cutoff"].nunique() == 5
    check_forecasts(result.forecasts)
    assert result.windows == 5
    assert set(result.baselines) == {"repeating yesterday", "repeating last week"}
    assert result.skill > 0
    case, choice = fitted[0].case, fitted[0].choice
    first = result.forecasts["cutoff"].min()
    assert case.view.grid[choice.windows.positions[-1] + 24] <= first


def test_as_of_reads_nothing_later():
    """The future of the file is there and absurd: the forecast is the one made without it."""
    frame = meter()
    cut = frame["time"].max() - pd.Timedelta(hours=40)
    early = frame[frame["time"] <= cut]
    wrong = frame.copy()
    wrong.loc[wrong["time"] > cut, ["kwh", "temperature", "pressure"]] = 1e6
    asked = {"known": [], "ignore": ["event"], "trials": 4}
    table = model(**asked).fit(early).predict()
    as_of = (cut + pd.Timedelta(hours=1)).tz_localize("UTC")
    again = model(**asked, as_of=as_of).fit(wrong).predict()
    pd.testing.assert_frame_equal(table.drop(columns="run_id"), again.drop(columns="run_id"), check_exact=True)


def test_a_panel_is_one_model(tmp_path):
    frame = meter(items=3)
    asked = {"item": "item_id", "known": [], "ignore": ["event"], "trials": 6}
    made = model(**asked).fit(frame)
    table = made.predict()
    assert table["item_id"].nunique() == 3
    assert len(table) == 3 * 24
    weights = made.fitted()[1].weights
    assert weights.shape == (len(made.fitted()[1].members), 3)
    assert np.ptp(weights / weights.sum(axis=0), axis=1).max() > 0, "items weigh members by their own errors"
    np.testing.assert_allclose(made.explain().mean[0].ravel(), table["mean"])
    made.save(tmp_path / "panel")
    again = AutoForecaster.load(tmp_path / "panel").predict()
    pd.testing.assert_frame_equal(table.drop(columns="run_id"), again.drop(columns="run_id"), check_exact=True)


def test_scores_are_of_readings_as_read_and_faults_are_left_out():
    """A spike in the hold-out, and zeros, are counted and scored by nobody; an odd but sound day is scored."""
    frame = meter(days=80)
    at = len(frame) - 60
    frame.loc[at : at + 1, "kwh"] = 90_000.0
    asked = model(known=[], ignore=["event"], trials=4).fit(frame)
    assert asked.hold_out.faulty == 2
    assert asked.hold_out.scores["mae"] < 50
    kept = model(known=[], ignore=["event"], trials=4, repair=False).fit(frame)
    assert kept.hold_out.faulty == 0
    assert kept.hold_out.scores["mae"] > 500


def test_the_search_is_recorded_without_readings_or_names(fitted):
    fingerprint = fitted[0].case.fingerprint()
    last = next(line for line in recorded() if line["fingerprint"] == fingerprint)
    assert len(last["trials"]) == 8
    assert last["profile"]["length"] == fitted[0].case.profile["length"]
    words = json.dumps(last)
    assert "kwh" not in words
    assert "temperature" not in words


def test_the_levels_asked_for_are_the_columns():
    frame = meter(days=40)
    asked = {"known": [], "ignore": ["event"], "trials": 4, "levels": [0.025, 0.5, 0.975]}
    table = model(**asked).fit(frame).predict()
    assert [c for c in table.columns if c.startswith("p") and c[1:].isdigit()] == ["p025", "p50", "p975"]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"target": "kwhh"}, HourcastError, "kwh"),
        ({"horizon": 0}, ConfigError, "horizon is 0"),
        ({"country": "Atlantis"}, ConfigError, "Atlantis"),
        ({"weather": ["wind"]}, HourcastError, "wind"),
        ({"known": ["kwh"]}, ConfigError, "two roles"),
        ({"preset": "fastest"}, ConfigError, "fast"),
        ({"weather_mode": "psychic"}, ConfigError, "climatology"),
        ({"levels": [0.5, 1.5]}, ConfigError, "between 0 and 1"),
        ({"time_limit": 0}, ConfigError, "above 0"),
        ({"horizonn": 3}, ConfigError, "horizon"),
        ({"time_zone": "Europe/Pariss"}, HourcastError, "Europe/Paris"),
    ],
)
def test_a_wrong_option_is_named(changes, error, words):
    frame = meter(days=40)
    with pytest.raises(error, match=words):
        model(**{"known": [], **changes}).fit(frame)


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (meter(days=40).head(30), HistoryTooShortError, "longer history"),
        (meter(days=40, kwh=5.0), DataError, "5"),
        (meter(days=40, kwh=np.nan), DataError, "kwh|target|reading"),
        (meter(days=40, kwh="a lot"), DataError, "a lot"),
        (meter(days=40).drop(columns="time"), HourcastError, "--time|time column"),
    ],
    ids=["30 rows", "constant", "all NaN", "text", "no time"],
)
def test_data_that_cannot_carry_a_forecast_are_refused(frame, error, words):
    with pytest.raises(error, match=words):
        model(known=[], weather=[], ignore=["event"]).fit(frame)


def test_a_future_that_is_too_short_is_refused():
    frame = meter(days=40)
    with pytest.raises(DataError, match="known for 10 of the 24 steps"):
        model().fit(frame, future=future(frame, steps=10))
    with pytest.raises(DataError, match="known for 0 of the 24 steps"):
        model().fit(frame)


def test_rows_without_a_target_at_the_end_are_the_future():
    frame = meter(days=40)
    ahead = future(frame, steps=24, kwh=np.nan, temperature=np.nan, pressure=np.nan)
    table = model(trials=4).fit(pd.concat([frame, ahead], ignore_index=True)).predict()
    assert len(table) == 24


def test_what_was_not_fitted_says_so():
    for ask in (model().predict, model().leaderboard, model().backtest):
        with pytest.raises(ConfigError, match="fit"):
            ask()


def test_a_model_saved_by_the_first_version_is_still_read():
    """The folder was written by format 1 and is never made anew; the forecast is the one of that day."""
    folder = ROOT / "tests" / "data" / "models" / "v1"
    expected = pd.read_csv(folder / "forecast.csv", parse_dates=["timestamp"])
    loaded = AutoForecaster.load(folder)
    assert len(loaded.fitted()[1].members) == 5
    table = loaded.predict()
    assert table["timestamp"].tolist() == expected["timestamp"].tolist()
    for column in ("mean", "p05", "p50", "p95"):
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-9)


@pytest.mark.parametrize("season", [24, 168])
def test_readings_that_repeat_exactly_are_copied_exactly(season):
    """There is no error of copying to measure others by; intervals have no width, and that is said."""
    stamps = pd.date_range("2024-01-01", periods=6 * 168, freq="h")
    cycle = np.random.default_rng(0).uniform(10, 90, season).round(2)
    clockwork = pd.DataFrame({"time": stamps, "kwh": np.tile(cycle, len(stamps) // season)})
    found = model(weather=[], known=[], trials=3).fit(clockwork)
    table = found.predict()
    expected = np.tile(cycle, 168 // season)[: len(table)]
    for column in ("mean", "p05", "p95"):
        assert table[column].tolist() == expected.tolist()
    assert found.hold_out.scores["mae"] == 0
    said = result_sentences(content_of(found, table, pd.Timestamp("2025-01-01", tz="UTC")))
    assert "The band has no width" in " ".join(said)
