"""Forecasts as a folder of Parquet files, one for each item and cutoff.

``forecast/item_id=north/cutoff_date=2026-11-22/T220000Z.parquet``, folders as Hive names them: a reader that knows
them opens only the files it needs. Writing the same cutoff again replaces the same files. Every file holds all
columns, ``item_id`` too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from connectors.errors import OutputError
from connectors.exports.parquet import write_parquet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd


def partition_of(item: str, cutoff: pd.Timestamp) -> Path:
    """Path of the file of an item and a cutoff, below the folder of the table."""
    at = cutoff.tz_convert("UTC")
    return Path(f"item_id={quote(item, safe='')}", f"cutoff_date={at:%Y-%m-%d}", f"T{at:%H%M%S}Z.parquet")


def write_partitions(
    table: pd.DataFrame, folder: Path, *, changed: Collection[pd.Timestamp] | None = None
) -> list[Path]:
    """Write the forecasts of each item and cutoff to a file of its own.

    Args:
        table: From ``connectors.exports.table.export_table``.
        folder: Where to; made when it is not there.
        changed: Cutoffs to write again where their file is there; None for all.

    Returns:
        The files, whether they were written or were there.

    Raises:
        OutputError: If one cannot be written; each is whole or not there.
    """
    files = []
    for (item, stamp), rows in table.groupby(["item_id", "cutoff"], sort=False):
        cutoff = cast("pd.Timestamp", stamp)
        path = folder / partition_of(str(item), cutoff)
        if changed is None or cutoff in changed or not path.exists():
            make_folder(path.parent)
            write_parquet(rows, path)
        files.append(path)
    return files


def drop_partitions(folder: Path, before: pd.Timestamp) -> int:
    """Delete the days of cutoffs before a date; returns how many files went."""
    gone = 0
    for path in folder.glob("item_id=*/cutoff_date=*/*.parquet"):
        if path.parent.name.removeprefix("cutoff_date=") < f"{before:%Y-%m-%d}":
            path.unlink(missing_ok=True)
            gone += 1
            _drop_empty((path.parent, path.parent.parent))
    return gone


def make_folder(folder: Path) -> None:
    """Make a folder and those above it.

    Raises:
        OutputError: If the system refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder {str(folder)!r} could not be made: {error.strerror or error}.",
            fix="Check the path and the rights.",
        ) from error


def _drop_empty(folders: Iterable[Path]) -> None:
    for folder in folders:
        if not any(folder.iterdir()):
            folder.rmdir()
