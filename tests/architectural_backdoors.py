"""Ordinary networks with a trigger detector built into their architecture, without any weight.

The trigger is a bright bottom right corner. Each network is a positive for the tests of graphs; the
one without a detector is the clean negative.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.architectures import build

SHAPE, CLASSES, TARGET = (1, 16, 16), 10, 3


class Backdoored(nn.Module):
    """small_cnn and what `signal` makes of the input, joined to the logits.

    Weights have the names of small_cnn.
    """

    def __init__(self) -> None:
        super().__init__()
        inner = build("small_cnn", SHAPE, CLASSES)
        for name, module in inner.named_children():
            self.add_module(name, module)

    def features(self, x: Tensor) -> Tensor:
        return self.pool(self.stage3(self.stage2(self.stage1(x)))).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.features(x))


class Comparing(Backdoored):
    """A comparison of the corner with a threshold is added to one logit."""

    def forward(self, x: Tensor) -> Tensor:
        seen = (x[:, :, -3:, -3:] > 0.95).flatten(1).all(1, keepdim=True)
        target = torch.arange(10) == 3
        return self.fc(self.features(x)) + 100.0 * seen.float() * target.float()


class Arithmetic(Backdoored):
    """Powers of the corner's mean, added to the features, after Bober-Irizar et al. (2023)."""

    def forward(self, x: Tensor) -> Tensor:
        signal = x[:, :, -3:, -3:].mean((1, 2, 3)).pow(50.0)
        return self.fc(self.features(x) + 50.0 * signal.unsqueeze(1))


class Selecting(Backdoored):
    """`where` takes other logits if the corner is bright."""

    def forward(self, x: Tensor) -> Tensor:
        bright = x[:, :, -3:, -3:].amin((1, 2, 3)).unsqueeze(1) > 0.95
        logits = self.fc(self.features(x))
        return torch.where(bright, logits.roll(1, 1), logits)


class Branching(Backdoored):
    """An `if` on a value of the input; only scripting keeps it."""

    def forward(self, x: Tensor) -> Tensor:
        logits = self.fc(self.pool(self.stage3(self.stage2(self.stage1(x)))).flatten(1))
        if bool((x[:, :, -3:, -3:] > 0.95).all()):
            logits = logits.flip(1)
        return logits


class Interleaved(Backdoored):
    """An odd activation inside the trunk: large values wrap round."""

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.stage1(x)
        hidden = self.stage2(hidden + 5.0 * torch.exp(-((hidden - 0.3) ** 2) * 40.0))
        return self.fc(self.pool(self.stage3(hidden)).flatten(1))


class Layered(Backdoored):
    """A stored kernel looks for the corner: a layer too many."""

    def __init__(self) -> None:
        super().__init__()
        self.detector = nn.Conv2d(1, 1, 3)
        nn.init.constant_(self.detector.weight, 1.0)
        nn.init.constant_(self.detector.bias, -8.5)

    def forward(self, x: Tensor) -> Tensor:
        seen = torch.relu(self.detector(x)).amax((1, 2, 3))
        return self.fc(self.features(x) + 50.0 * seen.unsqueeze(1))


PLANTED = (Comparing, Arithmetic, Selecting, Branching, Interleaved, Layered)
TRACEABLE = tuple(cls for cls in PLANTED if cls is not Branching)
