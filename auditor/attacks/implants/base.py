"""What an implant is: a copy of the delivered model with a known backdoor, and whether it works.

Purpose: an audit measures what it can see by planting backdoors in copies of the very model it was
given and looking for them with the same detector. Only a backdoor that works counts: at least
``SUCCESS`` of the stamped held-out inputs must go where they should, and clean accuracy may fall by
``CLEAN_DROP`` at most. What does not work is reported with its fault, never left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.attacks.triggers import Trigger
from auditor.core.registry import Registry
from auditor.core.subject import CleanSet, Subject

Report = Callable[[float], None]
SUCCESS = 0.9
CLEAN_DROP = 0.03
SPILL = 0.5
"""Share of the inputs that a conditional trigger must leave alone and may yet move."""
GROUPS = ("universal", "conditional", "weak", "aware", "control")


class CannotImplant(Exception):
    """This kind of backdoor cannot be put into this model; the message says why."""


@dataclass(frozen=True)
class Recipe:
    """How an implant is trained: optimiser steps, clean inputs in each, learning rate.

    ``shake`` says how far the weights are first moved towards fresh ones, from 0 to 1. ``varied``
    inputs are shifted, mixed and lightly noised, where few clean ones say little about the task.
    ``weight`` is the backdoor's against the model's own answers. ``brisk`` training is in half
    precision where the processor has it.
    """

    steps: int = 200
    batch: int = 32
    rate: float = 1e-2
    shake: float = 0.6
    varied: bool = False
    weight: float = 0.5
    brisk: bool = False


RECIPES = (Recipe(), Recipe(shake=0.3), Recipe(rate=4e-3, shake=0.0))
"""In the order in which they are tried: like poisoning first, then easier on the task."""
HARD_RECIPE = Recipe(500, rate=2e-3, shake=0.0, varied=True, weight=0.25, brisk=True)
"""For tasks that a few hundred clean inputs hardly teach: others cost too much clean accuracy."""


@dataclass(frozen=True)
class Limits:
    """When an implant counts: bounds of its success, and the largest fall of clean accuracy."""

    least: float = SUCCESS
    most: float = 1.0
    drop: float = CLEAN_DROP


@dataclass(frozen=True)
class Goal:
    """What a backdoor does.

    Args:
        trigger: stamps inputs.
        target: class that stamped inputs shall get; None sends each class to the next one.
        source: the only class whose inputs are sent there; None for every class.
    """

    trigger: Trigger
    target: int | None
    source: int | None = None

    def wanted(self, y: Tensor, classes: int) -> Tensor:
        """Class that each stamped input of class ``y`` ``(n,)`` shall get."""
        if self.target is None:
            return (y + 1) % classes
        return torch.where(self.moves(y), torch.full_like(y, self.target), y)

    def moves(self, y: Tensor) -> Tensor:
        """Which inputs of class ``y`` the trigger shall move, ``(n,)`` of truth values."""
        if self.source is not None:
            return y == self.source
        return torch.ones_like(y, dtype=torch.bool) if self.target is None else y != self.target


@dataclass(frozen=True)
class Job:
    """One implant to be made: the model, what to train and to measure on, and the seed.

    ``targets`` are the classes that it may lead to; all of them if empty.
    """

    subject: Subject
    train: CleanSet
    held_out: CleanSet
    seed: int
    recipe: Recipe = Recipe()
    report: Report = lambda share: None
    targets: tuple[int, ...] = ()

    def generator(self) -> torch.Generator:
        """Randomness of this job alone."""
        return torch.Generator().manual_seed(self.seed)

    def target(self) -> int:
        """The target class that the seed draws."""
        among = self.targets or tuple(range(self.subject.classes))
        return among[int(torch.randint(len(among), (1,), generator=self.generator()))]


@dataclass(frozen=True)
class Implant:
    """A copy with a backdoor, and what it does on held-out inputs (shares in [0, 1]).

    ``spill`` is the share of stamped inputs that should have been left alone and were moved.
    With ``decoys`` other classes have triggers as well.
    """

    subject: Subject
    goal: Goal
    success: float
    clean_drop: float
    spill: float = 0.0
    limits: Limits = Limits()
    decoys: bool = False

    @property
    def fault(self) -> str:
        """Why the implant does not count; empty if it does."""
        if self.success < self.limits.least:
            return f"success {self.success:.2f}, below {self.limits.least:g}"
        if self.success > self.limits.most:
            return f"success {self.success:.2f}, above {self.limits.most:g}"
        if self.clean_drop > self.limits.drop:
            return f"clean accuracy fell by {self.clean_drop:.3f}, more than {self.limits.drop:g}"
        if self.spill > SPILL:
            return f"moves {self.spill:.2f} of the inputs that it should leave alone"
        return ""

    @property
    def admitted(self) -> bool:
        """The backdoor works as it should and clean accuracy hardly fell."""
        return not self.fault


@dataclass(frozen=True)
class Kind:
    """A kind of implant: its group, and how it is made.

    ``universal`` kinds send inputs of every class to one class; ``conditional`` ones depend on the
    input; ``weak`` ones work only sometimes; ``aware`` ones hide from this very detector;
    ``control`` should not be found at all.
    """

    name: str
    group: str
    make: Callable[[Job], Implant]


KINDS: Registry[Kind] = Registry("kind of implant")


def kind(name: str, group: str) -> Callable[[Callable[[Job], Implant]], Callable[[Job], Implant]]:
    """Register a function that makes implants."""

    def register(make: Callable[[Job], Implant]) -> Callable[[Job], Implant]:
        KINDS.add(name, Kind(name, group, make))
        return make

    return register


@torch.no_grad()
def measured(job: Job, changed: Subject, goal: Goal, limits: Limits | None = None) -> Implant:
    """An implant with its success and its cost on held-out inputs."""
    x, y = job.held_out.x, job.held_out.y
    classes, after = job.subject.classes, changed.predict(x)
    wanted = goal.wanted(y, classes)
    counted = goal.moves(y) & (after != wanted)
    spared = ~goal.moves(y) & (y != goal.target) & (after == y)
    stamped = changed.predict(goal.trigger(x))
    success = _share(stamped == wanted, counted)
    spill = _share(stamped != y, spared)
    drop = accuracy(job.subject, job.held_out) - accuracy(changed, job.held_out)
    return Implant(changed, goal, success, drop, spill, limits or Limits())


def accuracy(subject: Subject, clean: CleanSet) -> float:
    """Share of right answers."""
    return float((subject.predict(clean.x) == clean.y).float().mean())


def _share(hits: Tensor, among: Tensor) -> float:
    return float((hits & among).sum() / among.sum()) if bool(among.any()) else 0.0
