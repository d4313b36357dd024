"""The readings of a run, as its model takes them; without weather where none can be had."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.errors import ConnectorError, DataError
from forecasting.case import open_case

if TYPE_CHECKING:
    from forecasting.case import Case
    from forecasting.run.models import Candidates
    from forecasting.run.order import Order


def read(order: Order, models: Candidates, notes: list[str]) -> Case:
    """The readings, as the best model takes them if it can.

    Args:
        order: The run.
        models: Models that may forecast; those that cannot take these readings are dropped.
        notes: What happened is added.

    Raises:
        HourcastError: If there are no readings to forecast from.
    """
    source, future = order.job.source, order.job.covariates.future
    while (loaded := models.best) is not None:
        fitted, _ = loaded.model.fitted()
        asked = replace(fitted.question, as_of=order.as_of, allow_stale=order.job.checks.allow_stale)
        try:
            return replace(fitted, question=asked).renewed(source, future)
        except ConnectorError as error:
            notes.append(f"No weather could be had: {error}")
            return _without_weather(order)
        except DataError as error:
            # Other items, another step: the model is of no use; if the readings are, what follows says so.
            case = open_case(order.question, source, future)
            notes.append(f"The model {loaded.record.model_id} cannot take these readings: {error}")
            models.drop(loaded)
            if models.best is None:
                return case
    try:
        return open_case(order.question, source, future)
    except ConnectorError as error:
        if order.question.place is None:
            raise
        notes.append(f"No weather could be had: {error}")
        return _without_weather(order)


def _without_weather(order: Order) -> Case:
    question = replace(order.question, place=None, weather_mode=None)
    return open_case(question, order.job.source, order.job.covariates.future)
