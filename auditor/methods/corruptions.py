"""Everyday damage to inputs at three fixed severities, fixed before any model is seen.

Purpose: accuracy under noise, blur, light, compression and missing parts.
Source: the idea of Hendrycks & Dietterich 2019 (ImageNet-C); own implementation on tensors in
[0, 1], strengths chosen near their CIFAR-10-C levels 1, 3 and 5.
Limits: not ImageNet-C, figures are not comparable with published ones. JPEG works on 1 or 3
channels together, otherwise on each channel alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Generator, Tensor

Corruption = Callable[[Tensor, int, Generator], Tensor]
SEVERITIES = (1, 2, 3)


def _noise(x: Tensor, generator: Generator) -> Tensor:
    return torch.randn(x.shape, generator=generator, dtype=x.dtype)


def gaussian_noise(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Independent normal noise, standard deviation 0.04, 0.08 or 0.12."""
    return (x + _noise(x, generator) * (0.04, 0.08, 0.12)[severity - 1]).clamp(0, 1)


def shot_noise(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Photon noise: 250, 100 or 50 photons at full brightness."""
    photons = (250.0, 100.0, 50.0)[severity - 1]
    return (torch.poisson(x.clamp(0, 1) * photons, generator=generator) / photons).clamp(0, 1)


def gaussian_blur(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Blur with a standard deviation of 1.5, 2.5 or 3.5% of the shorter side."""
    sigma = (0.015, 0.025, 0.035)[severity - 1] * min(x.shape[2:])
    radius = min(max(1, round(3 * sigma)), min(x.shape[2:]) - 1)
    steps = torch.arange(-radius, radius + 1, dtype=x.dtype)
    line = torch.exp(-0.5 * (steps / sigma).square())
    line = (line / line.sum()).expand(x.shape[1], 1, -1)
    wide = F.pad(x, (radius, radius, radius, radius), mode="reflect")
    rows = F.conv2d(wide, line[:, :, None, :], groups=x.shape[1])
    return F.conv2d(rows, line[:, :, :, None], groups=x.shape[1]).clamp(0, 1)


def brightness(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Everything brighter by 0.1, 0.2 or 0.3."""
    return (x + (0.1, 0.2, 0.3)[severity - 1]).clamp(0, 1)


def contrast(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Contrast reduced to 70, 45 or 20% around each channel's mean."""
    mean = x.mean((2, 3), keepdim=True)
    return mean + (x - mean) * (0.7, 0.45, 0.2)[severity - 1]


def jpeg(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """JPEG at quality 80, 55 or 30, there and back."""
    together = x if x.shape[1] in (1, 3) else x.reshape(-1, 1, *x.shape[2:])
    pixels = (together.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    back = np.stack([_through_jpeg(image, (80, 55, 30)[severity - 1]) for image in pixels])
    return torch.from_numpy(back).permute(0, 3, 1, 2).reshape(x.shape).to(x.dtype) / 255


def _through_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image.squeeze(2) if image.shape[2] == 1 else image).save(
        buffer, "JPEG", quality=quality
    )
    return np.asarray(Image.open(buffer)).reshape(image.shape)


def pixelate(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Resolution reduced to 85, 65 or 45% and enlarged again without smoothing."""
    scale = (0.85, 0.65, 0.45)[severity - 1]
    small = [max(1, round(side * scale)) for side in x.shape[2:]]
    return F.interpolate(F.interpolate(x, small, mode="area"), x.shape[2:], mode="nearest")


def occlusion(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """A grey square at a random place, its side 20, 30 or 40% of the shorter side."""
    n, _, height, width = x.shape
    side = max(1, round((0.2, 0.3, 0.4)[severity - 1] * min(height, width)))
    top = torch.randint(0, height - side + 1, (n, 1, 1, 1), generator=generator)
    left = torch.randint(0, width - side + 1, (n, 1, 1, 1), generator=generator)
    rows, columns = torch.arange(height)[:, None], torch.arange(width)[None, :]
    inside = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
    return torch.where(inside, torch.full_like(x, 0.5), x)


def feature_dropout(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Each value of a table row is replaced by the column's median with probability 5, 15, 30%."""
    lost = torch.rand(x.shape, generator=generator) < (0.05, 0.15, 0.3)[severity - 1]
    return torch.where(lost, x.median(0).values.expand_as(x), x)


def rounding(x: Tensor, severity: int, generator: Generator) -> Tensor:
    """Values rounded to 32, 16 or 8 steps of their range."""
    steps = (32, 16, 8)[severity - 1]
    return (x * steps).round() / steps


IMAGE: Mapping[str, Corruption] = {
    f.__name__: f
    for f in (
        gaussian_noise,
        shot_noise,
        gaussian_blur,
        brightness,
        contrast,
        jpeg,
        pixelate,
        occlusion,
    )
}
TABULAR: Mapping[str, Corruption] = {
    f.__name__: f for f in (gaussian_noise, feature_dropout, rounding)
}
