"""Forecasts of the weather for a view: those at hand, and simulated ones where there were none.

Simulated forecasts know what came, as wrong as real ones would have been. They are made once, before anything is
fitted or scored, and stand in backtests only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.task import VINTAGE_MODES
from backtests.windows import step_length
from connectors.errors import ConfigError, DataError
from connectors.weather.simulator import simulate_runs
from connectors.weather.vintages import Rows, Vintages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.view import FloatArray, View

MICROSECOND = 1000


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A view that holds forecasts of the weather.

    Attributes:
        view: The view.
        notes: What could not be simulated, and why.
    """

    view: View
    notes: tuple[str, ...] = ()


def with_vintages(view: View, own: Vintages | None = None) -> Forecast:
    """A view with the forecasts of the weather that its mode calls for.

    Args:
        view: Readings, observed weather, and in the rows after the readings the weather as it is forecast now.
        own: Forecasts kept of one place, at the step of the view; they count for all items.

    Raises:
        ConfigError: If steps are longer than a day and forecasts are to be simulated.
    """
    if view.task.weather_mode not in VINTAGE_MODES:
        return Forecast(view=view)
    parts, notes, made = [], [], {}
    for index, item in enumerate(view.items):
        weather = {name: values[index] for name, values in view.weather.items()}
        key = b"".join(np.ascontiguousarray(values).tobytes() for values in weather.values())
        if key not in made:
            found = [_now(view, weather), *([] if own is None else [own])]
            if view.task.weather_mode == "simulated":
                runs, said = _simulated(view, item, weather)
                found.append(runs)
                notes += said
            made[key] = merge(found)
        parts.append(made[key])
    view = replace(view, vintages=tuple(parts))
    return Forecast(view=view, notes=(*dict.fromkeys(notes), *_uncovered(view)))


def covered(view: View) -> float:
    """Share of the steps asked for of the live forecast whose weather is forecast, 0 to 1."""
    if view.task.weather_mode not in VINTAGE_MODES or not view.vintages:
        return 0.0
    end = view.raw.shape[1] - 1
    found = view.past_at(view.last).forecast_weather(np.array([end]), view.task.horizon)
    asked = view.asked(np.array([end]), view.task.horizon)[0]
    return min((float(np.isfinite(values[0][:, asked]).mean()) for values in found.values()), default=0.0)


def live_mode(view: View) -> str:
    """The class of the weather that the live forecast has: simulated weather exists in backtests only."""
    mode = view.task.weather_mode
    if mode not in VINTAGE_MODES:
        return mode
    return "vintage" if covered(view) >= 1.0 else "climatology"


def merge(parts: Sequence[Vintages]) -> Vintages:
    """Vintages of one place from several sources, as one."""
    names = dict.fromkeys(name for part in parts for name in part.rows)
    rows = {}
    for name in names:
        some = [part.rows[name] for part in parts if name in part.rows]
        times = [np.concatenate([getattr(one, what) for one in some]) for what in ("valid", "available", "issued")]
        rows[name] = Rows.sort(times, np.concatenate([one.values for one in some]))
    return Vintages(rows=rows)


def _uncovered(view: View) -> tuple[str, ...]:
    """What is said when the live forecast has no forecast of the weather, though its backtest has."""
    share = covered(view)
    if share >= 1.0:
        return ()
    words = (
        f"a weather forecast covers {share:.0%} of the steps ahead; for the others the weather is made from the "
        "observations up to the last reading, so that the scores are of better informed forecasts than this one "
        "(give the forecast in rows after the readings, or with --future)"
    )
    return (words,)


def _now(view: View, weather: dict[str, FloatArray]) -> Vintages:
    """The weather in the rows after the readings: a forecast that is available now."""
    end = view.raw.shape[1]
    issued = int(view.issues.issued_at[end - 1]) // MICROSECOND
    valid = view.grid[end:].as_unit("us").asi8
    rows = {}
    for name, values in weather.items():
        there = np.isfinite(values[end:])
        at = np.full(int(there.sum()), issued)
        rows[name] = Rows.sort([valid[there], at, at], values[end:][there])
    return Vintages(rows=rows)


def _simulated(view: View, item: str, weather: dict[str, FloatArray]) -> tuple[Vintages, list[str]]:
    """Simulated forecasts of what was observed at one place; what cannot be simulated is said."""
    task, end = view.task, view.raw.shape[1]
    if not isinstance(task.step, pd.offsets.Tick | pd.offsets.Day):
        raise ConfigError(
            f"The weather of steps of {task.freq} cannot be simulated.",
            expected="Steps of a day or shorter.",
            fix="Leave out --weather-mode simulated.",
        )
    found, notes = [], []
    for name, values in weather.items():
        observed = pd.DataFrame({"timestamp": view.grid[:end], name: values[:end]})
        try:
            runs = simulate_runs(
                observed, location=item, horizon=task.horizon * step_length(task.freq), seed=task.weather_seed
            )
        except (ConfigError, DataError) as error:
            notes.append(f"{name} is not simulated but taken as usual for the hour: {error}")
            continue
        found.append(runs.vintages())
    return merge(found), notes
