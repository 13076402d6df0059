"""Self-influence of labelled inputs at the delivered weights.

Purpose: how strongly a sample would pull the weights towards its own label if it were trained on;
wrong labels and unusual samples pull hardest. No training data and no checkpoint is needed.
Source: TracIn (Pruthi et al. 2020), one checkpoint, learning rate 1: the squared norm of the
gradient of the loss of the sample.
Limits: three levels of coverage, the best that the model allows; ``covered`` says which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auditor.methods.gradients import evaluating, squared_gradient_norms, trainable

BLOCK = 100
Check = Callable[[float, str], None]


@dataclass(frozen=True)
class SelfInfluence:
    """Squared gradient norms ``(n,)``, float64, and what they cover.

    Args:
        values: at least 0, in squared units of the loss gradient.
        covered: one sentence on the parameters behind the values.
        complete: every parameter of the model is covered.
    """

    values: Tensor
    covered: str
    complete: bool


def self_influence(
    network: nn.Module, x: Tensor, y: Tensor, check: Check, scalars: int = 200_000
) -> SelfInfluence:
    """Self-influence of ``(n, *shape)`` inputs with labels ``(n,)``.

    Args:
        network: maps inputs to logits ``(n, classes)``.
        x: inputs.
        y: labels.
        check: called with the share done and a note, may raise to stop.
        scalars: most parameters differentiated one sample at a time, if no layer can be hooked.
    """
    if _hookable(network, x[:2], y[:2]):
        return _factored(network, x, y, check)
    parameters = _last_parameters(network, scalars)
    if parameters:
        return _one_by_one(network, x, y, parameters, check)
    return _residual(network, x, y)


def residual_norms(logits: Tensor, y: Tensor) -> Tensor:
    """Self-influence through the output biases alone, ``|p - e_y|^2``, ``(n,)`` in [0, 2]."""
    p = torch.softmax(logits.double(), 1)
    return (p - F.one_hot(y, p.shape[1])).square().sum(1)


def _hookable(network: nn.Module, x: Tensor, y: Tensor) -> bool:
    return bool(squared_gradient_norms(network, x, y).by_layer)


def _factored(network: nn.Module, x: Tensor, y: Tensor, check: Check) -> SelfInfluence:
    values, uncovered = [], set[str]()
    for start in range(0, len(x), BLOCK):
        check(start / len(x), "self-influence")
        part = squared_gradient_norms(network, x[start : start + BLOCK], y[start : start + BLOCK])
        values.append(part.total)
        uncovered |= set(part.uncovered)
    sizes = {name: p.numel() for name, p in network.named_parameters()}
    outside = sum(sizes[name] for name in uncovered)
    whole = sum(sizes.values())
    covered = f"linear and convolution layers, {whole - outside:,} of {whole:,} parameters" + (
        f"; without {_some(sorted(uncovered))}" if uncovered else ""
    )
    return SelfInfluence(torch.cat(values), covered, not uncovered)


def _some(names: list[str], shown: int = 4) -> str:
    rest = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest


def _last_parameters(network: nn.Module, scalars: int) -> list[nn.Parameter]:
    """The last parameters of the network, as many as stay within ``scalars`` numbers."""
    chosen: list[nn.Parameter] = []
    for parameter in reversed([p for p in network.parameters() if p.is_floating_point()]):
        if sum(p.numel() for p in chosen) + parameter.numel() > scalars:
            break
        chosen.append(parameter)
    return chosen


def _one_by_one(
    network: nn.Module, x: Tensor, y: Tensor, parameters: list[nn.Parameter], check: Check
) -> SelfInfluence:
    values = x.new_zeros(len(x), dtype=torch.float64)
    with evaluating(network), torch.enable_grad(), trainable(parameters):
        for i in range(len(x)):
            if i % BLOCK == 0:
                check(i / len(x), "self-influence")
            loss = F.cross_entropy(network(x[i : i + 1]), y[i : i + 1])
            if not loss.requires_grad:
                return _residual(network, x, y)
            found = torch.autograd.grad(loss, parameters, allow_unused=True)
            values[i] = sum(float(g.double().square().sum()) for g in found if g is not None)
    inside, whole = (sum(p.numel() for p in ps) for ps in (parameters, network.parameters()))
    covered = f"the last {inside:,} of {whole:,} parameters (no layer of this format can be hooked)"
    return SelfInfluence(values, covered, inside == whole)


def _residual(network: nn.Module, x: Tensor, y: Tensor) -> SelfInfluence:
    with evaluating(network), torch.no_grad():
        logits = torch.cat([network(part) for part in torch.split(x, 256)])
    covered = "the output biases only (the model shows no parameters that gradients reach)"
    return SelfInfluence(residual_norms(logits, y), covered, False)
