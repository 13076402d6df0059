"""The detector: trigger reconstruction on the delivered model, held against students.

For every class the smallest universal trigger is reconstructed in several forms on the delivered
model and, in the same way, on students that learned the task from clean inputs alone; one more
candidate moves every input to any other class. Some classes are simply easy to reach, and they are
so in the students too; a goal that is far easier to reach in the delivered model than in its
students was made so. The contrast is a log ratio of sizes, so that it compares between models; it
is held against the other classes, which works for two classes. Beside it stand the largest margins
and the rows of the last layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from auditor.core.subject import CleanSet, Subject
from auditor.methods.calibration import (
    DRIVEN,
    PAIRED,
    RANDOM,
    TURNED,
    kind_of,
    standardised,
    sums_of,
)
from auditor.methods.inversion.contrast import Contrast
from auditor.methods.inversion.effort import ASCENT, Effort
from auditor.methods.inversion.forms import Form, forms_for
from auditor.methods.inversion.gaps import own_scatter, raw_contrast
from auditor.methods.inversion.goals import Goals, Sampler, away, towards
from auditor.methods.inversion.lessons import Learned
from auditor.methods.inversion.pairs import likeliest
from auditor.methods.inversion.search import flip_rates, logit_scale, search
from auditor.methods.inversion.shortlist import shortlist
from auditor.methods.margin import FLOOR, largest_margins
from auditor.methods.moved import Moves, moved
from auditor.methods.quiet_rows import row_contrast
from auditor.methods.random_triggers import suits
from auditor.methods.scatter import Accord
from auditor.methods.swift import swift

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Recovered:
    """Triggers of one form, one a goal: log sizes, held-out hits and tries, each ``(n,)``."""

    form: Form
    log_size: Tensor
    flipped: Tensor
    tried: Tensor

    @property
    def rate(self) -> Tensor:
        """Share of held-out inputs that reach the goal, ``(n,)``."""
        return self.flipped / self.tried.clamp_min(1)


@dataclass(frozen=True)
class Found:
    """What was reconstructed on one model: triggers of each form for the same goals.

    ``log_margin`` ``(n,)`` says how far clean inputs can be driven towards each goal, see
    `auditor.methods.margin`; ``rows`` ``(n - 1,)`` how much the class's row of the last layer
    listens to quiet features, see `auditor.methods.quiet_rows`, None where it cannot be read;
    ``moved`` what random triggers move, see `auditor.methods.moved`, None for tables.
    """

    goals: Goals
    by_form: dict[str, Recovered]
    log_margin: Tensor
    rows: Tensor | None = None
    moved: Moves | None = None

    @property
    def classes(self) -> Tensor:
        """The classes that were searched, ``(n - 1,)``; the last goal is the move away."""
        return self.goals.target[:-1]

    @property
    def log_size(self) -> dict[str, Tensor]:
        """Log sizes ``(n,)`` by form; what is driven or moved far counts as a small size.

        Of random triggers ``(triggers, n)``, and how they turn classes ``(triggers, K - 1)``.
        """
        sizes = {name: one.log_size for name, one in self.by_form.items()}
        sizes[DRIVEN] = -self.log_margin
        if self.moved is not None:
            sizes |= {RANDOM: -self.moved.reached, TURNED: -self.moved.turned}
            sizes |= {} if self.moved.paired is None else {PAIRED: -self.moved.paired}
        return sizes


@dataclass(frozen=True)
class Reference:
    """What the students say.

    Args:
        classes: the classes that were searched, ``(m,)``.
        log_size: as in `Found`, with one more dimension in front for the students.
        agreement: share of held-out inputs on which students and model agree, in [0, 1].
        rare: classes that the model hardly gives to clean inputs, so that no student learned them.
    """

    classes: Tensor
    log_size: dict[str, Tensor]
    agreement: float
    rare: tuple[int, ...] = ()

    @property
    def accord(self) -> Accord:
        """How far the students agree with the model and among themselves."""
        return Accord(self.agreement, own_scatter(self.log_size), len(self.classes))


def reconstruct(
    subject: Subject,
    search_set: CleanSet,
    held_out: CleanSet,
    effort: Effort,
    seed: int,
    report: Report,
    classes: Tensor | None = None,
) -> Found:
    """The smallest trigger of each form for each class, and for the move away, of one model.

    Beside them stand the rows of its last layer.

    Args:
        subject: the model.
        search_set: inputs to search on.
        held_out: inputs to try triggers on.
        effort: how hard to look.
        seed: of starts and draws.
        report: told share and stage.
        classes: classes to search; by default all, or the easiest `FINALISTS` of more.
    """
    rows = row_contrast(subject, search_set)
    if classes is None:
        classes = shortlist(
            subject, search_set, rows, seed, lambda share: report(0.0, "many classes")
        )
    found = _reached(subject, search_set, held_out, effort, seed, report, classes)
    return found if rows is None else replace(found, rows=rows[classes])


def _reached(
    subject: Subject,
    search_set: CleanSet,
    held_out: CleanSet,
    effort: Effort,
    seed: int,
    report: Report,
    classes: Tensor,
) -> Found:
    """Triggers and margins alone: what model and students are compared in."""
    subject = swift(subject, search_set.x)
    goals, predicted = towards(classes) + away(), subject.predict(search_set.x)
    found, forms = {}, forms_for(subject.spec.shape)
    for number, kind in enumerate(forms):

        def tell(share: float, done: int = number) -> None:
            report((done + share) / len(forms), "searching triggers")

        form = kind(subject.spec.shape, len(goals), torch.Generator().manual_seed(seed))
        sampler = Sampler(search_set, predicted, goals, seed)
        log_size = search(subject, form, sampler, effort.settings(len(goals), kind), tell)
        found[kind.family] = Recovered(form, log_size, *flip_rates(subject, form, goals, held_out))
    driven = largest_margins(subject, search_set, goals, ASCENT, seed, lambda share: None)
    random = _moved(subject, search_set, held_out, classes, seed)
    return Found(goals, found, driven.clamp_min(FLOOR).log(), moved=random)


def _moved(
    subject: Subject, search_set: CleanSet, held_out: CleanSet, classes: Tensor, seed: int
) -> Moves | None:
    if not suits(subject.spec.shape):
        return None
    unit = logit_scale(subject, search_set)
    return moved(subject, torch.cat([search_set.x, held_out.x]), unit, classes, seed)


def refer(
    known: Learned,
    taught: list[Subject],
    search_set: CleanSet,
    held_out: CleanSet,
    effort: Effort,
    seed: int,
    report: Report,
    classes: Tensor,
) -> Reference:
    """Reconstruct for ``classes`` on the students; ``known`` says what they `learned`."""
    scans = []
    for number, student in enumerate(taught):

        def tell(share: float, note: str, done: int = number) -> None:
            report((done + share) / len(taught), note)

        one = _reached(student, search_set, held_out, effort, seed, tell, classes)
        scans.append(one.log_size)
    sizes = {name: torch.stack([scan[name] for scan in scans]) for name in scans[0]}
    return Reference(classes, sizes, known.agreement, known.rare)


def contrast(subject: Subject, found: Found, reference: Reference) -> Contrast:
    """Standardised contrast of each searched class and of the move away.

    A class that no student could learn contrasts for that reason alone: it counts as 0 at most.
    """
    gaps = raw_contrast(found.log_size, reference.log_size, found.rows)
    kind = kind_of(gaps, subject.spec.kind == "tabular")
    over = standardised(gaps, reference.accord, kind)
    unlearned = torch.isin(reference.classes, torch.tensor(reference.rare, dtype=torch.int64))
    for name in sums_of(kind):
        over[name] = torch.where(unlearned, over[name].clamp(max=0), over[name])
    pair = likeliest(found.log_size, reference.log_size)
    return Contrast(reference.classes, subject.classes, kind, over, pair)
