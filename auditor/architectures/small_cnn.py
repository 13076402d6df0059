"""small_cnn: three convolution stages and a linear head, about 80,000 parameters.

Purpose: fast to train and to audit on small images (28 x 28, 32 x 32); weights under 0.5 MB.
"""

from __future__ import annotations

from torch import Tensor, nn

from auditor.architectures.blocks import conv_bn_relu, image_shape
from auditor.architectures.registry import architecture


class SmallCNN(nn.Module):
    """Conv-BN-ReLU with 32, 64, 96 channels, pooling after two, global average, linear."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.stage1 = nn.Sequential(*conv_bn_relu(channels, 32), nn.MaxPool2d(2))
        self.stage2 = nn.Sequential(*conv_bn_relu(32, 64), nn.MaxPool2d(2))
        self.stage3 = nn.Sequential(*conv_bn_relu(64, 96))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(96, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        features = self.pool(self.stage3(self.stage2(self.stage1(x))))
        logits: Tensor = self.fc(features.flatten(1))
        return logits


@architecture("small_cnn")
def small_cnn(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Build a `SmallCNN`."""
    return SmallCNN(image_shape("small_cnn", input_shape, 8)[0], classes)
