"""Load of a European area and its day-ahead forecast, from the transparency platform of ENTSO-E.

``entsoe-py`` knows the areas and reads the XML. The fetching is ours: its own client waits without end, does not try
again after 429 and 5xx, and writes the key of the user into the message of every error.

The key is read from ``ENTSOE_API_KEY``; ``ENTSOE_ENDPOINT_URL`` may name another address, as with ``entsoe-py``.
Times are the START of their step. A curve of the type A03 leaves out a value that repeats the one before; entsoe-py
puts it back.
"""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.errors import ConfigError, FatalConnectorError, RetriableConnectorError, near_name
from connectors.extras import require
from connectors.files.source import SourceOptions
from connectors.http import fetch
from connectors.open_data.presets import Variable
from connectors.open_data.table import as_table, nothing, period, spans

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.files.source import Table
    from connectors.open_data.opendatasoft import Get

ENDPOINT = "https://web-api.tp.entsoe.eu/api"
#: The platform gives at most a year at a time [days].
DAYS = 365
ATTRIBUTION, LICENCE = "ENTSO-E Transparency Platform", "CC BY 4.0"

#: The processes of total load (A65), in our names: realised, and forecast for the next day.
VARIABLE_MAP: dict[str, Variable] = {
    "A16": Variable("load", "MW"),
    "A01": Variable("load_forecast_day_ahead", "MW", "the day before"),
}
_NOTHING = "No matching data found"
_DOCUMENT = re.compile(rb"<(?:\w+:)?(GL_MarketDocument|Acknowledgement_MarketDocument)\b")
_REASON = re.compile(rb"<(?:\w+:)?text>(.*?)</", re.DOTALL)
_UNIT = re.compile(rb"<(?:\w+:)?quantity_Measure_Unit\.name>\s*(\w+)")


def read_entsoe(
    area: str,
    start: datetime,
    end: datetime,
    options: SourceOptions | None = None,
    *,
    base_url: str | None = None,
    get: Get = fetch,
) -> Table:
    """Total load of an area, with the operator's day-ahead forecast where there is one.

    Args:
        area: Name of an area, such as FR or DE_LU, or its EIC code.
        start: First instant, with a time zone.
        end: First instant left out, with a time zone.
        options: What the user says about the columns, under our names; without a target, it is the load.
        base_url: Another address of the platform.
        get: Fetches an address; for other time limits or tests.

    Raises:
        MissingExtraError: If entsoe-py is not installed.
        ConfigError: If there is no key or no such area, a time has no zone, or the period is empty.
        NotFoundError: If no load was published for the period.
        RetriableConnectorError: If the platform does not answer, is busy, or the answer ends early.
        FatalConnectorError: If it refuses, or answers in another format.
        DataError: If the rows cannot be read right, as ``read_table`` says.
    """
    found = _area(area)
    first, last = period(start, end)
    loads = {process: _fetched(process, found, (first, last), base_url, get) for process in VARIABLE_MAP}
    load, forecast = (loads[process] for process in VARIABLE_MAP)
    if load.empty:
        raise nothing(f"The load of {found.name} at ENTSO-E", first, last)
    frame = _joined(load, forecast)
    table = as_table(
        frame,
        list(VARIABLE_MAP.values()),
        options or SourceOptions(),
        name=f"ENTSO-E, total load of {found.name}",
        series=found.name,
        zone=found.tz,
    )
    return replace(table, attribution=(f"{ATTRIBUTION}, {LICENCE}",))


def _area(name: str) -> Any:
    """The area as entsoe-py knows it."""
    mappings: Any = require("entsoe.mappings", extra="entsoe", purpose="Reading from ENTSO-E")
    try:
        return mappings.lookup_area(name)
    except ValueError as error:
        raise ConfigError(
            f"There is no area {name!r}.", fix=near_name(name, [area.name for area in mappings.Area])
        ) from error


def _fetched(
    process: str, area: Any, between: tuple[pd.Timestamp, pd.Timestamp], base_url: str | None, get: Get
) -> pd.Series[float]:
    """The values of a process by their instants; none where none were published."""
    parts = [_asked(process, area, span, base_url, get) for span in spans(*between, DAYS)]
    values = pd.concat(parts) if parts else pd.Series(dtype="float64")
    values = values[~values.index.duplicated()].sort_index()
    first, last = between
    return values[(values.index >= first) & (values.index < last)]


