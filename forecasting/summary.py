"""A fitted model as the plain values that the report and the terminal speak of."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from backtests.picture import spans
from backtests.view import NEVER
from backtests.windows import Windows
from connectors.version import VERSION
from forecasting.cards import data_card, model_card
from forecasting.ongoing import off_now
from forecasting.reasons import why
from forecasting.report.content import Content, HoldOut, WindowSpan
from forecasting.report.language import t
from forecasting.responses import responses

if TYPE_CHECKING:
    from backtests.result import BacktestResult
    from backtests.view import View
    from forecasting.automl import AutoForecaster


def content_of(model: AutoForecaster, forecast: pd.DataFrame, made_at: pd.Timestamp) -> Content:
    """Everything the page says about a fitted model.

    Args:
        model: The model.
        forecast: Its forecast, as a forecasts table.
        made_at: When the report is made, UTC.
    """
    case, ensemble = model.fitted()
    facts, task, result = case.facts, case.task, model.hold_out
    causes = why(ensemble, case.view)
    return Content(
        title=t("Forecast of {target}", target=facts.target),
        source=facts.name,
        target=facts.target,
        unit=facts.unit,
        time_zone=task.time_zone,
        freq=task.freq,
        horizon=task.steps,
        weather_mode=task.weather_mode,
        version=VERSION,
        made_at=made_at,
        history=history_table(case.view),
        faulty=faulty_table(case.view),
        findings=facts.findings,
        guesses=(*facts.decisions, *facts.notes),
        forecast=forecast,
        final=pd.DataFrame() if result is None else result.forecasts,
        leaderboard=model.leaderboard(),
        hold_out=None if result is None else hold_out_of(result),
        members=() if model.choice is None else tuple(one.label for one in model.choice.members),
        attribution=facts.attribution,
        weather=model.weather,
        why=causes,
        responses=responses(ensemble, case.view),
        data_card=data_card(model),
        model_card=model_card(model, causes.live.weights),
        country=task.country,
        stale=facts.stale,
        alerts=facts.alerts,
        windows=windows_of(model),
        off=off_now(case.view),
    )


def windows_of(model: AutoForecaster) -> tuple[WindowSpan, ...]:
    """Where the windows of a fitted model lie; empty for a loaded one, which has kept none."""
    if model.choice is None or model.hold_out is None:
        return ()
    view = model.fitted()[0].view
    cutoffs = pd.DatetimeIndex(model.hold_out.forecasts["cutoff"].unique())
    final = Windows(positions=view.positions(cutoffs), horizon=view.task.horizon, kind="final")
    found = spans(view.raw.shape[1], view.task.horizon, model.choice.windows, final)
    last = len(view.grid) - 1
    return tuple(
        WindowSpan(
            row=one.row,
            first=view.grid[min(one.start, last)],
            last=view.grid[min(one.end, last)],
            fitted=one.fitted,
        )
        for one in found
    )


def hold_out_of(result: BacktestResult) -> HoldOut:
    """The scores of a backtest beside those of the best way of copying."""
    scores, copy = result.scores, result.baselines[result.best_baseline]
    inside, count = result.inside
    return HoldOut(
        windows=result.windows,
        horizon=result.horizon,
        first=result.forecasts["timestamp"].min(),
        last=result.forecasts["timestamp"].max(),
        mae=scores["mae"],
        naive_mae=copy["mae"],
        naive_name=result.best_baseline,
        wape=_or_none(scores["wape"]),
        mase=scores["mase"],
        rmsse=scores["rmsse"],
        bias=scores["bias"],
        wql=_or_none(scores["wql"]),
        coverage=inside / count if count else float("nan"),
        inside=inside,
        hours=count,
        comparison=result.comparison,
    )


def history_table(view: View) -> pd.DataFrame:
    """Raw readings, ``item_id | timestamp | target``."""
    length = view.raw.shape[1]
    return pd.DataFrame(
        {
            "item_id": np.repeat(np.array(view.items, dtype=object), length),
            "timestamp": np.tile(view.grid[:length].tz_localize(None).to_numpy(), len(view.items)),
            "target": view.raw.ravel(),
        }
    ).assign(timestamp=lambda table: table["timestamp"].dt.tz_localize("UTC"))


def faulty_table(view: View) -> pd.DataFrame:
    """Readings left out, ``item_id | timestamp | known_from | kind``."""
    items, positions = np.nonzero(view.known_from != NEVER)
    return pd.DataFrame(
        {
            "item_id": np.array(view.items, dtype=object)[items],
            "timestamp": view.grid[positions],
            "known_from": view.grid[view.known_from[items, positions]],
            "kind": "faulty",
        }
    )


def as_json(model: AutoForecaster) -> dict[str, Any]:
    """What a machine may want to know of a fitted model."""
    case, ensemble = model.fitted()
    found: dict[str, Any] = {
        "target": case.facts.target,
        "unit": case.facts.unit,
        "items": list(case.view.items),
        "cutoff": case.view.last.isoformat(),
        "horizon": case.task.steps,
        "freq": case.task.freq,
        "time_zone": case.task.time_zone,
        "weather_mode": case.task.weather_mode,
        "run_id": model.run_id(case),
        "seconds": round(model.seconds, 2),
        "members": [member.name for member in ensemble.members],
        "weather_training": [
            None if case.task.weather_mode == "none" else member.weather_training() for member in ensemble.members
        ],
        "decisions": list(case.facts.decisions),
        "findings": list(case.facts.findings),
        "stale_items": list(case.facts.stale),
        "attribution": list(case.facts.attribution),
    }
    if model.choice is not None:
        found["search"] = {"tried": len(model.choice.tried), "ended_by": model.choice.ended}
    if model.hold_out is not None:
        found["hold_out"] = result_json(model.hold_out)
    return found | weather_json(model)


def weather_json(model: AutoForecaster) -> dict[str, Any]:
    """What the weather is worth, for machines; nothing where it was not measured."""
    return {} if model.weather is None else {"weather": asdict(model.weather)}


def result_json(result: BacktestResult) -> dict[str, Any]:
    """A backtest for machines; a score without a value is null."""
    return {
        "windows": result.windows,
        "horizon": result.horizon,
        "skill": _or_none(result.skill),
        "best_baseline": result.best_baseline,
        "significance": {name: _or_none(value) for name, value in asdict(result.comparison).items()},
        "inside_80": list(result.inside),
        "calibration": result.calibration.as_json(),
        "faulty_left_out": result.faulty,
        "seconds": round(result.seconds, 2),
        "scores": {name: _or_none(value) for name, value in result.scores.items()},
        "baselines": {
            words: {name: _or_none(value) for name, value in scores.items()}
            for words, scores in result.baselines.items()
        },
    }


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
