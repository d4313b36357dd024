"""The commented ``hourcast.toml`` that ``hourcast init`` writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connectors.errors import ConfigError, OutputError
from connectors.exports.atomic import replace_file
from connectors.files.source import SourceOptions
from connectors.saved_source import FORM, OPTIONS, TABLE, SavedSource
from connectors.source import read_source
from connectors.toml import table_text
from forecasting.config import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connectors.files.source import Table

#: Names of a column that is what one would forecast, the likeliest first.
_LIKELY = re.compile(
    r"kwh|mwh|wh|kw|mw|load|demand|consumption|consommation|energy|power|sales|value|target|^y$", re.IGNORECASE
)

_TEXT = """\
# What hourcast does without you. Run it:    hourcast run {file}
# Paths count from the folder of this file. Lines that begin with # show the default, or an example.

{source}

[forecast]
{horizon}
# lead = "14h"                    # how long after the run the first step asked for begins
# delay = "2h"                    # how late readings arrive
# levels = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]

[covariates]
# known = ["bookings"]            # columns known in advance
# future = "future.csv"           # their future values

[weather]
# columns = ["temperature"]       # columns of the readings that are observed weather
# place = [48.85, 2.35]           # or: latitude and longitude, to add weather observed nearby
# forecasts = "mosmix"            # or open-meteo: weather forecasts for the place, kept at each run
# mode = "climatology"

[calendar]
# country = "FR"                  # whose holidays count
# holidays = ["bank"]             # categories that count besides the public holidays
# school = "Zone C"               # zone of the school holidays
# events = "events.csv"           # your own: event, start, end, known_from; local dates

[training]
time_limit = 60                   # seconds for a new model
every = "30d"                     # a model this old is made anew; between, it forecasts from new readings
on_drift = true                   # also when readings are unlike those it knows
on_error = true                   # also when errors are worse than its backtest promised
wait = "3d"                       # but never sooner after the last attempt

[checks]
max_age = "48h"                   # newest reading at most this old, else nothing is forecast: exit code 3
allow_stale = false               # forecast although no series has had a sound reading for long
degraded_ok = false               # end with 0 instead of 5 where the forecast is less than usual

[[export]]                        # any number of these
to = "forecasts"                  # a folder, a file, or a database: "postgresql://${{DB_USER}}@host/energy"
format = "csv"                    # of a folder: csv, parquet or xlsx
profile = "iso"                   # of CSV: iso, excel-fr or plain

[store]                           # every run is recorded here
url = "sqlite:///hourcast-runs/runs.db"
folder = "hourcast-runs"          # models

[retention]
runs = "730d"                     # records of runs and their forecasts
models = 5                        # the newest, the one in use always among them
exported = "92d"                  # forecasts and readings in the files that are written

[schedule]
at = ["06:05"]                    # local times; or every = "1h"
# days = ["mon", "tue", "wed", "thu", "fri"]
# time_zone = "Europe/Paris"      # of these times; that of the source if not given

[monitor]
# ping = "https://health.example.org/ping/id"    # told of start and end
# webhook = "https://chat.example.org/hook"      # alerts are posted there
# alerts = "alerts.jsonl"                        # and added there

# Several jobs in one file: what a job does not say is as above.
# [job.north.source]
# path = "north.csv"
"""


def write_scaffold(
    file: Path, source: str, *, target: str | None = None, horizon: int | None = None, replace: bool = False
) -> str:
    """Write a ``hourcast.toml`` for some readings.

    Args:
        file: Where to.
        source: The readings: a file, or the URL of a database.
        target: Column to predict; None for the likeliest.
        horizon: Steps to forecast; None for one day.
        replace: Whether a file that is there is replaced.

    Returns:
        The target.

    Raises:
        OutputError: If the file is there, or cannot be written.
        DataError: If the readings cannot be read.
        ConfigError: If the target must be named.
    """
    if file.exists() and not replace:
        raise OutputError(
            f"{file} exists.", expected="A new file.", fix="Add --force to replace it, or --output another.toml."
        )
    chosen = target or _target(read_source(source))
    table = read_source(source, SourceOptions(target=chosen))
    found = SavedSource.of(source, table.options).values(file.absolute().parent)
    text = scaffold_text(found, horizon, file.name)
    replace_file(file, lambda draft: _write_text(draft, text))
    return chosen


def scaffold_text(source: Mapping[str, Any], horizon: int | None = None, file: str = FILE) -> str:
    """The text of the file.

    Args:
        source: Keys of its table ``[source]``.
        horizon: Steps to forecast; None for one day.
        file: Its name.
    """
    steps = "# horizon = 24                    # steps; one day, or one season, if not given"
    words = {"path": "the readings; a file counts from the folder of this one", **OPTIONS, **FORM}
    return _TEXT.format(
        file=file,
        source=table_text(TABLE, source, words, head=_HEAD),
        horizon=steps if horizon is None else f"horizon = {horizon}",
    )


_HEAD = (
    "How the readings are read. With this table nothing is guessed, and a file of another shape is refused.",
    "Leave out all but path and target to have the rest found anew by every run.",
)


def _target(table: Table) -> str:
    """The only column of numbers, or the only one with a likely name.

    Raises:
        ConfigError: If there is none, or several.
    """
    numbers = [*([] if table.target is None else [table.target]), *table.covariates]
    found = numbers if len(numbers) == 1 else [name for name in numbers if _LIKELY.search(name)]
    if len(found) != 1:
        raise ConfigError(
            f"Which column is to be predicted is not clear: {', '.join(found or numbers) or 'there is none'}.",
            fix="Name it with --target.",
        )
    return found[0]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
