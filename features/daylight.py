"""Where the sun stands, and how long it shines: known in advance for every place and instant.

Formulas: NOAA Global Monitoring Laboratory, "Solar Calculation Details" (the spreadsheet
``NOAA_Solar_Calculations_day``), itself after J. Meeus, Astronomical Algorithms, 2nd ed., 1998, chapter 25.
Within 0.02 degrees of a full ephemeris from 1950 to 2050.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import DataError
from connectors.weather.place import check_place

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

#: Elevation of the centre of the sun at sunrise [degrees]: its radius and the refraction at the horizon.
SUNRISE_ELEVATION = -0.833


def sun_elevation(stamps: pd.DatetimeIndex, latitude: float, longitude: float) -> FloatArray:
    """Elevation of the centre of the sun over the horizon, refraction left out. ``[T]`` [degrees].

    Args:
        stamps: Instants, with a time zone. ``[T]``
        latitude: North is positive [degrees].
        longitude: East is positive [degrees].

    Raises:
        ConfigError: If the place is not on the globe.
        DataError: If the stamps have no time zone.
    """
    check_place(latitude, longitude)
    declination, equation_of_time = _sun(_centuries(stamps))
    utc = stamps.tz_convert("UTC")
    midnight = utc.normalize()
    minutes = ((utc - midnight) / pd.Timedelta(minutes=1)).to_numpy(float)
    hour_angle = np.radians((minutes + equation_of_time) / 4.0 + longitude - 180.0)
    phi = np.radians(latitude)
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))


def daylight_hours(dates: pd.DatetimeIndex, latitude: float) -> FloatArray:
    """Time from sunrise to sunset, by the declination at noon UTC. ``[T]`` [h], 0 to 24.

    Args:
        dates: Local dates, without a time zone; a time of day is left out of account. ``[T]``
        latitude: North is positive [degrees].

    Raises:
        ConfigError: If the latitude is not on the globe.
        DataError: If the dates have a time zone.
    """
    check_place(latitude, 0.0)
    if dates.tz is not None:
        raise DataError(
            f"The dates are in the zone {dates.tz}.",
            expected="Daylight is counted by local date, without a zone.",
            fix="Convert to local time and drop the zone with tz_localize(None).",
        )
    noon = dates.normalize().tz_localize("UTC") + pd.Timedelta(hours=12)
    declination, _ = _sun(_centuries(noon))
    phi, rise = np.radians(latitude), np.radians(SUNRISE_ELEVATION)
    over = np.sin(rise) - np.sin(phi) * np.sin(declination)
    # At a pole the divisor is as good as 0, yet above it: the sign of the rest decides between day and night.
    cosine = over / (np.cos(phi) * np.cos(declination))
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))) * 2.0 / 15.0)


def clear_sky_irradiance(elevation: ArrayLike) -> FloatArray:
    """Global irradiance on the ground under a clear sky [W/m2], 0 when the sun is down; shaped as given.

    ``1098 * cos(z) * exp(-0.059 / cos(z))`` with z the zenith angle: B. Haurwitz, Insolation in relation to
    cloudiness and cloud density, Journal of Meteorology 2, 1945, with the constants given by M. Reno,
    C. Hansen, J. Stein, Global Horizontal Irradiance Clear Sky Models, Sandia report SAND2012-2389, 2012.

    Args:
        elevation: Elevation of the sun [degrees].
    """
    sine = np.sin(np.radians(np.asarray(elevation, dtype=float)))
    up = np.maximum(sine, 1e-3)
    return np.asarray(np.where(sine > 0, 1098.0 * up * np.exp(-0.059 / up), 0.0))


def sun_columns(
    stamps: pd.DatetimeIndex, step: pd.Timedelta, place: tuple[float, float], zone: str
) -> dict[str, FloatArray]:
    """What the sun does at a place over each interval. ``[T]`` each.

    ``clear_sky`` [kW/m2], the irradiance under a clear sky at the middle of the interval; ``daylight``, the share of
    the local date between sunrise and sunset.

    Args:
        stamps: Starts of the intervals, with a time zone. ``[T]``
        step: Their length.
        place: Latitude and longitude [degrees].
        zone: Time zone of the local date.

    Raises:
        ConfigError: If the place is not on the globe.
    """
    sky = clear_sky_irradiance(sun_elevation(stamps + step / 2, *place)) / 1000.0
    dates = stamps.tz_convert(zone).tz_localize(None).normalize()
    days, where = np.unique(dates.to_numpy(), return_inverse=True)
    return {"clear_sky": sky, "daylight": (daylight_hours(pd.DatetimeIndex(days), place[0]) / 24.0)[where]}


def _centuries(stamps: pd.DatetimeIndex) -> FloatArray:
    """Julian centuries since 2000-01-01 12:00 UTC. ``[T]``."""
    if stamps.tz is None:
        raise DataError(
            "The stamps have no time zone.",
            expected="The sun is computed for instants in UTC.",
            fix='Localise them with tz_localize("UTC").',
        )
    days = (stamps - pd.Timestamp("2000-01-01T12:00", tz="UTC")) / pd.Timedelta(days=1)
    return np.asarray(days.to_numpy(float) / 36525.0)


def _sun(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Declination [radians] and equation of time [min] at Julian centuries ``t``. ``[T]`` each."""
    longitude = np.radians((280.46646 + t * (36000.76983 + t * 0.0003032)) % 360.0)
    anomaly = np.radians(357.52911 + t * (35999.05029 - t * 0.0001537))
    eccentricity = 0.016708634 - t * (0.000042037 + t * 0.0000001267)
    centre = (
        np.sin(anomaly) * (1.914602 - t * (0.004817 + t * 0.000014))
        + np.sin(2 * anomaly) * (0.019993 - t * 0.000101)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * t)
    apparent = longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    mean_tilt = 23.0 + (26.0 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60.0) / 60.0
    tilt = np.radians(mean_tilt + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(tilt) * np.sin(apparent))
    return np.asarray(declination), _equation_of_time(tilt, longitude, anomaly, eccentricity)


def _equation_of_time(
    tilt: FloatArray, longitude: FloatArray, anomaly: FloatArray, eccentricity: FloatArray
) -> FloatArray:
    """Sundial minus clock [min]. ``[T]``."""
    bend = np.tan(tilt / 2) ** 2
    radians = (
        bend * np.sin(2 * longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * bend * np.sin(anomaly) * np.cos(2 * longitude)
        - 0.5 * bend**2 * np.sin(4 * longitude)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    return np.asarray(4.0 * np.degrees(radians))
