"""Past forecasts of Open-Meteo into the store, for a backtest of the time before anything was kept.

Whole runs, one for each day of issue, or what was said some days before each hour. What is stored is not asked for
again, what a failure interrupts is kept as far as it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from connectors.errors import ConnectorError
from connectors.http import NotFoundError, fetch
from connectors.weather.open_meteo import PREVIOUS_DAYS, fetch_previous_runs, fetch_single_run

if TYPE_CHECKING:
    from connectors.weather.open_meteo import OpenMeteo
    from connectors.weather.store import WeatherStore
    from connectors.weather.variables import Get

DAY = pd.Timedelta(days=1)
#: Days of issue before the present whose runs are asked for at most: one call each.
MOST_DAYS = 120
#: Days of previous runs in one call.
SPAN = 90 * DAY


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Whose archive is asked about what.

    Attributes:
        place: Latitude and longitude [degrees].
        location: Name of the location in the store.
        settings: How Open-Meteo is asked.
        now: The present, UTC.
        get: Fetches an address.
    """

    place: tuple[float, float]
    location: str
    settings: OpenMeteo
    now: pd.Timestamp
    get: Get = fetch


def keep_runs(store: WeatherStore, asked: Asked, *, since: pd.Timestamp) -> tuple[str, ...]:
    """Keep the run that was the newest at this time of day, for each day since an instant; the latest days first.

    The archive ends where a day has no run, or where the source fails.

    Args:
        store: Where they are kept.
        asked: Whose archive.
        since: Days of issue before it are not asked for.

    Returns:
        What the user should know.
    """
    notes: tuple[str, ...] = ()
    days = min(MOST_DAYS, int((asked.now - since) / DAY))
    for origin in asked.now - DAY * pd.RangeIndex(1, days + 1):
        part = f"run {asked.settings.model} {origin:%Y-%m-%d}"
        if part in store.fetches(asked.location):
            continue
        try:
            rows = fetch_single_run(
                asked.place, asked.settings, location=asked.location, origin=origin, now=asked.now, get=asked.get
            )
        except NotFoundError:
            notes = (f"Open-Meteo keeps runs of {asked.settings.model} from after {origin:%Y-%m-%d} only.",)
            break
        except ConnectorError as error:
            notes = (f"Runs of before {origin + DAY:%Y-%m-%d} could not be fetched: {error.got}",)
            break
        store.append(rows)
        store.record_fetch(asked.location, part, asked.now, len(rows))
    return notes


def keep_previous_runs(
    store: WeatherStore, asked: Asked, *, since: pd.Timestamp, reach: pd.Timedelta
) -> tuple[str, ...]:
    """Keep what was said N days before each hour since an instant, for every N that a forecast of that reach needs.

    Args:
        store: Where it is kept.
        asked: Whose archive.
        since: The first hour.
        reach: Time from an issue to the end of the last step asked for.

    Returns:
        What the user should know.
    """
    most = min(PREVIOUS_DAYS, -(-(reach + asked.settings.latency) // DAY))
    days = range(1, int(most) + 1)
    start = since
    while start < asked.now:
        end = min(start + SPAN, asked.now)
        part = f"previous {asked.settings.model} {start:%Y-%m-%d} {most}"
        if end == asked.now or part not in store.fetches(asked.location):
            try:
                rows = fetch_previous_runs(
                    asked.place, asked.settings, location=asked.location, between=(start, end), days=days,
                    now=asked.now, get=asked.get,
                )  # fmt: skip
            except ConnectorError as error:
                return (f"Previous runs from {start:%Y-%m-%d} on could not be fetched: {error.got}",)
            store.append(rows)
            store.record_fetch(asked.location, part, asked.now, len(rows))
        start = end
    return ()
