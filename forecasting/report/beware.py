"""What is to be said before all else: readings that are old, and sites that are off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecasting.report.language import t
from forecasting.report.readings import clock_of, item_names, sound_history
from forecasting.report.wording import plural, step_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from forecasting.report.content import Content

#: Items whose last readings are missing or unsound that are named one by one.
MOST_ALERTS = 5


def beware(content: Content) -> tuple[str, ...]:
    """That the forecast starts from old readings, or while a site is off, and of which items; else nothing."""
    off = _first(list(content.off), lambda item: _off(content, item))
    if not content.alerts:
        return off
    old = t("This forecast starts from old readings and is flagged stale_input.")
    return (old, *_first(content.stale, lambda item: _stopped(content, item)), *off)


def _first(items: Sequence[str], say: Callable[[str], str]) -> tuple[str, ...]:
    """A sentence of each of the first items, and how many more there are."""
    rest = len(items) - MOST_ALERTS
    more = (t("So it is for {items} more.", items=plural(rest, "item")),) if rest > 0 else ()
    return (*map(say, items[:MOST_ALERTS]), *more)


def _off(content: Content, item: str) -> str:
    """Since when an item is off, and how much longer it is taken to be."""
    since, more = content.off[item]
    alone = len(item_names(content)) == 1
    return t(
        "{name} has been off since {time}. The forecast allows for both: that it stays off, as likely as not for "
        "{span} or more, and that it is back before.",
        name=content.target if alone else item,
        time=clock_of(content).moment(since),
        span=step_of(content.freq).span(more),
    )


def _stopped(content: Content, item: str) -> str:
    """Since when an item has no sound reading."""
    table = sound_history(content)
    sound = table[table["item_id"] == item].dropna(subset=["target"])["timestamp"]
    of = "" if len(item_names(content)) == 1 else t(" of {item}", item=item)
    if sound.empty:
        return t("No reading{of} is sound.", of=of)
    after = int((table.loc[table["item_id"] == item, "timestamp"] > sound.max()).sum())
    span = step_of(content.freq).span(after)
    time = clock_of(content).moment(sound.max())
    return t("The last sound reading{of} is of {time}; {span} after it hold none.", of=of, time=time, span=span)
