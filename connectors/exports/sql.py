"""Our tables in a database: SQLite, DuckDB and PostgreSQL.

Each table has the key of its layout, for forecasts item_id, cutoff, timestamp, forecaster: a row that is there is
replaced, another is added, all in one transaction. A table is made when it is not there; columns that are new to it
are added at its end.

==========  ==============================  =====================  ==================
column      PostgreSQL                      DuckDB                 SQLite
==========  ==============================  =====================  ==================
cutoff,     timestamp with time zone        the same               text, ISO 8601 in
timestamp                                                          UTC with a Z
local time  timestamp without time zone     the same               text
quantiles   double precision                the same               double (a real)
==========  ==============================  =====================  ==================

SQLite has no type of times; its own date functions read such a text, and texts sort as the times do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.database import locate
from connectors.errors import ConfigError, OutputError
from connectors.exports.atomic import check_folder
from connectors.exports.layout import FORECAST, LATEST, LAYOUTS
from connectors.exports.targets import opened
from connectors.frame import quantile_columns, quantile_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Table as Definition
    from sqlalchemy.types import TypeEngine

    from connectors.exports.layout import Kind, Layout
    from connectors.exports.targets import Target

KEY = FORECAST.key

_NAME = re.compile(r"[^\W\d]\w{0,62}(?:\.[^\W\d]\w{0,62})?")
_UTC_FORMAT, _LOCAL_FORMAT = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S"


def write_sql(table: pd.DataFrame, url: str, name: str = "forecast") -> None:
    """Write forecasts into a database, whole or not at all.

    Args:
        table: From ``connectors.exports.table.export_table``.
        url: Where the database is, see ``connectors.database``; a table behind its ``#`` goes before ``name``.
        name: The table, made when it is not there.

    Raises:
        ConfigError: If the URL cannot be read, the database is none of ``KINDS``, or the name is none.
        DataError: If a row stands twice.
        MissingExtraError: If the driver is not installed.
        RetriableConnectorError: If the database cannot be reached, or another program holds it.
        FatalConnectorError: If it refuses the user, the password or the name of the database.
        OutputError: If it cannot be written; what was there is still there.
    """
    place = _named(url, name)
    FORECAST.check(table)
    with opened(url, f"The table {place!r}") as target:
        _write(target, place, FORECAST, table)
        target.commit()


def write_tables(tables: Mapping[str, pd.DataFrame], url: str) -> None:
    """Write several of our tables, and the views on them, in one transaction.

    The newest forecasts are a view, ``forecast_latest``, and the quantiles in rows another, ``forecast_long``.

    Args:
        tables: By their names, those of ``LAYOUTS``; ``forecast_latest`` is left to its view.
        url: As for ``write_sql``; a table behind its ``#`` is that of the forecasts.

    Raises:
        As ``write_sql``.
    """
    places = {name: _named(url, name) for name in tables if name != LATEST.name}
    for name in places:
        LAYOUTS[name].check(tables[name])
    with opened(url, "The tables of a run") as target:
        for name, place in places.items():
            _write(target, place, LAYOUTS[name], tables[name])
        if FORECAST.name in places:
            _make_views(target, places[FORECAST.name], quantile_columns(tables[FORECAST.name].columns))
        target.commit()


def check_sql(url: str, name: str = "forecast") -> None:
    """Find out now whether ``write_sql`` will be able to write there; nothing is left behind.

    Raises:
        As ``write_sql``.
    """
    path = locate(url).path
    if path is not None and not path.exists():
        check_folder(path)
        return
    place = _named(url, name)
    with opened(url, f"The table {place!r}") as target:
        _ready(target, place, FORECAST, {})


def _named(url: str, name: str) -> str:
    """The table to write to: that of the URL where it is the forecasts', in its schema where it is another."""
    given = locate(url).table
    if given is None:
        place = name
    elif name in LAYOUTS and name != FORECAST.name:
        schema = given.rpartition(".")[0]
        place = f"{schema}.{name}" if schema else name
    else:
        place = given
    if not _NAME.fullmatch(place):
        raise ConfigError(f"{place!r} is no name of a table.", expected="Letters, digits and _, as in forecast.")
    return place


def _write(target: Target, place: str, layout: Layout, table: pd.DataFrame) -> None:
    kinds = {str(column): layout.kind(str(column), table[column].dtype) for column in table.columns}
    target.upsert(_ready(target, place, layout, kinds), _spelt(table, kinds, target.kind))


