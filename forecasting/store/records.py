"""What the store holds, row by row. Times are UTC."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from connectors.files.steps import step_size
from connectors.frame import quantile_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backtests.view import FloatArray


def stamp(time: pd.Timestamp) -> str:
    """A time as the store writes it: 2026-11-22T23:00:00Z."""
    return time.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A row: fields are columns; those marked JSON hold plain values as a text."""

    def row(self) -> dict[str, Any]:
        """The columns as the database takes them."""
        return {f.name: _down(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The row as Python takes it; columns it does not know are left alone."""
        kinds = {f.name: f.metadata.get("json", False) for f in fields(cls)}
        return cls(**{name: json.loads(row[name]) if made else row[name] for name, made in kinds.items()})


def _down(value: Any) -> Any:
    return json.dumps(value, default=str) if isinstance(value, dict | list) else value


#: How a field is marked whose value is kept as JSON.
_JSON = {"json": True}


@dataclass(frozen=True, kw_only=True)
class RunRecord(_Row):
    """A run.

    Attributes:
        run_id: Hash of configuration, cutoff and readings; of the instant where there were none.
        job: Name of the job.
        status: ``done``, ``degraded`` or ``failed``.
        exit_code: As the command ended.
        started_at: When it began; likewise ``ended_at``.
        as_of: Nothing known later was used.
        cutoff: Start of the last reading used; None when none could be read.
        config_hash: Of what decides a forecast.
        data_hash: Of the readings.
        model_id: The model that forecast; None for a fallback.
        quality_flag: Flag of its forecasts.
        items: Series forecast [n].
        readings: Readings there were [n].
        handed_over: 1 once every export was written.
        message: Its last line.
        details: Anything else worth knowing.
        version: Of hourcast.
    """

    run_id: str
    job: str
    status: str
    exit_code: int
    started_at: str
    ended_at: str
    as_of: str
    cutoff: str | None = None
    config_hash: str | None = None
    data_hash: str | None = None
    model_id: str | None = None
    quality_flag: str | None = None
    items: int | None = None
    readings: int | None = None
    handed_over: int = 0
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict, metadata=_JSON)
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class DataRecord(_Row):
    """What was read, in numbers."""

    data_hash: str
    job: str
    source: str
    seen_at: str
    first: str
    last: str
    items: int
    readings: int
    missing: int
    faulty: int
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class ModelRecord(_Row):
    """A model.

    Attributes:
        model_id: Its name, and that of its folder.
        job: Name of the job.
        status: ``champion``: it forecasts; ``former``: it did; ``rejected``: it was no better; ``deleted``.
        trained_at: When it was made.
        cutoff: The last reading it was trained on.
        reason: Why it was made.
        promise: What its backtest promised (``forecasting.monitor.promise``).
        contest: How it did against the champion of the day.
        data_hash: Of the readings it was trained on.
        version: Of hourcast.
    """

    model_id: str
    job: str
    status: str
    trained_at: str
    cutoff: str
    reason: str
    promise: dict[str, Any] = field(default_factory=dict, metadata=_JSON)
    contest: dict[str, Any] = field(default_factory=dict, metadata=_JSON)
    data_hash: str = ""
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class ForecastRecord(_Row):
    """The forecasts of an item from a cutoff; ``numbers`` holds mean and quantiles, ``[H, 1 + Q]``."""

    job: str
    item_id: str
    cutoff: str
    run_id: str
    model_id: str | None
    issued_at: str | None
    first: str
    last: str
    freq: str
    steps: int
    levels: str
    numbers: bytes
    time_zone: str
    unit: str | None
    forecaster: str
    weather_mode: str
    quality_flag: str

    @property
    def values(self) -> FloatArray:
        """Mean and quantiles. ``[H, 1 + Q]``."""
        flat = np.frombuffer(zlib.decompress(self.numbers), dtype="<f8")
        return flat.reshape(self.steps, -1).astype(np.float64)

    @property
    def timestamps(self) -> pd.DatetimeIndex:
        """Steps forecast. ``[H]``."""
        return pd.date_range(self.first, periods=self.steps, freq=self.freq)

    def frame(self) -> pd.DataFrame:
        """Rows of a forecasts table."""
        return frame_of([self])


def frame_of(records: Sequence[ForecastRecord]) -> pd.DataFrame:
    """Rows of a forecasts table, of records with the same step and levels, all with ``issued_at`` or none."""
    levels, lengths = json.loads(records[0].levels), [one.steps for one in records]
    names = ["mean", *(quantile_column(float(level)) for level in levels)]
    table = pd.DataFrame(np.concatenate([one.values for one in records]), columns=names)
    place: dict[str, Any] = {
        "item_id": np.repeat(np.array([one.item_id for one in records], dtype=object), lengths),
        "cutoff": _instants([one.cutoff for one in records]).repeat(lengths),
        "timestamp": _steps_of(records, lengths),
        "forecaster": np.repeat(np.array([one.forecaster for one in records], dtype=object), lengths),
    }
    for at, (name, value) in enumerate(place.items()):
        table.insert(at, name, value)
    issued = [one.issued_at for one in records if one.issued_at is not None]
    return table.assign(issued_at=_instants(issued).repeat(lengths)) if issued else table


def _instants(stamps: Sequence[str]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(list(stamps), utc=True)).as_unit("ns")


def _steps_of(records: Sequence[ForecastRecord], lengths: Sequence[int]) -> pd.DatetimeIndex:
    """Steps forecast by all records, one after the other; those of a fixed length are counted, not looked up."""
    size = step_size(records[0].freq)
    if size is None:
        return pd.DatetimeIndex(np.concatenate([one.timestamps.as_unit("ns") for one in records]), tz="UTC")
    steps = np.concatenate([np.arange(length) for length in lengths])
    return _instants([one.first for one in records]).repeat(lengths) + pd.to_timedelta(steps * size)


def pack(values: FloatArray) -> bytes:
    """Numbers as the store keeps them."""
    return zlib.compress(np.ascontiguousarray(values, dtype="<f8").tobytes(), 6)


@dataclass(frozen=True, kw_only=True)
class ScoreRecord(_Row):
    """How far off the forecasts of an item from a cutoff were, as far as readings have come.

    Attributes:
        job: Name of the job.
        item_id: The series.
        cutoff: Where the forecasts started.
        model_id: Whose they were.
        quality_flag: Their flag.
        steps: Steps forecast [n].
        readings: Sound readings among them [n].
        abs_error: Sum of the absolute errors, in the unit of the target.
        error: Sum of the errors, forecast less reading.
        abs_actual: Sum of the absolute readings.
        inside: Readings inside the 80 % interval [n].
        scored_at: When.
    """

    job: str
    item_id: str
    cutoff: str
    model_id: str | None
    quality_flag: str
    steps: int
    readings: int
    abs_error: float
    error: float
    abs_actual: float
    inside: int
    scored_at: str


@dataclass(frozen=True, kw_only=True)
class WeatherRecord(_Row):
    """A weather forecast a run used."""

    run_id: str
    location: str
    variable: str
    model: str
    issued_at: str
    kind: str
