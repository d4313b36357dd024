"""A file is written whole or not at all: what a BI tool reads is never half a table."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


#: Waits before each new try to replace a file that another program holds [s].
WAITS = (0.1, 0.3, 0.9)


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside the old one, then put it in its place in one step.

    Whatever fails, the old file stays as it was and nothing else is left behind; but where another program holds the
    old file, the new one is kept beside it as ``name (2).csv``.

    Args:
        path: The file to make or replace; a link is followed.
        write: Writes the content to the path it is given.

    Raises:
        OutputError: If the folder is missing, the system refuses, or another program holds the file.
    """
    target = Path(path).resolve()
    with _reported(target):
        draft = _draft(target)
        try:
            write(draft)
            if target.exists():
                shutil.copymode(target, draft)
            _flush(draft)
            _put_in_place(draft, target)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    _flush_folder(target.parent)


def check_folder(path: Path) -> None:
    """Whether a file could be written there, found out before hours of work are spent on its content.

    Raises:
        OutputError: If it is a folder, its folder is missing, or the system refuses.
    """
    target = Path(path).resolve()
    with _reported(target):
        draft = _draft(target)
        try:
            draft.touch(exist_ok=False)
        finally:
            draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, target: Path) -> None:
    """Give the draft its name; where another program holds the file, wait a little, then keep it under another name.

    Windows lets nobody replace a file that is open, as Excel keeps those it shows.

    Raises:
        OutputError: If the file was kept under another name; it says which.
    """
    for wait in (*WAITS, None):
        try:
            draft.replace(target)
        except PermissionError as error:
            if wait is None:
                _keep_aside(draft, target, error)
            else:
                time.sleep(wait)
        else:
            return


def _keep_aside(draft: Path, target: Path, error: PermissionError) -> None:
    number = next(n for n in itertools.count(2) if not target.with_stem(f"{target.stem} ({n})").exists())
    aside = target.with_stem(f"{target.stem} ({number})")
    try:
        draft.replace(aside)
    except OSError:
        raise error from None
    raise OutputError(
        f"{str(target)!r} is held by another program, which did not let go of it: {error.strerror}.",
        expected="No program such as Excel has it open.",
        fix=f"What was to be written is in {aside.name!r}. Close the file, then run again.",
    ) from error


def _draft(target: Path) -> Path:
    if target.is_dir():
        raise OutputError(f"{str(target)!r} is a folder.", expected="The output is a file.", fix="Add a file name.")
    if not target.parent.is_dir():
        raise OutputError(
            f"There is no folder {str(target.parent)!r}.",
            expected="The folder of the output exists.",
            fix="Make it.",
        )
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")


@contextmanager
def _reported(target: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise OutputError(
            f"{str(target)!r} may not be written: {error.strerror}.",
            expected="The folder is open for writing and no other program holds the file.",
            fix="Close the file where it is open, or choose another folder.",
        ) from error
    except OSError as error:
        raise OutputError(
            f"{str(target)!r} could not be written: {error.strerror or error}.",
            fix="Check the disk and the path, then run again.",
        ) from error


def _flush(path: Path) -> None:
    """Have the content on the disk before the name points to it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    # Windows opens no folders; there the name is safe once replaced.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
