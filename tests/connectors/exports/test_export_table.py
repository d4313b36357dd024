"""The export table has one schema, and local times right through both clock changes."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError
from connectors.exports.table import export_table

PARIS = "Europe/Paris"
SCHEMA = [
    "run_id", "item_id", "cutoff", "timestamp", "timestamp_local", "utc_offset_min", "horizon", "forecaster", "mean",
    "p05", "p10", "p50", "p95", "unit", "weather_mode", "quality_flag", "schema_version",
]  # fmt: skip


def forecasts(start, periods=4, freq="h", item="a"):
    times = pd.date_range(start, periods=periods + 1, freq=freq, tz="UTC")
    middle = np.arange(periods) + 0.1
    return pd.DataFrame(
        {
            "item_id": item, "cutoff": times[0], "timestamp": times[1:], "forecaster": "naive", "mean": middle,
            "p95": middle + 3, "p50": middle, "p05": middle - 3, "p10": middle - 2, "other": 1,
        }
    )  # fmt: skip


def export(frame, **options):
    given = {"run_id": "r1", "time_zone": PARIS, "freq": "h", "unit": "kWh", "weather_mode": "none"}
    return export_table(frame, **{**given, "quality_flag": "ok", **options})


def test_the_columns_stand_in_the_order_of_the_schema():
    table = export(forecasts("2024-03-30 22:00"))
    assert table.columns.tolist() == SCHEMA
    assert str(table["cutoff"].dtype) == str(table["timestamp"].dtype) == "datetime64[ns, UTC]"
    assert (table["unit"] == "kWh").all()
    assert (table["schema_version"] == 1).all()
    assert table["horizon"].tolist() == [1, 2, 3, 4]


def test_the_forecasts_stay_as_they_were():
    frame = forecasts("2024-03-30 22:00")
    before = frame.copy()
    export(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_the_spring_change_skips_an_hour():
    table = export(forecasts("2024-03-30 23:00"))
    assert table["timestamp_local"].tolist() == [
        "2024-03-31 01:00:00", "2024-03-31 03:00:00", "2024-03-31 04:00:00", "2024-03-31 05:00:00",
    ]  # fmt: skip
    assert table["utc_offset_min"].tolist() == [60, 120, 120, 120]


def test_the_autumn_change_repeats_an_hour_told_apart_by_the_offset():
    table = export(forecasts("2024-10-26 23:00"))
    assert table["timestamp_local"].tolist() == [
        "2024-10-27 02:00:00", "2024-10-27 02:00:00", "2024-10-27 03:00:00", "2024-10-27 04:00:00",
    ]  # fmt: skip
    assert table["utc_offset_min"].tolist() == [120, 60, 60, 60]


def test_local_time_less_its_offset_is_utc_over_a_year():
    table = export(forecasts("2024-01-01", 8784))
    local = pd.to_datetime(table["timestamp_local"])
    utc = local - pd.to_timedelta(table["utc_offset_min"], unit="min")
    assert (utc.dt.tz_localize("UTC") == table["timestamp"]).all()


@pytest.mark.parametrize("freq", ["D", "W-MON", "MS", "QS", "YS"])
def test_dates_are_the_same_on_every_clock(freq):
    table = export(forecasts("2024-01-01", freq=freq), freq=freq, time_zone="America/New_York")
    assert (table["timestamp_local"] == table["timestamp"].dt.strftime("%Y-%m-%d 00:00:00")).all()
    assert (table["utc_offset_min"] == 0).all()
    assert table["horizon"].tolist() == [1, 2, 3, 4]


def test_horizons_count_from_each_cutoff():
    frame = pd.concat([forecasts("2024-01-01", freq="MS"), forecasts("2024-03-01", freq="MS")])
    assert export(frame, freq="MS")["horizon"].tolist() == [1, 2, 3, 4] * 2
    frame = pd.concat([forecasts("2024-01-01", freq="15min"), forecasts("2024-01-02", freq="15min")])
    assert export(frame, freq="15min")["horizon"].tolist() == [1, 2, 3, 4] * 2


@pytest.mark.parametrize(("start", "freq"), [("2024-01-01", "h"), ("2024-01-01", "MS")])
def test_a_forecast_off_the_steps_is_refused(start, freq):
    frame = forecasts(start, freq=freq).assign(timestamp=lambda f: f["timestamp"] + pd.Timedelta(minutes=5))
    with pytest.raises(DataError, match="no whole number of steps"):
        export(frame, freq=freq)


def test_every_item_may_have_its_own_flag():
    frame = pd.concat([forecasts("2024-01-01"), forecasts("2024-01-01", item="b")])
    table = export(frame, quality_flag={"a": "ok", "b": "fallback"})
    assert table.groupby("item_id")["quality_flag"].first().to_dict() == {"a": "ok", "b": "fallback"}
    with pytest.raises(DataError, match="'b' has no quality flag"):
        export(frame, quality_flag={"a": "ok"})


def test_an_unknown_unit_is_empty():
    assert export(forecasts("2024-01-01"), unit=None)["unit"].isna().all()


def test_unsound_forecasts_zones_and_steps_are_refused():
    with pytest.raises(DataError, match="cross"):
        export(forecasts("2024-01-01").assign(p05=1e9))
    with pytest.raises(ConfigError, match="time zone"):
        export(forecasts("2024-01-01"), time_zone="Europe/Pari")
    with pytest.raises(ConfigError, match="step"):
        export(forecasts("2024-01-01"), freq="hourly")
