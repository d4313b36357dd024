"""The scale on which a regression adds its effects: the target as it is, its logarithm, or a power of it.

On a logarithm effects multiply: a cold hour costs a share, not an amount. Near 0 it turns small errors into large
ones, so that it is taken only of items whose readings all lie well above it; the others stay as they are.

``box_cox``: ``z = (x^p - 1) / p``, ``p = 0`` being the logarithm. Source: Box & Cox (1964), An Analysis of
Transformations, Journal of the Royal Statistical Society B 26(2). The power is the one with the steadiest ratio of
spread to level: Guerrero (1993), Time-series analysis supported by power transformations, Journal of Forecasting 12.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from features.parts import PROFILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backtests.view import FloatArray, Past
    from features.parts import Parts

#: What ``Scale.learn`` knows.
LEVEL, LOG, BOX_COX = "level", "log", "box_cox"
TARGETS = (LEVEL, LOG, BOX_COX)
#: A transform is taken only of readings that all lie above this share of their median.
SAFE = 0.05
#: Forecasts stay this share of the range of the readings within or beyond it.
BEYOND = 0.5
#: Powers tried.
POWERS = np.round(np.arange(0.0, 1.01, 0.1), 1)
#: Names of the arrays in a state.
POWER, BOUNDS = "scale power", "scale bounds"


def is_safe(readings: FloatArray) -> bool:
    """Whether all readings of an item lie well above 0. ``[T]``."""
    found = readings[np.isfinite(readings)]
    return len(found) > 0 and bool(found.min() > SAFE * np.median(found) > 0)


def bounds_of(readings: FloatArray) -> tuple[float, float]:
    """The range within which forecasts of an item stay. ``[T]``."""
    found = readings[np.isfinite(readings)]
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.0, 0.0)
    beyond = BEYOND * (high - low)
    return low - beyond, high + beyond


@dataclass(frozen=True)
class Scale:
    """Powers of the items, and the range their forecasts stay in.

    Attributes:
        power: 1 for items that stay as they are, 0 for the logarithm; None when all do. ``[N]``
        bounds: Lowest and highest forecast. ``[N, 2]``
    """

    power: FloatArray | None = None
    bounds: FloatArray | None = None

    @classmethod
    def learn(cls, target: str, past: Past) -> Self:
        """The scale of every item, from what was known at the cutoff; ``target`` is one of ``TARGETS``."""
        if target == LEVEL:
            return cls()
        season = max(past.task.seasonality)
        return cls(
            past.once(("powers", target), lambda: np.array([_power(target, row, season) for row in past.readings])),
            past.once("bounds", lambda: np.array([bounds_of(row) for row in past.readings])),
        )

    @classmethod
    def of(cls, arrays: Mapping[str, FloatArray]) -> Self:
        """The scale among the arrays of a state."""
        return cls(arrays.get(POWER), arrays.get(BOUNDS))

    def arrays(self) -> dict[str, FloatArray]:
        """Itself as arrays of a state; none where all items stay as they are."""
        if self.power is None or self.bounds is None:
            return {}
        return {POWER: self.power, BOUNDS: self.bounds}

    def onto(self, past: Past) -> Past:
        """The past with its readings on this scale; a reading that has no place on it is missing."""
        if self.power is None:
            return past
        return past.once(("on a scale", self.power.tobytes()), lambda: self._scaled(past))

    def _scaled(self, past: Past) -> Past:
        assert self.power is not None
        x, power = past.readings, self.power[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            positive = np.where(x > 0, x, np.nan)
            raised = (positive**power - 1.0) / np.where(power == 0, 1.0, power)
            readings = np.where(power == 1, x, np.where(power == 0, np.log(positive), raised))
        return replace(past, readings=readings)

    def back(self, made: FloatArray) -> FloatArray:
        """Forecasts in the unit of the target, within their range. ``[C, N, H]``."""
        if self.power is None or self.bounds is None:
            return made
        low, high = self.bounds.T[..., None]
        return np.asarray(np.clip(self._raised(made), low, high))

    def parts(self, parts: Parts) -> Parts:
        """Parts of the scaled forecast as parts of the forecast; what each adds is shared out by its size there.

        ``part = (back(total) - back(usual)) x / (total - usual)``, which adds up exactly: on a logarithm this is the
        logarithmic mean Divisia index of Ang (2004), Energy Policy 32(9). What the range cuts off is shared too.
        """
        if self.power is None:
            return parts
        usual = parts[PROFILE]
        total = np.sum(list(parts.values()), axis=0)
        base, whole = self._raised(usual), self.back(total)
        beyond = total - usual
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = np.where(np.abs(beyond) > 1e-12, (whole - base) / beyond, 0.0)
        made = {name: values * slope for name, values in parts.items() if name != PROFILE}
        return {PROFILE: whole - np.sum(list(made.values()), axis=0), **made}

    def _raised(self, made: FloatArray) -> FloatArray:
        assert self.power is not None
        power = self.power[:, None]
        inner = np.maximum(power * made + 1.0, 0.0) ** (1.0 / np.where(power == 0, 1.0, power))
        return np.asarray(np.where(power == 1, made, np.where(power == 0, np.exp(np.minimum(made, 700.0)), inner)))


def _power(target: str, readings: FloatArray, season: int) -> float:
    if not is_safe(readings):
        return 1.0
    if target == LOG:
        return 0.0
    whole = readings[: len(readings) // season * season].reshape(-1, season)
    whole = whole[np.isfinite(whole).mean(axis=1) > 0.5]
    if len(whole) < 4:
        return 0.0
    level, spread = np.nanmean(whole, axis=1), np.nanstd(whole, axis=1)
    ratios = spread / level ** (1.0 - POWERS[:, None])
    steady = ratios.std(axis=1) / np.maximum(ratios.mean(axis=1), np.finfo(float).tiny)
    return float(POWERS[np.argmin(steady)])
