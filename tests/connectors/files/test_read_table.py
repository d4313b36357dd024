"""Files as people have them, read whole: what is in the frame, what was guessed, what was left out."""

import gzip
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from time import process_time

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import (
    ConfigError,
    DataError,
    IrregularTimestampsError,
    MissingColumnsError,
    MissingExtraError,
    UnreadableFileError,
)
from connectors.files.read import SourceOptions, read_table, require_target

INPUTS = Path(__file__).parents[2] / "data" / "inputs"
PARIS = "Europe/Paris"


def read(source, target="load", **options):
    return read_table(source, SourceOptions(target=target, **options))


@pytest.fixture
def file(tmp_path):
    """Write a text or bytes to a file."""

    def write(content, name="meter.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def hourly(number=48, start="2024-01-01", header="time,load", freq="h", spelling="%Y-%m-%d %H:%M"):
    times = pd.date_range(start, periods=number, freq=freq).strftime(spelling)
    return "\n".join([header, *(f"{time},{place + 0.5}" for place, time in enumerate(times))]) + "\n"


def guessed(table):
    return {guess.what: guess.value for guess in table.guesses}


def utc(*texts):
    return [pd.Timestamp(text, tz="UTC") for text in texts]


# --- the files of tests/data/inputs ----------------------------------------------------------------------


def test_a_french_export_with_titles_total_and_the_long_day():
    table = read(INPUTS / "fr_excel_cp1252_dst_total.csv", "Consommation (kWh)", time_zone=PARIS)
    frame = table.frame
    assert (table.freq, table.unit, table.time, table.item) == ("h", "kWh", "Date", None)
    assert frame["timestamp"].tolist() == list(pd.date_range("2024-10-26 22:00", periods=25, freq="h", tz="UTC"))
    assert frame["target"].iloc[:7].tolist() == [920.1, 890.9, 841.0, 837.4, 833.2, 921.9, 1070.2]
    assert frame["target"].sum() == pytest.approx(35_563.0)
    assert frame["item_id"].unique().tolist() == ["fr_excel_cp1252_dst_total"]
    notes = " | ".join(table.notes)
    assert "3 title lines above the header were skipped" in notes
    assert "1 row whose time could not be read was left out: first line 30 'Total;35" in notes
    assert "text column 'Qualité' is not used" in notes
    assert "Windows-1252" in notes


def test_an_open_order_of_day_and_month_is_settled_by_the_steps():
    table = read(INPUTS / "fr_excel_utf8sig.csv", "Puissance (kW)")
    assert table.frame["timestamp"].tolist() == list(pd.date_range("2024-02-01", periods=72, freq="h", tz="UTC"))
    assert table.frame["target"].iloc[0] == 1296.2
    assert (table.unit, table.time) == ("kW", "Horodatage")
    assert guessed(table)["day and month"] == "day first"
    assert guessed(table)["time zone"] == "UTC"


def test_a_sheet_with_a_text_among_its_numbers():
    table = read(INPUTS / "excel_fr_mesures_dst.xlsx", "Valeur (en kWh)", time_zone=PARIS)
    assert table.frame["timestamp"].tolist() == list(
        pd.date_range("2024-10-26 22:00", periods=25, freq="h", tz="UTC")
    )
    assert table.frame["target"].tolist() == [100 + 1.5 * place for place in range(25)]
    assert table.unit == "kWh"
    assert guessed(table)["sheet"] == "Mesures"


def test_another_sheet_is_read_by_its_name():
    table = read(INPUTS / "excel_fr_mesures_dst.xlsx", "kW", sheet="Serie-texte", freq="h")
    assert table.frame["target"].tolist() == [13.0, 12.5]
    assert table.frame["timestamp"].tolist() == utc("2024-10-27 00:00", "2024-10-27 23:00")
    with pytest.raises(ConfigError, match="Did you mean 'Mesures'"):
        read(INPUTS / "excel_fr_mesures_dst.xlsx", "kW", sheet="mesure")


def test_a_local_clock_through_both_changes():
    table = read(INPUTS / "bi_export_local_naive_dst.csv", "kWh", time_zone=PARIS)
    stamps = table.frame["timestamp"]
    spring = pd.date_range("2024-03-30 23:00", periods=23, freq="h", tz="UTC")
    autumn = pd.date_range("2024-10-26 22:00", periods=25, freq="h", tz="UTC")
    assert stamps.tolist() == [*spring, *autumn]
    assert table.time_zone == PARIS


def test_a_register_is_turned_into_what_was_used():
    table = read(INPUTS / "cumulative_index_rollover_exchange.csv", "index_kwh")
    assert guessed(table)["register"] == "differences between its readings"
    as_read = read(INPUTS / "cumulative_index_rollover_exchange.csv", "index_kwh", register="as-read")
    assert as_read.frame["target"].iloc[0] == 999985.0
    assert "register" not in guessed(as_read)


# --- what every frame is ---------------------------------------------------------------------------------


def test_the_frame_has_the_promised_types(file):
    table = read(file(hourly()))
    assert table.frame.dtypes.astype(str).to_dict() == {
        "item_id": "str", "timestamp": "datetime64[ns, UTC]", "target": "float64",
    }  # fmt: skip
    assert (table.name, table.target, table.time, table.covariates) == ("meter.csv", "load", "time", ())
    assert table.frame["item_id"].unique().tolist() == ["meter"]
    assert guessed(table) == {"time column": "time", "step": "h", "time zone": "UTC"}
    assert all(guess.option.startswith("--") and guess.why for guess in table.guesses)


def test_what_is_said_is_not_guessed(file):
    table = read(file(hourly()), time="time", freq="60min", time_zone="UTC")
    assert (table.guesses, table.freq) == ((), "h")


def test_covariates_keep_their_names_and_texts_are_left_out(file):
    path = file("time,load,Temp (°C),weather,holiday,empty\n2024-01-01,1,2.5,sun,yes,\n2024-01-02,2,3,rain,no,\n")
    table = read(path)
    assert table.covariates == ("Temp (°C)", "holiday")
    assert table.frame["holiday"].tolist() == [1.0, 0.0]
    assert "text column 'weather' is not used" in table.notes
    assert "empty column 'empty' is not used" in table.notes
    assert read(path, ignore=("holiday",)).covariates == ("Temp (°C)",)


def test_a_file_without_a_target_is_one_of_covariates(file):
    table = read(file("time,temp\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n"), None)
    assert table.target is None
    assert list(table.frame.columns) == ["item_id", "timestamp", "temp"]
    with pytest.raises(MissingColumnsError, match="--target 'temp'"):
        require_target(table)
    assert require_target(read(file(hourly()))) == "load"


def test_names_of_the_table_itself_cannot_be_covariates(file):
    path = file("time,load,target\n2024-01-01,1,2\n2024-01-02,1,2\n")
    assert read(path).covariates == ()
    assert any("'target' is not used" in note for note in read(path).notes)
    with pytest.raises(ConfigError, match="Rename"):
        read(path, required=("target",))


def test_duplicates_and_gaps_stay_inside(file):
    lines = hourly(10).splitlines()
    table = read(file("\n".join([*lines[:5], *lines[7:], lines[3]])))
    assert len(table.frame) == 9
    assert table.frame["timestamp"].duplicated().sum() == 1


ROWS = hourly(60).splitlines()


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(ROWS[1:]), st.booleans())
def test_the_order_of_the_rows_does_not_matter(file, rows, french):
    expected = read(file("\n".join(ROWS))).frame
    lines = [ROWS[0], *rows]
    if french:
        times = [pd.Timestamp(row.split(",")[0]).strftime("%d/%m/%Y %H:%M") for row in rows]
        lines = ["time;load"] + [
            f"{time};{row.split(',')[1].replace('.', ',')}" for time, row in zip(times, rows, strict=True)
        ]
    pd.testing.assert_frame_equal(read(file("\n".join(lines))).frame, expected)


