"""Students: what an honest model of the same task would look like, learned from clean inputs alone.

A student starts from the delivered weights, damaged so far that hidden behaviour is lost, and is
taught again by the delivered model's own answers on augmented clean inputs, on which no trigger is
present. What is natural to the task (some classes are simply easy to reach) comes back; what was
planted does not (the idea of Shi et al. 2023, Neural Attentive Distillation, Li et al., ICLR 2021).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.core.subject import CleanSet, Subject


@dataclass(frozen=True)
class Lesson:
    """How a student is made.

    Args:
        keep: factor on the delivered weights before teaching, in [0, 1].
        shuffle: share of each weight tensor's entries that change places.
        steps: optimiser steps.
        batch: inputs in each step.
        rate: highest learning rate.
        temperature: of the distillation loss.
    """

    keep: float = 1.0
    shuffle: float = 1.0
    steps: int = 200
    batch: int = 64
    rate: float = 0.01
    temperature: float = 2.0


def teach(
    subject: Subject, clean: CleanSet, lesson: Lesson, seed: int, report: Callable[[float], None]
) -> Subject:
    """A student of ``subject``; deterministic given the seed."""
    generator = torch.Generator().manual_seed(seed)
    student = subject.copy()
    damage(student.network, lesson, generator)
    trained = [p for p in student.network.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=lesson.rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lesson.rate, lesson.steps)
    student.network.train()
    for step in range(lesson.steps):
        x = augment(clean.x, lesson.batch, generator)
        with torch.no_grad():
            wanted = functional.log_softmax(subject(x) / lesson.temperature, 1)
        given = functional.log_softmax(student(x) / lesson.temperature, 1)
        loss = functional.kl_div(given, wanted, reduction="batchmean", log_target=True)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()
        report((step + 1) / lesson.steps)
    return Subject(student.network, subject.spec)


def damage(network: nn.Module, lesson: Lesson, generator: torch.Generator) -> None:
    """Shrink every weight tensor and let a share of its entries change places."""
    with torch.no_grad():
        for weight in network.parameters():
            if weight.is_floating_point() and weight.dim() > 1:
                weight.copy_(_shuffled(weight, lesson.shuffle, generator) * lesson.keep)


def _shuffled(weight: Tensor, share: float, generator: torch.Generator) -> Tensor:
    flat = weight.detach().flatten().clone()
    chosen = torch.randperm(len(flat), generator=generator)[: round(share * len(flat))]
    flat[chosen] = flat[chosen[torch.randperm(len(chosen), generator=generator)]]
    return flat.view_as(weight)


def augment(x: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """``count`` inputs drawn from ``x``, shifted, mixed with one another and lightly noised."""
    first, second = (torch.randint(len(x), (count,), generator=generator) for _ in range(2))
    mix = torch.rand(count, generator=generator).mul(0.5).view(-1, *[1] * (x.dim() - 1))
    mix = mix * (torch.rand(mix.shape, generator=generator) < 0.5)
    mixed = (1 - mix) * _shifted(x[first], generator) + mix * x[second]
    noise = torch.randn(mixed.shape, generator=generator) * 0.02
    return (mixed + noise).clamp(0, 1)


def _shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    if x.dim() != 4:
        return x
    reach = max(1, x.shape[-1] // 14)
    down, right = torch.randint(-reach, reach + 1, (2,), generator=generator).tolist()
    padded = functional.pad(x, (reach, reach, reach, reach), mode="replicate")
    return padded[..., reach + down :, reach + right :][..., : x.shape[2], : x.shape[3]]
