"""Events of the user's own from a CSV file: a fair, a strike, a maintenance, by local dates.

```
event,start,end,known_from
trade fair,2025-03-04,2025-03-07,2025-01-15
strike,2025-03-20,2025-03-20,
```

An event without ``known_from`` is taken as known seven days before it starts, and that is said.
"""

from __future__ import annotations

import re
from csv import DictReader
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.events import Event, event_columns
from connectors.errors import DataError, MissingColumnsError, UnreadableFileError
from features.calendar import local_stamps

if TYPE_CHECKING:
    from backtests.view import View

COLUMNS = ("event", "start", "end")
#: Days before its start from which an event is known when nothing is said.
NOTICE = pd.Timedelta(days=7)
#: Events named when it is said what was taken as known.
MOST_SAID = 3


@dataclass(frozen=True, kw_only=True)
class Dated:
    """An event by local dates.

    Attributes:
        name: What it is called.
        start: Its first day.
        end: Its last day.
        known_from: The day from which it was known.
        assumed: Whether that day was not given.
    """

    name: str
    start: pd.Timestamp
    end: pd.Timestamp
    known_from: pd.Timestamp
    assumed: bool = False


def read_events(path: str | Path) -> tuple[Dated, ...]:
    """Read events from a CSV file.

    Raises:
        UnreadableFileError: If it cannot be read.
        MissingColumnsError: If a column is missing.
        DataError: If a date is none, or an event ends before it starts.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
        separator = ";" if ";" in lines[0] else ","
        rows = [{name.strip(): cell for name, cell in row.items()} for row in DictReader(lines, delimiter=separator)]
    except (OSError, ValueError, IndexError, AttributeError) as error:
        raise UnreadableFileError(
            f"The events in {str(path)!r} cannot be read: {error}.", fix="Give a CSV file with --events."
        ) from error
    there = list(rows[0]) if rows else list(COLUMNS)
    missing = [name for name in COLUMNS if name not in there]
    if missing:
        raise MissingColumnsError(
            f"The events in {str(path)!r} have no column {', '.join(missing)}.",
            expected="The columns are event, start, end and, if you like, known_from.",
            fix=f"It has {', '.join(there)}.",
        )
    return tuple(_dated(number, row) for number, row in enumerate(rows, start=2))


def with_events(view: View, events: tuple[Dated, ...]) -> View:
    """A view with a known covariate for each name among some events.

    Raises:
        DataError: If a column of that name is there already.
    """
    if not events:
        return view
    dates = local_stamps(view.grid, view.task).normalize()
    zone = view.task.time_zone
    placed = tuple(
        Event(
            name=column_name(event.name),
            first=int(dates.searchsorted(event.start)),
            end=int(dates.searchsorted(event.end, side="right")),
            known_from=int(event.known_from.tz_localize(zone).tz_convert("UTC").as_unit("ns").value),
        )
        for event in events
    )
    columns = event_columns(placed, len(view.grid), len(view.items), None)
    twice = sorted(set(columns) & {*view.known, *view.past, *view.weather})
    if twice:
        raise DataError(f"The event {twice[0]!r} has the name of a column.", fix="Give it another name.")
    names = (*view.task.known_covariates, *columns)
    task = replace(view.task, known_covariates=names)
    return replace(view, known={**view.known, **columns}, events=placed, task=task)


def as_fitted(newer: View, fitted: View) -> View:
    """A view on newer readings with the events a model was fitted on: a new kind of them was never learnt."""
    if not newer.events and not fitted.events:
        return newer
    names = {event.name for event in fitted.events}
    none = np.zeros((len(newer.items), len(newer.grid)))
    known = {name: newer.known.get(name, none) for name in fitted.known}
    return replace(newer, known=known, events=tuple(event for event in newer.events if event.name in names))


def said(events: tuple[Dated, ...]) -> tuple[str, ...]:
    """From when events are taken as known of which nothing was said."""
    assumed = [event for event in events if event.assumed]
    if not assumed:
        return ()
    some = ", ".join(
        f"{event.name} of {event.start.date()} from {event.known_from.date()}" for event in assumed[:MOST_SAID]
    )
    more = f" and {len(assumed) - MOST_SAID} more" if len(assumed) > MOST_SAID else ""
    return (f"events are known seven days ahead: {some}{more} (column known_from)",)


def column_name(event: str) -> str:
    """Name of the column of an event: letters, digits and underscores.

    Example:
        >>> column_name("Trade fair (hall 3)")
        'event_trade_fair_hall_3'
    """
    return "event_" + re.sub(r"\W+", "_", event.casefold()).strip("_")


def _dated(number: int, row: dict[str, str | None]) -> Dated:
    start, end = (_date(number, name, row[name] or "") for name in ("start", "end"))
    given, name = (row.get("known_from") or "").strip(), (row["event"] or "").strip()
    if end < start or not name:
        raise DataError(
            f"The event in line {number} is {name!r} from {row['start']} to {row['end']}.",
            expected="An event has a name, and does not end before it starts.",
            fix="Correct the line.",
        )
    known_from = _date(number, "known_from", given) if given else start - NOTICE
    return Dated(name=name, start=start, end=end, known_from=known_from, assumed=not given)


def _date(number: int, name: str, words: str) -> pd.Timestamp:
    try:
        return pd.to_datetime(words.strip(), format="%Y-%m-%d")
    except ValueError:
        raise DataError(
            f"{name} in line {number} of the events is {words!r}.",
            expected="A local date such as 2025-03-04.",
            fix="Write the year first.",
        ) from None
