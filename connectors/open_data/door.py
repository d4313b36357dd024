"""Open data in the place of a file, by a name with what is asked behind it.

``opendata:rte-eco2mix`` is one of ``connectors.open_data.presets``, over the last year; other names are like::

    opendata:elia-load?from=2024-01-01&to=2024-03-01      a period; dates are those of the data set's own zone
    opendata:enedis-regions?where=code_region="84"        some of the records
    opendatasoft:opendata.elia.be/ods002?time=datetime&values=measured,dayaheadforecast
    entsoe:FR?from=2024-01-01                             the key is in ENTSOE_API_KEY

``portal`` names another address, such as one of a mirror. Keys are in the environment and never part of a name.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

import pandas as pd

from connectors.errors import ConfigError, near_name
from connectors.files.read import read_table
from connectors.files.source import SourceOptions
from connectors.http import fetch
from connectors.open_data.entsoe import read_entsoe
from connectors.open_data.opendatasoft import fetch_records
from connectors.open_data.presets import PRESETS
from connectors.open_data.read import read_open_data
from connectors.open_data.table import nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.files.source import Table
    from connectors.open_data.opendatasoft import Get

_NAME = re.compile(r"(opendata|opendatasoft|entsoe):(?!//)([^?]*)(?:\?(.*))?", re.DOTALL)
_ASKED = {
    "opendata": ("from", "to", "where", "portal"),
    "opendatasoft": ("from", "to", "where", "time", "values", "items"),
    "entsoe": ("from", "to", "portal"),
}
#: Read when no period is named: the year up to now, and the operator's own forecasts beyond it.
_BACK, _AHEAD = pd.Timedelta(days=365), pd.Timedelta(days=2)


@dataclass(frozen=True)
class Asked:
    """A name taken apart.

    Attributes:
        scheme: Before the colon.
        name: Behind it.
        words: What is asked, by its key.
    """

    scheme: str
    name: str
    words: Mapping[str, str]

    def period(self, zone: str, now: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The period asked for, dates by the clock of a zone; the year up to now where none is."""
        last = self._instant("to", zone) or now + _AHEAD
        return self._instant("from", zone) or last - _AHEAD - _BACK, last

    def _instant(self, key: str, zone: str) -> pd.Timestamp | None:
        if key not in self.words:
            return None
        try:
            found = pd.Timestamp(self.words[key])
        except ValueError as error:
            raise ConfigError(
                f"{key}={self.words[key]} is no time.",
                expected="It is written like 2024-01-31 or 2024-01-31T10:00Z.",
            ) from error
        return found.tz_localize(zone) if found.tzinfo is None else found


def is_open_data(source: object) -> bool:
    """Whether a source is open data by its name, rather than a file or a database."""
    return isinstance(source, str) and _NAME.fullmatch(source) is not None


def read_named(
    source: str, options: SourceOptions | None = None, *, now: pd.Timestamp | None = None, get: Get | None = None
) -> Table:
    """Open data by its name.

    Args:
        source: The name.
        options: What the user says about the columns.
        now: When the year before it is read, where no period is named; None for now.
        get: Fetches an address; for other time limits or tests.

    Raises:
        ConfigError: If there is no such data, a key of the name is unknown or missing, or a key to the data is.
        HourcastError: As ``read_open_data`` says.
    """
    asked, options, get = _taken_apart(source), options or SourceOptions(), get or fetch
    now = now or pd.Timestamp.now("UTC")
    portal = asked.words.get("portal")
    if asked.scheme == "opendatasoft":
        return _any_records(asked, options, now, get)
    if asked.scheme == "entsoe":
        table = read_entsoe(asked.name, *asked.period("UTC", now), options, base_url=portal, get=get)
    else:
        zone = PRESETS[asked.name].time_zone
        where = asked.words.get("where")
        table = read_open_data(asked.name, *asked.period(zone, now), options, where=where, base_url=portal, get=get)
    return table if "from" in asked.words else _said(table, source)


def _said(table: Table, source: str) -> Table:
    bare = source.partition("?")[0]
    note = f"the last year was read; another period is named behind it: {bare}?from=2024-01-01&to=2024-07-01"
    return replace(table, notes=(note, *table.notes))


def _taken_apart(source: str) -> Asked:
    found = _NAME.fullmatch(source)
    assert found is not None
    scheme, name, behind = found[1], found[2].strip(), found[3] or ""
    words = {}
    for part in filter(None, behind.split("&")):
        key, _, value = part.partition("=")
        if key not in _ASKED[scheme]:
            # The value is not quoted: it may be a key.
            raise ConfigError(f"{scheme}:{name} knows no {key!r}.", fix=near_name(key, _ASKED[scheme]))
        words[key] = unquote_plus(value)
    if "@" in words.get("portal", ""):
        raise ConfigError("The address of the portal holds a user or a password.", expected="It names a host alone.")
    return Asked(scheme, name, words)


def _any_records(asked: Asked, options: SourceOptions, now: pd.Timestamp, get: Get) -> Table:
    """Records of any data set of any Opendatasoft portal."""
    host, _, dataset = asked.name.rpartition("/")
    lacking = [
        name for name, value in (("time", options.time), ("values", None)) if not asked.words.get(name, value)
    ]
    if not host or lacking:
        raise ConfigError(
            f"opendatasoft:{asked.name} does not say {lacking[0] if host else 'where the data set is'}.",
            expected="It is written like opendatasoft:opendata.elia.be/ods002?time=datetime&values=measured.",
            fix="The page of the data set on the portal names its fields.",
        )
    time = asked.words.get("time") or options.time or ""
    values, items = (asked.words.get(name, "").split(",") for name in ("values", "items"))
    fields = [field for field in dict.fromkeys([time, *items, *values]) if field]
    first, last = (instant.tz_convert("UTC") for instant in asked.period(options.time_zone or "UTC", now))
    spans = (f'{time} {sign} "{instant:%Y-%m-%dT%H:%M:%SZ}"' for sign, instant in ((">=", first), ("<", last)))
    where = " and ".join([*spans, *([f"({asked.words['where']})"] if asked.words.get("where") else [])])
    key = os.environ.get("HOURCAST_OPENDATASOFT_KEY") or None
    address = host if "://" in host else f"https://{host}"
    records = fetch_records(address, dataset, select=fields, where=where, order_by=time, api_key=key, get=get)
    if records.empty:
        raise nothing(f"{dataset!r} of {address}", first, last)
    frame = records.assign(**{name: pd.to_numeric(records[name], errors="coerce") for name in values if name})
    named = [name for name in items if name]
    if named:
        parts = records[named].fillna("").astype(str)
        frame = frame.drop(columns=named).assign(item_id=parts.agg(" / ".join, axis=1))
        options = replace(options, item=options.item or "item_id")
    options = replace(options, time=time, target=options.target or next(filter(None, values)))
    return read_table(frame, options, name=f"{dataset} of {host}", series=dataset)
