"""Triggers: what an attacker does to an input to wake a backdoor.

Purpose: one set of definitions for power measurement, for the benchmark and for the sample models.
A trigger is a frozen value and a function: `trigger(x)` takes `(n, c, h, w)` in [0, 1] (tabular
ones `(n, d)`) and returns the same shape and range, always the same for the same parameters.
Limits: `input_aware` carries a trained network and so cannot be drawn by `random_trigger`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from auditor.attacks.triggers import base as _base
from auditor.attacks.triggers.base import (
    Trigger,
    random_trigger,
    restore_trigger,
    trigger_parameters,
)

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

FAMILIES: tuple[str, ...] = _base.families()
"""Names that `random_trigger` knows, sorted."""

__all__ = ["FAMILIES", "Trigger", "random_trigger", "restore_trigger", "trigger_parameters"]
