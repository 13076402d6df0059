"""The students of one model: how they are made, and what they could learn of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.effort import Effort
from auditor.methods.students import teach
from auditor.methods.swift import swift

Report = Callable[[float, str], None]
LEAST_AGREEMENT = 0.4
"""Students of every model of the development bank agree with it on more inputs than this (.57)."""
RARE = 0.25
"""Share of an equal share of clean inputs that a class must be given, to be taught to students."""


def students(
    subject: Subject, clean: CleanSet, effort: Effort, seed: int, report: Report
) -> list[Subject]:
    """Students of one model; deterministic given the seed."""
    subject, taught = swift(subject, clean.x), []
    for number in range(effort.students):

        def tell(share: float, done: int = number) -> None:
            report((done + share) / effort.students, "teaching students")

        taught.append(teach(subject, clean, effort.lesson, seed + number, tell))
    return taught


@dataclass(frozen=True)
class Learned:
    """What students could learn of a model: ``agreement`` and ``rare`` as in `Reference`."""

    agreement: float
    rare: tuple[int, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether anything can be said of the model against such students."""
        return self.agreement >= LEAST_AGREEMENT


def learned(
    subject: Subject, taught: list[Subject], search_set: CleanSet, held_out: CleanSet
) -> Learned:
    """How well students know the model, and what they cannot know."""
    rare = rarely_given(subject, torch.cat([search_set.x, held_out.x]))
    return Learned(agreement(subject, taught, held_out), rare)


def rarely_given(subject: Subject, x: Tensor) -> tuple[int, ...]:
    """Classes that the model gives to fewer of ``x`` than `RARE` of an equal share."""
    given = torch.bincount(subject.predict(x), minlength=subject.classes)
    return tuple((given < RARE * len(x) / subject.classes).nonzero()[:, 0].tolist())


def agreement(subject: Subject, taught: list[Subject], held_out: CleanSet) -> float:
    """Share of held-out inputs to which a student gives the model's class, in [0, 1]."""
    own = subject.predict(held_out.x)
    same = torch.stack([student.predict(held_out.x) == own for student in taught])
    return float(same.float().mean())
