"""The export table as CSV, in the spelling its reader expects.

========  =========  =======  ======================  =============================
profile   separator  decimal  byte order mark         local times
========  =========  =======  ======================  =============================
iso       ,          .        yes, Power BI needs it  2026-11-23 00:00:00
excel-fr  ;          ,        yes, so does Excel      23/11/2026 00:00
plain     ,          .        no, for pipes           2026-11-23 00:00:00
========  =========  =======  ======================  =============================

``cutoff`` and ``timestamp`` are ISO 8601 in UTC in all of them: 2026-11-22T23:00:00Z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from connectors.errors import ConfigError, near_name
from connectors.exports.atomic import replace_file

if TYPE_CHECKING:
    from pathlib import Path

Profile = Literal["iso", "excel-fr", "plain"]
PROFILES: tuple[Profile, ...] = get_args(Profile)

#: A spreadsheet runs a cell that begins with one of these as a formula (OWASP, "CSV Injection").
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_LOCAL = "timestamp_local"


@dataclass(frozen=True)
class Spelling:
    """How a profile writes what programs read differently."""

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"
    local: str = "%Y-%m-%d %H:%M:%S"


_SPELLINGS: dict[Profile, Spelling] = {
    "iso": Spelling(),
    "excel-fr": Spelling(separator=";", decimal=",", local="%d/%m/%Y %H:%M"),
    "plain": Spelling(encoding="utf-8"),
}


def spelling_of(profile: Profile) -> Spelling:
    """How a profile spells.

    Raises:
        ConfigError: If it does not exist.
    """
    check_profile(profile)
    return _SPELLINGS[profile]


def check_profile(profile: str) -> None:
    """A profile must exist.

    Raises:
        ConfigError: If it does not.
    """
    if profile not in PROFILES:
        raise ConfigError(f"There is no CSV profile {profile!r}.", fix=near_name(profile, PROFILES))


def write_csv(table: pd.DataFrame, path: Path, *, profile: Profile = "iso") -> None:
    """Write an export table; the file is there whole or not at all.

    Numbers are written with all their digits: reading them gives the same floats. A text that a spreadsheet would
    run as a formula gets an apostrophe in front.

    Args:
        table: From ``export_table``.
        path: Where to.
        profile: One of ``PROFILES``.

    Raises:
        ConfigError: If the profile does not exist.
        OutputError: If it cannot be written.
    """
    spelling = spelling_of(profile)
    texts = pd.DataFrame({name: _spelt(table[name], spelling) for name in table.columns})

    def write(target: Path) -> None:
        texts.to_csv(
            target,
            sep=spelling.separator,
            decimal=spelling.decimal,
            encoding=spelling.encoding,
            index=False,
            lineterminator="\n",
        )

    replace_file(path, write)


def _spelt(values: pd.Series[Any], spelling: Spelling) -> pd.Series[Any]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return pd.Series(values.dt.tz_convert("UTC").dt.strftime(_UTC_FORMAT))
    if values.name == _LOCAL:
        clock = pd.to_datetime(values, format=_SPELLINGS["plain"].local)
        return pd.Series(clock.dt.strftime(spelling.local))
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values
    return values.map(_harmless, na_action="ignore")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell
