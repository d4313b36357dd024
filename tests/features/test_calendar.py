"""Days that are not like others: categories, half days, school holidays, changes of the clock, by the local date."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from backtests.task import Task
from connectors.errors import ConfigError
from features import school
from features.calendar import calendar_columns, holiday_columns
from features.holidays import holiday_flags
from features.school import check_zone, school_share, school_years
from forecasting import decisions


def days(*given):
    return pd.DatetimeIndex(given)


def columns(first, last, freq="h", **asked):
    grid = pd.date_range(first, last, freq=freq, tz="UTC")
    return grid, holiday_columns(grid, Task(**{"horizon": 1, "freq": freq, "country": "FR", **asked}))


def test_a_holiday_on_a_weekend_is_told_apart():
    """8 May 2022 was a Sunday, 26 May a Thursday."""
    flags = holiday_flags(days("2022-05-08", "2022-05-26"), "FR")
    assert flags["weekend_holiday"].tolist() == [1, 0]
    assert flags["holiday"].tolist() == [1, 1]


def test_the_nearness_of_a_holiday_falls_with_the_days_to_and_since():
    """11 November 2025 stands alone."""
    flags = holiday_flags(pd.date_range("2025-11-06", "2025-11-16"), "FR")
    assert flags["to_holiday"].tolist() == [0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0]
    assert flags["since_holiday"].tolist() == [0, 0, 0, 0, 0, 4, 3, 2, 1, 0, 0]


def test_a_category_adds_its_days():
    """Assumption is kept in the Catholic communities of Bavaria, Good Friday everywhere."""
    dates = days("2024-08-15", "2024-03-29")
    assert holiday_flags(dates, "DE-BY")["holiday"].tolist() == [0, 1]
    assert holiday_flags(dates, "DE-BY", ("catholic",))["holiday"].tolist() == [1, 1]
    with pytest.raises(ConfigError, match="catholic"):
        holiday_flags(dates, "DE-BY", ("pagan",))


def test_half_days_are_no_holidays():
    """Christmas Eve in Victoria is none, but Southern Australia stops at seven in the evening."""
    flags = holiday_flags(days("2024-12-24", "2024-12-25"), "AU-SA")
    assert flags["half_day"].tolist() == [1, 0]
    assert flags["holiday"].tolist() == [0, 1]


def test_a_day_of_changing_clocks_is_one_by_the_local_date():
    grid, found = columns("2024-03-29", "2024-04-02", time_zone="Europe/Paris")
    changed = grid[found["clock_change"] > 0].tz_convert("Europe/Paris")
    assert set(changed.strftime("%Y-%m-%d")) == {"2024-03-31"}
    assert len(changed) == 23


def test_the_southern_hemisphere_changes_its_clocks_the_other_way_round():
    asked = {"country": "AU-VIC", "time_zone": "Australia/Melbourne"}
    for first, day, hours in (("2024-04-05", "2024-04-07", 25), ("2024-10-04", "2024-10-06", 23)):
        grid, found = columns(first, pd.Timestamp(first) + pd.Timedelta(days=5), **asked)
        changed = grid[found["clock_change"] > 0].tz_convert("Australia/Melbourne")
        assert set(changed.strftime("%Y-%m-%d")) == {day}
        assert len(changed) == hours


def test_a_holiday_lasts_from_local_midnight_to_local_midnight():
    grid, found = columns("2024-12-24", "2024-12-27", country="AU-VIC", time_zone="Australia/Melbourne")
    christmas = grid[found["holiday"] > 0].tz_convert("Australia/Melbourne")
    assert christmas[0] == pd.Timestamp("2024-12-25", tz="Australia/Melbourne")
    assert christmas[-1] == pd.Timestamp("2024-12-26 23:00", tz="Australia/Melbourne")  # Boxing Day too


def test_school_holidays_of_a_zone_and_of_the_whole_country():
    """Winter 2024: zone C from 10 to 25 February, zone A from 17, zone B from 24."""
    dates = days("2024-02-12", "2024-02-20", "2024-02-24", "2024-05-20")
    assert school_share(dates, "FR", "Zone C").tolist() == [1, 1, 1, 0]
    assert school_share(dates, "FR", "Zone B").tolist() == [0, 0, 1, 0]
    assert school_share(dates, "FR").round(2).tolist() == [0.33, 0.67, 1.0, 0.0]
    assert school_share(dates, "DE-BY").max() <= 1
    assert "school" in columns("2024-02-01", "2024-03-01")[1]


def test_a_year_without_a_calendar_takes_the_same_dates_of_the_others(monkeypatch):
    """Without the package that knows them, 2016 and 2017 are as 2018: summer is summer."""
    school._year.cache_clear()
    school._days.cache_clear()
    monkeypatch.setattr(school, "find_spec", lambda _: None)
    dates = pd.date_range("2016-01-01", "2018-12-31")
    share = school_share(dates, "FR", "Zone A")
    assert school_years("FR", "Zone A", range(2016, 2019)) == (2018,)
    assert share[dates.get_loc("2016-07-20")] == 1.0
    assert share[dates.get_loc("2017-10-05")] == share[dates.get_loc("2018-10-05")] == 0.0
    school._year.cache_clear()
    school._days.cache_clear()


def test_french_years_before_2018_come_from_the_other_package():
    pytest.importorskip("vacances_scolaires_france")
    assert school_years("FR", "Zone C", range(2012, 2019)) == tuple(range(2012, 2019))
    assert school_share(days("2015-02-16", "2015-03-16"), "FR", "Zone C").tolist() == [1, 0]


def test_no_calendar_is_no_column():
    assert school_share(pd.date_range("2012-01-01", "2014-12-31"), "AU-VIC") is None
    assert "school" not in columns("2014-01-01", "2014-01-10", country="AU-VIC")[1]
    assert "school" not in columns("2024-02-01", "2024-03-01", school="none")[1]


def test_a_zone_that_does_not_exist_lists_the_known_ones():
    assert check_zone("FR", "zone a") == "Zone A"
    with pytest.raises(ConfigError, match="Zone A, Zone B, Zone C"):
        check_zone("FR", "Zone D")


def test_days_do_not_depend_on_the_language_of_the_machine(monkeypatch):
    dates = pd.date_range("2023-12-20", "2024-03-10")
    made = []
    for language in ("fr_FR.UTF-8", "de_DE.UTF-8", "C"):
        for name in ("LANG", "LC_ALL", "LANGUAGE"):
            monkeypatch.setenv(name, language)
        for module in (sys.modules["features.holidays"], school):
            for function in ("_year", "_days"):
                if hasattr(module, function):
                    getattr(module, function).cache_clear()
        flags = holiday_flags(dates, "FR", ())
        made.append(np.column_stack([flags.to_numpy(), school_share(dates, "FR")]))
    assert np.array_equal(made[0], made[1])
    assert np.array_equal(made[0], made[2])


def test_years_without_a_school_calendar_are_said_of_a_zone_that_was_named_too(monkeypatch):
    monkeypatch.setattr("features.school.find_spec", lambda _: None)
    school._days.cache_clear()
    school._year.cache_clear()
    said = decisions._school("FR", "Zone C", pd.date_range("2016-01-01", "2019-12-31", freq="D", tz="UTC"))
    assert said.startswith("school holidays: those of FR Zone C for 2018 to 2019; 2016, 2017 as the same dates")
    school._days.cache_clear()
    school._year.cache_clear()
    none = decisions._school("IS", None, pd.date_range("2016-01-01", "2019-12-31", freq="D", tz="UTC"))
    assert none.startswith("school holidays: none (no calendar has any for IS from 2016 to 2019")


def test_columns_shared_by_all_cannot_be_written_to_and_belong_to_their_question():
    grid, french = columns("2024-12-24", "2024-12-26")
    assert french["holiday"].sum() == 24
    asked = Task(horizon=1, freq="h", country="FR")
    for shared in (french, calendar_columns(grid, asked)):
        for values in shared.values():
            with pytest.raises(ValueError, match="read-only"):
                values[0] = 7.0
    # another country, where 26 December is one too; the same without the day; and the first once more
    assert columns("2024-12-24", "2024-12-26", country="GB")[1]["holiday"].sum() == 24 + 1
    assert columns("2024-12-24", "2024-12-26", ordinary_days=("2024-12-25",))[1]["holiday"].sum() == 0
    assert columns("2024-12-24", "2024-12-26")[1]["holiday"].sum() == 24
