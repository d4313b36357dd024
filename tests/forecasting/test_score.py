"""Any table of forecasts is judged as our own are, and what cannot be judged is said."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from connectors.errors import DataError, HourcastError, MissingColumnsError
from connectors.files.given_forecasts import read_given
from forecasting import AutoForecaster, cli
from forecasting.question import Question
from forecasting.score import score_given
from tests.samples import readings

ASKED = Question(target="kwh")


@pytest.fixture(scope="module")
def meter():
    return readings()[["time", "kwh"]]


@pytest.fixture(scope="module")
def rolled(meter):
    """Our own backtest, with its export table."""
    model = AutoForecaster("kwh", horizon=24, trials=4, jobs=1)
    result = model.backtest(meter, windows=6, step=24)
    return result, model.exported(result.forecasts)


def operator(meter, days=10, error=1.0, **columns):
    """What an operator may hand over: a time and a number."""
    last = meter.tail(24 * days).reset_index(drop=True)
    wave = error * np.where(np.arange(len(last)) % 2, 1.0, -1.0)
    return pd.DataFrame({"time": last["time"], "forecast": last["kwh"] + wave, **columns})


def judged(table, meter, zone="UTC", **options):
    return score_given(read_given(table, zone=zone), meter, ASKED, **options)


def test_our_own_export_gets_the_scores_it_had(rolled, meter, tmp_path):
    """As a DataFrame, as CSV and as Parquet; coverage, copying and the test against it included."""
    result, table = rolled
    plain, frame = tmp_path / "b.csv", table
    table.to_csv(plain, index=False)
    for source in (frame, plain):
        found = judged(source, meter).results["hourcast"]
        assert found.scores == pytest.approx(dict(result.scores), nan_ok=True)
        for words, scores in result.baselines.items():
            assert found.baselines[words] == pytest.approx(dict(scores), nan_ok=True)
        assert found.comparison.p_value == pytest.approx(result.comparison.p_value)
        assert found.calibration == result.calibration


@pytest.mark.parametrize("spelling", [{"sep": ";", "decimal": ","}, {"sep": "\t"}])
def test_it_is_read_as_offices_write_it(rolled, meter, tmp_path, spelling):
    result, table = rolled
    table.to_csv(tmp_path / "b.csv", index=False, **spelling)
    assert judged(tmp_path / "b.csv", meter).results["hourcast"].scores["mae"] == pytest.approx(result.scores["mae"])


def test_a_table_without_cutoffs_is_taken_by_the_day(meter):
    found = judged(operator(meter), meter)
    result = found.results["forecast"]
    assert result.scores["mae"] == pytest.approx(1.0)
    assert result.windows == 10
    assert result.comparison.better
    assert "each local day is taken as forecast from its midnight" in found.notes[0]
    assert result.calibration.sentences() == []


def test_copying_may_know_no_more_than_the_forecast(meter):
    """With a lead of 14 h yesterday is half unknown: the copy of yesterday becomes that of the day before."""
    late = judged(operator(meter), meter).results["forecast"]
    early = judged(operator(meter), meter, lead=pd.Timedelta("14h")).results["forecast"]
    assert early.scores["mae"] == pytest.approx(late.scores["mae"])
    assert early.baselines["repeating yesterday"]["mae"] != pytest.approx(
        late.baselines["repeating yesterday"]["mae"]
    )
    assert np.isfinite(early.scores["peak_hour"]), "days are those that were forecast, not those of the lead"


def test_times_of_issue_and_horizons_are_understood(meter):
    """Issued at 10:15, the last whole hour is that from 09:00; the next step is that from 10:00."""
    table = operator(meter, days=4)
    issued = table["time"].dt.normalize() - pd.Timedelta(hours=13, minutes=45)
    by_issue = judged(table.assign(issued_at=issued), meter).results["forecast"]
    by_step = judged(table.assign(horizon=np.arange(len(table)) % 24 + 15), meter).results["forecast"]
    assert by_issue.windows == by_step.windows == 4
    assert by_issue.baselines == by_step.baselines


def test_forecasters_are_judged_side_by_side(meter):
    table = pd.concat([operator(meter, error=e, forecaster=name) for name, e in (("a", 1.0), ("b", 2.0))])
    found = judged(table, meter).results
    assert [round(found[name].scores["mae"], 9) for name in ("a", "b")] == [1.0, 2.0]
    assert found["a"].baselines == found["b"].baselines


def test_quantiles_are_judged_where_there_are_any(meter):
    table = operator(meter, error=0.0)
    wide = table.assign(p10=table["forecast"] - 1, p90=table["forecast"] + 1)
    found = judged(wide, meter).results["forecast"]
    assert found.scores["coverage_80"] == 1.0
    assert found.scores["width_80"] == pytest.approx(2.0)


def test_a_step_without_a_forecast_is_no_step(meter):
    whole = operator(meter)
    holes = whole.drop(index=whole.index[5:30])
    found = judged(holes, meter).results["forecast"]
    assert found.scores["mae"] == pytest.approx(1.0)
    assert found.calibration.inside is None


def test_local_clocks_meet(meter):
    """Readings in UTC, forecasts by the clock of Paris without an offset."""
    table = operator(meter)
    local = table["time"].dt.tz_localize("UTC").dt.tz_convert("Europe/Paris").dt.tz_localize(None)
    aware = meter.assign(time=meter["time"].dt.tz_localize("UTC"))
    found = score_given(read_given(table.assign(time=local), zone="Europe/Paris"), aware, ASKED)
    assert found.results["forecast"].scores["mae"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "words", "kind"),
    [
        (
            lambda t: t.assign(time=t["time"] + pd.Timedelta(days=4000)),
            "No forecast of 'DataFrame' is for a time",
            DataError,
        ),
        (lambda t: t.assign(time=t["time"] + pd.Timedelta(minutes=7)), "every h", DataError),
        (lambda t: pd.concat([t, t]), "stands twice", DataError),
        (lambda t: t.assign(cutoff=t["time"]), "at or before its own cutoff", DataError),
        (lambda t: t.assign(p10=t["forecast"] + 1, p90=t["forecast"] - 1), "Quantiles cross in 240 rows", DataError),
        (lambda t: t.drop(columns="time"), "The column of times", MissingColumnsError),
        (
            lambda t: t.rename(columns={"forecast": "x"}).assign(z=1.0),
            "The column of forecasts",
            MissingColumnsError,
        ),
        (lambda t: t.assign(forecast="soon"), "no number", DataError),
        (lambda t: t.assign(forecast=np.nan), "no forecast with a time", DataError),
    ],
)
def test_what_cannot_be_judged_is_said(meter, change, words, kind):
    with pytest.raises(kind, match=words) as raised:
        judged(change(operator(meter)), meter)
    assert isinstance(raised.value, HourcastError)


def test_an_item_without_readings_is_named(meter):
    both = pd.concat([meter.assign(site=name) for name in ("north", "south")])
    table = operator(meter, item_id="west")
    with pytest.raises(DataError, match=r"no readings of the item 'west'"):
        score_given(read_given(table, zone="UTC"), both, Question(target="kwh", item="site"))


def run(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        cli.main(["score", *map(str, words)])
    return ended.value.code or 0, capsys.readouterr()


def test_the_command_says_and_prints(meter, tmp_path, capsys):
    operator(meter, days=20).to_csv(tmp_path / "operator.csv", index=False)
    meter.to_csv(tmp_path / "meter.csv", index=False)
    words = (tmp_path / "operator.csv", "--actual", tmp_path / "meter.csv", "--target", "kwh", "--costs", "3,1")
    code, out = run(capsys, *words)
    assert code == 0
    assert "more than luck" in out.out
    assert "cost" in out.out
    code, out = run(capsys, *words, "--lead", "14h", "--json")
    found = json.loads(out.out)
    assert found["forecasters"]["forecast"]["scores"]["cost"] == pytest.approx(2.0)
    assert found["forecasters"]["forecast"]["significance"]["p_value"] < 0.05
    code, out = run(capsys, *words, "--lead", "soon")
    assert code == 2
    assert "Write it as 14h" in out.err