def test_a_reversed_local_file_gives_the_same_frame(file):
    lines = (INPUTS / "bi_export_local_naive_dst.csv").read_text().splitlines()
    upside_down = read(
        file("\n".join([lines[0], *lines[:0:-1]]), "bi_export_local_naive_dst.csv"), "kWh", time_zone=PARIS
    )
    pd.testing.assert_frame_equal(
        upside_down.frame, read(INPUTS / "bi_export_local_naive_dst.csv", "kWh", time_zone=PARIS).frame
    )


def test_a_large_clean_file_is_read_quickly(file):
    """The clock of the test machine may be slow: what is bounded is the work per row, against pandas' own."""
    path = file(hourly(100_000))
    start = process_time()
    pd.read_csv(path, parse_dates=["time"])
    plain = process_time() - start
    start = process_time()
    read(path)
    assert process_time() - start < max(1.0, 20 * plain)


# --- formats and encodings -------------------------------------------------------------------------------


def zipped(content, *names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return packed.getvalue()


TEXT = "time;load;région\n2024-01-01 00:00;1,5;Île\n2024-01-01 01:00;2,5;Île\n2024-01-01 02:00;3,5;Île\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TEXT.encode(), "a.csv"),
        (TEXT.encode("utf-8-sig"), "a.txt"),
        (TEXT.encode("utf-16"), "a.csv"),
        (TEXT.encode("cp1252"), "a"),
        (TEXT.replace("\n", "\r\n").encode(), "a.csv"),
        (b"sep=;\r\n" + TEXT.replace("\n", "\r\n").encode(), "a.csv"),
        (TEXT.replace("\n", "\r").encode(), "a.csv"),
        (TEXT.replace(";", "\t").encode(), "a.tsv"),
        (TEXT.replace(";", "|").encode(), "a.csv"),
        (TEXT.replace(",", ".").replace(";", ",").encode(), "a.csv"),
        (
            TEXT.replace("1,5", '"1,5"').replace("2,5", '"2,5"').replace("3,5", '"3,5"').replace(";", ",").encode(),
            "a.csv",
        ),
        (gzip.compress(TEXT.encode(), mtime=0), "a.csv.gz"),
        (gzip.compress(TEXT.encode(), mtime=0), "a.csv"),
        (zipped(TEXT, "inside/a.csv", "__MACOSX/a.csv"), "a.zip"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",  # archives hold the time they were made at
)
def test_the_content_decides_the_format(file, content, name):
    table = read(file(content, name))
    assert table.frame["target"].tolist() == [1.5, 2.5, 3.5]
    assert table.frame["timestamp"].tolist() == utc("2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00")
    assert table.frame["item_id"].unique().tolist() == ["a"]
    assert "text column 'région' is not used" in table.notes


def test_a_workbook_called_csv_is_read(file):
    table = read(file((INPUTS / "excel_fr_mesures_dst.xlsx").read_bytes(), "mesures.csv"), "Valeur (en kWh)")
    assert len(table.frame) == 25


def test_a_workbook_without_openpyxl_names_the_pip_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"hourcast\[excel\]"):
        read(INPUTS / "excel_fr_mesures_dst.xlsx", "Valeur (en kWh)")


