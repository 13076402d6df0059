"""vgg11: configuration A of Simonyan and Zisserman (2015), a quarter as wide, with BatchNorm.

Limits: the paper's last pooling and its three linear layers are replaced by a global average and
one linear layer, as is usual for small images.
"""

from __future__ import annotations

from torch import Tensor, nn

from auditor.architectures.blocks import conv_bn_relu, image_shape, initialise
from auditor.architectures.registry import architecture

_STAGES = ((16,), (32,), (64, 64), (128, 128), (128, 128))


class VGG(nn.Module):
    """Stages of convolutions with max pooling between them."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = channels
        for index, stage in enumerate(_STAGES):
            layers += [nn.MaxPool2d(2)] if index else []
            for outputs in stage:
                layers += conv_bn_relu(inputs, outputs)
                inputs = outputs
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        logits: Tensor = self.fc(self.avgpool(self.features(x)).flatten(1))
        return logits


@architecture("vgg11")
def vgg11(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Build the small `VGG`, about 580,000 parameters."""
    return VGG(image_shape("vgg11", input_shape, 16)[0], classes)
