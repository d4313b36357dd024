"""The Optuna study behind a search: sampler, pruner, journal, and what an earlier run left in it."""

from __future__ import annotations

import contextlib
import json
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from connectors.errors import ConfigError
from forecasting.tried import Tried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import optuna


#: Trials sampled at random before the model of the sampler is believed.
RANDOM_TRIALS = 16
#: The first line of a journal is never longer.
MOST_LETTERS = 100_000


class Choices:
    """A trial whose parameters are named after their forecaster, so that two may share a name.

    Args:
        trial: The Optuna trial.
        name: The forecaster.
    """

    def __init__(self, trial: optuna.Trial, name: str) -> None:
        self.trial, self.prefix = trial, f"{name}."

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """One of some choices."""
        return self.trial.suggest_categorical(self.prefix + name, choices)

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number between two bounds."""
        return self.trial.suggest_int(self.prefix + name, low, high, log=log)

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number between two bounds."""
        return self.trial.suggest_float(self.prefix + name, low, high, log=log)


class Defaults:
    """Answers a search space with given settings, brought inside its bounds.

    Args:
        settings: The settings.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """The setting, or the last choice when it is none of them (0 stands for the longest season)."""
        return self.settings[name] if self.settings[name] in choices else choices[-1]

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:  # noqa: ARG002
        """The setting, inside the bounds."""
        return int(min(max(self.settings[name], low), high))

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:  # noqa: ARG002
        """The setting, inside the bounds."""
        return float(min(max(self.settings[name], low), high))


@dataclass
class Study:
    """A study and how its next batch is sampled."""

    study: optuna.Study
    windows: int

    def enqueue(self, candidates: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Put candidates in the queue, unless an earlier run has done so already."""
        if not self.study.user_attrs.get("enqueued"):
            for _, parameters in candidates:
                self.study.enqueue_trial(parameters)
            self.study.set_user_attr("enqueued", len(candidates))

    def ask_of(self, names: Sequence[str]) -> None:
        """Put forecasters in the queue; their settings are sampled when they are asked for."""
        for name in names:
            self.study.enqueue_trial({"forecaster": name})

    def waiting(self) -> int:
        """How many candidates are in the queue."""
        from optuna.trial import TrialState

        return len(self.study.get_trials(deepcopy=False, states=(TrialState.WAITING,)))

    def sample_with(self, seed: int, count: int) -> optuna.Study:
        """The study with a sampler seeded by how many trials there were."""
        from optuna.samplers import TPESampler

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # multivariate and group are marked experimental
            self.study.sampler = TPESampler(
                seed=seed * 100_003 + count, multivariate=True, group=True, n_startup_trials=RANDOM_TRIALS
            )
        return self.study

    def earlier(self) -> list[Tried]:
        """Trials an earlier run has finished. One it was interrupted in is asked for again."""
        from optuna.trial import TrialState

        found = []
        for trial in self.study.get_trials(deepcopy=False):
            kept = trial.user_attrs
            if trial.state == TrialState.RUNNING:
                self.study.tell(trial.number, state=TrialState.FAIL)
                self.study.enqueue_trial(trial.params)
            elif kept.get("status", "stopped") != "stopped":
                losses = np.array([np.nan if x is None else x for x in kept["losses"]])
                found.append(
                    Tried(
                        number=trial.number, name=trial.params["forecaster"], settings=kept["settings"],
                        losses=losses, seconds=kept["seconds"], status=kept["status"], failure=kept["failure"],
                    )
                )  # fmt: skip
        return found


@contextlib.contextmanager
def open_study(file: Path | None, fingerprint: str, windows: int) -> Iterator[Study]:
    """Create or resume a study.

    Raises:
        ConfigError: If the journal belongs to other data or another task, or is no journal.
    """
    import optuna
    from optuna.pruners import WilcoxonPruner

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the pruner is marked experimental; its rule is a published test
            pruner = WilcoxonPruner(p_threshold=0.1, n_startup_steps=4)
        study = optuna.create_study(
            storage=_storage(file),
            study_name="hourcast",
            load_if_exists=True,
            direction="minimize",
            pruner=pruner,
        )
        _check_owner(study, file, fingerprint)
        yield Study(study, windows)
    finally:
        optuna.logging.set_verbosity(level)


def _storage(file: Path | None) -> optuna.storages.BaseStorage | None:
    if file is None:
        return None
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    if not _is_journal(file):
        raise ConfigError(
            f"{file} is not the journal of a search.",
            expected="A file an earlier run has written with --study, or a new name.",
            fix="Give another file.",
        )
    return JournalStorage(JournalFileBackend(str(file)))


def _is_journal(file: Path) -> bool:
    """Whether Optuna may append to a file: it is not there yet, is empty, or starts as its journals do."""
    if not file.exists():
        return True
    if not file.is_file():
        return False
    try:
        with file.open(encoding="utf-8") as lines:
            first = lines.readline(MOST_LETTERS)
        return first == "" or "op_code" in json.loads(first)
    except (ValueError, TypeError):
        return False


def _check_owner(study: optuna.Study, file: Path | None, fingerprint: str) -> None:
    owner = study.user_attrs.get("fingerprint")
    if owner is None:
        study.set_user_attr("fingerprint", fingerprint)
    elif owner != fingerprint:
        raise ConfigError(
            f"The study {file} was made from other data or for another task.",
            expected="A study is resumed on the same readings, horizon and covariates.",
            fix="Give another file with --study, or delete this one.",
        )
