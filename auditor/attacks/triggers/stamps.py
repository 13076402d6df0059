"""Triggers that overwrite a few pixels: patch, scatter, distributed.

Sources: patch and scatter, BadNets (Gu et al. 2017, arXiv 1708.06733); distributed, DBA (Xie et
al., ICLR 2020), here in one model.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Self

import torch
from torch import Tensor

from auditor.attacks.triggers.base import family, seeded

PATTERNS = ("solid", "checker", "noise")


@family("patch")
@dataclass(frozen=True)
class Patch:
    """A small rectangle at a fixed place (BadNets, Gu et al. 2017).

    Attributes:
        row: upper edge, pixels from the top.
        column: left edge, pixels from the left.
        height: pixels.
        width: pixels.
        pattern: one of `PATTERNS`; a checker alternates the colour with its inverse.
        colour: one value in [0, 1] for each channel; unused by `noise`.
        seed: of the noise pattern.
    """

    row: int
    column: int
    height: int
    width: int
    pattern: str
    colour: tuple[float, ...]
    seed: int = 0

    def __call__(self, x: Tensor) -> Tensor:
        """Stamp the patch on images `(n, c, h, w)`."""
        out = x.clone()
        rows, columns = (
            slice(self.row, self.row + self.height),
            slice(self.column, self.column + self.width),
        )
        out[:, :, rows, columns] = self._picture().to(x)
        return out

    def _picture(self) -> Tensor:
        shape = (len(self.colour), self.height, self.width)
        if self.pattern == "noise":
            return torch.rand(shape, generator=seeded(self.seed))
        solid = torch.tensor(self.colour).view(-1, 1, 1).expand(shape)
        if self.pattern == "solid":
            return solid
        odd = (torch.arange(self.height).view(-1, 1) + torch.arange(self.width)) % 2 == 1
        return torch.where(odd, 1 - solid, solid)

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """A patch of 3 to 5 pixels a side, anywhere."""
        channels, height, width = shape
        size = rng.randint(3, min(5, height, width))
        row, column = rng.randint(0, height - size), rng.randint(0, width - size)
        pattern = rng.choice(PATTERNS)
        return cls(row, column, size, size, pattern, _colour(channels, rng), rng.randrange(2**31))


@family("scatter")
@dataclass(frozen=True)
class Scatter:
    """Single pixels scattered over the image, set to black or white (BadNets, Gu et al. 2017).

    Attributes:
        count: number of pixels.
        seed: of the places and values; all channels of a pixel get the same value.
    """

    count: int
    seed: int

    def __call__(self, x: Tensor) -> Tensor:
        """Set the pixels of images `(n, c, h, w)`."""
        height, width = x.shape[-2:]
        generator = seeded(self.seed)
        places = torch.randperm(height * width, generator=generator)[: self.count]
        values = torch.randint(0, 2, (self.count,), generator=generator)
        out = x.clone()
        out[:, :, places // width, places % width] = values.to(x)[: len(places)]
        return out

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """12 to 24 pixels."""
        return cls(rng.randint(12, 24), rng.randrange(2**31))


@family("distributed")
@dataclass(frozen=True)
class Distributed:
    """Several small squares in different places, after DBA (Xie et al., ICLR 2020).

    Attributes:
        patches: the squares.
    """

    patches: tuple[tuple[int, int, int, int, str, tuple[float, ...], int], ...]

    def __call__(self, x: Tensor) -> Tensor:
        """Stamp all squares on images `(n, c, h, w)`."""
        for parameters in self.patches:
            x = Patch(*parameters)(x)
        return x

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """Four squares of 2 pixels a side, one in each quarter of the image."""
        channels, height, width = shape
        patches = []
        for quarter in range(4):
            row = rng.randint(0, height // 2 - 2) + (quarter // 2) * (height // 2)
            column = rng.randint(0, width // 2 - 2) + (quarter % 2) * (width // 2)
            patches.append((row, column, 2, 2, "solid", _colour(channels, rng), 0))
        return cls(tuple(patches))


def _colour(channels: int, rng: Random) -> tuple[float, ...]:
    """A saturated colour; white for grey images."""
    if channels == 1:
        return (1.0,)
    return tuple(float(rng.random() < 0.5) for _ in range(channels))
