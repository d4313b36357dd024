"""Forecasts of the weather as they were issued: fetched and kept, or from a file of the user's own.

Every forecast that is fetched is kept. After a year of daily runs a backtest needs no simulated one any more. Until
then Open-Meteo has archives: of whole runs (mode ``vintage``), and of what was said some days before each hour (mode
``previous_runs``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connectors.weather.open_meteo import OpenMeteo
    from connectors.weather.store import WeatherStore
    from connectors.weather.vintages import Vintages

#: Services whose forecasts can be fetched; after a colon the model of Open-Meteo, or the station of MOSMIX.
OPEN_METEO, MOSMIX = "open-meteo", "mosmix"
#: From issue to availability of forecasts of the user's own that say when they were issued only.
ISSUE_DELAY = pd.Timedelta(hours=6)
A_DAY = pd.Timedelta(days=1)
#: Addresses of mirrors or servers of one's own.
OPEN_METEO_URL, MOSMIX_URL = "HOURCAST_OPEN_METEO_URL", "HOURCAST_MOSMIX_URL"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Forecasts of the weather of one place.

    Attributes:
        vintages: The forecasts, hourly, under the names of the weather columns.
        notes: What the user should know of them.
        attribution: Whom they must be credited to.
    """

    vintages: Vintages
    notes: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which forecasts are wanted.

    Attributes:
        source: ``open-meteo``, ``mosmix``, one of these with a colon and a model or station, or a file.
        place: Latitude and longitude [degrees], or None.
        columns: Weather columns by the names the services give their variables.
        mode: The weather mode asked for, or None.
        since: First reading; archives are asked from there on.
        reach: Time from an issue to the end of the last step asked for.
        folder: Where forecasts are kept.
        now: The present, UTC.
        live: Whether there is something to fetch: a run as of an earlier time asks only what was kept.
    """

    source: str
    place: tuple[float, float] | None
    columns: Mapping[str, str]
    mode: str | None
    since: pd.Timestamp
    folder: Path
    now: pd.Timestamp
    live: bool
    reach: pd.Timedelta = A_DAY


def kept_forecasts(wanted: Wanted) -> Kept:
    """Fetch the newest forecast, keep it, and hand out all that were ever kept; or read a file.

    Raises:
        ConfigError: If a service is asked without a place.
        ConnectorError: If the service fails and nothing that was kept reaches beyond the present.
        HourcastError: If a file cannot be read.
    """
    service, _, detail = wanted.source.partition(":")
    if service not in (OPEN_METEO, MOSMIX):
        return _own(wanted)
    if wanted.place is None:
        raise ConfigError(
            f"Forecasts of {service} were asked for without a place.", fix="Say where with --place 48.86,2.35."
        )
    return _fetched(wanted, service, detail, wanted.place)


def location_of(place: tuple[float, float]) -> str:
    """Name of a place [degrees] in the store."""
    return f"at{place[0]:.4f}_{place[1]:.4f}"


def _fetched(wanted: Wanted, service: str, detail: str, place: tuple[float, float]) -> Kept:
    from connectors.weather.archives import Asked, keep_previous_runs, keep_runs
    from connectors.weather.refresh import attribution_of, refresh
    from connectors.weather.store import WeatherStore

    store, location = WeatherStore(wanted.folder), location_of(place)
    notes: tuple[str, ...] = ()
    if wanted.live:
        notes = refresh(
            store, location, lambda: _pull(wanted, service, detail, store, location), now=wanted.now
        ).notes
    if wanted.live and service == OPEN_METEO and wanted.mode in ("vintage", "previous_runs"):
        asked = Asked(place=place, location=location, settings=_settings(detail), now=wanted.now)
        if wanted.mode == "vintage":
            notes += keep_runs(store, asked, since=wanted.since)
        else:
            notes += keep_previous_runs(store, asked, since=wanted.since, reach=wanted.reach)
    previous = wanted.mode == "previous_runs"
    vintages = store.vintages(
        location, list(wanted.columns), kinds=("forecast", "previous_runs") if previous else ("forecast",)
    )
    return Kept(
        vintages=_named(vintages, wanted.columns), notes=notes, attribution=attribution_of(store.sources(location))
    )


def _pull(wanted: Wanted, service: str, detail: str, store: WeatherStore, location: str) -> pd.DataFrame:
    from connectors.weather.mosmix import URL, fetch_mosmix, mosmix_station
    from connectors.weather.open_meteo import fetch_forecast

    assert wanted.place is not None
    if service == MOSMIX:
        station = detail or mosmix_station(store.folder / "meteostat" / "stations.db", *wanted.place)[0]
        return fetch_mosmix(station, location=location, now=wanted.now, url=os.environ.get(MOSMIX_URL, URL))
    return fetch_forecast(wanted.place, _settings(detail), location=location, now=wanted.now)


def _settings(model: str) -> OpenMeteo:
    from connectors.weather.open_meteo import OpenMeteo

    plain = OpenMeteo()
    return OpenMeteo(model=model or plain.model, base_url=os.environ.get(OPEN_METEO_URL, plain.base_url))


def _named(found: Vintages, columns: Mapping[str, str]) -> Vintages:
    from connectors.weather.vintages import Vintages

    return Vintages(rows={columns[name]: rows for name, rows in found.rows.items() if name in columns})


def _own(wanted: Wanted) -> Kept:
    """Forecasts in a file with a column ``available_at``, or ``issued_at``; they count for all items."""
    from connectors.weather.own import read_own_weather
    from connectors.weather.vintages import index_vintages

    issued = "available_at" not in _header(wanted.source)
    rows = read_own_weather(
        wanted.source,
        location="own",
        available_at=None if issued else "available_at",
        issued_at="issued_at" if issued else None,
        delay=ISSUE_DELAY if issued else None,
        now=wanted.now,
    )
    found = index_vintages(rows[rows["variable"].isin(set(wanted.columns.values()))])
    if not found.rows:
        raise ConfigError(
            f"The forecasts in {wanted.source!r} have no column of the weather used.",
            expected=f"Columns named {', '.join(wanted.columns.values()) or 'as those of --weather'}.",
            fix="Name them as the weather columns of the readings.",
        )
    hours = ISSUE_DELAY // pd.Timedelta(hours=1)
    words = f"forecasts of the weather are taken as available {hours} h after their issue (column available_at)"
    return Kept(vintages=found, notes=(words,) if issued else ())


def _header(source: str) -> str:
    """The first line of a text file, empty for anything else."""
    try:
        with open(source, encoding="utf-8-sig") as file:  # noqa: PTH123 - a path as the user wrote it
            return file.readline()
    except (OSError, UnicodeDecodeError):
        return "available_at"
