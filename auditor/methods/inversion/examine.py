"""Which trigger becomes the witness: that of the most suspicious goal, polished for success."""

from __future__ import annotations

import torch

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.forms import Form, forms_for
from auditor.methods.inversion.goals import Goals, Sampler
from auditor.methods.inversion.scan import Found
from auditor.methods.inversion.search import Settings, search
from auditor.methods.inversion.witness import WORKS, Witness, tried

POLISH = Settings(steps=60, per_class=48, success=0.99)
PAIR = Settings(steps=120, per_class=48, success=0.99)
"""No search has looked at a single pair before."""


def examine(
    subject: Subject,
    taught: list[Subject],
    found: Found,
    suspicion: Contrast,
    search_set: CleanSet,
    held_out: CleanSet,
    seed: int,
    target: int | None = None,
) -> Witness:
    """Polish the best trigger of ``target`` and try it.

    Args:
        subject: the model.
        taught: its students.
        found: what was reconstructed on the model.
        suspicion: contrasts of it.
        search_set: inputs to polish on.
        held_out: inputs to try the trigger on.
        seed: of draws and noise.
        target: a class, or ``ANY`` for the move away; by default the most suspicious. If the move
            away turns out to lead to one class, that class is the witness's target.
    """
    sets = search_set, held_out
    if target is None and suspicion.pair:
        return _of_pair(subject, taught, suspicion, suspicion.pair, *sets, seed)
    asked = suspicion.leading if target is None else target
    place, family = suspicion.place(asked), best_family(found, suspicion, asked)
    form, goals = found.by_form[family].form, found.goals.take(torch.tensor([place]))
    _polish(subject, form, place, goals, search_set, seed)
    return tried(subject, taught, form, place, goals, held_out, seed, suspicion.chance(asked))


def _of_pair(
    subject: Subject,
    taught: list[Subject],
    suspicion: Contrast,
    pair: tuple[int, int],
    search_set: CleanSet,
    held_out: CleanSet,
    seed: int,
) -> Witness:
    """A trigger of each form from one class to one other; of these what students obey least."""
    goals, shape, found = Goals(*torch.tensor(pair)[:, None]), subject.spec.shape, []
    sampler = Sampler(search_set, subject.predict(search_set.x), goals, seed)
    for kind in forms_for(shape):
        form = kind(shape, 1, torch.Generator().manual_seed(seed))
        search(subject, form, sampler, PAIR, _quiet)
        found.append(tried(subject, taught, form, 0, goals, held_out, seed, suspicion.p_away))
    return max(found, key=lambda one: (one.functional, one.rate - one.student_rate))


def best_family(found: Found, suspicion: Contrast, target: int) -> str:
    """Of the forms whose trigger works on held-out inputs the one that contrasts most."""
    place = suspicion.place(target)

    def worth(name: str) -> tuple[bool, float]:
        return float(found.by_form[name].rate[place]) >= WORKS, suspicion.of(target, name)

    return max(found.by_form, key=worth)


def _polish(
    subject: Subject, form: Form, place: int, goals: Goals, search_set: CleanSet, seed: int
) -> None:
    sampler = Sampler(search_set, subject.predict(search_set.x), goals, seed)
    search(subject, form, sampler, POLISH, _quiet, torch.tensor([place]))


def _quiet(share: float) -> None:
    """A single candidate is found within seconds."""
