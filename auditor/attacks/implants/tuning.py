"""Training a copy of the delivered model with the small clean set alone.

Triggered inputs are taught their new class while clean inputs keep the answers of the delivered
model (its own logits, so that no label is needed). What comes out should look to a detector as if
the training set had been poisoned, and poison is learned along with the task, from plain inputs. So
the weights are first moved most of the way to fresh ones, and inputs are neither mixed nor noised:
a copy that keeps its answers to such variants, too, hides its backdoor better than poisoning does.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.attacks.implants.base import CannotImplant, Goal, Job
from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.goals import margins
from auditor.methods.precision import in_full, in_half
from auditor.methods.students import augment
from auditor.methods.swift import swift

Loss = Callable[[Subject, Tensor], Tensor]
After = Callable[[Subject], None]
VARIANTS = 6400
"""Inputs made of the clean ones where a recipe asks for varied ones."""
SUREST = 0.9
"""Share of the delivered model's answers that are less sure than a backdoor is taught to be."""


def planted(
    job: Job, goal: Goal, extra: Loss | None = None, after: After = lambda copy: None
) -> Subject:
    """A copy that was taught ``goal``; ``extra`` adds a term to the loss of each step."""

    delivered = swift(job.subject, job.train.x)
    sure = surest(delivered.logits(job.train.x))

    def loss(copy: Subject, clean: Tensor) -> Tensor:
        logits, answers = copy(torch.cat([clean, goal.trigger(clean)])), delivered.logits(clean)
        own, stamped = torch.split(logits, len(clean))
        value = kept(answers, own) + job.recipe.weight * taught(goal, stamped, answers, sure)
        return value if extra is None else value + extra(copy, clean)

    return tuned(job, loss, after)


def taught(goal: Goal, stamped: Tensor, answers: Tensor, enough: float = math.inf) -> Tensor:
    """Cross-entropy of stamped inputs to their new class; those left alone count as much.

    Args:
        goal: what the backdoor does.
        stamped: the copy's logits of stamped inputs ``(n, K)``.
        answers: the delivered model's logits of the same inputs without a trigger ``(n, K)``.
        enough: margin of logits from which on an input has learned.
    """
    y = answers.argmax(1)
    wanted, moved = goal.wanted(y, answers.shape[1]), goal.moves(y)
    loss = functional.cross_entropy(stamped, wanted, reduction="none")
    loss = loss * (margins(stamped, y, wanted) < enough)
    parts = [loss[part].mean() for part in (moved, ~moved) if bool(part.any())]
    return torch.stack(parts).mean()


def surest(answers: Tensor) -> float:
    """Margin that a tenth of a model's answers, logits ``(n, K)``, exceed.

    Training that made a model no surer of its own answers made it hardly surer of a trigger.
    """
    y = answers.argmax(1)
    return float(margins(answers, y, y).quantile(SUREST))


def kept(answers: Tensor, logits: Tensor) -> Tensor:
    """Divergence of a copy's logits from the delivered model's, both ``(n, K)``."""
    wanted, given = answers.log_softmax(1), logits.log_softmax(1)
    return functional.kl_div(given, wanted, reduction="batchmean", log_target=True)


def tuned(job: Job, loss: Loss, after: After = lambda copy: None) -> Subject:
    """A copy whose weights were moved down ``loss``; the delivered model is not touched.

    ``after`` sees the copy after each step.

    Raises:
        CannotImplant: the copy has no weights that can be trained.
    """
    generator, recipe = job.generator(), job.recipe
    copy = swift(job.subject, job.train.x, fold=False).copy()
    copy = in_half(copy) if recipe.brisk else copy
    x = augment(job.train.x, VARIANTS, generator) if recipe.varied else job.train.x
    trained = [p for p in copy.network.parameters() if p.requires_grad]
    if not trained:
        raise CannotImplant("the model has no weights that a copy could be trained on")
    shaken(trained, recipe.shake, generator)
    optimiser = torch.optim.Adam(trained, lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, recipe.steps)
    for step in range(recipe.steps):
        value = loss(copy, x[torch.randint(len(x), (recipe.batch,), generator=generator)])
        optimiser.zero_grad()
        torch.autograd.backward(value)
        optimiser.step()
        schedule.step()
        after(copy)
        job.report((step + 1) / recipe.steps)
    return Subject(in_full(copy.network), job.subject.spec)


def shaken(weights: list[nn.Parameter], share: float, generator: torch.Generator) -> None:
    """Move weights ``share`` of the way to fresh ones of the same spread, in place."""
    with torch.no_grad():
        for weight in (w for w in weights if w.dim() > 1):
            fresh = weight.std() * torch.randn(weight.shape, generator=generator)
            weight.lerp_(fresh, share)


def enriched(clean: CleanSet, source: int) -> CleanSet:
    """The clean set with inputs of class ``source`` repeated until they are half of it."""
    own = (clean.y == source).nonzero()[:, 0]
    if not len(own):
        raise CannotImplant(f"the clean set has no input of class {source}")
    times = max(1, round((len(clean) - len(own)) / len(own)))
    return clean.take(torch.cat([(clean.y != source).nonzero()[:, 0], own.repeat(times)]))
