"""The forecast: a combination of the forecasters near the best, with intervals around it. Never a lone winner.

Picking the one candidate that did best on the selection windows costs about 15 % against knowing the best in
hindsight, because the ranking drifts; the median of the good ones does not depend on it. Where there are windows
enough to learn them, weights that would have done best on these count for half (``forecasting.shares``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from backtests.windows import PANEL
from features.parts import BOUND, OTHER, OUTAGE, Parts, added
from forecasting.forecasters import with_role
from forecasting.intervals import LATEST_WINDOWS, adapted, errors_of
from forecasting.ongoing import ongoing, while_off
from forecasting.paths import joint_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.forecaster import Forecasts, State
    from backtests.task import Task
    from backtests.view import FloatArray, View
    from forecasting.forecasters import RegisteredForecaster
    from forecasting.intervals import Intervals
    from forecasting.tried import Tried

#: A candidate is near the best when its loss is at most this many times the best one's; in a panel, where what is
#: best differs by item and is hidden in a mean over many, farther. There plain copying is a member as well: no item
#: need listen to it.
NEAR_BEST, NEAR_BEST_OF_PANEL = 1.2, 1.5
#: Members at least and at most, and of one family at most: ten near twins would outvote everything else.
FEWEST, MOST, MOST_OF_A_FAMILY = 3, 9, 3
#: Weights are equal up to this.
HAIR = 1e-9


def choose_members(tried: Sequence[Tried], items: int = 1) -> list[Tried]:
    """The candidates near the best, at most three of a family, at least three in all when there are as many.

    Args:
        tried: Candidates that were judged on all selection windows.
        items: How many items there are.

    Returns:
        The members, best first.
    """
    ranked = sorted((one for one in tried if one.complete), key=lambda one: (one.loss, one.number))
    chosen: list[Tried] = []
    reach = NEAR_BEST if items < PANEL else NEAR_BEST_OF_PANEL
    copying = with_role("baseline")
    for one in ranked:
        near = one.loss <= reach * ranked[0].loss or (items >= PANEL and one.name in copying)
        twins = sum(other.name == one.name for other in chosen)
        if len(chosen) < MOST and twins < MOST_OF_A_FAMILY and (near or len(chosen) < FEWEST):
            chosen.append(one)
    return chosen


def median(members: Sequence[FloatArray], weights: FloatArray | None = None) -> FloatArray:
    """Median over members of point forecasts ``[C, N, H]`` each, by weights ``[M, N]`` or ``[M, C, N]`` if given."""
    made = np.stack(members)
    if weights is None:
        return np.asarray(np.median(made, axis=0))
    return np.asarray((made * middle_weights(made, weights)).sum(axis=0))


def combined(
    members: Sequence[FloatArray], shares: FloatArray | None, weights: FloatArray | None = None
) -> FloatArray:
    """The point forecast of an ensemble: the median, or its mean with the mean by shares. ``[C, N, H]``.

    Args:
        members: Point forecasts, ``[C, N, H]`` each.
        shares: Weights by member and step, which add up to 1 at each step; None for the median alone. ``[M, H]``
        weights: Weights in the median; None where all count the same. ``[M, N]``, or by window ``[M, C, N]``
    """
    middle = median(members, weights)
    if shares is None:
        return middle
    weighted = np.sum([made * share for made, share in zip(members, shares, strict=True)], axis=0)
    return np.asarray((middle + weighted) / 2)


def middle_weights(members: FloatArray, weights: FloatArray | None = None) -> FloatArray:
    """What each member counts in the median: 1 for the middle one, half each for two, 0 for the others.

    The middle one is that with which the weights of those up to it pass half of all; where they are half to a hair,
    it and the next are.

    Args:
        members: Point forecasts ``[M, C, N, H]``.
        weights: Weights ``[M, N]`` or ``[M, C, N]``; None where all count the same.

    Returns:
        Weights of the shape of the forecasts; they add up to 1 over the members.
    """
    given = np.ones(members.shape[:3]) if weights is None else weights.reshape(len(members), -1, members.shape[2])
    order = np.argsort(members, axis=0, kind="stable")
    every = np.broadcast_to((given / given.sum(axis=0))[..., None], members.shape)
    below = np.cumsum(np.take_along_axis(every, order, axis=0), axis=0)
    first = np.argmax(below >= 0.5 - HAIR, axis=0, keepdims=True)
    tied = np.abs(np.take_along_axis(below, first, axis=0) - 0.5) <= HAIR
    middle = np.zeros(members.shape)
    for rank in (first, first + tied):
        at = np.take_along_axis(order, rank, axis=0)
        np.put_along_axis(middle, at, np.take_along_axis(middle, at, axis=0) + 0.5, axis=0)
    return middle


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """Some forecasters and the intervals around their median; itself a forecaster.

    Attributes:
        members: The forecasters, fitted or not.
        intervals: Calibrated on forecasts of theirs that took no part in their fits.
        shares: Weight of each member at each step in the half that is a mean; None for the median alone. ``[M, H]``
        weights: Weight of each member in the median of each item of a panel; None where all count the same.
            ``[M, N]``
        lowest: Bound below which no forecast goes, such as 0 where no reading was below; None for none.
    """

    members: tuple[RegisteredForecaster, ...]
    intervals: Intervals
    shares: FloatArray | None = None
    weights: FloatArray | None = None
    lowest: float | None = None
    name: str = "hourcast"

    def fit(self, view: View, cutoff: pd.Timestamp, task: Task) -> Self:
        """Fit every member."""
        return replace(self, members=tuple(member.fit(view, cutoff, task) for member in self.members))

    def predict(self, view: View, cutoffs: pd.DatetimeIndex) -> Forecasts:
        """Point forecast and quantiles from each cutoff."""
        made = [member.predict(view, cutoffs) for member in self.members]
        return self.combine(view, made)

    def combine(self, view: View, made: Sequence[Forecasts]) -> Forecasts:
        """Point forecast and quantiles of forecasts the members made from the same cutoffs."""
        return while_off(view, self._without_outage(view, made))

    def _without_outage(self, view: View, made: Sequence[Forecasts]) -> Forecasts:
        mean = self.point(made)
        quantiles = self.bounded(self.intervals.around(view, made[0].cutoffs, mean))
        return replace(made[0], mean=mean, quantiles=quantiles, levels=self.intervals.levels)

    def following(self, view: View, since: pd.Timestamp) -> Self:
        """The same with widths that answer to what its intervals held on readings newer than its fit.

        Args:
            view: The newer readings.
            since: Stamp of the last reading it was fitted on.
        """
        cutoffs = self._cutoffs_since(view, since)
        if not len(cutoffs):
            return self
        return self._answering(view, [member.predict(view, cutoffs) for member in self.members])

    def latest(self, view: View, since: pd.Timestamp) -> Forecasts:
        """The forecast from the newest cutoff, by intervals ``following`` what was read since the fit.

        Args:
            view: The newer readings.
            since: Stamp of the last reading it was fitted on.
        """
        earlier = self._cutoffs_since(view, since)
        # Nearly all the work of a forecast is the same for one cutoff and for many.
        cutoffs = pd.DatetimeIndex([*earlier, view.last])
        made = [member.predict(view, cutoffs) for member in self.members]
        past, newest = ([one.some(part) for one in made] for part in (slice(None, -1), slice(-1, None)))
        return (self._answering(view, past) if len(earlier) else self).combine(view, newest)

    def _cutoffs_since(self, view: View, since: pd.Timestamp) -> pd.DatetimeIndex:
        """Cutoffs after the fit, a season apart, whose first step has come; the latest ones."""
        now, season = view.raw.shape[1] - 1, view.task.season
        most = min(LATEST_WINDOWS, (now - int(view.grid.searchsorted(since))) // season)
        return view.cutoffs(now - season * np.arange(1, most + 1)[::-1])

    def _answering(self, view: View, made: Sequence[Forecasts]) -> Self:
        together = replace(made[0], mean=self.point(made))
        errors = errors_of(view, together, self.intervals.share)
        return replace(self, intervals=adapted(self.intervals, errors, view.raw.shape[1] - 1, view.task))

    def paths(
        self, view: View, cutoffs: pd.DatetimeIndex, *, number: int, seed: int
    ) -> tuple[Forecasts, FloatArray]:
        """The forecasts, and joint paths around them. ``[C, N, H, P]``."""
        made = self._without_outage(view, [member.predict(view, cutoffs) for member in self.members])
        found = self.bounded(joint_paths(self.intervals, view, cutoffs, made.mean, number=number, seed=seed))
        generator = np.random.default_rng(seed)
        for one in ongoing(view, cutoffs):
            found[one.cutoff, one.item] = one.paths(found[one.cutoff, one.item], generator)
        return while_off(view, made), found

    def explain(self, view: View, cutoffs: pd.DatetimeIndex) -> tuple[FloatArray, Parts, FloatArray]:
        """Point forecasts and parts that add up to them, ``[C, N, H]`` each; how much each member counts ``[M]``.

        At every step the parts are those of the members in the middle there, the mean of two when their number
        is even, and where members have shares for half of them those of all by share. What rounding leaves is in
        the part ``OTHER``.
        """
        forecasts = [member.predict(view, cutoffs) for member in self.members]
        made = np.stack([one.mean for one in forecasts])
        free = combined(list(made), self.shares, self.weights)
        without = self._without_outage(view, forecasts)
        mean = while_off(view, without).mean
        weights = middle_weights(made, self.weights)
        if self.shares is not None:
            weights = (weights + self.shares[:, None, None, :]) / 2
        parts = added(
            {name: weight * values for name, values in member.explain(view, cutoffs).items()}
            for member, weight in zip(self.members, weights, strict=True)
        )
        if self.lowest is not None:
            parts[BOUND] = without.mean - free
        if (mean != without.mean).any():
            parts[OUTAGE] = mean - without.mean
        rest = mean - np.sum(list(parts.values()), axis=0)
        return mean, {**parts, OTHER: parts.get(OTHER, 0.0) + rest}, weights.mean(axis=(1, 2, 3))

    def only(self, kept: Sequence[int]) -> Self:
        """The same without the other members; shares are scaled up to 1 again, or are dropped where none is left."""
        shares = None if self.shares is None else self.shares[list(kept)]
        if shares is not None:
            whole = shares.sum(axis=0)
            shares = shares / whole if (whole > 0).all() else None
        weights = None if self.weights is None else self.weights[list(kept)]
        return replace(self, members=tuple(self.members[index] for index in kept), shares=shares, weights=weights)

    def state(self) -> State | None:
        """Each member has a state of its own."""
        return None

    def point(self, made: Sequence[Forecasts]) -> FloatArray:
        """The point forecast of forecasts of the members, without regard to outages. ``[C, N, H]``."""
        return self.bounded(combined([forecasts.mean for forecasts in made], self.shares, self.weights))

    def bounded(self, values: FloatArray) -> FloatArray:
        """Values no lower than the bound."""
        return values if self.lowest is None else np.maximum(values, self.lowest)
