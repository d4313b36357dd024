"""Lengths of time as ISO 8601 writes them: PT30M, PT1H, P1D."""

from __future__ import annotations

import re

_DURATION = re.compile(r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?", re.IGNORECASE)


def duration(text: str) -> int:
    """A length [ns], 0 where the text is none.

    Example:
        >>> duration("PT30M") // 10**9, duration("P1D") // 10**9, duration("30")
        (1800, 86400, 0)
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return 0
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000_000
