"""Every file kept for the tests, read with the target named at most: rows, times, sum and unit, worked out by hand.

The sums were added up from the texts of the files, not by the reader; where it does more than read, it is said how.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectors.files.read import SourceOptions, read_table

INPUTS = Path(__file__).parents[2] / "data" / "inputs"
PARIS = "Europe/Paris"

#: Target to name, rows, values among them, first and last UTC stamp, sum of the values, unit, step, zone.
EXPECTED = {
    # A day of 23 and a day of 25 hours on the clock of Paris.
    "bi_export_local_naive_dst.csv": (
        "kWh", 48, 48, "2024-03-30 23:00", "2024-10-27 22:00", 6980.53, "kWh", "h", PARIS,
    ),
    # 47 differences of 48 readings; one through 999 999, the one of the exchange of the meter missing.
    "cumulative_index_rollover_exchange.csv": (
        "index_kwh", 47, 46, "2025-05-01 00:00", "2025-05-02 22:00", 165.9, "kWh", "h", "UTC",
    ),
    # 96 half-hours ending at 00:30 to 24:00 of two days, one of them twice, and 148 W read at 12:14:10.
    "edf_mes_puissances_atteintes_30min.csv": (
        None, 98, 98, "2025-01-16 23:00", "2025-01-18 22:30", 95_501 + 148, "W", "30min", PARIS,
    ),
    # Hours ending at 10:00 and 11:00.
    "eia_v2_region_data_BPAT.json": (
        None, 2, 2, "2023-05-01 09:00", "2023-05-01 10:00", 6215 + 4792, "MWh", "h", "UTC",
    ),
    # 24 half-hours, one blank; then 15 quarters, of which 14 make 7 means and the last half an hour is not whole.
    "enedis_courbe_de_charge_30_15min_dst.csv": (
        None, 32, 30, "2023-10-28 22:00", "2023-10-29 13:30", 17_415 + 6_600 / 2, "W", "30min", PARIS,
    ),
    # Days of the calendar, between four readings of the register EAS T.
    "enedis_index_quotidien.csv": (
        None, 3, 3, "2019-09-02 00:00", "2019-09-04 00:00", 1_853_983 - 1_834_405, "Wh", "D", PARIS,
    ),
    "enedis_sge_r63.json": (None, 2, 2, "2025-12-31 23:00", "2025-12-31 23:05", 10 + 11, "Wh", "5min", PARIS),
    "enedis_sge_r63_cdc.csv": (None, 48, 48, "2023-03-12 23:00", "2023-03-13 22:30", 42_012, "W", "30min", PARIS),
    "entsoe_A65_A01_DK2_load_forecast.xml": (
        None, 96, 96, "2023-12-27 23:00", "2023-12-31 22:00", 156_519, "MW", "h", "UTC",
    ),
    "entsoe_A65_A16_DK1_load.xml": (
        None, 47, 47, "2023-12-28 15:00", "2023-12-30 13:00", 128_131, "MW", "h", "UTC",
    ),
    # Midnight to four o'clock of the long night: five hours, of which four quarters are "n/e".
    "entsoe_gui_total_load.csv": (
        None, 20, 16, "2025-10-25 22:00", "2025-10-26 02:45", 622_220, "MW", "15min", "Europe/Brussels",
    ),
    "excel_fr_mesures_dst.xlsx": (
        None, 25, 25, "2024-10-26 22:00", "2024-10-27 22:00", 2_950, "kWh", "h", PARIS,
    ),
    # The row "Total;35 563,00" says the sum.
    "fr_excel_cp1252_dst_total.csv": (
        "Consommation (kWh)", 25, 25, "2024-10-26 22:00", "2024-10-27 22:00", 35_563, "kWh", "h", PARIS,
    ),
    # Nothing tells the zone of three days in February.
    "fr_excel_utf8sig.csv": (
        "Puissance (kW)", 72, 72, "2024-02-01 00:00", "2024-02-03 23:00", 120_973.6, "kW", "h", "UTC",
    ),
    "greenbutton_15min_one_day.xml": (
        None, 96, 96, "2012-03-01 05:00", "2012-03-02 04:45", 93_846, "Wh", "15min", "America/New_York",
    ),
    # The rows of 02:00 to 02:45 are ghosts of the hour after, and every second row holds no load.
    "odre_eco2mix_cons_def_ghost_hour_synth.json": (
        None, 6, 6, "2024-03-31 00:00", "2024-03-31 02:30", 3 * (46_000 + 46_030), "MW", "30min", PARIS,
    ),
    "odre_eco2mix_national_tr_v21.json": (
        None, 97, 97, "2023-09-21 00:00", "2023-09-22 00:00", 4_216_058, "MW", "15min", PARIS,
    ),
    # Five days, one of 23 hours and one of 25, and no unit anywhere.
    "wide_24_columns_fr.csv": (
        None, 120, 120, "2024-03-29 23:00", "2024-10-28 22:00", 19_129.32, None, "h", PARIS,
    ),
}  # fmt: skip


def test_every_file_has_its_expectations():
    assert set(EXPECTED) == {path.name for path in INPUTS.iterdir()} - {"README.md"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_is_read_right(name):
    target, rows, values, first, last, total, unit, freq, zone = EXPECTED[name]
    table = read_table(INPUTS / name, SourceOptions(target=target))
    times = pd.DatetimeIndex(table.frame["timestamp"])
    assert len(table.frame) == rows
    assert int(np.isfinite(table.frame["target"]).sum()) == values
    assert (times[0], times[-1]) == (pd.Timestamp(first, tz="UTC"), pd.Timestamp(last, tz="UTC"))
    assert table.frame["target"].sum() == pytest.approx(total, abs=1e-9)
    assert (table.unit, table.freq, table.time_zone) == (unit, freq, zone)


def test_the_answers_of_a_question_are_options():
    """What a file does not say is guessed aloud, and one option says otherwise."""
    name = INPUTS / "fr_excel_utf8sig.csv"
    guess = next(
        g for g in read_table(name, SourceOptions(target="Puissance (kW)")).guesses if g.what == "time zone"
    )
    assert (guess.value, guess.option) == ("UTC", "--time-zone")
    table = read_table(name, SourceOptions(target="Puissance (kW)", time_zone=PARIS))
    assert table.frame["timestamp"].iloc[0] == pd.Timestamp("2024-01-31 23:00", tz="UTC")
