"""From tables to charts: which readings, which windows, which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.frame import quantile_level
from forecasting.report.bars import profile_figure
from forecasting.report.canvas import Words
from forecasting.report.language import nouns, spelt, t
from forecasting.report.readings import error_profile, profile_kind
from forecasting.report.svg import milliseconds
from forecasting.report.timechart import Band, Line, TimeChart, Tips, time_figure
from forecasting.report.views import bands_of, forecast_tips, intervals, joined_tips, reading_tips, span_of
from forecasting.report.wording import count, number, plural

if TYPE_CHECKING:
    from forecasting.report.markup import Markup
    from forecasting.report.readings import FloatArray, Profile
    from forecasting.report.views import ItemView

#: Days of readings before the forecast, and the fewest of them when steps are a day or longer.
CONTEXT_DAYS, CONTEXT_STEPS = 14, 56
#: Days of readings in the close-up at most, steps of them at least, and the share of the first chart below which
#: there is one.
CLOSE_DAYS, CLOSE_STEPS, CLOSE_BELOW = 2, 14, 0.25
#: Most points of final windows drawn.
MOST_FINAL = 1500
#: Stretches a long history is summed up in.
STRETCHES = 320


def forecast_figures(view: ItemView) -> list[Markup]:
    """The forecast behind the last readings, and a close-up when it fills little of the first chart."""
    horizon = len(view.forecast)
    if not horizon:
        return []
    back = _context(view)
    figures = [_forecast_figure(view, back, close=False)]
    near = max(horizon, CLOSE_STEPS, min(_steps_back(view, CLOSE_DAYS, CLOSE_STEPS), 4 * horizon))
    if horizon < CLOSE_BELOW * (back + horizon) and near < back:
        figures.append(_forecast_figure(view, near, close=True))
    return figures


def _context(view: ItemView) -> int:
    """Readings before the forecast in the first chart."""
    return min(len(view.raw), max(_steps_back(view, CONTEXT_DAYS, CONTEXT_STEPS), 2 * len(view.forecast)))


def _steps_back(view: ItemView, days: int, steps: int) -> int:
    """Days in steps; for steps of a day or longer so many of them."""
    step = view.clock.step
    return steps if step.calendar or not step.seconds else round(days * 86400 / step.seconds)


def _forecast_figure(view: ItemView, back: int, *, close: bool) -> Markup:
    start = len(view.raw) - back
    past, values, faulty = milliseconds(view.stamps[start:]), view.sound[start:], view.faulty[start:]
    ahead = milliseconds(pd.DatetimeIndex(view.forecast["timestamp"]))
    mean = view.forecast["mean"].to_numpy(float)
    chart = TimeChart(
        words=_forecast_words(view, values, close=close),
        clock=view.clock,
        bands=bands_of(view.forecast, ahead),
        lines=(
            Line(name=t("reading"), style="actual", x=past, values=values),
            Line(name=t("forecast"), style="forecast", x=ahead, values=mean),
        ),
        marks=Line(name=t("reading left out as faulty"), style="", x=past[faulty], values=view.raw[start:][faulty]),
        rules=tuple(milliseconds(pd.DatetimeIndex(view.forecast["cutoff"].iloc[:1])).tolist()),
        rule_label=t("forecast starts"),
        tips=joined_tips(reading_tips(view, start), forecast_tips(view, view.forecast)),
    )
    return time_figure(chart)


def _forecast_words(view: ItemView, values: FloatArray, *, close: bool) -> Words:
    step, mean = view.clock.step, view.forecast["mean"].to_numpy(float)
    before = t("{span} of readings{between}", span=step.count(len(values)), between=span_of(values, view.unit))
    then = t(", then a forecast of {span}{between}.", span=step.span(len(mean)), between=span_of(mean, view.unit))
    summary = before + then
    if close:
        caption = t("The same forecast with the last {span} before it.", span=step.count(len(values)))
        return Words(
            key=f"{view.key}-close",
            heading=t("A closer look."),
            caption=caption,
            summary=summary,
            unit=view.unit,
        )
    widest = max((share for share, *_ in intervals(view.forecast)), default=None)
    of = "Of 100 readings to come, {share} should fall in the widest band."
    shaded = "" if widest is None else t(of, share=spelt(f"{100 * widest:g}"))
    return Words(
        key=f"{view.key}-forecast",
        heading=t("The last readings, then the forecast."),
        caption=shaded,
        summary=f"{summary} {shaded}".strip(),
        unit=view.unit,
    )


def windows_figure(view: ItemView) -> Markup | None:
    """What came against what was forecast in the final windows, or None when there are none."""
    if view.final.empty:
        return None
    table, left = _apart(view.final)
    stamps = pd.DatetimeIndex(table["timestamp"])
    first = table["cutoff"].iloc[0]
    here = (view.stamps >= first) & (view.stamps <= stamps[-1])
    broken = _broken(table)
    x = milliseconds(pd.DatetimeIndex(broken["timestamp"]))
    cutoffs = milliseconds(pd.DatetimeIndex(table["cutoff"].unique()))
    chart = TimeChart(
        words=_windows_words(view, table, left),
        clock=view.clock,
        bands=bands_of(broken, x),
        lines=(
            Line(name=t("what came"), style="actual", x=milliseconds(view.stamps[here]), values=view.sound[here]),
            Line(name=t("forecast made before"), style="forecast", x=x, values=broken["mean"].to_numpy(float)),
        ),
        rules=tuple(cutoffs.tolist()),
        tips=forecast_tips(view, table),
    )
    return time_figure(chart)


def _apart(final: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The latest windows that do not overlap, by rising time, and how many others there are."""
    ends = final.groupby("cutoff")["timestamp"].agg(["min", "max", "size"]).sort_index(ascending=False)
    kept: list[pd.Timestamp] = []
    points, free = 0, None
    for cutoff, first, last, size in ends.itertuples():
        if (free is None or last < free) and (not kept or points + size <= MOST_FINAL):
            kept.append(cutoff)
            points, free = points + size, first
    table = final[final["cutoff"].isin(kept)].sort_values("timestamp", ignore_index=True)
    return table, len(ends) - len(kept)


