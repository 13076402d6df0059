"""Which classes are worth a full search where there are many.

A short search with few inputs a class ranks them all; the classes that come out cheapest go on,
half of them by the mask and half by the sum, so that a patch and a faint overlay both do, and with
them those whose rows of the last layer stand out most. What follows costs the same for 33 classes
and for a thousand (successive halving, Jamieson and Talwalkar 2016, with one round).
"""

from __future__ import annotations

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.forms import Additive, MaskPattern
from auditor.methods.inversion.goals import Sampler, towards
from auditor.methods.inversion.search import Report, Settings, search

FINALISTS = 32
"""Classes that are searched in full."""
LIFTED = 6
"""Classes that their row alone brings there."""
STEPS = 40
TOGETHER = 128
"""Classes whose candidates are held in memory at once."""
PER_STEP = 240
"""Inputs in each step, all classes together, but one a class at least."""
KINDS = (MaskPattern, Additive)
"""Forms by which classes are ranked."""


def shortlist(
    subject: Subject, clean: CleanSet, rows: Tensor | None, seed: int, report: Report
) -> Tensor:
    """The classes to search, ascending ``(m,)``: all, or the `FINALISTS` that look easiest.

    ``rows`` ``(K,)`` are the contrasts of the last layer's rows, if they can be read. ``report`` is
    called as the searches go on, so that they can be interrupted. Costs `ranking_passes`.
    """
    classes = subject.classes
    if classes <= FINALISTS:
        return torch.arange(classes)
    settings = Settings(steps=STEPS, per_class=_per_class(classes))
    predicted = subject.predict(clean.x)
    ranks = []
    for kind in KINDS:
        sizes = []
        for number, part in enumerate(torch.split(torch.arange(classes), TOGETHER)):
            form = kind(subject.spec.shape, len(part), torch.Generator().manual_seed(seed))
            sampler = Sampler(clean, predicted, towards(part), seed + number)
            sizes.append(search(subject, form, sampler, settings, report))
        ranks.append(torch.cat(sizes).argsort().argsort())
    easiest = torch.stack(ranks).amin(0).argsort(stable=True)
    first = easiest[:0] if rows is None else rows.topk(LIFTED).indices
    rest = easiest[~torch.isin(easiest, first)]
    return torch.cat([first, rest])[:FINALISTS].sort().values


def ranking_passes(classes: int) -> int:
    """Inputs that pass forward and backward through the model while its classes are ranked.

    >>> ranking_passes(10), ranking_passes(100), ranking_passes(1000)
    (0, 16000, 80000)
    """
    if classes <= FINALISTS:
        return 0
    return len(KINDS) * STEPS * _per_class(classes) * classes


def _per_class(classes: int) -> int:
    return max(1, PER_STEP // classes)
