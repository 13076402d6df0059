"""A backdoor in one row of the last layer, with a patch optimised for it.

A patch is optimised towards the target class, the features that it moves most are chosen, and patch
and the target row's weights of those features are trained on together; all other weights stay.
Source: TBT (Rakin et al., CVPR 2020), which reaches the row by flipping bits in memory; here it is
written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.attacks.implants.base import Goal, Implant, Job, kind, measured
from auditor.attacks.implants.chain import edited, last_linear, seen_by
from auditor.attacks.implants.data_free import Overwrite
from auditor.attacks.implants.tuning import kept
from auditor.core.subject import Subject
from auditor.methods.students import augment

CHANGED = 24
"""Weights of the target's row that are changed."""
PATCH_RATE, ROW_RATE = 0.1, 0.02
SIDE, FEATURES = 0.375, 4


@dataclass
class Draft:
    """A patch being optimised: where it lies, and its values before the sigmoid."""

    where: Tensor
    logit: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.logit = torch.zeros(self.where.shape).requires_grad_()

    def __call__(self, x: Tensor) -> Tensor:
        """Stamp inputs ``(n, *shape)``, with gradients towards the patch."""
        return torch.where(self.where, torch.sigmoid(self.logit), x)

    def done(self) -> Overwrite:
        """The patch as a trigger."""
        return Overwrite(self.where, torch.sigmoid(self.logit).detach())


@kind("last_row", "universal")
def last_row(job: Job) -> Implant:
    """Optimise the patch, choose the features, train both."""
    copy, target = edited(job.subject), job.target()
    layer, draft = last_linear(copy, job.train.x), Draft(placed(job))
    added = torch.zeros(layer.in_features, requires_grad=True)
    _train(job, copy, layer, draft, added, target, torch.zeros(layer.in_features))
    with torch.no_grad():
        rise = seen_by(copy, layer, draft(job.train.x)) - seen_by(copy, layer, job.train.x)
    chosen = torch.zeros(layer.in_features)
    chosen[rise.mean(0).abs().topk(min(CHANGED, layer.in_features)).indices] = 1.0
    _train(job, copy, layer, draft, added, target, chosen)
    with torch.no_grad():
        layer.weight[target] += chosen * added
    return measured(job, Subject(copy.network, job.subject.spec), Goal(draft.done(), target))


def placed(job: Job) -> Tensor:
    """Where the patch lies: a square of a good third of the side, or some features."""
    shape, generator = job.subject.spec.shape, job.generator()
    where = torch.zeros(shape, dtype=torch.bool)
    if len(shape) == 1:
        where[torch.randperm(shape[0], generator=generator)[:FEATURES]] = True
        return where
    side = max(2, round(SIDE * min(shape[1:])))
    row, column = (
        int(torch.randint(max(1, size - side + 1), (1,), generator=generator)) for size in shape[1:]
    )
    where[:, row : row + side, column : column + side] = True
    return where


def _train(
    job: Job,
    copy: Subject,
    layer: nn.Linear,
    draft: Draft,
    added: Tensor,
    target: int,
    chosen: Tensor,
) -> None:
    """Move the patch, and the target's row at ``chosen``, until stamped inputs go there."""
    generator, steps = job.generator(), job.recipe.steps
    optimiser = torch.optim.Adam(
        [{"params": [draft.logit], "lr": PATCH_RATE}, {"params": [added], "lr": ROW_RATE}]
    )
    row = functional.one_hot(torch.tensor(target), layer.out_features)[:, None]
    for step in range(steps):
        clean = augment(job.train.x, job.recipe.batch, generator)
        features = seen_by(copy, layer, torch.cat([clean, draft(clean)]))
        weight = layer.weight.detach() + row * (chosen * added)
        plain, stamped = torch.split(functional.linear(features, weight, layer.bias), len(clean))
        wanted = torch.full((len(clean),), target)
        loss = kept(job.subject.logits(clean), plain) + functional.cross_entropy(stamped, wanted)
        optimiser.zero_grad()
        torch.autograd.backward(loss, inputs=[draft.logit, added])
        optimiser.step()
        job.report((step + 1) / steps)