def test_parquet_keeps_instants_and_floats(tmp_path):
    path = tmp_path / "o'clock [1].parquet"
    with duckdb.connect() as connection:
        relation = connection.sql(
            "select timestamptz '2024-10-27 00:00:00+00' + to_hours(i::int) as at, 'a' || i % 2 as site, "
            "0.1 + i as load, 2.5::decimal(4, 1) as price, i % 2 = 0 as flag, [i] as list from range(40) t(i)"
        )
        relation.write_parquet(str(tmp_path / "plain.parquet"))
    (tmp_path / "plain.parquet").rename(path)
    table = read(path)
    expected = pd.date_range("2024-10-27", periods=40, freq="h", tz="UTC")
    assert table.frame["timestamp"].tolist() == list(expected)
    assert table.frame["target"].tolist() == [0.1 + place for place in range(40)]
    assert table.covariates == ("price", "flag")
    assert table.time_zone == "UTC"


def test_a_bracket_in_the_name_of_a_parquet_file_is_no_pattern(tmp_path):
    with duckdb.connect() as connection:
        for name, first in (("a[b].parquet", 1), ("ab.parquet", 100)):
            rows = f"select timestamp '2024-01-01' + to_hours(i::int) as at, {first} + i as load from range(5) t(i)"
            connection.execute(f"copy ({rows}) to '{tmp_path}/plain.parquet'")
            (tmp_path / "plain.parquet").rename(tmp_path / name)
    assert read(tmp_path / "a[b].parquet").frame["target"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_parquet_does_not_depend_on_the_zone_of_the_machine(tmp_path, zone, monkeypatch):
    path = tmp_path / "a.parquet"
    with duckdb.connect() as connection:
        connection.sql(
            "select timestamptz '2024-03-31 00:00:00+00' + to_hours(i::int) as at, i as load from range(5) t(i)"
        ).write_parquet(str(path))
    code = (
        "import sys; from connectors.files.read import *; t = read_table(sys.argv[1], SourceOptions(target='load'));"
        "print(t.frame.timestamp[0].isoformat(), t.time_zone)"
    )
    monkeypatch.setenv("TZ", zone)
    root = Path(__file__).parents[3]
    found = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=root, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["2024-03-31T00:00:00+00:00", "UTC"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"time,load\n", "holds no readings"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b'<?xml version="1.0"?><a/>', "is XML"),
        (b'[ {"a": 1} ]', "is JSON"),
        (bytes(range(256)) * 4, "is binary"),
        (b"a\x00b,c\n" * 5, "is binary"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"PAR1 broken PAR1", "cannot be read"),
        (b"\x1f\x8b\x08 broken", "cannot be unpacked"),
        (b"PK\x03\x04 broken", "cannot be unpacked"),
        (zipped("a,b\n", "a.csv", "b.csv"), "holds a.csv, b.csv"),
        (zipped("", "mimetype", "content.xml"), "OpenDocument"),
        (gzip.compress(b"PAR1 in a gz", mtime=0), "holds Parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
def test_what_is_no_table_is_refused(file, content, words):
    with pytest.raises(UnreadableFileError, match=words):
        read(file(content))


def test_an_endless_archive_is_refused(file, monkeypatch):
    monkeypatch.setattr("connectors.files.decode.MAX_BYTES", 1000)
    with pytest.raises(UnreadableFileError, match="more than"):
        read(file(gzip.compress(b"0" * 5000)))
    with pytest.raises(UnreadableFileError, match="more than"):
        read(file(hourly(100)))


def test_a_missing_file_is_named_with_the_near_one(file):
    path = file(hourly(), "consumption.csv")
    with pytest.raises(UnreadableFileError, match=r"Did you mean .*consumption\.csv"):
        read(path.with_name("consumtion.csv"))
    with pytest.raises(UnreadableFileError, match="no folder"):
        read(path.parent / "nowhere" / "a.csv")
    with pytest.raises(UnreadableFileError, match="is a folder"):
        read(path.parent)


# --- header and rows -------------------------------------------------------------------------------------


def test_a_line_of_units_below_the_header_is_skipped(file):
    table = read(file("Site A;;\ntime;load;temp\n;kW;°C\n01/01/2024 00:00;1,5;2\n01/01/2024 01:00;2,5;3\n"))
    assert table.frame["target"].tolist() == [1.5, 2.5]
    assert any("between the header and the readings" in note for note in table.notes)


def test_a_file_without_a_header_gets_names(file):
    table = read(file("2024-01-01 00:00,1\n2024-01-01 01:00,2\n2024-01-01 02:00,3\n"), "column 2")
    assert table.frame["target"].tolist() == [1, 2, 3]
    assert any("no header line" in note for note in table.notes)


def test_the_nameless_index_of_a_dataframe_is_the_time(file):
    frame = pd.DataFrame({"load": [1.0, 2.0, 3.0]}, index=pd.date_range("2024-01-01", periods=3, freq="h"))
    table = read(file(frame.to_csv()))
    assert table.time == "column 1"
    assert table.frame["target"].tolist() == [1, 2, 3]


def test_row_numbers_in_front_are_no_covariate(file):
    table = read(file(pd.DataFrame({"time": HOURS, "load": LOAD}).to_csv()))
    assert table.covariates == ()
    assert "column 'column 1' only counts the rows and is not used" in table.notes


def test_a_name_that_stands_twice_gets_a_number(file):
    table = read(file("time,load,load\n2024-01-01,1,5\n2024-01-02,2,6\n"))
    assert table.covariates == ("load.1",)
    assert table.frame["target"].tolist() == [1, 2]


def test_blank_lines_and_trailing_separators_are_no_readings(file):
    table = read(file("time;load;\n01/01/2024 00:00;1;\n\n01/01/2024 01:00;2;\n;;\n"))
    assert table.frame["target"].tolist() == [1, 2]
    assert not any("left out" in note for note in table.notes)


def test_a_decimal_comma_between_commas_is_refused(file):
    with pytest.raises(UnreadableFileError, match=r"line 3 .*more fields"):
        read(file("time,load\n2024-01-01 00:00,1\n2024-01-01 01:00,2,5\n2024-01-01 02:00,3\n"))


def test_a_field_over_two_lines_may_make_a_row_too_wide(file):
    wide = '2024-01-01 05:00,"a\nb",1,2,3,4\n'
    with pytest.raises(UnreadableFileError, match="more fields"):
        read(file(hourly(5) + wide))


def test_a_stray_quotation_mark_is_named(file):
    with pytest.raises(UnreadableFileError, match="stray quotation mark"):
        read(file(hourly(5) + '2024-01-01 05:00,"5.5\n2024-01-01 06:00,6.5\n'))


def test_wider_lines_below_the_readings_are_left_out(file):
    table = read(file(hourly(30) + "Legend,what,it,means,and,more\n"))
    assert len(table.frame) == 30
    assert any("line 32 'Legend" in note for note in table.notes)


def test_quoted_cells_may_hold_the_separator(file):
    lines = "".join(f'2024-01-01 0{hour}:00,"{hour},5","a, b"\n' for hour in range(5))
    table = read(file(f"time,load,text\n{lines}"))
    assert table.frame["target"].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]


# --- the target and the columns named --------------------------------------------------------------------


def test_a_misspelt_column_is_answered_with_the_near_one(file):
    path = file(hourly())
    with pytest.raises(MissingColumnsError, match="Did you mean 'load'") as caught:
        read(path, "laod")
    assert caught.value.exit_code == 3
    for wrong in ({"time": "tme"}, {"item": "itm"}, {"ignore": ("lod",)}, {"required": ("lod",)}):
        with pytest.raises(MissingColumnsError, match="Known: time, load"):
            read(path, **wrong)


def test_a_target_of_words_is_refused_with_its_first_values(file):
    with pytest.raises(DataError, match=r"'sun' \(line 2\), 'rain' \(line 3\)"):
        read(file("time,load\n2024-01-01,sun\n2024-01-02,rain\n"))
    with pytest.raises(DataError, match="is empty"):
        read(file("time,load,a\n2024-01-01,,1\n2024-01-02,,2\n"))


def test_required_columns_must_be_numeric(file):
    path = file("time,load,open,weather\n2024-01-01,1,yes,sun\n2024-01-02,2,no,rain\n")
    assert read(path, required=("open",)).covariates == ("open",)
    with pytest.raises(DataError, match="'weather' is not numeric"):
        read(path, required=("weather",))
    with pytest.raises(ConfigError, match="to be ignored"):
        read(path, required=("open",), ignore=("open",))


def test_a_few_bad_cells_become_missing_and_are_told(file):
    lines = hourly(60).splitlines()
    lines[7] = lines[7].split(",")[0] + ",ERR"
    table = read(file("\n".join(lines)))
    assert np.isnan(table.frame["target"].iloc[6])
    assert any("1 cell taken as missing, first line 8 'ERR'" in note for note in table.notes)


def test_a_register_with_a_plain_name_is_only_told(file):
    table = read(file(hourly(60)))
    assert any("--register differences" in note for note in table.notes)
    used = read(file(hourly(60)), register="differences")
    assert used.frame["target"].tolist() == [1.0] * 59


# --- the time column -------------------------------------------------------------------------------------


def columns(**cells):
    return "\n".join([",".join(cells), *(",".join(row) for row in zip(*cells.values(), strict=True))]) + "\n"


HOURS = pd.date_range("2024-01-01", periods=30, freq="h").strftime("%Y-%m-%d %H:%M").tolist()
LATER = pd.date_range("2024-01-01 01:00", periods=30, freq="h").strftime("%Y-%m-%d %H:%M").tolist()
LOAD = [f"{place % 7}.5" for place in range(30)]


def test_without_a_time_column_the_columns_are_listed(file):
    with pytest.raises(IrregularTimestampsError, match=r"'a', 'load'.*--time"):
        read(file("a,load\nx,1\ny,2\n"))
    with pytest.raises(IrregularTimestampsError, match="hours without a date"):
        read(file("at,load\n00:00,1\n01:00,2\n02:00,3\n"))


def test_a_column_named_as_time_must_hold_times(file):
    path = file(columns(time=HOURS, load=LOAD, word=["x"] * 30))
    with pytest.raises(IrregularTimestampsError, match=r"line 2 holds 'x'.*Give --time 'time'"):
        read(path, time="word")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Date de début", "Date de fin", "Date de début"),
        ("Date", "Date de fin", "Date"),
        ("Relevé", "Relevé fin", "Relevé"),
        ("created", "timestamp", "timestamp"),
        ("local", "utc", "utc"),
        ("from", "until", "from"),
    ],
)
def test_of_two_time_columns_the_name_may_decide(file, first, second, expected):
    table = read(file(columns(**{first: HOURS, second: LATER, "load": LOAD})))
    assert table.time == expected
    table = read(file(columns(**{second: LATER, first: HOURS, "load": LOAD})))
    assert table.time == expected
    assert not table.covariates


