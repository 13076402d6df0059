"""lenet: LeNet-5 (LeCun et al. 1998) with ReLU and max pooling, without BatchNorm."""

from __future__ import annotations

from torch import Tensor, nn

from auditor.architectures.blocks import image_shape
from auditor.architectures.registry import architecture


class LeNet(nn.Module):
    """Two 5 x 5 convolutions and three linear layers."""

    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        channels, height, width = shape
        left = ((height // 2 - 4) // 2) * ((width // 2 - 4) // 2)
        self.conv1 = nn.Conv2d(channels, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.relu = nn.ReLU()
        self.fc1 = nn.Linear(16 * left, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Images `(n, c, h, w)` to logits `(n, classes)`."""
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x))).flatten(1)
        logits: Tensor = self.fc3(self.relu(self.fc2(self.relu(self.fc1(x)))))
        return logits


@architecture("lenet")
def lenet(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Build a `LeNet`."""
    return LeNet(image_shape("lenet", input_shape, 12), classes)
