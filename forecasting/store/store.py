"""The run store: every read and every write of it. A run is recorded in one transaction, or not at all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from forecasting.store.records import (
    DataRecord,
    ForecastRecord,
    ModelRecord,
    RunRecord,
    ScoreRecord,
    WeatherRecord,
)
from forecasting.store.schema import migrate
from forecasting.store.session import alone, store_database, transaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection

    from connectors.database import Database

Row = TypeVar("Row", RunRecord, ModelRecord, ForecastRecord, ScoreRecord)

_TABLES: dict[type[Any], tuple[str, tuple[str, ...]]] = {
    RunRecord: ("hourcast_run", ("run_id",)),
    DataRecord: ("hourcast_data", ("data_hash",)),
    ModelRecord: ("hourcast_model", ("model_id",)),
    ForecastRecord: ("hourcast_forecast", ("job", "item_id", "cutoff")),
    ScoreRecord: ("hourcast_score", ("job", "item_id", "cutoff")),
    WeatherRecord: ("hourcast_weather", ("run_id", "location", "variable", "model", "issued_at")),
}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Everything a run leaves behind, kept together.

    Attributes:
        run: The run.
        data: What was read.
        forecasts: What was forecast.
        scores: Of earlier forecasts, by what has come since.
        weather: Weather forecasts that were used.
    """

    run: RunRecord
    data: DataRecord | None = None
    forecasts: Sequence[ForecastRecord] = ()
    scores: Sequence[ScoreRecord] = ()
    weather: Sequence[WeatherRecord] = ()


