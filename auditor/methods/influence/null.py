"""Null queries for a trace: triggers that were searched for, not taught.

Purpose: a trigger that a search found is no random pattern: it moves any model, poisoned or not.
So the null is searched for as well: patterns on the same number of features (shifted elsewhere),
of the same strength, towards other classes, on the auditor's clean inputs.
Source: universal perturbations (Moosavi-Dezfooli et al. 2017), here confined to a support.
Limits: a model with several backdoors has real ones among the null, which makes the test cautious.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from auditor.core.subject import CleanSet
from auditor.methods.gradients import evaluating
from auditor.methods.influence.residual import Group
from auditor.methods.influence.store import Check, no_check
from auditor.methods.influence.trace import Queries

STEPS = 40
ASKED = 24
BESIDE = 128
FAINT = 0.05
"""Share of the strongest change below which a feature does not belong to a trigger."""


@dataclass(frozen=True)
class Material:
    """Where null queries come from.

    Args:
        network: the model at its final weights.
        clean: clean inputs in [0, 1] with labels.
        classes: number of classes.
    """

    network: nn.Module
    clean: CleanSet
    classes: int


def question(material: Material, x: Tensor, target: int, generator: Generator) -> Group:
    """Inputs ``x`` asked about ``target``, beside clean inputs of other classes."""
    others = material.clean.x[material.clean.y != target]
    drawn = others[torch.randperm(len(others), generator=generator)[:BESIDE]]
    return Group(*(Queries(part, torch.full((len(part),), target)) for part in (x, drawn)))


def null_questions(
    material: Material, change: Tensor, target: int, count: int, seed: int, check: Check = no_check
) -> list[Group]:
    """``count`` null queries.

    Args:
        material: model and clean inputs.
        change: what the trigger adds to inputs, ``(m, *shape)``.
        target: its class; null queries ask about all others in turn.
        count: 19 allow a verdict at .05.
        seed: of shifts, starts and inputs.
        check: called with the share done, may raise to stop.
    """
    generator = torch.Generator().manual_seed(seed)
    size = change.abs().mean(0)
    support, strength = size > FAINT * size.max(), float(change.abs().max())
    others = [k for k in range(material.classes) if k != target]
    groups = []
    for number in range(count):
        check(number / count, "null queries")
        towards = others[number % len(others)]
        where = _moved(support, generator)
        groups.append(_searched(material, where, strength, towards, generator))
    return groups


def _moved(support: Tensor, generator: Generator) -> Tensor:
    """The support somewhere else: images are shifted round, tables are shuffled."""
    if support.dim() < 3:
        order = torch.randperm(support.numel(), generator=generator)
        return support.flatten()[order].reshape(support.shape)
    height, width = support.shape[-2:]
    down, right = (int(torch.randint(0, n, (1,), generator=generator)) for n in (height, width))
    return torch.roll(support, (down, right), (-2, -1))


def _searched(
    material: Material, where: Tensor, strength: float, towards: int, generator: Generator
) -> Group:
    others = material.clean.x[material.clean.y != towards]
    drawn = others[torch.randperm(len(others), generator=generator)[: 2 * ASKED]]
    pattern = _pattern(material.network, drawn, where, strength, towards, generator)
    return question(material, (drawn[:ASKED] + pattern).clamp(0, 1), towards, generator)


def _pattern(
    network: nn.Module,
    x: Tensor,
    where: Tensor,
    strength: float,
    towards: int,
    generator: Generator,
) -> Tensor:
    start = strength * (2 * torch.rand(where.shape, generator=generator) - 1)
    pattern = start.requires_grad_(True)
    labels = torch.full((len(x),), towards)
    optimiser = torch.optim.Adam([pattern], 0.1 * strength)
    with evaluating(network), torch.enable_grad():
        for _ in range(STEPS):
            shown = (x + pattern.clamp(-strength, strength) * where).clamp(0, 1)
            (gradient,) = torch.autograd.grad(F.cross_entropy(network(shown), labels), pattern)
            pattern.grad = gradient
            optimiser.step()
    return (pattern.detach().clamp(-strength, strength) * where).detach()