def _ready(target: Target, place: str, layout: Layout, kinds: dict[str, Kind]) -> Definition:
    """The table as it will be written to, made or with its new columns added.

    Raises:
        OutputError: If there is another table of that name.
    """
    from sqlalchemy.schema import CreateColumn, CreateTable

    there = target.columns(place)
    lacking = [column for column in layout.key if column not in there]
    if there and lacking:
        raise OutputError(
            f"The table {place!r} in {target.shown} has no column {lacking[0]!r}, so it holds no {layout.name}s.",
            expected=f"Its key is {', '.join(layout.key)}.",
            fix="Name another table behind the URL, as in ...#forecasts.",
        )
    # A quantile that is not forecast any more must not keep the value of an earlier run beside new ones.
    stale = [column for column in there if column not in kinds and quantile_level(column) is not None]
    definition = _definition(target, place, layout, kinds, stale)
    if not there:
        target.run(str(CreateTable(definition).compile(dialect=target.dialect)))
        return definition
    quoted = target.dialect.identifier_preparer.format_table(definition)
    for column in definition.columns:
        if column.name not in there:
            target.run(f"ALTER TABLE {quoted} ADD COLUMN {CreateColumn(column).compile(dialect=target.dialect)}")
    return definition


def _definition(
    target: Target, place: str, layout: Layout, kinds: dict[str, Kind], stale: Iterable[str]
) -> Definition:
    from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, Table

    schema, _, name = place.rpartition(".")
    key = layout.key
    names = [*kinds, *(column for column in key if column not in kinds), *stale]
    columns = [
        Column(each, _type(target.kind, kinds.get(each) or layout.kind(each)), nullable=each not in key)
        for each in names
    ]
    return Table(name, MetaData(), *columns, PrimaryKeyConstraint(*key), schema=schema or None)


def _type(database: str, kind: Kind) -> TypeEngine[Any]:
    """The type of a column: that of the values, and of the times that is best in this database."""
    from sqlalchemy import BigInteger, DateTime, Double, Text

    if kind in ("instant", "local"):
        return Text() if database == "sqlite" else DateTime(timezone=kind == "instant")
    if kind == "integer":
        return BigInteger()
    return Double() if kind == "number" else Text()


def _spelt(table: pd.DataFrame, kinds: dict[str, Kind], database: str) -> pd.DataFrame:
    """The values as the database takes them."""
    found: dict[str, Any] = {}
    for column, kind in kinds.items():
        if kind == "instant":
            utc = table[column].dt.tz_convert("UTC")
            found[column] = utc.dt.strftime(_UTC_FORMAT) if database == "sqlite" else utc
        elif kind == "local":
            clock = pd.to_datetime(table[column])
            found[column] = clock.dt.strftime(_LOCAL_FORMAT) if database == "sqlite" else clock
    return table.assign(**found)


def _make_views(target: Target, place: str, quantiles: list[str]) -> None:
    """``forecast_latest``: of each item the rows of its newest cutoff; ``forecast_long``: quantiles in rows."""
    schema, _, name = place.rpartition(".")
    quote = target.dialect.identifier_preparer.quote
    before = f"{quote(schema)}." if schema else ""
    table, stem = f"{before}{quote(name)}", "" if name == FORECAST.name else f"{name}_"
    newest = f"SELECT item_id, max(cutoff) AS cutoff FROM {table} GROUP BY item_id"  # noqa: S608 - quoted names
    latest = (
        f"SELECT f.* FROM {table} AS f JOIN ({newest}) AS newest "  # noqa: S608
        "ON f.item_id = newest.item_id AND f.cutoff = newest.cutoff"
    )
    shared = ", ".join(quote(each) for each in ("item_id", "cutoff", "timestamp", "timestamp_local", "horizon"))
    rows = " UNION ALL ".join(
        f"SELECT {shared}, CAST({quantile_level(each)} AS DOUBLE PRECISION) AS quantile, "  # noqa: S608
        f"{quote(each)} AS value FROM {table}"
        for each in quantiles
    )
    for view, body in {LATEST.name: latest, "forecast_long": rows}.items():
        if body:
            _make_view(target, f"{before}{quote(stem + view)}", body)


def _make_view(target: Target, view: str, body: str) -> None:
    """A view as it is now; one that is there is replaced without dropping it, for others may be built on it."""
    if target.kind == "sqlite":
        target.run(f"DROP VIEW IF EXISTS {view}")
        target.run(f"CREATE VIEW {view} AS {body}")
        return
    target.run(f"CREATE OR REPLACE VIEW {view} AS {body}")
