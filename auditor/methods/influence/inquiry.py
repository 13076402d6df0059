"""One trace within an audit: everything that it is about, and what is asked of it afterwards.

Purpose: the probe decides; here the trigger's question, what weights that learned nothing make of
it, whose labels rest on the trigger, and the removal of suspects are put together.
Limits: a network that cannot be copied or trained leaves some questions open (None).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from auditor.core.probe import Context
from auditor.methods.influence.null import Material
from auditor.methods.influence.reliance import GIVEN_UP, reliance
from auditor.methods.influence.removal import Recipe, Removal, Suspects, remove
from auditor.methods.influence.store import Check
from auditor.methods.influence.untaught import untaught_scores
from auditor.methods.influence.witness import Witness

if TYPE_CHECKING:
    from auditor.core.subject import CleanSet, Subject, TrainingSet
    from auditor.methods.influence.residual import Group

ASKED = 24
UNCOPIED = (RuntimeError, ValueError, TypeError, NotImplementedError)
"""What a network raises that cannot be copied or trained."""


@dataclass(frozen=True)
class Inquiry:
    """Everything that one trace is about."""

    subject: Subject
    clean: CleanSet
    training: TrainingSet
    trigger: Witness
    context: Context

    @cached_property
    def material(self) -> Material:
        """What questions are asked of."""
        return Material(self.subject.network, self.clean, self.subject.classes, self.context.seed)

    @property
    def question(self) -> Group:
        """The trigger's inputs, asked about its target."""
        return self.material.question(self.trigger.triggered[:ASKED], self.trigger.target)

    def part(self, start: float, width: float) -> Check:
        """Progress within a share of the whole probe."""
        return part(self.context, start, width)

    def untaught(self) -> Tensor | None:
        """Scores under shuffled weights; None where the network cannot be copied."""
        network, data = self.subject.network, self.training.data
        try:
            return untaught_scores(network, data, self.question, self.part(0.8, 0.05))
        except UNCOPIED:
            return None

    def reliant(self, accused: Tensor) -> float:
        """Share whose label falls without the trigger; this needs a model that learned it."""
        named = self.training.data.take(accused)
        fallen = reliance(self.subject.network, named, self.trigger.change)
        return float((fallen >= GIVEN_UP).float().mean())

    def removed(self, suspects: Suspects, draws: int) -> Removal | None:
        """What becomes of the trigger; None where the network cannot be copied and trained."""
        given, data = self.training.recipe, self.training.data
        try:
            return remove(
                self.subject.network, data, suspects, self.trigger.effect(self.clean),
                Recipe.of(given) if given else None, draws, self.context.seed,
                self.part(0.85, 0.15),
            )  # fmt: skip
        except UNCOPIED:
            return None


def part(context: Context, start: float, width: float) -> Check:
    """Progress within a share of the whole probe."""
    return lambda share, note: context.check(start + width * share, note)


def standing_out(y: Tensor, found: Tensor) -> Suspects:
    """Suspects who are mostly of one class, to be compared with others of their labels.

    Any trigger towards a class needs its samples: those of all classes would be no match. All
    others where those labels have too few.
    """
    same = torch.isin(y, y[found])
    same[found] = False
    others = same.nonzero()[:, 0]
    return Suspects(found, found, others if len(others) >= len(found) else None)
