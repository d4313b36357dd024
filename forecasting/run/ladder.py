"""A forecast whatever happens: the model, the last good one before it, the profile of the week, last week itself.

A morning without weather or with a failed search still gets a forecast. Which rung made it stands in the forecast.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backtests.windows import step_length
from connectors.errors import ForecasterFailedError, HourcastError
from forecasting.forecasters import build, with_role
from forecasting.intervals import calibrate
from forecasting.ongoing import while_off
from forecasting.portfolio import portfolio

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backtests.forecaster import Forecasts
    from forecasting.case import Case
    from forecasting.forecasters import RegisteredForecaster
    from forecasting.run.models import Loaded

logger = logging.getLogger(__name__)

#: Days whose errors make the intervals of a fallback.
DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Rung:
    """What made the forecast.

    Attributes:
        name: ``model``, ``earlier model``, or the name of a forecaster.
        forecasts: A forecasts table.
        model_id: The model; None for a fallback.
        degraded: Whether it is less than usual.
    """

    name: str
    forecasts: pd.DataFrame
    model_id: str | None = None
    degraded: bool = False


def climb(case: Case, models: Iterable[Loaded], notes: list[str]) -> Rung:
    """The forecast of the highest rung that holds.

    Args:
        case: The readings of today.
        models: Models that may forecast, the best first.
        notes: What failed is added.

    Raises:
        ForecasterFailedError: If none does.
    """
    for number, loaded in enumerate(models):
        try:
            table = _by_model(case, loaded)
        except (HourcastError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            notes.append(f"The model {loaded.record.model_id} could not forecast: {error}")
            logger.warning(notes[-1])
            continue
        name = "earlier model" if number else "model"
        return Rung(name=name, forecasts=table, model_id=loaded.record.model_id, degraded=bool(number))
    for forecaster in _fallbacks(case):
        try:
            table = _by_fallback(case, forecaster)
        except HourcastError as error:
            notes.append(f"{forecaster.name} could not forecast: {error}")
            continue
        return Rung(name=forecaster.name, forecasts=table, degraded=True)
    raise ForecasterFailedError("Nothing could forecast these readings.", expected="; ".join(notes))


def _by_model(case: Case, loaded: Loaded) -> pd.DataFrame:
    fitted, ensemble = loaded.model.fitted()
    case.require_future()
    return _sound(ensemble.latest(case.view, fitted.view.last)).to_frame(ensemble.name)


def _fallbacks(case: Case) -> Iterator[RegisteredForecaster]:
    """Forecasters that serve as a fallback, plain copying last."""
    copying = with_role("baseline")
    tried = portfolio(case.task, case.view.raw.shape[1])
    for name in sorted(with_role("fallback"), key=lambda one: one in copying):
        settings = next((given for one, given in tried if one == name), None)
        if settings is not None:
            yield build(name, settings)


def _by_fallback(case: Case, forecaster: RegisteredForecaster) -> pd.DataFrame:
    fitted = forecaster.fit(case.view, case.view.last, case.task)
    made = fitted.predict(case.view, pd.DatetimeIndex([case.view.last]))
    earlier = _earlier_cutoffs(case)
    if len(earlier):
        past = fitted.predict(case.view, case.view.cutoffs(earlier))
        intervals = calibrate(case.view, past, case.task)
        quantiles = intervals.around(case.view, made.cutoffs, made.mean)
        made = while_off(case.view, replace(made, quantiles=quantiles, levels=intervals.levels))
    return _sound(made).to_frame(forecaster.name)


def _earlier_cutoffs(case: Case) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Cutoffs a day apart whose horizon has passed, the last four weeks of them; a week must come before."""
    day = max(1, round(pd.Timedelta(days=1) / step_length(case.task.freq)))
    last = case.view.raw.shape[1] - 1 - case.task.horizon
    found = last - day * np.arange(DAYS)[::-1]
    return found[found >= 2 * case.task.seasonality[-1]].astype(np.int64)


def _sound(made: Forecasts) -> Forecasts:
    """The same forecasts, if every one is a finite number.

    Raises:
        ForecasterFailedError: If one is not.
    """
    if not np.isfinite(made.mean).all():
        raise ForecasterFailedError("A forecast is not a finite number.")
    return made
