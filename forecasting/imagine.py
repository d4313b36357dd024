"""The command ``what-if``: from words to a scenario, and from its outcome to text, JSON and a file."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.exports.atomic import check_folder, replace_file
from forecasting import console
from forecasting.report.imagined import imagined_sentences
from forecasting.report.language import check_language, speaking
from forecasting.whatif import Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from forecasting.automl import AutoForecaster

#: Rows printed.
MOST_ROWS = 24


def read_scenario(change: Sequence[str], known: Sequence[str], *, weekday: str | None, holidays: bool) -> Scenario:
    """A scenario from the words of the command line.

    Raises:
        ConfigError: If one of them is not ``COLUMN=NUMBER``, or nothing is asked.
    """
    found = Scenario(
        weather=dict(map(_pair, change)),
        known=dict(map(_pair, known)),
        weekday=None if weekday is None else weekday.lower(),
        holidays=holidays,
    )
    if found == Scenario():
        raise ConfigError(
            "No other future is asked for.",
            fix="Give --change temperature=+3, --set bookings=80, --as-weekday sunday or --no-holidays.",
        )
    return found


def _pair(words: str) -> tuple[str, float]:
    name, _, value = words.rpartition("=")
    try:
        return name.strip(), float(value.replace(",", "."))
    except ValueError:
        raise ConfigError(
            f"{words!r} names no column and number.", expected="Such as temperature=+3.", fix="Check the words."
        ) from None


def deliver_scenario(
    model: AutoForecaster, scenario: Scenario, *, output: Path | None, language: str, as_json: bool
) -> None:
    """Forecast under a scenario, write and print both forecasts.

    Raises:
        ConfigError: If the scenario is not one for this model, or the output has another ending than ``.csv``.
    """
    check_language(language)
    if output is not None:
        if output.suffix.lower() != ".csv":
            raise ConfigError(f"The output {output} has no ending .csv.", fix="Give --output what-if.csv.")
        check_folder(output)
    found, (case, _) = model.what_if(scenario), model.fitted()
    table = found.table.assign(unit=case.facts.unit or "")
    credit = "; ".join(case.facts.attribution)
    table = table.assign(attribution=credit) if credit else table
    if output is not None:
        replace_file(output, lambda draft: table.to_csv(draft, index=False, date_format="%Y-%m-%dT%H:%M:%SZ"))
    with speaking(language):
        sentences = imagined_sentences(found, case)
    if as_json:
        rows = json.loads(table.to_json(orient="records", date_format="iso"))
        outside = [asdict(one) for one in found.outside]
        console.say_json({"scenario": asdict(scenario), "sentences": sentences, "outside": outside, "rows": rows})
        return
    console.say("\n".join(sentences))
    if output is None:
        local = table.assign(timestamp=table["timestamp"].dt.tz_convert(case.task.time_zone))
        console.say(
            local.drop(columns=["unit", "attribution"], errors="ignore")
            .head(MOST_ROWS)
            .to_string(index=False, float_format="%.2f")
        )
    else:
        console.say(f"written: {output}")
