"""Every export is read by the programs it is for: pandas, polars, DuckDB, frictionless, and a spreadsheet.

Those programs are in an environment of their own, whose python ``HOURCAST_READERS`` names; ``make soak`` makes it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from connectors.exports.publish import Destination
from connectors.exports.table import export_table
from tests.connectors.exports.test_publish import hand_over, tables

READERS = os.environ.get("HOURCAST_READERS", "")


def forecasts():
    """Two items over the nights in which the clocks of Paris change, in spring and in autumn."""
    parts = []
    for night in ("2024-03-30 12:00", "2024-10-26 12:00"):
        times = pd.date_range(night, periods=25, freq="h", tz="UTC")
        for number, item in enumerate(("north", "007")):
            mean = [100 / 3 + number + place / 7 for place in range(24)]
            parts.append(
                pd.DataFrame(
                    {
                        "item_id": item,
                        "cutoff": times[0],
                        "timestamp": times[1:],
                        "forecaster": "hourcast",
                        "mean": mean,
                    }
                )
            )
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.assign(p10=frame["mean"] - 1, p90=frame["mean"] + 1)
    return export_table(
        frame, run_id="r1", time_zone="Europe/Paris", freq="h", unit="kWh", weather_mode="none", quality_flag="ok"
    )


@pytest.mark.soak
@pytest.mark.skipif(not READERS, reason="HOURCAST_READERS names no python with polars and frictionless")
def test_the_programs_they_are_for_read_every_export(tmp_path):
    table = forecasts()
    made = tables() | {"forecast": table, "forecast_latest": table}
    for profile in ("iso", "excel-fr", "plain"):
        hand_over(made, Destination(to=str(tmp_path / profile), profile=profile))
    for format_ in ("parquet", "xlsx"):
        hand_over(made, Destination(to=str(tmp_path / format_), format=format_))
    truth = table[["item_id", "timestamp", "timestamp_local", "utc_offset_min", "mean"]]
    truth = truth.assign(timestamp=truth["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    truth.to_csv(tmp_path / "truth.csv", index=False)
    script = Path(__file__).with_name("readers.py")
    done = subprocess.run([READERS, script, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {name: count % len(table) for name, count in rows.items()} == dict.fromkeys(rows, 0)
