"""Saved models: JSON, arrays and booster texts in a folder. No pickle, so that loading one runs no code of its.

```
meter-model/
  model.json     format, versions, question, task, members, what was tried, scores
  arrays.npz     readings and covariates up to the cutoff, forecasts of the weather that were kept, what the members
                 learnt, offsets of the intervals
  texts.json     boosters as LightGBM writes them
```

``FORMAT`` rises when an older reader could misread a file. A reader takes every format up to its own.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.events import Event
from backtests.forecaster import State
from backtests.task import VINTAGE_MODES, Task
from backtests.view import View
from connectors.errors import OutputError, UnreadableFileError
from connectors.version import VERSION
from connectors.weather.vintages import Rows, Vintages
from forecasting.case import Case, Facts
from forecasting.ensemble import Ensemble
from forecasting.forecasters import build
from forecasting.intervals import Intervals
from forecasting.place import simulated_store
from forecasting.question import Question
from forecasting.vintages import with_vintages

if TYPE_CHECKING:
    from collections.abc import Mapping

    Arrays = dict[str, np.ndarray[Any, Any]]

FORMAT = 2
MODEL, ARRAYS, TEXTS = "model.json", "arrays.npz", "texts.json"
#: Where forecasts of the weather stand among the arrays, and what they are made of.
KEPT, ROW_ARRAYS = "forecasts", ("valid", "available", "issued", "values")


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a saved model holds.

    Attributes:
        case: The question, the readings, and what is worth knowing of them.
        ensemble: The fitted forecasters and the intervals.
        leaderboard: Every candidate of the search.
        scores: Those of the hold-out, and of copying beside them.
        effort: Seconds, trials and seed it was made with; empty in models of before.
    """

    case: Case
    ensemble: Ensemble
    leaderboard: pd.DataFrame
    scores: Mapping[str, Any]
    effort: Mapping[str, Any] = field(default_factory=dict)


