"""Which mark is the decimal one is decided by the whole column."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files.numbers import parse_numbers, without_codes

NBSP, NARROW = "\u00a0", "\u202f"


def read(*cells, delimiter=","):
    return parse_numbers(np.array(cells, dtype=object), delimiter=delimiter)


def values(*cells, delimiter=","):
    return read(*cells, delimiter=delimiter).values.tolist()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1.5", "2", "-3e2", "+4"), [1.5, 2, -300, 4]),
        (("890,90", "1 070,20"), [890.9, 1070.2]),
        ((f"1{NBSP}070,20", "837,4"), [1070.2, 837.4]),
        ((f"1{NARROW}296,20", f"12{NARROW}345{NARROW}678,5"), [1296.2, 12345678.5]),
        (("1'296.20", "1\u2019000"), [1296.2, 1000]),
        (("1,234.5", "12,345,678.25"), [1234.5, 12345678.25]),
        (("1.234,5", "12.345.678,25"), [1234.5, 12345678.25]),
        (("1,234,567", "1,234"), [1234567, 1234]),
        (("1.234.567", "1.234"), [1234567, 1234]),
        (("0,123", "1,234"), [0.123, 1.234]),
        (("0.123", "1.234"), [0.123, 1.234]),
        (("\u22125,5", "-1,25"), [-5.5, -1.25]),
        ((",5", "1,25"), [0.5, 1.25]),
    ],
)
def test_numbers_are_read_in_every_spelling(cells, expected):
    assert values(*cells) == expected


def test_thousands_of_points_are_told_by_the_short_whole_numbers_beside_them():
    made = read("998", "1.002", "1.011", "1.250", "12.400")
    assert made.values.tolist() == [998, 1002, 1011, 1250, 12400]
    assert "thousands" in made.note


@pytest.mark.parametrize("cells", [("1.002", "1.011", "9.250"), ("1.002", "1.011", "1.250", "0.500", "12")])
def test_three_decimals_alone_do_not_make_thousands(cells):
    assert values(*cells) == [float(cell) for cell in cells]


def test_an_open_comma_is_decimal_beside_semicolons_and_groups_beside_commas():
    assert values("1,234", "2,345", delimiter=";") == [1.234, 2.345]
    assert values("1,234", "2,345", delimiter=",") == [1234, 2345]
    assert "comma" in read("1,234", "2,345", delimiter=";").note


def test_a_text_with_a_comma_among_numbers_with_a_point_is_read():
    """A sheet gives its numbers with a point and its texts as they were typed."""
    assert values("100", "101.5", "103", "107,50", "109.5") == [100, 101.5, 103, 107.5, 109.5]


@pytest.mark.parametrize("cell", ["", " ", "-", "n/e", "NA", "ND", "nan", "NaN", "#N/A", "null"])
def test_missing_is_missing_and_not_bad(cell):
    made = read("1,5", cell, "2,5")
    assert np.isnan(made.values[1])
    assert not made.bad.any()


def test_yes_and_no_count_as_one_and_nought():
    assert values("true", "False", "TRUE") == [1, 0, 1]
    assert values("oui", "non", "", "oui")[:2] == [1, 0]
    assert read("yes", "no").note == "read as yes = 1, no = 0"


def test_a_column_of_words_is_not_numeric():
    made = read("Réel", "Estimé", "Réel")
    assert not made.is_numeric
    assert made.bad.all()


def test_a_rare_bad_cell_is_marked_and_an_infinite_one_too():
    made = read(*["1.5"] * 50, "kaputt", "inf")
    assert made.is_numeric
    assert np.flatnonzero(made.bad).tolist() == [50, 51]
    assert not read("1", "2", "x", "3").is_numeric


def test_marks_in_the_wrong_places_make_no_number():
    made = read("1,5", "2,5", "1,5.3", "1.2,5", "12.34,5")
    assert np.flatnonzero(made.bad).tolist() == [2, 3, 4]


def test_an_empty_column_is_not_numeric():
    assert not read("", "-", "NA").is_numeric


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), min_size=4, max_size=30),
    st.sampled_from([NBSP, NARROW, " ", "'", ""]),
)
def test_french_numbers_come_back_as_they_were(numbers, blank):
    cells = [f"{number:,.2f}".replace(",", blank).replace(".", ",") for number in numbers]
    assert values(*cells, delimiter=";") == numbers


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_plain_numbers_come_back_to_the_last_bit(numbers):
    assert values(*map(repr, [*numbers, 0.25])) == [*numbers, 0.25]


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ([-9999.0, 5.0, -9999.0, 7.0, np.nan, 6.0], ((-9999.0, 2),)),
        ([-9999.0, 5.0, -999.0, 7.0, 8.0, 6.0], ((-9999.0, 1), (-999.0, 1))),
        ([-999.0, -12.5, 30.0, 7.0], ((-999.0, 1),)),
        ([-999.0, -400.0, 30.0, 7.0], ()),
        ([-9995.0, 5.0, 7.0], ()),
        ([-9999.0, -9999.0, -9999.0, 5.0], ()),
        ([-9999.0, -9999.0], ()),
        ([np.nan, np.nan], ()),
        ([], ()),
    ],
)
def test_numbers_for_no_reading_are_missing_where_all_others_lie_far_above(cells, codes):
    given = np.array(cells)
    values, found = without_codes(given)
    assert found == codes
    known = [code for code, _ in codes]
    np.testing.assert_array_equal(values, [np.nan if cell in known else cell for cell in cells])
    np.testing.assert_array_equal(given, cells)
