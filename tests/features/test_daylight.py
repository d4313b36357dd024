"""The sun: against reference values, and where it never rises or never sets."""

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError
from features.daylight import clear_sky_irradiance, daylight_hours, sun_columns, sun_elevation

STAMPS = pd.DatetimeIndex(
    [
        "1990-03-20T06:15Z",
        "2015-12-21T11:00Z",
        "2024-02-29T15:30Z",
        "2024-06-20T12:00Z",
        "2024-12-21T00:00Z",
        "2026-11-05T21:45Z",
    ]
)
#: ``elevation`` [degrees] of pvlib 0.16.1, solarposition.get_solarposition (NREL SPA), at STAMPS.
ELEVATIONS = [
    ("Paris", 48.8566, 2.3522, [2.571, 16.9, 17.685, 64.535, -64.483, -50.22]),
    ("Sydney", -33.8688, 151.2093, [22.248, -19.461, -44.141, -62.444, 63.177, 34.785]),
    ("Quito", -0.1807, -78.4678, [-76.615, -2.632, 60.09, 10.104, -10.946, 17.452]),
    ("Longyearbyen", 78.2232, 15.6267, [3.268, -11.66, -2.546, 34.754, -34.702, -27.289]),
    ("Anchorage", 61.2181, -149.9003, [-14.987, -50.715, -11.72, -2.02, 1.812, 12.891]),
]
DATES = pd.DatetimeIndex(["2024-03-20", "2024-06-20", "2024-09-10", "2024-12-21"])
#: Sunset less sunrise [h] of pvlib 0.16.1, solarposition.sun_rise_set_transit_spa, on DATES.
DAYLIGHT = [
    ("Paris", 48.8566, [12.189, 16.183, 12.878, 8.247]),
    ("Sydney", -33.8688, [12.12, 9.894, 11.724, 14.405]),
    ("Quito", -0.1807, [12.109, 12.112, 12.107, 12.136]),
    ("Anchorage", 61.2181, [12.261, 19.372, 13.378, 5.442]),
]


@pytest.mark.parametrize(("place", "latitude", "longitude", "expected"), ELEVATIONS)
def test_the_elevation_is_within_a_twentieth_of_a_degree_of_the_reference(place, latitude, longitude, expected):
    assert np.abs(sun_elevation(STAMPS, latitude, longitude) - expected).max() < 0.05


def test_an_instant_has_one_elevation_in_whatever_zone_it_is_written():
    local = STAMPS.tz_convert("Australia/Sydney")
    np.testing.assert_allclose(sun_elevation(local, 48.9, 2.4), sun_elevation(STAMPS, 48.9, 2.4))


def test_the_sun_never_sets_in_a_polar_summer_and_never_rises_in_a_polar_winter():
    summer = pd.date_range("2024-06-20", periods=48, freq="30min", tz="UTC")
    winter = pd.date_range("2024-12-20", periods=48, freq="30min", tz="UTC")
    assert sun_elevation(summer, 78.2232, 15.6267).min() > 0
    assert sun_elevation(winter, 78.2232, 15.6267).max() < 0


def test_at_a_pole_the_elevation_is_the_declination():
    assert sun_elevation(STAMPS[3:4], 90.0, 0.0)[0] == pytest.approx(23.43, abs=0.02)
    assert sun_elevation(STAMPS[3:4], -90.0, 77.0)[0] == pytest.approx(-23.43, abs=0.02)


@pytest.mark.parametrize(("place", "latitude", "expected"), DAYLIGHT)
def test_daylight_is_within_a_minute_of_the_reference(place, latitude, expected):
    assert np.abs(daylight_hours(DATES, latitude) - expected).max() < 1 / 60


@pytest.mark.parametrize("latitude", [78.2232, 90.0])
def test_daylight_is_0_in_a_polar_night_and_24_hours_on_a_polar_day(latitude):
    hours = daylight_hours(DATES, latitude)
    assert hours[1] == 24
    assert hours[3] == 0
    assert np.array_equal(daylight_hours(DATES, -latitude)[[1, 3]], [0, 24])


def test_a_time_of_day_does_not_change_the_daylight_of_a_date():
    late = DATES + pd.Timedelta(hours=23)
    assert np.array_equal(daylight_hours(late, 50.0), daylight_hours(DATES, 50.0))


def test_clear_sky_irradiance_is_that_of_haurwitz():
    """Reference [W/m2]: pvlib 0.16.1, clearsky.haurwitz, at zenith angles 0, 30, 60, 80 and 91 degrees."""
    found = clear_sky_irradiance([90.0, 60.0, 30.0, 10.0, -1.0])
    np.testing.assert_allclose(found, [1035, 888, 487, 135, 0], atol=1.0)


def test_there_is_no_sun_on_the_ground_at_night():
    assert np.array_equal(clear_sky_irradiance(np.array([[0.0, -0.001], [-45.0, -90.0]])), np.zeros((2, 2)))


@pytest.mark.parametrize(("latitude", "longitude"), [(90.1, 0.0), (0.0, 180.5), (np.nan, 0.0)])
def test_a_place_off_the_globe_is_refused(latitude, longitude):
    with pytest.raises(ConfigError, match="not on the globe"):
        sun_elevation(STAMPS, latitude, longitude)


def test_stamps_without_a_zone_and_dates_with_one_are_refused():
    with pytest.raises(DataError, match="no time zone"):
        sun_elevation(DATES, 48.9, 2.4)
    with pytest.raises(DataError, match="zone UTC"):
        daylight_hours(DATES.tz_localize("UTC"), 48.9)


def test_nothing_asked_is_nothing_answered():
    assert sun_elevation(STAMPS[:0], 48.9, 2.4).shape == (0,)
    assert daylight_hours(DATES[:0], 48.9).shape == (0,)


def test_columns_are_of_the_middle_of_the_interval_and_of_the_local_date():
    stamps = pd.date_range("2024-06-20 22:00", periods=30, freq="h", tz="UTC")
    found = sun_columns(stamps, pd.Timedelta(hours=1), (48.86, 2.35), "Europe/Paris")
    sky = clear_sky_irradiance(sun_elevation(stamps + pd.Timedelta(minutes=30), 48.86, 2.35)) / 1000
    np.testing.assert_allclose(found["clear_sky"], sky)
    local = daylight_hours(pd.DatetimeIndex(["2024-06-21", "2024-06-22"]), 48.86) / 24
    np.testing.assert_allclose(found["daylight"], np.repeat(local, [24, 6]))


@pytest.mark.parametrize(("date", "light"), [("2024-12-20", 0.0), ("2024-06-20", 1.0)])
def test_columns_of_a_polar_night_and_of_a_polar_day_are_numbers(date, light):
    stamps = pd.date_range(date, periods=24, freq="h", tz="UTC")
    found = sun_columns(stamps, pd.Timedelta(hours=1), (78.2232, 15.6267), "UTC")
    assert np.isfinite(found["clear_sky"]).all()
    assert (found["daylight"] == light).all()
    assert (found["clear_sky"].max() > 0) == bool(light)


def test_the_southern_hemisphere_has_its_longest_days_in_december():
    stamps = pd.DatetimeIndex(["2024-06-20T02:00Z", "2024-12-20T02:00Z"])
    found = sun_columns(stamps, pd.Timedelta(hours=1), (-37.8, 145.0), "Australia/Melbourne")
    assert found["daylight"][1] > 0.6
    assert found["daylight"][0] < 0.4
    assert found["clear_sky"][1] > found["clear_sky"][0]
