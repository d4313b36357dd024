"""The order of the rows, rows written twice and the clock changes do not change what is read."""

import json
import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.files.read import SourceOptions, read_table

INPUTS = Path(__file__).parents[2] / "data" / "inputs"
PARIS = "Europe/Paris"
QUICK = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
#: Files whose rows say their instants, with the place of the rows in the file.
INSTANTS = {
    "enedis_courbe_de_charge_30_15min_dst.csv": slice(3, None),
    "enedis_index_quotidien.csv": slice(3, 7),
    "entsoe_gui_total_load.csv": slice(1, None),
    "cumulative_index_rollover_exchange.csv": slice(1, None),
    "wide_24_columns_fr.csv": slice(1, None),
    "enedis_sge_r63_cdc.csv": slice(1, None),
}
#: Where the list of rows is in a JSON file.
LISTS = {
    "odre_eco2mix_national_tr_v21.json": ("results",),
    "odre_eco2mix_cons_def_ghost_hour_synth.json": ("results",),
    "eia_v2_region_data_BPAT.json": ("response", "data"),
    "enedis_sge_r63.json": ("mesures", 0, "grandeur", 0, "points"),
}


def read(path, **options):
    return read_table(path, SourceOptions(**options))


def same(table, expected):
    """The tables are the same but for rows that stand twice."""
    assert (table.freq, table.unit, table.time_zone) == (expected.freq, expected.unit, expected.time_zone)
    frame = table.frame.drop_duplicates(ignore_index=True)
    pd.testing.assert_frame_equal(frame, expected.frame.drop_duplicates(ignore_index=True))


def disordered(rows, seed):
    """Rows in another order, some of them twice."""
    chance = random.Random(seed)
    rows = [*rows, *chance.choices(rows, k=chance.randrange(4))]
    way = chance.randrange(3)
    return rows[::-1] if way == 0 else sorted(rows, key=str) if way == 1 else chance.sample(rows, len(rows))


@pytest.fixture
def copy(tmp_path):
    """Write a text under the name of the file it was made from."""

    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@QUICK
@given(name=st.sampled_from(sorted(INSTANTS)), seed=st.integers(0, 1_000_000))
def test_the_rows_of_a_table_may_stand_in_any_order_and_twice(copy, name, seed):
    lines = (INPUTS / name).read_text(encoding="utf-8-sig").strip().splitlines()
    rows = INSTANTS[name]
    lines[rows] = disordered(lines[rows], seed)
    target = "index_kwh" if name.startswith("cumul") else None
    expected = read(INPUTS / name, target=target)
    found = read(copy(name, "\n".join(lines)), target=target)
    same(found, expected)


@QUICK
@given(name=st.sampled_from(sorted(LISTS)), seed=st.integers(0, 1_000_000))
def test_the_rows_of_an_answer_may_stand_in_any_order_and_twice(copy, name, seed):
    content = json.loads((INPUTS / name).read_text())
    inside = content
    for key in LISTS[name]:
        inside = inside[key]
    inside[:] = disordered(inside, seed)
    same(read(copy(name, json.dumps(content))), read(INPUTS / name))


@QUICK
@given(seed=st.integers(0, 1_000_000))
def test_the_readings_of_a_feed_may_stand_in_any_order_and_twice(copy, seed):
    name = "greenbutton_15min_one_day.xml"
    head, *readings = (INPUTS / name).read_text().split("<IntervalReading>")
    last, tail = readings[-1].split("</IntervalBlock>", 1)
    readings = ["<IntervalReading>" + reading for reading in disordered([*readings[:-1], last], seed)]
    same(read(copy(name, head + "".join(readings) + "</IntervalBlock>" + tail)), read(INPUTS / name))


# --- a local clock, through the nights of its changes ----------------------------------------------------


def shown(ends, spelling="%Y-%m-%d %H:%M:%S"):
    return ends.strftime(spelling).tolist()


def r63(ends):
    head = "Identifiant PRM;Grandeur physique;Grandeur metier;Etape metier;Unite;Horodate;Valeur;Pas"
    return [head], [f"1;PA;CONS;BRUT;W;{end};{place};PT30M" for place, end in enumerate(shown(ends))]


def portal(ends):
    head = ["Courbe de charge Linky (pas 30 min) - PRM 1", "Horodate fin de pas;Puissance moyenne (W)"]
    return head, [f"{end};{place}" for place, end in enumerate(shown(ends, "%Y-%m-%dT%H:%M:%S"))]


