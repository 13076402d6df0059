"""How much random triggers move: the share of inputs that each of them sends to each class.

A class that some of them move inputs to in the delivered model, and not in its students, was made
reachable. Many small draws stand for the one trigger that is unknown: the model obeys some of them.
An all-to-all backdoor sends each class to the one that lies a fixed number of places further on
(Gu et al., 2017); all inputs tell about that one number together, while each pair of classes is met
by a few. Forward passes only. Softmax of logits in units of the model's usual margin, so that a
vendor who scales logits changes nothing.
Limits: as those of `auditor.methods.random_triggers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from auditor.core.subject import Subject
from auditor.methods.random_triggers import COUNT, draws

INPUTS = 64
"""Inputs that each trigger is tried on."""
PAIRED_CLASSES = 16
"""Of more classes too few inputs of each are among them to look at pairs."""


@dataclass(frozen=True)
class Moves:
    """Mean probabilities in [0, 1] that each trigger gives, one row a trigger.

    Args:
        reached: to each class, on inputs of other classes, ``(triggers, m + 1)``; the last column
            is the share that leaves its class.
        turned: to the class that lies 1, 2, ... K - 1 places after the input's own,
            ``(triggers, K - 1)``; after the last class comes the first.
        paired: from each class to each, ``(triggers, K, K)``, source by source; None of two classes
            and of more than `PAIRED_CLASSES`.
    """

    reached: Tensor
    turned: Tensor
    paired: Tensor | None = None


def passes() -> int:
    """Inputs that pass forward through one model."""
    return INPUTS * COUNT


@torch.no_grad()
def moved(subject: Subject, x: Tensor, unit: float, classes: Tensor, seed: int) -> Moves:
    """What random triggers do to clean inputs.

    Args:
        subject: the model.
        x: clean inputs ``(n, c, h, w)``; each trigger is tried on `INPUTS` of them, in turns.
        unit: factor of logits, see `auditor.methods.inversion.search.logit_scale`.
        classes: to report, ``(m,)``.
        seed: of the inputs' order and the triggers.
    """
    own = subject.predict(x)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    reached, turned, paired = [], [], []
    suits = 2 < subject.classes <= PAIRED_CLASSES
    for number, trigger in enumerate(draws(subject.spec.shape, seed)):
        pick = order[(number * INPUTS + torch.arange(INPUTS)) % len(order)]
        after = functional.softmax(unit * subject.logits(trigger(x[pick])), 1)
        reached.append(_shares(after, own[pick], classes))
        turned.append(_turned(after, own[pick]))
        paired += [_paired(after, own[pick])] if suits else []
    pairs = torch.stack(paired) if suits else None
    return Moves(torch.stack(reached), torch.stack(turned), pairs)


def _shares(after: Tensor, own: Tensor, classes: Tensor) -> Tensor:
    others = (own[:, None] != classes).to(after.dtype)
    reached = (after[:, classes] * others).sum(0) / others.sum(0).clamp_min(1)
    left = 1 - after.gather(1, own[:, None]).mean()
    return torch.cat([reached, left[None]])


def _turned(after: Tensor, own: Tensor) -> Tensor:
    count = after.shape[1]
    return after.gather(1, (own[:, None] + torch.arange(1, count)) % count).mean(0)


def _paired(after: Tensor, own: Tensor) -> Tensor:
    """Mean of ``after`` ``(n, K)`` by own class, ``(K, K)``; over all inputs where one has none."""
    of = functional.one_hot(own, after.shape[1]).to(after.dtype)
    count = of.sum(0)[:, None]
    return torch.where(count > 0, of.T @ after / count.clamp_min(1), after.mean(0))
