"""Read exports with the programs others use, and fail where a type or a local time is not right.

    python readers.py FOLDER

It needs pandas, polars, frictionless, pyarrow, duckdb and openpyxl, and soffice where it is. The folder holds
``iso``, ``excel-fr``, ``plain``, ``parquet`` and ``xlsx``, each a folder of exports, and ``truth.csv`` with the
instants, local times, offsets and means as they should be. Prints the rows that were read, by program.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import frictionless
import openpyxl
import pandas as pd
import polars as pl

ZONE = "Europe/Paris"
KEY = ["item_id", "timestamp"]


def same(found: pd.DataFrame, truth: pd.DataFrame, who: str) -> int:
    """Compare instants, local times, offsets and means; returns the rows."""
    found = found.sort_values(KEY).reset_index(drop=True)
    assert len(found) == len(truth), (who, len(found), len(truth))
    assert (found["mean"] - truth["mean"]).abs().max() < 1e-12, who
    for column in ("item_id", "timestamp", "timestamp_local", "utc_offset_min"):
        left, right = found[column].tolist(), truth[column].tolist()
        assert left == right, (who, column, left[:3], right[:3])
    return len(found)


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Times as texts, the same from every program."""
    instants = pd.to_datetime(frame["timestamp"], utc=True)
    local = pd.to_datetime(frame["timestamp_local"])
    assert (instants.dt.tz_convert(ZONE).dt.tz_localize(None) == local).all(), "local times are those of the clock"
    return frame.assign(
        timestamp=instants.dt.strftime("%Y-%m-%dT%H:%M:%SZ"), timestamp_local=local.dt.strftime("%Y-%m-%d %H:%M:%S")
    )


def by_frictionless(folder: Path, truth: pd.DataFrame) -> int:
    rows = 0
    for profile in ("iso", "excel-fr", "plain"):
        package = frictionless.Package(str(folder / profile / "datapackage.json"))
        report = package.validate()
        assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])[:5]
        rows += len(package.get_resource("forecast").read_rows())
    assert rows == 3 * len(truth)
    return rows


def by_pandas(folder: Path, truth: pd.DataFrame) -> int:
    texts = {"item_id": str}
    iso = pd.read_csv(folder / "iso" / "forecast.csv", dtype=texts, parse_dates=["cutoff", "timestamp"])
    assert str(iso["timestamp"].dtype).endswith("UTC]")
    french = pd.read_csv(folder / "excel-fr" / "forecast.csv", sep=";", decimal=",", dtype=texts)
    french["timestamp_local"] = pd.to_datetime(french["timestamp_local"], format="%d/%m/%Y %H:%M")
    parquet = pd.read_parquet(folder / "parquet" / "forecast_latest.parquet")
    assert str(parquet["timestamp"].dtype).endswith("UTC]")
    book = pd.read_excel(folder / "xlsx" / "hourcast.xlsx", sheet_name="forecast", dtype=texts)
    return sum(same(plain(one), truth, "pandas") for one in (iso, french, parquet, book))


def by_polars(folder: Path, truth: pd.DataFrame) -> int:
    table = pl.read_csv(
        folder / "iso" / "forecast.csv", try_parse_dates=True, schema_overrides={"item_id": pl.String}
    )
    assert isinstance(table.schema["timestamp"], pl.Datetime), table.schema
    assert table.schema["mean"] == pl.Float64
    parts = pl.scan_parquet(folder / "parquet" / "forecast", hive_partitioning=True, try_parse_hive_dates=False)
    parts = parts.with_columns(pl.col("item_id").cast(pl.String)).collect()
    assert parts.schema["timestamp"].time_zone == "UTC", parts.schema
    counted = 0
    for one in (table, parts):
        frame = pd.DataFrame(
            one.select("item_id", "timestamp", "timestamp_local", "utc_offset_min", "mean").to_dicts()
        )
        counted += same(plain(frame), truth, "polars")
    return counted


def by_duckdb(folder: Path, truth: pd.DataFrame) -> int:
    duckdb.sql("SET TimeZone = 'UTC'")
    counted = 0
    for source in (
        f"read_csv('{folder}/iso/forecast.csv', types = {{'item_id': 'VARCHAR'}})",
        f"read_parquet('{folder}/parquet/forecast/**/*.parquet', hive_types_autocast = false)",
    ):
        table = duckdb.sql(f"SELECT item_id, timestamp, timestamp_local, utc_offset_min, mean FROM {source}")
        assert "TIMESTAMP" in str(table.types[1]), table.types
        assert str(table.types[4]) == "DOUBLE"
        counted += same(plain(table.df()), truth, "duckdb")
    return counted


def by_libreoffice(folder: Path, truth: pd.DataFrame) -> int:
    """A spreadsheet opens the workbook, and the French file as one with French settings does."""
    french = ["--infilter=CSV:59,34,76,1,,1036,false,true", str(folder / "excel-fr" / "forecast.csv")]
    counted = 0
    for source in ([str(folder / "xlsx" / "hourcast.xlsx")], french):
        with tempfile.TemporaryDirectory() as scratch:
            command = ["soffice", f"-env:UserInstallation=file://{scratch}/profile", "--headless"]
            subprocess.run(
                [*command, "--convert-to", "xlsx", "--outdir", scratch, *source], check=True, capture_output=True
            )
            (made,) = Path(scratch).glob("*.xlsx")
            book = openpyxl.load_workbook(made)
            sheet = book["forecast"]
            header, *rows = sheet.iter_rows(values_only=True)
            table = pd.DataFrame(rows, columns=header)
            assert all(isinstance(value, float) for value in table["mean"]), "numbers are numbers"
            assert all(hasattr(value, "hour") for value in table["timestamp_local"]), "times are times"
            table["item_id"] = [str(value) for value in table["item_id"]]
            table["item_id"] = table["item_id"].replace({"7": "007"})
            counted += same(plain(table), truth, "libreoffice")
    return counted


def main() -> None:
    folder = Path(sys.argv[1])
    truth = pd.read_csv(folder / "truth.csv", dtype={"item_id": str}).sort_values(KEY).reset_index(drop=True)
    programs = [by_frictionless, by_pandas, by_polars, by_duckdb]
    if shutil.which("soffice"):
        programs.append(by_libreoffice)
    sys.stdout.write(
        json.dumps({program.__name__.removeprefix("by_"): program(folder, truth) for program in programs})
    )


if __name__ == "__main__":
    main()
