"""The lines of a large file, some at a time, read by several threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from connectors.files.fields import PADDING
from connectors.files.words import DoesNotFit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import FileIO
    from pathlib import Path

    from numpy.typing import NDArray

T = TypeVar("T")

#: What is read at once [bytes]: so much that threads seldom wait for one another, and little beside the columns.
BLOCK = 1 << 22
#: Longest line of a plain file [bytes], and most threads.
LONGEST_LINE, MOST_THREADS = 1 << 16, 4


def read_blocks(path: Path, start: int, read: Callable[[NDArray[np.uint8]], T]) -> Iterator[T]:
    """What is read from the lines that begin behind some place of a file, in their order.

    Args:
        path: The file.
        start: Where the first line begins [bytes].
        read: What is made of whole lines, behind which stand ``PADDING`` bytes that are none of theirs.

    Raises:
        DoesNotFit: If ``read`` says so of any, or a line is too long.
    """
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    free: SimpleQueue[NDArray[np.uint8]] = SimpleQueue()
    for _ in range(threads):
        free.put(np.empty(BLOCK + LONGEST_LINE + PADDING, dtype=np.uint8))
    failed = Event()

    def one(place: int) -> T | None:
        # One cell that does not fit is enough.
        if failed.is_set():
            return None
        space = free.get()
        try:
            lines = _block(path, place, space, is_first=place == start)
            return read(lines) if len(lines) else None
        except DoesNotFit:
            failed.set()
            raise
        finally:
            free.put(space)

    with ThreadPoolExecutor(threads) as pool:
        yield from (found for found in pool.map(one, range(start, path.stat().st_size, BLOCK)) if found is not None)


def _block(path: Path, place: int, space: NDArray[np.uint8], *, is_first: bool) -> NDArray[np.uint8]:
    """The lines that begin in a block of a file, and behind them ``PADDING`` bytes that are none of theirs."""
    # Where a newline stands right before the block, a line begins with it.
    before = 0 if is_first else 1
    with path.open("rb", buffering=0) as file:
        file.seek(place - before)
        size = _fill(file, space[:-PADDING])
    if size < len(space) - PADDING:
        # The file ends here: behind its last line there may be a newline, none, or several.
        while size and int(space[size - 1]) in b"\r\n":
            size -= 1
        space[size] = ord("\n")
        size += 1
    data = space[:size]
    first = 0 if is_first else _behind_newline(data, 0)
    end = _behind_newline(data, BLOCK - 1 + before) if size >= BLOCK + before else size
    return space[first : end + PADDING] if first < end else space[:0]


def _behind_newline(data: NDArray[np.uint8], place: int) -> int:
    """The place behind the first newline from some place on."""
    found = data[place : place + LONGEST_LINE].tobytes().find(b"\n")
    if found < 0:
        raise DoesNotFit
    return place + found + 1


def _fill(file: FileIO, space: NDArray[np.uint8]) -> int:
    """Read until there is no more room or no more file, and say how many bytes."""
    size = 0
    while size < len(space) and (more := file.readinto(space[size:].data)):
        size += more
    return size
