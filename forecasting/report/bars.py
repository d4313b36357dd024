"""Bars: the error by hour of day or by step of the horizon, and the small bar of a leaderboard row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from forecasting.report.canvas import Plane, Size, drawing, figure, left_margin, legend_entry, value_axis
from forecasting.report.language import t
from forecasting.report.markup import Markup, element
from forecasting.report.svg import Scale, value_ticks

if TYPE_CHECKING:
    from forecasting.report.canvas import Words
    from forecasting.report.readings import Profile

WIDE = Size(name="wide", width=960, height=270, per_tick=54)
NARROW = Size(name="narrow", width=380, height=250, per_tick=46)
#: Canvas of a skill bar [px].
SKILL_WIDTH, SKILL_HEIGHT = 120.0, 14.0


def profile_figure(profile: Profile, words: Words, tips: tuple[str, ...]) -> Markup:
    """The errors of a profile as bars, the mean of all as a line across; one tip for each bar."""
    return figure(
        words,
        legend=[legend_entry(t("mean over all"), "mean", "M1,7H23")],
        plots=(_plot(profile, words, size) for size in (WIDE, NARROW)),
        tips=tips,
    )


def _plot(profile: Profile, words: Words, size: Size) -> Markup:
    known = profile.mae[np.isfinite(profile.mae)]
    ticks = value_ticks(0.0, float(known.max()) if len(known) else 1.0, about=4, from_zero=True)
    number_of = len(profile.labels)
    plane = Plane(
        size=size,
        x=Scale(low=0, high=number_of, start=left_margin(ticks), end=size.width - 14),
        y=Scale(low=0, high=ticks.values[-1], start=size.height - 46, end=30),
        ticks=ticks,
    )
    level = plane.y.at(profile.overall)
    parts = (
        value_axis(words.unit, plane),
        element("path", {"class": "bar", "d": _bars(profile, plane)}),
        element("path", {"class": "mean", "d": f"M{plane.x.start:.1f},{level:.1f}H{plane.x.end:.1f}"}),
        _labels(profile.labels, words.across, plane),
    )
    return drawing(words, plane, parts, plane.x(np.arange(number_of, dtype=np.float64) + 0.5))


def _bars(profile: Profile, plane: Plane) -> str:
    width = 0.72 * (plane.x.end - plane.x.start) / len(profile.labels)
    parts = []
    for index, value in enumerate(profile.mae.tolist()):
        if np.isfinite(value):
            left, top = plane.x.at(index + 0.5) - width / 2, plane.y.at(value)
            parts.append(f"M{left:.1f},{plane.y.start:.1f}V{top:.1f}h{width:.1f}V{plane.y.start:.1f}Z")
    return "".join(parts)


def _labels(labels: tuple[str, ...], across: str, plane: Plane) -> Markup:
    room = (plane.x.end - plane.x.start) / plane.size.per_tick
    needed = len(labels) / room
    every = next((n for n in (1, 2, 3, 4, 6, 8, 12, 24) if n >= needed), len(labels))
    foot = plane.y.start
    parts = [
        element("text", {"x": plane.x.at(index + 0.5), "y": foot + 19, "text-anchor": "middle"}, labels[index])
        for index in range(0, len(labels), every)
    ]
    middle = (plane.x.start + plane.x.end) / 2
    parts.append(element("text", {"x": middle, "y": foot + 39, "text-anchor": "middle"}, across))
    return element("g", {"class": "axis"}, *parts)


def skill_bar(skill: float, limit: float, ends: tuple[float, float] = (math.nan, math.nan)) -> Markup:
    """A bar from the middle: to the right for less error than seasonal naive, to the left for more.

    Beyond the limit [share] it ends in an arrowhead; ``ends`` are those of an interval around it. The number stands
    beside it: a screen reader skips it.
    """
    scale = Scale(low=-limit, high=limit, start=2, end=SKILL_WIDTH - 2)
    middle, end = scale.at(0), scale.at(max(-limit, min(limit, skill)))
    foot = SKILL_HEIGHT - 3
    side = "better" if skill >= 0 else "worse"
    parts = [element("path", {"class": f"skill {side}", "d": f"M{middle:.1f},3H{end:.1f}V{foot:g}H{middle:.1f}Z"})]
    if skill < -limit:
        parts.append(element("path", {"class": "beyond", "d": f"M10,3L3,{SKILL_HEIGHT / 2:g}L10,{foot:g}Z"}))
    parts.append(element("path", {"class": "base", "d": f"M{middle:.1f},0V{SKILL_HEIGHT:g}"}))
    if all(map(math.isfinite, ends)):
        low, high = (scale.at(max(-limit, min(limit, end))) for end in ends)
        half = SKILL_HEIGHT / 2
        caps = [f"M{scale.at(end):.1f},4v{foot - 4:g}" for end in ends if abs(end) <= limit]
        path = f"M{low:.1f},{half:g}H{high:.1f}" + "".join(caps)
        parts.append(element("path", {"class": "whisker", "d": path}))
    view = f"0 0 {SKILL_WIDTH:g} {SKILL_HEIGHT:g}"
    return element(
        "svg",
        {
            "class": "skillbar",
            "viewBox": view,
            "width": SKILL_WIDTH,
            "height": SKILL_HEIGHT,
            "aria-hidden": "true",
        },
        *parts,
    )
