"""Control charts and status: quiet while errors are as promised, loud soon after they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.monitor.charts import FEWEST_DAYS, charts, ewma, limit
from forecasting.monitor.scores import daily, interval_columns, nominal, score, windows
from forecasting.monitor.status import gaps, live
from forecasting.monitor.width import widened, width_factor
from tests.contracts.series import view
from tests.forecasting.store.test_store import forecast, model
from tests.forecasting.store.test_store import score as one_score

PROMISE = {
    "scales": {"meter": 2.0}, "windows": 60, "loss": 0.5, "loss_spread": 0.1,
    "log_loss": {"centre": float(np.log(0.5)), "spread": 0.2, "echo": 0.0},
    "bias": {"centre": 0.0, "spread": 0.2, "echo": 0.0},
    "coverage": {"centre": 0.8, "spread": 0.1, "echo": 0.0, "held": 0.8},
}  # fmt: skip


def scores(losses, bias=0.0, inside=19, steps=24):
    """Scores of consecutive days with losses in naive units."""
    days = pd.date_range("2024-01-01", periods=len(losses), freq="D", tz="UTC")
    return [
        replace(
            one_score(f"{day:%Y-%m-%dT%H:%M:%SZ}"), steps=steps, readings=24, abs_error=24 * 2.0 * loss,
            error=24 * 2.0 * bias, abs_actual=240.0, inside=inside,
        )
        for day, loss in zip(days, losses, strict=True)
    ]  # fmt: skip


def out(found):
    return [chart.name for chart in found if chart.out]


def test_a_chart_is_quiet_while_all_is_as_promised():
    noise = np.random.default_rng(0)
    alarms = [
        bool(out(charts(scores(np.exp(noise.normal(np.log(0.5), 0.2, 90)), bias=0.0), PROMISE))) for _ in range(40)
    ]
    assert sum(alarms) <= 2


def test_errors_that_double_are_seen_within_days():
    found = charts(scores([0.5] * 20 + [1.0] * 3), PROMISE)
    assert out(found) == ["error"]
    assert found[0].since == found[0].first == "2024-01-22T00:00:00Z"
    again = charts(scores([0.5] * 20 + [1.0] * 3 + [0.3] * 9 + [2.0] * 2), PROMISE)[0]
    assert (again.since, again.first) == ("2024-02-03T00:00:00Z", "2024-01-22T00:00:00Z")
    assert out(charts(scores([0.5] * 20 + [0.3] * 9), PROMISE)) == [], "better than promised is no alarm"
    assert out(charts(scores([9.0] * (FEWEST_DAYS - 1)), PROMISE)) == [], "too early to say"


def test_bias_and_coverage_have_charts_of_their_own():
    assert out(charts(scores([0.5] * 9, bias=0.4), PROMISE)) == ["bias"]
    assert out(charts(scores([0.5] * 9, inside=9), PROMISE)) == ["coverage"]


def test_the_average_and_its_limits_are_those_of_the_formula():
    assert ewma(np.array([1.0, 2.0]), 0.0, weight=0.5).tolist() == [0.5, 1.25]
    assert limit(2.0, 0.0, weight=0.2, width=3.0) == pytest.approx(3 * 2 * np.sqrt(0.2 / 1.8))
    draws = np.random.default_rng(1)
    days = np.zeros((4000, 80))
    for day in range(1, 80):
        days[:, day] = 0.6 * days[:, day - 1] + draws.normal(0, 0.8, 4000)
    last = np.array([ewma(row, 0.0)[-1] for row in days])
    assert limit(1.0, 0.6, width=1.0) == pytest.approx(last.std(), rel=0.06)


def test_forecasts_with_few_readings_do_not_count():
    assert len(daily(scores([0.5], steps=49), PROMISE["scales"])) == 0
    assert len(daily(scores([0.5]), {})) == 0


def test_a_backtest_and_live_scores_are_measured_alike():
    """The same forecasts give the same figures, from a table as from the store."""
    seen = view()
    cutoff = seen.grid[500]
    steps = seen.grid[501:503]
    record = replace(
        forecast(f"{cutoff:%Y-%m-%dT%H:%M:%SZ}"), item_id=seen.items[0], first=f"{steps[0]:%Y-%m-%dT%H:%M:%SZ}"
    )
    scales = dict.fromkeys(seen.items, 3.0)
    sound = seen.raw
    live_days = daily([score(record, seen, sound, steps[0])], scales)
    table_days = windows(record.frame(), seen, scales)
    for column in ("loss", "bias", "coverage", "readings"):
        assert live_days[column].tolist() == pytest.approx(table_days[column].tolist())


def test_the_interval_that_is_counted():
    assert interval_columns((0.05, 0.1, 0.5, 0.9, 0.95)) == (1, 3)
    assert nominal((0.05, 0.1, 0.5, 0.9, 0.95)) == pytest.approx(0.8)
    assert nominal((0.25, 0.75)) == pytest.approx(0.5)


def test_live_error_is_held_against_the_promise():
    mine = replace(model("m1", "champion"), promise=PROMISE)
    good = live(scores([0.5] * 30), [mine])
    assert (good["ratio_to_promise"], good["within_promise"], good["forecasts"]) == (pytest.approx(1), True, 30)
    assert good["coverage_80"] == pytest.approx(19 / 24)
    assert good["wape"] == pytest.approx(0.1)
    bad = live(scores([0.8] * 30), [mine])
    assert (bad["ratio_to_promise"], bad["within_promise"]) == (pytest.approx(1.6), False)
    assert live([], [mine]) is None


def test_intervals_are_widened_until_they_hold_what_they_say():
    """Errors are drawn twice as wide as the intervals; the share inside comes to 80 % all the same."""
    draws, kept = np.random.default_rng(3), []
    for day in pd.date_range("2024-01-01", periods=120, tz="UTC"):
        factor = width_factor(kept, PROMISE)
        inside = int((np.abs(draws.normal(0, 2, 24)) < 1.2816 * factor).sum())
        kept.append(replace(scores([0.5], inside=inside)[0], cutoff=f"{day:%Y-%m-%dT%H:%M:%SZ}"))
    shares = [one.inside / one.readings for one in kept]
    assert np.mean(shares[30:]) == pytest.approx(0.8, abs=0.03)
    assert width_factor([], PROMISE) == 1.0


def test_widening_moves_the_quantiles_and_nothing_else():
    table = pd.DataFrame({"mean": [10.0], "p10": [8.0], "p50": [10.5], "p90": [13.0]})
    wide = widened(table, 2.0, lowest=7.0)
    assert wide.to_numpy().tolist() == [[10.0, 7.0, 11.0, 16.0]]
    assert table["p10"].tolist() == [8.0]
    pd.testing.assert_frame_equal(widened(table, 1.0), table)


def test_steps_no_run_forecast_are_counted():
    two = [forecast(), replace(forecast(), cutoff="2024-03-01T03:00:00Z", first="2024-03-01T04:00:00Z")]
    assert gaps(two) == 2
    assert gaps(two[:1]) == gaps([]) == 0
