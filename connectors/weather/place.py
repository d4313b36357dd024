"""Where the weather is asked for."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from connectors.errors import ConfigError

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

#: Mean radius of the earth [km].
EARTH_RADIUS = 6371.0


def check_place(latitude: float, longitude: float) -> tuple[float, float]:
    """The place, when it is on the globe [degrees].

    Raises:
        ConfigError: If it is not.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ConfigError(
            f"The place {latitude}, {longitude} is not on the globe.",
            expected="Latitude lies between -90 and 90, longitude between -180 and 180, both in degrees.",
            fix="Give the latitude first: 48.86, 2.35 is Paris.",
        )
    return latitude, longitude


def distances(latitude: float, longitude: float, places: FloatArray) -> FloatArray:
    """Ways over a sphere of the mean radius of the earth, by the haversine formula [km].

    Args:
        latitude: North is positive [degrees].
        longitude: East is positive [degrees].
        places: Latitude and longitude of P places [degrees]. ``[P, 2]``

    Returns:
        ``[P]``
    """
    here, there = np.radians([latitude, longitude]), np.radians(places)
    half = np.sin((there - here) / 2) ** 2
    chord = half[:, 0] + np.cos(here[0]) * np.cos(there[:, 0]) * half[:, 1]
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))
