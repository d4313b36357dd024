"""Where the windows lie: what was learnt from, what chose the members, what judged, what is forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.report.canvas import CHARACTER, Plane, Size, Words, drawing, figure, legend_entry
from forecasting.report.language import t
from forecasting.report.markup import Markup, element
from forecasting.report.readings import clock_of
from forecasting.report.svg import Scale, milliseconds, value_ticks
from forecasting.report.timechart import NARROW, WIDE, time_axis
from forecasting.report.wording import plural

if TYPE_CHECKING:
    from forecasting.report.content import Content

#: Height of a row, of the bar in it, and of what stands around the rows [px].
ROW, BAR, AROUND = 30, 18, 62
#: What each row is called.
ROWS = {"history": "history", "selection": "choose", "final": "judge", "forecast": "forecast"}


def windows_map(content: Content) -> Markup | None:
    """The rows of windows over time, or None where none are known."""
    rows = [row for row in ROWS if any(span.row == row for span in content.windows)]
    if not rows:
        return None
    counts = [sum(span.row == row for span in content.windows) for row in ("selection", "final")]
    words = Words(
        key="windows",
        heading=t("Where the windows lie."),
        caption=t("Each time forecasters were fitted anew they learnt from all that lies to the left."),
        summary=t(
            "{choose} chose the members, {judge} judged the forecast.",
            choose=plural(counts[0], "window"),
            judge=plural(counts[1], "window"),
        ),
        unit="",
    )
    plots = (_plot(content, rows, words, size) for size in (WIDE, NARROW))
    return figure(words, legend=[legend_entry(t("fitted anew"), "fit", "M8,3h8l-4,8z")], plots=plots, tips=())


def _plot(content: Content, rows: list[str], words: Words, canvas: Size) -> Markup:
    size = Size(name=canvas.name, width=canvas.width, height=ROW * len(rows) + AROUND, per_tick=canvas.per_tick)
    ends = pd.DatetimeIndex([end for span in content.windows for end in (span.first, span.last)])
    at = milliseconds(ends)
    left = 14 + CHARACTER * max(len(t(ROWS[row])) for row in rows)
    plane = Plane(
        size=size,
        x=Scale(low=float(at.min()), high=float(at.max()), start=left, end=size.width - 14),
        y=Scale(low=0.0, high=float(len(rows)), start=size.height - 46.0, end=size.height - 46.0 - ROW * len(rows)),
        ticks=value_ticks(0.0, 1.0),
    )
    parts = [time_axis(clock_of(content), plane)]
    for index, row in enumerate(rows):
        top = plane.y.end + ROW * index + (ROW - BAR) / 2
        parts.append(element("text", {"x": left - 8, "y": top + 13, "text-anchor": "end"}, t(ROWS[row])))
        spans = [span for span in content.windows if span.row == row]
        bars = milliseconds(pd.DatetimeIndex([end for span in spans for end in (span.first, span.last)]))
        starts, stops = plane.x(bars[::2]), plane.x(bars[1::2])
        stops = np.maximum(stops - 0.6, starts + 1.2)
        boxes = "".join(f"M{a:.1f},{top:.1f}H{b:.1f}v{BAR}H{a:.1f}Z" for a, b in zip(starts, stops, strict=True))
        fits = "".join(
            f"M{a - 4:.1f},{top - 7:.1f}h8l-4,7z" for a, span in zip(starts, spans, strict=True) if span.fitted
        )
        parts.append(element("path", {"class": f"window {row}", "d": boxes}))
        parts.append(element("path", {"class": "fit", "d": fits}) if fits else Markup(""))
    return drawing(words, plane, parts, None)
