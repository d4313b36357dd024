"""One suite over every registered writer of files: a new one is tested by existing."""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.errors import OutputError
from connectors.exports.table import export_table
from connectors.exports.write import WRITERS, write_forecasts

ENDINGS = [name for name in WRITERS if "://" not in name]


@pytest.fixture
def table():
    stamps = pd.date_range("2024-10-26 22:00", periods=4, freq="h", tz="UTC")
    forecasts = pd.DataFrame(
        {
            "item_id": "=north",
            "cutoff": stamps[0],
            "timestamp": stamps[1:],
            "forecaster": "hourcast",
            "mean": 1.5,
            "p50": 1.5,
        }
    )
    return export_table(
        forecasts, run_id="r", time_zone="Europe/Paris", freq="h", unit="kWh", weather_mode="none", quality_flag="ok"
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_writes_a_whole_file_and_nothing_else(table, tmp_path, ending):
    path = tmp_path / f"forecast.{ending.lstrip('.')}"
    write_forecasts(table, path)
    first = path.read_bytes()
    write_forecasts(table, path)
    assert len(first) > 0
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_missing_folder_is_refused_and_not_made(table, tmp_path, ending):
    path = tmp_path / "nowhere" / f"forecast.{ending.lstrip('.')}"
    with pytest.raises(OutputError):
        write_forecasts(table, path)
    assert not path.parent.exists()
