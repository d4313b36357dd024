"""How the load answers to the temperature: the days that were, and what the model would say of the days ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.view import NEVER
from features.calendar import local_stamps
from features.felt import is_temperature
from forecasting.whatif import Scenario, imagine

if TYPE_CHECKING:
    from backtests.view import FloatArray, View
    from forecasting.ensemble import Ensemble

#: Points of the curve, the share of the days left out at both ends, latest days shown, and the fewest there must be.
POINTS, EDGE, MOST_DAYS, FEWEST_DAYS = 3, 0.05, 730, 14


@dataclass(frozen=True, kw_only=True)
class Response:
    """One item and one temperature.

    Attributes:
        item_id: The item.
        name: The weather column.
        degrees: Mean of each day, in its unit. ``[D]``
        readings: Mean reading of each day. ``[D]``
        curve_degrees: Mean temperature of the days ahead if they were so warm. ``[P]``
        curve: Mean forecast of the same steps then. ``[P]``
    """

    item_id: str
    name: str
    degrees: FloatArray
    readings: FloatArray
    curve_degrees: FloatArray
    curve: FloatArray


def responses(ensemble: Ensemble, view: View) -> tuple[Response, ...]:
    """The response of every item to the first temperature; none where there is no weather ahead."""
    name = next((name for name in view.task.weather_covariates if is_temperature(name)), None)
    if name is None or view.task.weather_mode == "none":
        return ()
    days = [_days(view, name, item) for item in range(len(view.items))]
    known = np.concatenate([degrees for degrees, _ in days])
    past = view.past_at(view.last)
    ahead = past.weather_ahead(np.array([past.cutoff]), view.task.horizon)[name][0]
    if len(known) < FEWEST_DAYS or not np.isfinite(ahead).any():
        return ()
    usual = float(np.nanmean(ahead))
    low, high = np.quantile(known, [EDGE, 1 - EDGE])
    wanted = np.linspace(float(low), float(high), POINTS)
    cutoff = pd.DatetimeIndex([view.last])
    said = [
        ensemble.predict(imagine(view, Scenario(weather={name: float(want - usual)})), cutoff).mean
        for want in wanted
    ]
    curves = np.stack([made[0].mean(axis=1) for made in said], axis=1)
    return tuple(
        Response(
            item_id=item, name=name, degrees=degrees, readings=readings, curve_degrees=wanted, curve=curves[index],
        )
        for index, (item, (degrees, readings)) in enumerate(zip(view.items, days, strict=True))
        if len(degrees) >= FEWEST_DAYS
    )  # fmt: skip


def _days(view: View, name: str, item: int) -> tuple[FloatArray, FloatArray]:
    """Mean temperature and mean sound reading of the latest local days that have both. ``[D]`` each."""
    length = view.raw.shape[1]
    sound = np.where(view.known_from[item] == NEVER, view.raw[item], np.nan)
    both = pd.DataFrame({"degrees": view.weather[name][item, :length], "reading": sound}).dropna()
    days = local_stamps(view.grid[:length], view.task).normalize()[both.index]
    means = both.groupby(days).mean().tail(MOST_DAYS)
    return means["degrees"].to_numpy(float), means["reading"].to_numpy(float)
