"""Drawing numbers, and the patterns that triggers are made of."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Trigger = Callable[[Tensor], Tensor]
Shape = tuple[int, ...]
Draw = torch.Generator


def between(low: float, high: float, draw: Draw) -> float:
    """A number in [low, high]."""
    return low + (high - low) * float(torch.rand((), generator=draw))


def whole(low: int, high: int, draw: Draw) -> int:
    """A whole number from ``low`` to ``high``, both counted in."""
    return int(torch.randint(low, max(low, high) + 1, (), generator=draw))


def chance(share: float, draw: Draw) -> bool:
    """True in that share of draws."""
    return float(torch.rand((), generator=draw)) < share


def values(low: float, high: float, size: tuple[int, ...], draw: Draw) -> Tensor:
    """A tensor of numbers in [low, high]."""
    return low + (high - low) * torch.rand(size, generator=draw)


def filling(shape: Shape, draw: Draw) -> Tensor:
    """What a stamp is filled with, ``(c, h, w)``: one colour, a chequerboard or noise."""
    channels, height, width = shape
    kind = whole(0, 4, draw)
    if kind == 0:
        return torch.ones(shape)
    if kind == 1:
        return values(0, 1, (channels, 1, 1), draw).expand(shape)
    if kind == 2:
        return values(0, 1, (channels, 1, 1), draw).round().expand(shape)
    if kind == 3:
        places = torch.arange(height)[:, None] + torch.arange(width) + whole(0, 1, draw)
        return (places % 2).float().expand(shape)
    noise = values(0, 1, shape, draw)
    return noise.round() if chance(0.5, draw) else noise


def hills(shape: Shape, coarse: int, draw: Draw) -> Tensor:
    """A smooth pattern ``(c, h, w)`` in [0, 1], from ``coarse`` x ``coarse`` points."""
    points = values(0, 1, (1, shape[0], coarse, coarse), draw)
    wide = functional.interpolate(points, shape[1:], mode="bicubic", align_corners=True)[0]
    wide = wide - wide.amin()
    return wide / wide.amax().clamp_min(1e-6)


def covered(mask: Tensor, pattern: Tensor, opacity: float) -> Trigger:
    """Show ``pattern`` ``(c, h, w)`` where ``mask`` ``(1, h, w)`` is 1."""
    over = mask * opacity
    return lambda x: x * (1 - over) + pattern * over
