"""Forecasts that someone made, judged as our own are: on the same readings, by the same metrics and tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.backtest import faulty_readings
from backtests.forecaster import Forecasts, stamps_after
from backtests.result import make_result
from backtests.windows import Windows, step_length
from connectors.errors import DataError
from connectors.frame import quantile_columns, quantile_level
from forecasting.case import open_case
from forecasting.choose import copy_forecasts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backtests.result import BacktestResult
    from backtests.task import Task
    from backtests.view import FloatArray, IntArray, View
    from connectors.files.given_forecasts import Given
    from forecasting.case import Case, Source
    from forecasting.question import Question

#: What a forecast without a name is called.
UNNAMED = "forecast"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What given forecasts came to.

    Attributes:
        results: By forecaster: scores, those of copying on the same steps, and whether the difference is luck.
        case: The readings.
        notes: What was decided and left out.
    """

    results: Mapping[str, BacktestResult]
    case: Case
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows of the table on the grid of the readings.

    Attributes:
        frame: The rows.
        cutoffs: Position of the last reading each could use. ``[R]``
        steps: Steps from it, from 1. ``[R]``
        items: Row of the item in the view. ``[R]``
    """

    frame: pd.DataFrame
    cutoffs: IntArray
    steps: IntArray
    items: IntArray

    def keep(self, rows: np.ndarray) -> _Rows:
        """Some of the rows."""
        return _Rows(
            frame=self.frame.loc[rows].reset_index(drop=True),
            cutoffs=self.cutoffs[rows], steps=self.steps[rows], items=self.items[rows],
        )  # fmt: skip


def score_given(given: Given, actual: Source, question: Question, *, lead: pd.Timedelta | None = None) -> Verdict:
    """Judge a table of forecasts by readings.

    Args:
        given: The forecasts.
        actual: The readings: a path, a DataFrame, or a saved source.
        question: How the readings are read; its horizon and levels come from the table.
        lead: For a table without cutoffs: time from the last usable reading's end to the first step of a day.

    Raises:
        DataError: If forecasts and readings have no time or no item in common, or do not fit each other.
    """
    columns = quantile_columns(given.frame.columns)
    levels = tuple(level for name in columns if (level := quantile_level(name)) is not None)
    case = open_case(replace(question, levels=levels or question.levels, allow_stale=True), actual)
    notes = [f"{given.unread} rows without a time or a value were left out."] if given.unread else []
    rows = _placed(given, case.view, lead, notes)
    horizon = int(rows.steps.max())
    task = replace(case.task, horizon=horizon)
    view = replace(case.view, task=task)
    named = rows.frame.get("forecaster", pd.Series([UNNAMED] * len(rows.frame))).to_numpy()
    results = {}
    for name in dict.fromkeys(named):
        made = _forecasts(rows.keep(named == name), view, horizon, columns, levels)
        results[str(name)] = _judged(str(name), made, view, task)
    return Verdict(results=results, case=replace(case, task=task, view=view), notes=tuple(notes))


def _judged(name: str, made: Forecasts, view: View, task: Task) -> BacktestResult:
    """Scores, and those of copying on the very steps that were forecast."""
    positions = view.positions(made.cutoffs)
    copies = {
        words: replace(copy, mean=np.where(np.isfinite(made.mean), copy.mean, np.nan))
        for words, copy in copy_forecasts(view, task, Windows(positions=positions, horizon=task.horizon)).items()
    }
    faulty = faulty_readings(view, positions, task.horizon)
    return make_result(made, copies, view, task, faulty=faulty, name=name)


def _placed(given: Given, view: View, lead: pd.Timedelta | None, notes: list[str]) -> _Rows:
    """The rows on the grid; those from cutoffs outside of the readings are left out."""
    frame, end = given.frame, view.raw.shape[1]
    last = max(frame["timestamp"].max(), view.last)
    grid = pd.date_range(view.grid[0], last + step_length(view.task.freq), freq=view.task.freq)
    at = grid.get_indexer(pd.DatetimeIndex(frame["timestamp"]))
    inside = (at >= 0) & (at < end)
    if not inside.any():
        raise DataError(
            f"No forecast of {given.name!r} is for a time of the readings: they are for "
            f"{frame['timestamp'].min().isoformat()} to {frame['timestamp'].max().isoformat()}.",
            expected=f"The readings run from {view.grid[0].isoformat()} to {view.last.isoformat()}, "
            f"every {view.task.freq}, and a forecast names the start of its interval.",
            fix="Check --time-zone, --stamps and the files.",
        )
    cutoffs = _cutoffs(frame, grid, at, view, lead, notes)
    known = inside & (cutoffs >= 0) & (cutoffs < end)
    _refuse_backwards(given, at, cutoffs, known)
    if not known.all():
        notes.append(f"{int((~known).sum())} of {len(frame)} forecasts have no reading, or none before them.")
    if not known.any():
        raise DataError(
            f"The forecasts of {given.name!r} start before the readings do.",
            fix="Give a longer history with --actual: copying needs what came before each forecast.",
        )
    return _Rows(frame=frame, cutoffs=cutoffs, steps=at - cutoffs, items=_items(given, view)).keep(known)


def _cutoffs(
    frame: pd.DataFrame,
    grid: pd.DatetimeIndex,
    at: IntArray,
    view: View,
    lead: pd.Timedelta | None,
    notes: list[str],
) -> IntArray:
    """Position of the last reading that each row could use, from whatever the table says about it."""
    if "cutoff" in frame:
        return np.asarray(grid.get_indexer(pd.DatetimeIndex(frame["cutoff"])))
    if "issued_at" in frame:
        # the interval that holds the time of issue is not over, the one before it is
        return np.asarray(grid.searchsorted(pd.DatetimeIndex(frame["issued_at"]), side="right") - 2)
    if "horizon" in frame:
        return np.asarray(at - frame["horizon"].to_numpy(float).astype(np.int64))
    step, task = step_length(view.task.freq), view.task
    if step >= pd.Timedelta(days=1):
        notes.append("No cutoffs in the file: each forecast is taken as made one step ahead.")
        return np.asarray(at - 1)
    early = pd.Timedelta(0) if lead is None else lead
    notes.append(
        "No cutoffs in the file: each local day is taken as forecast "
        + ("from its midnight (--lead says how much earlier)." if lead is None else f"{early} before its midnight.")
    )
    local = pd.DatetimeIndex(frame["timestamp"]).tz_convert(task.time_zone)
    midnight = local.normalize().tz_convert("UTC")
    return np.asarray(grid.searchsorted(midnight, side="left") - 1 - int(np.ceil(early / step)))


def _refuse_backwards(given: Given, at: IntArray, cutoffs: IntArray, known: np.ndarray) -> None:
    wrong = known & (at <= cutoffs)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"A forecast of {given.name!r} lies at or before its own cutoff: that for "
            f"{given.frame['timestamp'].iloc[row].isoformat()}.",
            expected="A cutoff is the start of the last reading used; a forecast lies after it.",
            fix="Leave the column of cutoffs or times of issue out, or mend it.",
        )


def _items(given: Given, view: View) -> IntArray:
    """Row of each forecast's item in the view; a lone item needs no name."""
    if len(view.items) == 1 and ("item_id" not in given.frame or len(set(given.frame["item_id"])) == 1):
        return np.zeros(len(given.frame), dtype=np.int64)
    names = given.frame["item_id"] if "item_id" in given.frame else pd.Series(["(none)"] * len(given.frame))
    found = pd.Index(view.items).get_indexer(pd.Index(names))
    if (found < 0).any():
        raise DataError(
            f"There are no readings of the item {names.iloc[int(np.argmin(found))]!r} of {given.name!r}.",
            expected=f"The readings are of {', '.join(view.items[:5])}{' and more' if len(view.items) > 5 else ''}.",
            fix="Name the items alike in both files, in a column item_id.",
        )
    return np.asarray(found.astype(np.int64))


