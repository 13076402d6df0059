"""Every corruption keeps shape and range, repeats itself, and grows with severity."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from auditor.core.subject import CleanSet
from auditor.methods.corruptions import IMAGE, SEVERITIES, TABULAR, Corruption


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def smooth_images(channels: int, side: int = 28) -> Tensor:
    """Low-frequency colour images with an edge."""
    small = torch.rand(24, channels, 4, 4, generator=generator())
    images = torch.nn.functional.interpolate(small, (side, side), mode="bilinear")
    images[:, :, side // 2 :] *= 0.5
    return images


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("kind", IMAGE)
def test_distortion_grows_with_severity(kind: str, channels: int) -> None:
    x = smooth_images(channels)
    damaged = [IMAGE[kind](x, severity, generator()) for severity in SEVERITIES]
    sizes = [float((d - x).square().mean()) for d in damaged]
    assert 0 < sizes[0] < sizes[1] < sizes[2]
    assert all(d.shape == x.shape and d.min() >= 0 and d.max() <= 1 for d in damaged)
    assert torch.equal(IMAGE[kind](x, 2, generator()), damaged[1])


@pytest.mark.parametrize("kind", IMAGE)
def test_works_on_digits(kind: str, digits_clean: CleanSet) -> None:
    x = digits_clean.x[:20]
    assert IMAGE[kind](x, 2, generator()).isfinite().all()


@pytest.mark.parametrize(("kind", "damage"), TABULAR.items())
def test_tabular_distortion_grows_with_severity(kind: str, damage: Corruption) -> None:
    x = torch.rand(200, 13, generator=generator())
    sizes = [float((damage(x, s, generator()) - x).square().mean()) for s in SEVERITIES]
    assert 0 < sizes[0] < sizes[1] < sizes[2]
