"""A job: everything a scheduled run must know, as the tables of ``hourcast.toml`` say it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from connectors.errors import ConfigError, near_name
from connectors.exports.publish import Destination  # noqa: TC001 - the reader of the file asks for the types
from connectors.saved_source import SavedSource  # noqa: TC001 - likewise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """``[forecast]``: what is asked. ``lead``, ``delay`` and ``issue_at`` as the command line takes them."""

    horizon: int | None = None
    lead: str | None = None
    delay: str | None = None
    issue_at: str | None = None
    levels: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Covariates:
    """``[covariates]``: columns known in advance, and the file with their future values."""

    known: tuple[str, ...] = ()
    future: str | None = None


@dataclass(frozen=True, kw_only=True)
class Weather:
    """``[weather]``: columns of observed weather, a place to add it from, forecasts, and how to fill the horizon."""

    columns: tuple[str, ...] = ()
    place: tuple[float, ...] | None = None
    forecasts: str | None = None
    mode: str | None = None


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """``[calendar]``: whose holidays count, which besides the public ones, school holidays, and a file of events."""

    country: str | None = None
    holidays: tuple[str, ...] = ()
    school: str | None = None
    events: str | None = None


@dataclass(frozen=True, kw_only=True)
class Training:
    """``[training]``: how much is tried, and when a new model is made.

    Attributes:
        preset: ``fast``, ``balanced`` or ``accurate``.
        time_limit: Seconds for it; None for the preset's.
        trials: Candidates at most.
        seed: Decides it, given the number of trials.
        jobs: Processes at a time.
        every: A model this old is made anew.
        on_drift: Whether readings unlike those it was trained on make a new one.
        on_error: Whether live errors beyond what was promised make a new one.
        wait: Time between two attempts at least, whatever the reason.
    """

    preset: str = "balanced"
    time_limit: float | None = None
    trials: int | None = None
    seed: int = 0
    jobs: int | None = None
    every: timedelta = timedelta(days=30)
    on_drift: bool = True
    on_error: bool = True
    wait: timedelta = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Checks:
    """``[checks]``: what must hold before anything is forecast.

    Attributes:
        max_age: The newest reading is at most this old; None for no bound.
        allow_stale: Whether to forecast although no item has had a sound reading for long.
        degraded_ok: Whether a degraded run ends with 0.
    """

    max_age: timedelta | None = timedelta(hours=48)
    allow_stale: bool = False
    degraded_ok: bool = False


@dataclass(frozen=True, kw_only=True)
class Store:
    """``[store]``: where runs are recorded, and the folder of their models."""

    url: str = "sqlite:///hourcast-runs/runs.db"
    folder: str = "hourcast-runs"


@dataclass(frozen=True, kw_only=True)
class Retention:
    """``[retention]``: how long runs and forecasts are kept, how many models, how much goes into files."""

    runs: timedelta = timedelta(days=730)
    models: int = 5
    exported: timedelta = timedelta(days=92)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """``[schedule]``: local times of the day, or an interval.

    Attributes:
        at: Times of the day, as 06:05.
        days: Weekdays, as mon; all when empty.
        every: Instead of times: an interval, counted from midnight UTC.
        time_zone: Zone of the times; None for that of the source, else UTC.
    """

    at: tuple[str, ...] = ("06:05",)
    days: tuple[str, ...] = ()
    every: timedelta | None = None
    time_zone: str | None = None

    def __post_init__(self) -> None:
        """Refuse times that are none.

        Raises:
            ConfigError: If a time, a day or the interval cannot be.
        """
        for words in self.at:
            if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", words):
                raise ConfigError(f"at = {words!r} in [schedule] is no time.", fix='Write it as "06:05".')
        for day in self.days:
            if day not in DAYS:
                raise ConfigError(f"There is no day {day!r} in [schedule].", fix=near_name(day, DAYS))
        if not self.at and self.every is None:
            raise ConfigError("[schedule] has no times.", fix='Give at = ["06:05"] or every = "1h".')
        if self.every is not None and not timedelta(minutes=1) <= self.every <= timedelta(days=1):
            raise ConfigError(f"every = {self.every} in [schedule] cannot be.", expected="1min to 24h.")


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """``[monitor]``: who is told.

    Attributes:
        ping: Address of a health check, told of start and end (the protocol of healthchecks.io).
        webhook: Address an alert is posted to, as JSON.
        alerts: File alerts are added to, a JSON document a line.
    """

    ping: str | None = None
    webhook: str | None = None
    alerts: str | None = None


@dataclass(frozen=True, kw_only=True)
class Job:
    """One forecast to make again and again."""

    name: str
    source: SavedSource
    forecast: Asked = field(default_factory=Asked)
    covariates: Covariates = field(default_factory=Covariates)
    weather: Weather = field(default_factory=Weather)
    calendar: Calendar = field(default_factory=Calendar)
    training: Training = field(default_factory=Training)
    checks: Checks = field(default_factory=Checks)
    export: tuple[Destination, ...] = ()
    store: Store = field(default_factory=Store)
    retention: Retention = field(default_factory=Retention)
    schedule: Schedule = field(default_factory=Schedule)
    monitor: Monitor = field(default_factory=Monitor)

    def asked(self) -> dict[str, Any]:
        """What is asked of the readings, as ``AutoForecaster`` takes it; without what was not said."""
        named = {one.name: getattr(self.forecast, one.name) for one in fields(self.forecast)}
        named |= {"known": self.covariates.known, "weather": self.weather.columns, "place": self.weather.place}
        named |= {"weather_mode": self.weather.mode, "weather_forecasts": self.weather.forecasts}
        named |= {one.name: getattr(self.calendar, one.name) for one in fields(self.calendar)}
        named |= {"allow_stale": self.checks.allow_stale or None}
        return {name: value for name, value in named.items() if value not in (None, ())}

    def fingerprint(self) -> str:
        """Hash of all that decides a forecast; where it goes and who is told do not."""
        effort = [getattr(self.training, one.name) for one in fields(self.training)]
        source = self.source.values()
        words = json.dumps([self.name, source, self.asked(), effort, self.covariates.future], default=str)
        return hashlib.sha256(words.encode()).hexdigest()[:16]