def _asked(
    process: str, area: Any, span: tuple[pd.Timestamp, pd.Timestamp], base_url: str | None, get: Get
) -> pd.Series[float]:
    # The platform counts in hours; what lies outside is left out afterwards.
    first, last = span[0].floor("h"), span[1].ceil("h")
    where = {"outBiddingZone_Domain": area.code} | ({"out_Domain": area.code} if process == "A16" else {})
    times = {"periodStart": first.strftime("%Y%m%d%H%M"), "periodEnd": last.strftime("%Y%m%d%H%M")}
    params = {"documentType": "A65", "processType": process, **where, **times, "securityToken": _key()}
    try:
        body = get(base_url or os.environ.get("ENTSOE_ENDPOINT_URL") or ENDPOINT, params=params)
    except FatalConnectorError as error:
        if _NOTHING in error.got:
            return _none()
        raise
    return _parsed(body, process, area)


def _key() -> str:
    key = os.environ.get("ENTSOE_API_KEY", "").strip()
    if not key:
        raise ConfigError(
            "ENTSO-E was asked without a key.",
            expected="The variable ENTSOE_API_KEY of the environment holds one.",
            fix="Register at transparency.entsoe.eu, ask for access to the web API by mail, then set it.",
        )
    return key


def _none() -> pd.Series[float]:
    return pd.Series(dtype="float64", index=pd.DatetimeIndex([], tz="UTC"))


def _parsed(body: bytes, process: str, area: Any) -> pd.Series[float]:
    """The values in an answer, by their instants in UTC."""
    document = _DOCUMENT.search(body[:2000])
    if document is None:
        raise _strange(area, f"begins with {body[:60].decode('utf-8', 'replace')!r}")
    if b"</" + document[0][1:] not in body[-200:]:
        raise RetriableConnectorError(
            f"The answer of ENTSO-E for {area.name} ends early.",
            expected="It ends with its closing mark.",
            fix="Try again later.",
        )
    if document[1] == b"Acknowledgement_MarketDocument":
        reason = b" ".join(found.strip() for found in _REASON.findall(body)).decode("utf-8", "replace")
        if _NOTHING in reason:
            return _none()
        raise FatalConnectorError(f"ENTSO-E refused to give {area.name}: {reason}", fix="Check what was asked for.")
    units = set(_UNIT.findall(body)) - {b"MAW"}
    if units:
        raise _strange(area, f"is in {units.pop().decode()!r} and not in MAW")
    parsers: Any = require("entsoe.parsers", extra="entsoe", purpose="Reading from ENTSO-E")
    try:
        with warnings.catch_warnings():
            # entsoe-py reads XML with a parser of HTML, on purpose.
            warnings.filterwarnings("ignore", message="It looks like you're using an HTML parser")
            frame = parsers.parse_loads(body.decode("utf-8"), process_type=process)
    except (ValueError, AttributeError, KeyError, NotImplementedError) as error:
        raise _strange(area, f"cannot be read ({type(error).__name__})") from error
    values = frame.iloc[:, 0].astype("float64")
    return pd.Series(values.set_axis(pd.DatetimeIndex(values.index).tz_convert("UTC")))


def _strange(area: Any, how: str) -> FatalConnectorError:
    return FatalConnectorError(
        f"The answer of ENTSO-E for {area.name} {how}.",
        expected="It is a document of load in MW.",
        fix="Check ENTSOE_ENDPOINT_URL and the proxy; if both are right, the platform has changed its format.",
    )


def _joined(load: pd.Series[float], forecast: pd.Series[float]) -> pd.DataFrame:
    """Load and forecast on the steps of the load, and the forecast beyond its end."""
    times = pd.DatetimeIndex(load.index)
    step = pd.Series(times).diff().mode().iloc[0] if len(times) > 1 else pd.Timedelta(hours=1)
    ahead = pd.DatetimeIndex(forecast.index)
    ahead = ahead[(ahead > times[-1]) & ((ahead - times[-1]) % step == pd.Timedelta(0))]
    rows = times.append(ahead)
    names = [variable.name for variable in VARIABLE_MAP.values()]
    columns = {names[0]: load.reindex(rows).to_numpy()}
    if len(forecast):
        columns[names[1]] = forecast.reindex(rows).to_numpy()
    return pd.DataFrame({"timestamp": rows, **columns})
