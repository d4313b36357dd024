"""The load against the temperature: a point a day, and the curve of the model through the days ahead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from forecasting.report.bars import WIDE
from forecasting.report.canvas import Plane, Size, Words, drawing, figure, left_margin, legend_entry, value_axis
from forecasting.report.language import t
from forecasting.report.markup import Attributes, Markup, element
from forecasting.report.svg import Scale, value_ticks
from forecasting.report.why import degrees
from forecasting.report.wording import number, plural, unit_of

if TYPE_CHECKING:
    from forecasting.report.views import ItemView
    from forecasting.responses import Response

#: A curve that rises and falls by less than this share of the range of the past days is flat.
FLAT = 0.01
#: Room on both sides of the points, as a share of their range.
ROOM = 0.02
NARROW = Size(name="narrow", width=380, height=270, per_tick=62)


def response_figure(view: ItemView) -> Markup | None:
    """The response of an item to the temperature, None when it is not known."""
    found = next((one for one in view.content.responses if one.item_id == view.name), None)
    if found is None:
        return None
    known = found.degrees
    unit = degrees(found.name, (float(known.min()), float(known.max()))) or unit_of(None, found.name)
    words = _words(view, found, unit)
    tips = tuple(
        t(
            "days ahead at {degrees} on average\nforecast {value} {unit} on average",
            degrees=f"{number(at)} {unit}",
            value=number(value),
            unit=view.unit,
        )
        for at, value in zip(found.curve_degrees.tolist(), found.curve.tolist(), strict=True)
    )
    legend = [
        legend_entry(t("a day of the past"), "dot day", "M8,7h8"),
        legend_entry(t("what the model would say of the days ahead"), "line forecast", "M1,7H23"),
    ]
    plots = (_plot(view, found, words, size) for size in (WIDE, NARROW))
    return figure(words, legend=legend, plots=plots, tips=tips)


def _words(view: ItemView, found: Response, unit: str) -> Words:
    first, last = float(found.curve[0]), float(found.curve[-1])
    ends = [f"{number(float(found.curve_degrees[at]))} {unit}" for at in (0, -1)]
    return Words(
        key=f"{view.key}-response",
        heading=t("Against the temperature."),
        caption=_caption(found),
        summary=t(
            "{days}; the forecast would be {first} at {cold} and {last} at {warm}.",
            days=plural(len(found.degrees), "day"),
            first=f"{number(first)} {view.unit}",
            last=f"{number(last)} {view.unit}",
            cold=ends[0],
            warm=ends[1],
        ),
        unit=view.unit,
        across=found.name if unit.strip("°") in re.findall(r"\((\w+)\)", found.name) else f"{found.name} [{unit}]",
    )


def _caption(found: Response) -> str:
    """How to read it; a curve that does not move is said to be one."""
    if np.ptp(found.curve) <= FLAT * float(np.ptp(found.readings)):
        return t("Past days are of all seasons and weekdays; the curve is flat: the model makes nothing of it.")
    return t("Past days are of all seasons and weekdays; the curve is of the days ahead, warmer or colder.")


def _plot(view: ItemView, found: Response, words: Words, size: Size) -> Markup:
    values = np.concatenate([found.readings, found.curve])
    ticks = value_ticks(float(values.min()), float(values.max()), about=4)
    low, high = float(found.degrees.min()), float(found.degrees.max())
    low, high = low - ROOM * (high - low), high + ROOM * (high - low)
    across = value_ticks(low, high, about=6 if size is WIDE else 4)
    plane = Plane(
        size=size,
        x=Scale(low=low, high=high if high > low else low + 1, start=left_margin(ticks) + 6, end=size.width - 18),
        y=Scale(low=ticks.values[0], high=ticks.values[-1], start=size.height - 46, end=34),
        ticks=ticks,
    )
    dots = zip(plane.x(found.degrees).tolist(), plane.y(found.readings).tolist(), strict=True)
    curve = zip(plane.x(found.curve_degrees).tolist(), plane.y(found.curve).tolist(), strict=True)
    line = "".join(f"{'L' if index else 'M'}{x:.1f},{y:.1f}" for index, (x, y) in enumerate(curve))
    foot = plane.y.start
    labels = [
        element("text", {"x": plane.x.at(value), "y": foot + 19, "text-anchor": "middle"}, label)
        for value, label in zip(across.values, across.labels, strict=True)
        if low <= value <= high
    ]
    middle: Attributes = {"x": (plane.x.start + plane.x.end) / 2, "y": foot + 39, "text-anchor": "middle"}
    parts = [
        value_axis(view.unit, plane),
        element("g", {"class": "axis"}, *labels, element("text", middle, words.across)),
        element("path", {"class": "day", "d": "".join(f"M{x:.1f},{y:.1f}h0" for x, y in dots)}),
        element("path", {"class": "line forecast", "d": line}),
    ]
    return drawing(words, plane, parts, plane.x(found.curve_degrees))
