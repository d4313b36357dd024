"""What a command hands over: tables, the page, and words; outputs are checked before any work is done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from backtests.metrics import UNITS
from backtests.significance import FEWEST_DAYS
from connectors.database import shown
from connectors.errors import ConfigError, OutputError
from connectors.exports.atomic import check_folder, replace_file
from connectors.exports.csv import check_profile
from connectors.exports.write import check_writable, write_forecasts
from forecasting import console
from forecasting.report.language import check_language, speaking, t
from forecasting.report.page import render
from forecasting.report.sentences import verdict
from forecasting.report.topics import result_sentences, result_topics
from forecasting.report.weather import weather_rows, weather_sentences
from forecasting.report.wording import Clock, count, number, percent, plural, step_of
from forecasting.saved import MODEL
from forecasting.summary import as_json as model_json
from forecasting.summary import content_of, hold_out_of, result_json, weather_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from backtests.result import BacktestResult
    from backtests.significance import Comparison
    from connectors.exports.csv import Profile
    from forecasting.automl import AutoForecaster
    from forecasting.case import Case

#: Columns printed of a forecast that is not written to a file, and rows.
SHOWN, MOST_ROWS = ("item_id", "timestamp_local", "mean", "p10", "p90"), 24


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Where results go, and how.

    Attributes:
        table: File or database of the forecasts; None to print them.
        profile: Spelling of a CSV file.
        report: File of the page.
        model: Folder of the fitted model.
        language: That of the page and of the result.
        as_json: Whether to print one JSON document instead of text.
    """

    table: str | Path | None = None
    profile: str = "iso"
    report: Path | None = None
    model: Path | None = None
    language: str = "en"
    as_json: bool = False

    def check(self) -> None:
        """Refuse outputs that could not be written, before an hour is spent on them.

        Raises:
            ConfigError: If an ending or a profile is unknown.
            OutputError: If a folder is missing or not writable, or holds something else.
        """
        check_profile(self.profile)
        check_language(self.language)
        if self.table is not None:
            check_writable(self.table)
        if self.report is not None:
            if self.report.suffix.lower() not in {".html", ".htm"}:
                raise ConfigError(f"The report {self.report} has no ending .html.", fix="Give --report report.html.")
            check_folder(self.report)
        if self.model is not None and self.model.exists() and not (self.model / MODEL).is_file():
            raise OutputError(
                f"{self.model} exists and is no saved model.", expected="A new folder.", fix="Give another name."
            )

    def write(self, table: pd.DataFrame) -> list[str]:
        """Write the forecasts, if that was asked for; returns what was written."""
        if self.table is None:
            return []
        write_forecasts(table, self.table, profile=cast("Profile", self.profile))
        return [shown(self.table)]


def deliver(model: AutoForecaster, outputs: Outputs) -> None:
    """Write and print the forecast of a fitted model."""
    table = model.predict()
    with speaking(outputs.language):
        content = content_of(model, table[model.forecast_columns()], pd.Timestamp.now("UTC"))
        sentences, topics, page = result_sentences(content), result_topics(content), render(content)
    written = outputs.write(table)
    if outputs.report is not None:
        replace_file(outputs.report, lambda path: write_text(path, page))
        written.append(str(outputs.report))
    if outputs.model is not None:
        model.save(outputs.model)
        written.append(str(outputs.model))
    board = model.leaderboard()
    if outputs.as_json:
        found = model_json(model) | {"sentences": list(sentences), "leaderboard": _records(board)}
        found |= {"data_card": dict(content.data_card), "model_card": dict(content.model_card)}
        console.say_json(found | {"written": written} | ({} if outputs.table else {"forecast": _records(table)}))
        return
    console.say_topics(topics)
    _say_weather(model, outputs.language)
    say_facts(model.fitted()[0])
    console.say_leaderboard(board)
    if outputs.table is None:
        _say_forecast(table)
    say_written(written)


def deliver_backtest(model: AutoForecaster, result: BacktestResult, outputs: Outputs) -> None:
    """Write and print a backtest."""
    written = outputs.write(model.exported(result.forecasts))
    board = model.leaderboard()
    assert model.case is not None
    if outputs.as_json:
        found = result_json(result) | weather_json(model) | {"attribution": list(model.case.facts.attribution)}
        console.say_json(found | {"leaderboard": _records(board), "written": written})
        return
    say_facts(model.case)
    console.say_leaderboard(board)
    say_scores(result, model.case, name="hourcast", about="which took no part in the choice")
    console.say("\n".join(weather_sentences(model.weather, model.case.facts.unit, model.case.facts.target)))
    _say_weather(model, "en")
    console.say(f"{result.seconds:.1f} s in all.")
    say_written(written)


