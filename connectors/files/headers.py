"""The words of a header."""

from __future__ import annotations

import re
import unicodedata

#: Words in the header of a column of times; a number is read as one only beside such a word.
TIME_WORDS = {
    "time", "timestamp", "datetime", "date", "ds", "ts", "epoch", "unix", "unixtime", "horodate", "horodatage",
    "heure", "datum", "zeit", "zeitstempel", "uhrzeit", "fecha", "hora", "tijd", "year", "annee", "an", "jahr",
    "month", "mois", "monat", "day", "jour", "tag", "index",
}  # fmt: skip


def words(name: str) -> set[str]:
    """The words of a header, without accents and capitals: "Date de début" holds date, de and debut."""
    return set(spelt_out(name).split())


def spelt_out(name: str) -> str:
    """A header as its words with single blanks between them: "settlementDate (UTC)" is "settlement date utc"."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare).casefold()
    return " ".join(re.findall(r"[a-z]+", parted))
