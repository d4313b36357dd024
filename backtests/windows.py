"""Where the cutoffs of a backtest lie.

```
history  |==============================================================|
selection                |-c1--|-c2--|-c3--| ... |-cK--|                 chooses forecasters, calibrates intervals
final                                                  |-f1--|-f2--|..|  untouched: the score that is shown
```

A window is one cutoff and the horizon after it. Selection windows end before the first final cutoff, so that no
reading that is forecast in a final window took part in a choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from backtests.view import steps_per_day
from connectors.errors import ConfigError, HistoryTooShortError

if TYPE_CHECKING:
    from backtests.task import Task
    from backtests.view import IntArray

Refit = Literal["never", "each", "stale"] | int

#: Windows of the hold-out, when the history allows.
FINAL_WINDOWS = 7
#: Selection windows wanted for choosing and for calibrating intervals, and the fewest that will do.
SELECTION_WINDOWS, FEWEST_SELECTION = 56, 3
#: Share of the history that precedes the first selection window; in a panel, of so many items or more, up to the
#: second one, to hold four of the longest season.
SHARE_TO_FIT, MOST_TO_FIT, PANEL = 0.5, 0.75, 20


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Cutoffs of a backtest, as positions.

    Attributes:
        positions: Position of each cutoff, rising. ``[C]``
        horizon: Steps after each.
        refit: ``never``: fitted at the first cutoff only; ``each``: at every one; k: at every k-th; ``stale``: when
            the errors known by then have grown since the last fit (``backtests.backtest.roll``).
        kind: What the windows are for.
        fit_on: Latest readings a fit may learn from (sliding); None for all there are (expanding).
    """

    positions: IntArray
    horizon: int
    refit: Refit = "never"
    kind: Literal["selection", "final"] = "selection"
    fit_on: int | None = None

    @property
    def number(self) -> int:
        """How many windows there are."""
        return len(self.positions)

    @property
    def overlap(self) -> int:
        """Windows that share readings with one of them, itself included: horizon over the shortest step."""
        return -(-self.horizon // int(np.diff(self.positions).min())) if self.number > 1 else 1

    def blocks(self) -> list[IntArray]:
        """Cutoffs that share one fit, made at the first of them."""
        return blocks(self.positions, self.refit)

    def parts(self) -> list[Windows]:
        """The blocks as windows of their own, which can be forecast side by side."""
        return [replace(self, positions=block, refit=self._within) for block in self.blocks()]

    @property
    def _within(self) -> Refit:
        return "stale" if self.refit == "stale" else "never"


def blocks(positions: IntArray, refit: Refit) -> list[IntArray]:
    """Split cutoffs into runs that share one fit, made at the first of each run.

    Where a model gets stale only the errors tell: all cutoffs stay together.

    Raises:
        ConfigError: If ``refit`` is none of ``never``, ``each``, ``stale`` and a number from 1.
    """
    if refit in {"never", "stale"}:
        return [positions]
    size = 1 if refit == "each" else refit
    if not isinstance(size, int) or size < 1:
        raise ConfigError(
            f"There is no refit policy {refit!r}.", fix="Known: never, each, stale, or a number from 1."
        )
    return [positions[start : start + size] for start in range(0, len(positions), size)]


def last_windows(length: int, task: Task, *, number: int, step: int, refit: Refit = "never") -> Windows:
    """The last ``number`` windows of a history, ``step`` apart, ending at its end.

    Raises:
        HistoryTooShortError: If less than 30 % of the history would precede the first window.
        ConfigError: If ``number`` or ``step`` is below 1.
    """
    if number < 1 or step < 1:
        raise ConfigError(f"{number} windows, {step} steps apart.", expected="Both are numbers from 1.")
    positions = length - 1 - task.horizon - step * np.arange(number)[::-1]
    if positions[0] + 1 < max(0.3 * length, fewest_readings(task)):
        raise HistoryTooShortError(
            f"{number} windows of {task.horizon} steps, {step} apart, cover "
            f"{step * (number - 1) + task.horizon} of {length} readings.",
            expected=f"At least 30 % of the history and {fewest_readings(task)} readings lie before the first.",
            fix="Ask for fewer windows, a shorter step or a shorter horizon, or give a longer history.",
        )
    return Windows(positions=positions, horizon=task.horizon, refit=refit, kind="final")


def random_windows(length: int, task: Task, *, number: int, seed: int, refit: Refit = "never") -> Windows:
    """Windows at random in the last half of a history, one in each of ``number`` equal parts of it.

    They see every part of the year in a long history, at the hour of the live forecast; the seed decides which days.

    Raises:
        HistoryTooShortError: If the half has no room for as many days.
    """
    daily, last = steps_per_day(task), length - 1 - _whole_days(task.horizon, task)
    days = (last - max(int(SHARE_TO_FIT * length), fewest_readings(task))) // daily
    if not 0 < number <= days:
        raise HistoryTooShortError(
            f"{number} windows on days of their own in {max(days, 0)} days.",
            expected=f"The second half of the {length} readings holds them.",
            fix="Ask for fewer windows, or give a longer history.",
        )
    edges = np.linspace(0, days, number + 1).astype(np.int64)
    back = np.random.default_rng(seed).integers(edges[:-1], edges[1:])
    return Windows(positions=last - daily * back[::-1], horizon=task.horizon, refit=refit, kind="final")


def plan_final(length: int, task: Task) -> Windows:
    """The hold-out: up to seven windows at the end of the history, each at the hour of the live forecast.

    Short histories get fewer: the hold-out takes at most a sixth of the readings, and at least one window.
    """
    step = _whole_days(task.horizon, task)
    room = max(1, int(length / 6 - task.horizon) // step + 1)
    return last_windows(length - step + task.horizon, task, number=min(FINAL_WINDOWS, room), step=step)


def plan_selection(length: int, task: Task, *, fits: int = 4, items: int = 1) -> Windows:
    """Selection windows in the second half of a history that ends before the hold-out.

    One cutoff a day, at the hour of the live forecast; with longer horizons they are further apart, because
    windows that overlap tell the same story twice. They come in ``fits`` runs, each with one fit at its start.
    When the history is long the runs are spread over its last year, to see every time of the year. In a panel every
    cutoff is a window of each item: of short histories the first fit then gets up to three quarters.

    Args:
        length: Readings before the first final cutoff, that one included.
        task: The task.
        fits: How often a forecaster is fitted along the way.
        items: How many items there are.

    Raises:
        HistoryTooShortError: If fewer than three windows fit.
    """
    step = _whole_days(-(-task.horizon // 3), task)
    last = length - 1 - _whole_days(task.horizon, task)
    enough = min(4 * max(task.seasonality) + task.horizon, int(MOST_TO_FIT * length)) if items >= PANEL else 0
    first = max(int(SHARE_TO_FIT * length), enough, fewest_readings(task), last - _steps_per_year(task))
    room = (last - first) // step + 1
    if room < FEWEST_SELECTION:
        return _few_windows(length, task, last)
    run = -(-min(SELECTION_WINDOWS, room) // fits)
    gap = max(run * step, step * ((last - first - (run - 1) * step) // (step * max(1, fits - 1))))
    offsets = [gap * block + step * index for block in range(fits) for index in range(run)]
    positions = last - np.array(sorted(offset for offset in offsets if last - offset >= first)[::-1])
    return Windows(positions=positions, horizon=task.horizon, refit=run)


def _few_windows(length: int, task: Task, last: int) -> Windows:
    """Three overlapping windows, when the history holds no more."""
    step = max(1, min(task.horizon, (last - fewest_readings(task)) // (FEWEST_SELECTION - 1)))
    positions = last - step * np.arange(FEWEST_SELECTION)[::-1]
    if positions[0] + 1 < fewest_readings(task):
        need = 2 * task.horizon + fewest_readings(task) + FEWEST_SELECTION * task.season
        raise HistoryTooShortError(
            f"There are {length} readings before the hold-out.",
            expected=f"To choose and to judge a forecast of {task.horizon} steps takes about {need} or more.",
            fix="Give a longer history or a shorter --horizon.",
        )
    return Windows(positions=positions, horizon=task.horizon, refit=FEWEST_SELECTION)


def fewest_readings(task: Task) -> int:
    """Readings below which nothing seasonal can be learnt: two of the shortest season."""
    return max(2 * task.season, 10)


def _whole_days(steps: int, task: Task) -> int:
    """Steps rounded up to whole days, so that cutoffs keep their hour; as they are where a step is a day or more."""
    daily = steps_per_day(task)
    return daily * -(-steps // daily)


def _steps_per_year(task: Task) -> int:
    """Steps in a year, about."""
    return int(pd.Timedelta(days=365) / step_length(task.freq))


def step_length(freq: str) -> pd.Timedelta:
    """Length of a step; of the first one from 2001-01-01 when the calendar makes them differ."""
    stamps = pd.date_range("2001-01-01", periods=2, freq=freq)
    return pd.Timedelta(stamps[1] - stamps[0])
