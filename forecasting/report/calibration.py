"""Whether the quantiles hold what they say: nominal levels against the shares that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.frame import quantile_columns, quantile_level
from forecasting.report.canvas import Plane, Size, Words, drawing, figure, legend_entry, value_axis
from forecasting.report.language import spelt, t
from forecasting.report.markup import Attributes, Markup, element
from forecasting.report.svg import Scale, Ticks
from forecasting.report.wording import percent, plural

if TYPE_CHECKING:
    import pandas as pd

    from backtests.view import FloatArray

WIDE = Size(name="wide", width=960, height=380, per_tick=76)
NARROW = Size(name="narrow", width=380, height=340, per_tick=62)
#: Width of the square plane [px].
SIDE = {"wide": 310.0, "narrow": 270.0}


def calibration_figure(errors: pd.DataFrame) -> Markup | None:
    """Share of readings at or below each quantile, over all items, against its level; None without quantiles.

    Args:
        errors: ``window_errors`` of a report.
    """
    if errors.empty:
        return None
    known = errors[errors["actual"].notna()]
    names = quantile_columns(known.columns)
    levels = np.array([quantile_level(name) or 0.0 for name in names])
    if known.empty or len(names) < 2:
        return None
    shares = np.array([float((known["actual"] <= known[name]).mean()) for name in names])
    words = _words(levels, shares, len(known))
    tips = tuple(
        t("{level} of readings should be below: {share} were", level=_per(level), share=percent(share))
        for level, share in zip(levels.tolist(), shares.tolist(), strict=True)
    )
    return figure(
        words,
        legend=[
            legend_entry(t("as it should be"), "mean", "M1,7H23"),
            legend_entry(t("as it was"), "dot", "M8,7h8"),
        ],
        plots=(_plot(levels, shares, words, size) for size in (WIDE, NARROW)),
        tips=tips,
    )


def _per(level: float) -> str:
    return spelt(f"{100 * level:g} %")


def _words(levels: FloatArray, shares: FloatArray, count: int) -> Words:
    worst = int(np.argmax(np.abs(levels - shares)))
    return Words(
        key="calibration",
        heading=t("Whether the bands hold what they say."),
        caption=t("Above the line: more readings came below that quantile than it says."),
        summary=t(
            "Over {readings}, furthest off at the {level} quantile: {share} came below it.",
            readings=plural(count, "reading"),
            level=_per(float(levels[worst])),
            share=percent(float(shares[worst])),
        ),
        unit=t("share of readings below"),
        across=t("level of the quantile"),
    )


def _plot(levels: FloatArray, shares: FloatArray, words: Words, size: Size) -> Markup:
    marks = (0.0, 0.25, 0.5, 0.75, 1.0)
    ticks = Ticks(values=marks, labels=tuple(_per(mark) for mark in marks), factor="")
    side, left = SIDE[size.name], 62.0
    plane = Plane(
        size=size,
        x=Scale(low=0, high=1, start=left, end=left + side),
        y=Scale(low=0, high=1, start=size.height - 46, end=30),
        ticks=ticks,
    )
    x, y = plane.x(levels), plane.y(shares)
    foot = plane.y.start
    labels = [
        element("text", {"x": plane.x.at(mark), "y": foot + 19, "text-anchor": "middle"}, _per(mark))
        for mark in marks
    ]
    across: Attributes = {"x": left + side / 2, "y": foot + 39, "text-anchor": "middle"}
    diagonal = f"M{plane.x.at(0):.1f},{plane.y.at(0):.1f}L{plane.x.at(1):.1f},{plane.y.at(1):.1f}"
    line = "".join(f"{'L' if i else 'M'}{a:.1f},{b:.1f}" for i, (a, b) in enumerate(zip(x, y, strict=True)))
    parts = [
        value_axis(words.unit, plane),
        element("g", {"class": "axis"}, *labels, element("text", across, words.across)),
        element("path", {"class": "mean", "d": diagonal}),
        element("path", {"class": "line forecast", "d": line}),
        *(element("circle", {"class": "point", "cx": a, "cy": b, "r": 4.5}) for a, b in zip(x, y, strict=True)),
    ]
    return drawing(words, plane, parts, x)
