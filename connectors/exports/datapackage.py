"""``datapackage.json``: what the files beside it are, column by column, with their sizes and hashes.

It follows Data Package v2 and Table Schema (https://datapackage.org/standard/data-package/), written by hand: the
standard is a JSON document, and needs no library.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.exports.atomic import replace_file
from connectors.exports.csv import spelling_of
from connectors.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from connectors.exports.csv import Profile
    from connectors.exports.layout import Kind, Layout

FILE = "datapackage.json"
_TYPES: dict[Kind, str] = {
    "text": "string", "instant": "datetime", "local": "datetime", "integer": "integer", "number": "number",
}  # fmt: skip
_MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A table in one file or several.

    Attributes:
        layout: What the table is.
        table: Its rows, for the columns they have.
        files: Where it is written.
        profile: Spelling, where the files are CSV.
    """

    layout: Layout
    table: pd.DataFrame
    files: Sequence[Path]
    profile: Profile = "iso"


def write_datapackage(
    folder: Path, resources: Sequence[Resource], *, title: str, sources: Sequence[str] = (), created: str
) -> Path:
    """Describe the tables of a folder; written last, so that it never speaks of what is not there yet.

    Args:
        folder: Where the files are.
        resources: The tables.
        title: What the package is, in words.
        sources: Whom the data must be credited to.
        created: When, as ISO 8601.

    Raises:
        OutputError: If it cannot be written.
    """
    package: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "hourcast-forecasts",
        "title": title,
        "created": created,
        "contributors": [{"title": f"hourcast {VERSION}", "roles": ["creator"]}],
        "resources": [_described(folder, resource) for resource in resources],
    }
    if sources:
        package["sources"] = [_source(words) for words in sources]
    text = json.dumps(package, indent=1, ensure_ascii=False)
    path = folder / FILE
    replace_file(path, lambda draft: _write_text(draft, text))
    return path


def _write_text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8")


def _described(folder: Path, resource: Resource) -> dict[str, Any]:
    paths = [file.relative_to(folder).as_posix() for file in resource.files]
    ending = resource.files[0].suffix.removeprefix(".")
    found: dict[str, Any] = {
        "name": resource.layout.name,
        "path": paths[0] if len(paths) == 1 else paths,
        "format": ending,
        "mediatype": _MEDIA[ending],
    }
    if len(paths) == 1:
        found |= {"bytes": resource.files[0].stat().st_size, "hash": f"sha256:{_sha256(resource.files[0])}"}
    if ending == "csv":
        spelling = spelling_of(resource.profile)
        found |= {"encoding": "utf-8", "dialect": {"delimiter": spelling.separator, "header": True}}
    return found | {"schema": _schema(resource, ending)}


def _schema(resource: Resource, ending: str) -> dict[str, Any]:
    layout, table = resource.layout, resource.table
    fields = [
        _field(layout, str(column), layout.kind(str(column), table[column].dtype), resource.profile, ending)
        for column in table.columns
    ]
    return {"fields": fields, "primaryKey": list(layout.key), "missingValues": [""]}


def _field(layout: Layout, column: str, kind: Kind, profile: Profile, ending: str) -> dict[str, Any]:
    found = {"name": column, "type": _TYPES[kind]}
    words = layout.meaning(column)
    spelling = spelling_of(profile)
    if words:
        found["description"] = words
    if ending == "csv" and kind == "instant":
        found["format"] = "%Y-%m-%dT%H:%M:%SZ"
    if kind == "local":
        found["format"] = spelling.local if ending == "csv" else "%Y-%m-%d %H:%M:%S"
    if kind == "number" and ending == "csv" and spelling.decimal != ".":
        found["decimalChar"] = spelling.decimal
    return found


def _source(words: str) -> Mapping[str, str]:
    """An attribution; the address in it, where there is one."""
    address = next((word.strip("().,;") for word in words.split() if word.startswith(("https://", "(https://"))), "")
    return {"title": words, **({"path": address} if address else {})}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
