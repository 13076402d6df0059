"""Networks that want their inputs arranged otherwise than ``(n, c, h, w)``, given them so.

Purpose: TorchScript says nothing about its input, and authors leave the channel out, put it last or
export for one batch size. If a network refuses a batch, these arrangements are tried in turn.
Limits: an arrangement that a network takes is believed; a wrong one shows in the clean accuracy.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from auditor.intake.batching import FixedBatch, hidden_batch

REFUSALS = (RuntimeError, ValueError, LookupError, TypeError, NotImplementedError)
"""What networks raise at inputs that do not suit them."""


class ChannelsLast(nn.Module):
    """A network that takes ``(n, h, w, c)``, given ``(n, c, h, w)``."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Images ``(n, c, h, w)`` to the network's output."""
        output: Tensor = self.network(x.permute(0, 2, 3, 1))
        return output


class NoChannel(nn.Module):
    """A network that takes ``(n, h, w)``, given ``(n, 1, h, w)``."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Images ``(n, 1, h, w)`` to the network's output."""
        output: Tensor = self.network(x[:, 0])
        return output


def arranged(network: nn.Module, few: Tensor) -> tuple[nn.Module, str]:
    """The network so that it takes ``few`` ``(n, *shape)``, and a note if it was rearranged.

    Raises:
        Exception: what the network itself raised, one of `REFUSALS`, if no arrangement helps.
    """
    try:
        network(few)
    except REFUSALS as refusal:
        for other, note in _others(network, few):
            if _takes(other, few):
                return other, note
        raise refusal
    return network, ""


def _others(network: nn.Module, few: Tensor) -> Iterator[tuple[nn.Module, str]]:
    if few.ndim == 4:
        yield ChannelsLast(network), "The model takes height, width, channels; it is given them so."
        if few.shape[1] == 1:
            yield NoChannel(network), "The model takes pictures without a channel dimension."
    batch = hidden_batch(network, tuple(few.shape[1:]))
    if batch is not None:
        note = f"The model takes batches of {batch} only, which makes the audit slow: export it "
        yield FixedBatch(network, batch), f"{note}again so that it takes any."


def _takes(network: nn.Module, few: Tensor) -> bool:
    try:
        network(few)
    except REFUSALS:
        return False
    return True


def in_single(network: nn.Module) -> str:
    """Weights in half or double precision converted to single; a note if there were any."""
    values = [*network.parameters(), *network.buffers()]
    kinds = {value.dtype for value in values if value.is_floating_point()} - {torch.float32}
    if not kinds:
        return ""
    network.float()
    names = " and ".join(sorted(str(kind).removeprefix("torch.") for kind in kinds))
    return f"Weights in {names} were converted to single precision."
