"""Opendatasoft portals over loopback: the recorded éCO2mix, its traps, and every way a portal fails."""

import json
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, FatalConnectorError, MissingColumnsError, RetriableConnectorError
from connectors.files.read import SourceOptions
from connectors.files.units import unit_of
from connectors.http import NotFoundError, fetch
from connectors.open_data.opendatasoft import fetch_records
from connectors.open_data.presets import PRESETS
from connectors.open_data.read import read_open_data

DATA = Path(__file__).parents[2] / "data" / "open_data"
JSON = {"Content-Type": "application/json; charset=utf-8"}


def path_of(preset):
    return f"/api/explore/v2.1/catalog/datasets/{PRESETS[preset].dataset}/exports/json"


def utc(text):
    return pd.Timestamp(text, tz="UTC")


@pytest.fixture
def waits():
    return []


@pytest.fixture
def read(loopback, answer, waits):
    """Read a preset from a portal on this machine that has some records."""

    def _read(preset, records, start, end, options=None, **more):
        body = records if isinstance(records, bytes) else json.dumps(records).encode()
        loopback.script(path_of(preset), answer(body=body, headers=JSON))
        get = partial(fetch, backoff=waits.append, timeout=5.0)
        return read_open_data(preset, utc(start), utc(end), options, base_url=loopback.url, get=get, **more)

    return _read


def query(loopback, place=-1):
    return {name: values[0] for name, values in parse_qs(loopback.requests[place][1]).items()}


def quarters(first, count, **fields):
    """Rows of éCO2mix as the portal gives them, the clock right."""
    times = pd.date_range(first, periods=count, freq="15min", tz="UTC")
    local = times.tz_convert("Europe/Paris")
    return [
        {
            "date_heure": time.isoformat(),
            "heure": there.strftime("%H:%M"),
            "nature": "Données temps réel",
            "consommation": 1000 + place,
            "prevision_j1": 2000 + place,
            "prevision_j": None,
        }
        | fields
        for place, (time, there) in enumerate(zip(times, local, strict=True))
    ]


def test_the_recorded_day_of_eco2mix_is_read(read, loopback):
    body = (DATA / "odre_eco2mix_national_tr.json").read_bytes()
    table = read("rte-eco2mix", body, "2023-09-21", "2023-09-22 01:00")
    frame = table.frame
    assert (len(frame), frame["target"].sum(), frame["load_forecast_day_ahead"].sum()) == (97, 4216058.0, 4239350.0)
    assert frame["timestamp"].iloc[[0, -1]].tolist() == [utc("2023-09-21"), utc("2023-09-22")]
    assert frame["item_id"].unique().tolist() == ["France"]
    assert (table.target, table.unit, table.freq, table.time_zone) == ("load", "MW", "15min", "Europe/Paris")
    assert table.covariates == ("load_forecast_day_ahead", "load_forecast_intraday")
    assert table.name == "éCO2mix, real time"
    assert table.guesses == ()
    asked = query(loopback)
    assert asked["select"] == "date_heure,heure,nature,consommation,prevision_j1,prevision_j"
    assert asked["where"] == 'date_heure >= "2023-09-21T00:00:00Z" and date_heure < "2023-09-22T01:00:00Z"'
    assert (asked["order_by"], asked["limit"], asked["timezone"]) == ("date_heure", "-1", "UTC")


def test_it_is_said_whose_data_they_are_and_what_is_not_final(read):
    table = read("rte-eco2mix", quarters("2024-01-01", 8), "2024-01-01", "2024-01-02")
    notes = table.notes
    assert table.attribution == ("RTE, éCO2mix (ODRÉ), Licence Ouverte 2.0",)
    assert "8 of 8 rows are not final and will be revised" in notes
    assert (
        "'load_forecast_day_ahead' is the operator's own forecast, published the day before, and known no sooner"
        in notes
    )


def test_the_period_asked_for_is_kept_though_the_portal_gives_more(read):
    table = read("rte-eco2mix", quarters("2024-01-01", 96), "2024-01-01 06:00", "2024-01-01 07:00")
    assert table.frame["target"].tolist() == [1024.0, 1025.0, 1026.0, 1027.0]


