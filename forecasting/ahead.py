"""The weather to come: the newest forecast for the place, in rows after the readings."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.windows import step_length
from connectors.errors import ConfigError, ConnectorError
from forecasting.place import VARIABLES, Weather, at_step, data_folder, observe

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.files.source import Table
    from connectors.weather.places import Location
    from connectors.weather.store import WeatherStore
    from forecasting.question import Question

#: Where no forecast is to be fetched nor used.
NO_SOURCE = "none"
#: Readings that end longer ago are forecast as they were then: the forecast of today is of no use to them.
LIVE = pd.Timedelta(days=3)
#: As of an instant this near, a forecast is still fetched: scheduled runs name the present.
PRESENT = pd.Timedelta(hours=1)
#: Hours between the last observation and the first of a forecast that are bridged.
GAP = 6
#: How far ahead weather is looked for.
REACH = pd.Timedelta(days=10)


def weather_of(question: Question, table: Table, frame: pd.DataFrame) -> Weather:
    """Weather columns of the file, and those near the place when one is given, as observed and as forecast.

    Raises:
        ConnectorError: If the observations cannot be had, from the source or from the store.
    """
    if question.place is None:
        return Weather(frame=frame, columns=question.weather)
    clock = pd.Timestamp.now("UTC")
    now, folder = question.as_of or clock, question.weather_store
    source, freq = question.weather_source, table.freq
    found = observe(question.place, frame, freq=freq, now=now, folder=folder)
    found = with_forecast(found, question.place, source=source, freq=freq, now=now, clock=clock, folder=folder)
    return replace(found, columns=(*question.weather, *found.columns))


def with_forecast(
    weather: Weather,
    place: tuple[float, float],
    *,
    source: str,
    freq: str,
    now: pd.Timestamp,
    clock: pd.Timestamp,
    folder: Path | None = None,
) -> Weather:
    """Add rows after the readings with the weather that was forecast for them, as far as it was known.

    A forecast is fetched and kept when ``now`` is the present; as of an earlier instant what was kept then is used.
    A source that fails is a note: the weather is then made from the observations.

    Args:
        weather: Readings with the weather observed near the place.
        place: Latitude and longitude [degrees].
        source: One of ``connectors.weather.forecasts.FORECAST_SOURCES``, or ``none``.
        freq: Step of the readings.
        now: Nothing that became known later is used.
        clock: The present.
        folder: Where the weather is kept; None for the data folder.

    Raises:
        ConfigError: If there is no such source.
    """
    from connectors.weather.places import location_at
    from connectors.weather.store import WeatherStore

    read = weather.frame.loc[weather.frame["target"].notna(), "timestamp"]
    read = read[read <= now]
    if source == NO_SOURCE or read.empty or now - read.max() > LIVE:
        return weather
    location, store = location_at(*place), WeatherStore(folder or data_folder() / "weather")
    notes: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    if abs(clock - now) <= PRESENT:
        notes, attribution = _kept(location, store, source, now)
    hourly = _hourly(place, location, store, now, read.max())
    if hourly.empty:
        return replace(weather, notes=(*weather.notes, *notes))
    return replace(
        _joined(weather, hourly, freq, read.max()),
        notes=(*weather.notes, *notes),
        attribution=tuple(dict.fromkeys((*weather.attribution, *attribution))),
    )


def _kept(
    location: Location, store: WeatherStore, source: str, now: pd.Timestamp
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fetch the newest forecast: what is to be said of it, and whom it must be credited to."""
    from connectors.http import fetch
    from connectors.weather.forecasts import keep_forecast

    try:
        found = keep_forecast(location, store, source=source, now=now, get=partial(fetch, timeout=15.0, retries=1))
    except ConnectorError as error:
        said = f"no weather forecast could be had, so that the weather to come is made from the past: {error.got}"
        return (said,), ()
    return found.notes, found.attribution


def _hourly(
    place: tuple[float, float], location: Location, store: WeatherStore, now: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    """Hours from the last reading on, by variable: observed where that is known already, else as forecast.

    Between the last observation and the first hour of the forecast a few hours may lie that are over: what they
    were is taken to lie between the two.
    """
    first = last.floor("h")
    hours = pd.date_range(first - GAP * pd.Timedelta(hours=1), now + REACH, freq="h")
    vintages = store.vintages(location.name, VARIABLES, hours[0], hours[-1] + pd.Timedelta(hours=1))
    known = vintages.known_at(pd.DatetimeIndex([now]), hours.tz_localize(None).to_numpy()[None])
    forecast = pd.DataFrame({name: one.values[0] for name, one in known.items()}, index=hours).dropna(how="all")
    if forecast.empty:
        return forecast
    both = _observed(place, store, hours[0], now).combine_first(forecast).reindex(hours)
    return both.interpolate(limit=GAP, limit_area="inside").loc[first:].dropna(how="all")


def _observed(
    place: tuple[float, float], store: WeatherStore, first: pd.Timestamp, now: pd.Timestamp
) -> pd.DataFrame:
    """What was observed since an hour and is known."""
    from connectors.weather.meteostat import fetch_history

    try:
        found = fetch_history(place, first, now, store=store, now=now).frame
    except (ConfigError, ConnectorError):
        return pd.DataFrame(index=pd.DatetimeIndex([], tz="UTC"))
    return found.set_index("timestamp")


def _joined(weather: Weather, hourly: pd.DataFrame, freq: str, last: pd.Timestamp) -> Weather:
    """The forecast in rows after the readings of every item."""
    frame = weather.frame
    columns = {name: name for name in hourly.columns} | {f"{name}_nearby": name for name in hourly.columns}
    names = [name for name in weather.columns if name in columns]
    step = step_length(freq)
    stamps = pd.date_range(last, hourly.index[-1] + pd.Timedelta(hours=1) - step, freq=freq)[1:]
    values = at_step(hourly[[columns[name] for name in names]], stamps, freq).set_axis(names, axis=1)
    values = values[np.isfinite(values.to_numpy(float)).any(axis=1)]
    rows = pd.concat([values.assign(item_id=item) for item in frame["item_id"].unique()])
    rows = rows.rename_axis("timestamp").reset_index()
    late = frame["timestamp"] > last
    if late.any():
        # Rows after the readings are there already: they keep what else they hold.
        filled = frame.loc[late, [name for name in frame.columns if name not in names]]
        rows = filled.merge(rows, on=["item_id", "timestamp"], how="outer")
    both = pd.concat([frame.loc[~late], rows], ignore_index=True)
    return replace(weather, frame=both, ahead=tuple(names))
