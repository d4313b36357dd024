"""Families of files that a general reader would misread, one family a file. Importing this folder registers all."""

from importlib import import_module
from pkgutil import iter_modules

from connectors.files.families.family import FAMILIES, TableFamily, TextFamily, is_known, read_document, read_known

__all__ = ["FAMILIES", "TableFamily", "TextFamily", "is_known", "read_document", "read_known"]

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")
