"""Large plain text files by DuckDB, once their first lines have told what stands where.

Only what is beyond doubt is read here: UTF-8, one column of times in one spelling, numbers in one spelling, few
different texts. Every cell is held to that; where a single one does not fit (a ``Total`` row, a stray word, another
encoding) nothing is returned, and the reader that knows all of it takes the file. What both read is the same.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.duck import connect
from connectors.errors import HourcastError
from connectors.files.decode import MAX_BYTES, is_packed, to_text
from connectors.files.document import Document
from connectors.files.families import is_known
from connectors.files.numbers import GROUPED, MISSING, parse_numbers
from connectors.files.parquet import literal
from connectors.files.text import MAX_LINE, read_text
from connectors.files.times import is_time, parse_times, times_fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from connectors.files.source import DateOrder, Grid, SourceOptions

logger = logging.getLogger(__name__)

#: Smallest file worth the trouble, and the part of it that is looked at [bytes].
SMALLEST, HEAD = 4_000_000, 64_000
#: Different texts a column may have: names of series, words for qualities.
MOST_TEXTS = 20_000
#: Pieces of the file that are looked at for texts, and their size [bytes].
PIECES, PIECE = 200, 4_096
#: Threads of DuckDB: with more, each holds a part of the file.
THREADS = 2

_TIME = re.compile(
    r"(?:(?P<year>\d{4}(?=-))|\d\d?)(?P<mark>[/.-])\d\d?(?P=mark)(?(year)\d\d|\d{4})"
    r"(?P<gap>[T ])\d\d?:\d\d(?P<second>:\d\d)?(?P<zulu>Z)?"
)
#: The most frequent words for "no reading"; each costs time in every cell, and any other sends the file elsewhere.
_NULLS = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "-", "n/e")
assert {word.casefold() for word in _NULLS} <= MISSING


@dataclass(frozen=True)
class _Plan:
    """How a file is to be cut and its columns to be read.

    Attributes:
        names: Its columns.
        kinds: What each holds: ``time``, ``number`` or ``text``.
        delimiter: What separates them.
        skip: Lines above the readings.
        decimal: Decimal mark of the numbers.
        dates: Spelling of the times as DuckDB writes it.
        order: Which of day and month stands first in it.
        unproven: Whether the first lines do not prove that; the whole file has to.
        is_utc: Whether the times end with a Z.
        proven: Columns of which a number shows that the point groups no thousands.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    delimiter: str
    skip: int
    decimal: str
    dates: str
    order: DateOrder | None
    unproven: bool
    is_utc: bool
    proven: frozenset[str]

    def relation(self, types: Mapping[str, str]) -> str:
        """The file as SQL names it. Its columns are c0, c1 ..., VARCHAR where no other type is given."""
        columns = ", ".join(f"'c{place}': '{types.get(f'c{place}', 'VARCHAR')}'" for place in range(len(self.names)))
        nulls = ", ".join(map(_quoted, _NULLS))
        cut = f"delim={_quoted(self.delimiter)}, quote='\"', escape='\"', max_line_size={MAX_LINE}, skip={self.skip}"
        return (
            f"read_csv($file, auto_detect=false, header=false, {cut}, decimal_separator='{self.decimal}', "
            f"timestampformat='{self.dates}', nullstr=[{nulls}], columns={{{columns}}})"
        )


def read_bulk(path: Path, options: SourceOptions, *, series: str) -> Grid | None:
    """Cells of a large text file, None where it is left to the other readers.

    Args:
        path: The file.
        options: What the user said.
        series: What a single series is called.
    """
    if not path.is_file() or not SMALLEST <= path.stat().st_size <= MAX_BYTES:
        return None
    with path.open("rb") as file:
        data = file.read(HEAD)
    head = _head(data, path, options, series)
    plan = None if head is None else _plan(head, options)
    if head is None or plan is None:
        return None
    cells = _cells(path, plan)
    if cells is None:
        return None
    lines = np.arange(len(cells), dtype=np.int64) + plan.skip + 1
    return replace(head, cells=cells, lines=lines, overflow=None, spelt=plan.decimal, order=plan.order)


def _head(data: bytes, path: Path, options: SourceOptions, series: str) -> Grid | None:
    """The first lines as the other readers see them; None where they are of a family, packed, or no table."""
    data = data[: data.rfind(b"\n") + 1]
    if not data or is_packed(data) or b"\r" in data.replace(b"\r\n", b""):
        return None
    try:
        text, encoding = to_text(data, path.name)
        if encoding != "UTF-8" or data.startswith(b"\xef\xbb\xbf") or text.lstrip()[:1] in ("{", "[", "<"):
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


def _plan(head: Grid, options: SourceOptions) -> _Plan | None:
    names = tuple(str(name) for name in head.cells.columns)
    if head.header is None or head.delimiter == "" or head.width != len(names):
        return None
    cells = {name: np.asarray(head.cells[name].to_numpy(), dtype=object) for name in names}
    kinds, marks, times = [], set(), []
    proven = frozenset(
        name for name in names if any("." in one and not GROUPED["."].fullmatch(one) for one in cells[name])
    )
    known = {} if options.form is None else options.form.decimal
    for name in names:
        filled = [cell for cell in cells[name] if cell.strip()]
        if filled and all(map(is_time, filled)):
            times.append(name)
            kinds.append("time")
            continue
        read = parse_numbers(cells[name], delimiter=head.delimiter, decimal=known.get(name))
        if read.note or (read.is_numeric and read.bad.any()) or not filled:
            return None
        kinds.append("number" if read.is_numeric else "text")
        marks |= {read.mark} if read.mark else set()
    spelling = _spelling(cells[times[0]], options) if len(times) == 1 and len(marks) < 2 else None
    if spelling is None or options.time not in (None, times[0]):
        return None
    decimal = marks.pop() if marks else "."
    return _Plan(names, tuple(kinds), head.delimiter, int(head.lines[0]) - 1, decimal, *spelling, proven)


