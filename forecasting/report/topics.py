"""The result in plain words, by topic: what a reader asks, and the sentences that answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecasting.report.beware import beware
from forecasting.report.language import t
from forecasting.report.sentences import accuracy, band, data, helps, limits, subject, worst
from forecasting.report.weather import weather

if TYPE_CHECKING:
    from forecasting.report.content import Content


def result_topics(content: Content) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The result in plain words by topic: what a reader asks, and the sentences that answer.

    Sentences are built by rules from measured numbers; no number stands without its unit. In English only ASCII is
    added to the user's own names, so that every terminal can print them. A topic without a sentence is left out.
    """
    topics = (
        ("Beware", beware(content)),
        ("What is forecast", subject(content)),
        ("How far off", accuracy(content)),
        ("How sure", band(content)),
        ("At its worst", worst(content)),
        ("What weather is worth", weather(content)),
        ("The input", data(content)),
        ("What limits it", limits(content)),
        ("What would help", helps(content)),
    )
    return tuple((t(topic), sentences) for topic, sentences in topics if sentences)


def result_sentences(content: Content) -> tuple[str, ...]:
    """The sentences of ``result_topics`` one after the other."""
    return tuple(sentence for _, sentences in result_topics(content) for sentence in sentences)
