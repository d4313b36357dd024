"""The zone that a local clock without an offset gives away: by the hour it repeats in autumn and skips in spring.

A file without offsets may be in UTC or on a local clock. Where every time of an hour that some zone repeats in
autumn stands twice, or every hour that the zone skips in spring is missing, it is on the clock of that zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import IrregularTimestampsError
from connectors.files.slices import slices
from connectors.files.source import Guess
from connectors.files.stamps import extent

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Zones tried, with what goes by the same clock. Zones that change in the same local hour are told apart by nobody.
_CLOCKS = {
    "Europe/Paris": "Central Europe",
    "Europe/London": "Great Britain, Ireland and Portugal",
    "Europe/Helsinki": "Eastern Europe",
    "America/New_York": "the East of the United States",
    "America/Chicago": "the middle of the United States",
    "America/Denver": "the mountains of the United States",
    "America/Los_Angeles": "the West of the United States",
    "Australia/Sydney": "the East of Australia",
    "Australia/Adelaide": "the South of Australia",
    "Pacific/Auckland": "New Zealand",
}
_DAY_NS = 86_400_000_000_000
_HOUR, _HALF = np.timedelta64(60, "m"), np.timedelta64(30, "m")
#: Hours before and behind a change that must look ordinary.
_AROUND = 3
#: Longest span that is searched for changes [years]; longer ones hold a mistyped year.
_MOST_YEARS = 60


@dataclass(frozen=True)
class _Evidence:
    """Nights of a change that speak for a zone and against it, and the first that speaks for it."""

    autumns: int = 0
    springs: int = 0
    against: int = 0
    first: str = ""

    @property
    def nights(self) -> int:
        """Nights that say something."""
        return self.autumns + self.springs + self.against

    @property
    def holds(self) -> bool:
        """Whether it is enough: chance repeats or skips one hour, but hardly that hour, and no other night."""
        return self.autumns + self.springs > self.against


def find_zone(
    wall: NDArray[np.datetime64], items: NDArray[np.int64], *, ask: str
) -> tuple[str, tuple[Guess, ...]] | None:
    """The zone whose clock changes are in some local times; None when they show no change.

    Args:
        wall: Local times [n, datetime64[ns]].
        items: Code of each row's item [n].
        ask: Name of the file, for the question.

    Raises:
        IrregularTimestampsError: If the changes fit several zones that differ.
    """
    nights = _Nights(wall, items, tuple(_CLOCKS))
    if nights.years > _MOST_YEARS:
        return None
    found = {zone: nights.evidence(zone) for zone in _CLOCKS}
    fitting = {zone: evidence for zone, evidence in found.items() if evidence.holds}
    if not fitting:
        return None
    best = max(evidence.autumns + evidence.springs for evidence in fitting.values())
    fitting = {zone: held for zone, held in fitting.items() if held.autumns + held.springs == best}
    zone, evidence = next(iter(fitting.items()))
    change = f"the hour of {evidence.first} {'stands twice' if evidence.autumns else 'is missing'}"
    if len(fitting) > 1:
        raise IrregularTimestampsError(
            f"The times of {ask!r} are on a local clock ({change}), and several zones change theirs in that hour.",
            expected="Times carry an offset, or their zone is given.",
            fix=f"Give --time-zone {' or '.join(fitting)}.",
        )
    why = f"{change}, as on the clock of {_CLOCKS[zone]}"
    return zone, (Guess("time zone", zone, why, "--time-zone"),)


def contradicts(wall: NDArray[np.datetime64], items: NDArray[np.int64], zone: str) -> bool:
    """Whether local times show that their clock does not change as the one of a zone does.

    Args:
        wall: Local times [n, datetime64[ns]].
        items: Code of each row's item [n].
        zone: The zone; where its clock never changes, the changes of any other speak against it.
    """
    nights = _Nights(wall, items, (zone, *_CLOCKS))
    if nights.years > _MOST_YEARS:
        return False
    evidence = nights.evidence(zone)
    if evidence.nights:
        return evidence.against > evidence.autumns + evidence.springs
    changing = any(map(len, _changes(zone, nights.last - 400, nights.last)))
    return not changing and any(nights.evidence(other).holds for other in _CLOCKS)


class _Nights:
    """Local times, to be looked at in the nights of a change.

    Args:
        wall: Local times [n].
        items: Code of each row's item [n].
        zones: The zones whose changes are looked at; rows of other nights are put aside at once.
    """

    def __init__(self, wall: NDArray[np.datetime64], items: NDArray[np.int64], zones: tuple[str, ...]) -> None:
        self.first, self.last = (time.astype("M8[D]") for time in extent(wall))
        self.years = float((self.last - self.first).astype(np.int64) / 365.25)
        if self.years > _MOST_YEARS:
            return
        self._changes = {zone: _changes(zone, self.first, self.last) for zone in zones}
        number = int((self.last - self.first).astype(np.int64)) + 1
        wanted = np.zeros(number, dtype=np.bool_)
        for hours in self._changes.values():
            days = (_nights(np.concatenate(hours)) - self.first).astype(np.int64)
            wanted[days[(days >= 0) & (days < number)]] = True
        start, times = self.first.astype("M8[ns]").astype(np.int64), wall.astype("M8[ns]", copy=False).view(np.int64)
        found = [
            piece.start + np.flatnonzero(wanted[(times[piece] - start) // _DAY_NS]) for piece in slices(len(wall))
        ]
        near = np.concatenate(found)
        near = near[np.argsort(wall[near], kind="stable")]
        self._wall, self._items = wall[near], items[near]

    def evidence(self, zone: str) -> _Evidence:
        """What the nights of a zone's changes say."""
        autumns, springs = self._changes[zone]
        hours = np.concatenate([autumns, springs])
        twice = [_repeats(*self._around(hour), hour) for hour in autumns]
        never = [_skips(self._around(hour)[0], hour) for hour in springs]
        seen = [str(hour.astype("M8[m]")) for hour, said in zip(hours, twice + never, strict=True) if said]
        return _Evidence(
            autumns=twice.count(True),
            springs=never.count(True),
            against=twice.count(False) + never.count(False),
            first=seen[0].replace("T", " ") if seen else "",
        )

    def _around(self, hour: np.datetime64) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
        """Times and items of the rows in an hour and some hours around it."""
        first, last = np.searchsorted(self._wall, [hour - _AROUND * _HOUR, hour + (_AROUND + 1) * _HOUR])
        return self._wall[first:last], self._items[first:last]


