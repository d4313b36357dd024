"""XML of the ENTSO-E Transparency Platform: loads, generation and prices, each value at a position of a period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from connectors.errors import UnreadableFileError
from connectors.files.durations import duration
from connectors.files.families.family import (
    FAMILIES,
    TextFamily,
    day_grid,
    interval_grid,
    named,
    no_readings,
    zone_of,
)
from connectors.files.intervals import Readings
from connectors.files.markup import child, children, local_name, value
from connectors.files.records import number
from connectors.files.series import choose_series

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from connectors.files.document import Document
    from connectors.files.source import Grid, SourceOptions

_TITLE = "a document of the ENTSO-E platform"
_ROOTS = {"GL_MarketDocument", "Publication_MarketDocument"}
_NOTHING = "Acknowledgement_MarketDocument"
_UNITS = {"MAW": "MW", "MWH": "MWh", "KWT": "kW", "KWH": "kWh"}
_PROCESSES = {"A01": "the day-ahead forecast", "A31": "the week-ahead forecast", "A32": "the month-ahead forecast",
              "A33": "the year-ahead forecast", "A40": "the intraday forecast"}  # fmt: skip
#: Elements that tell the series of a document apart.
_KINDS = ("businessType", "MktPSRType/psrType", "contract_MarketAgreement.type")
_AREAS = ("outBiddingZone_Domain.mRID", "inBiddingZone_Domain.mRID", "out_Domain.mRID", "in_Domain.mRID")
_DAY = 86_400_000_000_000
#: Points of a document; a period of centuries would fill any memory.
_MOST_POINTS = 20_000_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@dataclass
class _Points:
    """Points of one series.

    Attributes:
        unit: Their unit.
        start: When each begins [ns since 1970].
        length: How long it is [ns].
        value: Its value.
        area: Its area.
    """

    unit: str
    start: list[int] = field(default_factory=list)
    length: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    area: list[str] = field(default_factory=list)

    def readings(self, name: str, added: frozenset[str]) -> Readings:
        """The points as readings under a name."""
        return Readings(
            start=np.array(self.start, dtype=np.int64).astype("M8[ns]"),
            length=np.array(self.length, dtype=np.int64),
            values={name: np.array(self.value, dtype=np.float64)},
            added=added,
            items=np.array(self.area, dtype=object),
        )


def _signs(document: Document) -> bool:
    return document.xml is not None and local_name(document.xml) in {*_ROOTS, _NOTHING}


def _read(document: Document, options: SourceOptions) -> Grid:
    root = document.xml
    assert root is not None
    if local_name(root) == _NOTHING:
        raise UnreadableFileError(
            f"The file {document.name!r} is an answer of the ENTSO-E platform without data: "
            f"{value(root, 'Reason/text')[:200]}.",
            expected="A document with a TimeSeries.",
            fix="Ask for another period or area.",
        )
    series = _series(root, document.name)
    if not series:
        raise no_readings(document, _TITLE, "A TimeSeries holds Points.")
    chosen = choose_series(series, options, document.name)
    points = series[chosen]
    name = "quantity" if local_name(root) == "GL_MarketDocument" else "price.amount"
    naming = named(document, _TITLE, time="timeInterval", item="mRID", units={name: points.unit}, chosen=chosen)
    zone, zone_guess = zone_of(options, "UTC", "the times are in UTC and name no zone of the calendar")
    forecast = _PROCESSES.get(value(root, "process.processType"))
    notes = (f"the values are {forecast}, not what was measured",) if forecast else ()
    readings = points.readings(name, naming.added)
    if (readings.length == _DAY).all():
        # A day begins at a local midnight, which is within twelve hours of the date in UTC.
        days = (readings.start + np.timedelta64(12, "h")).astype("M8[D]").astype("M8[ns]")
        return day_grid(
            days, readings.items, readings.values, naming, options, zone, guesses=zone_guess, notes=notes
        )
    return interval_grid(readings, naming, options, zone, guesses=zone_guess, notes=notes)


def _series(root: ET.Element, name: str) -> dict[str, _Points]:
    """The points of every series, under what tells it apart."""
    found: dict[str, _Points] = {}
    left = _MOST_POINTS
    for one in children(root, "TimeSeries"):
        area = next((text for kind in _AREAS if (text := value(one, kind))), "")
        label = " ".join(text for kind in _KINDS if (text := value(one, kind))) or "values"
        points = found.setdefault(label, _Points(_unit(one)))
        for period in children(one, "Period"):
            before = len(points.start)
            _add(points, period, left, is_sparse=value(one, "curveType") == "A03", name=name)
            points.area += [area] * (len(points.start) - before)
            left -= len(points.start) - before
    return {label: points for label, points in found.items() if points.start}


def _unit(series: ET.Element) -> str:
    code = value(series, "quantity_Measure_Unit.name") or value(series, "quantity_Measurement_Unit.name")
    if code:
        return _UNITS.get(code, code)
    price = value(series, "price_Measure_Unit.name") or value(series, "price_Measurement_Unit.name")
    currency = value(series, "currency_Unit.name")
    return f"{currency}/{_UNITS.get(price, price)}" if currency and price else ""


def _add(points: _Points, period: ET.Element, left: int, *, is_sparse: bool, name: str) -> None:
    """Add the points of a period; a sparse one leaves out what repeats the value before.

    Raises:
        UnreadableFileError: If its step cannot be read, or it is endless.
    """
    resolution = value(period, "resolution")
    size = duration(resolution)
    if not size:
        raise UnreadableFileError(
            f"A period of {name!r} has the step {resolution!r}.",
            expected="Steps of minutes, hours and days are read, such as PT15M.",
            fix="Ask for the data in such a step.",
        )
    interval = child(period, "timeInterval")
    begin, end = (_instant(value(interval, edge)) for edge in ("start", "end"))
    number_of_points = (end - begin) // size if begin is not None and end is not None and end > begin else 0
    if number_of_points > left:
        raise UnreadableFileError(
            f"A period of {name!r} holds {number_of_points:,} points.",
            expected=f"A document holds up to {_MOST_POINTS:,}.",
            fix="Ask for a shorter period.",
        )
    if begin is None or not number_of_points:
        return
    given = _given(period, number_of_points)
    for place, last in zip(sorted(given), [*sorted(given)[1:], number_of_points + 1], strict=True):
        for position in range(place, last if is_sparse else place + 1):
            points.start.append(begin + (position - 1) * size)
            points.length.append(size)
            points.value.append(given[place])


def _given(period: ET.Element, number_of_points: int) -> dict[int, float]:
    """Values by their positions, as far as they lie in the period."""
    found = {}
    for point in children(period, "Point"):
        position = number(value(point, "position"))
        if 1 <= position <= number_of_points and position % 1 == 0:
            found[int(position)] = number(value(point, "quantity") or value(point, "price.amount"))
    return found


def _instant(text: str) -> int | None:
    """A time in UTC such as 2023-12-27T23:00Z [ns since 1970]."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    found = found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found
    seconds = (found - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(seconds=1)
    return seconds * 1_000_000_000 if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


FAMILIES.add("ENTSO-E XML", TextFamily(title=_TITLE, signs=_signs, read=_read))
