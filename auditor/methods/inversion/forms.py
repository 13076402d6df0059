"""How a reconstructed trigger may look: the parametrisations of trigger inversion.

Every form holds one candidate for each of K classes, so that all classes share one batch. A form
applies candidate ``k`` to inputs, and has a cost that grows with how much the candidate changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

EDGE = 1e-4


class Form(ABC):
    """Candidates of one parametrisation.

    Args:
        shape: shape of one canonical input, ``(c, h, w)`` or ``(d,)``.
        classes: number of candidates K.
        generator: source of the random start.
    """

    family: ClassVar[str]

    @abstractmethod
    def __init__(
        self, shape: tuple[int, ...], classes: int, generator: torch.Generator
    ) -> None: ...

    @abstractmethod
    def parameters(self) -> list[Tensor]:
        """Leaf tensors to optimise, first dimension K."""

    @abstractmethod
    def apply(self, x: Tensor, k: Tensor) -> Tensor:
        """Inputs ``(n, *shape)`` with candidates ``k`` ``(n,)`` applied, within [0, 1]."""

    @abstractmethod
    def cost(self) -> Tensor:
        """Size of each candidate ``(K,)``, in the form's own unit, differentiable."""


class MaskPattern(Form):
    """A mask and a pattern, ``(1 - m) x + m p`` (Neural Cleanse, Wang et al., S&P 2019).

    The cost is the number of positions that the mask covers, its L1 norm. For tables the positions
    are features.
    """

    family = "mask"

    def __init__(self, shape: tuple[int, ...], classes: int, generator: torch.Generator) -> None:
        plane = (1, *shape[1:]) if len(shape) == 3 else shape
        start = torch.randn((classes, *plane), generator=generator)
        self.mask_logit = (0.3 * start - 2.0).requires_grad_()
        start = torch.randn((classes, *shape), generator=generator)
        self.pattern_logit = (0.5 * start).requires_grad_()

    def parameters(self) -> list[Tensor]:
        return [self.mask_logit, self.pattern_logit]

    @property
    def mask(self) -> Tensor:
        """Masks in [0, 1], ``(K, 1, h, w)`` or ``(K, d)``."""
        return torch.sigmoid(self.mask_logit)

    @property
    def pattern(self) -> Tensor:
        """Patterns in [0, 1], ``(K, *shape)``."""
        return torch.sigmoid(self.pattern_logit)

    def apply(self, x: Tensor, k: Tensor) -> Tensor:
        mask, pattern = self.mask[k], self.pattern[k]
        return x + mask * (pattern - x)

    def cost(self) -> Tensor:
        return self.mask.flatten(1).sum(1)


class Additive(Form):
    """A universal additive perturbation, ``clip(x + d)`` (Moosavi-Dezfooli et al., CVPR 2017).

    The cost is the L2 norm of the perturbation. Catches blended, sinusoidal and other faint
    triggers that no small mask describes.
    """

    family = "additive"

    def __init__(self, shape: tuple[int, ...], classes: int, generator: torch.Generator) -> None:
        start = torch.randn((classes, *shape), generator=generator)
        self.delta = (0.02 * start).requires_grad_()

    def parameters(self) -> list[Tensor]:
        return [self.delta]

    def apply(self, x: Tensor, k: Tensor) -> Tensor:
        return (x + self.delta[k]).clamp(0, 1)

    def cost(self) -> Tensor:
        return self.delta.flatten(1).square().sum(1).add(EDGE**2).sqrt()


FORMS: tuple[type[Form], ...] = (MaskPattern, Additive)
