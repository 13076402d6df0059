"""Implants: known backdoors put into copies of the delivered model with the clean set alone.

Each kind has a file and a line in the registry ``KINDS``; ``plant`` makes one.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from auditor.attacks.implants.base import (
    HARD_RECIPE,
    KINDS,
    RECIPES,
    CannotImplant,
    Goal,
    Implant,
    Job,
    Kind,
    Limits,
    Recipe,
)

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def plant(name: str, job: Job) -> Implant:
    """An implant of one kind; see `Implant.admitted` for whether it works.

    Raises:
        CannotImplant: this model cannot take that kind, and why.
        AuditorError: unknown kind.
    """
    return KINDS[name].make(job)


__all__ = [
    "HARD_RECIPE",
    "KINDS",
    "RECIPES",
    "CannotImplant",
    "Goal",
    "Implant",
    "Job",
    "Kind",
    "Limits",
    "Recipe",
    "plant",
]
