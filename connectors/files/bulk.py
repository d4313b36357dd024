"""Large plain text files, many lines at once, when their first lines have told what stands where.

Only what is beyond doubt is read here: UTF-8, one column of times in one spelling, numbers in one spelling, few
different texts. Every cell is held to that; where a single one does not fit (a ``Total`` row, a stray word, another
encoding) nothing is returned, and the reader that knows all of it takes the file. What both read is the same.
"""

from __future__ import annotations

import logging
import mmap
import re
import sys
from dataclasses import dataclass, replace
from datetime import timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import HourcastError
from connectors.files.blocks import read_blocks
from connectors.files.decode import MAX_BYTES, is_packed, to_text
from connectors.files.dialect import SAMPLE_LINES
from connectors.files.document import Document
from connectors.files.families import is_known
from connectors.files.fields import Lines
from connectors.files.numbers import GROUPED, MISSING, may_be_number, parse_numbers
from connectors.files.text import read_text
from connectors.files.timefields import TimeForm
from connectors.files.times import is_time, offset_of, parse_clock, parse_times
from connectors.files.words import DoesNotFit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from connectors.files.source import DateOrder, Grid, SourceOptions

logger = logging.getLogger(__name__)

#: Smallest file worth the trouble, and the part of it that is looked at [bytes].
SMALLEST, HEAD = 4_000_000, 128_000
#: Different texts a column may have: names of series, words for qualities.
MOST_TEXTS = 20_000

_TIME = re.compile(
    r"(?:(?P<year>\d{4}(?=-))|\d\d?)(?P<mark>[/.-])\d\d?(?P=mark)(?(year)\d\d|\d{4})"
    r"(?P<gap>[T ])\d\d?:\d\d(?P<second>:\d\d)?(?P<end>Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?"
)


