"""What a run that was killed leaves behind, taken away by the next: drafts of files, folders of models half written.

Only a run that holds the lock may do this.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forecasting.run.order import Order

_DRAFT = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")


def sweep(order: Order) -> list[Path]:
    """Remove drafts in the folders of the exports, and models the store knows nothing of.

    Returns:
        What was removed.
    """
    gone = []
    for path in _hidden(order):
        if _DRAFT.fullmatch(path.name):
            path.unlink(missing_ok=True)
            gone.append(path)
    return gone + _orphans(order)


def _hidden(order: Order) -> Iterator[Path]:
    for destination in order.job.export:
        place = Path(destination.to)
        if destination.kind == "folder":
            yield from list(place.rglob(".*.tmp"))
        elif destination.kind == "file":
            yield from list(place.absolute().parent.glob(f".{place.name}.*.tmp"))


def _orphans(order: Order) -> list[Path]:
    """Folders of models whose record was never written, and their drafts."""
    home = order.store.model_folder("x").parent
    if not home.is_dir():
        return []
    known = {
        run.model_id for job in order.store.jobs() for run in order.store.models(job) if run.status != "deleted"
    }
    gone = [folder for folder in home.iterdir() if folder.name not in known]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return gone
