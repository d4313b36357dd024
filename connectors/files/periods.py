"""Months, quarters and weeks written as such: 2024-01, 01/2024, janv. 2024, 2024-Q1, 2024-W05."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MONTH_NAMES = {
    "jan": 1, "feb": 2, "fev": 2, "mar": 3, "mrz": 3, "apr": 4, "avr": 4, "may": 5, "mai": 5, "jun": 6,
    "juin": 6, "jul": 7, "juil": 7, "aug": 8, "aou": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12,
    "dez": 12,
}  # fmt: skip
_YEAR_MONTH = re.compile(r"(\d{4})[-/](\d\d?)|(\d\d?)[-/](\d{4})|([^\W\d_]{3,9})\.?[ -](\d{4})")
_QUARTER = re.compile(r"(\d{4})[ -]?[QT]([1-4])|[QT]([1-4])[ -](\d{4})", re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})-?W(\d\d)", re.IGNORECASE)


def month_number(name: str) -> int:
    """Number of a month's name in English, French or German, 0 for another word.

    Example:
        >>> month_number("févr."), month_number("Oct"), month_number("Total")
        (2, 10, 0)
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return _MONTH_NAMES.get(plain[:4], _MONTH_NAMES.get(plain[:3], 0))


def parse_periods(cells: NDArray[np.object_]) -> NDArray[np.datetime64]:
    """First days of the periods, NaT where a cell names none [n, datetime64[ns]]."""
    return np.array([period_start(cell) for cell in cells], dtype="M8[D]").astype("M8[ns]")


def period_start(cell: str) -> date | None:
    """First day of the month, quarter or ISO week a cell names."""
    text = cell.strip()
    found = _YEAR_MONTH.fullmatch(text)
    if found:
        year = int(found[1] or found[4] or found[6])
        month = month_number(found[5]) if found[5] else int(found[2] or found[3])
        return _date(year, month)
    found = _QUARTER.fullmatch(text)
    if found:
        return _date(int(found[1] or found[4]), 3 * int(found[2] or found[3]) - 2)
    found = _WEEK.fullmatch(text)
    if found and 1 <= int(found[2]) <= 52 + (date(int(found[1]), 12, 28).isocalendar().week == 53):
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    return None


def _date(year: int, month: int) -> date | None:
    return date(year, month, 1) if 1678 <= year <= 2261 and 1 <= month <= 12 else None
