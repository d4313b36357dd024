"""Which column is the target, which tells the series apart, and what the others hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import ConfigError, DataError, IrregularTimestampsError, MissingColumnsError, near_name
from connectors.files.dataframe import is_time_type
from connectors.files.dayparts import HOUR_WORDS, PART_WORDS
from connectors.files.headers import words
from connectors.files.numbers import MISSING, Numbers, has_fractions, parse_numbers, without_codes
from connectors.files.repeats import Repeats, codes_of, repeats
from connectors.files.slices import slices
from connectors.files.source import Guess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from connectors.files.source import Grid, SourceOptions

_ITEM_WORDS = {
    "id", "item", "series", "serie", "unique", "name", "nom", "site", "meter", "compteur", "building", "batiment",
    "sensor", "capteur", "station", "zone", "area", "region", "store", "pod", "prm", "pdl", "mpan", "household",
}  # fmt: skip
_LAYOUTS = (("item_id", "timestamp", "target"), ("unique_id", "ds", "y"))
#: Share of rows at a time that another row has too, from which there must be several series.
_MANY_REPEATS = 0.05
_TOO_MANY_REPEATS = 0.3


def check_names(grid: Grid, options: SourceOptions) -> SourceOptions:
    """Every column named must exist, and none may be named and ignored.

    Returns:
        The options, with the target spelled as the file spells it where it is of a known family.

    Raises:
        MissingColumnsError: If one does not exist.
        ConfigError: If one is also to be ignored, or a series is named where there is but one.
    """
    options = _known_target(grid, options)
    known = [str(name) for name in grid.cells.columns]
    roles = {"target": options.target, "time": options.time, "item": options.item}
    used = [(role, name) for role, name in roles.items() if name is not None]
    used += [("covariate", name) for name in options.required]
    for role, name in (*used, *(("ignored", name) for name in options.ignore)):
        if name not in known:
            raise MissingColumnsError(
                f"There is no column {name!r} in {grid.name!r}.",
                expected=f"It was named as the {role} column." if role != "ignored" else "It was to be ignored.",
                fix=near_name(name, known),
            )
    for role, name in used:
        if name in options.ignore:
            raise ConfigError(
                f"The column {name!r} is named both as {role} and to be ignored.",
                fix="Take it out of one of the two.",
            )
    return options


def _known_target(grid: Grid, options: SourceOptions) -> SourceOptions:
    """The target of a file of a known family, which may be named in any capitals, or not at all."""
    if grid.said is None:
        if options.series is not None:
            raise ConfigError(
                f"The series {options.series!r} was asked for, but {grid.name!r} is a plain table.",
                expected="Only exports of meters and markets hold named series.",
                fix="Name the column to predict as --target, or leave --series out.",
            )
        return options
    if options.target is None or not grid.said.values:
        return options
    names = {name.casefold(): name for name in grid.said.values}
    found = names.get(options.target.casefold())
    if found is None:
        raise MissingColumnsError(
            f"There is no column {options.target!r} in {grid.name!r}, which is {grid.said.family}.",
            expected="It was named as the target column.",
            fix=near_name(options.target, grid.said.values),
        )
    return replace(options, target=found)


def with_known_names(grid: Grid, options: SourceOptions) -> Grid:
    """The grid with the roles its names tell: item_id, timestamp, target or unique_id, ds, y.

    These are the names other forecasting tools write; a table that has the time and one of the others follows them.
    """
    columns = set(grid.cells.columns) - {*options.ignore, *options.required, options.time, options.item}
    for item, time, target in _LAYOUTS:
        if time in columns and not columns.isdisjoint({item, target}):
            return replace(
                grid,
                time=grid.time or time,
                item=grid.item or (item if item in columns else None),
                target=grid.target or (target if target in columns else None),
            )
    return grid


@dataclass(frozen=True)
class Columns:
    """The columns besides the time, as far as they are used.

    Attributes:
        numbers: The numeric ones [n each].
        texts: The others, for an item [n each]; texts that repeat may come as a categorical.
        notes: What a person should know about them.
        marks: Decimal marks of the columns that were text and have one.
    """

    numbers: Mapping[str, NDArray[np.float64]]
    texts: Mapping[str, NDArray[np.object_] | pd.Categorical]
    notes: tuple[str, ...]
    marks: Mapping[str, str]


def read_columns(grid: Grid, options: SourceOptions, used: tuple[str, ...], target: str | None) -> Columns:
    """Numbers where a column holds numbers, text where it does not.

    Args:
        grid: The cells.
        options: What the user said.
        used: Columns already taken for the time.
        target: The target, if there is one.

    Raises:
        DataError: If the target or a required column is not numeric.
    """
    numbers: dict[str, NDArray[np.float64]] = {}
    texts: dict[str, NDArray[np.object_] | pd.Categorical] = {}
    notes: list[str] = []
    marks: dict[str, str] = {}
    for name in grid.cells.columns:
        values = grid.cells[name]
        if name in used or name in options.ignore or is_time_type(values.dtype):
            continue
        if isinstance(values.dtype, pd.CategoricalDtype) and name != target and name not in options.required:
            texts[name] = values.array
            continue
        read = _as_numbers(values, grid, options.mark_of(str(name)))
        must = name == target or name in options.required
        if must and not read.is_numeric:
            raise _not_numeric(grid, name, read)
        if not must and _only_counts(name, read.values):
            notes.append(f"column {name!r} only counts the rows and is not used")
        elif read.is_numeric:
            numbers[name], codes = without_codes(read.values)
            notes += [
                f"{name!r}: {number} cell{'s' * (number > 1)} of {code:g} taken as missing" for code, number in codes
            ]
            marks |= {name: read.mark} if read.mark else {}
            notes += _about(name, read, grid)
        elif values.dtype == object:
            texts[name] = np.asarray(values.to_numpy(), dtype=object)
    return Columns(numbers, texts, tuple(notes), marks)


def _only_counts(name: str, values: NDArray[np.float64]) -> bool:
    """Whether a column is the row numbers some tools write in front, under no name of its own."""
    nameless = name.startswith(("column ", "Unnamed: "))
    return nameless and len(values) > 2 and bool((np.diff(values) == 1).all())


def _as_numbers(values: pd.Series[Any], grid: Grid, decimal: str | None) -> Numbers:
    if values.dtype == object or isinstance(values.dtype, pd.CategoricalDtype):
        cells = np.asarray(values.astype(object).fillna("").to_numpy(), dtype=object)
        return parse_numbers(cells, delimiter=grid.delimiter or ",", decimal=decimal)
    if values.dtype == np.float64:
        numbers = np.asarray(values.to_numpy(), dtype=np.float64)
    else:
        numbers = np.array(values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    infinite = np.isinf(numbers)
    numbers = np.where(infinite, np.nan, numbers) if infinite.any() else numbers
    mark = grid.spelt if grid.spelt and has_fractions(numbers) else None
    return Numbers(numbers, np.zeros(len(numbers), dtype=np.bool_), mark=mark)


def _about(name: str, read: Numbers, grid: Grid) -> list[str]:
    notes = [f"{name!r}: {read.note}"] if read.note else []
    bad = np.flatnonzero(read.bad)
    if len(bad):
        cells = f"{len(bad)} cell{'s' * (len(bad) > 1)}"
        value = grid.cells[name].iloc[int(bad[0])]
        notes.append(f"{name!r}: {cells} taken as missing, first {grid.place} {grid.lines[bad[0]]} {value!r}")
    return notes


def _not_numeric(grid: Grid, name: str, read: Numbers) -> DataError:
    bad = np.flatnonzero(read.bad)[:3]
    if not len(bad):
        return DataError(
            f"The column {name!r} is empty.", expected="It holds numbers.", fix="Name another column, or fill it."
        )
    values = ", ".join(f"{grid.cells[name].iloc[int(row)]!r} ({grid.place} {grid.lines[row]})" for row in bad)
    return DataError(
        f"The column {name!r} is not numeric: it holds {values}.",
        expected="It holds numbers, or yes and no.",
        fix="Name another column, or clear those cells.",
    )


@dataclass(frozen=True)
class Items:
    """The series of every row.

    Attributes:
        name: The column, None for a single series.
        labels: Names of the series, in order [items].
        codes: Place of each row's series among them, -1 where the row names none [n].
        guess: Why this column, if nobody said so.
    """

    name: str | None
    labels: list[str]
    codes: NDArray[Any]
    guess: Guess | None = None


def find_items(
    grid: Grid, options: SourceOptions, columns: Columns, wall: NDArray[np.datetime64], target: str | None
) -> Items:
    """The column that tells the series apart; looked for only where times repeat heavily.

    Raises:
        IrregularTimestampsError: If times repeat heavily and no column explains it.
    """
    named = options.item or grid.item
    if named is not None:
        guess = None if options.item else Guess("item column", named, "the index or its name says so", "--item")
        return _items(named, grid, guess)
    times = Repeats(wall)
    repeats = times.share()
    many = repeats * len(wall) >= 3 and repeats >= _MANY_REPEATS
    found = _best_item(grid, options, columns, times, target) if many else None
    if found is None:
        if many:
            _refuse_repeats(grid, columns, times.places, target)
        return Items(None, [grid.series], np.zeros(len(wall), dtype=np.int32))
    why = f"{repeats:.0%} of the times stand in several rows, and it tells them apart"
    return _items(found, grid, Guess("item column", found, why, "--item"))


def _items(name: str, grid: Grid, guess: Guess | None) -> Items:
    values = grid.cells[name]
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    codes, kinds = _kinds(values)
    labels = [str(kind).strip() for kind in kinds]
    # The same name may stand with and without blanks around it.
    names = sorted({label for label in labels if label.casefold() not in MISSING})
    places = {label: place for place, label in enumerate(names)}
    by_kind = np.array([places.get(label, -1) for label in labels] + [-1], dtype=np.int32)
    # Names in their order keep their numbers: columns may be long.
    as_they_are = np.array_equal(by_kind[:-1], np.arange(len(kinds)))
    return Items(name, names, codes if as_they_are else by_kind[codes], guess)


def _kinds(values: pd.Series[Any]) -> tuple[NDArray[Any], pd.Index[Any]]:
    """The different values of a column, and the place of each row's among them, -1 for none [n]."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, kinds = np.asarray(values.cat.codes), values.cat.categories
        seen = np.zeros(len(kinds) + 1, dtype=np.bool_)
        for piece in slices(len(codes)):
            seen |= np.bincount(codes[piece] + 1, minlength=len(seen)) > 0
        if seen[1:].all():
            return codes, kinds
    return pd.factorize(values)


