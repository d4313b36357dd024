"""Wind chill: the published table, found by name and unit, and used wherever temperature and wind are there."""

from __future__ import annotations

import numpy as np
import pytest

from features.deviation import Deviation, Rows, Shape
from features.felt import felt, wind_chill
from features.matrix import FEATURES
from features.structure import Structure, knots_of
from features.weather import Climate, bends
from tests.contracts.series import task, view

#: Wind [km/h], temperature [°C] and wind chill [°C], from the chart of Environment Canada.
CHART = [(10, 0, -3), (30, 0, -6), (60, -10, -23), (20, -20, -30), (40, 5, -1), (80, -40, -67)]


@pytest.mark.parametrize(("wind", "warmth", "chill"), CHART)
def test_the_wind_chill_is_that_of_the_chart(wind, warmth, chill):
    assert wind_chill(np.array([float(warmth)]), np.array([float(wind)]))[0] == pytest.approx(chill, abs=0.51)


def test_it_is_never_warmer_than_the_air_and_jumps_nowhere():
    warmth = np.linspace(-30, 40, 1401)
    for wind in (0.0, 10.0, 60.0):
        felt_as = wind_chill(warmth, np.full(len(warmth), wind))
        assert (felt_as <= warmth).all()
        assert np.abs(np.diff(felt_as)).max() < 0.1
        assert felt_as[-1] == warmth[-1]


@pytest.mark.parametrize(
    "names",
    [
        ("temp", "windspeed"),
        ("temperature_nearby", "wind_speed"),
        ("T2M", "wspd_kmh"),
        ("temperature_f", "wind_mph"),
    ],
)
def test_it_is_found_by_name_and_unit(names):
    warmth, wind = np.array([-20.0]), np.array([20 / 3.6])
    given = {
        names[0]: warmth * 1.8 + 32 if names[0].endswith("_f") else warmth,
        names[1]: wind * {"h": 3.6, "d": 1.0}[names[1][-1]]
        if not names[1].endswith("mph")
        else wind * 3.6 / 1.609344,
    }
    assert felt(given)["wind_chill"][0] == pytest.approx(-30, abs=0.5)


@pytest.mark.parametrize(
    "names", [("temp",), ("windspeed",), ("dew_point_temp", "wind"), ("temp", "wind_direction")]
)
def test_there_is_none_without_air_and_wind(names):
    assert felt({name: np.zeros(3) for name in names}) == {}


def test_a_column_of_ones_own_is_taken_instead():
    assert felt({"temp": np.zeros(1), "wind": np.zeros(1), "windchill": np.zeros(1)}) == {}


def test_every_family_of_columns_has_it_and_what_else_there_is_of_the_weather():
    """Regressors, matrix and structure know the wind chill, humidity and radiation, by the weather as forecast."""
    names = ("temperature", "humidity", "radiation", "wind_speed")
    plain = view(task(known_covariates=(), past_covariates=()))
    made = dict.fromkeys(names[1:], plain.weather["temperature"] ** 2)
    seen = type(plain)(
        **{**vars_of(plain), "weather": {**plain.weather, **made}, "task": task(
            known_covariates=(), past_covariates=(), weather_covariates=names, place=(48.9, 2.4))}
    )  # fmt: skip
    past = seen.past_at(seen.last)
    origins = np.array([1000, 1100])
    rows = Rows(Deviation(past, Shape(period=168), bends(past)), origins)
    assert {"wind_chill", "humidity", "radiation", "wind_chill_low"} <= set(rows.ahead)
    assert rows.regressors(rows.steps, rows.base(rows.steps)).shape[-1] == len(rows.parts())
    wanted = {f"ahead_{name}" for name in (*names, "wind_chill")}
    assert wanted <= set(FEATURES["covariates_ahead"](rows, np.ones(1)))
    assert set(FEATURES["sun"](rows, np.ones(1))) == {"clear_sky", "daylight"}
    groups = Structure(past, knots_of(past), past.cutoff).ahead(0, origins)
    assert {"temperature:now", "wind_chill:1d", "humidity:now", "radiation:now", "sun"} <= set(groups)
    later = Climate(past).ahead(origins)["wind_chill"]["now"]
    weather = past.weather_ahead(origins, past.task.horizon)
    assert np.array_equal(later, wind_chill(weather["temperature"], weather["wind_speed"] * 3.6))


def vars_of(seen):
    return {name: getattr(seen, name) for name in seen.__dataclass_fields__}
