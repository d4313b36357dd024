"""Forecasts of the weather for a view: those at hand, and simulated ones where there were none.

Simulated forecasts know what came, as wrong as real ones would have been. They are made once, before anything is
fitted or scored, stored where the weather came from near a place, and stand in backtests only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.issue import on_issue
from backtests.task import VINTAGE_MODES
from backtests.windows import plan_final, step_length
from connectors.errors import (
    ConfigError,
    DataError,
    HistoryTooShortError,
    OutputError,
    RetriableConnectorError,
    UnreadableFileError,
)
from connectors.weather.lead_errors import fit_lead_error
from connectors.weather.simulated_store import Simulation
from connectors.weather.vintages import Rows, Vintages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.view import FloatArray, IntArray, View
    from connectors.weather.lead_errors import LeadError
    from connectors.weather.simulated_store import SimulatedStore

#: Nanoseconds in a microsecond; an hour and a day in microseconds.
MICROSECOND, HOUR, DAY = 1000, 3_600_000_000, 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A view that holds forecasts of the weather.

    Attributes:
        view: The view.
        notes: What could not be simulated, and why.
    """

    view: View
    notes: tuple[str, ...] = ()


def with_vintages(
    view: View,
    own: Vintages | None = None,
    *,
    now: pd.Timestamp | None = None,
    store: SimulatedStore | None = None,
) -> Forecast:
    """A view with the forecasts of the weather that its mode calls for.

    Args:
        view: Readings, observed weather, and in the rows after the readings the weather as it is forecast now.
        own: Hourly forecasts kept of one place, under the names of the weather columns; they count for all items.
        now: When the live forecast is made: what came in since its cutoff is known to it.
        store: Where simulated forecasts are read, or stored when they are made; used where all items have the same
            weather, since one of many costs more to store than to make.

    Raises:
        ConfigError: If steps are longer than a day and forecasts are to be simulated.
    """
    if view.task.weather_mode not in VINTAGE_MODES:
        return Forecast(view=view)
    kept = [] if own is None else [_in_time(at_step(own, view), view, now)]
    parts, notes, made = [], [], {}
    keys = [_weather_key(view, index) for index in range(len(view.items))]
    store = store if len(set(keys)) == 1 else None
    for index, (item, key) in enumerate(zip(view.items, keys, strict=True)):
        weather = {name: values[index] for name, values in view.weather.items()}
        if key not in made:
            found = [_now(view, weather), *kept]
            if view.task.weather_mode == "simulated":
                asked, said = _simulation(view, item, weather, kept)
                runs, failed = _simulated(asked, store, view.last if now is None else now)
                found.append(_before(runs, kept))
                notes += [*said, *failed]
            made[key] = merge(found)
        parts.append(made[key])
    view = replace(view, vintages=tuple(parts))
    view = view if own is None else _with_ahead(view)
    return Forecast(view=view, notes=(*dict.fromkeys(notes), *_uncovered(view)))


def _weather_key(view: View, index: int) -> bytes:
    """What tells the weather of an item from that of another."""
    digest = hashlib.blake2b()
    for values in view.weather.values():
        digest.update(np.ascontiguousarray(values[index]).tobytes())
    return digest.digest()


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


def in_class(view: View, own: Vintages | None, *, chosen: bool) -> View:
    """A view in the mode of the weather its live forecast will have, unless the user chose one.

    Where forecasts are kept it is ``vintage``, if they were there for the windows that judge, else ``simulated``.
    """
    if own is None or chosen:
        return view
    end = view.raw.shape[1]
    final = on_issue(plan_final(end, view.task), view.issues, end)
    mode = "vintage" if covers(view, own, final.positions) else "simulated"
    return replace(view, task=replace(view.task, weather_mode=mode))


def covers(view: View, own: Vintages, positions: IntArray) -> bool:
    """Whether forecasts kept of a place were there at every step asked for of some cutoffs, of some variable."""
    seen = replace(
        view, task=replace(view.task, weather_mode="vintage"), vintages=(at_step(own, view),) * len(view.items)
    )
    found = seen.past_at(seen.grid[int(positions.max())]).forecast_weather(positions, view.task.horizon)
    asked = view.asked(positions, view.task.horizon)
    return any(bool(np.isfinite(values[:, 0][asked]).all()) for values in found.values())


def at_step(own: Vintages, view: View) -> Vintages:
    """Hourly forecasts at the step of a view: interpolated within an hour of a run, or the mean of its interval."""
    step = int(step_length(view.task.freq) / pd.Timedelta(microseconds=1))
    if step == HOUR:
        return own
    start = int(view.grid.as_unit("us").asi8[0])
    change = _interpolated if step < HOUR else _averaged
    return Vintages(rows={name: change(rows, step, start) for name, rows in own.rows.items()})