def _best_item(
    grid: Grid, options: SourceOptions, columns: Columns, times: Repeats, target: str | None
) -> str | None:
    """The column with which far fewer rows repeat; names and texts before numbers."""
    allowed = 0.1 * times.share()
    found: list[tuple[int, int, str]] = []
    for place, name in enumerate(grid.cells.columns):
        if name == target or name in options.required or name in options.ignore:
            continue
        if words(name) & (HOUR_WORDS | PART_WORDS) and not words(name) & _ITEM_WORDS:
            # Hours that could not be joined to their dates are no series.
            continue
        text = name in columns.texts
        if not text and not (name in columns.numbers and _is_whole(columns.numbers[name])):
            continue
        codes = codes_of(columns.texts[name] if text else columns.numbers[name])
        left = times.share(codes)
        # An item has several rows; a column of running numbers tells rows apart, not series.
        if left <= allowed and int(codes.max()) + 1 <= len(codes) / 2:
            found.append((2 - text - bool(words(name) & _ITEM_WORDS), place, name))
    return min(found)[2] if found else None


def _is_whole(values: NDArray[np.float64]) -> bool:
    # Nearly every column of other numbers shows it at once.
    return bool((values[:1000] % 1 == 0).all() and np.isfinite(values).all() and (values % 1 == 0).all())


def _refuse_repeats(grid: Grid, columns: Columns, times: NDArray[Any], target: str | None) -> None:
    """Refuse times that stand in many rows with different readings; rows written twice are harmless."""
    if target is not None:
        different = pd.DataFrame({"time": times, "value": columns.numbers[target]}).drop_duplicates()
        times = different["time"].to_numpy(dtype=np.int64)
    if repeats(times) >= _TOO_MANY_REPEATS:
        raise IrregularTimestampsError(
            f"{repeats(times):.0%} of the rows of {grid.name!r} repeat a time, and no column tells them apart.",
            expected="A time stands once for every series.",
            fix="Name the column of the series as --item, or keep the rows of one series.",
        )