def test_two_time_columns_as_good_ask_for_one(file):
    path = file(columns(read=HOURS, sent=LATER, load=LOAD))
    with pytest.raises(IrregularTimestampsError, match="'read', 'sent'"):
        read(path)
    assert read(path, time="sent").frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-01 01:00", tz="UTC")


def test_a_date_beside_a_full_time_and_the_day_of_the_export_are_passed_over(file):
    days = [hour[:10] for hour in HOURS]
    table = read(file(columns(day=days, at=HOURS, exported=["2024-05-01"] * 30, load=LOAD)))
    assert table.time == "at"
    assert "the times in 'day' are not used" in table.notes


@pytest.mark.parametrize("hour", ["%H:%M", "%Hh", "%I:%M %p", "%H"])
def test_a_date_and_an_hour_are_joined(file, hour):
    times = pd.date_range("2024-01-01", periods=60, freq="h")
    path = file(columns(Date=times.strftime("%d/%m/%Y"), Heure=times.strftime(hour), load=map(str, range(60))))
    table = read(path)
    assert table.time == "Date + Heure"
    assert table.frame["timestamp"].tolist() == list(times.tz_localize("UTC"))
    assert table.covariates == ()


def test_hours_from_1_to_24_end_their_intervals(file):
    times = pd.date_range("2024-01-01", periods=48, freq="h")
    path = file(columns(Date=times.strftime("%Y-%m-%d"), hour=[str(h + 1) for h in times.hour], load=["1.5"] * 48))
    table = read(path)
    assert table.frame["timestamp"].tolist() == list(times.tz_localize("UTC"))
    assert guessed(table)["stamps"] == "end"


