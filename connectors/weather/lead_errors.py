"""How wrong a weather forecast is by its lead: one frozen table per kind of variable, or the user's own vintages.

The table was written down before any backtest used it and is not tuned to a score. Temperature: day-ahead root
mean square errors of 1.2 to 1.5 °C and 3 °C at five days are the order of verified, station-corrected forecasts of
the global models. The others are rounded to what such forecasts explain of each variable: most of the wind, less
of humidity and sunshine, least of the cloud cover. Ten days ahead nothing is left but the climate of the place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError, HistoryTooShortError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

#: Leads of the table [h].
LEADS = (0.0, 6.0, 24.0, 48.0, 72.0, 120.0, 168.0, 240.0)
#: Days with forecasts of one's own from which their errors are told.
OWN_DAYS = 30
#: Room left at both ends of a share, so that its logit stays finite.
EDGE = 0.01
#: Largest clear-sky index; the edge of a cloud can send more than a clear sky.
LARGEST_INDEX = 1.1
#: It is night where a month brought no more than this share of the most there was.
NIGHT = 0.01


@dataclass(frozen=True, kw_only=True)
class LeadError:
    """Root mean square error of a forecast by lead, on the scale on which it is simulated.

    Attributes:
        scale: ``plain``; ``root``, the square root; ``logit`` of the share; or ``index``, the share of the most
            that came at that hour within a month, which stands for a clear sky.
        sigmas: Errors at the leads, on that scale; not falling. ``[len(leads)]``
        leads: Leads [h].
        shares: Whether the errors are shares of the standard deviation of the departures from the climate.
    """

    scale: str
    sigmas: tuple[float, ...]
    leads: tuple[float, ...] = LEADS
    shares: bool = False

    def ratio(self, leads: FloatArray, deviation: FloatArray) -> FloatArray:
        """Errors at some leads [h] as shares of the standard deviation of the departures, from 0 to 1.

        Args:
            leads: Leads [h]. ``[L]``
            deviation: Standard deviation of the departures, on the scale. ``[R, L]``
        """
        errors = np.interp(leads, self.leads, self.sigmas)
        if self.shares:
            return np.broadcast_to(errors, deviation.shape)
        ratio = np.divide(errors, deviation, out=np.ones(deviation.shape), where=deviation > 0)
        return np.asarray(np.minimum(ratio, 1.0))


#: The frozen table. Temperature in °C, wind in root m/s, pressure in hPa; logit and index have no unit; ``other``
#: in shares of the standard deviation.
FROZEN: dict[str, LeadError] = {
    "temperature": LeadError(scale="plain", sigmas=(0.8, 1.0, 1.4, 1.8, 2.2, 3.0, 3.5, 4.0)),
    "wind": LeadError(scale="root", sigmas=(0.24, 0.27, 0.31, 0.35, 0.39, 0.45, 0.49, 0.55)),
    "humidity": LeadError(scale="logit", sigmas=(0.40, 0.46, 0.54, 0.60, 0.66, 0.74, 0.80, 0.90)),
    "cloud": LeadError(scale="logit", sigmas=(1.9, 2.0, 2.3, 2.5, 2.6, 2.8, 2.9, 3.1)),
    "radiation": LeadError(scale="index", sigmas=(0.13, 0.15, 0.18, 0.20, 0.22, 0.26, 0.28, 0.32)),
    "pressure": LeadError(scale="plain", sigmas=(0.4, 0.6, 1.2, 2.2, 3.4, 6.0, 8.0, 10.0)),
    "other": LeadError(scale="plain", sigmas=(0.3, 0.35, 0.45, 0.55, 0.65, 0.85, 0.95, 1.0), shares=True),
}
#: Parts of names, by kind; the first that fits counts.
_PARTS = {
    "direction": ("direction", "wdir"),
    "temperature": ("temp", "dew", "feels_like", "dwpt", "wind_chill", "apparent"),
    "wind": ("wind", "gust", "wspd", "wpgt"),
    "humidity": ("humid", "rhum"),
    "cloud": ("cloud", "cldc"),
    "radiation": ("radiation", "irradi", "ghi", "solar"),
    "pressure": ("pressure", "pres"),
}
#: Ours for one of theirs, on the plain scale.
_UNITS = {"°F": 1.8, "F": 1.8, "km/h": 3.6, "mph": 2.237, "kn": 1.944, "mmHg": 0.75, "Pa": 100.0, "kPa": 0.1}


def kind_of(variable: str) -> str:
    """Kind of a variable by its name, a key of ``FROZEN``.

    Raises:
        ConfigError: If it is a direction: a mean of directions is none.
    """
    name = variable.lower()
    kind = next((kind for kind, parts in _PARTS.items() if any(part in name for part in parts)), "other")
    if kind == "direction":
        raise ConfigError(
            f"Forecasts of the direction {variable!r} cannot be simulated.",
            expected="A value on a line; north lies at both ends of the compass.",
            fix="Leave the column out, or give the wind as its two components.",
        )
    return kind


def lead_error(variable: str, unit: str | None = None) -> LeadError:
    """The frozen error of a variable.

    Args:
        variable: Its name; ``temperature_f`` is taken for Fahrenheit.
        unit: Its unit; None for ours.

    Raises:
        ConfigError: If it is a direction.
    """
    kind = kind_of(variable)
    found = FROZEN[kind]
    if unit is None and kind == "temperature" and variable.lower().endswith(("_f", "fahrenheit")):
        unit = "°F"
    factor = _UNITS.get(unit or "", 1.0)
    if found.scale not in ("plain", "root") or found.shares or factor == 1:
        return found
    factor = factor**0.5 if found.scale == "root" else factor
    return replace(found, sigmas=tuple(factor * sigma for sigma in found.sigmas))


def fit_lead_error(vintages: pd.DataFrame, observed: pd.Series[float], variable: str) -> LeadError:
    """The error of a variable by lead, from forecasts of one's own.

    Args:
        vintages: A vintages table of one location; its rows of the kind ``forecast`` count.
        observed: What came, by valid time in UTC.
        variable: Name of the variable.

    Returns:
        Root mean square errors on the scale of the frozen table, made not to fall; beyond the longest lead they
        grow as the frozen ones do.

    Raises:
        HistoryTooShortError: If fewer than 30 days of forecasts meet an observation.
        ConfigError: If it is a direction.
    """
    frozen = lead_error(variable)
    rows = vintages[(vintages["variable"] == variable) & (vintages["kind"] == "forecast")]
    valid, issued = pd.DatetimeIndex(rows["valid_time"]), pd.DatetimeIndex(rows["issued_at"])
    scale = Scale(frozen.scale, observed)
    came = scale.forward(observed.reindex(valid).to_numpy(float), valid)
    errors = scale.forward(rows["value"].to_numpy(float), valid) - came
    met = np.isfinite(errors)
    if (days := issued[met].normalize().nunique()) < OWN_DAYS:
        raise HistoryTooShortError(
            f"Forecasts of {variable!r} from {days} days meet an observation.",
            expected=f"From {OWN_DAYS} days on their errors can be told.",
            fix="Use the frozen table until then.",
        )
    leads = ((valid - issued) / pd.Timedelta(hours=1)).to_numpy(float)[met]
    bounds = np.asarray([0.0, *(np.asarray(LEADS[1:]) + LEADS[:-1]) / 2, np.inf])
    near = np.searchsorted(bounds, leads, side="right") - 1
    own = [_root_mean_square(errors[met][near == number]) for number in range(len(LEADS))]
    return replace(frozen, sigmas=_completed(own, frozen.sigmas), shares=False)


def _root_mean_square(errors: FloatArray) -> float:
    return float(np.sqrt(np.mean(errors**2))) if len(errors) >= OWN_DAYS else float("nan")


def _completed(own: Sequence[float], frozen: Sequence[float]) -> tuple[float, ...]:
    """Own errors where there are enough; elsewhere the frozen ones, times the ratio at the nearest lead known."""
    ratios = pd.Series(np.asarray(own) / np.asarray(frozen)).interpolate(limit_direction="both").to_numpy(float)
    return tuple(np.maximum.accumulate(ratios * np.asarray(frozen)))


class Scale:
    """The scale on which departures are near normal, and the way back.

    Args:
        name: One of those of ``LeadError``.
        observed: What came, by valid time in UTC, at a regular step.

    Raises:
        DataError: If a value does not lie on the scale, such as a negative wind speed.
    """

    def __init__(self, name: str, observed: pd.Series[float]) -> None:
        values = observed.to_numpy(float)
        finite = values[np.isfinite(values)]
        self.name, self.low, self.high = name, finite.min(initial=np.inf), finite.max(initial=-np.inf)
        self.top = next((top for top in (1.0, 8.0, 100.0) if self.high <= top * 1.001), 100.0)
        self.most = _most(observed) if name == "index" else pd.Series(dtype=float)
        if name != "plain" and (self.low < 0 or (name == "logit" and self.high > 1.05 * self.top)):
            raise DataError(
                f"The weather {str(observed.name)!r} lies between {self.low:g} and {self.high:g}.",
                expected="Speeds and radiation are not negative, shares lie between 0 and 100 %.",
                fix="Give it another name if it is something else.",
            )

    def forward(self, values: ArrayLike, times: pd.DatetimeIndex) -> FloatArray:
        """Values at some times, on the scale; NaN where they have no place on it, as radiation at night."""
        given = np.asarray(values, dtype=float)
        if self.name == "root":
            return np.asarray(np.sqrt(np.maximum(given, 0.0)))
        if self.name == "logit":
            share = EDGE + (1 - 2 * EDGE) * np.clip(given / self.top, 0.0, 1.0)
            return np.asarray(np.log(share / (1 - share)))
        if self.name == "index":
            most = self.most.reindex(times).to_numpy(float)
            index = np.divide(given, most, out=np.full(given.shape, np.nan), where=most > 0)
            return np.asarray(np.clip(index, 0.0, LARGEST_INDEX))
        return given

    def back(self, scaled: FloatArray, most: FloatArray | None = None) -> FloatArray:
        """Values from the scale; ``most`` is the most that came at each hour, for the index."""
        if self.name == "root":
            return np.asarray(np.maximum(scaled, 0.0) ** 2)
        if self.name == "logit":
            share = 1 / (1 + np.exp(-scaled))
            return np.asarray(self.top * np.clip((share - EDGE) / (1 - 2 * EDGE), 0.0, 1.0))
        if self.name == "index" and most is not None:
            return np.asarray(np.where(most > 0, most * np.clip(np.nan_to_num(scaled), 0.0, LARGEST_INDEX), most))
        return scaled


def _most(observed: pd.Series[float]) -> pd.Series[float]:
    """The most that came at the same time of the day within 15 days, 0 at night."""
    index = pd.DatetimeIndex(observed.index)
    step = index[1] - index[0]
    day = np.asarray((index.normalize() - index[0].normalize()) // pd.Timedelta(days=1))
    slot = np.asarray((index - index.normalize()) // step)
    table = np.full((int(day[-1]) + 1, int(slot.max()) + 1), np.nan)
    table[day, slot] = observed.to_numpy(float)
    most = pd.DataFrame(table).rolling(31, center=True, min_periods=1).max().to_numpy(float)[day, slot]
    dark = most <= NIGHT * np.nanmax(most, initial=0.0)
    return pd.Series(np.where(dark, 0.0, most), index=index)
