"""What all charts share: two sizes, a title and a description, the upright axis, the figure around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecasting.report.markup import Markup, element, join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecasting.report.readings import FloatArray
    from forecasting.report.svg import Scale, Ticks

#: Width of one character of an axis label [px]; a little more than the widest system font needs.
CHARACTER = 7.4


@dataclass(frozen=True, kw_only=True)
class Size:
    """A canvas [px]; its name is the CSS class that shows it on wide pages or on phones."""

    name: str
    width: float
    height: float
    per_tick: float


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a chart says of itself.

    Attributes:
        key: Unique on the page; names the title and the description.
        heading: What is seen; also the title of the drawing.
        caption: How to read it.
        summary: What it shows, in numbers, for who cannot see it.
        unit: Unit of the upright axis.
        across: What stands along the other axis, when its labels do not say it.
    """

    key: str
    heading: str
    caption: str
    summary: str
    unit: str
    across: str = ""


@dataclass(frozen=True, kw_only=True)
class Plane:
    """A canvas with its scales."""

    size: Size
    x: Scale
    y: Scale
    ticks: Ticks


def left_margin(ticks: Ticks) -> float:
    """Room for the labels of the upright axis [px]."""
    return 14 + CHARACTER * max(len(label) for label in ticks.labels)


def figure(words: Words, *, legend: Iterable[Markup], plots: Iterable[Markup], tips: tuple[str, ...]) -> Markup:
    """A figure: caption, legend, the drawing in both sizes, and what is said when one points at it."""
    data = {"data-tips": "\n\n".join(_lines(tip) for tip in tips)} if tips else {}
    entries = tuple(legend)
    return element(
        "figure",
        {"class": "chart", **data},
        element("figcaption", {}, element("strong", {}, words.heading), " ", words.caption),
        element("ul", {"class": "legend"}, *entries) if entries else "",
        *plots,
    )


def _lines(tip: str) -> str:
    # An empty line parts one tip from the next, so none may stand within: a unit may hold anything.
    return "\n".join(line for line in map(str.strip, tip.splitlines()) if line)


def drawing(words: Words, plane: Plane, parts: Iterable[str], tips_at: FloatArray | None) -> Markup:
    """One drawing. ``tips_at``: where along the canvas there is something to say [px], None for nowhere."""
    size = plane.size
    title, summary = f"{words.key}-{size.name}-title", f"{words.key}-{size.name}-desc"
    view = f"0 0 {size.width:g} {size.height:g}"
    picture = element(
        "svg",
        {"viewBox": view, "role": "img", "aria-labelledby": f"{title} {summary}"},
        element("title", {"id": title}, words.heading),
        element("desc", {"id": summary}, words.summary),
        *parts,
    )
    at = {}
    if tips_at is not None:
        at = {"data-x": " ".join(f"{share:.4f}" for share in (tips_at / size.width).tolist())}
    return element("div", {"class": f"plot {size.name}", **at}, picture)


def value_axis(unit: str, plane: Plane) -> Markup:
    """The upright axis: unit on top, a line across for each tick."""
    left, right = plane.x.start, plane.x.end
    parts = [element("text", {"class": "unit", "x": 2, "y": 14}, plane.ticks.factor + unit)]
    for value, label in zip(plane.ticks.values, plane.ticks.labels, strict=True):
        y = plane.y.at(value)
        base = "base" if value in (0, plane.ticks.values[0]) else "grid"
        parts.append(element("path", {"class": base, "d": f"M{left:.1f},{y:.1f}H{right:.1f}"}))
        parts.append(element("text", {"x": left - 8, "y": y + 4, "text-anchor": "end"}, label))
    return element("g", {"class": "axis"}, *parts)


def legend_entry(name: str, style: str, path: str, *, layers: int = 1) -> Markup:
    """A legend entry: a small picture, on itself for what lies on its like, and a name."""
    parts = [element("path", {"class": style, "d": path}) for _ in range(layers)]
    attributes = {"viewBox": "0 0 24 14", "width": "24", "height": "14", "aria-hidden": "true"}
    return element("li", {}, element("svg", attributes, join(parts)), name)
