"""Exports of markets and open-data services, Green Button feeds and wide tables, in the ways they come."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectors.errors import (
    ConfigError,
    IrregularTimestampsError,
    MissingColumnsError,
    UnreadableFileError,
)
from connectors.files.read import SourceOptions, read_table

INPUTS = Path(__file__).parents[2] / "data" / "inputs"
PARIS = "Europe/Paris"


def read(source, **options):
    return read_table(source, SourceOptions(**options))


@pytest.fixture
def file(tmp_path):
    """Write a text to a file."""

    def write(content, name="export.csv"):
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


def original(name):
    return (INPUTS / name).read_text(encoding="utf-8-sig")


def guessed(table):
    return {guess.what: guess.value for guess in table.guesses}


def stamps(table):
    return [stamp.strftime("%Y-%m-%d %H:%M") for stamp in table.frame["timestamp"]]


# --- Green Button ----------------------------------------------------------------------------------------


def test_the_power_of_ten_counts(file):
    text = original("greenbutton_15min_one_day.xml")
    table = read(file(text.replace("<powerOfTenMultiplier>0<", "<powerOfTenMultiplier>-3<", 1)))
    assert table.frame["target"].iloc[0] == 0.282
    assert "the numbers were multiplied by 10^-3" in table.notes
    kilo = read(file(text.replace("<powerOfTenMultiplier>0<", "<powerOfTenMultiplier>3<", 1)))
    assert (kilo.frame["target"].iloc[0], kilo.unit) == (282_000, "Wh")


@pytest.mark.parametrize(
    ("east", "changes", "zone"),
    [("-21600", "3600", "America/Chicago"), ("-25200", "0", "America/Phoenix"), ("1", "0", "UTC")],
)
def test_the_zone_is_told_by_the_distance_from_utc(file, east, changes, zone):
    text = original("greenbutton_15min_one_day.xml")
    text = text.replace("<tzOffset>-18000<", f"<tzOffset>{east}<").replace(
        "<dstOffset>3600<", f"<dstOffset>{changes}<"
    )
    assert read(file(text)).time_zone == zone


def entry(address, content):
    return f'<entry><link rel="self" href="{address}"/>{content}</entry>'


def feed(*meters):
    """A feed of meters: (usage point, direction, behaviour, values)."""
    entries = []
    for number, (point, direction, behaviour, values) in enumerate(meters):
        base = f"/espi/UsagePoint/{point}"
        mine = f"{base}/MeterReading/{number}"
        readings = "".join(
            f"<IntervalReading><timePeriod><duration>3600</duration><start>{1704067200 + 3600 * place}</start>"
            f"</timePeriod><value>{value}</value></IntervalReading>"
            for place, value in enumerate(values)
        )
        kind = (
            f"<accumulationBehaviour>{behaviour}</accumulationBehaviour><flowDirection>{direction}</flowDirection>"
            "<intervalLength>3600</intervalLength><uom>72</uom>"
        )
        address = f"/espi/ReadingType/{number}"
        entries += [
            entry(base, f"<title>{point}</title><content><UsagePoint/></content>"),
            entry(mine, f'<link rel="related" href="{address}"/><content><MeterReading/></content>'),
            entry(address, f"<content><ReadingType>{kind}</ReadingType></content>"),
            entry(f"{mine}/IntervalBlock/1", f"<content><IntervalBlock>{readings}</IntervalBlock></content>"),
        ]
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi">{"".join(entries)}</feed>'


def test_energy_in_both_directions_asks_for_one(file):
    path = file(feed(("a", 1, 4, [1, 2, 3]), ("a", 19, 4, [7, 8, 9])), "usage.xml")
    with pytest.raises(ConfigError, match="'delivered Wh 60 min'; 'received Wh 60 min'"):
        read(path)
    assert read(path, series="received").frame["target"].tolist() == [7, 8, 9]


def test_places_are_items(file):
    table = read(file(feed(("north", 1, 4, [1, 2, 3]), ("south", 1, 4, [7, 8, 9])), "usage.xml"))
    assert table.frame["item_id"].tolist() == ["north"] * 3 + ["south"] * 3
    assert table.frame["target"].tolist() == [1, 2, 3, 7, 8, 9]


def test_stands_of_a_register_become_what_was_used(file):
    table = read(file(feed(("a", 1, 3, [100, 104, 110, 113])), "usage.xml"))
    assert table.frame["target"].tolist() == [4, 6, 3]
    assert any("stands of a register" in note for note in table.notes)
    assert read(file(feed(("a", 1, 3, [100, 104])), "usage.xml"), register="as-read").frame["target"].tolist() == [
        100,
        104,
    ]


# --- ENTSO-E ---------------------------------------------------------------------------------------------


def document(points, *, curve="A01", resolution="PT60M", end="2024-01-01T05:00Z", psr="", root="GL_MarketDocument"):
    listed = "".join(f"<Point><position>{at}</position><quantity>{value}</quantity></Point>" for at, value in points)
    kind = f"<MktPSRType><psrType>{psr}</psrType></MktPSRType>" if psr else ""
    return (
        f"<TimeSeries><businessType>A01</businessType>{kind}<quantity_Measure_Unit.name>MAW</quantity_Measure_Unit.name>"
        f"<curveType>{curve}</curveType><Period><timeInterval><start>2024-01-01T00:00Z</start><end>{end}</end>"
        f"</timeInterval><resolution>{resolution}</resolution>{listed}</Period></TimeSeries>"
    )


def wrapped(*series, process="A16"):
    return (
        '<?xml version="1.0"?><GL_MarketDocument xmlns="urn:x:3:0">'
        f"<process.processType>{process}</process.processType>{''.join(series)}</GL_MarketDocument>"
    )


def test_a_sparse_curve_repeats_what_it_leaves_out(file):
    points = [(1, 10), (3, 30)]
    sparse = read(file(wrapped(document(points, curve="A03")), "a.xml"))
    assert sparse.frame["target"].tolist() == [10, 10, 30, 30, 30]
    gaps = read(file(wrapped(document(points)), "a.xml"))
    assert (stamps(gaps), gaps.freq) == (["2024-01-01 00:00", "2024-01-01 02:00"], "h")


def test_periods_of_two_steps_come_on_the_longer_one(file):
    quarters = document([(place, place) for place in range(1, 9)], resolution="PT15M", end="2024-01-01T02:00Z")
    later = document([(1, 100), (2, 200)], end="2024-01-01T02:00Z").replace("2024-01-01", "2024-01-02")
    table = read(file(wrapped(quarters, later), "a.xml"))
    assert (table.freq, table.frame["target"].tolist()) == ("h", [2.5, 6.5, 100, 200])


def test_several_kinds_of_generation_ask_for_one(file):
    path = file(wrapped(document([(1, 1), (2, 2)], psr="B16"), document([(1, 7), (2, 8)], psr="B19")), "a.xml")
    with pytest.raises(ConfigError, match="'A01 B16'; 'A01 B19'"):
        read(path)
    assert read(path, series="b19").frame["target"].tolist() == [7, 8]


def test_a_document_of_days_is_one_of_dates(file):
    text = wrapped(document([(1, 5), (2, 6)], resolution="P1D", end="2024-01-03T23:00Z"))
    table = read(file(text.replace("2024-01-01T00:00Z", "2023-12-31T23:00Z"), "a.xml"))
    assert (table.freq, stamps(table)) == ("D", ["2024-01-01 00:00", "2024-01-02 00:00"])


def test_a_forecast_is_told_to_be_one():
    table = read(INPUTS / "entsoe_A65_A01_DK2_load_forecast.xml")
    assert "the values are the day-ahead forecast, not what was measured" in table.notes


NOTHING = "<Acknowledgement_MarketDocument><Reason><text>No data</text></Reason></Acknowledgement_MarketDocument>"
ENDLESS = document([(1, 1)], end="2199-01-01T00:00Z", resolution="PT1M", curve="A03")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (wrapped(document([(1, 1)], resolution="P1M")), "has the step 'P1M'"),
        (wrapped(ENDLESS), "holds 92,"),
        (wrapped(), "holds no readings"),
        (NOTHING, "without data: No data"),
        ("<GL_MarketDocument><TimeSeries>", "XML that cannot be read"),
        ('<!DOCTYPE a [<!ENTITY b "bb">]><GL_MarketDocument>&b;</GL_MarketDocument>', "document type of its own"),
        ("<other/>", "is XML"),
    ],
)
def test_xml_that_cannot_be_read_is_refused(file, text, words):
    with pytest.raises(UnreadableFileError, match=words):
        read(file('<?xml version="1.0"?>' * text.startswith("<other") + text, "a.xml"))


def test_the_csv_of_the_platform_names_its_repeated_hour():
    table = read(INPUTS / "entsoe_gui_total_load.csv")
    assert table.frame["timestamp"].diff().dropna().unique().tolist() == [pd.Timedelta(minutes=15)]
    values = dict(zip(stamps(table), table.frame["target"], strict=True))
    assert values["2025-10-26 00:00"] == 38859  # 02:00 (CEST)
    assert values["2025-10-26 01:00"] == 38868  # 02:00 (CET)
    assert table.covariates == ("Day-ahead Total Load Forecast (MW)",)
    ahead = read(INPUTS / "entsoe_gui_total_load.csv", target="day-ahead total load forecast (mw)")
    assert ahead.frame["target"].sum() == 781381


def test_the_header_says_the_clock_whatever_the_calendar():
    table = read(INPUTS / "entsoe_gui_total_load.csv", time_zone="Europe/London")
    assert (stamps(table)[0], table.time_zone) == ("2025-10-25 22:00", "Europe/London")


def test_the_csv_may_write_seconds_other_clocks_and_several_areas(file):
    hours = [f"01/01/2024 0{hour}:00:00 - 01/01/2024 0{hour + 1}:00:00" for hour in range(2)]
    rows = [(hours[0], "FR", "1"), (hours[0], "DE", "2"), (hours[1], "FR", "3"), (hours[1], "DE", "-")]
    lines = [f'"{hour}","BZN|{area}","{value}"' for hour, area, value in rows]
    text = "\n".join(['"MTU (UTC)","Area","Generation (MW)"', *lines])
    table = read(file(text))
    assert (table.time_zone, table.freq, table.item) == ("UTC", "h", "Area")
    assert table.frame["item_id"].tolist() == ["BZN|DE"] * 2 + ["BZN|FR"] * 2
    assert table.frame["target"].tolist()[:1] + table.frame["target"].tolist()[2:] == [2, 1, 3]
    with pytest.raises(UnreadableFileError, match="holds no intervals"):
        read(file('"MTU (UTC)","Load (MW)"\n"soon","1"\n"later","2"\n'))


# --- EIA -------------------------------------------------------------------------------------------------


def eia(rows, **more):
    return json.dumps({"response": {"total": str(len(rows)), "data": rows, **more}})


def test_an_answer_cut_short_is_told():
    assert any("holds 2 of 3 rows" in note for note in read(INPUTS / "eia_v2_region_data_BPAT.json").notes)


def test_hours_are_ends_in_utc_or_with_their_offset(file):
    rows = [
        {
            "period": f"2024-01-01T{hour:02d}-08",
            "respondent": "A",
            "value": str(hour),
            "value-units": "megawatthours",
        }
        for hour in range(1, 5)
    ]
    table = read(file(eia(rows), "a.json"))
    assert stamps(table)[0] == "2024-01-01 08:00"
    assert table.frame["target"].tolist() == [1, 2, 3, 4]
    assert stamps(read(file(eia(rows), "a.json"), stamps="start"))[0] == "2024-01-01 09:00"


def test_demand_beside_its_forecast_asks_for_one_and_respondents_are_items(file):
    rows = [
        {"period": f"2024-01-01T{hour:02d}", "respondent": area, "type": kind, "type-name": name, "value": hour}
        for hour in range(1, 4) for area in ("A", "B") for kind, name in (("D", "Demand"), ("DF", "Forecast"))
    ]  # fmt: skip
    with pytest.raises(ConfigError, match=r"'D \(Demand\)'; 'DF \(Forecast\)'"):
        read(file(eia(rows), "a.json"))
    table = read(file(eia(rows), "a.json"), series="demand")
    assert table.frame["item_id"].tolist() == ["A"] * 3 + ["B"] * 3


def test_months_are_dates(file):
    rows = [{"period": f"2024-{month:02d}", "stateid": "CA", "value": month} for month in range(1, 7)]
    table = read(file(eia(rows), "a.json"))
    assert (table.freq, stamps(table)[0]) == ("MS", "2024-01-01 00:00")


# --- open data -------------------------------------------------------------------------------------------


def test_the_ghost_hour_of_spring_is_left_out():
    table = read(INPUTS / "odre_eco2mix_cons_def_ghost_hour_synth.json")
    assert table.frame["target"].tolist() == [46000, 46030] * 3
    assert table.frame["prevision_j1"].tolist() == [46646, 46616] * 3
    assert any("4 rows left out" in note for note in table.notes)
    fine = read(INPUTS / "odre_eco2mix_cons_def_ghost_hour_synth.json", freq="15min")
    assert (fine.freq, len(fine.frame), fine.frame["target"].count()) == ("15min", 12, 6)


def test_numbers_written_as_texts_are_numbers():
    table = read(INPUTS / "odre_eco2mix_national_tr_v21.json", target="stockage_batterie")
    assert table.frame["target"].tolist()[:2] == [-8, -1]
    assert "consommation" in table.covariates


def test_a_later_estimate_goes_before_an_earlier_one(file):
    rows = json.loads(original("odre_eco2mix_national_tr_v21.json"))["results"][:4]
    later = [{**row, "nature": "Données définitives", "consommation": 1} for row in rows[:2]]
    for content in (rows + later, {"results": later + rows}, {"records": [{"fields": row} for row in later + rows]}):
        table = read(file(json.dumps(content), "a.json"))
        assert table.frame["target"].tolist() == [1, 1, 36393, 35683]
        assert any("2 rows left out: an earlier estimate" in note for note in table.notes)


def test_regions_are_items(file):
    rows = [
        {"date_heure": f"2024-01-01T0{hour}:00:00+00:00", "libelle_region": region, "consommation": hour}
        for hour in range(4) for region in ("Bretagne", "Occitanie")
    ]  # fmt: skip
    assert read(file(json.dumps(rows), "a.json")).frame["item_id"].unique().tolist() == ["Bretagne", "Occitanie"]


def test_rows_of_another_service_make_an_ordinary_table(file):
    rows = [
        {"datetime": f"2024-01-01T0{hour}:00:00+01:00", "totalload": hour * 10, "code": "PT60M", "geo": {"lon": 1}}
        for hour in range(5)
    ]  # fmt: skip
    path = file(json.dumps({"total_count": 5, "results": rows}), "ods001.json")
    table = read(path, target="totalload")
    assert (stamps(table)[0], table.frame["target"].tolist()) == ("2023-12-31 23:00", [0, 10, 20, 30, 40])
    assert "nested fields left out: 'geo'" in table.notes
    with pytest.raises(MissingColumnsError, match="Did you mean 'totalload'"):
        read(path, target="total_load")


@pytest.mark.parametrize("text", ['{"results": [', '{"a": 1e', '[{"a": 1}, ', "[{" * 100_000])
def test_broken_json_is_refused(file, text):
    with pytest.raises(UnreadableFileError, match="JSON that cannot be read"):
        read(file(text, "a.json"))


# --- AEMO and PJM ----------------------------------------------------------------------------------------


def test_market_time_never_changes(file):
    rows = "".join(f"NSW1,2024/10/06 0{hour}:05:00,{hour + 0.5},50,TRADE\n" for hour in range(5))
    table = read(file("REGION,SETTLEMENTDATE,TOTALDEMAND,RRP,PERIODTYPE\n" + rows))
    assert stamps(table) == [
        "2024-10-05 13:05",
        "2024-10-05 14:05",
        "2024-10-05 15:05",
        "2024-10-05 16:05",
        "2024-10-05 17:05",
    ]
    assert (table.target, table.unit, table.covariates) == ("TOTALDEMAND", "MW", ("RRP",))
    local = read(file("REGION,SETTLEMENTDATE,TOTALDEMAND,RRP,PERIODTYPE\n" + rows), time_zone="Australia/Sydney")
    assert (stamps(local)[0], local.time_zone) == ("2024-10-05 13:05", "Australia/Sydney")
    assert read(file("REGION,SETTLEMENTDATE,TOTALDEMAND,RRP,PERIODTYPE\n" + rows), target="RRP").unit == "AUD/MWh"


def test_half_hours_before_five_minutes_come_as_half_hours(file):
    halves = pd.date_range("2021-09-30 21:30", periods=6, freq="30min")
    fives = pd.date_range("2021-10-01 00:05", periods=12, freq="5min")
    rows = "".join(f"SA1,{at:%Y/%m/%d %H:%M:%S},{place},1\n" for place, at in enumerate([*halves, *fives]))
    table = read(file("REGION,SETTLEMENTDATE,TOTALDEMAND,RRP\n" + rows))
    assert (table.freq, table.frame["target"].tolist()) == ("30min", [0, 1, 2, 3, 4, 5, 8.5, 14.5])


def test_of_two_clocks_in_a_row_the_one_of_utc_counts(file):
    rows = "".join(f"11/3/2024 {hour}:00:00 AM,11/3/2024 1:00:00 AM,PEP,{hour}\n" for hour in range(8, 3, -1))
    table = read(file("datetime_beginning_utc,datetime_beginning_ept,area,instantaneous_load\n" + rows))
    assert stamps(table) == [f"2024-11-03 0{hour}:00" for hour in range(4, 9)]
    assert table.frame["target"].tolist() == [4, 5, 6, 7, 8]
    assert (table.unit, table.time_zone, table.covariates) == ("MW", "America/New_York", ())


# --- a column an hour ------------------------------------------------------------------------------------


def wide(names, days, width=None):
    rows = "\n".join(
        f"{day};" + ";".join(str(100 * number + place) for place in range(width or len(names)))
        for number, day in enumerate(days)
    )
    return "date;" + ";".join(names) + "\n" + rows + "\n"


NAMES = {
    "spans": [f"{h:02d}h-{h + 1:02d}h" for h in range(24)],
    "spans with minutes": [f"{h:02d}:00-{(h + 1) % 24:02d}:00" for h in range(24)],
    "clock starts": [f"{h:02d}:00" for h in range(24)],
    "clock ends": [f"{h:02d}:00" for h in range(1, 25)],
    "H": [f"H{h}" for h in range(1, 25)],
    "HE": [f"HE{h:02d}" for h in range(1, 25)],
    "from 0": [f"h{h}" for h in range(24)],
    "numbers": [str(h) for h in range(1, 25)],
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_a_column_an_hour_in_any_spelling(file, names):
    table = read(file(wide(names, ["2024-01-01", "2024-01-02"])))
    assert table.frame["timestamp"].tolist() == list(pd.date_range("2024-01-01", periods=48, freq="h", tz="UTC"))
    assert table.frame["target"].tolist() == [*range(24), *range(100, 124)]


@pytest.mark.parametrize("minutes", [30, 15])
@pytest.mark.parametrize("at_end", [True, False])
def test_a_column_for_every_part_of_an_hour(file, minutes, at_end):
    shift = minutes if at_end else 0
    names = [f"{at // 60:02d}:{at % 60:02d}" for at in range(shift, 1440 + shift, minutes)]
    table = read(file(wide(names, ["01/01/2024", "13/01/2024"])))
    assert (table.freq, stamps(table)[0], table.frame["target"].iloc[1]) == (f"{minutes}min", "2024-01-01 00:00", 1)
    assert len(table.frame) == 2 * 1440 // minutes


def test_days_that_count_what_has_passed_need_their_zone(file):
    names = [f"H{h}" for h in range(1, 26)]
    days = ["2024-03-31", "2024-10-27", "2024-10-28"]
    rows = [[*range(23), "", ""], list(range(25)), [*range(24), ""]]
    text = (
        "date;"
        + ";".join(names)
        + "\n"
        + "\n".join(f"{day};" + ";".join(map(str, row)) for day, row in zip(days, rows, strict=True))
    )
    with pytest.raises(IrregularTimestampsError, match="Give --time-zone"):
        read(file(text))
    table = read(file(text), time_zone=PARIS)
    spring = pd.date_range("2024-03-30 23:00", periods=23, freq="h", tz="UTC")
    autumn = pd.date_range("2024-10-26 22:00", periods=49, freq="h", tz="UTC")
    assert table.frame["timestamp"].tolist() == [*spring, *autumn]


def test_a_wide_table_of_several_meters_and_a_unit_in_its_title(file):
    text = "Consommation (kWh);;\nsite;date;" + ";".join(NAMES["H"]) + "\n"
    for site in ("b", "a"):
        for day in ("2024-01-01", "2024-01-02"):
            text += f"{site};{day};" + ";".join(["1"] * 24) + "\n"
    table = read(file(text))
    assert (table.item, table.unit, len(table.frame)) == ("site", "kWh", 96)
    assert table.frame["item_id"].unique().tolist() == ["a", "b"]
    assert read(file(text), freq="D").frame["target"].tolist() == [24.0] * 4


def test_blank_hours_are_missing_and_other_columns_told(file):
    text = (
        wide(NAMES["H"], ["2024-01-01", "2024-01-02"])
        .replace(";5;", ";;")
        .replace("date;", "total;date;")
        .replace("2024-", "9;2024-")
    )
    table = read(file(text))
    assert np.isnan(table.frame["target"].iloc[5])
    assert len(table.frame) == 48
    assert "columns not used: 'total'" in table.notes


def test_columns_that_make_no_day_are_refused(file):
    with pytest.raises(UnreadableFileError, match="which make no day"):
        read(file(wide(NAMES["H"][:21], ["2024-01-01", "2024-01-02"])))
    with pytest.raises(UnreadableFileError, match=r"Several rows of .* are of one day"):
        read(file(wide(NAMES["H"], ["2024-01-01", "2024-01-01"])))


@pytest.mark.parametrize(
    ("day", "zone", "hour"),
    [("27/10/2024", PARIS, "02"), ("27/10/2024", "Europe/London", "01"), ("27/10/2024", "Europe/Helsinki", "03")],
)
def test_the_repeated_hour_gives_the_zone_away(file, day, zone, hour):
    names = [*NAMES["spans"], f"{hour}h-{int(hour) + 1:02d}h bis"]
    table = read(file(wide(names, [day])))
    assert (table.time_zone, len(table.frame)) == (zone, 25)
    assert table.frame["timestamp"].diff().dropna().unique().tolist() == [pd.Timedelta(hours=1)]
