"""Residual networks (He et al. 2016) for small images, and resnet18 and resnet34 for 224 x 224.

Purpose: the field's usual backbone. The names of weights are those of torchvision (`conv1`, `bn1`,
`layer1.0.conv1`, `layer2.0.downsample.0`, `fc`), so `resnet18_224` and `resnet34_224` accept its
files.
Limits: basic blocks only; the small-image forms have a 3 x 3 stem and no max pooling.
"""

from __future__ import annotations

from torch import Tensor, nn

from auditor.architectures.blocks import conv3x3, image_shape, initialise
from auditor.architectures.registry import architecture


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions and a shortcut, projected where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(inputs, outputs, stride)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = conv3x3(outputs, outputs)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            projection = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """`(n, inputs, h, w)` to `(n, outputs, h / stride, w / stride)`."""
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        result: Tensor = self.relu(out + self.downsample(x))
        return result


class ResNet(nn.Module):
    """Stem, stages of basic blocks (each but the first halves the size), global average, linear.

    Args:
        channels: input channels.
        classes: number of logits.
        depths: blocks of each of the three or four stages.
        width: channels of the first stage; each stage doubles them.
        large: the 7 x 7 stem with max pooling, for inputs of about 224 x 224.
    """

    def __init__(
        self, channels: int, classes: int, depths: tuple[int, ...], width: int, large: bool = False
    ) -> None:
        super().__init__()
        stem = nn.Conv2d(channels, width, 7, 2, 3, bias=False)
        self.conv1 = stem if large else conv3x3(channels, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool: nn.Module = nn.MaxPool2d(3, 2, 1) if large else nn.Identity()
        self.layer1 = _stage(width, width, depths[0], 1)
        self.layer2 = _stage(width, width * 2, depths[1], 2)
        self.layer3 = _stage(width * 2, width * 4, depths[2], 2)
        last = len(depths) == 4
        self.layer4 = _stage(width * 4, width * 8, depths[3], 2) if last else nn.Sequential()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(width * 2 ** (len(depths) - 1), classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        logits: Tensor = self.fc(self.avgpool(x).flatten(1))
        return logits


def _stage(inputs: int, outputs: int, depth: int, stride: int) -> nn.Sequential:
    rest = (BasicBlock(outputs, outputs, 1) for _ in range(depth - 1))
    return nn.Sequential(BasicBlock(inputs, outputs, stride), *rest)


@architecture("resnet8")
def resnet8(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Three stages of one block, 16 to 64 channels: about 78,000 parameters."""
    return ResNet(image_shape("resnet8", input_shape, 8)[0], classes, (1, 1, 1), 16)


@architecture("resnet20")
def resnet20(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """The CIFAR network of the paper: three stages of three blocks, about 270,000 parameters."""
    return ResNet(image_shape("resnet20", input_shape, 8)[0], classes, (3, 3, 3), 16)


@architecture("resnet18")
def resnet18(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """ResNet-18 with a 3 x 3 stem, for small images."""
    return ResNet(image_shape("resnet18", input_shape, 8)[0], classes, (2, 2, 2, 2), 64)


@architecture("resnet34")
def resnet34(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """ResNet-34 with a 3 x 3 stem, for small images."""
    return ResNet(image_shape("resnet34", input_shape, 8)[0], classes, (3, 4, 6, 3), 64)


@architecture("resnet18_224")
def resnet18_224(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """ResNet-18 with the 7 x 7 stem; takes torchvision's weights."""
    return ResNet(
        image_shape("resnet18_224", input_shape, 32)[0], classes, (2, 2, 2, 2), 64, large=True
    )


@architecture("resnet34_224")
def resnet34_224(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """ResNet-34 with the 7 x 7 stem; takes torchvision's weights."""
    return ResNet(
        image_shape("resnet34_224", input_shape, 32)[0], classes, (3, 4, 6, 3), 64, large=True
    )
