"""The only door to the package ``meteostat``: it finds stations and reads year files, and downloads nothing.

By itself the package turns every failure into "no data", waits for a silent server without end, keeps what it
downloaded for 30 days, the current year included, and fills gaps with forecasts. So the files are fetched by
``connectors.http`` and handed to it as local ones, with its cache and its model data switched off. Its
settings are global; they are changed under a lock and put back.
"""

from __future__ import annotations

import gzip
import sqlite3
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import FatalConnectorError, RetriableConnectorError, UnreadableFileError
from connectors.http import gunzip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Largest year file taken, unpacked [bytes]; a real one has about a million.
LARGEST_YEAR = 50_000_000
#: What the package raises on a file it does not understand.
NOT_UNDERSTOOD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
TIME_FIELDS = ["year", "month", "day", "hour"]

_settings_lock = threading.RLock()


@dataclass(frozen=True, kw_only=True)
class Station:
    """A weather station.

    Attributes:
        id: Its Meteostat id.
        name: Its name, empty when unknown.
        distance: Way to the place asked for [km].
        elevation: Height above the sea [m], None when unknown.
    """

    id: str
    name: str = ""
    distance: float = 0.0
    elevation: float | None = None

    def __str__(self) -> str:
        return f"{self.id} {self.name}".strip()


def endpoints() -> tuple[str, list[str]]:
    """Addresses of the year files, as a template, and of the list of stations, as the package is set up.

    The environment variables ``MS_HOURLY_ENDPOINT`` and ``MS_STATIONS_DB_ENDPOINTS`` lead elsewhere.
    """
    import meteostat

    return str(meteostat.config.hourly_endpoint), [str(url) for url in meteostat.config.stations_db_endpoints]


def stations_near(file: Path, latitude: float, longitude: float, *, radius: float, limit: int) -> list[Station]:
    """Stations within a radius [km], nearest first.

    Raises:
        UnreadableFileError: If the list of stations is damaged.
    """
    import meteostat

    with _settings(stations_db_file=str(file), stations_db_ttl=sys.maxsize), _stations_file(file):
        found = meteostat.stations.nearby(
            meteostat.Point(latitude, longitude), radius=int(radius * 1000), limit=limit
        )
    return [
        Station(
            id=str(row["id"]),
            name=str(row["name"]),
            distance=float(row["distance"]) / 1000,
            elevation=_number(row["elevation"]),
        )
        for row in found.reset_index().to_dict("records")
    ]


def station_of_id(file: Path, station: str) -> Station | None:
    """The station with an id, None when there is none.

    Raises:
        UnreadableFileError: If the list of stations is damaged.
    """
    import meteostat

    with _settings(stations_db_file=str(file), stations_db_ttl=sys.maxsize), _stations_file(file):
        found = meteostat.stations.meta(station)
    if found is None:
        return None
    return Station(id=station, name=str(found.name or ""), elevation=_number(found.elevation))


@contextmanager
def open_stations(file: Path) -> Iterator[sqlite3.Connection]:
    """The list of stations, to be asked in SQL.

    Raises:
        UnreadableFileError: If it is damaged.
    """
    with _stations_file(file):
        connection = sqlite3.connect(file)
        try:
            yield connection
        finally:
            connection.close()


def is_stations_file(file: Path) -> bool:
    """Whether a file is a whole list of stations."""
    try:
        with open_stations(file) as connection:
            connection.execute("SELECT id, latitude, longitude, elevation FROM stations LIMIT 1").fetchone()
            checked = connection.execute("PRAGMA quick_check(1)").fetchone()
    except UnreadableFileError:
        return False
    return bool(checked == ("ok",))