def say_stale(items: tuple[str, ...]) -> None:
    """Say that a forecast is degraded because readings stopped coming in."""
    console.complain(
        f"{plural(len(items), 'item')} without recent readings: {', '.join(items[:5])}"
        f"{' and more' if len(items) > 5 else ''}. The forecast starts from old ones and is flagged stale_input."
    )


def say_facts(case: Case) -> None:
    """What was read, decided and found."""
    view, facts, step = case.view, case.facts, step_of(case.task.freq)
    clock = Clock(zone=case.task.time_zone, step=step)
    items = "" if len(view.items) == 1 else f" for {plural(len(view.items), 'item')}"
    zone = "" if step.calendar else f" ({case.task.time_zone})"
    console.say(
        f"{facts.name}: {plural(int(np.isfinite(view.raw).sum()), 'reading')} of {facts.target}{items}, "
        f"every {step.length.removeprefix(' of ') or step.noun} "
        f"from {clock.moment(view.grid[0])} to {clock.moment(view.last)}{zone}"
    )
    console.say_list("Decided for you (the option that changes it)", facts.decisions)
    console.say_list("On reading", facts.notes)
    console.say_list("Found in the readings", facts.findings)
    console.say_list("Data by", facts.attribution)


def _say_weather(model: AutoForecaster, language: str) -> None:
    """What the weather is worth, as a small table."""
    facts = model.case.facts if model.case is not None else None
    if facts is None or model.weather is None:
        return
    with speaking(language):
        head = [t("The weather of the horizon"), t("Error")]
        console.say_table(head, [list(row) for row in weather_rows(model.weather, facts.unit, facts.target)])


def say_scores(result: BacktestResult, case: Case, *, name: str, about: str) -> None:
    """Scores beside those of copying, whether the difference is luck, and what the intervals held."""
    step = step_of(case.task.freq)
    span = f"{plural(result.windows, 'window')} of {step.span(result.horizon)}"
    console.say(f"\nScores over {span}, {about}")
    scores = {name: result.scores, **result.baselines}
    rows = [[metric, *(_score(metric, column) for column in scores.values())] for metric in result.scores]
    rows = [row for row in rows if any(row[1:])]
    console.say_table(["", *scores], rows)
    console.say(f"Against {result.best_baseline}, the better way of copying: {verdict(hold_out_of(result))[1]}.")
    console.say(luck(result.comparison, result.best_baseline))
    for sentence in result.calibration.sentences(f"{step.noun}s"):
        console.say(sentence)
    if result.faulty:
        faulty = plural(result.faulty, "reading")
        console.say(f"{faulty} found faulty and left out of the scores.")


def luck(comparison: Comparison, baseline: str) -> str:
    """Whether the difference to copying is more than luck, in words."""
    if comparison.days >= FEWEST_DAYS and not np.isfinite(comparison.p_value):
        return f"It is as far off as {baseline} on each of {plural(comparison.days, 'day')}."
    if not np.isfinite(comparison.p_value):
        return f"{plural(comparison.days, 'day')} are too few to tell the difference from luck."
    spread = f"95 % interval of the share saved {percent(comparison.low)} to {percent(comparison.high)}"
    chance = "below 0.001" if comparison.p_value < 0.001 else f"{comparison.p_value:.3f}"
    test = f"Diebold-Mariano test over {plural(comparison.days, 'day')}: p {chance}; {spread}"
    if comparison.better or comparison.worse:
        return f"That is more than luck ({test})."
    return f"That may be luck: it cannot be told from {baseline}, which is simpler ({test})."


def _score(name: str, scores: Mapping[str, float]) -> str:
    value = scores[name]
    if not np.isfinite(value):
        return ""
    return percent(value) if UNITS.get(name) == "share" else number(value)


def _say_forecast(table: pd.DataFrame) -> None:
    several = len(table["item_id"].unique()) > 1
    columns = [name for name in SHOWN[not several :] if name in table.columns]
    console.say(table[columns].head(MOST_ROWS).to_string(index=False))
    if len(table) > MOST_ROWS:
        console.say(f"(the first {MOST_ROWS} of {count(len(table))} rows; --output forecast.csv writes all)")


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8."""
    path.write_text(text, encoding="utf-8")


def say_written(written: list[str]) -> None:
    """What was written, a line each."""
    for path in written:
        console.say(f"written: {path}")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", json.loads(table.to_json(orient="records", date_format="iso")))
