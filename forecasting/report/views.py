"""One item and what its charts are made of: readings, bands, and what is said when one points at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.frame import quantile_columns, quantile_level
from forecasting.report.language import spelt, t
from forecasting.report.readings import begun_mask, clock_of, faulty_mask, item_names, window_errors
from forecasting.report.svg import milliseconds
from forecasting.report.timechart import Band, Tips
from forecasting.report.wording import Clock, number, unit_of

if TYPE_CHECKING:
    from forecasting.report.content import Content
    from forecasting.report.readings import BoolArray, FloatArray

#: Most items with pictures.
MOST_ITEMS = 12
#: Most points that say something when pointed at.
MOST_TIPS = 1500


@dataclass(frozen=True, kw_only=True)
class ItemView:
    """One item and all that is drawn of it.

    Attributes:
        key: Unique on the page and safe in HTML ids.
        name: As in the user's file.
        content: The report it belongs to.
        clock: The wall clock.
        stamps: Of the history. ``[T]``
        raw: Readings as read. ``[T]``
        faulty: Those left out. ``[T]``
        forecast: Rows of the forecast.
        final: Rows of ``window_errors``.
    """

    key: str
    name: str
    content: Content
    clock: Clock
    stamps: pd.DatetimeIndex
    raw: FloatArray
    faulty: BoolArray
    forecast: pd.DataFrame
    final: pd.DataFrame

    @property
    def sound(self) -> FloatArray:
        """Readings without the faulty ones. ``[T]``."""
        return np.where(self.faulty, np.nan, self.raw)

    @property
    def forecast_stamps(self) -> pd.DatetimeIndex:
        """Stamps forecast. ``[H]``."""
        return pd.DatetimeIndex(self.forecast["timestamp"])

    @property
    def unit(self) -> str:
        """Unit of all values."""
        return unit_of(self.content.unit, self.content.target)


def item_views(content: Content) -> list[ItemView]:
    """The first items, up to ``MOST_ITEMS``, ready to be drawn."""
    shown = item_names(content)[:MOST_ITEMS]
    history = content.history[content.history["item_id"].isin(shown)]
    faulty = faulty_mask(history, content.faulty)
    begun = begun_mask(history)
    errors = window_errors(content)
    clock = clock_of(content)
    views = []
    for index, name in enumerate(shown):
        here = ((history["item_id"] == name) & begun).to_numpy(bool)
        views.append(
            ItemView(
                key=f"item{index}",
                name=name,
                content=content,
                clock=clock,
                stamps=pd.DatetimeIndex(history["timestamp"][here]),
                raw=history["target"][here].to_numpy(float),
                faulty=faulty[here],
                forecast=content.forecast[content.forecast["item_id"] == name].sort_values("timestamp"),
                final=errors[errors["item_id"] == name],
            )
        )
    return views


def intervals(table: pd.DataFrame) -> list[tuple[float, str, str]]:
    """Central intervals of a forecasts table, widest first: share, lower column, upper column."""
    by_level = {round(quantile_level(name) or 0.0, 6): name for name in quantile_columns(table.columns)}
    return [
        (round(1 - 2 * level, 6), name, by_level[round(1 - level, 6)])
        for level, name in by_level.items()
        if level < 0.5 and round(1 - level, 6) in by_level
    ]


def band_name(share: float) -> str:
    """What an interval is called: "80 % band"."""
    return t("{share} % band", share=spelt(f"{100 * share:g}"))


def span_of(values: FloatArray, unit: str) -> str:
    """Lowest and highest value in words that follow a noun; nothing when none is known."""
    known = values[np.isfinite(values)]
    if not len(known):
        return ""
    return t(" between {low} and {high} {unit}", low=number(known.min()), high=number(known.max()), unit=unit)


def bands_of(table: pd.DataFrame, x: FloatArray) -> tuple[Band, ...]:
    """The intervals of a forecasts table at ``x`` [ms since 1970], widest first."""
    return tuple(
        Band(name=band_name(share), x=x, lower=table[lower].to_numpy(float), upper=table[upper].to_numpy(float))
        for share, lower, upper in intervals(table)
    )


def reading_tips(view: ItemView, start: int) -> Tips:
    """What is said of the readings from a position on."""
    every = max(1, -(-(len(view.raw) - start) // MOST_TIPS))
    rows = slice(start, None, every)
    texts = []
    for label, value, bad in zip(
        view.clock.labels(view.stamps[rows]), view.raw[rows], view.faulty[rows], strict=True
    ):
        said = t("no reading") if np.isnan(value) else _reading(view, value)
        texts.append(f"{label}\n{said}{t(', left out as faulty') if bad else ''}")
    return Tips(x=milliseconds(view.stamps[rows]), texts=tuple(texts))


def forecast_tips(view: ItemView, table: pd.DataFrame) -> Tips:
    """What is said of forecasts, with what came where the table has a column ``actual``."""
    table = table.iloc[:: -(-len(table) // MOST_TIPS)]
    stamps = pd.DatetimeIndex(table["timestamp"])
    lines = [view.clock.labels(stamps)]
    if "actual" in table.columns:
        lines.append([_reading(view, value) for value in table["actual"]])
    lines.append([t("forecast {value} {unit}", value=number(v), unit=view.unit) for v in table["mean"]])
    told = sorted(intervals(table), key=lambda interval: abs(interval[0] - 0.8))[:1]
    for share, lower, upper in told:
        pairs = zip(table[lower], table[upper], strict=True)
        said = [t("{low} to {high}", low=number(low), high=number(high)) for low, high in pairs]
        lines.append([f"{band_name(share)} {text} {view.unit}" for text in said])
    return Tips(x=milliseconds(stamps), texts=tuple("\n".join(texts) for texts in zip(*lines, strict=True)))


def _reading(view: ItemView, value: float) -> str:
    return t("reading {value} {unit}", value=number(value), unit=view.unit)


def joined_tips(one: Tips, other: Tips) -> Tips:
    """One after the other."""
    return Tips(x=np.concatenate([one.x, other.x]), texts=one.texts + other.texts)
