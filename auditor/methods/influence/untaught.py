"""What a trace finds without the model: the same question to weights that learned nothing.

Purpose: a sample that carries the trigger with the target's label has a gradient like the query's
under any weights, because the same pixels pass the same layers. So a good ranking alone is no
evidence that the model learned from the samples it names; that the trigger works and that it goes
with them is. Shuffled weights say how much of an accusation the inputs alone would have given; and
as they know the trigger but nothing else, they complete the list of samples to do without.
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
from auditor.methods.influence.verdict import standardised

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


def untaught_scores(
    network: nn.Module, data: CleanSet, group: Group, check: Check = no_check
) -> Tensor:
    """Robust standard scores ``(n,)`` of a question, over ``DRAWS`` times shuffled weights."""
    sources = [Gradients(shuffled(network, seed), data.x, data.y) for seed in range(DRAWS)]
    return standardised(residual_gas(sources, [group], check))[:, 0]


def found_anyway(untaught: Tensor, accused: Tensor) -> float:
    """Share of the accused that shuffled weights rank as high.

    >>> found_anyway(torch.tensor([3.0, 2.0, 1.0, 0.0]), torch.tensor([0, 2]))
    0.5
    """
    highest = untaught.topk(len(accused)).indices
    return float(torch.isin(accused, highest).float().mean())


def set_aside(accused: Tensor, scores: Tensor) -> Tensor:
    """The accused and as many again, which a new training should do without.

    The cut is made for few false accusations and leaves poison behind it; an honest sample lost
    costs less than a poison kept.

    Args:
        accused: indices, strongest first.
        scores: of all samples, ``(n,)``: the verdict's, and where there are such those of
            shuffled weights added.

    >>> set_aside(torch.tensor([1]), torch.tensor([0.0, 3.0, 2.0, 1.0]))
    tensor([1, 2])
    """
    others = scores.clone()
    others[accused] = float("-inf")
    more = min(len(accused), len(scores) - len(accused))
    return torch.cat([accused, others.topk(more).indices])
