"""The last part of a run: every export is written, and what is too old is forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.errors import ConnectorError, MissingExtraError, OutputError
from connectors.exports.publish import publish
from forecasting.run.order import UNWRITTEN, Outcome
from forecasting.run.tables import export_tables
from forecasting.store.records import stamp

if TYPE_CHECKING:
    from forecasting.case import Case
    from forecasting.run.order import Order
    from forecasting.store.records import RunRecord


def hand_over(order: Order, case: Case, run: RunRecord, notes: tuple[str, ...]) -> Outcome:
    """Write every export; what fails is said, and the others are written all the same.

    Args:
        order: The run.
        case: Its readings.
        run: Its record, which is in the store already.
        notes: What happened on the way.
    """
    tables = export_tables(order, case) if order.job.export else {}
    written: list[str] = []
    failed: list[OutputError | ConnectorError | MissingExtraError] = []
    for destination in order.job.export:
        try:
            written += publish(
                tables, destination, title=f"Forecasts of {case.facts.target}", sources=case.facts.attribution,
                created=run.started_at, changed={case.view.last},
            )  # fmt: skip
        except (OutputError, ConnectorError, MissingExtraError) as error:
            failed.append(error)
    if failed:
        code = failed[0].exit_code if isinstance(failed[0], ConnectorError) else UNWRITTEN
        message = f"recorded, but not all was written: {failed[0]}"
        return Outcome(exit_code=code, message=message, run=run, written=tuple(written), notes=notes)
    order.store.handed_over(run)
    keep = order.job.retention
    order.store.prune(order.job.name, before=stamp(order.as_of - keep.runs), models=keep.models)
    done = replace(run, handed_over=1)
    return Outcome(exit_code=run.exit_code, message=run.message, run=done, written=tuple(written), notes=notes)