def _nights(hours: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Days of some hours and of those before them."""
    return np.concatenate([hours, hours - _AROUND * _HOUR]).astype("M8[D]")


def _changes(
    zone: str, first: np.datetime64, last: np.datetime64
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Local hours that a zone repeats, and those it skips, between two days."""
    # Some zones lie half an hour off, so that their changes fall between the hours of UTC.
    times = np.arange(first - 1, last + 2, _HALF, dtype="M8[m]").astype("M8[ns]")
    local = pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone).tz_localize(None).to_numpy()
    local = local.astype("M8[ns]")
    step = np.diff(local)
    return local[1:][step == _HALF - _HOUR], local[:-1][step == _HALF + _HOUR] + _HALF


def _repeats(wall: NDArray[np.datetime64], items: NDArray[np.int64], hour: np.datetime64) -> bool | None:
    """Whether an hour stands twice among times around it; None where they are not in the file as they should be."""
    inside = (wall >= hour) & (wall < hour + _HOUR)
    around = ~inside
    if not inside.any() or not around.any() or (_counts(wall[around], items[around]) > 1).any():
        return None
    return bool((_counts(wall[inside], items[inside]) == 2).all())


def _counts(wall: NDArray[np.datetime64], items: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each time of an item stands."""
    order = np.lexsort((wall, items))
    new = (np.diff(wall[order].astype(np.int64)) != 0) | (np.diff(items[order]) != 0)
    starts = np.flatnonzero(np.concatenate([[True], new]))
    return np.diff(np.append(starts, len(order)))


def _skips(wall: NDArray[np.datetime64], hour: np.datetime64) -> bool | None:
    """Whether an hour is missing between hours that are there; None where those are not."""

    def filled(start: np.datetime64) -> bool:
        return bool(((wall >= start) & (wall < start + _HOUR)).any())

    if not all(filled(hour + step * _HOUR) for step in (-2, -1, 1, 2)):
        return None
    return not filled(hour)