def _broken(table: pd.DataFrame) -> pd.DataFrame:
    """The windows with an empty row between them, at which lines and bands break."""
    values = [name for name in table.columns if name == "mean" or quantile_level(str(name)) is not None]
    ends = table.groupby("cutoff", sort=False).tail(1)
    return pd.concat([table, ends.assign(**dict.fromkeys(values, np.nan))]).sort_index(kind="stable")


def _windows_words(view: ItemView, table: pd.DataFrame, left: int) -> Words:
    error = float(table["error"].abs().mean())
    hidden = plural(left, "window")
    rest = t(" Not drawn, for they overlap or lie further back: {windows}.", windows=hidden) if left else ""
    mean = f"{number(error)} {view.unit}"
    off = t(" Off by {off} on average.", off=mean) if np.isfinite(error) else ""
    number_of = plural(table["cutoff"].nunique(), "window")
    windows = t(
        "{windows} of {span} with readings{between}.",
        windows=number_of,
        span=view.clock.step.span(view.content.horizon),
        between=span_of(table["actual"].to_numpy(float), view.unit),
    )
    return Words(
        key=f"{view.key}-windows",
        heading=t("What came, against what had been forecast."),
        caption=t("At each dotted line a forecast was made from what was known by then.") + rest,
        summary=windows + off,
        unit=view.unit,
    )


def profile_figures(view: ItemView) -> list[Markup]:
    """The error by hour of day and, when the horizon is longer than a day, by step as well."""
    step, horizon = view.clock.step, view.content.horizon
    kinds = [profile_kind(step, horizon)]
    if kinds == ["hour"] and step.seconds and horizon * step.seconds > 86400:
        kinds.append("step")
    profiles = [error_profile(view.final, view.clock, kind) for kind in kinds]
    return [_profile_figure(view, profile) for profile in profiles if profile and len(profile.labels) > 1]


