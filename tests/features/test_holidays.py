"""Holidays: which days are flagged, for whom, and what happens with a country nobody knows."""

import holidays
import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError
from features.holidays import HOLIDAY_COLUMNS, _year, check_country, holiday_flags


def flagged(flag, country, start, end):
    """Dates with a flag, as text."""
    flags = holiday_flags(pd.date_range(start, end), country)
    return [f"{day:%m-%d}" for day in flags.index[flags[flag] == 1]]


def test_the_public_holidays_of_france_2024():
    """Source: service-public.fr, jours feries 2024."""
    days = "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25"
    assert flagged("holiday", "FR", "2024-01-01", "2024-12-31") == days.split()


def test_a_part_of_a_country_has_holidays_of_its_own():
    """Good Friday and 26 December in Moselle; Epiphany, Corpus Christi and others in Bavaria."""
    alone = set(flagged("holiday", "FR", "2024-01-01", "2024-12-31"))
    assert set(flagged("holiday", "FR-57", "2024-01-01", "2024-12-31")) - alone == {"03-29", "12-26"}
    alone = set(flagged("holiday", "DE", "2024-01-01", "2024-12-31"))
    assert set(flagged("holiday", "DE-BY", "2024-01-01", "2024-12-31")) - alone >= {"01-06", "05-30", "11-01"}


def test_the_friday_after_ascension_and_the_monday_before_a_tuesday_holiday_are_bridges():
    assert flagged("bridge", "FR", "2024-01-01", "2024-12-31") == ["05-10", "08-16"]
    assert flagged("bridge", "FR", "2026-07-01", "2026-07-31") == ["07-13"]


def test_a_working_day_between_two_weekdays_is_no_bridge():
    assert flagged("bridge", "FR", "2024-05-06", "2024-05-07") == []


def test_a_bridge_follows_the_weekend_of_the_country():
    """National Day of Saudi Arabia 2020 was Wednesday 23 September; the weekend there is Friday and Saturday."""
    assert flagged("bridge", "SA", "2020-09-20", "2020-09-27") == ["09-24"]


def test_there_is_no_bridge_to_a_saturday_that_is_worked():
    """In Latvia Saturday 28 December 2024 was worked; the 26th, a Thursday, was a holiday."""
    assert flagged("bridge", "LV", "2024-12-27", "2024-12-27") == []
    assert flagged("bridge", "SE", "2024-12-27", "2024-12-27") == ["12-27"]


def test_eve_and_day_after_stand_around_a_holiday_and_not_on_one():
    assert flagged("eve", "FR", "2024-05-01", "2024-05-14") == ["05-07"]
    assert flagged("day_after", "FR", "2024-05-01", "2024-05-14") == ["05-02", "05-10"]


def test_the_turn_of_the_year_is_seen_from_both_sides():
    assert flagged("eve", "FR", "2023-12-31", "2023-12-31") == ["12-31"]
    assert flagged("day_after", "FR", "2024-01-02", "2024-01-02") == ["01-02"]
    assert flagged("christmas_week", "FR", "2024-01-01", "2024-01-05") == ["01-01"]


def test_the_christmas_week_runs_from_24_december_to_1_january_where_christmas_is_kept():
    week = ["12-24", "12-25", "12-26", "12-27", "12-28", "12-29", "12-30", "12-31", "01-01"]
    assert flagged("christmas_week", "DE", "2023-12-01", "2024-01-31") == week
    assert flagged("christmas_week", "SA", "2023-12-01", "2024-01-31") == []


def test_a_holiday_on_a_weekend_is_also_kept_on_the_day_it_is_observed():
    """Independence Day of 2021 was a Sunday; New Year 2022 was observed in 2021."""
    assert flagged("holiday", "US", "2021-07-01", "2021-07-10") == ["07-04", "07-05"]
    assert flagged("holiday", "US", "2021-12-28", "2022-01-03") == ["12-31", "01-01"]


