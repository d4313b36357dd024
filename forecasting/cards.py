"""The data card and the model card: what a forecast was made from and what made it, as plain values."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from backtests.view import NEVER
from connectors.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtests.view import FloatArray
    from forecasting.automl import AutoForecaster
    from forecasting.ensemble import Ensemble

#: Packages whose versions decide what a forecast is to the last bit.
PACKAGES = ("numpy", "pandas", "scipy", "lightgbm", "statsmodels", "sktime", "optuna", "holidays")


def data_card(model: AutoForecaster) -> dict[str, Any]:
    """Where the data came from, what they are, and what was done to them."""
    case, _ = model.fitted()
    view, facts, task = case.view, case.facts, case.task
    return {
        "source": facts.name,
        "target": facts.target,
        "unit": facts.unit,
        "items": list(view.items),
        "first": view.grid[0].isoformat(),
        "last": view.last.isoformat(),
        "step": task.freq,
        "time_zone": task.time_zone,
        "readings": int(np.isfinite(view.raw).sum()),
        "missing": int(np.isnan(view.raw).sum()),
        "left_out": int(((view.known_from != NEVER) & np.isfinite(view.raw)).sum()),
        "found": dict(facts.kinds),
        "columns_known_ahead": list(task.known_covariates),
        "columns_of_the_past": list(task.past_covariates),
        "weather": list(task.weather_covariates),
        "weather_ahead": task.weather_mode,
        "holidays": task.country,
        "attribution": list(facts.attribution),
        "fingerprint": case.fingerprint(),
    }


def model_card(model: AutoForecaster, weights: FloatArray | Sequence[float]) -> dict[str, Any]:
    """What makes the forecast, how it was chosen, and how it did.

    Args:
        model: A fitted model.
        weights: How much each member counts in the forecast, 0 to 1. ``[M]``
    """
    case, ensemble = model.fitted()
    members = [
        {
            "forecaster": member.name,
            "settings": member.settings(),
            "weight": round(float(weight), 4),
            "columns": list((member.state().settings or {}).get("features", ())),
        }
        for member, weight in zip(ensemble.members, weights, strict=True)
    ]
    found: dict[str, Any] = {
        "run_id": model.run_id(case),
        "hourcast": VERSION,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "horizon": case.task.steps,
        "seasons": list(case.task.seasonality),
        "quantile_levels": list(case.task.quantile_levels),
        "combination": _combination(ensemble),
        "members": members,
        "lower_bound": ensemble.lowest,
        "seed": model.effort.seed,
        "trials": model.effort.trials,
        "time_limit_s": model.effort.time_limit,
        "seconds": round(model.seconds, 1),
    }
    if model.choice is not None:
        found |= {
            "tried": len(model.choice.tried),
            "search_ended_by": model.choice.ended,
            "selection_windows": len(model.choice.windows.positions),
        }
    if model.hold_out is not None:
        found |= {"final_windows": model.hold_out.windows, "scores": _finite(model.hold_out.scores)}
    return found


def _combination(ensemble: Ensemble) -> str:
    """How the members come together, in words."""
    median = "median" if ensemble.weights is None else "median by weights of the item"
    return median if ensemble.shares is None else f"half {median}, half mean by weight"


def _finite(scores: Any) -> dict[str, float | None]:
    return {name: round(value, 6) if np.isfinite(value) else None for name, value in scores.items()}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
