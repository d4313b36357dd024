"""ENTSO-E over loopback: recorded answers, curves that leave values out, and every way the platform fails."""

import sys
import traceback
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, FatalConnectorError, MissingExtraError, RetriableConnectorError
from connectors.http import NotFoundError, fetch
from connectors.open_data.entsoe import read_entsoe
from connectors.open_data.read import read_open_data

DATA = Path(__file__).parents[2] / "data" / "open_data"
LOAD = (DATA / "entsoe_A65_A16_DK1.xml").read_bytes()
FORECAST = (DATA / "entsoe_A65_A01_DK2.xml").read_bytes()
XML = {"Content-Type": "text/xml"}
KEY = "3f2e-secret-key"
NOTHING = b"""<?xml version="1.0" encoding="UTF-8"?>
<Acknowledgement_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:7:0">
  <mRID>1</mRID><createdDateTime>2024-01-01T00:00:00Z</createdDateTime>
  <Reason><code>999</code><text>No matching data found for Data item Actual Total Load [6.1.A]</text></Reason>
</Acknowledgement_MarketDocument>
"""


def document(points, *, resolution="PT60M", end="2024-01-01T06:00Z", curve="A03", unit="MAW"):
    """A document of load with the points given, from midnight."""
    cells = "".join(f"<Point><position>{at}</position><quantity>{value}</quantity></Point>" for at, value in points)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<GL_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"><mRID>1</mRID><TimeSeries>
