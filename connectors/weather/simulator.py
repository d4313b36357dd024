"""Past weather forecasts where none were kept: simulated from what came, as wrong as real ones, and calibrated.

A forecast is not what came plus noise: it varies less than the weather, the less the longer its lead, and what comes
departs from the climate by as much as it says, on average (Murphy and Winkler 1987: it is reliable). With ``A`` the
departure of what came from the climate on the scale of ``lead_errors``, ``s`` its standard deviation, ``sigma(h)``
the error at lead ``h`` and ``r2 = 1 - (sigma(h) / s) ** 2``, the forecast on that scale is

    climate + r2 A + sqrt(r2 (1 - r2)) s e,

whose error has the standard deviation ``sigma(h)``, whose own is ``sqrt(r2) s``, and on which what came has the
slope 1. ``e`` is standard normal and keeps its course along the leads of a run and from run to run. It is a function
of location, variable, seed and issue alone: neither the other variables nor the period simulated matter.

Simulated vintages know what came; they exist in backtests only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError
from connectors.weather.climate import climate_of
from connectors.weather.lead_errors import LeadError, Scale, lead_error
from connectors.weather.vintages import Rows, Vintages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
IntArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

#: Goes up with any change of what is simulated from the same observations: stored ones of before are not read then.
VERSION = 1
HOUR = pd.Timedelta(hours=1)
#: Correlation of the errors of one run an hour apart.
ALONG_LEAD = 0.93
#: Correlation of the errors of two neighbouring runs about the same hour.
BETWEEN_RUNS = 0.9
#: Runs before one whose noise still shows in it; what is cut off is half a percent of the variance.
MEMORY = 24


@dataclass(frozen=True, kw_only=True)
class SimulatedRuns:
    """Simulated forecasts of one location.

    Attributes:
        location: Its name.
        seed: The seed.
        issued: When each of R runs was issued, UTC. ``[R]``
        delay: Time from issue to availability.
        leads: The L leads [h]. ``[L]``
        values: Forecasts by variable, NaN where nothing was observed. ``[R, L]``
    """

    location: str
    seed: int
    issued: pd.DatetimeIndex
    delay: pd.Timedelta
    leads: FloatArray
    values: Mapping[str, FloatArray]

    @property
    def model(self) -> str:
        """Name of the model in a vintages table."""
        return f"simulated_{self.seed}"

    def vintages(self) -> Vintages:
        """The forecasts as arrays, to be asked what was known at many instants."""
        issued, valid = self._times()
        available = issued + int(self.delay // pd.Timedelta(microseconds=1))
        rows = {}
        for name, values in self.values.items():
            keep = np.isfinite(values)
            rows[name] = Rows.sort([valid[keep], available[keep], issued[keep]], values[keep])
        return Vintages(rows=rows)

    def table(self, *, retrieved_at: pd.Timestamp, units: Mapping[str, str] | None = None) -> pd.DataFrame:
        """The forecasts as rows for the store, of the kind ``simulated``.

        Args:
            retrieved_at: When they were made, UTC.
            units: Unit by variable.
        """
        issued, valid = self._times()
        parts = []
        for name, values in self.values.items():
            keep = np.isfinite(values)
            stamps = pd.DatetimeIndex(issued[keep].astype("datetime64[us]"), tz="UTC")
            columns: dict[str, object] = {"location": self.location, "variable": name, "model": self.model}
            columns |= {"issued_at": stamps, "available_at": stamps + self.delay, "value": values[keep]}
            columns |= {"valid_time": pd.DatetimeIndex(valid[keep].astype("datetime64[us]"), tz="UTC")}
            columns |= {"kind": "simulated", "retrieved_at": retrieved_at, "source": "simulated"}
            columns |= {"unit": (units or {}).get(name, "")}
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True)

    def _times(self) -> tuple[IntArray, IntArray]:
        """Issues and valid times, ``[R, L]`` each [microseconds since 1970]."""
        issued = self.issued.as_unit("us").asi8[:, None]
        valid = issued + np.round(self.leads * 3.6e9).astype(np.int64)
        return np.broadcast_to(issued, valid.shape), valid


def simulate_runs(
    observed: pd.DataFrame,
    *,
    location: str,
    horizon: pd.Timedelta,
    seed: int,
    every: pd.Timedelta = 6 * HOUR,
    delay: pd.Timedelta = 6 * HOUR,
    errors: Mapping[str, LeadError] | None = None,
) -> SimulatedRuns:
    """Simulate the forecasts a weather service would have issued.

    Args:
        observed: ``timestamp`` [UTC, regular, start of the interval] and a column per variable, NaN where nothing
            was observed.
        location: Name of the location.
        horizon: How far ahead of any instant the newest run must reach.
        seed: The seed.
        every: Time between two runs, a multiple of the step, from midnight UTC on.
        delay: Time from issue to availability; global models take 4 to 8 hours.
        errors: Error by lead of some variables, such as fitted ones; the frozen table for the others.

    Returns:
        Runs from before the first observation to the last one, with the leads that can be of use.

    Raises:
        ConfigError: If a variable is a direction, or the times between the runs do not fit the step.
        DataError: If the observations are not regular in UTC, or do not lie on their scale.
    """
    index = _regular(observed)
    step = index[1] - index[0]
    every = max(every, step)
    if every % step or pd.Timedelta(days=1) % every or min(horizon, delay) < pd.Timedelta(0):
        raise ConfigError(
            f"Runs every {every} cannot be simulated from observations every {step}.",
            expected="The time between runs is a multiple of the step and divides a day; no duration is negative.",
        )
    phase = index[0] - index[0].floor(step)
    issued = pd.date_range((index[0] - delay - every).floor(every), index[-1].floor(every), freq=every) + phase
    # A run is the newest one for as long as the next takes; leads that are over when it comes are of no use.
    leads = np.arange(delay // step, (horizon + delay + every) // step + 1)
    hours = np.asarray(leads * (step / HOUR), dtype=float)
    first = round((issued[0] - index[0]) / step)
    positions = first + np.arange(len(issued))[:, None] * (every // step) + leads
    values = {}
    for name in [str(column) for column in observed.columns if column != "timestamp"]:
        noise = _noise(f"{location}|{name}|{seed}", issued, leads, every // step, ALONG_LEAD ** (step / HOUR))
        series = pd.Series(observed[name].to_numpy(float), index=index, name=name)
        error = (errors or {}).get(name) or lead_error(name)
        values[name] = _forecast(series, error, hours, positions, noise)
    return SimulatedRuns(location=location, seed=seed, issued=issued, delay=delay, leads=hours, values=values)


def _forecast(
    observed: pd.Series[float], error: LeadError, hours: FloatArray, positions: IntArray, noise: FloatArray
) -> FloatArray:
    """The forecasts of one variable. ``[R, L]``."""
    index = pd.DatetimeIndex(observed.index)
    scale = Scale(error.scale, observed)
    came = observed.to_numpy(float)
    scaled = scale.forward(came, index)
    climate, spread = climate_of(index, scaled)
    inside = (positions >= 0) & (positions < len(index))
    at = np.where(inside, positions, 0)
    r2 = 1.0 - error.ratio(hours, spread[at]) ** 2
    forecast = climate[at] + r2 * (scaled - climate)[at] + np.sqrt(r2 * (1.0 - r2)) * spread[at] * noise
    values = scale.back(forecast, np.asarray(scale.most, dtype=float)[at] if len(scale.most) else None)
    if error.shares:
        # Nothing is known of its kind; what never came is not forecast.
        values = np.clip(values, scale.low, scale.high)
    return np.where(inside & np.isfinite(came)[at], values, np.nan)


def _noise(name: str, issued: pd.DatetimeIndex, leads: IntArray, shift: int, rho: float) -> FloatArray:
    """Standard normal noise: autoregressive along the leads, a moving average over the runs. ``[R, L]``.

    Args:
        name: What it depends on besides the issue.
        issued: The R issues, evenly apart.
        leads: The L leads [steps].
        shift: Steps between two runs.
        rho: Correlation a step apart.
    """
    every = issued[1] - issued[0]
    length = int(leads[-1]) + 1 + shift * MEMORY
    white = _white(name, issued[0] - MEMORY * every, len(issued) + MEMORY, every, length)
    # Each run gets a course of its own; along it, what is new at a step is what the one before does not explain.
    white[:, 1:] *= np.sqrt(1.0 - rho**2)
    for step in range(1, length):
        white[:, step] += rho * white[:, step - 1]
    weights = BETWEEN_RUNS ** np.arange(MEMORY + 1)
    weights /= np.sqrt((weights**2).sum())
    noise = np.zeros((len(issued), len(leads)))
    for back, weight in enumerate(weights):
        runs = slice(MEMORY - back, MEMORY - back + len(issued))
        first = int(leads[0]) + shift * back
        noise += weight * white[runs, first : first + len(leads)]
    return noise


def _white(name: str, first: pd.Timestamp, count: int, every: pd.Timedelta, length: int) -> FloatArray:
    """White noise, one row a run, each from its own place in a stream that the name opens. ``[count, length]``."""
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    key = np.frombuffer(digest, dtype="<u8")
    start, width = int(first.timestamp()), int(every.total_seconds())
    rows = np.empty((count, length))
    for number in range(count):
        # The issue is the high word of the counter: streams of two runs never meet.
        counter = [0, 0, 0, (start + number * width) % 2**64]
        rows[number] = np.random.Generator(np.random.Philox(key=key, counter=counter)).standard_normal(length)
    return rows


def _regular(observed: pd.DataFrame) -> pd.DatetimeIndex:
    index = pd.DatetimeIndex(observed["timestamp"]).as_unit("us")
    steps: Sequence[pd.Timedelta] = list((index[1:] - index[:-1]).unique()) if len(index) > 1 else []
    if len(steps) != 1 or steps[0] <= pd.Timedelta(0) or str(index.tz) != "UTC":
        raise DataError(
            f"The observations have {len(index)} stamps in the zone {index.tz}, {len(steps)} different steps apart.",
            expected="Forecasts are simulated from regular observations in UTC; a gap is a row with NaN.",
        )
    return index
