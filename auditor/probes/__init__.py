"""One question per file. ``discover`` imports every probe so that the registry knows it."""

from __future__ import annotations

import importlib
import pkgutil


def discover() -> None:
    """Import all modules of this package."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
