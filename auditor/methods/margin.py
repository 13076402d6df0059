"""Maximum margin: how far can clean inputs be driven into each class, and how far in students?

A backdoor makes its target reachable beyond what the task needs, so that the largest margin of its
logit over the others is larger than that of other classes (MM-BD, Wang et al., IEEE S&P 2024).
Here the ascent starts from clean inputs of the other classes instead of noise, goes a fixed way,
and is held against the same ascent on students instead of a gamma tail over the model's own
classes: some classes have large margins in every honest model. Logits are in units of the model's
usual margin, so that a vendor who scales them changes nothing.
Limits: sees triggers that lead every class to one; neither all-to-all nor source-specific ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.clean_scores import largest_p_value, scale, unit_p_values
from auditor.methods.inversion.gaps import against_others
from auditor.methods.inversion.goals import Goals, Sampler, everywhere, margins
from auditor.methods.inversion.search import MARGIN, at_once, logit_scale
from auditor.methods.swift import swift

Report = Callable[[float], None]
NAME = "margin"
FLOOR = 0.1
"""Least margin that counts, in usual margins; an ascent that fails ends below zero."""


@dataclass(frozen=True)
class Ascent:
    """How far the ascent goes.

    Args:
        steps: gradient steps.
        inputs: start inputs of all classes together, but two a class at least.
        rate: root mean square of each step, in units of the input range.
        momentum: share of the step before that is kept.
    """

    steps: int = 20
    inputs: int = 40
    rate: float = 0.035
    momentum: float = 0.5

    def per_class(self, classes: int) -> int:
        """Start inputs of one class."""
        return max(2, math.ceil(self.inputs / classes))

    def passes(self, classes: int) -> int:
        """Inputs that pass forward and backward through one model."""
        return self.steps * classes * self.per_class(classes)


@dataclass(frozen=True)
class Contrast:
    """Largest margins of one model and of its students.

    Args:
        own: mean largest margin of each class, in usual margins, ``(K,)``.
        students: the same, ``(students, K)``.
        agreement: share of clean inputs on which students and model agree, in [0, 1].
    """

    own: Tensor
    students: Tensor
    agreement: float

    @property
    def raw(self) -> Tensor:
        """Log margin, model over students, against the median of the other classes, ``(K,)``."""
        honest = self.students.clamp_min(FLOOR).log().mean(0)
        return against_others(self.own.clamp_min(FLOOR).log() - honest)

    @property
    def standardised(self) -> Tensor:
        """Contrasts in units of clean models' scatter at this agreement, ``(K,)``."""
        return self.raw / scale(NAME, self.agreement)

    @property
    def p_classes(self) -> list[float]:
        """Chance that one given class of a clean model contrasts as much."""
        return unit_p_values({NAME: self.standardised.tolist()})

    @property
    def p_value(self) -> float:
        """Chance that any class of a clean model contrasts as much."""
        return largest_p_value(self.p_classes)


def contrast(
    subject: Subject,
    taught: list[Subject],
    clean: CleanSet,
    ascent: Ascent,
    seed: int,
    report: Report = lambda share: None,
) -> Contrast:
    """Ascend on the model and on each student."""
    found = []
    for number, one in enumerate((subject, *taught)):

        def tell(share: float, done: int = number) -> None:
            report((done + share) / (1 + len(taught)))

        goals = everywhere(subject.classes)
        found.append(largest_margins(swift(one, clean.x), clean, goals, ascent, seed, tell))
    own = subject.predict(clean.x)
    same = torch.stack([student.predict(clean.x) == own for student in taught])
    return Contrast(found[0], torch.stack(found[1:]), float(same.float().mean()))


def largest_margins(
    subject: Subject, clean: CleanSet, goals: Goals, ascent: Ascent, seed: int, report: Report
) -> Tensor:
    """Mean margin by which each goal is met after the ascent, in usual margins, ``(n,)``."""
    sampler = Sampler(clean, subject.predict(clean.x), goals, seed)
    x, candidate, own = sampler.draw(ascent.per_class(len(goals)))
    target = goals.target[candidate]
    unit = logit_scale(subject, clean) / MARGIN
    parts = torch.split(torch.arange(len(x)), at_once(subject))
    reached = []
    for number, part in enumerate(parts):
        reached.append(unit * _ascended(subject, x[part], own[part], target[part], ascent))
        report((number + 1) / len(parts))
    return torch.cat(reached).view(len(goals), -1).mean(1)


def _ascended(subject: Subject, x: Tensor, own: Tensor, target: Tensor, ascent: Ascent) -> Tensor:
    """Margins ``(n,)`` of ``x`` after gradient steps of one length within [0, 1]."""
    shape = (-1, *[1] * (x.dim() - 1))
    moved, velocity = x.clone(), torch.zeros_like(x)
    for _ in range(ascent.steps):
        moved.requires_grad_(True)
        height = margins(subject(moved), own, target).sum()
        (slope,) = torch.autograd.grad(height, moved)
        length = slope.flatten(1).square().mean(1).sqrt().clamp_min(1e-12).view(shape)
        velocity = ascent.momentum * velocity + slope / length
        moved = (moved.detach() + ascent.rate * velocity).clamp(0, 1)
    with torch.no_grad():
        return margins(subject(moved), own, target)
