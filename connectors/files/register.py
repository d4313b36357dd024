"""Meter registers: readings of a counter that only rises, turned into what was used between them.

The difference between two readings belongs to the interval from the first to the second. A counter that has run
through its last digit goes on from zero; behind a new meter it begins anywhere, and what was used between the last
reading of the old one and the first of the new one is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.files.slices import slices
from connectors.files.source import Guess
from connectors.frame import HISTORY_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from connectors.files.source import SourceOptions

_REGISTER_NAME = re.compile(
    r"(?:^|[^a-z])(?:index|indice|register|totali[sz]er|total_increasing|cumul\w*|compteur|zählerstand|meter_reading)",
    re.IGNORECASE,
)
_METER_WORDS = {"meter", "meters", "compteur", "matricule", "serial", "zahler", "zaehler", "contador"}
#: Shares of the steps that do not fall, and that rise, in a register.
_MOSTLY_KEPT, _OFTEN_RISING = 0.9, 0.5
#: Rows from which a column that always rises is worth a word, whatever its name.
_ENOUGH_ROWS, _NEARLY_ALWAYS = 48, 0.99
#: A counter rolls over near its end, and to a step like those before: at most so many times the largest.
_NEAR_END, _LARGEST_STEPS = 0.9, 3.0


@dataclass(frozen=True)
class Used:
    """What was used between successive readings of a register.

    Attributes:
        values: From each reading to the next, NaN where it is not known [n - 1].
        rollovers: Where the counter went through its last digit [n - 1].
        joints: Where a meter was exchanged or reset [n - 1].
    """

    values: NDArray[np.float64]
    rollovers: NDArray[np.bool_]
    joints: NDArray[np.bool_]


def differences(
    readings: NDArray[np.float64], times: NDArray[np.datetime64], meters: NDArray[np.int64] | None = None
) -> Used:
    """What was used between successive readings of one register.

    Args:
        readings: Readings in the order of time, none missing [n].
        times: When they were taken [n, datetime64].
        meters: Code of the meter each was taken from, where it is known [n].
    """
    steps = np.diff(readings)
    elapsed = np.diff(times).astype("m8[s]").astype(np.float64)
    elapsed = np.where(elapsed > 0, elapsed, 1.0)
    exchanged = np.zeros(len(steps), dtype=np.bool_) if meters is None else np.diff(meters) != 0
    risen = (steps > 0) & ~exchanged
    fastest = float((steps[risen] / elapsed[risen]).max()) if risen.any() else 0.0
    end = 10.0 ** np.ceil(np.log10(np.maximum(readings[:-1], 1.0)))
    through = end - readings[:-1] + readings[1:]
    rolled = (steps < 0) & ~exchanged & (readings[:-1] >= _NEAR_END * end) & (readings[1:] >= 0)
    rolled &= through <= _LARGEST_STEPS * fastest * elapsed
    joints = exchanged | ((steps < 0) & ~rolled)
    values = np.where(joints, np.nan, np.where(rolled, through, steps))
    return Used(values, rolled, joints)


def take_differences(
    frame: pd.DataFrame, freq: str, meters: NDArray[np.int64] | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A table whose target is what was used from each reading of its register to the next.

    Args:
        frame: ``item_id | timestamp | target | covariates``, sorted by item and time; it stays as it is.
        freq: The step.
        meters: Code of the meter of each row, where a column names it [n].

    Returns:
        The table and notes; without covariates the last reading of every item has no row.
    """
    codes = pd.factorize(frame["item_id"])[0]
    target = frame["target"].to_numpy(dtype=np.float64)
    again = frame.duplicated(["item_id", "timestamp"]).to_numpy()
    rows = np.flatnonzero(np.isfinite(target) & ~again)
    stamps = frame["timestamp"].dt.tz_localize(None).to_numpy().astype("M8[ns]")
    used = np.full(len(frame), np.nan)
    rolled, joints, wide = (np.zeros(len(frame), dtype=np.bool_) for _ in range(3))
    # What comes behind the last reading is not used up yet; it stays for what else the rows say.
    behind = np.full(len(frame), frame.shape[1] == len(HISTORY_COLUMNS))
    for mine in np.split(rows, np.flatnonzero(np.diff(codes[rows])) + 1):
        if len(mine) > 1:
            found = differences(target[mine], stamps[mine], None if meters is None else meters[mine])
            used[mine[:-1]], rolled[mine[:-1]], joints[mine[:-1]] = found.values, found.rollovers, found.joints
            wide[mine[:-1]] = _later(stamps[mine[:-1]], freq) < stamps[mine[1:]]
            behind[mine[0] : mine[-1]] = False
    used[wide] = np.nan
    notes = _notes(stamps, rolled=rolled & ~wide, joints=joints & ~wide, wide=wide)
    return frame.assign(target=used).loc[~behind & ~again].reset_index(drop=True), notes


