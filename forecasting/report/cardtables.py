"""The data card and the model card as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecasting.report.language import spelt, t
from forecasting.report.markup import Markup, element
from forecasting.report.retold import retold_kind
from forecasting.report.tables import table
from forecasting.report.wording import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecasting.report.content import Content

#: What the entries of the cards are called.
ENTRIES = {
    "source": "Source", "target": "Column forecast", "unit": "Unit", "items": "Items", "first": "First reading",
    "last": "Last reading", "step": "Step", "time_zone": "Time zone", "readings": "Readings", "missing": "Missing",
    "left_out": "Left out as faulty", "found": "Found in the readings", "columns_known_ahead": "Known ahead",
    "columns_of_the_past": "Known up to the last reading", "weather": "Weather", "weather_ahead": "Weather ahead",
    "holidays": "Holidays of", "attribution": "Credits and licences", "fingerprint": "Fingerprint of the data",
    "run_id": "Run", "hourcast": "hourcast", "python": "Python", "packages": "Packages", "horizon": "Steps ahead",
    "seasons": "Seasons", "quantile_levels": "Quantiles", "combination": "Combination", "lower_bound": "Lower bound",
    "seed": "Seed", "trials": "Most candidates", "time_limit_s": "Time limit [s]", "seconds": "Time taken [s]",
    "tried": "Candidates tried", "search_ended_by": "Search ended by", "selection_windows": "Selection windows",
    "final_windows": "Final windows", "scores": "Scores of the final windows",
}  # fmt: skip
#: Values that are words of ours.
WORDS = (
    "median", "half median, half mean by weight", "median by weights of the item",
    "half median by weights of the item, half mean by weight", "trials", "no better ones", "time", "interrupt",
    "climatology", "simulated", "vintage", "previous_runs", "oracle", "none",
)  # fmt: skip
#: Items listed by name at most.
MOST_NAMES = 12


def cards(content: Content) -> list[Markup]:
    """Both cards, folded; none without values."""
    found = []
    for heading, card in ((t("Data card"), content.data_card), (t("Model card"), content.model_card)):
        if card:
            parts = [_values(heading, card), *_members(card)]
            found.append(element("details", {}, element("summary", {}, heading), *parts))
    return found


def _values(heading: str, card: Mapping[str, Any]) -> Markup:
    rows = [(t(ENTRIES[name]), said) for name, value in card.items() if name in ENTRIES and (said := _said(value))]
    return table(f"{heading}.", (t("Entry"), t("Value")), rows)


def _said(value: Any) -> str:
    """A value of a card in one line."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, dict):
        named = ((retold_kind(str(name)), _said(one)) for name, one in value.items())
        return ", ".join(f"{name.replace('_', ' ')} {one}" for name, one in named if one)
    if isinstance(value, list):
        rest = len(value) - MOST_NAMES
        more = f" (+{rest})" if rest > 0 else ""
        return ", ".join(_said(one) for one in value[:MOST_NAMES]) + more
    return spelt(f"{value:.6g}") if isinstance(value, float) else _word(str(value))


def _word(word: str) -> str:
    """Words of ours in the language being spoken; names stay as they are."""
    return t(word) if word in WORDS else word


def _members(card: Mapping[str, Any]) -> list[Markup]:
    members = card.get("members", [])
    if not members:
        return []
    rows = [
        (one["forecaster"], percent(one["weight"], decimals=0), _said(one["settings"]), _said(one["columns"]))
        for one in members
    ]
    head = tuple(map(t, ("Forecaster", "Share of the median", "Settings", "Columns")))
    return [table(t("The members, and how often each is in the middle."), head, rows, numeric=(1,))]
