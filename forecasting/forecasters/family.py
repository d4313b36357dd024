"""What all forecasters share: registration, checks, and the loop over pasts.

A forecaster is a dataclass of settings with two private functions: ``_learn`` turns a past into a ``State``
(numbers, words, texts), ``_forecast`` turns a past, some origins and that state into numbers. Everything else is
written here once. Adding one is adding one file to this folder.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, TypeVar

import numpy as np

from backtests.forecaster import Forecasts, State, stamps_after
from backtests.view import steps_per_day
from connectors.errors import ConfigError, ForecasterFailedError
from connectors.registry import Registry
from features.parts import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, Past, View
    from features.parts import Parts


class Suggest(Protocol):
    """The part of an Optuna trial that a search space uses."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of some choices."""
        ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number between two bounds."""
        ...

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number between two bounds."""
        ...


#: baseline: shown beside every result. fallback: used when everything else fails. base: what another one corrects.
Role = Literal["baseline", "fallback", "base"]
#: Days of history below which there is less to learn than there are kinds of days.
FEWEST_DAYS = 56


@dataclass(kw_only=True)
class RegisteredForecaster(ABC):
    """A forecaster that the search, the command line and the saved models know by name.

    Attributes:
        name: Its name, in the registry and in the leaderboard.
        plain: What it does, for people who know no method; said on the page.
        roles: What it serves as besides being a candidate.
        seconds_per_1000: Rough cost of a fit on 1,000 readings [s], to try the cheap ones first.
    """

    name: ClassVar[str]
    plain: ClassVar[str] = ""
    roles: ClassVar[frozenset[Role]] = frozenset()
    seconds_per_1000: ClassVar[float] = 0.05

    task: Task | None = field(default=None, repr=False)
    learnt: State | None = field(default=None, repr=False)

    @classmethod
    def suits(cls, task: Task, length: int) -> bool:
        """Whether it can be fitted to a series of this length, and makes sense for it."""
        return length >= 2 * task.season

    @classmethod
    @abstractmethod
    def search_space(cls, trial: Suggest, task: Task) -> dict[str, Any]:
        """Settings to try, suggested by the trial."""

    def settings(self) -> dict[str, Any]:
        """The settings, without what was learnt."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"task", "learnt"}}

    def weather_training(self) -> str | None:
        """Which weather it learns from: that ``observed``, the ``forecast`` of it, or ``mixed``; None for none."""
        return None

    def fit(self, view: View, cutoff: pd.Timestamp, task: Task) -> Self:
        """Learn from what was available at the cutoff; returns a fitted forecaster."""
        return replace(self, task=task, learnt=self._learn(view.past_at(cutoff), task))

    def predict(self, view: View, cutoffs: pd.DatetimeIndex) -> Forecasts:
        """Forecast ``task.horizon`` steps from each cutoff, with the parameters as fitted.

        Raises:
            ForecasterFailedError: If it was not fitted, or a forecast is not a finite number.
        """
        if self.task is None or self.learnt is None:
            raise ForecasterFailedError(f"{self.name} was asked to forecast before it was fitted.")
        mean = np.full((len(cutoffs), len(view.items), self.task.horizon), np.nan)
        for past, origins, where in view.pasts(cutoffs):
            mean[where] = self._forecast(past, origins, self.learnt)
        return self.forecasts(view, cutoffs, mean)

    def forecasts(self, view: View, cutoffs: pd.DatetimeIndex, mean: FloatArray) -> Forecasts:
        """Point forecasts ``[C, N, H]`` with the stamps they are of.

        Raises:
            ForecasterFailedError: If one is not a finite number.
        """
        if not np.isfinite(mean).all():
            raise ForecasterFailedError(f"{self.name} forecast something that is not a finite number.")
        horizon = mean.shape[2]
        stamps = stamps_after(view, cutoffs, horizon)
        positions = view.positions(cutoffs)
        return Forecasts(
            cutoffs=cutoffs,
            timestamps=stamps,
            items=view.items,
            mean=mean,
            asked=view.asked(positions, horizon),
            issued_at=view.issued_at(positions),
        )

    def explain(self, view: View, cutoffs: pd.DatetimeIndex) -> Parts:
        """Parts that add up to the forecast from each cutoff. ``[C, N, H]`` each.

        Raises:
            ForecasterFailedError: If it was not fitted.
        """
        if self.task is None or self.learnt is None:
            raise ForecasterFailedError(f"{self.name} was asked to explain before it was fitted.")
        found: Parts = {}
        shape = (len(cutoffs), len(view.items), self.task.horizon)
        for past, origins, where in view.pasts(cutoffs):
            for name, values in self.contributions(past, origins, self.learnt).items():
                found.setdefault(name, np.zeros(shape))[where] = values
        return found

    def state(self) -> State:
        """What was learnt."""
        return self.learnt or State()

    def restore(self, state: State, task: Task) -> Self:
        """The same forecaster as it was when its state was taken."""
        return replace(self, task=task, learnt=state)

    @abstractmethod
    def _learn(self, past: Past, task: Task) -> State:
        """Learn from a past."""

    @abstractmethod
    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        """Forecast from each origin, looking back from it only. ``[C, N, H]``."""

    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """Parts that add up to the forecast from each origin; one named part where it cannot be taken apart.

        Returns:
            Arrays ``[C, N, H]`` by the names of ``features.parts``.
        """
        return {f"{WHOLE}{self.name}": self._forecast(past, origins, learnt)}


class Additive(RegisteredForecaster):
    """One that forecasts the sum of its parts: ``contributions`` is all that it has to say."""

    def _forecast(self, past: Past, origins: IntArray, learnt: State) -> FloatArray:
        return np.asarray(sum(self.contributions(past, origins, learnt).values()))

    @abstractmethod
    def contributions(self, past: Past, origins: IntArray, learnt: State) -> Parts:
        """The parts, ``[C, N, H]`` each."""


def has_weeks(task: Task, length: int) -> bool:
    """Whether a day has a season, and there are days enough to tell their kinds apart."""
    return task.season > 1 and length >= FEWEST_DAYS * steps_per_day(task) + task.horizon


def weighted_sum(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum of products along the last axis. A matrix product would round differently for other numbers of rows."""
    return np.asarray(np.ascontiguousarray(values * weights).sum(axis=-1))


FORECASTERS: Registry[type[RegisteredForecaster]] = Registry("forecaster")
F = TypeVar("F", bound=type[RegisteredForecaster])


def register(kind: F) -> F:
    """Class decorator: add a forecaster to the registry."""
    FORECASTERS.add(kind.name, kind)
    return kind


def build(name: str, settings: Mapping[str, Any]) -> RegisteredForecaster:
    """An unfitted forecaster from its name and settings.

    Raises:
        ConfigError: If the name or a setting is unknown.
    """
    kind = FORECASTERS[name]
    known = {f.name for f in fields(kind)} - {"task", "learnt"}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ConfigError(
            f"The forecaster {name!r} has no setting {', '.join(unknown)}.",
            fix=f"Known: {', '.join(sorted(known)) or 'none'}.",
        )
    return kind(**settings)


def with_role(role: Role) -> list[str]:
    """Names of the forecasters that serve in a role, in the order they were registered."""
    return [name for name, kind in FORECASTERS.items() if role in kind.roles]
