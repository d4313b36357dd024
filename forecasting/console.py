"""What the commands print: results on standard output, progress on standard error and on terminals only."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pandas as pd

    from forecasting.automl import Progress

#: What the progress bar says at each stage.
STAGES = {
    "read": "reading and checking the data",
    "search": "trying forecasters",
    "judge": "judging on windows that chose nothing",
    "fit": "fitting on everything",
    "done": "done",
}
#: Sentences about the data that are printed before the rest are counted only.
MOST_SENTENCES = 12


def say(words: str) -> None:
    """A line for a person."""
    Console(soft_wrap=True, highlight=False).print(escape(words))


def say_list(title: str, sentences: Sequence[str]) -> None:
    """A title and sentences under it; long lists are cut and counted."""
    if not sentences:
        return
    say(f"\n{title}")
    for sentence in sentences[:MOST_SENTENCES]:
        say(f"  - {sentence}")
    if len(sentences) > MOST_SENTENCES:
        say(f"  - and {len(sentences) - MOST_SENTENCES} more (--json lists all)")


def say_json(values: dict[str, Any]) -> None:
    """One JSON document for a machine."""
    sys.stdout.write(json.dumps(values, indent=2, default=str) + "\n")


def complain(words: str) -> None:
    """A line on standard error."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(escape(words))


def say_leaderboard(board: pd.DataFrame, *, most: int = 12) -> None:
    """The best rows of a leaderboard and all failures."""
    table = Table(title="Leaderboard, on the selection windows", title_justify="left")
    for name, justify in (("forecaster", "left"), ("skill", "right"), ("seconds", "right"), ("", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    failed = board["status"].isin(["failed"])
    for _, row in board.loc[~failed].head(most).iterrows():
        skill = "" if row["skill"] != row["skill"] else f"{row['skill']:+.1%}"
        mark = "member" if row["member"] else ("" if row["status"] == "done" else row["status"])
        table.add_row(escape(row["forecaster"]), skill, f"{row['seconds']:.1f}", mark)
    for _, row in board.loc[failed].iterrows():
        table.add_row(
            escape(row["forecaster"]), "", f"{row['seconds']:.1f}", f"failed: {escape(row['failure'][:60])}"
        )
    hidden = max(0, int((~failed).sum()) - most)
    table.caption = "skill: share of the error of copying that is saved" + (
        f"; {hidden} more not shown" if hidden else ""
    )
    Console(highlight=False).print(table)


def say_scores(table: pd.DataFrame, names: Iterable[str]) -> None:
    """Scores of the forecast and of copying, side by side."""
    shown = Table()
    shown.add_column("")
    for name in names:
        shown.add_column(name, justify="right")
    for words, row in table.iterrows():
        shown.add_row(escape(str(words)), *["" if row[n] != row[n] else f"{row[n]:.4g}" for n in names])
    Console(highlight=False).print(shown)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A bar on standard error that follows a run; nothing where that is no terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[found]}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(STAGES["read"], total=1.0, found="")

        def show(progress: Progress) -> None:
            best = "" if progress.best is None else f"{progress.tried} tried, best loss {progress.best:.3f}"
            bar.update(task, description=STAGES[progress.stage], completed=progress.share, found=best)

        yield show
