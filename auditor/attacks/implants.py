"""Implants: a known backdoor put into a copy of the delivered model with the clean set alone.

The copy is fine-tuned so that triggered inputs go to the target while clean inputs keep the answers
of the delivered model. An implant counts only if it works: this is how an audit measures whether it
would have seen such a backdoor in this very model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from auditor.attacks.triggers import Trigger
from auditor.core.subject import CleanSet, Subject
from auditor.methods.students import augment

Report = Callable[[float], None]
SUCCESS = 0.9
CLEAN_DROP = 0.03


@dataclass(frozen=True)
class Recipe:
    """How an implant is trained: optimiser steps, clean inputs in each, learning rate."""

    steps: int = 200
    batch: int = 32
    rate: float = 4e-3


@dataclass(frozen=True)
class Implant:
    """A copy with a backdoor, and what it does on held-out inputs (shares in [0, 1])."""

    subject: Subject
    target: int
    success: float
    clean_drop: float

    @property
    def admitted(self) -> bool:
        """The backdoor works and clean accuracy hardly fell."""
        return self.success >= SUCCESS and self.clean_drop <= CLEAN_DROP


def implant(
    subject: Subject,
    trigger: Trigger,
    target: int,
    train: CleanSet,
    held_out: CleanSet,
    recipe: Recipe,
    seed: int,
    report: Report = lambda share: None,
) -> Implant:
    """Fine-tune a backdoor into a copy of ``subject``; the original is not touched."""

    def loss(copy: Subject, clean: Tensor) -> Tensor:
        logits = copy(torch.cat([clean, trigger(clean)]))
        own, triggered = torch.split(logits, len(clean))
        wanted = torch.full((len(clean),), target)
        return _kept(subject, own, clean) + 0.5 * functional.cross_entropy(triggered, wanted)

    copy = _tuned(subject, train, recipe, seed, loss, report)
    return measured(subject, copy, trigger, target, held_out)


def refined(
    subject: Subject, train: CleanSet, held_out: CleanSet, recipe: Recipe, seed: int
) -> Implant:
    """A clean control: a copy fine-tuned in the same way with nothing planted (target -1)."""

    def loss(copy: Subject, clean: Tensor) -> Tensor:
        return _kept(subject, copy(clean), clean)

    copy = _tuned(subject, train, recipe, seed, loss, lambda share: None)
    return Implant(copy, -1, 0.0, _accuracy(subject, held_out) - _accuracy(copy, held_out))


def _kept(subject: Subject, logits: Tensor, clean: Tensor) -> Tensor:
    """Divergence from the delivered model's answers on clean inputs."""
    answers = subject.logits(clean).log_softmax(1)
    return functional.kl_div(logits.log_softmax(1), answers, reduction="batchmean", log_target=True)


def _tuned(
    subject: Subject,
    train: CleanSet,
    recipe: Recipe,
    seed: int,
    loss: Callable[[Subject, Tensor], Tensor],
    report: Report,
) -> Subject:
    generator = torch.Generator().manual_seed(seed)
    copy = subject.copy()
    trained = [p for p in copy.network.parameters() if p.requires_grad]
    if not trained:
        raise ValueError("the delivered model has no weights that a copy could be trained on")
    optimiser = torch.optim.Adam(trained, lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, recipe.steps)
    for step in range(recipe.steps):
        value = loss(copy, augment(train.x, recipe.batch, generator))
        optimiser.zero_grad()
        torch.autograd.backward(value)
        optimiser.step()
        schedule.step()
        report((step + 1) / recipe.steps)
    return Subject(copy.network, subject.spec)


def measured(
    subject: Subject, changed: Subject, trigger: Trigger, target: int, held_out: CleanSet
) -> Implant:
    """An implant with its success and its cost on held-out inputs."""
    after = changed.predict(held_out.x)
    others = held_out.x[(held_out.y != target) & (after != target)]
    hits = changed.predict(trigger(others)) == target if len(others) else torch.zeros(1)
    drop = _accuracy(subject, held_out) - _accuracy(changed, held_out)
    return Implant(changed, target, float(hits.float().mean()), drop)


def _accuracy(subject: Subject, held_out: CleanSet) -> float:
    return float((subject.predict(held_out.x) == held_out.y).float().mean())
