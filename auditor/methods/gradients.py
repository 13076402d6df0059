"""Squared norm of every sample's own loss gradient, without building one gradient per sample.

Purpose: the loss gradient of a linear or convolution layer is a sum over positions t of outer
products g_t a_t' of output gradient and input, so its squared norm follows from a and g alone:
|a|^2 |g|^2 for one position, sum over t, s of (a_t.a_s)(g_t.g_s) for many.
Source: Goodfellow 2015 (arXiv 1510.01799) for linear layers; convolutions are unfolded first.
Limits: covers ``nn.Linear`` and ``nn.Conv2d`` modules that run as modules on whole batches.
Anything else (normalisation, attention, scripted code) is named in ``uncovered``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ELEMENTS = 1 << 24
"""Largest number of float32 elements unfolded at a time (64 MB)."""


@dataclass(frozen=True)
class GradientNorms:
    """Squared gradient norms ``(n,)`` by layer, and what they leave out.

    Args:
        by_layer: layer name -> squared norm over its weight and bias, ``(n,)``, float64.
        uncovered: names of parameters without a term.
    """

    by_layer: dict[str, Tensor]
    uncovered: tuple[str, ...]

    @property
    def total(self) -> Tensor:
        """Sum over the layers, ``(n,)``."""
        return torch.stack(list(self.by_layer.values())).sum(0)


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Eval mode inside, every module's own mode again outside."""
    learning = [module for module in network.modules() if module.training]
    for module in learning:  # not network.eval(): exported programs refuse the call
        module.training = False
    try:
        yield
    finally:
        for module in learning:
            module.training = True


def squared_gradient_norms(network: nn.Module, x: Tensor, y: Tensor) -> GradientNorms:
    """Squared norms of each sample's cross-entropy gradient, layer by layer.

    Args:
        network: maps ``(n, *shape)`` to logits ``(n, classes)``; run in eval mode.
        x: inputs ``(n, *shape)``.
        y: labels ``(n,)``.
    """
    with evaluating(network), torch.enable_grad(), _recorded(network, len(x)) as calls:
        loss = F.cross_entropy(network(x.detach().requires_grad_(True)), y, reduction="sum")
        outputs = [output for _, _, output in calls]
        gradients = torch.autograd.grad(loss, outputs, allow_unused=True) if outputs else ()
    names = {module: name for name, module in network.named_modules()}
    used: dict[nn.Module, list[tuple[Tensor, Tensor]]] = {}
    for (module, layer_input, _), gradient in zip(calls, gradients, strict=True):
        if gradient is not None:
            used.setdefault(module, []).append((layer_input, gradient))
    by_layer = {names[module]: _layer_norm(module, pairs) for module, pairs in used.items()}
    return GradientNorms(by_layer, _uncovered(network, set(used)))


@contextmanager
def _recorded(network: nn.Module, n: int) -> Iterator[list[tuple[nn.Module, Tensor, Tensor]]]:
    calls: list[tuple[nn.Module, Tensor, Tensor]] = []

    def record(module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> Tensor:
        if not inputs or len(inputs[0]) != n or not output.requires_grad:
            return output
        calls.append((module, inputs[0].detach().clone(), output))
        return output.clone()  # an activation in place must not overwrite the recorded output

    layers = [m for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    handles = [layer.register_forward_hook(record) for layer in layers]
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def _uncovered(network: nn.Module, covered: set[nn.Module]) -> tuple[str, ...]:
    inside = {id(p) for module in covered for p in module.parameters(recurse=False)}
    return tuple(name for name, p in network.named_parameters() if id(p) not in inside)


def _layer_norm(module: nn.Module, pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Squared norms ``(n,)`` of one layer over all its calls in one forward pass."""
    parts = [_positions(module, a[:1], g[:1]) for a, g in pairs]
    per_sample = sum(a.numel() for a, _ in parts)
    block = max(1, ELEMENTS // per_sample)
    norms = []
    for start in range(0, len(pairs[0][0]), block):
        cut = [
            _positions(module, a[start : start + block], g[start : start + block]) for a, g in pairs
        ]
        a = torch.cat([part for part, _ in cut], 2)
        g = torch.cat([part for _, part in cut], 2)
        norms.append(_outer_norm(a, g) + _bias_norm(module, g))
    return torch.cat(norms).double()


def _positions(module: nn.Module, a: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """Inputs and output gradients as ``(n, groups, positions, features)``."""
    if not isinstance(module, nn.Conv2d):
        n = len(a)
        return a.reshape(n, 1, -1, a.shape[-1]), g.reshape(n, 1, -1, g.shape[-1])
    padding: Any = module.padding
    if module.padding_mode != "zeros" or isinstance(padding, str):
        mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
        a, padding = F.pad(a, module._reversed_padding_repeated_twice, mode=mode), 0
    columns = F.unfold(a, module.kernel_size, module.dilation, padding, module.stride)
    groups = module.groups
    a = columns.reshape(len(a), groups, -1, columns.shape[-1]).transpose(2, 3)
    return a, g.reshape(len(g), groups, g.shape[1] // groups, -1).transpose(2, 3)


def _outer_norm(a: Tensor, g: Tensor) -> Tensor:
    """Squared norm of sum_t g_t a_t', by whichever of two exact ways is cheaper."""
    positions, inputs, outputs = a.shape[2], a.shape[3], g.shape[3]
    if positions == 1:
        return (a.square().sum(3) * g.square().sum(3)).sum((1, 2))
    if positions * (inputs + outputs) < inputs * outputs:
        return ((a @ a.transpose(2, 3)) * (g @ g.transpose(2, 3))).sum((1, 2, 3))
    return (g.transpose(2, 3) @ a).square().sum((1, 2, 3))


def _bias_norm(module: nn.Module, g: Tensor) -> Tensor:
    if getattr(module, "bias", None) is None:
        return g.new_zeros(len(g))
    return g.sum(2).square().sum((1, 2))


@contextmanager
def trainable(parameters: list[nn.Parameter]) -> Iterator[None]:
    """Inside, the parameters require gradients; outside, each as before."""
    before = [p.requires_grad for p in parameters]
    for parameter in parameters:
        parameter.requires_grad_(True)
    try:
        yield
    finally:
        for parameter, required in zip(parameters, before, strict=True):
            parameter.requires_grad_(required)
