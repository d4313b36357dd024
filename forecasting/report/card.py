"""The result card: the few numbers that matter, then the sentences built from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecasting.report.language import t
from forecasting.report.markup import Markup, element, with_options
from forecasting.report.readings import clock_of
from forecasting.report.sentences import amount, copying, verdict
from forecasting.report.topics import result_topics
from forecasting.report.wording import count, percent, plural, step_of

if TYPE_CHECKING:
    from forecasting.report.content import Content


def result_card(content: Content) -> Markup:
    """The first thing on the page."""
    return element(
        "section",
        {"class": "card", "aria-labelledby": "result"},
        element("h2", {"id": "result"}, t("Result")),
        *_tiles(content),
        element("dl", {"class": "topics"}, *(_topic(*topic) for topic in result_topics(content))),
    )


def _topic(name: str, sentences: tuple[str, ...]) -> Markup:
    return element("div", {}, element("dt", {}, name), element("dd", {}, with_options(" ".join(sentences))))


def _tiles(content: Content) -> list[Markup]:
    hold_out = content.hold_out
    if hold_out is None:
        return []
    step, clock = step_of(content.freq), clock_of(content)
    side, difference = verdict(hold_out)
    share = "" if hold_out.wape is None else t("{share} of the mean reading", share=percent(hold_out.wape))
    naive = t("which is off by {off}", off=_tight(amount(content, hold_out.naive_mae)))
    checked = _tight(step.count(hold_out.hours))
    inside = t("{inside} of {checked}; expected: 80 %", inside=count(hold_out.inside), checked=checked)
    first, last = clock.day(hold_out.first), clock.day(hold_out.last)
    when = t("of {span}, {first} to {last}", span=_tight(step.span(hold_out.horizon)), first=first, last=last)
    tiles = (
        _tile(t("Usually off by"), _tight(amount(content, hold_out.mae)), share),
        _tile(t("Against {naive}", naive=copying(hold_out.naive_name)), difference, naive, style=side),
        _tile(t("Inside the 80 % band"), percent(hold_out.coverage), inside),
        _tile(t("Measured on the last"), plural(hold_out.windows, "window"), when),
    )
    return [element("dl", {"class": "tiles"}, *tiles)]


def _tight(words: str) -> str:
    """A number that stays on the line of its unit."""
    return words.replace(" ", "\N{NO-BREAK SPACE}", 1)


def _tile(name: str, value: str, note: str, *, style: str = "") -> Markup:
    return element(
        "div",
        {"class": style} if style else {},
        element("dt", {}, name),
        element("dd", {"class": "big"}, value),
        element("dd", {"class": "small"}, note) if note else "",
    )
