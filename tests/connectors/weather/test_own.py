"""Weather of one's own: forecasts that say when they could be had or were issued, and observations."""

import sqlite3

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError
from connectors.files.source import SourceOptions
from connectors.frame import check_vintages
from connectors.weather.own import read_own_weather
from connectors.weather.store import WeatherStore

NOW = pd.Timestamp("2024-06-01", tz="UTC")
HOUR = pd.Timedelta(hours=1)


def utc(text):
    return pd.Timestamp(text, tz="UTC")


def forecasts(zone="UTC", form="%Y-%m-%dT%H:%MZ", runs=3):
    """48 hours from each of some mornings; the temperature says the run, the wind the lead."""
    rows = []
    for run in range(runs):
        issued = utc("2024-03-30 06:00") + pd.Timedelta(days=run)
        for lead in range(48):
            stamps = (issued.tz_convert(zone), (issued + lead * HOUR).tz_convert(zone))
            rows.append([*(stamp.strftime(form) for stamp in stamps), float(run), float(lead)])
    return pd.DataFrame(rows, columns=["known", "hour", "T2M", "wind"])


def read(source, **options):
    asked = {"location": "here", "now": NOW, "names": {"T2M": "temperature"}, "units": {"temperature": "°C"}}
    return check_vintages(read_own_weather(source, SourceOptions(time="hour"), **asked | options))


def at(text, hour, table, tmp_path):
    store = WeatherStore(tmp_path)
    store.append(table)
    hours = np.array([[hour]], "datetime64[us]")
    return store.vintages("here").known_at(pd.DatetimeIndex([text], tz="UTC"), hours)["temperature"].values[0, 0]


def test_forecasts_that_say_when_they_could_be_had_are_vintages(tmp_path):
    table = read(forecasts(), available_at="known")
    assert len(table) == 2 * 3 * 48
    assert set(table["kind"]) == {"forecast"}
    assert (table["available_at"] == table["issued_at"]).all()
    assert dict(zip(table["variable"], table["unit"], strict=True)) == {"temperature": "°C", "wind": ""}
    assert at("2024-03-31 05:59", "2024-03-31T12", table, tmp_path) == 0
    assert at("2024-03-31 06:00", "2024-03-31T12", table, tmp_path) == 1


def test_forecasts_that_say_when_they_were_issued_need_a_delay():
    table = read(forecasts(), issued_at="known", delay=pd.Timedelta(hours=5))
    assert (table["available_at"] - table["issued_at"] == 5 * HOUR).all()
    assert table["issued_at"].min() == utc("2024-03-30 06:00")
    with pytest.raises(ConfigError, match="say nothing of when"):
        read(forecasts(), issued_at="known")


def test_local_clocks_over_the_change_of_the_clock_become_instants():
    """On 31 March 2024 Paris goes from UTC+1 to UTC+2."""
    table = read_own_weather(
        forecasts("Europe/Paris", "%d/%m/%Y %H:%M"), SourceOptions(time="hour", time_zone="Europe/Paris"),
        location="here", available_at="known", now=NOW,
    )  # fmt: skip
    assert sorted(table["available_at"].unique()) == [
        utc(f"2024-{day} 06:00") for day in ("03-30", "03-31", "04-01")
    ]
    assert table["valid_time"].nunique() == 48 + 2 * 24
    lead = (table["valid_time"] - table["issued_at"]) / HOUR
    wind = table["variable"] == "wind"
    np.testing.assert_array_equal(lead[wind], table["value"][wind])


def test_without_word_of_their_issue_rows_are_observations_known_a_day_later():
    observed = forecasts(runs=1).drop(columns="known")
    table = read(observed)
    assert set(table["kind"]) == {"observed"}
    assert (table["available_at"] - table["valid_time"] == 24 * HOUR).all()
    soon = read(observed, delay=HOUR)
    assert (soon["available_at"] - soon["valid_time"] == HOUR).all()


def test_what_is_missing_is_left_out():
    holed = forecasts().assign(T2M=lambda frame: frame["T2M"].where(frame["wind"] > 3))
    assert (read(holed, available_at="known")["variable"] == "temperature").sum() == 3 * 44


def test_a_csv_file_and_a_database_give_the_same_rows(tmp_path):
    from_memory = read(forecasts(), available_at="known")
    file = tmp_path / "weather.csv"
    forecasts().to_csv(file, sep=";", decimal=",", index=False)
    pd.testing.assert_frame_equal(read(file, available_at="known"), from_memory)
    with sqlite3.connect(tmp_path / "weather.db") as connection:
        forecasts().to_sql("weather", connection, index=False)
    connection.close()
    url = f"sqlite:///{tmp_path / 'weather.db'}"
    pd.testing.assert_frame_equal(read(url, available_at="known", query="weather"), from_memory)


def test_a_value_not_available_yet_cannot_be_reached(tmp_path):
    table = read(forecasts(), available_at="known")
    instant = utc("2024-03-31 06:00")
    poisoned = table.assign(value=table["value"].where(table["available_at"] <= instant, 1e9))
    hours = np.arange("2024-03-30T06", "2024-04-02T06", dtype="datetime64[h]")[None]
    known = []
    for number, rows in enumerate((table, poisoned)):
        store = WeatherStore(tmp_path / str(number))
        store.append(rows)
        known.append(store.vintages("here").known_at(pd.DatetimeIndex([instant]), hours)["temperature"].values)
    np.testing.assert_array_equal(*known)
    assert np.isfinite(known[0]).any()


@pytest.mark.parametrize(
    ("frame", "options", "kind", "message"),
    [
        (forecasts(), {"available_at": "known", "delay": HOUR}, ConfigError, "said once"),
        (forecasts(), {"available_at": "known", "issued_at": "known"}, ConfigError, "said once"),
        (forecasts().replace("2024-03-31T06:00Z", "soon"), {"available_at": "known"}, DataError, "'soon'"),
        (forecasts().drop(columns=["T2M", "wind"]), {"available_at": "known"}, DataError, "no numeric column"),
    ],
)
def test_what_cannot_be_told_is_refused(frame, options, kind, message):
    frame = frame if message != "'soon'" else frame.assign(known=frame["known"].replace("2024-03-31T06:00Z", "soon"))
    with pytest.raises(kind, match=message):
        read(frame, **options)
