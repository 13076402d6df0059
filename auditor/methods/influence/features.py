"""What the last linear layer sees: the features in which a class's members lie close together."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from auditor.methods.gradients import evaluating


def features(network: nn.Module, x: Tensor, batch: int = 256) -> Tensor:
    """Inputs of the last linear layer ``(n, d)``; the logits of a model without one."""
    return features_and_logits(network, x, batch)[0]


def features_and_logits(network: nn.Module, x: Tensor, batch: int = 256) -> tuple[Tensor, Tensor]:
    """The same and the logits ``(n, classes)``, of one pass."""
    layers = [module for module in network.modules() if isinstance(module, nn.Linear)]
    seen: list[Tensor] = []

    def note(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        seen.append(inputs[0].detach().flatten(1))

    found, said = [], []
    handle = layers[-1].register_forward_pre_hook(note) if layers else None
    try:
        with evaluating(network), torch.no_grad():
            for part in torch.split(x, batch):
                logits = network(part)
                fits = bool(seen) and len(seen[-1]) == len(part)
                found.append(seen[-1] if fits else logits)
                said.append(logits)
                seen.clear()
    finally:
        if handle is not None:
            handle.remove()
    return torch.cat(found), torch.cat(said)


def directions(centred: Tensor, count: int) -> Tensor:
    """The strongest principal directions, ``(d, count)``."""
    right: Tensor = torch.linalg.svd(centred, full_matrices=False)[2]
    return right[:count].T


def covariance(values: Tensor) -> Tensor:
    """Covariance ``(d, d)`` of values ``(n, d)``, with a small ridge so that it can be inverted."""
    centred = values - values.mean(0)
    plain = centred.T @ centred / max(1, len(values) - 1)
    ridge = 1e-3 * plain.diag().mean().clamp_min(1e-9)
    return plain + ridge * torch.eye(len(plain))
