"""Heat maps: the consumption by hour and day, and the error by hour and weekday."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.report.canvas import Size, Words, figure
from forecasting.report.language import t
from forecasting.report.markup import Attributes, Markup, element
from forecasting.report.raster import colour, heat_png
from forecasting.report.svg import milliseconds, time_ticks
from forecasting.report.timechart import NARROW, WIDE
from forecasting.report.wording import WEEKDAYS, number, plural

if TYPE_CHECKING:
    from backtests.view import FloatArray
    from forecasting.report.views import ItemView

#: Days of the map of consumption at most, and the fewest it takes.
MOST_DAYS, FEWEST_DAYS = 400, 3
#: Height of a row of hours and of a row of weekdays [px], room on the left for labels.
HOUR, WEEKDAY, LEFT, TOP, FOOT = 8.0, 26.0, 48.0, 12.0, 44.0
#: Errors a cell of the error map takes to be shown.
FEWEST = 1


def _by_hour(view: ItemView) -> bool:
    """Whether steps are an hour or a part of it, or a few hours."""
    return not view.clock.step.calendar and view.clock.step.seconds is not None


def consumption_map(view: ItemView) -> Markup | None:
    """Days from left to right, hours from top to bottom; None for steps of a day or longer."""
    if not _by_hour(view) or not view.clock.step.seconds or not np.isfinite(view.sound).any():
        return None
    cells, days = _cells(view, max(1, round(86400 / view.clock.step.seconds)))
    if len(days) < FEWEST_DAYS or not np.isfinite(cells).any():
        return None
    low, high = (float(np.nanquantile(cells, share)) for share in (0.01, 0.99))
    url = heat_png(cells, low, high)
    words = Words(
        key=f"{view.key}-map",
        heading=t("The readings by hour and day."),
        caption=t("Dark is low, light is high; empty is missing or left out."),
        summary=t(
            "{days} from left to right, the hours of the day from top to bottom, from {low} to {high}.",
            days=plural(len(days), "day"),
            low=f"{number(low)} {view.unit}",
            high=f"{number(high)} {view.unit}",
        ),
        unit=view.unit,
    )
    plots = (_map(view, url, days, words, size) for size in (WIDE, NARROW))
    return figure(words, legend=_ladder(low, high, view.unit), plots=plots, tips=())


def _cells(view: ItemView, per_day: int) -> tuple[FloatArray, pd.DatetimeIndex]:
    """Readings by step of the local day and day ``[per_day, D]``, and the days."""
    local = view.clock.local(view.stamps)
    days = local.normalize()
    keep = days >= days.max() - pd.Timedelta(days=MOST_DAYS - 1)
    axis = pd.date_range(days[keep].min(), days.max(), freq="D")
    row = ((local - days)[keep] / pd.Timedelta(days=1) * per_day).to_numpy().astype(int)
    cells = np.full((per_day, len(axis)), np.nan)
    cells[np.minimum(row, per_day - 1), axis.get_indexer(days[keep])] = view.sound[keep]
    return cells, axis


def _map(view: ItemView, url: str, days: pd.DatetimeIndex, words: Words, size: Size) -> Markup:
    height = 24 * HOUR
    width = size.width - LEFT - 14
    title, summary = f"{words.key}-{size.name}-title", f"{words.key}-{size.name}-desc"
    box = {"x": LEFT, "y": TOP, "width": width, "height": height}
    parts = [
        element("title", {"id": title}, words.heading),
        element("desc", {"id": summary}, words.summary),
        element("image", {**box, "href": url, "preserveAspectRatio": "none", "class": "cells"}),
    ]
    for hour in range(0, 25, 6):
        y = TOP + hour * HOUR + 4
        parts.append(element("text", {"x": LEFT - 8, "y": y, "text-anchor": "end"}, f"{hour:02d}:00"))
    starts = milliseconds(view.clock.instant(days))
    most = int(width / size.per_tick)
    gap = width / len(days)
    for tick in time_ticks(float(starts[0]), float(starts[-1]), view.clock, most=most):
        x = LEFT + gap * float(np.searchsorted(starts, tick.at))
        if x > LEFT + width - 20:
            continue
        parts.append(element("text", {"x": x, "y": TOP + height + 18, "text-anchor": "start"}, tick.label))
        if tick.under:
            parts.append(element("text", {"x": x, "y": TOP + height + 35, "text-anchor": "start"}, tick.under))
    attributes = {"viewBox": f"0 0 {size.width:g} {TOP + height + FOOT:g}", "role": "img"}
    picture = element("svg", {**attributes, "aria-labelledby": f"{title} {summary}"}, *parts)
    return element("div", {"class": f"plot {size.name}"}, picture)


def _ladder(low: float, high: float, unit: str) -> list[Markup]:
    """The legend: the colours from low to high."""
    cells = [
        element("rect", {"x": 2 * index, "y": 0, "width": 2.2, "height": 14, "fill": colour(index / 39)})
        for index in range(40)
    ]
    attributes = {"viewBox": "0 0 80 14", "width": "80", "height": "14", "aria-hidden": "true"}
    ladder = element("svg", attributes, *cells)
    return [element("li", {}, f"{number(low)} {unit}", ladder, f"{number(high)} {unit}")]


def error_map(view: ItemView) -> Markup | None:
    """Mean absolute error by weekday and hour of the final windows, None where steps are a day or longer."""
    known = view.final[view.final["error"].notna()] if len(view.final) else view.final
    if not _by_hour(view) or known.empty:
        return None
    local = view.clock.local(pd.DatetimeIndex(known["timestamp"]))
    errors = known["error"].abs().groupby([local.dayofweek.to_numpy(), local.hour.to_numpy()]).agg(["mean", "size"])
    cells, sizes = np.full((7, 24), np.nan), np.zeros((7, 24), dtype=int)
    for (day, hour), (mean, size) in zip(errors.index, errors.to_numpy(), strict=True):
        cells[day, hour], sizes[day, hour] = mean, size
    if np.isfinite(cells).sum() < 24:
        return None
    high = float(np.nanmax(cells)) or 1.0
    day, hour = np.unravel_index(int(np.nanargmax(cells)), cells.shape)
    worst = f"{t(WEEKDAYS[day])} {hour:02d}:00"
    words = Words(
        key=f"{view.key}-errors",
        heading=t("How far off, by weekday and hour."),
        caption=t("Mean absolute error in the final windows; the stronger the colour, the larger."),
        summary=t("Largest at {time}: {off}.", time=worst, off=f"{number(high)} {view.unit}"),
        unit=view.unit,
        across=t("hour of day ({zone})", zone=view.clock.zone),
    )
    plots = (_error_plot(view, cells, sizes, words, size) for size in (WIDE, NARROW))
    return figure(words, legend=_shades(high, view.unit), plots=plots, tips=())


def _error_plot(view: ItemView, cells: FloatArray, sizes: FloatArray, words: Words, size: Size) -> Markup:
    width = (size.width - LEFT - 14) / 24
    high = float(np.nanmax(cells)) or 1.0
    title, summary = f"{words.key}-{size.name}-title", f"{words.key}-{size.name}-desc"
    parts = [element("title", {"id": title}, words.heading), element("desc", {"id": summary}, words.summary)]
    for day in range(7):
        y = TOP + day * WEEKDAY
        parts.append(element("text", {"x": LEFT - 8, "y": y + 17, "text-anchor": "end"}, t(WEEKDAYS[day])))
        parts += [
            _cell(view, (day, hour), float(cells[day, hour]), int(sizes[day, hour]), (y, width, high))
            for hour in range(24)
            if np.isfinite(cells[day, hour])
        ]
    foot = TOP + 7 * WEEKDAY
    for hour in range(0, 24, 3 if size is WIDE else 6):
        at: Attributes = {"x": LEFT + (hour + 0.5) * width, "y": foot + 18, "text-anchor": "middle"}
        parts.append(element("text", at, f"{hour:02d}"))
    across: Attributes = {"x": LEFT + 12 * width, "y": foot + 37, "text-anchor": "middle"}
    parts.append(element("text", across, words.across))
    attributes = {"viewBox": f"0 0 {size.width:g} {foot + FOOT:g}", "role": "img"}
    picture = element("svg", {**attributes, "aria-labelledby": f"{title} {summary}"}, *parts)
    return element("div", {"class": f"plot {size.name}"}, picture)


def _cell(view: ItemView, at: tuple[int, int], error: float, size: int, place: tuple[float, float, float]) -> Markup:
    (day, hour), (y, width, high) = at, place
    said = t(
        "{time}: off by {off}, mean of {errors}",
        time=f"{t(WEEKDAYS[day])} {hour:02d}:00",
        off=f"{number(error)} {view.unit}",
        errors=plural(size, "error"),
    )
    box = {"x": LEFT + hour * width + 1, "y": y + 1, "width": width - 2, "height": WEEKDAY - 2}
    return element(
        "rect", {"class": "shade", "fill-opacity": 0.08 + 0.92 * error / high, **box}, element("title", {}, said)
    )


def _shades(high: float, unit: str) -> list[Markup]:
    cells = [
        element(
            "rect",
            {"class": "shade", "fill-opacity": 0.08 + 0.92 * i / 19, "x": 4 * i, "y": 0, "width": 4, "height": 14},
        )
        for i in range(20)
    ]
    attributes = {"viewBox": "0 0 80 14", "width": "80", "height": "14", "aria-hidden": "true"}
    return [element("li", {}, f"0 {unit}", element("svg", attributes, *cells), f"{number(high)} {unit}")]