def _profile_figure(view: ItemView, profile: Profile) -> Markup:
    step, ahead = view.clock.step, profile.by == "step"
    worst, several = int(np.nanargmax(profile.mae)), nouns(2, step.noun, f"{step.noun}s") + step.length
    words = Words(
        key=f"{view.key}-{profile.by}",
        heading=t("How far off, by how far ahead.") if ahead else t("How far off, by hour of day."),
        caption=t("Mean absolute error in the final windows."),
        summary=t(
            "Off by {mean} on average, most at {label}: {most}.",
            mean=f"{number(profile.overall)} {view.unit}",
            label=profile.labels[worst],
            most=f"{number(profile.mae[worst])} {view.unit}",
        ),
        unit=view.unit,
        across=t("{span} ahead", span=several) if ahead else t("hour of day ({zone})", zone=view.clock.zone),
    )
    unit_of_label = " " + t("{span} ahead", span=nouns(2, step.noun, f"{step.noun}s")) if ahead else ""
    tips = tuple(
        f"{label}{unit_of_label}\n"
        + t("off by {off}", off=f"{number(mae)} {view.unit}")
        + "\n"
        + t("mean of {errors}", errors=plural(int(size), "error"))
        for label, mae, size in zip(profile.labels, profile.mae, profile.hours, strict=True)
    )
    return profile_figure(profile, words, tips)


def history_figure(view: ItemView) -> Markup | None:
    """The whole history; None when it has been seen behind the forecast."""
    if len(view.forecast) and _context(view) == len(view.raw):
        return None
    chart = history_chart(view)
    return None if chart is None else time_figure(chart)


def history_chart(view: ItemView) -> TimeChart | None:
    """The whole history, a long one as stretches of lowest, mean and highest; None without a sound reading."""
    if not np.isfinite(view.sound).any():
        return None
    size = _stretch(view)
    x = milliseconds(view.stamps)
    starts = np.arange(0, len(x), size)
    centre = (x[starts] + x[np.minimum(starts + size - 1, len(x) - 1)]) / 2
    stretches = pd.Series(view.sound).groupby(np.arange(len(x)) // size).agg(["min", "mean", "max"])
    low, mean, high = (stretches[name].to_numpy(float) for name in ("min", "mean", "max"))
    thinned = size > 1
    return TimeChart(
        words=_history_words(view, size),
        clock=view.clock,
        bands=(Band(name=t("lowest to highest"), x=centre, lower=low, upper=high),) if thinned else (),
        lines=(Line(name=t("mean") if thinned else t("reading"), style="actual", x=centre, values=mean),),
        marks=Line(name=t("left out as faulty"), style="", x=x[view.faulty], values=view.raw[view.faulty]),
        tips=Tips(x=centre, texts=_history_tips(view, stretches, size)),
    )


def _stretch(view: ItemView) -> int:
    """Steps summed up in one point: few, or whole days, so that days and nights do not beat against them."""
    size = -(-len(view.raw) // STRETCHES)
    seconds = view.clock.step.seconds
    per_day = round(86400 / seconds) if seconds and not view.clock.step.calendar else 1
    return size if 4 * size <= per_day else -(-size // per_day) * per_day


def _history_words(view: ItemView, size: int) -> Words:
    step = view.clock.step
    missing, faulty = count(int(np.isnan(view.raw).sum())), count(int(view.faulty.sum()))
    readings = t(
        "{span} of readings{between}", span=step.count(len(view.raw)), between=span_of(view.sound, view.unit)
    )
    return Words(
        key=f"{view.key}-history",
        heading=t("The whole history."),
        caption=t("Each point sums up {span}.", span=step.span(size)) if size > 1 else t("Every reading."),
        summary=readings + t("; {missing} missing, {faulty} left out as faulty.", missing=missing, faulty=faulty),
        unit=view.unit,
    )


def _history_tips(view: ItemView, stretches: pd.DataFrame, size: int) -> tuple[str, ...]:
    labels = view.clock.labels(view.stamps[::size], year=True)
    rows = zip(labels, stretches.to_numpy(float).tolist(), strict=True)
    if size == 1:
        said = "reading {value} {unit}"
        return tuple(f"{label}\n{t(said, value=number(v), unit=view.unit)}" for label, (_, v, _) in rows)
    length = view.clock.step.span(size)
    said = "{span} from {time}\nmean {mean} {unit}\nfrom {low} to {high} {unit}"
    return tuple(
        t(said, span=length, time=time, mean=number(mean), low=number(low), high=number(high), unit=view.unit)
        for time, (low, mean, high) in rows
    )