def test_ghosts_of_the_skipped_hour_are_left_out(read):
    """At 01:00 UTC the clock shows 03:00; the row that says 02:00 is about nothing."""
    body = (DATA / "odre_eco2mix_cons_def_spring.json").read_bytes()
    table = read("rte-eco2mix-consolidated", body, "2024-03-31", "2024-04-01")
    times = table.frame["timestamp"].dt.strftime("%H:%M").tolist()
    assert times == ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30"]
    assert table.frame["target"].tolist() == [46000.0, 46030.0, 46000.0, 46030.0, 46000.0, 46030.0]
    assert table.frame["load_forecast_day_ahead"].tolist() == [46646.0, 46616.0, 46646.0, 46616.0, 46646.0, 46616.0]
    assert table.freq == "30min"
    assert "4 rows of the hour that the spring clock change skips were left out" in table.notes
    assert "6 rows between the steps of 30min hold no load and were left out" in table.notes
    assert not any("not final" in note for note in table.notes)


def test_a_ghost_is_left_out_wherever_it_stands(read):
    """Also when it comes last, and holds a load."""
    rows = quarters("2024-03-31", 12)
    ghosts = [row | {"heure": "02" + row["heure"][2:], "consommation": 9} for row in rows[4:8]]
    table = read("rte-eco2mix", [*rows, *ghosts], "2024-03-31", "2024-04-01")
    assert table.frame["target"].tolist() == [1000.0 + place for place in range(12)]


def test_consolidated_load_every_quarter_of_an_hour_is_kept(read):
    table = read("rte-eco2mix-consolidated", quarters("2024-01-01", 12), "2024-01-01", "2024-01-02")
    assert (len(table.frame), table.freq) == (12, "15min")


def test_the_missing_quarters_of_the_autumn_night_are_said(read):
    """The first pass of 02:00 is absent: 96 of the 100 quarter-hours of that day."""
    day = quarters("2024-10-26 22:00", 100)
    rows = [row for row in day if not "2024-10-27T00:00" <= row["date_heure"][:16] <= "2024-10-27T00:45"]
    table = read("rte-eco2mix", rows, "2024-10-26 22:00", "2024-10-28")
    assert len(table.frame) == 96
    assert "4 steps of 15min are missing, first 2024-10-27T00:00:00+00:00" in table.notes


def test_of_several_revisions_the_most_final_counts(read):
    rows = quarters("2024-01-01", 4)
    final = [row | {"nature": "Données définitives", "consommation": 5} for row in rows[:2]]
    consolidated = [row | {"nature": "Données consolidées", "consommation": 7} for row in rows[:3]]
    table = read("rte-eco2mix", [*final, *rows, *consolidated], "2024-01-01", "2024-01-02")
    assert table.frame["target"].tolist() == [5.0, 5.0, 7.0, 1003.0]
    assert "5 rows at an instant that a more final row has were left out" in table.notes
    assert "2 of 4 rows are not final and will be revised" in table.notes


def test_numbers_that_come_as_texts_are_numbers(read):
    rows = quarters("2024-01-01", 4)
    for row, load in zip(rows, ("36868", -8, "ND", None), strict=True):
        row["consommation"] = load
    table = read("rte-eco2mix", rows, "2024-01-01", "2024-01-02")
    np.testing.assert_array_equal(table.frame["target"], [36868.0, -8.0, np.nan, np.nan])
    assert "'load': 1 cells taken as missing, first 'ND'" in table.notes


def test_a_clock_that_fits_no_instant_is_said_and_not_believed(read):
    table = read("rte-eco2mix", quarters("2024-01-01", 4, heure="07:07"), "2024-01-01", "2024-01-02")
    assert len(table.frame) == 4
    assert any("the local clock of 4 rows does not fit their instant" in note for note in table.notes)


def test_elia_is_read_with_its_forecasts(read, loopback):
    rows = [
        {"datetime": f"2024-06-01T{hour:02d}:{minute:02d}:00+02:00", "totalload": 8000.5, "dayaheadforecast": 8100,
         "mostrecentforecast": 8050}
        for hour in (0, 1) for minute in (0, 15, 30, 45)
    ]  # fmt: skip
    rows[-1] |= {"totalload": None}
    table = read("elia-load", rows, "2024-05-31", "2024-06-02")
    assert table.frame["timestamp"].iloc[0] == utc("2024-05-31 22:00")
    assert table.frame["target"].tolist()[:-1] == [8000.5] * 7
    assert np.isnan(table.frame["target"].iloc[-1])
    assert (table.unit, table.time_zone, table.freq) == ("MW", "Europe/Brussels", "15min")
    assert query(loopback)["select"] == "datetime,totalload,dayaheadforecast,mostrecentforecast"


