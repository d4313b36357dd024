"""What the commands print: results on standard output, progress on standard error and on terminals only."""

from __future__ import annotations

import io
import json
import shutil
import sys
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from forecasting.effort import Progress

#: What the progress bar says at each stage.
STAGES = {
    "read": "reading and checking the data",
    "search": "trying forecasters",
    "judge": "judging on windows that chose nothing",
    "fit": "fitting on everything",
    "done": "done",
}
#: Sentences of a list that are printed before the rest are counted only.
MOST_SENTENCES = 12
#: Rows of the leaderboard that are printed, failures apart.
MOST_ROWS = 12
SHOWN = ("forecaster", "skill", "tied", "simplest", "seconds", "member", "status")


def print_any_letter() -> None:
    """Have letters that the terminal lacks printed as codes: a column name is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(words: str) -> None:
    """A line for a person."""
    sys.stdout.write(f"{words}\n")


def complain(words: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"hourcast: {words}\n")


def say_topics(topics: Sequence[tuple[str, Sequence[str]]]) -> None:
    """The result: each topic with its sentences, broken to the width of the terminal."""
    width = min(100, shutil.get_terminal_size().columns)
    side = max((len(name) for name, _ in topics), default=0) + 2
    for name, sentences in topics:
        # A per cent sign stays on the line of its number.
        tight = " ".join(sentences).replace(" %", "\0%")
        text = textwrap.fill(tight, max(width - side, 40), break_on_hyphens=False).replace("\0", " ")
        say(textwrap.indent(text, " " * side).replace(" " * side, name.ljust(side), 1))
    say("")


def say_list(title: str, sentences: Sequence[str]) -> None:
    """A title and sentences under it; long lists are cut and counted."""
    if not sentences:
        return
    say(f"\n{title}")
    for sentence in sentences[:MOST_SENTENCES]:
        say(f"  - {sentence}")
    if len(sentences) > MOST_SENTENCES:
        say(f"  - and {len(sentences) - MOST_SENTENCES} more (--json lists all)")


def say_json(values: Mapping[str, Any]) -> None:
    """One JSON document for a machine."""
    say(json.dumps(values, indent=2, default=str))


def say_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; its first column is aligned left, the others right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD)
    for index, name in enumerate(header):
        table.add_column(Text(name), justify="right" if index else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


def say_leaderboard(board: pd.DataFrame) -> None:
    """The best rows of a leaderboard, and what failed with its reason."""
    failed = board["status"] == "failed"
    kept, lost = board.loc[~failed], board.loc[failed]
    say("\nLeaderboard on the selection windows (skill: share of copying's error saved)")
    shown = kept.reindex(columns=list(SHOWN)).head(MOST_ROWS)
    rows = [
        (name, _share(skill), f"{seconds:.1f}", "member" if member else status, _tie(tied, simplest))
        for name, skill, tied, simplest, seconds, member, status in shown.to_numpy().tolist()
    ]
    say_table(("forecaster", "skill", "seconds", "status", "best"), rows)
    ties = sum(tied is True for tied in shown["tied"].tolist())
    if ties > 1:
        say("=: cannot be told from the best (model confidence set, 95 %); =*: the quickest of these")
    if len(kept) > MOST_ROWS:
        say(f"and {len(kept) - MOST_ROWS} more (--json lists all)")
    say_list(
        "Failed", [f"{name}: {reason}" for name, reason in zip(lost["forecaster"], lost["failure"], strict=True)]
    )


def _tie(tied: object, simplest: object) -> str:
    return "" if tied is not True else "=*" if simplest is True else "="


def _share(value: float) -> str:
    return "" if value != value else f"{value:+.1%}"  # noqa: PLR0124 - NaN is the only one


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A bar on standard error that follows a run; nothing where that is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    words, found = TextColumn("{task.description}"), TextColumn("{task.fields[found]}")
    with Bar(words, BarColumn(), found, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(STAGES["read"], total=1.0, found="")

        def show(progress: Progress) -> None:
            best = "" if progress.best is None else f"{progress.tried} tried, best loss {progress.best:.3f}"
            bar.update(task, description=STAGES[progress.stage], completed=progress.share, found=best)

        yield show
