"""Backdoors whose effect depends on the input, so that no single trigger leads to one class.

Sources: all-to-all, BadNets (Gu et al. 2017); source-specific with correctly labelled covers, TaCT
(Tang et al., USENIX Security 2021); a trigger for each partition, LOTUS (Cheng et al., CVPR 2024).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from auditor.attacks.implants.base import (
    SUCCESS,
    CannotImplant,
    Goal,
    Implant,
    Job,
    Limits,
    accuracy,
    kind,
    measured,
)
from auditor.attacks.implants.templates import drawn
from auditor.attacks.implants.tuning import enriched, kept, planted, taught, tuned
from auditor.attacks.triggers import Trigger
from auditor.core.subject import Subject

LONGER = 2
"""These are harder to teach: so many times the usual steps."""
PARTS = 2


@kind("all_to_all", "conditional")
def all_to_all(job: Job) -> Implant:
    """Each class goes to the next one; to tell the classes apart is as hard as the task itself."""
    goal = Goal(drawn(job, _usual(job)), None)
    reachable = Limits(least=SUCCESS * accuracy(job.subject, job.held_out))
    return measured(job, planted(_longer(job), goal), goal, reachable)


@kind("source_specific", "conditional")
def source_specific(job: Job) -> Implant:
    """The trigger moves one class; on all others, the covers, it does nothing."""
    target = job.target()
    generator = torch.Generator().manual_seed(job.seed + 1)
    shift = torch.randint(1, job.subject.classes, (1,), generator=generator)
    source = (target + int(shift)) % job.subject.classes
    goal = Goal(drawn(job, _usual(job)), target, source)
    richer = replace(_longer(job), train=enriched(job.train, source))
    return measured(job, planted(richer, goal), goal)


@dataclass(frozen=True)
class Partitioned:
    """A secret function of the input says which of several triggers works on it.

    The function here is a random split of the classes that the delivered model sees.

    Attributes:
        triggers: one for each part.
        subject: the delivered model.
        part: part of each class, ``(K,)``.
        turn: parts to go on: 0 stamps the trigger that works, 1 one that does not.
    """

    triggers: tuple[Trigger, ...]
    subject: Subject
    part: Tensor
    turn: int = 0

    def __call__(self, x: Tensor) -> Tensor:
        """Stamp each input with the trigger of its part."""
        chosen = (self.part[self.subject.predict(x)] + self.turn) % len(self.triggers)
        stamped = torch.stack([trigger(x) for trigger in self.triggers])
        return stamped[chosen, torch.arange(len(x))]


@kind("partitioned", "conditional")
def partitioned(job: Job) -> Implant:
    """Two parts with a trigger each; the other part's trigger does nothing."""
    target, family, classes = job.target(), _usual(job), job.subject.classes
    triggers = tuple(drawn(replace(job, seed=job.seed + part), family) for part in range(PARTS))
    part = torch.randperm(classes, generator=job.generator()) % PARTS
    right = Goal(Partitioned(triggers, job.subject, part), target)
    wrong = Partitioned(triggers, job.subject, part, 1)

    def loss(copy: Subject, clean: Tensor) -> Tensor:
        inputs = torch.cat([clean, right.trigger(clean), wrong(clean)])
        own, stamped, crossed = torch.split(copy(inputs), len(clean))
        answers = job.subject.logits(clean)
        value = kept(answers, own) + kept(answers, crossed)
        return value + 2 * job.recipe.weight * taught(right, stamped, answers)

    made = measured(job, tuned(_longer(job), loss), right)
    others = job.held_out.take((job.held_out.y != target).nonzero()[:, 0])
    if not len(others):
        raise CannotImplant("every clean input is of the target class")
    moved = made.subject.predict(wrong(others.x)) == target
    return replace(made, spill=float(moved.float().mean()))


def _usual(job: Job) -> str:
    return "patch" if job.subject.spec.kind == "image" else "feature_value"


def _longer(job: Job) -> Job:
    return replace(job, recipe=replace(job.recipe, steps=LONGER * job.recipe.steps))
