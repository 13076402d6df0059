"""mobilenet: depthwise-separable convolutions (Howard et al. 2017) in a size for small images."""

from __future__ import annotations

from torch import Tensor, nn

from auditor.architectures.blocks import conv3x3, conv_bn_relu, image_shape, initialise
from auditor.architectures.registry import architecture

_BLOCKS = ((48, 1), (96, 2), (96, 1), (192, 2), (192, 1))
"""Output channels and stride of each block."""


class SeparableBlock(nn.Module):
    """A depthwise 3 x 3 and a pointwise 1 x 1 convolution, each with BatchNorm and ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.depthwise = conv3x3(inputs, inputs, stride, groups=inputs)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """`(n, inputs, h, w)` to `(n, outputs, h / stride, w / stride)`."""
        x = self.relu(self.bn1(self.depthwise(x)))
        result: Tensor = self.relu(self.bn2(self.pointwise(x)))
        return result


class MobileNet(nn.Module):
    """Stem, separable blocks, global average, linear."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        inputs = 24
        self.stem = nn.Sequential(*conv_bn_relu(channels, inputs))
        blocks = []
        for outputs, stride in _BLOCKS:
            blocks.append(SeparableBlock(inputs, outputs, stride))
            inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        logits: Tensor = self.fc(self.avgpool(self.blocks(self.stem(x))).flatten(1))
        return logits


@architecture("mobilenet")
def mobilenet(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Build the small `MobileNet`, about 80,000 parameters."""
    return MobileNet(image_shape("mobilenet", input_shape, 8)[0], classes)
