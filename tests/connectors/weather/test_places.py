"""A location by coordinates, station or name: accents and case do not count, and what is unclear is asked back."""

import re

import pytest

from connectors.errors import ConfigError
from connectors.weather.places import find_location, plain_name
from connectors.weather.store import _LOCATION


@pytest.mark.parametrize(
    ("text", "label", "place"),
    [
        ("Paris", "Paris, FR", (48.853, 2.349)),
        (" PARIS , France ", "Paris, FR", (48.853, 2.349)),
        ("münchen", "Munich, DE", (48.137, 11.575)),
        ("Muenchen", "Munich, DE", (48.137, 11.575)),
        ("Saint-Étienne", "Saint-Étienne, FR", (45.434, 4.39)),
        ("st etienne", "Saint-Étienne, FR", (45.434, 4.39)),
        ("Łódź", "Łódź, PL", (51.771, 19.474)),
        ("lodz", "Łódź, PL", (51.771, 19.474)),
        ("Sao Paulo", "São Paulo, BR", (-23.547, -46.636)),
        ("Bruxelles", "Brussels, BRU, BE", (50.85, 4.349)),
        ("London, CA", "London, CA", (42.983, -81.233)),
        ("Springfield, IL", "Springfield, IL, US", (39.802, -89.644)),
        ("Valencia, Spain", "Valencia, ES", (39.474, -0.38)),
        ("Birmingham, uk", "Birmingham, ENG, GB", (52.481, -1.9)),
    ],
)
def test_a_place_is_found_by_its_name(text, label, place):
    found = find_location(text)
    assert (found.label, found.place, found.station) == (label, place, None)
    assert _LOCATION.fullmatch(found.name), "the store can make a folder of it"
    assert found.attribution == ("Places by GeoNames (CC BY 4.0)",)


def test_the_zone_and_the_country_come_along():
    found = find_location("Melbourne")
    assert (found.time_zone, found.country) == ("Australia/Melbourne", "AU")
    assert found.others == ("Melbourne, FL, US",), "a namesake a tenth as large is told, not asked about"


@pytest.mark.parametrize(
    ("text", "place"), [("48.86, 2.35", (48.86, 2.35)), ("-33.9 151.2", (-33.9, 151.2)), ("0;0", (0.0, 0.0))]
)
def test_coordinates_are_taken_as_they_are(text, place):
    found = find_location(text)
    assert found.place == place
    assert _LOCATION.fullmatch(found.name)
    assert found.attribution == ()


@pytest.mark.parametrize(("text", "station"), [("10637", "10637"), ("station:07149", "07149"), ("d1424", "D1424")])
def test_a_station_is_told_by_its_digits(text, station):
    found = find_location(text)
    assert (found.station, found.place) == (station, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Valencia", "3 places are called 'Valencia': Valencia, VE; Valencia, ES; Valencia, CA, US."),
        ("Springfield", "Say which, such as 'Springfield, MO, US'"),
        ("Paris, US", "Places called so: Paris, FR."),
        ("Marsielle", "Did you mean 'Marseille, FR'?"),
        ("Xyzzyville", "No place is called 'Xyzzyville'"),
        ("", "No place is called ''"),
        ("91, 2", "not on the globe"),
    ],
)
def test_what_is_unclear_is_asked_back(text, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        find_location(text)


def test_two_places_of_one_name_and_region_are_two_locations():
    assert find_location("48.8, 2.3").name != find_location("48.9, 2.3").name


def test_names_are_folded():
    assert plain_name("  L'Haÿ-les-Roses ") == "l hay les roses"
    assert plain_name("ST. Louis") == plain_name("Saint Louis")
    assert plain_name("Straße") == "strasse"
