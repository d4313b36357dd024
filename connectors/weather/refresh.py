"""Get the newest forecast into the store; when its source fails, what is stored already goes on serving."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConnectorError
from connectors.weather import mosmix, open_meteo
from connectors.weather.meteostat_package import attribution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from connectors.weather.store import WeatherStore

logger = logging.getLogger(__name__)

#: Whom to name, by what stands in the column ``source``; all other names are those of Meteostat, which knows whom.
_OWNERS = {"open_meteo": open_meteo.ATTRIBUTION, "dwd_mosmix": mosmix.ATTRIBUTION}
#: Sources that need nobody named.
_OWN = {"own", "simulated", ""}


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a refresh brought.

    Attributes:
        added: Rows that are new.
        issued_at: When the newest stored forecast that reaches beyond the present was issued.
        stale: Whether the source failed and stored forecasts stand in for it.
        notes: What the user should know.
        attribution: Whom to name wherever the data are shown.
    """

    added: int
    issued_at: pd.Timestamp
    stale: bool = False
    notes: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()


def refresh(store: WeatherStore, location: str, pull: Callable[[], pd.DataFrame], *, now: pd.Timestamp) -> Refreshed:
    """Fetch a forecast and keep it.

    Args:
        store: Where it is kept.
        location: Name of the location.
        pull: Fetches it, such as a call of ``fetch_forecast`` or ``fetch_mosmix``.
        now: The present, UTC.

    Raises:
        ConnectorError: If the source fails and no stored forecast reaches beyond the present.
    """
    added, failure = 0, None
    notes: tuple[str, ...] = ()
    try:
        added = store.append(pull())
    except ConnectorError as error:
        failure = error
    issued = _newest(store, location, now)
    if failure is not None:
        if issued is None:
            raise failure
        said = f"The weather forecast of {issued:%Y-%m-%d %H:%M} UTC is used: its source failed. {failure.got}"
        notes = (said,)
        logger.warning("%s", said)
    return Refreshed(
        added=added,
        issued_at=now if issued is None else issued,
        stale=failure is not None,
        notes=notes,
        attribution=attribution_of(store.sources(location)),
    )


def attribution_of(sources: Iterable[str]) -> tuple[str, ...]:
    """The lines to show wherever weather is shown, from the column ``source`` of its rows."""
    names = set(sources) - _OWN
    lines = {_OWNERS[name] for name in names if name in _OWNERS}
    if others := names - _OWNERS.keys():
        lines.add(attribution(others))
    return tuple(sorted(lines))


def _newest(store: WeatherStore, location: str, now: pd.Timestamp) -> pd.Timestamp | None:
    """When the newest forecast of the hours to come was issued, None when there is none."""
    ahead = store.vintages(location, None, now, None, kinds=["forecast"]).until(now)
    issued = [rows.issued.max() for rows in ahead.rows.values() if len(rows.issued)]
    return pd.Timestamp(np.datetime64(int(max(issued)), "us"), tz="UTC") if issued else None