def test_enedis_has_a_series_for_each_region_and_profile(read, loopback):
    rows = [
        {"horodate": f"2024-06-0{day}T{hour:02d}:30:00+00:00", "region": region, "profil": profile,
         "total_energie_soutiree_wh": 10**9 + hour, "nb_points_soutirage": 5}
        for day in (1, 2) for hour in range(24) for region in ("Bretagne", "Corse") for profile in ("RES1", "RES2")
    ]  # fmt: skip
    rows += [row | {"horodate": row["horodate"].replace(":30:", ":00:")} for row in rows]
    table = read("enedis-regions", rows, "2024-06-01", "2024-06-03", where='region = "Bretagne"')
    assert table.frame["item_id"].unique().tolist() == [
        "Bretagne / RES1", "Bretagne / RES2", "Corse / RES1", "Corse / RES2"
    ]  # fmt: skip
    assert (len(table.frame), table.unit, table.target, table.freq) == (384, "Wh", "energy", "30min")
    assert query(loopback)["where"].endswith(
        'and (startswith(plage_de_puissance_souscrite, "P0")) and (region = "Bretagne")'
    )


def test_a_long_period_is_asked_for_in_parts(read, loopback):
    read("rte-eco2mix", quarters("2023-01-01", 8), "2023-01-01", "2024-02-01")
    wheres = [query(loopback, place)["where"] for place in range(len(loopback.requests))]
    assert wheres == [
        'date_heure >= "2023-01-01T00:00:00Z" and date_heure < "2024-01-02T00:00:00Z"',
        'date_heure >= "2024-01-02T00:00:00Z" and date_heure < "2024-02-01T00:00:00Z"',
    ]


def test_the_user_may_name_another_target_and_zone(read):
    options = SourceOptions(target="load_forecast_day_ahead", time_zone="UTC", ignore=("load_forecast_intraday",))
    table = read("rte-eco2mix", quarters("2024-01-01", 4), "2024-01-01", "2024-01-02", options)
    assert table.frame["target"].tolist() == [2000.0, 2001.0, 2002.0, 2003.0]
    assert (table.covariates, table.time_zone, table.unit) == (("load",), "UTC", "MW")
    with pytest.raises(MissingColumnsError, match="Did you mean 'load'"):
        read("rte-eco2mix", quarters("2024-01-01", 4), "2024-01-01", "2024-01-02", SourceOptions(target="laod"))


def test_what_is_asked_wrongly_is_refused_before_anything_is_fetched(loopback):
    day = utc("2024-01-01")
    with pytest.raises(ConfigError, match=r"no open data set 'rte-ecomix'\. Did you mean 'rte-eco2mix'.*entsoe-FR"):
        read_open_data("rte-ecomix", day, day, base_url=loopback.url)
    with pytest.raises(ConfigError, match="has no time zone"):
        read_open_data("rte-eco2mix", pd.Timestamp("2024-01-01"), day, base_url=loopback.url)
    with pytest.raises(ConfigError, match="Nothing lies between"):
        read_open_data("rte-eco2mix", day, day, base_url=loopback.url)
    for dataset, field in (("../x", "a"), ("a", "a b"), ("a", "count(*)"), ("", "a")):
        with pytest.raises(ConfigError, match="no name of a data set or a field"):
            fetch_records(loopback.url, dataset, select=[field])
    assert loopback.requests == []


def test_a_period_of_which_nothing_was_published_is_said(read):
    with pytest.raises(NotFoundError, match=r"éCO2mix, real time.* has nothing from 2024-01-01T00:00:00\+00:00"):
        read("rte-eco2mix", [], "2024-01-01", "2024-01-02")


def test_a_key_goes_into_a_header_and_into_no_message(loopback, answer, monkeypatch):
    monkeypatch.setenv("HOURCAST_ODRE_KEY", "hunter2")
    loopback.script(path_of("rte-eco2mix"), answer(401, b"no"))
    with pytest.raises(FatalConnectorError, match="status 401") as caught:
        read_open_data("rte-eco2mix", utc("2024-01-01"), utc("2024-01-02"), base_url=loopback.url)
    assert loopback.requests[0][2]["Authorization"] == "Apikey hunter2"
    assert "hunter2" not in str(caught.value) + loopback.requests[0][1]


