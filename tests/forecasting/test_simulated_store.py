"""Simulated forecasts of the weather: stored once, read by the next run, met by nothing that is real."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from connectors.errors import HistoryTooShortError
from connectors.weather import simulated_store
from connectors.weather.lead_errors import LEADS, LeadError, fit_lead_error
from connectors.weather.simulated_store import SimulatedStore, Simulation
from connectors.weather.store import WeatherStore
from connectors.weather.vintages import LIVE_KINDS
from forecasting import AutoForecaster
from forecasting.case import open_case
from forecasting.forecasts import Wanted, kept_forecasts, location_of
from forecasting.vintages import live_mode, with_vintages
from tests.forecasting.test_place import FRANKFURT, meter, server

__all__ = ["server"]
NOW = pd.Timestamp("2024-02-19 06:00", tz="UTC")
ARRAYS = ("valid", "available", "issued", "values")


def opened(folder, **changes):
    asked = {"horizon": 24, "place": FRANKFURT, "weather_mode": "simulated", "weather_store": folder, "as_of": NOW}
    return open_case(AutoForecaster("kwh", **{**asked, **changes}).question, meter())


def stored(folder):
    return sorted((folder / "simulated").glob("*/*/*.parquet"))


def content(case):
    """Everything a view knows of simulated weather, byte by byte."""
    (one,) = case.view.vintages
    return {name: [getattr(rows, what).tobytes() for what in ARRAYS] for name, rows in one.rows.items()}


@pytest.fixture
def never_made(monkeypatch):
    """A function after which whoever simulates fails."""

    def refuse(*_, **__):
        pytest.fail("forecasts that are stored were simulated again")

    return lambda: monkeypatch.setattr(simulated_store, "simulate_runs", refuse)


def weather(value=5.0, days=60):
    stamps = pd.date_range("2024-01-01", periods=24 * days, freq="h", tz="UTC")
    values = value + np.random.default_rng(0).normal(size=len(stamps))
    return pd.DataFrame({"timestamp": stamps, "temperature": values})


def simulation(**changes):
    asked = {"observed": weather(), "location": "a", "horizon": pd.Timedelta(hours=24), "seed": 0}
    return Simulation(**{**asked, **changes})


def test_the_second_run_reads_what_the_first_made_bit_by_bit(server, tmp_path, never_made):
    first = opened(tmp_path)
    files = stored(tmp_path)
    assert [file.stem for file in files] == ["2024-01", "2024-02"]
    never_made()
    again = opened(tmp_path)
    assert content(again) == content(first)
    assert list(content(again)) == ["temperature", "humidity", "wind_speed"]
    assert again.facts == first.facts
    assert stored(tmp_path) == files


def test_another_seed_is_made_and_stored_beside(server, tmp_path):
    first, other = opened(tmp_path), opened(tmp_path, weather_seed=1)
    assert content(first) != content(other)
    models = {file.parent.parent.name.split("_")[1] for file in stored(tmp_path)}
    assert models == {"0", "1"}


def test_the_key_knows_everything_they_are_made_from(monkeypatch):
    """Another observation, a stamp, a seed, a horizon, an item, an error or a table never finds stored ones."""
    changed = weather()
    changed.loc[700, "temperature"] += 1e-12
    gap = weather()
    gap.loc[3, "temperature"] = np.nan
    error = LeadError(scale="plain", sigmas=(1.0,) * len(LEADS))
    others = [
        simulation(observed=changed),
        simulation(observed=gap),
        simulation(observed=weather(days=59)),
        simulation(observed=weather().assign(timestamp=lambda t: t["timestamp"] + pd.Timedelta(hours=1))),
        simulation(observed=weather().rename(columns={"temperature": "dew_point"})),
        simulation(seed=1),
        simulation(horizon=pd.Timedelta(hours=25)),
        simulation(location="b"),
        simulation(errors={"temperature": error}),
    ]
    same = simulation().model
    assert same == simulation().model
    monkeypatch.setattr(simulated_store, "VERSION", 2)
    later = simulation().model
    monkeypatch.setattr(simulated_store, "FROZEN", {"other": error})
    models = [same, later, simulation().model, *(other.model for other in others)]
    assert len(set(models)) == len(models)


def test_stored_ones_reach_no_live_run_no_vintage_and_no_error_by_lead(server, tmp_path):
    """Not even where somebody copies them among the forecasts that were received."""
    simulated = opened(tmp_path)
    location, files = location_of(FRANKFURT), stored(tmp_path)
    rows = WeatherStore(files[0].parent.parent).read(location)
    assert set(rows["kind"]) == set(rows["source"]) == {"simulated"}
    assert rows["model"].str.startswith("simulated_0_v").all()
    assert "simulated" not in LIVE_KINDS
    for copied in (False, True):
        if copied:
            assert WeatherStore(tmp_path).append(rows) == len(rows)
        for mode in (None, "vintage", "previous_runs", "simulated"):
            asked = {"source": "mosmix", "place": FRANKFURT, "columns": {"temperature": "temperature"}, "mode": mode}
            wanted = Wanted(**asked, since=NOW - pd.Timedelta(days=40), folder=tmp_path, now=NOW, live=False)
            assert kept_forecasts(wanted).vintages.rows == {}, mode
        assert WeatherStore(tmp_path).vintages(location, kinds=("forecast",)).rows == {}
        vintage = opened(tmp_path, weather_mode="vintage", weather_forecasts="mosmix")
        assert all(not rows.values.size for rows in vintage.view.vintages[0].rows.values())
    observed = weather().set_index("timestamp")["temperature"]
    with pytest.raises(HistoryTooShortError, match="from 0 days"):
        fit_lead_error(rows, observed, "temperature")
    assert live_mode(simulated.view) == "climatology"


@pytest.mark.parametrize("damage", ["lost", "cut"])
def test_what_is_not_whole_is_made_again_and_mended(server, tmp_path, damage, never_made):
    first = opened(tmp_path)
    file = stored(tmp_path)[0]
    if damage == "lost":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    assert content(opened(tmp_path)) == content(first)
    never_made()
    assert content(opened(tmp_path)) == content(first)


def test_a_run_killed_before_its_end_is_not_read(tmp_path):
    """The count comes last; months without it are part of a simulation."""
    store, asked = SimulatedStore(folder=tmp_path, location="x"), simulation()
    store.write(asked, [asked.runs("temperature")], at=NOW)
    assert store.read(asked)
    next(tmp_path.glob("simulated/*/x/fetches.json")).unlink()
    assert store.read(asked) == {}


def test_a_folder_that_refuses_stops_no_forecast(server, tmp_path):
    whole = opened(tmp_path / "one")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "simulated").write_text("not a folder")
    refused = opened(tmp_path / "two")
    assert content(refused) == content(whole)
    (said,) = [note for note in refused.facts.notes if "are not stored" in note]
    assert "cannot be written" in said


def test_weather_of_the_file_alone_is_not_stored(tmp_path):
    frame = meter().assign(temperature=5.0)
    asked = {"horizon": 24, "weather": ["temperature"], "weather_mode": "simulated", "weather_store": tmp_path}
    case = open_case(AutoForecaster("kwh", **asked).question, frame)
    assert case.view.vintages[0].rows["temperature"].values.size
    assert list(tmp_path.iterdir()) == []


def test_items_with_weather_of_their_own_are_not_stored(server, tmp_path):
    case = opened(tmp_path)
    view = case.view
    names = ("a", "b")
    twice = {name: np.repeat(values, 2, axis=0) for name, values in view.weather.items()}
    twice["temperature"][1] += 1
    both = replace(view, items=names, raw=np.repeat(view.raw, 2, axis=0), weather=twice)
    store = SimulatedStore(folder=tmp_path / "apart", location="x")
    assert len(set(map(id, with_vintages(both, store=store).view.vintages))) == 2
    assert not (tmp_path / "apart").exists()


def test_only_the_newest_simulations_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(simulated_store, "KEPT", 2)
    store = SimulatedStore(folder=tmp_path, location="x")
    asked = [simulation(seed=seed, observed=weather(days=3)) for seed in range(3)]
    for one in asked:
        store.write(one, [one.runs("temperature")], at=NOW)
    assert [bool(store.read(one)) for one in asked] == [False, True, True]


def test_a_saved_model_reads_what_it_was_made_with(server, tmp_path, never_made):
    asked = {"horizon": 24, "place": FRANKFURT, "weather_mode": "simulated", "weather_store": tmp_path, "as_of": NOW}
    model = AutoForecaster("kwh", **asked, trials=1, jobs=1, time_limit=600).fit(meter())
    model.save(tmp_path / "model")
    never_made()
    assert content(AutoForecaster.load(tmp_path / "model").case) == content(model.case)
