"""The tables we write for others: their columns, their keys, and what each column means.

====================  ==================================================================================
table                 what
====================  ==================================================================================
``forecast``          every forecast made: one row for each item, cutoff and step
``forecast_latest``   of each item, those from its newest cutoff
``actual``            what was read
``run``               every run: when, from which readings, how it ended
``backtest_metric``   what the backtest of each model promised
====================  ==================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from connectors.errors import DataError
from connectors.frame import quantile_column, quantile_level

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["text", "instant", "local", "integer", "number"]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A table: its name, its key, and its columns with what they are.

    Attributes:
        name: Name of the table.
        row: What a row is.
        key: Columns that make a row unique.
        columns: Kind and meaning of each column, by name; quantiles are not named, there may be any.
    """

    name: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, tuple[Kind, str]]

    def kind(self, column: str, dtype: Any = None) -> Kind:
        """What a column holds: as it is laid down, else by its name, else by its type."""
        if column in self.columns:
            return self.columns[column][0]
        if quantile_level(column) is not None:
            return "number"
        return kind_of(dtype)

    def meaning(self, column: str) -> str:
        """What a column means, in words; empty when nobody said."""
        level = quantile_level(column)
        if level is not None:
            return f"Quantile of the forecast: it is not exceeded with a probability of {level:g}."
        return self.columns[column][1] if column in self.columns else ""

    def check(self, table: pd.DataFrame) -> None:
        """Refuse rows that stand twice.

        Raises:
            DataError: If two rows have one key.
        """
        if table.duplicated(list(self.key)).any():
            raise DataError(f"{self.row} stands twice.", expected=f"One row for {', '.join(self.key)}.")


def kind_of(dtype: Any) -> Kind:
    """What a column of a type holds."""
    if isinstance(dtype, pd.DatetimeTZDtype):
        return "instant"
    if pd.api.types.is_integer_dtype(dtype):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(dtype) else "text"


_PLACE: dict[str, tuple[Kind, str]] = {
    "item_id": ("text", "The series."),
    "timestamp": ("instant", "Start of the interval, UTC."),
    "timestamp_local": ("local", "The same by the local clock."),
    "utc_offset_min": ("integer", "Offset of the local clock from UTC [min]; tells the two 02:00 of autumn apart."),
}
_VERSION: dict[str, tuple[Kind, str]] = {
    "schema_version": ("integer", "Rises when a column changes its meaning, not when one is added.")
}

FORECAST = Layout(
    name="forecast",
    row="A forecast",
    key=("item_id", "cutoff", "timestamp", "forecaster"),
    columns={
        "run_id": ("text", "The run that made it."),
        "item_id": _PLACE["item_id"],
        "cutoff": ("instant", "Start of the last reading used, UTC."),
        **{name: _PLACE[name] for name in ("timestamp", "timestamp_local", "utc_offset_min")},
        "horizon": ("integer", "Steps from the cutoff, from 1."),
        "forecaster": ("text", "Who forecast."),
        "mean": ("number", "The forecast, in the unit of the target."),
        "unit": ("text", "Unit of the target, where it is known."),
        "weather_mode": ("text", "Where the weather over the horizon came from."),
        "quality_flag": ("text", "ok, or why the forecast is less than usual: stale_input, fallback, backfilled."),
        **_VERSION,
        "issued_at": ("instant", "When the forecast is issued, UTC."),
        "attribution": ("text", "Whom the data it was made of must be credited to."),
    },
)
LATEST = Layout(
    name="forecast_latest", row="A forecast",
    key=FORECAST.key, columns=FORECAST.columns,
)  # fmt: skip
ACTUAL = Layout(
    name="actual",
    row="A reading",
    key=("item_id", "timestamp"),
    columns={
        **_PLACE,
        "actual": ("number", "The reading, in the unit of the target; empty for a gap."),
        "unit": ("text", "Unit of the target, where it is known."),
        "quality_flag": ("text", "ok; missing; faulty: it was found faulty and is not used."),
        **_VERSION,
    },
)
RUN = Layout(
    name="run",
    row="A run",
    key=("run_id",),
    columns={
        "run_id": ("text", "Hash of configuration, cutoff and readings."),
        "job": ("text", "The job of the configuration."),
        "status": ("text", "done, degraded or failed."),
        "exit_code": ("integer", "As the command ended."),
        "started_at": ("instant", "When it began, UTC."),
        "ended_at": ("instant", "When it ended, UTC."),
        "as_of": ("instant", "Nothing known later was used, UTC."),
        "cutoff": ("instant", "Start of the last reading used, UTC."),
        "quality_flag": ("text", "Flag of its forecasts."),
        "model_id": ("text", "The model that forecast; empty for a fallback."),
        "items": ("integer", "Series forecast [n]."),
        "readings": ("integer", "Readings there were [n]."),
        "message": ("text", "Its last line."),
        "version": ("text", "Version of hourcast."),
        **_VERSION,
    },
)
METRIC = Layout(
    name="backtest_metric",
    row="A score",
    key=("model_id", "forecaster", "metric"),
    columns={
        "model_id": ("text", "The model it is of."),
        "trained_at": ("instant", "When it was made, UTC."),
        "forecaster": ("text", "hourcast, or the way of copying beside it."),
        "metric": ("text", "Name of the score."),
        "value": ("number", "Its value."),
        "windows": ("integer", "Windows it is the mean of [n]."),
        **_VERSION,
    },
)

#: Every table, in the order they are written.
LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in (FORECAST, LATEST, ACTUAL, RUN, METRIC)}


def ordered(layout: Layout, columns: Iterable[str], levels: Iterable[float] = ()) -> list[str]:
    """Columns in the order of a layout, quantiles behind the mean, then those it does not know."""
    given = list(columns)
    quantiles = [quantile_column(level) for level in levels] or [
        name for name in given if quantile_level(name) is not None
    ]
    known: list[str] = []
    for name in layout.columns:
        known += [name] if name in given else []
        known += quantiles if name == "mean" else []
    return [*known, *(name for name in given if name not in known)]
