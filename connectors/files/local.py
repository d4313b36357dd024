"""A local clock to UTC, through both clock changes.

In autumn an hour is passed twice. Which of two equal times is the earlier one is told by the order of the rows, read
backwards when the file runs backwards. In spring an hour does not exist.
"""

from __future__ import annotations

import difflib
import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Localised:
    """Local times in UTC.

    Attributes:
        utc: Instants, NaT for times that do not exist [n, datetime64[ns]].
        single: Rows of an autumn hour that stands only once and was taken as winter time [n].
        skipped: Rows in an hour that the spring change skips [n].
    """

    utc: NDArray[np.datetime64]
    single: NDArray[np.bool_]
    skipped: NDArray[np.bool_]


def check_zone(name: str) -> str:
    """A time zone by its name.

    Raises:
        ConfigError: If there is none of that name.
    """
    known = zoneinfo.available_timezones()
    if name in known:
        return name
    folded = {zone.casefold(): zone for zone in sorted(known)}
    by_city = {zone.rsplit("/", 1)[-1].casefold(): zone for zone in sorted(known)}
    wanted = name.casefold().replace(" ", "_")
    near = [folded[wanted]] if wanted in folded else [by_city[wanted]] if wanted in by_city else []
    near = near or [folded[zone] for zone in difflib.get_close_matches(wanted, folded, n=2)]
    raise ConfigError(
        f"There is no time zone {name!r}.",
        expected="Zones are named like Europe/Paris, America/New_York or UTC.",
        fix=f"Did you mean {' or '.join(map(repr, near))}?" if near else "Give it as --time-zone Europe/Paris.",
    )


def localise(wall: NDArray[np.datetime64], items: NDArray[np.int64], zone: str) -> Localised:
    """Instants of a local clock.

    Args:
        wall: Local times in the order of the file [n, datetime64[ns]].
        items: Code of each row's item [n].
        zone: Name of the zone.
    """
    clock = pd.DatetimeIndex(wall)
    summer = convert(clock, zone, np.ones(len(clock), dtype=np.bool_))
    winter = convert(clock, zone, np.zeros(len(clock), dtype=np.bool_))
    twice = np.flatnonzero((summer != winter) & ~np.isnat(summer))
    single = np.zeros(len(clock), dtype=np.bool_)
    utc = summer.copy()
    if len(twice):
        rows = _in_order_of_time(wall, items, twice)
        in_winter, alone = _second_pass(wall[rows], items[rows])
        utc[rows[in_winter]] = winter[rows[in_winter]]
        single[rows[alone]] = True
    return Localised(utc, single, np.isnat(summer) & ~np.isnat(wall))


def convert(clock: pd.DatetimeIndex, zone: str, is_summer: NDArray[np.bool_]) -> NDArray[np.datetime64]:
    """Instants of local times, NaT for those that do not exist.

    Args:
        clock: Local times [n].
        zone: Name of the zone.
        is_summer: Which of two instants is meant where a time stands twice [n].
    """
    local = clock.tz_localize(zone, ambiguous=is_summer, nonexistent="NaT")
    return np.asarray(local.tz_convert("UTC").tz_localize(None).to_numpy(), dtype="M8[ns]")


def _in_order_of_time(
    wall: NDArray[np.datetime64], items: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Rows grouped by item, in the order of the file, turned round where an item runs backwards in it."""
    order = np.argsort(items, kind="stable")
    steps = np.sign(np.diff(wall[order]).astype(np.int64)) * (np.diff(items[order]) == 0)
    direction = np.bincount(items[order][1:], weights=steps, minlength=int(items.max()) + 1)
    place = np.where(direction[items] < 0, -np.arange(len(items)), np.arange(len(items)))
    return rows[np.lexsort((place[rows], items[rows]))]


def _second_pass(
    wall: NDArray[np.datetime64], items: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of some repeated hours' rows are the later one, and which stand alone.

    Of equal times the first half is summer and the second half winter time. A time that stands once belongs to the
    pass its neighbours are in: behind the jump back it is winter time, and so it is where nothing jumps back.
    """
    rows = pd.DataFrame({"item": items, "day": wall.astype("M8[D]"), "wall": wall})
    same = rows.groupby(["item", "wall"], sort=False)["wall"]
    number, count = same.cumcount(), same.transform("size")
    back = rows.groupby(["item", "day"], sort=False)["wall"].diff() < pd.Timedelta(0)
    passed = back.groupby([rows["item"], rows["day"]], sort=False).cumsum() > 0
    jumps = back.groupby([rows["item"], rows["day"]], sort=False).transform("any")
    once = count == 1
    winter = np.where(once, passed | ~jumps, number * 2 >= count)
    return np.asarray(winter, dtype=np.bool_), np.asarray(once & ~jumps, dtype=np.bool_)
