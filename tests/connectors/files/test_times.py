"""A column of times is read in the one way that fits the whole of it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import IrregularTimestampsError
from connectors.files.serial import find_scale, parse_serial
from connectors.files.times import is_time, parse_clock, parse_times


def parse(*cells, **options):
    return parse_times(np.array(cells, dtype=object), **options)


def read(*cells, **options):
    return [str(time) for time in parse(*cells, **options).wall.astype("M8[s]")]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-10-27", "2024-10-27T00:00:00"),
        ("2024-10-27 02:30", "2024-10-27T02:30:00"),
        ("2024-10-27T02:30:15", "2024-10-27T02:30:15"),
        ("2024/10/27 2:30", "2024-10-27T02:30:00"),
        ("27/10/2024 02:30", "2024-10-27T02:30:00"),
        (" 27/10/2024  02:30 ", "2024-10-27T02:30:00"),
        ("27/10/2024 à 02:30", "2024-10-27T02:30:00"),
        ("27.10.2024 2h30", "2024-10-27T02:30:00"),
        ("27-10-24 02:30:15", "2024-10-27T02:30:15"),
        ("10/27/2024 2:30 PM", "2024-10-27T14:30:00"),
        ("10/27/2024 12:30:00 AM", "2024-10-27T00:30:00"),
        ("27 oct. 2024 02:30", "2024-10-27T02:30:00"),
        ("27-Oct-2024", "2024-10-27T00:00:00"),
        ("Oct 27, 2024 2:30 PM", "2024-10-27T14:30:00"),
        ("1 févr. 2024", "2024-02-01T00:00:00"),
        ("1 août 2024", "2024-08-01T00:00:00"),
        ("20241027T0230", "2024-10-27T02:30:00"),
        ("2024-10", "2024-10-01T00:00:00"),
        ("10/2024", "2024-10-01T00:00:00"),
        ("oct. 2024", "2024-10-01T00:00:00"),
        ("2024-Q4", "2024-10-01T00:00:00"),
        ("T4 2024", "2024-10-01T00:00:00"),
        ("2024-W44", "2024-10-28T00:00:00"),
    ],
)
def test_one_time_in_many_spellings(cell, expected):
    assert read(cell) == [expected]
    assert is_time(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "Total", "", "35 563,00", "2024", "12", "30/02/2024", "now", "02:30", "13/13/2024", "2024-01-01 00:30+99",
        "2024-01-01T00:30+24:00", "2024-01-01 00:30+02:75", "01/01/2024 00:30 +99:00", "20240101T0030+24",
    ],
)  # fmt: skip
def test_what_is_no_time_is_not_read_as_one(cell):
    assert read("2024-01-01 00:00", cell, "2024-01-01 01:00")[1] == "NaT"


def test_day_and_month_are_decided_by_a_number_above_12():
    assert read("01/02/2024", "13/02/2024")[0] == "2024-02-01T00:00:00"
    assert read("01/02/2024", "01/13/2024")[0] == "2024-01-02T00:00:00"
    assert parse("01/02/2024", "13/02/2024").month_order is None


def test_day_and_month_are_decided_by_the_regular_steps():
    hours = pd.date_range("2024-02-01", periods=60, freq="h")
    french = parse(*hours.strftime("%d/%m/%Y %H:%M"))
    american = parse(*hours.strftime("%m/%d/%Y %H:%M"))
    assert (french.wall == hours.to_numpy()).all()
    assert (american.wall == hours.to_numpy()).all()
    assert french.month_order == ("day first", "only this way are the steps regular")


def test_first_days_of_months_are_not_taken_for_days_of_january():
    months = pd.date_range("2023-01-01", periods=24, freq="MS")
    assert (parse(*months.strftime("%m/%d/%Y")).wall == months.to_numpy()).all()
    assert (parse(*months.strftime("%d/%m/%Y")).wall == months.to_numpy()).all()


def test_an_open_order_is_day_first_unless_am_and_pm_or_the_user_say_otherwise():
    assert read("01/02/2024 01:00")[0] == "2024-02-01T01:00:00"
    assert read("1/2/2024 1:00 AM")[0] == "2024-01-02T01:00:00"
    assert read("01/02/2024 01:00", dates="month-first")[0] == "2024-01-02T01:00:00"
    assert parse("01/02/2024 01:00").month_order == ("day first", "the dates could be read both ways")
    assert parse("01/02/2024 01:00", dates="day-first").month_order is None


def test_two_orders_in_one_column_are_refused():
    with pytest.raises(IrregularTimestampsError, match="day first and some the month first"):
        parse("13/02/2024", "02/13/2024")


def test_offsets_that_change_are_kept_row_by_row():
    made = parse("2024-10-27T02:30:00+02:00", "2024-10-27T02:00:00+01:00", "2024-10-27T02:30:00+0100")
    assert made.offset.tolist() == [120, 60, 60]
    assert made.utc.astype("M8[m]").astype(str).tolist() == [
        "2024-10-27T00:30", "2024-10-27T01:00", "2024-10-27T01:30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "offset", "utc"),
    [
        ("2014-10-01 00:00:00+00", 0, "2014-10-01T00:00:00"),
        ("2014-10-01 00:00:00-07", -420, "2014-10-01T07:00:00"),
        ("2014-10-01 00:00:00+05:30", 330, "2014-09-30T18:30:00"),
        ("2014-10-01 00:00:00+0530", 330, "2014-09-30T18:30:00"),
        ("2014-10-01 00:00:00.25+02", 120, "2014-09-30T22:00:00"),
        ("2014-10-01 00:00 +02", 120, "2014-09-30T22:00:00"),
        ("13/10/2014 00:00:00+01", 60, "2014-10-12T23:00:00"),
        ("20141001T0000-03", -180, "2014-10-01T03:00:00"),
    ],
)
def test_offsets_as_databases_write_them(cell, offset, utc):
    assert is_time(cell)
    made = parse(cell)
    assert made.offset.tolist() == [offset]
    assert [str(time) for time in made.utc.astype("M8[s]")] == [utc]


def test_an_offset_of_whole_hours_changes_with_the_clocks():
    made = parse("2014-10-26 02:00:00+02", "2014-10-26 02:00:00+01", "2014-10-26 03:00:00+01")
    assert made.offset.tolist() == [120, 60, 60]
    assert made.utc.astype("M8[h]").astype(str).tolist() == ["2014-10-26T00", "2014-10-26T01", "2014-10-26T02"]


def test_the_day_of_a_date_and_two_hours_are_no_offset():
    assert not is_time("2014-10-01 10-11")
    with pytest.raises(IrregularTimestampsError, match="Some times carry an offset"):
        parse("2014-10-26 02:00:00+02", "2014-10-26 02:00:00+01", "2014-10-26")


@pytest.mark.parametrize("cells", [("2024-01-01T00:00Z", "2024-01-01T01:00Z"), ("1/2/2024 00:00 UTC",)])
def test_z_and_utc_are_an_offset_of_nought(cells):
    assert set(parse(*cells).offset) == {0}


def test_a_zone_in_some_rows_only_is_refused():
    with pytest.raises(IrregularTimestampsError, match="Some times carry an offset"):
        parse("2024-01-01T00:00Z", "2024-01-01T01:00")


def test_midnight_at_24_is_the_next_day_and_marks_ends():
    made = parse("27/10/2024 23:00", "27/10/2024 24:00")
    assert made.at_24
    assert str(made.wall[1].astype("M8[m]")) == "2024-10-28T00:00"
    assert not parse("27/10/2024 00:00", "27/10/2024 24:00").at_24
    assert parse("2024-10-27 23:00", "2024-10-27 24:00").at_24
    assert read("27/10/2024 24:30") == ["NaT"]


def test_a_day_number_of_excel_among_texts_is_read():
    assert read("27/10/2024 24:00", "45592.0416666667")[1] == "2024-10-27T01:00:00"


def test_years_beyond_the_calendar_of_readings_are_no_times():
    assert read("2024-01-01", "9999-12-31", "31/12/9999") == ["2024-01-01T00:00:00", "NaT", "NaT"]


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [("02:30", 150), ("2h30", 150), ("2h", 120), ("11:30 PM", 1410), ("24:00", 1440), ("25:00", None), ("7", None)],
)
def test_times_of_day(cell, minutes):
    expected = -1 if minutes is None else minutes * 60_000_000_000
    assert parse_clock(np.array([cell], dtype=object)).tolist() == [expected]


@pytest.mark.parametrize(
    ("number", "expected", "is_utc"),
    [
        (1_730_000_000, "2024-10-27T03:33:20", True),
        (1_730_000_000_500, "2024-10-27T03:33:20", True),
        (1_730_000_000_000_000, "2024-10-27T03:33:20", True),
        (45592.0416666667, "2024-10-27T01:00:00", False),
        (20241027, "2024-10-27T00:00:00", False),
        (202410270230, "2024-10-27T02:30:00", False),
        (20241027023015, "2024-10-27T02:30:15", False),
        (202410, "2024-10-01T00:00:00", False),
        (2024, "2024-01-01T00:00:00", False),
    ],
)
def test_times_written_as_numbers(number, expected, is_utc):
    numbers = np.array([number], dtype=float)
    made = parse_serial(numbers, find_scale(numbers))
    assert str(made.wall[0].astype("M8[s]")) == expected
    assert (made.offset is not None) == is_utc


def test_numbers_that_make_no_date_are_no_times():
    numbers = np.array([20240230, 20240101, 20240102, 20240103, 20240104, 20240105.0])
    assert np.isnat(parse_serial(numbers, find_scale(numbers)).wall).tolist() == [True] + [False] * 5
    assert find_scale(np.array([100.5, 99.1])) is None


FORMATS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %Hh%M"]


@settings(deadline=None)
@given(
    st.datetimes(min_value=pd.Timestamp("1990-01-01"), max_value=pd.Timestamp("2060-01-01")),
    st.sampled_from(["h", "30min", "D"]),
    st.sampled_from(FORMATS),
)
def test_a_month_of_any_step_and_spelling_is_read_back(start, freq, spelling):
    times = pd.date_range(pd.Timestamp(start).floor("D"), periods=1500 if freq != "D" else 40, freq=freq)
    made = parse(*times.strftime(spelling))
    assert (made.wall == times.to_numpy()).all()
