"""What moves the forecast, in pictures: causes stacked over the horizon, and one hour built up from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.parts import PROFILE, WHOLE
from forecasting.report.canvas import Plane, Size, Words, drawing, figure, left_margin, legend_entry, value_axis
from forecasting.report.language import t
from forecasting.report.markup import Markup, element
from forecasting.report.svg import Scale, milliseconds, value_ticks
from forecasting.report.timechart import NARROW, WIDE, time_axis
from forecasting.report.why import part_name
from forecasting.report.wording import number

if TYPE_CHECKING:
    from backtests.view import FloatArray, IntArray
    from forecasting.report.views import ItemView

#: Most stacks of bars; longer horizons are averaged over several steps.
MOST_STACKS = 120
#: A part that is below this share of the largest everywhere is not drawn.
VISIBLE = 0.01
#: A part below this share of the forecast is what rounding left.
ROUNDED = 1e-9
#: Steps one can slide through; the first ones of a longer horizon.
MOST_FRAMES = 200


def parts_of(view: ItemView) -> tuple[list[str], FloatArray]:
    """Names of the parts of an item that show, the usual profile first, and their values. ``[P, H]``."""
    why = view.content.why
    if why is None or view.name not in why.live.items:
        return [], np.zeros((0, 0))
    item = why.live.items.index(view.name)
    at = pd.DatetimeIndex(why.live.timestamps[0]).tz_localize("UTC").get_indexer(view.forecast_stamps)
    values = {name: part[0, item, at] for name, part in why.live.parts.items()}
    largest = max((float(np.abs(v).max(initial=0.0)) for n, v in values.items() if n != PROFILE), default=0.0)
    least = max(VISIBLE * largest, ROUNDED * float(np.abs(sum(values.values())).max(initial=0.0)))
    shown = [n for n, v in values.items() if n == PROFILE or np.abs(v).max(initial=0.0) > least]
    return shown, np.stack([values[name] for name in shown]) if shown else np.zeros((0, 0))


def style_of(part: str) -> str:
    """The CSS class of a part."""
    return "whole" if part.startswith(WHOLE) else part.replace("_", "-")


def causes_figure(view: ItemView) -> Markup | None:
    """What the causes add to the usual profile, or None when nothing does."""
    names, values = parts_of(view)
    if len(names) < 2 or PROFILE not in names:
        return None
    keep = [index for index, name in enumerate(names) if name != PROFILE]
    names, values = [names[index] for index in keep], values[keep]
    size = -(-values.shape[1] // MOST_STACKS)
    starts = np.arange(0, values.shape[1], size)
    means = np.stack([values[:, start : start + size].mean(axis=1) for start in starts], axis=1)
    x = milliseconds(view.forecast_stamps)[starts]
    words = _words(view, names, means)
    return figure(
        words,
        legend=[
            *(legend_entry(part_name(name), f"part {style_of(name)}", "M1,1H23V13H1Z") for name in names),
            legend_entry(t("together"), "mean", "M1,7H23"),
        ],
        plots=(_plot(view, (names, means), x, words, canvas) for canvas in (WIDE, NARROW)),
        tips=_tips(view, names, means, starts),
    )


def _words(view: ItemView, names: list[str], means: FloatArray) -> Words:
    largest = int(np.abs(means).mean(axis=1).argmax())
    size = f"{number(float(np.abs(means[largest]).mean()))} {view.unit}"
    return Words(
        key=f"{view.key}-causes",
        heading=t("What moves it away from the usual."),
        caption=t("Above zero: more than is usual at that time. All causes and the usual add up to the forecast."),
        summary=t("The largest cause is {name}: {size} on average.", name=part_name(names[largest]), size=size),
        unit=view.unit,
    )


def _tips(view: ItemView, names: list[str], means: FloatArray, starts: IntArray) -> tuple[str, ...]:
    labels = view.clock.labels(view.forecast_stamps[starts])
    return tuple(
        "\n".join(
            [
                label,
                *(
                    f"{part_name(name)} {signed(value)} {view.unit}"
                    for name, value in zip(names, means[:, index].tolist(), strict=True)
                ),
                f"{t('together')} {signed(float(means[:, index].sum()))} {view.unit}",
            ]
        )
        for index, label in enumerate(labels)
    )


def signed(value: float) -> str:
    """A number with its sign."""
    said = number(abs(value))
    return said if value == 0 else f"{'+' if value > 0 else '-'}{said}"


def _plot(view: ItemView, stack: tuple[list[str], FloatArray], x: FloatArray, words: Words, size: Size) -> Markup:
    names, means = stack
    above, below = np.maximum(means, 0.0), np.minimum(means, 0.0)
    ticks = value_ticks(float(below.sum(axis=0).min()), float(above.sum(axis=0).max()), from_zero=True)
    gap = float(np.diff(x).min()) if len(x) > 1 else 3.6e6
    left = left_margin(ticks)
    plane = Plane(
        size=size,
        x=Scale(low=float(x[0]), high=float(x[-1]) + gap, start=left, end=size.width - 14),
        y=Scale(low=ticks.values[0], high=ticks.values[-1], start=size.height - 46, end=34),
        ticks=ticks,
    )
    starts, ends = plane.x(x), plane.x(x + gap)
    tops, bottoms = np.cumsum(above, axis=0), np.cumsum(below, axis=0)
    parts = [value_axis(view.unit, plane), time_axis(view.clock, plane)]
    for index, name in enumerate(names):
        low = np.where(means[index] >= 0, tops[index] - above[index], bottoms[index])
        high = np.where(means[index] >= 0, tops[index], bottoms[index] - below[index])
        d = _boxes(starts, ends, plane.y(low), plane.y(high))
        parts.append(element("path", {"class": f"part {style_of(name)}", "d": d}))
    total = plane.y(means.sum(axis=0))
    line = "".join(f"{'M' if i == 0 else 'L'}{(starts[i] + ends[i]) / 2:.1f},{total[i]:.1f}" for i in range(len(x)))
    parts.append(element("path", {"class": "together", "d": line}))
    return drawing(words, plane, parts, (starts + ends) / 2)


def _boxes(starts: FloatArray, ends: FloatArray, low: FloatArray, high: FloatArray) -> str:
    inner = 0.06 * (ends - starts)
    return "".join(
        f"M{a:.1f},{b:.1f}H{c:.1f}V{d:.1f}H{a:.1f}Z"
        for a, c, b, d in zip(starts + inner, ends - inner, low, high, strict=True)
        if abs(b - d) >= 0.05
    )


def build_up(view: ItemView) -> Markup | None:
    """One hour built up from its parts, the one furthest from usual; a slider shows the others."""
    names, values = parts_of(view)
    if len(names) < 2:
        return None
    values = values[:, :MOST_FRAMES]
    rest = values[names.index(PROFILE)] if PROFILE in names else np.zeros(values.shape[1])
    first = int(np.abs(values.sum(axis=0) - rest).argmax())
    edges = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    low, high = float(min(edges.min(), 0.0)), float(edges.max())
    scale = Scale(low=low, high=high if high > low else low + 1.0, start=0.5, end=99.5)
    labels = view.clock.labels(view.forecast_stamps[: values.shape[1]])
    frames = [_frame(view, edges[:, at], scale) for at in range(values.shape[1])]
    rows = [*map(part_name, names), t("forecast")]
    styles = [*map(style_of, names), "forecast-bar"]
    body = [
        _row(name, style, *frames[first][index])
        for index, (name, style) in enumerate(zip(rows, styles, strict=True))
    ]
    told = "\n\n".join(
        f"{label}\n" + "\n".join("\t".join(cell) for cell in frame)
        for label, frame in zip(labels, frames, strict=True)
    )
    slider = {"type": "range", "min": "0", "max": str(len(frames) - 1), "value": str(first)}
    caption = t("Each bar starts where the one above it ends.")
    return element(
        "figure",
        {"class": "fall", "data-frames": told, "data-first": str(first)},
        element("figcaption", {}, element("strong", {}, t("One step, from its parts.")), " ", caption),
        element(
            "p",
            {"class": "slide", "hidden": "hidden"},
            element(
                "label",
                {},
                t("Step"),
                " ",
                element("input", slider),
            ),
        ),
        element(
            "table",
            {},
            element("caption", {"class": "when"}, labels[first]),
            element("tbody", {}, *body),
        ),
    )


def _frame(view: ItemView, edges: FloatArray, scale: Scale) -> list[tuple[str, str, str]]:
    """Left end and width of each bar [% of the width], and what stands beside it; the last is the forecast."""
    pairs = [*zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True), (0.0, float(edges[-1]))]
    found = []
    for index, (start, end) in enumerate(pairs):
        left, right = sorted((scale.at(start), scale.at(end)))
        whole = index in (0, len(pairs) - 1)
        said = number(end - start) if whole else signed(end - start)
        found.append((f"{left:.1f}", f"{max(right - left, 0.3):.1f}", f"{said} {view.unit}"))
    return found


def _row(name: str, style: str, left: str, width: str, said: str) -> Markup:
    bar = element("rect", {"class": f"part {style}", "x": left, "y": "1", "width": width, "height": "8"})
    attributes = {"viewBox": "0 0 100 10", "preserveAspectRatio": "none", "aria-hidden": "true"}
    return element(
        "tr",
        {},
        element("th", {"scope": "row"}, name),
        element("td", {"class": "barcell"}, element("svg", attributes, bar)),
        element("td", {"class": "num"}, said),
    )
