"""Small pictures of many cells as PNG within the page: a year of hours would be ten thousand shapes as SVG."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from backtests.view import FloatArray

#: Colours from low to high, told apart by lightness alone, so by everyone, on paper and in the dark.
LADDER = ((0x12, 0x2B, 0x54), (0x2F, 0x5F, 0x8A), (0x6F, 0x8E, 0x9B), (0xB5, 0xAE, 0x7E), (0xFB, 0xE4, 0x5B))
#: Colours of the ladder in the palette; the last entry is nothing at all.
STEPS, NOTHING = 240, 255


def heat_png(values: FloatArray, low: float, high: float) -> str:
    """A data URL of cells coloured from low to high, transparent where a value is NaN.

    Args:
        values: Rows from the top. ``[R, C]``
        low: Value of the first colour.
        high: Value of the last colour.
    """
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    cells = np.where(
        np.isfinite(values), np.clip(np.round(np.nan_to_num(share) * (STEPS - 1)), 0, STEPS - 1), NOTHING
    )
    rows = b"".join(b"\0" + row.tobytes() for row in cells.astype(np.uint8))
    head = struct.pack(">IIBBBBB", cells.shape[1], cells.shape[0], 8, 3, 0, 0, 0)
    alpha = b"\xff" * NOTHING + b"\0"
    parts = (
        (b"IHDR", head),
        (b"PLTE", _palette()),
        (b"tRNS", alpha),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)
    return "data:image/png;base64," + base64.b64encode(data).decode()


def colour(share: float) -> str:
    """The colour at a share of the ladder, as CSS writes it."""
    return "#{:02x}{:02x}{:02x}".format(*_between(share))


def _between(share: float) -> tuple[int, ...]:
    at = min(max(share, 0.0), 1.0) * (len(LADDER) - 1)
    left = min(int(at), len(LADDER) - 2)
    return tuple(round(a + (at - left) * (b - a)) for a, b in zip(LADDER[left], LADDER[left + 1], strict=True))


def _palette() -> bytes:
    ladder = [bytes(_between(index / (STEPS - 1))) for index in range(STEPS)]
    return b"".join(ladder) + b"\0\0\0" * (256 - STEPS)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
