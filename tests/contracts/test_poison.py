"""The poison test for every source of the weather: what was not available at a cutoff is 1e9, the forecast the same.

Poisoned are the rows of the store, so that the way from there to the forecast is tested as a whole: observations,
forecasts as issued, previous runs, forecasts of one's own, simulated ones; readings, events and weather of later.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtests.events import Event
from backtests.view import make_view
from connectors.weather.own import read_own_weather
from connectors.weather.store import WeatherStore
from connectors.weather.vintages import Rows, Vintages, index_vintages
from forecasting.forecasters import build
from forecasting.vintages import with_vintages
from tests.contracts.series import history, task

NAMES = ("temperature", "humidity", "wind_speed", "radiation")
HOUR = pd.Timedelta(hours=1)
#: Families that look at the weather, with the ways they have of learning from it.
LOOKING = [
    ("deviation_ridge", {"same_phase": True}),
    ("weather_gam", {"training": "mixed"}),
    ("boosted_structure", {"target": "structure", "rounds": 10}),
]
MORE = [
    ("ridge_average", {}),
    *[("gam_average", {"training": training}) for training in ("observed", "mixed", "forecast")],
    ("boosted_residual", {"rounds": 20}),
    *[("boosted_structure", {"target": target, "rounds": 20}) for target in ("residual", "level")],
]
SOURCES = ("forecast", "previous_runs", "own", "simulated", "observed")
POISON = 1e9


def readings():
    frame = history(days=62).drop(columns=["event", "pressure"])
    warm = frame["temperature"]
    return frame.assign(humidity=60 + warm, wind_speed=3 + 0.1 * warm.abs(), radiation=10 * warm.clip(lower=0))


def issued(frame, lateness, every):
    """Rows for the store: forecasts at every few hours, half a degree too warm, available some hours later."""
    stamps, parts = pd.DatetimeIndex(frame["timestamp"]), []
    for start in range(0, len(stamps) - 60, every):
        for name in NAMES:
            values = frame[name].to_numpy()[start : start + 60] + 0.5
            parts.append(pd.DataFrame({"variable": name, "issued_at": stamps[start], "value": values,
                                       "valid_time": stamps[start : start + 60]}))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    return table.assign(
        location="here", model="m", available_at=table["issued_at"] + lateness, retrieved_at=stamps[-1], unit="",
        source="own",
    )  # fmt: skip


def kept(source, frame, instant, tmp_path):
    """Vintages of a source; with an instant, every value of it that was not available then is poison."""
    table = issued(frame, 5 * HOUR, 12)
    if instant is not None:
        table["value"] = np.where(table["available_at"] > instant, POISON, table["value"])
    if source == "own":
        wide = table.pivot_table(index=["available_at", "valid_time"], columns="variable", values="value")
        plain = wide.reset_index().rename(columns={"valid_time": "time"})
        return index_vintages(read_own_weather(plain, location="own", available_at="available_at",
                                               now=table["retrieved_at"].max()))  # fmt: skip
    store = WeatherStore(tmp_path / f"{instant is None}")
    store.append(table.assign(kind=source))
    return store.vintages("here", list(NAMES), kinds=[source])


def seen(source, tmp_path, cutoff=None):
    """The view of a source; with a cutoff, poisoned after it."""
    mode = {"own": "vintage", "forecast": "vintage", "observed": "climatology"}.get(source, source)
    asked = task(
        known_covariates=("event_fair",), past_covariates=(), weather_covariates=NAMES, place=(48.9, 2.4),
        weather_delay=24, weather_mode=mode, lead=2 * HOUR, delay=HOUR, horizon=8, asked=5,
    )  # fmt: skip
    frame = readings()
    clean = make_view(frame.assign(event_fair=0.0), asked)
    instant = None if cutoff is None else clean.issued_at(np.array([cutoff]))[0]
    own = None if source in ("observed", "simulated") else kept(source, frame, instant, tmp_path)
    view = with_vintages(clean, own).view
    known = NEVER if cutoff is None else int(instant.value) + 1
    fair = Event(name="event_fair", first=1440, end=1470, known_from=min(known, NEVER))
    view = replace(view, events=(Event(name="event_fair", first=300, end=320, known_from=0), fair))
    return view if cutoff is None else poisoned(view, cutoff, int(instant.as_unit("us").value))


#: A day far after the readings.
NEVER = int(pd.Timestamp("2030-01-01", tz="UTC").value)


def poisoned(view, cutoff, instant):
    def after(values, last):
        changed = values.copy()
        changed[:, last + 1 :] = POISON
        return changed

    def poison(rows):
        values = np.where(rows.available > instant, POISON, rows.values)
        return Rows(valid=rows.valid, available=rows.available, issued=rows.issued, values=values)

    return replace(
        view,
        raw=after(view.raw, cutoff),
        weather={name: after(values, cutoff - view.task.weather_delay) for name, values in view.weather.items()},
        vintages=tuple(Vintages(rows={n: poison(r) for n, r in one.rows.items()}) for one in view.vintages),
    )


@pytest.mark.parametrize("source", SOURCES)
def test_what_was_not_available_cannot_move_a_forecast(source, tmp_path):
    assert_unmoved(source, LOOKING, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("source", SOURCES)
def test_what_was_not_available_moves_no_family(source, tmp_path):
    assert_unmoved(source, MORE, tmp_path)


def assert_unmoved(source, families, tmp_path):
    clean = seen(source, tmp_path)
    cutoff = clean.raw.shape[1] - 60
    wrong = seen(source, tmp_path / "wrong", cutoff)
    at = clean.grid[[cutoff]]
    for name, settings in families:
        made = [build(name, settings).fit(one, at[0], one.task).predict(one, at).mean for one in (clean, wrong)]
        assert np.array_equal(*made), (name, settings)
        assert np.abs(made[0]).max() < 1000


def test_the_poison_is_there(tmp_path):
    """What is not available at the cutoff does move a forecast of later: the test above has something to find."""
    clean, wrong = seen("forecast", tmp_path), seen("forecast", tmp_path / "wrong", 1400)
    later = np.array([1450])
    pasts = [one.past_at(one.grid[1450]).weather_ahead(later, 8)["temperature"] for one in (clean, wrong)]
    assert np.abs(pasts[1]).max() > POISON / 2 > np.abs(pasts[0]).max()
