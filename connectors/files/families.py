"""Files whose layout says one thing and whose numbers mean another: they need a reader of their own.

A plain reader would take the end of an interval for its start, a meter register for a consumption, or a day for an
hour. Until there is a reader for the family, such a file is refused with the way to make it plain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from connectors.errors import DataError, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from connectors.files.source import Grid

_PLAIN = "Save it with one column of times, at the START of each interval, and one of values."
#: A line of the file, what it tells, and what is special in such a file.
_FAMILIES = (
    (
        re.compile(r"^\W*(numéro de |identifiant )prm\b", re.IGNORECASE),
        "an export of Enedis",
        "Its times are the END of each interval, its values mean power or meter registers.",
    ),
    (
        re.compile(r"puissances? atteintes?", re.IGNORECASE),
        "an export of the EDF client area",
        "Its dates stand in rows of their own and its times are the END of each interval.",
    ),
    (
        re.compile(r"^\W*MTU \(", re.IGNORECASE),
        "an export of the ENTSO-E platform",
        "Its times are intervals from - to, on a local clock.",
    ),
)
_HOUR_NAME = re.compile(
    r"\s*(?:HE?|h)?\s*\d{1,2}\s*(?:[hH:]\s*(?:\d\d)?)?\s*(?:[-\u2013àa]\s*\d{1,2}\s*[hH:]?\s*\d{0,2})?\s*"
)
_REGISTER_NAME = re.compile(
    r"(?:^|[^a-z])(?:index|indice|register|totali[sz]er|total_increasing|cumul\w*|compteur|zählerstand|meter_reading)",
    re.IGNORECASE,
)


def refuse_special(grid: Grid) -> None:
    """Refuse a file of a family that a plain reader would misread.

    Raises:
        UnreadableFileError: If the file is one of those.
    """
    header = grid.delimiter.join(grid.cells.columns)
    for line in (*grid.above, header):
        for sign, kind, trap in _FAMILIES:
            if sign.search(line):
                raise UnreadableFileError(f"The file {grid.name!r} is {kind}.", expected=trap, fix=_PLAIN)
    hours = [name for name in grid.cells.columns if _HOUR_NAME.fullmatch(name)]
    if len(hours) >= 20:
        raise UnreadableFileError(
            f"The file {grid.name!r} has a row a day and a column an hour ({hours[0]!r} to {hours[-1]!r}).",
            expected="A table has one row for every hour.",
            fix=_PLAIN,
        )


def rising_share(values: NDArray[np.float64], items: NDArray[np.int64]) -> tuple[float, float]:
    """Shares of the steps that do not fall, and that rise, in rows sorted by item and time."""
    steps = np.diff(values)[np.diff(items) == 0]
    steps = steps[np.isfinite(steps)]
    return (float((steps >= 0).mean()), float((steps > 0).mean())) if len(steps) else (0.0, 0.0)


def register_note(target: str, values: NDArray[np.float64], items: NDArray[np.int64]) -> Sequence[str]:
    """A note when the target looks like a meter register.

    Args:
        target: The user's name of the target.
        values: Target, sorted by item and time [n].
        items: Code of each row's item [n].

    Raises:
        DataError: If its name says so too.
    """
    kept, rising = rising_share(values, items)
    if kept >= 0.9 and rising >= 0.5 and _REGISTER_NAME.search(target):
        raise DataError(
            f"The column {target!r} is a meter register: it rises in {rising:.0%} of the steps.",
            expected="The column to predict holds what was used in each interval.",
            fix="Take the differences between successive readings, without those at an exchange of the meter.",
        )
    if len(values) >= 48 and kept >= 0.99 and rising >= 0.5:
        return (
            f"the target {target!r} rises in {rising:.0%} of its steps; if it is a meter register, take differences",
        )
    return ()
