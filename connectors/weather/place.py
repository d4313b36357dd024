"""Where the weather is asked for."""

from __future__ import annotations

from connectors.errors import ConfigError


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
