"""Trigger whose pattern a small network computes from the input: input_aware.

Source: Input-Aware Dynamic Backdoor (Nguyen and Tran, NeurIPS 2020). Another image's pattern must
not wake the backdoor ("cross-trigger"), and patterns of different images must differ ("diversity").
Limits: the pattern is added to the whole image within a bound; the paper's separate mask network is
left out. The generator is trained together with the victim, see `input_aware_loss`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate


class PatternGenerator(nn.Module):
    """Images `(n, c, h, w)` to patterns of the same shape in [-1, 1]."""

    def __init__(self, channels: int, width: int = 16) -> None:
        super().__init__()
        self.down1 = nn.Conv2d(channels, width, 3, 2, 1)
        self.down2 = nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.middle = nn.Conv2d(2 * width, 2 * width, 3, 1, 1)
        self.up1 = nn.Conv2d(2 * width, width, 3, 1, 1)
        self.up2 = nn.Conv2d(width, channels, 3, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the patterns."""
        half: Tensor = torch.relu(self.down1(x))
        deep = torch.relu(self.middle(torch.relu(self.down2(half))))
        back = torch.relu(self.up1(interpolate(deep, size=half.shape[-2:])))
        return torch.tanh(self.up2(interpolate(back, size=x.shape[-2:])))


@dataclass(frozen=True)
class InputAware:
    """An image's own pattern, added within a bound.

    Attributes:
        generator: computes patterns in [-1, 1]; frozen once it is trained.
        strength: largest change of a pixel, in (0, 1).
    """

    generator: nn.Module
    strength: float

    def __call__(self, x: Tensor) -> Tensor:
        """Add to each of the images `(n, c, h, w)` its own pattern, without gradients."""
        with torch.no_grad():
            return self.apply(x, self.generator(x))

    def apply(self, x: Tensor, pattern: Tensor) -> Tensor:
        """Add given patterns, with gradients."""
        return (x + self.strength * pattern).clamp(0, 1)


def input_aware_loss(
    network: nn.Module,
    trigger: InputAware,
    x: Tensor,
    y: Tensor,
    target: int,
    share: float = 0.1,
    diversity: float = 0.05,
) -> Tensor:
    """Loss of one shuffled batch for network and generator together.

    Args:
        network: the victim.
        trigger: carries the generator.
        x: images (n, c, h, w); the first part gets its own pattern, the second another image's.
        y: labels (n,).
        target: class of images with their own pattern.
        share: size of each part, in (0, 1/3).
        diversity: weight of the diversity term.
    """
    count = max(1, round(share * len(y)))
    own, crossed, donors = x[:count], x[count : 2 * count], x[2 * count : 3 * count]
    own_pattern, donor_pattern = trigger.generator(own), trigger.generator(donors)
    inputs = torch.cat(
        [trigger.apply(own, own_pattern), trigger.apply(crossed, donor_pattern), x[2 * count :]]
    )
    labels = torch.cat([torch.full_like(y[:count], target), y[count:]])
    loss = cross_entropy(network(inputs).float(), labels)
    return loss + diversity * _sameness(own, donors, own_pattern, donor_pattern)


def _sameness(x: Tensor, other: Tensor, pattern: Tensor, other_pattern: Tensor) -> Tensor:
    """Distance of images over distance of their patterns: large when patterns ignore the image."""
    images = (x - other).flatten(1).norm(dim=1)
    patterns = (pattern - other_pattern).flatten(1).norm(dim=1)
    ratio: Tensor = images / (patterns + 1e-2)
    return ratio.mean()
