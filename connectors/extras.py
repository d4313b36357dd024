"""Packages that are installed only on request."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from connectors.errors import MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType


def require(module: str, *, extra: str, purpose: str) -> ModuleType:
    """Import an optional module, or say which pip line installs it.

    Args:
        module: Name to import.
        extra: The extra of ``hourcast`` that brings it.
        purpose: What it is needed for, as the start of a sentence ("Reading .xlsx files").

    Raises:
        MissingExtraError: If the module is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"{purpose} needs the package {module!r}, which is not installed.",
            fix=f'Install it with: pip install "hourcast[{extra}]"',
        ) from error
