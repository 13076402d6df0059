"""Networks that take one batch size only, made to take any."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.intake.canonical import first_tensor


class FixedBatch(nn.Module):
    """Feeds a network in batches of its only size, the last one filled up.

    Args:
        network: takes exactly ``batch`` inputs.
    """

    def __init__(self, network: nn.Module, batch: int) -> None:
        super().__init__()
        self.network = network
        self.batch = batch

    def forward(self, x: Tensor) -> Tensor:
        """Inputs ``(n, *shape)`` of any ``n`` to the first output, ``(n, ...)``."""
        return torch.cat([self._padded(part) for part in torch.split(x, self.batch)])

    def _padded(self, part: Tensor) -> Tensor:
        missing = self.batch - len(part)
        full = torch.cat([part, part[:1].expand(missing, *part.shape[1:])]) if missing else part
        return first_tensor(self.network(full))[: len(part)]


@torch.no_grad()
def takes_any_batch(network: nn.Module, shape: tuple[int, ...], batch: int) -> bool:
    """True if twice the exported batch gives the same outputs as two batches of it."""
    x = torch.rand((2 * batch, *shape), generator=torch.Generator().manual_seed(0))
    try:
        whole = first_tensor(network(x))
    except (RuntimeError, ValueError, IndexError):
        return False
    parts = torch.cat([first_tensor(network(x[:batch])), first_tensor(network(x[batch:]))])
    return whole.shape == parts.shape and torch.allclose(whole, parts, rtol=1e-3, atol=1e-4)


@torch.no_grad()
def hidden_batch(network: nn.Module, shape: tuple[int, ...]) -> int | None:
    """The batch size up to 16 that is written into a graph without being declared.

    None if two different sizes work, or none does.
    """
    working = []
    for batch in (3, 5, 1, 2, 4, 6, 7, *range(8, 17)):
        try:
            network(torch.zeros((batch, *shape)))
        except (RuntimeError, ValueError, IndexError):
            continue
        working.append(batch)
        if len(working) == 2:
            return None
    return working[0] if working else None
