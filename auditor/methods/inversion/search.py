"""The search behind trigger reconstruction: all classes in one batch, one multiplier a class.

For each class the cost of the candidate is minimised under the constraint that nearly all inputs
of other classes are sent there. The multiplier of each class is raised while the constraint holds
and lowered while it does not (Wang et al., S&P 2019, do this for one class after the other).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.forms import Form

Report = Callable[[float], None]
SMOOTHING = 0.9
WEIGHT = 0.1


@dataclass(frozen=True)
class Settings:
    """Effort and constraint of a search.

    Args:
        steps: optimiser steps.
        per_class: inputs in each step for each class.
        success: share of inputs that must be flipped.
        rate: Adam's learning rate.
        push: factor by which a multiplier changes after each step.
    """

    steps: int = 200
    per_class: int = 16
    success: float = 0.95
    rate: float = 0.1
    push: float = 1.06


@dataclass
class Progress:
    """Running state of the candidates, one entry each."""

    weight: Tensor
    hit: Tensor
    size: Tensor
    better: Tensor
    kept: list[Tensor]


class Sampler:
    """Draws, for each class, inputs that the model does not already put there.

    A class that takes all inputs anyway is given all of them: it costs nothing to reach.
    """

    def __init__(self, clean: CleanSet, predicted: Tensor, classes: int, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        everything = torch.arange(len(clean))
        pools = [(predicted != k).nonzero()[:, 0] for k in range(classes)]
        self.pools = [pool if len(pool) else everything for pool in pools]
        self.clean = clean

    def draw(self, classes: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """``count`` inputs for each of ``classes``: inputs and class of each, class by class."""
        picks = [self._pick(self.pools[int(k)], count) for k in classes]
        return self.clean.x[torch.cat(picks)], classes.repeat_interleave(count)

    def _pick(self, pool: Tensor, count: int) -> Tensor:
        return pool[torch.randint(len(pool), (count,), generator=self.generator)]


def search(
    subject: Subject,
    form: Form,
    sampler: Sampler,
    settings: Settings,
    report: Report,
    classes: Tensor | None = None,
) -> Tensor:
    """Optimise the candidates of ``classes`` (default: all) in place; returns their sizes.

    The size of a class is the smallest running cost at which the running success met the
    constraint, or the last cost where it never did.
    """
    classes = torch.arange(subject.classes) if classes is None else classes
    optimiser = torch.optim.Adam(form.parameters(), lr=settings.rate, betas=(0.5, 0.9))
    state = _start(form, classes)
    for step in range(settings.steps):
        x, k = sampler.draw(classes, settings.per_class)
        logits = subject(form.apply(x, k))
        loss = functional.cross_entropy(logits, k, reduction="none").view(len(classes), -1).mean(1)
        cost = form.cost()[classes]
        optimiser.zero_grad()
        torch.autograd.backward((loss + state.weight * cost).sum())
        flipped = (logits.argmax(1) == k).float().view(len(classes), -1).mean(1)
        _update(state, flipped, cost.detach(), settings, first=step == 0)
        _remember(state, form, classes)
        optimiser.step()
        report((step + 1) / settings.steps)
    _restore(state, form, classes)
    return torch.where(state.size.isinf(), form.cost().detach()[classes], state.size)


def _start(form: Form, classes: Tensor) -> Progress:
    cost = form.cost().detach()[classes]
    return Progress(
        weight=WEIGHT / cost.clamp_min(1e-3),
        hit=torch.zeros(len(classes)),
        size=torch.full((len(classes),), float("inf")),
        better=torch.zeros(len(classes), dtype=torch.bool),
        kept=[p.detach()[classes].clone() for p in form.parameters()],
    )


def _update(
    state: Progress, flipped: Tensor, cost: Tensor, settings: Settings, first: bool
) -> None:
    share = 0.0 if first else SMOOTHING
    state.hit = share * state.hit + (1 - share) * flipped
    met = state.hit >= settings.success
    state.weight = torch.where(met, state.weight * settings.push, state.weight / settings.push)
    state.better = met & (cost < state.size)
    state.size = torch.where(state.better, cost, state.size)


def _remember(state: Progress, form: Form, classes: Tensor) -> None:
    for kept, now in zip(state.kept, form.parameters(), strict=True):
        kept[state.better] = now.detach()[classes[state.better]]


def _restore(state: Progress, form: Form, classes: Tensor) -> None:
    found = ~state.size.isinf()
    with torch.no_grad():
        for kept, now in zip(state.kept, form.parameters(), strict=True):
            now[classes[found]] = kept[found]


@torch.no_grad()
def flip_rates(subject: Subject, form: Form, clean: CleanSet) -> tuple[Tensor, Tensor]:
    """Held-out success: flipped and tried inputs of each class, two ``(K,)`` tensors.

    Inputs that the model already puts into the class are not counted.
    """
    predicted = subject.predict(clean.x)
    flipped, tried = torch.zeros(subject.classes), torch.zeros(subject.classes)
    for k in range(subject.classes):
        others = clean.x[predicted != k]
        tried[k] = len(others)
        if len(others):
            where = torch.full((len(others),), k)
            flipped[k] = (subject.predict(form.apply(others, where)) == k).sum()
    return flipped, tried