@pytest.mark.parametrize("name", ["Horodate fin de pas", "Hour Ending", "interval_end", "SETTLEMENTDATE"])
def test_a_header_that_says_end_moves_the_times_to_the_start(file, name):
    path = file(columns(**{name: HOURS, "load": LOAD}))
    table = read(path)
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2023-12-31 23:00", tz="UTC")
    assert guessed(table)["stamps"] == "end"
    kept = read(path, stamps="start")
    assert kept.frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-01", tz="UTC")
    assert "stamps" not in guessed(kept)


def test_the_user_may_say_that_times_are_ends(file):
    table = read(file(hourly()), stamps="end")
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2023-12-31 23:00", tz="UTC")
    assert "stamps" not in guessed(table)


@pytest.mark.parametrize("as_shown", [True, False])
def test_ends_of_local_hours_are_placed_through_the_autumn_night(file, as_shown):
    """The end of an hour is written as the clock then shows it, or as the start plus an hour."""
    utc_times = pd.date_range("2024-10-26 12:00", periods=30, freq="h", tz="UTC")
    hour = pd.Timedelta(hours=1)
    ends = (utc_times + hour).tz_convert(PARIS) if as_shown else utc_times.tz_convert(PARIS).tz_localize(None) + hour
    path = file(columns(end=ends.strftime("%d/%m/%Y %H:%M"), load=LOAD))
    assert read(path, time_zone=PARIS).frame["timestamp"].tolist() == list(utc_times)


