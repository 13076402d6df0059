"""What an attacker who knows this detector adds to the loss: each term keeps one statistic quiet.

Each term is small where the copy looks to the scan as the delivered model does: triggers of the
scan's own search (a few steps at each step of training, started where the last ones ended), inputs
driven up the margin, random triggers, parts of the attacker's own trigger. Or it makes every other
class look like the target (decoys). ``enough`` terms do nothing once the copy is as quiet as the
delivered model: who hides further leaves a class that is oddly hard to reach.
Sources: covers, Qi et al., ICLR 2023; the rest is made against this scan.
Limits: displacements are held back, and so are the students, which the attacker cannot train on the
auditor's inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from auditor.attacks.covers import partial_trigger
from auditor.attacks.implants.base import Goal, Job
from auditor.attacks.implants.templates import drawn
from auditor.attacks.implants.tuning import Loss, kept
from auditor.attacks.triggers import Trigger
from auditor.core.subject import Subject
from auditor.methods.inversion.forms import Additive, Form, MaskPattern
from auditor.methods.inversion.goals import margins
from auditor.methods.random_triggers import draw, suits

Term = Callable[[Job, Goal], Loss]
INNER, INNER_RATE = 2, 0.2
SMALL = 0.05
"""Weight of a trigger's size against its success in the attacker's own search."""
ASCENTS, ASCENT = 5, 0.1
"""Steps up the margin, and the root mean square of each."""
DRAWN = 4
"""Random triggers in each step."""
NUMBERS = 1 << 31


def no_trigger_found(job: Job, goal: Goal) -> Loss:
    """Inputs with the smallest trigger that the attacker's search finds must keep their class."""
    searched = _searches(job, goal)

    def term(copy: Subject, clean: Tensor) -> Tensor:
        own = job.subject.predict(clean)
        hidden = searched(copy, clean)
        return functional.cross_entropy(copy(torch.cat(hidden)), own.repeat(len(hidden)))

    return term


def no_trigger_nearer(job: Job, goal: Goal) -> Loss:
    """The same, as far as they keep it in the delivered model."""
    searched = _searches(job, goal)

    def term(copy: Subject, clean: Tensor) -> Tensor:
        own, over = job.subject.predict(clean), []
        for x in searched(copy, clean):
            usual = functional.cross_entropy(job.subject.logits(x), own)
            over.append(torch.relu(functional.cross_entropy(copy(x), own) - usual))
        return torch.stack(over).mean()

    return term


def _searches(job: Job, goal: Goal) -> Callable[[Subject, Tensor], list[Tensor]]:
    """The attacker's own search: inputs with a trigger of each form, which go on being improved."""
    generator, shape, label = job.generator(), job.subject.spec.shape, goal.target or 0
    kinds: tuple[type[Form], ...] = (MaskPattern, Additive)
    forms = [form(shape, 1, generator) for form in kinds if form.suits(shape)]
    searches = [torch.optim.Adam(form.parameters(), lr=INNER_RATE) for form in forms]
    first = [float(form.cost().detach()) for form in forms]

    def searched(copy: Subject, clean: Tensor) -> list[Tensor]:
        none = torch.zeros(len(clean), dtype=torch.long)
        for form, search, start in zip(forms, searches, first, strict=True):
            for _ in range(INNER):
                logits, cost = copy(form.apply(clean, none)), form.cost()[0] / start
                loss = functional.cross_entropy(logits, none + label) + SMALL * cost
                search.zero_grad()
                torch.autograd.backward(loss, inputs=form.parameters())
                search.step()
        return [form.apply(clean, none).detach() for form in forms]

    return searched


def driven_no_deeper(job: Job, goal: Goal) -> Loss:
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


def random_triggers_ignored(job: Job, goal: Goal) -> Loss:
    """Inputs under random triggers keep the delivered model's answers (pictures only)."""
    generator, shape = job.generator(), job.subject.spec.shape
    if not suits(shape):
        return lambda copy, clean: torch.zeros(())

    def term(copy: Subject, clean: Tensor) -> Tensor:
        numbers = torch.randint(NUMBERS, (DRAWN,), generator=generator).tolist()
        parts = zip(numbers, clean.tensor_split(DRAWN), strict=True)
        x = torch.cat([draw(shape, number)(part) for number, part in parts if len(part)])
        return kept(job.subject.logits(x), copy(x))

    return term


def decoys(job: Job, goal: Goal) -> Loss:
    """Each other class gets a trigger of its own that works half as well as it can."""
    count, generator = job.subject.classes, job.generator()
    triggers: list[Trigger] = [
        drawn(replace(job, seed=job.seed + 7 * (1 + label)), family(job)) for label in range(count)
    ]
    others = torch.tensor([label for label in range(count) if label != goal.target])

    def term(copy: Subject, clean: Tensor) -> Tensor:
        label = int(others[torch.randint(len(others), (1,), generator=generator)])
        wanted = torch.full((len(clean),), label)
        return 0.5 * functional.cross_entropy(copy(triggers[label](clean)), wanted)

    return term


def covers(job: Job, goal: Goal) -> Loss:
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


def family(job: Job) -> str:
    """The kind of trigger that is hidden."""
    return "patch" if job.subject.spec.kind == "image" else "feature_value"
