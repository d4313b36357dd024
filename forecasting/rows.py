"""The rows of a table made fit for a grid: infinities, strays, rows that stand twice, items without readings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.errors import DataError
from forecasting.findings import Finding, keep_option
from forecasting.grid import lay_grid
from forecasting.readings import number_words

KEY = ["item_id", "timestamp"]


def nothing(got: str) -> DataError:
    """What is said of a table that holds no history."""
    return DataError(
        got,
        expected="A history has readings in its target column, and not always the same.",
        fix="Check which column is the target, and the first rows of the file.",
    )


def without_infinities(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Infinite numbers are no readings."""
    changed: dict[str, Any] = {}
    findings: list[Finding] = []
    for name in rows.columns:
        if not pd.api.types.is_float_dtype(rows[name]):
            continue
        infinite = np.isinf(rows[name].to_numpy(float, na_value=np.nan))
        if infinite.any():
            changed[str(name)] = rows[name].mask(infinite)
            findings += _by_item(rows[infinite], "not finite", "left out", f"infinite in the column {name}")
    return rows.assign(**changed), findings


def _by_item(rows: pd.DataFrame, kind: str, action: str, detail: str, *, undo: str = "") -> list[Finding]:
    """One finding for each item among some rows."""
    return [
        Finding(
            kind=kind,
            item_id=str(item),
            first=stamps.min(),
            last=stamps.max(),
            count=len(stamps),
            action=action,
            known_from=None,
            detail=detail,
            undo=undo,
        )
        for item, stamps in rows.groupby("item_id", observed=True)["timestamp"]
    ]


def on_grid(rows: pd.DataFrame, freq: str) -> tuple[pd.DataFrame, pd.DatetimeIndex, list[Finding]]:
    """Rows on the regular grid, sorted by item and time, and the grid itself."""
    grid = lay_grid(pd.DatetimeIndex(rows["timestamp"]).as_unit("ns"), freq)
    on = grid.positions >= 0
    off = _by_item(rows[~on], "off grid", "left out", f"not at the start of a step of {freq}", undo="--freq")
    rows = rows[on].assign(timestamp=grid.stamps[grid.positions[on]])
    return rows.sort_values(KEY, ignore_index=True, kind="stable"), grid.stamps, off


def without_twins(rows: pd.DataFrame, *, first: bool = False) -> tuple[pd.DataFrame, list[Finding]]:
    """Copies of a row are dropped; rows of one stamp that differ are averaged, or the first is taken."""
    twins = rows.duplicated(KEY, keep=False).to_numpy()
    if not twins.any():
        return rows, []
    copies = rows[twins].duplicated()
    found = _by_item(rows[twins][copies], "duplicate", "left out", "copies of another row")
    distinct = rows[twins][~copies]
    differing = distinct[distinct.duplicated(KEY)]
    detail = "another row of the same stamp has other values"
    if first:
        rest = _by_item(differing, "duplicate", "left out", f"{detail}; the first is kept")
        return rows[~rows.duplicated(KEY)].reset_index(drop=True), found + rest
    found += _by_item(differing, "duplicate", "averaged", detail, undo=keep_option("duplicate"))
    how = {
        name: "mean" if pd.api.types.is_numeric_dtype(rows[name]) else "first"
        for name in rows.columns
        if name not in KEY
    }
    merged = distinct.groupby(KEY, as_index=False, observed=True).agg(how)
    return pd.concat([rows[~twins], merged[rows.columns]]).sort_values(KEY, ignore_index=True), found


def without_idle_items(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Drop items that have no reading, or only ever the same."""
    items = rows.groupby("item_id", observed=True)["target"].agg(["count", "min", "max"])
    empty = items.index[items["count"] == 0]
    constant = items.index[(items["count"] > 1) & (items["min"] == items["max"])]
    if len(empty) == len(items):
        raise nothing("The target has no value at all: it is all NaN.")
    if len(empty) + len(constant) == len(items):
        value = number_words(items.loc[constant[0], "min"])
        raise nothing(f"The target is constant: all {items.loc[constant[0], 'count']} readings are {value}.")
    found = _by_item(rows[rows["item_id"].isin(empty)], "empty", "left out", "no reading at all")
    for item in constant:
        detail = f"all readings are {number_words(items.loc[item, 'min'])}"
        found += _by_item(rows[rows["item_id"] == item], "constant", "left out", detail)
    return rows[~rows["item_id"].isin([*empty, *constant])].reset_index(drop=True), found
