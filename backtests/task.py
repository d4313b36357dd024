"""What is asked: everything that makes two scores comparable, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from connectors.errors import ConfigError
from connectors.frame import DEFAULT_LEVELS, check_levels

#: Modes in which the weather of the horizon is a forecast as it was issued, by falling trust.
VINTAGE_MODES = ("vintage", "previous_runs", "simulated")
#: How the weather of the horizon is filled in, by falling trust. ``oracle`` is an upper bound, never a headline.
WEATHER_MODES = (*VINTAGE_MODES, "climatology", "none", "oracle")

#: No delay: a reading can be used as soon as its interval ends.
AT_ONCE = pd.Timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A forecasting task.

    Attributes:
        horizon: Steps to forecast from the cutoff, from 1.
        freq: The step, as a pandas offset alias.
        seasonality: Seasons in steps, shortest first, such as ``(24, 168)``; ``(1,)`` when there is none.
        time_zone: Zone of calendar features; readings stay in UTC.
        country: Country code of the holidays, such as "FR" or "DE-BY"; None for no holidays.
        holiday_categories: Categories of holidays that count besides the public ones, such as "catholic".
        school: Zone of the school holidays, "none" for no such holidays, None for those of the country.
        place: Latitude and longitude [degrees], or None when unknown.
        known_covariates: Columns known in advance over the horizon.
        past_covariates: Columns known up to the cutoff only.
        weather_covariates: Observed weather; over the horizon it is replaced as ``weather_mode`` says.
        static_features: Columns constant within an item.
        weather_delay: Steps after which an observation of the weather is known; 0 when it comes with the readings.
        weather_mode: One of ``WEATHER_MODES``.
        weather_seed: Seed of simulated forecasts of the weather.
        lead: Time from the issue to the first step asked for; None for none, or with ``issue_at`` for the rest
            of the local day.
        delay: Time from the end of an interval to the arrival of its reading.
        issue_at: Time of day at which forecasts are issued, by the local clock, such as "10:00"; None for as soon
            as a reading arrives.
        arrives_at: Time of day at which the readings of a local day arrive together, the day after, such as
            "05:00"; ``delay`` is added. None when each arrives by itself.
        asked: Steps asked for, the last of the horizon; None for all of it.
        quantile_levels: Levels of the quantiles, rising.
        eval_metric: Name of the metric that chooses.
        ordinary_days: Local dates, such as "2025-12-25", that count as no holiday, nor as near one.
        costs: Prices of a unit forecast too little and of one forecast too much, for the metric ``cost``; or None.
    """

    horizon: int
    freq: str
    seasonality: tuple[int, ...] = (1,)
    time_zone: str = "UTC"
    country: str | None = None
    holiday_categories: tuple[str, ...] = ()
    school: str | None = None
    place: tuple[float, float] | None = None
    known_covariates: tuple[str, ...] = ()
    past_covariates: tuple[str, ...] = ()
    weather_covariates: tuple[str, ...] = ()
    static_features: tuple[str, ...] = ()
    weather_delay: int = 0
    weather_mode: str = "climatology"
    weather_seed: int = 0
    quantile_levels: tuple[float, ...] = DEFAULT_LEVELS
    ordinary_days: tuple[str, ...] = ()
    eval_metric: str = "mae"
    costs: tuple[float, float] | None = None
    lead: pd.Timedelta | None = None
    delay: pd.Timedelta = AT_ONCE
    issue_at: str | None = None
    arrives_at: str | None = None
    asked: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no forecaster could do.

        Raises:
            ConfigError: If the horizon is below 1, a level is no share, or a name is unknown.
        """
        if self.horizon < 1:
            raise ConfigError(
                f"The horizon is {self.horizon}.",
                expected="It is a number of steps from 1.",
                fix="Give --horizon 24 for a day of hourly data.",
            )
        if self.weather_mode not in WEATHER_MODES:
            raise ConfigError(
                f"There is no weather mode {self.weather_mode!r}.", fix=f"Known: {', '.join(WEATHER_MODES)}."
            )
        if self.costs is not None:
            object.__setattr__(self, "costs", check_costs(self.costs))
        object.__setattr__(self, "delay", pd.Timedelta(self.delay))
        object.__setattr__(self, "lead", None if self.lead is None else pd.Timedelta(self.lead))
        if min(self.delay, self.lead or AT_ONCE) < AT_ONCE:
            raise ConfigError(
                f"The lead is {self.lead} and the delay {self.delay}.",
                expected="Neither is below 0.",
                fix="Leave out the one that is not needed.",
            )
        object.__setattr__(self, "quantile_levels", check_levels(self.quantile_levels))

    @property
    def step(self) -> pd.offsets.BaseOffset:
        """The step as a pandas offset."""
        return pd.tseries.frequencies.to_offset(self.freq)

    @property
    def is_late(self) -> bool:
        """Whether readings arrive late, or steps are asked for later than the first after the cutoff."""
        return bool(self.lead or self.delay or self.issue_at or self.arrives_at)

    @property
    def steps(self) -> int:
        """Steps asked for: those that are scored and handed out."""
        return self.horizon if self.asked is None else self.asked

    @property
    def per_day(self) -> int:
        """Steps in a day, 1 for steps of a day or longer."""
        return _steps_in_a_day(self.freq)

    @property
    def season(self) -> int:
        """The shortest season [steps]; errors are scaled by it."""
        return self.seasonality[0]


@cache
def _steps_in_a_day(freq: str) -> int:
    step = pd.tseries.frequencies.to_offset(freq)
    if not isinstance(step, pd.offsets.Tick):
        return 1
    return max(1, round(pd.Timedelta(days=1) / pd.Timedelta(step)))


def check_costs(costs: tuple[float, ...]) -> tuple[float, float]:
    """Two prices, at least one of them above 0.

    Raises:
        ConfigError: If they are not.
    """
    if len(costs) != 2 or not all(0 <= price < float("inf") for price in costs) or not any(costs):
        raise ConfigError(
            f"The costs {', '.join(f'{price:g}' for price in costs)} cannot be.",
            expected="Two prices from 0: of a unit forecast too little, and of one forecast too much.",
            fix="Write them as --costs 120,40.",
        )
    return costs[0], costs[1]
