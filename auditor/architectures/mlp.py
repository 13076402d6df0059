"""mlp: two hidden layers, for feature vectors and for flattened images."""

from __future__ import annotations

from math import prod

from torch import Tensor, nn

from auditor.architectures.registry import architecture


class MLP(nn.Module):
    """Linear-ReLU twice, then a linear head."""

    def __init__(self, features: int, classes: int, hidden: int = 128) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, hidden // 2)
        self.fc3 = nn.Linear(hidden // 2, classes)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Inputs `(n, d)` or `(n, c, h, w)` to logits `(n, classes)`."""
        hidden = self.relu(self.fc2(self.relu(self.fc1(x.flatten(1)))))
        logits: Tensor = self.fc3(hidden)
        return logits


@architecture("mlp")
def mlp(input_shape: tuple[int, ...], classes: int) -> nn.Module:
    """Build an `MLP` for inputs of any shape."""
    return MLP(prod(input_shape), classes)
