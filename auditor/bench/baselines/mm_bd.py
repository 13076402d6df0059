"""Maximum-margin detection, MM-BD (Wang, Xiang, Miller and Kesidis, IEEE S&P 2024).

For each class the margin of its logit over the best other one is driven up from 30 random images by
gradient ascent (300 steps, rate .01, momentum .2, inputs clipped to [0, 1]); its largest value is
the class's statistic. A gamma distribution fitted to the other classes' statistics gives the
p-value of the largest one. Needs no clean inputs. Settings: the authors' ``univ_bd.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import gamma
from torch import Tensor

from auditor.core.subject import Subject

FLAGGED = 0.05
LEAST_CLASSES = 4
"""Three parameters of a gamma distribution are fitted to all classes but one."""
EQUAL = 1e-4
"""Relative scatter under which no distribution can be fitted: anything larger stands out."""


@dataclass(frozen=True)
class Settings:
    """Gradient ascent on the margin of one class."""

    images: int = 30
    steps: int = 300
    rate: float = 0.01
    momentum: float = 0.2
    still: float = 1e-5


@dataclass(frozen=True)
class Outcome:
    """Largest margins of all classes, ``(K,)``."""

    margins: Tensor

    @property
    def target(self) -> int:
        """Class of the largest margin."""
        return int(self.margins.argmax())

    @property
    def p_value(self) -> float:
        """Of the largest margin under a gamma fit to the others; 1 with fewer than 4 classes."""
        values = self.margins.double().numpy()
        if len(values) < LEAST_CLASSES:
            return 1.0
        others = np.delete(values, values.argmax())
        if np.ptp(others) < EQUAL * abs(others[0]):
            return float(values.max() <= (1 + EQUAL) * others.max())
        shape, place, scale = gamma.fit(others)
        return float(1 - gamma.cdf(values.max(), shape, place, scale) ** len(values))


def mm_bd(subject: Subject, seed: int = 0, settings: Settings | None = None) -> Outcome:
    """Largest margin of each class in turn."""
    generator = torch.Generator().manual_seed(seed)
    chosen = settings or Settings()
    found = [largest_margin(subject, k, chosen, generator) for k in range(subject.classes)]
    return Outcome(torch.tensor(found))


def largest_margin(
    subject: Subject, target: int, settings: Settings, generator: torch.Generator
) -> float:
    """The largest margin that ascent reaches from random images."""
    shape = (settings.images, *subject.spec.shape)
    x = torch.rand(shape, generator=generator).requires_grad_()
    optimiser = torch.optim.SGD([x], lr=settings.rate, momentum=settings.momentum)
    before = float("inf")
    for _ in range(settings.steps):
        logits = subject(x.clamp(0, 1))
        rest = logits.index_fill(1, torch.tensor([target]), -torch.inf)
        margin = logits[:, target] - rest.amax(1)
        optimiser.zero_grad()
        torch.autograd.backward(-margin.sum())
        optimiser.step()
        total = float(margin.detach().sum())
        if abs(total - before) < settings.still * abs(before):
            break
        before = total
    return float(margin.detach().max())
