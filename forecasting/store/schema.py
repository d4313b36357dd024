"""Tables of the run store, and the steps from each version of them to the next.

A step never changes once it was published; a new one is added behind it. Times are texts, ISO 8601 in UTC: they sort
as the times do, in SQLite and in PostgreSQL alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.errors import ConfigError
from connectors.version import VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: The statements of each version; the first makes the tables. ``{bytes}`` is the type of a blob.
MIGRATIONS: tuple[str, ...] = (
    """
    -- One row for each run: what it was of, how it ended.
    CREATE TABLE hourcast_run (
        run_id TEXT PRIMARY KEY, job TEXT NOT NULL, status TEXT NOT NULL, exit_code INTEGER NOT NULL,
        started_at TEXT NOT NULL, ended_at TEXT NOT NULL, as_of TEXT NOT NULL, cutoff TEXT, config_hash TEXT,
        data_hash TEXT, model_id TEXT, quality_flag TEXT, items INTEGER, readings INTEGER,
        handed_over INTEGER NOT NULL, message TEXT NOT NULL, details TEXT NOT NULL, version TEXT NOT NULL);
    CREATE INDEX hourcast_run_job ON hourcast_run (job, started_at);
    -- What was read: enough to tell two states of the data apart, and what changed.
    CREATE TABLE hourcast_data (
        data_hash TEXT PRIMARY KEY, job TEXT NOT NULL, source TEXT NOT NULL, seen_at TEXT NOT NULL,
        first TEXT NOT NULL, last TEXT NOT NULL, items INTEGER NOT NULL, readings INTEGER NOT NULL,
        missing INTEGER NOT NULL, faulty INTEGER NOT NULL, mean DOUBLE PRECISION, low DOUBLE PRECISION,
        high DOUBLE PRECISION);
    -- Models: each is a folder beside the store.
    CREATE TABLE hourcast_model (
        model_id TEXT PRIMARY KEY, job TEXT NOT NULL, status TEXT NOT NULL, trained_at TEXT NOT NULL,
        cutoff TEXT NOT NULL, reason TEXT NOT NULL, promise TEXT NOT NULL, contest TEXT NOT NULL,
        data_hash TEXT NOT NULL, version TEXT NOT NULL);
    CREATE INDEX hourcast_model_job ON hourcast_model (job, trained_at);
    -- The forecasts of an item from a cutoff: means and quantiles as 64-bit floats, deflated.
    CREATE TABLE hourcast_forecast (
        job TEXT NOT NULL, item_id TEXT NOT NULL, cutoff TEXT NOT NULL, run_id TEXT NOT NULL, model_id TEXT,
        issued_at TEXT, first TEXT NOT NULL, last TEXT NOT NULL, freq TEXT NOT NULL, steps INTEGER NOT NULL,
        levels TEXT NOT NULL, numbers {bytes} NOT NULL, time_zone TEXT NOT NULL, unit TEXT, forecaster TEXT NOT NULL,
        weather_mode TEXT NOT NULL, quality_flag TEXT NOT NULL, PRIMARY KEY (job, item_id, cutoff));
    CREATE INDEX hourcast_forecast_cutoff ON hourcast_forecast (job, cutoff);
    -- How far off they were, as far as readings have come: sums, from which every mean can be made.
    CREATE TABLE hourcast_score (
        job TEXT NOT NULL, item_id TEXT NOT NULL, cutoff TEXT NOT NULL, model_id TEXT, quality_flag TEXT NOT NULL,
        steps INTEGER NOT NULL, readings INTEGER NOT NULL, abs_error DOUBLE PRECISION NOT NULL,
        error DOUBLE PRECISION NOT NULL, abs_actual DOUBLE PRECISION NOT NULL, inside INTEGER NOT NULL,
        scored_at TEXT NOT NULL, PRIMARY KEY (job, item_id, cutoff));
    CREATE INDEX hourcast_score_cutoff ON hourcast_score (job, cutoff);
    -- Weather forecasts a run used, as issued.
    CREATE TABLE hourcast_weather (
        run_id TEXT NOT NULL, location TEXT NOT NULL, variable TEXT NOT NULL, model TEXT NOT NULL,
        issued_at TEXT NOT NULL, kind TEXT NOT NULL,
        PRIMARY KEY (run_id, location, variable, model, issued_at))
    """,
)
_BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def migrate(connection: Connection, kind: str, now: str) -> int:
    """Bring the tables to the version of this hourcast, within the transaction of the connection.

    Args:
        connection: A transaction has begun on it.
        kind: ``sqlite`` or ``postgresql``.
        now: When, as ISO 8601.

    Returns:
        Steps that were taken.

    Raises:
        ConfigError: If a later hourcast has been here.
    """
    from sqlalchemy import text

    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS hourcast_schema (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)"
    )
    there = connection.execute(text("SELECT max(version) FROM hourcast_schema")).scalar() or 0
    if there > len(MIGRATIONS):
        raise ConfigError(
            f"The run store has version {there}.",
            expected=f"This is hourcast {VERSION}, which knows versions up to {len(MIGRATIONS)}.",
            fix="Upgrade hourcast, or name another store.",
        )
    for version, statements in enumerate(MIGRATIONS[there:], start=there + 1):
        for statement in statements.split(";"):
            connection.exec_driver_sql(statement.format(bytes=_BYTES[kind]))
        mark = text("INSERT INTO hourcast_schema (version, applied_at) VALUES (:version, :now)")
        connection.execute(mark, {"version": version, "now": now})
    return len(MIGRATIONS) - there
