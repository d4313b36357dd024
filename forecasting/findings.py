"""What was noticed while preparing a table, and what was done about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

#: Stretches of one kind and item that are listed one by one; more become one finding.
MOST_LISTED = 20
#: Kinds of findings that make a forecast start from old readings: it carries the flag ``stale_input``.
STALE_KINDS = ("stale item", "dead meter")
#: What is counted, where it is no reading.
_THINGS = {"gap": "step", "incomplete": "interval", **dict.fromkeys(STALE_KINDS, "step")}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something noticed in the data of one item.

    Attributes:
        kind: "duplicate", "off grid", "not finite", "gap", "stale item", "dead meter", "ragged last day",
            "constant", "empty", "incomplete" (an aggregated interval), or the name of a fault detector.
        item_id: The item.
        first: Stamp of the first reading concerned.
        last: Stamp of the last one.
        count: How many readings, or steps without one.
        action: What was done: "averaged", "left out", "left empty", "kept".
        known_from: Stamp of the reading with which it could first be known, None where that has no meaning.
        detail: What was compared with what.
        undo: The option that undoes it, "" where nothing was done, or there is no other way.
    """

    kind: str
    item_id: str
    first: pd.Timestamp
    last: pd.Timestamp
    count: int
    action: str
    known_from: pd.Timestamp | None
    detail: str
    undo: str = ""

    def sentence(self) -> str:
        """The finding as one sentence.

        Example:
            >>> import pandas as pd
            >>> at = pd.Timestamp("2025-03-30 02:00", tz="UTC")
            >>> Finding(
            ...     kind="gap", item_id="north", first=at, last=at, count=1, action="left empty", known_from=None,
            ...     detail="no reading",
            ... ).sentence()
            'north, gap at 2025-03-30 02:00 UTC: 1 step left empty (no reading).'
        """
        thing = _THINGS.get(self.kind, "reading")
        many = f"{self.count} {thing}{'' if self.count == 1 else 's'}"
        when = f"at {self.first:%Y-%m-%d %H:%M} UTC"
        if self.last != self.first:
            when = f"from {self.first:%Y-%m-%d %H:%M} to {self.last:%Y-%m-%d %H:%M} UTC"
        undone = f"; {self.undo}" if self.undo else ""
        return f"{self.item_id}, {self.kind} {when}: {many} {self.action} ({self.detail}{undone})."

    def record(self) -> dict[str, Any]:
        """The finding for a machine: times as ISO 8601 in UTC, and the sentence."""
        known = None if self.known_from is None else self.known_from.isoformat()
        times = {"first": self.first.isoformat(), "last": self.last.isoformat(), "known_from": known}
        return {**asdict(self), **times, "undo": self.undo or None, "sentence": self.sentence()}


def keep_option(*kinds: str) -> str:
    """The option that keeps readings of some kinds of faults: ``--keep zero-run,stuck``."""
    return f"--keep {','.join(kind.replace(' ', '-') for kind in kinds)}"


def summarised(findings: Sequence[Finding]) -> list[Finding]:
    """The same findings, those of one kind, item and action made one where there are more than ``MOST_LISTED``."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.item_id, finding.kind, finding.action), []).append(finding)
    listed: list[Finding] = []
    for group in groups.values():
        listed += group if len(group) <= MOST_LISTED else [_joined(group)]
    return listed


def _joined(group: Sequence[Finding]) -> Finding:
    largest = max(group, key=lambda finding: finding.count)
    known = [finding.known_from for finding in group if finding.known_from is not None]
    return replace(
        largest,
        first=min(finding.first for finding in group),
        last=max(finding.last for finding in group),
        count=sum(finding.count for finding in group),
        known_from=min(known, default=None),
        detail=f"{len(group)} stretches, the longest of {largest.count} from {largest.first:%Y-%m-%d %H:%M} UTC: "
        f"{largest.detail}",
    )
