"""Simulated forecasts: as wrong as the table says, calibrated, coherent from run to run, and the same every time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from connectors.errors import ConfigError, DataError, HistoryTooShortError
from connectors.frame import check_vintages
from connectors.weather.climate import climate_of
from connectors.weather.lead_errors import FROZEN, LEADS, LeadError, Scale, fit_lead_error, kind_of, lead_error
from connectors.weather.simulator import simulate_runs
from connectors.weather.store import WeatherStore

DATA = Path(__file__).parents[2] / "data" / "weather"
HOUR = pd.Timedelta(hours=1)
LONG = 240 * HOUR


@pytest.fixture(scope="module")
def year():
    """A real year of Frankfurt Airport, in our names and units."""
    raw = pd.read_csv(DATA / "frankfurt_2024.csv.gz")
    stamps = pd.to_datetime(raw[["month", "day", "hour"]].assign(year=2024), utc=True)
    cloud = raw["cldc"] * 12.5
    sun = 800 * np.maximum(np.sin((raw["hour"] - 6) / 12 * np.pi), 0) * (1 - 0.75 * cloud / 100)
    columns = {"temperature": raw["temp"], "wind_speed": raw["wspd"] / 3.6, "humidity": raw["rhum"].astype(float)}
    return pd.DataFrame({"timestamp": stamps, **columns, "cloud_cover": cloud, "radiation": sun})


@pytest.fixture(scope="module")
def runs(year):
    return simulate_runs(year, location="frankfurt", horizon=LONG, seed=0)


def departures(year, runs, name, lead):
    """Departures from the climate, of the forecasts at the six leads up to one and of what came, on their scale.

    Runs come every six hours: six leads see every hour of the day.
    """
    index = pd.DatetimeIndex(year["timestamp"])
    scale = Scale(lead_error(name).scale, pd.Series(year[name].to_numpy(), index=index, name=name))
    came = scale.forward(year[name], index)
    climate, _ = climate_of(index, came)
    columns = np.flatnonzero((runs.leads > lead - 6) & (runs.leads <= lead))
    at = np.asarray((runs.issued - index[0]) // HOUR)[:, None] + runs.leads[columns].astype(int)
    inside = (at >= 0) & (at < len(index))
    forecast, at = runs.values[name][:, columns][inside], at[inside]
    both = np.array([scale.forward(forecast, index[at]), came[at]]) - climate[at]
    return both[:, np.isfinite(both).all(axis=0)]


@pytest.mark.parametrize(
    ("lead", "error", "ratio"), [(6, 1.0, 0.93), (24, 1.4, 0.86), (48, 1.8, 0.78), (72, 2.2, 0.66), (120, 3.0, 0.33)]
)
def test_temperature_is_as_wrong_as_the_table_says_and_calibrated(year, runs, lead, error, ratio):
    """The error of the table, what came has the slope 1 on the forecast, and the forecast varies less than it."""
    forecast, came = departures(year, runs, "temperature", lead)
    assert np.sqrt(np.mean((forecast - came) ** 2)) == pytest.approx(error, rel=0.05)
    assert np.polyfit(forecast, came, 1)[0] == pytest.approx(1.0, abs=0.11)
    assert forecast.var() / came.var() == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize("name", ["wind_speed", "humidity", "cloud_cover", "radiation"])
@pytest.mark.parametrize("lead", [12, 24, 48])
def test_the_other_variables_are_as_wrong_as_the_table_says_and_calibrated(year, runs, name, lead):
    """Most skies are all clear or all covered: forecasts of the cloud cover are cut at both ends."""
    forecast, came = departures(year, runs, name, lead)
    error = np.interp(lead - 2.5, LEADS, lead_error(name).sigmas)
    assert np.sqrt(np.mean((forecast - came) ** 2)) == pytest.approx(error, rel=0.1)
    slope = 0.2 if name == "cloud_cover" else 0.1
    assert np.polyfit(forecast, came, 1)[0] == pytest.approx(1.0, abs=slope)
    assert forecast.var() < came.var()


def test_ten_days_ahead_nothing_is_left_but_the_climate(year, runs):
    forecast, came = departures(year, runs, "temperature", 240)
    assert np.abs(forecast).max() < 1e-9
    assert came.std() > 3


def test_values_stay_where_they_can_be(runs):
    for name, low, high in (
        ("wind_speed", 0, 60),
        ("humidity", 0, 100),
        ("cloud_cover", 0, 100),
        ("radiation", 0, 900),
    ):
        values = runs.values[name]
        assert np.nanmin(values) >= low
        assert np.nanmax(values) <= high


def test_the_night_stays_dark(year, runs):
    hour = (runs.issued.hour.to_numpy()[:, None] + runs.leads.astype(int)) % 24
    night = ((hour < 6) | (hour > 18)) & np.isfinite(runs.values["radiation"])
    assert night.any()
    assert (runs.values["radiation"][night] == 0).all()
    assert np.nanmax(runs.values["radiation"]) > 500


def test_in_the_polar_night_it_is_dark_and_in_the_polar_day_it_need_not_be(year):
    """A month and more without sun, and one in which it never sets."""
    hour = year["timestamp"].dt.hour.to_numpy()
    day = year["timestamp"].dt.dayofyear.to_numpy()
    height = -np.cos(2 * np.pi * (day + 10) / 365.25) - 0.3 * np.cos(2 * np.pi * hour / 24)
    polar = pd.DataFrame({"timestamp": year["timestamp"], "radiation": 500 * np.maximum(height, 0.0)})
    runs = simulate_runs(polar, location="x", horizon=48 * HOUR, seed=0)
    valid = runs.vintages().rows["radiation"]
    months = pd.DatetimeIndex(valid.valid.astype("datetime64[us]")).month
    assert (valid.values[months == 12] == 0).all()
    assert np.isfinite(valid.values).all()
    assert (valid.values[months == 6] > 0).mean() > 0.95


def test_the_error_keeps_its_course_along_a_run_and_from_run_to_run(year):
    """A forecast that jumps from hour to hour, or from run to run, would be averaged away by any model."""
    flat = LeadError(scale="plain", sigmas=(1.0,) * len(LEADS))
    runs = simulate_runs(year[["timestamp", "temperature"]], location="x", horizon=48 * HOUR, seed=1,
                         errors={"temperature": flat})  # fmt: skip
    start = (runs.issued - year["timestamp"].iloc[0]) // HOUR
    at = start.to_numpy()[:, None] + runs.leads.astype(int)
    inside = (at >= 0) & (at < len(year))
    came = np.where(inside, year["temperature"].to_numpy()[np.where(inside, at, 0)], np.nan)
    error = runs.values["temperature"] - came
    error = error[np.isfinite(error).all(axis=1)]
    assert np.corrcoef(error[:, :-1].ravel(), error[:, 1:].ravel())[0, 1] == pytest.approx(0.93, abs=0.02)
    assert np.corrcoef(error[:-1, 6:].ravel(), error[1:, :-6].ravel())[0, 1] == pytest.approx(0.9, abs=0.03)
    assert np.corrcoef(error[:-8, 48:].ravel(), error[8:, :-48].ravel())[0, 1] < 0.6


def test_the_same_seed_gives_the_same_forecasts_whatever_is_simulated_with_them(year, runs):
    """A run depends on location, variable, seed and issue: not on the order, the other variables or the horizon."""
    again = simulate_runs(year[["timestamp", "temperature"]], location="frankfurt", horizon=48 * HOUR, seed=0)
    np.testing.assert_array_equal(again.values["temperature"], runs.values["temperature"][:, : again.leads.size])
    for other in ({"location": "paris"}, {"seed": 1}):
        asked = {"location": "frankfurt", "seed": 0, "horizon": 48 * HOUR} | other
        changed = simulate_runs(year[["timestamp", "temperature"]], **asked)
        assert not np.allclose(changed.values["temperature"], again.values["temperature"], equal_nan=True)


def test_a_forecast_without_error_is_what_came(year):
    none = LeadError(scale="plain", sigmas=(0.0,) * len(LEADS))
    asked = {"location": "x", "horizon": 24 * HOUR, "seed": 0, "errors": {"temperature": none}}
    half = year.loc[: len(year) // 2, ["timestamp", "temperature"]]
    found = simulate_runs(half, **asked)
    ahead = half["timestamp"].dt.tz_localize(None).to_numpy()[None, 100:120]
    known = found.vintages().known_at(pd.DatetimeIndex(half["timestamp"].iloc[[100]]), ahead)
    np.testing.assert_allclose(known["temperature"].values[0], half["temperature"].iloc[100:120])


def test_the_climate_of_later_years_comes_from_the_years_before(year):
    """A heat wave in the third year leaves the climate of the second as it was, and of the third itself."""
    stamps = pd.date_range("2021-01-01", "2023-12-31 23:00", freq="h", tz="UTC")
    season = 10 * np.sin(2 * np.pi * np.arange(len(stamps)) / 8766)
    values = season + np.random.default_rng(0).normal(size=len(stamps))
    hot = np.where(stamps >= pd.Timestamp("2023-03-01", tz="UTC"), values + 20, values)
    before, after = climate_of(stamps, values), climate_of(stamps, hot)
    np.testing.assert_array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[1], after[1])
    assert np.abs(before[0] - season).mean() < 0.1


def test_gaps_are_not_forecast_and_nothing_is_forecast_after_the_end(year):
    holed = year[["timestamp", "temperature"]].copy()
    holed.loc[1000:1099, "temperature"] = np.nan
    table = simulate_runs(holed, location="x", horizon=48 * HOUR, seed=0).table(retrieved_at=year["timestamp"].max())
    gap = holed["timestamp"].iloc[1000:1100]
    assert not table["valid_time"].isin(gap).any()
    assert table["valid_time"].max() == holed["timestamp"].max()
    assert table["valid_time"].nunique() == len(holed) - 100


def test_at_every_instant_a_run_reaches_the_horizon(year):
    runs = simulate_runs(year[["timestamp", "temperature"]], location="x", horizon=48 * HOUR, seed=0)
    instants = pd.DatetimeIndex(year["timestamp"].iloc[:200])
    ahead = instants.tz_localize(None).to_numpy()[:, None] + np.arange(49) * np.timedelta64(1, "h")
    known = runs.vintages().known_at(instants, ahead)["temperature"]
    assert np.isfinite(known.values).all()
    age = instants.tz_localize(None).to_numpy()[:, None] - known.issued_at
    assert age.max() < np.timedelta64(12, "h")
    assert age.min() >= np.timedelta64(6, "h")


def test_they_are_stored_as_what_they_are_and_no_live_run_meets_them(year, tmp_path):
    runs = simulate_runs(year[["timestamp", "temperature"]].head(200), location="x", horizon=24 * HOUR, seed=3)
    store = WeatherStore(tmp_path)
    table = check_vintages(
        runs.table(retrieved_at=pd.Timestamp("2024-02-01", tz="UTC"), units={"temperature": "°C"})
    )
    assert store.append(table) == len(table)
    assert store.vintages("x").variables == ()
    instants = pd.DatetimeIndex(year["timestamp"].iloc[[50, 100]])
    ahead = instants.tz_localize(None).to_numpy()[:, None] + np.arange(1, 25) * np.timedelta64(1, "h")
    stored = store.vintages("x", kinds=["simulated"], models=["simulated_3"]).known_at(instants, ahead)
    np.testing.assert_array_equal(
        stored["temperature"].values, runs.vintages().known_at(instants, ahead)["temperature"].values
    )


def test_steps_of_a_quarter_hour_have_the_same_errors(year):
    index = pd.date_range("2024-01-01", periods=4 * 24 * 120, freq="15min", tz="UTC")
    values = np.interp(np.arange(len(index)) / 4, np.arange(len(year)), year["temperature"])
    fine = pd.DataFrame({"timestamp": index, "temperature": values})
    runs = simulate_runs(fine, location="x", horizon=48 * HOUR, seed=0)
    assert runs.leads[1] - runs.leads[0] == 0.25
    at = index.get_indexer(runs.issued + 24 * HOUR)
    forecast = runs.values["temperature"][at >= 0, np.flatnonzero(runs.leads == 24)[0]]
    assert np.sqrt(np.mean((forecast - values[at[at >= 0]]) ** 2)) == pytest.approx(1.4, rel=0.12)


def test_a_short_history_has_a_climate_of_its_own(year):
    runs = simulate_runs(year[["timestamp", "temperature"]].head(24 * 60), location="x", horizon=LONG, seed=0)
    assert np.isfinite(runs.values["temperature"]).any()
    assert np.nanstd(runs.values["temperature"][:, -1]) < np.nanstd(runs.values["temperature"][:, 0])


# What is not there, or makes no sense ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("temperature_f", "temperature"), ("dew_point", "temperature"), ("Windspeed_100m", "wind"),
        ("relative_humidity_2m", "humidity"), ("clouds", "cloud"), ("shortwave_radiation", "radiation"),
        ("pressure_mmhg", "pressure"), ("price", "other"),
    ],
)  # fmt: skip
def test_names_of_users_are_understood(name, kind):
    assert kind_of(name) == kind


def test_units_stretch_the_error():
    assert lead_error("temperature_f").sigmas == pytest.approx(tuple(1.8 * s for s in FROZEN["temperature"].sigmas))
    assert lead_error("wind_speed", "km/h").sigmas == pytest.approx(
        tuple(3.6**0.5 * s for s in FROZEN["wind"].sigmas)
    )
    assert lead_error("humidity", "%") == FROZEN["humidity"]


def test_the_table_of_the_documentation_is_that_of_the_code():
    page = (Path(__file__).parents[3] / "docs" / "weather.md").read_text(encoding="utf-8")
    rows = page.partition("| 240 h |\n")[2].splitlines()[1 : len(FROZEN) + 1]
    told = [tuple(float(cell) for cell in row.strip("| ").split(" | ")[2:]) for row in rows]
    assert told == [error.sigmas for error in FROZEN.values()]
    assert LEADS == (0, 6, 24, 48, 72, 120, 168, 240)


def test_a_direction_is_refused(year):
    with pytest.raises(ConfigError, match="direction"):
        simulate_runs(year.rename(columns={"temperature": "wind_direction"}), location="x", horizon=LONG, seed=0)


def test_an_unknown_variable_stays_within_what_came(year):
    odd = year[["timestamp", "temperature"]].rename(columns={"temperature": "price"})
    values = simulate_runs(odd, location="x", horizon=24 * HOUR, seed=0).values["price"]
    assert np.nanmin(values) >= odd["price"].min()
    assert np.nanmax(values) <= odd["price"].max()


def test_what_lies_off_its_scale_is_refused(year):
    wet = year[["timestamp"]].assign(humidity=year["humidity"] + 90)
    with pytest.raises(DataError, match=r"humidity.*lies between"):
        simulate_runs(wet, location="x", horizon=LONG, seed=0)


@pytest.mark.parametrize("stamps", [[0, 1, 3], [0], [2, 1, 0]])
def test_irregular_observations_are_refused(year, stamps):
    with pytest.raises(DataError, match="regular"):
        simulate_runs(year.iloc[stamps], location="x", horizon=LONG, seed=0)


def test_runs_that_do_not_fit_the_step_are_refused(year):
    with pytest.raises(ConfigError, match="multiple of the step"):
        simulate_runs(year, location="x", horizon=LONG, seed=0, every=pd.Timedelta("90min"))


# One's own forecasts ---------------------------------------------------------------------------------------------


def own_vintages(year, days, error):
    """Forecasts of 48 hours, once a day, off by an error that grows with the lead."""
    random = np.random.default_rng(5)
    index = pd.DatetimeIndex(year["timestamp"])
    parts = []
    for day in range(days):
        issued, ahead = index[24 * day], index[24 * day + 1 : 24 * day + 49]
        lead = np.arange(1, 49)
        value = (
            year["temperature"].to_numpy()[24 * day + 1 : 24 * day + 49] + error * random.normal(size=48) * lead / 24
        )
        columns = {"location": "x", "variable": "temperature", "model": "own", "issued_at": issued}
        columns |= {"available_at": issued, "valid_time": ahead, "value": value, "kind": "forecast"}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def test_the_error_is_fitted_from_own_vintages(year):
    observed = year.set_index("timestamp")["temperature"]
    fitted = fit_lead_error(own_vintages(year, 90, 2.0), observed, "temperature")
    assert np.interp(24, fitted.leads, fitted.sigmas) == pytest.approx(2.0, rel=0.1)
    assert np.interp(48, fitted.leads, fitted.sigmas) == pytest.approx(3.5, rel=0.15)
    assert (np.diff(fitted.sigmas) >= 0).all()
    assert fitted.sigmas[-1] > fitted.sigmas[3]


def test_less_than_30_days_of_own_vintages_tell_nothing(year):
    observed = year.set_index("timestamp")["temperature"]
    with pytest.raises(HistoryTooShortError, match="from 29 days"):
        fit_lead_error(own_vintages(year, 29, 1.0), observed, "temperature")
    simulated = own_vintages(year, 90, 1.0).assign(kind="simulated")
    with pytest.raises(HistoryTooShortError, match="from 0 days"):
        fit_lead_error(simulated, observed, "temperature")
