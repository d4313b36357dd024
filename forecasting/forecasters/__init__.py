"""The forecasters, one family a file. Importing this folder registers them all; heavy packages wait for a fit."""

from importlib import import_module
from pkgutil import iter_modules

from forecasting.forecasters.family import FORECASTERS, RegisteredForecaster, build, with_role

__all__ = ["FORECASTERS", "RegisteredForecaster", "build", "with_role"]

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
