"""A chart over time: bands, lines, marks and upright rules, drawn once for wide pages and once for phones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecasting.report.canvas import Plane, Size, drawing, figure, left_margin, legend_entry, value_axis
from forecasting.report.language import t
from forecasting.report.markup import Markup, element
from forecasting.report.svg import Scale, area_path, line_path, thin_band, thin_line, time_ticks, value_ticks

if TYPE_CHECKING:
    from forecasting.report.canvas import Words
    from forecasting.report.readings import FloatArray
    from forecasting.report.svg import Ticks
    from forecasting.report.wording import Clock

#: Room for the larger unit under a time tick [px].
UNDER = 112
#: Least width of a shaded stretch [px].
THINNEST = 3.0
WIDE = Size(name="wide", width=960, height=340, per_tick=76)
NARROW = Size(name="narrow", width=380, height=290, per_tick=62)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Values over time. ``x`` [ms since 1970] and ``values`` [unit of the target]: ``[T]``."""

    name: str
    style: str
    x: FloatArray
    values: FloatArray


@dataclass(frozen=True, kw_only=True)
class Band:
    """An interval over time. ``x`` [ms since 1970], ``lower`` and ``upper`` [unit of the target]: ``[T]``."""

    name: str
    x: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of time to be seen, from ``first`` to ``last`` [ms since 1970]; spans of one name look alike."""

    name: str
    style: str
    first: float
    last: float


@dataclass(frozen=True, kw_only=True)
class Tips:
    """What is said when one points at a time. ``x`` [ms since 1970]: ``[P]``; one text for each."""

    x: FloatArray
    texts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TimeChart:
    """A chart over time, before it has a size.

    Attributes:
        words: What it says of itself.
        clock: The wall clock of the time axis.
        bands: From the widest to the narrowest.
        lines: Drawn in this order.
        marks: Readings left out; they do not stretch the axis, those beyond it are drawn at its edge.
        spans: Stretches of time, shaded behind all else.
        rules: Times of upright lines [ms since 1970].
        rule_label: Words at the first rule.
        tips: What is said when one points at a time.
    """

    words: Words
    clock: Clock
    bands: tuple[Band, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: Line | None = None
    spans: tuple[Span, ...] = ()
    rules: tuple[float, ...] = ()
    rule_label: str = ""
    tips: Tips | None = None


def time_figure(chart: TimeChart) -> Markup:
    """A figure with its caption, legend and the drawing in both sizes."""
    return figure(
        chart.words,
        legend=_legend(chart),
        plots=(_plot(chart, size) for size in (WIDE, NARROW)),
        tips=chart.tips.texts if chart.tips else (),
    )


def _plot(chart: TimeChart, size: Size) -> Markup:
    plane = _plane(chart, size)
    parts = (
        *_spans(chart.spans, plane),
        value_axis(chart.words.unit, plane),
        time_axis(chart.clock, plane),
        *(_band(band, plane) for band in chart.bands),
        *(_line(line, plane) for line in chart.lines),
        *_marks(chart.marks, plane),
        *_rules(chart, plane),
    )
    return drawing(chart.words, plane, parts, plane.x(chart.tips.x) if chart.tips else None)


def _plane(chart: TimeChart, size: Size) -> Plane:
    ticks = _value_ticks(chart)
    first, last = _range([*(line.x for line in chart.lines), *(band.x for band in chart.bands)])
    if first == last:
        first, last = first - 1, last + 1
    return Plane(
        size=size,
        x=Scale(low=first, high=last, start=left_margin(ticks), end=size.width - 14),
        y=Scale(low=ticks.values[0], high=ticks.values[-1], start=size.height - 46, end=34),
        ticks=ticks,
    )


def _value_ticks(chart: TimeChart) -> Ticks:
    edges = [edge for band in chart.bands for edge in (band.lower, band.upper)]
    return value_ticks(*_range([*(line.values for line in chart.lines), *edges]))


def _range(arrays: list[FloatArray]) -> tuple[float, float]:
    values = np.concatenate(arrays) if arrays else np.zeros(0)
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


def time_axis(clock: Clock, plane: Plane) -> Markup:
    """The axis of time: ticks with their labels, and the larger unit under the first of each."""
    scale, foot = plane.x, plane.y.start
    ticks = time_ticks(scale.low, scale.high, clock, most=int((scale.end - scale.start) / plane.size.per_tick))
    parts = []
    free = np.inf
    # From the right, so that of two larger units without room for both the one that begins there is said.
    for tick in reversed(ticks):
        x = scale.at(tick.at)
        anchor = "end" if x > scale.end - 16 else "start" if x < scale.start + 4 else "middle"
        parts.append(element("path", {"class": "tick", "d": f"M{x:.1f},{foot:.1f}v5"}))
        parts.append(element("text", {"x": x, "y": foot + 19, "text-anchor": anchor}, tick.label))
        if tick.under and x + UNDER <= free:
            free = x
            under = "end" if x > scale.end - UNDER / 2.4 else "start" if x < scale.start + UNDER / 2.4 else "middle"
            parts.append(element("text", {"x": x, "y": foot + 36, "text-anchor": under}, tick.under))
    return element("g", {"class": "axis"}, *parts)


def _spans(spans: tuple[Span, ...], plane: Plane) -> list[Markup]:
    """Stretches of time over the whole height; each is wide enough to be seen, and inside the axes."""
    low, high = plane.x.start, plane.x.end
    paths: dict[str, list[str]] = {}
    for span in spans:
        left, right = (min(max(plane.x.at(at), low), high) for at in (span.first, span.last))
        wide = right - left >= THINNEST
        left, right = (left, right) if wide else (left - THINNEST / 2, left + THINNEST / 2)
        box = f"M{left:.1f},{plane.y.end:.1f}H{right:.1f}V{plane.y.start:.1f}H{left:.1f}Z"
        paths.setdefault(span.style, []).append(box)
    return [element("path", {"class": f"span {style}", "d": "".join(parts)}) for style, parts in paths.items()]


def _band(band: Band, plane: Plane) -> Markup:
    x, lower, upper = thin_band(band.x, band.lower, band.upper, int(plane.size.width))
    return element("path", {"class": "band", "d": area_path(plane.x(x), plane.y(lower), plane.y(upper))})


def _line(line: Line, plane: Plane) -> Markup:
    x, values = thin_line(line.x, line.values, int(2 * plane.size.width))
    return element("path", {"class": f"line {line.style}", "d": line_path(plane.x(x), plane.y(values))})


def _marks(marks: Line | None, plane: Plane) -> list[Markup]:
    """Crosses where readings were left out, arrowheads where they lie beyond the axis."""
    if marks is None or not len(marks.x):
        return []
    x, values = plane.x(marks.x), marks.values
    # Crosses on top of each other are one blot: one for every 5 px will do.
    keep = np.unique(np.floor(x / 5), return_index=True)[1]
    parts = []
    for across, value in zip(x[keep].tolist(), values[keep].tolist(), strict=True):
        if value > plane.y.high:
            parts.append(f"M{across - 4:.1f},{plane.y.end + 3:.1f}l4,-8l4,8z")
        elif value < plane.y.low:
            parts.append(f"M{across - 4:.1f},{plane.y.start - 3:.1f}l4,8l4,-8z")
        else:
            parts.append(f"M{across - 3:.1f},{plane.y.at(value) - 3:.1f}l6,6m0,-6l-6,6")
    return [element("path", {"class": "mark", "d": "".join(parts)})]


def _rules(chart: TimeChart, plane: Plane) -> list[Markup]:
    parts = [
        element("path", {"class": "rule", "d": f"M{plane.x.at(at):.1f},{plane.y.end - 8:.1f}V{plane.y.start:.1f}"})
        for at in chart.rules
    ]
    if chart.rules and chart.rule_label:
        x = plane.x.at(chart.rules[0])
        left = x > plane.size.width / 2
        place = {
            "x": x + (-6 if left else 6),
            "y": plane.y.end - 14,
            "text-anchor": "end" if left else "start",
        }
        parts.append(element("text", {"class": "note", **place}, chart.rule_label))
    return parts


def _legend(chart: TimeChart) -> list[Markup]:
    entries = [legend_entry(line.name, f"line {line.style}", "M1,7H23") for line in chart.lines if line.name]
    if chart.marks is not None and len(chart.marks.x):
        ends = _value_ticks(chart).values
        beyond = (chart.marks.values < ends[0]) | (chart.marks.values > ends[-1])
        arrow = t(" (arrowhead: beyond the axis)") if beyond.any() else ""
        entries.append(legend_entry(chart.marks.name + arrow, "mark", "M9,4l6,6m0,-6l-6,6"))
    for name, style in {span.name: span.style for span in chart.spans}.items():
        entries.append(legend_entry(name, f"span {style}", "M1,1H23V13H1Z"))
    for depth, band in enumerate(chart.bands, start=1):
        # A narrow band lies on the wider ones: its colour is theirs on top of each other.
        entries.append(legend_entry(band.name, "band", "M1,1H23V13H1Z", layers=depth))
    return entries
