"""Multi-layer perceptrons of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from auditor.intake.estimators.family import classifier
from auditor.intake.estimators.fields import Fields, double
from auditor.intake.estimators.values import as_array

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "identity": nn.Identity, "logistic": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU,
}  # fmt: skip


class BinaryScores(nn.Module):
    """One score ``s`` as the two scores ``(0, s)``; more are left as they are."""

    def forward(self, scores: Tensor) -> Tensor:
        """``(n, 1)`` to ``(n, 2)``."""
        if scores.shape[1] > 1:
            return scores
        return torch.cat([torch.zeros_like(scores), scores], 1)


@classifier("MLPClassifier")
def perceptron(fields: Fields) -> nn.Module:
    """Linear layers with one activation between them."""
    activation = _ACTIVATIONS.get(fields.text("activation", "relu"))
    weights = [as_array(entry) for entry in fields.get("coefs_", [])]
    biases = [as_array(entry) for entry in fields.get("intercepts_", [])]
    if activation is None or not weights or len(weights) != len(biases):
        raise fields.refuse("has an unknown activation or no layers")
    classes = len(fields.classes())
    last = fields.text("out_activation_", "logistic" if classes == 2 else "softmax")
    if last == "logistic" and classes != 2:
        raise fields.refuse("gives several labels at once")
    if last != ("logistic" if classes == 2 else "softmax"):
        raise fields.wrong("out_activation_", f"is {last!r} for {classes} classes")
    layers: list[nn.Module] = []
    size = len(weights[0])
    for weight, bias in zip(weights, biases, strict=True):
        fields.same("coefs_", weight.shape, (size, *bias.shape))
        layers += [_linear(double(weight), double(bias)), activation()]
        size = len(bias)
    fields.same("intercepts_", (size,), (1 if classes == 2 and size == 1 else classes,))
    return nn.Sequential(*layers[:-1], BinaryScores())


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[0], weight.shape[1], dtype=torch.float64)
    layer.weight = nn.Parameter(weight.T.contiguous())
    layer.bias = nn.Parameter(bias)
    return layer
