"""Which of the series in a meter's export is meant: consumption or production, active or reactive."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.files.source import SourceOptions

#: Series named in a message.
_SHOWN = 20


def plain(text: str) -> str:
    """A text without accents and capitals, its blanks made single."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(bare.casefold().split())


def choose_series(found: Iterable[str], options: SourceOptions, name: str) -> str:
    """The one series of a file, or the one asked for by its name or by words that only it has.

    Args:
        found: Names of the series.
        options: What the user said.
        name: Name of the file, for messages.

    Raises:
        ConfigError: If there are several and none was asked for, or the one asked for is not clear.
    """
    labels = sorted(set(found))
    listed = "; ".join(repr(label) for label in labels[:_SHOWN])
    holds = f"The file {name!r} holds {len(labels)} series: {listed}."
    if options.series is None:
        if len(labels) == 1:
            return labels[0]
        raise ConfigError(holds, expected="One of them is forecast.", fix=f"Give --series {labels[0]!r}.")
    wanted = plain(options.series)
    exact = [label for label in labels if plain(label) == wanted]
    fitting = exact or [label for label in labels if _words(wanted) and _words(wanted) <= _words(plain(label))]
    if len(fitting) == 1:
        return fitting[0]
    number = "none" if not fitting else f"{len(fitting)}"
    raise ConfigError(
        holds,
        expected=f"--series {options.series!r} fits {number} of them.",
        fix=f"Give --series {labels[0]!r}." if labels else "Leave --series out.",
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text))
