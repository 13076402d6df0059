"""The witness: does the reconstructed trigger really work, and is it more than a natural shortcut?

The most suspicious goal's trigger is polished for success, then tried on inputs that the search
never saw, under noise, and in the students.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.inversion.forms import Form
from auditor.methods.inversion.goals import ANY, Goals, reached
from auditor.methods.inversion.landing import Landing, landings, main_target

NOISE = 0.03
WORKS = 0.75
NOISY = 0.5
"""Share that still goes over under noise: of learned invisible triggers noise undoes a third."""
NOT_NATURAL = 0.05


@dataclass(frozen=True)
class Witness:
    """The polished trigger of the most suspicious goal and how it fared.

    ``flipped`` and ``noisy`` count held-out inputs that reach the goal out of ``tried``;
    ``student_rate`` is the mean share of them in the students; ``natural`` is the p-value of this
    one goal, high where an honest model is as easy to lead there.

    Args:
        target: the class that inputs are sent to, ``ANY`` if to several.
        source: the class whose inputs are sent there, ``ANY`` if those of every class.
        place: number of the candidate in ``form``.
        landings: where the inputs of each class go, most frequent class only.
    """

    target: int
    place: int
    family: str
    form: Form
    flipped: int
    noisy: int
    tried: int
    student_rate: float
    natural: float
    landings: tuple[Landing, ...]
    source: int = ANY

    def apply(self, x: Tensor) -> Tensor:
        """``x`` with the trigger."""
        return _applied(self.form, self.place, x)

    def about(self, own: Tensor) -> Tensor:
        """Which inputs, of classes ``own`` ``(n,)``, the trigger ought to move, ``(n,)`` bool."""
        of = torch.ones_like(own, dtype=torch.bool) if self.source == ANY else own == self.source
        return of & (own != self.target)

    @property
    def targets(self) -> tuple[int, ...]:
        """Classes that inputs are sent to, those that take most first."""
        if self.target != ANY:
            return (self.target,)
        hits: dict[int, int] = {}
        for one in self.landings:
            hits[one.target] = hits.get(one.target, 0) + one.count
        return tuple(sorted(hits, key=lambda k: -hits[k]))

    @property
    def rate(self) -> float:
        """Share of held-out inputs that reach the goal, in [0, 1]."""
        return self.flipped / self.tried if self.tried else 0.0

    @property
    def functional(self) -> bool:
        """Works on held-out inputs, survives noise, and is no natural shortcut."""
        works = self.flipped >= max(WORKS * self.tried, 1) and self.noisy >= NOISY * self.tried
        return works and self.natural <= NOT_NATURAL


def tried(
    subject: Subject,
    taught: list[Subject],
    form: Form,
    place: int,
    goals: Goals,
    held_out: CleanSet,
    seed: int,
    natural: float,
) -> Witness:
    """How a candidate fares on inputs that its search never saw."""
    goal = int(goals.target)
    own = subject.predict(held_out.x)
    changed = _applied(form, place, held_out.x)
    after = subject.predict(changed)
    if goal == ANY and (single := main_target(own, after)) is not None:
        goal, goals = single, Goals(goals.source, torch.tensor([single]))
    others = goals.eligible(own)[0]
    noise = torch.randn(changed.shape, generator=torch.Generator().manual_seed(seed)) * NOISE
    noisy = subject.predict((changed + noise).clamp(0, 1))
    hits = [reached(s.predict(held_out.x), s.predict(changed), goal)[others] for s in taught]
    return Witness(
        target=goal,
        place=place,
        family=form.family,
        form=form,
        flipped=int(reached(own, after, goal)[others].sum()),
        noisy=int(reached(own, noisy, goal)[others].sum()),
        tried=len(others),
        student_rate=float(torch.stack(hits).float().mean()) if hits and len(others) else 0.0,
        natural=natural,
        landings=landings(own[others], after[others]),
        source=int(goals.source),
    )


def _applied(form: Form, place: int, x: Tensor) -> Tensor:
    with torch.no_grad():
        return form.apply(x, torch.full((len(x),), place))