@dataclass(frozen=True)
class _Plan:
    """How a file is to be cut and its columns to be read.

    Attributes:
        names: Its columns.
        kinds: What each holds: ``time``, ``number`` or ``text``.
        delimiter: What separates them.
        skip: Lines above the readings.
        decimal: Decimal mark of the numbers.
        form: How the times are written.
        order: Which of day and month stands first in it.
        unproven: Whether the first lines do not prove that; the whole file has to.
        proven: Columns of which a number shows that the point groups no thousands.
        line: Length of a line, about [bytes].
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    delimiter: str
    skip: int
    decimal: str
    form: TimeForm
    order: DateOrder | None
    unproven: bool
    proven: frozenset[str]
    line: float


def read_bulk(path: Path, options: SourceOptions, *, series: str) -> Grid | None:
    """Cells of a large text file, None where it is left to the other readers.

    Args:
        path: The file.
        options: What the user said.
        series: What a single series is called.
    """
    if options.encoding is not None or not path.is_file() or not SMALLEST <= path.stat().st_size <= MAX_BYTES:
        return None
    with path.open("rb") as file:
        data = file.read(HEAD)
    head = _head(data, path, options, series)
    plan = None if head is None else _plan(head, options, data)
    if head is None or plan is None:
        return None
    cells = _cells(path, _behind_lines(data, plan.skip), plan)
    if cells is None:
        return None
    lines = np.arange(plan.skip + 1, plan.skip + 1 + len(cells), dtype=np.int32)
    return replace(head, cells=cells, lines=lines, overflow=None, spelt=plan.decimal, order=plan.order)


def _behind_lines(data: bytes, number: int) -> int:
    place = 0
    for _ in range(number):
        place = data.index(b"\n", place) + 1
    return place


def _head(data: bytes, path: Path, options: SourceOptions, series: str) -> Grid | None:
    """The first lines as the other readers see them; None where they are of a family, packed, or no table."""
    data = data[: data.rfind(b"\n") + 1]
    # What a table is like is told by its first lines; all of these must be there.
    if data.count(b"\n") < SAMPLE_LINES or is_packed(data) or b"\r" in data.replace(b"\r\n", b""):
        return None
    try:
        text, encoding = to_text(data, path.name)
        if encoding != "UTF-8" or text.lstrip()[:1] in ("{", "[", "<"):
            return None
        if is_known(Document(path.name, series, text)):
            return None
        head = read_text(text, encoding, name=path.name, series=series)
    except HourcastError:
        # The other reader will meet it again, with the whole file before it, and say so.
        return None
    form = options.form
    if form is not None and (
        form.family is not None or form.delimiter != head.delimiter or form.encoding != encoding
    ):
        return None
    return None if is_known(head) else head


def _plan(head: Grid, options: SourceOptions, data: bytes) -> _Plan | None:
    names = tuple(str(name) for name in head.cells.columns)
    if head.header is None or head.delimiter == "" or head.width != len(names) or options.wide:
        return None
    cells = {name: np.asarray(head.cells[name].to_numpy(), dtype=object) for name in names}
    kinds, marks, times = [], set(), []
    proven = frozenset(
        name for name in names if any("." in one and not GROUPED["."].fullmatch(one) for one in cells[name])
    )
    for name in names:
        filled = [cell for cell in cells[name] if cell.strip()]
        if filled and all(map(is_time, filled)):
            times.append(name)
            kinds.append("time")
            continue
        read = parse_numbers(cells[name], delimiter=head.delimiter, decimal=options.mark_of(name))
        if read.note or (read.is_numeric and read.bad.any()) or not filled:
            return None
        kinds.append("number" if read.is_numeric else "text")
        marks |= {read.mark} if read.mark else set()
    spelling = _spelling(cells[times[0]], options) if len(times) == 1 and len(marks) < 2 else None
    if spelling is None or options.time not in (None, times[0]):
        return None
    decimal, line = marks.pop() if marks else ".", len(data) / (data.count(b"\n") + 1)
    return _Plan(names, tuple(kinds), head.delimiter, int(head.lines[0]) - 1, decimal, *spelling, proven, line)


def _spelling(cells: NDArray[np.object_], options: SourceOptions) -> tuple[TimeForm, DateOrder | None, bool] | None:
    """The fields ``form`` to ``unproven`` of a plan; None for times of several spellings, or of one not known."""
    found = [_TIME.fullmatch(cell) for cell in cells]
    forms = {
        (bool(one["year"]), one["mark"], one["gap"], bool(one["second"]), one["end"] or "")
        for one in found
        if one is not None
    }
    if None in found or len(forms) != 1:
        return None
    year, mark, gap, second, end = forms.pop()
    if year:
        return (TimeForm("ymd", mark, gap, second, end), None, False) if mark == "-" else None
    stamps = parse_times(cells, dates=options.dates)
    if stamps.order is None or end:
        return None
    date = "dmy" if stamps.order == "day-first" else "mdy"
    return TimeForm(date, mark, gap, second, ""), stamps.order, stamps.month_order is not None


def _cells(path: Path, start: int, plan: _Plan) -> pd.DataFrame | None:
    """The columns with their types; None where a cell does not fit, or a column has too many different texts."""
    rows = int(1.05 * (path.stat().st_size - start) / plan.line) + 1_000
    columns = [_Column(kind, rows) for kind in plan.kinds]
    # From a large piece given back the C library of Linux learns to keep memory, and asks less often for more.
    np.empty(31 << 20, dtype=np.uint8)
    try:
        for part in read_blocks(path, start, partial(_read, plan=plan)):
            for column, values in zip(columns, part, strict=True):
                column.add(values)
        made = {name: _checked(column, name, plan) for name, column in zip(plan.names, columns, strict=True)}
    except DoesNotFit:
        logger.debug("%s is left to the other reader", path)
        return None
    return pd.DataFrame(made, copy=False)


class _Column:
    """A column made of many parts, one behind the other.

    Args:
        kind: What it holds: ``time``, ``number`` or ``text``.
        rows: How many there will be, about.
    """

    def __init__(self, kind: str, rows: int) -> None:
        self.texts: dict[bytes, int] = {}
        self._space = _room(rows, {"time": "M8[ns]", "number": "f8", "text": "i4"}[kind])
        self._size = 0

    @property
    def values(self) -> NDArray[Any]:
        """What was added; of texts their places in ``texts`` [n]."""
        return self._space[: self._size]

    def add(self, part: Any) -> None:
        """Add numbers, times, or texts as ``Lines.text`` gives them."""
        if isinstance(part, tuple):
            codes, texts = part
            for text in texts:
                self.texts.setdefault(text, len(self.texts))
            part = np.array([self.texts[text] for text in texts], dtype=np.int32)[codes]
            if len(self.texts) > MOST_TEXTS:
                raise DoesNotFit
        end = self._size + len(part)
        if end > len(self._space):
            self._space = np.concatenate([self.values, np.empty(end, dtype=self._space.dtype)])
        self._space[self._size : end] = part
        self._size = end


def _room(rows: int, kind: str) -> NDArray[Any]:
    """A column to be filled, of memory that comes in small pages.

    Big pages, which numpy asks for, must be emptied at once by a machine that lends its memory to others: 190 ms for
    80 MB on ours, in place of 40.
    """
    dtype = np.dtype(kind)
    return np.frombuffer(_own_memory(rows * dtype.itemsize), dtype=dtype)


def _own_memory(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def _read(block: NDArray[np.uint8], plan: _Plan) -> list[Any]:
    """The columns of some lines: numbers, times, or texts as their places among the different ones and these."""
    lines = Lines(block, ord(plan.delimiter), len(plan.names))
    decimal = ord(plan.decimal)
    found: list[Any] = []
    for kind in plan.kinds:
        if kind == "number":
            found.append(lines.number(decimal))
        else:
            found.append(lines.time(plan.form) if kind == "time" else lines.text())
    return found


def _checked(column: _Column, name: str, plan: _Plan) -> Any:
    """A whole column.

    Raises:
        DoesNotFit: If it may be of another kind, all of it considered.
    """
    values = column.values
    if column.texts:
        try:
            words = np.array([text.decode("utf-8") for text in column.texts], dtype=object)
        except UnicodeDecodeError:
            raise DoesNotFit from None
        if not _are_words(words):
            raise DoesNotFit
        return pd.Categorical.from_codes(values, categories=pd.Index(words, dtype=object))
    if values.dtype == np.float64:
        if plan.decimal == "." and name not in plan.proven and _may_group(values):
            raise DoesNotFit
        return values
    if plan.unproven and not _proves_order(values):
        raise DoesNotFit
    return _with_offset(values, plan.form.end) if plan.form.end else values


def _with_offset(wall: NDArray[np.datetime64], end: str) -> Any:
    """Times of clocks that all stand at one offset, as typed times."""
    offset = pd.Timedelta(minutes=offset_of(end))
    kind = pd.DatetimeTZDtype(tz=timezone(offset.to_pytimedelta()))
    return pd.array((wall - offset.to_timedelta64()).view(np.int64), dtype=kind, copy=False)


def _are_words(texts: NDArray[np.object_]) -> bool:
    """Whether a column of these is one of texts, however often each stands in it."""
    filled = np.array([text for text in texts if text.strip().casefold() not in MISSING], dtype=object)
    if not len(filled) or any('"' in text or not text.isprintable() for text in texts):
        return False
    numbers = any(map(may_be_number, filled)) or bool(np.isfinite(parse_numbers(filled).values).any())
    times = any(map(is_time, filled)) or bool((parse_clock(filled) >= 0).any())
    return not numbers and not times


def _proves_order(times: NDArray[np.datetime64]) -> bool:
    """Whether some day is above 12, and so no month."""
    days = times[:: max(1, len(times) // 100_000)].astype("M8[D]")
    return bool((days - days.astype("M8[M]") >= np.timedelta64(12, "D")).any())


def _may_group(numbers: NDArray[np.float64]) -> bool:
    """Whether 1.234 may be 1234 in a column of whole numbers too, which only its texts tell."""
    known = numbers[np.isfinite(numbers)]
    fractional = np.abs(known[known % 1 != 0])
    thousandths = fractional * 1000
    exact = np.abs(thousandths - np.rint(thousandths)) < 1e-6
    return bool(0 < len(fractional) < len(known) and ((fractional >= 1) & (fractional < 1000) & exact).all())
