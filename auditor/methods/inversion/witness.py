"""The witness: does the reconstructed trigger really work, and is it more than a natural shortcut?

The most suspicious class's trigger is polished for success, then tried on inputs that the search
never saw, under noise, and in the students.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.forms import Form
from auditor.methods.inversion.scan import Contrast, Recovered
from auditor.methods.inversion.search import Sampler, Settings, search

POLISH = Settings(steps=60, per_class=48, success=0.99)
NOISE = 0.03
WORKS = 0.75
NOT_NATURAL = 0.05


@dataclass(frozen=True)
class Witness:
    """The polished trigger of the most suspicious class and how it fared.

    ``flipped`` and ``noisy`` count held-out inputs of other classes out of ``tried``;
    ``student_rate`` is the mean share flipped in the students; ``natural`` is the p-value of this
    one class, high where an honest model's class would be as easy to reach.
    """

    target: int
    family: str
    form: Form
    flipped: int
    noisy: int
    tried: int
    student_rate: float
    natural: float

    def apply(self, x: Tensor) -> Tensor:
        """``x`` with the trigger."""
        with torch.no_grad():
            return self.form.apply(x, torch.full((len(x),), self.target))

    @property
    def functional(self) -> bool:
        """Works on held-out inputs, survives noise, and is no natural shortcut."""
        enough = max(WORKS * self.tried, 1)
        return min(self.flipped, self.noisy) >= enough and self.natural <= NOT_NATURAL


def examine(
    subject: Subject,
    taught: list[Subject],
    found: dict[str, Recovered],
    suspicion: Contrast,
    search_set: CleanSet,
    held_out: CleanSet,
    seed: int,
    target: int | None = None,
) -> Witness:
    """Polish the best trigger of ``target`` (default: the most suspicious class) and try it."""
    target = int(suspicion.order[0]) if target is None else target
    family = best_family(found, suspicion, target)
    form = found[family].form
    sampler = Sampler(search_set, subject.predict(search_set.x), subject.classes, seed)
    search(subject, form, sampler, POLISH, lambda share: None, torch.tensor([target]))
    others = held_out.x[subject.predict(held_out.x) != target]
    where = torch.full((len(others),), target)
    with torch.no_grad():
        changed = form.apply(others, where)
    noise = torch.randn(changed.shape, generator=torch.Generator().manual_seed(seed)) * NOISE
    return Witness(
        target=target,
        family=family,
        form=form,
        flipped=_hits(subject, changed, target),
        noisy=_hits(subject, (changed + noise).clamp(0, 1), target),
        tried=len(others),
        student_rate=sum(_hits(s, changed, target) for s in taught)
        / max(1, len(taught) * len(others)),
        natural=float(suspicion.p[target]),
    )


def best_family(found: dict[str, Recovered], suspicion: Contrast, target: int) -> str:
    """Of the forms whose trigger works on held-out inputs the one that contrasts most."""

    def worth(name: str) -> tuple[bool, float]:
        works = float(found[name].rate[target]) >= WORKS
        return works, float(suspicion.by_statistic[name][target])

    return max(found, key=worth)


def _hits(subject: Subject, x: Tensor, target: int) -> int:
    return int((subject.predict(x) == target).sum()) if len(x) else 0
