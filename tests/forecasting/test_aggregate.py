"""Longer steps are made of whole intervals only, by the local clock, and faults go with them."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError
from forecasting.aggregate import Aggregation, aggregate
from forecasting.automl import AutoForecaster
from forecasting.case import open_case
from forecasting.prepare import prepare
from forecasting.question import Question
from tests.forecasting.test_prepare import by_kind, load

#: Zones, a spring and an autumn day of their clock changes, and the hours of these days.
CHANGES = [
    ("Europe/Paris", "2024-03-31", 23.0),
    ("Europe/Paris", "2024-10-27", 25.0),
    ("America/New_York", "2024-03-10", 23.0),
    ("America/New_York", "2024-11-03", 25.0),
    ("Australia/Lord_Howe", "2024-10-06", 23.5),
    ("Australia/Lord_Howe", "2024-04-07", 24.5),
    ("Asia/Kolkata", "2024-03-31", 24.0),
    # midnight itself is skipped, and comes twice
    ("America/Santiago", "2024-09-08", 23.0),
    ("America/Havana", "2024-11-03", 25.0),
]


def prepared(stamps, values, freq):
    return prepare(pd.DataFrame({"item_id": "a", "timestamp": stamps, "target": values}), freq=freq)


def around(zone, date, freq, *, days=2):
    """Stamps of whole local days around a date."""
    first = pd.Timestamp(date) - pd.Timedelta(days=days)
    edges = [(first + pd.Timedelta(days=n)).tz_localize(zone) for n in (0, 2 * days + 1)]
    return pd.date_range(edges[0].tz_convert("UTC"), edges[1].tz_convert("UTC"), freq=freq, inclusive="left")


@pytest.mark.parametrize(("zone", "date", "hours"), CHANGES)
@pytest.mark.parametrize("freq", ["15min", "30min"])
def test_a_local_day_is_the_sum_of_its_own_hours(zone, date, hours, freq):
    stamps = around(zone, date, freq)
    made = aggregate(
        prepared(stamps, np.arange(len(stamps)) % 7 + 1.0, freq), Aggregation(freq="D", how="sum", time_zone=zone)
    )
    assert made.history["timestamp"].tolist() == list(
        pd.date_range(pd.Timestamp(date, tz="UTC") - pd.Timedelta(days=2), periods=5)
    )
    values = pd.Series(np.arange(len(stamps)) % 7 + 1.0, stamps)
    by_hand = values.groupby(stamps.tz_convert(zone).date).sum()
    assert made.history["target"].tolist() == by_hand.tolist()
    per_hour = {"15min": 4, "30min": 2}[freq]
    assert values.groupby(stamps.tz_convert(zone).date).size().iloc[2] == hours * per_hour
    assert not by_kind(made).get("incomplete")


@pytest.mark.parametrize(("zone", "date", "hours"), CHANGES)
def test_a_local_day_without_one_reading_is_empty_and_said(zone, date, hours):
    stamps = around(zone, date, "30min")
    values = np.arange(len(stamps)) % 7 + 1.0
    day = np.flatnonzero(stamps.tz_convert(zone).date == pd.Timestamp(date).date())
    assert len(day) == 2 * hours
    for lost in (day[0], day[-1]):
        broken = values.copy()
        broken[lost] = np.nan
        made = aggregate(prepared(stamps, broken, "30min"), Aggregation(freq="D", how="mean", time_zone=zone))
        assert np.flatnonzero(made.history["target"].isna()).tolist() == [2]
        (said,) = by_kind(made)["incomplete"]
        assert (said.first, said.count, said.action) == (pd.Timestamp(date, tz="UTC"), 1, "left empty")


def test_power_is_averaged_and_energy_added_up_hour_by_hour():
    stamps = pd.date_range("2024-03-30", periods=2000, freq="15min", tz="UTC")
    values = np.random.default_rng(0).uniform(1, 9, 2000)
    whole = prepared(stamps, values, "15min")
    mean, total = (aggregate(whole, Aggregation(freq="h", how=how)).history for how in ("mean", "sum"))
    assert np.allclose(mean["target"], values.reshape(-1, 4).mean(axis=1))
    assert np.allclose(total["target"], values.reshape(-1, 4).sum(axis=1))
    assert total["target"].sum() == pytest.approx(values.sum())
    assert mean["timestamp"].tolist() == list(stamps[::4])


def test_a_ragged_start_and_end_are_cut_off_and_said():
    stamps = pd.date_range("2024-06-01 00:30", periods=400, freq="15min", tz="UTC")
    made = aggregate(prepared(stamps, np.arange(400) % 9 + 1.0, "15min"), Aggregation(freq="h", how="sum"))
    assert made.history["timestamp"].iloc[0] == pd.Timestamp("2024-06-01 01:00", tz="UTC")
    assert made.history["timestamp"].iloc[-1] == pd.Timestamp("2024-06-05 03:00", tz="UTC")
    assert len(made.history) == 99
    (said,) = by_kind(made)["incomplete"]
    assert (said.count, said.action) == (2, "left out")


def test_hours_of_a_half_hour_zone_and_of_a_late_logger_begin_with_its_readings():
    for start, zone, first in (
        ("2024-06-01 00:00", "Asia/Kolkata", "00:30"),
        ("2024-06-01 00:10", "UTC", "00:10"),
    ):
        stamps = pd.date_range(start, periods=4 * 24 * 30, freq="15min", tz="UTC")
        made = aggregate(
            prepared(stamps, np.arange(len(stamps)) % 9 + 1.0, "15min"),
            Aggregation(freq="h", how="mean", time_zone=zone),
        )
        assert f"{made.history['timestamp'].iloc[0]:%H:%M}" == first
        assert made.history["target"].notna().all()


@pytest.mark.parametrize(("freq", "periods"), [("W-MON", 4), ("MS", 1), ("3h", 240)])
def test_weeks_months_and_several_hours(freq, periods):
    stamps = pd.date_range("2024-07-01", periods=24 * 31, freq="h", tz="UTC")
    made = aggregate(prepared(stamps, np.arange(len(stamps)) % 9 + 1.0, "h"), Aggregation(freq=freq, how="mean"))
    assert len(made.history) in (periods, 248)
    assert made.history["target"].notna().all()


def test_days_are_dates_already_and_become_weeks():
    stamps = pd.date_range("2024-07-01", periods=70, freq="D", tz="UTC")
    made = aggregate(
        prepared(stamps, np.arange(70) % 9 + 1.0, "D"),
        Aggregation(freq="W-MON", how="sum", time_zone="America/New_York"),
    )
    assert made.history["target"].tolist() == (np.arange(70) % 9 + 1.0).reshape(10, 7).sum(axis=1).tolist()


@pytest.mark.parametrize("freq", ["15min", "90min", "2D", "45min"])
def test_a_step_that_is_no_multiple_is_refused(freq):
    stamps = pd.date_range("2024-07-01", periods=400, freq="h", tz="UTC")
    with pytest.raises(ConfigError, match="cannot be aggregated"):
        aggregate(prepared(stamps, np.arange(400) % 9 + 1.0, "h"), Aggregation(freq=freq, how="mean"))


def test_nothing_complete_is_refused():
    stamps = pd.date_range("2024-07-01", periods=400, freq="h", tz="UTC")
    values = np.where(np.arange(400) % 5 == 0, np.nan, np.arange(400) % 9 + 1.0)
    with pytest.raises(DataError, match="No interval of D"):
        aggregate(prepared(stamps, values, "h"), Aggregation(freq="D", how="mean"))


def test_an_hour_with_a_faulty_quarter_is_faulty_from_when_it_could_be_told():
    quarters = np.repeat(load(1008, seed=0), 4) + np.random.default_rng(1).normal(0, 0.2, 4032)
    quarters[3001:3004] = 0.0
    stamps = pd.date_range("2025-01-06", periods=4032, freq="15min", tz="UTC")
    fine = prepared(stamps, quarters, "15min")
    assert set(fine.faulty["timestamp"]) == set(stamps[3001:3004])
    made = aggregate(fine, Aggregation(freq="h", how="mean"))
    (row,) = made.faulty.to_dict("records")
    assert row["timestamp"] == stamps[3000]
    assert row["known_from"] == fine.faulty["known_from"].min().floor("h")
    assert row["kind"] == "zero run"
    # as it was read, the fault within: what is left out is left out by its mark
    assert made.history["target"].iloc[750] == pytest.approx(quarters[3000:3004].mean())


def test_covariates_are_averaged_and_known_ones_reach_ahead():
    stamps = pd.date_range("2024-07-01", periods=48 * 24 + 24, freq="30min", tz="UTC")
    values = np.where(np.arange(len(stamps)) < 48 * 24, np.arange(len(stamps)) % 9 + 1.0, np.nan)
    table = pd.DataFrame(
        {"item_id": "a", "timestamp": stamps, "target": values, "plan": np.arange(len(stamps)) * 1.0}
    )
    made = aggregate(prepare(table, freq="30min", known=("plan",)), Aggregation(freq="h", how="sum"))
    assert made.history["plan"].iloc[:2].tolist() == [0.5, 2.5]
    assert len(made.future) == 12
    assert made.future["plan"].iloc[-1] == len(stamps) - 1.5
    assert made.future["timestamp"].iloc[0] == stamps[48 * 24]


def quarter_hours(name):
    stamps = pd.date_range("2025-01-06", periods=96 * 40, freq="15min", tz="UTC")
    values = np.repeat(load(24 * 40, seed=0), 4) + np.random.default_rng(1).normal(0, 0.2, 96 * 40)
    return pd.DataFrame({"time": stamps, name: values})


@pytest.mark.parametrize(("name", "factor"), [("load_kw", 1), ("load_kwh", 4)])
def test_the_unit_says_whether_to_add_up_or_to_average(name, factor):
    case = open_case(Question(target=name, aggregate="h"), quarter_hours(name))
    assert case.task.freq == "h"
    assert case.view.raw[0, 0] == pytest.approx(quarter_hours(name)[name].iloc[:4].mean() * factor)
    assert any("--aggregate-how" in one for one in case.facts.decisions)


def test_an_unknown_unit_is_one_clear_question():
    with pytest.raises(ConfigError, match="--aggregate-how sum"):
        open_case(Question(target="load", aggregate="h"), quarter_hours("load"))
    assert (
        open_case(Question(target="load", aggregate="h", aggregate_how="sum"), quarter_hours("load")).task.freq
        == "h"
    )
    with pytest.raises(ConfigError, match="--aggregate-how median"):
        Question(target="load", aggregate="h", aggregate_how="median")


def test_a_forecast_is_made_on_the_longer_step():
    model = AutoForecaster("load_kw", aggregate="h", horizon=24, trials=2, jobs=1).fit(quarter_hours("load_kw"))
    table = model.predict()
    assert table["timestamp"].diff().dropna().eq(pd.Timedelta(hours=1)).all()
    assert len(table) == 24
