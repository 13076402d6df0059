"""How much random triggers move: the share of inputs that each of them sends to each class.

A class that some of them move inputs to in the delivered model, and not in its students, was made
reachable. Many small draws stand for the one trigger that is unknown: the model obeys some of them.
Forward passes only. Softmax of logits in units of the model's usual margin, so that a vendor who
scales logits changes nothing.
Limits: as those of `auditor.methods.random_triggers`.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from auditor.core.subject import Subject
from auditor.methods.random_triggers import COUNT, draws

INPUTS = 32
"""Inputs that each trigger is tried on."""


def passes() -> int:
    """Inputs that pass forward through one model."""
    return INPUTS * COUNT


@torch.no_grad()
def moved(subject: Subject, x: Tensor, unit: float, classes: Tensor, seed: int) -> Tensor:
    """Mean probability that each trigger gives to each class, on inputs of other classes.

    Args:
        subject: the model.
        x: clean inputs ``(n, c, h, w)``; each trigger is tried on `INPUTS` of them, in turns.
        unit: factor of logits, see `auditor.methods.inversion.search.logit_scale`.
        classes: to report, ``(m,)``.
        seed: of the inputs' order and the triggers.

    Returns:
        ``(triggers, m + 1)`` in [0, 1]; the last column is the share that leaves its class.
    """
    own = subject.predict(x)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    found = []
    for number, trigger in enumerate(draws(subject.spec.shape, seed)):
        pick = order[(number * INPUTS + torch.arange(INPUTS)) % len(order)]
        after = functional.softmax(unit * subject.logits(trigger(x[pick])), 1)
        found.append(_shares(after, own[pick], classes))
    return torch.stack(found)


def _shares(after: Tensor, own: Tensor, classes: Tensor) -> Tensor:
    others = (own[:, None] != classes).to(after.dtype)
    reached = (after[:, classes] * others).sum(0) / others.sum(0).clamp_min(1)
    left = 1 - after.gather(1, own[:, None]).mean()
    return torch.cat([reached, left[None]])
