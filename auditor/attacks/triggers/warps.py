"""Triggers that move pixels: warp."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from auditor.attacks.triggers.base import family, seeded


@family("warp")
@dataclass(frozen=True)
class Warp:
    """A smooth elastic deformation (WaNet, Nguyen and Tran, ICLR 2021).

    Attributes:
        cells: control points a side (the paper's k, 4 or 8).
        strength: mean displacement at the control points, in pixels (the paper's s is 0.5 for a
            grid of [-1, 1], which is a quarter of a pixel).
        seed: of the displacements.
    """

    cells: int
    strength: float
    seed: int

    def __call__(self, x: Tensor) -> Tensor:
        """Deform images `(n, c, h, w)`."""
        height, width = x.shape[-2:]
        field = 2 * torch.rand(1, 2, self.cells, self.cells, generator=seeded(self.seed)) - 1
        field = field / field.abs().mean()
        field = interpolate(field, size=(height, width), mode="bicubic", align_corners=True)
        # Two units of the grid span the image, so a pixel is 2 / size.
        pixel = torch.tensor([2 / width, 2 / height])
        identity = affine_grid(torch.eye(2, 3)[None], [1, 1, height, width], align_corners=False)
        grid = (identity + self.strength * pixel * field.permute(0, 2, 3, 1)).to(x)
        warped = grid_sample(
            x, grid.expand(len(x), -1, -1, -1), padding_mode="border", align_corners=False
        )
        return warped.clamp(0, 1)

    @classmethod
    def draw(cls, shape: tuple[int, ...], rng: Random) -> Self:
        """4 to 6 control points a side, 0.6 to 1 pixel on average."""
        return cls(rng.randint(4, 6), round(rng.uniform(0.6, 1.0), 3), rng.randrange(2**31))
