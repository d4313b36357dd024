"""One series for a place out of several stations."""

import time

import numpy as np
import pytest

from connectors.weather.combine import LAPSE_RATE, combine_stations

NAN = np.nan


def combined(values, variable, distances, heights=None, height=None):
    """Combine one variable: [S][T] to [T]."""
    heights = [NAN] * len(distances) if heights is None else heights
    stacked = np.array(values, dtype=float)[:, None]
    return combine_stations(stacked, [variable], np.array(distances, float), np.array(heights, float), height)[0]


def test_temperature_is_weighted_by_the_inverse_square_of_the_way():
    assert combined([[10.0], [16.0]], "temperature", [5.0, 10.0])[0] == pytest.approx((10 + 16 / 4) / 1.25)


def test_an_hour_a_station_missed_is_taken_from_the_others():
    found = combined([[10.0, NAN, NAN], [16.0, 16.0, NAN]], "temperature", [5.0, 10.0])
    np.testing.assert_allclose(found, [11.2, 16.0, NAN])


def test_temperature_is_brought_to_the_height_of_the_place():
    """700 m above the place it is 4.55 degrees colder than there."""
    found = combined([[5.0]], "temperature", [10.0], heights=[800.0], height=100.0)
    assert found[0] == pytest.approx(5.0 + 700 * LAPSE_RATE)
    same = combined([[10.0], [10.0 - 6.5]], "temperature", [5.0, 5.0], heights=[100.0, 1100.0], height=100.0)
    assert same[0] == pytest.approx(10.0)


def test_without_a_height_the_place_is_as_high_as_the_nearest_station():
    found = combined([[3.5], [10.0]], "temperature", [20.0, 5.0], heights=[1100.0, 100.0])
    assert found[0] == pytest.approx(10.0)
    found = combined([[10.0], [3.5]], "temperature", [5.0, 20.0], heights=[100.0, 1100.0])
    assert found[0] == pytest.approx(10.0)


def test_a_station_of_unknown_height_is_taken_as_it_is():
    found = combined([[10.0], [10.0]], "temperature", [5.0, 5.0], heights=[NAN, 100.0])
    assert found[0] == pytest.approx(10.0)
    assert combined([[7.0]], "temperature", [5.0], heights=[NAN], height=900.0)[0] == pytest.approx(7.0)


def test_everything_else_comes_from_the_nearest_station_that_has_it():
    values = [[1.0, NAN, NAN, NAN], [2.0, 2.0, NAN, NAN], [3.0, 3.0, 3.0, NAN]]
    found = combined(values, "wind_direction", [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(found, [1.0, 2.0, 3.0, NAN])
    found = combined(values[::-1], "humidity", [3.0, 2.0, 1.0])
    np.testing.assert_array_equal(found, [1.0, 2.0, 3.0, NAN])


def test_a_station_on_a_mountain_counts_as_farther_away():
    """8 km away and 700 m higher is farther than 10 km away in the valley."""
    assert combined([[1.0], [2.0]], "wind_speed", [8.0, 10.0], heights=[800.0, 100.0], height=100.0)[0] == 2.0


def test_a_station_on_the_spot_does_not_divide_by_zero():
    assert combined([[10.0], [20.0]], "temperature", [0.0, 10.0])[0] == pytest.approx(10.0, abs=0.01)


def test_each_variable_is_combined_in_its_own_way():
    values = np.array([[[10.0], [1.0]], [[16.0], [2.0]]])
    heights = np.full(2, NAN)
    found = combine_stations(values, ["temperature", "humidity"], np.array([5.0, 10.0]), heights)
    np.testing.assert_allclose(found, [[11.2], [1.0]])
    assert values[0, 0, 0] == 10.0


def test_ten_years_of_hours_take_less_than_a_second():
    values = np.random.default_rng(0).normal(size=(3, 3, 87_600))
    started = time.perf_counter()
    combine_stations(values, ["temperature", "humidity", "wind_speed"], np.array([5.0, 6.0, 7.0]), np.full(3, 100.0))
    assert time.perf_counter() - started < 1.0
