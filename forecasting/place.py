"""Weather for a case: columns of the user's file, and observations from near a place."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.windows import step_length
from connectors.weather.simulated_store import SimulatedStore
from forecasting.forecasts import Wanted, kept_forecasts, location_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.files.source import Table
    from connectors.weather.meteostat import Observations
    from connectors.weather.vintages import Vintages
    from forecasting.question import Question

#: Time after which an observation is known at the latest, as Meteostat publishes it.
PUBLISHED_AFTER = pd.Timedelta(hours=24)
#: Observations asked for at a place, under the names of ``connectors.weather.meteostat``.
VARIABLES = ("temperature", "humidity", "wind_speed")

#: A run as of an earlier time than this asks a service for nothing: it uses what was kept.
PRESENT = pd.Timedelta(hours=1)
#: Behind the name of a variable where the file has a column of that name.
NEARBY = "_nearby"


@dataclass(frozen=True, kw_only=True)
class Weather:
    """Readings with the weather beside them.

    Attributes:
        frame: The table's frame, weather observed at the place added.
        columns: Names of the columns added.
        delay: Steps after which an observation is known.
        notes: What the user should know of them.
        attribution: Whom it must be credited to.
        forecasts: Forecasts of the columns as they were issued, hourly; None where no source of them is named.
    """

    frame: pd.DataFrame
    columns: tuple[str, ...]
    delay: int = 0
    notes: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()
    forecasts: Vintages | None = None


def data_folder() -> Path:
    """Where hourcast keeps what outlives a run: ``HOURCAST_HOME``, else the user's data folder."""
    if os.environ.get("HOURCAST_HOME"):
        return Path(os.environ["HOURCAST_HOME"])
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "hourcast"


def weather_folder(question: Question) -> Path:
    """Where the weather of a question is kept."""
    return question.weather_store or data_folder() / "weather"


def simulated_store(question: Question) -> SimulatedStore | None:
    """Where forecasts simulated from the weather near the place are kept; None without a place."""
    if question.place is None:
        return None
    return SimulatedStore(folder=weather_folder(question), location=location_of(question.place))


def weather_of(question: Question, table: Table, frame: pd.DataFrame) -> Weather:
    """Weather columns of the file, those observed near the place when one is given, and forecasts of them."""
    now = question.as_of or pd.Timestamp.now("UTC")
    found = Weather(frame=frame, columns=question.weather)
    if question.place is not None:
        found = observe(question.place, frame, freq=table.freq, now=now, folder=question.weather_store)
        found = replace(found, columns=(*question.weather, *found.columns))
    if question.weather_forecasts is None:
        return found
    kept = kept_forecasts(
        Wanted(
            source=question.weather_forecasts,
            place=question.place,
            columns={name.removesuffix(NEARBY): name for name in found.columns if name not in question.weather}
            or {name: name for name in found.columns},
            mode=question.weather_mode,
            since=frame["timestamp"].min(),
            reach=_reach(question, table.freq),
            folder=weather_folder(question),
            now=now,
            live=now >= pd.Timestamp.now("UTC") - PRESENT,
        )
    )
    return replace(
        found,
        forecasts=kept.vintages,
        notes=(*found.notes, *kept.notes),
        attribution=tuple(dict.fromkeys((*found.attribution, *kept.attribution))),
    )


def _reach(question: Question, freq: str) -> pd.Timedelta:
    """Time from an issue to the end of the last step asked for, roughly: which archived forecasts are of use."""
    step = step_length(question.aggregate or freq)
    steps = pd.Timedelta(days=1) if question.horizon is None else question.horizon * step
    timing = question.timing()
    wait = pd.Timedelta(days=1) if question.issue_at is not None else pd.Timedelta(0)
    return steps + (timing.get("lead") or wait)


def observe(
    place: tuple[float, float], frame: pd.DataFrame, *, freq: str, now: pd.Timestamp, folder: Path | None = None
) -> Weather:
    """Add observations from near a place to readings.

    Observations are hourly; shorter steps are interpolated between them, longer ones take their mean.

    Args:
        place: Latitude and longitude [degrees].
        frame: Readings with a column ``timestamp``.
        freq: Their step.
        now: Nothing that became known later is used.
        folder: Where observations are kept; None for the data folder.

    Raises:
        ConnectorError: If the observations cannot be had, from the source or from the store.
    """
    from connectors.weather.meteostat import fetch_history
    from connectors.weather.store import WeatherStore

    stamps = pd.DatetimeIndex(frame["timestamp"]).unique().sort_values()
    end = min(stamps[-1] + step_length(freq), now)
    found = fetch_history(place, stamps[0], end, store=WeatherStore(folder or data_folder() / "weather"), now=now)
    names = [name for name in VARIABLES if name in found.frame.columns and found.frame[name].notna().any()]
    renamed = {name: name if name not in frame.columns else f"{name}{NEARBY}" for name in names}
    hourly = found.frame.set_index("timestamp")[names].rename(columns=renamed)
    joined = frame.merge(at_step(hourly, stamps, freq), left_on="timestamp", right_index=True, how="left")
    delay = -(-PUBLISHED_AFTER // min(step_length(freq), PUBLISHED_AFTER))
    return Weather(
        frame=joined,
        columns=tuple(renamed.values()),
        delay=int(delay),
        notes=(_observed_where(found, names), *found.notes),
        attribution=(found.attribution,),
    )


def _observed_where(found: Observations, names: Sequence[str]) -> str:
    """Where the weather was observed, how much of it there is, and from whom."""
    shares = "; ".join(
        f"{name} in {found.completeness[name]:.1%} of the hours"
        + "".join(f", {share:.0%} {source}" for source, share in sorted(found.sources.get(name, {}).items()))
        for name in names
    )
    return f"weather observed at {', '.join(map(str, found.stations))}: {shares}"


def at_step(hourly: pd.DataFrame, stamps: pd.DatetimeIndex, freq: str) -> pd.DataFrame:
    """Hourly observations at another step: interpolated within an hour, or the mean of the interval.

    A missing hour stays missing: filling it from the next one would use what was not known yet.
    """
    step, hour = step_length(freq), pd.Timedelta(hours=1)
    if step > hour:
        grid = pd.date_range(stamps[0], stamps[-1], freq=freq)
        hourly = hourly.loc[hourly.index < grid[-1] + step]
        interval = grid[np.maximum(grid.searchsorted(hourly.index, side="right") - 1, 0)]
        return hourly.groupby(interval).mean().reindex(stamps)
    start = stamps.floor("h")
    share = np.asarray((stamps - start) / hour)[:, None]
    now, after = hourly.reindex(start).to_numpy(float), hourly.reindex(start + hour).to_numpy(float)
    mixed = np.where(share > 0, now + share * (after - now), now)
    return pd.DataFrame(mixed, index=stamps, columns=hourly.columns)
