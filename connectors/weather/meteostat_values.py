"""Values in a year file of Meteostat: their units, their hours, and when each became known."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from connectors.weather.variables import HOUR, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

#: Observations are published within a day, says Meteostat; what came sooner was available when it came.
PUBLICATION_LAG = pd.Timedelta(hours=24)
#: Observations that end this long before the period does are told; a day is usual.
LATE = pd.Timedelta(hours=36)
#: A year this long over is no longer corrected.
SETTLED = pd.Timedelta(days=30)
#: No file is asked for twice within this time.
REFRESH = pd.Timedelta(hours=1)


#: Meteostat's parameters. Sums are over the hour before the stamp, the others are taken at the stamp.
VARIABLE_MAP: dict[str, Variable] = {
    "temp": Variable("temperature", "°C"),
    "rhum": Variable("humidity", "%"),
    "prcp": Variable("precipitation", "mm", hours=1),
    "snwd": Variable("snow_depth", "cm"),
    "wdir": Variable("wind_direction", "°"),
    "wspd": Variable("wind_speed", "m/s", factor=1 / 3.6),
    "wpgt": Variable("wind_gust", "m/s", factor=1 / 3.6, hours=1),
    "pres": Variable("pressure", "hPa"),
    "tsun": Variable("sunshine", "min", hours=1),
    "cldc": Variable("cloud_cover", "%", factor=12.5),
}


def new_year(year: int) -> pd.Timestamp:
    """The first instant of a year, UTC."""
    return pd.Timestamp(year=year, month=1, day=1, tz="UTC")


def due(last: tuple[pd.Timestamp, int] | None, until: pd.Timestamp, now: pd.Timestamp) -> bool:
    """Whether a year file is to be fetched.

    Args:
        last: When it was fetched last and how many values it had, None if never.
        until: The instant up to which its values are needed.
        now: The present.
    """
    if last is None:
        return True
    at, count = last
    settled = at >= until + SETTLED
    if settled and count:
        return False
    return now - at >= (SETTLED if settled else REFRESH)


def values_of(observed: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """The values of a year file in our names and units, up to the present.

    Args:
        observed: What ``meteostat_package.read_year`` returns.
        now: The present; a stamp after it cannot be an observation.

    Returns:
        ``variable | unit | source | stamp | valid_time | value``: ``stamp`` is theirs, ``valid_time`` the
        start of the hour the value is about.
    """
    stamps = pd.DatetimeIndex(observed.index.to_numpy("datetime64[us]"), tz="UTC")
    parts = []
    for parameter, variable in VARIABLE_MAP.items():
        if parameter not in observed:
            continue
        values = variable.factor * observed[parameter].to_numpy(float, na_value=np.nan)
        keep = np.isfinite(values) & (stamps <= now)
        columns = {
            "variable": variable.name,
            "unit": variable.unit,
            "source": observed[f"{parameter}_source"].to_numpy(object)[keep],
            "stamp": stamps[keep],
            "valid_time": stamps[keep] - variable.hours * HOUR,
            "value": values[keep],
        }
        parts.append(pd.DataFrame(columns))
    if parts:
        return pd.concat(parts, ignore_index=True)
    empty = {"variable": [], "unit": [], "source": [], "stamp": stamps, "valid_time": stamps, "value": []}
    return pd.DataFrame(empty)


def dated(
    rows: pd.DataFrame, stored: pd.DataFrame, last: tuple[pd.Timestamp, int] | None, now: pd.Timestamp
) -> pd.DataFrame:
    """What is new among the values, with the instant it became known.

    A value became known a day after its hour, or when it was fetched if that was sooner. One that was still
    missing at the fetch before, or was another one then, became known now; the other one stays stored.

    Args:
        rows: What ``values_of`` returns.
        stored: The newest stored rows, one per variable and hour.
        last: When the file was fetched the time before, None if never.
        now: The present.

    Returns:
        The new and the corrected rows, as vintages without their location.
    """
    key = ["variable", "valid_time"]
    known = stored.set_index(key)["value"].reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy(float)
    corrected = np.isfinite(known) & ~np.isclose(known, rows["value"].to_numpy(float), rtol=0, atol=1e-6)
    usual = rows["stamp"] + PUBLICATION_LAG
    usual = usual.mask(usual > now, now)
    late = np.zeros(len(rows), dtype=bool)
    if last is not None and last[0] <= now:
        late = np.isnan(known) & (usual <= last[0]).to_numpy(bool)
    result = rows.assign(
        model="meteostat",
        kind="observed",
        retrieved_at=now,
        issued_at=rows["stamp"].mask(corrected, now),
        available_at=usual.mask(corrected | late, now),
    )
    return result.loc[np.asarray(np.isnan(known) | corrected)]


def newest(rows: pd.DataFrame, now: pd.Timestamp | None = None) -> pd.DataFrame:
    """The value of each variable and hour that became available last, up to an instant if one is given."""
    if now is not None:
        rows = rows[rows["available_at"] <= now]
    return rows.drop_duplicates(["variable", "valid_time"], keep="last")


def spread(rows: pd.DataFrame, variables: Sequence[Variable], hours: pd.DatetimeIndex) -> FloatArray:
    """Values on the grid, NaN where there is none. ``[V, T]``."""
    values = np.full((len(variables), len(hours)), np.nan)
    names = pd.Index([variable.name for variable in variables])
    at = names.get_indexer(pd.Index(rows["variable"]))
    when = hours.get_indexer(pd.DatetimeIndex(rows["valid_time"]))
    keep = when >= 0
    values[at[keep], when[keep]] = rows["value"].to_numpy(float)[keep]
    return values


def source_shares(rows: pd.DataFrame, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Share of each source in the values of each variable, the largest first."""
    shares = {}
    for name in names:
        counts = rows.loc[rows["variable"] == name, "source"].value_counts(normalize=True)
        if len(counts):
            shares[name] = {str(source): float(share) for source, share in counts.items()}
    return shares


def endings(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """What the user should know of variables whose last value lies long before the end of the period."""
    notes = []
    for name in names:
        known = frame.loc[frame[name].notna(), "timestamp"]
        if len(known) and (missing := frame["timestamp"].iloc[-1] - known.iloc[-1]) > LATE:
            notes.append(f"The {name} was last observed at {known.iloc[-1]:%Y-%m-%d %H:%M} UTC, "
                         f"{missing / HOUR:.0f} hours before the end.")  # fmt: skip
    return notes
