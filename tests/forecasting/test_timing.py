"""Lead, delay and time of issue, from the user's words to the table."""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError
from forecasting import AutoForecaster
from tests.forecasting.test_automl import meter

PARIS = "Europe/Paris"
ASKED = {
    "target": "kwh", "horizon": 24, "ignore": ["temperature", "event", "pressure"], "time_zone": PARIS,
    "trials": 4, "jobs": 1, "time_limit": 600,
}  # fmt: skip


@pytest.fixture(scope="module")
def fitted():
    """A meter whose readings arrive the next morning at five; tomorrow is due today at ten."""
    return AutoForecaster(**ASKED, issue_at="10:00", delay="05:00").fit(meter(60))


def of_clock(times):
    return set(times.dt.tz_convert(PARIS).dt.strftime("%H:%M"))


def test_tomorrow_is_forecast_from_the_readings_that_have_arrived(fitted):
    """The file ends early on Monday 1 April: at ten Sunday has arrived, by the local clock, and Tuesday is due."""
    table = fitted.predict()
    assert table["timestamp_local"].iloc[0] == "2024-04-02 00:00:00"
    assert len(table) == 24
    assert of_clock(table["issued_at"]) == {"10:00"}
    assert table["cutoff"].iloc[0] == pd.Timestamp("2024-03-31 23:00", tz=PARIS)
    assert table["horizon"].iloc[0] == 25


def test_its_hold_out_holds_the_steps_asked_for_only(fitted):
    found = fitted.hold_out.forecasts
    assert of_clock(found["issued_at"]) == {"10:00"}
    assert of_clock(found["cutoff"]) == {"23:00"}
    ahead = (found["timestamp"] - found["issued_at"]) / pd.Timedelta(hours=1)
    assert (ahead >= 13).all()
    assert (ahead < 39).all()
    assert fitted.hold_out.horizon == 24


def test_a_saved_model_keeps_the_timing(fitted, tmp_path):
    fitted.save(tmp_path / "model")
    again = AutoForecaster.load(tmp_path / "model")
    assert again.case.task == fitted.case.task
    found, made = (one.predict().drop(columns="run_id") for one in (again, fitted))
    pd.testing.assert_frame_equal(found, made, check_exact=True)


def test_a_fitted_model_forecasts_the_next_day_from_newer_readings(fitted):
    table = fitted.predict(meter(61))
    assert table["timestamp_local"].iloc[0] == "2024-04-03 00:00:00"
    assert len(table) == 24


def test_a_backtest_on_request_is_issued_at_the_hour(fitted):
    result = AutoForecaster(**ASKED, issue_at="10:00", delay="1h").backtest(meter(60), windows=4)
    assert result.windows == 4
    assert of_clock(result.forecasts["issued_at"]) == {"10:00"}
    assert of_clock(result.forecasts["cutoff"]) == {"08:00"}


def test_as_of_a_time_only_what_had_arrived_is_used():
    """At six the readings of yesterday are there, at four those of the day before."""
    ends = []
    for clock in ("06:00", "04:00"):
        asked = AutoForecaster(**{**ASKED, "as_of": pd.Timestamp(f"2024-03-20 {clock}", tz=PARIS)}, delay="05:00")
        ends.append(asked.fit(meter(60)).predict()["cutoff"].iloc[0].tz_convert(PARIS).strftime("%d %H:%M"))
    assert ends == ["19 23:00", "18 23:00"]


@pytest.mark.parametrize(
    ("option", "value"), [("delay", "2"), ("delay", "25:00"), ("lead", "soon"), ("issue_at", "10 o'clock")]
)
def test_words_that_are_no_time_are_refused(option, value):
    with pytest.raises(ConfigError, match=r"time of day|duration"):
        AutoForecaster(**ASKED, **{option: value})


def test_readings_that_have_not_arrived_are_no_history():
    asked = AutoForecaster(**{**ASKED, "as_of": pd.Timestamp("2024-03-20", tz=PARIS)}, delay="60d")
    with pytest.raises(DataError, match="had arrived"):
        asked.fit(meter(60))
