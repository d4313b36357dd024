"""The export table: the forecasts with everything a reader outside needs to place them.

run_id | item_id | cutoff | timestamp | timestamp_local | utc_offset_min | horizon | forecaster | mean |
p05 ... p95 | unit | weather_mode | quality_flag | schema_version | issued_at | attribution

Times are UTC, and once more as the local clock showed them: 27 October 2024 has two 02:00 in Paris, told apart by
their offsets. Steps of a day and longer are dates, the same on every clock. Columns are only added, at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from connectors.errors import DataError
from connectors.files.local import check_zone
from connectors.files.steps import check_freq, is_calendar, step_size
from connectors.frame import check_forecasts, quantile_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

#: Raised when a column changes its meaning, never when one is added.
SCHEMA_VERSION = 1

_LOCAL_FORMAT = "%Y-%m-%d %H:%M:%S"


def export_table(
    forecasts: pd.DataFrame,
    *,
    run_id: str,
    time_zone: str,
    freq: str,
    unit: str | None,
    weather_mode: str,
    quality_flag: str | Mapping[str, str] | pd.Series[Any],
    attribution: Sequence[str] = (),
) -> pd.DataFrame:
    """The export table of some forecasts.

    Args:
        forecasts: A forecasts table.
        run_id: Name of the run that made it.
        time_zone: Zone of the local clock.
        freq: The step, as a pandas offset alias.
        unit: Unit of the target, if it is known.
        weather_mode: Where the weather of the horizon came from.
        quality_flag: One flag ("ok", "stale_input", "fallback"), one for each item, or one for each row.
        attribution: Whom the data must be credited to; a column of it, where there is anybody.

    Returns:
        A new table, in the order of the forecasts; ``cutoff`` and ``timestamp`` are datetime64[ns, UTC], and so is
        ``issued_at``, where the forecasts say when they were issued.

    Raises:
        ConfigError: If the zone or the step does not exist.
        DataError: If the forecasts are unsound, lie off the steps from their cutoff, or an item has no flag.
    """
    check_forecasts(forecasts)
    check_zone(time_zone)
    freq = check_freq(freq)
    local, offset = local_times(forecasts["timestamp"], time_zone, freq)
    values = forecasts[["mean", *quantile_columns(forecasts.columns)]].astype("float64")
    leading: dict[str, Any] = {
        "run_id": run_id,
        "item_id": forecasts["item_id"].astype("str"),
        "cutoff": forecasts["cutoff"].astype("datetime64[ns, UTC]"),
        "timestamp": forecasts["timestamp"].astype("datetime64[ns, UTC]"),
        "timestamp_local": local,
        "utc_offset_min": offset,
        "horizon": horizons(forecasts["cutoff"], forecasts["timestamp"], freq),
        "forecaster": forecasts["forecaster"].astype("str"),
    }
    trailing: dict[str, Any] = {
        "unit": pd.Series(unit, index=forecasts.index, dtype="str"),
        "weather_mode": weather_mode,
        "quality_flag": _flags(forecasts["item_id"], quality_flag),
        "schema_version": SCHEMA_VERSION,
    }
    if "issued_at" in forecasts.columns:
        trailing["issued_at"] = forecasts["issued_at"].astype("datetime64[ns, UTC]")
    if attribution:
        trailing["attribution"] = "; ".join(attribution)
    predicted: dict[str, Any] = {str(name): values[name] for name in values.columns}
    table = pd.DataFrame({**leading, **predicted, **trailing}, index=forecasts.index)
    return table.reset_index(drop=True)


def local_times(times: pd.Series[Any], time_zone: str, freq: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """What the local clock shows, as text, and its offset [minutes east of UTC]."""
    naive = times.dt.tz_localize(None)
    clock = naive if is_calendar(freq) else times.dt.tz_convert(time_zone).dt.tz_localize(None)
    offset = ((clock - naive) // pd.Timedelta(minutes=1)).astype("int64")
    return clock.dt.strftime(_LOCAL_FORMAT).astype("str"), offset


def horizons(cutoffs: pd.Series[Any], timestamps: pd.Series[Any], freq: str) -> NDArray[np.int64]:
    """Steps from the cutoff to each timestamp, from 1 [n].

    Raises:
        DataError: If a timestamp is no whole number of steps after its cutoff.
    """
    size = step_size(freq)
    if size is not None:
        ahead = (timestamps - cutoffs).to_numpy().astype("m8[ns]").astype(np.int64)
        steps, rest = np.divmod(ahead, size)
        steps = np.where(rest == 0, steps, 0)
    else:
        steps = _calendar_steps(cutoffs, timestamps, freq)
    wrong = np.flatnonzero(steps < 1)
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"The forecast for {timestamps.iloc[row].isoformat()} is no whole number of steps of {freq} after its "
            f"cutoff {cutoffs.iloc[row].isoformat()}.",
            expected="Forecasts stand one, two, three ... steps after their cutoff.",
            fix="Give the step of the data.",
        )
    return steps


def _calendar_steps(cutoffs: pd.Series[Any], timestamps: pd.Series[Any], freq: str) -> NDArray[np.int64]:
    rows = pd.DataFrame({"cutoff": cutoffs.to_numpy(), "timestamp": timestamps.to_numpy()})
    steps = np.zeros(len(rows), dtype=np.int64)
    for places in rows.groupby("cutoff").indices.values():
        times = pd.DatetimeIndex(rows["timestamp"].iloc[places])
        steps[places] = pd.date_range(rows["cutoff"].iloc[places[0]], times.max(), freq=freq).get_indexer(times)
    return steps


def _flags(items: pd.Series[Any], flag: str | Mapping[str, str] | pd.Series[Any]) -> str | pd.Series[Any]:
    if isinstance(flag, str | pd.Series):
        return flag
    missing = sorted(set(items.unique()) - set(flag))
    if missing:
        raise DataError(f"The item {missing[0]!r} has no quality flag.", expected="Every item has one.")
    return items.map(dict(flag)).astype("str")
