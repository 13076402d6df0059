"""Switch channels off and see what falls: the causal check behind an attribution.

Purpose: replace chosen output channels of one layer by their mean over clean inputs; if a trigger
runs through them, its success falls while clean accuracy stays.
Source: mean ablation as in the pruning defences (Liu et al. 2018, fine-pruning), one layer at once.
Limits: layers that run as ``nn.Linear`` or ``nn.Conv2d`` modules; the final classifier is left out,
since its channels are the logits themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor, nn

Model = Callable[[Tensor], Tensor]


def ablatable_layers(network: nn.Module, x: Tensor, limit: int) -> dict[str, nn.Module]:
    """At most ``limit`` hidden layers in the order they run, evenly spread, the last one included.

    A layer that runs more than once in a pass, or not at all, is left out.
    """
    names = {module: name for name, module in network.named_modules()}
    ran: list[nn.Module] = []
    layers = [m for m in names if isinstance(m, nn.Linear | nn.Conv2d)]
    handles = [m.register_forward_hook(lambda module, _, __: ran.append(module)) for m in layers]
    try:
        with torch.no_grad():
            network(x[:1])
    finally:
        for handle in handles:
            handle.remove()
    hidden = [m for m in ran[:-1] if ran.count(m) == 1]
    spread = torch.linspace(len(hidden) - 1, 0, min(limit, len(hidden))).round().long()
    return {names[hidden[i]]: hidden[i] for i in sorted(spread.tolist())}


def channel_means(model: Model, layer: nn.Module, x: Tensor) -> Tensor:
    """Mean output of each channel of ``layer`` over inputs and positions, ``(channels,)``."""
    means: list[Tensor] = []

    def record(module: nn.Module, inputs: Any, output: Tensor) -> None:
        means.append(_channels_last(module, output).flatten(0, -2).mean(0))

    handle = layer.register_forward_hook(record)
    try:
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
    return means[0]


@dataclass(frozen=True)
class Cut:
    """Output channels of one layer to be switched off.

    Args:
        name: of the layer.
        layer: the module itself.
        channels: indices, strongest first, ``(k,)``.
        means: clean mean of every channel of the layer, ``(channels,)``.
    """

    name: str
    layer: nn.Module
    channels: Tensor
    means: Tensor

    def random(self, generator: Generator) -> Cut:
        """As many channels of the same layer, drawn from all of them."""
        drawn = torch.randperm(len(self.means), generator=generator)[: len(self.channels)]
        return replace(self, channels=drawn)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the channels always have their mean value."""

        def replaced(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
            changed = output.clone()
            _channels_last(module, changed)[..., self.channels] = self.means[self.channels]
            return changed

        handle = self.layer.register_forward_hook(replaced)
        try:
            yield
        finally:
            handle.remove()


def _channels_last(layer: nn.Module, output: Tensor) -> Tensor:
    return output.movedim(1, -1) if isinstance(layer, nn.Conv2d) else output