def test_no_country_means_no_holidays():
    flags = holiday_flags(pd.date_range("2023-12-20", periods=20), None)
    assert tuple(flags.columns) == HOLIDAY_COLUMNS
    assert not flags.to_numpy().any()


def test_the_result_has_a_row_for_each_date_given_in_its_order():
    dates = pd.DatetimeIndex(["2024-12-25 13:00", "2024-12-24", "2024-12-25"])
    flags = holiday_flags(dates, "FR")
    assert flags.index.equals(dates)
    assert flags["holiday"].tolist() == [1.0, 0.0, 1.0]
    assert (flags.dtypes == np.dtype(float)).all()
    assert len(holiday_flags(dates[:0], "FR")) == 0


def test_a_date_alone_and_among_others_gets_the_same_flags():
    dates = pd.date_range("2023-01-01", "2024-12-31")
    together = holiday_flags(dates, "US")
    for at in range(0, len(dates), 13):
        assert holiday_flags(dates[at : at + 1], "US").equals(together.iloc[at : at + 1])


@pytest.mark.parametrize("dates", [pd.date_range("2024-01-01", periods=2, tz="UTC"), pd.DatetimeIndex([pd.NaT])])
def test_dates_with_a_zone_or_a_gap_are_refused(dates):
    with pytest.raises(DataError, match="time zone"):
        holiday_flags(dates, "FR")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("fr", "FR"),
        (" FRA ", "FR"),
        ("de-by", "DE-BY"),
        ("DE-bayern", "DE-BY"),
        ("FR-Moselle", "FR-57"),
        ("UK", "GB"),
    ],
)
def test_a_country_is_known_by_its_codes(given, code):
    assert check_country(given) == code
    assert check_country(code) == code


@pytest.mark.parametrize(("given", "near"), [("Germany", "DE"), ("frnce", "FR")])
def test_an_unknown_country_names_near_ones(given, near):
    with pytest.raises(ConfigError, match=rf"{given}.* {near} \("):
        check_country(given)


@pytest.mark.parametrize("given", ["", "-", "XX", "_", "country_holidays", "france-57"])
def test_what_is_no_country_is_refused(given):
    with pytest.raises(ConfigError, match="no holidays for the country"):
        check_country(given)
    with pytest.raises(ConfigError):
        holiday_flags(pd.date_range("2024-01-01", periods=1), given)


def test_an_unknown_subdivision_lists_the_known_ones():
    with pytest.raises(ConfigError, match=r"FR has no subdivision '67'.*57, 6AE, 971"):
        check_country("FR-67")


def test_flags_do_not_depend_on_the_language_of_the_machine(monkeypatch):
    dates = pd.date_range("2024-01-01", "2024-12-31")
    found = []
    for language in ("fr", "en_US", "th", "ar"):
        for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.setenv(name, language)
        _year.cache_clear()
        found.append([holiday_flags(dates, country) for country in ("FR", "US", "SA", "DE-BY")])
    assert all(one.equals(other) for languages in found for one, other in zip(languages, found[0], strict=True))


def test_no_name_of_a_holiday_is_looked_up_in_the_language_of_the_machine(monkeypatch):
    asked = spy_on_calendars(monkeypatch)
    holiday_flags(pd.date_range("1986-03-01", "1986-06-01"), "IE")
    assert all(options["language"] for options in asked)


def test_only_the_years_needed_are_computed_and_each_once(monkeypatch):
    asked = spy_on_calendars(monkeypatch)
    holiday_flags(pd.date_range("1987-03-01", "1987-06-01"), "IE")
    assert [options["years"] for options in asked] == [[1987]]
    holiday_flags(pd.date_range("1987-03-01", "1988-12-31"), "IE")
    assert [options["years"] for options in asked] == [[1987], [1988], [1989]]


def spy_on_calendars(monkeypatch):
    """Options of the calendars made from here on."""
    asked = []
    real = holidays.country_holidays

    def spy(*args, **options):
        asked.append(options)
        return real(*args, **options)

    monkeypatch.setattr(holidays, "country_holidays", spy)
    return asked
