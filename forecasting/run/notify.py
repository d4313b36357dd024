"""Who is told of a run: a health check, a webhook, a file of alerts, a log. None of them ever fails the run."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecasting.job import Monitor
    from forecasting.run.order import Outcome

logger = logging.getLogger(__name__)

#: Longest wait for a health check or a webhook [s].
TIMEOUT = 10.0
#: What a health check takes of a log [bytes].
MOST_BYTES = 100_000


def started(monitor: Monitor) -> None:
    """Tell the health check that a run has begun."""
    if monitor.ping is not None:
        _call("GET", f"{monitor.ping.rstrip('/')}/start")


def ended(monitor: Monitor, job: str, outcome: Outcome) -> None:
    """Tell the health check how a run ended, with its last lines."""
    if monitor.ping is not None:
        # A run with nothing to do is a run that went well.
        code = 0 if outcome.exit_code == 99 else outcome.exit_code
        text = "\n".join([*outcome.notes, f"{job}: {outcome.message}"])
        _call("POST", f"{monitor.ping.rstrip('/')}/{code}", text.encode()[-MOST_BYTES:])


def alert(monitor: Monitor, words: Mapping[str, Any]) -> list[str]:
    """Tell whoever wants to know that something is out of order.

    Returns:
        What could not be told, as sentences.
    """
    text = json.dumps(dict(words), default=str)
    failed = []
    if monitor.alerts is not None:
        failed += append_line(Path(monitor.alerts), text)
    if monitor.webhook is not None:
        failed += _call("POST", monitor.webhook, text.encode(), kind="application/json")
    return failed


def append_line(path: Path, text: str) -> list[str]:
    """Add a line to a file; says what went wrong instead of raising."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        logger.warning("%s could not be written: %s", path, error)
        return [f"{path} could not be written: {error.strerror or error}."]
    return []


def _call(method: str, url: str, body: bytes = b"", kind: str = "text/plain") -> list[str]:
    import httpx

    try:
        answer = httpx.request(method, url, content=body, headers={"Content-Type": kind}, timeout=TIMEOUT)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The address is a secret of whoever gave it.
        logger.warning("a notification failed: %s", type(error).__name__)
        return [f"A notification failed: {type(error).__name__}."]
    return []
