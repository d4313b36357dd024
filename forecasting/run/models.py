"""The model of a job: when a new one is due, how it is made, and whether it replaces the old one."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.significance import diebold_mariano
from connectors.errors import HistoryTooShortError, HourcastError
from connectors.version import VERSION
from forecasting.automl import AutoForecaster
from forecasting.monitor.promise import promise_of
from forecasting.monitor.scores import windows
from forecasting.run.order import data_hash, same_question
from forecasting.store.records import ModelRecord, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forecasting.case import Case
    from forecasting.monitor.charts import Chart
    from forecasting.monitor.drift import Drift
    from forecasting.run.order import Order

FIRST, BROKEN = "there is no model yet", "no model could forecast"
#: Days of a contest, and how often luck may make a difference: a winner of equals half as often.
CONTEST_DAYS, LEVEL = 21, 0.10


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A model of the store, read back.

    Attributes:
        record: What the store says of it.
        model: The model.
    """

    record: ModelRecord
    model: AutoForecaster


@dataclass(frozen=True)
class Reason:
    """Why a new model is due, in words, and since which cutoff something has been wrong."""

    words: str
    since: str | None = None


class Candidates:
    """Models that may forecast, the best first: the champion, then those it replaced.

    For a past morning only those made from what was known then. Each is read when it is wanted: mostly the first is
    enough. One that cannot be read, or that answers another question, is left out and said.
    """

    def __init__(self, order: Order, notes: list[str]) -> None:
        known = [one for one in order.store.models(order.job.name) if one.status in ("champion", "former")]
        known = [one for one in known if one.cutoff < stamp(order.as_of)]
        self._order, self._notes = order, notes
        self._loaded: list[Loaded] = []
        self._waiting = sorted(known, key=lambda one: (one.cutoff, one.status == "champion"))

    def __iter__(self) -> Iterator[Loaded]:
        """Each in turn."""
        yield from list(self._loaded)
        while self._waiting:
            loaded = self._load(self._waiting.pop())
            if loaded is not None:
                self._loaded.append(loaded)
                yield loaded

    @property
    def best(self) -> Loaded | None:
        """The first; None where there is none."""
        return next(iter(self), None)

    def add(self, loaded: Loaded) -> None:
        """Put a model before all others."""
        self._loaded.insert(0, loaded)

    def drop(self, loaded: Loaded) -> None:
        """Leave a model out."""
        self._loaded.remove(loaded)

    def _load(self, record: ModelRecord) -> Loaded | None:
        try:
            model = AutoForecaster.load(self._order.store.model_folder(record.model_id))
        except HourcastError as error:
            self._notes.append(f"The model {record.model_id} cannot be used: {error}")
            return None
        if same_question(model.question, self._order.question):
            return Loaded(record=record, model=model)
        self._notes.append(f"The model {record.model_id} answers another question and is not used.")
        return None


def training_due(
    order: Order,
    champion: Loaded | None,
    attempts: Sequence[ModelRecord],
    charts: Sequence[Chart],
    drift: Sequence[Drift],
) -> Reason | None:
    """Why a new model is due now; None when none is.

    Args:
        order: The run.
        champion: The model that forecasts.
        attempts: All models that were ever made, whatever became of them.
        charts: How the champion's forecasts turned out.
        drift: How readings have changed since it was trained.
    """
    training = order.job.training
    if champion is None:
        return Reason(FIRST)
    made = [pd.Timestamp(one.trained_at) for one in attempts if one.trained_at <= stamp(order.as_of)]
    age = order.as_of - max(made, default=pd.Timestamp(champion.record.trained_at))
    if age < pd.Timedelta(training.wait):
        return None
    beyond = [chart for chart in charts if chart.out and chart.name != "coverage"]
    if training.on_error and beyond:
        began = min(chart.first for chart in charts if chart.first is not None)
        return Reason(f"{beyond[0].name} beyond what was promised since {beyond[0].since}", began)
    drifted = [one for one in drift if one.drifted]
    if training.on_drift and drifted:
        return Reason(f"{drifted[0].column} of {drifted[0].item!r} unlike what the model was trained on")
    if age >= pd.Timedelta(training.every):
        return Reason(f"by schedule, {age.days} days after the last one")
    return None


