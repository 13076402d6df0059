"""The wrapper that gives every delivered network the same face.

Canonical inputs in [0, 1] -> ``low + x (high - low)`` -> ``(x - mean) / std`` -> network ->
logits. A closing softmax is undone by a logarithm and a single output of a binary model becomes
two logits, so that every probe sees gradients that do not vanish.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from auditor.core.errors import DeliveryError

TINY = 1e-30  # far above the smallest normal float32, so the gradient stays exact


class Canonical(nn.Module):
    """A network behind its preprocessing and its head.

    Args:
        network: the delivered network, in its own units.
        head: what makes logits ``(n, classes)`` of its output.
        low, high, mean, std: one value, or one a channel or feature; mean and std may be empty.
        dims: number of dimensions of one input, 3 for images and 1 for tables.
    """

    low: Tensor
    span: Tensor
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        network: nn.Module,
        head: nn.Module,
        low: Sequence[float] = (0.0,),
        high: Sequence[float] = (1.0,),
        mean: Sequence[float] = (),
        std: Sequence[float] = (),
        dims: int = 3,
    ) -> None:
        super().__init__()
        self.network = network
        self.head = head
        ends = zip(_wide(low, high), _wide(high, low), strict=True)
        span = [top - bottom for bottom, top in ends]
        tail = (1,) * (dims - 1)
        for name, values in (
            ("low", low),
            ("span", span),
            ("mean", mean or (0.0,)),
            ("std", std or (1.0,)),
        ):
            buffer = torch.tensor(values, dtype=torch.float32).reshape(1, -1, *tail)
            self.register_buffer(name, buffer)

    def units(self, x: Tensor) -> Tensor:
        """Canonical inputs in the model's own units, same shape."""
        return (self.low + x * self.span - self.mean) / self.std

    def forward(self, x: Tensor) -> Tensor:
        """Canonical inputs ``(n, *shape)`` to logits ``(n, classes)``."""
        return self.from_units(self.units(x))

    def from_units(self, units: Tensor) -> Tensor:
        """Inputs in the model's own units ``(n, *shape)`` to logits ``(n, classes)``."""
        logits: Tensor = self.head(first_tensor(self.network(units)))
        return logits


def _wide(values: Sequence[float], other: Sequence[float]) -> Sequence[float]:
    return list(values) * len(other) if len(values) == 1 else values


def first_tensor(output: Any) -> Tensor:
    """The first tensor with rows of scores in a tensor, tuple, list, mapping or output object.

    Classifiers often return the predicted labels beside the scores, some of them before. Where
    nothing looks like scores it is the first tensor.

    Raises:
        DeliveryError: there is none.
    """
    found = list(_tensors(output))
    for one in found:
        if one.is_floating_point() and one.ndim >= 2:
            return one
    if found:
        return found[0]
    raise DeliveryError(
        "The model's output is not a tensor.", "Export it so that it returns logits.", "unsupported"
    )


def _tensors(output: Any) -> Iterator[Tensor]:
    if isinstance(output, Tensor):
        yield output
    elif isinstance(output, Mapping):
        yield from _tensors(list(output.values()))
    elif isinstance(output, Sequence) and not isinstance(output, str):
        for entry in output:
            yield from _tensors(entry)


class Logits(nn.Module):
    """Output that is logits already."""

    def forward(self, output: Tensor) -> Tensor:
        """``(n, ..., K)`` with empty middle dimensions to ``(n, K)``."""
        return output.flatten(1).float()


class LogOfSoftmax(nn.Module):
    """Probabilities to logits that have the same softmax."""

    def forward(self, output: Tensor) -> Tensor:
        """Rows of probabilities ``(n, K)`` to their logarithms."""
        return output.flatten(1).float().clamp_min(TINY).log()


class TwoFromLogit(nn.Module):
    """One logit ``z`` of a binary model to the two logits ``(0, z)``."""

    def forward(self, output: Tensor) -> Tensor:
        """``(n, 1)`` or ``(n,)`` to ``(n, 2)``."""
        logit = output.reshape(len(output), 1).float()
        return torch.cat([torch.zeros_like(logit), logit], 1)


class TwoFromProbability(nn.Module):
    """One probability ``p`` of a binary model to ``(log(1 - p), log p)``."""

    def forward(self, output: Tensor) -> Tensor:
        """``(n, 1)`` or ``(n,)`` to ``(n, 2)``."""
        share = output.reshape(len(output), 1).float()
        return torch.cat([1 - share, share], 1).clamp_min(TINY).log()


def choose_head(output: Tensor) -> tuple[nn.Module, int, str]:
    """The head for a network's first output, the number of classes, and a note or nothing.

    Log-softmax needs no head: its rows are logits with their own softmax.

    Raises:
        DeliveryError: NaN or infinite outputs, or an output that is not one row a sample.
    """
    if output.ndim == 0 or len(output) < 2 or not output.is_floating_point():
        raise DeliveryError(
            f"The model's output has shape {tuple(output.shape)} and type {output.dtype}, not one "
            "row of scores a sample.", "Export it so that it returns logits.", "unsupported",
        )  # fmt: skip
    if not torch.isfinite(output).all():
        raise DeliveryError("The model gives NaN or infinite outputs on the clean set.")
    rows = output.reshape(len(output), -1).double()
    if rows.shape[1] == 1:
        return _binary(rows)
    if _are_shares(rows):
        note = "The model ends in softmax; logits are the logarithms of its probabilities."
        return LogOfSoftmax(), rows.shape[1], note
    if _are_shares(rows.exp()):
        return Logits(), rows.shape[1], "The model ends in log-softmax."
    return Logits(), rows.shape[1], ""


def _are_shares(rows: Tensor) -> bool:
    return bool((rows >= 0).all()) and bool(((rows.sum(1) - 1).abs() < 1e-3).all())


def _binary(rows: Tensor) -> tuple[nn.Module, int, str]:
    if bool(((rows >= 0) & (rows <= 1)).all()):
        return TwoFromProbability(), 2, "One output, read as the probability of class 1."
    return TwoFromLogit(), 2, "One output, read as the logit of class 1."
