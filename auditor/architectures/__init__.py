"""Constructors of small classifiers, by name: what bare weights are loaded into.

Purpose: deliveries often hold weights without code. These constructors are our own, so nothing of
the vendor's is executed. They also serve the benchmark and the tests.
Limits: only the architectures of `names()`; every network takes inputs in [0, 1] and returns
logits.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from auditor.architectures.registry import architecture, build, infer_classes, names

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["architecture", "build", "infer_classes", "names"]
