"""The final windows one by one: a slider walks over their cutoffs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasting.report.canvas import Words
from forecasting.report.language import t
from forecasting.report.markup import Markup, element
from forecasting.report.svg import milliseconds
from forecasting.report.timechart import Line, TimeChart, time_figure
from forecasting.report.views import bands_of, forecast_tips
from forecasting.report.wording import number, percent

if TYPE_CHECKING:
    from forecasting.report.views import ItemView

#: Windows one can walk over, the newest; steps drawn of them in all, and of readings before each [horizons].
MOST_WINDOWS, MOST_STEPS, BEFORE = 20, 2000, 1


def window_frames(view: ItemView) -> Markup | None:
    """One chart for each final window, all but the newest hidden by the script; None for a single window."""
    if view.final.empty:
        return None
    cutoffs = sorted(view.final["cutoff"].unique())
    room = max(1, MOST_STEPS // view.content.horizon)
    shown = cutoffs[-min(MOST_WINDOWS, room) :]
    if len(shown) < 2:
        return None
    frames, labels = [], []
    for index, cutoff in enumerate(shown):
        labels.append(view.clock.labels(pd.DatetimeIndex([cutoff]), year=True)[0])
        frames.append(element("div", {"class": "frame"}, _frame(view, cutoff, index, labels[-1])))
    slider = {"type": "range", "min": "0", "max": str(len(shown) - 1), "value": str(len(shown) - 1)}
    label = element("label", {}, t("Forecast made at"), " ", element("input", slider), " ", element("output", {}))
    return element(
        "details",
        {"class": "frames", "data-labels": "\n".join(labels)},
        element("summary", {}, t("Window by window")),
        element("p", {"class": "slide", "hidden": "hidden"}, label),
        *frames,
    )


def _frame(view: ItemView, cutoff: pd.Timestamp, index: int, label: str) -> Markup:
    table = view.final[view.final["cutoff"] == cutoff].sort_values("timestamp")
    stamps = pd.DatetimeIndex(table["timestamp"])
    span = stamps[-1] - pd.Timestamp(cutoff)
    here = (view.stamps > pd.Timestamp(cutoff) - BEFORE * span) & (view.stamps <= stamps[-1])
    x = milliseconds(stamps)
    chart = TimeChart(
        words=_words(view, table, index, label),
        clock=view.clock,
        bands=bands_of(table, x),
        lines=(
            Line(name=t("what came"), style="actual", x=milliseconds(view.stamps[here]), values=view.sound[here]),
            Line(name=t("forecast made before"), style="forecast", x=x, values=table["mean"].to_numpy(float)),
        ),
        rules=tuple(milliseconds(pd.DatetimeIndex([cutoff])).tolist()),
        tips=forecast_tips(view, table),
    )
    return time_figure(chart)


def _words(view: ItemView, table: pd.DataFrame, index: int, label: str) -> Words:
    error, mean = float(table["error"].abs().mean()), float(table["actual"].abs().mean())
    share = f" ({percent(error / mean)})" if mean and np.isfinite(error / mean) else ""
    off = t("Off by {off} on average.", off=f"{number(error)} {view.unit}{share}") if np.isfinite(error) else ""
    return Words(
        key=f"{view.key}-window{index}",
        heading=t("Forecast made at {time}.", time=label),
        caption=off,
        summary=off or t("no reading"),
        unit=view.unit,
    )
