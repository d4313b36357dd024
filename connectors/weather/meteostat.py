"""Observed weather of a place, from the stations of Meteostat around it.

What was once fetched is kept in a ``WeatherStore``: past years are not asked for again, and when Meteostat
cannot be reached the stored rows are used, and it is said. Only observations count; the forecasts with which
Meteostat fills its gaps would be a leak. Its data are CC BY 4.0; ``Observations.attribution`` names the owners.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, ConnectorError, near_name
from connectors.http import NotFoundError, fetch
from connectors.weather.combine import combine_stations
from connectors.weather.meteostat_package import (
    Station,
    attribution,
    endpoints,
    modelled_shares,
    read_year,
    station_of_id,
    stations_near,
)
from connectors.weather.meteostat_values import (
    VARIABLE_MAP,
    dated,
    due,
    endings,
    new_year,
    newest,
    source_shares,
    spread,
    values_of,
)
from connectors.weather.place import check_place
from connectors.weather.stations import no_station, stations_file
from connectors.weather.variables import HOUR, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from connectors.weather.store import WeatherStore

logger = logging.getLogger(__name__)

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Get: TypeAlias = Callable[[str], bytes]

#: A station may be this far away [km].
FARTHEST = 50.0
#: Stations to combine, and stations to try.
STATIONS, CANDIDATES = 3, 8
#: Share of hours with a value from which no further station is asked.
ENOUGH = 0.95
#: Share of values from weather models from which it is said.
TELLING = 0.05
#: The farthest a station can be [km].
HALF_ROUND = 20_100.0

_STATION_ID = re.compile(r"[0-9A-Z]{2,10}")


@dataclass(frozen=True, kw_only=True)
class Observations:
    """Observed weather of a place.

    Attributes:
        frame: ``timestamp`` [UTC, every hour] and one column per variable, NaN where nothing was observed.
        units: Unit of each column.
        attribution: Whom to name wherever the data are shown.
        stations: The stations used, nearest first.
        completeness: Share of hours with a value, per column.
        sources: Share of each source in the values of the stations used, per column.
        notes: What the user should know, such as a source that could not be reached.
        stale: Whether a download failed and stored rows stand in for it.
    """

    frame: pd.DataFrame
    units: Mapping[str, str]
    attribution: str
    stations: tuple[Station, ...]
    completeness: Mapping[str, float]
    sources: Mapping[str, Mapping[str, float]]
    notes: tuple[str, ...] = ()
    stale: bool = False


def fetch_history(
    place: tuple[float, float] | str,
    start: datetime,
    end: datetime,
    *,
    store: WeatherStore,
    parameters: Sequence[str] = ("temp", "rhum", "wspd"),
    now: datetime,
    elevation: float | None = None,
    get: Get = fetch,
) -> Observations:
    """Observed weather from ``start`` up to, and without, ``end`` or ``now``, whichever comes first.

    Args:
        place: Latitude and longitude [degrees], or the id of one station.
        start: First hour, with a time zone.
        end: First hour left out, with a time zone.
        store: Where fetched rows are kept.
        parameters: Keys of ``VARIABLE_MAP``.
        now: The present, with a time zone; nothing that became available later is used.
        elevation: Height of the place [m]; that of the nearest station when None.
        get: Fetches an address; for other time limits or tests.

    Returns:
        The observations.

    Raises:
        ConfigError: If a parameter or station is unknown, the place is not on the globe, a time has no zone, or
            the period is empty.
        NotFoundError: If no station is near enough, or none of them has data.
        RetriableConnectorError: If Meteostat cannot be reached and nothing is stored.
        FatalConnectorError: If its files changed their format and nothing is stored.
    """
    variables = _variables(parameters)
    hours = _hours(start, end, now)
    if not isinstance(place, str):
        check_place(*place)
    history = _History(store, hours, pd.Timestamp(now).tz_convert("UTC"), get)
    found: list[tuple[Station, pd.DataFrame]] = []
    values = np.empty((0, len(variables), len(hours)))
    for station in history.candidates(place):
        rows = history.rows(station, variables)
        if len(rows):
            found.append((station, rows))
            values = np.concatenate([values, spread(rows, variables, hours)[None]])
        if len(found) >= STATIONS and np.isfinite(values).any(axis=0).mean(axis=-1).min() >= ENOUGH:
            break
    if not found:
        raise history.nothing(place)
    return _observations(found, values, variables, history, elevation)


def _observations(
    found: Sequence[tuple[Station, pd.DataFrame]],
    values: FloatArray,
    variables: Sequence[Variable],
    history: _History,
    elevation: float | None,
) -> Observations:
    names = [variable.name for variable in variables]
    stations = tuple(station for station, _ in found)
    distances = np.array([station.distance for station in stations])
    heights = np.array([station.elevation for station in stations], dtype=float)
    combined = combine_stations(values, names, distances, heights, elevation)
    frame = pd.DataFrame({"timestamp": history.hours, **dict(zip(names, combined, strict=True))})
    return Observations(
        frame=frame,
        units={variable.name: variable.unit for variable in variables},
        attribution=attribution(source for _, rows in found for source in rows["source"].unique()),
        stations=stations,
        completeness={name: float(frame[name].notna().mean()) for name in names},
        sources=source_shares(pd.concat([rows for _, rows in found]), names),
        notes=(*history.notes, *endings(frame, names)),
        stale=history.failure is not None,
    )


class _History:
    """Fetches what is due, keeps it, and reads it back.

    After the first failure nothing more is asked for: each further silence would cost minutes.
    """

    def __init__(self, store: WeatherStore, hours: pd.DatetimeIndex, now: pd.Timestamp, get: Get) -> None:
        self.store, self.hours, self.now, self.get = store, hours, now, get
        self.notes: list[str] = []
        self.failure: ConnectorError | None = None
        self.year_url, _ = endpoints()

    def candidates(self, place: tuple[float, float] | str) -> Iterator[Station]:
        """Stations to try, nearest first."""
        file = self._stations_file()
        if isinstance(place, str):
            yield _station(file, place)
        elif file is not None:
            near = stations_near(file, *place, radius=FARTHEST, limit=CANDIDATES)
            if not near:
                raise _too_far(place, stations_near(file, *place, radius=HALF_ROUND, limit=1))
            yield from near

    def rows(self, station: Station, variables: Sequence[Variable]) -> pd.DataFrame:
        """The newest stored value of each variable and hour, after what is due was fetched."""
        location = f"meteostat-{station.id}"
        last = self.hours[-1] + max(variable.hours for variable in variables) * HOUR
        for year in range(self.hours[0].year, min(last, self.now).year + 1):
            try:
                self._refresh(station, location, year, variables)
            except ConnectorError as error:
                self._failed(error)
        names = [variable.name for variable in variables]
        return newest(self.store.read(location, names, self.hours[0], self.hours[-1] + HOUR), self.now)

    def nothing(self, place: tuple[float, float] | str) -> ConnectorError:
        """The error when no station had a value."""
        if self.failure is not None:
            return self.failure
        where = f"Station {place!r}" if isinstance(place, str) else f"No station within {FARTHEST:.0f} km of {place}"
        return NotFoundError(
            f"{where} has {'no ' * isinstance(place, str)}observations from {self.hours[0]:%Y-%m-%d} to "
            f"{self.hours[-1]:%Y-%m-%d}.",
            expected="Meteostat holds what the weather services publish of their stations.",
            fix="Choose a later period or another place, or give the weather as columns of your own.",
        )

    def _refresh(self, station: Station, location: str, year: int, asked: Sequence[Variable]) -> None:
        last = self.store.fetches(location).get(str(year))
        if self.failure is not None or not due(last, min(new_year(year + 1), self.hours[-1]), self.now):
            return
        try:
            body = self.get(self.year_url.format(year=year, station=station.id))
            observed = read_year(station.id, year, body)
            rows = values_of(observed, self.now)
            for name, share in modelled_shares(body, observed).items():
                if share >= TELLING and VARIABLE_MAP.get(name) in asked:
                    what = f"{VARIABLE_MAP[name].name} of station {station} in {year}"
                    self._note(f"Of the {what}, {share:.0%} is from weather models and left out.")
        except NotFoundError:
            rows = values_of(pd.DataFrame(), self.now)
        stored = newest(self.store.read(location, None, new_year(year) - HOUR, new_year(year + 1)))
        self.store.append(dated(rows, stored, last, self.now).assign(location=location))
        count = 0 if last is None else last[1]
        if len(rows) < count:
            self._note(
                f"Station {station} now has {len(rows)} values of {year} where it had {count}; those are kept."
            )
        self.store.record_fetch(location, str(year), self.now, max(len(rows), count))

    def _stations_file(self) -> Path | None:
        """The list of stations, None when there is none and none to be had."""
        try:
            return stations_file(self.store, now=self.now, get=self.get)
        except ConnectorError as error:
            self._failed(error)
            return None

    def _failed(self, error: ConnectorError) -> None:
        self.failure = error
        self._note(f"Meteostat failed, so only weather stored before is used. {error.got}")

    def _note(self, text: str) -> None:
        logger.warning("%s", text)
        self.notes.append(text)


def _variables(parameters: Sequence[str]) -> list[Variable]:
    unknown = [parameter for parameter in parameters if parameter not in VARIABLE_MAP]
    if unknown or not parameters:
        raise ConfigError(
            f"Meteostat was asked for {', '.join(map(repr, unknown)) or 'no parameter'}.",
            expected="A parameter is one of its short names, such as temp.",
            fix=near_name(unknown[0] if unknown else "", VARIABLE_MAP),
        )
    return [VARIABLE_MAP[parameter] for parameter in dict.fromkeys(parameters)]


def _hours(start: datetime, end: datetime, now: datetime) -> pd.DatetimeIndex:
    if any(time.tzinfo is None for time in (start, end, now)):
        raise ConfigError(
            f"One of the times {start}, {end}, {now} has no time zone.",
            expected="The start, the end and the present are instants.",
            fix='Give them a zone, such as pd.Timestamp("2024-01-01", tz="UTC").',
        )
    first, last, present = (pd.Timestamp(time).tz_convert("UTC").as_unit("us") for time in (start, end, now))
    hours = pd.date_range(first.ceil("h"), min(last, present), freq="h")
    hours = hours[hours < min(last, present)]
    if not len(hours):
        raise ConfigError(
            f"There is no hour from {first.isoformat()} to {last.isoformat()} that is over.",
            expected="Observations lie in the past, and the end after the start.",
            fix="Check the two times.",
        )
    return hours


def _station(file: Path | None, name: str) -> Station:
    station = name.strip().upper()
    found = None
    if _STATION_ID.fullmatch(station):
        found = Station(id=station) if file is None else station_of_id(file, station)
    if found is None:
        raise no_station(name)
    return found


def _too_far(place: tuple[float, float], nearest: Sequence[Station]) -> NotFoundError:
    found = f"the nearest, {nearest[0]}, is {nearest[0].distance:.0f} km away" if nearest else "none is known at all"
    return NotFoundError(
        f"There is no weather station near {place}: {found}.",
        expected=f"A station within {FARTHEST:.0f} km speaks for a place.",
        fix="Check the order, latitude first; or name the station by its id if its weather is meant.",
    )
