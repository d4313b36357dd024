"""The list of weather stations that Meteostat publishes, kept beside the weather and renewed when it is old."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, ConnectorError, RetriableConnectorError
from connectors.weather.meteostat_package import endpoints, is_stations_file, open_stations
from connectors.weather.meteostat_values import SETTLED
from connectors.weather.month_files import replace_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from connectors.weather.store import WeatherStore
    from connectors.weather.variables import Get

logger = logging.getLogger(__name__)


def stations_file(store: WeatherStore, *, now: pd.Timestamp, get: Get) -> Path:
    """The list on disk, fetched when there is none or it is a month old.

    An old list stands in for one that cannot be had.

    Raises:
        ConnectorError: If there is none, and none to be had.
    """
    file = store.folder / "meteostat" / "stations.db"
    last = store.fetches("meteostat").get(file.name)
    if last is not None and file.exists() and now - last[0] < SETTLED:
        return file
    failures: list[ConnectorError] = []
    for url in endpoints()[1]:
        try:
            body = get(url)
            replace_file(file, partial(_write_stations, body))
        except ConnectorError as error:
            failures.append(error)
        else:
            store.record_fetch("meteostat", file.name, now, len(body))
            return file
    if file.exists():
        logger.warning("The list of weather stations could not be renewed: %s", failures)
        return file
    raise failures[0]


def place_of_station(file: Path, station: str) -> tuple[float, float]:
    """Where a station stands: latitude and longitude [degrees].

    Raises:
        ConfigError: If there is no such station.
        UnreadableFileError: If the list of stations is damaged.
    """
    with open_stations(file) as connection:
        found = connection.execute("SELECT latitude, longitude FROM stations WHERE id = ?", [station]).fetchone()
    if found is None:
        raise no_station(station)
    return float(found[0]), float(found[1])


def no_station(name: str) -> ConfigError:
    """The error for a station nobody knows."""
    return ConfigError(
        f"There is no weather station {name!r}.",
        expected="Stations have a Meteostat id, such as 10637 for Frankfurt Airport.",
        fix="Give the place as latitude and longitude instead; the nearest stations are found.",
    )


def _write_stations(body: bytes, path: Path) -> None:
    path.write_bytes(body)
    if not is_stations_file(path):
        raise RetriableConnectorError(
            "The list of weather stations is cut or broken.",
            expected="It is a whole SQLite file.",
            fix="Try again later.",
        )
