"""What the weather is worth: measured on the same windows, said in one sentence; what does not help is left out."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from connectors.errors import ConfigError
from forecasting import AutoForecaster, cli
from forecasting.honesty import WeatherWorth
from forecasting.report.language import speaking
from forecasting.report.weather import weather_rows, weather_sentences
from tests.samples import write_samples

ASKED = {"target": "kwh", "horizon": 24, "weather": ["temperature"], "trials": 8, "jobs": 1, "time_limit": 600}


def meter(*, matters, days=60, seed=3):
    """A load that follows the temperature, or not; the temperature wanders, so that only a forecast tells it."""
    rng = np.random.default_rng(seed)
    time = pd.date_range("2024-01-01", periods=24 * days, freq="h")
    weeks = lfilter([1.0], [1.0, -0.98], rng.normal(0, 1.0, len(time)))
    temperature = 8 + weeks - 3 * np.cos(2 * np.pi * time.hour.to_numpy() / 24)
    load = 100 + 15 * np.sin(2 * np.pi * time.hour / 24) + rng.normal(0, 1.0, len(time))
    return pd.DataFrame({"time": time, "kwh": load - 3.0 * matters * temperature, "temperature": temperature})


@pytest.fixture(scope="module")
def fitted():
    return AutoForecaster(**ASKED, weather_mode="simulated").fit(meter(matters=True))


def test_perfect_weather_is_the_bound_and_none_the_other_end(fitted):
    found = fitted.weather
    assert found.perfect < found.forecast < found.without
    assert found.forecast == fitted.hold_out.scores["wape"]
    assert (found.mode, found.share, found.dropped, found.issued) == ("simulated", True, False, "00:00")
    assert found.windows == fitted.hold_out.windows


def test_weather_that_does_not_help_is_left_out_and_that_is_said():
    model = AutoForecaster(**ASKED).fit(meter(matters=False, days=45))
    assert model.case.task.weather_mode == "none"
    assert any(words.startswith("weather: left out") for words in model.case.facts.decisions)
    assert model.weather.dropped
    assert model.weather.without == model.hold_out.scores["wape"]
    assert (model.predict()["weather_mode"] == "none").all()
    assert "did not help" in weather_sentences(model.weather, None, "kwh")[-1]


def test_without_weather_there_is_nothing_to_compare():
    model = AutoForecaster(**{**ASKED, "weather": [], "ignore": ["temperature"]}).fit(meter(matters=True, days=40))
    assert model.weather is None
    assert weather_sentences(None, None, "kwh") == ()
    assert weather_rows(None, None, "kwh") == []


def test_the_sentence_holds_the_three_errors_and_the_time_of_issue():
    found = WeatherWorth(
        mode="vintage", share=True, perfect=0.021, forecast=0.026, without=0.044, issued="06:00", windows=7
    )
    (sentence,) = weather_sentences(found, "kWh", "kwh")
    assert sentence == (
        "Knowing the weather perfectly the error would be 2.1 %; with the forecasts available at 06:00 it is 2.6 %; "
        "without weather 4.4 %."
    )
    with speaking("fr"):
        (french,) = weather_sentences(found, "kWh", "kwh")
    assert all(words in french for words in ("2,1 %", "2,6 %", "4,4 %", "06:00"))


def test_weather_that_changes_nothing_is_said_to_change_nothing():
    alike = {"mode": "climatology", "share": True, "issued": None, "windows": 7, "forecast": 0.0904}
    (sentence,) = weather_sentences(WeatherWorth(perfect=0.0902, without=0.0896, **alike), "kWh", "kwh")
    assert sentence == "The weather makes no difference here: known perfectly or not at all, the error is 9.0 %."
    (sentence,) = weather_sentences(WeatherWorth(perfect=0.0902, without=0.0906, **alike), "kWh", "kwh")
    assert sentence.startswith("Knowing the weather perfectly the error would be 9.0 %"), "9.1 % is another number"


def test_errors_near_zero_are_in_the_unit_of_the_target():
    found = WeatherWorth(
        mode="climatology", share=False, perfect=1.0, forecast=2.0, without=3.0, issued=None, windows=7
    )
    assert "it is 2.00 MW" in weather_sentences(found, "MW", "load")[0]
    assert [cell for _, cell in weather_rows(found, "MW", "load")] == ["1.00 MW", "2.00 MW", "3.00 MW"]


def test_the_terminal_and_the_document_hold_it(tmp_path, monkeypatch, capsys):
    write_samples(tmp_path)
    monkeypatch.chdir(tmp_path)
    words = [
        "--target",
        "kwh",
        "--weather",
        "temperature",
        "--weather-mode",
        "simulated",
        "--trials",
        "3",
        "--jobs",
        "1",
    ]
    for more in ([], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(["backtest", "meter.csv", *words, "--windows", "3", "--time-limit", "600", *more])
        assert not ended.value.code
        out = capsys.readouterr().out
        if more:
            assert set(json.loads(out)["weather"]) >= {"perfect", "forecast", "without", "mode", "dropped"}
        else:
            assert "known perfectly" in out or "Knowing the weather perfectly" in out
            assert "what came (no forecast can know it)" in out


def test_a_mode_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="simulated"):
        AutoForecaster(target="kwh", weather_mode="guess")
