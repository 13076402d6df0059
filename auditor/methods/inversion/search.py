"""The search behind trigger reconstruction: all classes in one batch, one multiplier a class.

For each class the cost of the candidate is minimised under the constraint that nearly all inputs
of other classes are sent there. The multiplier of each class rises while the constraint holds and
falls while it does not (Wang et al., S&P 2019, do this for one class after the other). Success is
counted smoothly and the steps shrink towards the end, so that rounding is amplified little; logits
are divided by the model's own usual margin, so that a vendor who scales them changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.forms import Form

Report = Callable[[float], None]
MARGIN = 4.0
"""Logits are scaled so that the median margin on clean inputs is this."""
SOFT = 0.5
"""Scaled margin over which a flip counts by degrees."""
WEIGHT = 1.0
"""First multiplier, of a cost divided by its first value."""
SMOOTHING = 0.8
TOLERANCE = 0.05
HELD, LAST = 0.6, 0.05
"""Share of the steps at the full rate; share of the rate at the last step."""
TRIED = 100
"""Held-out inputs that each class's trigger is tried on."""
COUNTED = 0.2
"""Share of the steps, the last ones, whose cost is the size."""


@dataclass(frozen=True)
class Settings:
    """Effort and constraint of a search.

    Args:
        steps: optimiser steps.
        per_class: inputs in each step for each class.
        success: share of inputs that must be flipped.
        rate: Adam's learning rate.
        push: factor by which a multiplier changes at most after each step.
    """

    steps: int = 150
    per_class: int = 12
    success: float = 0.95
    rate: float = 0.2
    push: float = 1.3

    def rate_at(self, step: int) -> float:
        """Learning rate: constant, then a half cosine down to ``LAST``."""
        done = max(0.0, (step / self.steps - HELD) / (1 - HELD))
        return self.rate * (LAST + (1 - LAST) * (1 + math.cos(math.pi * done)) / 2)

    def counts(self, step: int) -> bool:
        """Whether the cost of this step is part of the size."""
        return step + 1 > (1 - COUNTED) * self.steps


@dataclass
class Multipliers:
    """One multiplier for each candidate, steered by its running success, both ``(n,)``."""

    weight: Tensor
    hit: Tensor | None = None

    def update(self, flipped: Tensor, settings: Settings) -> None:
        """After a step in which ``flipped`` of the inputs went over."""
        before = flipped if self.hit is None else self.hit
        self.hit = SMOOTHING * before + (1 - SMOOTHING) * flipped
        surplus = torch.tanh((self.hit - settings.success) / TOLERANCE)
        self.weight = self.weight * settings.push**surplus


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
    """Optimise the candidates of ``classes`` (default: all) in place.

    Returns:
        Their log sizes ``(n,)``: the mean log cost of the last steps, in which the running success
        is held at the constraint.
    """
    classes = torch.arange(subject.classes) if classes is None else classes
    optimiser = torch.optim.Adam(form.parameters(), lr=settings.rate, betas=(0.5, 0.9))
    multipliers = Multipliers(WEIGHT / form.cost().detach()[classes].clamp_min(1e-3))
    scale, sizes = logit_scale(subject, sampler.clean), []
    for step in range(settings.steps):
        optimiser.param_groups[0]["lr"] = settings.rate_at(step)
        x, k = sampler.draw(classes, settings.per_class)
        logits = scale * subject(form.apply(x, k))
        loss = functional.cross_entropy(logits, k, reduction="none").view(len(classes), -1).mean(1)
        cost = form.cost()[classes]
        optimiser.zero_grad()
        torch.autograd.backward((loss + multipliers.weight * cost).sum())
        flipped = torch.sigmoid(margins(logits.detach(), k) / SOFT).view(len(classes), -1).mean(1)
        multipliers.update(flipped, settings)
        sizes += [cost.detach().log()] if settings.counts(step) else []
        optimiser.step()
        report((step + 1) / settings.steps)
    return torch.stack(sizes).mean(0)


def margins(logits: Tensor, k: Tensor) -> Tensor:
    """Logit of class ``k`` over the best other one; ``(n, K)`` and ``(n,)`` give ``(n,)``.

    >>> margins(torch.tensor([[2.0, 0.5, 1.0]]), torch.tensor([0])).tolist()
    [1.0]
    """
    others = logits.scatter(1, k[:, None], -torch.inf)
    return logits.gather(1, k[:, None])[:, 0] - others.amax(1)


def logit_scale(subject: Subject, clean: CleanSet) -> float:
    """Factor that gives the median margin between the two best classes the value ``MARGIN``."""
    best, second = subject.logits(clean.x).topk(2, dim=1).values.unbind(1)
    return MARGIN / max(float((best - second).median()), 1e-6)


@torch.no_grad()
def flip_rates(subject: Subject, form: Form, clean: CleanSet) -> tuple[Tensor, Tensor]:
    """Held-out success: flipped and tried inputs of each class, two ``(K,)`` tensors.

    Inputs that the model already puts into the class are not counted, and of more than ``TRIED``
    inputs evenly spread ones are taken; the witness is tried on all.
    """
    clean = clean.take(torch.arange(0, len(clean), max(1, len(clean) // TRIED)))
    predicted = subject.predict(clean.x)
    flipped, tried = torch.zeros(subject.classes), torch.zeros(subject.classes)
    for k in range(subject.classes):
        others = clean.x[predicted != k]
        tried[k] = len(others)
        if len(others):
            where = torch.full((len(others),), k)
            flipped[k] = (subject.predict(form.apply(others, where)) == k).sum()
    return flipped, tried
