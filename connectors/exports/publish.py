"""The tables of a run, handed over: a folder of files with their description, one file, or a database.

=======================  ==========================================================================================
where                    what is written there
=======================  ==========================================================================================
a folder, ``csv``        ``forecast_latest.csv``, ``forecast.csv``, ``actual.csv``, ``run.csv``,
                         ``backtest_metric.csv``, ``datapackage.json``
a folder, ``parquet``    the same as ``.parquet``, but the forecasts in ``forecast/item_id=.../cutoff_date=...``
a folder, ``xlsx``       ``hourcast.xlsx`` with a sheet for each, ``datapackage.json``
a file                   the newest forecasts
the URL of a database    the same tables, upserted in one transaction, with their views
=======================  ==========================================================================================

Every file is whole or not there. ``datapackage.json`` comes last.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.database import is_url, shown
from connectors.errors import ConfigError, near_name
from connectors.exports.atomic import check_folder
from connectors.exports.csv import Profile, check_profile
from connectors.exports.datapackage import FILE, Resource, write_datapackage
from connectors.exports.excel import write_workbook
from connectors.exports.layout import FORECAST, LATEST, LAYOUTS
from connectors.exports.partitions import make_folder, write_partitions
from connectors.exports.sql import check_sql, write_tables
from connectors.exports.write import WRITERS, write_forecasts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

FORMATS = ("csv", "parquet", "xlsx")
WORKBOOK = "hourcast.xlsx"


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where tables go, and how they are spelt.

    Attributes:
        to: A folder, a file, or the URL of a database.
        format: Of the files in a folder: one of ``FORMATS``.
        profile: Spelling of CSV files.
    """

    to: str
    format: str = "csv"
    profile: Profile = "iso"

    def __post_init__(self) -> None:
        """Refuse what nobody can write.

        Raises:
            ConfigError: If the format or the profile does not exist.
        """
        check_profile(self.profile)
        if self.format not in FORMATS:
            raise ConfigError(f"There is no format {self.format!r}.", fix=near_name(self.format, FORMATS))

    @property
    def kind(self) -> str:
        """``database``, ``file`` or ``folder``."""
        if is_url(self.to):
            return "database"
        return "file" if Path(self.to).suffix.removeprefix(".").casefold() in WRITERS else "folder"

    @property
    def name(self) -> str:
        """As it may be printed: a URL without user and password."""
        return shown(self.to)

    def check(self) -> None:
        """Find out now whether it will be writable; nothing is left behind.

        Raises:
            As ``publish``.
        """
        if self.kind == "database":
            check_sql(self.to)
            return
        folder = Path(self.to).parent if self.kind == "file" else Path(self.to)
        while not folder.exists():
            folder = folder.parent
        check_folder(folder / FILE)


def publish(
    tables: Mapping[str, pd.DataFrame],
    destination: Destination,
    *,
    title: str,
    sources: Sequence[str],
    created: str,
    changed: Collection[pd.Timestamp] | None = None,
) -> list[str]:
    """Write the tables of a run.

    Args:
        tables: By name, among those of ``LAYOUTS``.
        destination: Where to.
        title: What they are, for the description.
        sources: Whom the data must be credited to.
        created: When, as ISO 8601.
        changed: Cutoffs whose forecasts are new or other than they were; None for all. Of the others, what is
            already partitioned stays as it is.

    Returns:
        What was written.

    Raises:
        OutputError: If something could not be written; what was there is still there, whole.
        ConnectorError: If the database cannot be reached, or does not let us in.
        MissingExtraError: If a package for the format is not installed.
    """
    if destination.kind == "database":
        write_tables(tables, destination.to)
        return [destination.name]
    if destination.kind == "file":
        make_folder(Path(destination.to).absolute().parent)
        write_forecasts(tables[LATEST.name], destination.to, profile=destination.profile)
        return [destination.name]
    folder = Path(destination.to)
    make_folder(folder)
    resources = _write_folder(tables, destination, folder, changed)
    write_datapackage(folder, resources, title=title, sources=sources, created=created)
    return [destination.name]


def _write_folder(
    tables: Mapping[str, pd.DataFrame],
    destination: Destination,
    folder: Path,
    changed: Collection[pd.Timestamp] | None,
) -> list[Resource]:
    resources = []
    # What is read most is written first.
    names = sorted((name for name in LAYOUTS if name in tables), key=lambda name: name != LATEST.name)
    if destination.format == "xlsx":
        write_workbook({name: tables[name] for name in names}, folder / WORKBOOK)
        return [Resource(layout=LAYOUTS[n], table=tables[n], files=[folder / WORKBOOK]) for n in names]
    for name in names:
        table = tables[name]
        if name == FORECAST.name and destination.format == "parquet":
            files = write_partitions(table, folder / name, changed=changed)
        else:
            files = [folder / f"{name}.{destination.format}"]
            write_forecasts(table, files[0], profile=destination.profile)
        if files:
            resources.append(Resource(layout=LAYOUTS[name], table=table, files=files, profile=destination.profile))
    return resources
