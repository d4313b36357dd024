"""The tables of the page: leaderboard, measures, forecast values, readings left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forecasting.report.bars import skill_bar
from forecasting.report.markup import Markup, element, join
from forecasting.report.readings import clock_of
from forecasting.report.sentences import TIE, amount
from forecasting.report.views import band_name, intervals
from forecasting.report.wording import count, number, percent, step_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecasting.report.content import Content, HoldOut
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
    rest = f" {count(len(board) - len(shown))} more are not listed." if len(board) > len(shown) else ""
    caption = (
        "Compared on earlier windows, which chose the members and so flatter them: the scores to believe are "
        f"those above. Loss is the error in units of the seasonal naive forecast's; smaller is better.{rest}"
    )
    head = ("Forecaster", "Against copying the past", "Loss", "Time", "Note")
    # The note is the last cell: without any there is no such column.
    keep = slice(None) if any(row[-1] for row in rows) else slice(-1)
    return table(caption, head[keep], [row[keep] for row in rows], numeric=(2, 3))


def _leaderboard_row(row: dict[Any, Any], limit: float) -> tuple[str, ...]:
    name, note = join([str(row["forecaster"])]), _note(row)
    if pd.isna(row["loss"]):
        return name, element("td", {"colspan": "2", "class": "failed"}, note or "no result"), _seconds(row), ""
    if row["member"]:
        name = join([name, " ", element("span", {"class": "badge"}, "in the forecast")])
    skill = float(row["skill"])
    bar = [skill_bar(skill, limit)] if math.isfinite(skill) else []
    compared = element("td", {"class": "skillcell"}, *bar, skill_words(skill))
    return name, compared, f"{number(float(row['loss']))} times", _seconds(row), note


def _seconds(row: dict[Any, Any]) -> str:
    seconds = float(row["seconds"])
    if not math.isfinite(seconds):
        return ""
    return f"{number(seconds)} s" if seconds >= 0.1 else "under 0.1 s"


def _note(row: dict[Any, Any]) -> str:
    status, failure = ("" if pd.isna(row[name]) else str(row[name]) for name in ("status", "failure"))
    return ": ".join(part for part in (_STATUS.get(status, status), failure) if part)


def skill_words(skill: float) -> str:
    """Skill in words: "38 % less error", "as good", "12 % more error"."""
    if not math.isfinite(skill):
        return "not compared"
    if abs(skill) < TIE:
        return "as good"
    return f"{percent(abs(skill), decimals=0)} {'less' if skill > 0 else 'more'} error"


def measures_table(content: Content, hold_out: HoldOut) -> Markup:
    """Every measure of the final windows with a line on what it means."""
    naive = f"{amount(content, hold_out.naive_mae)} for {hold_out.naive_name}"
    checked = step_of(content.freq).count(hold_out.hours)
    rows: list[tuple[str, str, str]] = [
        (
            "Mean absolute error",
            amount(content, hold_out.mae),
            f"How far off a forecast is on average. {naive}.",
        ),
        *_share("WAPE", hold_out.wape, "The mean absolute error as a share of the mean reading."),
        (
            "MASE",
            _times(hold_out.mase),
            "The error over that of repeating the last season: below 1 is better than that.",
        ),
        ("RMSSE", _times(hold_out.rmsse), "The same, but large misses count more."),
        (
            "Bias",
            amount(content, hold_out.bias),
            "Forecast minus reading, on average: above zero is too high.",
        ),
        *_share(
            "Weighted quantile loss",
            hold_out.wql,
            "Judges the bands and the forecast together; smaller is better.",
        ),
        (
            "Coverage of the 80 % band",
            percent(hold_out.coverage),
            f"{count(hold_out.inside)} of {checked} fell inside; 80 % should.",
        ),
    ]
    clock = clock_of(content)
    when = f"{clock.day(hold_out.first)} to {clock.day(hold_out.last)}"
    return table(
        f"All measures of the final windows, {when}.", ("Measure", "Value", "What it means"), rows, numeric=(1,)
    )


def _share(name: str, share: float | None, meaning: str) -> list[tuple[str, str, str]]:
    return [(name, percent(share), meaning)] if share is not None and math.isfinite(share) else []


def _times(ratio: float) -> str:
    return f"{number(ratio)} times" if math.isfinite(ratio) else "n/a"


def forecast_table(view: ItemView) -> Markup:
    """The forecast as numbers, up to ``MOST_ROWS`` rows."""
    shown = view.forecast.head(MOST_ROWS)
    bands = intervals(shown)
    times = view.clock.labels(pd.DatetimeIndex(shown["timestamp"]), year=True)
    means = [number(value) for value in shown["mean"]]
    columns = [
        [f"{number(low)} to {number(high)}" for low, high in zip(shown[lower], shown[upper], strict=True)]
        for _, lower, upper in bands
    ]
    rest = len(view.forecast) - len(shown)
    more = f" The first {count(len(shown))} of {count(len(view.forecast))} rows." if rest else ""
    zone = "" if view.clock.step.calendar else f", times in {view.clock.zone}"
    head = ("Time", f"Forecast [{view.unit}]", *(f"{band_name(share)} [{view.unit}]" for share, *_ in bands))
    rows = list(zip(times, means, *columns, strict=True))
    return table(f"Forecast of {view.name}{zone}.{more}", head, rows, numeric=range(1, len(head)))


def faults_table(content: Content) -> Markup | None:
    """Readings left out by item and kind, or None when there are none."""
    if content.faulty.empty:
        return None
    clock = clock_of(content)
    grouped = content.faulty.groupby(["item_id", "kind"], sort=False)["timestamp"].agg(["size", "min", "max"])
    rows = [
        (str(kind).replace("_", " "), str(item), count(int(size)), clock.moment(first), clock.moment(last))
        for (item, kind), size, first, last in grouped.head(MOST_ROWS).itertuples()
    ]
    more = f" The first {count(len(rows))} of {count(len(grouped))} rows." if len(grouped) > len(rows) else ""
    return table(
        f"Readings left out as faulty.{more}", ("Kind", "Item", "Readings", "First", "Last"), rows, numeric=(2,)
    )