def _interpolated(rows: Rows, step: int, start: int) -> Rows:  # noqa: ARG001 - both ways are asked alike
    order = np.lexsort([rows.valid, rows.available, rows.issued])
    valid, available, issued, values = (
        part[order] for part in (rows.valid, rows.available, rows.issued, rows.values)
    )
    follows = np.flatnonzero((np.diff(valid) == HOUR) & (np.diff(available) == 0) & (np.diff(issued) == 0))
    shares = np.arange(1, HOUR // step) * step
    between = values[follows, None] + shares / HOUR * (values[follows + 1] - values[follows])[:, None]
    repeat = len(shares)
    times = [
        np.concatenate([valid, (valid[follows, None] + shares).ravel()]),
        np.concatenate([available, np.repeat(available[follows], repeat)]),
        np.concatenate([issued, np.repeat(issued[follows], repeat)]),
    ]
    return Rows.sort(times, np.concatenate([values, between.ravel()]))


def _averaged(rows: Rows, step: int, start: int) -> Rows:
    interval = start + (rows.valid - start) // step * step
    table = pd.DataFrame(
        {"valid": interval, "available": rows.available, "issued": rows.issued, "value": rows.values}
    )
    found = table.groupby(["valid", "available", "issued"])["value"].agg(["mean", "size"])
    whole = found[found["size"] == step // HOUR].reset_index()
    times = [whole[name].to_numpy(np.int64) for name in ("valid", "available", "issued")]
    return Rows.sort(times, whole["mean"].to_numpy(float))


def _in_time(own: Vintages, view: View, now: pd.Timestamp | None) -> Vintages:
    """Forecasts that came in between the last cutoff and now, within a day, are known to the live forecast."""
    issued = int(view.issues.issued_at[view.raw.shape[1] - 1]) // MICROSECOND
    until = issued if now is None else int(now.as_unit("ns").value) // MICROSECOND
    if not issued < until <= issued + DAY:
        return own
    rows = {}
    for name, one in own.rows.items():
        available = np.where((one.available > issued) & (one.available <= until), issued, one.available)
        rows[name] = Rows.sort([one.valid, available, one.issued], one.values)
    return Vintages(rows=rows)


def _before(runs: Vintages, kept: Sequence[Vintages]) -> Vintages:
    """Simulated forecasts stand in until the first kept one of the variable; from then on those count."""
    firsts: dict[str, int] = {}
    for one in kept:
        firsts |= {name: int(rows.available.min()) for name, rows in one.rows.items() if len(rows.values)}
    found = {}
    for name, rows in runs.rows.items():
        keep = rows.available < firsts[name] if name in firsts else np.ones(len(rows.values), dtype=bool)
        times = [rows.valid[keep], rows.available[keep], rows.issued[keep]]
        found[name] = Rows.sort(times, rows.values[keep])
    return Vintages(rows=found)


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


def _with_ahead(view: View) -> View:
    """A view with the live forecast of the weather in the rows after the readings, where saved models find it."""
    end, horizon = view.raw.shape[1], view.task.horizon
    ahead = view.past_at(view.last).forecast_weather(np.array([end - 1]), horizon)
    weather = {name: values.copy() for name, values in view.weather.items()}
    for name, values in weather.items():
        there = values[:, end : end + horizon]
        values[:, end : end + horizon] = np.where(np.isnan(there), ahead[name][0], there)
    return replace(view, weather=weather)


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


def _own_error(kept: Sequence[Vintages], name: str, observed: pd.Series[float]) -> LeadError | None:
    """The error by lead of the forecasts that were kept of a variable; None where those of 30 days are not there."""
    rows = next((one.rows[name] for one in kept if name in one.rows), None)
    if rows is None:
        return None
    times = {"valid_time": rows.valid, "issued_at": rows.issued}
    table = pd.DataFrame({key: pd.DatetimeIndex(at.astype("datetime64[us]"), tz="UTC") for key, at in times.items()})
    try:
        return fit_lead_error(table.assign(variable=name, kind="forecast", value=rows.values), observed, name)
    except (HistoryTooShortError, ConfigError, DataError):
        return None


def _simulation(
    view: View, item: str, weather: dict[str, FloatArray], kept: Sequence[Vintages]
) -> tuple[Simulation, list[str]]:
    """What is to be simulated at one place, and what is to be said of it.

    It is as wrong as the forecasts that were kept, where these are enough to tell, else as the frozen table says.
    """
    task, end = view.task, view.raw.shape[1]
    if not isinstance(task.step, pd.offsets.Tick | pd.offsets.Day):
        raise ConfigError(
            f"The weather of steps of {task.freq} cannot be simulated.",
            expected="Steps of a day or shorter.",
            fix="Leave out --weather-mode simulated.",
        )
    observed = pd.DataFrame(
        {"timestamp": view.grid[:end], **{name: values[:end] for name, values in weather.items()}}
    )
    came = observed.set_index("timestamp")
    own = {name: error for name in weather if (error := _own_error(kept, name, came[name])) is not None}
    horizon = task.horizon * step_length(task.freq)
    asked = Simulation(observed=observed, location=item, horizon=horizon, seed=task.weather_seed, errors=own)
    return asked, [f"simulated forecasts of {name} are as wrong as those that were kept" for name in own]


def _simulated(asked: Simulation, store: SimulatedStore | None, now: pd.Timestamp) -> tuple[Vintages, list[str]]:
    """Simulated forecasts, from the store or made and stored; what cannot be simulated or stored is said."""
    rows = {} if store is None else dict(store.read(asked))
    made, notes = {}, []
    for name in asked.observed.columns.drop("timestamp").difference(list(rows), sort=False):
        try:
            made[name] = asked.runs(name)
        except (ConfigError, DataError) as error:
            notes.append(f"{name} is not simulated but taken as usual for the hour: {error}")
    if store is not None and not rows:
        try:
            store.write(asked, list(made.values()), at=now)
        except (OutputError, RetriableConnectorError, UnreadableFileError) as error:
            notes.append(f"simulated forecasts of the weather are not stored, and made again next time: {error}")
    for runs in made.values():
        rows |= runs.vintages().rows
    return Vintages(rows=rows), notes