def test_any_data_set_of_any_portal_can_be_asked_for(loopback, answer):
    records = [{"a": 1, "b": "x"}, {"a": None}]
    loopback.script(
        "/api/explore/v2.1/catalog/datasets/my-set_1/exports/json",
        answer(body=json.dumps(records).encode(), headers=JSON),
    )
    frame = fetch_records(f"{loopback.url}/", "my-set_1", select=["b", "a"], where="a > 0")
    assert frame.columns.tolist() == ["b", "a"]
    assert frame["b"].tolist() == ["x", None]
    assert query(loopback) == {"select": "b,a", "timezone": "UTC", "limit": "-1", "where": "a > 0"}


# every way a portal fails


@pytest.fixture
def ask(loopback, waits):
    def _ask(timeout=5.0, retries=2):
        get = partial(fetch, backoff=waits.append, timeout=timeout, retries=retries)
        return fetch_records(loopback.url, "set", select=["a"], get=get)

    return _ask


@pytest.fixture
def script(loopback):
    return partial(loopback.script, "/api/explore/v2.1/catalog/datasets/set/exports/json")


GOOD = b'[{"a": 1}]'


def test_a_good_answer_is_read(ask, script, answer):
    script(answer(body=GOOD, headers=JSON))
    assert ask()["a"].tolist() == [1]


def test_a_data_set_that_is_not_there_is_not_found(ask, script, answer, loopback):
    script(answer(404, b'{"message": "Unknown dataset: set"}'))
    with pytest.raises(NotFoundError, match="Unknown dataset: set"):
        ask()
    assert len(loopback.requests) == 1


def test_a_busy_portal_is_asked_again_when_it_says(ask, script, answer, waits):
    script(answer(429, headers={"Retry-After": "7"}), answer(body=GOOD, headers=JSON))
    assert len(ask()) == 1
    assert waits == [7.0]


def test_a_portal_that_fails_twice_is_asked_a_third_time(ask, script, answer, waits):
    script(answer(500), answer(500), answer(body=GOOD, headers=JSON))
    assert len(ask()) == 1
    assert len(waits) == 2


@pytest.mark.parametrize(
    "given",
    [
        {"status": 500},
        {"status": 429, "headers": {"Retry-After": "1"}},
        {"silence": 5.0},
        {"body": GOOD, "cut": 9, "headers": JSON},
    ],
    ids=["500", "429", "silence", "cut"],
)
def test_a_portal_that_keeps_failing_may_answer_later(ask, script, answer, given):
    script(answer(**given))
    with pytest.raises(RetriableConnectorError) as caught:
        ask(timeout=0.1)
    assert caught.value.exit_code == 75


def test_an_answer_that_ends_early_though_it_is_whole_for_http_may_come_whole_later(ask, script, answer):
    script(answer(body=b'[{"a": 1}, {"a', headers=JSON))
    with pytest.raises(RetriableConnectorError, match="is no whole JSON"):
        ask()


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"<html>sign in</html>", {"Content-Type": "text/html"}, "content of the type 'text/html'"),
        (b'{"total_count": 1, "results": []}', JSON, "is no list of records"),
        (b"[1, 2]", JSON, "is no list of records"),
        (b'[{"b": 1}]', JSON, "have no field 'a'.* they have b"),
    ],
)
def test_an_answer_in_another_format_is_refused_for_good(ask, script, answer, body, headers, said):
    script(answer(body=body, headers=headers))
    with pytest.raises(FatalConnectorError, match=said):
        ask()


def test_times_that_cannot_be_read_are_a_changed_format(read):
    with pytest.raises(FatalConnectorError, match="The times of 'éCO2mix, real time' cannot be read"):
        read("rte-eco2mix", quarters("2024-01-01", 4, date_heure="demain"), "2024-01-01", "2024-01-02")


def test_every_preset_names_its_licence_its_owner_and_a_unit():
    for name, preset in PRESETS.items():
        assert preset.licence, name
        assert preset.attribution, name
        assert preset.base_url.startswith("https://")
        assert all(
            variable.unit == "1" or unit_of(f"x ({variable.unit})") for variable in preset.variable_map.values()
        )
