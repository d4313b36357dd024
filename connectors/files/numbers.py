"""Texts to numbers: which mark is the decimal one is decided by the whole column."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.files.units import is_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Cells that say "no reading", blanks and capitals aside.
MISSING = frozenset(
    ("", "-", "--", "---", "\u2013", "\u2014", "?", ".", "na", "n/a", "n.a.", "#n/a", "#na", "nan", "-nan", "null",
     "none", "nd", "n/d", "n.d.", "#n/d", "n/e", "n.e.", "ns", "n.c.", "nc", "nil", "<na>", "missing", "no data",
     "bad", "#value!", "#valeur!", "#ref!", "#div/0!", "#name?", "#nom?", "#num!", "#nombre!", "#null!", "#nul!")
)  # fmt: skip
_YES_NO = (
    ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("oui", "non"), ("o", "n"), ("vrai", "faux"),
    ("ja", "nein"), ("wahr", "falsch"), ("on", "off"),
)  # fmt: skip
#: What groups thousands in the files seen: blank, no-break blanks, apostrophes.
_BLANKS = str.maketrans(dict.fromkeys(" \u00a0\u202f\u2009'\u2019") | {"\u2212": "-"})
_NUMBER_MARKS = frozenset("0123456789+-.,eE")
_PLAIN = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?")
GROUPED = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+") for mark in ".,"}
#: Cells that tell whether a unit stands behind the others.
_FIRST = 10
#: 12,5 kWh: a number and what stands behind it.
_BEHIND = re.compile(r"\s*[+\-\u2212]?[\d.,' \u00a0\u202f\u2019]*\d\s*([^\d\s.,'+\-][^\d\s]*[23]?)\s*")
#: Numbers that loggers write for "no reading".
NO_READING = frozenset((-999.0, -999.9, -999.99, -9999.0, -9999.9, -9999.99, -99999.0, -999999.0, -32768.0))

#: A column is one of numbers when no more than this share of its cells is something else.
MAX_BAD_SHARE = 0.05


@dataclass(frozen=True)
class Numbers:
    """A column as numbers.

    Attributes:
        values: Numbers, NaN where there is none [n].
        bad: Rows that hold something which is no number and no "missing" either [n].
        note: What was decided and could have been otherwise.
        mark: The decimal mark, None where there is none to be seen.
    """

    values: NDArray[np.float64]
    bad: NDArray[np.bool_]
    note: str = ""
    mark: str | None = None

    @cached_property
    def is_numeric(self) -> bool:
        """Whether the column is one of numbers."""
        known, bad = np.count_nonzero(np.isfinite(self.values)), np.count_nonzero(self.bad)
        return bool(known > 0 and bad <= MAX_BAD_SHARE * (known + bad))


def parse_numbers(cells: NDArray[np.object_], *, delimiter: str = ",", decimal: str | None = None) -> Numbers:
    """The numbers in a column of text.

    Args:
        cells: The texts [n].
        delimiter: What separates the fields of the file: beside a semicolon a comma is a decimal one.
        decimal: The decimal mark, where it is known; a column that proves another is read by that.
    """
    plain = _to_float(cells)
    rest = np.flatnonzero(np.isnan(plain))
    missing = np.fromiter((cells[row].strip().casefold() in MISSING for row in rest), np.bool_, len(rest))
    bad = np.zeros(len(cells), dtype=np.bool_)
    bad[rest] = ~missing
    if bad.any():
        as_yes = _yes_no(cells, missing=np.isnan(plain) & ~bad)
        if as_yes is not None:
            return as_yes
        # Beside numbers without a unit, those with one may be of another.
        unit = None if np.isfinite(plain).any() else _unit_behind(cells[bad])
        if unit is not None:
            read = parse_numbers(_without(cells, unit), delimiter=delimiter, decimal=decimal)
            left = f"{unit!r} behind the numbers was left out"
            return replace(read, note=f"{read.note}; {left}" if read.note else left)
        if _may_be_numbers(cells[bad]):
            return _by_vote(cells, bad, plain, delimiter, decimal)
    elif _points_may_group(cells, plain) if decimal is None else decimal == "," and has_fractions(plain):
        return _by_vote(cells, bad, plain, delimiter, decimal)
    return Numbers(plain, bad, mark="." if has_fractions(plain) else None)


def _unit_behind(cells: NDArray[np.object_]) -> str | None:
    """The unit written behind each number of a column; None where there is none, or more than one."""
    if not all(_BEHIND.fullmatch(cell) for cell in cells[:_FIRST]):
        return None
    found = [_BEHIND.fullmatch(cell) for cell in cells]
    units = {one[1] for one in found if one is not None}
    if len(units) != 1 or sum(map(bool, found)) < (1 - MAX_BAD_SHARE) * len(cells):
        return None
    unit = units.pop()
    return unit if is_unit(unit) else None


def _without(cells: NDArray[np.object_], unit: str) -> NDArray[np.object_]:
    return np.array([cell.strip().removesuffix(unit).rstrip() for cell in cells], dtype=object)


def without_codes(numbers: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[tuple[float, int], ...]]:
    """Numbers without those that loggers write for "no reading", and how often each of these stood [n].

    Such a number is the least by far: all others lie above a tenth of it.
    """
    found: list[tuple[float, int]] = []
    # The smaller of two numbers, one of which is none, is the other.
    while len(numbers) and (least := float(np.fmin.reduce(numbers))) in NO_READING:
        coded = numbers == least
        others = numbers[~coded & np.isfinite(numbers)]
        if not len(others) or 2 * np.count_nonzero(coded) > len(numbers) or others.min() <= least / 10:
            break
        numbers = np.where(coded, np.nan, numbers)
        found.append((least, int(np.count_nonzero(coded))))
    return numbers, tuple(found)


def has_fractions(numbers: NDArray[np.float64]) -> bool:
    """Whether some number is not whole."""
    if bool((numbers[:1000] % 1 > 0).any()):
        return True
    known = numbers[np.isfinite(numbers)]
    return bool((known % 1 != 0).any())


def _to_float(cells: NDArray[np.object_]) -> NDArray[np.float64]:
    numbers = np.array(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=np.float64)
    sound = np.isfinite(numbers)
    # pandas tells quickly what is a number, but may miss its last bit; Python does not.
    numbers[sound] = cells[sound].astype(np.float64)
    numbers[~sound] = np.nan
    return numbers


def _may_be_numbers(cells: NDArray[np.object_]) -> bool:
    """Whether a vote is worth it: most of a few cells are a number in some spelling."""
    sample = cells[:: max(1, len(cells) // 200)]
    return 2 * sum(map(may_be_number, sample)) >= len(sample)


def may_be_number(cell: str) -> bool:
    """Whether a cell looks like a number in some spelling."""
    bare = cell.translate(_BLANKS)
    return bare[-1:].isdigit() and _NUMBER_MARKS.issuperset(bare)


def _points_may_group(cells: NDArray[np.object_], numbers: NDArray[np.float64]) -> bool:
    """Whether 1.234 may be 1234: beside it stand whole numbers, and every point is followed by three digits."""
    known = numbers[np.isfinite(numbers)]
    fractional = known[known % 1 != 0]
    if len(fractional) < 3 or (np.abs(fractional) < 1).any() or len(fractional) == len(known):
        return False
    return all(GROUPED["."].fullmatch(cell.strip()) for cell in cells if "." in cell)


def _yes_no(cells: NDArray[np.object_], *, missing: NDArray[np.bool_]) -> Numbers | None:
    words = {cell.strip().casefold() for cell in cells[:1000]} - MISSING
    for yes, no in _YES_NO:
        if words <= {yes, no, "0", "1"}:
            known = {yes: 1.0, no: 0.0, "1": 1.0, "0": 0.0}
            values = np.array([known.get(cell.strip().casefold(), np.nan) for cell in cells], dtype=np.float64)
            return Numbers(values, np.isnan(values) & ~missing, f"read as {yes} = 1, {no} = 0")
    return None


def _by_vote(
    cells: NDArray[np.object_],
    bad: NDArray[np.bool_],
    plain: NDArray[np.float64],
    delimiter: str,
    known: str | None,
) -> Numbers:
    stripped = np.array([cell.translate(_BLANKS) for cell in cells], dtype=object)
    decimal, note = _decimal_mark(stripped[bad | np.isfinite(plain)], delimiter, known)
    grouping = "." if decimal == "," else ","
    texts = [cell.replace(grouping, "").replace(decimal, ".") for cell in stripped]
    sound = np.fromiter((_well_formed(cell, decimal, grouping) for cell in stripped), np.bool_, len(cells))
    values = np.where(sound, _to_float(np.array(texts, dtype=object)), np.nan)
    # A sheet mixes numbers, which come with a point, and texts such as 107,50: what reads only one way is read so.
    alone = np.fromiter((_reads_one_way(cell) for cell in stripped), np.bool_, len(cells)) & np.isnan(values)
    values[alone] = _to_float(np.array([cell.replace(",", ".") for cell in stripped[alone]], dtype=object))
    missing = np.isnan(plain) & ~bad
    values[missing] = np.nan
    return Numbers(values, np.isnan(values) & ~missing, note, decimal)


def _well_formed(cell: str, decimal: str, grouping: str) -> bool:
    """Whether the grouping mark of a number stands only before groups of three, left of the decimal mark."""
    whole, _, part = cell.partition(decimal)
    if grouping in part or decimal in part:
        return False
    return grouping not in whole or GROUPED[grouping].fullmatch(whole) is not None


def _reads_one_way(cell: str) -> bool:
    return bool(_PLAIN.fullmatch(cell)) and not any(pattern.fullmatch(cell) for pattern in GROUPED.values())


def _decimal_mark(cells: NDArray[np.object_], delimiter: str, known: str | None) -> tuple[str, str]:
    """The decimal mark of a column and, where the column does not prove it and nobody knows, a note."""
    votes = {".": 0, ",": 0}
    open_mark, lengths = "", set()
    for cell in cells:
        point, comma = cell.rfind("."), cell.rfind(",")
        if point < 0 and comma < 0:
            lengths.add(len(cell.lstrip("+-")))
            continue
        mark = "." if point > comma else ","
        other = "," if mark == "." else "."
        if min(point, comma) >= 0:
            votes[mark] += 1
        elif cell.count(mark) > 1 and GROUPED[mark].fullmatch(cell):
            votes[other] += 1
        elif _reads_one_way(cell):
            votes[mark] += 1
        else:
            open_mark = mark
    if votes["."] != votes[","]:
        return (".", "") if votes["."] > votes[","] else (",", "")
    if known is not None:
        return known, ""
    return _by_custom(open_mark, delimiter, lengths)


def _by_custom(open_mark: str, delimiter: str, lengths: set[int]) -> tuple[str, str]:
    """For a column such as 1,234 / 2,345, where every mark stands before three digits.

    Whole numbers beside them speak for thousands when they are short, against it when they are long.
    """
    if not open_mark:
        return ".", ""
    longest = max(lengths, default=0)
    grouped = 0 < longest <= 3 or (open_mark == "," and delimiter == "," and not longest)
    name = "point" if open_mark == "." else "comma"
    if grouped:
        about = f"the {name} was read as a mark of thousands: 1{open_mark}234 is 1234"
        return "," if open_mark == "." else ".", f"{about}; --decimal {name} says otherwise"
    return open_mark, f"the {name} was read as the decimal mark; --decimal says otherwise"
