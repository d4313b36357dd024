"""A location as people say it: coordinates, a station, or the name of a place out of a list that ships along.

The list is of GeoNames (CC BY 4.0); ``places.md`` says what was changed.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from connectors.errors import ConfigError
from connectors.weather.place import check_place

ATTRIBUTION = "Places by GeoNames (CC BY 4.0)"
#: Of several places of a name, one is meant without asking when it has this many times the inhabitants of the next.
OUTSHINES = 10
#: Places shown in a question.
SHOWN = 6

_COORDINATES = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*[,; ]\s*([+-]?\d+(?:\.\d+)?)\s*")
_STATION = re.compile(r"station[: ]\s*([0-9A-Za-z]{2,10})|(\d{5}|[A-Z0-9]*\d[A-Z0-9]*)", re.IGNORECASE)
#: Letters that no decomposition takes apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "\u0131": "i"})
_SHORT = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
#: Names of countries as people say them, beside those of ISO 3166.
_SAID = {"usa": "US", "united states of america": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
         "great britain": "GB", "united kingdom": "GB", "deutschland": "DE", "espana": "ES", "italia": "IT",
         "osterreich": "AT", "schweiz": "CH", "suisse": "CH", "belgique": "BE", "allemagne": "DE", "espagne": "ES",
         "italie": "IT", "royaume uni": "GB", "etats unis": "US", "south korea": "KR"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where the weather is wanted.

    Attributes:
        name: Name of the location in the store: letters, digits and . _ + - only.
        label: What to call it.
        place: Latitude and longitude [degrees]; None for a station.
        station: Id of a station at Meteostat; None for a place.
        country: ISO 3166 code, where known.
        time_zone: Its zone, where known.
        others: Smaller places of the same name that may have been meant.
        attribution: Whom to name for having found it.
    """

    name: str
    label: str
    place: tuple[float, float] | None = None
    station: str | None = None
    country: str | None = None
    time_zone: str | None = None
    others: tuple[str, ...] = ()
    attribution: tuple[str, ...] = ()


class _Row(NamedTuple):
    name: str
    country: str
    region: str
    latitude: float
    longitude: float
    time_zone: str
    population: int
    names: tuple[str, ...]  # folded: its own first

    @property
    def label(self) -> str:
        region = f", {self.region}" if self.region.isalpha() else ""
        return f"{self.name}{region}, {self.country}"


def find_location(text: str) -> Location:
    """The location that is meant.

    Args:
        text: ``48.86, 2.35``; ``station:10637`` or ``10637``; or a name, with a country or region where it needs
            one: ``Paris``, ``Paris, FR``, ``Springfield, IL, US``. Accents and case do not count.

    Raises:
        ConfigError: If the coordinates are not on the globe, or no place or several are called so.
    """
    if match := _COORDINATES.fullmatch(text):
        return location_at(float(match[1]), float(match[2]))
    if match := _STATION.fullmatch(text.strip()):
        station = (match[1] or match[2]).upper()
        return Location(name=f"station-{station}", label=f"station {station}", station=station)
    return _named(text)


def location_at(latitude: float, longitude: float) -> Location:
    """The location at some coordinates [degrees].

    Raises:
        ConfigError: If they are not on the globe.
    """
    check_place(latitude, longitude)
    return Location(
        name=f"at{latitude:.4f}_{longitude:.4f}",
        label=f"{latitude:g}, {longitude:g}",
        place=(latitude, longitude),
    )


def plain_name(text: str) -> str:
    """A name without case, accents and signs, its abbreviations written out."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", " ", plain).split()
    return " ".join(_SHORT.get(word, word) for word in words)


def _named(text: str) -> Location:
    name, *wheres = (part.strip() for part in text.split(","))
    by_name = _rows()
    called = by_name.get(plain_name(name), [])
    found = [row for row in called if all(_lies_in(row, where) for where in wheres)]
    # What a place is called at home counts before what it is called elsewhere.
    found = [row for row in found if row.names[0] == plain_name(name)] or found
    if not found:
        raise _unknown(text, called, by_name)
    found.sort(key=lambda row: -row.population)
    best, rest = found[0], found[1:]
    if rest and best.population < OUTSHINES * rest[0].population:
        raise ConfigError(
            f"{len(found)} places are called {name!r}: {_listed(found)}.",
            expected="One place is meant.",
            fix=f"Say which, such as {best.label!r}, or give latitude and longitude.",
        )
    slug = plain_name(best.name).replace(" ", "-")
    return Location(
        name=f"{slug}-{best.country.lower()}_{best.latitude:.3f}_{best.longitude:.3f}",
        label=best.label,
        place=(best.latitude, best.longitude),
        country=best.country,
        time_zone=best.time_zone,
        others=tuple(row.label for row in rest),
        attribution=(ATTRIBUTION,),
    )


def _lies_in(row: _Row, where: str) -> bool:
    """Whether a place lies in a country or region, by code or by the English name of the country."""
    said = plain_name(where)
    return said in (row.country.lower(), row.region.lower()) or _countries().get(said) == row.country


def _unknown(text: str, called: list[_Row], by_name: dict[str, list[_Row]]) -> ConfigError:
    name = text.partition(",")[0].strip()
    if called:
        hint = f"Places called so: {_listed(sorted(called, key=lambda row: -row.population))}. "
    else:
        near = difflib.get_close_matches(plain_name(name), by_name, n=3, cutoff=0.75)
        rows = [max(by_name[one], key=lambda row: row.population) for one in near]
        hint = f"Did you mean {' or '.join(dict.fromkeys(repr(row.label) for row in rows))}? " if rows else ""
    return ConfigError(
        f"No place is called {text.strip()!r} in the list of those with 50,000 inhabitants or more.",
        expected="A larger place nearby has the same weather.",
        fix=f"{hint}Or give latitude and longitude, such as 48.86,2.35.",
    )


def _listed(rows: list[_Row]) -> str:
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return "; ".join(row.label for row in rows[:SHOWN]) + more


@cache
def _rows() -> dict[str, list[_Row]]:
    """The list by each folded name of a place."""
    packed = files("connectors.weather").joinpath("places.csv.gz").read_bytes()
    by_name: dict[str, list[_Row]] = {}
    for line in csv.DictReader(gzip.decompress(packed).decode("utf-8").splitlines()):
        others = [
            " ".join(_SHORT.get(word, word) for word in name.split()) for name in line["other_names"].split("|")
        ]
        names = tuple(dict.fromkeys([plain_name(line["name"]), *(name for name in others if name)]))
        row = _Row(
            line["name"], line["country"], line["region"], float(line["latitude"]), float(line["longitude"]),
            line["time_zone"], int(line["population"]), names,
        )  # fmt: skip
        for name in names:
            by_name.setdefault(name, []).append(row)
    return by_name


@cache
def _countries() -> dict[str, str]:
    """ISO 3166 codes by the folded names of countries, from the package ``tzdata``."""
    table = files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {plain_name(name): code for code, name in rows} | _SAID
