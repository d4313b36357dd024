"""The store of weather vintages: nothing is lost, nothing stands twice, and the past can be asked for."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from connectors.errors import (
    ConfigError,
    DataError,
    MissingColumnsError,
    OutputError,
    RetriableConnectorError,
    UnreadableFileError,
)
from connectors.frame import check_vintages
from connectors.weather import month_files
from connectors.weather import store as module
from connectors.weather.month_files import STORE_COLUMNS
from connectors.weather.store import WeatherStore
from connectors.weather.vintages import index_vintages, known_at


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def vintages(values, *, start="2024-01-31 22:00", location="here", variable="temperature", lag=24, **columns):
    """Hourly observations, each available some hours after its stamp."""
    times = pd.date_range(start, periods=len(values), freq="h", tz="UTC")
    frame = {
        "location": location,
        "variable": variable,
        "model": "test",
        "issued_at": times,
        "available_at": times + pd.Timedelta(hours=lag),
        "valid_time": times,
        "value": np.asarray(values, dtype=float),
        "kind": "observed",
        "retrieved_at": utc("2024-03-01"),
        "unit": "°C",
        "source": "made up",
    }
    return pd.DataFrame(frame | columns)


@pytest.fixture
def store(tmp_path):
    return WeatherStore(tmp_path / "weather [1] {x} d'été")


def test_what_is_stored_is_read_back(store):
    rows = vintages([1.0, 2.5, -3.25])
    assert store.append(rows) == 3
    found = store.read("here")
    assert tuple(found.columns) == STORE_COLUMNS
    for name in STORE_COLUMNS:
        assert found[name].tolist() == rows[name].tolist()
    check_vintages(found)


def test_each_month_of_valid_time_has_its_file(store):
    store.append(vintages([1, 2, 3, 4]))
    assert sorted(path.name for path in (store.folder / "here").glob("*")) == ["2024-01.parquet", "2024-02.parquet"]


def test_reading_is_bounded_by_variable_and_by_valid_time(store):
    store.append(pd.concat([vintages([1, 2, 3, 4]), vintages([5, 6, 7, 8], variable="humidity")]))
    store.append(vintages([9], location="there"))
    found = store.read("here", ["humidity"], utc("2024-01-31 23:00"), utc("2024-02-01 01:00"))
    assert found["value"].tolist() == [6, 7]
    assert len(store.read("here")) == 8
    assert store.read("nowhere").empty
    assert store.read("here", [], None, None).empty


def test_rows_of_another_location_in_the_folder_are_left_out(store):
    """Where capitals do not count, "Here" and "here" are one folder."""
    store.append(vintages([1, 2]))
    shutil.copytree(store.folder / "here", store.folder / "there")
    assert store.read("there").empty
    assert store.append(vintages([1, 2], location="there")) == 2
    assert len(store.read("here")) == 2


def test_bounds_in_another_zone_are_the_same_instants(store):
    store.append(vintages([1, 2, 3, 4]))
    start = utc("2024-01-31 22:00").tz_convert("Australia/Sydney")
    assert len(store.read("here", None, start, start + pd.Timedelta(hours=2))) == 2


def test_a_row_that_is_stored_is_not_stored_again(store):
    rows = vintages([1, 2, 3])
    store.append(rows)
    assert store.append(rows) == 0
    assert store.append(vintages([1, 2, 3, 4])) == 1
    assert len(store.read("here")) == 4


def test_what_stands_under_a_key_is_never_changed(store):
    store.append(vintages([1, 2, 3]))
    assert store.append(vintages([7, 8, 9], retrieved_at=utc("2025-01-01"))) == 0
    assert store.read("here")["value"].tolist() == [1, 2, 3]


def test_missing_values_neither_take_a_place_nor_remove_one(store):
    store.append(vintages([1, np.nan, 3]))
    assert len(store.read("here")) == 2
    assert store.append(vintages([np.nan, 2, np.nan, np.inf])) == 1
    assert store.read("here")["value"].tolist() == [1, 2, 3]


def test_an_empty_table_changes_nothing(store):
    store.append(vintages([1, 2]))
    assert store.append(vintages([])) == 0
    assert len(store.read("here")) == 2


def test_a_crash_while_writing_leaves_the_old_file(store, monkeypatch):
    store.append(vintages([1, 2]))

    def crash(connection, path):
        Path(path).write_bytes(b"half a f")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(month_files, "_write_file", crash)
        with pytest.raises(KeyboardInterrupt):
            store.append(vintages([1, 2, 3, 4]))
    assert store.read("here")["value"].tolist() == [1, 2]
    assert store.append(vintages([1, 2, 3, 4])) == 2


def test_the_draft_of_a_writer_that_was_killed_is_taken_away(store):
    store.append(vintages([1, 2]))
    draft = store.folder / "here" / ".2024-01.parquet.0a1b2c3d.tmp"
    draft.write_bytes(b"half a f")
    assert store.read("here")["value"].tolist() == [1, 2]
    store.append(vintages([1, 2, 3]))
    assert not draft.exists()


def test_a_damaged_file_is_named_and_not_written_over(store):
    store.append(vintages([1, 2]))
    file = store.folder / "here" / "2024-01.parquet"
    file.write_bytes(b"PAR1 not any more")
    for call in (lambda: store.read("here"), lambda: store.append(vintages([1, 2]))):
        with pytest.raises(UnreadableFileError, match=r"2024-01\.parquet"):
            call()
    assert file.read_bytes() == b"PAR1 not any more"


def test_a_file_without_our_columns_is_refused(store):
    (store.folder / "here").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.sql("SELECT 1 AS value").write_parquet(str(store.folder / "here" / "2024-01.parquet"))
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        store.read("here")


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        WeatherStore(tmp_path / "file" / "weather").append(vintages([1]))


def test_a_lock_held_too_long_is_retriable(store, monkeypatch):
    monkeypatch.setattr(module, "LOCK_TIMEOUT", 0.1)
    store.append(vintages([1]))
    with FileLock(store.folder / ".lock"), pytest.raises(RetriableConnectorError, match="Another process"):
        store.append(vintages([1, 2]))
    assert store.append(vintages([1, 2])) == 1


def test_writers_at_once_lose_nothing(store):
    def append(number):
        return WeatherStore(store.folder).append(vintages([number], start=f"2024-05-01 {number:02d}:00"))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(append, range(8))) == [1] * 8
    assert store.read("here")["value"].tolist() == list(range(8))


@pytest.mark.parametrize("name", ["", "../out", "a/b", ".hidden", "a b", "con:1", "x" * 99])
def test_a_location_that_is_no_folder_name_is_refused(store, name):
    with pytest.raises(ConfigError, match="cannot be the name of a folder"):
        store.append(vintages([1], location=name))
    with pytest.raises(ConfigError):
        store.read(name)


def test_a_table_that_is_no_vintages_table_is_refused(store):
    with pytest.raises(MissingColumnsError, match="unit"):
        store.append(vintages([1]).drop(columns="unit"))
    with pytest.raises(DataError, match="before it was issued"):
        store.append(vintages([1], lag=-1))
    with pytest.raises(DataError, match="stands twice"):
        store.append(pd.concat([vintages([1]), vintages([1])]))
    with pytest.raises(DataError, match="time of the weather"):
        store.append(vintages([1], retrieved_at=pd.NaT))
    assert not list(store.folder.glob("*/*"))


def forecast(value, issued, valid, delay=6):
    """One row: a forecast of one hour, available some hours after its issue."""
    times = {"issued_at": utc(issued), "available_at": utc(issued) + pd.Timedelta(hours=delay), "kind": "forecast"}
    return vintages([value], start=valid, **times)


def test_what_was_known_at_an_instant_is_the_newest_value_available_then(store):
    rows = [
        forecast(1.0, "2024-01-01 00:00", "2024-01-03 12:00"),
        forecast(2.0, "2024-01-02 00:00", "2024-01-03 12:00"),
        vintages([3.0], start="2024-01-03 12:00", lag=2),
        forecast(9.0, "2024-01-01 00:00", "2024-01-03 13:00"),
    ]
    store.append(pd.concat(rows))
    instants = pd.DatetimeIndex(
        ["2024-01-01 05:59", "2024-01-01 06:00", "2024-01-02 06:00", "2024-01-03 13:59", "2024-01-03 14:00"],
        tz="UTC",
    )
    valid = np.array([["2024-01-03T12:00", "2024-01-03T13:00", "2024-01-03T14:00"]] * 5, dtype="datetime64[ns]")
    known = store.vintages("here").known_at(instants, valid, ["temperature", "humidity"])
    temperature = known["temperature"]
    np.testing.assert_array_equal(temperature.values[:, 0], [np.nan, 1, 2, 2, 3])
    np.testing.assert_array_equal(temperature.values[:, 1], [np.nan, 9, 9, 9, 9])
    assert np.isnan(temperature.values[:, 2]).all()
    assert np.isnan(known["humidity"].values).all()
    first, second = np.array(["2024-01-01T00", "2024-01-02T00"], "datetime64[us]")
    np.testing.assert_array_equal(temperature.issued_at[1:4, 0], [first, second, second])
    np.testing.assert_array_equal(
        temperature.available_at[1:4, 0], np.array([first, second, second]) + np.timedelta64(6, "h")
    )
    assert np.isnat(temperature.issued_at[0, 0])
    assert np.isnat(temperature.available_at[0, 0])


def test_asking_for_nothing_gives_nothing(store):
    instants = pd.DatetimeIndex(["2024-01-01"], tz="UTC")
    nowhere = store.vintages("nowhere")
    assert nowhere.variables == ()
    assert nowhere.known_at(instants, np.empty((1, 0), "datetime64[us]")) == {}
    store.append(vintages([1.0]))
    assert store.vintages("here", []).variables == ()
    known = store.vintages("here").known_at(instants, np.empty((1, 0), "datetime64[us]"))
    assert known["temperature"].values.shape == (1, 0)


def test_simulated_weather_is_handed_out_only_when_named(store):
    """It is made of observations that came later, so that a live run must never meet it."""
    store.append(forecast(1.0, "2024-01-01", "2024-01-02"))
    store.append(forecast(5.0, "2024-01-01 06:00", "2024-01-02").assign(kind="simulated", model="simulated"))
    store.append(forecast(7.0, "2024-01-01 07:00", "2024-01-02").assign(kind="previous_runs"))
    instants, valid = pd.DatetimeIndex(["2024-01-02"], tz="UTC"), np.array([["2024-01-02"]], "datetime64[us]")

    def value(**options):
        found = store.vintages("here", **options).known_at(instants, valid, ["temperature"])
        return found["temperature"].values[0, 0]

    assert value() == 1
    assert value(kinds=["simulated"]) == 5
    assert value(kinds=["previous_runs"]) == 7
    assert value(kinds=["simulated", "forecast"], models=["test"]) == 1


def test_instants_and_valid_times_that_do_not_fit_are_refused():
    valid = np.array([["2024-01-02"]], "datetime64[us]")
    for instants in (pd.DatetimeIndex(["2024-01-02"] * 2, tz="UTC"), pd.DatetimeIndex(["2024-01-02"])):
        with pytest.raises(DataError, match="instants"):
            known_at(vintages([1.0]), instants, valid)
    with pytest.raises(DataError, match="Did you mean 'temperature'"):
        known_at(vintages([1.0]), pd.DatetimeIndex(["2024-01-02"], tz="UTC"), valid, ["temprature"])
    with pytest.raises(DataError, match="2 locations"):
        known_at(pd.concat([vintages([1.0]), vintages([1.0], location="there")]), instants, valid)


def test_what_was_known_agrees_with_a_search_row_by_row():
    random = np.random.default_rng(3)
    base = utc("2024-01-01")
    hours = [base + pd.Timedelta(hours=int(h)) for h in random.integers(0, 30, 200)]
    leads = [pd.Timedelta(hours=int(h)) for h in random.integers(0, 40, 200)]
    rows = vintages(random.normal(size=200)).assign(valid_time=hours, available_at=base)
    rows["issued_at"] = [hour - lead for hour, lead in zip(hours, leads, strict=True)]
    rows["available_at"] = rows["issued_at"] + pd.to_timedelta(random.integers(0, 6, 200), unit="h")
    rows = rows.drop_duplicates(["issued_at", "valid_time"])
    instants = pd.DatetimeIndex(sorted(base + pd.to_timedelta(random.integers(-45, 40, 25), unit="h")))
    ahead = instants.tz_localize(None).to_numpy()[:, None] + np.arange(-10, 30) * np.timedelta64(1, "h")
    found = known_at(rows.sample(frac=1, random_state=1), instants, ahead)["temperature"].values
    for c, instant in enumerate(instants):
        usable = rows[rows["available_at"] <= instant].sort_values(["available_at", "issued_at"])
        for h, valid in enumerate(ahead[c]):
            hits = usable.loc[usable["valid_time"] == pd.Timestamp(valid, tz="UTC"), "value"]
            np.testing.assert_equal(found[c, h], hits.iloc[-1] if len(hits) else np.nan)


def test_what_became_available_later_cannot_change_what_was_known():
    rows = vintages(np.arange(100.0), lag=5)
    instants = pd.DatetimeIndex(rows["valid_time"].iloc[[20, 60]])
    ahead = instants.tz_localize(None).to_numpy()[:, None] + np.arange(-20, 20) * np.timedelta64(1, "h")
    before = known_at(rows, instants, ahead)["temperature"].values
    poisoned = rows.assign(value=rows["value"].where(rows["available_at"] <= instants[0], 1e9))
    np.testing.assert_array_equal(known_at(poisoned, instants, ahead)["temperature"].values[0], before[0])
    assert np.isfinite(before).any()
    cut = index_vintages(poisoned).until(instants[0]).known_at(instants[:1], ahead[:1])["temperature"]
    np.testing.assert_array_equal(cut.values[0], before[0])
    late = index_vintages(poisoned).until(instants[0]).known_at(instants, ahead)["temperature"].values
    assert np.nanmax(late) < 1e9, "what is cut off at an instant cannot be had later either"


def test_a_fetch_is_noted_per_location_and_part(store):
    store.record_fetch("here", "2023", utc("2024-02-01 10:00"), 5)
    store.record_fetch("here", "2024", utc("2024-02-02 10:00"), 0)
    store.record_fetch("here", "2023", utc("2024-02-03 10:00"), 6)
    assert store.fetches("here") == {"2023": (utc("2024-02-03 10:00"), 6), "2024": (utc("2024-02-02 10:00"), 0)}
    assert store.fetches("there") == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"2023": 5}', '{"2023": ["yesterday-ish", 1]}'])
def test_damaged_notes_of_fetches_are_left_out_of_account(store, text):
    store.record_fetch("here", "2023", utc("2024-02-01"), 5)
    (store.folder / "here" / "fetches.json").write_text(text)
    assert store.fetches("here") == {}
    store.record_fetch("here", "2024", utc("2024-02-01"), 5)
    assert list(store.fetches("here")) == ["2024"]
