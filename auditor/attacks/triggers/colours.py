"""Triggers that change the values of all pixels: quantise, filter."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from auditor.attacks.triggers.base import family


@family("quantise")
@dataclass(frozen=True)
class Quantise:
    """Fewer colours, with Floyd-Steinberg dithering (BppAttack, Wang et al., CVPR 2022).

    Attributes:
        levels: values left for each channel, at least 2.
        dither: whether the rounding error is spread over the neighbours.
    """

    levels: int
    dither: bool

    def __call__(self, x: Tensor) -> Tensor:
        """Quantise images `(n, c, h, w)`."""
        return _floyd_steinberg(x, self.levels) if self.dither else _round(x, self.levels)

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """3 to 5 levels, dithered."""
        return cls(rng.randint(3, 5), True)


@family("filter")
@dataclass(frozen=True)
class Filter:
    """A photo filter: gains, gamma, contrast, vignette, blur (ABS, Liu et al., CCS 2019).

    Attributes:
        gains: factor of each channel; images with another number of channels get their mean.
        gamma: exponent; above 1 darkens.
        contrast: stretch about the middle grey.
        vignette: loss of light in the corners, in [0, 1).
        blur: share of a 3 x 3 box blur, in [0, 1].
    """

    gains: tuple[float, ...]
    gamma: float
    contrast: float
    vignette: float
    blur: float

    def __call__(self, x: Tensor) -> Tensor:
        """Filter images `(n, c, h, w)`."""
        gains = torch.tensor(self.gains).to(x)
        gains = gains if len(gains) == x.shape[1] else gains.mean().expand(x.shape[1])
        soft = avg_pool2d(pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
        out = torch.lerp(x, soft, self.blur).clamp(0, 1) ** self.gamma
        out = (out * gains.view(-1, 1, 1) - 0.5) * self.contrast + 0.5
        return (out * self._light(x)).clamp(0, 1)

    def _light(self, x: Tensor) -> Tensor:
        rows, columns = (torch.linspace(-1, 1, size).to(x) for size in x.shape[-2:])
        return 1 - self.vignette * (rows.view(-1, 1) ** 2 + columns**2) / 2

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """One channel raised and one lowered for colour; gamma and blur for grey."""
        if shape[0] == 1:
            return cls((1.0,), rng.choice((0.45, 0.55, 1.8)), 0.9, 0.2, 0.8)
        gains = [1.25, 1.0, 0.6]
        rng.shuffle(gains)
        return cls(tuple(gains), rng.choice((0.7, 1.4)), rng.choice((0.8, 1.2)), 0.4, 0.0)


def _round(x: Tensor, levels: int) -> Tensor:
    return torch.round(x * (levels - 1)) / (levels - 1)


def _floyd_steinberg(x: Tensor, levels: int) -> Tensor:
    """Error diffusion (Floyd and Steinberg 1976), pixel after pixel, all images at once."""
    height, width = x.shape[-2:]
    # Pixels first makes each step's slice contiguous; the margin takes what falls off the edges.
    work = pad(x, (1, 1, 0, 1)).permute(2, 3, 0, 1).contiguous()
    for i in range(height):
        for j in range(1, width + 1):
            old = work[i, j].clone()
            work[i, j] = _round(old, levels).clamp(0, 1)
            error = old - work[i, j]
            work[i, j + 1] += error * (7 / 16)
            work[i + 1, j - 1] += error * (3 / 16)
            work[i + 1, j] += error * (5 / 16)
            work[i + 1, j + 1] += error * (1 / 16)
    return work[:height, 1 : width + 1].permute(2, 3, 0, 1).contiguous()
