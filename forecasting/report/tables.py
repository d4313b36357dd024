"""The tables of the page: leaderboard, measures, forecast values, readings left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting.forecasters import FORECASTERS
from forecasting.report.bars import skill_bar
from forecasting.report.language import t
from forecasting.report.markup import Markup, element, join
from forecasting.report.readings import clock_of
from forecasting.report.retold import retold_kind
from forecasting.report.sentences import TIE
from forecasting.report.views import band_name, intervals
from forecasting.report.wording import count, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecasting.report.content import Content
    from forecasting.report.views import ItemView

#: Most rows of forecast values; the rest is in the file.
MOST_ROWS = 200
#: Most forecasters listed that came to a result, and most that failed.
MOST_LISTED = 20
#: What a status means; one that is not here is shown as it is.
_STATUS = {
    "": "",
    "ok": "",
    "done": "",
    "pruned": "given up early, clearly worse",
    "stopped": "out of time",
    "failed": "failed",
}


def table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Sequence[int] = ()
) -> Markup:
    """A table that scrolls sideways on its own.

    Args:
        caption: What stands in it; not optional.
        head: Names of the columns.
        rows: Cells; the first of each row names it. A cell that is a whole ``<td>`` is taken as it is.
        numeric: The columns of numbers.
    """
    heads = (element("th", {"scope": "col", **_look(index, numeric)}, name) for index, name in enumerate(head))
    body = (
        element(
            "tr",
            {},
            element("th", {"scope": "row"}, row[0]),
            *(_cell(cell, _look(index, numeric)) for index, cell in enumerate(row[1:], start=1)),
        )
        for row in rows
    )
    return element(
        "div",
        {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption},
        element(
            "table",
            {},
            element("caption", {}, element("span", {}, caption)),
            element("thead", {}, element("tr", {}, *heads)),
            element("tbody", {}, *body),
        ),
    )


def _look(column: int, numeric: Sequence[int]) -> dict[str, str]:
    return {"class": "num"} if column in numeric else {}


def _cell(cell: str, look: dict[str, str]) -> Markup:
    if isinstance(cell, Markup) and cell.startswith("<td"):
        return cell
    return element("td", look, cell)


def leaderboard_table(content: Content) -> Markup:
    """What was tried: the best forecasters with loss, skill and time, and those that failed."""
    board = content.leaderboard
    came = board["loss"].notna()
    shown = pd.concat([board[came].head(MOST_LISTED), board[~came].head(MOST_LISTED)])
    skills = shown["skill"].to_numpy(float)
    best = float(skills[np.isfinite(skills)].max(initial=0.0))
    # The bars show the good ones apart; whatever is far worse ends in an arrowhead.
    limit = min(1.0, max(0.2, 1.25 * best))
    rows = [_leaderboard_row(row, limit) for row in shown.to_dict("records")]
    more = count(len(board) - len(shown))
    rest = t(" {more} more are not listed.", more=more) if len(board) > len(shown) else ""
    caption = t(
        "Compared on earlier windows, which chose the members and so flatter them: the scores to believe are "
        "those above. Loss is the error in units of the seasonal naive forecast's; smaller is better. "
        "The thin line is the 95 % interval of the difference."
    )
    head = tuple(map(t, ("Forecaster", "Against copying the past", "Loss", "Time", "Note")))
    # The note is the last cell: without any there is no such column.
    keep = slice(None) if any(row[-1] for row in rows) else slice(-1)
    return table(caption + rest, head[keep], [row[keep] for row in rows], numeric=(2, 3))


def names_table(content: Content) -> list[Markup]:
    """What the forecasters on the leaderboard do, in plain words; none where none of them says it."""
    kinds = dict.fromkeys(str(name).rsplit(" ", 1)[0] for name in content.leaderboard["forecaster"])
    rows = [(name, t(kind.plain)) for name, kind in FORECASTERS.items() if name in kinds and kind.plain]
    return [table(t("What the names stand for."), (t("Forecaster"), t("What it does")), rows)] if rows else []


def _leaderboard_row(row: dict[Any, Any], limit: float) -> tuple[str, ...]:
    name, note = join([_called(str(row["forecaster"]))]), _note(row)
    if pd.isna(row["loss"]):
        return name, element("td", {"colspan": "2", "class": "failed"}, note or t("no result")), _seconds(row), ""
    if row["member"]:
        name = join([name, " ", element("span", {"class": "badge"}, t("in the forecast"))])
    skill = float(row["skill"])
    ends = float(row.get("skill_low", math.nan)), float(row.get("skill_high", math.nan))
    bar = [skill_bar(skill, limit, ends)] if math.isfinite(skill) else []
    compared = element("td", {"class": "skillcell"}, *bar, skill_words(skill))
    return name, compared, _times(float(row["loss"])), _seconds(row), note


def _called(name: str) -> str:
    """What is tried is called by its name; only the combination is a word."""
    start = "combination of "
    return t("combination of {number}", number=name.removeprefix(start)) if name.startswith(start) else name


def _seconds(row: dict[Any, Any]) -> str:
    seconds = float(row["seconds"])
    if not math.isfinite(seconds):
        return ""
    return f"{number(seconds)} s" if seconds >= 0.1 else t("under {seconds} s", seconds=number(0.1, decimals=1))


def _note(row: dict[Any, Any]) -> str:
    status, failure = ("" if pd.isna(row[name]) else str(row[name]) for name in ("status", "failure"))
    return ": ".join(part for part in (t(_STATUS.get(status, status)), failure) if part)


def skill_words(skill: float) -> str:
    """Skill in words: "38 % less error", "as good", "12 % more error"."""
    if not math.isfinite(skill):
        return t("not compared")
    if abs(skill) < TIE:
        return t("as good")
    change = percent(abs(skill), decimals=0)
    return t("{change} less error", change=change) if skill > 0 else t("{change} more error", change=change)


def _times(ratio: float) -> str:
    return t("{ratio} times", ratio=number(ratio)) if math.isfinite(ratio) else t("n/a")


def forecast_table(view: ItemView) -> Markup:
    """The forecast as numbers, up to ``MOST_ROWS`` rows."""
    shown = view.forecast.head(MOST_ROWS)
    bands = intervals(shown)
    times = view.clock.labels(pd.DatetimeIndex(shown["timestamp"]), year=True)
    means = [number(value) for value in shown["mean"]]
    columns = [
        [
            t("{low} to {high}", low=number(low), high=number(high))
            for low, high in zip(shown[lower], shown[upper], strict=True)
        ]
        for _, lower, upper in bands
    ]
    rest = len(view.forecast) - len(shown)
    more = _first_rows(len(shown), len(view.forecast)) if rest else ""
    zone = "" if view.clock.step.calendar else t(", times in {zone}", zone=view.clock.zone)
    named = (f"{band_name(share)} [{view.unit}]" for share, *_ in bands)
    head = (t("Time"), t("Forecast [{unit}]", unit=view.unit), *named)
    rows = list(zip(times, means, *columns, strict=True))
    caption = t("Forecast of {name}{zone}.", name=view.name, zone=zone)
    return table(caption + more, head, rows, numeric=range(1, len(head)))


def _first_rows(some: int, of: int) -> str:
    return t(" The first {some} of {of} rows.", some=count(some), of=count(of))


def faults_table(content: Content) -> Markup | None:
    """Readings left out by item and kind, or None when there are none."""
    if content.faulty.empty:
        return None
    clock = clock_of(content)
    grouped = content.faulty.groupby(["item_id", "kind"], sort=False)["timestamp"].agg(["size", "min", "max"])
    rows = [
        (
            str(item),
            count(int(size)),
            clock.moment(first),
            clock.moment(last),
            retold_kind(str(kind).replace("_", " ")),
        )
        for (item, kind), size, first, last in grouped.head(MOST_ROWS).itertuples()
    ]
    more = _first_rows(len(rows), len(grouped)) if len(grouped) > len(rows) else ""
    head = tuple(map(t, ("Item", "Readings", "First", "Last", "Kind")))
    # where nothing is told of the kind, the sentences above tell it
    keep = slice(None) if set(content.faulty["kind"]) != {"faulty"} else slice(-1)
    return table(t("Readings left out as faulty.") + more, head[keep], [row[keep] for row in rows], numeric=(1,))
