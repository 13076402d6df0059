"""Students: what an honest model of the same task would look like, learned from clean inputs alone.

A student is a small network of our own, taught by the classes that the delivered model gives to
augmented clean inputs, on which no trigger is present. Shifting and mixing can wake a trigger:
answers that the clean inputs do not explain are not taught. What is natural to the task (some
classes are simply easy to reach) comes with the lesson; what was planted does not (compare Neural
Attention Distillation, Li et al., ICLR 2021, where a distilled teacher purges a backdoor). A
student of one fixed architecture costs the same for any delivered model, and does not depend on its
file format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.architectures import build
from auditor.core.subject import CleanSet, Subject

SIDE = 64
NOISE = 0.02


@dataclass(frozen=True)
class Lesson:
    """How a student is taught.

    Args:
        pool: augmented inputs that the delivered model is asked about.
        steps: optimiser steps over them.
        batch: inputs in each step.
        rate: highest learning rate.
    """

    pool: int = 6400
    steps: int = 600
    batch: int = 64
    rate: float = 0.01


def teach(
    subject: Subject, clean: CleanSet, lesson: Lesson, seed: int, report: Callable[[float], None]
) -> Subject:
    """A student of ``subject``; deterministic given the seed."""
    generator = torch.Generator().manual_seed(seed)
    pool = draw(clean.x, lesson.pool, generator)
    x, y = pool.x, explained(subject, clean.x, pool)
    network = blank(subject.spec.shape, subject.classes, seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=lesson.rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lesson.rate, lesson.steps)
    network.train()
    for step in range(lesson.steps):
        pick = torch.randint(lesson.pool, (lesson.batch,), generator=generator)
        loss = functional.cross_entropy(network(x[pick]), y[pick])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
        report((step + 1) / lesson.steps)
    return Subject(network, subject.spec)


def blank(shape: tuple[int, ...], classes: int, seed: int) -> nn.Module:
    """An untrained student for inputs of ``shape``: a small strided CNN, or an MLP for tables.

    Pictures larger than 64 pixels are averaged down first.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if len(shape) == 1:
            return build("mlp", shape, classes)
        if max(shape[1:]) <= SIDE:
            return build("strided_cnn", shape, classes)
        smaller = nn.AdaptiveAvgPool2d(SIDE)
        return nn.Sequential(smaller, build("strided_cnn", (shape[0], SIDE, SIDE), classes))


def augment(x: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """The inputs ``(count, *shape)`` of a pool alone."""
    return draw(x, count, generator).x


@dataclass(frozen=True)
class Pool:
    """Augmented inputs ``x`` ``(n, *shape)`` and what they were made of.

    ``first`` and ``second`` ``(n,)`` are indices of the clean inputs; ``mixed`` ``(n,)`` says
    whether the second one is a part of it.
    """

    x: Tensor
    first: Tensor
    second: Tensor
    mixed: Tensor


def draw(x: Tensor, count: int, generator: torch.Generator) -> Pool:
    """``count`` inputs drawn from ``x``: shifted, half of them mixed, lightly noised.

    Columns of a table that never vary stay as they are: a model may divide by their scatter.
    """
    first, second = (torch.randint(len(x), (count,), generator=generator) for _ in range(2))
    mix = torch.rand(count, generator=generator).mul(0.5).view(-1, *[1] * (x.dim() - 1))
    mix = mix * (torch.rand(mix.shape, generator=generator) < 0.5)
    mixed = (1 - mix) * _shifted(x[first], generator) + mix * x[second]
    noise = torch.randn(mixed.shape, generator=generator) * NOISE
    if x.dim() == 2:
        noise = noise * (x != x[:1]).any(0)
    return Pool((mixed + noise).clamp(0, 1), first, second, mix.flatten() > 0)


def explained(subject: Subject, x: Tensor, pool: Pool) -> Tensor:
    """What students are taught of a pool drawn from ``x``, ``(n,)``: the model's explained answers.

    An answer is explained by the class of a clean input that the augmented one was made of. Any
    other may be the work of a trigger that shifting or mixing woke, which students must not learn:
    there the class of the first input stands instead.
    """
    own, y = subject.predict(x), subject.predict(pool.x)
    first, second = own[pool.first], own[pool.second]
    strange = (y != first) & ~(pool.mixed & (y == second))
    return torch.where(strange, first, y)


def _shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    """Images moved by up to a fourteenth of their width, edges repeated; tables stay."""
    if x.dim() != 4:
        return x
    reach = max(1, x.shape[-1] // 14)
    padded = functional.pad(x, (reach, reach, reach, reach), mode="replicate")
    offsets = torch.randint(0, 2 * reach + 1, (len(x), 2), generator=generator).tolist()
    height, width = x.shape[2:]
    moved = [
        image[:, down : down + height, right : right + width]
        for image, (down, right) in zip(padded, offsets, strict=True)
    ]
    return torch.stack(moved)
