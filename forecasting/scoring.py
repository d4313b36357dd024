"""The command ``hourcast score``: any table of forecasts, judged by readings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.errors import ConfigError
from forecasting import console
from forecasting.options import Json, numbers, option

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.score import Verdict

#: Decisions that matter for readings that are only compared with.
ABOUT_READING = ("time", "step", "item", "target", "dates", "stamps")


def add_score(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command(
        epilog="Example: hourcast score operator.csv --actual meter.csv --target kwh --time-zone Europe/Paris"
    )(score)


def score(
    file: Annotated[str, typer.Argument(help="The forecasts: CSV, Parquet or Excel.", show_default=False)],
    *,
    actual: Annotated[str, option("FILE", "The readings: a file, or the URL of a database.")],
    target: Annotated[str | None, option("COL", "Column of the readings; found where the file says it.")] = None,
    forecast: Annotated[str | None, option("COL", "Column of the forecasts; found if not given.")] = None,
    time: Annotated[str | None, option("COL", "Column of times of the readings; found if not given.")] = None,
    item: Annotated[str | None, option("COL", "Column of the readings that tells several series apart.")] = None,
    freq: Annotated[str | None, option("STEP", "The step of the readings; found if not given.")] = None,
    time_zone: Annotated[str | None, option("ZONE", "Zone of times without an offset; UTC if not given.")] = None,
    lead: Annotated[
        str | None, option("TIME", "Without cutoffs: how long before its day a forecast was made, such as 14h.")
    ] = None,
    costs: Annotated[
        str | None, option("LESS,MORE", "Prices of a unit forecast too little and of one too much.")
    ] = None,
    no_repair: Annotated[bool, typer.Option("--no-repair", help="Keep readings that were found faulty.")] = False,
    json: Json = False,
) -> None:
    """Judge forecasts that someone made: scores, copying on the same steps, luck, and what intervals held."""
    from connectors.files.given_forecasts import read_given
    from forecasting.question import Question
    from forecasting.score import score_given

    early = _duration(lead)
    question = Question(
        target=target, time=time, item=item, freq=freq, time_zone=time_zone, repair=not no_repair,
        costs=None if costs is None else numbers(costs, "--costs"),
    )  # fmt: skip
    given = read_given(file, zone=time_zone or "UTC", column=forecast)
    verdict = score_given(given, actual, question, lead=early)
    if json:
        _say_json(verdict)
    else:
        _say(verdict)


def _duration(words: str | None) -> pd.Timedelta | None:
    import pandas as pd

    if words is None:
        return None
    try:
        found = pd.Timedelta(words)
    except ValueError as error:
        raise ConfigError(f"--lead {words} is no length of time.", fix="Write it as 14h.") from error
    if found < pd.Timedelta(0):
        raise ConfigError(f"--lead {words} is below 0.", expected="How long before its day a forecast was made.")
    return found


def _say(verdict: Verdict) -> None:
    from forecasting.deliver import say_facts, say_scores

    facts = verdict.case.facts
    about_reading = tuple(words for words in facts.decisions if words.startswith(ABOUT_READING))
    say_facts(replace(verdict.case, facts=replace(facts, decisions=about_reading)))
    console.say_list("On the forecasts", verdict.notes)
    for name, result in verdict.results.items():
        say_scores(result, verdict.case, name=name, about="on the steps that were forecast")


def _say_json(verdict: Verdict) -> None:
    from forecasting.summary import result_json

    console.say_json(
        {
            "notes": list(verdict.notes),
            "forecasters": {name: result_json(result) for name, result in verdict.results.items()},
        }
    )
