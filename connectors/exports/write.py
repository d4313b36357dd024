"""Write forecasts to a file, whose ending chooses the format, or to a database, which a URL names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from connectors.database import is_url
from connectors.errors import ConfigError, near_name
from connectors.exports.atomic import check_folder
from connectors.exports.csv import Profile, check_profile, write_csv
from connectors.exports.excel import write_workbook
from connectors.exports.parquet import write_parquet
from connectors.exports.sql import check_sql, write_sql
from connectors.registry import Registry

if TYPE_CHECKING:
    import os

    import pandas as pd

Writer: TypeAlias = Callable[["pd.DataFrame", Path, Profile], None]

#: Writers by the ending of the file, without its dot.
WRITERS: Registry[Writer] = Registry("output format")


def _csv(table: pd.DataFrame, path: Path, profile: Profile) -> None:
    write_csv(table, path, profile=profile)


def _parquet(table: pd.DataFrame, path: Path, _profile: Profile) -> None:
    write_parquet(table, path)


def _xlsx(table: pd.DataFrame, path: Path, _profile: Profile) -> None:
    write_workbook({"forecast": table}, path)


WRITERS.add("csv", _csv)
WRITERS.add("parquet", _parquet)
WRITERS.add("xlsx", _xlsx)


def write_forecasts(table: pd.DataFrame, path: str | os.PathLike[str], *, profile: Profile = "iso") -> None:
    """Write an export table.

    Args:
        table: From ``connectors.exports.table.export_table``.
        path: Where to: a file, whose ending is the format, or the URL of a database, such as
            ``sqlite:///forecasts.db`` or ``postgresql://host/energy#forecast``. A URL stays text: a ``Path`` of it
            has lost a slash.
        profile: Spelling of a CSV file.

    Raises:
        ConfigError: If there is no writer for the ending or the URL, or no such profile.
        MissingExtraError: If the driver of the database is not installed.
        ConnectorError: If the database cannot be reached, or does not let us in.
        OutputError: If it cannot be written; what was there is still there.
    """
    check_profile(profile)
    if is_url(path):
        write_sql(table, str(path))
        return
    _writer(Path(path))(table, Path(path), profile)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out now whether ``write_forecasts`` will be able to write there, before hours of work.

    Raises:
        ConfigError: If there is no writer for the ending or the URL.
        MissingExtraError: If the driver of the database is not installed.
        ConnectorError: If the database cannot be reached, or does not let us in.
        OutputError: If it is a folder, its folder is missing, or the system or the database refuses.
    """
    if is_url(path):
        check_sql(str(path))
        return
    _writer(Path(path))
    check_folder(Path(path))


def _writer(path: Path) -> Writer:
    ending = path.suffix.removeprefix(".").casefold()
    if ending not in WRITERS:
        raise ConfigError(
            f"There is no output format for {path.name!r}.",
            expected="The ending of the file chooses it; a database is a URL, such as sqlite:///forecasts.db.",
            fix=near_name(f".{ending}", [f".{name}" for name in WRITERS]),
        )
    return WRITERS[ending]
