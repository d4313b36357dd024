"""Green Button: a feed of meter readings in XML (NAESB ESPI), in seconds since 1970.

A reading's number is multiplied by a power of ten that its type names; the type also says whether it is what was
used in the interval, or the stand of a register.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.files.families.family import FAMILIES, TextFamily, interval_grid, named, no_readings, zone_of
from connectors.files.intervals import Readings
from connectors.files.markup import children, descendants, value
from connectors.files.records import number
from connectors.files.register import differences
from connectors.files.series import choose_series

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from numpy.typing import NDArray

    from connectors.files.document import Document
    from connectors.files.families.family import Naming
    from connectors.files.source import Grid, Guess, SourceOptions

_TITLE = "a Green Button feed"
#: Codes of the standard: units, directions, and the accumulations that are stands of a register.
_UNITS = {
    "72": "Wh", "38": "W", "71": "VAh", "61": "VA", "73": "varh", "63": "var", "29": "V", "5": "A", "42": "m3",
    "119": "ft3", "169": "therm", "132": "BTU", "31": "J",
}  # fmt: skip
_DIRECTIONS = {"1": "delivered", "19": "received", "4": "net", "20": "total"}
_REGISTERS = {"1", "2", "3", "9"}
#: Zones by seconds east of UTC, for feeds that change their clocks and for those that do not.
_CHANGING = {
    -12_600: "America/St_Johns", -14_400: "America/Halifax", -18_000: "America/New_York", -21_600: "America/Chicago",
    -25_200: "America/Denver", -28_800: "America/Los_Angeles", -32_400: "America/Anchorage",
}  # fmt: skip
_FIXED = {-25_200: "America/Phoenix", -36_000: "Pacific/Honolulu", -21_600: "America/Regina", 0: "UTC"}
_HIGHEST_POWER = 15
#: Seconds since 1970 of a reading, 1980 to 2200, and length of its interval.
_SECONDS, _LONGEST = (315_532_800, 7_258_118_400), 366 * 86_400


@dataclass
class _Meter:
    """Readings of one meter and kind.

    Attributes:
        kind: Its type, None where the feed has none.
        point: Name of the place where it is read.
        start: Beginning of each interval [s since 1970].
        length: Its length [s].
        reading: The number as written.
    """

    kind: ET.Element | None
    point: str
    start: list[float] = field(default_factory=list)
    length: list[float] = field(default_factory=list)
    reading: list[float] = field(default_factory=list)

    def about(self, name: str) -> str:
        """What its type says."""
        return value(self.kind, name) if self.kind is not None else ""

    @property
    def unit(self) -> str:
        """The unit, "" for one that is not known."""
        return _UNITS.get(self.about("uom"), "")

    @property
    def power(self) -> int:
        """The power of ten its numbers are multiplied by."""
        found = number(self.about("powerOfTenMultiplier"))
        return int(found) if abs(found) <= _HIGHEST_POWER else 0

    @property
    def label(self) -> str:
        """The name of its series."""
        direction = _DIRECTIONS.get(self.about("flowDirection"), "")
        register = "register" if self.about("accumulationBehaviour") in _REGISTERS else ""
        length = self.about("intervalLength")
        step = f"{number(length) / 60:g} min" if np.isfinite(number(length)) and number(length) > 0 else ""
        return " ".join(filter(None, (direction, self.unit or self.about("uom"), step, register))) or "readings"


def _signs(document: Document) -> bool:
    # An answer may be the whole feed or one block of it.
    return document.xml is not None and "IntervalBlock" in document.text and "espi" in document.text


def _meters(root: ET.Element) -> list[_Meter]:
    """The meters of a feed with their readings, joined by the addresses of their entries."""
    entries = [(entry, _links(entry)) for entry in descendants(root, "entry")]
    holding = {
        name: [(one, links) for entry, links in entries for one in descendants(entry, name)]
        for name in ("UsagePoint", "MeterReading", "ReadingType", "IntervalBlock")
    }
    titles = {id(one): value(entry, "title") for entry, _ in entries for one in descendants(entry, "UsagePoint")}
    found: dict[tuple[str, str], _Meter] = {}
    blocks = holding["IntervalBlock"] or [(one, {}) for one in descendants(root, "IntervalBlock")]
    types = holding["ReadingType"] or [(one, {}) for one in descendants(root, "ReadingType")]
    for block, links in blocks:
        reading = _owner(links, holding["MeterReading"])
        kind = _of_type(reading[1] if reading else {}, types)
        place = _owner(reading[1] if reading else links, holding["UsagePoint"])
        point = "" if place is None else titles.get(id(place[0]), "") or _last(place[1])
        key = (point, (reading[1].get("self") or [""])[0] if reading else "")
        _add(found.setdefault(key, _Meter(kind, point)), block)
    return [meter for meter in found.values() if meter.start]


def _links(entry: ET.Element) -> dict[str, list[str]]:
    """Addresses of an entry: its own, the one above it, those it is related to."""
    found: dict[str, list[str]] = {}
    for link in children(entry, "link"):
        found.setdefault(link.get("rel", ""), []).append(link.get("href", "").rstrip("/"))
    return found


def _last(links: dict[str, list[str]]) -> str:
    return (links.get("self") or [""])[0].rpartition("/")[2]


_Entry = tuple["ET.Element", dict[str, list[str]]]


def _owner(links: dict[str, list[str]], owners: list[_Entry]) -> _Entry | None:
    """The entry whose address an entry's own begins with, or which names it; the only one where addresses fail."""
    own = [*links.get("self", ()), *links.get("up", ())]
    for owner in owners:
        address = next(iter(owner[1].get("self", ())), "")
        if address and any(f"{one}/".startswith(f"{address}/") for one in own):
            return owner
    for owner in owners:
        if set(owner[1].get("related", ())) & {one for one in own if one}:
            return owner
    return owners[0] if len(owners) == 1 else None


