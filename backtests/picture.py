"""A picture of where the windows of a backtest lie, as inline SVG: what was learnt from, what chose, what judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from backtests.windows import Windows

WIDTH, ROW, TOP, LEFT, RIGHT = 760, 30, 34, 96, 16
#: Colours by kind of window; they can be told apart without seeing colour, by lightness.
COLOURS = {"history": "#d8dee6", "selection": "#4a7fb5", "final": "#c2571a", "forecast": "#2f7d5b"}
#: What each row is called.
LABELS = {
    "history": "readings", "selection": "choose", "final": "judge", "forecast": "forecast",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of one row, in positions.

    Attributes:
        row: A key of ``COLOURS``.
        start: First position.
        end: Position after the last.
        fitted: Whether a forecaster was fitted at its start.
    """

    row: str
    start: int
    end: int
    fitted: bool = False


def spans(length: int, horizon: int, *kinds: Windows) -> list[Span]:
    """Everything the picture shows.

    Args:
        length: Readings.
        horizon: Steps of the live forecast.
        kinds: Selection and final windows, where there are any.
    """
    found = [Span(row="history", start=0, end=length)]
    for windows in kinds:
        fits = {int(block[0]) for block in windows.blocks()}
        found += [
            Span(row=windows.kind, start=at + 1, end=at + 1 + windows.horizon, fitted=at in fits)
            for at in map(int, windows.positions)
        ]
    return [*found, Span(row="forecast", start=length, end=length + horizon)]


def picture(grid: pd.DatetimeIndex, length: int, horizon: int, *kinds: Windows) -> str:
    """The picture as an ``<svg>`` element that scales to its container.

    Args:
        grid: Stamps of the readings, shown as dates. ``[T]`` or more
        length: Readings.
        horizon: Steps of the live forecast.
        kinds: Selection and final windows.
    """
    found = spans(length, horizon, *kinds)
    rows = list(dict.fromkeys(span.row for span in found))
    height = TOP + ROW * len(rows) + 10
    per_step = (WIDTH - LEFT - RIGHT) / (length + horizon)
    counts = {row: sum(span.row == row for span in found) for row in rows}
    words = "; ".join(f"{counts[row]} windows that {LABELS[row]}" for row in rows if row in {"selection", "final"})
    body = "".join([*_dates(grid, length, per_step, height), *_bars(found, rows, per_step)])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Where the windows lie: {words}" font-family="system-ui, sans-serif" font-size="12">'
        f"<title>Where the windows lie: {words}</title>{body}</svg>"
    )


def _dates(grid: pd.DatetimeIndex, length: int, per_step: float, height: int) -> Iterator[str]:
    """Five dates over the readings, each with a faint line."""
    for part in range(5):
        at = (length - 1) * part // 4
        x = LEFT + at * per_step
        side = "start" if part == 0 else "end" if part == 4 else "middle"
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 8}" stroke="#e6e6e6"/>'
        yield f'<text x="{x:.1f}" y="{TOP - 14}" text-anchor="{side}" fill="#555">{grid[at]:%Y-%m-%d}</text>'


def _bars(found: list[Span], rows: list[str], per_step: float) -> Iterator[str]:
    """A label for each row; a bar for each window, at least a hair wide; a tick where a forecaster was fitted."""
    for index, row in enumerate(rows):
        y = TOP + ROW * index + 17
        yield f'<text x="{LEFT - 8}" y="{y}" text-anchor="end" fill="#222">{LABELS[row]}</text>'
    for span in found:
        x, y = LEFT + span.start * per_step, TOP + ROW * rows.index(span.row) + 4
        wide = max(1.2, (span.end - span.start) * per_step - 0.4)
        yield f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="18" fill="{COLOURS[span.row]}"/>'
        if span.fitted:
            yield f'<path d="M{x - 3:.1f} {y - 5}h6l-3 5z" fill="#222"/>'