<quantity_Measure_Unit.name>{unit}</quantity_Measure_Unit.name><curveType>{curve}</curveType><Period><timeInterval>
<start>2024-01-01T00:00Z</start><end>{end}</end></timeInterval><resolution>{resolution}</resolution>{cells}
</Period></TimeSeries></GL_MarketDocument>
""".encode()


@pytest.fixture
def waits():
    return []


@pytest.fixture
def read(loopback, monkeypatch, waits):
    """Read from a platform on this machine."""
    monkeypatch.setenv("ENTSOE_ENDPOINT_URL", f"{loopback.url}/api")
    monkeypatch.setenv("ENTSOE_API_KEY", KEY)

    def _read(area="DK_1", start="2023-12-28", end="2023-12-31", timeout=5.0, retries=2):
        get = partial(fetch, backoff=waits.append, timeout=timeout, retries=retries)
        return read_entsoe(area, pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC"), get=get)

    return _read


@pytest.fixture
def script(loopback):
    """Answers of the platform: first for the load, then for its forecast."""
    return partial(loopback.script, "/api")


def test_the_recorded_load_and_forecast_are_read(read, script, answer, loopback):
    script(answer(body=LOAD, headers=XML), answer(body=FORECAST, headers=XML))
    table = read()
    frame = table.frame
    load = frame["target"].dropna()
    assert (len(load), load.sum(), load.iloc[0], load.iloc[-1]) == (47, 128131.0, 3031.0, 2723.0)
    assert frame["timestamp"].iloc[0] == pd.Timestamp("2023-12-28 15:00", tz="UTC")
    assert frame["timestamp"].iloc[-1] == pd.Timestamp("2023-12-30 23:00", tz="UTC")
    assert (len(frame), frame["load_forecast_day_ahead"].notna().all()) == (57, True)
    assert (table.unit, table.time_zone, table.freq) == ("MW", "Europe/Copenhagen", "h")
    assert frame["item_id"].unique().tolist() == ["DK_1"]
    assert table.attribution == ("ENTSO-E Transparency Platform, CC BY 4.0",)
    first, second = (parse_qs(request[1]) for request in loopback.requests)
    assert first["processType"] == ["A16"]
    assert second["processType"] == ["A01"]
    assert first["outBiddingZone_Domain"] == ["10YDK-1--------W"]
    assert (first["periodStart"], first["periodEnd"]) == (["202312280000"], ["202312310000"])


def test_a_value_that_repeats_is_put_back(read, script, answer):
    """A curve of the type A03 has no point where the value is that of the point before."""
    script(answer(body=document([(1, 10), (2, 20), (5, 50)])), answer(body=NOTHING))
    table = read(start="2024-01-01", end="2024-01-02")
    assert table.frame["target"].tolist() == [10.0, 20.0, 20.0, 20.0, 50.0, 50.0]
    assert table.covariates == ()


def test_a_forecast_on_a_finer_step_is_read_on_that_of_the_load(read, script, answer):
    fine = document([(at, at) for at in range(1, 33)], resolution="PT15M", end="2024-01-01T08:00Z", curve="A01")
    script(answer(body=document([(at, 100 * at) for at in range(1, 7)])), answer(body=fine))
    table = read(start="2024-01-01", end="2024-01-02")
    assert table.freq == "h"
    np.testing.assert_array_equal(table.frame["target"], [100, 200, 300, 400, 500, 600, np.nan, np.nan])
    assert table.frame["load_forecast_day_ahead"].tolist() == [1.0, 5.0, 9.0, 13.0, 17.0, 21.0, 25.0, 29.0]


def test_a_long_period_is_asked_for_by_the_year_and_what_comes_twice_counts_once(read, script, answer, loopback):
    script(answer(body=LOAD))
    table = read(start="2022-12-30", end="2023-12-31")
    spans = [
        (parse_qs(query)["periodStart"][0], parse_qs(query)["periodEnd"][0]) for _, query, _ in loopback.requests
    ]
    assert spans[:2] == [("202212300000", "202312300000"), ("202312300000", "202312310000")]
    assert len(table.frame) == 47


def test_entsoe_is_reached_through_the_door_of_open_data(script, answer, loopback, monkeypatch):
    monkeypatch.setenv("ENTSOE_API_KEY", KEY)
    script(answer(body=LOAD), answer(body=FORECAST))
    day = pd.Timestamp("2023-12-28", tz="UTC")
    table = read_open_data("entsoe-dk_1", day, day + pd.Timedelta("3D"), base_url=f"{loopback.url}/api")
    assert table.target == "load"
    with pytest.raises(ConfigError, match="takes no condition"):
        read_open_data("entsoe-FR", day, day, where="a = 1")


def test_without_the_package_the_extra_is_named(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "entsoe.mappings", None)
    with pytest.raises(MissingExtraError, match=r'pip install "hourcast\[entsoe\]"'):
        read()


def test_without_a_key_it_is_said_where_to_get_one(read, monkeypatch, loopback):
    monkeypatch.delenv("ENTSOE_API_KEY")
    with pytest.raises(ConfigError, match=r"ENTSOE_API_KEY of the environment holds one\. Register"):
        read()
    assert loopback.requests == []


def test_an_unknown_area_is_answered_with_near_ones(read):
    with pytest.raises(ConfigError, match=r"no area 'DK_3'\. Did you mean 'DK_[12]'"):
        read("DK_3")


def test_the_address_of_the_platform_is_used_when_none_is_named(monkeypatch):
    monkeypatch.delenv("ENTSOE_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("ENTSOE_API_KEY", KEY)
    asked = []

    def get(url, *, params, headers=None, expect=None):
        asked.append(url)
        return NOTHING

    day = pd.Timestamp("2024-01-01", tz="UTC")
    with pytest.raises(NotFoundError):
        read_entsoe("FR", day, day + pd.Timedelta("1D"), get=get)
    assert set(asked) == {"https://web-api.tp.entsoe.eu/api"}


# every way the platform fails


@pytest.mark.parametrize("status", [200, 400])
def test_a_period_without_data_is_said(read, script, answer, status):
    """The platform has said so with either status."""
    script(answer(status, NOTHING, XML))
    with pytest.raises(NotFoundError, match="The load of DK_1 at ENTSO-E has nothing from 2023-12-28"):
        read()


def test_another_refusal_is_quoted(read, script, answer):
    script(answer(body=NOTHING.replace(b"No matching data found", b"Delivered time interval is not valid")))
    with pytest.raises(FatalConnectorError, match="refused to give DK_1: Delivered time interval is not valid"):
        read()


def test_a_page_that_is_not_there_is_not_found(read, script, answer):
    script(answer(404))
    with pytest.raises(NotFoundError, match="status 404"):
        read()


def test_a_busy_platform_is_asked_again_when_it_says(read, script, answer, waits):
    script(answer(429, headers={"Retry-After": "7"}), answer(body=LOAD), answer(body=FORECAST))
    assert read().frame["target"].notna().sum() == 47
    assert waits == [7.0]


def test_a_platform_that_fails_twice_is_asked_a_third_time(read, script, answer, waits):
    script(answer(500), answer(500), answer(body=LOAD), answer(body=FORECAST))
    assert read().frame["target"].notna().sum() == 47
    assert len(waits) == 2


@pytest.mark.parametrize(
    "given",
    [{"status": 500}, {"status": 429}, {"silence": 5.0}, {"body": LOAD, "cut": 9}],
    ids=["500", "429", "silence", "cut"],
)
def test_a_platform_that_keeps_failing_may_answer_later_and_the_key_is_not_shown(read, script, answer, given):
    script(answer(**given))
    with pytest.raises(RetriableConnectorError) as caught:
        read(timeout=0.1)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert "securityToken=***" in str(caught.value)


def test_an_answer_that_ends_early_though_it_is_whole_for_http_may_come_whole_later(read, script, answer):
    script(answer(body=LOAD[: len(LOAD) // 2]))
    with pytest.raises(RetriableConnectorError, match="ends early"):
        read()


def test_a_wrong_key_is_refused_for_good_and_not_shown(read, script, answer):
    script(answer(401, f"<html><body>Unauthorized: {KEY} is no security token</body></html>".encode()))
    with pytest.raises(FatalConnectorError, match=r"Unauthorized: \*\*\* is no security token") as caught:
        read()
    assert KEY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!DOCTYPE html><html>sign in</html>", "begins with '<!DOCTYPE html>"),
        (b"", "begins with ''"),
        (document([(1, 5)], unit="KWH"), "is in 'KWH' and not in MAW"),
        (document([(1, 5)], resolution="PT7M"), r"cannot be read \(NotImplementedError\)"),
        (document([("one", 5)]), r"cannot be read \(ValueError\)"),
    ],
)
def test_an_answer_in_another_format_is_refused_for_good(read, script, answer, body, said):
    script(answer(body=body))
    with pytest.raises(FatalConnectorError, match=said):
        read()
