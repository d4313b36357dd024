"""Dates beside a column of hours: times of day, spans, or the number of a part of the day."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from connectors.errors import DataError, IrregularTimestampsError, UnreadableFileError
from connectors.files.read import SourceOptions, read_table

HOURS = pd.date_range("2024-03-01", periods=96, freq="h")


def frame(hours, name="hour", times=HOURS):
    days = times.strftime("%Y-%m-%d")
    return pd.DataFrame({"date": days, name: list(hours), "kwh": np.arange(float(len(times)))}, dtype=object)


@pytest.mark.parametrize(
    ("name", "spell"),
    [
        ("time", lambda at: f"{at:%H%M}"),
        ("hour", lambda at: at.hour * 100),
        ("Heure", lambda at: f"{at.hour}h-{at.hour + 1}h"),
        ("slot", lambda at: f"{at:%H:%M} - {at + pd.Timedelta(hours=1):%H:%M}"),
        ("period", lambda at: at.hour + 1),
        ("Settlement Period", lambda at: str(at.hour + 1)),
    ],
)
def test_hours_in_any_spelling_are_joined_to_their_dates(tmp_path, name, spell):
    path = tmp_path / "meter.csv"
    frame([spell(at) for at in HOURS], name).to_csv(path, index=False)
    table = read_table(path, SourceOptions(target="kwh"))
    assert (table.item, table.freq) == (None, "h")
    assert table.frame["timestamp"].dt.tz_localize(None).tolist() == list(HOURS)
    assert table.frame["target"].tolist() == list(range(96))


def halves(first, days):
    """Dates, numbers of half-hours and instants of some days in London."""
    times = pd.date_range(first, periods=48 * days + 10, freq="30min", tz="Europe/London")
    times = times[times < times[0].normalize() + pd.DateOffset(days=days)]
    days = times.strftime("%d/%m/%Y")
    number = pd.Series(1, index=range(len(times))).groupby(days.to_numpy()).cumsum()
    return pd.DataFrame({"Settlement Date": days, "Settlement Period": number, "kwh": 1.0}), times


@pytest.mark.parametrize("first", ["2024-03-30", "2024-10-26"])
def test_half_hours_of_a_day_of_a_clock_change_count_what_has_passed(tmp_path, first):
    cells, times = halves(first, 3)
    path = tmp_path / "meter.csv"
    cells.to_csv(path, index=False)
    with pytest.raises(IrregularTimestampsError, match=r"numbers the parts of a day, (46|50) of them"):
        read_table(path, SourceOptions(target="kwh"))
    table = read_table(path, SourceOptions(target="kwh", time_zone="Europe/London"))
    assert table.frame["timestamp"].tolist() == list(times.tz_convert("UTC"))
    assert table.freq == "30min"


def test_a_last_day_may_end_an_hour_early(tmp_path):
    cells, times = halves("2024-02-10", 3)
    path = tmp_path / "meter.csv"
    cells.iloc[:-2].to_csv(path, index=False)
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.frame["timestamp"].tolist() == list(times[:-2].tz_convert("UTC"))


def test_hours_that_cannot_be_joined_are_no_series(tmp_path):
    """Nobody gets a series for each hour without having asked for it."""
    path = tmp_path / "meter.csv"
    frame([at.hour + 30 for at in HOURS], "hour").to_csv(path, index=False)
    with pytest.raises(IrregularTimestampsError, match="no column tells them apart"):
        read_table(path, SourceOptions(target="kwh"))


@pytest.mark.parametrize(
    "spell",
    [
        lambda at: f"{at:%d/%m/%Y %H:%M} - {at + pd.Timedelta(hours=1):%d/%m/%Y %H:%M}",
        lambda at: f"{at:%Y-%m-%dT%H:%MZ}/{at + pd.Timedelta(hours=1):%Y-%m-%dT%H:%MZ}",
        lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}/PT1H",
        lambda at: f"{at:%a %d/%m/%Y %H:%M}",
        lambda at: f"{('lun.', 'mar.', 'mer.', 'jeu.', 'ven.', 'sam.', 'dim.')[at.weekday()]} {at:%d/%m/%Y %H:%M}",
        lambda at: f"{at:%d/%m/%Y %I:%M:%S} {'ap'[at.hour >= 12]}. m.",
    ],
)
def test_intervals_weekdays_and_halves_of_the_day_are_read(tmp_path, spell):
    path = tmp_path / "meter.csv"
    times = HOURS + pd.Timedelta(days=14)
    pd.DataFrame({"at": [spell(at) for at in times], "kwh": 1.0}).to_csv(path, index=False, sep=";")
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.frame["timestamp"].dt.tz_localize(None).tolist() == list(times)


@pytest.mark.parametrize(
    ("first", "last"),
    [("Datum von", "Datum bis"), ("Van (datum)", "Tot (datum)"), ("INTERVALSTARTTIME_GMT", "INTERVALENDTIME_GMT")],
)
def test_of_two_ends_of_an_interval_the_start_is_the_time(tmp_path, first, last):
    path = tmp_path / "meter.csv"
    rows = {last: HOURS + pd.Timedelta(hours=1), first: HOURS, "kwh": 1.0}
    pd.DataFrame(rows).to_csv(path, index=False)
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.time == first
    assert table.frame["timestamp"].dt.tz_localize(None).tolist() == list(HOURS)


def test_names_of_clocks_are_offsets(tmp_path):
    """The hour that stands twice is told apart by its name."""
    times = pd.date_range("2024-10-26", periods=72, freq="h", tz="Europe/Berlin")
    path = tmp_path / "meter.csv"
    pd.DataFrame({"at": times.strftime("%d.%m.%Y %H:%M %Z"), "kwh": 1.0}).to_csv(path, index=False)
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.frame["timestamp"].tolist() == list(times.tz_convert("UTC"))


@pytest.mark.parametrize("unit", ["kWh", "€", "MW"])
def test_a_unit_behind_every_number_is_left_out_and_told(tmp_path, unit):
    path = tmp_path / "meter.csv"
    cells = [f"{1234.5 + k:.2f} {unit}".replace(".", ",") for k in range(96)]
    pd.DataFrame({"at": HOURS, "load": cells}).to_csv(path, index=False, sep=";")
    table = read_table(path, SourceOptions(target="load"))
    assert table.frame["target"].tolist() == [1234.5 + k for k in range(96)]
    assert f"'load': {unit!r} behind the numbers was left out" in table.notes


@pytest.mark.parametrize("cells", [["950 Wh", "1.2 kWh"], ["950", "1.2 kWh"], ["1.2k", "1.3k"]])
def test_units_that_differ_are_not_mixed(tmp_path, cells):
    path = tmp_path / "meter.csv"
    pd.DataFrame({"at": HOURS, "load": cells * 48}).to_csv(path, index=False)
    with pytest.raises(DataError, match="is not numeric"):
        read_table(path, SourceOptions(target="load"))


@pytest.mark.parametrize("content", ["lines", "columns"])
def test_json_of_lines_and_of_columns(tmp_path, content):
    path = tmp_path / "meter.json"
    table = pd.DataFrame({"at": HOURS.strftime("%Y-%m-%d %H:%M"), "kwh": np.arange(96.0)})
    if content == "lines":
        table.to_json(path, orient="records", lines=True)
    else:
        path.write_text(str(table.to_dict("list")).replace("'", '"'))
    read = read_table(path, SourceOptions(target="kwh"))
    assert read.frame["target"].sum() == table["kwh"].sum()
    assert len(read.frame) == 96


def test_rows_with_their_number_before_the_fields_of_the_header(tmp_path):
    """As R writes them."""
    path = tmp_path / "meter.csv"
    rows = [f'"{k + 1}",{at},{k}' for k, at in enumerate(HOURS)]
    path.write_text("\n".join(['"at","kwh"', *rows, ""]))
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.time == "at"
    assert table.frame["target"].tolist() == list(range(96))
    path.write_text("\n".join(["at,kwh", *(f"{at},{k},7" for k, at in enumerate(HOURS)), ""]))
    with pytest.raises(UnreadableFileError, match="more fields than the header"):
        read_table(path, SourceOptions(target="kwh"))


def test_seconds_since_1970_in_json(tmp_path):
    path = tmp_path / "meter.json"
    path.write_text(json.dumps([{"timestamp": int(at.timestamp()), "kwh": 1.5} for at in HOURS]))
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.frame["timestamp"].dt.tz_localize(None).tolist() == list(HOURS)


def test_a_column_of_series_may_have_time_in_its_name(tmp_path):
    path = tmp_path / "meter.csv"
    rows = pd.DataFrame({"at": [*HOURS, *HOURS], "time_series_id": ["a"] * 96 + ["b"] * 96, "kwh": 1.0})
    rows.to_csv(path, index=False)
    assert read_table(path, SourceOptions(target="kwh")).item == "time_series_id"


def test_a_number_for_no_reading_is_missing_and_told(tmp_path):
    path = tmp_path / "meter.csv"
    pd.DataFrame({"at": HOURS, "kwh": np.where(HOURS.hour == 3, -9999, 50)}).to_csv(path, index=False)
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.frame["target"].sum() == 92 * 50
    assert table.frame["target"].isna().sum() == 4
    assert "'kwh': 4 cells of -9999 taken as missing" in table.notes


@pytest.mark.parametrize("header", ["timezone", "Time Zone", "Fuseau horaire"])
def test_a_column_that_names_the_zone_says_what_the_clock_is(tmp_path, header):
    path = tmp_path / "meter.csv"
    pd.DataFrame({"at": HOURS, header: "America/Bogota", "kwh": 1.0}).to_csv(path, index=False)
    table = read_table(path, SourceOptions(target="kwh"))
    assert table.time_zone == "America/Bogota"
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-03-01T05:00Z")
    assert any(f"the column {header!r} names it" in guess.why for guess in table.guesses)
    again = read_table(path, table.options)
    assert (again.guesses, again.frame["timestamp"].iloc[0]) == ((), table.frame["timestamp"].iloc[0])


def test_zones_that_differ_and_names_of_no_zone_are_texts(tmp_path):
    path = tmp_path / "meter.csv"
    for zones in (["Europe/Paris", "Asia/Tokyo"] * 48, ["Nowhere/Else"] * 96, ["EST"] * 96):
        pd.DataFrame({"at": HOURS, "timezone": zones, "kwh": 1.0}).to_csv(path, index=False)
        table = read_table(path, SourceOptions(target="kwh"))
        assert table.time_zone == "UTC"
        assert "text column 'timezone' is not used" in table.notes


@pytest.mark.parametrize(("decimal", "first"), [(None, 2.001), ("point", 2.001), ("comma", 2001)])
def test_a_point_that_may_group_is_told_and_may_be_decided(tmp_path, decimal, first):
    path = tmp_path / "meter.csv"
    cells = [f"{1 + k % 9}.{k:03d}" for k in range(96)]
    pd.DataFrame({"at": HOURS, "kwh": cells}).to_csv(path, index=False, sep=";")
    table = read_table(path, SourceOptions(target="kwh", decimal=decimal))
    assert table.frame["target"].iloc[1] == first
    told = "'kwh': the point was read as the decimal mark; --decimal says otherwise" in table.notes
    assert told == (decimal is None)
    again = read_table(path, replace(table.options, decimal=None))
    assert again.frame["target"].iloc[1] == first
    assert again.notes == tuple(note for note in table.notes if "--decimal" not in note)
