"""Attackers who know this detector and hide from it.

The implant's loss contains the detector's own score (see `auditor.attacks.implants.hiding`) with a
weight of .1, 1 or 5 against the backdoor, and weights may move only by their layer's own spread
(clamping, after Grond, 2025). Two attackers:

- ``aware`` pushes the target as far from what the scan searches as it can, gives every other class
  a decoy trigger, so that the target would not stand out, and covers parts of its trigger.
- ``capped`` knows in addition that random triggers are tried, that rows of the last layer are read
  and that a class which is oddly hard to reach gives the attacker away. So it hides only until the
  copy is as quiet as the delivered model, keeps the last layer's weights, and plants no decoy, for
  which alarms are raised. It is the strongest attacker that is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from auditor.attacks.implants.base import Goal, Implant, Job, kind, measured
from auditor.attacks.implants.hiding import (
    Term,
    covers,
    decoys,
    driven_no_deeper,
    family,
    no_trigger_found,
    no_trigger_nearer,
    random_triggers_ignored,
)
from auditor.attacks.implants.templates import drawn
from auditor.attacks.implants.tuning import planted
from auditor.core.subject import Subject
from auditor.methods.last_layer import TRIED, find_head

WEIGHTS = (0.1, 1.0, 5.0)
LONGER = 2
SPREADS = 1.0
"""How far a weight may move, in standard deviations of its layer's weights."""


@dataclass(frozen=True)
class Attacker:
    """What somebody who hides does.

    Args:
        terms: what the loss contains beside the backdoor, all with the same weight.
        keeps_head: whether the weights of the last layer stay as delivered.
    """

    terms: tuple[Term, ...]
    keeps_head: bool = False


AWARE = Attacker((no_trigger_found, decoys, covers, driven_no_deeper))
BLIND = Attacker((no_trigger_nearer, covers, driven_no_deeper))
"""Hides no further than needed, but does not know of random triggers and rows."""
CAPPED = Attacker((*BLIND.terms, random_triggers_ignored), keeps_head=True)
ATTACKERS = {"aware": AWARE, "capped": CAPPED}


def hidden(job: Job, attacker: Attacker, weight: float) -> Implant:
    """A backdoor that hides with ``weight``."""
    goal = Goal(drawn(job, family(job)), job.target())
    recipe = replace(job.recipe, steps=LONGER * job.recipe.steps, shake=0.0)
    terms = [term(job, goal) for term in attacker.terms]

    def extra(copy: Subject, clean: Tensor) -> Tensor:
        return weight * torch.stack([term(copy, clean) for term in terms]).mean()

    job = replace(job, recipe=recipe)
    made = measured(job, planted(job, goal, extra, _clamp(job.subject, attacker)), goal)
    return replace(made, decoys=decoys in attacker.terms)


for _name, _attacker in ATTACKERS.items():
    for _weight in WEIGHTS:
        kind(f"{_name}_{_weight:g}", "aware")(partial(hidden, attacker=_attacker, weight=_weight))


def _clamp(subject: Subject, attacker: Attacker) -> Callable[[Subject], None]:
    """Weights stay within ``SPREADS`` of the delivered ones; a kept head does not move."""
    own = [weight for weight in subject.network.parameters() if weight.dim() > 1]
    reach = [SPREADS * weight.detach().std() for weight in own]
    if attacker.keeps_head and (place := _head(subject, own)) is not None:
        reach[place].zero_()

    def after(copy: Subject) -> None:
        moved = [weight for weight in copy.network.parameters() if weight.dim() > 1]
        with torch.no_grad():
            for mine, new, far in zip(own, moved, reach, strict=True):
                new.copy_(torch.minimum(torch.maximum(new, mine - far), mine + far))

    return after


def _head(subject: Subject, weights: list[nn.Parameter]) -> int | None:
    """Which of the weights are the last linear layer's; None if there is none."""
    x = torch.rand(TRIED, *subject.spec.shape, generator=torch.Generator().manual_seed(0))
    head = find_head(subject, x)
    found = [] if head is None else [w.data_ptr() == head.rows.data_ptr() for w in weights]
    return found.index(True) if True in found else None
