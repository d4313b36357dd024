"""Every candidate in one table, and the forecast itself on top."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from backtests.view import FloatArray
    from forecasting.choose import Choice
    from forecasting.tried import Tried

COLUMNS = ("forecaster", "loss", "skill", "seconds", "status", "member", "windows", "failure", "settings")


def leaderboard(choice: Choice) -> pd.DataFrame:
    """One row for the forecast and one for every candidate, best first.

    ``loss``: mean absolute error in units of the seasonal naive's, over the selection windows it was tried on.
    ``skill``: share of the error of the better way of copying that it saves, on the same windows; below 0 it is
    worse. These windows chose the members, so that they flatter; the score to believe is the hold-out's.
    ``status``: ``done``, ``pruned`` (clearly worse on the newest windows), ``failed`` or ``stopped`` (by time).
    """
    members = {one.number for one in choice.members}
    seconds = sum(one.seconds for one in choice.members)
    words = f"median of {len(choice.members)}"
    rows = [_row(words, choice.loss, choice, seconds=seconds, status="done", member=False)]
    for one in sorted(choice.tried, key=lambda one: (_rank(one), one.loss, one.number)):
        row = _row(
            one.label,
            one.losses,
            choice,
            seconds=one.seconds,
            status=one.status,
            member=one.number in members,
        )
        rows.append({**row, "failure": one.failure, "settings": json.dumps(one.settings)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


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
