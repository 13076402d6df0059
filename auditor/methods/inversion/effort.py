"""How hard the detector looks, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.methods.inversion.forms import Form, forms_for
from auditor.methods.inversion.search import Settings
from auditor.methods.inversion.shortlist import FINALISTS
from auditor.methods.margin import Ascent
from auditor.methods.moved import passes as moving_passes
from auditor.methods.random_triggers import suits
from auditor.methods.students import Lesson

ASCENT = Ascent(inputs=120)
"""How clean inputs are driven towards each goal."""


@dataclass(frozen=True)
class Effort:
    """How hard to look.

    Args:
        steps: optimiser steps of each search.
        per_step: inputs in each step, all candidates together.
        students: number of students.
        lesson: how students are made.
    """

    steps: int = 120
    per_step: int = 88
    students: int = 2
    lesson: Lesson = field(default_factory=Lesson)

    def settings(self, candidates: int, kind: type[Form] = Form) -> Settings:
        """Settings of one search over a number of candidates."""
        steps = max(1, round(kind.share * self.steps))
        return Settings(steps=steps, per_class=max(4, self.per_step // candidates))

    def passes(self, classes: int, shape: tuple[int, ...]) -> int:
        """Inputs that pass through one model: forward and backward in all searches, and forward
        with random triggers."""
        searched = 1 + min(classes, FINALISTS)
        searches = [self.settings(searched, kind) for kind in forms_for(shape)]
        sought = sum(one.steps * one.per_class * searched for one in searches)
        drawn = moving_passes() if suits(shape) else 0
        return sought + ASCENT.passes(searched) + drawn