def read_year(station: str, year: int, body: bytes) -> pd.DataFrame:
    """Observations in a year file; forecasts and analyses in it are left out.

    Args:
        station: Id of the station.
        year: The year of the file.
        body: The file, gzip or plain CSV.

    Returns:
        ``parameter`` and ``parameter_source`` columns by naive UTC ``time``; without rows when there is none.

    Raises:
        RetriableConnectorError: If the file is cut or broken.
        FatalConnectorError: If its format is not the one known.
    """
    text = gunzip(body, limit=LARGEST_YEAR) if body.startswith(b"\x1f\x8b") else body
    if text is None:
        raise RetriableConnectorError(
            f"The file of station {station} for {year} is cut or broken.",
            expected="It is a whole gzip file.",
            fix="Try again later.",
        )
    header, _, rows = text.partition(b"\n")
    if header.decode("utf-8", "replace").lstrip("\ufeff").strip().split(",")[:4] != TIME_FIELDS:
        raise _unknown_format(station, year)
    if not rows.strip():
        return pd.DataFrame()
    observed = _read(station, year, text, model_data=False)
    # Only forecasts in the file, or nothing the package could read: it says None to both.
    if observed is None and _read(station, year, text, model_data=True) is None:
        raise _unknown_format(station, year)
    return pd.DataFrame() if observed is None else observed


def modelled_shares(body: bytes, observed: pd.DataFrame) -> dict[str, float]:
    """How much of each parameter in a year file comes from weather models, and was left out.

    Args:
        body: The file, as ``read_year`` took it.
        observed: What that returned.
    """
    text = gunzip(body, limit=LARGEST_YEAR) if body.startswith(b"\x1f\x8b") else body
    counts = pd.read_csv(BytesIO(text or b"none\n")).count()
    shares = {}
    for name in (str(column) for column in counts.index if f"{column}_source" in counts.index):
        kept = int(observed[name].count()) if name in observed else 0
        shares[name] = 1.0 - kept / int(counts[name]) if counts[name] else 0.0
    return shares


def attribution(sources: Iterable[str]) -> str:
    """Whom to name beside the data, with the licence."""
    from meteostat.core.providers import provider_service

    providers = [provider_service.get_provider(name) for source in set(sources) for name in source.split()]
    owners = {str(p.license.attribution) for p in providers if p and p.license and p.license.attribution}
    return f"{', '.join(['Meteostat', *sorted(owners)])} (CC BY 4.0)"


def _read(station: str, year: int, text: bytes, *, model_data: bool) -> pd.DataFrame | None:
    import meteostat
    import meteostat.providers.meteostat.hourly as provider

    first, last = datetime(year, 1, 1), datetime(year, 12, 31, 23)  # noqa: DTZ001 - the package wants naive UTC
    with TemporaryDirectory() as folder:
        file = Path(folder) / "year.csv.gz"
        file.write_bytes(gzip.compress(text, compresslevel=1))
        with _settings(cache_enable=False, include_model_data=model_data):
            # The package copied its setting into this name when it was imported.
            before = provider.ENDPOINT
            provider.ENDPOINT = str(file).replace("{", "{{").replace("}", "}}")
            try:
                series = meteostat.hourly(meteostat.Station(id=station), first, last)
                return None if series.empty else series.fetch(sources=True)
            except NOT_UNDERSTOOD as error:
                raise _unknown_format(station, year) from error
            finally:
                provider.ENDPOINT = before


@contextmanager
def _settings(**changed: Any) -> Iterator[None]:
    """Change settings of the package for a while; one thread at a time."""
    import meteostat

    with _settings_lock:
        before = {name: getattr(meteostat.config, name) for name in changed}
        try:
            for name, value in changed.items():
                setattr(meteostat.config, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(meteostat.config, name, value)


@contextmanager
def _stations_file(file: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, pd.errors.DatabaseError) as error:
        raise UnreadableFileError(
            f"The list of stations {str(file)!r} cannot be read: {error}.",
            expected="It is the SQLite file that Meteostat publishes.",
            fix="Delete it; it is downloaded again.",
        ) from error


def _number(value: object) -> float | None:
    number = pd.to_numeric(pd.Series([value]), errors="coerce").to_numpy(float)[0]
    return float(number) if np.isfinite(number) else None


def _unknown_format(station: str, year: int) -> FatalConnectorError:
    return FatalConnectorError(
        f"The file of station {station} for {year} is not in the format known.",
        expected="It has the columns year, month, day, hour, then temp, temp_source and so on.",
        fix="Look for a newer release of hourcast and of the package meteostat.",
    )
