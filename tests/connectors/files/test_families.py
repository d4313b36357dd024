"""Exports of meters and markets, read as they are meant: the right instants, values and units, or one question."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, IrregularTimestampsError, MissingColumnsError, UnreadableFileError
from connectors.files.families import FAMILIES
from connectors.files.read import SourceOptions, read_table

INPUTS = Path(__file__).parents[2] / "data" / "inputs"
PARIS = "Europe/Paris"


def read(source, **options):
    return read_table(source, SourceOptions(**options))


@pytest.fixture
def file(tmp_path):
    """Write a text to a file."""

    def write(content, name="export.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def original(name):
    return (INPUTS / name).read_text(encoding="utf-8-sig")


def guessed(table):
    return {guess.what: guess.value for guess in table.guesses}


def stamps(table):
    return [stamp.strftime("%Y-%m-%d %H:%M") for stamp in table.frame["timestamp"]]


#: Counted and added up by hand or by a few lines of plain Python, not by the readers:
#: file, target named, target found, rows, with a value, first, last [UTC], sum, unit, step, zone of the calendar
EXPECTED = [
    ("fr_excel_cp1252_dst_total.csv", "Consommation (kWh)", "Consommation (kWh)",
     25, 25, "2024-10-26 22:00", "2024-10-27 22:00", 35563.0, "kWh", "h", PARIS),
    ("fr_excel_utf8sig.csv", "Puissance (kW)", "Puissance (kW)",
     72, 72, "2024-02-01 00:00", "2024-02-03 23:00", 120973.6, "kW", "h", "UTC"),
    ("excel_fr_mesures_dst.xlsx", None, "Valeur (en kWh)",
     25, 25, "2024-10-26 22:00", "2024-10-27 22:00", 2950.0, "kWh", "h", PARIS),
    ("bi_export_local_naive_dst.csv", "kWh", "kWh",
     48, 48, "2024-03-30 23:00", "2024-10-27 22:00", 6980.53, "kWh", "h", PARIS),
    ("wide_24_columns_fr.csv", None, "value",
     120, 120, "2024-03-29 23:00", "2024-10-28 22:00", 19129.32, None, "h", PARIS),
    ("cumulative_index_rollover_exchange.csv", "index_kwh", "index_kwh",
     47, 46, "2025-05-01 00:00", "2025-05-02 22:00", 165.9, "kWh", "h", "UTC"),
    ("enedis_courbe_de_charge_30_15min_dst.csv", None, "Valeur",
     32, 30, "2023-10-28 22:00", "2023-10-29 13:30", 20715.0, "W", "30min", PARIS),
    ("enedis_index_quotidien.csv", None, "EAS T",
     3, 3, "2019-09-02 00:00", "2019-09-04 00:00", 19578.0, "Wh", "D", PARIS),
    ("enedis_sge_r63_cdc.csv", None, "Valeur",
     48, 48, "2023-03-12 23:00", "2023-03-13 22:30", 42012.0, "W", "30min", PARIS),
    ("enedis_sge_r63.json", None, "Valeur",
     2, 2, "2025-12-31 23:00", "2025-12-31 23:05", 21.0, "Wh", "5min", PARIS),
    ("edf_mes_puissances_atteintes_30min.csv", None, "Puissance atteinte (W)",
     98, 98, "2025-01-16 23:00", "2025-01-18 22:30", 95649.0, "W", "30min", PARIS),
    ("greenbutton_15min_one_day.xml", None, "value",
     96, 96, "2012-03-01 05:00", "2012-03-02 04:45", 93846.0, "Wh", "15min", "America/New_York"),
    ("entsoe_gui_total_load.csv", None, "Actual Total Load (MW)",
     20, 16, "2025-10-25 22:00", "2025-10-26 02:45", 622220.0, "MW", "15min", "Europe/Brussels"),
    ("entsoe_A65_A16_DK1_load.xml", None, "quantity",
     47, 47, "2023-12-28 15:00", "2023-12-30 13:00", 128131.0, "MW", "h", "UTC"),
    ("entsoe_A65_A01_DK2_load_forecast.xml", None, "quantity",
     96, 96, "2023-12-27 23:00", "2023-12-31 22:00", 156519.0, "MW", "h", "UTC"),
    ("eia_v2_region_data_BPAT.json", None, "value",
     2, 2, "2023-05-01 09:00", "2023-05-01 10:00", 11007.0, "MWh", "h", "UTC"),
    ("odre_eco2mix_national_tr_v21.json", None, "consommation",
     97, 97, "2023-09-21 00:00", "2023-09-22 00:00", 4216058.0, "MW", "15min", PARIS),
    ("odre_eco2mix_cons_def_ghost_hour_synth.json", None, "consommation",
     6, 6, "2024-03-31 00:00", "2024-03-31 02:30", 276090.0, "MW", "30min", PARIS),
]  # fmt: skip


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda row: row[0])
def test_every_file_is_read_right_without_an_option_but_the_target(expected):
    name, named, target, rows, valued, first, last, total, unit, freq, zone = expected
    table = read(INPUTS / name, target=named)
    values = table.frame["target"]
    assert (table.target, table.unit, table.freq, table.time_zone) == (target, unit, freq, zone)
    assert (len(table.frame), int(values.notna().sum())) == (rows, valued)
    assert (stamps(table)[0], stamps(table)[-1]) == (first, last)
    assert values.sum() == pytest.approx(total, rel=1e-12)
    assert table.frame["item_id"].unique().tolist() == [name.rsplit(".", 1)[0]]
    assert table.frame["timestamp"].is_monotonic_increasing
    assert str(table.frame["timestamp"].dtype) == "datetime64[ns, UTC]"


def test_every_file_kept_for_the_tests_is_expected():
    kept = {path.name for path in INPUTS.iterdir()} - {"README.md"}
    assert {row[0] for row in EXPECTED} == kept
    told = (INPUTS / "README.md").read_text()
    assert [name for name in kept if f"`{name}`" not in told] == []


@pytest.mark.parametrize("name", [row[0] for row in EXPECTED if row[1] is None])
def test_the_value_of_a_known_family_may_be_named_in_any_capitals_and_nothing_else(name):
    table = read(INPUTS / name)
    assert guessed(table)["target"] == table.target
    named = read(INPUTS / name, target=table.target.upper())
    assert named.target == table.target
    assert "target" not in guessed(named)
    pd.testing.assert_frame_equal(named.frame, table.frame)
    with pytest.raises((MissingColumnsError, ConfigError), match=r"[Kk]nown: |It has EAS T"):
        read(INPUTS / name, target="consumption of gas")


def test_a_packed_export_is_recognised_by_its_content(file):
    packed = file(gzip.compress((INPUTS / "greenbutton_15min_one_day.xml").read_bytes()), "usage.csv.gz")
    assert len(read(packed).frame) == 96


def test_the_families_are_parts_of_one_registry():
    assert {"EDF client area", "Enedis history", "Green Button", "wide days"} <= set(FAMILIES)


def test_a_series_of_a_plain_table_is_refused(file):
    with pytest.raises(ConfigError, match="plain table"):
        read(file("time,load\n2024-01-01,1\n2024-01-02,2\n"), target="load", series="consumption")


# --- Enedis: load curves of households -------------------------------------------------------------------

PREAMBLE = (
    "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite;"
    "Pas en minutes\n{prm};Courbe de charge;01/01/2024;02/01/2024;{physical};{kind};Comptage Brut;{unit};\n"
    "Horodate;Valeur\n"
)


def curve(
    values,
    *,
    first="2024-01-10T00:30",
    minutes=30,
    prm="1",
    kind="Consommation",
    physical="Energie active",
    unit="W",
):
    times = pd.date_range(first, periods=len(values), freq=f"{minutes}min", tz=PARIS)
    rows = "".join(f"{time.isoformat()};{value}\n" for time, value in zip(times, values, strict=True))
    return PREAMBLE.format(prm=prm, kind=kind, physical=physical, unit=unit) + rows


def test_a_load_curve_names_the_end_of_its_intervals(file):
    path = file(curve([100, 200, 300]))
    assert stamps(read(path)) == ["2024-01-09 23:00", "2024-01-09 23:30", "2024-01-10 00:00"]
    assert guessed(read(path))["stamps"] == "end"
    kept = read(path, stamps="start")
    assert stamps(kept)[0] == "2024-01-09 23:30"
    assert "stamps" not in guessed(kept)


def test_the_longer_step_is_taken_and_said_where_the_step_changes():
    table = read(INPUTS / "enedis_courbe_de_charge_30_15min_dst.csv")
    guess = next(guess for guess in table.guesses if guess.what == "step")
    assert (guess.value, guess.option) == ("30min", "--freq")
    assert "the step changes on 2023-10-29 10:00 UTC (30min, 15min)" in guess.why
    values = dict(zip(stamps(table), table.frame["target"], strict=True))
    assert values["2023-10-29 09:30"] == 653
    assert values["2023-10-29 10:00"] == (659 + 393) / 2
    assert np.isnan(values["2023-10-29 06:30"])  # empty in the file
    assert np.isnan(values["2023-10-29 13:30"])  # one quarter of two
    assert any("1 step is not wholly covered" in note for note in table.notes)


def test_another_step_is_given_where_readings_cover_it():
    path = INPUTS / "enedis_courbe_de_charge_30_15min_dst.csv"
    fine = read(path, freq="15min")
    assert (fine.freq, stamps(fine)[0], len(fine.frame)) == ("15min", "2023-10-29 10:00", 15)
    assert any("24 readings reach over the border" in note for note in fine.notes)
    hourly = read(path, freq="h")
    assert (hourly.freq, stamps(hourly)[0]) == ("h", "2023-10-28 22:00")
    assert hourly.frame["target"].iloc[0] == (1161 + 435) / 2
    assert (
        dict(zip(stamps(hourly), hourly.frame["target"], strict=True))["2023-10-29 10:00"]
        == (659 + 393 + 870 + 356) / 4
    )
    with pytest.raises(ConfigError, match="Leave --freq out"):
        read(path, freq="20min")
    with pytest.raises(ConfigError, match="--freq D"):
        read(path, freq="MS")


def test_energy_is_added_up_where_power_is_averaged(file):
    wh = read(file(curve(range(1, 97), unit="Wh", minutes=15, first="2024-01-10T00:15")), freq="h")
    assert (wh.unit, wh.frame["target"].iloc[0], len(wh.frame)) == ("Wh", 1 + 2 + 3 + 4, 24)
    day = read(file(curve([2] * 48, unit="Wh")), freq="D")
    assert (stamps(day), day.frame["target"].tolist()) == (["2024-01-10 00:00"], [96.0])
    mean = read(file(curve([2] * 48)), freq="D")
    assert mean.frame["target"].tolist() == [2.0]


@pytest.mark.parametrize(("day", "hours"), [("2024-03-31", 23), ("2024-10-27", 25)])
def test_a_day_of_a_change_is_added_up_whole(file, day, hours):
    table = read(file(curve([1] * hours * 2, unit="Wh", first=f"{day}T00:30")), freq="D")
    assert (stamps(table), table.frame["target"].tolist()) == ([f"{day} 00:00"], [2.0 * hours])


def test_a_hole_is_no_change_of_the_step(file):
    lines = curve(range(96)).splitlines()
    del lines[20], lines[40:47]
    table = read(file("\n".join(lines)))
    assert (table.freq, len(table.frame)) == ("30min", 88)
    assert "step" not in guessed(table)


def test_production_beside_consumption_asks_for_one(file):
    path = file(curve([1, 2, 3]) + curve([7, 8, 9], kind="Production"))
    with pytest.raises(ConfigError, match=r"holds 2 series: .*Consommation, W'; .*Production, W'.*Give --series"):
        read(path)
    assert read(path, series="production").frame["target"].tolist() == [7, 8, 9]
    label = "Courbe de charge, Energie active, Consommation, W"
    assert read(path, series=label).frame["target"].tolist() == [1, 2, 3]
    with pytest.raises(ConfigError, match="'gaz' fits none"):
        read(path, series="gaz")
    with pytest.raises(ConfigError, match="'active' fits 2"):
        read(path, series="active")


def test_a_single_series_may_be_named_but_not_misnamed(file):
    path = file(curve([1, 2, 3]))
    assert len(read(path, series="consommation").frame) == 3
    with pytest.raises(ConfigError, match="'production' fits none"):
        read(path, series="production")


def test_meters_below_each_other_are_items(file):
    table = read(file(curve([1, 2, 3], prm="111") + "\n" + curve([4, 5, 6], prm="222")))
    assert (table.item, table.frame["item_id"].tolist()) == ("Identifiant PRM", ["111"] * 3 + ["222"] * 3)
    assert table.frame["target"].tolist() == [1, 2, 3, 4, 5, 6]


def test_periods_of_one_meter_below_each_other_are_one_series(file):
    table = read(file(curve([1, 2, 3]) + curve([4, 5, 6], first="2024-01-10T02:00")))
    assert table.item is None
    assert table.frame["target"].tolist() == [1, 2, 3, 4, 5, 6]


def test_the_short_preamble_names_its_values_in_the_header(file):
    text = (
        "Identifiant PRM;123;Type de donnees;Courbe de charge;\r\nhorodate ISO fin de pas;puissance moyenne (W)\r\n"
        "2026-01-05T00:30:00+01:00;1200\r\n2026-01-05T01:00:00+01:00;800\r\n"
    )
    table = read(file(text))
    assert (table.target, table.unit, stamps(table)[0]) == ("puissance moyenne (W)", "W", "2026-01-04 23:00")


def test_an_export_without_readings_says_so(file):
    with pytest.raises(UnreadableFileError, match="holds no readings"):
        read(file(curve([])))
    with pytest.raises(UnreadableFileError, match="none of its rows begins with a time: line 4"):
        read(file(curve([]) + "soon;1\nlater;2\n"))
    with pytest.raises(IrregularTimestampsError, match="no step to see in 1 reading"):
        read(file(curve([5])))


def test_rows_without_a_time_are_left_out_and_told(file):
    table = read(file(curve([1, 2, 3]) + "Total;6\n"))
    assert len(table.frame) == 3
    assert any("1 row without a time left out: first line 7 'Total'" in note for note in table.notes)


# --- Enedis: registers -----------------------------------------------------------------------------------


def test_registers_become_what_was_used_each_day():
    table = read(INPUTS / "enedis_index_quotidien.csv")
    assert table.frame["target"].tolist() == [1840911 - 1834405, 1847437 - 1840911, 1853983 - 1847437]
    part = read(INPUTS / "enedis_index_quotidien.csv", target="EAS F3")
    assert part.frame["target"].tolist() == [5185 - 2679, 7704 - 5185, 10236 - 7704]
    with pytest.raises(ConfigError, match="It has EAS T, EAS F1"):
        read(INPUTS / "enedis_index_quotidien.csv", target="Valeur")


def test_a_day_without_a_reading_belongs_to_no_day(file):
    lines = original("enedis_index_quotidien.csv").splitlines()
    del lines[4]
    table = read(file("\n".join(lines)))
    assert stamps(table) == ["2019-09-02 00:00", "2019-09-04 00:00"]
    assert np.isnan(table.frame["target"].iloc[0])
    assert any("1 difference spans several steps" in note for note in table.notes)


def test_registers_read_an_hour_beside_midnight_are_of_that_midnight(file):
    text = original("enedis_index_quotidien.csv").replace("2019-09-03T00:00:00+02:00", "2019-09-02T23:00:00+02:00")
    assert read(file(text)).frame["target"].tolist() == [6506, 6526, 6546]


def test_daily_peaks_below_the_registers_ask_for_one(file):
    peaks = (
        "Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;"
        "Unite\n"
        "0;Puissance maximale quotidienne;30/03/2020;25/01/2023;Puissance maximale atteinte;Consommation;;VA\n"
        "Horodate;Valeur\n2020-03-28T00:00:00+01:00;10\n2020-03-29T00:00:00+01:00;20\n2020-03-30T00:00:00+02:00;30\n"
    )
    path = file(original("enedis_index_quotidien.csv") + peaks)
    with pytest.raises(ConfigError, match="holds 2 series"):
        read(path)
    table = read(path, series="maximale")
    assert (table.freq, table.unit, table.frame["target"].tolist()) == ("D", "VA", [10, 20, 30])
    assert stamps(table) == ["2020-03-28 00:00", "2020-03-29 00:00", "2020-03-30 00:00"]
    assert read(path, series="Index").frame["target"].tolist() == [6506, 6526, 6546]


# --- Enedis: the portal ----------------------------------------------------------------------------------


def test_the_portal_s_load_curve_ends_its_intervals_on_the_clock_of_paris(file):
    times = pd.date_range("2024-10-27 00:30", periods=8, freq="30min", tz=PARIS)
    rows = "".join(f"{time.strftime('%Y-%m-%dT%H:%M:%S')};{place}\n" for place, time in enumerate(times))
    head = "Courbe de charge Linky (pas 30 min) - PRM 00000000000000\nHorodate fin de pas;Puissance moyenne (W)\n"
    table = read(file(head + rows))
    assert table.frame["timestamp"].tolist() == list(times.tz_convert("UTC") - pd.Timedelta(minutes=30))
    assert (table.target, table.unit, table.time_zone) == ("Puissance moyenne (W)", "W", PARIS)


def workbook(path, sheets):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Page d'accueil"
    book.active["B6"] = "Les données de ce fichier ..."
    for title, header, rows in sheets:
        sheet = book.create_sheet(title)
        sheet["B8"], sheet["C8"] = "Point Référence Mesure (PRM) : ", "00000000000000"
        for number, row in enumerate([header, *rows]):
            for column, cell in enumerate(row):
                sheet.cell(row=14 + number, column=2 + column, value=cell)
    book.save(path)
    return path


def test_a_workbook_of_days_behind_a_cover_sheet(tmp_path):
    days = [("01/01/2026", 6.329), ("02/01/2026", "NA"), ("03/01/2026", "3,21"), (46026, 4.966)]
    path = workbook(
        tmp_path / "energie.xlsx", [("Export Consommation Quotidienne", ("Date", "Valeur (en kWh)"), days)]
    )
    table = read(path)
    assert (table.freq, table.unit, table.time_zone, table.target) == ("D", "kWh", PARIS, "Valeur (en kWh)")
    assert stamps(table) == [f"2026-01-0{day} 00:00" for day in (1, 2, 3, 4)]
    assert table.frame["target"].tolist()[2:] == [3.21, 4.966]
    assert np.isnan(table.frame["target"].iloc[1])


def test_sheets_with_the_same_columns_ask_for_one(tmp_path):
    days = [(f"0{day}/01/2026", day) for day in range(1, 5)]
    header = ("Date", "Valeur (en kWh)")
    sheets = [("Export Consommation", header, days), ("Export Production", header, days)]
    path = workbook(tmp_path / "energie.xlsx", sheets)
    with pytest.raises(ConfigError, match=r"'Export Consommation', 'Export Production'.*Give --sheet"):
        read(path)
    assert len(read(path, sheet="Export Production").frame) == 4


def test_a_workbook_of_half_hours_with_offsets(tmp_path):
    rows = [("2026-01-05T00:30:00+01:00", 1200), ("2026-01-05T01:00:00+01:00", 800)]
    path = workbook(tmp_path / "courbe.xlsx", [("Export", ("Horodate", "Valeur (en W)"), rows)])
    table = read(path)
    assert (stamps(table), table.unit) == (["2026-01-04 23:00", "2026-01-04 23:30"], "W")


# --- Enedis: businesses ----------------------------------------------------------------------------------

R63 = (
    "Identifiant PRM;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite;Horodate;Valeur;"
    "Nature;Pas\n"
)


def r63(times, *, prm="1", physical="PA", kind="CONS", unit="W", step="PT30M", first=1):
    begin, end = "2024-10-26 00:00:00", "2024-10-29 00:00:00"
    return "".join(
        f"{prm};{begin};{end};{physical};{kind};BRUT;{unit};{time};{first + place};B;{step}\n"
        for place, time in enumerate(times)
    )


@pytest.mark.parametrize("day", ["2024-03-31", "2024-10-27"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_local_clock_is_placed_through_both_changes(file, day, backwards):
    times = pd.date_range(f"{day} 00:30", periods=20, freq="30min", tz=PARIS)
    rows = r63(times.strftime("%Y-%m-%d %H:%M:%S")).splitlines()
    table = read(file(R63 + "\n".join(rows[::-1] if backwards else rows)))
    assert table.frame["timestamp"].tolist() == list(times.tz_convert("UTC") - pd.Timedelta(minutes=30))
    assert table.frame["target"].tolist() == list(range(1, 21))


def test_meters_and_quantities_of_one_file(file):
    times = ["2024-10-28 00:30:00", "2024-10-28 01:00:00", "2024-10-28 01:30:00"]
    rows = r63(times) + r63(times, prm="2", first=11) + r63(times, physical="ERI", unit="VAr", first=21)
    path = file(R63 + rows)
    with pytest.raises(ConfigError, match=r"'ERI CONS BRUT VAr'; 'PA CONS BRUT W'"):
        read(path)
    table = read(path, series="PA")
    assert table.frame["item_id"].tolist() == ["1"] * 3 + ["2"] * 3
    assert table.frame["target"].tolist() == [1, 2, 3, 11, 12, 13]
    assert read(path, series="ERI").unit == "VAr"


def test_the_step_of_every_row_counts(file):
    quarters = [f"2024-10-28 02:{minute}:00" for minute in (15, 30, 45)] + ["2024-10-28 03:00:00"]
    halves = ["2024-10-28 01:00:00", "2024-10-28 01:30:00", "2024-10-28 02:00:00"]
    table = read(file(R63 + r63(halves) + r63(quarters, step="PT15M", first=10)))
    assert (table.freq, table.frame["target"].tolist()) == ("30min", [1, 2, 3, 10.5, 12.5])


def test_times_that_begin_with_their_period_are_starts(file):
    times = ["2024-10-26T00:00:00+02:00", "2024-10-26T00:30:00+02:00"]
    table = read(file(R63 + r63(times)))
    assert (guessed(table)["stamps"], stamps(table)[0]) == ("start", "2024-10-25 22:00")
    assert stamps(read(file(R63 + r63(times)), stamps="end"))[0] == "2024-10-25 21:30"


def test_json_of_days_is_one_of_dates(file):
    points = [{"d": f"2026-09-2{day}", "v": str(day)} for day in range(1, 5)]
    measure = {
        "idPrm": "1", "etapeMetier": "BRUT", "pas": "P1D", "periode": {"dateDebut": "2026-09-21"},
        "grandeur": [{"grandeurMetier": "CONS", "grandeurPhysique": "EA", "unite": "Wh", "points": points}],
    }  # fmt: skip
    for content in (measure, {"mesures": [measure]}):
        table = read(file(json.dumps(content), "jour.json"))
        assert (table.freq, table.unit, stamps(table)[0]) == ("D", "Wh", "2026-09-21 00:00")
        assert table.frame["target"].tolist() == [1, 2, 3, 4]


def test_json_with_production_asks_for_one(file):
    content = json.loads(original("enedis_sge_r63.json"))
    quantity = content["mesures"][0]["grandeur"][0]
    content["mesures"][0]["grandeur"].append({**quantity, "grandeurMetier": "PROD"})
    path = file(json.dumps(content), "r63.json")
    with pytest.raises(ConfigError, match="'EA CONS BRUT Wh'; 'EA PROD BRUT Wh'"):
        read(path)
    assert read(path, series="PROD").frame["target"].tolist() == [10, 11]


# --- EDF -------------------------------------------------------------------------------------------------


def test_midnight_ends_the_day_it_stands_under_and_strays_stay_for_the_doctor():
    table = read(INPUTS / "edf_mes_puissances_atteintes_30min.csv")
    values = (
        table.frame.groupby("timestamp")["target"].apply(list).rename(lambda at: at.strftime("%d %H:%M")).to_dict()
    )
    assert values["18 22:30"] == [1378]  # 00:00 under 18/01: the last half-hour of it
    assert values["17 22:30"] == [1116]
    assert values["17 22:00"] == [1284, 1243]  # written twice
    assert values["17 10:44"] == [148]  # 12:14:10, off the grid


@pytest.mark.parametrize("day", ["30/03/2025", "26/10/2025"])
def test_edf_through_both_changes(file, day):
    first = pd.Timestamp(day[6:] + "-" + day[3:5] + "-" + day[:2], tz=PARIS)
    ends = pd.date_range(first, first + pd.DateOffset(days=1), freq="30min", inclusive="right")
    rows = [f"{end:%H:%M:%S};{place};Réelle" for place, end in enumerate(ends)]
    header = "Date et heure de relève par le distributeur;Puissance atteinte (W);Nature de la donnée"
    text = "\n".join(["Récapitulatif de mes puissances atteintes en W", "", header, f"{day};;", *rows[::-1]])
    table = read(file(text, encoding="cp1252"))
    assert table.frame["timestamp"].tolist() == list(ends.tz_convert("UTC") - pd.Timedelta(minutes=30))
    assert table.frame["target"].tolist() == list(range(len(ends)))