def _forecasts(rows: _Rows, view: View, horizon: int, columns: list[str], levels: tuple[float, ...]) -> Forecasts:
    """Rows of one forecaster as arrays, NaN where there is no forecast."""
    positions, window = np.unique(rows.cutoffs, return_inverse=True)
    where = (window, rows.items, rows.steps - 1)
    taken: FloatArray = np.zeros((len(positions), len(view.items), horizon))
    np.add.at(taken, where, 1.0)
    if (taken > 1).any():
        window_at, item, step = (int(index[0]) for index in np.nonzero(taken > 1))
        raise DataError(
            f"The forecast for {view.items[item]!r}, step {step + 1} after "
            f"{view.grid[positions[window_at]].isoformat()}, stands twice.",
            expected="One row for each item, cutoff, time and forecaster.",
            fix="Give a column cutoff or issued_at, or name the forecasters in a column forecaster.",
        )
    mean = np.where(taken > 0, 0.0, np.nan)
    mean[where] = rows.frame["mean"].to_numpy(float)
    quantiles = None
    if columns:
        quantiles = np.full((*mean.shape, len(columns)), np.nan)
        quantiles[where] = rows.frame[columns].to_numpy(float)
    cutoffs = view.grid[positions]
    return Forecasts(
        cutoffs=cutoffs, timestamps=stamps_after(view, cutoffs, horizon), items=view.items,
        mean=mean, quantiles=quantiles, levels=levels if columns else (),
    )  # fmt: skip