def _of_type(links: dict[str, list[str]], types: list[_Entry]) -> ET.Element | None:
    for kind, own in types:
        if set(own.get("self", ())) & set(links.get("related", ())):
            return kind
    return types[0][0] if len(types) == 1 else None


def _add(meter: _Meter, block: ET.Element) -> None:
    for reading in children(block, "IntervalReading"):
        start = number(value(reading, "timePeriod/start"))
        length = number(value(reading, "timePeriod/duration") or meter.about("intervalLength"))
        if _SECONDS[0] <= start <= _SECONDS[1] and 0 <= length <= _LONGEST:
            meter.start.append(start)
            meter.length.append(length)
            meter.reading.append(number(value(reading, "value")))


def _read(document: Document, options: SourceOptions) -> Grid:
    root = document.xml
    assert root is not None
    meters = _meters(root)
    if not meters:
        raise no_readings(document, _TITLE, "Its IntervalBlocks hold IntervalReadings with a timePeriod.")
    label = choose_series((meter.label for meter in meters), options, document.name)
    meters = [meter for meter in meters if meter.label == label]
    naming = named(
        document, _TITLE, time="timePeriod", item="UsagePoint", units={"value": meters[0].unit}, chosen=label
    )
    zone, zone_guess = _zone(root, options)
    notes = [f"the numbers were multiplied by 10^{meters[0].power}"] if meters[0].power else []
    if label.endswith("register") and options.register != "as-read":
        notes.append("the readings are stands of a register; the values are their differences")
    parts = [_readings(meter, naming, options) for meter in meters]
    readings = Readings(
        start=np.concatenate([part.start for part in parts]),
        length=np.concatenate([part.length for part in parts]),
        values={"value": np.concatenate([part.values["value"] for part in parts])},
        added=naming.added,
        items=np.concatenate([part.items for part in parts]),
    )
    return interval_grid(readings, naming, options, zone, guesses=zone_guess, notes=tuple(notes))


def _readings(meter: _Meter, naming: Naming, options: SourceOptions) -> Readings:
    """Readings of a meter, as what was used in each interval."""
    start = np.array(meter.start, dtype=np.int64).astype("M8[s]").astype("M8[ns]")
    length = np.array(meter.length, dtype=np.int64) * 1_000_000_000
    values = np.array(meter.reading, dtype=np.float64)
    # Negative powers divide: 0.001 is no binary number.
    values = values * 10.0**meter.power if meter.power >= 0 else values / 10.0**-meter.power
    if meter.about("accumulationBehaviour") in _REGISTERS and options.register != "as-read":
        start, length, values = _used(start, values)
    elif not (length > 0).all():
        start, length, values = _spread(start, values)
    items = np.full(len(start), meter.point, dtype=object)
    return Readings(start=start, length=length, values={"value": values}, added=naming.added, items=items)


def _used(
    start: NDArray[np.datetime64], stands: NDArray[np.float64]
) -> tuple[NDArray[np.datetime64], NDArray[np.int64], NDArray[np.float64]]:
    """What was used from each stand of a register to the next."""
    table = pd.DataFrame({"start": start, "stand": stands}).dropna().drop_duplicates("start").sort_values("start")
    times = table["start"].to_numpy().astype("M8[ns]")
    used = differences(table["stand"].to_numpy(dtype=np.float64), times)
    return times[:-1], np.diff(times).astype(np.int64), used.values


def _spread(
    start: NDArray[np.datetime64], values: NDArray[np.float64]
) -> tuple[NDArray[np.datetime64], NDArray[np.int64], NDArray[np.float64]]:
    """Readings without a length reach to the next one."""
    order = np.argsort(start, kind="stable")
    times = start[order]
    length = np.diff(times).astype(np.int64)
    return times[:-1][length > 0], length[length > 0], values[order][:-1][length > 0]


def _zone(root: ET.Element, options: SourceOptions) -> tuple[str, tuple[Guess, ...]]:
    """The zone of the calendar, told by the feed's distance from UTC."""
    local = next(descendants(root, "LocalTimeParameters"), None)
    east = number(value(local, "tzOffset")) if local is not None else np.nan
    if local is None or not np.isfinite(east):
        return zone_of(options, "UTC", "the feed counts in UTC and names no zone")
    changes = number(value(local, "dstOffset")) > 0
    hours = f"{east / 3600:+g} h"
    zone = (_CHANGING if changes else _FIXED).get(int(east))
    if zone is None:
        return zone_of(options, "UTC", f"the feed is {hours} from UTC, which names no zone")
    clock = "changes its clock" if changes else "never changes its clock"
    return zone_of(options, zone, f"the feed is {hours} from UTC and {clock}")


FAMILIES.add("Green Button", TextFamily(title=_TITLE, signs=_signs, read=_read))