def test_a_column_that_holds_too_few_times_is_named_with_what_stands_there(file):
    stamps = ["2024-01-01 00:00", "2024-01-01 01:00", "2024-13-45 02:00"]
    said = "The column 'stamp' holds some, but line 4 holds '2024-13-45 02:00'."
    with pytest.raises(IrregularTimestampsError, match=re.escape(said)):
        read(file(columns(load=["1", "2", "3"], stamp=stamps)))


def test_numbers_are_times_only_under_a_name_of_times(file):
    seconds = [str(1_704_067_200 + 3600 * place) for place in range(30)]
    table = read(file(columns(timestamp=seconds, load=LOAD)))
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-01", tz="UTC")
    with pytest.raises(IrregularTimestampsError, match="holds dates"):
        read(file(columns(serial=seconds, load=LOAD)))
    assert len(read(file(columns(serial=seconds, load=LOAD)), time="serial").frame) == 30


def test_a_stray_cell_does_not_hide_times_written_as_numbers(file):
    days = pd.date_range("2024-01-01", periods=30).strftime("%Y%m%d").tolist()
    days[3] = "2024-02-30"
    table = read(file("sep=,\n" + columns(date=days, load=LOAD)))
    assert (table.freq, len(table.frame)) == ("D", 29)


def test_years_and_months_are_read_as_dates(file):
    years = read(file(columns(year=map(str, range(1995, 2025)), load=LOAD)))
    assert (years.freq, years.frame["timestamp"].iloc[0]) == ("YS", pd.Timestamp("1995-01-01", tz="UTC"))
    months = pd.date_range("2022-01-31", periods=30, freq="ME").strftime("%d/%m/%Y")
    table = read(file(columns(date=months, load=LOAD)))
    assert (table.freq, table.frame["timestamp"].iloc[0]) == ("MS", pd.Timestamp("2022-01-01", tz="UTC"))
    assert any("first moment of their step" in note for note in table.notes)


# --- zones and steps -------------------------------------------------------------------------------------


def test_offsets_become_utc_and_the_zone_serves_the_calendar(file):
    times = pd.date_range("2024-10-26 22:00", periods=30, freq="h", tz="UTC").tz_convert(PARIS)
    path = file(columns(at=[time.isoformat() for time in times], load=LOAD))
    table = read(path)
    assert table.frame["timestamp"].tolist() == list(times)
    assert table.time_zone == "UTC"
    zoned = read(path, time_zone=PARIS)
    pd.testing.assert_frame_equal(zoned.frame, table.frame)
    assert zoned.time_zone == PARIS


def test_a_header_that_says_utc_is_not_a_local_clock(file):
    table = read(file(columns(time_utc=HOURS, load=LOAD)), time_zone=PARIS)
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-01", tz="UTC")
    assert any("the times are in UTC" in note for note in table.notes)


@pytest.mark.parametrize(("name", "hours"), [("Date (UTC+1)", 1), ("time GMT-05:00", -5), ("time_gmt", 0)])
def test_a_header_may_name_an_offset(file, name, hours):
    table = read(file(columns(**{name: HOURS, "load": LOAD})))
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-01", tz="UTC") - pd.Timedelta(hours=hours)
    why = {guess.what: guess.why for guess in table.guesses}["time zone"]
    assert why == ("the times carry an offset but no zone" if hours else "the times carry it")


def test_a_spring_hour_that_never_was_is_left_out_and_told(file):
    table = read(file(hourly(24, "2024-03-31")), time_zone=PARIS)
    assert len(table.frame) == 23
    assert any("first 2024-03-31 02:00" in note for note in table.notes)


def test_an_autumn_hour_that_stands_once_is_told(file):
    table = read(file(hourly(24, "2024-10-27")), time_zone=PARIS)
    assert any("taken as winter time: first 2024-10-27 02:00" in note for note in table.notes)


