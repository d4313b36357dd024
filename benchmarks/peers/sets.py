"""The eight sets of the comparison (one of them two buildings), in one shape, and their windows, which were fixed before any of them was looked at.

Every tool gets the same hours: a regular grid, gaps filled between their neighbours, the last three years at most.
Scores use the readings as they were, gaps left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import holidays
import numpy as np
import pandas as pd
from run import parquet

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = 3 * 8760
#: Windows at the end of each set: (horizon, windows, step) in hours.
WINDOWS = ((24, 28, 24), (168, 8, 168))


@dataclass(frozen=True)
class Series:
    """One series of the comparison."""

    frame: pd.DataFrame
    """Index of hours (UTC without its name, or the local clock where the source has only that); ``y``, weather."""
    time_zone: str | None = None
    """Zone of the local clock where the index is UTC; None where the index is the local clock."""
    country: str = ""
    weather: tuple[str, ...] = ()

    @property
    def tidy(self) -> pd.DataFrame:
        """What the tools see: no gaps, and a column of holidays where the country is known."""
        filled = self.frame.interpolate().bfill()
        if not self.country:
            return filled
        local = pd.DatetimeIndex(filled.index)
        local = local if self.time_zone is None else local.tz_localize("UTC").tz_convert(self.time_zone)
        return filled.assign(holiday=is_holiday(local, self.country))


def is_holiday(local: pd.DatetimeIndex, country: str) -> np.ndarray:
    code, _, part = country.partition("-")
    known = holidays.country_holidays(code, subdiv=part or None, years=sorted(set(local.year)))
    return np.array([day in known for day in local.date], dtype=float)


def vic_elec(folder: Path) -> dict[str, Series]:
    frame = parquet(folder / "vic_elec.parquet").set_index("timestamp")[["y", "temperature"]].resample("h").mean()
    return {"vic_elec": Series(naive(frame), "Australia/Melbourne", "AU-VIC", ("temperature",))}


def gefcom(folder: Path) -> dict[str, Series]:
    frame = parquet(folder / "gefcom2014_e.parquet").set_index("timestamp")[["y", "temperature_f"]]
    return {"gefcom2014_e": Series(frame, None, "US", ("temperature_f",))}


def rte(folder: Path) -> dict[str, Series]:
    return {"rte_france": Series(parquet(folder / "rte_france.parquet").set_index("timestamp")[["y"]], None, "FR")}


def pjm(folder: Path) -> dict[str, Series]:
    frame = pd.read_csv(folder / "pjm_dayton_messy.csv.gz", parse_dates=["timestamp"])
    return {"pjm_dayton": Series(frame.groupby("timestamp")[["y"]].mean(), None, "US")}


def eia(folder: Path) -> dict[str, Series]:
    """The first two utilities of the alphabet."""
    frame = parquet(folder / "eia_us_utilities.parquet")
    zones = {"AZPS": "America/Phoenix", "BPAT": "America/Los_Angeles"}
    return {
        f"eia {name}": Series(naive(frame[frame["series_id"] == name].set_index("timestamp")[["y"]]), zone, "US")
        for name, zone in zones.items()
    }


def bdg2(folder: Path) -> dict[str, Series]:
    """The last 3,600 hours of each building, the length of a small firm's history."""
    frame = pd.read_csv(folder / "bdg2_two_buildings.csv.gz", parse_dates=["timestamp"])
    return {
        f"bdg2 {name}": Series(one.set_index("timestamp")[["y"]].tail(3600))
        for name, one in frame.groupby("series_id")
    }


def campus(folder: Path) -> dict[str, Series]:
    frame = parquet(folder / "polito_campus_15min.parquet").set_index("timestamp")[["y", "temperature"]]
    return {"polito_campus": Series(frame.resample("h").mean(), None, "IT", ("temperature",))}


def naive(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.tz_convert("UTC").tz_localize(None)


def all_sets(folder: Path) -> dict[str, Series]:
    """The sets by name, each on a grid of hours."""
    found: dict[str, Series] = {}
    for make in (vic_elec, gefcom, rte, pjm, eia, bdg2, campus):
        for name, one in make(folder).items():
            grid = one.frame.asfreq("h").tail(HISTORY)
            found[name] = Series(grid, one.time_zone, one.country, one.weather)
    return found
