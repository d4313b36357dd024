"""How much a run may try: seconds, candidates, processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from connectors.errors import ConfigError, near_name

#: Seconds and candidates each preset may take; no count means until time is up or nothing improves.
PRESETS: dict[str, tuple[float, int | None]] = {
    "fast": (15.0, 12),
    "balanced": (60.0, None),
    "accurate": (600.0, None),
}


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much to try.

    Attributes:
        time_limit: Seconds for everything, from reading to the forecast.
        trials: Candidates at most; None for no bound.
        seed: Decides the run, given the number of trials.
        study: Journal of the search, to resume it from.
        jobs: Processes at a time; None for one per core.
    """

    time_limit: float
    trials: int | None = None
    seed: int = 0
    study: Path | None = None
    jobs: int | None = None

    def deciding(self) -> dict[str, Any]:
        """What of it decides the run."""
        return {"trials": self.trials, "seed": self.seed, "time_limit": self.time_limit}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run is.

    Attributes:
        stage: ``read``, ``search``, ``judge``, ``fit`` or ``done``.
        tried: Candidates tried so far.
        best: Loss of the best of them against copying, or None.
        share: Share of the time used, 0 to 1.
    """

    stage: Literal["read", "search", "judge", "fit", "done"]
    tried: int = 0
    best: float | None = None
    share: float = 0.0


def make_effort(
    preset: str,
    time_limit: float | None,
    trials: int | None,
    seed: int,
    study: str | Path | None,
    jobs: int | None,
) -> Effort:
    """A checked effort; what is None is taken from the preset.

    Raises:
        ConfigError: If the preset is unknown, or a number is not above 0.
    """
    if preset not in PRESETS:
        raise ConfigError(f"There is no preset {preset!r}.", fix=near_name(preset, PRESETS))
    seconds, count = PRESETS[preset]
    seconds = seconds if time_limit is None else time_limit
    if seconds <= 0 or (trials is not None and trials < 1) or (jobs is not None and jobs < 1):
        raise ConfigError(
            f"A time limit of {seconds} s, {trials} trials and {jobs} jobs cannot be.",
            expected="Each is above 0.",
            fix="Leave out what you do not want to bound.",
        )
    return Effort(
        time_limit=float(seconds),
        trials=count if trials is None else trials,
        seed=seed,
        study=None if study is None else Path(study),
        jobs=jobs,
    )
