"""The detector: trigger reconstruction on the delivered model, held against students.

For every class the smallest trigger is reconstructed in several forms on the delivered model and,
in the same way, on students that learned the task from clean inputs alone. Some classes are simply
easy to reach, and they are so in the students too; a class that is far easier to reach in the
delivered model than in its students was made so. The contrast is a log ratio of sizes, so that
it compares between models; each class is held against the others, which works for two classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import SUMMED, TOTAL, class_p_values, scale
from auditor.methods.inversion.forms import Form, forms_for
from auditor.methods.inversion.search import Sampler, Settings, flip_rates, search
from auditor.methods.students import Lesson, teach

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Effort:
    """How hard to look.

    Args:
        steps: optimiser steps of each search.
        per_step: inputs in each step, all classes together.
        students: number of students.
        lesson: how students are made.
    """

    steps: int = 150
    per_step: int = 120
    students: int = 3
    lesson: Lesson = field(default_factory=Lesson)

    def settings(self, classes: int, kind: type[Form] = Form) -> Settings:
        """Settings of one search over ``classes`` classes."""
        steps = max(1, round(kind.share * self.steps))
        return Settings(steps=steps, per_class=max(4, self.per_step // classes))

    def passes(self, classes: int, shape: tuple[int, ...]) -> int:
        """Inputs that pass forward and backward through one model in all searches."""
        searches = [self.settings(classes, kind) for kind in forms_for(shape)]
        return sum(one.steps * one.per_class * classes for one in searches)


@dataclass(frozen=True)
class Recovered:
    """Triggers of one form, one a class: log sizes, held-out flips and tries, each ``(K,)``."""

    form: Form
    log_size: Tensor
    flipped: Tensor
    tried: Tensor

    @property
    def rate(self) -> Tensor:
        """Share of held-out inputs of other classes that are flipped, ``(K,)``."""
        return self.flipped / self.tried.clamp_min(1)


@dataclass(frozen=True)
class Reference:
    """What the students say.

    Args:
        log_size: log trigger sizes, ``(students, K)`` for each form.
        agreement: share of held-out inputs on which students and model agree, in [0, 1].
    """

    log_size: dict[str, Tensor]
    agreement: float


@dataclass(frozen=True)
class Contrast:
    """How much easier each class is to reach than in the students, in units of clean scatter.

    Args:
        by_statistic: standardised log ratios ``(K,)`` of each form, and of ``total``, the sum of
            the forms that see most triggers.
    """

    by_statistic: dict[str, Tensor]

    @property
    def total(self) -> Tensor:
        """Contrast of the forms that see most triggers together, ``(K,)``."""
        return self.by_statistic[TOTAL]

    @property
    def p(self) -> Tensor:
        """Chance that one given class of a clean model contrasts as much, ``(K,)``."""
        return torch.tensor(class_p_values({k: v.tolist() for k, v in self.by_statistic.items()}))

    @property
    def order(self) -> Tensor:
        """Classes, most suspicious first."""
        return self.p.argsort(stable=True)


def reconstruct(
    subject: Subject,
    search_set: CleanSet,
    held_out: CleanSet,
    effort: Effort,
    seed: int,
    report: Report,
) -> dict[str, Recovered]:
    """The smallest trigger of each form for every class of one model."""
    predicted = subject.predict(search_set.x)
    found, forms = {}, forms_for(subject.spec.shape)
    for number, kind in enumerate(forms):
        generator = torch.Generator().manual_seed(seed)
        form = kind(subject.spec.shape, subject.classes, generator)
        sampler = Sampler(search_set, predicted, subject.classes, seed)

        def tell(share: float, done: int = number) -> None:
            report((done + share) / len(forms), "searching triggers")

        log_size = search(subject, form, sampler, effort.settings(subject.classes, kind), tell)
        found[kind.family] = Recovered(form, log_size, *flip_rates(subject, form, held_out))
    return found


def students(
    subject: Subject, clean: CleanSet, effort: Effort, seed: int, report: Report
) -> list[Subject]:
    """Students of one model; deterministic given the seed."""
    taught = []
    for number in range(effort.students):

        def tell(share: float, done: int = number) -> None:
            report((done + share) / effort.students, "teaching students")

        taught.append(teach(subject, clean, effort.lesson, seed + number, tell))
    return taught


def refer(
    subject: Subject,
    taught: list[Subject],
    search_set: CleanSet,
    held_out: CleanSet,
    effort: Effort,
    seed: int,
    report: Report,
) -> Reference:
    """Reconstruct on the students and see how well they know the task."""
    scans = []
    for number, student in enumerate(taught):

        def tell(share: float, note: str, done: int = number) -> None:
            report((done + share) / len(taught), note)

        scans.append(reconstruct(student, search_set, held_out, effort, seed, tell))
    sizes = {name: torch.stack([scan[name].log_size for scan in scans]) for name in scans[0]}
    own = subject.predict(held_out.x)
    same = torch.stack([student.predict(held_out.x) == own for student in taught])
    return Reference(sizes, float(same.float().mean()))


def contrast(found: dict[str, Recovered], reference: Reference) -> Contrast:
    """Standardised contrast of each class: each statistic over its scatter in clean models."""
    gaps = raw_contrast(found, reference.log_size)
    return Contrast({name: gap / scale(reference.agreement, name) for name, gap in gaps.items()})


def raw_contrast(found: dict[str, Recovered], log_size: dict[str, Tensor]) -> dict[str, Tensor]:
    """Log size on the students minus log size on the model, against the other classes.

    Returns:
        For each form, and for ``total``, ``(K,)``.
    """
    gaps = {
        family: against_others(log_size[family].mean(0) - own.log_size)
        for family, own in found.items()
    }
    return {**gaps, TOTAL: torch.stack([gaps[name] for name in SUMMED]).sum(0)}


def against_others(gap: Tensor) -> Tensor:
    """Each entry of ``(K,)`` minus the median of the K - 1 others.

    >>> against_others(torch.tensor([1.0, 0.25])).tolist()
    [0.75, -0.75]
    """
    others = gap.repeat(len(gap), 1)[~torch.eye(len(gap), dtype=torch.bool)]
    return gap - others.view(len(gap), -1).quantile(0.5, dim=1)
