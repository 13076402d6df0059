"""strided_cnn: three convolutions, two of them with stride, about 57,000 parameters.

Purpose: the student of the trigger scan. No pooling layers and little memory traffic: a third of
``small_cnn``'s time for a forward and backward pass on a CPU.
"""

from __future__ import annotations

from torch import Tensor, nn

from auditor.architectures.blocks import conv_bn_relu, image_shape
from auditor.architectures.registry import architecture


class StridedCNN(nn.Module):
    """Conv-BN-ReLU with 24, 48, 96 channels, strides 2, 2, 1, global average, linear."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *conv_bn_relu(channels, 24, 2), *conv_bn_relu(24, 48, 2), *conv_bn_relu(48, 96)
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(96, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        logits: Tensor = self.fc(self.pool(self.features(x)).flatten(1))
        return logits


@architecture("strided_cnn")
def strided_cnn(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Build a `StridedCNN`."""
    return StridedCNN(image_shape("strided_cnn", input_shape, 8)[0], classes)