def with_offsets(ends):
    head = ["Identifiant PRM;Type de donnees;Unite", "1;Courbe de charge;W", "Horodate;Valeur"]
    return head, [f"{end.isoformat()};{place}" for place, end in enumerate(ends)]


def plain(ends):
    starts = (ends.tz_convert("UTC") - pd.Timedelta(minutes=30)).tz_convert(PARIS)
    return ["Date;Puissance (W)"], [
        f"{start};{place}" for place, start in enumerate(shown(starts, "%d/%m/%Y %H:%M"))
    ]


@QUICK
@given(
    kind=st.sampled_from([r63, portal, with_offsets, plain]),
    night=st.sampled_from(["2024-03-31", "2024-10-27", "2023-10-29", "2025-03-30"]),
    before=st.integers(4, 40),
    behind=st.integers(14, 40),
    backwards=st.booleans(),
    twice=st.booleans(),
)
def test_half_hours_of_a_local_clock_are_placed_through_both_changes(
    copy, kind, night, before, behind, backwards, twice
):
    midnight = pd.Timestamp(night, tz=PARIS).tz_convert("UTC")
    half = pd.Timedelta(minutes=30)
    ends = pd.date_range(midnight - before * half, midnight + behind * half, freq=half).tz_convert(PARIS)
    head, rows = kind(ends)
    rows = [row for row in rows for _ in range(1 + twice)]
    text = "\n".join([*head, *(rows[::-1] if backwards else rows)])
    target = "Puissance (W)" if kind is plain else None
    table = read(copy("half-hours.csv", text), target=target, time_zone=PARIS)
    frame = table.frame.drop_duplicates()
    assert frame["timestamp"].tolist() == list(ends.tz_convert("UTC") - half)
    assert frame["target"].tolist() == list(range(len(ends)))


@QUICK
@given(night=st.sampled_from(["2024-03-31", "2024-10-27"]), days=st.integers(0, 3), backwards=st.booleans())
def test_edf_s_days_are_placed_through_both_changes(copy, night, days, backwards):
    first = pd.Timestamp(night, tz=PARIS) - pd.DateOffset(days=days)
    ends = pd.date_range(first, first + pd.DateOffset(days=5), freq="30min", inclusive="right")
    day = (ends.tz_convert("UTC") - pd.Timedelta(minutes=30)).tz_convert(PARIS).strftime("%d/%m/%Y")
    rows = pd.DataFrame({"day": day, "end": ends.strftime("%H:%M:%S"), "value": range(len(ends))})
    lines = ["Mes puissances atteintes en W", "", "Date et heure de relève;Puissance atteinte (W);Nature"]
    for date, part in rows[::-1].groupby("day", sort=False):
        lines += [f"{date};;", *(f"{end};{value};R" for end, value in zip(part["end"], part["value"], strict=True))]
    table = read(copy("edf.csv", "\n".join(lines)))
    assert table.frame["timestamp"].tolist() == list(ends.tz_convert("UTC") - pd.Timedelta(minutes=30))
    assert table.frame["target"].tolist() == list(range(len(ends)))


@QUICK
@given(night=st.sampled_from(["2024-03-31", "2024-10-27"]), named=st.booleans(), seed=st.integers(0, 1000))
def test_wide_days_are_placed_through_both_changes(copy, night, named, seed):
    first = pd.Timestamp(night, tz=PARIS) - pd.DateOffset(days=2)
    starts = pd.date_range(first, first + pd.DateOffset(days=5), freq="h", inclusive="left")
    names = [*(f"{hour:02d}h-{hour + 1:02d}h" for hour in range(24)), "02h-03h bis"]
    days = {}
    for place, start in enumerate(starts):
        row = days.setdefault(f"{start:%d/%m/%Y}", [""] * 25)
        row[24 if row[start.hour] else start.hour] = str(place + 0.5)
    rows = [";".join([day, *row]) for day, row in days.items()]
    random.Random(seed).shuffle(rows)
    text = "\n".join([";".join(["Jour", *names]), *rows])
    table = read(copy("wide.csv", text), time_zone=PARIS if named else None)
    assert table.frame["timestamp"].tolist() == list(starts.tz_convert("UTC"))
    assert table.frame["target"].sum() == sum(range(len(starts))) + 0.5 * len(starts)
