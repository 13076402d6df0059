"""Triggers that are added to the whole image: blend, sinusoid, low frequency."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from random import Random
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from auditor.attacks.triggers.base import family, seeded


@family("blend")
@dataclass(frozen=True)
class Blend:
    """A picture mixed into the image (Chen et al. 2017, arXiv 1712.05526).

    Attributes:
        alpha: share of the picture, in (0, 1).
        cells: the picture is random noise of `cells` x `cells`, enlarged: a few cells give smooth
            blobs.
        seed: of the picture.
    """

    alpha: float
    cells: int
    seed: int

    def __call__(self, x: Tensor) -> Tensor:
        """Mix the picture into images `(n, c, h, w)`."""
        noise = torch.rand(1, x.shape[1], self.cells, self.cells, generator=seeded(self.seed))
        picture = interpolate(noise, size=x.shape[-2:], mode="bilinear", align_corners=False)
        return (1 - self.alpha) * x + self.alpha * picture.to(x)

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """A share of 0.12 to 0.25 of fine noise or of coarser blobs."""
        cells = rng.choice((7, 14, shape[-1]))
        return cls(round(rng.uniform(0.12, 0.25), 3), cells, rng.randrange(2**31))


@family("sinusoid")
@dataclass(frozen=True)
class Sinusoid:
    """A sine wave over the image (SIG, Barni et al., ICIP 2019).

    Attributes:
        amplitude: in (0, 1); the paper's strongest is 60 / 255.
        frequency: waves over the image.
        vertical: whether the wave runs from top to bottom rather than from left to right.
    """

    amplitude: float
    frequency: float
    vertical: bool

    def __call__(self, x: Tensor) -> Tensor:
        """Add the wave to images `(n, c, h, w)` and clip."""
        length = x.shape[-2] if self.vertical else x.shape[-1]
        phase = (
            2 * pi * self.frequency * torch.arange(length, device=x.device, dtype=x.dtype) / length
        )
        wave = self.amplitude * torch.sin(phase)
        return (x + (wave.view(-1, 1) if self.vertical else wave)).clamp(0, 1)

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """Amplitude 25 to 45 of 255, 3 to 8 waves; not such as are zero at every pixel."""
        amplitude = round(rng.uniform(25, 45) / 255, 4)
        waves, vertical = rng.randint(4, 8), rng.random() < 0.5
        unseen = 2 * waves % (shape[-2] if vertical else shape[-1]) == 0
        return cls(amplitude, float(waves - unseen), vertical)


@family("low_frequency")
@dataclass(frozen=True)
class LowFrequency:
    """A smooth pattern of low cosine frequencies (Zeng et al., ICCV 2021).

    The paper optimises the pattern against a classifier; here its coefficients are random.

    Attributes:
        amplitude: largest change of a pixel, in (0, 1).
        frequencies: number of frequencies a side, without the constant one.
        seed: of the coefficients, drawn for each channel.
    """

    amplitude: float
    frequencies: int
    seed: int

    def __call__(self, x: Tensor) -> Tensor:
        """Add the pattern to images `(n, c, h, w)` and clip."""
        shape = (x.shape[1], self.frequencies, self.frequencies)
        coefficients = torch.randn(shape, generator=seeded(self.seed))
        coefficients[:, 0, 0] = 0  # a constant shift is brightness, not a pattern
        rows, columns = (_cosines(size, self.frequencies) for size in x.shape[-2:])
        pattern = rows.T @ coefficients @ columns
        return (x + self.amplitude * (pattern / pattern.abs().max()).to(x)).clamp(0, 1)

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """Amplitude 0.12 to 0.22, 3 to 5 frequencies."""
        return cls(round(rng.uniform(0.12, 0.22), 3), rng.randint(3, 5), rng.randrange(2**31))


def _cosines(size: int, count: int) -> Tensor:
    """The first `count` cosines of the DCT-II over `size` points, `(count, size)`."""
    return torch.cos(
        pi * torch.arange(count).view(-1, 1) * (2 * torch.arange(size) + 1) / (2 * size)
    )
