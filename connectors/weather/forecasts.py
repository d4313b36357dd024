"""The newest weather forecast for a location, from the source that is named, into the store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from connectors.errors import ConfigError, near_name
from connectors.http import fetch
from connectors.weather.mosmix import fetch_mosmix, mosmix_station
from connectors.weather.open_meteo import OpenMeteo, fetch_forecast
from connectors.weather.refresh import Refreshed, refresh
from connectors.weather.stations import place_of_station, stations_file

if TYPE_CHECKING:
    import pandas as pd

    from connectors.weather.places import Location
    from connectors.weather.store import WeatherStore
    from connectors.weather.variables import Get

#: Sources of forecasts; the first is free for any use.
FORECAST_SOURCES = ("mosmix", "open-meteo")


def keep_forecast(
    location: Location,
    store: WeatherStore,
    *,
    source: str = "mosmix",
    now: pd.Timestamp,
    settings: OpenMeteo | None = None,
    url: str | None = None,
    get: Get = fetch,
) -> Refreshed:
    """Fetch the newest forecast for a location and keep it; a stored one stands in when the source fails.

    Args:
        location: Where; ``find_location`` makes one of what people say.
        store: Where it is kept, under ``location.name``.
        source: One of ``FORECAST_SOURCES``.
        now: The present, UTC.
        settings: How Open-Meteo is asked.
        url: Address of the files of MOSMIX, as ``fetch_mosmix`` takes it.
        get: Fetches an address.

    Raises:
        ConfigError: If there is no such source or station.
        ConnectorError: If the source fails and no stored forecast reaches beyond the present.
    """
    if source not in FORECAST_SOURCES:
        raise ConfigError(f"There is no weather forecast {source!r}.", fix=near_name(source, FORECAST_SOURCES))

    def pull() -> pd.DataFrame:
        stations = partial(stations_file, store, now=now, get=get)
        place = location.place or place_of_station(stations(), location.station or "")
        if source == "mosmix":
            station, _ = mosmix_station(stations(), *place)
            return fetch_mosmix(station, location=location.name, now=now, url=url, get=get)
        return fetch_forecast(place, settings or OpenMeteo(), location=location.name, now=now, get=get)

    return refresh(store, location.name, pull, now=now)
