"""Every candidate in one table, and the forecast itself on top."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.significance import LEVEL, confidence_set, skill_interval

if TYPE_CHECKING:
    from backtests.view import FloatArray
    from forecasting.choose import Choice
    from forecasting.tried import Tried

COLUMNS = (
    "forecaster", "loss", "skill", "skill_low", "skill_high", "p_best", "tied", "simplest", "seconds", "status",
    "member", "windows", "failure", "settings",
)  # fmt: skip
#: Candidates tested against the best; those further behind are not near it.
MOST_TESTED = 40


def leaderboard(choice: Choice) -> pd.DataFrame:
    """One row for the forecast and one for every candidate, best first.

    ``loss``: mean absolute error in units of the seasonal naive's, over the selection windows it was tried on.
    ``skill``: share of the error of the better way of copying that it saves, on the same windows; below 0 it is
    worse; ``skill_low``, ``skill_high``: its 95 % interval. These windows chose the members, so that they flatter;
    the score to believe is the hold-out's.
    ``p_best``: p-value of being among the best (model confidence set), ``tied``: whether it cannot be told from the
    best, ``simplest``: the quickest of those, which is to be taken where one of them is; of what was tried on all
    windows.
    ``status``: ``done``, ``pruned`` (clearly worse on the newest windows), ``failed`` or ``stopped`` (by time).
    """
    members = {one.number for one in choice.members}
    seconds = sum(one.seconds for one in choice.members)
    words = f"combination of {len(choice.members)}"
    rows = [_row(words, choice.loss, choice, seconds=seconds, status="done", member=False)]
    ranked = sorted(choice.tried, key=lambda one: (_rank(one), one.loss, one.number))
    for one in ranked:
        row = _row(
            one.label,
            one.losses,
            choice,
            seconds=one.seconds,
            status=one.status,
            member=one.number in members,
        )
        rows.append({**row, "failure": one.failure, "settings": json.dumps(one.settings)})
    return _marked(pd.DataFrame(rows), [choice.loss, *(one.losses for one in ranked)], choice.copies)[list(COLUMNS)]


def _marked(board: pd.DataFrame, losses: list[FloatArray], copies: FloatArray) -> pd.DataFrame:
    """The table with what cannot be told from its best row, and intervals of the skills of the rows tested."""
    whole = np.isfinite(board["loss"].to_numpy()) & (board["status"] == "done").to_numpy()
    tested = [int(row) for row in np.argsort(np.where(whole, board["loss"], np.inf), kind="stable")[:MOST_TESTED]]
    tested = [row for row in tested if whole[row]]
    p_best, ends = np.full(len(board), np.nan), np.full((len(board), 2), np.nan)
    for row in tested:
        both = np.isfinite(losses[row]) & np.isfinite(copies)
        ends[row] = skill_interval(losses[row][both], copies[both])
    board = board.assign(skill_low=ends[:, 0], skill_high=ends[:, 1])
    if tested:
        found = np.stack([losses[row] for row in tested])
        p_best[tested] = confidence_set(found[:, np.isfinite(found).all(axis=0)])
    tied = p_best >= LEVEL
    quickest = np.argmin(np.where(tied, board["seconds"], np.inf)) if tied.any() else -1
    return board.assign(p_best=p_best, tied=tied, simplest=np.arange(len(board)) == quickest)


def _rank(one: Tried) -> int:
    return ("done", "pruned", "stopped", "failed").index(one.status)


def _row(
    name: str,
    losses: FloatArray,
    choice: Choice,
    *,
    seconds: float,
    status: str,
    member: bool,
) -> dict[str, object]:
    found = np.isfinite(losses) & np.isfinite(choice.copies)
    loss = float(losses[found].mean()) if found.any() else float("nan")
    copies = float(choice.copies[found].mean()) if found.any() else float("nan")
    return {
        "forecaster": name,
        "loss": loss,
        "skill": 1.0 - loss / copies if copies > 0 else float("nan"),
        "seconds": seconds,
        "status": status,
        "member": member,
        "windows": int(found.sum()),
        "failure": "",
        "settings": "",
    }
