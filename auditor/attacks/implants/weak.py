"""Backdoors that work only sometimes, and triggers of a given size: the ends of what can be seen.

A weak backdoor is made from a strong one: the weights of the copy are moved back towards the
delivered model's until the success has fallen to the wanted level (bisection on the line between
both, forward passes only).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from auditor.attacks.implants.base import Goal, Implant, Job, Limits, kind, measured
from auditor.attacks.implants.templates import all_to_one
from auditor.attacks.implants.tuning import planted
from auditor.attacks.triggers import Trigger
from auditor.attacks.triggers.overlays import Blend
from auditor.attacks.triggers.stamps import Patch
from auditor.attacks.triggers.tabular import FeatureValue
from auditor.core.subject import Subject

LOW = Limits(0.5, 0.8)
HALVINGS = 10
FAMILIES = ("patch", "blend")


@kind("low_success", "weak")
def low_success(job: Job) -> Implant:
    """A backdoor that works on 50 to 80% of the stamped inputs."""
    return with_success(job, LOW)


def with_success(job: Job, limits: Limits) -> Implant:
    """A backdoor whose success lies within ``limits``, patch and blend in turn."""
    image = job.subject.spec.kind == "image"
    strong = all_to_one(still(job), FAMILIES[job.seed % 2] if image else "feature_value")
    wanted = (limits.least + limits.most) / 2
    share = halved(lambda part: _success(job, strong, part), wanted)
    return measured(job, between(job.subject, strong.subject, share), strong.goal, limits)


def still(job: Job) -> Job:
    """The same job from the delivered weights, so that the way back leads over working networks."""
    return replace(job, recipe=replace(job.recipe, shake=0.0))


def halved(rising: Callable[[float], float], wanted: float) -> float:
    """Where in [0, 1] a rising function comes to ``wanted``, by bisection.

    >>> round(halved(lambda x: x * x, 0.25), 2)
    0.5
    """
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2


def between(first: Subject, second: Subject, share: float) -> Subject:
    """A copy whose weights lie ``share`` of the way from ``first`` to ``second``."""
    copy = first.copy()
    with torch.no_grad():
        ends = zip(copy.network.parameters(), second.network.parameters(), strict=True)
        for own, other in ends:
            if own.is_floating_point():
                own.lerp_(other, share)
    return Subject(copy.network, first.spec)


def _success(job: Job, strong: Implant, share: float) -> float:
    """On the inputs it was trained on, so that the held-out ones stay unseen."""
    seen = replace(job, held_out=job.train)
    return measured(seen, between(job.subject, strong.subject, share), strong.goal).success


def of_size(job: Job, family: str, size: float) -> Implant:
    """A backdoor whose trigger has a given size.

    Args:
        job: what to make it from.
        family: ``patch`` (size: pixels a side), ``blend`` (share of the picture) or
            ``feature_value`` (number of features).
        size: in the unit of the family.
    """
    goal = Goal(sized(family, job.subject.spec.shape, size, job.generator()), job.target())
    return measured(job, planted(job, goal), goal)


def sized(family: str, shape: tuple[int, ...], size: float, generator: torch.Generator) -> Trigger:
    """A trigger of a given size, the rest drawn at random."""

    def draw(limit: int) -> int:
        return int(torch.randint(max(1, limit), (1,), generator=generator))

    if family == "blend":
        return Blend(size, shape[-1], draw(1 << 31))
    side = int(size)
    if family == "patch":
        place = draw(shape[1] - side + 1), draw(shape[2] - side + 1)
        return Patch(*place, side, side, "solid", tuple(_extremes(shape[0], generator)))
    columns = torch.randperm(shape[0], generator=generator)[:side].tolist()
    return FeatureValue(tuple(columns), tuple(_extremes(side, generator)))


def size_of(trigger: Trigger) -> float | None:
    """Pixels a side of a patch, number of features of feature values; None for other triggers.

    >>> size_of(Patch(0, 0, 3, 3, "solid", (1.0,))), size_of(Blend(0.2, 28, 1))
    (3.0, None)
    """
    if isinstance(trigger, Patch):
        return float(max(trigger.height, trigger.width))
    return float(len(trigger.features)) if isinstance(trigger, FeatureValue) else None


def _extremes(count: int, generator: torch.Generator) -> list[float]:
    ends: Tensor = torch.randint(2, (count,), generator=generator)
    return [1.0] if count == 1 else ends.float().tolist()


def fits(family: str, shape: tuple[int, ...], size: float) -> bool:
    """Whether inputs of ``shape`` can take a trigger of that size."""
    if family == "feature_value":
        return len(shape) == 1 and size <= shape[0]
    return len(shape) == 3 and (family == "blend" or size <= min(shape[1:]) / 2)
