"""Simulated forecasts on disk: made once from the observations, read by every later run that has the same ones.

They lie apart from everything that was ever received, ``<folder>/simulated/<model>/<location>/<YYYY-MM>.parquet``,
and every row says what it is: kind, model and source. The model names the seed, the version of the simulator, the
table of errors and a fingerprint of all they are made from: another observation or seed never finds them.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from connectors.errors import UnreadableFileError
from connectors.weather.lead_errors import FROZEN, LEADS, LeadError
from connectors.weather.simulator import VERSION, SimulatedRuns, simulate_runs
from connectors.weather.store import WeatherStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from connectors.weather.vintages import Rows

#: Folder of the simulations within that of the weather.
FOLDER = "simulated"
#: Simulations that are kept. Nothing is lost with an older one: it is made again, bit by bit the same.
KEPT = 20


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What is to be simulated; the arguments of ``simulate_runs``.

    Attributes:
        observed: ``timestamp`` and a column per variable.
        location: Name that the noise depends on.
        horizon: How far ahead of any instant the newest run must reach.
        seed: The seed.
        errors: Error by lead of some variables; the frozen table for the others.
    """

    observed: pd.DataFrame
    location: str
    horizon: pd.Timedelta
    seed: int
    errors: Mapping[str, LeadError] = field(default_factory=dict)

    @cached_property
    def model(self) -> str:
        """Name of the model: seed, version, table of errors, and a fingerprint of everything else."""
        table = _digest(repr((LEADS, FROZEN)).encode(), size=4)
        own = repr((self.location, self.horizon, sorted(self.errors.items()), list(self.observed.columns)))
        stamps = pd.DatetimeIndex(self.observed["timestamp"]).as_unit("us").asi8
        values = self.observed.drop(columns="timestamp").to_numpy(float)
        fingerprint = _digest(own.encode(), stamps.tobytes(), np.ascontiguousarray(values).tobytes(), size=12)
        return f"simulated_{self.seed}_v{VERSION}_{table}_{fingerprint}"

    def runs(self, name: str) -> SimulatedRuns:
        """The forecasts of one variable, made anew.

        Raises:
            ConfigError: If it is a direction, or the times between the runs do not fit the step.
            DataError: If the observations are not regular in UTC, or do not lie on their scale.
        """
        return simulate_runs(
            self.observed[["timestamp", name]],
            location=self.location,
            horizon=self.horizon,
            seed=self.seed,
            errors=self.errors,
        )


@dataclass(frozen=True, kw_only=True)
class SimulatedStore:
    """The simulations of one place.

    Attributes:
        folder: Where the weather is kept.
        location: Name of the place.
    """

    folder: Path
    location: str

    def read(self, simulation: Simulation) -> Mapping[str, Rows]:
        """The stored forecasts by variable; nothing where they are not stored, not whole, or cannot be read."""
        store, model = self._store(simulation), simulation.model
        try:
            noted = store.fetches(self.location).get(model)
            if noted is None:
                return {}
            rows = store.vintages(self.location, kinds=(FOLDER,), models=(model,)).rows
        except UnreadableFileError:
            shutil.rmtree(store.folder, ignore_errors=True)  # they are made again, and stored whole
            return {}
        except OSError:
            return {}
        return rows if sum(len(one.values) for one in rows.values()) == noted[1] else {}

    def write(self, simulation: Simulation, runs: Sequence[SimulatedRuns], *, at: pd.Timestamp) -> None:
        """Store what was simulated; the oldest simulations beyond those that are kept go.

        Args:
            simulation: What they were made from.
            runs: The forecasts, one variable each.
            at: When they were made, UTC.

        Raises:
            OutputError: If the disk refuses.
            RetriableConnectorError: If another process writes for too long.
            UnreadableFileError: If a stored file is damaged.
        """
        parts = [part for one in runs if not (part := one.table(retrieved_at=at)).empty]
        if not parts:
            return
        table = pd.concat(parts, ignore_index=True).assign(location=self.location, model=simulation.model)
        store = self._store(simulation)
        store.append(table)
        # The count comes last: what a killed process left is not whole, and is never read as such.
        store.record_fetch(self.location, simulation.model, at, len(table))
        self._forget()

    def _forget(self) -> None:
        """Remove the oldest simulations beyond those that are kept; another process may be at it as well."""
        with suppress(OSError):
            ages = {path: path.stat().st_mtime_ns for path in (self.folder / FOLDER).iterdir() if path.is_dir()}
            for path in sorted(ages, key=lambda path: ages[path], reverse=True)[KEPT:]:
                shutil.rmtree(path, ignore_errors=True)

    def _store(self, simulation: Simulation) -> WeatherStore:
        return WeatherStore(self.folder / FOLDER / simulation.model)


def _digest(*parts: bytes, size: int) -> str:
    digest = hashlib.blake2b(digest_size=size)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()
