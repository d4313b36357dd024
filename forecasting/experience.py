"""A record of every search: the series in numbers, and how each candidate did on it.

A later version can start a search from what worked on series alike. No readings, no names and no dates of the data
are kept, only numbers such as length, strength of the seasons, settings and losses. The record lies in the data
folder (``HOURCAST_HOME``) on this machine; ``HOURCAST_RECORD=off`` keeps none.
"""

from __future__ import annotations

import json
import logging
import math
import os
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from connectors.version import VERSION
from forecasting.place import data_folder

if TYPE_CHECKING:
    from pathlib import Path

    from forecasting.case import Case
    from forecasting.choose import Choice

logger = logging.getLogger(__name__)


def record(case: Case, choice: Choice, folder: Path | None = None) -> None:
    """Append one line about a search. A record that cannot be written is no reason to fail a forecast."""
    if os.environ.get("HOURCAST_RECORD") == "off":
        return
    folder = folder or data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "experience.lock", timeout=5), (folder / "experience.jsonl").open("a") as file:
            file.write(json.dumps(_line(case, choice)) + "\n")
    except (OSError, TimeoutError) as error:
        logger.warning("the search was not recorded: %s", error)


def recorded(folder: Path | None = None) -> list[dict[str, Any]]:
    """All searches recorded so far, oldest first; a line cut short by a crash is left out."""
    file = (folder or data_folder()) / "experience.jsonl"
    found = []
    for line in file.read_text().splitlines() if file.is_file() else []:
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            logger.warning("a damaged line of %s was left out", file)
    return found


def _line(case: Case, choice: Choice) -> dict[str, Any]:
    task = case.task
    members = {one.number for one in choice.members}
    return {
        "version": VERSION,
        "fingerprint": case.fingerprint(),
        "task": {
            "horizon": task.horizon, "freq": task.freq, "seasonality": list(task.seasonality),
            "weather_mode": task.weather_mode, "items": len(case.view.items),
            "known": len(task.known_covariates), "past": len(task.past_covariates),
            "weather": len(task.weather_covariates), "holidays": task.country is not None,
        },
        "profile": {name: value for name, value in case.profile.items() if math.isfinite(value)},
        "trials": [
            {
                "forecaster": one.name, "settings": one.settings, "status": one.status,
                "member": one.number in members,
                "loss": one.loss if math.isfinite(one.loss) else None, "seconds": round(one.seconds, 4),
            }
            for one in choice.tried
        ],
    }  # fmt: skip
