"""Which samples does the model label as given only because of the trigger? A ranking that needs it.

Purpose: poison looks like a triggered query under any weights, so a trace of gradients names it in
networks that learned nothing. What the trigger adds is therefore taken off every training sample:
where the model then gives up the sample's label, it had learned the trigger. The trace among such
samples ranks poison of a taught model alone; without one there are none.
Source: what a trigger adds is subtracted as in Neural Cleanse's patching, turned round (Wang et
al. 2019); weights as a sanity check, Adebayo et al. 2018.
Limits: the final weights only. Subtracting the mean change undoes patches and additive patterns;
not warps, nor what differs from input to input.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from auditor.core.subject import CleanSet
from auditor.methods.gradients import evaluating

TOGETHER = 500
GIVEN_UP = 0.5
"""Fall in the label's probability from which a sample relies on the trigger."""


def reliance(network: nn.Module, data: CleanSet, change: Tensor) -> Tensor:
    """Fall in the probability of each sample's label without the trigger, ``(n,)`` in [-1, 1].

    Args:
        network: maps inputs to logits; its final weights.
        data: training samples.
        change: what the trigger adds to inputs, ``(m, *shape)``.
    """
    low, high, pattern = data.x.min(), data.x.max(), change.mean(0)
    found = []
    with evaluating(network), torch.no_grad():
        for x, y in zip(*(torch.split(t, TOGETHER) for t in (data.x, data.y)), strict=True):
            both = network(torch.cat([x, (x - pattern).clamp(low, high)])).softmax(1)
            before, after = both.gather(1, torch.cat([y, y])[:, None])[:, 0].chunk(2)
            found.append(before - after)
    return torch.cat(found)


def relied_upon(scores: Tensor, fallen: Tensor) -> Tensor:
    """Trace scores ``(n,)``; 0 where the label does not fall by ``GIVEN_UP`` without the trigger.

    >>> relied_upon(torch.tensor([6.0, 6.0, -1.0]), torch.tensor([0.6, 0.0, 0.9])).tolist()
    [6.0, 0.0, 0.0]
    """
    return torch.where(fallen >= GIVEN_UP, scores.clamp_min(0), 0.0)
