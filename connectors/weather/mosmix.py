"""Forecasts of the German weather service for single places all over the world: MOSMIX, free for any use.

They are statistically corrected forecasts of ICON and ECMWF for some 5,900 stations, hourly for ten days, four
times a day. The files are read by ourselves: the package ``meteostat`` drops the time of issue and the radiation.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, FatalConnectorError, RetriableConnectorError
from connectors.http import NotFoundError, fetch
from connectors.weather.meteostat_package import open_stations
from connectors.weather.place import check_place, distances
from connectors.weather.variables import HOUR, Variable, in_our_terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.weather.variables import Get

ATTRIBUTION = "Deutscher Wetterdienst, MOSMIX (CC BY 4.0)"
URL = "https://opendata.dwd.de/weather/local_forecasts/mos/MOSMIX_L/single_stations/{station}/kml/MOSMIX_L_LATEST_{station}.kmz"
#: Time from the issue of a forecast to its availability, where it was not fetched live.
DELAY = HOUR
#: Largest file taken, unpacked [bytes]; one of a station has about half a million.
LARGEST = 50_000_000
#: A station may be this far away [km].
FARTHEST = 50.0

#: Their elements. Sums, means and gusts are over the hour before the stamp, the others are taken at the stamp.
VARIABLE_MAP: dict[str, Variable] = {
    "TTT": Variable("temperature", "°C", offset=-273.15),
    "Td": Variable("dew_point", "°C", offset=-273.15),
    "N": Variable("cloud_cover", "%"),
    "FF": Variable("wind_speed", "m/s"),
    "FX1": Variable("wind_gust", "m/s", hours=1),
    "DD": Variable("wind_direction", "°"),
    "PPPP": Variable("pressure", "hPa", factor=0.01),
    "RR1c": Variable("precipitation", "mm", hours=1),
    "SunD1": Variable("sunshine", "min", factor=1 / 60, hours=1),
    "Rad1h": Variable("radiation", "W/m²", factor=1000 / 3600, hours=1),
}
_STATION = re.compile(r"[0-9A-Z]{4,6}")
_WITH_FORECAST = """
    SELECT i.value, s.latitude, s.longitude FROM stations s JOIN identifiers i ON i.station = s.id
    WHERE i.key = 'mosmix' AND s.latitude IS NOT NULL AND s.longitude IS NOT NULL
"""


class Forecast(NamedTuple):
    """A forecast as issued.

    Attributes:
        station: Id of the station.
        name: Its name.
        latitude: North is positive [degrees].
        longitude: East is positive [degrees].
        elevation: Height above the sea [m].
        issued_at: When it was issued, UTC.
        rows: ``variable | unit | stamp | valid_time | value``.
    """

    station: str
    name: str
    latitude: float
    longitude: float
    elevation: float
    issued_at: pd.Timestamp
    rows: pd.DataFrame


def fetch_mosmix(
    station: str, *, location: str, now: pd.Timestamp, url: str | None = None, get: Get = fetch
) -> pd.DataFrame:
    """The newest forecast of a station.

    Args:
        station: Its id at MOSMIX, such as 10637; ``mosmix_station`` finds the nearest.
        location: Name of the location in the store.
        now: The present, UTC; the values are available from now on.
        url: Address, with ``{station}``, for a mirror; None for ``HOURCAST_MOSMIX_URL`` of the environment, or that
            of the service.
        get: Fetches an address.

    Returns:
        Rows for the store.

    Raises:
        ConfigError: If the station cannot be one.
        NotFoundError: If there is no such station.
        RetriableConnectorError: If the service does not answer, or the file is cut or broken.
        FatalConnectorError: If the file is not what it was, or too large.
    """
    if not _STATION.fullmatch(station):
        raise ConfigError(
            f"There is no MOSMIX station {station!r}.",
            expected="Ids have four to six digits and capitals, such as 10637 or E970.",
        )
    address = url or os.environ.get("HOURCAST_MOSMIX_URL") or URL
    found = read_mosmix(get(address.format(station=station)))
    return vintages_of(found, location=location, available_at=max(now, found.issued_at), retrieved_at=now)


def vintages_of(
    found: Forecast, *, location: str, retrieved_at: pd.Timestamp, available_at: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Rows for the store; when nothing else is said, a forecast was available an hour after its issue."""
    return found.rows.drop(columns="stamp").assign(
        location=location,
        model="mosmix",
        issued_at=found.issued_at,
        available_at=found.issued_at + DELAY if available_at is None else available_at,
        retrieved_at=retrieved_at,
        kind="forecast",
        source="dwd_mosmix",
    )


def read_mosmix(body: bytes, station: str | None = None) -> Forecast:
    """The forecast in a KMZ file.

    Humidity, which MOSMIX does not hold, is made of temperature and dew point.

    Args:
        body: The file.
        station: Which of its stations; None for the first one.

    Raises:
        RetriableConnectorError: If the file is cut or broken.
        FatalConnectorError: If its format is not the one known, it is too large, or the station is not in it.
    """
    issued, stamps = None, []
    for element in _elements(_unpacked(body)):
        kind = element.tag.rpartition("}")[2]
        if kind == "IssueTime":
            issued = _time(element.text)
        elif kind == "TimeStep":
            stamps.append(_time(element.text))
        elif kind == "Placemark":
            if issued is None or not stamps:
                raise _strange("has no time of issue")
            if station in (None, _text(element, "name")):
                return _forecast(element, issued, pd.DatetimeIndex(stamps).as_unit("us"))
            # A file of all stations is read one by one.
            element.clear()
    raise _strange(f"has no station {station or ''}".strip())