def save(model: Saved, folder: Path) -> None:
    """Write a model; an older one in the folder is replaced only once the new one is complete.

    Raises:
        OutputError: If the folder cannot be written, or holds something else.
    """
    if folder.exists() and not (folder / MODEL).is_file() and any(folder.iterdir() if folder.is_dir() else [0]):
        raise OutputError(
            f"{folder} exists and is no saved model.", expected="An empty or new folder.", fix="Give another name."
        )
    words, arrays, texts = _take_apart(model.case, model.ensemble)
    words |= {
        "leaderboard": json.loads(model.leaderboard.to_json(orient="records")),
        "scores": dict(model.scores),
        "effort": dict(model.effort),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        (fresh / MODEL).write_text(json.dumps(words, indent=1, default=str), encoding="utf-8")
        (fresh / TEXTS).write_text(json.dumps(texts), encoding="utf-8")
        np.savez_compressed(fresh / ARRAYS, allow_pickle=False, **arrays)
        fresh.chmod(0o755)
        _put_in_place(fresh, folder)
    except OSError as error:
        raise OutputError(
            f"The model could not be written to {folder}: {error}.", fix="Give another folder."
        ) from error


def load(folder: Path) -> Saved:
    """Read a saved model.

    Raises:
        UnreadableFileError: If there is none, it is damaged, or a later version wrote it.
    """
    words, arrays, texts = _read(folder)
    case = _case(words, arrays)
    return Saved(
        case=case,
        ensemble=_ensemble(words, arrays, texts, case.task),
        leaderboard=pd.DataFrame(words["leaderboard"]),
        scores=words["scores"],
        effort=words.get("effort", {}),
    )


def _put_in_place(fresh: Path, folder: Path) -> None:
    old = None
    if folder.exists():
        old = fresh.with_name(fresh.name + "-old")
        folder.replace(old)
    fresh.replace(folder)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def _take_apart(case: Case, ensemble: Ensemble) -> tuple[dict[str, Any], Arrays, dict[str, str]]:
    arrays: Arrays = {
        "raw": case.view.raw,
        "known_from": case.view.known_from,
        "offsets": ensemble.intervals.offsets,
    }
    if ensemble.intervals.errors is not None:
        arrays["errors"] = ensemble.intervals.errors.astype(np.float32)
    if ensemble.intervals.slopes is not None:
        arrays["slopes"] = ensemble.intervals.slopes
    if ensemble.shares is not None:
        arrays["shares"] = ensemble.shares
    if ensemble.weights is not None:
        arrays["weights"] = ensemble.weights
    for role in ("known", "past", "weather"):
        arrays |= {f"{role}/{name}": values for name, values in getattr(case.view, role).items()}
    kept = case.forecasts if case.task.weather_mode in VINTAGE_MODES else None
    for name, rows in ({} if kept is None else kept.rows).items():
        arrays |= {f"{KEPT}/{what}/{name}": getattr(rows, what) for what in ROW_ARRAYS}
    texts: dict[str, str] = {}
    members = []
    for number, member in enumerate(ensemble.members):
        state = member.state()
        arrays |= {f"member{number}/{name}": np.asarray(values) for name, values in state.arrays.items()}
        texts |= {f"member{number}/{name}": text for name, text in state.texts.items()}
        members.append({"name": member.name, "settings": member.settings(), "state": dict(state.settings)})
    words = {
        "format": FORMAT,
        "version": VERSION,
        "question": _plain(asdict(case.question)),
        "task": _plain(asdict(case.task)),
        "facts": asdict(case.facts),
        "profile": dict(case.profile),
        "items": list(case.view.items),
        "events": [asdict(event) for event in case.view.events],
        "grid": {"start": case.view.grid[0].isoformat(), "length": len(case.view.grid)},
        "members": members,
        "lowest": ensemble.lowest,
        "scale_share": ensemble.intervals.share,
    }
    return words, arrays, texts


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with times, durations and paths as text."""
    return {k: str(v) if isinstance(v, pd.Timestamp | pd.Timedelta | Path) else v for k, v in values.items()}


def _read(folder: Path) -> tuple[dict[str, Any], Mapping[str, Any], dict[str, str]]:
    if not (folder / MODEL).is_file():
        raise UnreadableFileError(
            f"There is no model in {folder}.",
            expected=f"A folder written by AutoForecaster.save, with {MODEL} in it.",
            fix="Check the path.",
        )
    try:
        words = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        if int(words["format"]) > FORMAT:
            raise UnreadableFileError(
                f"The model in {folder} has format {words['format']}, written by hourcast {words['version']}.",
                expected=f"This is hourcast {VERSION}, which reads formats up to {FORMAT}.",
                fix="Upgrade hourcast, or fit the model again.",
            )
        with np.load(folder / ARRAYS, allow_pickle=False) as file:
            arrays = dict(file)
        texts = json.loads((folder / TEXTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFileError(
            f"The model in {folder} is damaged: {type(error).__name__}: {error}.", fix="Fit and save it again."
        ) from error
    return words, arrays, texts


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON knows lists only; settings hold tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _case(words: Mapping[str, Any], arrays: Mapping[str, Any]) -> Case:
    asked = _tuples(words["question"])
    asked["as_of"] = None if asked["as_of"] is None else pd.Timestamp(asked["as_of"])
    asked["weather_store"] = None if asked["weather_store"] is None else Path(asked["weather_store"])
    task, kept = Task(**_tuples(words["task"])), _kept(arrays)
    if kept is None and task.weather_mode in ("vintage", "previous_runs"):
        # a model of before, without the forecasts that were kept: its backtests can have simulated ones only
        task = replace(task, weather_mode="simulated")
    grid = pd.date_range(words["grid"]["start"], periods=words["grid"]["length"], freq=task.freq)
    roles = {
        role: {n.removeprefix(f"{role}/"): v for n, v in arrays.items() if n.startswith(f"{role}/")}
        for role in ("known", "past", "weather")
    }
    view = View(
        items=tuple(words["items"]),
        grid=grid,
        raw=arrays["raw"],
        known_from=arrays["known_from"],
        task=task,
        known=roles["known"],
        past=roles["past"],
        weather=roles["weather"],
        events=tuple(Event(**event) for event in words.get("events", ())),
    )
    asked_before = Question(**asked)
    view = with_vintages(view, kept, store=simulated_store(asked_before)).view
    facts = Facts(**_tuples(words["facts"]))
    return Case(question=asked_before, facts=facts, task=task, view=view, profile=words["profile"], forecasts=kept)


def _kept(arrays: Mapping[str, Any]) -> Vintages | None:
    """The forecasts of the weather that a model was made with; None where it kept none."""
    names = [name.split("/", 2)[2] for name in arrays if name.startswith(f"{KEPT}/values/")]
    rows = {name: Rows(**{what: arrays[f"{KEPT}/{what}/{name}"] for what in ROW_ARRAYS}) for name in names}
    return Vintages(rows=rows) if rows else None


def _ensemble(words: Mapping[str, Any], arrays: Mapping[str, Any], texts: Mapping[str, str], task: Task) -> Ensemble:
    members = []
    for number, one in enumerate(words["members"]):
        mine = f"member{number}/"
        state = State(
            settings=one["state"],
            arrays={n.removeprefix(mine): v for n, v in arrays.items() if n.startswith(mine)},
            texts={n.removeprefix(mine): v for n, v in texts.items() if n.startswith(mine)},
        )
        members.append(build(one["name"], one["settings"]).restore(state, task))
    intervals = Intervals(
        levels=task.quantile_levels,
        offsets=arrays["offsets"],
        share=words.get("scale_share", 1.0),  # models of before had the scale of lately alone
        errors=arrays["errors"].astype(float) if "errors" in arrays else None,
        slopes=arrays.get("slopes"),
    )
    shares = arrays.get("shares")  # format 1 had the median alone
    return Ensemble(
        members=tuple(members),
        intervals=intervals,
        shares=shares,
        weights=arrays.get("weights"),
        lowest=words["lowest"],
    )
