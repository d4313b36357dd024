"""What is written is read back the same, and a failed write leaves the old file alone."""

import os
import stat
import sys
from datetime import UTC, datetime

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import ConfigError, OutputError
from connectors.exports.atomic import replace_file
from connectors.exports.csv import PROFILES, write_csv
from connectors.exports.parquet import write_parquet
from connectors.exports.table import export_table
from connectors.exports.write import WRITERS, check_writable, write_forecasts
from connectors.files.read import SourceOptions, read_table


def table(item="site_a", start="2024-10-26 23:00", values=(0.1, 1 / 3, 1e-17, 123456789.123456789)):
    times = pd.date_range(start, periods=len(values) + 1, freq="h", tz="UTC")
    middle = np.array(values)
    frame = pd.DataFrame(
        {
            "item_id": item, "cutoff": times[0], "timestamp": times[1:], "forecaster": "naive", "mean": middle,
            "p10": middle - 1, "p50": middle, "p90": middle + 1,
        }
    )  # fmt: skip
    return export_table(
        frame, run_id="r1", time_zone="Europe/Paris", freq="h", unit="kWh", weather_mode="none", quality_flag="ok"
    )


def test_iso_is_what_power_bi_reads(tmp_path):
    write_forecasts(table(), tmp_path / "f.csv")
    data = (tmp_path / "f.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfrun_id,item_id,cutoff,timestamp,timestamp_local,")
    assert b"\r" not in data
    line = data.decode("utf-8-sig").splitlines()[1]
    assert line == (
        "r1,site_a,2024-10-26T23:00:00Z,2024-10-27T00:00:00Z,2024-10-27 02:00:00,120,1,naive,0.1,-0.9,0.1,1.1,"
        "kWh,none,ok,1"
    )


def test_excel_fr_has_semicolons_commas_and_french_dates(tmp_path):
    write_forecasts(table(), tmp_path / "f.csv", profile="excel-fr")
    data = (tmp_path / "f.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfrun_id;")
    line = data.decode("utf-8-sig").splitlines()[1]
    assert line == (
        "r1;site_a;2024-10-26T23:00:00Z;2024-10-27T00:00:00Z;27/10/2024 02:00;120;1;naive;0,1;-0,9;0,1;1,1;"
        "kWh;none;ok;1"
    )


def test_plain_has_no_byte_order_mark(tmp_path):
    write_forecasts(table(), tmp_path / "f.csv", profile="plain")
    assert (tmp_path / "f.csv").read_bytes().startswith(b"run_id,")


@pytest.mark.parametrize(
    ("profile", "marks"), [("iso", {}), ("plain", {}), ("excel-fr", {"sep": ";", "decimal": ","})]
)
def test_pandas_reads_the_same_numbers_and_instants(tmp_path, profile, marks):
    expected = table()
    write_csv(expected, tmp_path / "f.csv", profile=profile)
    found = pd.read_csv(
        tmp_path / "f.csv",
        encoding="utf-8-sig",
        float_precision="round_trip",
        parse_dates=["cutoff", "timestamp"],
        **marks,
    )
    assert found.columns.tolist() == expected.columns.tolist()
    assert found["timestamp"].tolist() == expected["timestamp"].tolist()
    for name in ("mean", "p10", "p50", "p90", "utc_offset_min", "horizon", "schema_version"):
        assert found[name].tolist() == expected[name].tolist()


def test_duckdb_reads_the_csv_with_its_types(tmp_path):
    write_forecasts(table(), tmp_path / "f.csv")
    with duckdb.connect() as connection:
        relation = connection.read_csv(str(tmp_path / "f.csv"))
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        assert types["mean"] == "DOUBLE"
        assert types["timestamp"].startswith("TIMESTAMP")
        assert relation.aggregate("count(*)").fetchall() == [(4,)]


def test_parquet_holds_instants_and_the_same_floats(tmp_path):
    expected = table()
    write_forecasts(expected, tmp_path / "it's [f].parquet")
    (tmp_path / "it's [f].parquet").rename(tmp_path / "f.parquet")
    with duckdb.connect() as connection:
        relation = connection.read_parquet(str(tmp_path / "f.parquet"))
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        assert types["cutoff"] == types["timestamp"] == "TIMESTAMP WITH TIME ZONE"
        assert types["item_id"] == types["timestamp_local"] == "VARCHAR"
        seconds = relation.project("epoch(timestamp)").fetchall()
        assert seconds[0] == (datetime(2024, 10, 27, tzinfo=UTC).timestamp(),)
        assert relation.project("mean").fetchall() == [(value,) for value in expected["mean"]]


@pytest.mark.parametrize("profile", PROFILES)
def test_hourcast_reads_its_own_output(tmp_path, profile):
    write_forecasts(table(), tmp_path / "f.csv", profile=profile)
    options = SourceOptions(target="mean", time="timestamp", ignore=("schema_version", "horizon"))
    found = read_table(tmp_path / "f.csv", options)
    assert found.frame["target"].tolist() == table()["mean"].tolist()
    assert found.frame["timestamp"].tolist() == table()["timestamp"].tolist()


