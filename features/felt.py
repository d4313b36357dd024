"""Weather as it is felt: variables made of several others, wherever these are there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from backtests.view import FloatArray

#: Names by which a temperature is known.
TEMPERATURE = re.compile(r"temp|t2m|tmp|feels|bulb", re.IGNORECASE)
#: Names of a wind speed, and of other things of the wind.
WIND, NO_SPEED = re.compile(r"wind|wspd", re.IGNORECASE), re.compile(r"dir|gust|chill", re.IGNORECASE)
#: A name of a temperature that is no longer one of the air alone.
FELT = re.compile(r"feel|felt|apparent|chill|dew|soil|bulb", re.IGNORECASE)
FAHRENHEIT = re.compile(r"_f$|fahrenheit", re.IGNORECASE)
#: Kilometres an hour in a unit of speed, by the ending of a name; else the unit is m/s.
SPEEDS = {"kmh": 1.0, "km_h": 1.0, "kph": 1.0, "mph": 1.609344, "kn": 1.852, "kt": 1.852}
METRE_A_SECOND = 3.6
WIND_CHILL = "wind_chill"
#: Wind below which the air is as cold as it is [km/h].
CALM = 4.8


def is_temperature(name: str) -> bool:
    """Whether a variable is a temperature, by its name."""
    return TEMPERATURE.search(name) is not None


def felt(weather: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Variables made of others: the wind chill, where there are a temperature of the air and a wind speed.

    Units are told by the names: °C or, ending in ``_f``, °F; m/s or, ending in ``kmh``, ``mph`` or ``kn``, these.

    Args:
        weather: Values by variable, all of one shape.
    """
    air = _shortest(name for name in weather if is_temperature(name) and not FELT.search(name))
    wind = _shortest(name for name in weather if WIND.search(name) and not NO_SPEED.search(name))
    if air is None or wind is None or any("chill" in name.lower() for name in weather):
        return {}
    celsius = (weather[air] - 32.0) / 1.8 if FAHRENHEIT.search(air) else weather[air]
    speed = next((factor for unit, factor in SPEEDS.items() if wind.lower().endswith(unit)), METRE_A_SECOND)
    return {WIND_CHILL: wind_chill(celsius, weather[wind] * speed)}


def wind_chill(temperature: FloatArray, wind: FloatArray) -> FloatArray:
    """How cold the air feels in the wind [°C]; the temperature where that is no colder.

    ``13.12 + 0.6215 T - 11.37 v^0.16 + 0.3965 T v^0.16``: R. Osczevski, M. Bluestein (2005), The New Wind Chill
    Equivalent Temperature Chart, Bulletin of the American Meteorological Society 86(10). It is meant for air below
    10 °C; it is followed to where it meets the temperature, so that it does not jump there.

    Args:
        temperature: Of the air [°C].
        wind: Speed ten metres above the ground [km/h].
    """
    rush = np.maximum(wind, CALM) ** 0.16
    return np.minimum(temperature, 13.12 + 0.6215 * temperature - 11.37 * rush + 0.3965 * temperature * rush)


def _shortest(names: Iterable[str]) -> str | None:
    return min(names, key=lambda name: (len(name), name), default=None)
