"""What a trace finds without the model: the same question to weights that learned nothing.

Purpose: a sample that carries the trigger with the target's label has a gradient like the query's
under any weights, because the same pixels pass the same layers. So a good ranking alone is no
evidence that the model learned from the samples it names; that the trigger works and that it goes
with them is. This says how much of an accusation the inputs alone would have given.
Source: randomisation of weights as a sanity check (Adebayo et al. 2018).
Limits: entries of every weight are shuffled, which any architecture bears and which keeps their
spread; statistics of normalisation stay as they were.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from auditor.core.subject import CleanSet
from auditor.methods.influence.residual import Group, residual_gas
from auditor.methods.influence.store import Check, Gradients, no_check

DRAWS = 3


def shuffled(network: nn.Module, seed: int) -> nn.Module:
    """A copy with the entries of each parameter in random order.

    >>> layer = nn.Linear(3, 2)
    >>> other = shuffled(layer, 0)
    >>> bool((other.weight.flatten().sort().values == layer.weight.flatten().sort().values).all())
    True
    """
    copied = copy.deepcopy(network)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in copied.parameters():
            order = torch.randperm(value.numel(), generator=generator)
            value.copy_(value.flatten()[order].reshape(value.shape))
    return copied


def found_anyway(
    network: nn.Module, data: CleanSet, group: Group, accused: Tensor, check: Check = no_check
) -> float:
    """Share of the accused that shuffled weights rank as high, mean over scores of ``DRAWS``."""
    sources = [Gradients(shuffled(network, seed), data.x, data.y) for seed in range(DRAWS)]
    scores = residual_gas(sources, [group], check)[:, 0]
    highest = scores.topk(len(accused)).indices
    return float(torch.isin(accused, highest).float().mean())