def test_an_empty_unit_is_an_empty_cell(tmp_path):
    write_forecasts(table().assign(unit=pd.Series(None, index=range(4), dtype="str")), tmp_path / "f.csv")
    assert ",,none,ok,1" in (tmp_path / "f.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("item", ["=1+1", "+33", "-a", "@sum", "\tx"])
@pytest.mark.parametrize("profile", PROFILES)
def test_no_text_is_run_as_a_formula(tmp_path, item, profile):
    write_forecasts(table(item), tmp_path / "f.csv", profile=profile)
    separator = ";" if profile == "excel-fr" else ","
    found = pd.read_csv(tmp_path / "f.csv", sep=separator, encoding="utf-8-sig")
    assert found["item_id"].unique().tolist() == ["'" + item]
    assert "\n-0" not in (tmp_path / "f.csv").read_text()


def test_numbers_below_nought_stay_numbers(tmp_path):
    write_forecasts(table(values=(-1.5, -2.5)), tmp_path / "f.csv")
    assert pd.read_csv(tmp_path / "f.csv")["mean"].tolist() == [-1.5, -2.5]


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
    st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=6),
    st.sampled_from(PROFILES),
)
def test_any_name_and_number_comes_back(tmp_path, item, values, profile):
    write_csv(table(item, values=values), tmp_path / "f.csv", profile=profile)
    marks = {"sep": ";", "decimal": ","} if profile == "excel-fr" else {}
    found = pd.read_csv(
        tmp_path / "f.csv", encoding="utf-8-sig", float_precision="round_trip", keep_default_na=False,
        dtype={"item_id": str}, **marks,
    )  # fmt: skip
    assert found["mean"].tolist() == list(values)
    assert set(found["item_id"]) == {f"'{item}" if item[0] in "=+-@" else item}


# --- refusals and failures -------------------------------------------------------------------------------


def test_an_unknown_ending_lists_the_known_ones(tmp_path):
    for act in (check_writable, lambda path: write_forecasts(table(), path)):
        with pytest.raises(ConfigError, match=r"Did you mean '.csv'\? Known: .csv, .parquet") as caught:
            act(tmp_path / "f.csw")
        assert caught.value.exit_code == 2
    with pytest.raises(ConfigError, match=r"Known: \.csv, \.parquet"):
        check_writable(tmp_path / "forecast")
    check_writable(tmp_path / "F.CSV")


@pytest.mark.parametrize("ending", list(WRITERS))
def test_an_unknown_profile_is_refused(tmp_path, ending):
    with pytest.raises(ConfigError, match="Did you mean 'excel-fr'"):
        write_forecasts(table(), tmp_path / f"f.{ending}", profile="excel")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", list(WRITERS))
@pytest.mark.parametrize("act", ["check", "write"])
def test_a_place_that_cannot_be_written_is_refused_with_exit_code_4(tmp_path, ending, act):
    (tmp_path / f"folder.{ending}").mkdir()
    (tmp_path / "file").write_text("")
    places = {
        f"missing/f.{ending}": "no folder",
        f"folder.{ending}": "is a folder",
        f"file/f.{ending}": "no folder",
    }
    for place, words in places.items():
        with pytest.raises(OutputError, match=words) as caught:
            check_writable(tmp_path / place) if act == "check" else write_forecasts(table(), tmp_path / place)
        assert caught.value.exit_code == 4


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_closed_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="may not be written"):
        check_writable(tmp_path / "f.csv")
    with pytest.raises(OutputError, match="may not be written"):
        write_forecasts(table(), tmp_path / "f.csv")


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_what_the_system_refuses_becomes_an_output_error(tmp_path, monkeypatch, error):
    def refuse(*args, **kwargs):
        raise error

    (tmp_path / "f.csv").write_text("old")
    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(OutputError, match=error.strerror) as caught:
        write_forecasts(table(), tmp_path / "f.csv")
    assert caught.value.__cause__ is error
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]
    assert (tmp_path / "f.csv").read_text() == "old"


def test_checking_leaves_nothing_behind(tmp_path):
    check_writable(tmp_path / "f.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_old_file_survives_a_failure_in_the_middle(tmp_path, error):
    path = tmp_path / "f.csv"
    path.write_text("old")

    def half(draft):
        draft.write_text("half of the ne")
        raise error

    with pytest.raises(error):
        replace_file(path, half)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.csv"]


def test_the_new_file_appears_only_when_whole(tmp_path):
    path = tmp_path / "f.csv"
    seen = []

    def write(draft):
        draft.write_text("new")
        seen.append((path.read_text(), draft.parent == tmp_path))

    path.write_text("old")
    replace_file(path, write)
    assert seen == [("old", True)]
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links as POSIX has them")
def test_mode_and_link_of_the_old_file_stay(tmp_path):
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "f.csv", tmp_path / "f.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_forecasts(table(), link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_text(encoding="utf-8-sig").startswith("run_id")


def test_a_duckdb_failure_is_an_output_error(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        message = "IO Error: disk full"
        raise duckdb.IOException(message)

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(OutputError, match="disk full"):
        write_parquet(table(), tmp_path / "f.parquet")
    assert list(tmp_path.iterdir()) == []
