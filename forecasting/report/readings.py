"""What the history and the final windows hold, counted and averaged for sentences and charts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from connectors.frame import quantile_columns
from forecasting.report.wording import Clock, Step, step_of

if TYPE_CHECKING:
    from forecasting.report.content import Content

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

_KEY = ["item_id", "timestamp"]
#: Most bars of an error profile; longer horizons are averaged over several steps.
MOST_BARS = 48


@dataclass(frozen=True, kw_only=True)
class Soundness:
    """What can be used of the history.

    Attributes:
        readings: Rows of the history from each item's first reading, gaps included.
        missing: Rows without a reading.
        left_out: Readings judged faulty.
        silent: Steps without a sound reading right before the forecast, of the item that has most.
        items: Number of items.
    """

    readings: int
    missing: int
    left_out: int
    silent: int
    items: int

    @property
    def share_lost(self) -> float:
        """Share of the rows that hold no sound reading, 0 for an empty history."""
        return (self.missing + self.left_out) / self.readings if self.readings else 0.0


def clock_of(content: Content) -> Clock:
    """The wall clock of a report."""
    return Clock(zone=content.time_zone, step=step_of(content.freq))


def item_names(content: Content) -> tuple[str, ...]:
    """Items in the order of the forecast; those of the history when nothing is forecast."""
    table = content.history if content.forecast.empty else content.forecast
    return tuple(str(name) for name in table["item_id"].unique())


def faulty_mask(history: pd.DataFrame, faulty: pd.DataFrame) -> BoolArray:
    """Which rows of a history hold a reading that was left out. ``[T]``."""
    if faulty.empty or history.empty:
        return np.zeros(len(history), dtype=np.bool_)
    mask = history["timestamp"].isin(faulty["timestamp"]).to_numpy(bool) & history["target"].notna().to_numpy(bool)
    near = pd.MultiIndex.from_frame(history.loc[mask, _KEY])
    mask[mask] = near.isin(pd.MultiIndex.from_frame(faulty[_KEY]))
    return mask


def sound_history(content: Content) -> pd.DataFrame:
    """The history with faulty readings as NaN, from each item's first reading: ``item_id | timestamp | target``."""
    history = content.history[[*_KEY, "target"]].reset_index(drop=True)
    sound = history.assign(target=history["target"].where(~faulty_mask(history, content.faulty)))
    return sound[begun_mask(history)].reset_index(drop=True)


def begun_mask(history: pd.DataFrame) -> BoolArray:
    """Which rows are not before the first reading of their item: a meter not yet there has no gaps. ``[T]``."""
    read = history["target"].notna()
    return np.asarray(read.groupby(history["item_id"].to_numpy(), sort=False).cummax(), dtype=np.bool_)


def soundness(content: Content) -> Soundness:
    """Count what is missing and what was left out."""
    sound = sound_history(content)
    left_out = int(faulty_mask(content.history, content.faulty).sum())
    return Soundness(
        readings=len(sound),
        missing=int(sound["target"].isna().sum()) - left_out,
        left_out=left_out,
        silent=_silent(sound),
        items=sound["item_id"].nunique(),
    )


def _silent(sound: pd.DataFrame) -> int:
    """Rows after the last sound reading of an item, the most of any item."""
    here = sound["target"].notna().to_numpy(bool)
    rows = sound.groupby("item_id", sort=False).cumcount(ascending=False)
    left = rows[here].groupby(sound["item_id"][here], sort=False).min()
    whole = sound.groupby("item_id", sort=False).size()
    return int(left.reindex(whole.index).fillna(whole).max()) if len(whole) else 0


def history_days(content: Content) -> float:
    """Days from the first reading of the history to the end of the last, 0 when it is empty."""
    stamps = content.history["timestamp"]
    if stamps.empty:
        return 0.0
    end = pd.date_range(stamps.max(), periods=2, freq=content.freq)[-1]
    return float((end - stamps.min()) / pd.Timedelta(days=1))


def window_errors(content: Content) -> pd.DataFrame:
    """The final windows with what came: ``content.final`` and ``step`` (from 1), ``actual``, ``error``.

    ``error`` is forecast minus actual [unit of the target], NaN where no sound reading came.
    """
    if content.final.empty:
        return pd.DataFrame(columns=[*_KEY, "cutoff", "mean", "step", "actual", "error"])
    table = content.final.sort_values(["item_id", "cutoff", "timestamp"], ignore_index=True)
    actual = sound_history(content).rename(columns={"target": "actual"})
    table = table.merge(actual, on=_KEY, how="left")
    step = table.groupby(["item_id", "cutoff"], sort=False).cumcount() + 1
    return table.assign(step=step, error=table["mean"] - table["actual"])


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The mean absolute error by hour of day or by step of the horizon.

    Attributes:
        by: What the bars stand for.
        labels: One for each bar, such as "19:00" or "5" or "5-8". ``[B]``
        mae: Mean absolute error [unit of the target], NaN where nothing was measured. ``[B]``
        hours: How many errors each is the mean of. ``[B]``
        overall: Mean over all of them.
    """

    by: Literal["hour", "step"]
    labels: tuple[str, ...]
    mae: FloatArray
    hours: FloatArray
    overall: float


def profile_kind(step: Step, horizon: int) -> Literal["hour", "step"]:
    """By hour of day when the steps are finer than a day and the horizon covers one; else by step."""
    covers_a_day = step.seconds is not None and step.seconds * horizon >= 86400
    return "hour" if covers_a_day and not step.calendar else "step"


def error_profile(errors: pd.DataFrame, clock: Clock, by: Literal["hour", "step"]) -> Profile | None:
    """Average the errors of final windows, or None when none was measured.

    Args:
        errors: Rows of ``window_errors``.
        clock: Says which hour of the day a stamp is.
        by: What to average over.
    """
    known = errors[errors["error"].notna()]
    if known.empty:
        return None
    size = 1 if by == "hour" else -(-int(errors["step"].max()) // MOST_BARS)
    if by == "hour":
        keys: Any = clock.local(pd.DatetimeIndex(known["timestamp"])).hour
        labels = tuple(f"{hour:02d}:00" for hour in range(24))
    else:
        keys = (known["step"].to_numpy() - 1) // size
        steps = range(1, int(errors["step"].max()) + 1, size)
        labels = tuple(str(first) if size == 1 else f"{first}-{first + size - 1}" for first in steps)
    grouped = known["error"].abs().groupby(np.asarray(keys)).agg(["mean", "size"]).reindex(range(len(labels)))
    return Profile(
        by=by,
        labels=labels,
        mae=grouped["mean"].to_numpy(float),
        hours=grouped["size"].fillna(0).to_numpy(float),
        overall=float(known["error"].abs().mean()),
    )


def without_width(content: Content) -> bool:
    """Whether lowest and highest quantile are the same throughout."""
    levels = quantile_columns(content.forecast.columns)
    ends = content.forecast[[levels[0], levels[-1]]].dropna() if levels else content.forecast[:0]
    return len(levels) > 1 and len(ends) > 0 and bool((ends.iloc[:, 0] == ends.iloc[:, 1]).all())
