"""Records of an open data set to one row per series and step, and what was done to get there.

The traps are those of éCO2mix: in spring the rows of the hour that the clock skips carry the instants of the next
one, in autumn the first pass of the repeated hour is missing, numbers come as texts at times, the load of the
consolidated data stands every 30 minutes among forecasts every 15, and a row is revised twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.errors import FatalConnectorError

if TYPE_CHECKING:
    from connectors.open_data.presets import Preset


def tidy(
    records: pd.DataFrame, preset: Preset, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[pd.DataFrame, str, list[str]]:
    """One row per series and step.

    Args:
        records: From ``fetch_records``, with the fields of the preset.
        preset: What is known of the data set.
        start: First instant [UTC].
        end: First instant left out [UTC].

    Returns:
        ``item_id`` where there are several series | ``timestamp`` [UTC] | our variables [float]; the step; and what
        a person should know.

    Raises:
        FatalConnectorError: If the times cannot be read.
    """
    times = pd.to_datetime(records[preset.time], utc=True, errors="coerce", format="ISO8601")
    if len(times) and times.isna().all():
        raise FatalConnectorError(
            f"The times of {preset.title!r} cannot be read: the first is {records[preset.time].iloc[0]!r}.",
            expected="They are ISO 8601 with an offset.",
            fix="Check the description of the data set on the portal.",
        )
    frame = pd.DataFrame({"item_id": _items(records, preset), "timestamp": times.dt.as_unit("ns")})
    numbers, notes = _numbers(records, preset)
    kept = (times >= start) & (times < end)
    rows = pd.concat([frame, numbers, _standing(records, times, preset)], axis=1)[kept]
    rows, more = _one_row_each(rows, preset)
    rows, step, further = _on_step(rows, preset)
    notes += [*more, *further, *_missing(rows, step)]
    rows = rows.drop(columns=["fits", "rank", *([] if preset.items else ["item_id"])])
    return rows.reset_index(drop=True), step, notes


def _items(records: pd.DataFrame, preset: Preset) -> pd.Series[Any]:
    """The name of each row's series, its parts joined."""
    if not preset.items:
        return pd.Series(preset.series, index=records.index)
    first, *others = (records[field].fillna("").astype(str).str.strip() for field in preset.items)
    for part in others:
        first = first + " / " + part
    return first


def _numbers(records: pd.DataFrame, preset: Preset) -> tuple[pd.DataFrame, list[str]]:
    """Our variables; texts that hold a number are read, others are missing."""
    columns, notes = {}, []
    for field, variable in preset.variable_map.items():
        values = pd.to_numeric(records[field], errors="coerce").astype("float64")
        unread = records[field].notna() & values.isna()
        if unread.any():
            first = records[field][unread].iloc[0]
            notes.append(f"{variable.name!r}: {int(unread.sum())} cells taken as missing, first {first!r}")
        columns[variable.name] = values
    return pd.DataFrame(columns, index=records.index), notes


def _standing(records: pd.DataFrame, times: pd.Series[Any], preset: Preset) -> pd.DataFrame:
    """Whether the clock in a row fits its instant, and how final the row is (0 is final)."""
    fits = pd.Series(data=True, index=records.index)
    if preset.clock is not None:
        local = times.dt.tz_convert(preset.time_zone).dt.strftime("%H:%M")
        fits = records[preset.clock].isna() | (records[preset.clock].astype(str).str[:5] == local)
    rank = pd.Series(0, index=records.index)
    if preset.revision is not None:
        ranks = {name: place for place, name in enumerate(preset.revisions)}
        rank = records[preset.revision].map(ranks).fillna(len(ranks)).astype("int64")
    return pd.DataFrame({"fits": fits, "rank": rank})


def _one_row_each(rows: pd.DataFrame, preset: Preset) -> tuple[pd.DataFrame, list[str]]:
    """The row whose clock fits, then the most final, then the one that has a load; sorted by series and time."""
    rows = rows.assign(empty=rows[preset.target.name].isna())
    best = rows.sort_values(
        ["item_id", "timestamp", "fits", "rank", "empty"], ascending=[True, True, False, True, True]
    )
    twice = best.duplicated(["item_id", "timestamp"])
    ghosts, older = int((twice & ~best["fits"]).sum()), int((twice & best["fits"]).sum())
    kept = best[~twice].drop(columns="empty")
    notes = []
    if ghosts:
        notes.append(f"{ghosts} rows of the hour that the spring clock change skips were left out")
    if older:
        notes.append(f"{older} rows at an instant that a more final row has were left out")
    strange = int((~kept["fits"]).sum())
    if strange:
        first = kept.loc[~kept["fits"], "timestamp"].iloc[0]
        notes.append(f"the local clock of {strange} rows does not fit their instant; that was used: first {first}")
    provisional = int((kept["rank"] > 0).sum())
    if preset.revision is not None and provisional:
        notes.append(f"{provisional} of {len(kept)} rows are not final and will be revised")
    return kept, notes


def _on_step(rows: pd.DataFrame, preset: Preset) -> tuple[pd.DataFrame, str, list[str]]:
    """Without rows between the steps of the load, as long as no load stands there."""
    since = (rows["timestamp"] - rows["timestamp"].dt.normalize()) % pd.Timedelta(preset.step)
    between = since != pd.Timedelta(0)
    if not between.any():
        return rows, preset.step, []
    if rows.loc[between, preset.target.name].notna().any():
        gap = rows["timestamp"].drop_duplicates().sort_values().diff().mode().iloc[0]
        return rows, f"{int(gap / pd.Timedelta(minutes=1))}min", []
    note = f"{int(between.sum())} rows between the steps of {preset.step} hold no load and were left out"
    return rows[~between], preset.step, [note]


def _missing(rows: pd.DataFrame, step: str) -> list[str]:
    """A note on steps that no row stands for."""
    missing, first = 0, None
    for _, times in rows.groupby("item_id", sort=False)["timestamp"]:
        due = pd.date_range(times.iloc[0], times.iloc[-1], freq=step)
        absent = due.difference(pd.DatetimeIndex(times))
        missing += len(absent)
        first = min(absent[0], first or absent[0]) if len(absent) else first
    return [f"{missing} steps of {step} are missing, first {first.isoformat()}"] if first is not None else []