def test_a_clock_that_never_changes_is_suspected(file):
    table = read(file(hourly(8784, "2024-01-01")), time_zone=PARIS)
    assert any("Etc/GMT-1" in note for note in table.notes)


def test_an_unknown_zone_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'Europe/Paris'"):
        read(tmp_path / "missing.csv", time_zone="Paris")


@pytest.mark.parametrize("zone", [None, PARIS, "America/New_York"])
def test_days_are_dates_whatever_the_zone(file, zone):
    table = read(file(hourly(400, "2024-01-01", freq="D", spelling="%d/%m/%Y")), time_zone=zone)
    assert table.freq == "D"
    assert table.frame["timestamp"].tolist() == list(pd.date_range("2024-01-01", periods=400, tz="UTC"))


def test_midnights_in_utc_are_dates_in_every_zone(file):
    days = hourly(30, freq="D", spelling="%Y-%m-%dT%H:%M:%SZ")
    table = read(file(days), time_zone="America/New_York")
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-01", tz="UTC")


@pytest.mark.parametrize(("freq", "step"), [("D", "D"), ("MS", "MS"), ("W-MON", "W-MON")])
def test_local_midnights_with_offsets_are_dates_too(file, freq, step):
    times = pd.date_range("2024-01-01", periods=30, freq=freq, tz=PARIS)
    as_local = read(file(columns(at=[time.isoformat() for time in times], load=LOAD)))
    as_utc = read(
        file(columns(at=[time.tz_convert("UTC").isoformat() for time in times], load=LOAD)), time_zone=PARIS
    )
    expected = list(times.tz_localize(None).tz_localize("UTC"))
    assert as_local.frame["timestamp"].tolist() == as_utc.frame["timestamp"].tolist() == expected
    assert as_local.freq == as_utc.freq == step


def test_a_step_longer_than_the_data_is_refused_and_a_shorter_one_told(file):
    path = file(hourly())
    with pytest.raises(ConfigError, match="100% of the steps are h"):
        read(path, freq="D")
    assert any("100% of the steps are h" in note for note in read(path, freq="30min").notes)


def test_an_irregular_file_needs_the_step(file):
    gaps = np.cumsum([7, 12, 33, 5, 61, 18, 9, 44, 27, 3] * 3)
    times = [str(pd.Timestamp("2024-01-01") + pd.Timedelta(minutes=int(gap)))[:16] for gap in gaps]
    path = file(columns(at=times, load=LOAD))
    with pytest.raises(IrregularTimestampsError, match="no regular step"):
        read(path)
    assert read(path, freq="15min").freq == "15min"


# --- several series --------------------------------------------------------------------------------------


def panel(**more):
    rows = {
        "time": HOURS * 2,
        "site": ["north"] * 30 + ["south"] * 30,
        "meter": ["12"] * 30 + ["7"] * 30,
        "quality": ["ok", "bad"] * 30,
        "load": [str(place) for place in range(30)] + [str(100 - place) for place in range(30)],
    }
    return {**rows, **more}


def test_the_series_are_told_apart_by_the_column_that_does(file):
    table = read(file(columns(**panel())))
    assert table.item == "site"
    assert table.frame["item_id"].unique().tolist() == ["north", "south"]
    assert guessed(table)["item column"] == "site"
    assert "text column 'quality' is not used" in table.notes
    assert table.covariates == ("meter",)


def test_a_text_that_does_not_tell_the_rows_apart_is_no_item(file):
    cells = panel()
    table = read(file(columns(quality=cells.pop("quality"), where=cells.pop("site"), **cells)))
    assert table.item == "where"


def test_a_number_of_the_row_is_no_item(file):
    cells = panel()
    with pytest.raises(IrregularTimestampsError, match="--item"):
        read(
            file(columns(time=cells["time"], row=[str(1000 + 3 * place) for place in range(60)], load=cells["load"]))
        )


def test_a_column_of_numbers_may_name_the_series(file):
    cells = {name: values for name, values in panel().items() if name != "site"}
    table = read(file(columns(**cells)))
    assert table.item == "meter"
    assert set(table.frame["item_id"]) == {"12", "7"}
    assert table.covariates == ()
    assert read(file(columns(**panel())), item="meter").item == "meter"


def test_a_single_series_is_named_after_its_file_whatever_else_stands_there(file):
    table = read(file(columns(time=HOURS, region=["SA1"] * 30, load=LOAD), "plant.csv"))
    assert table.item is None
    assert table.frame["item_id"].unique().tolist() == ["plant"]


def test_repeated_times_without_a_column_to_explain_them_are_refused(file):
    cells = panel()
    with pytest.raises(IrregularTimestampsError, match="--item"):
        read(file(columns(time=cells["time"], load=cells["load"])))


def test_a_file_written_twice_is_one_series_with_duplicates(file):
    table = read(file(columns(time=HOURS * 2, load=LOAD * 2)))
    assert table.item is None
    assert len(table.frame) == 60


