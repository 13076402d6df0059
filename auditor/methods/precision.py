"""Training in bfloat16 where the processor has it: convolutions twice as fast, float32 weights.

Copies of a delivered model are trained for what they teach about the scan, so that rounding in
their training does no harm; they are scanned in full precision (Micikevicius et al., Mixed
precision training, ICLR 2018; bfloat16 needs no scaling of the loss).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.core.subject import Subject


class Half(nn.Module):
    """A network that computes its products in bfloat16; its answers are float32."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """Answers to ``(n, *shape)``."""
        with torch.autocast("cpu", torch.bfloat16):
            answers: Tensor = self.inner(x)
        return answers.float()


def in_half(copy: Subject) -> Subject:
    """The same copy, trained in half precision if that is quicker: networks with convolutions."""
    convolves = any(isinstance(module, nn.Conv2d) for module in copy.network.modules())
    if not (convolves and _processor_has_it()):
        return copy
    wanted = [weight.requires_grad for weight in copy.network.parameters()]
    half = Subject(Half(copy.network), copy.spec, copy.origin)
    for weight, trained in zip(half.network.parameters(), wanted, strict=True):
        weight.requires_grad_(trained)
    return half


def in_full(network: nn.Module) -> nn.Module:
    """The network itself, computed in full precision again."""
    return network.inner if isinstance(network, Half) else network


def _processor_has_it() -> bool:
    """Whether the processor multiplies in bfloat16 itself; False where torch cannot tell."""
    tell = getattr(torch.cpu, "get_capabilities", dict)
    return any(has for name, has in tell().items() if name.endswith("bf16"))
