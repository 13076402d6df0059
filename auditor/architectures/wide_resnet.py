"""wide_resnet: WRN-16-2 (Zagoruyko and Komodakis 2016), pre-activation blocks, without dropout."""

from __future__ import annotations

from torch import Tensor, nn

from auditor.architectures.blocks import conv3x3, image_shape, initialise
from auditor.architectures.registry import architecture


class PreActivationBlock(nn.Module):
    """BN-ReLU-convolution twice; the shortcut is projected where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = conv3x3(inputs, outputs, stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = conv3x3(outputs, outputs)
        self.relu = nn.ReLU()
        self.shortcut: nn.Module | None = None
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(n, inputs, h, w)` to `(n, outputs, h / stride, w / stride)`."""
        active = self.relu(self.bn1(x))
        out = self.conv2(self.relu(self.bn2(self.conv1(active))))
        result: Tensor = out + (x if self.shortcut is None else self.shortcut(active))
        return result


class WideResNet(nn.Module):
    """Three stages of `depth` blocks with 16, 32, 64 times `widen` channels."""

    def __init__(self, channels: int, classes: int, depth: int = 2, widen: int = 2) -> None:
        super().__init__()
        widths = (16, 16 * widen, 32 * widen, 64 * widen)
        self.conv1 = conv3x3(channels, widths[0])
        self.layer1 = _stage(widths[0], widths[1], depth, 1)
        self.layer2 = _stage(widths[1], widths[2], depth, 2)
        self.layer3 = _stage(widths[2], widths[3], depth, 2)
        self.bn1 = nn.BatchNorm2d(widths[3])
        self.relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(widths[3], classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        x = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        logits: Tensor = self.fc(self.avgpool(self.relu(self.bn1(x))).flatten(1))
        return logits


def _stage(inputs: int, outputs: int, depth: int, stride: int) -> nn.Sequential:
    first = PreActivationBlock(inputs, outputs, stride)
    return nn.Sequential(
        first, *(PreActivationBlock(outputs, outputs, 1) for _ in range(depth - 1))
    )


@architecture("wide_resnet")
def wide_resnet(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """WRN-16-2, about 690,000 parameters."""
    return WideResNet(image_shape("wide_resnet", input_shape, 8)[0], classes)
