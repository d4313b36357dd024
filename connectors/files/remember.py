"""What a reading found, as the options and the form with which the next one guesses nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.files.form import NOT_FOLLOWED, Form, kinds_of

if TYPE_CHECKING:
    from connectors.files.clock import Clock
    from connectors.files.columns import Columns, Items
    from connectors.files.source import Grid, SourceOptions, Table
    from connectors.files.timecolumn import TimeColumn


def about_grid(grid: Grid) -> dict[str, Any]:
    """What cells under a header say of the form of their file."""
    family = None if grid.said is None else grid.said.family
    kind = "text" if grid.encoding is not None else "table" if grid.sheet is None else "workbook"
    plain = {
        "encoding": grid.encoding,
        "delimiter": grid.delimiter if kind == "text" else None,
        "header": grid.header,
    }
    return {
        "kind": "text" if family is not None and kind == "table" else kind,
        "family": family,
        **(plain if family is None else {}),
        "columns": tuple(str(name) for name in grid.cells.columns),
    }


def beginnings(grid: Grid) -> tuple[str, ...]:
    """How rows begin: their first cells that are filled."""
    rows = zip(*(grid.cells[name].to_numpy() for name in grid.cells.columns), strict=True)
    return kinds_of(next((str(cell).strip()[:40] for cell in row if str(cell).strip()), "") for row in rows)


def form_of(
    about: dict[str, Any],
    found: TimeColumn,
    columns: Columns,
    items: Items,
    clock: Clock,
    *,
    unit: str | None,
    ignored: tuple[str, ...],
) -> Form:
    """What a file is like, from what its grid says (``about_grid``) and what was found in it."""
    stamps = found.stamps
    return Form(
        **about,
        times=found.columns,
        format=stamps.written,
        offset="none" if stamps.offset is None else stamps.zone or "written",
        step=clock.seen or clock.freq,
        item=items.name,
        unit=unit,
        decimal=dict(columns.marks) if about["family"] is None else {},
        clock_changes=None if clock.follows else NOT_FOLLOWED,
        ignored_rows=ignored,
    )


def remembered(table: Table, given: SourceOptions, form: Form, clock: Clock, found: TimeColumn, grid: Grid) -> Table:
    """A table with the options that say again what was found; one that was read with such options guesses nothing.

    Args:
        table: The table.
        given: The options it was read with.
        form: What the file is like.
        clock: Its timestamps.
        found: Its time column.
        grid: Its cells.

    Raises:
        DataError: If the file is not like the form it was to have.
    """
    before = given.form
    if before is not None:
        now = {name: getattr(form, name) for name in Form.__dataclass_fields__}
        if before.clock_changes == NOT_FOLLOWED:
            del now["clock_changes"]
        before.check(table.name, **now)
        form = before
    options = replace(
        given,
        target=table.target,
        time=found.columns[0],
        item=None if given.wide else table.item,
        freq=given.freq if given.freq != form.step else None,
        time_zone=table.time_zone,
        stamps=clock.side,
        dates=found.stamps.order or given.dates,
        sheet=grid.sheet,
        register=None if table.target is None else table.options.register,
        form=form,
    )
    if grid.said is not None:
        side, sheet = given.stamps or _asked(table, "stamps"), given.sheet or _asked(table, "sheet")
        options = replace(options, time=given.time, item=given.item, stamps=side, sheet=sheet, register=None)
        order: Any = (_asked(table, "day and month") or "").replace(" ", "-") or None
        options = replace(options, series=given.series or grid.said.series, dates=options.dates or order)
    return replace(table, options=options, guesses=() if before is not None else table.guesses)


def _asked(table: Table, what: str) -> Any:
    """What a family assumed of itself, to be said again."""
    return next((guess.value for guess in table.guesses if guess.what == what), None)
