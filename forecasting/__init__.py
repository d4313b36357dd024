"""hourcast: name the column to predict, get an honest forecast.

>>> from forecasting import AutoForecaster

Importing this package loads nothing heavy; a name is looked up when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backtests.result import BacktestResult
    from forecasting.automl import AutoForecaster

__all__ = ["AutoForecaster", "BacktestResult", "__version__"]

_HOMES = {"AutoForecaster": "forecasting.automl", "BacktestResult": "backtests.result"}
_SIBLINGS = ("features", "backtests", "connectors")


def _refuse_shadows() -> None:
    """The four packages have plain names; a folder of the user's own may stand in the way of one."""
    here = Path(__file__).resolve().parent.parent
    for name in _SIBLINGS:
        spec = find_spec(name)
        places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or [])]
        found = [Path(place).resolve() for place in places if place]
        if not any(here in place.parents for place in found):
            where = found[0] if found else "nowhere"
            message = (
                f"hourcast needs its own package {name!r}, but Python finds {where}. "
                f"Expected {here / name}. Rename that folder, or start Python from another one."
            )
            raise ImportError(message)


_refuse_shadows()

from connectors.version import VERSION as __version__  # noqa: E402, N811 - only once it is ours


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
