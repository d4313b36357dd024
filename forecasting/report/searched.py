"""What the search tried, and what each minute of it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecasting.report.bars import WIDE
from forecasting.report.canvas import Plane, Size, Words, drawing, figure, left_margin, legend_entry, value_axis
from forecasting.report.language import t
from forecasting.report.markup import Attributes, Markup, element
from forecasting.report.svg import Scale, value_ticks
from forecasting.report.wording import number, percent, plural

if TYPE_CHECKING:
    import pandas as pd

    from forecasting.report.content import Content
    from forecasting.report.readings import BoolArray, FloatArray

NARROW = Size(name="narrow", width=380, height=260, per_tick=62)
#: Losses beyond this multiple of the best are drawn at the upper edge.
FAR = 2.0
#: Candidates it takes to make a picture.
FEWEST = 3


def searched_figure(content: Content) -> Markup | None:
    """Loss of every candidate against the time all of them took so far, and the best so far; None for few."""
    tried = _in_order(content.leaderboard)
    if len(tried) < FEWEST:
        return None
    spent = np.cumsum(tried["seconds"].to_numpy(float))
    losses, whole = tried["loss"].to_numpy(float), (tried["status"] == "done").to_numpy(bool)
    best = np.minimum.accumulate(np.where(whole & np.isfinite(losses), losses, np.inf))
    if not np.isfinite(best[-1]):
        return None
    words = _words(spent, best, len(tried))
    legend = [
        legend_entry(t("best so far"), "line forecast", "M1,7H23"),
        legend_entry(t("a candidate"), "dot", "M8,7h8"),
        *([] if whole.all() else [legend_entry(t("given up early"), "dot pruned", "M8,7h8")]),
    ]
    tips = tuple(
        "\n".join(
            [
                str(row["forecaster"]),
                t("loss {loss} times", loss=number(float(row["loss"]))),
                t("{seconds} s, {spent} s in all", seconds=number(float(row["seconds"])), spent=number(total)),
            ]
        )
        for row, total in zip(tried.to_dict("records"), spent.tolist(), strict=True)
    )
    plots = (_plot(spent, losses, whole, best, words, size) for size in (WIDE, NARROW))
    return figure(words, legend=legend, plots=plots, tips=tips)


def _in_order(board: pd.DataFrame) -> pd.DataFrame:
    """Candidates with a loss as they were tried: their names end in their number."""
    if board.empty:
        return board
    numbers = board["forecaster"].astype(str).str.extract(r" (\d+)$")[0]
    tried = board.assign(number=numbers.astype(float))
    together = tried["forecaster"].astype(str).str.startswith("combination of ")
    keep = tried["number"].notna() & tried["loss"].notna() & ~together
    return tried[keep].sort_values("number", ignore_index=True)


def _words(spent: FloatArray, best: FloatArray, count: int) -> Words:
    first, last = float(best[np.isfinite(best)][0]), float(best[-1])
    reached = int(np.argmax(best <= last * 1.01))
    said = {
        "count": plural(count, "candidate"),
        "seconds": number(float(spent[-1])),
        "last": number(last),
        "reached": number(float(spent[reached])),
    }
    first_was_best = t(
        "{count} in {seconds} s of computing: the best, at {last} times the loss of repeating a season, was found "
        "after {reached} s.",
        **said,
    )
    came_down = t(
        "{count} in {seconds} s of computing: the best came down from {first} to {last} times the loss of repeating "
        "a season; after {reached} s it was within {near} of that.",
        first=number(first),
        near=percent(0.01, decimals=0),
        **said,
    )
    gain = first_was_best if first <= last * 1.01 else came_down
    return Words(
        key="searched",
        heading=t("What the time brought."),
        caption=gain,
        summary=gain,
        unit=t("times the loss of repeating a season"),
        across=t("seconds of computing"),
    )


def _plot(
    spent: FloatArray, losses: FloatArray, whole: BoolArray, best: FloatArray, words: Words, size: Size
) -> Markup:
    edge = FAR * float(best[-1])
    low = float(min(best[-1], np.nanmin(losses)))
    ticks = value_ticks(low, float(min(edge, np.nanmax(losses))), about=4)
    plane = Plane(
        size=size,
        x=Scale(low=0, high=float(spent[-1]), start=left_margin(ticks), end=size.width - 20),
        y=Scale(low=ticks.values[0], high=ticks.values[-1], start=size.height - 46, end=34),
        ticks=ticks,
    )
    x, y = plane.x(spent), np.maximum(plane.y(losses), plane.y.end)
    dots = [
        element("circle", {"class": "point" if done else "point pruned", "cx": a, "cy": b, "r": 3.5})
        for a, b, done in zip(x.tolist(), y.tolist(), whole.tolist(), strict=True)
    ]
    known = np.isfinite(best)
    steps, level = "", 0.0
    for a, b in zip(x[known].tolist(), np.maximum(plane.y(best[known]), plane.y.end).tolist(), strict=True):
        steps += f"H{a:.1f}V{b:.1f}" if steps else f"M{a:.1f},{b:.1f}"
        level = b
    parts = [
        value_axis(words.unit, plane),
        _seconds_axis(words.across, plane),
        element("path", {"class": "line forecast", "d": f"{steps}H{plane.x.end:.1f}" if level else steps}),
        *dots,
    ]
    return drawing(words, plane, parts, x)


def _seconds_axis(across: str, plane: Plane) -> Markup:
    ticks = value_ticks(plane.x.low, plane.x.high, about=6 if plane.size.name == "wide" else 3, from_zero=True)
    foot = plane.y.start
    parts = [
        element("text", {"x": plane.x.at(value), "y": foot + 19, "text-anchor": "middle"}, label)
        for value, label in zip(ticks.values, ticks.labels, strict=True)
        if value <= plane.x.high
    ]
    middle: Attributes = {"x": (plane.x.start + plane.x.end) / 2, "y": foot + 39, "text-anchor": "middle"}
    return element("g", {"class": "axis"}, *parts, element("text", middle, ticks.factor + across))
