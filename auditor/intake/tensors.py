"""A digest of every tensor of an opened model, so that two deliveries can be compared by layer.

Purpose: a file's digest changes with its container; these change only with the weights. The bytes
are those of the tensor in memory, row by row, whatever format it came in. Limits: tensors that a
graph holds as constants are not listed where the reader did not make them parameters or buffers.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch

from auditor.core.finding import JsonRow

if TYPE_CHECKING:
    from torch import nn

MAX_TENSORS = 20_000
MAX_NAME = 200


def digests(network: nn.Module) -> list[JsonRow]:
    """``tensor`` (its name), ``shape``, ``dtype`` and ``sha256`` of each parameter and buffer."""
    state = network.state_dict().items()
    tensors = [(name, value) for name, value in state if isinstance(value, torch.Tensor)]
    return [_row(name, value) for name, value in tensors[:MAX_TENSORS]]


def _row(name: str, value: torch.Tensor) -> JsonRow:
    plain = value.detach().cpu().contiguous().reshape(-1)
    return {
        "tensor": name[:MAX_NAME],
        "shape": "x".join(str(size) for size in value.shape) or "1",
        "dtype": str(value.dtype).removeprefix("torch."),
        "sha256": hashlib.sha256(plain.view(torch.uint8).numpy().tobytes()).hexdigest(),
    }