def _spelling(cells: NDArray[np.object_], options: SourceOptions) -> tuple[str, DateOrder | None, bool, bool] | None:
    """The fields ``dates`` to ``is_utc`` of a plan; None for times of several spellings, or of one not known."""
    found = [_TIME.fullmatch(cell) for cell in cells]
    forms = {
        (bool(one["year"]), one["mark"], one["gap"], bool(one["second"]), one["zulu"])
        for one in found
        if one is not None
    }
    if None in found or len(forms) != 1:
        return None
    year, mark, gap, second, zulu = forms.pop()
    clock = f"{gap}%H:%M{':%S' if second else ''}{zulu or ''}"
    if year:
        return (f"%Y-%m-%d{clock}", None, False, bool(zulu)) if mark == "-" else None
    stamps = parse_times(cells, dates=options.dates)
    if stamps.order is None or zulu:
        return None
    date = f"%d{mark}%m{mark}%Y" if stamps.order == "day-first" else f"%m{mark}%d{mark}%Y"
    return date + clock, stamps.order, stamps.month_order is not None, False


def _cells(path: Path, plan: _Plan) -> pd.DataFrame | None:
    """The columns with their types; None where a cell does not fit, or a column has too many different texts."""
    import duckdb

    texts = [f"c{place}" for place, kind in enumerate(plan.kinds) if kind == "text"]
    with connect(threads=THREADS) as base:
        try:
            seen = _sampled(path, plan) if texts else {}
            try:
                return _read(base, path, plan, seen) if seen is not None else _read_all(base, path, plan, texts)
            except duckdb.ConversionException:
                # A text that the sample did not hold, or a cell that is no number: the second try tells them apart.
                return _read_all(base, path, plan, texts) if texts else None
        except duckdb.Error as error:
            logger.debug("%s is left to the other reader: %s", path, str(error).partition("\n")[0])
            return None


def _read_all(base: Any, path: Path, plan: _Plan, texts: Sequence[str]) -> pd.DataFrame | None:
    """The columns, once every text of the file is known; None where there are too many."""
    kept = {}
    for column in texts:
        query = f"SELECT DISTINCT {column} FROM {plan.relation({})} LIMIT {MOST_TEXTS + 1}"  # noqa: S608
        rows = base.execute(query, {"file": literal(path)}).fetchall()
        kept[column] = sorted(str(row[0]) for row in rows if row[0] is not None)
        if not kept[column] or len(rows) > MOST_TEXTS:
            return None
    return _read(base, path, plan, kept)


def _read(base: Any, path: Path, plan: _Plan, kept: Mapping[str, list[str]]) -> pd.DataFrame | None:
    """The columns, their texts among those known."""
    types = {f"c{place}": _TYPES[kind] for place, kind in enumerate(plan.kinds) if kind != "text"}
    for column, words in kept.items():
        base.execute(f"CREATE OR REPLACE TYPE enum_{column} AS ENUM ({', '.join(map(_quoted, words))})")
    whole = plan.relation(types | {column: f"enum_{column}" for column in kept})
    columns = (f"c{place}" for place in range(len(plan.names)))
    chosen = ", ".join(f"enum_code({c})::INTEGER AS {c}" if c in kept else c for c in columns)
    return _typed(base.execute(f"SELECT {chosen} FROM {whole}", {"file": literal(path)}).fetchnumpy(), plan, kept)  # noqa: S608


def _sampled(path: Path, plan: _Plan) -> dict[str, list[str]] | None:
    """Texts in pieces from all over the file; None where they are not to be told without reading it."""
    size, found = path.stat().st_size, [set[str]() for _ in plan.names]
    with path.open("rb") as file:
        for place in range(0, size, max(size // PIECES, PIECE)):
            file.seek(place)
            for line in file.read(PIECE).decode("utf-8", "replace").split("\n")[1:-1]:
                cells = line.removesuffix("\r").split(plan.delimiter)
                if '"' in line or len(cells) != len(plan.names):
                    return None
                for words, cell in zip(found, cells, strict=True):
                    words.add(cell)
    texts = {f"c{at}": sorted(found[at] - set(_NULLS)) for at, kind in enumerate(plan.kinds) if kind == "text"}
    return texts if all(0 < len(words) <= MOST_TEXTS for words in texts.values()) else None


_TYPES = {"time": "TIMESTAMP", "number": "DOUBLE"}


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _typed(found: dict[str, Any], plan: _Plan, kept: Mapping[str, list[str]]) -> pd.DataFrame | None:
    columns: dict[str, Any] = {}
    for place, (name, kind) in enumerate(zip(plan.names, plan.kinds, strict=True)):
        values = found.pop(f"c{place}")
        holes = np.ma.getmaskarray(values) if np.ma.is_masked(values) else None
        if kind == "time":
            times = np.asarray(values)
            if holes is not None or not times_fit(times) or (plan.unproven and not _proves_order(times)):
                return None
            stamps = pd.Series(times)
            columns[name] = stamps.dt.tz_localize("UTC") if plan.is_utc else stamps
        elif kind == "text":
            codes: NDArray[np.int32] = np.asarray(values) if holes is None else values.filled(-1)
            columns[name] = pd.Categorical.from_codes(codes, categories=pd.Index(kept[f"c{place}"], dtype=object))
        else:
            numbers = np.asarray(values) if holes is None else values.filled(np.nan)
            if np.isinf(numbers).any() or (plan.decimal == "." and name not in plan.proven and _may_group(numbers)):
                return None
            columns[name] = numbers
    return pd.DataFrame(columns, copy=False)


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
