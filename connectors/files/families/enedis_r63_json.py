"""The load curve Enedis sends to businesses as JSON (flow R63), and its daily relatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.files.durations import duration
from connectors.files.families.family import (
    FAMILIES,
    TextFamily,
    day_grid,
    interval_grid,
    named,
    no_readings,
    side_of,
    zone_of,
)
from connectors.files.intervals import Readings
from connectors.files.placing import place
from connectors.files.records import dicts, numbers, text, texts
from connectors.files.series import choose_series
from connectors.files.times import parse_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from connectors.files.document import Document
    from connectors.files.source import Grid, Guess, SourceOptions, StampSide
    from connectors.files.stamps import Stamps

_TITLE = "a load curve of Enedis for businesses (R63)"
_DAY = 86_400_000_000_000


@dataclass
class _Points:
    """Points of one series, of all meters.

    Attributes:
        rows: The points as they stand.
        meters: Meter of each.
        begins: First day of the period each belongs to.
        ends: Last day of it.
        steps: Step of its meter, where the points themselves say none.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    meters: list[str] = field(default_factory=list)
    begins: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)


def _signs(document: Document) -> bool:
    content = document.json
    if not isinstance(content, dict):
        return False
    measures = dicts(content.get("mesures")) or ([content] if "grandeur" in content else [])
    return any(dicts(quantity.get("points")) for one in measures for quantity in dicts(one.get("grandeur")))


def _series(content: dict[str, Any]) -> dict[str, tuple[str, _Points]]:
    """Unit and points of every series."""
    found: dict[str, tuple[str, _Points]] = {}
    for one in dicts(content.get("mesures")) or [content]:
        period = one.get("periode")
        period = period if isinstance(period, dict) else {}
        for quantity in dicts(one.get("grandeur")):
            kind = [quantity.get("grandeurPhysique"), quantity.get("grandeurMetier")]
            kind += [one.get("etapeMetier") or one.get("modeCalcul"), quantity.get("unite")]
            label = " ".join(filter(None, map(text, kind)))
            _, points = found.setdefault(label, (text(quantity.get("unite")), _Points()))
            rows = dicts(quantity.get("points"))
            points.rows += rows
            points.meters += [text(one.get("idPrm"))] * len(rows)
            points.begins += [text(period.get("dateDebut"))] * len(rows)
            points.ends += [text(period.get("dateFin"))] * len(rows)
            points.steps += [text(one.get("pas"))] * len(rows)
    return {label: pair for label, pair in found.items() if pair[1].rows}


def _read(document: Document, options: SourceOptions) -> Grid:
    series = _series(document.json)
    chosen = choose_series(series, options, document.name)
    unit, points = series[chosen]
    stamps = parse_times(texts(row.get("d") for row in points.rows))
    rows = stamps.readable
    if not rows.any():
        raise no_readings(document, _TITLE, 'A point is like {"d": "2026-01-01T00:00:00+01:00", "v": "10"}.')
    naming = named(document, _TITLE, time="Horodate", item="Identifiant PRM", units={"Valeur": unit}, chosen=chosen)
    values = {"Valeur": numbers(row.get("v") for row in points.rows)[rows]}
    zone, zone_guess = zone_of(options, "Europe/Paris", "Enedis serves mainland France")
    meters = np.array(points.meters, dtype=object)[rows]
    length, kept = _lengths(points)[rows], stamps.keep(rows)
    notes = (f"{(~rows).sum()} points without a time were left out",) if not rows.all() else ()
    if kept.dates_only and kept.offset is None and (length == _DAY).all():
        return day_grid(kept.wall, meters, values, naming, options, zone, guesses=zone_guess, notes=notes)
    side, side_guess = _side(points, stamps, options)
    placed = place(kept, meters, zone, side=side, length=length if length.all() else None)
    return interval_grid(
        Readings(start=placed.start, length=placed.length, values=values, added=naming.added, items=meters),
        naming,
        options,
        zone,
        guesses=(*zone_guess, *side_guess),
        notes=(*notes, *placed.notes),
    )


def _lengths(points: _Points) -> NDArray[np.int64]:
    """Lengths of the intervals, 0 where neither the point nor its meter says one [n, ns]."""
    said = [text(row.get("p")) or step for row, step in zip(points.rows, points.steps, strict=True)]
    known = {length: duration(length) for length in set(said)}
    return np.array([known[length] for length in said], dtype=np.int64)


def _side(points: _Points, stamps: Stamps, options: SourceOptions) -> tuple[StampSide, tuple[Guess, ...]]:
    """A period holds its first moment when the times are starts, and its last one when they are ends."""
    begins = bool((parse_times(texts(points.begins)).wall == stamps.wall).any())
    ends = bool((parse_times(texts(points.ends)).wall == stamps.wall).any())
    if begins and not ends:
        return side_of(options, "start", "the first time is the first moment of the period")
    return side_of(options, "end", "Enedis names the end of each interval")


FAMILIES.add("Enedis R63 JSON", TextFamily(title=_TITLE, signs=_signs, read=_read))
