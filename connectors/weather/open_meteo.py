"""Weather forecasts of Open-Meteo: the newest one, single runs of the past, and runs of the days before.

What is known of a value and when: ``issued_at`` is the start of the model run; models take hours, so that a run of
the past counts as available ``delay`` later, and one fetched live when it was fetched. Models are pinned, because
"the best one" changes without a word; times are asked for and checked to be UTC, because a local zone comes back
with one offset for all the year; each unit is checked.

The free service is for non-commercial use. A key of the paid one, or a server of one's own, are settings.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.errors import ConfigError, FatalConnectorError, near_name
from connectors.http import NotFoundError, fetch
from connectors.weather.place import check_place
from connectors.weather.variables import HOUR, Variable, in_our_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.weather.variables import Get

ATTRIBUTION = "Weather data by Open-Meteo.com (CC BY 4.0)"
#: Runs start every so often.
CYCLE = 6 * HOUR
#: Runs before the one due that are tried when it is not there.
STEPS_BACK = 4
#: Days ahead that previous runs are kept for.
PREVIOUS_DAYS = 7
#: Time from the start of a run to its availability: of models of a region, told by their names, and of the globe.
REGIONAL_DELAY, GLOBAL_DELAY = 4 * HOUR, 8 * HOUR
_REGIONAL = re.compile(r"_d2|arome|hrrr|_2km|harmonie|_nest|_ch[12]")

#: Their variables. Sums, means and gusts are over the hour before the stamp, the others are taken at the stamp.
VARIABLE_MAP: dict[str, Variable] = {
    "temperature_2m": Variable("temperature", "°C"),
    "relative_humidity_2m": Variable("humidity", "%"),
    "dew_point_2m": Variable("dew_point", "°C"),
    "cloud_cover": Variable("cloud_cover", "%"),
    "wind_speed_10m": Variable("wind_speed", "m/s"),
    "wind_gusts_10m": Variable("wind_gust", "m/s", hours=1),
    "wind_direction_10m": Variable("wind_direction", "°"),
    "pressure_msl": Variable("pressure", "hPa"),
    "precipitation": Variable("precipitation", "mm", hours=1),
    "snow_depth": Variable("snow_depth", "cm", factor=100.0),
    "sunshine_duration": Variable("sunshine", "min", factor=1 / 60, hours=1),
    "shortwave_radiation": Variable("radiation", "W/m²", hours=1),
    "direct_radiation": Variable("radiation_direct", "W/m²", hours=1),
    "diffuse_radiation": Variable("radiation_diffuse", "W/m²", hours=1),
}
#: Their units, where they are not ours.
_THEIR_UNITS = {"snow_depth": "m", "sunshine_duration": "s"}
_UNAVAILABLE = "modelRunUnavailable"


@dataclass(frozen=True, kw_only=True)
class OpenMeteo:
    """How Open-Meteo is asked.

    Attributes:
        model: The model, pinned.
        variables: Keys of ``VARIABLE_MAP``.
        base_url: Address; ``{api}`` becomes api, single-runs-api or previous-runs-api.
        apikey: Key of the paid service; None for the variable ``OPEN_METEO_APIKEY`` of the environment.
        delay: Time from the start of a run to its availability; None for 4 h (regional models) or 8 h (global ones).
        elevation: Height of the place [m]; that of the terrain when None.
    """

    model: str = "ecmwf_ifs"
    variables: tuple[str, ...] = ("temperature_2m", "relative_humidity_2m", "wind_speed_10m", "shortwave_radiation")
    base_url: str = "https://{api}.open-meteo.com"
    apikey: str | None = field(default=None, repr=False)
    delay: pd.Timedelta | None = None
    elevation: float | None = None

    @property
    def latency(self) -> pd.Timedelta:
        """Time from the start of a run to its availability."""
        if self.delay is not None:
            return self.delay
        return REGIONAL_DELAY if _REGIONAL.search(self.model) else GLOBAL_DELAY


def fetch_forecast(
    place: tuple[float, float],
    settings: OpenMeteo,
    *,
    location: str,
    days: int = 10,
    now: pd.Timestamp,
    get: Get = fetch,
) -> pd.DataFrame:
    """The newest forecast, stitched of the newest runs: for the live horizon.

    Args:
        place: Latitude and longitude [degrees].
        settings: How it is asked.
        location: Name of the location in the store.
        days: Days ahead, 1 to 16.
        now: The present, UTC; the values are available from now on.
        get: Fetches an address.

    Returns:
        Rows for the store. They are issued when the newest run of the model was, or now where that is not told.

    Raises:
        ConfigError: If the place, the days or a variable make no sense.
        RetriableConnectorError: If the service does not answer or is busy.
        FatalConnectorError: If it refuses, or answers in another format.
    """
    if not 1 <= days <= 16:
        raise ConfigError(f"A forecast of {days} days was asked for.", expected="Open-Meteo has 1 to 16 days.")
    body = _ask("api", place, settings, {"forecast_days": days, "hourly": _hourly(settings)}, get)
    rows = read_open_meteo(body, settings)
    issued = min(_newest_run(settings, get) or now, now)
    ahead = rows[rows["valid_time"] >= issued.floor("h")]
    return _vintages(ahead, settings, location, now, issued, available=now)


def fetch_single_run(
    place: tuple[float, float],
    settings: OpenMeteo,
    *,
    location: str,
    origin: pd.Timestamp,
    now: pd.Timestamp,
    get: Get = fetch,
) -> pd.DataFrame:
    """The whole run that was the newest at an origin: for honest backtests.

    Asks for the last run that was available, and up to four runs before it where one is missing.

    Args:
        place: Latitude and longitude [degrees].
        settings: How it is asked.
        location: Name of the location in the store.
        origin: The instant, UTC, at which the run must have been there.
        now: The present, UTC.
        get: Fetches an address.

    Returns:
        Rows for the store, available ``delay`` after their run started.

    Raises:
        ConfigError: If the place or a variable makes no sense, or the origin lies in the future.
        NotFoundError: If none of the runs is there.
        RetriableConnectorError: If the service does not answer or is busy.
        FatalConnectorError: If it refuses, or answers in another format.
    """
    if origin > now:
        raise ConfigError(f"The run of {origin.isoformat()} lies in the future.", expected="A run that has been.")
    first = (origin - settings.latency).floor(CYCLE)
    for back in range(STEPS_BACK + 1):
        run = first - back * CYCLE
        params = {"run": run.strftime("%Y-%m-%dT%H:%M"), "hourly": _hourly(settings)}
        try:
            rows = read_open_meteo(_ask("single-runs-api", place, settings, params, get), settings)
        except FatalConnectorError as error:
            if _UNAVAILABLE not in error.got:
                raise
        else:
            return _vintages(rows, settings, location, now, run, available=run + settings.latency)
    raise NotFoundError(
        f"Open-Meteo has no run of {settings.model} from {run:%Y-%m-%d %H:%M} to {first:%Y-%m-%d %H:%M} UTC.",
        expected="Runs of ecmwf_ifs are kept from March 2024 on, those of other models from later dates.",
        fix="Choose a later origin or another model, or use previous runs.",
    )


def fetch_previous_runs(
    place: tuple[float, float],
    settings: OpenMeteo,
    *,
    location: str,
    between: tuple[pd.Timestamp, pd.Timestamp],
    days: Sequence[int] = (1, 2, 3),
    now: pd.Timestamp,
    get: Get = fetch,
) -> pd.DataFrame:
    """What was forecast N days before each hour, N from 1 to 7: where whole runs were not kept.

    ``X_previous_dayN`` at the hour t comes from the run N x 24 h before t, hour by hour: it is no run, and was
    available at ``t - 24 N h + delay``. What is known of it at an origin follows from that: of all N the smallest
    with ``t - 24 N h + delay <= origin``.

    Args:
        place: Latitude and longitude [degrees].
        settings: How it is asked.
        location: Name of the location in the store.
        between: First and last date, UTC.
        days: The N.
        now: The present, UTC.
        get: Fetches an address.

    Returns:
        Rows for the store, of the kind ``previous_runs``.

    Raises:
        ConfigError: If the place, a variable or an N makes no sense.
        RetriableConnectorError: If the service does not answer or is busy.
        FatalConnectorError: If it refuses, or answers in another format.
    """
    if not days or not all(1 <= day <= PREVIOUS_DAYS for day in days):
        raise ConfigError(
            f"Forecasts of {', '.join(map(str, days)) or 'no'} days before were asked for.",
            expected=f"From 1 to {PREVIOUS_DAYS}; with 0 the weather would be known before it came.",
        )
    names = [f"{name}_previous_day{day}" for name in _known(settings) for day in days]
    span = {"start_date": between[0].strftime("%Y-%m-%d"), "end_date": between[1].strftime("%Y-%m-%d")}
    body = _ask("previous-runs-api", place, settings, span | {"hourly": ",".join(names)}, get)
    rows = read_open_meteo(body, settings)
    rows = rows[rows["day"] > 0]
    issued = pd.DatetimeIndex(rows["stamp"] - pd.to_timedelta(24 * rows["day"], unit="h"))
    table = _vintages(rows, settings, location, now, issued, available=issued + settings.latency)
    return table[table["available_at"] <= now].assign(kind="previous_runs")


def read_open_meteo(body: bytes, settings: OpenMeteo) -> pd.DataFrame:
    """The hourly values of an answer.

    Args:
        body: The answer, JSON.
        settings: The model asked for; its columns may carry its name behind theirs.

    Returns:
        ``variable | unit | day | stamp | valid_time | value``: ``day`` is the N of previous runs, else 0;
        ``stamp`` is theirs, ``valid_time`` the start of the hour the value is about, UTC.

    Raises:
        FatalConnectorError: If it is no such answer, in another zone than UTC or in other units, or an error.
    """
    answer = _parsed(body)
    hourly, units = answer["hourly"], answer["hourly_units"]
    stamps = pd.DatetimeIndex(pd.to_datetime(hourly["time"], format="%Y-%m-%dT%H:%M", utc=True)).as_unit("us")
    column = re.compile(rf"({'|'.join(VARIABLE_MAP)})(?:_previous_day(\d))?(?:_{re.escape(settings.model)})?")
    parts = []
    for name, values in hourly.items():
        if (match := column.fullmatch(name)) is None:
            continue
        variable = VARIABLE_MAP[match[1]]
        unit = _THEIR_UNITS.get(match[1], variable.unit)
        if units.get(name) != unit or len(values) != len(stamps):
            raise _strange(f"{name} has {len(values)} values in {units.get(name)!r} for {len(stamps)} hours")
        parts.append(in_our_terms(variable, stamps, values).assign(day=int(match[2] or 0)))
    if not parts:
        raise _strange(f"has the columns {', '.join(hourly)}, and none that was asked for")
    return pd.concat(parts, ignore_index=True)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise _strange(f"begins with {body[:60].decode('utf-8', 'replace')!r}") from error
    if isinstance(answer, dict) and answer.get("error"):
        raise FatalConnectorError(
            f"Open-Meteo refused: {str(answer.get('reason', 'without a reason'))[:300]}.",
            fix="Check what was asked for.",
        )
    if not isinstance(answer, dict) or not {"hourly", "hourly_units"} <= set(answer):
        raise _strange("holds no hourly values of one place")
    if answer.get("utc_offset_seconds") != 0:
        raise _strange(f"is in the zone {answer.get('timezone')!r}")
    return answer


def _ask(
    api: str, place: tuple[float, float], settings: OpenMeteo, params: Mapping[str, str | int], get: Get
) -> bytes:
    latitude, longitude = check_place(*place)
    asked: dict[str, str | int | float] = {"latitude": latitude, "longitude": longitude, "timezone": "GMT"}
    asked |= {"models": settings.model, "wind_speed_unit": "ms", **params}
    if settings.elevation is not None:
        asked["elevation"] = settings.elevation
    return get(_address(api, "/v1/forecast", settings), params=asked | _key(settings), expect="application/json")


def _address(api: str, path: str, settings: OpenMeteo) -> str:
    paid = _key(settings) and settings.base_url == OpenMeteo.base_url
    return settings.base_url.replace("{api}", f"customer-{api}" if paid else api).rstrip("/") + path


def _key(settings: OpenMeteo) -> dict[str, str]:
    key = settings.apikey or os.environ.get("OPEN_METEO_APIKEY", "").strip()
    return {"apikey": key} if key else {}


def _newest_run(settings: OpenMeteo, get: Get) -> pd.Timestamp | None:
    """When the newest run of the model started; None where the service does not tell, as of composed models."""
    address = _address("api", f"/data/{settings.model}/static/meta.json", settings)
    try:
        told = json.loads(get(address, params=_key(settings), expect="application/json"))
        return pd.Timestamp(int(told["last_run_initialisation_time"]), unit="s", tz="UTC")
    except (FatalConnectorError, ValueError, KeyError, TypeError):
        return None


def _known(settings: OpenMeteo) -> tuple[str, ...]:
    unknown = [name for name in settings.variables if name not in VARIABLE_MAP]
    if unknown or not settings.variables:
        raise ConfigError(
            f"Open-Meteo was asked for {unknown[0] if unknown else 'no variable'!r}.",
            fix=near_name(unknown[0] if unknown else "", VARIABLE_MAP),
        )
    return settings.variables


def _hourly(settings: OpenMeteo) -> str:
    return ",".join(_known(settings))


def _vintages(
    rows: pd.DataFrame,
    settings: OpenMeteo,
    location: str,
    now: pd.Timestamp,
    issued: pd.Timestamp | pd.DatetimeIndex,
    *,
    available: pd.Timestamp | pd.DatetimeIndex,
) -> pd.DataFrame:
    """Rows for the store."""
    table = rows[["variable", "unit", "valid_time", "value"]].reset_index(drop=True)
    table = table.assign(location=location, model=settings.model, issued_at=issued, available_at=available)
    return table.assign(retrieved_at=now, kind="forecast", source="open_meteo")


def _strange(how: str) -> FatalConnectorError:
    return FatalConnectorError(
        f"The answer of Open-Meteo {how}.",
        expected="It is JSON with hourly values in UTC, in the units asked for.",
        fix="Check base_url and the proxy; if both are right, the service has changed its format.",
    )
