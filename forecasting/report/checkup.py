"""The page of a check: a series with its findings marked, each finding close up, and all of them in a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.findings import STALE_KINDS
from forecasting.report.beware import beware
from forecasting.report.canvas import Words
from forecasting.report.charts import history_chart
from forecasting.report.markup import Markup, element
from forecasting.report.page import document
from forecasting.report.readings import item_names, soundness
from forecasting.report.sections import by_item, choice, said, section
from forecasting.report.svg import milliseconds
from forecasting.report.tables import table
from forecasting.report.timechart import Line, Span, TimeChart, Tips, time_figure
from forecasting.report.views import item_views, span_of
from forecasting.report.wording import count, number, percent, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecasting.findings import Finding
    from forecasting.report.content import Content
    from forecasting.report.views import ItemView

#: Findings of an item that are drawn close up, those open without a click, and rows of the table.
MOST_CLOSE, OPEN_CLOSE, MOST_ROWS = 12, 4, 500
#: Steps around a finding that are drawn: days before and after it, steps where these are a day or longer.
AROUND_DAYS, AROUND_STEPS = 3, 21
#: What stretches look like by what was done; what is not here is reported.
_LOOKS = {
    "left out": ("left out", "left-out"),
    "averaged": ("left out", "left-out"),
    "left empty": ("no reading", "gap"),
}


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """A check of a file.

    Attributes:
        content: Readings and words, as for a report without a forecast.
        findings: All that was found, the most urgent first.
        refused: Why no forecast would be made, "" where one would.
        limits: Sentences: from where on readings of each item count as faulty.
    """

    content: Content
    findings: tuple[Finding, ...]
    refused: str
    limits: tuple[str, ...]


def render_check(checkup: Checkup) -> str:
    """The page as HTML. Names in it may hold anything: they are escaped."""
    content = checkup.content
    unit = f" [{content.unit}]" if content.unit else ""
    views = item_views(content)
    body = [
        _card(checkup),
        *choice(content, views),
        *section("series", "The readings", "", by_item(views, lambda view: _whole(view, checkup))),
        *section("close", "Findings, close up", "", by_item(views, lambda view: _close_ups(view, checkup))),
        *section("all", "All findings", "", _all(checkup)),
        *section("how", "How it was read, and what counts as a fault", "", _how(checkup)),
    ]
    return document(content, (content.source, f"{content.target}{unit}", content.time_zone), body)


def verdict_sentences(checkup: Checkup) -> tuple[tuple[str, str], ...]:
    """What a check comes to, by topic, the most urgent first."""
    content, findings = checkup.content, checkup.findings
    stale = [finding for finding in findings if finding.kind in STALE_KINDS]
    sound = soundness(content)
    readings = f"{plural(sound.readings, 'step')} of {plural(sound.items, 'item')}"
    lost = f"{count(sound.missing)} without a reading, {count(sound.left_out)} left out as faulty"
    if checkup.refused:
        fit = f"Not fit to forecast from. {checkup.refused}"
    elif stale:
        fit = f"A forecast would be flagged stale_input for {plural(len(stale), 'item')}."
    elif content.off:
        fit = "Fit to forecast from."
    else:
        fit = "Fit to forecast from: the last readings are sound."
    fit = " ".join([fit, *beware(content)])
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(f"{finding.kind}, {finding.action}", []).append(finding)
    found = "; ".join(
        f"{kind}: {plural(len(group), 'stretch', 'stretches')} of {count(sum(one.count for one in group))} in all"
        for kind, group in kinds.items()
    )
    return (
        ("Verdict", fit),
        ("At the end", " ".join(finding.sentence() for finding in stale[:5])),
        ("In all", f"{readings}: {lost} ({percent(sound.share_lost)})."),
        ("Found", f"{found}." if found else "Nothing."),
    )


def _card(checkup: Checkup) -> Markup:
    topics = [
        element("div", {}, element("dt", {}, topic), element("dd", {}, words))
        for topic, words in verdict_sentences(checkup)
        if words
    ]
    heading = element("h2", {"id": "result"}, "Result")
    return element(
        "section",
        {"class": "card", "aria-labelledby": "result"},
        heading,
        element("dl", {"class": "topics"}, *topics),
    )


def _of(view: ItemView, checkup: Checkup) -> list[Finding]:
    """Findings of one item, and those of all."""
    only = len(item_names(view.content)) == 1
    return [finding for finding in checkup.findings if only or finding.item_id in (view.name, "all items")]


def _span(finding: Finding) -> Span:
    name, style = _LOOKS.get(finding.action, ("reported", "reported"))
    first, last = milliseconds(pd.DatetimeIndex([finding.first, finding.last])).tolist()
    return Span(name=name, style=style, first=first, last=last)


def _whole(view: ItemView, checkup: Checkup) -> list[Markup]:
    """The whole history with every finding marked."""
    chart = history_chart(view)
    if chart is None:
        return []
    spans = tuple(_span(finding) for finding in _of(view, checkup) if finding.kind != "ragged last day")
    return [time_figure(replace(chart, spans=spans))]


def _close_ups(view: ItemView, checkup: Checkup) -> list[Markup]:
    """The longest of each kind first, then the others, as far as there is room."""
    findings = [finding for finding in _of(view, checkup) if finding.kind not in ("ragged last day", "empty")]
    ordered = sorted(findings, key=lambda finding: -finding.count)
    seen: dict[str, int] = {}
    ranks = [seen.update({one.kind: seen.get(one.kind, 0) + 1}) or seen[one.kind] for one in ordered]
    chosen = [one for _, one in sorted(zip(ranks, ordered, strict=True), key=lambda pair: pair[0])][:MOST_CLOSE]
    figures = [figure for k, one in enumerate(chosen) if (figure := _close_up(view, one, findings, k)) is not None]
    rest = figures[OPEN_CLOSE:]
    folded = [element("details", {}, element("summary", {}, f"{plural(len(rest), 'more finding')}"), *rest)]
    return [*figures[:OPEN_CLOSE], *(folded if rest else [])]


def _close_up(view: ItemView, finding: Finding, findings: Sequence[Finding], number_: int) -> Markup | None:
    """One finding with the days around it; None where nothing was read around it."""
    first, last = view.stamps.searchsorted(pd.DatetimeIndex([finding.first, finding.last]))
    step = view.clock.step
    around = AROUND_STEPS if step.calendar or not step.seconds else round(AROUND_DAYS * 86400 / step.seconds)
    rows = slice(max(0, int(first) - around), int(last) + around + 1)
    stamps, raw, bad = view.stamps[rows], view.raw[rows], view.faulty[rows]
    if not len(stamps) or not np.isfinite(raw).any():
        return None
    x = milliseconds(stamps)
    drawn = [one for one in findings if one.last >= stamps[0] and one.first <= stamps[-1]]
    sound = np.where(bad, np.nan, raw)
    # where nothing sound is near, the faulty readings must say how high the axis is
    lines = [Line(name="reading", style="actual", x=x, values=sound if np.isfinite(sound).any() else raw)]
    when = view.clock.labels(pd.DatetimeIndex([finding.first, finding.last]), year=True)
    span = when[0] if finding.first == finding.last else f"{when[0]} to {when[1]}"
    undo = f" Undone by {finding.undo}." if finding.undo else ""
    words = Words(
        key=f"{view.key}-close{number_}",
        heading=f"{finding.kind.capitalize()}, {span}.",
        caption=f"{count(finding.count)} {finding.action}: {finding.detail}.{undo}",
        summary=f"{plural(len(stamps), 'step')} of readings{span_of(sound, view.unit)}.",
        unit=view.unit,
    )
    chart = TimeChart(
        words=words,
        clock=view.clock,
        lines=tuple(lines),
        marks=Line(name="left out", style="", x=x[bad], values=raw[bad]),
        spans=tuple(_span(one) for one in drawn),
        tips=_tips(view, rows, x),
    )
    return time_figure(chart)


def _tips(view: ItemView, rows: slice, x: np.ndarray) -> Tips:
    every = max(1, -(-len(x) // 500))
    labels, values = view.clock.labels(view.stamps[rows])[::every], view.raw[rows][::every]
    said = ("no reading" if np.isnan(value) else f"{number(value)} {view.unit}" for value in values)
    return Tips(x=x[::every], texts=tuple(f"{label}\n{words}" for label, words in zip(labels, said, strict=True)))


def _all(checkup: Checkup) -> list[Markup]:
    """Every finding in a row."""
    findings = checkup.findings
    if not findings:
        return [element("p", {}, "Nothing was found.")]
    several = len(item_names(checkup.content)) > 1
    rows = [_row(finding)[: None if several else -1] for finding in findings[:MOST_ROWS]]
    more = len(findings) - MOST_ROWS
    rest = f" {count(more)} more are in hourcast check --json." if more > 0 else ""
    caption = f"Times of the first and the last reading, in UTC; known from: the reading that told it.{rest}"
    head = ("Finding", "First", "Last", "Count", "Done", "Known from", "Undone by", "Why", "Item")
    return [table(caption, head[: None if several else -1], rows, numeric=(1, 2, 3, 5))]


def _row(finding: Finding) -> tuple[str, ...]:
    known = "" if finding.known_from is None else f"{finding.known_from:%Y-%m-%d %H:%M}"
    first, last = (f"{stamp:%Y-%m-%d %H:%M}" for stamp in (finding.first, finding.last))
    done = (count(finding.count), finding.action, known, finding.undo)
    return finding.kind, first, last, *done, finding.detail, finding.item_id


def _how(checkup: Checkup) -> list[Markup]:
    limits = said("From the series' own past, a reading counts as", checkup.limits, "")
    return [
        *said("Decided on reading", checkup.content.guesses, "Nothing had to be decided."),
        *(limits if checkup.limits else []),
    ]
