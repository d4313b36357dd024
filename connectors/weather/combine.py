"""One series for a place out of several stations around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

#: Fall of the temperature with height [°C/m], ICAO standard atmosphere.
LAPSE_RATE = 0.0065
#: Metres of height count as this many kilometres of way, so that a mountain station is far from the valley.
#: The weight Meteostat gives them.
KM_PER_METRE = 0.01
#: Shorter ways are alike: a station on the spot has no endless weight [km].
SHORTEST_WAY = 0.1


def combine_stations(
    values: FloatArray,
    variables: Sequence[str],
    distances: FloatArray,
    heights: FloatArray,
    height: float | None = None,
) -> FloatArray:
    """The weather at a place from S stations, hour by hour from those that have a value.

    Temperature is the mean of all stations after each was brought to the height of the place, weighted by
    ``1 / way^2`` (inverse distance weighting, Shepard 1968). Everything else is taken from the nearest station
    that has it: a mean of wind directions is none, and a mean of wind speeds is too calm.

    Args:
        values: Observations, NaN where there is none. ``[S, V, T]``
        variables: Names of the V variables.
        distances: Way to each station [km]. ``[S]``
        heights: Height of each station above the sea [m], NaN when unknown. ``[S]``
        height: Height of the place [m]; that of the nearest station with a known one when None.

    Returns:
        The weather at the place, NaN where no station has a value. ``[V, T]``.
    """
    known = np.isfinite(heights)
    if height is None:
        height = float(heights[np.argmin(np.where(known, distances, np.inf))]) if known.any() else 0.0
    above = np.where(known, heights - height, 0.0)
    ways = np.maximum(np.hypot(distances, KM_PER_METRE * above), SHORTEST_WAY)
    combined = np.full(values.shape[1:], np.nan)
    for station in np.argsort(ways, kind="stable"):
        combined = np.where(np.isnan(combined), values[station], combined)
    for number, name in enumerate(variables):
        if name == "temperature":
            combined[number] = _weighted_mean(values[:, number] + LAPSE_RATE * above[:, None], ways**-2.0)
    return combined


def _weighted_mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Mean over the stations with a value. ``[S, T]`` to ``[T]``."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).T @ weights
    weight = known.T @ weights
    return np.asarray(np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0))
