"""Partial calls in pickles: held back until it is known which function they hold.

Purpose: scikit-learn's estimators store ``functools.partial`` of functions that only compute. The
name is danger by itself; it is forgiven if a call gives it one such function alone, and BUILD
leaves that function in its place.
Limits: what the held function does with its arguments is trusted by its package.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.intake.inert import names
from auditor.intake.inert.log import Log
from auditor.intake.inert.values import Made

PARTIAL = "functools.partial"
CALLED = f"{PARTIAL}()"


@dataclass
class Partials:
    """Offsets of the partials of one pickle that are not forgiven."""

    found: list[int] = field(default_factory=list)

    def named(self, at: int) -> Made:
        """The name itself, danger until it is called rightly."""
        self.found.append(at)
        return Made(PARTIAL)

    def called(self, args: object) -> Made:
        """The call: forgiven with one known function and nothing else."""
        if self.found and isinstance(args, tuple) and len(args) == 1 and _computes(args[0]):
            self.found.pop()
        return Made(CALLED, args)

    def built(self, given: object, at: int) -> None:
        """BUILD exchanges the function; it has to be a known one again."""
        if not isinstance(given, tuple) or not given or not _computes(given[0]):
            self.found.append(at)

    def tell(self, log: Log) -> None:
        """Name what was not forgiven, and forget it."""
        for at in self.found:
            log.add("danger", "pickle.global", f"the pickle would call {PARTIAL}", at, PARTIAL)
        self.found.clear()


def _computes(value: object) -> bool:
    """A function of a scientific package that computes and does nothing else."""
    if not isinstance(value, Made):
        return False
    last = value.name.rpartition(".")[2]
    return names.kind(value.name) == "program" and last.islower() and "(" not in last
