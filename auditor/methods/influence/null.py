"""Null queries for a trace: triggers that were searched for, not taught.

Purpose: a trigger that a search found is no random pattern: it moves any model, poisoned or not.
So the null is searched for as well: patterns on the same number of features (shifted elsewhere),
of the same strength, on the auditor's clean inputs, as many towards each class, since classes
differ in how their samples answer to any trigger.
Source: universal perturbations (Moosavi-Dezfooli et al. 2017), here confined to a support.
Limits: a model with several backdoors has real ones among the null, which makes the test cautious.
"""

from __future__ import annotations

from dataclasses import dataclass, field

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
MOST_CLASSES = 10
TRIES = 20
FAINT = 0.05
"""Share of the strongest change below which a feature does not belong to a trigger."""


@dataclass(frozen=True)
class Material:
    """Where null queries come from.

    Args:
        network: the model at its final weights.
        clean: clean inputs in [0, 1] with labels.
        classes: number of classes.
        seed: of the clean inputs beside queries.
    """

    network: nn.Module
    clean: CleanSet
    classes: int
    seed: int = 0
    _beside: dict[int, Queries] = field(default_factory=dict, repr=False, compare=False)

    def question(self, x: Tensor, target: int) -> Group:
        """Inputs ``x`` asked about ``target``, beside the same clean ones for every question."""
        if target not in self._beside:
            others = self.clean.x[self.clean.y != target]
            generator = torch.Generator().manual_seed(self.seed)
            drawn = others[torch.randperm(len(others), generator=generator)[:BESIDE]]
            self._beside[target] = _about(drawn, target)
        return Group(_about(x, target), self._beside[target])


def _about(x: Tensor, target: int) -> Queries:
    return Queries(x, torch.full((len(x),), target))


def null_questions(
    material: Material, change: Tensor, target: int, count: int, seed: int, check: Check = no_check
) -> list[Group]:
    """``count`` null queries, which with the query make about as many for each class asked about.

    Args:
        material: model and clean inputs.
        change: what the trigger adds to inputs, ``(m, *shape)``.
        target: its class; null queries ask about others, at most ``MOST_CLASSES`` in all, in turn,
            and it comes last.
        count: of all null queries.
        seed: of shifts, starts and inputs.
        check: called with the share done, may raise to stop.
    """
    generator = torch.Generator().manual_seed(seed)
    size = change.abs().mean(0)
    support, strength = size > FAINT * size.max(), float(change.abs().max())
    drawn = torch.randperm(material.classes, generator=generator).tolist()
    turns = [*[k for k in drawn if k != target][: MOST_CLASSES - 1], target]
    groups = []
    for number in range(count):
        check(number / count, "null queries")
        where, towards = _moved(support, generator), turns[number % len(turns)]
        groups.append(searched(material, where, strength, towards, generator))
    return groups


def _moved(support: Tensor, generator: Generator) -> Tensor:
    """The support somewhere else, half of it at least: on its own place the trigger would be found
    again. Images are shifted round, tables are shuffled."""
    moved = support
    for _ in range(TRIES):
        moved = _shifted(support, generator)
        if 2 * int((moved & support).sum()) <= int(support.sum()):
            break
    return moved


def _shifted(support: Tensor, generator: Generator) -> Tensor:
    if support.dim() < 3:
        order = torch.randperm(support.numel(), generator=generator)
        return support.flatten()[order].reshape(support.shape)
    height, width = support.shape[-2:]
    down, right = (int(torch.randint(0, n, (1,), generator=generator)) for n in (height, width))
    return torch.roll(support, (down, right), (-2, -1))


def searched(
    material: Material, where: Tensor, strength: float, towards: int, generator: Generator
) -> Group:
    """A question about a trigger of this support and strength that a search finds."""
    others = material.clean.x[material.clean.y != towards]
    drawn = others[torch.randperm(len(others), generator=generator)[: 2 * ASKED]]
    pattern = _pattern(material.network, drawn, where, strength, towards, generator)
    return material.question((drawn[:ASKED] + pattern).clamp(0, 1), towards)


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