def _later(stamps: NDArray[np.datetime64], freq: str) -> NDArray[np.datetime64]:
    """One step later."""
    later = pd.DatetimeIndex(stamps) + pd.tseries.frequencies.to_offset(freq)
    return later.to_numpy().astype("M8[ns]")


def _notes(
    stamps: NDArray[np.datetime64],
    *,
    rolled: NDArray[np.bool_],
    joints: NDArray[np.bool_],
    wide: NDArray[np.bool_],
) -> tuple[str, ...]:
    """What was found on the way, with the first time of each."""
    found = (
        (rolled, "time the register ran through its last digit", "times the register ran through its last digit"),
        (
            joints,
            "step in which the meter was exchanged or reset is missing",
            "steps in which the meter was exchanged or reset are missing",
        ),
        (
            wide,
            "difference spans several steps and belongs to none of them",
            "differences span several steps and belong to none of them",
        ),
    )
    notes = []
    for rows, one, many in found:
        number = int(rows.sum())
        if number:
            first = str(stamps[rows][0].astype("M8[m]")).replace("T", " ")
            notes.append(f"{number} {one if number == 1 else many}: first from {first} UTC")
    return tuple(notes)


def _rising_share(values: NDArray[np.float64], items: NDArray[np.int64]) -> tuple[float, float]:
    """Shares of the steps that do not fall, and that rise, in rows sorted by item and time."""
    kept, rising, number, left = 0, 0, 0, len(values)
    for piece in slices(len(values), overlap=1):
        steps, same = np.diff(values[piece]), items[piece][1:] == items[piece][:-1]
        number += int(np.count_nonzero(np.isfinite(steps) & same))
        kept += int(np.count_nonzero((steps >= 0) & (steps < np.inf) & same))
        rising += int(np.count_nonzero((steps > 0) & (steps < np.inf) & same))
        left -= len(steps)
        if kept + left < _MOSTLY_KEPT * number:
            # Whatever comes, this is no register.
            break
    return (kept / number, rising / number) if number else (0.0, 0.0)


def is_register(
    target: str, values: NDArray[np.float64], items: NDArray[np.int64], options: SourceOptions
) -> tuple[bool, tuple[Guess, ...], tuple[str, ...]]:
    """Whether the target is a meter register, with the guess that it is, or a word when it may be.

    Args:
        target: The user's name of the target.
        values: Target, sorted by item and time [n].
        items: Code of each row's item [n].
        options: What the user said.
    """
    if options.register is not None:
        return options.register == "differences", (), ()
    kept, rising = _rising_share(values, items)
    if kept >= _MOSTLY_KEPT and rising >= _OFTEN_RISING and _REGISTER_NAME.search(target):
        why = f"{target!r} is called a register and rises in {rising:.0%} of its steps"
        guess = Guess("register", "differences between its readings", why, "--register")
        return True, (guess,), ()
    if len(values) >= _ENOUGH_ROWS and kept >= _NEARLY_ALWAYS and rising >= _OFTEN_RISING:
        note = f"the target {target!r} rises in {rising:.0%} of its steps; if it is a meter register, say so with "
        return False, (), (note + "--register differences",)
    return False, (), ()


def find_meters(
    texts: Mapping[str, NDArray[np.object_] | pd.Categorical],
    numbers: Mapping[str, NDArray[np.float64]],
    item: str | None,
) -> tuple[str, NDArray[np.int64]] | None:
    """The column that names the meter of each row, and their codes [n]; None where there is none.

    Args:
        texts: Columns of text [n each].
        numbers: Columns of numbers [n each].
        item: The item column, which is no meter of its item.
    """
    for name, cells in {**texts, **numbers}.items():
        if name != item and set(re.findall(r"[a-z]+", name.casefold())) & _METER_WORDS:
            return name, np.asarray(pd.factorize(cells)[0], dtype=np.int64)
    return None
