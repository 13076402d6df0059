"""How a reconstructed trigger may look: the parametrisations of trigger inversion.

Every form holds one candidate for each of K classes, so that all classes share one batch. A form
applies candidate ``k`` to inputs, and has a cost that grows with how much the candidate changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

EDGE = 1e-4


class Form(ABC):
    """Candidates of one parametrisation.

    ``share`` is the part of a search's steps that this form needs.

    Args:
        shape: shape of one canonical input, ``(c, h, w)`` or ``(d,)``.
        classes: number of candidates K.
        generator: source of the random start.
    """

    family: ClassVar[str]
    share: ClassVar[float] = 1.0

    @staticmethod
    def suits(shape: tuple[int, ...]) -> bool:
        """Whether inputs of ``shape`` can be changed in this way."""
        return True

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
    triggers that no small mask describes. The leaf is in steps of ``STEP``, so that one learning
    rate suits every form.
    """

    family = "additive"
    STEP = 0.2

    def __init__(self, shape: tuple[int, ...], classes: int, generator: torch.Generator) -> None:
        start = torch.randn((classes, *shape), generator=generator)
        self.leaf = (0.1 * start).requires_grad_()

    def parameters(self) -> list[Tensor]:
        return [self.leaf]

    @property
    def delta(self) -> Tensor:
        """Perturbations, ``(K, *shape)``."""
        return self.STEP * self.leaf

    def apply(self, x: Tensor, k: Tensor) -> Tensor:
        return (x + self.delta[k]).clamp(0, 1)

    def cost(self) -> Tensor:
        return self.delta.flatten(1).square().sum(1).add(EDGE**2).sqrt()


class Flow(Form):
    """A smooth displacement of all pixels, the same for every input (WaNet, Nguyen and Tran 2021).

    Displacements are given at 6 x 6 points and interpolated, few numbers that settle in half of
    the steps; the cost is their root mean square in pixels. Catches warps, which neither a mask nor
    a sum describes.
    """

    family = "flow"
    share = 0.5
    POINTS = 6
    STEP = 1.0

    def __init__(self, shape: tuple[int, ...], classes: int, generator: torch.Generator) -> None:
        start = torch.randn((classes, 2, self.POINTS, self.POINTS), generator=generator)
        self.leaf = (0.3 * start).requires_grad_()
        self.size = torch.Size(shape[1:])
        rows, columns = (torch.linspace(-1, 1, side) for side in self.size)
        self.still = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), dim=-1)

    @staticmethod
    def suits(shape: tuple[int, ...]) -> bool:
        """Images whose sides are long enough to bend between the points."""
        return len(shape) == 3 and min(shape[1:]) >= 2 * Flow.POINTS

    def parameters(self) -> list[Tensor]:
        return [self.leaf]

    @property
    def displacement(self) -> Tensor:
        """Pixels to the right and down at each point, ``(K, 2, 6, 6)``."""
        return self.STEP * self.leaf

    def apply(self, x: Tensor, k: Tensor) -> Tensor:
        pixel = x.new_tensor([2 / max(1, side - 1) for side in reversed(self.size)])
        moves = functional.interpolate(
            self.displacement * pixel[:, None, None], self.size, mode="bicubic", align_corners=True
        )
        grid = (self.still + moves.permute(0, 2, 3, 1)[k]).clamp(-1, 1)
        return functional.grid_sample(x, grid, align_corners=True, padding_mode="border")

    def cost(self) -> Tensor:
        return self.displacement.flatten(1).square().mean(1).add(EDGE**2).sqrt()


FORMS: tuple[type[Form], ...] = (MaskPattern, Additive, Flow)


def forms_for(shape: tuple[int, ...]) -> tuple[type[Form], ...]:
    """The forms that suit inputs of ``shape``."""
    return tuple(kind for kind in FORMS if kind.suits(shape))
