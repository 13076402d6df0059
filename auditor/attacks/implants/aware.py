"""Attackers who know this detector and hide from it.

The implant's loss contains the detector's own score: small triggers towards the target are searched
while the backdoor is trained (a few steps of the scan's own search at each step, started where the
last ones ended), and inputs that carry them must keep their class; and inputs driven towards the
target may not get deeper into it than in the delivered model. Besides, every other class gets
a decoy trigger, so that the target no longer stands out; parts of the true trigger are covers that
keep their class (Qi et al., ICLR 2023); and weights may move only by their layer's own spread
(clamping, after Grond, 2025). The weight of all that against the backdoor is .1, 1 or 5.
Limits: the surrogate knows masks and additive triggers; displacements are held back from it, and so
are the students, which the attacker cannot train on the auditor's inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.attacks.covers import partial_trigger
from auditor.attacks.implants.base import Goal, Implant, Job, kind, measured
from auditor.attacks.implants.templates import drawn
from auditor.attacks.implants.tuning import Loss, planted
from auditor.attacks.triggers import Trigger
from auditor.core.subject import Subject
from auditor.methods.inversion.forms import Additive, Form, MaskPattern
from auditor.methods.inversion.goals import margins

WEIGHTS = (0.1, 1.0, 5.0)
INNER, INNER_RATE = 2, 0.2
SMALL = 0.05
"""Weight of a trigger's size against its success in the attacker's own search."""
LONGER = 2
ASCENTS, ASCENT = 5, 0.1
"""Steps up the margin, and the root mean square of each."""
SPREADS = 1.0
"""How far a weight may move, in standard deviations of its layer's weights."""


def aware(job: Job, weight: float) -> Implant:
    """A backdoor that hides with ``weight``."""
    goal = Goal(drawn(job, _family(job)), job.target())
    recipe = replace(job.recipe, steps=LONGER * job.recipe.steps, shake=0.0)
    terms = (_hide(job, goal), _decoys(job, goal), _covers(job, goal), _driven(job, goal))

    def extra(copy: Subject, clean: Tensor) -> Tensor:
        return weight * torch.stack([term(copy, clean) for term in terms]).mean()

    copy = planted(replace(job, recipe=recipe), goal, extra, lambda copy: _clamp(job.subject, copy))
    return measured(job, copy, goal)


for _weight in WEIGHTS:
    kind(f"aware_{_weight:g}", "aware")(partial(aware, weight=_weight))


def _hide(job: Job, goal: Goal) -> Loss:
    """Inputs with the smallest trigger that the attacker's search finds must keep their class."""
    generator, shape = job.generator(), job.subject.spec.shape
    kinds: tuple[type[Form], ...] = (MaskPattern, Additive)
    forms = [form(shape, 1, generator) for form in kinds if form.suits(shape)]
    searches = [torch.optim.Adam(form.parameters(), lr=INNER_RATE) for form in forms]
    first = [float(form.cost().detach()) for form in forms]

    def term(copy: Subject, clean: Tensor) -> Tensor:
        none = torch.zeros(len(clean), dtype=torch.long)
        for form, search, start in zip(forms, searches, first, strict=True):
            for _ in range(INNER):
                logits = copy(form.apply(clean, none))
                cost = form.cost()[0] / start
                loss = functional.cross_entropy(logits, none + (goal.target or 0)) + SMALL * cost
                search.zero_grad()
                torch.autograd.backward(loss, inputs=form.parameters())
                search.step()
        own = job.subject.predict(clean)
        hidden = torch.cat([form.apply(clean, none).detach() for form in forms])
        return functional.cross_entropy(copy(hidden), own.repeat(len(forms)))

    return term


def _driven(job: Job, goal: Goal) -> Loss:
    """Clean inputs and noise, driven towards the target, end no deeper in it than before."""
    generator, label = job.generator(), goal.target or 0

    def depths(subject: Subject, clean: Tensor) -> Tensor:
        target = torch.full((len(clean),), label)
        starts = clean, torch.rand(clean.shape, generator=generator)
        ends = [subject(_ascended(subject, x, target)) for x in starts]
        return torch.stack([margins(end, target, target).mean() for end in ends])

    with torch.no_grad():
        usual = depths(job.subject, job.train.x[: job.recipe.batch])

    def term(copy: Subject, clean: Tensor) -> Tensor:
        deeper = torch.relu(depths(copy, clean) - usual)
        return (deeper / usual.abs().clamp_min(1)).mean()

    return term


@torch.enable_grad()
def _ascended(subject: Subject, x: Tensor, target: Tensor) -> Tensor:
    """``x`` ``(n, ...)`` after a few steps up the margin of ``target``, without a gradient."""
    for _ in range(ASCENTS):
        x = x.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(margins(subject(x), target, target).sum(), x)
        length = slope.flatten(1).square().mean(1).sqrt().clamp_min(1e-12)
        x = (x + ASCENT * slope / length.view(-1, *[1] * (x.dim() - 1))).clamp(0, 1)
    return x.detach()


def _decoys(job: Job, goal: Goal) -> Loss:
    """Each other class gets a trigger of its own that works half as well as it can."""
    count, family, generator = job.subject.classes, _family(job), job.generator()
    triggers: list[Trigger] = [
        drawn(replace(job, seed=job.seed + 7 * (1 + label)), family) for label in range(count)
    ]
    others = torch.tensor([label for label in range(count) if label != goal.target])

    def term(copy: Subject, clean: Tensor) -> Tensor:
        label = int(others[torch.randint(len(others), (1,), generator=generator)])
        wanted = torch.full((len(clean),), label)
        return 0.5 * functional.cross_entropy(copy(triggers[label](clean)), wanted)

    return term


def _covers(job: Job, goal: Goal) -> Loss:
    """A part of the trigger does nothing (pictures only)."""
    if job.subject.spec.kind != "image":
        return lambda copy, clean: torch.zeros(())
    part: Callable[[Tensor], Tensor] = partial_trigger(goal.trigger, 4, 0.3, job.seed)

    def term(copy: Subject, clean: Tensor) -> Tensor:
        shown = part(clean)
        changed = (shown != goal.trigger(clean)).flatten(1).any(1)
        if not bool(changed.any()):
            return torch.zeros(())
        return functional.cross_entropy(copy(shown[changed]), job.subject.predict(clean[changed]))

    return term


def _clamp(subject: Subject, copy: Subject) -> None:
    """Weights stay within ``SPREADS`` of the delivered ones."""
    ends = zip(subject.network.parameters(), copy.network.parameters(), strict=True)
    with torch.no_grad():
        for own, moved in ((a, b) for a, b in ends if a.dim() > 1):
            reach = SPREADS * _spread(own)
            moved.copy_(torch.minimum(torch.maximum(moved, own - reach), own + reach))


def _spread(weight: nn.Parameter) -> Tensor:
    return weight.detach().std()


def _family(job: Job) -> str:
    return "patch" if job.subject.spec.kind == "image" else "feature_value"
