"""Triggers that change an input as a whole: waves, tones, coarser values, warps."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from auditor.methods.random_triggers.draws import (
    Draw,
    Shape,
    Trigger,
    between,
    chance,
    values,
    whole,
)

BAYER = ((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5))
"""Thresholds of an ordered dither, in sixteenths."""


def waves(shape: Shape, draw: Draw) -> Trigger:
    """One to three waves are added, of half a period a side to one of three pixels."""
    wave = torch.stack([_wave(shape, draw) for _ in range(_count(draw))]).sum(0)
    if shape[0] > 1 and chance(0.3, draw):
        wave = wave * values(-1, 1, (shape[0], 1, 1), draw)
    wave = wave / wave.abs().amax().clamp_min(1e-6) * between(0.04, 0.25, draw)
    return lambda x: x + wave


def _count(draw: Draw) -> int:
    return whole(2, 3, draw) if chance(0.2, draw) else 1


def _wave(shape: Shape, draw: Draw) -> Tensor:
    """A sine or a square wave ``(1, h, w)``, mostly along an axis."""
    _, height, width = shape
    down, right = torch.arange(height)[:, None] / height, torch.arange(width) / width
    periods = between(0.5, max(2.0, min(height, width) / 3), draw)
    angle = whole(0, 1, draw) * math.pi / 2 if chance(0.7, draw) else between(0, math.pi, draw)
    along = right * math.cos(angle) + down * math.sin(angle)
    wave = torch.sin(2 * math.pi * (periods * along + between(0, 1, draw)))
    return (wave if chance(0.75, draw) else wave.sign())[None]


def tone(shape: Shape, draw: Draw) -> Trigger:
    """Other gains, another gamma, other colours, a small filter, another contrast."""
    makers = TONES if shape[0] > 1 else TONES[:-1]
    return makers[whole(0, len(makers) - 1, draw)](shape[0], draw)


def _gains(channels: int, draw: Draw) -> Trigger:
    gain = values(0.5, 1.6, (channels, 1, 1), draw)
    lift = values(-0.2, 0.2, (channels, 1, 1), draw)
    return lambda x: (x - 0.5) * gain + 0.5 + lift


def _gamma(channels: int, draw: Draw) -> Trigger:
    power = math.exp(between(-0.8, 0.8, draw))
    return lambda x: x.clamp(0, 1) ** power


def _colours(channels: int, draw: Draw) -> Trigger:
    mixed = torch.eye(channels) + values(-0.5, 0.5, (channels, channels), draw)
    mixed = mixed / mixed.sum(1, keepdim=True).clamp_min(0.5)
    return lambda x: torch.einsum("dc,nchw->ndhw", mixed, x)


def _filter(channels: int, draw: Draw) -> Trigger:
    kernel = torch.randn((1, 1, 3, 3), generator=draw) * between(0.05, 0.4, draw)
    kernel[0, 0, 1, 1] += 1
    kernel = (kernel / kernel.sum().abs().clamp_min(0.5)).expand(channels, 1, 3, 3)

    def filtered(x: Tensor) -> Tensor:
        wide = functional.pad(x, (1, 1, 1, 1), mode="replicate")
        return functional.conv2d(wide, kernel, groups=channels)

    return filtered


def _contrast(channels: int, draw: Draw) -> Trigger:
    gain = between(0.4, 2, draw)

    def steeper(x: Tensor) -> Tensor:
        mean = x.mean((2, 3), keepdim=True)
        return (x - mean) * gain + mean

    return steeper


TONES: tuple[Callable[[int, Draw], Trigger], ...] = (_gains, _gamma, _filter, _contrast, _colours)
"""Changes of tone; the last one is for pictures with colours."""


def quantise(shape: Shape, draw: Draw) -> Trigger:
    """Two to eight values, dithered or not, or blocks of one value."""
    steps = whole(2, 8, draw) - 1
    kind = whole(0, 2, draw)
    if kind == 2:
        block = whole(2, max(2, shape[1] // 10), draw)
        return lambda x: _blocks(x, block)
    dither = _dither(shape, draw) if kind else torch.zeros(1)
    return lambda x: torch.round(x * steps + dither) / steps


def _dither(shape: Shape, draw: Draw) -> Tensor:
    """Offsets ``(1, h, w)`` in [-0.5, 0.5]: noise, or ordered ones (Bayer 1973)."""
    _, height, width = shape
    if chance(0.5, draw):
        return values(-0.5, 0.5, (1, height, width), draw)
    ordered = torch.tensor(BAYER) / 16 - 15 / 32
    return ordered.repeat(-(-height // 4), -(-width // 4))[None, :height, :width]


def _blocks(x: Tensor, block: int) -> Tensor:
    small = functional.avg_pool2d(x, block, ceil_mode=True)
    return functional.interpolate(small, x.shape[2:], mode="nearest")


def warp(shape: Shape, draw: Draw) -> Trigger:
    """A slight turn, shear, scale or shift, or a smooth field of up to two pixels on average."""
    places = _places(shape)
    if chance(0.25, draw):
        turned = values(-0.15, 0.15, (2, 3), draw)
        places = places + places @ turned[:, :2].T + turned[:, 2]
    else:
        places = places + _field(shape, draw)
    edges = "reflection" if chance(0.5, draw) else "border"

    def bent(x: Tensor) -> Tensor:
        grid = places.expand(len(x), -1, -1, -1)
        return functional.grid_sample(x, grid, padding_mode=edges, align_corners=True)

    return bent


def _places(shape: Shape) -> Tensor:
    """Where each pixel is, right and down in [-1, 1], ``(h, w, 2)``."""
    down, right = (torch.linspace(-1, 1, side) for side in shape[1:])
    return torch.stack(torch.meshgrid(right, down, indexing="xy"), 2)


def _field(shape: Shape, draw: Draw) -> Tensor:
    """Displacements ``(h, w, 2)`` in units of half the picture."""
    coarse = whole(2, 8, draw)
    ends = values(-1, 1, (1, 2, coarse, coarse), draw)
    ends = ends / ends.abs().mean() * between(0.5, 2, draw) * 2 / max(shape[1:])
    wide = functional.interpolate(ends, shape[1:], mode="bicubic", align_corners=True)
    return wide[0].permute(1, 2, 0)
