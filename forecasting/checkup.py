"""``hourcast check``: what was read and found, for people, for machines, and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.exports.atomic import replace_file
from connectors.frame import FORECAST_COLUMNS
from connectors.version import VERSION
from forecasting import console
from forecasting.deliver import say_facts, say_written, write_text
from forecasting.grid import day_of
from forecasting.importing import import_report, import_sentences
from forecasting.limits import limits_said
from forecasting.ongoing import off_now
from forecasting.report.checkup import Checkup, render_check, verdict_sentences
from forecasting.report.content import Content

#: Items whose thresholds are said.
MOST_ITEMS = 12

if TYPE_CHECKING:
    from pathlib import Path

    from forecasting.case import Case, Examined
    from forecasting.deliver import Outputs
    from forecasting.prepare import Prepared


def deliver_check(examined: Examined, case: Case, outputs: Outputs, *, kept: Path | None = None) -> None:
    """Print what is known about a file, draw it if asked, and say where it was kept how it is read."""
    checkup = checkup_of(examined, case, pd.Timestamp.now("UTC"))
    written = [] if kept is None else [str(kept)]
    if outputs.report is not None:
        page = render_check(checkup)
        replace_file(outputs.report, lambda path: write_text(path, page))
        written.append(str(outputs.report))
    if outputs.as_json:
        console.say_json(check_json(checkup, case) | {"source_table": import_report(case), "written": written})
        return
    console.say("\n".join(f"{topic}: {words}" for topic, words in verdict_sentences(checkup) if words) + "\n")
    say_facts(case)
    console.say_list("How it is read (--save-source hourcast.toml keeps it)", import_sentences(case))
    console.say_list("From the series' own past, a reading counts as", checkup.limits)
    numbers = [f"{name.replace('_', ' ')}: {value:.4g}" for name, value in case.profile.items()]
    console.say("\n".join(["", "In numbers", *(f"  - {words}" for words in numbers)]))
    say_written(written)


def checkup_of(examined: Examined, case: Case, made_at: pd.Timestamp) -> Checkup:
    """What the page and the terminal say of a file that was examined.

    Args:
        examined: The file.
        case: What it is forecast from.
        made_at: When the check is made, UTC.
    """
    prepared, facts, task = examined.prepared, case.facts, case.task
    content = Content(
        title=f"Check of {facts.name}",
        source=facts.name,
        target=facts.target,
        unit=facts.unit,
        time_zone=task.time_zone,
        freq=task.freq,
        horizon=task.horizon,
        weather_mode=task.weather_mode,
        version=VERSION,
        made_at=made_at,
        history=prepared.history,
        faulty=prepared.faulty,
        findings=facts.findings,
        guesses=(*facts.decisions, *facts.notes),
        forecast=pd.DataFrame(columns=list(FORECAST_COLUMNS)),
        final=pd.DataFrame(),
        leaderboard=pd.DataFrame(),
        hold_out=None,
        members=(),
        attribution=facts.attribution,
        off=off_now(case.view),
    )
    refused = "" if prepared.refused is None else str(prepared.refused)
    return Checkup(
        content=content, findings=prepared.findings, refused=refused, limits=_limits(prepared, facts.unit)
    )


def _limits(prepared: Prepared, unit: str | None) -> tuple[str, ...]:
    """From where on a reading to come would count as faulty, by item."""
    history, faulty = prepared.history, pd.MultiIndex.from_frame(prepared.faulty[["item_id", "timestamp"]])
    out = pd.MultiIndex.from_frame(history[["item_id", "timestamp"]]).isin(faulty)
    sound = history["target"].mask(out)
    day, items = day_of(prepared.freq), list(sound.groupby(history["item_id"], sort=False))
    return tuple(
        sentence if len(items) == 1 else f"{item}: {sentence}"
        for item, values in items[:MOST_ITEMS]
        for sentence in limits_said(values.to_numpy(float), day=day, unit=unit or "")
    )


def check_json(checkup: Checkup, case: Case) -> dict[str, Any]:
    """A check for a machine: every finding with what was done, since when it was known, and what undoes it."""
    view, facts, task = case.view, case.facts, case.task
    return {
        "source": facts.name, "target": facts.target, "unit": facts.unit, "items": list(view.items),
        "first": view.grid[0].isoformat(), "last": view.last.isoformat(), "freq": task.freq,
        "time_zone": task.time_zone, "seasonality": list(task.seasonality), "horizon": task.steps,
        "verdict": {topic.lower().replace(" ", "_"): words for topic, words in verdict_sentences(checkup)},
        "refused": checkup.refused or None, "stale_items": list(facts.stale),
        "decisions": list(facts.decisions), "notes": list(facts.notes),
        "findings": [finding.record() for finding in checkup.findings], "limits": list(checkup.limits),
        "kinds": dict(facts.kinds), "profile": dict(case.profile), "attribution": list(facts.attribution),
    }  # fmt: skip
