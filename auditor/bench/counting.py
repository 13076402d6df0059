"""What a scan asks of networks: the inputs that pass through them, and what these passes cost.

Passes through a small student and through the scanned model are not alike, and one that goes
backward costs more than one that does not. So beside the count stands the work in forward passes of
the scanned model: operations of the network called over those of the scanned one, times two where
gradients reach the inputs, times three where the weights learn.
Limit: operations are multiplications and additions of layers, as torch counts them for one input.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from auditor.methods.swift import original


@dataclass
class Passes:
    """Counts that grow while networks are called.

    Args:
        scanned: the network that is scanned.
        unit: operations of its forward pass (count).
        every: inputs that went through any outermost network (count).
        own: those of them through ``scanned`` (count).
        work: cost of all, in forward passes of ``scanned``.
    """

    scanned: nn.Module
    unit: int
    every: int = 0
    own: int = 0
    work: float = 0.0
    _known: WeakKeyDictionary[nn.Module, int] = field(default_factory=WeakKeyDictionary)

    def note(self, network: nn.Module, x: Tensor) -> None:
        """Counts one call of an outermost network."""
        self.every += len(x)
        self.own += len(x) * (original(network) is self.scanned)
        if network not in self._known:
            self._known[network] = operations(network, x[:1])
        self.work += len(x) * _directions(network, x) * self._known[network] / self.unit


def operations(network: nn.Module, x: Tensor) -> int:
    """Additions and multiplications of one forward pass; the network's mode stays as it is."""
    training = {module: module.training for module in network.modules()}
    network.eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(x)
    for module, mode in training.items():
        module.training = mode
    return int(counter.get_total_flops())


def _directions(network: nn.Module, x: Tensor) -> int:
    if not torch.is_grad_enabled():
        return 1
    if any(parameter.requires_grad for parameter in network.parameters()):
        return 3
    return 2 if x.requires_grad else 1


@contextmanager
def counted_passes(scanned: nn.Module, x: Tensor) -> Iterator[Passes]:
    """Counts the inputs of every outermost network that is called; ``x`` is an input of one."""
    passes, depth = Passes(scanned, max(1, operations(scanned, x))), [0]

    def enter(module: nn.Module, inputs: Any) -> None:
        depth[0] += 1
        if depth[0] == 1:
            passes.note(module, inputs[0])

    def leave(module: nn.Module, inputs: Any, output: Any) -> None:
        depth[0] -= 1

    hooks = (
        torch.nn.modules.module.register_module_forward_pre_hook(enter),
        torch.nn.modules.module.register_module_forward_hook(leave, always_call=True),
    )
    try:
        yield passes
    finally:
        for hook in hooks:
            hook.remove()