def mosmix_station(stations: Path, latitude: float, longitude: float) -> tuple[str, float]:
    """The nearest station with a forecast, and the way to it [km].

    Args:
        stations: The list of stations of Meteostat, an SQLite file.
        latitude: North is positive [degrees].
        longitude: East is positive [degrees].

    Raises:
        ConfigError: If the place is not on the globe.
        NotFoundError: If none is near enough.
        UnreadableFileError: If the list of stations is damaged.
    """
    check_place(latitude, longitude)
    with open_stations(stations) as connection:
        rows = connection.execute(_WITH_FORECAST).fetchall()
    ways = distances(latitude, longitude, np.array([row[1:] for row in rows], dtype=float).reshape(-1, 2))
    nearest = int(ways.argmin()) if rows else -1
    if not rows or ways[nearest] > FARTHEST:
        found = f"the nearest, {rows[nearest][0]}, is {ways[nearest]:.0f} km away" if rows else "none is known"
        raise NotFoundError(
            f"There is no MOSMIX station near {latitude}, {longitude}: {found}.",
            expected=f"A station within {FARTHEST:.0f} km speaks for a place.",
            fix="Name a station by its id, or use Open-Meteo.",
        )
    return str(rows[nearest][0]), float(ways[nearest])


def _unpacked(body: bytes) -> bytes:
    """The KML inside, read no further than the largest size."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = [info.filename for info in archive.infolist() if info.filename.lower().endswith(".kml")]
            if len(names) != 1:
                raise _strange(f"holds {len(names)} documents")
            with archive.open(names[0]) as file:
                text = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        if body.lstrip()[:1] == b"<":
            raise _strange("is a page and no archive") from error
        raise _broken(str(error)) from error
    except (NotImplementedError, RuntimeError) as error:
        raise _strange(f"cannot be unpacked: {error}") from error
    if len(text) > LARGEST:
        raise _strange(f"has more than {LARGEST:,} bytes")
    if b"<!DOCTYPE" in text[:2000]:
        raise _strange("declares a document type")
    return text


def _elements(text: bytes) -> Iterator[ET.Element]:
    try:
        for _, element in ET.iterparse(io.BytesIO(text)):  # noqa: S314 - without a document type nothing expands
            yield element
    except ET.ParseError as error:
        raise _broken(str(error)) from error


def _forecast(placemark: ET.Element, issued: pd.Timestamp, stamps: pd.DatetimeIndex) -> Forecast:
    parts = []
    for element in placemark.iter():
        if element.tag.rpartition("}")[2] != "Forecast":
            continue
        code = next((value for key, value in element.attrib.items() if key.endswith("elementName")), "")
        if code in VARIABLE_MAP:
            parts.append(
                in_our_terms(VARIABLE_MAP[code], stamps, _values(_text(element, "value"), len(stamps), code))
            )
    if not parts:
        raise _strange("holds none of the elements known")
    rows = pd.concat(parts, ignore_index=True)
    coordinates = _text(placemark, "coordinates").split(",")
    try:
        longitude, latitude, elevation = (float(part) for part in coordinates)
    except ValueError as error:
        raise _strange(f"has its station at {coordinates}") from error
    return Forecast(
        _text(placemark, "name"), _text(placemark, "description"), latitude, longitude, elevation, issued,
        pd.concat([rows, _humidity(rows)], ignore_index=True),
    )  # fmt: skip


def _values(text: str, count: int, code: str) -> list[float | None]:
    try:
        values = [None if part == "-" else float(part) for part in text.split()]
    except ValueError as error:
        raise _strange(f"has {text[:40]!r} for {code}") from error
    if len(values) != count:
        raise _strange(f"has {len(values)} values of {code} for {count} hours")
    return values


def _humidity(rows: pd.DataFrame) -> pd.DataFrame:
    """Relative humidity, from the Magnus formula with the constants of Sonntag (1990), over water [%]."""
    wide = rows[rows["variable"].isin(["temperature", "dew_point"])].pivot_table(
        index=["stamp", "valid_time"], columns="variable", values="value"
    )
    if {"temperature", "dew_point"} - set(wide.columns):
        return rows.iloc[:0]
    warmth, dew = (17.62 * wide[name] / (243.12 + wide[name]) for name in ("temperature", "dew_point"))
    share = np.minimum(100 * np.exp(dew - warmth), 100.0).dropna()
    made = pd.DataFrame({"value": share}).reset_index().assign(variable="humidity", unit="%")
    return made[list(rows.columns)]


def _text(element: ET.Element, name: str) -> str:
    found = next((part for part in element.iter() if part.tag.rpartition("}")[2] == name), None)
    return "" if found is None or found.text is None else found.text.strip()


def _time(text: str | None) -> pd.Timestamp:
    try:
        return pd.Timestamp(str(text).strip()).tz_convert("UTC").as_unit("us")
    except (ValueError, TypeError) as error:
        raise _strange(f"has the time {text!r}") from error


def _strange(how: str) -> FatalConnectorError:
    return FatalConnectorError(
        f"The file of MOSMIX {how}.",
        expected="It is an archive with one KML document of point forecasts.",
        fix="Check the address and the proxy; if both are right, the format has changed.",
    )


def _broken(how: str) -> RetriableConnectorError:
    return RetriableConnectorError(
        f"The file of MOSMIX is cut or broken: {how}.", expected="It is a whole archive.", fix="Try again later."
    )
