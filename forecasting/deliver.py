"""What a command hands over: tables, the page, and words; outputs are checked before any work is done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, cast

import pandas as pd
from connectors.exports.atomic import replace_file
from connectors.exports.write import check_writable, write_forecasts

from connectors.errors import ConfigError
from forecasting import console
from forecasting.report.content import result_sentences
from forecasting.report.page import render
from forecasting.summary import as_json as model_json
from forecasting.summary import content_of, result_json

if TYPE_CHECKING:
    from pathlib import Path

    from backtests.result import BacktestResult
    from forecasting.automl import AutoForecaster
    from forecasting.case import Case

PROFILES = ("iso", "excel-fr", "plain")
#: Scores shown on the terminal; --json has all.
SHOWN = ("mae", "wape", "mase", "bias", "wql", "coverage_80")


def check_outputs(output: Path | None, report: Path | None, profile: str) -> None:
    """Refuse outputs that could not be written, before an hour is spent on them.

    Raises:
        ConfigError: If an ending or a profile is unknown.
        OutputError: If a folder is missing or not writable.
    """
    if profile not in PROFILES:
        raise ConfigError(f"There is no CSV profile {profile!r}.", fix=f"Known: {', '.join(PROFILES)}.")
    if output is not None:
        check_writable(output)
    if report is not None:
        if report.suffix.lower() not in {".html", ".htm"}:
            raise ConfigError(f"The report {report} has no ending .html.", fix="Give it as --report report.html.")
        check_writable(report.with_suffix(".csv"))


def deliver(
    model: AutoForecaster,
    *,
    output: Path | None,
    report: Path | None,
    save: Path | None,
    profile: str,
    as_json: bool,
) -> None:
    """Write and print the forecast of a fitted model."""
    table = model.predict()
    content = content_of(model, table[model.forecast_columns()], pd.Timestamp.now("UTC"))
    written = _write(table, output, profile)
    if report is not None:
        page = render(content)
        replace_file(report, lambda path: path.write_text(page, encoding="utf-8"))
        written.append(str(report))
    if save is not None:
        model.save(save)
        written.append(str(save))
    if as_json:
        found = model_json(model) | {"written": written, "sentences": list(result_sentences(content))}
        if output is None:
            found["forecast"] = _records(table)
        console.say_json(found)
        return
    say_facts(model.fitted()[0])
    console.say_leaderboard(model.leaderboard())
    console.say("")
    for sentence in result_sentences(content):
        console.say(sentence)
    _say_written(table, written)


def deliver_backtest(
    model: AutoForecaster, result: BacktestResult, *, output: Path | None, profile: str, as_json: bool
) -> None:
    """Write and print a backtest."""
    table = model.exported(result.forecasts)
    written = _write(table, output, profile)
    if as_json:
        console.say_json(result_json(result) | {"written": written})
        return
    assert model.case is not None
    say_facts(model.case)
    console.say_leaderboard(model.leaderboard())
    console.say(
        f"\nScores over {result.windows} windows of {result.horizon} steps, which took no part in the choice:"
    )
    console.say_scores(result.table(), SHOWN)
    inside, count = result.inside
    better = "less" if result.skill >= 0 else "more"
    console.say(f"{abs(result.skill):.1%} {better} error than {result.best_baseline}, the better way of copying.")
    if count:
        console.say(f"Of {count} readings, {inside} ({inside / count:.1%}) fell inside the 80 % interval.")
    if result.faulty:
        console.say(f"{result.faulty} readings were left out of the scores because they were found faulty.")
    console.say(f"{result.seconds:.1f} s in all.")
    for path in written:
        console.say(f"written: {path}")


def deliver_check(case: Case, *, as_json: bool) -> None:
    """Print what is known about a file."""
    view, facts = case.view, case.facts
    if as_json:
        found = {
            "source": facts.name, "target": facts.target, "unit": facts.unit, "items": list(view.items),
            "first": view.grid[0].isoformat(), "last": view.last.isoformat(), "freq": case.task.freq,
            "time_zone": case.task.time_zone, "seasonality": list(case.task.seasonality),
            "decisions": list(facts.decisions), "notes": list(facts.notes), "findings": list(facts.findings),
            "kinds": dict(facts.kinds), "profile": dict(case.profile), "attribution": list(facts.attribution),
        }  # fmt: skip
        console.say_json(found)
        return
    say_facts(case)
    console.say_list(
        "In numbers", [f"{name.replace('_', ' ')}: {value:.4g}" for name, value in case.profile.items()]
    )


def say_facts(case: Case) -> None:
    """What was read, decided and found."""
    view, facts = case.view, case.facts
    items = "" if len(view.items) == 1 else f" of {len(view.items)} items"
    console.say(
        f"{facts.name}: {view.raw.shape[1]} readings{items} of {facts.target}, every {case.task.freq}, "
        f"{view.grid[0]:%Y-%m-%d %H:%M} to {view.last:%Y-%m-%d %H:%M} UTC"
    )
    console.say_list("Decided for you (the option that changes it)", facts.decisions)
    console.say_list("On reading", facts.notes)
    console.say_list("Found in the readings", facts.findings)
    console.say_list("Data by", facts.attribution)


def _write(table: pd.DataFrame, output: Path | None, profile: str) -> list[str]:
    if output is None:
        return []
    write_forecasts(table, output, profile=cast("Literal['iso', 'excel-fr', 'plain']", profile))
    return [str(output)]


def _say_written(table: pd.DataFrame, written: list[str]) -> None:
    for path in written:
        console.say(f"written: {path}")
    if not written:
        shown = table[["timestamp_local", "mean", *[c for c in ("p10", "p90") if c in table.columns]]].head(24)
        console.say(shown.to_string(index=False))
        console.say("(the first 24 rows; --output forecast.csv writes all)")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", json.loads(table.to_json(orient="records", date_format="iso")))