@dataclass(frozen=True)
class Store:
    """A run store: a database, and a folder of models beside it.

    Attributes:
        url: Of a SQLite file or a PostgreSQL database.
        folder: Where models are, and the lock.
    """

    url: str
    folder: Path

    @cached_property
    def database(self) -> Database:
        """Where it is."""
        return store_database(self.url)

    @property
    def there(self) -> bool:
        """Whether there is a store; a server is taken to have one."""
        return self.database.path is None or self.database.path.exists()

    def prepare(self, now: str) -> None:
        """Make the tables, or bring them to the version of this hourcast.

        Raises:
            ConfigError: If a later hourcast has been here.
            OutputError: If the store cannot be written.
            RetriableConnectorError: If it cannot be reached.
        """
        with transaction(self.database) as connection:
            migrate(connection, self.database.kind, now)

    def alone(self) -> AbstractContextManager[None]:
        """Be the only run, see ``forecasting.store.session.alone``."""
        return alone(self.database, self.folder)

    def keep(self, kept: Kept) -> None:
        """Record a run in one transaction; rows with the same keys are replaced."""
        with transaction(self.database) as connection:
            rows: list[Any] = [kept.run, *([] if kept.data is None else [kept.data])]
            for row in rows:
                _upsert(connection, [row])
            for many in (kept.forecasts, kept.scores, kept.weather):
                _upsert(connection, many)

    def handed_over(self, run: RunRecord) -> None:
        """Record that every export of a run was written."""
        with transaction(self.database) as connection:
            _upsert(connection, [replace(run, handed_over=1)])

    def run(self, run_id: str) -> RunRecord | None:
        """A run, by its name or an unambiguous beginning of it."""
        found = self._select(RunRecord, "run_id LIKE :name", {"name": f"{run_id}%"})
        return found[0] if len(found) == 1 else None

    def runs(self, job: str | None = None, *, limit: int = 1_000_000, since: str = "") -> list[RunRecord]:
        """Runs, the newest first."""
        where = "started_at >= :since" + ("" if job is None else " AND job = :job")
        return self._select(
            RunRecord, f"{where} ORDER BY started_at DESC, as_of DESC LIMIT :limit",
            {"since": since, "job": job, "limit": limit},
        )  # fmt: skip

    def forecasts(self, job: str, *, since: str = "", run_id: str | None = None) -> list[ForecastRecord]:
        """Forecasts whose cutoff is not before a time, by cutoff and item."""
        where = "job = :job AND cutoff >= :since" + ("" if run_id is None else " AND run_id = :run_id")
        return self._select(
            ForecastRecord, f"{where} ORDER BY cutoff, item_id", {"job": job, "since": since, "run_id": run_id}
        )

    def unscored(self, job: str, *, since: str) -> list[ForecastRecord]:
        """Forecasts of which not every step has been scored."""
        done = (
            "NOT EXISTS (SELECT 1 FROM hourcast_score s WHERE s.job = hourcast_forecast.job "
            "AND s.item_id = hourcast_forecast.item_id AND s.cutoff = hourcast_forecast.cutoff "
            "AND s.readings = s.steps)"
        )
        return self._select(
            ForecastRecord, f"job = :job AND cutoff >= :since AND {done}", {"job": job, "since": since}
        )

    def scores(self, job: str, *, since: str = "", until: str = "9") -> list[ScoreRecord]:
        """Scores of forecasts from the cutoffs of a period, by cutoff and item."""
        return self._select(
            ScoreRecord, "job = :job AND cutoff >= :since AND cutoff < :until ORDER BY cutoff, item_id",
            {"job": job, "since": since, "until": until},
        )  # fmt: skip

    def models(self, job: str) -> list[ModelRecord]:
        """Models of a job, the newest first."""
        return self._select(ModelRecord, "job = :job ORDER BY trained_at DESC, cutoff DESC", {"job": job})

    def jobs(self) -> list[str]:
        """Names of the jobs there are models of."""
        from sqlalchemy import text

        with transaction(self.database) as connection:
            found = connection.execute(text("SELECT DISTINCT job FROM hourcast_model ORDER BY job"))
            return [str(job) for (job,) in found]

    def champion(self, job: str) -> ModelRecord | None:
        """The model that forecasts."""
        return next((model for model in self.models(job) if model.status == "champion"), None)

    def keep_model(self, model: ModelRecord) -> None:
        """Record a model; where it is the new champion, the old one is from now on a former one."""
        from sqlalchemy import text

        with transaction(self.database) as connection:
            if model.status == "champion":
                old = "UPDATE hourcast_model SET status = 'former' WHERE job = :job AND status = 'champion'"
                connection.execute(text(old), {"job": model.job})
            _upsert(connection, [model])

    def model_folder(self, model_id: str) -> Path:
        """Where a model is."""
        return self.folder / "models" / model_id

    def prune(self, job: str, *, before: str, models: int) -> dict[str, int]:
        """Forget what is older than a time, and models beyond the newest few; the champion stays.

        Returns:
            How many runs, forecasts and models went.
        """
        from sqlalchemy import text

        former = [model for model in self.models(job) if model.status == "former"]
        gone = former[max(models - 1, 0) :]
        with transaction(self.database) as connection:
            what = {"job": job, "before": before}
            counts = {}
            for name, column in (("run", "started_at"), ("forecast", "cutoff"), ("score", "cutoff")):
                statement = f"DELETE FROM hourcast_{name} WHERE job = :job AND {column} < :before"  # noqa: S608
                counts[f"{name}s"] = connection.execute(text(statement), what).rowcount
            for table, key in (("data", "data_hash"), ("weather", "run_id")):
                used = f"SELECT {key} FROM hourcast_run WHERE {key} IS NOT NULL"  # noqa: S608
                connection.exec_driver_sql(f"DELETE FROM hourcast_{table} WHERE {key} NOT IN ({used})")  # noqa: S608
            _upsert(connection, [replace(model, status="deleted") for model in gone])
        known = {model.model_id for model in self.models(job) if model.status != "deleted"}
        for model in gone:
            shutil.rmtree(self.model_folder(model.model_id), ignore_errors=True)
        return counts | {"models": len(gone), "kept_models": len(known)}

    def _select(self, kind: type[Row], where: str, values: dict[str, Any]) -> list[Row]:
        from sqlalchemy import text

        table, _ = _TABLES[kind]
        with transaction(self.database) as connection:
            rows = connection.execute(text(f"SELECT * FROM {table} WHERE {where}"), values)  # noqa: S608
            return [kind.of(dict(row)) for row in rows.mappings()]


def _upsert(connection: Connection, rows: Sequence[Any]) -> None:
    """Add rows of one kind, and replace those with the same key."""
    from sqlalchemy import text

    if not rows:
        return
    table, key = _TABLES[type(rows[0])]
    made = [row.row() for row in rows]
    names = list(made[0])
    others = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    over = f"DO UPDATE SET {others}" if others else "DO NOTHING"
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) "  # noqa: S608
        f"ON CONFLICT ({', '.join(key)}) {over}"
    )
    connection.execute(text(statement), made)
