"""All a report says, as plain values; what it says in words is built from them by rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from backtests.significance import Comparison
    from forecasting.honesty import WeatherWorth
    from forecasting.reasons import Why
    from forecasting.responses import Response


@dataclass(frozen=True, kw_only=True)
class HoldOut:
    """Measured on final windows that took no part in any choice.

    Attributes:
        windows: Number of windows.
        horizon: Steps of each.
        first: First stamp forecast in them, UTC.
        last: Last stamp forecast in them, UTC.
        mae: Mean absolute error [unit of the target].
        naive_mae: That of the naive forecast [unit of the target].
        naive_name: What the naive forecast does: "repeating the same hour of last week".
        wape: Sum of absolute errors over the sum of absolute readings [share]; None when that is zero.
        mase: Error over the in-sample error of the seasonal naive forecast; below 1 is better than it.
        rmsse: The same with squares, so that large misses count more.
        bias: Mean of forecast minus reading [unit of the target]; above zero is too high.
        wql: Weighted quantile loss [share of the readings], None without quantiles.
        coverage: Share of readings inside the 80 % interval.
        inside: Readings inside it.
        hours: Readings it was checked on.
        comparison: The forecast against the naive one by day, None when it was not made.
    """

    windows: int
    horizon: int
    first: pd.Timestamp
    last: pd.Timestamp
    mae: float
    naive_mae: float
    naive_name: str
    wape: float | None
    mase: float
    rmsse: float
    bias: float
    wql: float | None
    coverage: float
    inside: int
    hours: int
    comparison: Comparison | None = None


@dataclass(frozen=True, kw_only=True)
class WindowSpan:
    """A stretch of time that took part in the making of a forecast.

    Attributes:
        row: ``history``, ``selection``, ``final`` or ``forecast``.
        first: Its first stamp, UTC.
        last: The stamp after its last one, UTC.
        fitted: Whether forecasters were fitted at its start.
    """

    row: str
    first: pd.Timestamp
    last: pd.Timestamp
    fitted: bool


@dataclass(frozen=True, kw_only=True)
class Content:
    """Everything on the page.

    Attributes:
        title: Heading of the page.
        source: Where the readings came from, such as a file name.
        target: Name of the column forecast.
        unit: Its unit, None when unknown.
        time_zone: Zone in which times are shown.
        freq: The step, as a pandas offset alias.
        horizon: Steps forecast.
        weather_mode: One of ``backtests.task.WEATHER_MODES``.
        version: Version of hourcast.
        made_at: When the report was made, UTC.
        history: Raw readings: ``item_id | timestamp (UTC) | target``.
        faulty: Readings left out: ``item_id | timestamp | known_from | kind``.
        findings: Sentences: what was found and repaired in the data.
        guesses: Sentences: what was decided on reading, and the option that overrides it.
        forecast: Forecasts table from one cutoff, of one forecaster (``connectors.frame``).
        final: Forecasts table of the final windows, of one forecaster; may be empty.
        leaderboard: ``forecaster | loss | skill | seconds | status | member | failure``, in the order shown.
            ``loss`` is the error in units of the seasonal naive forecast's, ``skill`` the share of the error of
            copying the past that is saved, ``seconds`` the time it took [s].
        hold_out: Scores on the final windows, None when there was no room for them.
        members: The forecasters whose median is the forecast.
        attribution: Whom the data must be credited to.
        weather: What the weather is worth on the final windows; None when no weather was asked for, or no time left.
        why: The forecast taken apart, None when that is not known.
        country: Country of the holidays used, None for none.
        responses: How the readings of each item answer to the temperature.
        data_card: What the data are, by name (``forecasting.cards``).
        model_card: What makes the forecast, by name.
        stale: Items whose last readings are missing or unsound.
        alerts: Sentences on last readings that are missing or unsound: said before all else.
        windows: Where the windows lie; empty for a model that was loaded.
        off: Items that are off at their last reading, since when, and for how many steps more as likely as not.
    """

    title: str
    source: str
    target: str
    unit: str | None
    time_zone: str
    freq: str
    horizon: int
    weather_mode: str
    version: str
    made_at: pd.Timestamp
    history: pd.DataFrame
    faulty: pd.DataFrame
    findings: tuple[str, ...]
    guesses: tuple[str, ...]
    forecast: pd.DataFrame
    final: pd.DataFrame
    leaderboard: pd.DataFrame
    hold_out: HoldOut | None
    members: tuple[str, ...]
    attribution: tuple[str, ...]
    why: Why | None = None
    country: str | None = None
    responses: tuple[Response, ...] = ()
    data_card: Mapping[str, Any] = field(default_factory=dict)
    model_card: Mapping[str, Any] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    weather: WeatherWorth | None = None
    windows: tuple[WindowSpan, ...] = ()
    off: Mapping[str, tuple[pd.Timestamp, int]] = field(default_factory=dict)
