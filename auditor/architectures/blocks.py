"""Pieces that several architectures share."""

from __future__ import annotations

from torch import nn

from auditor.core.errors import AuditorError


def image_shape(name: str, input_shape: tuple[int, ...], smallest: int) -> tuple[int, int, int]:
    """Check that `input_shape` is an image of at least `smallest` pixels a side.

    Raises:
        AuditorError: otherwise.
    """
    if len(input_shape) != 3 or min(input_shape[1:]) < smallest:
        raise AuditorError(
            f"{name} takes images (channels, height, width) of at least {smallest} x {smallest}, "
            f"not {input_shape}.",
            hint="Give the shape of one input, or choose another architecture (mlp takes vectors).",
        )
    channels, height, width = input_shape
    return channels, height, width


def conv3x3(inputs: int, outputs: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """A 3 x 3 convolution that keeps the size at stride 1; BatchNorm behind it has the bias."""
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, groups=groups, bias=False)


def conv_bn_relu(inputs: int, outputs: int, stride: int = 1) -> list[nn.Module]:
    """Convolution, BatchNorm, ReLU."""
    return [conv3x3(inputs, outputs, stride), nn.BatchNorm2d(outputs), nn.ReLU()]


def initialise(network: nn.Module) -> None:
    """Kaiming initialisation of convolutions (He et al. 2015), as networks with ReLU want."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