def unfitted(order: Order) -> AutoForecaster:
    """A model of the job, before it has seen anything."""
    training = order.job.training
    return AutoForecaster(
        **order.job.asked(), as_of=order.as_of, preset=training.preset, time_limit=training.time_limit,
        trials=training.trials, seed=training.seed, jobs=training.jobs,
    )  # fmt: skip


def train(order: Order) -> AutoForecaster:
    """A new model from all that is known.

    Raises:
        HourcastError: If none can be made.
    """
    return unfitted(order).fit(order.job.source, future=order.job.covariates.future)


def contest(order: Order, champion: Loaded, case: Case, since: str | None) -> dict[str, Any]:
    """A new model against the old one, on days neither was trained on.

    The challenger is chosen on what precedes the last three weeks, then forecasts them, fitted anew every third day
    on what was known by then. The champion, as it is, forecasts the same days from the same readings. Only days
    after the champion's training count; where something went wrong, only those since.

    Args:
        order: The run.
        champion: The one that would be replaced.
        case: The readings of today, as the champion takes them.
        since: When something first went wrong, the first cutoff that counts; None for the champion's training.

    Returns:
        ``days``, the loss of either, the p-value of the test, whether the challenger ``wins``, and why.

    Raises:
        HourcastError: If the challenger cannot be made.
    """
    scales = champion.record.promise["scales"]
    made = _three_weeks(order)
    cutoffs = pd.DatetimeIndex(made["cutoff"].unique())
    cutoffs = cutoffs[cutoffs >= pd.Timestamp(since or champion.record.cutoff)]
    cutoffs = cutoffs[cutoffs >= pd.Timestamp(champion.record.cutoff)]
    if not len(cutoffs):
        return {"days": 0, "wins": False, "why": "not tried on any day that neither was trained on"}
    _, ensemble = champion.model.fitted()
    old = windows(ensemble.predict(case.view, cutoffs).to_frame("hourcast"), case.view, scales)["loss"]
    new = windows(made[made["cutoff"].isin(cutoffs)], case.view, scales)["loss"]
    both = pd.concat([new, old], axis=1, keys=["new", "old"]).dropna()
    difference = both["new"].to_numpy(float) - both["old"].to_numpy(float)
    p_value = diebold_mariano(difference)
    wins = bool(p_value < LEVEL and difference.mean() < 0)
    return {
        "days": len(both), "challenger": float(both["new"].mean()), "champion": float(both["old"].mean()),
        "p_value": p_value if np.isfinite(p_value) else None, "wins": wins,
        "why": "better beyond luck" if wins else "not better beyond luck",
    }  # fmt: skip


def _three_weeks(order: Order) -> pd.DataFrame:
    """Forecasts of a challenger over the last weeks, each made before the day it is of."""
    for number in (CONTEST_DAYS, CONTEST_DAYS // 3):
        with suppress(HistoryTooShortError):
            return unfitted(order).backtest(order.job.source, windows=number, refit=3).forecasts
    return unfitted(order).backtest(order.job.source, windows=3, refit="never").forecasts


def record_of(
    order: Order, model: AutoForecaster, reason: str, *, status: str, result: dict[str, Any]
) -> ModelRecord:
    """What the store keeps of a model just fitted."""
    case, _ = model.fitted()
    return replace(rejected(order, case, reason, result), status=status, promise=promise_of(model))


def rejected(order: Order, case: Case, reason: str, result: dict[str, Any]) -> ModelRecord:
    """What the store keeps of a model that was tried and not needed; it has no folder."""
    data = data_hash(case)
    words = f"{order.job.fingerprint()} {data} {stamp(case.view.last)} {stamp(order.as_of)}"
    return ModelRecord(
        model_id=f"{case.view.last:%Y%m%d}-{hashlib.sha256(words.encode()).hexdigest()[:8]}",
        job=order.job.name, status="rejected", trained_at=stamp(order.as_of), cutoff=stamp(case.view.last),
        reason=reason, contest=result, data_hash=data, version=VERSION,
    )  # fmt: skip