def test_rows_without_a_series_are_left_out_and_told(file):
    cells = panel(site=["north"] * 30 + [""] + ["south"] * 29)
    table = read(file(columns(**cells)), item="site")
    assert len(table.frame) == 59
    assert any("1 row without a name was left out: 'site'" in note for note in table.notes)


# --- DataFrames ------------------------------------------------------------------------------------------


def frame_of(number=48, zone=None):
    return pd.DataFrame(
        {"load": np.arange(number) % 5 + 0.5, "temp": np.arange(number)},
        index=pd.date_range("2024-10-26", periods=number, freq="h", tz=zone),
    )


def test_a_datetime_index_is_the_time():
    source = frame_of()
    before = source.copy()
    table = read(source)
    pd.testing.assert_frame_equal(source, before)
    assert (table.name, table.time, table.item) == ("DataFrame", "index", None)
    assert table.frame["timestamp"].tolist() == list(source.index.tz_localize("UTC"))
    assert table.frame["item_id"].unique().tolist() == ["series"]
    assert table.covariates == ("temp",)


def test_an_index_with_a_zone_brings_it_along():
    table = read(frame_of(zone=PARIS))
    assert table.frame["timestamp"].tolist() == list(frame_of(zone=PARIS).index)
    assert (table.time_zone, guessed(table)["time zone"]) == (PARIS, PARIS)
    assert read(frame_of(zone=PARIS), time_zone="UTC").time_zone == "UTC"


def test_a_naive_index_is_a_local_clock_when_a_zone_is_given():
    table = read(frame_of(24), time_zone=PARIS)
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-10-25 22:00", tz="UTC")


@pytest.mark.parametrize(
    "names", [("item_id", "timestamp", "target"), ("unique_id", "ds", "y")], ids=["ours", "of other tools"]
)
def test_the_layouts_of_forecasting_tools_need_no_options(names):
    item, time, target = names
    source = frame_of().reset_index().rename(columns={"index": time, "load": target}).assign(**{item: "plant"})
    table = read_table(source)
    assert (table.item, table.time, table.target) == names
    assert table.frame["item_id"].unique().tolist() == ["plant"]
    assert guessed(table)["target"] == target


def test_two_levels_of_index_are_item_and_time():
    source = pd.concat({"b": frame_of(), "a": frame_of()})
    table = read(source)
    assert table.frame["item_id"].unique().tolist() == ["a", "b"]
    assert len(table.frame) == 96
    named = source.rename_axis(["site", "when"])
    assert (read(named).item, read(named).time) == ("site", "when")
    assert read(named.swaplevel()).item == "site"


@pytest.mark.parametrize("name", ["load", None])
def test_a_series_is_its_own_target(name):
    table = read_table(frame_of()["load"].rename(name))
    assert table.target == (name or "target")
    assert table.frame["target"].tolist() == frame_of()["load"].tolist()


def test_times_in_any_column_type_are_read():
    hours = pd.date_range("2024-10-26 20:00", periods=12, freq="h", tz=PARIS)
    for times in (hours, hours.astype("datetime64[us, Europe/Paris]"), hours.to_pydatetime(), hours.map(str)):
        source = pd.DataFrame({"when": times, "load": range(12)})
        assert read(source).frame["timestamp"].tolist() == list(hours)
    periods = pd.DataFrame({"when": pd.period_range("2024-01", periods=6, freq="M"), "load": range(6)})
    assert read(periods).freq == "MS"
    dates = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=6).date, "load": range(6)})
    assert read(dates).freq == "D"


def test_numbers_in_any_column_type_are_read():
    hours = pd.date_range("2024-01-01", periods=4, freq="h")
    source = pd.DataFrame(
        {
            "when": hours,
            "load": pd.array([1, None, 3, 4], dtype="Int64"),
            "flag": pd.array([True, None, False, True], dtype="boolean"),
            "text": ["1,5", "2", None, "3"],
            "small": np.array([1, np.inf, 3, 4], dtype="float32"),
            "kind": pd.Categorical(["x", "y", "x", "y"]),
        }
    )
    table = read(source)
    assert table.covariates == ("flag", "text", "small")
    assert np.isnan(table.frame["target"].iloc[1])
    assert table.frame["text"].tolist()[:2] == [1.5, 2.0]
    assert np.isnan(table.frame["small"].iloc[1])
    assert (table.frame.dtypes.iloc[2:] == "float64").all()


def test_frames_that_cannot_be_read_are_refused():
    with pytest.raises(UnreadableFileError, match="0 rows"):
        read(frame_of().iloc[:0])
    with pytest.raises(DataError, match="several levels"):
        read(pd.concat({"a": frame_of()}, axis=1))
    with pytest.raises(DataError, match="two columns 'load'"):
        read(frame_of().rename(columns={"temp": "load"}))
    with pytest.raises(IrregularTimestampsError, match="holds dates"):
        read(frame_of().reset_index(drop=True))
